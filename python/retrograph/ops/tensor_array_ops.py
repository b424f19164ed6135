"""tf.TensorArray: tensors that are written and read one by one, in loops."""
import contextlib

from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.framework import tensor_shape

_gen = op_library.gen


def _check_dtype(value, dtype):
    if value.dtype != dtype:
        raise ValueError(
            "Input value has dtype %s, but expected dtype %s.  This leads to "
            "undefined behavior and will be an error in future versions of "
            "TensorFlow.  Traceback:\n%s" % (value.dtype, dtype, ""))


class TensorArray:
    """Tensors of one type, each written once.

    The array itself lives in a run of a session; `flow` orders what is done to
    it, so each write returns an array with a new flow to go on with.
    """

    def __init__(self, dtype, size=None, dynamic_size=None,
                 clear_after_read=None, tensor_array_name=None, handle=None,
                 flow=None, infer_shape=True, element_shape=None,
                 colocate_with_first_write_call=True, name=None):
        if handle is not None and tensor_array_name:
            raise ValueError(
                "Cannot construct with both handle and tensor_array_name")
        if handle is not None and not isinstance(handle, ops.Tensor):
            raise TypeError("Handle must be a Tensor")
        if handle is None and size is None:
            raise ValueError("Size must be provided if handle is not provided")
        for argument, value in (
                ("a handle and size", size),
                ("a handle and element_shape", element_shape),
                ("a handle and dynamic_size", dynamic_size),
                ("a handle and clear_after_read", clear_after_read)):
            if handle is not None and value is not None:
                raise ValueError("Cannot provide both %s at the same time"
                                 % argument)
        self._dynamic_size = dynamic_size or False
        self._dtype = dtypes.as_dtype(dtype).base_dtype
        # What the first write is colocated with, the others follow.
        self._colocate_with = [] if colocate_with_first_write_call else None
        # Shared with the arrays that go on from this one.
        self._element_shape = [tensor_shape.as_shape(element_shape)]
        self._infer_shape = infer_shape
        with ops.name_scope(name, "TensorArray",
                            [handle, size, flow]) as scope:
            if handle is not None:
                if flow is None:
                    raise ValueError(
                        "flow must not be None if handle is not None.")
                self._handle, self._flow = handle, flow
                return
            arguments = dict(
                dtype=self._dtype, size=size, element_shape=element_shape,
                identical_element_shapes=infer_shape,
                dynamic_size=self._dynamic_size,
                clear_after_read=clear_after_read is None or clear_after_read,
                tensor_array_name=tensor_array_name, name=scope)
            if not colocate_with_first_write_call:
                self._handle, self._flow = _gen.tensor_array_v3(**arguments)
                return
            with ops.device(None), ops.colocate_with(None,
                                                     ignore_existing=True):
                self._handle, self._flow = _gen.tensor_array_v3(**arguments)

    flow = property(lambda self: self._flow,
                    doc="The Tensor that orders what is done to the array.")
    dtype = property(lambda self: self._dtype,
                     doc="The DType of the elements.")
    handle = property(lambda self: self._handle, doc="The handle, a Tensor.")
    element_shape = property(
        lambda self: self._element_shape[0],
        doc="What is known of an element's shape, a TensorShape.")
    dynamic_size = property(
        lambda self: self._dynamic_size,
        doc="Whether a write beyond the end makes it longer.")

    def _with_flow(self, flow):
        """The same array, further on."""
        array = TensorArray(
            dtype=self._dtype, handle=self._handle, flow=flow,
            infer_shape=self._infer_shape,
            colocate_with_first_write_call=self._colocate_with is not None)
        array._dynamic_size = self._dynamic_size
        array._colocate_with = self._colocate_with
        array._element_shape = self._element_shape
        return array

    def _check_element_shape(self, shape):
        if not shape.is_compatible_with(self.element_shape):
            raise ValueError("Inconsistent shapes: saw %s but expected %s "
                             % (shape, self.element_shape))
        if self._infer_shape:
            self._element_shape[0] = self.element_shape.merge_with(shape)

    @contextlib.contextmanager
    def _with_first_write(self, value):
        if self._colocate_with is None:
            yield
            return
        if not self._colocate_with:
            self._colocate_with.append(value)
        with ops.colocate_with(self._colocate_with[0]):
            yield

    def identity(self):
        """This array, with a flow of its own."""
        return self._with_flow(_gen.identity(self._flow))

    def grad(self, source, flow=None, name=None):
        """The array for the gradients of this one, in one tf.gradients."""
        flow = self.flow if flow is None else flow
        with ops.name_scope(name, "TensorArrayGrad", [self._handle]):
            with ops.colocate_with(self._handle):
                handle, _ = _gen.tensor_array_grad_v3(
                    handle=self._handle, source=source, flow_in=flow,
                    name=name)
                with ops.control_dependencies([handle]):
                    flow = _gen.identity(flow, name="gradient_flow")
                array = TensorArray(
                    dtype=self._dtype, handle=handle, flow=flow,
                    infer_shape=self._infer_shape,
                    colocate_with_first_write_call=False)
                array._element_shape = self._element_shape
                return array

    def read(self, index, name=None):
        """The element at `index`, which can be read once."""
        value = _gen.tensor_array_read_v3(
            handle=self._handle, index=index, flow_in=self._flow,
            dtype=self._dtype, name=name)
        value.set_shape(self.element_shape)
        return value

    def write(self, index, value, name=None):
        """An array whose element at `index` is `value`."""
        with ops.name_scope(name, "TensorArrayWrite",
                            [self._handle, index, value]):
            value = ops.convert_to_tensor(value, preferred_dtype=self._dtype,
                                          name="value")
            _check_dtype(value, self._dtype)
            self._check_element_shape(value.shape)
            with self._with_first_write(value):
                flow = _gen.tensor_array_write_v3(
                    handle=self._handle, index=index, value=value,
                    flow_in=self._flow, name=name)
            return self._with_flow(flow)

    def stack(self, name=None):
        """All elements as one tensor."""
        from retrograph.ops import math_ops
        with ops.colocate_with(self._handle):
            with ops.name_scope(name, "TensorArrayStack", [self._handle]):
                return self.gather(math_ops.range(0, self.size()), name=name)

    def gather(self, indices, name=None):
        """Some elements as one tensor."""
        value = _gen.tensor_array_gather_v3(
            handle=self._handle, indices=indices, flow_in=self._flow,
            dtype=self._dtype, name=name, element_shape=self.element_shape)
        if self.element_shape.dims is not None:
            value.set_shape([None] + self.element_shape.as_list())
        return value

    def concat(self, name=None):
        """All elements, one behind the other."""
        value, _ = _gen.tensor_array_concat_v3(
            handle=self._handle, flow_in=self._flow, dtype=self._dtype,
            name=name, element_shape_except0=self.element_shape[1:])
        if self.element_shape.dims is not None:
            value.set_shape([None] + self.element_shape.as_list()[1:])
        return value

    def unstack(self, value, name=None):
        """An array of the rows of `value`."""
        from retrograph.ops import array_ops
        from retrograph.ops import math_ops
        with ops.name_scope(name, "TensorArrayUnstack", [self._handle, value]):
            count = array_ops.shape(value)[0]
            return self.scatter(indices=math_ops.range(0, count), value=value,
                                name=name)

    def scatter(self, indices, value, name=None):
        """An array whose elements at `indices` are the rows of `value`."""
        with ops.name_scope(name, "TensorArrayScatter",
                            [self._handle, value, indices]):
            value = ops.convert_to_tensor(value, preferred_dtype=self._dtype,
                                          name="value")
            _check_dtype(value, self._dtype)
            self._check_element_shape(value.shape[1:])
            with self._with_first_write(value):
                flow = _gen.tensor_array_scatter_v3(
                    handle=self._handle, indices=indices, value=value,
                    flow_in=self._flow, name=name)
            return self._with_flow(flow)

    def split(self, value, lengths, name=None):
        """An array of parts of `value`, so many rows each."""
        from retrograph.ops import math_ops
        with ops.name_scope(name, "TensorArraySplit",
                            [self._handle, value, lengths]):
            value = ops.convert_to_tensor(value, dtype=self._dtype,
                                          name="value")
            with self._with_first_write(value):
                lengths = math_ops.cast(lengths, dtypes.int64)
                known = constant_op.constant_value(lengths)
                if (value.shape.dims is not None and known is not None and
                        known.shape and known.max() == known.min()):
                    self._check_element_shape(
                        tensor_shape.TensorShape([known[0]]).concatenate(
                            value.shape[1:]))
                flow = _gen.tensor_array_split_v3(
                    handle=self._handle, value=value, lengths=lengths,
                    flow_in=self._flow, name=name)
            return self._with_flow(flow)

    def size(self, name=None):
        """How many elements it has, an int32 scalar."""
        return _gen.tensor_array_size_v3(handle=self._handle,
                                         flow_in=self.flow, name=name)

    def close(self, name=None):
        """An Operation that frees its elements."""
        return _gen.tensor_array_close_v3(handle=self._handle, name=name)


def flow_of(value):
    """The flow, if it is an array: what a loop carries."""
    return value._flow if isinstance(value, TensorArray) else value


def arrays_again(originals, tensors):
    """The arrays that the flows among `tensors` are of."""
    return [original._with_flow(tensor)
            if isinstance(original, TensorArray) else tensor
            for original, tensor in zip(originals, tensors)]
