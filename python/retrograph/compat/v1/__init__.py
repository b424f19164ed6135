"""TensorFlow 1.15's API over retrograph: import retrograph.compat.v1 as tf.

The names are put together here: classes and composed functions from the
package's modules, one-op functions from the registry (a line in the tables
below, or none: tf.raw_ops has every op).
"""
import importlib
import sys

import retrograph
from retrograph import api
from retrograph import contrib
from retrograph import protos
from retrograph import python_io
from retrograph.client import session
from retrograph.compat import bytes_text
from retrograph.compat import learning_api
from retrograph.data import dataset_ops
from retrograph.data import experimental as dataset_experimental
from retrograph.data import iterator_ops
from retrograph.data import readers as dataset_readers
from retrograph.framework import constant_op
from retrograph.framework import device as device_lib
from retrograph.framework import dtypes
from retrograph.framework import errors as _errors
from retrograph.framework import graph_io
from retrograph.framework import graph_util
from retrograph.framework import importer
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.framework import sparse_tensor
from retrograph.framework import tensor_shape
from retrograph.framework import tensor_spec
from retrograph.ops import array_ops
from retrograph.ops import check_ops
from retrograph.ops import control_flow_ops
from retrograph.ops import data_flow_ops
from retrograph.ops import init_ops
from retrograph.ops import io_ops
from retrograph.ops import linalg_ops
from retrograph.ops import logging_ops
from retrograph.ops import lookup_ops
from retrograph.ops import math_ops
from retrograph.ops import nn_ops
from retrograph.ops import parsing_ops
from retrograph.ops import random_ops
from retrograph.ops import script_ops
from retrograph.ops import sparse_ops
from retrograph.ops import state_ops
from retrograph.ops import string_ops
from retrograph.ops import tensor_array_ops
from retrograph.ops import variable_scope as variable_scope_ops
from retrograph.ops import variables
from retrograph.platform import gfile as _gfile
from retrograph.platform import tf_logging
from retrograph.saved_model import builder as saved_model_builder
from retrograph.saved_model import constants as saved_model_constants
from retrograph.saved_model import loader as saved_model_loader
from retrograph.saved_model import main_op as saved_model_main_op
from retrograph.saved_model import signature_constants
from retrograph.saved_model import signature_def_utils
from retrograph.saved_model import tag_constants
from retrograph.saved_model import utils as saved_model_utils
from retrograph.summary import summary as summary_lib
from retrograph.summary import writer as summary_writer
from retrograph.training import basic_session_run_hooks
from retrograph.training import checkpoint_management
from retrograph.training import checkpoint_manager
from retrograph.training import checkpoint_utils
from retrograph.training import device_setter
from retrograph.training import moving_averages
from retrograph.training import coordinator
from retrograph.training import monitored_session
from retrograph.training import queue_runner
from retrograph.training import saver
from retrograph.training import session_manager
from retrograph.training import session_run_hook
from retrograph.training import supervisor
from retrograph.training import training_util
from retrograph.training import warm_starting_util
from retrograph.training.tracking import python_state
from retrograph.training.tracking import util as tracking_util


def _take(module, names):
    return {name: getattr(module, name) for name in names.split()}


def _lazy_protos(names):
    return {name: (lambda name=name: getattr(protos, name))
            for name in names.split()}


def _lazy_modules(names):
    """Modules of platform/ that take long to import, or bring absl in."""
    return {name: (lambda name=name: importlib.import_module(
                "retrograph.platform." + name)) for name in names.split()}


