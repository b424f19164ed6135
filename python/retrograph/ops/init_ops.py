"""Initializers: what get_variable calls for a variable's first value."""
from retrograph import _core
from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import ops
from retrograph.framework import tensor_shape


class _PartitionInfo:
    """Which part of a variable is being made."""

    def __init__(self, full_shape, var_offset):
        self._full_shape = list(full_shape)
        self._var_offset = list(var_offset)

    full_shape = property(lambda self: self._full_shape)
    var_offset = property(lambda self: self._var_offset)

    def single_offset(self, shape):
        axis = self.single_slice_dim(shape)
        return 0 if axis is None else self._var_offset[axis]

    def single_slice_dim(self, shape):
        for axis, (part, whole) in enumerate(zip(shape, self._full_shape)):
            if part != whole:
                return axis
        return None


class Initializer:
    """Base class: __call__(shape, dtype, partition_info) is the value."""

    def __call__(self, shape, dtype=None, partition_info=None):
        raise NotImplementedError

    def get_config(self):
        """The arguments that make its like; see `from_config`."""
        return {}

    @classmethod
    def from_config(cls, config):
        """The initializer of such arguments; their dtype is left out."""
        config = dict(config)
        config.pop("dtype", None)
        return cls(**config)

    def _make(self, kind, arguments, shape, dtype, partition_info):
        graph = ops.get_default_graph()
        if isinstance(shape, (list, tuple)) and any(
                isinstance(size, ops.Tensor) for size in shape):
            return _make_unknown_size(kind, arguments, shape,
                                      dtypes.as_dtype(dtype))
        info = None if partition_info is None else (
            list(partition_info.full_shape), list(partition_info.var_offset))
        return graph._tensor(_core.make_initial_value(
            graph._c, kind, arguments,
            tensor_shape.as_shape(shape)._known(),
            dtypes.as_dtype(dtype).base_dtype._number, info))


def _make_unknown_size(kind, arguments, shape, dtype):
    """A value whose shape is known when the graph runs."""
    from retrograph.ops import array_ops
    from retrograph.ops import random_ops
    if kind in ("zeros", "ones"):
        return getattr(array_ops, kind)(shape, dtype)
    if kind in ("random_uniform", "random_normal", "truncated_normal"):
        return getattr(random_ops, kind)(shape, dtype=dtype, **arguments)
    raise ValueError("The initializer needs a shape that is known: %s"
                     % (shape,))


def _checked_float(dtype):
    dtype = dtypes.as_dtype(dtype)
    if not dtype.is_floating:
        raise ValueError("Expected floating point type, got %s." % dtype)
    return dtype


class Zeros(Initializer):
    _kind = "zeros"

    def __init__(self, dtype=dtypes.float32):
        self.dtype = dtypes.as_dtype(dtype)

    def __call__(self, shape, dtype=None, partition_info=None):
        return self._make(self._kind, {}, shape, dtype or self.dtype, None)

    def get_config(self):
        """The dtype's name."""
        return {"dtype": self.dtype.name}


class Ones(Zeros):
    _kind = "ones"


class Constant(Initializer):
    def __init__(self, value=0, dtype=dtypes.float32, verify_shape=False):
        import numpy as np
        if not (np.isscalar(value) or isinstance(value, (list, tuple,
                                                         np.ndarray))):
            raise TypeError(
                "Invalid type for initial value: %s (expected Python scalar, "
                "list or tuple of values, or numpy.ndarray)." % type(value))
        self.value = value
        self.dtype = dtypes.as_dtype(dtype)
        self._verify_shape = verify_shape

    def __call__(self, shape, dtype=None, partition_info=None,
                 verify_shape=None):
        if verify_shape is None:
            verify_shape = self._verify_shape
        return constant_op.constant(self.value, dtype or self.dtype,
                                    list(shape), verify_shape=verify_shape)

    def get_config(self):
        """The value and the dtype's name."""
        return {"value": self.value, "dtype": self.dtype.name}


class _Random(Initializer):
    """An initializer with arguments and a seed."""

    def __call__(self, shape, dtype=None, partition_info=None):
        return self._make(self._kind, self._arguments(), shape,
                          dtype or self.dtype, partition_info)

    def _arguments(self):
        return {name: getattr(self, name) for name in self._names}

    def get_config(self):
        """The arguments, the seed among them, and the dtype's name."""
        config = self._arguments()
        config["dtype"] = self.dtype.name
        return config


class RandomUniform(_Random):
    _kind, _names = "random_uniform", ("minval", "maxval", "seed")

    def __init__(self, minval=0, maxval=None, seed=None,
                 dtype=dtypes.float32):
        self.minval, self.maxval, self.seed = minval, maxval, seed
        self.dtype = dtypes.as_dtype(dtype)


