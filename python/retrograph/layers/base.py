"""Layer: the base class of tf.layers, the user's own included.

A layer's first call opens a variable scope under its name, makes the variables
there (build) and then the ops (call), in the name scope of the same name. Later
calls use the same variables.
"""
import copy
import re
import weakref

from retrograph.framework import dtypes
from retrograph.framework import nest
from retrograph.framework import ops
from retrograph.framework import tensor_shape
from retrograph.ops import init_ops
from retrograph.ops import nn_ops
from retrograph.ops import variable_scope as vs
from retrograph.ops import variables


class InputSpec:
    """What a layer's input must look like."""

    def __init__(self, dtype=None, shape=None, ndim=None, max_ndim=None,
                 min_ndim=None, axes=None):
        self.dtype = dtypes.as_dtype(dtype).name if dtype is not None else None
        self.shape = shape
        self.ndim = len(shape) if shape is not None else ndim
        self.max_ndim = max_ndim
        self.min_ndim = min_ndim
        self.axes = {int(k): axes[k] for k in axes or {}}

    def check(self, x, name):
        """ValueError with TensorFlow's text if `x` does not fit."""
        shape = x.shape
        start = "Input 0 of layer %s is incompatible with the layer: " % name
        if shape.ndims is None:
            if self.ndim is not None or self.min_ndim is not None:
                raise ValueError(
                    start + "its rank is undefined, but the layer requires a "
                    "defined rank.")
            return
        found = "found ndim=%d. Full shape received: %s" % (
            shape.ndims, shape.as_list())
        if self.ndim is not None and shape.ndims != self.ndim:
            raise ValueError("%sexpected ndim=%d, %s"
                             % (start, self.ndim, found))
        if self.min_ndim is not None and shape.ndims < self.min_ndim:
            raise ValueError("%s: expected min_ndim=%d, %s"
                             % (start, self.min_ndim, found))
        for axis, value in self.axes.items():
            value = getattr(value, "value", value)
            if value is not None and shape.as_list()[axis] not in (value,
                                                                   None):
                raise ValueError(
                    "%sexpected axis %d of input shape to have value %s but "
                    "received input with shape %s"
                    % (start, axis, value, shape.as_list()))


