"""tf.train.Saver, meta graphs."""
from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING, Any

from retrograph import _core
from retrograph import protos
from retrograph.client import session as session_lib
from retrograph.compat import bytes_text
from retrograph.framework import display
from retrograph.framework import errors
from retrograph.framework import meta_graph
from retrograph.framework import ops
from retrograph.ops import variables
from retrograph.platform import tf_logging
from retrograph.training import checkpoint_management
from retrograph.training import progress
from retrograph.training import training_util
from retrograph.training.saver_builder import BaseSaverBuilder  # noqa: F401
from retrograph.training.saver_builder import BulkSaverBuilder  # noqa: F401
from retrograph.training.saving import saveable_object_util
from retrograph.training.saving.saveable_object import SaveableObject  # noqa: F401
from retrograph.training.saving.saveable_object import SaveSpec  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrograph.proto.meta_graph_pb2 import MetaGraphDef
    from retrograph.proto.saver_pb2 import SaverDef
    from retrograph.training.checkpoint_management import Path

_UNASKED = object()  # a SaverDef that C++ has and nobody has asked for

latest_checkpoint = checkpoint_management.latest_checkpoint
checkpoint_exists = checkpoint_management.checkpoint_exists
get_checkpoint_state = checkpoint_management.get_checkpoint_state
update_checkpoint_state = checkpoint_management.update_checkpoint_state
generate_checkpoint_state_proto = \
    checkpoint_management.generate_checkpoint_state_proto
get_checkpoint_mtimes = checkpoint_management.get_checkpoint_mtimes
remove_checkpoint = checkpoint_management.remove_checkpoint


# ---- Saver ------------------------------------------------------------------

def _find(var_list):
    """The variables, when they are asked for: of a Saver that is built later,
    or that is given a SaverDef and meets an object-based checkpoint."""
    if var_list is None:
        return saveable_object_util.all_saveables()
    return saveable_object_util.entries(var_list)[0]


