"""tf.contrib.layers: batch_norm and layer_norm."""
from retrograph.contrib import framework
from retrograph.contrib import layer_parts as parts
from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import ops
from retrograph.layers import normalization
from retrograph.layers.core import constant_condition
from retrograph.layers.core import smart_cond
from retrograph.ops import array_ops
from retrograph.ops import init_ops
from retrograph.ops import normalization_ops
from retrograph.ops import variable_scope as vs
from retrograph.training import moving_averages

add_arg_scope = framework.add_arg_scope

_INITIALIZERS = {
    "beta": init_ops.zeros_initializer, "gamma": init_ops.ones_initializer,
    "moving_mean": init_ops.zeros_initializer,
    "moving_variance": init_ops.ones_initializer,
}


class _BatchNorm:
    """What batch_norm() was asked for, and the variables that it makes."""

    def __init__(self, decay, center, scale, epsilon, param_initializers,
                 param_regularizers, updates_collections, is_training,
                 variables_collections, trainable, data_format, zero_debias):
        self.decay = decay
        self.center = center
        self.scale = scale
        self.epsilon = epsilon
        self.initializers = param_initializers or {}
        self.regularizers = param_regularizers or {}
        self.updates_collections = updates_collections
        self.is_training = is_training
        self.variables_collections = variables_collections
        self.trainable = trainable
        self.data_format = data_format
        self.zero_debias = zero_debias

    def initializer(self, kind):
        return self.initializers.get(kind, _INITIALIZERS[kind]())

    def _variable(self, kind, shape, dtype, trainable, regularizer=None):
        return framework.model_variable(
            kind, shape=shape, dtype=dtype, initializer=self.initializer(kind),
            regularizer=regularizer, trainable=trainable,
            collections=parts.collections_of(self.variables_collections,
                                             kind))

    def parameter(self, kind, shape, dtype, regularized):
        """beta or gamma."""
        return self._variable(
            kind, shape, dtype, self.trainable,
            self.regularizers.get(kind) if regularized else None)

    def make_averages(self, shape, dtype):
        """The moving mean and variance, which are never cut into parts."""
        with vs.variable_scope(vs.get_variable_scope()) as local:
            local.set_partitioner(None)
            self.averages = tuple(
                self._variable(kind, shape, dtype, False)
                for kind in ("moving_mean", "moving_variance"))

    def may_train(self):
        return constant_condition(self.is_training) is not False

    def _update(self, moments):
        return tuple(
            moving_averages.assign_moving_average(
                average, value, self.decay, zero_debias=debias)
            for average, value, debias in zip(self.averages, moments,
                                              (self.zero_debias, False)))

    def update_at_once(self, moments, values, otherwise):
        """The values, after the averages have followed the moments."""
        def updated():
            with ops.control_dependencies(self._update(moments)):
                return tuple(array_ops.identity(v) for v in values)
        return smart_cond(self.is_training, updated, otherwise)

    def update_later(self, moments):
        """Leaves the updates to who runs the collections."""
        for update in smart_cond(self.is_training,
                                 lambda: self._update(moments),
                                 lambda: self.averages):
            ops.add_to_collections(self.updates_collections, update)


