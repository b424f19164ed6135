"""The largest, or the average, of each window of a line or an image."""
from retrograph.layers import arguments
from retrograph.layers import base
from retrograph.ops import array_ops
from retrograph.ops import conv_ops


class _Pooling(base.Layer):
    _rank = None

    def __init__(self, pool_size, strides, padding="valid",
                 data_format="channels_last", name=None, **kwargs):
        super().__init__(name=name, **kwargs)
        if strides is None:
            raise ValueError("Argument `strides` must not be None.")
        self.pool_size = arguments.whole_numbers(pool_size, self._rank,
                                                 "pool_size")
        self.strides = arguments.whole_numbers(strides, self._rank, "strides")
        self.padding = arguments.padding(padding)
        self.data_format = arguments.layout(data_format)
        self.input_spec = base.InputSpec(ndim=self._rank + 2)

    @staticmethod
    def _pool(*args, **kwargs):
        raise NotImplementedError


class _Pooling1D(_Pooling):
    _rank = 1

    def call(self, inputs):
        first = self.data_format == "channels_first"
        column = 3 if first else 2
        images = array_ops.expand_dims(inputs, column)
        if first:  # TensorFlow does so where there is no GPU.
            images = array_ops.transpose(images, (0, 2, 3, 1))
        outputs = self._pool(images, list(self.pool_size) + [1],
                             list(self.strides) + [1], self.padding.upper())
        if first:
            outputs = array_ops.transpose(outputs, (0, 3, 1, 2))
        return array_ops.squeeze(outputs, column)


class _Pooling2D(_Pooling):
    _rank = 2

    def call(self, inputs):
        return self._pool(inputs, self.pool_size, self.strides,
                          self.padding.upper(),
                          arguments.op_layout(self.data_format))


class MaxPooling1D(_Pooling1D):
    """The maximum of each window of a line."""
    _pool = staticmethod(conv_ops.max_pool)


class AveragePooling1D(_Pooling1D):
    """The average of each window of a line."""
    _pool = staticmethod(conv_ops.avg_pool)


class MaxPooling2D(_Pooling2D):
    """The maximum of each window of an image."""
    _pool = staticmethod(conv_ops.max_pool)


class AveragePooling2D(_Pooling2D):
    """The average of each window of an image."""
    _pool = staticmethod(conv_ops.avg_pool)


MaxPool1D, MaxPool2D = MaxPooling1D, MaxPooling2D
AvgPool1D, AvgPool2D = AveragePooling1D, AveragePooling2D


def _function(kind):
    def pooling(inputs, pool_size, strides, padding="valid",
                data_format="channels_last", name=None):
        return kind(pool_size, strides, padding, data_format, name)(inputs)
    pooling.__name__ = pooling.__qualname__ = \
        base.to_snake_case(kind.__name__)
    pooling.__doc__ = (
        "%s\n\n`inputs`: [batch, %s, channels]; channels second for "
        "\"channels_first\".\n`pool_size`, `strides`: int, or one for each "
        "dimension; `padding`: \"valid\" or \"same\"." % (
            kind.__doc__, "width" if kind._rank == 1 else "height, width"))
    return pooling


max_pooling1d = max_pool1d = _function(MaxPooling1D)
max_pooling2d = max_pool2d = _function(MaxPooling2D)
average_pooling1d = average_pool1d = _function(AveragePooling1D)
average_pooling2d = average_pool2d = _function(AveragePooling2D)
