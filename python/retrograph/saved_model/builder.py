"""Writes SavedModels."""
from retrograph import _core
from retrograph.compat import bytes_text
from retrograph.framework import errors
from retrograph.framework import ops
from retrograph.platform import deprecation
from retrograph.saved_model import signature_constants
from retrograph.saved_model import signature_def_utils
from retrograph.saved_model import tag_constants
from retrograph.training import saver as saver_lib


def _saver():
    return saver_lib.Saver(sharded=True, allow_empty=True)


def _assets(tensors):
    """The tensors of an assets_collection; None stays None."""
    if tensors is None:
        return None
    tensors = list(tensors)
    if not all(isinstance(tensor, ops.Tensor) for tensor in tensors):
        raise TypeError("Asset path tensor must be a Tensor.")
    return tensors


def _main_op(main_op):
    if main_op is not None and not isinstance(main_op, ops.Operation):
        raise TypeError("main_op needs to be an Operation: %r" % main_op)
    return main_op


_legacy_init_op = deprecation.deprecated_argument(
    "tensorflow.python.saved_model.builder_impl", "SavedModelBuilder",
    "legacy_init_op",
    "Pass your op to the equivalent parameter main_op instead.")


class SavedModelBuilder:
    """Builds a SavedModel in a folder: meta graphs, variables, assets.

    The first meta graph comes with the variables' values, others share them.
    save() writes saved_model.pb, the last of the files.
    """

    def __init__(self, export_dir):
        self._export_dir = export_dir
        self._c = _core.SavedModelBuilder(bytes_text.as_text(export_dir))

    @property
    def _saved_model(self):
        from retrograph import protos
        return protos.SavedModel.FromString(self._c.saved_model)

    @_legacy_init_op
    def add_meta_graph(self, tags, signature_def_map=None,
                       assets_collection=None, legacy_init_op=None,
                       clear_devices=False, main_op=None,
                       strip_default_attrs=False, saver=None):
        """Adds the default graph."""
        self._add(None, tags, signature_def_map, assets_collection,
                  main_op or legacy_init_op, clear_devices,
                  strip_default_attrs, saver)

    @_legacy_init_op
    def add_meta_graph_and_variables(self, sess, tags, signature_def_map=None,
                                     assets_collection=None,
                                     legacy_init_op=None, clear_devices=False,
                                     main_op=None, strip_default_attrs=False,
                                     saver=None):
        """Adds the default graph, and the session's values of variables."""
        try:
            self._add(saver_lib.Saver._saved_session(sess), tags,
                      signature_def_map, assets_collection,
                      main_op or legacy_init_op, clear_devices,
                      strip_default_attrs, saver)
        except errors.OpError as e:
            raise errors._with_op(e, sess.graph) from None

    def _add(self, session, tags, signature_def_map, assets_collection,
             main_op, clear_devices, strip_default_attrs, saver):
        main_op = _main_op(main_op)
        self._c.add(
            session, ops.get_default_graph()._c, list(tags),
            {key: signature.SerializeToString() for key, signature in
             (signature_def_map or {}).items()},
            _assets(assets_collection),
            None if main_op is None else main_op._id, bool(clear_devices),
            bool(strip_default_attrs), lambda: (saver or _saver())._c)

    def save(self, as_text=False):
        """Writes the SavedModel's message; returns the path, as bytes."""
        return bytes_text.as_bytes(self._c.save(bool(as_text)))


@deprecation.deprecated(
    "tensorflow.python.saved_model.simple_save",
    "This function will only be available through the v1 compatibility "
    "library as tf.compat.v1.saved_model.simple_save.")
def simple_save(session, export_dir, inputs, outputs, legacy_init_op=None):
    """Writes a SavedModel for serving: one graph, one signature."""
    signature = signature_def_utils.predict_signature_def(inputs, outputs)
    builder = SavedModelBuilder(export_dir)
    builder.add_meta_graph_and_variables(
        session, tags=[tag_constants.SERVING],
        signature_def_map={
            signature_constants.DEFAULT_SERVING_SIGNATURE_DEF_KEY: signature},
        assets_collection=ops.get_collection(ops.GraphKeys.ASSET_FILEPATHS),
        main_op=legacy_init_op, clear_devices=True)
    builder.save()
