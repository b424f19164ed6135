"""Groups, dependencies, assertions, cond, case and while_loop."""
import collections
import functools

from retrograph import _core
from retrograph.framework import dtypes
from retrograph.framework import nest
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.framework import tensor_shape
from retrograph.ops.control_flow_context import CondContext  # noqa: F401
from retrograph.ops.control_flow_context import WhileContext  # noqa: F401
from retrograph.ops.tensor_array_ops import arrays_again
from retrograph.ops.tensor_array_ops import flow_of
from retrograph.platform import tf_logging

_gen = op_library.gen
_tuple = tuple  # which here is also a function of TensorFlow's


def no_op(name=None):
    """An Operation that does nothing."""
    return op_library.add("NoOp", name)


def group(*inputs, **kwargs):
    """An operation that runs after all `inputs`; one NoOp a device."""
    name = kwargs.pop("name", None)
    if kwargs:
        raise ValueError("Unknown keyword arguments: " + ", ".join(kwargs))
    with ops.name_scope(name, "group_deps", nest.flatten(inputs)) as scope:
        if not inputs:
            return no_op(name=scope)
        by_device = {}
        for item in nest.flatten(inputs):
            if not hasattr(item, "device"):
                raise TypeError("Expected tf.group() expected Tensor arguments "
                                "not '%s' with type '%s'" % (item, type(item)))
            by_device.setdefault(item.device, []).append(item)
        if len(by_device) == 1:
            (device, deps), = by_device.items()
            return _group_on(device, deps, scope)
        parts = [_group_on(device, by_device[device])
                 for device in sorted(by_device)]
        with ops.control_dependencies(parts):
            return no_op(name=scope)


def _group_on(device, deps, name=None):
    with ops.control_dependencies(deps), ops.device(device):
        return no_op(name=name)


def with_dependencies(dependencies, output_tensor, name=None):
    with ops.name_scope(name, "control_dependency",
                        list(dependencies) + [output_tensor]) as scope:
        with ops.colocate_with(output_tensor), \
                ops.control_dependencies(dependencies):
            if isinstance(output_tensor, ops.IndexedSlices):
                return ops.IndexedSlices(
                    _gen.identity(output_tensor.values, name=scope),
                    output_tensor.indices, output_tensor.dense_shape)
            return _gen.identity(ops.convert_to_tensor(output_tensor),
                                 name=scope)


def tuple(tensors, name=None, control_inputs=None):  # noqa: A001
    """The tensors, each available only when all are."""
    with ops.name_scope(name, "tuple", tensors):
        kept = (ops.Operation, ops.Tensor, ops.IndexedSlices)
        tensors = [t if t is None or isinstance(t, kept) else
                   ops.convert_to_tensor(t) for t in tensors]
        gating = [getattr(t, "op", t) for t in tensors if t is not None]
        for item in control_inputs or ():
            if isinstance(item, ops.Tensor):
                item = item.op
            if not isinstance(item, ops.Operation):
                raise TypeError("Control input must be Operation or Tensor: %s"
                                % item)
            gating.append(item)
        if not gating:
            raise ValueError("Must have at least one Tensor: %s" % tensors)
        gate = group(*sorted(set(gating), key=lambda op: op._id))
        result = []
        for t in tensors:
            if isinstance(t, (ops.Tensor, ops.IndexedSlices)):
                result.append(with_dependencies([gate], t))
            elif isinstance(t, ops.Operation):
                with ops.control_dependencies([gate]):
                    result.append(group(t))
            else:
                result.append(None)
        return result


def _assert_op(condition, data, summarize, name):
    return op_library.add("Assert", name, condition=condition, data=data,
                          summarize=summarize)


def Assert(condition, data, summarize=None, name=None):  # noqa: N802
    """Fails with the values of `data` if `condition` is false."""
    with ops.name_scope(name, "Assert", [condition] + list(data)):
        tensors = ops.convert_n_to_tensor(data)
        if all(t.dtype in (dtypes.string, dtypes.int32) for t in tensors):
            return _assert_op(condition, list(data), summarize, "Assert")
        condition = ops.convert_to_tensor(condition, name="Condition")
        guarded = cond(condition, no_op,
                       lambda: _assert_op(condition, list(data), summarize,
                                          "Assert"),
                       name="AssertGuard")
        return guarded.op


def _unpacked(value):
    """The element of a list or tuple of one."""
    if isinstance(value, (list, _tuple)) and len(value) == 1:
        return value[0]
    return value


