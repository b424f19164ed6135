"""tf.contrib.layers: layers as functions, their variables model variables."""
from retrograph.contrib import framework
from retrograph.contrib import layers as parts
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.layers import core
from retrograph.layers import image
from retrograph.ops import array_ops
from retrograph.ops import init_ops
from retrograph.ops import math_ops
from retrograph.ops import nn_ops
from retrograph.ops import variable_scope as vs
from retrograph.ops import variables

_relu = op_library.gen.relu
_xavier = parts.xavier_initializer()
_zeros = init_ops.zeros_initializer()
add_arg_scope = framework.add_arg_scope


def _collected(collections, alias, outputs):
    if collections:
        alias = alias[:-1] if alias[-1] == "/" else alias
        if not hasattr(outputs, "aliases"):
            outputs.aliases = []
        outputs.aliases.append(alias)
        ops.add_to_collections(collections, outputs)
    return outputs


def _getter(rename=None):
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


def _collect_variable(variable, collections, kind):
    if isinstance(collections, dict):
        collections = collections.get(kind)
    all_parts = (list(variable) if isinstance(
        variable, variables.PartitionedVariable) else [variable])
    for collection in collections or []:
        for part in all_parts:
            if all(part is not v for v in ops.get_collection(collection)):
                ops.add_to_collection(collection, part)


def _finished(layer, outputs, scope, activation_fn, normalizer_fn,
              normalizer_params, variables_collections, outputs_collections):
    _collect_variable(layer.kernel, variables_collections, "weights")
    if layer.bias is not None:
        _collect_variable(layer.bias, variables_collections, "biases")
    if normalizer_fn is not None:
        outputs = normalizer_fn(outputs, **(normalizer_params or {}))
    if activation_fn is not None:
        outputs = activation_fn(outputs)
    return _collected(outputs_collections, scope.name, outputs)


_OLD_NAMES = {"bias": "biases", "kernel": "weights"}


@add_arg_scope
def fully_connected(inputs, num_outputs, activation_fn=_relu,
                    normalizer_fn=None, normalizer_params=None,
                    weights_initializer=_xavier, weights_regularizer=None,
                    biases_initializer=_zeros, biases_regularizer=None,
                    reuse=None, variables_collections=None,
                    outputs_collections=None, trainable=True, scope=None):
    """activation_fn(inputs . weights + biases)."""
    if not isinstance(num_outputs, int):
        raise ValueError("num_outputs type should be one of %s, got %s."
                         % ([int], type(num_outputs)))
    with vs.variable_scope(scope, "fully_connected", [inputs], reuse=reuse,
                           custom_getter=_getter(_OLD_NAMES)) as opened:
        inputs = ops.convert_to_tensor(inputs)
        layer = core.Dense(
            units=num_outputs, activation=None,
            use_bias=not normalizer_fn and biases_initializer,
            kernel_initializer=weights_initializer,
            bias_initializer=biases_initializer,
            kernel_regularizer=weights_regularizer,
            bias_regularizer=biases_regularizer, trainable=trainable,
            name=opened.name, dtype=inputs.dtype.base_dtype, _scope=opened,
            _reuse=reuse)
        return _finished(layer, layer.apply(inputs), opened, activation_fn,
                         normalizer_fn, normalizer_params,
                         variables_collections, outputs_collections)


def _layout(data_format):
    if data_format not in (None, "NHWC", "NCHW"):
        raise ValueError("data_format has to be either NCHW or NHWC.")
    return ("channels_first" if data_format == "NCHW" else "channels_last")


