"""What cases share: small graphs, sessions, and looks at the files."""
import os

import numpy as np
import tensorflow.compat.v1 as tf
from tensorflow.python.training import saver as saver_lib


def attempt(function, *args, **kwargs):
    """What the call returns, or the error's class and text."""
    try:
        return function(*args, **kwargs)
    except Exception as e:
        return type(e).__name__, str(getattr(e, "message", None) or e)


def session():
    s = tf.Session()
    s.run(tf.global_variables_initializer())
    return s


def files(folder="."):
    return sorted(os.path.relpath(os.path.join(d, f), folder)
                  for d, _, names in os.walk(folder) for f in names)


def state(folder="."):
    with open(os.path.join(folder, "checkpoint")) as f:
        return f.read()


def two():
    return (tf.Variable([1., 2.], name="a"),
            tf.Variable([3., 4., 5.], name="b", use_resource=True))


def parts(name="p", resource=False, value=None):
    return tf.get_variable(
        name, [4, 2], partitioner=tf.fixed_size_partitioner(2),
        initializer=tf.constant_initializer(
            np.arange(8.) if value is None else value), use_resource=resource)


class Pair(saver_lib.BaseSaverBuilder.SaveableObject):
    """A variable and its double; restored to their sum."""

    def __init__(self, var, name):
        spec = saver_lib.BaseSaverBuilder.SaveSpec
        super(Pair, self).__init__(
            var, [spec(var, "", name + "-x"), spec(var * 2., "", name + "-y")],
            name)

    def restore(self, tensors, shapes):
        return tf.assign(self.op, tensors[0] + tensors[1])


def noise(*shape, **kwargs):
    """Numbers of the whole range of a small type; floats below one."""
    dtype = kwargs.get("dtype", np.float32)
    values = np.random.RandomState(3).uniform(-1, 1, shape)
    if np.dtype(dtype).kind != "f":
        values = values * 100 + (100 if np.dtype(dtype).kind == "u" else 0)
    return values.astype(dtype)


def run(tensor, feeds=None):
    """The value of a tensor, as it is printed by every NumPy."""
    with tf.Session() as s:
        got = s.run(tensor, feeds)
    return got.shape, str(got.dtype), got.tolist()