def _branch_function(function, deprecated, name, deprecated_name):
    if deprecated is None:
        if function is None:
            raise TypeError("cond(): %s argument required" % name)
        return function
    if function is not None:
        raise TypeError("cond(): %s and %s may not be set simultaneously."
                        % (name, deprecated_name))
    return deprecated


def _build_branch(builder, graph, branch, function, name):
    """What the function of a branch returns, once it is in the graph."""
    builder.begin_branch(branch)
    try:
        result = function()
        if result is None:
            raise ValueError("%s must have a return value." % name)
        leaves = nest.flatten(result)
    except BaseException:
        builder.abandon_branch()
        raise
    builder.end_branch(graph._c, [flow_of(leaf) for leaf in leaves])
    return result


def cond(pred, true_fn=None, false_fn=None, strict=False, name=None,
         fn1=None, fn2=None):
    """true_fn() if `pred` else false_fn(), decided when it is run.

    Both functions are called once, now. Ops that they make run only if their
    branch is taken. They must return the same structure of tensors; lists and
    tuples of one are that one, unless `strict`.
    """
    true_fn = _branch_function(true_fn, fn1, "true_fn", "fn1")
    false_fn = _branch_function(false_fn, fn2, "false_fn", "fn2")
    for function, argument in ((true_fn, "true_fn"), (false_fn, "false_fn")):
        if not callable(function):
            raise TypeError("%s must be callable." % argument)
    with ops.name_scope(name, "cond", [pred]):
        if isinstance(pred, bool):
            raise TypeError("pred must not be a Python bool")
        graph = ops.get_default_graph()
        builder = _core.create_cond(graph._c, pred)
        on_true = _build_branch(builder, graph, 1, true_fn, "true_fn")
        on_false = _build_branch(builder, graph, 0, false_fn, "false_fn")
        is_empty = isinstance(on_true, (list, _tuple)) and not on_true
        if not strict:
            on_true, on_false = _unpacked(on_true), _unpacked(on_false)
        nest.assert_same_structure(on_true, on_false)
        if is_empty:
            raise ValueError(
                "true_fn and false_fn must return at least one result.")
        merged = nest.pack_sequence_as(on_true, arrays_again(
            nest.flatten(on_true),
            [graph._tensor(pair) for pair in builder.merge()]))
        return merged if strict else _unpacked(merged)


def _at_most(predicates, n, msg):
    """An Assert that no more than n predicates are true."""
    from retrograph.framework import constant_op
    from retrograph.ops import array_ops
    from retrograph.ops import math_ops
    stacked = array_ops.stack(predicates, name="preds_c")
    number = math_ops.reduce_sum(math_ops.cast(stacked, dtypes.int32),
                                 name="num_true_conds")
    condition = op_library.apply_op(
        "LessEqual", x=number, y=constant_op.constant(n, name="n_true_conds"))
    names = ", ".join(getattr(p, "name", "?") for p in predicates)
    return Assert(condition,
                  data=["%s: more than %d conditions (%s) evaluated as True:"
                        % (msg, n, names), stacked],
                  summarize=len(predicates))


def _default_of(predicates, actions):
    """The last action for a default: nothing else may be true."""
    from retrograph.ops import array_ops

    def default():
        others = ("Implementation error: selected default action #%d was "
                  "called, but some of other predicates are True: "
                  % (len(predicates) - 1))
        none = ("Input error: None of conditions evaluated as True:",
                array_ops.stack(predicates, name="preds_c"))
        with ops.control_dependencies([
                _at_most(predicates[:-1], 0, others),
                Assert(predicates[-1], data=none)]):
            return actions[-1]()
    return default, predicates[:-1], actions[:-1]


def _checked_pairs(pairs, exclusive, name):
    if not isinstance(pairs, (list, _tuple, dict)):
        raise TypeError("fns must be a list, tuple, or dict")
    if isinstance(pairs, collections.OrderedDict):
        pairs = list(pairs.items())
    elif isinstance(pairs, dict):
        pairs = sorted(pairs.items(), key=lambda item: item[0].name)
        if not exclusive:
            tf_logging.warn(
                "%s: An unordered dictionary of predicate/fn pairs was "
                "provided, but exclusive=False. The order of conditional tests "
                "is deterministic but not guaranteed.", name)
    for pair in pairs:
        if not isinstance(pair, _tuple) or len(pair) != 2:
            raise TypeError("Each entry in pred_fn_pairs must be a 2-tuple")
        pred, function = pair
        if not isinstance(pred, ops.Tensor):
            raise TypeError("pred must be a Tensor, got: %s" % pred)
        if pred.dtype != dtypes.bool:
            raise TypeError("pred must be Tensor of type bool: %s" % pred.name)
        if not callable(function):
            raise TypeError("fn for pred %s must be callable." % pred.name)
    return zip(*pairs)


