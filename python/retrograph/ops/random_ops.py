"""Random values, with TensorFlow's seeds."""
import numpy as np

from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.ops import array_ops
from retrograph.ops import control_flow_ops
from retrograph.ops import math_ops

_gen = op_library.gen


def get_seed(op_seed):
    """The pair of seeds that an op gets."""
    return ops.get_default_graph()._c.get_seed(
        None if op_seed is None else int(op_seed))


def set_random_seed(seed):
    """The default graph's seed: random ops made from now on draw by it."""
    ops.get_default_graph().seed = seed


def _scaled(op_type, shape, mean, stddev, dtype, seed, name, default_name):
    with ops.name_scope(name, default_name, [shape, mean, stddev]) as scope:
        shape = array_ops.shape_tensor(shape)
        mean = ops.convert_to_tensor(mean, dtype, name="mean")
        stddev = ops.convert_to_tensor(stddev, dtype, name="stddev")
        seed1, seed2 = get_seed(seed)
        values = op_library.apply_op(op_type, shape=shape, dtype=dtype,
                                     seed=seed1, seed2=seed2)
        return math_ops.add(values * stddev, mean, name=scope)


def random_normal(shape, mean=0.0, stddev=1.0, dtype=dtypes.float32, seed=None,
                  name=None):
    """Normal numbers of float16, float32 or float64, of a shape.

    Drawn anew by each run; by `seed` and the graph's they are the same in each
    session.
    """
    return _scaled("RandomStandardNormal", shape, mean, stddev, dtype, seed,
                   name, "random_normal")


def truncated_normal(shape, mean=0.0, stddev=1.0, dtype=dtypes.float32,
                     seed=None, name=None):
    """Normal numbers not farther than two deviations from the mean."""
    return _scaled("TruncatedNormal", shape, mean, stddev, dtype, seed, name,
                   "truncated_normal")


def random_uniform(shape, minval=0, maxval=None, dtype=dtypes.float32,
                   seed=None, name=None):
    """Numbers from `minval` up to `maxval`, which is not among them.

    Floats up to 1 if there is no `maxval`; ValueError for integers without it.
    """
    dtype = dtypes.as_dtype(dtype)
    if dtype not in (dtypes.float16, dtypes.bfloat16, dtypes.float32,
                     dtypes.float64, dtypes.int32, dtypes.int64):
        raise ValueError("Invalid dtype %r" % dtype)
    if maxval is None:
        if dtype.is_integer:
            raise ValueError("Must specify maxval for integer dtype %r"
                             % dtype)
        maxval = 1
    with ops.name_scope(name, "random_uniform",
                        [shape, minval, maxval]) as scope:
        shape = array_ops.shape_tensor(shape)
        minval = ops.convert_to_tensor(minval, dtype, name="min")
        maxval = ops.convert_to_tensor(maxval, dtype, name="max")
        seed1, seed2 = get_seed(seed)
        if dtype.is_integer:
            return _gen.random_uniform_int(shape, minval, maxval, seed=seed1,
                                           seed2=seed2, name=scope)
        values = op_library.apply_op("RandomUniform", shape=shape, dtype=dtype,
                                     seed=seed1, seed2=seed2)
        return math_ops.add(values * (maxval - minval), minval, name=scope)


def random_shuffle(value, seed=None, name=None):
    """The rows of a tensor in random order."""
    seed1, seed2 = get_seed(seed)
    return _gen.random_shuffle(value, seed=seed1, seed2=seed2, name=name)


def multinomial(logits, num_samples, seed=None, name=None, output_dtype=None):
    """`num_samples` classes for each row of logits [batch, classes], int64."""
    with ops.name_scope(name, "multinomial", [logits]):
        return _multinomial(logits, num_samples, output_dtype, seed)


def categorical(logits, num_samples, dtype=None, seed=None, name=None):
    """`num_samples` classes for each row of logits [batch, classes], int64."""
    with ops.name_scope(name, "categorical", [logits]):
        return _multinomial(logits, num_samples, dtype, seed)


def _multinomial(logits, num_samples, dtype, seed):
    logits = ops.convert_to_tensor(logits, name="logits")
    seed1, seed2 = get_seed(seed)
    return _gen.multinomial(logits, num_samples, seed=seed1, seed2=seed2,
                            output_dtype=dtype)


