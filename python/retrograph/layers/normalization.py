"""BatchNormalization."""
from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import ops
from retrograph.framework import tensor_shape
from retrograph.layers import base
from retrograph.layers.core import constant_condition
from retrograph.layers.core import smart_cond
from retrograph.ops import array_ops
from retrograph.ops import init_ops
from retrograph.ops import math_ops
from retrograph.ops import normalization_ops
from retrograph.ops import state_ops


class BatchNormalization(base.Layer):
    """Normalises over all axes but some; keeps running averages."""

    def __init__(self, axis=-1, momentum=0.99, epsilon=1e-3, center=True,
                 scale=True, beta_initializer=None, gamma_initializer=None,
                 moving_mean_initializer=None,
                 moving_variance_initializer=None, beta_regularizer=None,
                 gamma_regularizer=None, beta_constraint=None,
                 gamma_constraint=None, renorm=False, renorm_clipping=None,
                 renorm_momentum=0.99, fused=None, trainable=True,
                 virtual_batch_size=None, adjustment=None, name=None,
                 **kwargs):
        super().__init__(trainable=trainable, name=name, **kwargs)
        if renorm or virtual_batch_size is not None or adjustment is not None:
            raise NotImplementedError("renorm, virtual_batch_size and "
                                      "adjustment are not in retrograph yet")
        if not isinstance(axis, (int, list)):
            raise TypeError("axis must be int or list, type given: %s"
                            % type(axis))
        self.axis = axis[:] if isinstance(axis, list) else [axis]
        self.momentum = momentum
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        ones, zeros = init_ops.ones_initializer, init_ops.zeros_initializer
        self.beta_initializer = beta_initializer or zeros()
        self.gamma_initializer = gamma_initializer or ones()
        self.moving_mean_initializer = moving_mean_initializer or zeros()
        self.moving_variance_initializer = moving_variance_initializer or \
            ones()
        self.beta_regularizer = beta_regularizer
        self.gamma_regularizer = gamma_regularizer
        self.beta_constraint = beta_constraint
        self.gamma_constraint = gamma_constraint
        self.fused = fused

    def build(self, input_shape):
        input_shape = tensor_shape.TensorShape(input_shape)
        if not input_shape.ndims:
            raise ValueError("Input has undefined rank:", input_shape)
        shape = input_shape.as_list()
        self.axis = [a + len(shape) if a < 0 else a for a in self.axis]
        for axis in self.axis:
            if not 0 <= axis < len(shape):
                raise ValueError("Invalid axis: %d" % axis)
        if len(set(self.axis)) < len(self.axis):
            raise ValueError("Duplicate axis: %s" % self.axis)
        if self.fused in (None, True):
            self.fused = len(shape) == 4 and self.axis in ([1], [3])
        depths = {axis: shape[axis] for axis in self.axis}
        if None in depths.values():
            raise ValueError("Input has undefined `axis` dimension. Input "
                             "shape: ", input_shape)
        self.input_spec = base.InputSpec(ndim=len(shape), axes=depths)
        self._make_variables(
            list(depths.values()) if len(depths) == 1 else
            [depths.get(axis, 1) for axis in range(len(shape))])
        self.built = True

    def _make_variables(self, shape):
        dtype = dtypes.as_dtype(
            "float32" if self.dtype in (None, "float16", "bfloat16")
            else self.dtype)

        def weight(name, initializer, trainable, regularizer=None,
                   constraint=None):
            return self.add_weight(
                name, shape=shape, dtype=dtype, initializer=initializer,
                regularizer=regularizer, constraint=constraint,
                trainable=trainable)

        def fixed(value):
            return constant_op.constant(value, dtype=dtype, shape=shape) \
                if self.fused else None
        self.gamma = self.beta = None
        if self.scale:
            self.gamma = weight("gamma", self.gamma_initializer, True,
                                self.gamma_regularizer, self.gamma_constraint)
        self._gamma = self.gamma if self.scale else fixed(1.0)
        if self.center:
            self.beta = weight("beta", self.beta_initializer, True,
                               self.beta_regularizer, self.beta_constraint)
        self._beta = self.beta if self.center else fixed(0.0)
        # The moving averages are never cut into parts.
        partitioner = self._scope.partitioner
        self._scope.set_partitioner(None)
        try:
            self.moving_mean = weight(
                "moving_mean", self.moving_mean_initializer, False)
            self.moving_variance = weight(
                "moving_variance", self.moving_variance_initializer, False)
        finally:
            self._scope.set_partitioner(partitioner)

    def call(self, inputs, training=False):
        if isinstance(training, int):
            training = bool(training)
        if self.fused:
            return self._fused(inputs, training)
        return self._by_moments(inputs, training)

    # ---- By one op ----

    def _fused(self, inputs, training):
        data_format = "NCHW" if self.axis == [1] else "NHWC"

        def train():
            return normalization_ops.fused_batch_norm(
                inputs, self._gamma, self._beta, epsilon=self.epsilon,
                data_format=data_format)

        def infer():
            return normalization_ops.fused_batch_norm(
                inputs, self._gamma, self._beta, mean=self.moving_mean,
                variance=self.moving_variance, epsilon=self.epsilon,
                is_training=False, data_format=data_format)
        output, mean, variance = smart_cond(training, train, infer)
        known = constant_condition(training)
        if known is None:
            momentum = smart_cond(training, lambda: self.momentum,
                                  lambda: 1.0)
        else:
            momentum = ops.convert_to_tensor(self.momentum)
        if known is not False:
            self.add_update(self._moved(self.moving_mean, mean, momentum))
            self.add_update(self._moved(self.moving_variance, variance,
                                        momentum))
        return output

    def _moved(self, variable, value, momentum):
        """The op that moves an average by 1 - momentum towards a value."""
        with ops.name_scope(None, "AssignMovingAvg",
                            [variable, value, momentum]) as scope, \
                ops.colocate_with(variable):
            dtype = variable.dtype.base_dtype
            decay = ops.convert_to_tensor(1.0 - momentum, name="decay")
            if decay.dtype != dtype:
                decay = math_ops.cast(decay, dtype)
            delta = (variable - math_ops.cast(value, dtype)) * decay
            return state_ops.assign_sub(variable, delta, name=scope)

    # ---- By several ops ----

    def _by_moments(self, inputs, training):
        rank = inputs.shape.ndims
        rest = [i for i in range(rank) if i not in self.axis]
        wide = [1] * rank
        wide[self.axis[0]] = inputs.shape.as_list()[self.axis[0]]

        def broadcast(value):
            if (value is None or rest == list(range(rank - 1)) or
                    len(value.shape) == rank):
                return value
            return array_ops.reshape(value, wide)

        def cast(value):
            return None if value is None else math_ops.cast(value,
                                                            inputs.dtype)
        gamma, beta = broadcast(self.gamma), broadcast(self.beta)
        mean, variance = self.moving_mean, self.moving_variance
        if constant_condition(training) is not False:
            mean, variance = self._observed(inputs, rest, training)
        mean, variance = cast(mean), cast(variance)
        beta, gamma = cast(beta), cast(gamma)
        outputs = normalization_ops.batch_normalization(
            inputs, broadcast(mean), broadcast(variance), beta, gamma,
            self.epsilon)
        outputs.set_shape(inputs.shape)
        return outputs

    def _observed(self, inputs, axes, training):
        """The inputs' own moments while it trains; they are remembered."""
        averages = self.moving_mean, self.moving_variance
        observed = normalization_ops.moments(
            math_ops.cast(inputs, averages[0].dtype.base_dtype), axes,
            keep_dims=len(self.axis) > 1)
        used = [smart_cond(training, lambda: value,
                           lambda: ops.convert_to_tensor(average))
                for value, average in zip(observed, averages)]
        for average, value in zip(averages, used):
            self.add_update(smart_cond(
                training,
                lambda: self._moved(average, value, self.momentum),
                lambda: average))
        return used


