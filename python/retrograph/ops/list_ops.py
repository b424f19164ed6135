"""Lists of tensors as one value, of dtype variant.

The ops themselves, under the names of their generated functions, are here too.
"""
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.framework import tensor_shape
from retrograph.ops import control_flow_ops

_gen = op_library.gen


def __getattr__(name):
    return getattr(_gen, name)


def _shape(shape):
    """An element_shape argument: -1 for what is not known."""
    if isinstance(shape, ops.Tensor):
        return shape
    if isinstance(shape, tensor_shape.TensorShape):
        shape = None if shape.ndims is None else shape.as_list()
    if shape is None:
        return -1
    if not shape:  # would be floats
        return ops.convert_to_tensor(shape, dtype=dtypes.int32)
    sizes = [d.value if isinstance(d, tensor_shape.Dimension) else d
             for d in shape]
    return [-1 if d is None else d for d in sizes]


def empty_tensor_list(element_shape, element_dtype, max_num_elements=None,
                      name=None):
    most = -1 if max_num_elements is None else max_num_elements
    return _gen.empty_tensor_list(_shape(element_shape), most, element_dtype,
                                  name=name)


def tensor_list_reserve(element_shape, num_elements, element_dtype, name=None):
    return _gen.tensor_list_reserve(_shape(element_shape), num_elements,
                                    element_dtype, name=name)


def tensor_list_from_tensor(tensor, element_shape, name=None):
    return _gen.tensor_list_from_tensor(tensor, _shape(element_shape),
                                        name=name)


def tensor_list_get_item(input_handle, index, element_dtype,
                         element_shape=None, name=None):
    return _gen.tensor_list_get_item(
        input_handle, index, _shape(element_shape), element_dtype, name=name)


def tensor_list_pop_back(input_handle, element_dtype, name=None):
    return _gen.tensor_list_pop_back(input_handle, -1, element_dtype,
                                     name=name)


def tensor_list_gather(input_handle, indices, element_dtype,
                       element_shape=None, name=None):
    return _gen.tensor_list_gather(
        input_handle, indices, _shape(element_shape), element_dtype, name=name)


def tensor_list_scatter(tensor, indices, element_shape=None,
                        input_handle=None, name=None):
    if input_handle is not None:
        return _gen.tensor_list_scatter_into_existing_list(
            input_handle, tensor, indices, name=name)
    return _gen.tensor_list_scatter_v2(tensor, indices, _shape(element_shape),
                                       -1, name=name)


def tensor_list_stack(input_handle, element_dtype, num_elements=-1,
                      element_shape=None, name=None):
    return _gen.tensor_list_stack(input_handle, _shape(element_shape),
                                  element_dtype, num_elements, name=name)


def tensor_list_concat(input_handle, element_dtype, element_shape=None,
                       name=None):
    shape = _shape(element_shape)
    dims = ops.convert_to_tensor([], dtype=dtypes.int64)
    return _gen.tensor_list_concat_v2(input_handle, shape, dims, element_dtype,
                                      name=name)[0]


def tensor_list_split(tensor, element_shape, lengths, name=None):
    return _gen.tensor_list_split(tensor, _shape(element_shape), lengths,
                                  name=name)


def tensor_list_set_item(input_handle, index, item,
                         resize_if_index_out_of_bounds=False, name=None):
    """`item` at `index`. A list that is too short is made longer on request."""
    handle = input_handle
    if resize_if_index_out_of_bounds:
        size = _gen.tensor_list_length(input_handle)
        handle = control_flow_ops.cond(
            index >= size,
            lambda: _gen.tensor_list_resize(input_handle, index + 1),
            lambda: input_handle)
    return _gen.tensor_list_set_item(handle, index, item, name=name)