# Functions that are one op, with the op's own arguments.
_MATH_OPS = {
    "acos": "Acos", "acosh": "Acosh", "asin": "Asin", "asinh": "Asinh",
    "atan": "Atan", "atan2": "Atan2", "atanh": "Atanh",
    "betainc": "Betainc", "ceil": "Ceil", "cos": "Cos", "cosh": "Cosh",
    "cross": "Cross", "digamma": "Digamma", "erf": "Erf", "erfc": "Erfc",
    "exp": "Exp", "expm1": "Expm1", "floor": "Floor", "floor_div": "FloorDiv",
    "greater": "Greater", "greater_equal": "GreaterEqual",
    "igamma": "Igamma", "igammac": "Igammac", "is_finite": "IsFinite",
    "is_inf": "IsInf", "is_nan": "IsNan", "less": "Less",
    "less_equal": "LessEqual", "lgamma": "Lgamma", "log": "Log",
    "log1p": "Log1p", "logical_and": "LogicalAnd",
    "logical_not": "LogicalNot", "logical_or": "LogicalOr",
    "maximum": "Maximum", "minimum": "Minimum",
    "polygamma": "Polygamma", "reciprocal": "Reciprocal", "rint": "Rint",
    "rsqrt": "Rsqrt", "segment_max": "SegmentMax",
    "segment_mean": "SegmentMean", "segment_min": "SegmentMin",
    "segment_prod": "SegmentProd", "segment_sum": "SegmentSum",
    "sign": "Sign", "sin": "Sin", "sinh": "Sinh", "softplus": "Softplus",
    "softsign": "Softsign", "sqrt": "Sqrt", "square": "Square",
    "squared_difference": "SquaredDifference", "tan": "Tan", "tanh": "Tanh",
    "truncatediv": "TruncateDiv", "truncatemod": "TruncateMod",
    "unsorted_segment_max": "UnsortedSegmentMax",
    "unsorted_segment_min": "UnsortedSegmentMin",
    "unsorted_segment_prod": "UnsortedSegmentProd",
    "unsorted_segment_sum": "UnsortedSegmentSum", "xlogy": "Xlogy",
    "xdivy": "Xdivy", "zeta": "Zeta",
}
_OPS = dict(_MATH_OPS, **{
    "as_string": "AsString", "batch_to_space_nd": "BatchToSpaceND",
    "bitcast": "Bitcast", "broadcast_to": "BroadcastTo",
    "check_numerics": "CheckNumerics", "decode_base64": "DecodeBase64",
    "depth_to_space": "DepthToSpace", "diag": "Diag",
    "diag_part": "DiagPart", "edit_distance": "EditDistance",
    "encode_base64": "EncodeBase64", 
    "invert_permutation": "InvertPermutation",
    "matching_files": "MatchingFiles",
    "cholesky": "Cholesky", "matrix_band_part": "MatrixBandPart",
    "matrix_determinant": "MatrixDeterminant",
    "matrix_inverse": "MatrixInverse", "matrix_solve": "MatrixSolve",
    "matrix_triangular_solve": "MatrixTriangularSolve", "parallel_stack": "ParallelConcat",
    "qr": "Qr", "read_file": "ReadFile",
    "reverse": "ReverseV2", "reverse_v2": "ReverseV2",
    "scatter_nd": "ScatterNd", "searchsorted": "SearchSorted",
    "space_to_batch_nd": "SpaceToBatchND",
    "space_to_depth": "SpaceToDepth", "string_join": "StringJoin",
    "string_strip": "StringStrip",
    "string_to_hash_bucket_fast": "StringToHashBucketFast",
    "tensor_scatter_update": "TensorScatterUpdate",
    "tensor_scatter_add": "TensorScatterAdd",
    "timestamp": "Timestamp", "unique": "Unique",
    "unique_with_counts": "UniqueWithCounts",
    "unravel_index": "UnravelIndex", "write_file": "WriteFile",
})

_FRAMEWORK = dict(
    _take(ops, "Graph GraphKeys IndexedSlices Operation Tensor "
               "RegisterGradient NoGradient NotDifferentiable add_to_collection add_to_collections "
               "colocate_with container control_dependencies "
               "convert_to_tensor device executing_eagerly "
               "get_collection get_collection_ref get_default_graph "
               "get_default_session init_scope name_scope op_scope "
               "register_tensor_conversion_function reset_default_graph"),
    convert_to_tensor_or_indexed_slices=
    ops.convert_to_tensor_or_indexed_slices,
    **_take(sparse_tensor, "SparseTensor SparseTensorValue"),
    **_take(tensor_spec, "TensorSpec"), **_take(device_lib, "DeviceSpec"),
    **_take(tensor_shape, "Dimension TensorShape dimension_value "
                          "dimension_at_index"))