def case(pred_fn_pairs, default=None, exclusive=False, strict=False,
         name="case"):
    """The function of the first predicate that is true, or `default`."""
    predicates, actions = _checked_pairs(pred_fn_pairs, exclusive, name)
    with ops.name_scope(name, "case", [predicates]):
        if default is None:
            default, predicates, actions = _default_of(predicates, actions)
        function = default
        for pred, action in reversed(list(zip(predicates, actions))):
            function = functools.partial(cond, pred, true_fn=action,
                                         false_fn=function, strict=strict)
        if not exclusive:
            return function()
        with ops.control_dependencies([
                _at_most(predicates, 1, "Input error: exclusive=True")]):
            return function()


def _invariants(loop_vars, shapes):
    nest.assert_same_structure(loop_vars, shapes)
    flat = nest.flatten(shapes)
    if not all(isinstance(s, tensor_shape.TensorShape) for s in flat):
        raise ValueError("`shapes` must be a (possibly nested) list of shapes.")
    return [shape._known() for shape in flat]


def _build_loop(cond, body, loop_vars, shapes, options):
    graph = ops.get_default_graph()
    flat_vars = nest.flatten(loop_vars)
    pack = lambda pairs: nest.pack_sequence_as(loop_vars, arrays_again(
        flat_vars, [graph._tensor(pair) for pair in pairs]))
    loop = _core.create_while_loop(
        graph._c, [flow_of(v) for v in flat_vars], shapes, *options)
    try:
        loop.set_condition(cond(*pack(loop.condition_vars)))
        arguments = pack(loop.body_vars)
        result = body(*arguments)
        if not nest.is_nested(result):
            result = [result]
        nest.assert_same_structure(list(arguments), list(result))
    except BaseException:
        loop.abandon()
        raise
    flat = nest.flatten(result)
    exits = loop.finish([flow_of(v) for v in flat])
    return nest.pack_sequence_as(result, arrays_again(
        flat, [graph._tensor(e) for e in exits]))


def _both(x, y):
    return op_library.apply_op("LogicalAnd", x=x, y=y)


def _bounded(cond, body, loop_vars, bound, is_single):
    """The loop with a counter before its variables."""
    from retrograph.framework import constant_op
    bound = ops.convert_to_tensor(bound, name="maximum_iterations")
    if bound.shape.ndims != 0:
        raise ValueError("maximum_iterations must be a scalar, saw shape: %s"
                         % bound.shape)
    counter = constant_op.constant(0, dtype=bound.dtype,
                                   name="iteration_counter")
    if is_single:
        return (bound, lambda i, v: _both(i < bound, cond(v)),
                lambda i, v: (i + 1, body(v)), (counter, loop_vars[0]))
    return (bound, lambda i, v: _both(i < bound, cond(*v)),
            lambda i, v: (i + 1, body(*v)), (counter, loop_vars))


def while_loop(cond, body, loop_vars, shape_invariants=None,
               parallel_iterations=10, back_prop=True, swap_memory=False,
               name=None, maximum_iterations=None,
               return_same_structure=False):
    """body(...) of the loop variables as long as cond(...) is true.

    Both functions are called once, now; what they make runs in each iteration.
    """
    if not callable(cond):
        raise TypeError("cond must be callable.")
    if not callable(body):
        raise TypeError("body must be callable.")
    if parallel_iterations < 1:
        raise TypeError("parallel_iterations must be a positive integer.")
    with ops.name_scope(name, "while", loop_vars):
        if not loop_vars:
            raise ValueError("No loop variables provided")
        bound = None
        if maximum_iterations is not None:
            bound, cond, body, loop_vars = _bounded(
                cond, body, loop_vars, maximum_iterations,
                len(loop_vars) == 1 and not return_same_structure)
        shapes = None
        if shape_invariants is not None:
            if bound is not None:
                shape_invariants = (tensor_shape.TensorShape([]),
                                    shape_invariants)
            shapes = _invariants(loop_vars, shape_invariants)
        if not isinstance(parallel_iterations, int):
            raise ValueError("`parallel_iterations` must be a positive integer:"
                             " %s" % parallel_iterations)
        result = _build_loop(cond, body, loop_vars, shapes,
                             (parallel_iterations, back_prop, swap_memory,
                              bound))
        if not return_same_structure and len(nest.flatten(loop_vars)) == 1:
            result = result[0]
        return result if bound is None else result[1]