@add_arg_scope
def conv2d(inputs, num_outputs, kernel_size, stride=1, padding="SAME",
           data_format=None, rate=1, activation_fn=_relu, normalizer_fn=None,
           normalizer_params=None, weights_initializer=_xavier,
           weights_regularizer=None, biases_initializer=_zeros,
           biases_regularizer=None, reuse=None, variables_collections=None,
           outputs_collections=None, trainable=True, scope=None):
    """activation_fn(the images convolved with weights + biases)."""
    if data_format not in (None, "NHWC", "NCHW"):
        raise ValueError("Invalid data_format: %r" % (data_format,))
    with vs.variable_scope(scope, "Conv", [inputs], reuse=reuse,
                           custom_getter=_getter(_OLD_NAMES)) as opened:
        inputs = ops.convert_to_tensor(inputs)
        if inputs.shape.ndims != 4:
            raise ValueError("Convolution expects input with rank %d, got %d"
                             % (4, inputs.shape.ndims))
        layer = image.Conv2D(
            filters=num_outputs, kernel_size=kernel_size, strides=stride,
            padding=padding, data_format=_layout(data_format),
            dilation_rate=rate, activation=None,
            use_bias=not normalizer_fn and biases_initializer,
            kernel_initializer=weights_initializer,
            bias_initializer=biases_initializer,
            kernel_regularizer=weights_regularizer,
            bias_regularizer=biases_regularizer, trainable=trainable,
            name=opened.name, dtype=inputs.dtype.base_dtype, _scope=opened,
            _reuse=reuse)
        return _finished(layer, layer.apply(inputs), opened, activation_fn,
                         normalizer_fn, normalizer_params,
                         variables_collections, outputs_collections)


def _pool(kind, name):
    @add_arg_scope
    def pool(inputs, kernel_size, stride=2, padding="VALID",
             data_format="NHWC", outputs_collections=None, scope=None):
        layout = _layout(data_format)
        with ops.name_scope(scope, name, [inputs]) as opened:
            inputs = ops.convert_to_tensor(inputs)
            layer = kind(pool_size=kernel_size, strides=stride,
                         padding=padding, data_format=layout, _scope=opened)
            return _collected(outputs_collections, opened,
                              layer.apply(inputs))
    return pool


max_pool2d = _pool(image.MaxPooling2D, "MaxPool2D")
avg_pool2d = _pool(image.AveragePooling2D, "AvgPool2D")


@add_arg_scope
def flatten(inputs, outputs_collections=None, scope=None):
    """A row for each element of the batch."""
    with ops.name_scope(scope, "Flatten", [inputs]) as opened:
        inputs = ops.convert_to_tensor(inputs)
        return _collected(outputs_collections, opened, core.flatten(inputs))


@add_arg_scope
def dropout(inputs, keep_prob=0.5, noise_shape=None, is_training=True,
            outputs_collections=None, scope=None, seed=None):
    with vs.variable_scope(scope, "Dropout", [inputs],
                           custom_getter=_getter()) as opened:
        inputs = ops.convert_to_tensor(inputs)
        layer = core.Dropout(rate=1 - keep_prob, noise_shape=noise_shape,
                             seed=seed, name=opened.name, _scope=opened)
        outputs = layer.apply(inputs, training=is_training)
        return _collected(outputs_collections, opened.name, outputs)


@add_arg_scope
def one_hot_encoding(labels, num_classes, on_value=1.0, off_value=0.0,
                     outputs_collections=None, scope=None):
    with ops.name_scope(scope, "OneHotEncoding",
                        [labels, num_classes]) as opened:
        labels = ops.convert_to_tensor(labels)
        if labels.dtype == dtypes.int32:
            labels = math_ops.to_int64(labels)
        return _collected(outputs_collections, opened, array_ops.one_hot(
            labels, num_classes, on_value=on_value, off_value=off_value))


@add_arg_scope
def softmax(logits, scope=None):
    with vs.variable_scope(scope, "softmax", [logits]):
        size = logits.shape.with_rank_at_least(2).as_list()[-1]
        if size is None:
            raise ValueError("rank of shape must be at least %d not: %d"
                             % (2, logits.shape.ndims))
        predictions = nn_ops.softmax(array_ops.reshape(logits, [-1, size]))
        predictions = array_ops.reshape(predictions, array_ops.shape(logits))
        predictions.set_shape(logits.shape)
        return predictions