_CONSTANTS = _take(constant_op, "constant make_tensor_proto make_ndarray")
_ARRAY = _take(
    array_ops,
    "boolean_mask concat ensure_shape expand_dims fill gather gather_nd identity identity_n newaxis "
    "matrix_diag matrix_diag_part matrix_set_diag matrix_transpose "
    "one_hot ones ones_like pad placeholder placeholder_with_default rank "
    "reshape reverse_sequence shape size slice split squeeze stack stop_gradient strided_slice "
    "tile transpose unstack where zeros zeros_like")
_MATH = _take(
    math_ops,
    "abs add add_n argmax argmin cast conj count_nonzero cumprod cumsum div "
    "div_no_nan divide equal floordiv floormod linspace logical_xor matmul mod multiply "
    "negative not_equal pow range reduce_all reduce_any reduce_max reduce_mean "
    "reduce_min reduce_prod reduce_sum round saturate_cast sigmoid subtract "
    "tensordot to_bfloat16 to_complex128 to_complex64 to_double to_float to_int32 to_int64 truediv")
_RANDOM = _take(
    random_ops,
    "multinomial random_crop random_gamma random_normal random_poisson "
    "random_shuffle random_uniform set_random_seed truncated_normal")
_VARIABLES = dict(
    _take(variables,
          "Variable VariableAggregation VariableSynchronization "
          "all_variables assert_variables_initialized global_variables "
          "global_variables_initializer initialize_all_variables "
          "initialize_local_variables initialize_variables "
          "is_variable_initialized local_variables "
          "local_variables_initializer model_variables "
          "moving_average_variables report_uninitialized_variables "
          "trainable_variables variables_initializer"),
    **_take(variable_scope_ops,
            "AUTO_REUSE VariableScope fixed_size_partitioner "
            "get_local_variable get_variable get_variable_scope "
            "min_max_variable_partitioner variable_axis_size_partitioner "
            "variable_op_scope variable_scope"))
_STATE = _take(
    state_ops,
    "assign assign_add assign_sub count_up_to scatter_add scatter_div "
    "scatter_max scatter_min scatter_mul scatter_sub scatter_update")
_INITIALIZERS = _take(
    init_ops,
    "constant_initializer glorot_normal_initializer "
    "glorot_uniform_initializer ones_initializer random_normal_initializer "
    "random_uniform_initializer truncated_normal_initializer "
    "uniform_unit_scaling_initializer variance_scaling_initializer "
    "zeros_initializer")
_CHECKS = _take(
    check_ops,
    "assert_equal assert_greater assert_greater_equal assert_less "
    "assert_less_equal assert_negative assert_non_negative "
    "assert_non_positive assert_none_equal assert_positive")
_CONTROL = _take(control_flow_ops,
                 "Assert case cond group no_op tuple while_loop")
_QUEUES = _take(
    data_flow_ops,
    "FIFOQueue PaddingFIFOQueue PriorityQueue QueueBase RandomShuffleQueue")
_READERS = _take(
    io_ops, "FixedLengthRecordReader IdentityReader ReaderBase TFRecordReader "
            "TextLineReader WholeFileReader")
_SCRIPT = _take(script_ops, "numpy_function py_func")
_PARSING = _take(
    parsing_ops,
    "FixedLenFeature FixedLenSequenceFeature SparseFeature VarLenFeature "
    "decode_csv decode_raw parse_example parse_single_example")
_STRINGS = _take(string_ops, "reduce_join regex_replace string_split "
                            "string_to_number substr")
_SPARSE = _take(sparse_ops, "sparse_merge sparse_placeholder sparse_reorder "
                            "sparse_tensor_to_dense")
_TABLES = _take(lookup_ops, "initialize_all_tables tables_initializer")
_DTYPES = dict(
    {t[0]: getattr(dtypes, t[0]) for t in dtypes._TYPES},
    **_take(dtypes, "DType QUANTIZED_DTYPES as_dtype bool double half"))


def _always(result):
    """A function for what cannot be otherwise here."""
    def answer():
        return result
    answer.__doc__ = "Does nothing; %r, as by default in TensorFlow 1." % (
        result,) if result != "" else "There is nothing to compile against."
    return answer


_members = {}
for _group in (_FRAMEWORK, _CONSTANTS, _ARRAY, _MATH, _RANDOM, _VARIABLES,
               _STATE, _INITIALIZERS, _CHECKS, _CONTROL, _QUEUES, _TABLES,
               _READERS, _SCRIPT, _PARSING, _STRINGS, _SPARSE, _DTYPES):
    _members.update(_group)
