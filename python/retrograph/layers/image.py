"""Convolutions of lines and images."""
from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import tensor_shape
from retrograph.layers import arguments
from retrograph.layers import base
from retrograph.ops import array_ops
from retrograph.ops import conv_ops
from retrograph.ops import init_ops

_ZEROS = init_ops.zeros_initializer()


class _Convolution(base.KernelLayer):
    """A convolution over `_rank` axes."""
    _rank = None
    _paddings = ("valid", "same")

    def __init__(self, filters, kernel_size, strides=1, padding="valid",
                 data_format="channels_last", dilation_rate=1, *args,
                 **kwargs):
        super().__init__(*args, **kwargs)
        rank = self._rank
        self.filters = filters
        self.kernel_size = arguments.whole_numbers(kernel_size, rank,
                                                   "kernel_size")
        self.strides = arguments.whole_numbers(strides, rank, "strides")
        self.padding = arguments.padding(padding)
        if self.padding not in self._paddings:
            raise ValueError("Causal padding is only supported for `Conv1D`"
                             "and ``SeparableConv1D`.")
        self.data_format = arguments.layout(data_format)
        self.dilation_rate = arguments.whole_numbers(dilation_rate, rank,
                                                     "dilation_rate")
        if set(self.dilation_rate) != {1}:
            raise NotImplementedError("a dilated convolution is not in "
                                      "retrograph yet")
        self.input_spec = base.InputSpec(ndim=rank + 2)

    def _depth(self, input_shape):
        """How many channels the inputs have, which calls will check."""
        axis = 1 if self.data_format == "channels_first" else -1
        depth = base.dims_of(input_shape)[axis]
        if depth is None:
            raise ValueError("The channel dimension of the inputs should be "
                             "defined. Found `None`.")
        self.input_spec = base.InputSpec(ndim=self._rank + 2,
                                         axes={axis: depth})
        return depth

    def build(self, input_shape):
        depth = self._depth(input_shape)
        self._add_weights(list(self.kernel_size) + [depth, self.filters])
        constant_op.constant(list(self.dilation_rate), dtype=dtypes.int32,
                             name="dilation_rate")
        self.built = True


class Conv1D(_Convolution):
    """A convolution along a line."""
    _rank = 1
    _paddings = ("valid", "same", "causal")

    def call(self, inputs):
        padding = self.padding
        if padding == "causal":
            before = [self.dilation_rate[0] * (self.kernel_size[0] - 1), 0]
            inputs = array_ops.pad(
                inputs, [[0, 0], before, [0, 0]]
                if self.data_format == "channels_last"
                else [[0, 0], [0, 0], before])
            padding = "valid"
        first = self.data_format == "channels_first"
        outputs = conv_ops.conv1d(
            inputs, self.kernel, self.strides[0], padding.upper(),
            data_format="NCW" if first else "NWC")
        if not first or not self.use_bias:
            return self._finished(outputs, data_format="NHWC")
        outputs += array_ops.reshape(self.bias, (1, self.filters, 1))
        return self._activated(outputs)


class Conv2D(_Convolution):
    """A convolution of images."""
    _rank = 2

    def call(self, inputs):
        data_format = arguments.op_layout(self.data_format)
        outputs = conv_ops.conv2d(
            inputs, self.kernel, self.strides, self.padding.upper(),
            data_format=data_format)
        return self._finished(outputs, data_format=data_format)


