"""tf.distributions: the normal distribution, and how two of them differ."""
import contextlib
import math

import numpy as np

from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.framework import tensor_shape
from retrograph.ops import array_ops
from retrograph.ops import control_flow_ops
from retrograph.ops import math_ops
from retrograph.ops import random_ops
from retrograph.ops import rank_checks

_gen = op_library.gen


def _known_broadcast(a, b):
    """The shape that two shapes broadcast to, as far as it is known."""
    if a.ndims is None or b.ndims is None:
        return tensor_shape.unknown_shape()
    rank = max(a.ndims, b.ndims)
    pairs = zip([1] * (rank - a.ndims) + a.as_list(),
                [1] * (rank - b.ndims) + b.as_list())
    sizes = []
    for x, y in pairs:
        if x == 1 or y == 1:
            sizes.append(y if x == 1 else x)
        elif x is None or y is None:
            sizes.append(x if y is None else y)
        elif x == y:
            sizes.append(x)
        else:
            raise ValueError("Incompatible shapes for broadcasting: %s and %s"
                             % (a, b))
    return tensor_shape.TensorShape(sizes)


class Normal:
    """Normal distributions, one for each mean and standard deviation."""

    def __init__(self, loc, scale, validate_args=False, allow_nan_stats=True,
                 name="Normal"):
        self._parameters = dict(
            loc=loc, scale=scale, validate_args=validate_args,
            allow_nan_stats=allow_nan_stats, name=name)
        with ops.name_scope(name, values=[loc, scale]) as scope:
            checks = [rank_checks.assert_positive(scale)] if validate_args \
                else []
            with ops.control_dependencies(checks):
                self._loc = array_ops.identity(loc, name="loc")
                self._scale = array_ops.identity(scale, name="scale")
        if self._loc.dtype.base_dtype != self._scale.dtype.base_dtype:
            raise ValueError("Tensor %s must have the type %s"
                             % (self._scale.name, self._loc.dtype))
        self._name = scope
        self._validate_args = validate_args
        self._allow_nan_stats = allow_nan_stats

    name = property(lambda self: self._name,
                    doc='The name scope of its operations, as in "Normal/".')
    dtype = property(lambda self: self._scale.dtype,
                     doc="The DType of `scale`, `loc` and the samples.")
    loc = property(lambda self: self._loc, doc="The means, a Tensor.")
    scale = property(lambda self: self._scale,
                     doc="The standard deviations, a Tensor.")
    parameters = property(lambda self: dict(self._parameters),
                          doc="What it was made with, a new dict.")
    allow_nan_stats = property(
        lambda self: self._allow_nan_stats,
        doc="Whether a divergence may be NaN; else its run fails.")
    validate_args = property(
        lambda self: self._validate_args,
        doc="Whether runs check that `scale` is positive.")
    event_shape = property(lambda self: tensor_shape.TensorShape([]),
                           doc="A sample's shape, (): samples are scalars.")

    @property
    def batch_shape(self):
        """What is known of the shape that `loc` and `scale` broadcast to."""
        return _known_broadcast(self._loc.shape, self._scale.shape)

    def __str__(self):
        batch = self.batch_shape
        return 'tfp.distributions.Normal("%s"%s, event_shape=(), dtype=%s)' % (
            self.name, ", batch_shape=%s" % batch
            if batch.ndims is not None else "", self.dtype.name)

    @contextlib.contextmanager
    def _scope(self, name, values=()):
        with ops.name_scope(self.name), ops.name_scope(
                name, values=list(values) + [self._loc, self._scale]) as scope:
            yield scope

    # ---- Samples ----

    def _batch_sizes(self):
        return _gen.broadcast_args(array_ops.shape(self._loc),
                                   array_ops.shape(self._scale))

    def batch_shape_tensor(self, name="batch_shape_tensor"):
        """The shape that `loc` and `scale` broadcast to, a vector of int32."""
        with self._scope(name):
            if self.batch_shape.is_fully_defined():
                return ops.convert_to_tensor(self.batch_shape.as_list(),
                                             dtype=dtypes.int32,
                                             name="batch_shape")
            return self._batch_sizes()

    @staticmethod
    def _as_vector(shape):
        """(the shape as a vector, the product of it)"""
        known = constant_op.constant_value(shape)
        count = math_ops.reduce_prod(shape) if known is None else \
            np.prod(known, dtype=shape.dtype.as_numpy_dtype())
        if shape.shape.ndims == 0:
            shape = array_ops.reshape(shape, [1]) if known is None else \
                ops.convert_to_tensor(np.array([known], np.int32),
                                      name="sample_shape")
        elif shape.shape.ndims != 1:
            raise ValueError("Input is neither scalar nor vector.")
        return shape, count

    def sample(self, sample_shape=(), seed=None, name="sample"):
        """Random numbers of each distribution.

        Parameters
        ----------
        sample_shape : int, list of int, or Tensor of int32
            How many; a scalar or a vector.
        seed : int, optional
        name : str

        Returns
        -------
        Tensor
            Of the shape sample_shape + batch_shape.

        Raises
        ------
        ValueError
            If sample_shape is neither a scalar nor a vector.
        """
        with self._scope(name, [sample_shape]):
            shape, n = self._as_vector(ops.convert_to_tensor(
                sample_shape, dtype=dtypes.int32, name="sample_shape"))
            sizes = array_ops.concat([[n], self.batch_shape_tensor()], 0)
            samples = random_ops.random_normal(
                shape=sizes, mean=0., stddev=1., dtype=self._loc.dtype,
                seed=seed)
            samples = samples * self._scale + self._loc
            rest = array_ops.shape(samples)[1:]
            samples = array_ops.reshape(
                samples, array_ops.concat([shape, rest], 0))
            known = constant_op.constant_value(shape)
            if known is not None:
                samples.set_shape(tensor_shape.TensorShape(
                    [int(size) for size in known]).concatenate(
                        self.batch_shape))
            return samples

    # ---- Densities and moments ----

    def _log_prob(self, x):
        with ops.name_scope("standardize", values=[x]):
            z = (x - self._loc) / self._scale
        unnormalized = -0.5 * _gen.square(z)
        return unnormalized - (0.5 * math.log(2. * math.pi) +
                               _gen.log(self._scale))

    def _at(self, value, name, function):
        with self._scope(name, [value]):
            value = ops.convert_to_tensor(value, name="value",
                                          preferred_dtype=self.dtype)
            return function(value)

    def log_prob(self, value, name="log_prob"):
        """The density's logarithm at values that broadcast with the batch."""
        return self._at(value, name, self._log_prob)

    def prob(self, value, name="prob"):
        """The density at values that broadcast with the batch."""
        return self._at(value, name,
                        lambda x: _gen.exp(self._log_prob(x)))

    def entropy(self, name="entropy"):
        """The entropies, in nats, of the batch's shape."""
        with self._scope(name):
            scale = self._scale * array_ops.ones_like(self._loc)
            return 0.5 * math.log(2. * math.pi * math.e) + _gen.log(scale)

    def mean(self, name="mean"):
        """The means, of the batch's shape."""
        with self._scope(name):
            return self._loc * array_ops.ones_like(self._scale)

    def mode(self, name="mode"):
        """The modes, which are the means."""
        return self.mean(name)

    def stddev(self, name="stddev"):
        """The standard deviations, of the batch's shape."""
        with self._scope(name):
            return self._scale * array_ops.ones_like(self._loc)

    def variance(self, name="variance"):
        """The variances, of the batch's shape."""
        with self._scope(name):
            return _gen.square(self._scale * array_ops.ones_like(self._loc))

    def kl_divergence(self, other, name="kl_divergence"):
        """The Kullback-Leibler divergence of this one from another Normal.

        Raises
        ------
        NotImplementedError
            If the other one is of another class.
        """
        with self._scope(name):
            return kl_divergence(self, other, self.allow_nan_stats)

    def cross_entropy(self, other, name="cross_entropy"):
        """The cross entropy, in nats, of this one and another Normal.

        Raises
        ------
        NotImplementedError
            If the other one is of another class.
        """
        with self._scope(name), ops.name_scope(None, "cross_entropy"):
            return self.entropy() + kl_divergence(self, other,
                                                  self.allow_nan_stats)