@add_arg_scope
def batch_norm(inputs, decay=0.999, center=True, scale=False, epsilon=0.001,
               activation_fn=None, param_initializers=None,
               param_regularizers=None,
               updates_collections=ops.GraphKeys.UPDATE_OPS, is_training=True,
               reuse=None, variables_collections=None,
               outputs_collections=None, trainable=True, batch_weights=None,
               fused=None, data_format="NHWC", zero_debias_moving_mean=False,
               scope=None, renorm=False, renorm_clipping=None,
               renorm_decay=0.99, adjustment=None):
    """The inputs normalised by a batch's mean and variance while it trains,
    by moving averages of them otherwise."""
    fused = True if fused is None else fused
    inputs = ops.convert_to_tensor(inputs)
    norm = _BatchNorm(decay, center, scale, epsilon, param_initializers,
                      param_regularizers, updates_collections, is_training,
                      variables_collections, trainable, data_format,
                      zero_debias_moving_mean)
    # What tf.layers cannot do.
    own_updates = (zero_debias_moving_mean or
                   updates_collections is not ops.GraphKeys.UPDATE_OPS)
    rank = inputs.shape.ndims
    by_one_op = (fused and batch_weights is None and not renorm and
                 adjustment is None and rank in (2, 4) and
                 (own_updates or rank == 2))
    parts.checked_layout(data_format)
    with vs.variable_scope(
            scope, "BatchNorm", [inputs], reuse=reuse,
            custom_getter=None if by_one_op else parts.getter()) as opened:
        if by_one_op:
            outputs = _by_one_op(norm, inputs)
        elif batch_weights is None and not own_updates:
            outputs = _by_layer(norm, inputs, opened, reuse, dict(
                renorm=renorm, renorm_clipping=renorm_clipping,
                renorm_momentum=renorm_decay, adjustment=adjustment,
                fused=fused))
        else:
            if renorm:
                raise ValueError(
                    "renorm is not supported with batch_weights, "
                    "updates_collections or zero_debias_moving_mean")
            outputs = _by_moments(norm, inputs, batch_weights)
        if activation_fn is not None:
            outputs = activation_fn(outputs)
        return parts.collected(outputs_collections, opened.name, outputs)


def _by_layer(norm, inputs, opened, reuse, options):
    """As tf.layers does it."""
    layer = normalization.BatchNormalization(
        axis=1 if norm.data_format == "NCHW" else -1, momentum=norm.decay,
        epsilon=norm.epsilon, center=norm.center, scale=norm.scale,
        beta_regularizer=norm.regularizers.get("beta"),
        gamma_regularizer=norm.regularizers.get("gamma"),
        trainable=norm.trainable, name=opened.name, _scope=opened,
        _reuse=reuse, **options,
        **{kind + "_initializer": norm.initializer(kind)
           for kind in _INITIALIZERS})
    outputs = layer.apply(inputs, training=norm.is_training)
    for kind in ("moving_mean", "moving_variance", "beta", "gamma"):
        parts.collect_variable(getattr(layer, kind),
                               norm.variables_collections, kind)
    return outputs


def _by_one_op(norm, inputs):
    """By FusedBatchNormV3; a matrix is made images of one pixel."""
    given = inputs
    first = norm.data_format == "NCHW"
    if given.shape.ndims == 2:
        channels = given.shape.as_list()[-1]
        if channels is None:
            raise ValueError("`C` dimension must be known but is None")
        inputs = array_ops.reshape(
            given, [-1, channels, 1, 1] if first else [-1, 1, 1, channels])
    shape = inputs.shape[1:2] if first else inputs.shape[-1:]
    if not shape.is_fully_defined():
        raise ValueError("Inputs %s has undefined `C` dimension %s."
                         % (inputs.name, shape))
    dtype = dtypes.float32

    def parameter(kind, wanted, fixed):
        if wanted:
            return norm.parameter(kind, shape, dtype, regularized=True)
        return constant_op.constant(fixed, dtype=dtype, shape=shape)
    beta = parameter("beta", norm.center, 0.0)
    gamma = parameter("gamma", norm.scale, 1.0)
    norm.make_averages(shape, dtype)
    options = dict(epsilon=norm.epsilon, data_format=norm.data_format)
    outputs, *moments = smart_cond(
        norm.is_training,
        lambda: normalization_ops.fused_batch_norm(inputs, gamma, beta,
                                                   **options),
        lambda: normalization_ops.fused_batch_norm(
            inputs, gamma, beta, *norm.averages, is_training=False,
            **options))
    if norm.may_train():
        if norm.updates_collections is None:
            outputs = norm.update_at_once(moments, [outputs],
                                          lambda: outputs)
            if isinstance(outputs, tuple):
                outputs, = outputs
        else:
            norm.update_later(moments)
    outputs.set_shape(inputs.shape)
    if given.shape.ndims == 2:
        outputs = array_ops.reshape(outputs, array_ops.shape(given))
    return outputs