class RandomNormal(_Random):
    _kind, _names = "random_normal", ("mean", "stddev", "seed")

    def __init__(self, mean=0.0, stddev=1.0, seed=None, dtype=dtypes.float32):
        self.mean, self.stddev, self.seed = mean, stddev, seed
        self.dtype = _checked_float(dtype)


class TruncatedNormal(RandomNormal):
    _kind = "truncated_normal"


class UniformUnitScaling(_Random):
    _kind, _names = "uniform_unit_scaling", ("factor", "seed")

    def __init__(self, factor=1.0, seed=None, dtype=dtypes.float32):
        self.factor, self.seed = factor, seed
        self.dtype = _checked_float(dtype)


class VarianceScaling(_Random):
    _kind = "variance_scaling"
    _names = ("scale", "mode", "distribution", "seed")

    def __init__(self, scale=1.0, mode="fan_in",
                 distribution="truncated_normal", seed=None,
                 dtype=dtypes.float32):
        if scale <= 0.:
            raise ValueError("`scale` must be positive float.")
        if mode not in ("fan_in", "fan_out", "fan_avg"):
            raise ValueError("Invalid `mode` argument:", mode)
        distribution = distribution.lower()
        if distribution not in ("normal", "uniform", "truncated_normal",
                                "untruncated_normal"):
            raise ValueError("Invalid `distribution` argument:", distribution)
        self.scale, self.mode, self.seed = scale, mode, seed
        self.distribution = distribution
        self.dtype = _checked_float(dtype)


def _scaling(name, scale, mode, distribution):
    """A VarianceScaling whose only argument is the seed."""
    def __init__(self, seed=None, dtype=dtypes.float32):
        VarianceScaling.__init__(self, scale, mode, distribution, seed, dtype)

    def get_config(self):
        """The seed and the dtype's name."""
        return {"seed": self.seed, "dtype": self.dtype.name}
    text = ("Numbers of a %s distribution, of variance %g by %s.\n\n"
            "Parameters\n----------\nseed : int, optional\n"
            "dtype : DType of floats"
            % (distribution.replace("_", " "), scale, mode))
    return type(name, (VarianceScaling,), {
        "__init__": __init__, "get_config": get_config, "__doc__": text})


GlorotUniform = _scaling("GlorotUniform", 1.0, "fan_avg", "uniform")
GlorotNormal = _scaling("GlorotNormal", 1.0, "fan_avg", "truncated_normal")
# As tf.keras.initializers has them: functions there, classes here.
he_normal = _scaling("he_normal", 2., "fan_in", "truncated_normal")
he_uniform = _scaling("he_uniform", 2., "fan_in", "uniform")
lecun_normal = _scaling("lecun_normal", 1., "fan_in", "truncated_normal")
lecun_uniform = _scaling("lecun_uniform", 1., "fan_in", "uniform")

for _class in (Initializer, Zeros, Ones, Constant, RandomUniform, RandomNormal,
               TruncatedNormal, UniformUnitScaling, VarianceScaling,
               GlorotUniform, GlorotNormal):
    _class.__module__ = "tensorflow.python.ops.init_ops"

zeros_initializer = Zeros
ones_initializer = Ones
constant_initializer = Constant
random_uniform_initializer = RandomUniform
random_normal_initializer = RandomNormal
truncated_normal_initializer = TruncatedNormal
uniform_unit_scaling_initializer = UniformUnitScaling
variance_scaling_initializer = VarianceScaling
glorot_uniform_initializer = GlorotUniform
glorot_normal_initializer = GlorotNormal


class Orthogonal(Initializer):
    """An orthogonal matrix, by a QR decomposition of random numbers."""

    def __init__(self, gain=1.0, seed=None, dtype=dtypes.float32):
        self.gain = gain
        self.seed = seed
        self.dtype = _checked_float(dtype)

    def __call__(self, shape, dtype=None, partition_info=None):
        from retrograph.framework import op_library
        from retrograph.ops import array_ops
        from retrograph.ops import random_ops
        dtype = dtype or self.dtype
        if len(shape) < 2:
            raise ValueError("The tensor to initialize must be "
                             "at least two-dimensional")
        rows = 1
        for dim in shape[:-1]:
            rows *= dim
        rows, columns = int(rows), int(shape[-1])
        wide = rows < columns
        flat = (columns, rows) if wide else (rows, columns)
        a = random_ops.random_normal(flat, dtype=dtype, seed=self.seed)
        q, r = op_library.apply_op("Qr", input=a, full_matrices=False)
        diagonal = op_library.apply_op("DiagPart", input=r)
        q *= op_library.apply_op("Sign", x=diagonal)
        if wide:
            with ops.name_scope("matrix_transpose"):
                q = array_ops.transpose(q, [1, 0])
        return self.gain * array_ops.reshape(q, shape)

    def get_config(self):
        """The gain, the seed and the dtype's name."""
        return {"gain": self.gain, "seed": self.seed,
                "dtype": self.dtype.name}


orthogonal_initializer = Orthogonal
