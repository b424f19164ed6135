"""Makes `import tensorflow` mean retrograph.

site/ holds a package `tensorflow` that calls install(): the modules of
TensorFlow's tree that scripts import from are then forwards to ours. One that
is not there fails only when it is used.
"""
import importlib
import importlib.machinery
import importlib.util
import sys
import types

from retrograph import protos

# Modules of TensorFlow's tree, and ours that stand for them.
_FORWARDS = {
    "tensorflow.contrib.learn.python.learn.datasets.base":
        "retrograph.examples.mnist",
    "tensorflow.contrib.learn.python.learn.datasets.mnist":
        "retrograph.examples.mnist",
    "tensorflow.contrib.learn.python.learn.preprocessing.categorical_vocabulary":
        "retrograph.contrib.vocabulary",
    "tensorflow.contrib.learn.python.learn.preprocessing.text":
        "retrograph.contrib.vocabulary",
    "tensorflow.contrib.learn.python.learn.preprocessing":
        "retrograph.contrib.vocabulary",
    "tensorflow.contrib.tensorboard.plugins.projector":
        "retrograph.contrib.projector",
    "tensorflow.contrib.lookup.lookup_ops": "retrograph.contrib.lookup",
    "tensorflow.contrib.training.python.training.hparam":
        "retrograph.contrib.hparams",
    "tensorflow.examples.tutorials.mnist.mnist":
        "retrograph.examples.mnist_model",
    "tensorflow.examples.tutorials.mnist.input_data":
        "retrograph.examples.mnist",
    "tensorflow.python.ops.functional_ops": "retrograph.ops.functional_ops",
    "tensorflow.python.ops.map_fn": "retrograph.ops.functional_ops",
    "tensorflow.python.ops.rnn_cell_impl": "retrograph.ops.rnn_cell",
    "tensorflow.contrib.rnn.python.ops.core_rnn_cell":
        "retrograph.ops.rnn_cell",
    "tensorflow.python.client.session": "retrograph.client.session",
    "tensorflow.python.data.ops.dataset_ops": "retrograph.data.dataset_ops",
    "tensorflow.python.data.ops.iterator_ops": "retrograph.data.iterator_ops",
    "tensorflow.python.framework.constant_op":
        "retrograph.framework.constant_op",
    "tensorflow.python.framework.dtypes": "retrograph.framework.dtypes",
    "tensorflow.python.framework.errors": "retrograph.framework.errors",
    "tensorflow.python.framework.errors_impl": "retrograph.framework.errors",
    "tensorflow.python.framework.graph_io": "retrograph.framework.graph_io",
    "tensorflow.python.framework.graph_util":
        "retrograph.framework.graph_util",
    "tensorflow.python.framework.graph_util_impl":
        "retrograph.framework.graph_util",
    "tensorflow.python.framework.importer": "retrograph.framework.importer",
    "tensorflow.python.framework.meta_graph":
        "retrograph.framework.meta_graph",
    "tensorflow.python.framework.ops": "retrograph.framework.ops",
    "tensorflow.python.framework.random_seed": "retrograph.ops.random_ops",
    "tensorflow.python.framework.tensor_shape":
        "retrograph.framework.tensor_shape",
    "tensorflow.python.framework.tensor_util":
        "retrograph.framework.constant_op",
    "tensorflow.python.lib.io.file_io": "retrograph.platform.gfile",
    "tensorflow.python.ops.array_ops": "retrograph.ops.array_ops",
    "tensorflow.python.ops.check_ops": "retrograph.ops.check_ops",
    "tensorflow.python.ops.control_flow_ops":
        "retrograph.ops.control_flow_ops",
    "tensorflow.python.ops.data_flow_ops": "retrograph.ops.data_flow_ops",
    "tensorflow.python.ops.image_ops": "retrograph.ops.image_ops",
    "tensorflow.python.ops.image_ops_impl": "retrograph.ops.image_ops",
    "tensorflow.python.ops.init_ops": "retrograph.ops.init_ops",
    "tensorflow.python.ops.linalg_ops": "retrograph.ops.linalg_ops",
    "tensorflow.python.ops.logging_ops": "retrograph.ops.logging_ops",
    "tensorflow.python.ops.math_ops": "retrograph.ops.math_ops",
    "tensorflow.python.ops.nn_ops": "retrograph.ops.nn_ops",
    "tensorflow.python.ops.random_ops": "retrograph.ops.random_ops",
    "tensorflow.python.ops.resource_variable_ops":
        "retrograph.ops.variables",
    "tensorflow.python.ops.script_ops": "retrograph.ops.script_ops",
    "tensorflow.python.ops.state_ops": "retrograph.ops.state_ops",
    "tensorflow.python.ops.variable_scope": "retrograph.ops.variable_scope",
    "tensorflow.python.ops.variables": "retrograph.ops.variables",
    "tensorflow.python.platform.gfile": "retrograph.platform.gfile",
    "tensorflow.python.platform.tf_logging": "retrograph.platform.tf_logging",
    "tensorflow.python.pywrap_tensorflow": "retrograph.shim.pywrap_tensorflow",
    "tensorflow.python.saved_model.builder": "retrograph.saved_model.builder",
    "tensorflow.python.saved_model.builder_impl":
        "retrograph.saved_model.builder",
    "tensorflow.python.saved_model.constants":
        "retrograph.saved_model.constants",
    "tensorflow.python.saved_model.loader": "retrograph.saved_model.loader",
    "tensorflow.python.saved_model.loader_impl":
        "retrograph.saved_model.loader",
    "tensorflow.python.saved_model.main_op": "retrograph.saved_model.main_op",
    "tensorflow.python.saved_model.main_op_impl":
        "retrograph.saved_model.main_op",
    "tensorflow.python.saved_model.signature_constants":
        "retrograph.saved_model.signature_constants",
    "tensorflow.python.saved_model.signature_def_utils":
        "retrograph.saved_model.signature_def_utils",
    "tensorflow.python.saved_model.signature_def_utils_impl":
        "retrograph.saved_model.signature_def_utils",
    "tensorflow.python.saved_model.simple_save":
        "retrograph.saved_model.builder",
    "tensorflow.python.saved_model.tag_constants":
        "retrograph.saved_model.tag_constants",
    "tensorflow.python.saved_model.utils": "retrograph.saved_model.utils",
    "tensorflow.python.saved_model.utils_impl": "retrograph.saved_model.utils",
    "tensorflow.python.summary.summary": "retrograph.summary.summary",
    "tensorflow.python.summary.writer.writer": "retrograph.summary.writer",
    "tensorflow.python.summary.writer.writer_cache":
        "retrograph.summary.writer",
    "tensorflow.python.summary.writer.event_file_writer":
        "retrograph.summary.writer",
    "tensorflow.python.tools.inspect_checkpoint":
        "retrograph.training.inspect_checkpoint",
    "tensorflow.python.training.basic_session_run_hooks":
        "retrograph.training.basic_session_run_hooks",
    "tensorflow.python.training.checkpoint_management":
        "retrograph.training.checkpoint_management",
    "tensorflow.python.training.checkpoint_utils":
        "retrograph.training.checkpoint_utils",
    "tensorflow.python.training.moving_averages":
        "retrograph.training.moving_averages",
    "tensorflow.python.training.coordinator":
        "retrograph.training.coordinator",
    "tensorflow.python.training.monitored_session":
        "retrograph.training.monitored_session",
    "tensorflow.python.training.queue_runner":
        "retrograph.training.queue_runner",
    "tensorflow.python.training.queue_runner_impl":
        "retrograph.training.queue_runner",
    "tensorflow.python.training.device_setter":
        "retrograph.training.device_setter",
    "tensorflow.python.training.saver": "retrograph.training.saver",
    "tensorflow.python.training.saving.saveable_object":
        "retrograph.training.saving.saveable_object",
    "tensorflow.python.training.saving.saveable_object_util":
        "retrograph.training.saving.saveable_object_util",
    "tensorflow.python.training.session_manager":
        "retrograph.training.session_manager",
    "tensorflow.python.training.session_run_hook":
        "retrograph.training.session_run_hook",
    "tensorflow.python.training.supervisor": "retrograph.training.supervisor",
    "tensorflow.python.training.warm_starting_util":
        "retrograph.training.warm_starting_util",
    "tensorflow.python.training.training_util":
        "retrograph.training.training_util",
    "tensorflow.python.util.compat": "retrograph.compat.bytes_text",
    "tensorflow.python.util.nest": "retrograph.framework.nest",
    "tensorflow.python.util.tf_contextlib": "contextlib",
    "tensorflow.python.util.tf_decorator": "retrograph.shim.tf_decorator",
    "tensorflow.python.util.tf_inspect": "inspect",
}
# Parts of the public API in which a name of such a module may be found.
_API_OF = {
    "data": ["data"], "distributions": ["distributions"],
    "image_ops": ["image"], "io": ["io", "python_io"], "layers": ["layers"],
    "linalg": ["linalg"], "losses": ["losses"], "lookup_ops": ["lookup"],
    "metrics": ["metrics"], "metrics_impl": ["metrics"], "nn": ["nn"],
    "nn_impl": ["nn"], "ops": ["nn", "math", "io"], "saved_model":
    ["saved_model"], "summary": ["summary"], "training": ["train"],
}
_PACKAGES = ("tensorflow.python", "tensorflow.core",
             "tensorflow.core.framework", "tensorflow.core.protobuf",
             "tensorflow.core.util", "tensorflow.core.example")