class Saver:
    """Saves a graph's variables in checkpoints, and restores them.

    The variables are those that exist when it is made (or built). Afterwards
    it holds only names: save() and restore() look them up in the session's
    graph.

    Parameters
    ----------
    var_list : list or dict, optional
        Variables and SaveableObjects, or such by their names in the
        checkpoint. All saveable ones of the default graph if there is none.
    reshape : bool
        Whether a value may be restored into another shape of as many elements.
    sharded : bool
        Whether each device writes a file of its own.
    max_to_keep : int or None
        How many checkpoints to keep; None or 0 for all.
    keep_checkpoint_every_n_hours : float
        One in so many hours is kept beyond that.
    name : str, optional
        The scope of the ops that it adds.
    restore_sequentially : bool
        Whether variables are restored one after the other.
    saver_def : SaverDef, optional
        Its ops are in the graph already, and none are added.
    builder : BaseSaverBuilder, optional
        Adds the ops.
    defer_build : bool
        Whether the ops are added by `build` and not now.
    allow_empty : bool
        Whether a graph without variables is no error.
    write_version : int
        SaverDef.V1 or SaverDef.V2.
    pad_step_number : bool
        Whether steps in file names have at least eight digits.
    save_relative_paths : bool
        Whether the state file has paths relative to its folder.
    filename : str, optional
        The default value of the op that is fed with the file's name.

    Raises
    ------
    TypeError
        If `var_list` has something that cannot be saved.
    ValueError
        If two variables have one name, or there is nothing to save.
    RuntimeError
        If the graph is finalized.
    """

    def __init__(self, var_list: Any = None, reshape: bool = False,
                 sharded: bool = False, max_to_keep: int | None = 5,
                 keep_checkpoint_every_n_hours: float = 10000.0,
                 name: str | None = None, restore_sequentially: bool = False,
                 saver_def: SaverDef | None = None, builder: Any = None,
                 defer_build: bool = False, allow_empty: bool = False,
                 write_version: int = 2, pad_step_number: bool = False,
                 save_relative_paths: bool = False,
                 filename: str | None = None) -> None:
        if defer_build and var_list:
            raise ValueError(
                "If `var_list` is provided then build cannot be deferred. "
                "Either set defer_build=False or var_list=None.")
        self._var_list = var_list
        self._builder = builder
        self._allow_empty = allow_empty
        self._is_built = not defer_build
        self._saver_def = saver_def or None
        if saver_def and not isinstance(saver_def, protos.SaverDef):
            raise ValueError("saver_def must be a saver_pb2.SaverDef: %s" %
                             saver_def)
        entries, is_dict = self._entries()
        if builder is None and self._saver_def is None and \
                not isinstance(write_version, int):
            # TensorFlow's own slip: its text is that of the failing "+".
            raise RuntimeError("Unexpected write_version: " + write_version)
        self._c = _core.Saver(ops.get_default_graph()._c, {
            "var_list": entries, "is_dict": is_dict,
            "find": functools.partial(_find, var_list),
            "reshape": bool(reshape), "sharded": bool(sharded),
            "max_to_keep": max_to_keep,
            "keep_checkpoint_every_n_hours":
                float(keep_checkpoint_every_n_hours),
            "name": name, "restore_sequentially": bool(restore_sequentially),
            "saver_def": None if self._saver_def is None
            else self._saver_def.SerializeToString(),
            "builder": None if builder is None else builder._core_arguments(),
            "defer_build": bool(defer_build), "allow_empty": bool(allow_empty),
            "write_version": write_version,
            "pad_step_number": bool(pad_step_number),
            "save_relative_paths": bool(save_relative_paths),
            "filename": filename})
        self._pull()

    def _entries(self):
        """What is known of the variables now: (as C++ takes it, is a dict)."""
        if self._var_list is None or self._saver_def is not None:
            return None, isinstance(self._var_list, dict)
        if not self._var_list:
            return [], False
        return saveable_object_util.entries(self._var_list)

    # The SaverDef is a message that users may change: it goes down before it
    # is used and comes up after it may have changed. As long as nobody asks for
    # it there is none, and protobuf need not be loaded.
    def _push(self):
        if self._saver_def is not None and self._saver_def is not _UNASKED:
            self._c.saver_def = self._saver_def.SerializeToString()

    def _pull(self):
        data = self._c.saver_def
        if data is None:
            self._saver_def = None
        elif self._saver_def is None or self._saver_def is _UNASKED:
            self._saver_def = _UNASKED
        else:
            self._saver_def.ParseFromString(data)

    def build(self) -> None:
        """Adds the ops, if they were deferred."""
        if self._is_built:
            return
        self._is_built = True  # even if that fails, as on TensorFlow
        self._c.build(ops.get_default_graph()._c)
        self._pull()

    @property
    def saver_def(self) -> SaverDef | None:
        """The names that it holds; None before it is built."""
        if self._saver_def is _UNASKED:
            self._saver_def = protos.SaverDef.FromString(self._c.saver_def)
        return self._saver_def

    @saver_def.setter
    def saver_def(self, saver_def):
        self._saver_def = saver_def

    def as_saver_def(self) -> SaverDef | None:
        """The SaverDef itself."""
        return self.saver_def

    def _described(self):
        if self._saver_def is None and not self._is_empty:
            return "not built"
        keys = [] if self._saver_def is None else self._c.keys
        if not keys and not self._is_empty:  # another saver made its ops
            return "run by " + self.saver_def.restore_op_name
        return display.named(keys, "tensor")

    def __repr__(self):
        return "<tf.train.Saver: %s>" % self._described()

    def _repr_html_(self):
        keys = [] if self._saver_def is None else self._c.keys
        return display.table("tf.train.Saver: " + self._described(),
                             ["saved as"], [(key,) for key in keys]) + \
            display.table(
                display.counted(len(self.last_checkpoints), "checkpoint"),
                ["checkpoint"], [(path,) for path in self.last_checkpoints])

    _is_empty = property(lambda self: self._c.is_empty)

    def save(self, sess: Any, save_path: Path, global_step: Any = None,
             latest_filename: str | None = None,
             meta_graph_suffix: str = "meta", write_meta_graph: bool = True,
             write_state: bool = True, strip_default_attrs: bool = False,
             save_debug_info: bool = False) -> str:
        """Writes the variables' values.

        Parameters
        ----------
        sess : Session
        save_path : path
            The checkpoint's prefix; its folder's parent must be there.
        global_step : int, Tensor or Variable, optional
            Goes to the end of the prefix, after a "-".
        latest_filename : str, optional
            The state file's name; "checkpoint" if there is none here.
        meta_graph_suffix : str
            The ending of the meta graph's file.
        write_meta_graph : bool
        write_state : bool
        strip_default_attrs : bool
            Whether attrs with default values are left out of the meta graph.
        save_debug_info : bool
            Whether a `.debug` file says where each operation was made.

        Returns
        -------
        str
            The prefix, for `restore`. None, where nothing is to be saved.

        Raises
        ------
        TypeError
            If `sess` is no session.
        ValueError
            If the folder cannot be made, or a name or path is not valid.
        RuntimeError
            If the session is closed or the saver is not built.
        tf.errors.OpError
            `FailedPreconditionError` for a variable without a value; what the
            file system answered otherwise. The older checkpoint is whole then.
        """
        if latest_filename is None:
            latest_filename = "checkpoint"
        self._c.begin_save(latest_filename)
        save_path = checkpoint_management._path(save_path)
        if global_step is not None:
            if not isinstance(global_step, bytes_text.integral_types):
                global_step = training_util.global_step(sess, global_step)
            global_step = int(global_step)
        core = self._saved_session(sess)
        if core.closed and not self._is_empty:
            raise RuntimeError("Attempted to use a closed Session.")
        self._push()
        try:
            with progress.shown("saving", save_path):
                prefix = self._c.save(
                    core, save_path, global_step, latest_filename,
                    meta_graph_suffix, bool(write_meta_graph),
                    bool(write_state), bool(strip_default_attrs),
                    bool(save_debug_info))
        except errors.OpError as e:
            raise errors._with_op(e, sess.graph) from None
        return prefix or None  # type: ignore[return-value]

    def restore(self, sess: Any, save_path: Path | None) -> None:
        """Gives the variables the values in a checkpoint.

        Parameters
        ----------
        sess : Session
        save_path : path
            The prefix that `save` returned.

        Raises
        ------
        ValueError
            If the path is None or there is no such checkpoint.
        tf.errors.OpError
            `NotFoundError` for a variable that the checkpoint does not have,
            `InvalidArgumentError` for one with another shape or type,
            `DataLossError` for damaged files.
        """
        if self._is_empty:
            return
        if save_path is None:
            raise ValueError("Can't load save_path when it is None.")
        save_path = bytes_text.as_text(save_path)
        if not hasattr(sess, "run") and not checkpoint_exists(save_path):
            raise ValueError("The passed save_path is not a valid checkpoint: "
                             + save_path)
        if not hasattr(sess, "run"):
            tf_logging.info("Restoring parameters from %s", save_path)
            sess.run  # noqa: B018, the AttributeError that TensorFlow raises
        self._push()
        try:
            with progress.shown("restoring", save_path):
                self._c.restore(self._core_session(sess), save_path,
                                ops.get_default_graph()._c)
        except errors.OpError as e:
            raise errors._with_op(e, sess.graph) from None

    @staticmethod
    def _saved_session(sess):
        # A monitored session will do for restore(), not here.
        if not isinstance(sess, session_lib.SessionInterface):
            raise TypeError("'sess' must be a Session; %s" % (sess,))
        return Saver._core_session(sess)

    @staticmethod
    def _core_session(sess):
        while hasattr(sess, "_sess"):  # a monitored session's layers
            sess = sess._sess
        return sess._c

    @property
    def last_checkpoints(self) -> list[str]:
        """The checkpoints that are kept, oldest first."""
        return self._c.last_checkpoints

    def set_last_checkpoints(self, last_checkpoints: list[str]) -> None:
        """Takes over checkpoints, oldest first, none of them to be deleted."""
        assert isinstance(last_checkpoints, list)
        self._c.set_last_checkpoints(last_checkpoints)

    def set_last_checkpoints_with_time(
            self, last_checkpoints_with_time: list[tuple[str, float]]) -> None:
        """Takes over checkpoints and the times when they were written."""
        assert isinstance(last_checkpoints_with_time, list)
        self._c.set_last_checkpoints_with_time(last_checkpoints_with_time)

    def recover_last_checkpoints(self,
                                 checkpoint_paths: Sequence[Path]) -> None:
        """Takes over those of the checkpoints that are there."""
        self._c.recover_last_checkpoints(
            [checkpoint_management._path(p) for p in checkpoint_paths])

    def export_meta_graph(self, filename=None, collection_list=None,
                          as_text=False, export_scope=None,
                          clear_devices=False, clear_extraneous_savers=False,
                          strip_default_attrs=False,
                          save_debug_info=False) -> MetaGraphDef:
        """As `tf.train.export_meta_graph`, of the default graph and this."""
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
        if export_scope is None:
            return self.saver_def
        self.saver_def.filename_tensor_name  # noqa: B018, AttributeError
        self._push()
        data = self._c.to_proto(export_scope)
        return None if data is None else protos.SaverDef.FromString(data)

    @staticmethod
    def from_proto(saver_def: SaverDef,
                   import_scope: str | None = None) -> Saver:
        """A saver whose ops are in the default graph, under a scope."""
        return Saver(saver_def=saver_def, name=import_scope)


