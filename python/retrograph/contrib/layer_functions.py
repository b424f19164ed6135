"""tf.contrib.layers: layers as functions, their variables model variables."""
import functools
import types

from retrograph.contrib import framework
from retrograph.contrib import layer_parts as parts
from retrograph.contrib import weights
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.layers import core
from retrograph.layers import image
from retrograph.layers import pooling
from retrograph.ops import array_ops
from retrograph.ops import init_ops
from retrograph.ops import math_ops
from retrograph.ops import nn_ops
from retrograph.ops import variable_scope as vs

_relu = op_library.gen.relu
_xavier = weights.xavier_initializer()
_zeros = init_ops.zeros_initializer()
add_arg_scope = framework.add_arg_scope


# What every layer with a kernel can be told.
_COMMON = ("activation_fn", "normalizer_fn", "normalizer_params",
           "weights_initializer", "weights_regularizer", "biases_initializer",
           "biases_regularizer", "reuse", "variables_collections",
           "outputs_collections", "trainable", "scope")


def _kernel_options(given, kernels):
    """How each of the layer's kernels is initialised and regularised."""
    options = {}
    for kernel in kernels:
        kind = kernel.split("_")[0]
        options[kind + "_initializer"] = given.weights_initializer
        options[kind + "_regularizer"] = given.weights_regularizer
    return options


def _with_kernel(default_name, inputs, arguments, make, kernels=("kernel",)):
    """The outputs of a layer with a kernel. `arguments` are the calling
    function's own; make(inputs, **options) makes the layer."""
    given = types.SimpleNamespace(**{name: arguments[name]
                                     for name in _COMMON})
    with vs.variable_scope(given.scope, default_name, [inputs],
                           reuse=given.reuse,
                           custom_getter=parts.getter(parts.OLD_NAMES)) \
            as opened:
        inputs = ops.convert_to_tensor(inputs)
        layer = make(
            inputs, activation=None,
            use_bias=not given.normalizer_fn and given.biases_initializer,
            bias_initializer=given.biases_initializer,
            bias_regularizer=given.biases_regularizer,
            **_kernel_options(given, kernels),
            trainable=given.trainable, name=opened.name,
            dtype=inputs.dtype.base_dtype, _scope=opened, _reuse=given.reuse)
        outputs = layer.apply(inputs)
        for kernel in kernels:
            parts.collect_variable(getattr(layer, kernel),
                                   given.variables_collections, "weights")
        parts.collect_variable(layer.bias, given.variables_collections,
                               "biases")
        return parts.finished(outputs, opened, given.activation_fn,
                              given.normalizer_fn, given.normalizer_params,
                              given.outputs_collections)


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
    return _with_kernel(
        "fully_connected", inputs, locals(),
        lambda inputs, **options: core.Dense(units=num_outputs, **options))


linear = functools.partial(fully_connected, activation_fn=None)
relu = functools.partial(fully_connected, activation_fn=_relu)
relu6 = functools.partial(fully_connected,
                          activation_fn=op_library.gen.relu6)


_CONVOLUTIONS = {3: image.Conv1D, 4: image.Conv2D}


def _convolution(arguments, dims=None):
    """A convolution of as many axes as the inputs have, or of `dims`."""
    num_outputs, kernel_size, stride, padding, data_format, rate = (
        arguments[name] for name in ("num_outputs", "kernel_size", "stride",
                                     "padding", "data_format", "rate"))
    if data_format not in (None, "NWC", "NCW", "NHWC", "NCHW", "NDHWC",
                           "NCDHW"):
        raise ValueError("Invalid data_format: %r" % (data_format,))

    def make(inputs, **options):
        rank = inputs.shape.ndims
        if dims is not None and dims + 2 != rank:
            raise ValueError("Convolution expects input with rank %d, got %d"
                             % (dims + 2, rank))
        if rank not in _CONVOLUTIONS:
            # TensorFlow's own slip: the rank is beside the text.
            raise ValueError("Convolution not supported for input with rank",
                             rank)
        return _CONVOLUTIONS[rank](
            filters=num_outputs, kernel_size=kernel_size, strides=stride,
            padding=padding, data_format="channels_first"
            if (data_format or "").startswith("NC") else "channels_last",
            dilation_rate=rate, **options)
    return _with_kernel("Conv", arguments["inputs"], arguments, make)


@add_arg_scope
def convolution(inputs, num_outputs, kernel_size, stride=1, padding="SAME",
                data_format=None, rate=1, activation_fn=_relu,
                normalizer_fn=None, normalizer_params=None,
                weights_initializer=_xavier, weights_regularizer=None,
                biases_initializer=_zeros, biases_regularizer=None, reuse=None,
                variables_collections=None, outputs_collections=None,
                trainable=True, scope=None, conv_dims=None):
    """activation_fn(what is convolved with weights + biases)."""
    return _convolution(locals(), conv_dims)