def _of_the_api(module, name):
    """`name` of TensorFlow's module `module`, by the public API.

    There nearly every public function and class of TensorFlow's inner modules
    has the same name, at the top or in the part that stands for its package.
    """
    import retrograph.compat.v1 as tf
    from retrograph.framework import op_library
    pieces = module.split(".")
    if pieces[1] == "contrib":
        places = [getattr(tf.contrib, pieces[2], None)]
    else:
        places = [getattr(tf, part, None) for piece in reversed(pieces[2:])
                  for part in _API_OF.get(piece, ())] + [tf, op_library.gen]
    for place in places:
        try:
            return getattr(place, name)
        except AttributeError:
            continue
    raise AttributeError("%s.%s is not in retrograph (yet)" % (module, name))


class _Missing(types.ModuleType):
    """A module of TensorFlow's that is not here: its names are looked up in the
    public API; one that is not there either fails when it is used."""

    __path__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if self.__name__.startswith(("tensorflow.python.",
                                     "tensorflow.contrib.")):
            return _of_the_api(self.__name__, name)
        raise AttributeError(
            "%s.%s is not in retrograph (yet)" % (self.__name__, name))


class _Package(types.ModuleType):
    __path__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return importlib.import_module("%s.%s" % (self.__name__, name))


class _Finder:
    """Finds and loads the modules of TensorFlow's tree.

    importlib.abc, which has base classes for this, takes long to import.
    """

    def find_spec(self, name, path=None, target=None):
        if name.startswith("tensorflow.") or name.startswith(
                "tensorflow_core"):
            return importlib.machinery.ModuleSpec(name, self,
                                                  is_package=True)
        return None

    def create_module(self, spec):
        return _module(spec.name)

    def exec_module(self, module):
        pass


