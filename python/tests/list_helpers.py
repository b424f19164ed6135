"""What snippets about lists of tensors have in common."""
import numpy as np
import tensorflow.compat.v1 as tf
from tensorflow.python.ops import gen_list_ops as G  # noqa: F401
from tensorflow.python.ops import list_ops as L
from tensorflow.python.util import nest

f32 = tf.float32


def unseen(value):
    """A tensor of which nothing is known before it runs."""
    return tf.placeholder_with_default(value, None)


def stack(handle, **options):
    return L.tensor_list_stack(handle, f32, **options)


def rows(count=3, shape=(2,)):
    return L.tensor_list_from_tensor(
        np.arange(count * 2, dtype=np.float32).reshape(count, 2),
        shape if shape is None else list(shape))


def shown(fetch):
    """Static shapes and values."""
    return ([str(x.shape) for x in nest.flatten(fetch)],
            tf.Session().run(fetch))


def graph():
    return [(op.name, op.type, [i.name for i in op.inputs])
            for op in tf.get_default_graph().get_operations()]


def saved_twice(handle):
    """The files of a list, and whether what is restored makes the same."""
    def save(prefix, tensor):
        session.run(tf.raw_ops.SaveV2(
            prefix=prefix, tensor_names=["k"], shape_and_slices=[""],
            tensors=[tensor]))
        files = []
        for end in (".index", ".data-00000-of-00001"):
            with open(prefix + end, "rb") as f:
                files.append(f.read())
        return files

    session = tf.Session()
    first = save("k", handle)
    return first, save("l", restored("k", tf.variant)) == first


def restored(prefix, dtype):
    return tf.raw_ops.RestoreV2(prefix=prefix, tensor_names=["k"],
                                shape_and_slices=[""], dtypes=[dtype])[0]