_members.update(
    _take(session, "InteractiveSession Session"),
    OpError=_errors.OpError, Print=logging_ops.Print,
    get_seed=random_ops.get_seed, import_graph_def=importer.import_graph_def,
    get_static_value=constant_op.constant_value,
    is_tensor=check_ops.is_tensor, contains_tensor=check_ops.is_tensor,
    disable_eager_execution=_always(None), disable_v2_behavior=_always(None),
    disable_resource_variables=_always(None),
    resource_variables_enabled=_always(False),
    disable_control_flow_v2=_always(None),
    disable_tensor_equality=_always(None),
    control_flow_v2_enabled=_always(False),
    TensorArray=tensor_array_ops.TensorArray,
    wrap_function=None, no_gradient=ops.NoGradient,
    __retrograph_version__=retrograph.__version__,
    __version__="1.15.5", VERSION="1.15.5", GIT_VERSION="v1.15.5",
    COMPILER_VERSION="", GRAPH_DEF_VERSION=134,
    GRAPH_DEF_VERSION_MIN_CONSUMER=0, GRAPH_DEF_VERSION_MIN_PRODUCER=0)
_members.pop("wrap_function")

_tf = api.ApiModule(
    __name__, dict(_members, __spec__=__spec__, __file__=__file__), _OPS,
    __doc__, _lazy_modules("test app flags") | _lazy_protos(
        "AttrValue ConfigProto Event GPUOptions GraphDef GraphOptions "
        "HistogramProto LogMessage MetaGraphDef NameAttrList NodeDef "
        "OptimizerOptions RunMetadata RunOptions SessionLog Summary "
        "SummaryMetadata TensorInfo"))
_tf.__path__ = __path__
sys.modules[__name__] = _tf

# ---- Submodules -------------------------------------------------------------

api.submodule(_tf, "errors", {
    name: value for name, value in vars(_errors).items()
    if name[0].isupper() or name.endswith("_type") or "_code_" in name})
api.submodule(_tf, "raw_ops", {}, {t: t for t in ()})
_tf.raw_ops = op_library.raw_ops
sys.modules[__name__ + ".raw_ops"] = op_library.raw_ops

_QUEUE_RUNNERS = _take(
    queue_runner, "QueueRunner add_queue_runner start_queue_runners")
# Sessions that are watched, and what watches them.
_MONITORED = dict(
    _take(session_run_hook,
          "SessionRunArgs SessionRunContext SessionRunHook SessionRunValues"),
    **_take(monitored_session,
            "ChiefSessionCreator MonitoredSession MonitoredTrainingSession "
            "Scaffold SessionCreator SingularMonitoredSession "
            "WorkerSessionCreator"),
    **_take(basic_session_run_hooks,
            "CheckpointSaverHook CheckpointSaverListener FeedFnHook "
            "FinalOpsHook GlobalStepWaiterHook LoggingTensorHook "
            "NanLossDuringTrainingError NanTensorHook ProfilerHook "
            "SecondOrStepTimer StepCounterHook StopAtStepHook SummarySaverHook"),
    **_take(coordinator, "Coordinator LooperThread"),
    **_take(session_manager, "SessionManager"),
    **_take(summary_writer, "summary_iterator"),
    **_take(supervisor, "Supervisor"), **_QUEUE_RUNNERS)
api.submodule(
    _tf, "train",
    dict(_take(saver, "Saver export_meta_graph import_meta_graph"),
         write_graph=graph_io.write_graph,
         replica_device_setter=device_setter.replica_device_setter,
         Checkpoint=tracking_util.Checkpoint,
         CheckpointManager=checkpoint_manager.CheckpointManager,
         **_MONITORED,
         **_take(checkpoint_management,
                 "checkpoint_exists generate_checkpoint_state_proto "
                 "get_checkpoint_mtimes get_checkpoint_state "
                 "latest_checkpoint remove_checkpoint "
                 "update_checkpoint_state"),
         **_take(checkpoint_utils,
                 "NewCheckpointReader list_variables load_checkpoint "
                 "load_variable checkpoints_iterator init_from_checkpoint"),
         **_take(training_util,
                 "assert_global_step create_global_step get_global_step "
                 "get_or_create_global_step global_step"),
         **_take(moving_averages, "ExponentialMovingAverage"),
         **_take(warm_starting_util, "VocabInfo warm_start")),
    lazy=_lazy_protos(
        "SaverDef ClusterDef JobDef BytesList Example Feature FeatureList "
        "FeatureLists Features FloatList Int64List SequenceExample"))

