"""Dense, Dropout, Flatten."""
import numpy as np

from retrograph.framework import constant_op
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.framework import tensor_shape
from retrograph.layers import base
from retrograph.ops import array_ops
from retrograph.ops import control_flow_ops
from retrograph.ops import init_ops
from retrograph.ops import math_ops
from retrograph.ops import nn_ops
from retrograph.ops import variables


class Dense(base.KernelLayer):
    """activation(inputs . kernel + bias)."""

    def __init__(self, units, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.units = int(units)
        self.input_spec = base.InputSpec(min_ndim=2)

    def build(self, input_shape):
        depth = base.dims_of(input_shape)[-1]
        if depth is None:
            raise ValueError("The last dimension of the inputs to `Dense` "
                             "should be defined. Found `None`.")
        self.input_spec = base.InputSpec(min_ndim=2, axes={-1: depth})
        self._add_weights([depth, self.units])
        self.built = True

    def call(self, inputs):
        if inputs.shape.ndims > 2:
            outputs = _dot_last_axis(inputs, self.kernel)
        else:
            outputs = op_library.apply_op("MatMul", a=inputs, b=self.kernel)
        return self._finished(outputs)

    def compute_output_shape(self, input_shape):
        shape = base.dims_of(input_shape)
        return tensor_shape.TensorShape(shape[:-1] + [self.units])


def _dot_last_axis(a, kernel):
    """tf.tensordot(a, kernel, [[rank - 1], [0]])."""
    shape = a.shape.as_list()
    units = kernel.shape.as_list()[-1]
    with ops.name_scope(None, "Tensordot", [a, kernel]) as scope:
        b = None
        if None not in shape:
            flat = [int(np.prod(shape[:-1])), shape[-1]]
            a = array_ops.transpose(a, list(range(len(shape))))
            a = array_ops.reshape(a, flat)
            free = None
        else:
            a, free = _flattened_by_ops(a)
        b = ops.convert_to_tensor(kernel)
        b = array_ops.transpose(b, [0, 1])
        b = array_ops.reshape(b, [shape[-1], units])
        product = op_library.apply_op("MatMul", a=a, b=b)
        if free is None:
            # TensorFlow makes this Const under another name than Reshape's.
            out_shape = constant_op.constant(shape[:-1] + [units],
                                             name="shape")
            return array_ops.reshape(product, out_shape, name=scope)
        tail = constant_op.constant([units])
        out_shape = array_ops.concat([free, tail], 0)
        result = array_ops.reshape(product, out_shape, name=scope)
        result.set_shape(shape[:-1] + [units])
        return result


def _flattened_by_ops(a):
    """`a` as a matrix, and the sizes of all axes but the last."""
    rank = a.shape.ndims
    axes = ops.convert_to_tensor([rank - 1], name="axes")
    free = ops.convert_to_tensor(list(range(rank - 1)), name="free")
    shape = array_ops.shape(a)
    free_dims = array_ops.gather(shape, free)
    axes_dims = array_ops.gather(shape, axes)
    rows = math_ops.reduce_prod(free_dims)
    columns = math_ops.reduce_prod(axes_dims)
    perm = array_ops.concat([free, axes], 0)
    flat = array_ops.stack([rows, columns])
    a = array_ops.reshape(array_ops.transpose(a, perm), flat)
    return a, free_dims


class Dropout(base.Layer):
    """Drops values while it trains."""

    def __init__(self, rate=0.5, noise_shape=None, seed=None, name=None,
                 **kwargs):
        super().__init__(name=name, **kwargs)
        self.rate = rate
        self.noise_shape = noise_shape
        self.seed = seed
        self.built = True

    def call(self, inputs, training=False):
        def dropped():
            return nn_ops.dropout(inputs, noise_shape=self.noise_shape,
                                  seed=self.seed, rate=self.rate)

        def kept():
            return array_ops.identity(inputs)
        return smart_cond(training, dropped, kept)


def constant_condition(pred):
    """Whether a predicate is true; None if only a run can tell."""
    if isinstance(pred, variables.Variable):
        return None
    if isinstance(pred, ops.Tensor):
        pred = constant_op.constant_value(pred)
    return None if pred is None else bool(pred)


def smart_cond(pred, true_fn, false_fn):
    """One branch alone where the predicate is known."""
    known = constant_condition(pred)
    if known is None:
        return control_flow_ops.cond(pred, true_fn, false_fn)
    return true_fn() if known else false_fn()


class Flatten(base.Layer):
    """All axes but the first become one."""

    def __init__(self, data_format=None, **kwargs):
        super().__init__(**kwargs)
        self.data_format = data_format or "channels_last"
        self.input_spec = base.InputSpec(min_ndim=1)

    def call(self, inputs):
        if self.data_format == "channels_first":
            rank = inputs.shape.ndims
            inputs = array_ops.transpose(
                inputs, [0] + list(range(2, rank)) + [1])
        shape = inputs.shape.as_list()
        batch = shape[0]
        if batch is None:
            batch = array_ops.shape(inputs)[0]
        outputs = array_ops.reshape(inputs, (batch, -1))
        if shape[1:] and None not in shape[1:]:
            outputs.set_shape([shape[0], int(np.prod(shape[1:]))])
        return outputs


def dense(inputs, units, activation=None, use_bias=True,
          kernel_initializer=None,
          bias_initializer=init_ops.zeros_initializer(),
          kernel_regularizer=None, bias_regularizer=None,
          activity_regularizer=None, kernel_constraint=None,
          bias_constraint=None, trainable=True, name=None, reuse=None):
    """activation(inputs @ kernel + bias), with variables of its own.

    Parameters
    ----------
    inputs : Tensor of floats, of shape [..., depth]
    units : int
    activation : callable, optional
    use_bias : bool
    kernel_initializer, bias_initializer : initializer, optional
    kernel_regularizer, bias_regularizer : callable, optional
    activity_regularizer : callable, optional
    kernel_constraint, bias_constraint : callable, optional
    trainable : bool
        Whether the variables are in the collection of trainable ones.
    name : str, optional
        The variables' scope, too: `name`/kernel, `name`/bias.
    reuse : bool, optional
        Whether variables that are there are taken.

    Returns
    -------
    Tensor of shape [..., units]

    Raises
    ------
    ValueError
        If the last dimension is not known, or a variable is (not) there.
    """
    return base.called(Dense, locals())


def dropout(inputs, rate=0.5, noise_shape=None, seed=None, training=False,
            name=None):
    """While `training`, each element with probability 1 - rate, by that.

    `training` may be a bool Tensor. Else the inputs.
    """
    return Dropout(rate, noise_shape=noise_shape, seed=seed,
                   name=name)(inputs, training=training)


def flatten(inputs, name=None, data_format="channels_last"):
    """[batch, all the rest]; channels that come first go last before."""
    return Flatten(name=name, data_format=data_format)(inputs)
