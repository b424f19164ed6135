"""tf.contrib.layers: initialisers and regularisers of weights."""
import math
import numbers

from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.ops import math_ops
from retrograph.ops import random_ops
from retrograph.platform import tf_logging


# ---- Initialisers -----------------------------------------------------------

def _fans(shape):
    """How many inputs and outputs a unit of weights of that shape has."""
    if not shape:
        return 1., 1.
    field = 1.
    for dim in shape[:-2]:
        field *= float(dim)
    fan_in = float(shape[-2] if len(shape) > 1 else shape[-1])
    return fan_in * field, float(shape[-1]) * field


def variance_scaling_initializer(factor=2.0, mode="FAN_IN", uniform=False,
                                 seed=None, dtype=dtypes.float32):
    """Values whose variance is about factor / n, n being a number of inputs,
    of outputs ("FAN_OUT"), or their average ("FAN_AVG")."""
    if not dtype.is_floating:
        raise TypeError("Cannot create initializer for non-floating point "
                        "type.")
    if mode not in ("FAN_IN", "FAN_OUT", "FAN_AVG"):
        # TensorFlow's own slip: the mode is beside the text.
        raise TypeError("Unknown mode %s [FAN_IN, FAN_OUT, FAN_AVG]", mode)

    def initializer(shape, dtype=dtype, partition_info=None):
        if not dtype.is_floating:
            raise TypeError("Cannot create initializer for non-floating point "
                            "type.")
        fan_in, fan_out = _fans(shape)
        n = {"FAN_IN": fan_in, "FAN_OUT": fan_out,
             "FAN_AVG": (fan_in + fan_out) / 2.0}[mode]
        if uniform:
            limit = math.sqrt(3.0 * factor / n)
            return random_ops.random_uniform(shape, -limit, limit, dtype,
                                             seed=seed)
        # What is cut off makes up for the 1.3.
        return random_ops.truncated_normal(
            shape, 0.0, math.sqrt(1.3 * factor / n), dtype, seed=seed)
    return initializer


def xavier_initializer(uniform=True, seed=None, dtype=dtypes.float32):
    return variance_scaling_initializer(factor=1.0, mode="FAN_AVG",
                                        uniform=uniform, seed=seed,
                                        dtype=dtype)


xavier_initializer_conv2d = xavier_initializer


# ---- Regularisers -----------------------------------------------------------

def _disabled(scale, stop=""):
    """Whether the scale is 0; ValueError if it is none."""
    if isinstance(scale, numbers.Integral):
        raise ValueError("scale cannot be an integer: %s" % (scale,))
    if not isinstance(scale, numbers.Real):
        return False
    if scale < 0.:
        raise ValueError("Setting a scale less than 0 on a regularizer: %g%s"
                         % (scale, stop))
    if scale == 0.:
        tf_logging.info("Scale of 0 disables regularizer.")
    return scale == 0.


def _scaled(scale, scope, name, penalty):
    def regularizer(weights):
        with ops.name_scope(scope, name, [weights]) as full_name:
            factor = ops.convert_to_tensor(
                scale, dtype=weights.dtype.base_dtype, name="scale")
            return math_ops.multiply(factor, penalty(weights), name=full_name)
    return regularizer


def l1_regularizer(scale, scope=None):
    """A function of weights: scale times the sum of their magnitudes."""
    if _disabled(scale):
        return lambda weights: None
    return _scaled(scale, scope, "l1_regularizer",
                   lambda w: math_ops.reduce_sum(math_ops.abs(w)))


def l2_regularizer(scale, scope=None):
    """A function of weights: scale times half the sum of their squares."""
    if _disabled(scale, stop="."):
        return lambda weights: None
    return _scaled(scale, scope, "l2_regularizer",
                   lambda w: op_library.gen.l2_loss(w))


def sum_regularizer(regularizer_list, scope=None):
    """The sum of what the regularisers give; None if there are none."""
    regularizers = [r for r in regularizer_list if r is not None]
    if not regularizers:
        return None

    def regularizer(weights):
        with ops.name_scope(scope, "sum_regularizer", [weights]) as name:
            terms = [r(weights) for r in regularizers]
            terms = [t for t in terms if t is not None]
            return math_ops.add_n(terms, name=name) if terms else None
    return regularizer


def l1_l2_regularizer(scale_l1=1.0, scale_l2=1.0, scope=None):
    for name, scale in (("l1", scale_l1), ("l2", scale_l2)):
        if isinstance(scale, numbers.Integral):
            raise ValueError("scale_%s cannot be an integer: %s"
                             % (name, scale))
    scope = scope or "l1_l2_regularizer"
    if scale_l1 == 0.:
        return l2_regularizer(scale_l2, scope)
    if scale_l2 == 0.:
        return l1_regularizer(scale_l1, scope)
    return sum_regularizer([l1_regularizer(scale_l1),
                            l2_regularizer(scale_l2)], scope=scope)


def apply_regularization(regularizer, weights_list=None):
    """The summed penalty of weights (default: the collection WEIGHTS), which
    goes into REGULARIZATION_LOSSES."""
    weights_list = weights_list or ops.get_collection(ops.GraphKeys.WEIGHTS)
    if not weights_list:
        raise ValueError("No weights to regularize.")
    with ops.name_scope("get_regularization_penalty",
                        values=weights_list) as scope:
        penalties = [regularizer(w) for w in weights_list]
        penalties = [constant_op.constant(0.0) if p is None else p
                     for p in penalties]
        for penalty in penalties:
            if penalty.shape.ndims != 0:
                raise ValueError("regularizer must return a scalar Tensor "
                                 "instead of a Tensor with rank %d."
                                 % penalty.shape.ndims)
        total = math_ops.add_n(penalties, name=scope)
        ops.add_to_collection(ops.GraphKeys.REGULARIZATION_LOSSES, total)
        return total
