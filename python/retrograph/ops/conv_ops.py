"""tf.nn: convolutions and pooling."""
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
    value = deprecated_argument("input", input, "value", value)
    return _pool("MaxPool", "input", value, ksize, strides, padding,
                 data_format, name)


def avg_pool(value=None, ksize=None, strides=None, padding=None,
             data_format="NHWC", name=None, input=None):
    value = deprecated_argument("input", input, "value", value)
    return _pool("AvgPool", "value", value, ksize, strides, padding,
                 data_format, name)
