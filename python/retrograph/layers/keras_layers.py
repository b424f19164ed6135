"""tf.keras.layers.Dense, in graph mode, over resource variables."""
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.layers import base
from retrograph.ops import init_ops
from retrograph.ops import math_ops
from retrograph.ops import nn_ops
from retrograph.ops import variables

_ACTIVATIONS = {
    "relu": "Relu", "tanh": "Tanh", "sigmoid": "Sigmoid", "elu": "Elu",
    "selu": "Selu", "softplus": "Softplus", "softsign": "Softsign",
}


def _activation(value):
    if value is None or callable(value):
        return value
    if value == "linear":
        return None
    if value == "softmax":
        return nn_ops.softmax
    if value in _ACTIVATIONS:
        return op_library.function(_ACTIVATIONS[value])
    raise ValueError("Unknown activation function:" + str(value))


_INITIALIZERS = {
    "glorot_uniform": init_ops.glorot_uniform_initializer,
    "glorot_normal": init_ops.glorot_normal_initializer,
    "zeros": init_ops.zeros_initializer, "ones": init_ops.ones_initializer,
}


def _initializer(value):
    if not isinstance(value, str):
        return value
    if value not in _INITIALIZERS:
        raise ValueError("Unknown initializer: " + value)
    return _INITIALIZERS[value]()


class Dense:
    """activation(inputs . kernel + bias)."""

    def __init__(self, units, activation=None, use_bias=True,
                 kernel_initializer="glorot_uniform",
                 bias_initializer="zeros", name=None, trainable=True,
                 dtype="float32"):
        self.units = int(units)
        self.activation = _activation(activation)
        self.use_bias = use_bias
        self.kernel_initializer = _initializer(kernel_initializer)
        self.bias_initializer = _initializer(bias_initializer)
        count = 0 if name else base.times_named("dense")
        self.name = name or ("dense_%d" % count if count else "dense")
        self.trainable = trainable
        self.dtype = dtype
        self.built = False
        self.kernel = self.bias = None

    @property
    def trainable_weights(self):
        """The kernel and the bias; none if `trainable` is false."""
        weights = [v for v in (self.kernel, self.bias) if v is not None]
        return weights if self.trainable else []

    trainable_variables = trainable_weights
    weights = variables = property(
        lambda self: [v for v in (self.kernel, self.bias) if v is not None],
        doc="The kernel and the bias, as far as there are.")

    def _weight(self, name, shape, initializer):
        return variables.Variable(
            initial_value=lambda: initializer(shape, dtype=self.dtype),
            name=name, trainable=self.trainable, use_resource=True,
            dtype=self.dtype)

    def build(self, input_shape):
        """Makes the variables, when the inputs' shape is known.

        Raises
        ------
        ValueError
            If the last size is not known.
        """
        depth = base.dims_of(input_shape)[-1]
        if depth is None:
            raise ValueError("The last dimension of the inputs to `Dense` "
                             "should be defined. Found `None`.")
        self.kernel = self._weight("kernel", [depth, self.units],
                                   self.kernel_initializer)
        if self.use_bias:
            self.bias = self._weight("bias", [self.units],
                                     self.bias_initializer)
        self.built = True

    def __call__(self, inputs):
        with ops.name_scope(self.name):
            inputs = ops.convert_to_tensor(inputs)
            base.InputSpec(min_ndim=2).check(inputs, self.name)
            if not self.built:
                self.build(inputs.shape)
            return self.call(inputs)

    def call(self, inputs):
        """The outputs, a Tensor, once the variables are made."""
        inputs = math_ops.cast(inputs, self.dtype)
        outputs = op_library.apply_op("MatMul", a=inputs, b=self.kernel)
        if self.use_bias:
            outputs = nn_ops.bias_add(outputs, self.bias)
        if self.activation is not None:
            outputs = self.activation(outputs)
        return outputs


