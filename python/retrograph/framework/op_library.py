"""Every op of the registry as a Python function.

apply_op() adds an op by its type; function(op_type) is the function that
TensorFlow generates for it, its arguments in the same order; raw_ops has them
all. A new op in C++ is here at once.
"""
import collections
import functools
import inspect
import keyword
import re

from retrograph import _core
from retrograph.framework import ops


# Inputs that TensorFlow's functions call otherwise than their ops do.
_AXIS = {"reduction_indices": "axis"}
_RENAMED = dict(
    {op_type: _AXIS for op_type in ("All", "Any", "EuclideanNorm", "Max",
                                    "Mean", "Min", "Prod", "Sum")},
    ExpandDims={"dim": "axis"}, Split={"split_dim": "axis"},
    SplitV={"split_dim": "axis"}, Squeeze={"squeeze_dims": "axis"},
    Select={"t": "x", "e": "y"}, Where={"input": "condition"})


class _Op:
    """One op's signature, from its OpDef."""

    def __init__(self, op_type, definition):
        self.type = op_type
        self.inputs = [arg.name for arg in definition.input_arg]
        self.counted_inputs = {arg.name for arg in definition.input_arg
                               if arg.number_attr}
        inferred = set()
        for arg in definition.input_arg:
            inferred.update((arg.type_attr, arg.number_attr,
                             arg.type_list_attr))
        attrs = [a for a in definition.attr if a.name not in inferred]
        self.required = [a.name for a in attrs
                         if not a.HasField("default_value")]
        self.optional = [a.name for a in attrs if a.HasField("default_value")]
        self.outputs = [(arg.name, arg.number_attr, arg.type_list_attr)
                        for arg in definition.output_arg]
        self.structured = any(n or t for _, n, t in self.outputs)
        self.result = None
        if len(self.outputs) > 1:
            self.result = collections.namedtuple(
                op_type, [_identifier(o[0]) for o in self.outputs])

    def arguments(self):
        return self.inputs + self.required + self.optional

    def results(self, op):
        """What the generated function returns."""
        outputs = op.outputs
        if not self.outputs:
            return op
        if self.structured:
            outputs = self._grouped(op, outputs)
        if len(outputs) == 1:
            return outputs[0] if outputs[0] != [] else op
        return self.result._make(outputs)

    def _grouped(self, op, outputs):
        groups, at = [], 0
        for _, number_attr, type_list_attr in self.outputs:
            if number_attr:
                count = op.get_attr(number_attr)
            elif type_list_attr:
                count = len(op.get_attr(type_list_attr))
            else:
                groups.append(outputs[at])
                at += 1
                continue
            groups.append(list(outputs[at:at + count]))
            at += count
        return groups


_ops = {}


def _definition(op_type):
    definition = _core.op_def(op_type)
    if definition is None:
        raise RuntimeError("Unrecognized Op name " + op_type)
    from retrograph import protos
    return protos.OpDef.FromString(definition)


def _lookup(op_type):
    op = _ops.get(op_type)
    if op is None:
        op = _ops[op_type] = _Op(op_type, _definition(op_type))
    return op


def _flat(values):
    for value in values:
        if isinstance(value, (list, tuple)):
            yield from value
        else:
            yield value


def add(op_type, name=None, **arguments):
    """Adds an op and returns the Operation."""
    op = _lookup(op_type)
    inputs = []
    for argument in op.inputs:
        if argument not in arguments:
            raise TypeError("No argument for input " + argument)
        value = arguments.pop(argument)
        if argument in op.counted_inputs and not isinstance(value,
                                                            (list, tuple)):
            raise TypeError("Expected list for '%s' argument to '%s' Op, not "
                            "%r." % (argument, function_name(op_type), value))
        inputs.append(value)
    graph = ops._graph_from_inputs(_flat(inputs))
    name = graph._node_name(name, op_type)
    if graph is ops.get_default_graph():
        return graph._operation(_core.apply_op(
            graph._c, op_type, tuple(inputs), arguments, name))
    with graph.as_default():
        return graph._operation(_core.apply_op(
            graph._c, op_type, tuple(inputs), arguments, name))


def apply_op(op_type, name=None, **arguments):
    """Adds an op and returns its outputs as TensorFlow's functions do."""
    return _ops_results(op_type, add(op_type, name, **arguments))


def _ops_results(op_type, operation):
    return _lookup(op_type).results(operation)


