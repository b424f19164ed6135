"""tf.train.Saver, meta graphs."""
import collections.abc

from retrograph import _core
from retrograph.client import session as session_lib
from retrograph.compat import bytes_text
from retrograph.framework import dtypes
from retrograph.framework import errors
from retrograph.framework import meta_graph
from retrograph.framework import ops
from retrograph.ops import variables
from retrograph.training import checkpoint_management
from retrograph.training import training_util

latest_checkpoint = checkpoint_management.latest_checkpoint
checkpoint_exists = checkpoint_management.checkpoint_exists
get_checkpoint_state = checkpoint_management.get_checkpoint_state
update_checkpoint_state = checkpoint_management.update_checkpoint_state
get_checkpoint_mtimes = checkpoint_management.get_checkpoint_mtimes
remove_checkpoint = checkpoint_management.remove_checkpoint


# ---- What is saved ----------------------------------------------------------

class SaveSpec:
    """One tensor of a SaveableObject."""

    def __init__(self, tensor, slice_spec, name, dtype=None, device=None):
        self._tensor = tensor
        self.slice_spec = slice_spec
        self.name = name
        if callable(tensor):
            if dtype is None or device is None:
                raise AssertionError("When passing a callable `tensor` to a "
                                     "SaveSpec, an explicit dtype and device "
                                     "must be provided.")
            self.dtype, self.device = dtype, device
        else:
            self.dtype = tensor.dtype
            self.device = device if device is not None else tensor.device

    @property
    def tensor(self):
        return self._tensor() if callable(self._tensor) else self._tensor


class SaveableObject:
    """Something that saves and restores itself: derive from it."""

    def __init__(self, op, specs, name):
        self.op = op
        self.specs = specs
        self.name = name

    optional_restore = False

    @property
    def device(self):
        return self.specs[0].device

    def restore(self, restored_tensors, restored_shapes):
        raise ValueError("Calling an abstract method.")


class BaseSaverBuilder:
    """Kept for its classes; savers are built in C++."""
    SaveSpec = SaveSpec
    SaveableObject = SaveableObject

    def __init__(self, write_version=2):
        self._write_version = write_version


class BulkSaverBuilder(BaseSaverBuilder):
    """The default."""


def _spec_tensor(spec):
    return spec.tensor


def _restored(saveable, pairs, shapes):
    graph = ops.get_default_graph()
    tensors = [graph._tensor(pair) for pair in pairs]
    if shapes is not None:
        shapes = [graph._tensor(pair) for pair in shapes]
    result = saveable.restore(tensors, shapes)
    return getattr(result, "op", result)._id


_core.set_hook("spec_tensor", _spec_tensor)
_core.set_hook("restore_saveable", _restored)


def _saveable(key, value):
    """One entry of a var_list, as the bindings take it."""
    if isinstance(value, variables.Variable):
        return key, "variable", value._core_variable
    if isinstance(value, variables.PartitionedVariable):
        return key, "partitioned", value._core_partitioned
    if isinstance(value, SaveableObject):
        specs = [(spec, spec.slice_spec, spec.name,
                  dtypes.as_dtype(spec.dtype).base_dtype._number,
                  spec.device or "") for spec in value.specs]
        return key, "object", value, value.name, specs
    if isinstance(value, ops.Tensor):
        return key, "tensor", value
    if key is None:
        value.name  # noqa: B018, the AttributeError that TensorFlow raises
    return key, "tensor", ops.convert_to_tensor(value, as_ref=True)


def _check_slices(parts):
    """A list under one key is the slices of one variable."""
    full_name = None
    for part in parts:
        if not isinstance(part, variables.Variable):
            raise ValueError("Slices must all be Variables: %s" % part)
        info = part._save_slice_info
        if info is None:
            raise ValueError("Slices must all be slices: %s" % part)
        if full_name is None:
            full_name = info.full_name
        elif full_name != info.full_name:
            raise ValueError("Slices must all be from the same tensor: %s != "
                             "%s" % (full_name, info.full_name))


def _saveables(var_list):
    """(entries or None, whether it was a dict)."""
    if var_list is None:
        found = (ops.get_collection(ops.GraphKeys.GLOBAL_VARIABLES) +
                 ops.get_collection(ops.GraphKeys.SAVEABLE_OBJECTS))
        if not any(isinstance(v, SaveableObject) for v in found):
            return None, False
        return [_saveable(None, v) for v in found], False
    if isinstance(var_list, collections.abc.Mapping):
        entries = []
        for key, value in var_list.items():
            if isinstance(value, (list, tuple)):
                _check_slices(value)
            else:
                value = [value]
            entries.extend(_saveable(key, item) for item in value)
        return entries, True
    if not isinstance(var_list, (list, tuple, set)):
        raise TypeError("Variables to save should be passed in a dict or a "
                        "list: %s" % (var_list,))
    return [_saveable(None, v) for v in var_list], False


# ---- Saver ------------------------------------------------------------------