def _module(name):
    if name in _FORWARDS:
        return _forward(name, importlib.import_module(_FORWARDS[name]))
    parts = name.split(".")
    if parts[1:2] == ["core"] and name.endswith("_pb2"):
        return _forward(name, _proto_module(parts[-1][:-len("_pb2")]))
    if parts[:3] == ["tensorflow", "compat", "v1"]:
        return _forward(name, importlib.import_module(
            ".".join(["retrograph"] + parts[1:])))
    if parts[:2] == ["tensorflow", "contrib"] and len(parts) == 3:
        import retrograph.compat.v1 as tf
        if parts[2] in dir(tf.contrib):
            return _forward(name, getattr(tf.contrib, parts[2]))
    if parts[-1].startswith("gen_") and parts[-1].endswith("_ops"):
        from retrograph.framework import op_library
        return _forward(name, op_library.gen)
    if name in _PACKAGES or name == "tensorflow.python.ops":
        return _Package(name)
    ours = ".".join(["retrograph"] + parts[2:])
    if parts[1:2] == ["python"] and _exists(ours):
        return _forward(name, importlib.import_module(ours))
    # A module that another one imports can be imported from it, too.
    beside = ".".join(parts[:-2] + parts[-1:])
    if parts[1:2] == ["python"] and beside in _FORWARDS:
        return _module(beside)
    try:
        return _forward(name, importlib.import_module(
            ".".join(["retrograph.compat.v1"] + parts[1:])))
    except ImportError:
        return _Missing(name)


def _exists(name):
    try:
        return importlib.util.find_spec(name) is not None
    except ImportError:  # not even the package that it would be in
        return False


def _proto_module(stem):
    try:
        return protos.module(stem)
    except ImportError:
        return _Missing("tensorflow.core.%s_pb2" % stem)


class _Forward(types.ModuleType):
    """Another module under TensorFlow's name; what is set is set there."""

    def __init__(self, name, target):
        super().__init__(name)
        self.__dict__["_target"] = target
        self.__dict__["__path__"] = []

    def __getattr__(self, name):
        try:
            return getattr(self.__dict__["_target"], name)
        except AttributeError:
            if name.startswith("_") or not self.__name__.startswith(
                    "tensorflow.python."):
                raise
        return _of_the_api(self.__name__, name)

    def __setattr__(self, name, value):
        if name.startswith("__"):
            self.__dict__[name] = value
        else:
            setattr(self.__dict__["_target"], name, value)

    def __delattr__(self, name):
        delattr(self.__dict__["_target"], name)

    def __dir__(self):
        return dir(self.__dict__["_target"])


def _forward(name, target):
    return _Forward(name, target)


def _print_as_of_old():
    """numpy scalars print as they did in TensorFlow 1's time: 10, not
    np.int32(10)."""
    import numpy as np
    if int(np.__version__.split(".")[0]) >= 2:
        np.set_printoptions(legacy="1.25")


def install(name):
    """Turns the module `name` ("tensorflow") into the API."""
    import retrograph.compat.v1 as tf
    if not any(isinstance(f, _Finder) for f in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
    _print_as_of_old()
    top = _forward(name, tf)
    spec = sys.modules[name].__spec__
    top.__dict__.update(__spec__=spec, __file__=spec.origin, __path__=[])
    sys.modules[name] = top
    sys.modules["tensorflow.compat"] = tf.compat
    sys.modules["tensorflow.compat.v1"] = tf
    return top