@add_arg_scope
def conv1d(inputs, num_outputs, kernel_size, stride=1, padding="SAME",
           data_format=None, rate=1, activation_fn=_relu, normalizer_fn=None,
           normalizer_params=None, weights_initializer=_xavier,
           weights_regularizer=None, biases_initializer=_zeros,
           biases_regularizer=None, reuse=None, variables_collections=None,
           outputs_collections=None, trainable=True, scope=None):
    return _convolution(locals(), 1)


@add_arg_scope
def conv2d(inputs, num_outputs, kernel_size, stride=1, padding="SAME",
           data_format=None, rate=1, activation_fn=_relu, normalizer_fn=None,
           normalizer_params=None, weights_initializer=_xavier,
           weights_regularizer=None, biases_initializer=_zeros,
           biases_regularizer=None, reuse=None, variables_collections=None,
           outputs_collections=None, trainable=True, scope=None):
    return _convolution(locals(), 2)


@add_arg_scope
def conv2d_transpose(inputs, num_outputs, kernel_size, stride=1,
                     padding="SAME", data_format="NHWC", activation_fn=_relu,
                     normalizer_fn=None, normalizer_params=None,
                     weights_initializer=_xavier, weights_regularizer=None,
                     biases_initializer=_zeros, biases_regularizer=None,
                     reuse=None, variables_collections=None,
                     outputs_collections=None, trainable=True, scope=None):
    """activation_fn(the images spread out by weights + biases)."""
    return _with_kernel(
        "Conv2d_transpose", inputs, locals(),
        lambda inputs, **options: image.Conv2DTranspose(
            filters=num_outputs, kernel_size=kernel_size, strides=stride,
            padding=padding, data_format=parts.checked_layout(data_format),
            **options))


@add_arg_scope
def separable_conv2d(inputs, num_outputs, kernel_size, depth_multiplier=1,
                     stride=1, padding="SAME", data_format="NHWC", rate=1,
                     activation_fn=_relu, normalizer_fn=None,
                     normalizer_params=None, weights_initializer=_xavier,
                     pointwise_initializer=None, weights_regularizer=None,
                     biases_initializer=_zeros, biases_regularizer=None,
                     reuse=None, variables_collections=None,
                     outputs_collections=None, trainable=True, scope=None):
    """activation_fn(each channel convolved by itself, then each pixel)."""
    layout = parts.checked_layout(data_format)
    if num_outputs is None:
        raise NotImplementedError("a depthwise convolution alone is not in "
                                  "retrograph's tf.contrib.layers yet")

    def make(inputs, **options):
        if pointwise_initializer is not None:
            options["pointwise_initializer"] = pointwise_initializer
        return image.SeparableConv2D(
            filters=num_outputs, kernel_size=kernel_size, strides=stride,
            padding=padding, data_format=layout, dilation_rate=rate,
            depth_multiplier=depth_multiplier, **options)
    return _with_kernel("SeparableConv2d", inputs, locals(), make,
                        ("depthwise_kernel", "pointwise_kernel"))


def _pool(kind, name):
    @add_arg_scope
    def pool(inputs, kernel_size, stride=2, padding="VALID",
             data_format="NHWC", outputs_collections=None, scope=None):
        layout = parts.checked_layout(data_format)
        with ops.name_scope(scope, name, [inputs]) as opened:
            inputs = ops.convert_to_tensor(inputs)
            layer = kind(pool_size=kernel_size, strides=stride,
                         padding=padding, data_format=layout, _scope=opened)
            return parts.collected(outputs_collections, opened,
                              layer.apply(inputs))
    return pool


max_pool2d = _pool(pooling.MaxPooling2D, "MaxPool2D")
avg_pool2d = _pool(pooling.AveragePooling2D, "AvgPool2D")


@add_arg_scope
def flatten(inputs, outputs_collections=None, scope=None):
    """A row for each element of the batch."""
    with ops.name_scope(scope, "Flatten", [inputs]) as opened:
        inputs = ops.convert_to_tensor(inputs)
        return parts.collected(outputs_collections, opened, core.flatten(inputs))


@add_arg_scope
def dropout(inputs, keep_prob=0.5, noise_shape=None, is_training=True,
            outputs_collections=None, scope=None, seed=None):
    with vs.variable_scope(scope, "Dropout", [inputs],
                           custom_getter=parts.getter()) as opened:
        inputs = ops.convert_to_tensor(inputs)
        layer = core.Dropout(rate=1 - keep_prob, noise_shape=noise_shape,
                             seed=seed, name=opened.name, _scope=opened)
        outputs = layer.apply(inputs, training=is_training)
        return parts.collected(outputs_collections, opened.name, outputs)


@add_arg_scope
def one_hot_encoding(labels, num_classes, on_value=1.0, off_value=0.0,
                     outputs_collections=None, scope=None):
    with ops.name_scope(scope, "OneHotEncoding",
                        [labels, num_classes]) as opened:
        labels = ops.convert_to_tensor(labels)
        if labels.dtype == dtypes.int32:
            labels = math_ops.to_int64(labels)
        return parts.collected(outputs_collections, opened, array_ops.one_hot(
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
