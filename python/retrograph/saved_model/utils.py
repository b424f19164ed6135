"""TensorInfos, and paths in a SavedModel."""
import os

from retrograph import _core
from retrograph.compat import bytes_text
from retrograph.framework import dtypes
from retrograph.framework import ops
from retrograph.framework import sparse_tensor
from retrograph.platform import deprecation
from retrograph.saved_model import constants


@deprecation.deprecated(
    "tensorflow.python.saved_model.utils_impl",
    "This function will only be available through the v1 compatibility "
    "library as tf.compat.v1.saved_model.utils.build_tensor_info or "
    "tf.compat.v1.saved_model.build_tensor_info.")
def build_tensor_info(tensor):
    """Name, dtype and static shape of a tensor (or variable), or the names of
    a SparseTensor's parts."""
    from retrograph import protos
    if isinstance(tensor, sparse_tensor.SparseTensor):
        return protos.TensorInfo.FromString(_core.build_sparse_tensor_info(
            tensor.indices, tensor.values, tensor.dense_shape))
    return protos.TensorInfo(  # in the order in which TensorFlow asks
        dtype=dtypes.as_dtype(tensor.dtype).as_datatype_enum,
        tensor_shape=tensor.get_shape().as_proto(),
        name=tensor.name)


def build_tensor_info_from_op(op):
    """A TensorInfo that only names an op."""
    from retrograph import protos
    return protos.TensorInfo.FromString(
        _core.build_tensor_info_from_op(op.name))


@deprecation.deprecated(
    "tensorflow.python.saved_model.utils_impl",
    "This function will only be available through the v1 compatibility "
    "library as "
    "tf.compat.v1.saved_model.utils.get_tensor_from_tensor_info or "
    "tf.compat.v1.saved_model.get_tensor_from_tensor_info.")
def get_tensor_from_tensor_info(tensor_info, graph=None, import_scope=None):
    """The tensor or SparseTensor that a TensorInfo describes."""
    graph = graph or ops.get_default_graph()
    tensors = [graph._tensor(t) for t in _core.get_tensor_from_tensor_info(
        graph._c, tensor_info.SerializeToString(), import_scope or "")]
    return (tensors[0] if len(tensors) == 1
            else sparse_tensor.SparseTensor(*tensors))


def get_variables_dir(export_dir):
    return os.path.join(bytes_text.as_text(export_dir),
                        constants.VARIABLES_DIRECTORY)


def get_variables_path(export_dir):
    return os.path.join(get_variables_dir(export_dir),
                        constants.VARIABLES_FILENAME)


def get_assets_dir(export_dir):
    return os.path.join(bytes_text.as_text(export_dir),
                        constants.ASSETS_DIRECTORY)