def random_gamma(shape, alpha, beta=None, dtype=dtypes.float32, seed=None,
                 name=None):
    """Gamma numbers, of shape `shape` + that of alpha and beta."""
    with ops.name_scope(name, "random_gamma", [shape, alpha, beta]):
        shape = ops.convert_to_tensor(shape, dtypes.int32, name="shape")
        alpha = ops.convert_to_tensor(alpha, dtype, name="alpha")
        beta = ops.convert_to_tensor(1 if beta is None else beta, dtype,
                                     name="beta")
        alpha = alpha + array_ops.zeros_like(beta)
        seed1, seed2 = get_seed(seed)
        return _gen.maximum(
            np.finfo(alpha.dtype.as_numpy_dtype).tiny,
            _gen.random_gamma(shape, alpha, seed=seed1, seed2=seed2) / beta)


def random_poisson(lam, shape, dtype=dtypes.float32, seed=None, name=None):
    """Poisson numbers, of shape `shape` + that of lam."""
    with ops.name_scope(name, "random_poisson", [lam, shape]):
        shape = ops.convert_to_tensor(shape, dtypes.int32, name="shape")
        seed1, seed2 = get_seed(seed)
        return op_library.apply_op("RandomPoissonV2", shape=shape, rate=lam,
                                   dtype=dtype, seed=seed1, seed2=seed2)


def random_crop(value, size, seed=None, name=None):
    """A random part of the given sizes; ValueError if it does not fit."""
    with ops.name_scope(name, "random_crop", [value, size]) as scope:
        value = ops.convert_to_tensor(value, name="value")
        size = ops.convert_to_tensor(size, dtypes.int32, name="size")
        shape = array_ops.shape(value)
        check = control_flow_ops.Assert(
            math_ops.reduce_all(shape >= size),
            ["Need value.shape >= size, got ", shape, size], summarize=1000)
        shape = control_flow_ops.with_dependencies([check], shape)
        limit = shape - size + 1
        offset = random_uniform(array_ops.shape(shape), dtype=size.dtype,
                                maxval=size.dtype.max, seed=seed) % limit
        return array_ops.slice(value, offset, size, name=scope)


def stateless_random_normal(shape, seed, mean=0.0, stddev=1.0,
                            dtype=dtypes.float32, name=None):
    """Normal numbers by `seed`, two integers: the same in each run."""
    return _stateless_scaled("StatelessRandomNormal", shape, seed, mean,
                             stddev, dtype, name, "stateless_random_normal")


def stateless_truncated_normal(shape, seed, mean=0.0, stddev=1.0,
                               dtype=dtypes.float32, name=None):
    """Truncated normal numbers by `seed`, two integers: the same each run."""
    return _stateless_scaled("StatelessTruncatedNormal", shape, seed, mean,
                             stddev, dtype, name, "stateless_truncated_normal")


def _stateless_scaled(op_type, shape, seed, mean, stddev, dtype, name,
                      default_name):
    with ops.name_scope(name, default_name,
                        [shape, seed, mean, stddev]) as scope:
        shape = array_ops.shape_tensor(shape)
        mean = ops.convert_to_tensor(mean, dtype, name="mean")
        stddev = ops.convert_to_tensor(stddev, dtype, name="stddev")
        values = op_library.apply_op(op_type, shape=shape, seed=seed,
                                     dtype=dtype)
        return math_ops.add(values * stddev, mean, name=scope)


def stateless_random_uniform(shape, seed, minval=0, maxval=None,
                             dtype=dtypes.float32, name=None):
    """Uniform numbers by `seed`, two integers: the same in each run."""
    dtype = dtypes.as_dtype(dtype)
    if maxval is None:
        if dtype.is_integer:
            raise ValueError("Must specify maxval for integer dtype %r"
                             % dtype)
        maxval = 1
    with ops.name_scope(name, "stateless_random_uniform",
                        [shape, seed, minval, maxval]) as scope:
        shape = array_ops.shape_tensor(shape)
        minval = ops.convert_to_tensor(minval, dtype, name="min")
        maxval = ops.convert_to_tensor(maxval, dtype, name="max")
        if dtype.is_integer:
            return _gen.stateless_random_uniform_int(shape, seed, minval,
                                                     maxval, name=scope)
        values = op_library.apply_op("StatelessRandomUniform", shape=shape,
                                     seed=seed, dtype=dtype)
        return math_ops.add(values * (maxval - minval), minval, name=scope)