class Saver:
    """Saves a graph's variables in checkpoints, and restores them.

    The variables are those that exist when it is made (or built). Afterwards
    it holds only names: save() and restore() look them up in the session's
    graph.
    """

    def __init__(self, var_list=None, reshape=False, sharded=False,
                 max_to_keep=5, keep_checkpoint_every_n_hours=10000.0,
                 name=None, restore_sequentially=False, saver_def=None,
                 builder=None, defer_build=False, allow_empty=False,
                 write_version=2, pad_step_number=False,
                 save_relative_paths=False, filename=None):
        if defer_build and var_list:
            raise ValueError(
                "If `var_list` is provided then build cannot be deferred. "
                "Either set defer_build=False or var_list=None.")
        from retrograph import protos
        if builder is not None and not isinstance(builder, BulkSaverBuilder):
            raise NotImplementedError("Saver(builder=...) with another builder "
                                      "than the default is not in retrograph "
                                      "yet")
        if write_version not in (1, 2):
            # TensorFlow's own slip: its text is that of the failing "+".
            raise RuntimeError("Unexpected write_version: " + write_version)
        if saver_def is not None and not isinstance(saver_def,
                                                    protos.SaverDef):
            raise ValueError("saver_def must be a SaverDef")
        graph = ops.get_default_graph()
        entries, is_dict = (None, False)
        if saver_def is None and not defer_build:
            entries, is_dict = _saveables(var_list)
        self._write_version = write_version
        self._pad_step_number = pad_step_number
        self._is_built = not defer_build
        self._allow_empty = allow_empty
        self._c = _core.Saver(graph._c, {
            "var_list": entries, "is_dict": is_dict,
            "reshape": bool(reshape), "sharded": bool(sharded),
            "max_to_keep": None if max_to_keep is None else int(max_to_keep),
            "keep_checkpoint_every_n_hours":
                float(keep_checkpoint_every_n_hours),
            "name": name, "restore_sequentially": bool(restore_sequentially),
            "saver_def": None if saver_def is None
            else saver_def.SerializeToString(),
            "defer_build": bool(defer_build), "allow_empty": bool(allow_empty),
            "write_version": write_version,
            "pad_step_number": bool(pad_step_number),
            "save_relative_paths": bool(save_relative_paths),
            "filename": filename})

    def build(self):
        self._is_built = True  # even if that fails, as on TensorFlow
        self._c.build(ops.get_default_graph()._c)

    @property
    def saver_def(self):
        from retrograph import protos
        data = self._c.saver_def
        return None if data is None else protos.SaverDef.FromString(data)

    def as_saver_def(self):
        return self.saver_def

    _is_empty = property(lambda self: self._c.is_empty)

    def save(self, sess, save_path, global_step=None, latest_filename=None,
             meta_graph_suffix="meta", write_meta_graph=True,
             write_state=True, strip_default_attrs=False,
             save_debug_info=False):
        """Writes the variables' values; returns the checkpoint's prefix."""
        if not self._is_built:
            raise RuntimeError("`build()` should be called before save if "
                               "defer_build==True")
        latest_filename = latest_filename or "checkpoint"
        save_path = checkpoint_management._path(save_path)
        if global_step is not None:
            import numpy as np
            if not isinstance(global_step, (int, np.integer)):
                global_step = training_util.global_step(sess, global_step)
            global_step = int(global_step)
        # A monitored session will do for restore(), not here.
        if not isinstance(sess, session_lib.SessionInterface):
            raise TypeError("'sess' must be a Session; %s" % (sess,))
        core = self._core_session(sess)
        self._check_open(core)
        try:
            prefix = self._c.save(core, save_path, global_step,
                                  latest_filename, meta_graph_suffix,
                                  write_meta_graph, write_state,
                                  strip_default_attrs)
        except errors.OpError as e:
            raise errors._with_op(e, sess.graph) from None
        return prefix or None

    def restore(self, sess, save_path):
        """Gives the variables the values in a checkpoint."""
        if self._is_empty:
            return
        if save_path is None:
            raise ValueError("Can't load save_path when it is None.")
        save_path = bytes_text.as_text(save_path)
        if not isinstance(sess, session_lib.SessionInterface) and \
                not checkpoint_exists(save_path):
            raise ValueError("The passed save_path is not a valid checkpoint: "
                             + save_path)
        core = self._core_session(sess)
        try:
            self._c.restore(core, save_path)
        except errors.OpError as e:
            raise errors._with_op(e, sess.graph) from None

    @staticmethod
    def _core_session(sess):
        raw = sess
        while hasattr(raw, "_sess"):  # a monitored session's layers
            raw = raw._sess
        if not isinstance(raw, session_lib.SessionInterface):
            raise TypeError("'sess' must be a Session; %s" % (sess,))
        return raw._c

    @staticmethod
    def _check_open(core):
        if core.closed:
            raise RuntimeError("Attempted to use a closed Session.")

    @property
    def last_checkpoints(self):
        return self._c.last_checkpoints

    def set_last_checkpoints(self, last_checkpoints):
        assert isinstance(last_checkpoints, list)
        self._c.set_last_checkpoints(last_checkpoints)

    def recover_last_checkpoints(self, checkpoint_paths):
        """Takes over those of the checkpoints that are there."""
        found = []
        for path in checkpoint_paths:
            mtimes = checkpoint_management.get_checkpoint_mtimes([path])
            if mtimes:
                found.append((path, mtimes[0]))
        self.set_last_checkpoints_with_time(found)

    def set_last_checkpoints_with_time(self, last_checkpoints_with_time):
        assert isinstance(last_checkpoints_with_time, list)
        self._c.set_last_checkpoints_with_time(last_checkpoints_with_time)

    def export_meta_graph(self, filename=None, collection_list=None,
                          as_text=False, export_scope=None,
                          clear_devices=False, clear_extraneous_savers=False,
                          strip_default_attrs=False, save_debug_info=False):
        graph_def = None
        if export_scope or clear_devices or clear_extraneous_savers:
            # As TensorFlow: the part of a GraphDef always has a library.
            graph_def = ops.get_default_graph().as_graph_def(add_shapes=True)
        return export_meta_graph(
            filename=filename, graph_def=graph_def, saver_def=self.saver_def,
            collection_list=collection_list, as_text=as_text,
            export_scope=export_scope, clear_devices=clear_devices,
            clear_extraneous_savers=clear_extraneous_savers,
            strip_default_attrs=strip_default_attrs,
            save_debug_info=save_debug_info)

    def to_proto(self, export_scope=None):
        """The SaverDef; None if its ops are not in the scope."""
        saver_def = self.saver_def
        if export_scope is None:
            return saver_def
        for field in ("filename_tensor_name", "save_tensor_name",
                      "restore_op_name"):
            name = getattr(saver_def, field)
            if not name.startswith(export_scope):
                return None
            setattr(saver_def, field,
                    meta_graph.strip_name_scope(name, export_scope))
        return saver_def

    @staticmethod
    def from_proto(saver_def, import_scope=None):
        return Saver(saver_def=saver_def, name=import_scope)

    def __repr__(self):
        keys = self._c.keys
        shown = ", ".join(keys[:5]) + (", ..." if len(keys) > 5 else "")
        return "<tf.train.Saver of %d: %s>" % (len(keys), shown)