api.submodule(_tf.train, "experimental",
              dict(PythonState=python_state.PythonState))
api.submodule(_tf.train, "queue_runner", dict(_QUEUE_RUNNERS))
api.submodule(_tf, "queue", dict(_QUEUES))
api.submodule(
    _tf, "data",
    dict(_take(dataset_ops, "Dataset get_output_classes get_output_shapes "
                            "get_output_types"),
         **_take(dataset_readers, "FixedLengthRecordDataset TFRecordDataset "
                                  "TextLineDataset"),
         **_take(iterator_ops, "Iterator make_initializable_iterator "
                               "make_one_shot_iterator")))
api.submodule(
    _tf.data, "experimental",
    dict(_take(iterator_ops, "make_saveable_from_iterator"),
         **_take(dataset_experimental,
                 "AUTOTUNE enumerate_dataset group_by_window ignore_errors "
                 "map_and_batch parallel_interleave shuffle_and_repeat "
                 "unbatch")))
api.submodule(
    _tf, "summary",
    dict(_take(summary_lib,
               "histogram image merge merge_all scalar tensor_summary "
               "text"),
         **_take(summary_writer, "FileWriter FileWriterCache")),
    lazy=_lazy_protos("Event SessionLog Summary SummaryDescription "
                      "TaggedRunMetadata"))

_NN_OPS = {
    "bias_add_v1": "BiasAddV1", "conv2d_backprop_filter":
    "Conv2DBackpropFilter", "elu": "Elu", "l2_loss": "L2Loss",
    "local_response_normalization": "LRN", "lrn": "LRN", "relu": "Relu",
    "relu6": "Relu6", "selu": "Selu", "softplus": "Softplus",
    "softsign": "Softsign", "tanh": "Tanh",
    "in_top_k": "InTopK",
}
api.submodule(
    _tf, "nn",
    dict(_take(nn_ops,
               "bias_add dropout l2_normalize leaky_relu log_softmax "
               "sigmoid_cross_entropy_with_logits softmax "
               "softmax_cross_entropy_with_logits "
               "softmax_cross_entropy_with_logits_v2 "
               "sparse_softmax_cross_entropy_with_logits"),
         sigmoid=math_ops.sigmoid), _NN_OPS)

api.submodule(
    _tf, "math",
    dict(_MATH, reduce_variance=math_ops.reduce_variance,
         reduce_std=math_ops.reduce_std, squared_difference=
         math_ops.squared_difference), _MATH_OPS)
api.submodule(
    _tf, "random",
    dict(_take(random_ops,
               "categorical get_seed multinomial set_random_seed "
               "stateless_truncated_normal truncated_normal"),
         stateless_normal=random_ops.stateless_random_normal,
         stateless_uniform=random_ops.stateless_random_uniform,
         normal=random_ops.random_normal, gamma=random_ops.random_gamma,
         uniform=random_ops.random_uniform,
         poisson=random_ops.random_poisson,
         shuffle=random_ops.random_shuffle,
         stateless_multinomial=None))
_tf.random.__dict__.pop("stateless_multinomial")
for _name in ("normal", "uniform", "truncated_normal"):
    _function = getattr(random_ops, "stateless_" + (
        _name if _name == "truncated_normal" else "random_" + _name))
    setattr(_tf.random, "stateless_" + _name, _function)

_INITIALIZER_CLASSES = dict(
    constant=init_ops.Constant, glorot_normal=init_ops.GlorotNormal,
    glorot_uniform=init_ops.GlorotUniform, he_normal=init_ops.he_normal,
    he_uniform=init_ops.he_uniform, lecun_normal=init_ops.lecun_normal,
    lecun_uniform=init_ops.lecun_uniform, ones=init_ops.Ones,
    random_normal=init_ops.RandomNormal,
    random_uniform=init_ops.RandomUniform,
    truncated_normal=init_ops.TruncatedNormal,
    uniform_unit_scaling=init_ops.UniformUnitScaling,
    variance_scaling=init_ops.VarianceScaling, zeros=init_ops.Zeros)
