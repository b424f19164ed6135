"""tf.nn: convolutions and pooling."""
from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.ops import array_ops
from retrograph.ops.array_ops import deprecated_argument


def _over_axes(value, n, data_format, name):
    """One number, or one for each of n axes of the image, as one for each
    axis of the op's input."""
    if value is None:
        value = [1]
    value = list(value) if hasattr(value, "__len__") else [value]
    if len(value) == n + 2:
        return value
    if len(value) == 1:
        value = value * n
    elif len(value) != n:
        raise ValueError("%s should be of length 1, %d or %d but was %d"
                         % (name, n, n + 2, len(value)))
    if (data_format or "").startswith("NC"):
        return [1, 1] + value
    return [1] + value + [1]


def conv2d(input, filter=None, strides=None, padding=None,
           use_cudnn_on_gpu=True, data_format="NHWC", dilations=None,
           name=None, filters=None):
    """Convolves images with filters.

    Parameters
    ----------
    input : Tensor of floats, of shape [batch, height, width, in_channels]
    filter : Tensor of shape [height, width, in_channels, out_channels]
    strides : int, or list of 1, 2 or 4 int
    padding : "SAME", "VALID" or pairs of int
    use_cudnn_on_gpu : bool
    data_format : "NHWC" or "NCHW"
        With the latter the channels come second.
    dilations : int or list of int
    name : str, optional
    filters : Tensor
        Another name of `filter`.

    Returns
    -------
    Tensor of shape [batch, out_height, out_width, out_channels]

    Raises
    ------
    ValueError
        For shapes that do not fit.
    """
    filter = deprecated_argument("filters", filters, "filter", filter)
    padding, explicit = (padding, []) if isinstance(padding, str) else (
        "EXPLICIT", [int(n) for pair in padding for n in pair])
    data_format = data_format or "NHWC"
    return op_library.apply_op(
        "Conv2D", name, input=input, filter=filter,
        strides=_over_axes(strides, 2, data_format, "strides"),
        padding=padding, explicit_paddings=explicit,
        use_cudnn_on_gpu=use_cudnn_on_gpu, data_format=data_format,
        dilations=_over_axes(dilations, 2, data_format, "dilations"))


def conv1d(value=None, filters=None, stride=None, padding=None,
           use_cudnn_on_gpu=None, data_format=None, name=None, input=None,
           dilations=None):
    """A convolution along a line: of an image of one row."""
    value = deprecated_argument("input", input, "value", value)
    with ops.name_scope(name, "conv1d", [value, filters]) as scope:
        if data_format in (None, "NHWC", "NWC"):
            data_format, row = "NHWC", 1
        elif data_format in ("NCHW", "NCW"):
            data_format, row = "NCHW", 2
        else:
            raise ValueError('data_format must be "NWC" or "NCW".')
        strides = [1] + _over_axes(stride, 1, data_format, "stride")
        dilations = [1] + _over_axes(dilations, 1, data_format, "dilations")
        value = array_ops.expand_dims(value, row)
        filters = array_ops.expand_dims(filters, 0)
        result = op_library.apply_op(
            "Conv2D", scope, input=value, filter=filters, strides=strides,
            padding=padding, data_format=data_format, dilations=dilations,
            use_cudnn_on_gpu=True if use_cudnn_on_gpu is None
            else use_cudnn_on_gpu)
        return array_ops.squeeze(result, [row])


def conv2d_transpose(value=None, filter=None, output_shape=None, strides=None,
                     padding="SAME", data_format="NHWC", name=None, input=None,
                     filters=None, dilations=None):
    """What conv2d's gradient does: a larger image from a smaller one."""
    value = deprecated_argument("input", input, "value", value)
    filter = deprecated_argument("filters", filters, "filter", filter)
    with ops.name_scope(name, "conv2d_transpose",
                        [value, filter, output_shape]) as scope:
        data_format = data_format or "NHWC"
        return op_library.apply_op(
            "Conv2DBackpropInput", scope, input_sizes=output_shape,
            filter=filter, out_backprop=value, padding=padding,
            strides=_over_axes(strides, 2, data_format, "strides"),
            data_format=data_format,
            dilations=_over_axes(dilations, 2, data_format, "dilations"))