Saver.__module__ = "tensorflow.python.training.saver"


def _get_saver_or_default():
    """The Saver in the collection of Savers, or a new one that is put there.

    RuntimeError if there are several.
    """
    graph = ops.get_default_graph()
    return graph._collection_item(_core.saver_or_default(
        graph._c, lambda: Saver(sharded=True, allow_empty=True)))


# ---- Object-based checkpoints -----------------------------------------------

def object_graph_key_mapping(checkpoint_path):
    """The keys of an object-based checkpoint by the variables' names."""
    return _core.object_graph_key_mapping(
        checkpoint_management._path(checkpoint_path))


def saver_from_object_based_checkpoint(checkpoint_path, var_list=None,
                                       builder=None, names_to_keys=None,
                                       cached_saver=None):
    """A Saver that finds its variables in an object-based checkpoint.

    With a `cached_saver` the names are checked, and it is returned.
    """
    if names_to_keys is None:
        try:
            names_to_keys = object_graph_key_mapping(checkpoint_path)
        except errors.NotFoundError:
            raise ValueError("Checkpoint in %s not an object-based checkpoint."
                             % checkpoint_path) from None
    if var_list is None:
        var_list = variables._all_saveable_objects()
    saveables = _core.object_based_saveables(
        *saveable_object_util.entries(var_list), names_to_keys)
    if cached_saver is not None:
        return cached_saver
    graph = ops.get_default_graph()
    return Saver([saveable_object_util.wrap(graph, s) for s in saveables])


