"""Meta graphs as text to compare."""


def text(meta_graph):
    """The message as text, its contexts too: the order of their maps is
    random in TensorFlow's bytes."""
    from retrograph import protos
    control_flow = protos.module("control_flow")
    contexts = []
    for key, kind in (("cond_context", control_flow.CondContextDef),
                      ("while_context", control_flow.WhileContextDef)):
        values = meta_graph.collection_def[key].bytes_list.value
        contexts += [str(kind.FromString(value)) for value in values]
        del meta_graph.collection_def[key]
    return "\n".join([str(meta_graph)] + contexts)
