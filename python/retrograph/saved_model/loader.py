"""Reads SavedModels."""
from retrograph import _core
from retrograph.compat import bytes_text
from retrograph.framework import errors
from retrograph.framework import ops
from retrograph.platform import deprecation
from retrograph.training import saver as saver_lib


def maybe_saved_model_directory(export_dir):
    """Whether a folder has a saved_model.pb or .pbtxt."""
    return _core.contains_saved_model(bytes_text.as_text(export_dir))


def parse_saved_model(export_dir):
    """The SavedModel message of a folder."""
    return SavedModelLoader(export_dir).saved_model


def get_asset_tensors(export_dir, meta_graph_def_to_load, import_scope=None):
    """The paths of a meta graph's assets, by the tensors that hold them."""
    return {name: bytes_text.as_bytes(path) for name, path in
            _core.asset_feeds(bytes_text.as_text(export_dir),
                              meta_graph_def_to_load.SerializeToString(),
                              import_scope or "")}


def _graph_element(find, meta_graph_def, import_scope):
    graph = ops.get_default_graph()
    item = find(graph._c, meta_graph_def.SerializeToString(),
                import_scope or "")
    return None if item is None else graph._collection_item(item)


def get_init_op(meta_graph_def, import_scope=None):
    """What a load runs, in the default graph; None if there is nothing."""
    return _graph_element(_core.get_init_op, meta_graph_def, import_scope)


def get_train_op(meta_graph_def, import_scope=None):
    return _graph_element(_core.get_train_op, meta_graph_def, import_scope)


class SavedModelLoader:
    """Loads graphs and variables' values from a SavedModel's folder."""

    def __init__(self, export_dir):
        self._export_dir = export_dir
        self._c = _core.SavedModelLoader(bytes_text.as_text(export_dir))
        from retrograph import protos
        self._saved_model = protos.SavedModel.FromString(self._c.saved_model)

    export_dir = property(lambda self: self._export_dir)
    variables_path = property(lambda self: self._c.variables_path)
    saved_model = property(lambda self: self._saved_model)

    def get_meta_graph_def_from_tags(self, tags):
        """The meta graph with exactly these tags."""
        return self._saved_model.meta_graphs[
            self._c.find(list(tags), str(tags).strip("[]"))]

    def load_graph(self, graph, tags, import_scope=None, **saver_kwargs):
        """(Saver or None, returned elements) of an import into a graph."""
        meta_graph_def = self.get_meta_graph_def_from_tags(tags)
        with graph.as_default():
            return saver_lib._import_meta_graph_with_return_elements(
                meta_graph_def, import_scope=import_scope, **saver_kwargs)

    def restore_variables(self, sess, saver, import_scope=None):
        """Gives the session's variables the values in the SavedModel."""
        with sess.graph.as_default():
            if isinstance(saver, saver_lib.Saver):
                saver.restore(sess, self.variables_path)
            else:
                self._c.restore_without_saver(
                    saver_lib.Saver._core_session(sess), import_scope or "")

    def run_init_ops(self, sess, tags, import_scope=None):
        """Runs what is to be run after a load, if anything."""
        self.get_meta_graph_def_from_tags(tags)
        try:
            self._c.run_init_ops(saver_lib.Saver._core_session(sess),
                                 list(tags), import_scope or "")
        except errors.OpError as e:
            raise errors._with_op(e, sess.graph) from None

    def load(self, sess, tags, import_scope=None, **saver_kwargs):
        """Loads a graph and its variables; the meta graph as in the file."""
        with sess.graph.as_default():
            saver, _ = self.load_graph(sess.graph, tags, import_scope,
                                       **saver_kwargs)
            self.restore_variables(sess, saver, import_scope)
            self.run_init_ops(sess, tags, import_scope)
        return self.get_meta_graph_def_from_tags(tags)


@deprecation.deprecated(
    "tensorflow.python.saved_model.loader_impl",
    "This function will only be available through the v1 compatibility "
    "library as tf.compat.v1.saved_model.loader.load or "
    "tf.compat.v1.saved_model.load. There will be a new function for "
    "importing SavedModels in Tensorflow 2.0.")
def load(sess, tags, export_dir, import_scope=None, **saver_kwargs):
    """Loads the model with these tags into a session; its MetaGraphDef."""
    return SavedModelLoader(export_dir).load(sess, tags, import_scope,
                                             **saver_kwargs)