api.submodule(
    _tf, "initializers",
    dict(_INITIALIZER_CLASSES,
         variables=variables.variables_initializer,
         global_variables=variables.global_variables_initializer,
         local_variables=variables.local_variables_initializer))
api.submodule(_tf, "keras", {})
api.submodule(
    _tf.keras, "initializers",
    dict(_INITIALIZER_CLASSES, Constant=init_ops.Constant,
         Initializer=init_ops.Initializer, Ones=init_ops.Ones,
         RandomNormal=init_ops.RandomNormal,
         RandomUniform=init_ops.RandomUniform,
         TruncatedNormal=init_ops.TruncatedNormal,
         VarianceScaling=init_ops.VarianceScaling, Zeros=init_ops.Zeros))

api.submodule(_tf, "gfile", {
    name: value for name, value in vars(_gfile).items()
    if name[0].isupper()})
api.submodule(
    _tf, "io",
    dict(_PARSING, gfile=None, write_graph=graph_io.write_graph),
    {"read_file": "ReadFile", "write_file": "WriteFile",
     "matching_files": "MatchingFiles", "encode_base64": "EncodeBase64",
     "decode_base64": "DecodeBase64"})
del _tf.io.gfile
api.submodule(_tf.io, "gfile", {
    name: value for name, value in vars(_gfile).items()
    if name[0].islower() and callable(value) or name == "GFile"})
api.submodule(_tf, "logging", {
    name: value for name, value in vars(tf_logging).items()
    if not name.startswith("_") and name != "sys"})
api.submodule(_tf, "compat", _take(
    bytes_text, "as_bytes as_str as_str_any as_text bytes_or_text_types "
                "complex_types integral_types path_to_str real_types"))
_tf.compat.v1 = _tf
api.submodule(_tf, "dtypes", dict(
    _DTYPES, cast=math_ops.cast, saturate_cast=math_ops.saturate_cast))
api.submodule(_tf, "debugging", dict(
    _CHECKS, Assert=control_flow_ops.Assert, is_tensor=check_ops.is_tensor),
    {"check_numerics": "CheckNumerics", "is_finite": "IsFinite",
     "is_inf": "IsInf", "is_nan": "IsNan"})
api.submodule(_tf, "strings", dict(
    _take(string_ops, "reduce_join regex_full_match regex_replace substr"),
    length=string_ops.string_length, to_number=string_ops.string_to_number), {
    "as_string": "AsString", "join": "StringJoin",
    "lower": "StringLower", "upper": "StringUpper", "strip": "StringStrip",
    "to_hash_bucket_fast": "StringToHashBucketFast",
    "unicode_decode": "UnicodeDecode"})
api.submodule(_tf, "sparse", dict(
    SparseTensor=sparse_tensor.SparseTensor, merge=sparse_ops.sparse_merge,
    placeholder=sparse_ops.sparse_placeholder,
    reorder=sparse_ops.sparse_reorder,
    to_dense=sparse_ops.sparse_tensor_to_dense))
_LINALG = _take(linalg_ops, "cholesky_solve eye norm svd")
for _name, _value in dict(
        _LINALG, trace=linalg_ops.trace,
        matrix_solve_ls=linalg_ops.matrix_solve_ls,
        self_adjoint_eig=linalg_ops.self_adjoint_eig,
        self_adjoint_eigvals=linalg_ops.self_adjoint_eigvals).items():
    setattr(_tf, _name, _value)
api.submodule(_tf, "linalg", dict(
    _LINALG, **_take(linalg_ops, "adjoint logdet trace"),
    **_take(math_ops, "matmul tensordot"),
    diag=array_ops.matrix_diag, diag_part=array_ops.matrix_diag_part,
    set_diag=array_ops.matrix_set_diag, transpose=array_ops.matrix_transpose,
    matrix_transpose=array_ops.matrix_transpose,
    eigh=linalg_ops.self_adjoint_eig, l2_normalize=nn_ops.l2_normalize,
    eigvalsh=linalg_ops.self_adjoint_eigvals,
    lstsq=linalg_ops.matrix_solve_ls), {
        "band_part": "MatrixBandPart", "cholesky": "Cholesky",
        "cross": "Cross", "det": "MatrixDeterminant", "inv": "MatrixInverse",
        "qr": "Qr", "slogdet": "LogMatrixDeterminant", "solve": "MatrixSolve",
        "tensor_diag": "Diag", "tensor_diag_part": "DiagPart",
        "triangular_solve": "MatrixTriangularSolve"})
