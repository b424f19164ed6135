"""What cases over arrays share: images, and values that survive rounding."""
import numpy as np
import tensorflow.compat.v1 as tf

_IMAGES = (np.arange(2 * 4 * 5 * 3) % 17 / 7.).reshape(2, 4, 5, 3)


def images(dtype="float32"):
    return tf.constant(_IMAGES.astype(dtype))


def rounded(value):
    """To what float32 sums keep whatever their order."""
    if isinstance(value, (list, tuple)):
        return [rounded(v) for v in value]
    value = np.asarray(value, dtype=np.float64)
    return (np.round(value, 3) + 0.).tolist()


def evaluated(*fetches):
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return [rounded(session.run(f)) for f in fetches]


def collection(key="update_ops"):
    return [x.name for x in tf.get_collection(key)]
