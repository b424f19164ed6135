"""Python functions of a dataset's elements as functions of the graph."""
import inspect

from retrograph.data import structure
from retrograph.framework import func_graph
from retrograph.framework import ops
from retrograph.ops import array_ops


def _function_name(func):
    if inspect.isfunction(func):
        return func.__name__
    if inspect.ismethod(func):
        return "%s.%s" % (type(func.__self__).__name__, func.__name__)
    return str(type(func))


class StructuredFunction:
    """A function, traced and added to the default graph's library.

    Parameters
    ----------
    func : callable
        Takes the parts of an element and returns a structure.
    transformation : str
        Who asks, for texts: "Dataset.map()".
    input_spec : structure of specs
    """

    def __init__(self, func, transformation, input_spec):
        name = "%s_%s" % (transformation.replace(".", "_")[:-2],
                          _function_name(func))
        outer = ops.get_default_graph()
        body = func_graph.FuncGraph(name)
        with body.as_default():
            arguments = [
                body.argument(spec.dtype, spec.shape, "args_%d" % i)
                for i, spec in enumerate(structure.flatten(input_spec))]
            value = structure.from_tensors(input_spec, arguments)
            # A tuple's parts are the arguments; a named tuple is one.
            result = func(*value) if type(value) is tuple else func(value)
            if isinstance(result, list):
                result = tuple(result)
            try:
                self.output_spec = structure.of_value(result)
            except (ValueError, TypeError):
                raise TypeError("Unsupported return value from function "
                                "passed to %s: %s."
                                % (transformation, result)) from None
            tensors = structure.to_tensors(self.output_spec, result)
            body.outputs = [array_ops.identity(t) for t in tensors]
        self.graph = body
        self.name = func_graph.inference_name(name)
        body.add_to(outer, self.name)
        self.captured_inputs = body.external_captures

    @property
    def attr(self):
        """The value of the attr that names it."""
        from retrograph import protos
        return protos.NameAttrList(name=self.name)