class Conv2DTranspose(_Convolution):
    """A convolution the other way round: images become larger."""
    _rank = 2

    def __init__(self, filters, kernel_size, strides=(1, 1), padding="valid",
                 data_format="channels_last", *args, **kwargs):
        super().__init__(filters, kernel_size, strides, padding, data_format,
                         1, *args, **kwargs)

    def build(self, input_shape):
        if len(input_shape) != 4:
            raise ValueError("Inputs should have rank 4. Received input "
                             "shape: " + str(input_shape))
        depth = self._depth(input_shape)
        self._add_weights(list(self.kernel_size) + [self.filters, depth],
                          self.filters)
        self.built = True

    def _sizes(self, sizes):
        """Of an image: the outputs', numbers or tensors as they come."""
        for size, kernel, stride in zip(sizes, self.kernel_size,
                                        self.strides):
            if size is None:
                yield None
            elif self.padding == "same":
                yield size * stride
            else:
                yield size * stride + max(kernel - stride, 0)

    def _arranged(self, batch, image, channels):
        if self.data_format == "channels_first":
            return [batch, channels] + image
        return [batch] + image + [channels]

    def compute_output_shape(self, input_shape):
        dims = base.dims_of(input_shape)
        image = dims[2:] if self.data_format == "channels_first" else \
            dims[1:3]
        return tensor_shape.TensorShape(self._arranged(
            dims[0], list(self._sizes(image)), self.filters))

    def call(self, inputs):
        first = self.data_format == "channels_first"
        shape = array_ops.shape(inputs)
        batch = shape[0]
        image = [shape[2], shape[3]] if first else [shape[1], shape[2]]
        wanted = array_ops.stack(self._arranged(
            batch, list(self._sizes(image)), self.filters))
        given = inputs
        if first:  # TensorFlow does so where there is no GPU.
            given = array_ops.transpose(inputs, (0, 2, 3, 1))
            wanted = (wanted[0], wanted[2], wanted[3], wanted[1])
        wanted[0]  # TensorFlow looks at it; the op stays.
        if first:
            wanted = array_ops.stack(list(wanted))
        outputs = conv_ops.conv2d_transpose(
            given, self.kernel, wanted, self.strides, self.padding.upper())
        if first:
            outputs = array_ops.transpose(outputs, (0, 3, 1, 2))
        outputs.set_shape(self.compute_output_shape(inputs.shape))
        return self._finished(
            outputs, data_format=arguments.op_layout(self.data_format))


class SeparableConv2D(_Convolution):
    """Each channel convolved by itself, then each pixel."""
    _rank = 2

    def __init__(self, filters, kernel_size, strides=(1, 1), padding="valid",
                 data_format="channels_last", dilation_rate=(1, 1),
                 depth_multiplier=1, activation=None, use_bias=True,
                 depthwise_initializer=None, pointwise_initializer=None,
                 bias_initializer=_ZEROS, depthwise_regularizer=None,
                 pointwise_regularizer=None, bias_regularizer=None,
                 activity_regularizer=None, depthwise_constraint=None,
                 pointwise_constraint=None, bias_constraint=None,
                 trainable=True, name=None, **kwargs):
        super().__init__(
            filters, kernel_size, strides, padding, data_format,
            dilation_rate, activation=activation, use_bias=use_bias,
            bias_initializer=bias_initializer,
            bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer,
            bias_constraint=bias_constraint, trainable=trainable, name=name,
            **kwargs)
        self.depth_multiplier = depth_multiplier
        self._kernels = {
            "depthwise": (depthwise_initializer, depthwise_regularizer,
                          depthwise_constraint),
            "pointwise": (pointwise_initializer, pointwise_regularizer,
                          pointwise_constraint)}

    def _add_kernel(self, kind, shape):
        initializer, regularizer, constraint = self._kernels[kind]
        return self.add_weight(
            kind + "_kernel", shape=shape, initializer=initializer,
            regularizer=regularizer, constraint=constraint, trainable=True)

    def build(self, input_shape):
        depth = self._depth(input_shape)
        self.depthwise_kernel = self._add_kernel(
            "depthwise",
            list(self.kernel_size) + [depth, self.depth_multiplier])
        self.pointwise_kernel = self._add_kernel(
            "pointwise",
            [1, 1, self.depth_multiplier * depth, self.filters])
        self._add_bias(self.filters)
        self.built = True

    def call(self, inputs):
        data_format = arguments.op_layout(self.data_format)
        first = self.data_format == "channels_first"
        strides = list(self.strides)
        outputs = conv_ops.separable_conv2d(
            inputs, self.depthwise_kernel, self.pointwise_kernel,
            strides=[1, 1] + strides if first else [1] + strides + [1],
            padding=self.padding.upper(), rate=self.dilation_rate,
            data_format=data_format)
        return self._finished(outputs, data_format=data_format)