for _class in (Saver, BaseSaverBuilder, BulkSaverBuilder):
    _class.__module__ = "tensorflow.python.training.saver"


# ---- Meta graphs ------------------------------------------------------------

def export_meta_graph(filename=None, meta_info_def=None, graph_def=None,
                      saver_def=None, collection_list=None, as_text=False,
                      graph=None, export_scope=None, clear_devices=False,
                      clear_extraneous_savers=False,
                      strip_default_attrs=False, save_debug_info=False,
                      **kwargs):
    """A MetaGraphDef of a graph; written to `filename` if there is one."""
    return meta_graph.export_scoped_meta_graph(
        filename=filename, meta_info_def=meta_info_def, graph_def=graph_def,
        saver_def=saver_def, collection_list=collection_list, as_text=as_text,
        graph=graph, export_scope=export_scope, clear_devices=clear_devices,
        clear_extraneous_savers=clear_extraneous_savers,
        strip_default_attrs=strip_default_attrs,
        save_debug_info=save_debug_info, **kwargs)[0]


def _saver_of_import(meta_graph_def, import_scope, imported):
    if meta_graph_def.HasField("saver_def"):
        scope = import_scope
        for name, variable in imported.items():
            scope = variable.name[:-len(name)]
            break
        return Saver(saver_def=meta_graph_def.saver_def, name=scope)
    graph = ops.get_default_graph()
    if graph.get_collection(ops.GraphKeys.GLOBAL_VARIABLES, import_scope) or \
            graph.get_collection(ops.GraphKeys.SAVEABLE_OBJECTS, import_scope):
        return Saver()
    _log(0, "Saver not created because there are no variables in the graph to "
         "restore")
    return None


def _import_meta_graph_with_return_elements(meta_graph_or_file,
                                            clear_devices=False,
                                            import_scope=None,
                                            return_elements=None, **kwargs):
    from retrograph import protos
    if not isinstance(meta_graph_or_file, protos.MetaGraphDef):
        meta_graph_or_file = meta_graph.read_meta_graph_file(
            meta_graph_or_file)
    imported, elements = \
        meta_graph.import_scoped_meta_graph_with_return_elements(
            meta_graph_or_file, clear_devices=clear_devices,
            import_scope=import_scope, return_elements=return_elements,
            **kwargs)
    return _saver_of_import(meta_graph_or_file, import_scope,
                            imported), elements


def import_meta_graph(meta_graph_or_file, clear_devices=False,
                      import_scope=None, **kwargs):
    """Adds a meta graph to the default graph; its Saver, or None."""
    return _import_meta_graph_with_return_elements(
        meta_graph_or_file, clear_devices, import_scope, **kwargs)[0]


def _log(level, message):
    from retrograph.platform import tf_logging
    (tf_logging.info, tf_logging.warning, tf_logging.error,
     tf_logging.debug)[level](message)


_core.set_hook("log", _log)
