"""tf.assert_rank, assert_rank_in, assert_type and their kin."""
import operator

from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.ops import array_ops
from retrograph.ops import check_ops
from retrograph.ops import control_flow_ops

_gen = op_library.gen


def assert_type(tensor, tf_type, message=None, name=None):
    """TypeError if the tensor is of another dtype."""
    with ops.name_scope(name, "assert_type", [tensor]):
        tensor = ops.convert_to_tensor(tensor, name="tensor")
        if tensor.dtype != tf_type:
            raise TypeError("%s  %s must be of type %s"
                            % (message or "", tensor.name, tf_type))
        return control_flow_ops.no_op("statically_determined_correct_type")


def _known_ranks(ranks):
    """Of rank tensors: numbers, None for what only a run can tell."""
    for rank in ranks:
        assert_type(rank, dtypes.int32)
    known = [constant_op.constant_value(rank) for rank in ranks]
    for rank in known:
        if rank is not None and rank.ndim != 0:
            raise ValueError("Rank must be a scalar.")
    return known


def _any_of(actual, ranks):
    result = _gen.equal(ranks[0], actual)
    for rank in ranks[1:]:
        result = _gen.logical_or(result, _gen.equal(rank, actual))
    return result


def _assertion(x, ranks, words, holds, condition_of, data, summarize,
               message, wanted):
    """The op that checks the rank of `x`, or none is needed, or ValueError.

    holds(rank, known ranks) where all are known; condition_of(rank) makes the
    tensor that says so.
    """
    message = message or ""
    if data is None:
        data = [message, "Tensor %s must have rank%s" % (x.name, words)]
        data += list(ranks) + ["Received shape: ", array_ops.shape(x)]
    known = _known_ranks(ranks)
    if x.shape.ndims is not None and all(r is not None for r in known):
        if not holds(x.shape.ndims, known):
            raise ValueError(
                "%s.  Tensor %s must have rank%s %s.  Received rank %d, "
                "shape %s" % (message, x.name, words, wanted(known),
                              x.shape.ndims, x.shape))
        return control_flow_ops.no_op(name="static_checks_determined_all_ok")
    condition = condition_of(array_ops.rank(x))
    for rank, value in zip(ranks, known):
        if value is None:
            check = assert_rank(rank, 0, data=[
                "Rank must be a scalar. Received rank: ", rank])
            condition = control_flow_ops.with_dependencies([check], condition)
    return control_flow_ops.Assert(condition, data, summarize=summarize)


def assert_rank_in(x, ranks, data=None, summarize=None, message=None,
                   name=None):
    """The rank of `x` is one of these."""
    with ops.name_scope(name, "assert_rank_in",
                        (x,) + tuple(ranks) + tuple(data or [])):
        x = ops.convert_to_tensor(x, name="x")
        ranks = tuple(ops.convert_to_tensor(rank, name="rank")
                      for rank in ranks)
        return _assertion(
            x, ranks, " in", lambda rank, known: rank in known,
            lambda rank: _any_of(rank, ranks), data, summarize, message,
            lambda known: str(tuple(known)))


def _rank_assertion(name, words, compare, op_type):
    def check(x, rank, data=None, summarize=None, message=None, name=None):
        with ops.name_scope(name, default_name,
                            (x, rank) + tuple(data or [])):
            x = ops.convert_to_tensor(x, name="x")
            rank = ops.convert_to_tensor(rank, name="rank")
            return _assertion(
                x, (rank,), words,
                lambda actual, known: compare(actual, known[0]),
                lambda actual: op_library.apply_op(op_type, x=actual, y=rank),
                data, summarize, message, lambda known: "%d" % known[0])
    default_name = name
    check.__name__ = check.__qualname__ = name
    check.__doc__ = (
        "An operation that fails unless the rank of `x` is%s `rank`.\n\n"
        "ValueError at once if that is known." % words)
    return check


assert_rank = _rank_assertion("assert_rank", "", operator.eq, "Equal")
assert_rank_at_least = _rank_assertion("assert_rank_at_least", " at least",
                                       operator.ge, "GreaterEqual")


def _sign_assertion(name, symbol, compare):
    """compare(x, 0) checks."""
    def check(x, data=None, summarize=None, message=None, name=None):
        with ops.name_scope(name, default_name, [x, data]):
            x = ops.convert_to_tensor(x, name="x")
            if data is None:
                said = ["Condition x %s 0 did not hold element-wise:"
                        % symbol, "x (%s) = " % x.name]
                if symbol == "<=":  # TensorFlow's own slip
                    said = ["".join(said)]
                data = [message or ""] + said + [x]
            zero = ops.convert_to_tensor(0, dtype=x.dtype)
            return compare(x, zero, data, summarize)
    default_name = name
    check.__name__ = check.__qualname__ = name
    check.__doc__ = (
        "An operation that fails unless x %s 0 for every element.\n\n"
        "InvalidArgumentError at once if that is known." % symbol)
    return check


assert_non_negative = _sign_assertion(
    "assert_non_negative", ">=", lambda x, zero, data, summarize:
    check_ops.assert_less_equal(zero, x, data=data, summarize=summarize))
assert_positive = _sign_assertion(
    "assert_positive", ">", lambda x, zero, data, summarize:
    check_ops.assert_less(zero, x, data=data, summarize=summarize))
assert_non_positive = _sign_assertion(
    "assert_non_positive", "<=", lambda x, zero, data, summarize:
    check_ops.assert_less_equal(x, zero, data=data, summarize=summarize))
assert_negative = _sign_assertion(
    "assert_negative", "<", lambda x, zero, data, summarize:
    check_ops.assert_less(x, zero, data=data, summarize=summarize))
