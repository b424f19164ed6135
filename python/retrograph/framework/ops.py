"""What TensorFlow's module of this name has: graphs and what they are made of.

Each part is in a file of its own; importing this one puts them together.
"""
# flake8: noqa: F401
from retrograph.framework.conversion import convert_n_to_tensor
from retrograph.framework.conversion import convert_to_tensor
from retrograph.framework.conversion import convert_to_tensor_or_composite
from retrograph.framework.conversion import internal_convert_n_to_tensor
from retrograph.framework.conversion import internal_convert_to_tensor
from retrograph.framework.conversion import is_dense_tensor_like
from retrograph.framework.conversion import register_tensor_conversion_function
from retrograph.framework.conversion import set_constant_conversion
from retrograph.framework.core_hooks import _in_graph
from retrograph.framework.default_graph import _get_graph_from_inputs
from retrograph.framework.default_graph import _graph_from_inputs
from retrograph.framework.default_graph import add_to_collection
from retrograph.framework.default_graph import add_to_collections
from retrograph.framework.default_graph import colocate_with
from retrograph.framework.default_graph import container
from retrograph.framework.default_graph import control_dependencies
from retrograph.framework.default_graph import device
from retrograph.framework.default_graph import executing_eagerly
from retrograph.framework.default_graph import executing_eagerly_outside_functions
from retrograph.framework.default_graph import get_all_collection_keys
from retrograph.framework.default_graph import get_collection
from retrograph.framework.default_graph import get_collection_ref
from retrograph.framework.default_graph import get_default_graph
from retrograph.framework.default_graph import has_default_graph
from retrograph.framework.default_graph import init_scope
from retrograph.framework.default_graph import inside_function
from retrograph.framework.default_graph import name_scope
from retrograph.framework.default_graph import op_scope
from retrograph.framework.default_graph import reset_default_graph
from retrograph.framework.default_session import _default_session_stack
from retrograph.framework.default_session import default_session
from retrograph.framework.default_session import get_default_session
from retrograph.framework.gradient_registry import NoGradient
from retrograph.framework.gradient_registry import NotDifferentiable
from retrograph.framework.gradient_registry import RegisterGradient
from retrograph.framework.graph import Graph
from retrograph.framework.graph import _default_graph_stack
from retrograph.framework.graph import _graphs
from retrograph.framework.graph_keys import GraphKeys
from retrograph.framework.indexed_slices import IndexedSlices
from retrograph.framework.indexed_slices import IndexedSlicesValue
from retrograph.framework.indexed_slices import convert_n_to_tensor_or_indexed_slices
from retrograph.framework.indexed_slices import convert_to_tensor_or_indexed_slices
from retrograph.framework.operation import Operation
from retrograph.framework.proto_functions import get_collection_proto_type
from retrograph.framework.proto_functions import get_from_proto_function
from retrograph.framework.proto_functions import get_to_proto_function
from retrograph.framework.proto_functions import register_proto_function
from retrograph.framework.tensor import Tensor
from retrograph.framework.tensor import _Ref

internal_convert_to_tensor_or_indexed_slices = convert_to_tensor_or_indexed_slices