def kl_divergence(distribution_a, distribution_b, allow_nan_stats=True,
                  name=None):
    """The Kullback-Leibler divergence of two normal distributions.

    Parameters
    ----------
    distribution_a, distribution_b : Normal
    allow_nan_stats : bool
        Whether a result may be NaN; else a run in which one is fails.
    name : str, optional

    Returns
    -------
    Tensor
        Of the distributions' dtype and batch shape.
    """
    kinds = tuple(type(d).__name__ for d in (distribution_a, distribution_b))
    if kinds != ("Normal", "Normal"):
        raise NotImplementedError(
            "No KL(distribution_a || distribution_b) registered for "
            "distribution_a type %s and distribution_b type %s" % kinds)
    with ops.name_scope("KullbackLeibler"):
        result = _normal_divergence(distribution_a, distribution_b, name)
        if allow_nan_stats:
            return result
        result = array_ops.identity(result, name="kl")
        message = ("KL calculation between %s and %s returned NaN values (and "
                   "was called with allow_nan_stats=False). Values:"
                   % (distribution_a.name, distribution_b.name))
        with ops.control_dependencies([control_flow_ops.Assert(
                _gen.logical_not(math_ops.reduce_any(_gen.is_nan(result))),
                [message, result])]):
            return array_ops.identity(result, name="checked_kl")


def _normal_divergence(a, b, name):
    with ops.name_scope(name, "kl_normal_normal", [a.loc, b.loc]):
        one, two, half = (constant_op.constant(value, dtype=a.dtype)
                          for value in (1, 2, 0.5))
        variance_a, variance_b = _gen.square(a.scale), _gen.square(b.scale)
        ratio = variance_a / variance_b
        return (_gen.squared_difference(a.loc, b.loc) / (two * variance_b) +
                half * (ratio - one - _gen.log(ratio)))