def _pool(op_type, argument, value, ksize, strides, padding, data_format,
          name):
    with ops.name_scope(name, op_type, [value]) as scope:
        data_format = data_format or "NHWC"
        return op_library.apply_op(
            op_type, scope, **{argument: ops.convert_to_tensor(
                value, name=argument)},
            ksize=_over_axes(ksize, 2, data_format, "ksize"),
            strides=_over_axes(strides, 2, data_format, "strides"),
            padding=padding, data_format=data_format)


def max_pool(value=None, ksize=None, strides=None, padding=None,
             data_format="NHWC", name=None, input=None):
    """The maximum of each window of ksize[1] x ksize[2] pixels of images.

    `value`: [batch, height, width, channels]; channels second for "NCHW".
    `ksize`, `strides`: four numbers each; `padding`: "VALID" or "SAME".
    """
    value = deprecated_argument("input", input, "value", value)
    return _pool("MaxPool", "input", value, ksize, strides, padding,
                 data_format, name)


def avg_pool(value=None, ksize=None, strides=None, padding=None,
             data_format="NHWC", name=None, input=None):
    """The average of each window of ksize[1] x ksize[2] pixels of images.

    As `max_pool`.
    """
    value = deprecated_argument("input", input, "value", value)
    return _pool("AvgPool", "value", value, ksize, strides, padding,
                 data_format, name)


def _by_channel(input, filter, strides, padding, rate, data_format, name):
    """The depthwise op, after what TensorFlow makes of the rate."""
    array_ops.shape(filter)
    rate = ops.convert_to_tensor([1, 1] if rate is None else rate,
                                 dtype=dtypes.int32, name="dilation_rate")
    known = constant_op.constant_value(rate)
    if known is None or any(known != 1):
        raise NotImplementedError("a dilated depthwise convolution is not in "
                                  "retrograph yet")
    return op_library.apply_op(
        "DepthwiseConv2dNative", name, input=input, filter=filter,
        strides=list(strides), padding=padding,
        data_format=data_format or "NHWC")


def depthwise_conv2d(input, filter, strides, padding, rate=None, name=None,
                     data_format=None, dilations=None):
    """Each channel convolved with filters of its own."""
    rate = deprecated_argument("dilations", dilations, "rate", rate)
    with ops.name_scope(name, "depthwise", [input, filter]) as scope:
        input = ops.convert_to_tensor(input, name="tensor_in")
        filter = ops.convert_to_tensor(filter, name="filter_in")
        return _by_channel(input, filter, strides, padding, rate, data_format,
                           scope)


def separable_conv2d(input, depthwise_filter, pointwise_filter, strides,
                     padding, rate=None, name=None, data_format=None,
                     dilations=None):
    """Each channel by itself, then each pixel by itself."""
    rate = deprecated_argument("dilations", dilations, "rate", rate)
    with ops.name_scope(name, "separable_conv2d",
                        [input, depthwise_filter, pointwise_filter]) as scope:
        input = ops.convert_to_tensor(input, name="tensor_in")
        depthwise_filter = ops.convert_to_tensor(depthwise_filter,
                                                 name="depthwise_filter")
        pointwise_filter = ops.convert_to_tensor(pointwise_filter,
                                                 name="pointwise_filter")
        shape = pointwise_filter.shape.with_rank(4)
        for axis in (0, 1):
            shape.dims[axis].assert_is_compatible_with(1)
        channels = _by_channel(input, depthwise_filter, strides, padding,
                               rate, data_format, "depthwise")
        return conv2d(channels, pointwise_filter, [1, 1, 1, 1],
                      padding="VALID", data_format=data_format, name=scope)
