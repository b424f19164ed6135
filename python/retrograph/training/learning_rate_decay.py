"""Learning rates that fall with the global step."""
import math

from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.ops import control_flow_ops
from retrograph.ops import math_ops

_gen = op_library.gen


def _progress(learning_rate, global_step, decay_steps, decay_rate, staircase):
    """The rates as tensors, and how many times decay_steps are over."""
    rate = ops.convert_to_tensor(learning_rate, name="initial_learning_rate")
    decay_steps = math_ops.cast(decay_steps, rate.dtype)
    decay_rate = math_ops.cast(decay_rate, rate.dtype)
    p = math_ops.cast(global_step, rate.dtype) / decay_steps
    return rate, decay_rate, _gen.floor(p) if staircase else p


def exponential_decay(learning_rate, global_step, decay_steps, decay_rate,
                      staircase=False, name=None):
    """learning_rate * decay_rate ** (global_step / decay_steps).

    Parameters
    ----------
    learning_rate : scalar of float32 or float64
    global_step : scalar
    decay_steps : scalar
    decay_rate : scalar
    staircase : bool
        Whether the quotient of the steps is rounded down.
    name : str, optional

    Returns
    -------
    Tensor
        A scalar of the rate's type.
    """
    with ops.name_scope(name or "ExponentialDecay") as scope:
        rate, decay_rate, p = _progress(learning_rate, global_step, decay_steps,
                                        decay_rate, staircase)
        return math_ops.multiply(rate, math_ops.pow(decay_rate, p),
                                 name=scope)


def natural_exp_decay(learning_rate, global_step, decay_steps, decay_rate,
                      staircase=False, name=None):
    """learning_rate * exp(-decay_rate * global_step / decay_steps)."""
    natural_rate = _gen.exp(math_ops.negative(decay_rate))
    return exponential_decay(learning_rate, global_step, decay_steps,
                             natural_rate, staircase, name)


def inverse_time_decay(learning_rate, global_step, decay_steps, decay_rate,
                       staircase=False, name=None):
    """learning_rate / (1 + decay_rate * global_step / decay_steps)."""
    with ops.name_scope(name or "InverseTimeDecay") as scope:
        rate, decay_rate, p = _progress(learning_rate, global_step, decay_steps,
                                        decay_rate, staircase)
        one = math_ops.cast(constant_op.constant(1), rate.dtype)
        denominator = math_ops.add(one, math_ops.multiply(decay_rate, p))
        return math_ops.divide(rate, denominator, name=scope)


def piecewise_constant(x, boundaries, values, name=None):
    """values[i] from the step after boundaries[i - 1] up to boundaries[i].

    ValueError if the types do not fit.
    """
    boundaries = ops.convert_n_to_tensor(boundaries)
    values = ops.convert_n_to_tensor(values)
    x = ops.convert_to_tensor(x)
    kind = x.dtype.base_dtype
    for i, b in enumerate(boundaries):
        if b.dtype.base_dtype == kind:
            continue
        if (b.dtype.base_dtype, kind) != (dtypes.int32, dtypes.int64):
            raise ValueError("Boundaries (%s) must have the same dtype as x "
                             "(%s)." % (b.dtype.base_dtype, kind))
        boundaries[i] = math_ops.cast(b, kind)
    for v in values[1:]:
        if v.dtype.base_dtype != values[0].dtype.base_dtype:
            raise ValueError(
                "Values must have elements all with the same dtype (%s vs %s)."
                % (values[0].dtype.base_dtype, v.dtype.base_dtype))
    if len(boundaries) != len(values) - 1:
        raise ValueError("The length of boundaries should be 1 less than the "
                         "length of values")
    with ops.name_scope(name or "PiecewiseConstant"):
        pairs = [(x <= boundaries[0], lambda: values[0]),
                 (x > boundaries[-1], lambda: values[-1])]
        for low, high, v in zip(boundaries[:-1], boundaries[1:], values[1:-1]):
            pairs.append(((x > low) & (x <= high), lambda v=v: v))
        return control_flow_ops.case(pairs, lambda: values[0], exclusive=True)


def polynomial_decay(learning_rate, global_step, decay_steps,
                     end_learning_rate=0.0001, power=1.0, cycle=False,
                     name=None):
    """From learning_rate to end_learning_rate in decay_steps, to a power."""
    with ops.name_scope(name or "PolynomialDecay") as scope:
        rate = ops.convert_to_tensor(learning_rate,
                                     name="initial_learning_rate")
        end = math_ops.cast(end_learning_rate, rate.dtype)
        power = math_ops.cast(power, rate.dtype)
        step = math_ops.cast(global_step, rate.dtype)
        steps = math_ops.cast(decay_steps, rate.dtype)
        if cycle:
            multiplier = control_flow_ops.cond(
                _gen.equal(step, 0), lambda: 1.0,
                lambda: _gen.ceil(step / decay_steps))
            steps = math_ops.multiply(steps, multiplier)
        else:
            step = _gen.minimum(step, decay_steps)
        p = math_ops.divide(step, steps)
        return math_ops.add(
            math_ops.multiply(rate - end, math_ops.pow(1 - p, power)), end,
            name=scope)


def cosine_decay(learning_rate, global_step, decay_steps, alpha=0.0,
                 name=None):
    """From learning_rate to alpha of it in decay_steps, along a cosine."""
    with ops.name_scope(name or "CosineDecay"):
        rate = ops.convert_to_tensor(learning_rate,
                                     name="initial_learning_rate")
        decay_steps = math_ops.cast(decay_steps, rate.dtype)
        step = math_ops.cast(global_step, rate.dtype)
        step = _gen.minimum(step, decay_steps)
        fraction = step / decay_steps
        cosine = 0.5 * (1.0 + _gen.cos(
            constant_op.constant(math.pi) * fraction))
        decayed = (1 - alpha) * cosine + alpha
        return math_ops.multiply(rate, decayed)
