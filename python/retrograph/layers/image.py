"""Conv2D and pooling."""
from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.layers import base
from retrograph.ops import init_ops


def _pair(value, name):
    if isinstance(value, int):
        return (value, value)
    value = tuple(value)
    if len(value) != 2:
        raise ValueError("The `%s` argument must be a tuple of 2 integers. "
                         "Received: %s" % (name, value))
    return value


def _format(data_format):
    data_format = data_format.lower()
    if data_format not in ("channels_first", "channels_last"):
        raise ValueError("The `data_format` argument must be one of "
                         "\"channels_first\", \"channels_last\". Received: "
                         + data_format)
    return data_format


def _padding(padding):
    padding = padding.lower()
    if padding not in ("valid", "same"):
        raise ValueError("The `padding` argument must be a list/tuple or one "
                         "of \"valid\", \"same\" (or \"causal\", only for "
                         "`Conv1D). Received: " + padding)
    return padding


def _over_image(pair, data_format):
    """Of four axes, those of the image get the pair's numbers."""
    if data_format == "channels_first":
        return [1, 1] + list(pair)
    return [1] + list(pair) + [1]


class Conv2D(base.KernelLayer):
    """A two-dimensional convolution."""

    def __init__(self, filters, kernel_size, strides=(1, 1), padding="valid",
                 data_format="channels_last", dilation_rate=(1, 1), *args,
                 **kwargs):
        super().__init__(*args, **kwargs)
        self.filters = filters
        self.kernel_size = _pair(kernel_size, "kernel_size")
        self.strides = _pair(strides, "strides")
        self.padding = _padding(padding)
        self.data_format = _format(data_format)
        self.dilation_rate = _pair(dilation_rate, "dilation_rate")
        if self.dilation_rate != (1, 1):
            raise NotImplementedError("a dilated convolution is not in "
                                      "retrograph yet")
        self.input_spec = base.InputSpec(ndim=4)

    def build(self, input_shape):
        axis = 1 if self.data_format == "channels_first" else -1
        depth = base.dims_of(input_shape)[axis]
        if depth is None:
            raise ValueError("The channel dimension of the inputs should be "
                             "defined. Found `None`.")
        self._add_weights(list(self.kernel_size) + [depth, self.filters])
        self.input_spec = base.InputSpec(ndim=4, axes={axis: depth})
        constant_op.constant([1, 1], dtype=dtypes.int32, name="dilation_rate")
        self.built = True

    def call(self, inputs):
        data_format = "NCHW" if self.data_format == "channels_first" \
            else "NHWC"
        outputs = op_library.apply_op(
            "Conv2D", input=inputs, filter=self.kernel,
            strides=_over_image(self.strides, self.data_format),
            padding=self.padding.upper(), data_format=data_format)
        return self._finished(outputs, data_format=data_format)


class _Pooling2D(base.Layer):
    _op = None
    _input = None

    def __init__(self, pool_size, strides, padding="valid",
                 data_format="channels_last", name=None, **kwargs):
        super().__init__(name=name, **kwargs)
        self.pool_size = _pair(pool_size, "pool_size")
        self.strides = _pair(strides, "strides")
        self.padding = _padding(padding)
        self.data_format = _format(data_format)
        self.input_spec = base.InputSpec(ndim=4)

    def call(self, inputs):
        return op_library.apply_op(
            self._op, **{self._input: inputs},
            ksize=_over_image(self.pool_size, self.data_format),
            strides=_over_image(self.strides, self.data_format),
            padding=self.padding.upper(),
            data_format="NCHW" if self.data_format == "channels_first"
            else "NHWC")


class MaxPooling2D(_Pooling2D):
    _op, _input = "MaxPool", "input"


class AveragePooling2D(_Pooling2D):
    _op, _input = "AvgPool", "value"


MaxPool2D = MaxPooling2D
AvgPool2D = AveragePooling2D


def conv2d(inputs, filters, kernel_size, strides=(1, 1), padding="valid",
           data_format="channels_last", dilation_rate=(1, 1), activation=None,
           use_bias=True, kernel_initializer=None,
           bias_initializer=init_ops.zeros_initializer(),
           kernel_regularizer=None, bias_regularizer=None,
           activity_regularizer=None, kernel_constraint=None,
           bias_constraint=None, trainable=True, name=None, reuse=None):
    layer = Conv2D(
        filters, kernel_size, strides=strides, padding=padding,
        data_format=data_format, dilation_rate=dilation_rate,
        activation=activation, use_bias=use_bias,
        kernel_initializer=kernel_initializer,
        bias_initializer=bias_initializer,
        kernel_regularizer=kernel_regularizer,
        bias_regularizer=bias_regularizer,
        activity_regularizer=activity_regularizer,
        kernel_constraint=kernel_constraint, bias_constraint=bias_constraint,
        trainable=trainable, name=name, _scope=name, _reuse=reuse)
    return layer(inputs)


def max_pooling2d(inputs, pool_size, strides, padding="valid",
                  data_format="channels_last", name=None):
    return MaxPooling2D(pool_size, strides, padding, data_format,
                        name)(inputs)


def average_pooling2d(inputs, pool_size, strides, padding="valid",
                      data_format="channels_last", name=None):
    return AveragePooling2D(pool_size, strides, padding, data_format,
                            name)(inputs)
