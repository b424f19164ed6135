"""BatchNormalization."""
from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.layers import base
from retrograph.layers.core import smart_cond
from retrograph.ops import array_ops
from retrograph.ops import init_ops
from retrograph.ops import math_ops
from retrograph.ops import state_ops


class BatchNormalization(base.Layer):
    """Normalises over all axes but one; keeps running averages."""

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
        self.axis = list(axis) if isinstance(axis, (list, tuple)) else [axis]
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
        shape = base.dims_of(input_shape)
        self.axis = [a + len(shape) if a < 0 else a for a in self.axis]
        if any(a >= len(shape) for a in self.axis):
            raise ValueError("Invalid axis: %d" % self.axis[0])
        if len(self.axis) != 1:
            raise NotImplementedError("several axes are not in retrograph yet")
        axis = self.axis[0]
        if self.fused in (None, True):
            self.fused = len(shape) == 4 and axis in (1, 3)
        depth = shape[axis]
        if depth is None:
            raise ValueError("Input has undefined `axis` dimension. Input "
                             "shape: ", input_shape)
        self.input_spec = base.InputSpec(ndim=len(shape), axes={axis: depth})

        def weight(name, initializer, trainable, regularizer=None,
                   constraint=None):
            return self.add_weight(
                name, shape=[depth], dtype=dtypes.float32
                if self.dtype in ("float16", "bfloat16") else self.dtype,
                initializer=initializer, regularizer=regularizer,
                constraint=constraint, trainable=trainable)
        self.gamma = weight("gamma", self.gamma_initializer, True,
                            self.gamma_regularizer, self.gamma_constraint) \
            if self.scale else None
        self.beta = weight("beta", self.beta_initializer, True,
                           self.beta_regularizer, self.beta_constraint) \
            if self.center else None
        self.moving_mean = weight("moving_mean", self.moving_mean_initializer,
                                  False)
        self.moving_variance = weight(
            "moving_variance", self.moving_variance_initializer, False)
        self.built = True

    def call(self, inputs, training=False):
        if self.fused:
            return self._fused(inputs, training)
        return self._by_moments(inputs, training)

    # ---- By one op ----

    def _fused(self, inputs, training):
        shape = self.moving_mean.shape
        beta = self.beta if self.center else constant_op.constant(
            0.0, shape=shape)
        gamma = self.gamma if self.scale else constant_op.constant(
            1.0, shape=shape)
        data_format = "NCHW" if self.axis == [1] else "NHWC"

        def normalized(mean, variance, is_training):
            result = op_library.add(
                "FusedBatchNormV3", x=inputs, scale=gamma, offset=beta,
                mean=mean, variance=variance, epsilon=self.epsilon,
                data_format=data_format, is_training=is_training)
            return result.outputs[:3]

        def train():
            nothing = constant_op.constant([], dtype=dtypes.float32)
            nothing_too = constant_op.constant([], dtype=dtypes.float32)
            return normalized(nothing, nothing_too, True)

        def infer():
            return normalized(self.moving_mean, self.moving_variance, False)
        output, mean, variance = smart_cond(training, train, infer)
        momentum = smart_cond(
            training, lambda: ops.convert_to_tensor(self.momentum),
            lambda: ops.convert_to_tensor(1.0)) \
            if isinstance(training, ops.Tensor) else \
            ops.convert_to_tensor(self.momentum)
        if isinstance(training, ops.Tensor) or training:
            self.add_update(self._moved(self.moving_mean, mean, momentum))
            self.add_update(self._moved(self.moving_variance, variance,
                                        momentum))
        return output

    def _moved(self, variable, value, momentum):
        with ops.name_scope(None, "AssignMovingAvg",
                            [variable, value, momentum]) as scope, \
                ops.colocate_with(variable):
            decay = 1.0 - momentum
            delta = (variable - math_ops.cast(value, variable.dtype)) * decay
            return state_ops.assign_sub(variable, delta, name=scope)

    # ---- By several ops ----

    def _by_moments(self, inputs, training):
        if isinstance(training, ops.Tensor):
            raise NotImplementedError("a tensor for `training` and other than "
                                      "four axes are not in retrograph yet")
        axes = [i for i in range(inputs.shape.ndims) if i not in self.axis]
        if training:
            mean, variance = moments(inputs, axes)
            for variable, value in ((self.moving_mean, mean),
                                    (self.moving_variance, variance)):
                self.add_update(self._averaged(variable, value))
        else:
            mean, variance = self.moving_mean, self.moving_variance
        return batch_normalization_of(inputs, mean, variance, self.beta,
                                      self.gamma, self.epsilon)

    def _averaged(self, variable, value):
        with ops.name_scope(None, "AssignMovingAvg") as scope, \
                ops.colocate_with(variable):
            decay = ops.convert_to_tensor(
                1.0 - self.momentum, dtype=variable.dtype.base_dtype,
                name="decay")
            delta = (variable - value) * decay
            return state_ops.assign_sub(variable, delta, name=scope)


def moments(x, axes, shift=None, name=None, keep_dims=None, keepdims=None):
    """The mean and the variance of `x` over some axes."""
    keep = bool(keepdims if keep_dims is None else keep_dims)
    with ops.name_scope(name, "moments", [x, axes]):
        x = ops.convert_to_tensor(x, name="x")
        y = math_ops.cast(x, dtypes.float32) \
            if x.dtype == dtypes.float16 else x
        mean = math_ops.reduce_mean(y, axes, keepdims=True, name="mean")
        variance = math_ops.reduce_mean(
            op_library.apply_op("SquaredDifference", x=y,
                                y=array_ops.stop_gradient(mean)),
            axes, keepdims=True, name="variance")
        if not keep:
            mean = array_ops.squeeze(mean, axes)
            variance = array_ops.squeeze(variance, axes)
        if x.dtype == dtypes.float16:
            return (math_ops.cast(mean, dtypes.float16),
                    math_ops.cast(variance, dtypes.float16))
        return mean, variance


def batch_normalization_of(x, mean, variance, offset, scale,
                           variance_epsilon, name=None):
    """tf.nn.batch_normalization."""
    with ops.name_scope(name, "batchnorm",
                        [x, mean, variance, scale, offset]):
        inverse = op_library.apply_op("Rsqrt", x=variance + variance_epsilon)
        if scale is not None:
            inverse *= scale
        product = x * math_ops.cast(inverse, x.dtype)
        shift = offset - mean * inverse if offset is not None else \
            -mean * inverse
        return product + math_ops.cast(shift, x.dtype)


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
