"""Iterators over datasets."""
import contextlib

from retrograph.data import structure
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.framework import tensor_shape
from retrograph.training import saver

_GLOBAL_ITERATORS = "iterators"


class Iterator:
    """A place in a dataset, which each run of get_next() moves on."""

    def __init__(self, iterator_resource, initializer, output_types,
                 output_shapes, output_classes=None):
        self._iterator_resource = iterator_resource
        self._initializer = initializer
        self._types, self._shapes = output_types, output_shapes
        self._string_handle = op_library.apply_op(
            "IteratorToStringHandle", None, resource_handle=iterator_resource)
        ops.add_to_collection(_GLOBAL_ITERATORS, iterator_resource)

    output_types = property(
        lambda self: self._types,
        doc="The DTypes of an element's parts, in its structure.")
    output_shapes = property(
        lambda self: self._shapes,
        doc="The TensorShapes of an element's parts, in its structure.")

    @property
    def output_classes(self):
        """Tensor for each of an element's parts, in its structure."""
        return structure.map_leaves(lambda _: ops.Tensor, self._types)

    @property
    def initializer(self):
        """The op that starts (again) at the dataset's first element."""
        if self._initializer is None:
            raise ValueError("Iterator does not have an initializer.")
        return self._initializer

    @staticmethod
    def from_structure(output_types, output_shapes=None, shared_name=None,
                       output_classes=None):
        """An iterator that make_initializer() gives its dataset later."""
        types = structure.map_leaves(dtypes.as_dtype, output_types)
        if output_shapes is None:
            shapes = structure.map_leaves(
                lambda _: tensor_shape.unknown_shape(), types)
        else:
            # A shape may be given as a list or a tuple of numbers.
            shapes = _shapes_like(types, output_shapes)
        graph = ops.get_default_graph()
        # On the CPU, unless the user has said where.
        place = (contextlib.nullcontext() if graph._in_device_scope()
                 else graph.device("/cpu:0"))
        with place:
            resource = _new_resource(types, shapes, shared_name)
        return Iterator(resource, None, types, shapes)

    def make_initializer(self, dataset, name=None):
        """An op that starts at the first element of `dataset`."""
        with ops.name_scope(name, "make_initializer") as scope:
            if dataset.output_types != self._types:
                raise TypeError(
                    "Expected output types %r but got dataset with output "
                    "types %r." % (self._types, dataset.output_types))
            for mine, theirs in zip(structure.flatten(self._shapes),
                                    structure.flatten(dataset.output_shapes)):
                if not mine.is_compatible_with(theirs):
                    raise TypeError(
                        "Expected output shapes compatible with %r but got "
                        "dataset with output shapes %r."
                        % (self._shapes, dataset.output_shapes))
            with ops.colocate_with(self._iterator_resource):
                return op_library.apply_op(
                    "MakeIterator", scope, dataset=dataset._variant_tensor,
                    iterator=self._iterator_resource)

    def get_next(self, name=None):
        """The next element's tensors.

        Raises (when run): OutOfRangeError at the end.
        """
        tensors = op_library.apply_op(
            "IteratorGetNext", name, iterator=self._iterator_resource,
            output_types=structure.flatten(self._types),
            output_shapes=structure.flatten(self._shapes))
        return structure.pack(self._types, tensors)

    def string_handle(self, name=None):
        """Its handle as text, a scalar of string.

        Without a name it is the same tensor in each call.
        """
        if name is None:
            return self._string_handle
        return op_library.apply_op("IteratorToStringHandle", name,
                                   resource_handle=self._iterator_resource)


def _shapes_like(types, shapes):
    if isinstance(types, dict):
        return type(types)((key, _shapes_like(types[key], shapes[key]))
                           for key in types)
    if isinstance(types, tuple):
        children = [_shapes_like(t, s) for t, s in zip(types, shapes)]
        return type(types)(*children) if hasattr(types, "_fields") else \
            tuple(children)
    return tensor_shape.as_shape(shapes)


def _new_resource(types, shapes, shared_name):
    return op_library.apply_op(
        "IteratorV2", None, container="", shared_name=shared_name or "",
        output_types=structure.flatten(types),
        output_shapes=structure.flatten(shapes))


def make_initializable_iterator(dataset, shared_name=None):
    """An iterator that its `initializer` starts."""
    if dataset._variant_tensor.graph is not ops.get_default_graph():
        raise ValueError("Cannot capture a dataset of another graph")
    optimized = dataset._apply_options()
    resource = _new_resource(dataset.output_types, dataset.output_shapes,
                             shared_name)
    with ops.colocate_with(resource):
        initializer = op_library.apply_op(
            "MakeIterator", None, dataset=optimized._variant_tensor,
            iterator=resource)
    return Iterator(resource, initializer, dataset.output_types,
                    dataset.output_shapes)


# ---- One-shot iterators -----------------------------------------------------