def batch_normalization(
        inputs, axis=-1, momentum=0.99, epsilon=1e-3, center=True, scale=True,
        beta_initializer=init_ops.zeros_initializer(),
        gamma_initializer=init_ops.ones_initializer(),
        moving_mean_initializer=init_ops.zeros_initializer(),
        moving_variance_initializer=init_ops.ones_initializer(),
        beta_regularizer=None, gamma_regularizer=None, beta_constraint=None,
        gamma_constraint=None, training=False, trainable=True, name=None,
        reuse=None, renorm=False, renorm_clipping=None, renorm_momentum=0.99,
        fused=None, virtual_batch_size=None, adjustment=None):
    """Normalizes each channel by the batch's moments, or by those remembered.

    Parameters
    ----------
    inputs : Tensor of floats
    axis : int
        That of the channels.
    momentum : float
        How much of what is remembered a batch leaves.
    epsilon : float
        Added to the variance.
    center, scale : bool
        Whether there are variables beta and gamma.
    training : bool or bool Tensor
        Whether the batch's moments are used; the ops that remember them are
        in the collection UPDATE_OPS then.
    fused : bool, optional
        Whether one op does it, for images.
    trainable, name, reuse : as for `dense`

    Returns
    -------
    Tensor
        Of the inputs' shape and type.

    Raises
    ------
    ValueError
        If the axis or its size does not fit.
    """
    layer = BatchNormalization(
        axis=axis, momentum=momentum, epsilon=epsilon, center=center,
        scale=scale, beta_initializer=beta_initializer,
        gamma_initializer=gamma_initializer,
        moving_mean_initializer=moving_mean_initializer,
        moving_variance_initializer=moving_variance_initializer,
        beta_regularizer=beta_regularizer,
        gamma_regularizer=gamma_regularizer, beta_constraint=beta_constraint,
        gamma_constraint=gamma_constraint, renorm=renorm,
        renorm_clipping=renorm_clipping, renorm_momentum=renorm_momentum,
        fused=fused, trainable=trainable, name=name,
        virtual_batch_size=virtual_batch_size, adjustment=adjustment,
        _reuse=reuse, _scope=name)
    return layer(inputs, training=training)
