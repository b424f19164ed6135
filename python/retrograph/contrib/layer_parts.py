"""What the functions of tf.contrib.layers share: model variables under their
old names, collections, layouts."""
from retrograph.contrib import framework
from retrograph.framework import ops
from retrograph.ops import variables

OLD_NAMES = {"bias": "biases", "kernel": "weights",
             "depthwise_kernel": "depthwise_weights",
             "pointwise_kernel": "pointwise_weights"}


def collected(collections, alias, outputs):
    """The outputs, put into collections under the layer's name."""
    if collections:
        alias = alias[:-1] if alias[-1] == "/" else alias
        if not hasattr(outputs, "aliases"):
            outputs.aliases = []
        outputs.aliases.append(alias)
        ops.add_to_collections(collections, outputs)
    return outputs


def getter(rename=None):
    """Makes what layers ask for model variables, under their old names."""
    def get(getter, name, shape=None, dtype=None, initializer=None,
            regularizer=None, trainable=True, collections=None,
            caching_device=None, partitioner=None, use_resource=None,
            **unused):
        folder, slash, last = name.rpartition("/")
        name = folder + slash + (rename or {}).get(last, last)
        return framework.model_variable(
            name, shape=shape, dtype=dtype, initializer=initializer,
            regularizer=regularizer, collections=collections,
            trainable=trainable, caching_device=caching_device,
            partitioner=partitioner, custom_getter=getter,
            use_resource=use_resource)
    return get


def collections_of(collections, kind):
    """Those that variables of that kind go to."""
    return (collections.get(kind) if isinstance(collections, dict)
            else collections)


def collect_variable(variable, collections, kind):
    """Puts a layer's variable, if it has it, into collections."""
    if variable is None:
        return
    all_parts = (list(variable) if isinstance(
        variable, variables.PartitionedVariable) else [variable])
    for collection in collections_of(collections, kind) or []:
        for part in all_parts:
            if all(part is not v for v in ops.get_collection(collection)):
                ops.add_to_collection(collection, part)


def checked_layout(data_format):
    if data_format not in ("NHWC", "NCHW"):
        raise ValueError("data_format has to be either NCHW or NHWC.")
    return "channels_first" if data_format == "NCHW" else "channels_last"


def finished(outputs, scope, activation_fn, normalizer_fn, normalizer_params,
             outputs_collections):
    """The outputs normalised, activated and collected."""
    if normalizer_fn is not None:
        outputs = normalizer_fn(outputs, **(normalizer_params or {}))
    if activation_fn is not None:
        outputs = activation_fn(outputs)
    return collected(outputs_collections, scope.name, outputs)