# ---- Meta graphs ------------------------------------------------------------

def export_meta_graph(filename=None, meta_info_def=None, graph_def=None,
                      saver_def=None, collection_list=None, as_text=False,
                      graph=None, export_scope=None, clear_devices=False,
                      clear_extraneous_savers=False,
                      strip_default_attrs=False, save_debug_info=False,
                      **kwargs) -> MetaGraphDef:
    """A MetaGraphDef of a graph: its operations and collections.

    Parameters
    ----------
    filename : path, optional
        Where to write it.
    meta_info_def : MetaInfoDef, optional
    graph_def : GraphDef, optional
        Instead of the graph's own.
    saver_def : SaverDef, optional
    collection_list : list of str, optional
        Which collections; all if there is none here.
    as_text : bool
        Whether the file is text.
    graph : Graph, optional
        The default graph if there is none here.
    export_scope : str, optional
        Only what is in this name scope, without its name.
    clear_devices : bool
    clear_extraneous_savers : bool
        Whether ops and collections of other savers are left out.
    strip_default_attrs : bool
    save_debug_info : bool

    Raises
    ------
    ValueError
        If `graph_def` is part of a larger graph without a scope.
    """
    return meta_graph.exported(
        filename=filename, meta_info_def=meta_info_def, graph_def=graph_def,
        saver_def=saver_def, collection_list=collection_list, as_text=as_text,
        graph=graph, export_scope=export_scope, clear_devices=clear_devices,
        clear_extraneous_savers=clear_extraneous_savers,
        strip_default_attrs=strip_default_attrs,
        save_debug_info=save_debug_info, **kwargs)


def _saver_of_import(saver_def, import_scope, imported):
    if saver_def is not None:
        scope = import_scope
        for name, variable in imported.items():
            scope = variable.name[:-len(name)]
            break
        return Saver(saver_def=saver_def, name=scope)
    if variables._all_saveable_objects(import_scope):
        return Saver()
    tf_logging.info("Saver not created because there are no variables in the "
                    "graph to restore")
    return None


def _import_meta_graph_with_return_elements(meta_graph_or_file,
                                            clear_devices=False,
                                            import_scope=None,
                                            return_elements=None, **kwargs):
    imported, elements, saver_def = meta_graph.import_with_saver_def(
        meta_graph_or_file, clear_devices=clear_devices,
        import_scope=import_scope, return_elements=return_elements, **kwargs)
    return _saver_of_import(saver_def, import_scope, imported), elements


def import_meta_graph(meta_graph_or_file: Any, clear_devices: bool = False,
                      import_scope: str | None = None, **kwargs: Any) -> Any:
    """Adds a meta graph to the default graph.

    Parameters
    ----------
    meta_graph_or_file : MetaGraphDef or path
    clear_devices : bool
    import_scope : str, optional
        A name scope for what is added. Names in checkpoints do not change.
    **kwargs
        Of `tf.import_graph_def`: `input_map`, ...

    Returns
    -------
    Saver or None
        That of the meta graph, or a new one if it has variables and no saver.

    Raises
    ------
    OSError
        If there is no such file, or it cannot be parsed.
    """
    return _import_meta_graph_with_return_elements(
        meta_graph_or_file, clear_devices, import_scope, **kwargs)[0]


def _log(level, message):
    (tf_logging.info, tf_logging.warning, tf_logging.error,
     tf_logging.debug)[level](message)


meta_graph.register_from_proto(
    ops.GraphKeys.SAVERS, lambda data, import_scope: Saver.from_proto(
        protos.SaverDef.FromString(data), import_scope=import_scope))


def _now():
    return time.time()


_core.set_hook("log", _log)
_core.set_hook("now", _now)