Convolution1D = Conv1D
Convolution2D = Conv2D
SeparableConvolution2D = SeparableConv2D
Convolution2DTranspose = Deconvolution2D = Deconv2D = Conv2DTranspose


def conv1d(inputs, filters, kernel_size, strides=1, padding="valid",
           data_format="channels_last", dilation_rate=1, activation=None,
           use_bias=True, kernel_initializer=None, bias_initializer=_ZEROS,
           kernel_regularizer=None, bias_regularizer=None,
           activity_regularizer=None, kernel_constraint=None,
           bias_constraint=None, trainable=True, name=None, reuse=None):
    """As `conv2d`, over lines: [batch, width, channels]."""
    return base.called(Conv1D, locals())


def conv2d(inputs, filters, kernel_size, strides=(1, 1), padding="valid",
           data_format="channels_last", dilation_rate=(1, 1), activation=None,
           use_bias=True, kernel_initializer=None, bias_initializer=_ZEROS,
           kernel_regularizer=None, bias_regularizer=None,
           activity_regularizer=None, kernel_constraint=None,
           bias_constraint=None, trainable=True, name=None, reuse=None):
    """Convolves images with filters that are variables of its own.

    Parameters
    ----------
    inputs : Tensor of floats, of shape [batch, height, width, channels]
    filters : int
        How many channels the result has.
    kernel_size, strides, dilation_rate : int or pair of int
    padding : "valid" or "same"
    data_format : "channels_last" or "channels_first"
    activation : callable, optional
    use_bias : bool
    kernel_initializer, bias_initializer : initializer, optional
    kernel_regularizer, bias_regularizer : callable, optional
    activity_regularizer : callable, optional
    kernel_constraint, bias_constraint : callable, optional
    trainable, name, reuse : as for `dense`

    Returns
    -------
    Tensor of shape [batch, new_height, new_width, filters]

    Raises
    ------
    ValueError
        If the channels are not known, or an argument has another form.
    """
    return base.called(Conv2D, locals())


def conv2d_transpose(inputs, filters, kernel_size, strides=(1, 1),
                     padding="valid", data_format="channels_last",
                     activation=None, use_bias=True, kernel_initializer=None,
                     bias_initializer=_ZEROS, kernel_regularizer=None,
                     bias_regularizer=None, activity_regularizer=None,
                     kernel_constraint=None, bias_constraint=None,
                     trainable=True, name=None, reuse=None):
    """The transposed convolution: images that `conv2d` shrinks to these."""
    return base.called(Conv2DTranspose, locals())


def separable_conv2d(inputs, filters, kernel_size, strides=(1, 1),
                     padding="valid", data_format="channels_last",
                     dilation_rate=(1, 1), depth_multiplier=1, activation=None,
                     use_bias=True, depthwise_initializer=None,
                     pointwise_initializer=None, bias_initializer=_ZEROS,
                     depthwise_regularizer=None, pointwise_regularizer=None,
                     bias_regularizer=None, activity_regularizer=None,
                     depthwise_constraint=None, pointwise_constraint=None,
                     bias_constraint=None, trainable=True, name=None,
                     reuse=None):
    """Filters for each channel, then 1 x 1 filters over all, as variables."""
    return base.called(SeparableConv2D, locals())


convolution1d = conv1d
convolution2d = conv2d
separable_convolution2d = separable_conv2d
convolution2d_transpose = deconvolution2d = deconv2d = conv2d_transpose
