"""TensorInfos, and paths in a SavedModel."""
import os

from retrograph import _core
from retrograph.compat import bytes_text
from retrograph.framework import dtypes
from retrograph.framework import meta_graph
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
    info = protos.TensorInfo(
        dtype=dtypes.as_dtype(tensor.dtype).as_datatype_enum,
        tensor_shape=tensor.get_shape().as_proto())
    if isinstance(tensor, sparse_tensor.SparseTensor):
        info.coo_sparse.values_tensor_name = tensor.values.name
        info.coo_sparse.indices_tensor_name = tensor.indices.name
        info.coo_sparse.dense_shape_tensor_name = tensor.dense_shape.name
    else:
        info.name = tensor.name
    return info


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
    if tensor_info.WhichOneof("encoding") == "coo_sparse":
        names = tensor_info.coo_sparse
        return sparse_tensor.SparseTensor(*(
            graph.get_tensor_by_name(
                meta_graph.prepend_name_scope(name, import_scope))
            for name in (names.indices_tensor_name, names.values_tensor_name,
                         names.dense_shape_tensor_name)))
    return graph._tensor(_core.get_tensor_from_tensor_info(
        graph._c, tensor_info.SerializeToString(), import_scope or ""))


def get_variables_dir(export_dir):
    return os.path.join(bytes_text.as_text(export_dir),
                        constants.VARIABLES_DIRECTORY)


def get_variables_path(export_dir):
    return os.path.join(get_variables_dir(export_dir),
                        constants.VARIABLES_FILENAME)


def get_assets_dir(export_dir):
    return os.path.join(bytes_text.as_text(export_dir),
                        constants.ASSETS_DIRECTORY)
