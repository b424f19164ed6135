"""Meta graphs: a graph with its collections, as a message or a .meta file."""
import re

from retrograph import _core
from retrograph.compat import bytes_text
from retrograph.framework import importer
from retrograph.framework import ops
from retrograph.framework import proto_functions
from retrograph.framework import wrappers


_UNBOUND_INPUT_PREFIX = "$unbound_inputs_"


def strip_name_scope(name, export_scope):
    if not export_scope:
        return name
    scope = export_scope[:-1] if export_scope[-1] == "/" else export_scope
    return re.sub(r"([\^]|loc:@|^)" + scope + r"[\/]+(.*)", r"\1\2", name,
                  count=1)


def prepend_name_scope(name, import_scope):
    """The inverse: the name that a node got by an import into a scope."""
    if not import_scope:
        return name
    scope = import_scope[:-1] if import_scope[-1] == "/" else import_scope
    return re.sub(r"([\^]|loc:@|^)(.*)",
                  lambda m: m.group(1) + scope + "/" + m.group(2), name,
                  count=1)


def _proto_bytes(message, name, kind):
    """The message, serialised; TensorFlow's TypeError for another object."""
    if message is None:
        return None
    from retrograph import protos
    cls = protos.MetaGraphDef.MetaInfoDef if kind == "MetaInfoDef" else \
        getattr(protos, kind)
    if not isinstance(message, cls):
        raise TypeError("%s must be of type %s, not %%s" % (name, kind),
                        type(message))
    return message.SerializeToString()


def read_meta_graph_file(filename):
    """The message in a binary or text file."""
    from retrograph import protos
    return protos.MetaGraphDef.FromString(
        _core.read_meta_graph(bytes_text.as_text(filename)))


def _parsed(meta_graph_or_file):
    """The message as C++ has it."""
    from retrograph import protos
    if isinstance(meta_graph_or_file, protos.MetaGraphDef):
        return _core.MetaGraph.from_bytes(
            meta_graph_or_file.SerializeToString())
    return _core.MetaGraph.from_file(bytes_text.as_text(meta_graph_or_file))


def _variables_under(graph, scope):
    return {strip_name_scope(v.name, scope): v for v in graph.get_collection(
        ops.GraphKeys.GLOBAL_VARIABLES, scope=scope)}


# ---- Export -----------------------------------------------------------------

def ops_used_by_graph_def(graph_def):
    """The op types of a GraphDef, those in its functions included."""
    return _core.ops_used_by_graph_def(graph_def.SerializeToString())


def stripped_op_list_for_graph(graph_def):
    """The definitions of the ops that a GraphDef uses."""
    from retrograph import protos
    return protos.OpList.FromString(_core.stripped_op_list(
        ops.get_default_graph()._c, graph_def.SerializeToString()))


def add_collection_def(meta_graph_def, key, graph=None, export_scope=None,
                       exclude_nodes=None, override_contents=None):
    """Adds a collection of a graph to a meta graph."""
    if graph is not None and not isinstance(graph, ops.Graph):
        raise TypeError("graph must be of type Graph, not %s", type(graph))
    if not isinstance(key, (str, bytes)):
        _warn_of_key(key)
        return
    graph = graph or ops.get_default_graph()
    excluded = [getattr(node, "name", node) for node in exclude_nodes or ()]
    contents = graph.get_collection_ref(key)
    before = list(contents)
    if override_contents:
        contents[:] = override_contents
    try:
        if ops.get_to_proto_function(key):
            _add_messages(meta_graph_def, key, graph, export_scope, excluded)
            return
        meta_graph_def.ParseFromString(_core.add_collection_def(
            graph._c, meta_graph_def.SerializeToString(),
            bytes_text.as_text(key), export_scope or "", excluded))
    finally:
        if override_contents:
            contents[:] = before


def _add_messages(meta_graph_def, key, graph, export_scope, excluded=()):
    """Adds a collection of a user's own objects."""
    items = [item for item in graph.get_collection(key)
             if _is_included(item, export_scope, excluded)]
    if not items:
        return
    to_proto = ops.get_to_proto_function(key)
    try:
        values = meta_graph_def.collection_def[key].bytes_list.value
        for item in items:
            message = to_proto(item, export_scope=export_scope)
            if message:
                assert isinstance(message, ops.get_collection_proto_type(key))
                values.append(message.SerializeToString())
    except Exception as e:
        from retrograph.platform import tf_logging
        tf_logging.warning(
            "Issue encountered when serializing %s.\nType is unsupported, or "
            "the types of the items don't match field type in CollectionDef. "
            "Note this is a warning and probably safe to ignore.\n%s", key,
            str(e))
        del meta_graph_def.collection_def[key]


def _is_included(item, export_scope, excluded):
    name = item if isinstance(item, str) else getattr(item, "name", None)
    if name is None:
        return True
    return name not in excluded and (
        name.startswith(_UNBOUND_INPUT_PREFIX) or
        not export_scope or name.startswith(export_scope))


