"""Signatures: how to call a graph."""
from retrograph import _core
from retrograph.framework import ops
from retrograph.saved_model import signature_constants
from retrograph.saved_model import utils


def _signature(data):
    from retrograph import protos
    return protos.SignatureDef.FromString(data)


def _info(tensor):
    """Of a tensor, as the bindings take it; None stays None."""
    return None if tensor is None else \
        utils.build_tensor_info(tensor).SerializeToString()


def _infos(tensors):
    return {key: _info(tensor) for key, tensor in (tensors or {}).items()}


def _serialized(infos):
    return {key: info.SerializeToString() for key, info in
            (infos or {}).items()}


def build_signature_def(inputs=None, outputs=None, method_name=None):
    """A SignatureDef of TensorInfos."""
    return _signature(_core.build_signature_def(
        _serialized(inputs), _serialized(outputs), method_name or ""))


def regression_signature_def(examples, predictions):
    """Takes examples (strings), gives predictions (floats)."""
    if examples is not None and not isinstance(examples, ops.Tensor):
        raise ValueError("Regression examples must be a string Tensor.")
    return _signature(_core.regression_signature_def(_info(examples),
                                                     _info(predictions)))


def classification_signature_def(examples, classes, scores):
    """Takes examples (strings), gives classes (strings), scores (floats)."""
    if examples is not None and not isinstance(examples, ops.Tensor):
        raise ValueError("Classification examples must be a string Tensor.")
    return _signature(_core.classification_signature_def(
        _info(examples), _info(classes), _info(scores)))


def predict_signature_def(inputs, outputs):
    """Takes and gives any tensors."""
    return _signature(_core.predict_signature_def(_infos(inputs),
                                                  _infos(outputs)))


def supervised_train_signature_def(inputs, loss, predictions=None,
                                   metrics=None):
    return _signature(_core.supervised_signature_def(
        signature_constants.SUPERVISED_TRAIN_METHOD_NAME, _infos(inputs),
        [_infos(x) for x in (loss, predictions, metrics)]))


def supervised_eval_signature_def(inputs, loss, predictions=None,
                                  metrics=None):
    return _signature(_core.supervised_signature_def(
        signature_constants.SUPERVISED_EVAL_METHOD_NAME, _infos(inputs),
        [_infos(x) for x in (loss, predictions, metrics)]))


def is_valid_signature(signature_def):
    """Whether TensorFlow Serving can serve it."""
    return signature_def is not None and _core.is_valid_signature(
        signature_def.SerializeToString())


def op_signature_def(op, key):
    """A signature whose only output is an op."""
    return _signature(_core.op_signature_def(op.name, key))


def load_op_from_signature_def(signature_def, key, import_scope=None):
    """The op (or tensor) of an op_signature_def."""
    graph = ops.get_default_graph()
    return graph._collection_item(_core.load_op_from_signature_def(
        graph._c, signature_def.SerializeToString(), key, import_scope or ""))