def _identifier(name):
    return name + "_" if keyword.iskeyword(name) else name


def function_name(op_type):
    """MatMul -> mat_mul, Conv2DBackpropInput -> conv2d_backprop_input."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=.)(?=[A-Z][a-z])", "_",
                  op_type).lower()


def function(op_type, name=None, keywords_only=False):
    """The function that TensorFlow generates for an op."""
    op = _lookup(op_type)
    kind = (inspect.Parameter.KEYWORD_ONLY if keywords_only else
            inspect.Parameter.POSITIONAL_OR_KEYWORD)
    renamed = _RENAMED.get(op_type, {})

    def parameter_name(argument):
        return _identifier(renamed.get(argument, argument))
    parameters = [inspect.Parameter(parameter_name(a), kind)
                  for a in op.inputs + op.required]
    parameters += [inspect.Parameter(parameter_name(a), kind, default=None)
                   for a in op.optional + ["name"]]
    signature = inspect.Signature(parameters)
    plain = {parameter_name(a): a for a in op.arguments()}
    names = list(signature.parameters)
    required = {parameter_name(a) for a in op.inputs + op.required}

    def bound(args, kwargs):
        """The arguments by name: those of a right call without inspect."""
        arguments = dict(zip(names, args))
        if (len(args) <= len(names) and kwargs.keys() <= signature.parameters
                .keys() and not arguments.keys() & kwargs.keys()):
            arguments.update(kwargs)
            if required <= arguments.keys():
                return arguments
        return signature.bind(*args, **kwargs).arguments

    def call(*args, **kwargs):
        if args and keywords_only:
            raise TypeError(
                "%s only takes keyword args (possible keys: %s). Please pass "
                "these args as kwargs instead."
                % (call.__name__, list(signature.parameters)))
        try:
            arguments = bound(args, kwargs)
        except TypeError as e:
            raise TypeError(_wrong_call(call.__name__, signature, args, kwargs,
                                        e)) from None
        op_name = arguments.pop("name", None)
        return apply_op(op_type, op_name,
                        **{plain[k]: v for k, v in arguments.items()})
    call.__name__ = call.__qualname__ = name or function_name(op_type)
    call.__signature__ = signature
    call.__doc__ = "The op %s." % op_type
    return call


def documented_function(op_type, name=None, keywords_only=False):
    """The same for users: with a docstring that says all of its arguments."""
    from retrograph.framework import op_docs
    value = function(op_type, name, keywords_only)
    value.__doc__ = op_docs.of(op_type, _definition(op_type),
                               value.__signature__)
    return value


def _wrong_call(name, signature, args, kwargs, error):
    """What Python says of a call that does not fit the signature."""
    unknown = [k for k in kwargs if k not in signature.parameters]
    if unknown:
        return "%s() got an unexpected keyword argument %r" % (name,
                                                               unknown[0])
    missing = [repr(p.name)
               for p in list(signature.parameters.values())[len(args):]
               if p.default is p.empty and p.name not in kwargs]
    if not missing:
        return "%s() %s" % (name, error)
    listed = missing[0] if len(missing) == 1 else "%s%s and %s" % (
        ", ".join(missing[:-1]), "," * (len(missing) > 2), missing[-1])
    return "%s() missing %d required positional argument%s: %s" % (
        name, len(missing), "s" * (len(missing) > 1), listed)


class _RawOps:
    """tf.raw_ops: each op by its type; arguments by keyword."""

    def __getattr__(self, op_type):
        if _core.op_def(op_type) is None:
            raise AttributeError("module 'tensorflow.raw_ops' has no op %r"
                                 % op_type)
        value = documented_function(op_type, op_type, keywords_only=True)
        setattr(self, op_type, value)
        return value

    def __dir__(self):
        return list(_core.op_names())


raw_ops = _RawOps()


class GeneratedOps:
    """A gen_..._ops module: ops by the names of their functions.

    One stands for TensorFlow's dozens, so each of these lists every op.
    """

    _types = functools.cached_property(
        lambda self: {function_name(t): t for t in _core.op_names()})

    def __dir__(self):
        return sorted(self._types)

    @property
    def __all__(self):
        return dir(self)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        op_type = self._types.get(name.strip("_"))
        if op_type is None:
            raise AttributeError("there is no op function %r" % name)
        value = function(op_type, name)
        self.__dict__[name] = value
        return value


gen = GeneratedOps()