_tf.initializers.tables_initializer = lookup_ops.tables_initializer
api.submodule(_tf, "lookup", _take(
    lookup_ops, "KeyValueTensorInitializer StaticHashTable TextFileIndex "
                "TextFileInitializer"))
api.submodule(_tf, "graph_util", dict(
    _take(graph_util,
          "convert_variables_to_constants extract_sub_graph must_run_on_cpu "
          "remove_training_nodes tensor_shape_from_node_def_name"),
    import_graph_def=importer.import_graph_def))
_SAVED_MODEL = {
    "constants": _take(
        saved_model_constants,
        "ASSETS_DIRECTORY ASSETS_KEY LEGACY_INIT_OP_KEY MAIN_OP_KEY "
        "SAVED_MODEL_FILENAME_PB SAVED_MODEL_FILENAME_PBTXT "
        "SAVED_MODEL_SCHEMA_VERSION VARIABLES_DIRECTORY VARIABLES_FILENAME"),
    "loader": _take(saved_model_loader, "load maybe_saved_model_directory"),
    "main_op": _take(saved_model_main_op, "main_op main_op_with_restore"),
    "signature_constants": _take(
        signature_constants,
        "CLASSIFY_INPUTS CLASSIFY_METHOD_NAME CLASSIFY_OUTPUT_CLASSES "
        "CLASSIFY_OUTPUT_SCORES DEFAULT_SERVING_SIGNATURE_DEF_KEY "
        "PREDICT_INPUTS PREDICT_METHOD_NAME PREDICT_OUTPUTS REGRESS_INPUTS "
        "REGRESS_METHOD_NAME REGRESS_OUTPUTS"),
    "signature_def_utils": _take(
        signature_def_utils,
        "build_signature_def classification_signature_def is_valid_signature "
        "predict_signature_def regression_signature_def"),
    "tag_constants": _take(tag_constants, "GPU SERVING TPU TRAINING"),
    "utils": _take(saved_model_utils,
                   "build_tensor_info get_tensor_from_tensor_info"),
}
_saved_model = dict(
    Builder=saved_model_builder.SavedModelBuilder,
    simple_save=saved_model_builder.simple_save,
    contains_saved_model=saved_model_loader.maybe_saved_model_directory)
for _group in _SAVED_MODEL.values():
    _saved_model.update(_group)
# A module of this name, not the function in it.
_saved_model.pop("main_op")
api.submodule(_tf, "saved_model", _saved_model)
api.submodule(_tf.saved_model, "builder", dict(
    SavedModelBuilder=saved_model_builder.SavedModelBuilder))
for _name, _group in _SAVED_MODEL.items():
    api.submodule(_tf.saved_model, _name, _group)
api.submodule(_tf, "sysconfig", dict(
    get_include=_always(""), get_lib=_always("")))
api.submodule(_tf, "version", dict(
    VERSION="1.15.5", GIT_VERSION="v1.15.5", COMPILER_VERSION="",
    GRAPH_DEF_VERSION=134, GRAPH_DEF_VERSION_MIN_CONSUMER=0,
    GRAPH_DEF_VERSION_MIN_PRODUCER=0))
contrib.make_module(_tf)
api.submodule(_tf, "python_io", _take(
    python_io, "TFRecordCompressionType TFRecordOptions TFRecordWriter "
               "tf_record_iterator"))
for _name in ("TFRecordCompressionType", "TFRecordOptions", "TFRecordWriter",
              "tf_record_iterator"):
    setattr(_tf.io, _name, getattr(python_io, _name))
api.submodule(_tf, "examples", {})
api.submodule(_tf.examples, "tutorials", {})
api.submodule(_tf.examples.tutorials, "mnist", {}, lazy={
    "input_data": lambda: importlib.import_module(
        "retrograph.examples.mnist"),
    "mnist": lambda: importlib.import_module(
        "retrograph.examples.mnist_model")})
learning_api.extend(_tf)