def create_meta_graph_def(meta_info_def=None, graph_def=None, saver_def=None,
                          collection_list=None, graph=None, export_scope=None,
                          exclude_nodes=None, clear_extraneous_savers=False,
                          strip_default_attrs=False):
    """A MetaGraphDef of a whole graph, which is not written anywhere.

    export_scope and exclude_nodes say what is left out of the collections.
    """
    if graph is not None and not isinstance(graph, ops.Graph):
        raise TypeError("graph must be of type Graph, not %s", type(graph))
    graph = graph or ops.get_default_graph()
    meta_graph_def = exported(
        meta_info_def=meta_info_def, graph_def=graph_def, saver_def=saver_def,
        collection_list=(), graph=graph,
        strip_default_attrs=strip_default_attrs)
    if collection_list is None:
        collection_list = graph.get_all_collection_keys()
    for key in collection_list:
        savers = None
        if clear_extraneous_savers and key == ops.GraphKeys.SAVERS:
            savers = [_from_proto[key](saver_def.SerializeToString(), "")]
        add_collection_def(meta_graph_def, key, graph, export_scope,
                           exclude_nodes, savers)
    return meta_graph_def


def _add_collection_names(graph, collection_list):
    if collection_list is None:
        return None
    names = []
    for key in collection_list:
        if isinstance(key, (str, bytes)):
            names.append(bytes_text.as_text(key))
        else:
            _warn_of_key(key)
    return names


def _warn_of_key(key):
    from retrograph.platform import tf_logging
    tf_logging.warning("Only collections with string type keys will be "
                       "serialized. This key has %s", type(key))


def export_scoped_meta_graph(filename=None, graph_def=None, graph=None,
                             export_scope=None, as_text=False,
                             unbound_inputs_col_name="unbound_inputs",
                             clear_devices=False, saver_def=None,
                             clear_extraneous_savers=False,
                             strip_default_attrs=False, save_debug_info=False,
                             meta_info_def=None, collection_list=None,
                             **kwargs):
    """(MetaGraphDef, {name: variable}) of a graph or a scope of it."""
    graph = graph or ops.get_default_graph()
    meta_graph_def = exported(
        filename=filename, graph_def=graph_def, graph=graph,
        export_scope=export_scope, as_text=as_text,
        unbound_inputs_col_name=unbound_inputs_col_name,
        clear_devices=clear_devices, saver_def=saver_def,
        clear_extraneous_savers=clear_extraneous_savers,
        strip_default_attrs=strip_default_attrs,
        save_debug_info=save_debug_info, meta_info_def=meta_info_def,
        collection_list=collection_list, **kwargs)
    return meta_graph_def, _variables_under(graph, export_scope)


def exported(*, filename=None, graph_def=None, graph=None, export_scope=None,
             as_text=False, unbound_inputs_col_name="unbound_inputs",
             clear_devices=False, saver_def=None,
             clear_extraneous_savers=False, strip_default_attrs=False,
             save_debug_info=False, meta_info_def=None, collection_list=None,
             **kwargs):
    """The MetaGraphDef of export_scoped_meta_graph() alone."""
    from retrograph import protos
    for name in kwargs:
        raise TypeError("create_meta_graph_def() got an unexpected keyword "
                        "argument %r" % name)
    graph = graph or ops.get_default_graph()
    own = [key for key in (graph.get_all_collection_keys()
                           if collection_list is None else collection_list)
           if isinstance(key, (str, bytes)) and ops.get_to_proto_function(key)]
    if own:
        collection_list = [
            key for key in (graph.get_all_collection_keys()
                            if collection_list is None else collection_list)
            if key not in own]
    data = _core.export_meta_graph(graph._c, {
        "saver_def": _proto_bytes(saver_def or None, "saver_def", "SaverDef"),
        "graph_def": _proto_bytes(graph_def or None, "graph_def", "GraphDef"),
        "meta_info_def": _proto_bytes(meta_info_def or None, "meta_info_def",
                                      "MetaInfoDef"),
        "collection_list": _add_collection_names(graph, collection_list),
        "export_scope": export_scope or "",
        "unbound_inputs_col_name": unbound_inputs_col_name or "",
        "clear_devices": bool(clear_devices),
        "clear_extraneous_savers": bool(clear_extraneous_savers),
        "strip_default_attrs": bool(strip_default_attrs)})
    meta_graph_def = protos.MetaGraphDef.FromString(data)
    if own:
        for key in own:
            _add_messages(meta_graph_def, key, graph, export_scope)
        data = meta_graph_def.SerializeToString()
    if filename:
        filename = bytes_text.as_text(filename)
        _core.write_meta_graph(filename, data, bool(as_text))
        if save_debug_info:
            _core.write_graph_debug_info(filename, graph._c, data,
                                         export_scope or "", bool(as_text))
    return meta_graph_def


# ---- Import -----------------------------------------------------------------