def _needed(tensor):
    """The ops that make a dataset, inputs first; ValueError if it holds
    something that a function cannot have by value."""
    order, seen = [], set()

    def visit(op):
        if op in seen:
            return
        seen.add(op)
        if op.type in ("Placeholder", "PlaceholderWithDefault"):
            raise ValueError("Cannot capture a placeholder (name:%s, type:%s) "
                             "by value." % (op.name, op.type))
        if op.op_def.is_stateful and not any(
                t.dtype == dtypes.variant for t in op.outputs):
            raise ValueError(
                "Failed to create a one-shot iterator for a dataset. "
                "`Dataset.make_one_shot_iterator()` does not support datasets "
                "that capture stateful objects, such as a `Variable` or "
                "`LookupTable`. In these cases, use "
                "`Dataset.make_initializable_iterator()`. (Original error: "
                "Cannot capture a stateful node (name:%s, type:%s) by value.)"
                % (op.name, op.type))
        for tensor in op.inputs:
            visit(tensor.op)
        order.append(op)
    visit(tensor.op)
    return order


def _input_in_function(tensor, prefix):
    """"a:0" as a function's node has it: "prefix/a:output:0"."""
    index = tensor.value_index
    for arg in tensor.op.op_def.output_arg:
        count = 1
        if arg.number_attr:
            count = tensor.op.get_attr(arg.number_attr)
        elif arg.type_list_attr:
            count = len(tensor.op.get_attr(arg.type_list_attr))
        if index < count:
            return "%s%s:%s:%d" % (prefix, tensor.op.name, arg.name, index)
        index -= count
    raise ValueError("%s has no such output" % tensor)


def _copied_nodes(function, ops_to_copy, prefix, inputs_of):
    for op in ops_to_copy:
        node = function.node_def.add()
        node.CopyFrom(op.node_def)
        node.name = prefix + op.name
        del node.input[:]
        node.input.extend(inputs_of(op))


def _dataset_factory(dataset):
    """The function that makes the dataset: a FunctionDef."""
    from retrograph import protos
    from retrograph.data import dataset_ops
    needed = _needed(dataset._variant_tensor)
    prefix = "OptimizeDataset/"
    with ops.Graph().as_default():
        # The ends of the pipeline, over a stand-in for the dataset.
        stand_in = dataset_ops.Dataset.range(1)
        stand_in._element_spec = dataset.element_spec
        model = stand_in._apply_options()._variant_tensor.op
        optimize = model.inputs[0].op
        function = protos.FunctionDef()
        signature = function.signature
        signature.output_arg.add(name="modeldataset",
                                 type=protos.DataType.Value("DT_VARIANT"))
        signature.description = "Factory function for a dataset."
        signature.is_stateful = True
        _copied_nodes(function, [optimize.inputs[1].op], "", lambda op: [])
        _copied_nodes(function, needed, prefix, lambda op: [
            _input_in_function(t, prefix) for t in op.inputs])
        _copied_nodes(function, [optimize], "", lambda op: [
            _input_in_function(dataset._variant_tensor, prefix),
            _input_in_function(optimize.inputs[1], "")])
        _copied_nodes(function, [model], "", lambda op: [
            _input_in_function(op.inputs[0], "")])
    function.ret["modeldataset"] = "ModelDataset:handle:0"
    function.attr["_disable_call_shape_inference"].b = True
    import base64
    import hashlib
    digest = hashlib.sha1(
        function.SerializeToString(deterministic=True)).digest()
    # Letters and digits alone, as TensorFlow's hash (another one) has.
    signature.name = "_make_dataset_" + base64.b64encode(
        digest[:8], b"aA").decode().rstrip("=")
    return function


def make_one_shot_iterator(dataset):
    """An iterator that needs no initialiser and has no second go."""
    from retrograph import protos
    graph = ops.get_default_graph()
    if dataset._variant_tensor.graph is not graph:
        raise ValueError("Cannot capture a dataset of another graph")
    function = _dataset_factory(dataset)
    graph._c.add_functions(protos.FunctionDefLibrary(
        function=[function]).SerializeToString())
    resource = op_library.apply_op(
        "OneShotIterator", None,
        dataset_factory=protos.NameAttrList(name=function.signature.name),
        output_types=structure.flatten(dataset.output_types),
        output_shapes=structure.flatten(dataset.output_shapes))
    return Iterator(resource, None, dataset.output_types,
                    dataset.output_shapes)


# ---- Saving -----------------------------------------------------------------

class _Saveable(saver.SaveableObject):
    """An iterator's place, for a Saver."""

    def __init__(self, resource):
        state = op_library.apply_op("SerializeIterator", None,
                                    resource_handle=resource)
        super().__init__(
            resource, [saver.SaveSpec(state, "", resource.name + "-state")],
            resource.name)

    def restore(self, restored_tensors, restored_shapes):
        with ops.colocate_with(self.op):
            return op_library.apply_op(
                "DeserializeIterator", None, resource_handle=self.op,
                serialized=restored_tensors[0])


def make_saveable_from_iterator(iterator, external_state_policy="fail"):
    """A SaveableObject for collection SAVEABLE_OBJECTS."""
    return _Saveable(iterator._iterator_resource)


Iterator.__module__ = "tensorflow.python.data.ops.iterator_ops"
