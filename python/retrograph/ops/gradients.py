"""tf.gradients and what belongs to it. C++ makes the ops."""
import functools

from retrograph import _core
from retrograph.framework import gradient_registry
from retrograph.framework import op_library
from retrograph.framework import ops


class AggregationMethod:
    """How gradients that meet are added."""
    ADD_N = 0
    DEFAULT = ADD_N
    EXPERIMENTAL_TREE = 1
    EXPERIMENTAL_ACCUMULATE_N = 2


class UnconnectedGradients:
    """What the gradient of an x is that no y depends on."""
    NONE = "none"
    ZERO = "zero"


def _as_list(x):
    return list(x) if isinstance(x, (list, tuple)) else [x]


def _differentiated(x):
    """A resource variable is differentiated by its handle."""
    handle = getattr(x, "handle", None)
    resource = getattr(x, "_is_resource", None)
    if handle is not None and (resource or (
            isinstance(handle, ops.Tensor) and handle.dtype.name == "resource")):
        return handle
    return x


def gradients(ys, xs, grad_ys=None, name="gradients",
              colocate_gradients_with_ops=False, gate_gradients=False,
              aggregation_method=None, stop_gradients=None,
              unconnected_gradients=UnconnectedGradients.NONE):
    """The sum of d y / d x over all `ys`, for each of `xs`.

    Returns
    -------
    A list of a Tensor, IndexedSlices or None for each x.

    Raises
    ------
    LookupError
        An op between has no gradient.
    ValueError, TypeError
        With TensorFlow's texts.
    """
    if unconnected_gradients not in (UnconnectedGradients.NONE,
                                     UnconnectedGradients.ZERO):
        raise ValueError("Unknown value for unconnected_gradients: %r"
                         % unconnected_gradients)
    if aggregation_method is None:
        aggregation_method = AggregationMethod.DEFAULT
    if aggregation_method not in (0, 1, 2):
        raise ValueError("Invalid aggregation_method specified %s."
                         % aggregation_method)
    ys, xs = _as_list(ys), [_differentiated(x) for x in _as_list(xs)]
    stops = [] if stop_gradients is None else _as_list(stop_gradients)
    stops = [s if isinstance(s, ops.Tensor) else ops.convert_to_tensor(s)
             for s in stops]
    if grad_ys is not None:
        grad_ys = _as_list(grad_ys)
    graph = ops._graph_from_inputs(ys + xs)
    graph._apply_gradient_overrides()
    results = _core.gradients(graph._c, ys, xs, grad_ys, {
        "name": name or "gradients", "colocate": bool(
            colocate_gradients_with_ops),
        "gate": bool(gate_gradients), "aggregation": aggregation_method,
        "stop": stops,
        "zero": unconnected_gradients == UnconnectedGradients.ZERO})
    return [gradient_registry.from_core(graph, g) for g in results]


def custom_gradient(f):
    """Decorator: f(*args) returns its result and the gradient function."""
    @functools.wraps(f)
    def decorated(*args, **kwargs):
        return _with_gradient(f, args, kwargs)
    return decorated


def _with_gradient(f, args, kwargs):
    if kwargs:
        raise ValueError("The custom_gradient decorator currently supports "
                         "keywords arguments only when eager execution is "
                         "enabled.")
    name = "CustomGradient-%s" % _unique_number()
    args = [ops.convert_to_tensor(x) for x in args]
    result, grad_fn = f(*args)
    flat = _as_list(result)
    outputs = [ops.convert_to_tensor(x) for x in flat]
    for output in outputs:
        # TensorFlow looks for the variables behind these.
        op_library.apply_op("Identity", input=output)

    @gradient_registry.RegisterGradient(name)
    def _internal(unused_op, *result_gradients):
        input_gradients = _as_list(grad_fn(*result_gradients[:len(flat)]))
        return [None] * len(flat) + input_gradients

    graph = ops.get_default_graph()
    with graph.gradient_override_map({"IdentityN": name}):
        outputs = op_library.apply_op("IdentityN", input=outputs + args)
    outputs = list(outputs)[:len(flat)]
    if isinstance(result, (list, tuple)):
        return type(result)(outputs)
    return outputs[0]


_uid = 0


def _unique_number():
    global _uid
    _uid += 1
    return _uid
