"""How a collection of a user's own objects is kept in a meta graph."""
import traceback

from retrograph.compat import bytes_text
from retrograph.framework import graph_keys

# By the collection's key: (message class, to_proto, from_proto), and where it
# was registered.
_functions = {}
_places = {}

_k = graph_keys.GraphKeys
_BUILT_IN = (_k.GLOBAL_VARIABLES, _k.TRAINABLE_VARIABLES,
             _k.MOVING_AVERAGE_VARIABLES, _k.LOCAL_VARIABLES,
             _k.MODEL_VARIABLES, _k.METRIC_VARIABLES, _k.GLOBAL_STEP,
             _k.SAVERS, _k.QUEUE_RUNNERS, _k.COND_CONTEXT, _k.WHILE_CONTEXT)


def register_proto_function(collection_name, proto_type=None, to_proto=None,
                            from_proto=None):
    """to_proto(object, export_scope=) makes a message of proto_type of an
    object in the collection, from_proto(message, import_scope=) the object."""
    if to_proto and not callable(to_proto):
        raise TypeError("to_proto must be callable.")
    if from_proto and not callable(from_proto):
        raise TypeError("from_proto must be callable.")
    place = traceback.extract_stack(limit=2)[0]
    if collection_name in _BUILT_IN:
        raise KeyError("Registering two proto functions with name '%s'! "
                       "(Previous registration was in retrograph)"
                       % collection_name)
    if collection_name in _functions:
        before = _places[collection_name]
        raise KeyError("Registering two proto functions with name '%s'! "
                       "(Previous registration was in %s %s:%d)"
                       % (collection_name, before.name, before.filename,
                          before.lineno))
    _functions[collection_name] = (proto_type, to_proto, from_proto)
    _places[collection_name] = place


def any_registered():
    return bool(_functions)


def _registered(collection_name, part):
    return _functions.get(bytes_text.as_str(collection_name),
                          (None, None, None))[part]


def get_collection_proto_type(collection_name):
    return _registered(collection_name, 0)


def get_to_proto_function(collection_name):
    return _registered(collection_name, 1)


def get_from_proto_function(collection_name):
    return _registered(collection_name, 2)