def to_snake_case(name):
    name = re.sub("(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    name = re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
    return name if name[0] != "_" else "private" + name


_SHARED = (ops.Tensor, variables.Variable)
_names = weakref.WeakKeyDictionary()  # how often a name was used in a graph


def times_named(name):
    """How many layers of the graph were given the name before this one."""
    counts = _names.setdefault(ops.get_default_graph(), {})
    counts[name] = counts.get(name, 0) + 1
    return counts[name] - 1


class Layer:
    """Base class of layers."""

    def __init__(self, trainable=True, name=None, dtype=None, **kwargs):
        self._reuse = kwargs.pop("_reuse", None)
        scope = kwargs.pop("_scope", None)
        self._activity_regularizer = kwargs.pop("activity_regularizer", None)
        if kwargs:
            raise TypeError("Keyword argument not understood:",
                            list(kwargs)[0])
        self.trainable = trainable
        self.built = False
        self.input_spec = None
        self._graph = None
        self._dtype = None if dtype is None else dtypes.as_dtype(dtype).name
        self._base_name = name or to_snake_case(type(self).__name__)
        self._name = name or "%s_%d" % (self._base_name,
                                        times_named(self._base_name) + 1)
        self._trainable_weights = []
        self._non_trainable_weights = []
        self._updates = []
        self._losses = []
        self._penalties = []  # functions that make losses of weights
        self._scope = None
        if scope is not None:
            with vs.variable_scope(scope) as captured:
                self._scope = captured

    def __deepcopy__(self, memo):
        """A copy that shares graph, variables and tensors."""
        made = memo[id(self)] = type(self).__new__(type(self))
        for name, value in vars(self).items():
            parts = value if isinstance(value, (list, tuple)) else [value]
            if name == "_scope":
                value = copy.copy(value)
            elif name not in ("_graph", "_cell_scope") and not (
                    parts and all(isinstance(p, _SHARED) for p in parts)):
                value = copy.deepcopy(value, memo)
            made.__dict__[name] = value
        return made

    # ---- What there is ----

    dtype = property(
        lambda self: self._dtype,
        doc='The name of the type of its weights, as in "float32"; None until '
            "it is given or an input says it.")
    graph = property(lambda self: self._graph,
                     doc="The graph of the last call's inputs; None before.")
    scope_name = property(
        lambda self: self._require_scope().name,
        doc="The name of its variable scope; ValueError before the first "
            "call.")
    name = property(lambda self: self._name,
                    doc="The name given, or one made of its class's.")
    updates = property(lambda self: list(self._updates),
                       doc="The operations of add_update(), a new list.")

    @property
    def losses(self):
        """All of them; a weight's is made anew by each look."""
        made = [penalty() for penalty in self._penalties]
        return self._losses + [loss for loss in made if loss is not None]

    @property
    def trainable_weights(self):
        """Those to be trained, a new list; none if `trainable` is false."""
        return list(self._trainable_weights) if self.trainable else []

    @property
    def non_trainable_weights(self):
        """The others: all of them if `trainable` is false."""
        extra = [] if self.trainable else self._trainable_weights
        return list(extra) + list(self._non_trainable_weights)

    @property
    def weights(self):
        """All variables, those to be trained first."""
        return self.trainable_weights + self.non_trainable_weights

    trainable_variables = trainable_weights
    non_trainable_variables = non_trainable_weights
    variables = weights

    def _require_scope(self):
        if self._scope is None:
            raise ValueError("No name available for layer scope because the "
                             "layer \"" + self._base_name + "\" has not been "
                             "used yet. The scope name  is determined the "
                             "first time the layer instance is called. You "
                             "must therefore call the layer before querying "
                             "`scope_name`.")
        return self._scope

    # ---- What subclasses say ----

    def build(self, input_shape):
        """Makes the variables, when the inputs' shape is known."""
        self.built = True

    def call(self, inputs, **kwargs):
        """The outputs: what subclasses define."""
        return inputs

    def compute_output_shape(self, input_shape):
        """The outputs' shape for inputs of a shape."""
        raise NotImplementedError

    # ---- Calling ----

    def _set_scope(self, scope=None):
        if self._scope is not None:
            return
        if self._reuse:
            opened = vs.variable_scope(scope if scope is not None
                                       else self._base_name)
        else:
            opened = vs.variable_scope(scope, default_name=self._base_name)
        with opened as captured:
            self._scope = captured

    def __call__(self, inputs, *args, **kwargs):
        self._set_scope(kwargs.pop("scope", None))
        self._graph = ops._get_graph_from_inputs(nest.flatten(inputs))
        reuse = True if self.built else self._reuse
        with vs.variable_scope(self._scope, reuse=reuse,
                               auxiliary_name_scope=False) as scope, \
                ops.name_scope(scope.original_name_scope):
            flat = nest.flatten(inputs)
            flat = [x if isinstance(x, ops.Tensor) else
                    ops.convert_to_tensor(x) for x in flat]
            if len(flat) == 1 and not isinstance(inputs, (list, tuple)):
                inputs = flat[0]
            self._check_and_build(inputs, flat)
            outputs = self.call(inputs, *args, **kwargs)
            self._regularize_activity(outputs)
        # There is a list of updates from now on, be it empty.
        ops.get_collection_ref(ops.GraphKeys.UPDATE_OPS)
        return outputs

    apply = __call__

    def _check_and_build(self, inputs, flat):
        spec = self.input_spec
        if spec is not None and flat:
            spec.check(flat[0], self.name)
        if self.built:
            return
        if self._dtype is None and flat:
            self._dtype = flat[0].dtype.base_dtype.name
        self.build(inputs.shape if isinstance(inputs, ops.Tensor)
                   else [x.shape for x in flat])
        self.built = True  # whatever the user's build() says
        if self.input_spec is not None and spec is not self.input_spec:
            self.input_spec.check(flat[0], self.name)

    def _regularize_activity(self, outputs):
        if self._activity_regularizer is None:
            return
        for output in nest.flatten(outputs):
            with ops.name_scope("ActivityRegularizer"):
                self.add_loss(self._activity_regularizer(output), inputs=True)

    # ---- Variables, losses, updates ----

    def add_weight(self, name, shape, dtype=None, initializer=None,
                   regularizer=None, trainable=None, constraint=None,
                   use_resource=None, partitioner=None, **unused):
        """A variable of this layer, from get_variable."""
        trainable = True if trainable is None else trainable
        dtype = dtypes.as_dtype(dtype or self._dtype or "float32")
        self._set_scope(None)
        reuse = self.built or self._reuse
        before = set(id(v) for v in _global_variables())
        with vs.variable_scope(self._scope, reuse=reuse or None,
                               auxiliary_name_scope=False) as scope, \
                ops.name_scope(scope.original_name_scope):
            variable = vs.get_variable(
                name, shape=shape, dtype=dtype,
                initializer=initializer or scope.initializer or
                self._default_initializer(dtype),
                trainable=trainable and self.trainable, constraint=constraint,
                use_resource=use_resource, partitioner=partitioner)
            if regularizer is not None and (
                    id(variable) not in before or self.built):
                self._regularize(name, variable, regularizer)
        weights = self._trainable_weights if trainable else \
            self._non_trainable_weights
        weights.append(variable)
        return variable

    add_variable = add_weight

    @staticmethod
    def _default_initializer(dtype):
        if dtype.is_floating:
            return init_ops.glorot_uniform_initializer()
        return init_ops.zeros_initializer()

    def _regularize(self, name, variable, regularizer):
        def penalty():
            with ops.name_scope(name + "/Regularizer"):
                return regularizer(variable)
        self._penalties.append(penalty)
        loss = penalty()
        if loss is not None:
            ops.add_to_collection(ops.GraphKeys.REGULARIZATION_LOSSES, loss)

    def add_loss(self, losses, inputs=None):
        """Adds losses, in the collection REGULARIZATION_LOSSES."""
        losses = nest.flatten(losses)
        self._losses += losses
        ops.get_default_graph()
        for loss in losses:
            ops.add_to_collection(ops.GraphKeys.REGULARIZATION_LOSSES, loss)

    def add_update(self, updates, inputs=None):
        # Tensors and variables are updated by their ops.
        """Adds operations that each training step must run, in UPDATE_OPS."""
        updates = [getattr(update, "op", update)
                   for update in nest.flatten(updates)]
        self._updates += updates
        for update in updates:
            ops.add_to_collection(ops.GraphKeys.UPDATE_OPS, update)


def _global_variables():
    return ops.get_collection(ops.GraphKeys.GLOBAL_VARIABLES)


def dims_of(shape):
    return tensor_shape.TensorShape(shape).as_list()


class KernelLayer(Layer):
    """A layer that has a kernel, maybe a bias, and an activation."""

    def __init__(self, activation=None, use_bias=True, kernel_initializer=None,
                 bias_initializer=None, kernel_regularizer=None,
                 bias_regularizer=None, activity_regularizer=None,
                 kernel_constraint=None, bias_constraint=None, trainable=True,
                 name=None, **kwargs):
        super().__init__(trainable=trainable, name=name,
                         activity_regularizer=activity_regularizer, **kwargs)
        self.activation = activation
        self.use_bias = use_bias
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer or \
            init_ops.zeros_initializer()
        self.kernel_regularizer = kernel_regularizer
        self.bias_regularizer = bias_regularizer
        self.kernel_constraint = kernel_constraint
        self.bias_constraint = bias_constraint

    def _add_weights(self, kernel_shape, units=None):
        """The kernel, and the bias for the kernel's last axis or `units`."""
        self.kernel = self.add_weight(
            "kernel", shape=kernel_shape, initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint, trainable=True)
        self._add_bias(units or kernel_shape[-1])

    def _add_bias(self, units):
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                "bias", shape=[units], initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint, trainable=True)

    def _finished(self, outputs, **bias_options):
        """With the bias added, and activated."""
        if self.use_bias:
            outputs = nn_ops.bias_add(outputs, self.bias, **bias_options)
        return self._activated(outputs)

    def _activated(self, outputs):
        return outputs if self.activation is None else \
            self.activation(outputs)


def called(kind, arguments):
    """A layer of that class, called: what the functions of tf.layers do with
    their arguments."""
    options = dict(arguments)
    inputs, reuse = options.pop("inputs"), options.pop("reuse")
    return kind(_scope=options["name"], _reuse=reuse, **options)(inputs)