def import_with_saver_def(
        meta_graph_or_file, clear_devices=False, graph=None, import_scope=None,
        input_map=None, unbound_inputs_col_name="unbound_inputs",
        restore_collections_predicate=None, return_elements=None):
    """({name: variable}, returned elements, the SaverDef or None)."""
    from retrograph import protos
    meta_graph = _parsed(meta_graph_or_file)
    graph = graph or ops.get_default_graph()
    with graph.as_default():
        input_map = importer._tensors_of(importer._input_map(input_map), graph,
                                         import_scope)
        own = _own_collections(meta_graph, restore_collections_predicate)
        scope = graph.unique_name(import_scope or "", mark_as_used=False)
        variables, elements, saver_def = _core.import_meta_graph(
            graph._c, meta_graph, {
                "clear_devices": bool(clear_devices),
                "import_scope": import_scope or "",
                "input_map": list(input_map.items()),
                "unbound_inputs_col_name": unbound_inputs_col_name or "",
                "predicate": _all_but([key for key, _ in own],
                                      restore_collections_predicate),
                "return_elements": [bytes_text.as_text(name)
                                    for name in return_elements or ()]})
        for key, collection_def in own:
            _restore_messages(graph, key, collection_def, scope)
    return ({name: wrappers.wrap("variable", v) for name, v in variables},
            None if return_elements is None
            else [graph._collection_item(item) for item in elements],
            None if saver_def is None
            else protos.SaverDef.FromString(saver_def))


def _own_collections(meta_graph, predicate):
    """[(key, CollectionDef)] of users' own objects."""
    if not proto_functions.any_registered():
        return []
    from retrograph import protos
    message = protos.MetaGraphDef.FromString(meta_graph.to_bytes())
    return [(key, value) for key, value in sorted(
                message.collection_def.items())
            if value.WhichOneof("kind") == "bytes_list"
            and ops.get_from_proto_function(key)
            and (predicate is None or predicate(key))]


def _all_but(keys, predicate):
    """A predicate that is false for these keys."""
    if not keys:
        return predicate
    return lambda key: key not in keys and (predicate is None
                                            or predicate(key))


def _restore_messages(graph, key, collection_def, scope):
    """A collection of a user's own objects."""
    message_class = ops.get_collection_proto_type(key)
    from_proto = ops.get_from_proto_function(key)
    for value in collection_def.bytes_list.value:
        graph.add_to_collection(
            key, from_proto(message_class.FromString(value),
                            import_scope=scope))


def import_scoped_meta_graph_with_return_elements(
        meta_graph_or_file, clear_devices=False, graph=None, import_scope=None,
        input_map=None, unbound_inputs_col_name="unbound_inputs",
        restore_collections_predicate=None, return_elements=None):
    """({name: variable}, returned elements) of a meta graph."""
    return import_with_saver_def(
        meta_graph_or_file, clear_devices, graph, import_scope, input_map,
        unbound_inputs_col_name, restore_collections_predicate,
        return_elements)[:2]


def import_scoped_meta_graph(meta_graph_or_file, clear_devices=False,
                             graph=None, import_scope=None, input_map=None,
                             unbound_inputs_col_name="unbound_inputs",
                             restore_collections_predicate=None):
    """The variables of a meta graph, by their names in the scope."""
    return import_scoped_meta_graph_with_return_elements(
        meta_graph_or_file, clear_devices, graph, import_scope, input_map,
        unbound_inputs_col_name, restore_collections_predicate)[0]


def copy_scoped_meta_graph(from_scope, to_scope, from_graph=None,
                           to_graph=None):
    """Copies what is in a scope to another; the variables there."""
    from_graph = from_graph or ops.get_default_graph()
    to_graph = to_graph or ops.get_default_graph()
    if from_graph is to_graph and from_scope == to_scope:
        raise ValueError("'from_scope' and 'to_scope' need to be different "
                         "when performing copy in the same graph.")
    meta_graph_def, _ = export_scoped_meta_graph(export_scope=from_scope,
                                                 graph=from_graph)
    return import_scoped_meta_graph(meta_graph_def, graph=to_graph,
                                    import_scope=to_scope)


# ---- Objects in collections -------------------------------------------------

_from_proto = {}  # by the collection's key


def register_from_proto(key, function):
    """function(bytes, import_scope) makes the objects of a collection."""
    _from_proto[key] = function


def _collection_object(key, data, import_scope):
    """The Python object of an element of a collection; None: not Python's."""
    make = _from_proto.get(key)
    return None if make is None else make(data, import_scope)


def _message_item(type_name, data):
    """What Python sees of an object that C++ keeps as a message."""
    if type_name == "Any":
        from google.protobuf import any_pb2
        return any_pb2.Any.FromString(data)
    from retrograph import protos
    file, name = {"CondContext": ("control_flow", "CondContextDef"),
                  "WhileContext": ("control_flow", "WhileContextDef"),
                  "QueueRunner": ("queue_runner", "QueueRunnerDef"),
                  "Saver": ("saver", "SaverDef")}[type_name]
    return getattr(protos.module(file), name).FromString(data)


_core.set_hook("collection_object", _collection_object)
_core.set_hook("message_item", _message_item)