def _by_moments(norm, inputs, batch_weights):
    """By tf.nn.moments, or weighted ones."""
    rank = inputs.shape.ndims
    if rank is None:
        raise ValueError("Inputs %s has undefined rank." % inputs.name)
    dtype = inputs.dtype.base_dtype
    if batch_weights is not None:
        batch_weights = ops.convert_to_tensor(batch_weights)
        inputs.shape[0:1].assert_is_compatible_with(batch_weights.shape)
        batch_weights = array_ops.reshape(batch_weights,
                                          [-1] + [1] * (rank - 1))
    channel = 1 if norm.data_format == "NCHW" else rank - 1
    axes = [axis for axis in range(rank) if axis != channel]
    shape = inputs.shape[channel:channel + 1]
    if not shape.is_fully_defined():
        raise ValueError("Inputs %s has undefined channels dimension %s."
                         % (inputs.name, shape))
    beta = norm.parameter("beta", shape, dtype, regularized=False) \
        if norm.center else None
    gamma = norm.parameter("gamma", shape, dtype, regularized=False) \
        if norm.scale else None
    norm.make_averages(shape, dtype)
    mean, variance = norm.averages
    if norm.may_train():
        moments = _moments(norm, inputs, axes, batch_weights)
        if norm.updates_collections is None:
            mean, variance = norm.update_at_once(moments, moments,
                                                 lambda: norm.averages)
        else:
            norm.update_later(moments)
            mean, variance = smart_cond(norm.is_training, lambda: moments,
                                        lambda: norm.averages)
    if norm.data_format == "NCHW":
        wide = [1, shape.as_list()[0]] + [1] * (rank - 2)
        mean, variance, beta, gamma = (
            None if value is None else array_ops.reshape(value, wide)
            for value in (mean, variance, beta, gamma))
    outputs = normalization_ops.batch_normalization(
        inputs, mean, variance, beta, gamma, norm.epsilon)
    outputs.set_shape(inputs.shape)
    return outputs


def _moments(norm, inputs, axes, batch_weights):
    first = norm.data_format == "NCHW"
    if batch_weights is None:
        found = normalization_ops.moments(inputs, axes, keep_dims=first)
    else:
        found = normalization_ops.weighted_moments(
            inputs, axes, batch_weights, keep_dims=first)
    return tuple(array_ops.reshape(value, [-1]) for value in found) \
        if first else found


@add_arg_scope
def layer_norm(inputs, center=True, scale=True, activation_fn=None, reuse=None,
               variables_collections=None, outputs_collections=None,
               trainable=True, begin_norm_axis=1, begin_params_axis=-1,
               scope=None):
    """Each row of the batch normalised by its own mean and variance."""
    with vs.variable_scope(scope, "LayerNorm", [inputs],
                           reuse=reuse) as opened:
        inputs = ops.convert_to_tensor(inputs)
        rank = inputs.shape.ndims
        if rank is None:
            raise ValueError("Inputs %s has undefined rank." % inputs.name)
        if begin_norm_axis < 0:
            begin_norm_axis += rank
        if begin_params_axis >= rank or begin_norm_axis >= rank:
            raise ValueError(
                "begin_params_axis (%d) and begin_norm_axis (%d) must be < "
                "rank(inputs) (%d)" % (begin_params_axis, begin_norm_axis,
                                       rank))
        shape = inputs.shape[begin_params_axis:]
        if not shape.is_fully_defined():
            raise ValueError(
                "Inputs %s: shape(inputs)[%s:] is not fully defined: %s"
                % (inputs.name, begin_params_axis, inputs.shape))
        dtype = inputs.dtype.base_dtype

        def parameter(kind):
            return framework.model_variable(
                kind, shape=shape, dtype=dtype,
                initializer=_INITIALIZERS[kind](), trainable=trainable,
                collections=parts.collections_of(variables_collections, kind))
        beta = parameter("beta") if center else None
        gamma = parameter("gamma") if scale else None
        mean, variance = normalization_ops.moments(
            inputs, list(range(begin_norm_axis, rank)), keep_dims=True)
        outputs = normalization_ops.batch_normalization(
            inputs, mean, variance, beta, gamma,
            1e-3 if dtype == dtypes.float16 else 1e-12)
        outputs.set_shape(inputs.shape)
        if activation_fn is not None:
            outputs = activation_fn(outputs)
        return parts.collected(outputs_collections, opened.name, outputs)
