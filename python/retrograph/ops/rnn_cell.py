"""tf.nn.rnn_cell: one step of a recurrent network, and cells around cells."""
import collections
import numbers

from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import nest
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.framework import tensor_shape
from retrograph.layers import base
from retrograph.ops import array_ops
from retrograph.ops import clip_ops
from retrograph.ops import init_ops
from retrograph.ops import math_ops
from retrograph.ops import nn_ops
from retrograph.ops import variable_scope as vs
from retrograph.ops import variables
from retrograph.platform import tf_logging

_gen = op_library.gen


def _has(value, name):
    try:
        getattr(value, name)
    except AttributeError:
        return False
    return True


def assert_like_rnncell(argument, cell):
    """TypeError unless `cell` has what a cell has."""
    wanted = ((_has(cell, "output_size"),
               "'output_size' property is missing"),
              (_has(cell, "state_size"), "'state_size' property is missing"),
              (_has(cell, "zero_state") or _has(cell, "get_initial_state"),
               "either 'zero_state' or 'get_initial_state' method is required"),
              (callable(cell), "is not callable"))
    errors = [text for is_there, text in wanted if not is_there]
    if errors:
        raise TypeError("The argument {!r} ({}) is not an RNNCell: {}.".format(
            argument, cell, ", ".join(errors)))


def _size_part(size, what):
    """A batch size or state size as a tensor and as a static shape."""
    if isinstance(size, ops.Tensor):
        known = constant_op.constant_value(size)
        if size.shape.ndims == 0:
            return array_ops.expand_dims(size, 0), known
        if size.shape.ndims != 1:
            raise ValueError("%s tensor must be either a scalar or vector, but "
                             "saw tensor: %s" % (what, size))
        return size, known
    shape = tensor_shape.as_shape(size)
    static = shape.as_list() if shape.ndims is not None else None
    tensor = (constant_op.constant(static, dtype=dtypes.int32)
              if shape.is_fully_defined() else None)
    return tensor, static


def concat_sizes(prefix, suffix, static=False):
    """Dimensions one behind the other: a tensor, or what is known of them."""
    p, p_static = _size_part(prefix, "prefix")
    s, s_static = _size_part(suffix, "suffix")
    if static:
        shape = tensor_shape.as_shape(p_static).concatenate(s_static)
        return shape.as_list() if shape.ndims is not None else None
    if p is None or s is None:
        raise ValueError("Provided a prefix or suffix of None: %s and %s"
                         % (prefix, suffix))
    return array_ops.concat((p, s), 0)


def zeros_of_size(state_size, batch_size, dtype):
    def zeros(size):
        state = array_ops.zeros(concat_sizes(batch_size, size), dtype=dtype)
        state.set_shape(concat_sizes(batch_size, size, static=True))
        return state
    return nest.map_structure(zeros, state_size)


def _check_dtypes(*values):
    for value in values:
        if value is None:
            continue
        dtype = dtypes.as_dtype(value)
        if not (dtype.is_floating or dtype.is_complex):
            raise ValueError("RNN cell only supports floating point inputs, "
                             "but saw dtype: %s" % dtype)


def _activation(given):
    if not given:
        return math_ops.tanh
    if callable(given):
        return given
    known = {"tanh": math_ops.tanh, "sigmoid": math_ops.sigmoid,
             "linear": lambda x: x}
    return known.get(given) or getattr(_gen, given)


def _depth(shape):
    depth = base.dims_of(shape)[-1]
    if depth is None:
        raise ValueError("Expected inputs.shape[-1] to be known, saw shape: %s"
                         % str(tuple(base.dims_of(shape))))
    return depth


class RNNCell(base.Layer):
    """(output, next state) = cell(input, state)."""

    def __init__(self, trainable=True, name=None, dtype=None, **kwargs):
        super().__init__(trainable=trainable, name=name, dtype=dtype, **kwargs)
        self._cell_scope = None

    def __call__(self, inputs, state, scope=None):
        if scope is not None:
            with vs.variable_scope(
                    scope, custom_getter=self._get_variable) as opened:
                return super().__call__(inputs, state, scope=opened)
        if self._cell_scope is None:
            self._cell_scope = vs.variable_scope(
                vs.get_variable_scope(), custom_getter=self._get_variable)
        with self._cell_scope:
            return super().__call__(inputs, state)

    def _get_variable(self, getter, *args, **kwargs):
        """Keeps what a subclass gets by tf.get_variable."""
        variable = getter(*args, **kwargs)
        trainable = variables.trainable_variables()
        parts = (list(variable) if isinstance(
            variable, variables.PartitionedVariable) else [variable])
        weights = (self._trainable_weights
                   if any(parts[0] is v for v in trainable)
                   else self._non_trainable_weights)
        if all(variable is not v for v in weights):
            weights.append(variable)
        return variable

    def build(self, _):
        """Nothing: cells of the user's get variables in each call."""

    @property
    def state_size(self):
        """The size of a state, or a nest of sizes: what subclasses say."""
        raise NotImplementedError("Abstract method")

    @property
    def output_size(self):
        """The size of an output, or a nest of sizes: what subclasses say."""
        raise NotImplementedError("Abstract method")

    def get_initial_state(self, inputs=None, batch_size=None, dtype=None):
        """The state to begin with: zeros, a row for each of a batch.

        Parameters
        ----------
        inputs : Tensor, optional
            Its first size is the batch's, its dtype the state's.
        batch_size : int or Tensor, optional
        dtype : DType, optional

        Returns
        -------
        Tensor, or a nest of them
            As of `zero_state`.

        Raises
        ------
        ValueError
            If the batch size or the dtype is not said, or said in two ways.
        """
        if inputs is not None:
            inputs = ops.convert_to_tensor(inputs, name="inputs")
            known = inputs.shape.as_list()[0]
            if batch_size is not None:
                static = (constant_op.constant_value(batch_size)
                          if isinstance(batch_size, ops.Tensor) else batch_size)
                if known != static:
                    raise ValueError(
                        "batch size from input tensor is different from the "
                        "input param. Input tensor batch: {}, batch_size: {}"
                        .format(known, batch_size))
            if dtype is not None and inputs.dtype != dtype:
                raise ValueError(
                    "dtype from input tensor is different from the input "
                    "param. Input tensor dtype: {}, dtype: {}".format(
                        inputs.dtype, dtype))
            batch_size = known or array_ops.shape(inputs)[0]
            dtype = inputs.dtype
        if batch_size is None or dtype is None:
            raise ValueError(
                "batch_size and dtype cannot be None while constructing "
                "initial state: batch_size={}, dtype={}".format(batch_size,
                                                                dtype))
        return self.zero_state(batch_size, dtype)

    def _zero_scope(self, batch_size):
        return ops.name_scope(type(self).__name__ + "ZeroState",
                              values=[batch_size])

    def zero_state(self, batch_size, dtype):
        """A state of zeros.

        Parameters
        ----------
        batch_size : int or Tensor
        dtype : DType

        Returns
        -------
        Tensor, or a nest of them
            In the structure of `state_size`, each [batch_size, size].
        """
        state_size = self.state_size
        with self._zero_scope(batch_size):
            return zeros_of_size(state_size, batch_size, dtype)


class LayerRNNCell(RNNCell):
    """A cell that makes its variables once, as layers do."""

    def __call__(self, inputs, state, scope=None, *args, **kwargs):
        return base.Layer.__call__(self, inputs, state, *args, scope=scope,
                                   **kwargs)


class _UnitsCell(LayerRNNCell):
    """A cell with so many units, whose input is a matrix."""

    def __init__(self, num_units, activation, reuse, name, dtype, kwargs):
        super().__init__(_reuse=reuse, name=name, dtype=dtype, **kwargs)
        _check_dtypes(self.dtype)
        self.input_spec = base.InputSpec(ndim=2)
        self._num_units = num_units
        self._activation = _activation(activation)

    @property
    def state_size(self):
        """How many units, an int."""
        return self._num_units

    @property
    def output_size(self):
        """How many units, an int."""
        return self._num_units

    def _zeros(self):
        return init_ops.zeros_initializer(dtype=dtypes.as_dtype(self.dtype))

    @staticmethod
    def _linear(parts, kernel, bias):
        product = math_ops.matmul(array_ops.concat(parts, 1), kernel)
        return nn_ops.bias_add(product, bias)


class BasicRNNCell(_UnitsCell):
    """output = activation([input, state] . kernel + bias)."""

    def __init__(self, num_units, activation=None, reuse=None, name=None,
                 dtype=None, **kwargs):
        super().__init__(num_units, activation, reuse, name, dtype, kwargs)

    def build(self, inputs_shape):
        depth = _depth(inputs_shape)
        _check_dtypes(self.dtype)
        self._kernel = self.add_variable(
            "kernel", shape=[depth + self._num_units, self._num_units])
        self._bias = self.add_variable("bias", shape=[self._num_units],
                                       initializer=self._zeros())
        self.built = True

    def call(self, inputs, state):
        _check_dtypes(inputs.dtype, state.dtype)
        output = self._activation(
            self._linear([inputs, state], self._kernel, self._bias))
        return output, output


class GRUCell(_UnitsCell):
    """A gated recurrent unit."""

    def __init__(self, num_units, activation=None, reuse=None,
                 kernel_initializer=None, bias_initializer=None, name=None,
                 dtype=None, **kwargs):
        super().__init__(num_units, activation, reuse, name, dtype, kwargs)
        self._kernel_initializer = kernel_initializer
        self._bias_initializer = bias_initializer

    def build(self, inputs_shape):
        depth = _depth(inputs_shape)
        _check_dtypes(self.dtype)
        units = self._num_units
        ones = init_ops.constant_initializer(
            1.0, dtype=dtypes.as_dtype(self.dtype))
        self._gate_kernel = self.add_variable(
            "gates/kernel", shape=[depth + units, 2 * units],
            initializer=self._kernel_initializer)
        self._gate_bias = self.add_variable(
            "gates/bias", shape=[2 * units],
            initializer=ones if self._bias_initializer is None
            else self._bias_initializer)
        self._candidate_kernel = self.add_variable(
            "candidate/kernel", shape=[depth + units, units],
            initializer=self._kernel_initializer)
        self._candidate_bias = self.add_variable(
            "candidate/bias", shape=[units],
            initializer=self._zeros() if self._bias_initializer is None
            else self._bias_initializer)
        self.built = True

    def call(self, inputs, state):
        _check_dtypes(inputs.dtype, state.dtype)
        gates = math_ops.sigmoid(self._linear(
            [inputs, state], self._gate_kernel, self._gate_bias))
        reset, update = array_ops.split(value=gates, num_or_size_splits=2,
                                        axis=1)
        kept = reset * state
        candidate = self._activation(self._linear(
            [inputs, kept], self._candidate_kernel, self._candidate_bias))
        state = update * state + (1 - update) * candidate
        return state, state


class LSTMStateTuple(collections.namedtuple("LSTMStateTuple", ("c", "h"))):
    """What an LSTM cell remembers (c) and what it puts out (h)."""

    __slots__ = ()

    @property
    def dtype(self):
        """The DType of both; TypeError if they differ."""
        if self.c.dtype != self.h.dtype:
            raise TypeError("Inconsistent internal state: %s vs %s"
                            % (str(self.c.dtype), str(self.h.dtype)))
        return self.c.dtype


def _warn_of_concatenated_state(cell, state_is_tuple):
    if not state_is_tuple:
        tf_logging.warn(
            "%s: Using a concatenated state is slower and will soon be "
            "deprecated.  Use state_is_tuple=True.", cell)


class BasicLSTMCell(_UnitsCell):
    """Long short-term memory, without projection, clipping or peepholes."""

    def __init__(self, num_units, forget_bias=1.0, state_is_tuple=True,
                 activation=None, reuse=None, name=None, dtype=None, **kwargs):
        super().__init__(num_units, activation, reuse, name, dtype, kwargs)
        _warn_of_concatenated_state(self, state_is_tuple)
        self._forget_bias = forget_bias
        self._state_is_tuple = state_is_tuple

    @property
    def state_size(self):
        """The units of c and of h, an LSTMStateTuple, or their sum."""
        if self._state_is_tuple:
            return LSTMStateTuple(self._num_units, self._num_units)
        return 2 * self._num_units

    def build(self, inputs_shape):
        depth = _depth(inputs_shape)
        _check_dtypes(self.dtype)
        units = self._num_units
        self._kernel = self.add_variable("kernel",
                                         shape=[depth + units, 4 * units])
        self._bias = self.add_variable("bias", shape=[4 * units],
                                       initializer=self._zeros())
        self.built = True

    def call(self, inputs, state):
        _check_dtypes(inputs.dtype, *(s.dtype for s in nest.flatten(state)))
        one = constant_op.constant(1, dtype=dtypes.int32)
        if self._state_is_tuple:
            memory, output = state
        else:
            memory, output = array_ops.split(
                value=state, num_or_size_splits=2, axis=one)
        gates = self._linear([inputs, output], self._kernel, self._bias)
        i, j, f, o = array_ops.split(value=gates, num_or_size_splits=4,
                                     axis=one)
        bias = constant_op.constant(self._forget_bias, dtype=f.dtype)
        kept = math_ops.multiply(
            memory, math_ops.sigmoid(math_ops.add(f, bias)))
        new = math_ops.multiply(math_ops.sigmoid(i), self._activation(j))
        memory = math_ops.add(kept, new)
        output = math_ops.multiply(self._activation(memory),
                                   math_ops.sigmoid(o))
        if self._state_is_tuple:
            return output, LSTMStateTuple(memory, output)
        return output, array_ops.concat([memory, output], 1)


class LSTMCell(_UnitsCell):
    """Long short-term memory, with all that belongs to it."""

    def __init__(self, num_units, use_peepholes=False, cell_clip=None,
                 initializer=None, num_proj=None, proj_clip=None,
                 num_unit_shards=None, num_proj_shards=None, forget_bias=1.0,
                 state_is_tuple=True, activation=None, reuse=None, name=None,
                 dtype=None, **kwargs):
        super().__init__(num_units, activation, reuse, name, dtype, kwargs)
        _warn_of_concatenated_state(self, state_is_tuple)
        if num_unit_shards is not None or num_proj_shards is not None:
            tf_logging.warn(
                "%s: The num_unit_shards and proj_unit_shards parameters are "
                "deprecated and will be removed in Jan 2017.  Use a variable "
                "scope with a partitioner instead.", self)
        self._use_peepholes = use_peepholes
        self._cell_clip = cell_clip
        self._initializer = initializer
        self._num_proj = num_proj
        self._proj_clip = proj_clip
        self._num_unit_shards = num_unit_shards
        self._num_proj_shards = num_proj_shards
        self._forget_bias = forget_bias
        self._state_is_tuple = state_is_tuple
        self._output_size = num_proj or num_units
        self._state_size = (LSTMStateTuple(num_units, self._output_size)
                            if state_is_tuple
                            else num_units + self._output_size)

    @property
    def state_size(self):
        """The sizes of c and of h, an LSTMStateTuple, or their sum."""
        return self._state_size

    @property
    def output_size(self):
        """The projection's size, else how many units, an int."""
        return self._output_size

    def _weights(self, name, shape, shards=None):
        partitioner = (None if shards is None
                       else vs.fixed_size_partitioner(shards))
        return self.add_variable(name, shape=shape,
                                 initializer=self._initializer,
                                 partitioner=partitioner)

    def build(self, inputs_shape):
        depth = _depth(inputs_shape)
        _check_dtypes(self.dtype)
        units = self._num_units
        output = units if self._num_proj is None else self._num_proj
        self._kernel = self._weights("kernel", [depth + output, 4 * units],
                                     self._num_unit_shards)
        self._bias = self.add_variable("bias", shape=[4 * units],
                                       initializer=self._zeros())
        if self._use_peepholes:
            self._w_f_diag = self._weights("w_f_diag", [units])
            self._w_i_diag = self._weights("w_i_diag", [units])
            self._w_o_diag = self._weights("w_o_diag", [units])
        if self._num_proj is not None:
            self._proj_kernel = self._weights(
                "projection/kernel", [units, self._num_proj],
                self._num_proj_shards)
        self.built = True

    def _split_state(self, state):
        if self._state_is_tuple:
            return state
        output = (self._num_units if self._num_proj is None
                  else self._num_proj)
        return (array_ops.slice(state, [0, 0], [-1, self._num_units]),
                array_ops.slice(state, [0, self._num_units], [-1, output]))

    def _project(self, output):
        if self._num_proj is None:
            return output
        output = math_ops.matmul(output, self._proj_kernel)
        if self._proj_clip is not None:
            output = clip_ops.clip_by_value(output, -self._proj_clip,
                                            self._proj_clip)
        return output

    def call(self, inputs, state):
        _check_dtypes(inputs.dtype, *(s.dtype for s in nest.flatten(state)))
        sigmoid = math_ops.sigmoid
        before, output = self._split_state(state)
        if inputs.shape.with_rank(2).as_list()[1] is None:
            raise ValueError("Could not infer input size from "
                             "inputs.get_shape()[-1]")
        gates = self._linear([inputs, output], self._kernel, self._bias)
        i, j, f, o = array_ops.split(value=gates, num_or_size_splits=4, axis=1)
        if self._use_peepholes:
            memory = (sigmoid(f + self._forget_bias + self._w_f_diag * before)
                      * before +
                      sigmoid(i + self._w_i_diag * before) *
                      self._activation(j))
        else:
            memory = (sigmoid(f + self._forget_bias) * before +
                      sigmoid(i) * self._activation(j))
        if self._cell_clip is not None:
            memory = clip_ops.clip_by_value(memory, -self._cell_clip,
                                            self._cell_clip)
        if self._use_peepholes:
            output = (sigmoid(o + self._w_o_diag * memory) *
                      self._activation(memory))
        else:
            output = sigmoid(o) * self._activation(memory)
        output = self._project(output)
        if self._state_is_tuple:
            return output, LSTMStateTuple(memory, output)
        return output, array_ops.concat([memory, output], 1)


class MultiRNNCell(RNNCell):
    """Cells one above the other: each gets what the one below puts out."""

    def __init__(self, cells, state_is_tuple=True):
        super().__init__()
        if not cells:
            raise ValueError(
                "Must specify at least one cell for MultiRNNCell.")
        if not nest.is_nested(cells):
            raise TypeError("cells must be a list or tuple, but saw: %s."
                            % cells)
        if len(set(id(cell) for cell in cells)) < len(cells):
            tf_logging.log_first_n(
                tf_logging.WARN, "At least two cells provided to MultiRNNCell "
                "are the same object and will share weights.", 1)
        self._cells = cells
        self._state_is_tuple = state_is_tuple
        if not state_is_tuple and any(nest.is_nested(c.state_size)
                                      for c in cells):
            raise ValueError(
                "Some cells return tuples of states, but the flag "
                "state_is_tuple is not set.  State sizes are: %s"
                % str([c.state_size for c in cells]))

    @property
    def state_size(self):
        """The cells' sizes, a tuple, or their sum."""
        sizes = tuple(cell.state_size for cell in self._cells)
        return sizes if self._state_is_tuple else sum(sizes)

    @property
    def output_size(self):
        """That of the last cell."""
        return self._cells[-1].output_size

    def zero_state(self, batch_size, dtype):
        """A state of zeros: a tuple of the cells', or one Tensor."""
        with self._zero_scope(batch_size):
            if self._state_is_tuple:
                return tuple(cell.zero_state(batch_size, dtype)
                             for cell in self._cells)
            return super().zero_state(batch_size, dtype)

    def _weights_of(self, kind):
        return [w for cell in self._cells if isinstance(cell, base.Layer)
                for w in getattr(cell, kind)]

    @property
    def trainable_weights(self):
        """Those of all cells; none if `trainable` is false."""
        return self._weights_of("trainable_weights") if self.trainable else []

    @property
    def non_trainable_weights(self):
        """Those of all cells; all there are if `trainable` is false."""
        weights = self._weights_of("non_trainable_weights")
        if self.trainable:
            return weights
        return self._weights_of("trainable_weights") + weights

    def _states_of(self, state):
        if self._state_is_tuple:
            if not nest.is_nested(state):
                raise ValueError(
                    "Expected state to be a tuple of length %d, but received: "
                    "%s" % (len(self.state_size), state))
            yield from state
            return
        position = 0
        for cell in self._cells:
            yield array_ops.slice(state, [0, position],
                                  [-1, cell.state_size])
            position += cell.state_size

    def call(self, inputs, state):
        states = self._states_of(state)
        new_states = []
        for i, cell in enumerate(self._cells):
            with vs.variable_scope("cell_%d" % i):
                inputs, new_state = cell(inputs, next(states))
                new_states.append(new_state)
        if self._state_is_tuple:
            return inputs, tuple(new_states)
        return inputs, array_ops.concat(new_states, 1)


# ---- Cells around a cell ----------------------------------------------------

class _Wrapper(RNNCell):
    """A cell that has another one do the work."""

    def __init__(self, cell, dtype=None, **kwargs):
        super().__init__(dtype=dtype, **kwargs)
        assert_like_rnncell("cell", cell)
        self.cell = cell

    def __call__(self, inputs, state, scope=None):
        return self._call_cell(
            inputs, state, lambda i, s: self.cell(i, s, scope=scope))

    @property
    def wrapped_cell(self):
        """The cell that does the work."""
        return self.cell

    @property
    def state_size(self):
        """That of the cell."""
        return self.cell.state_size

    @property
    def output_size(self):
        """That of the cell."""
        return self.cell.output_size

    def zero_state(self, batch_size, dtype):
        """The cell's state of zeros."""
        with self._zero_scope(batch_size):
            return self.cell.zero_state(batch_size, dtype)


class DeviceWrapper(_Wrapper):
    """The cell on a device."""

    def __init__(self, cell, device, **kwargs):
        super().__init__(cell, **kwargs)
        self._device = device

    def zero_state(self, batch_size, dtype):
        """The cell's state of zeros, made on the device."""
        with self._zero_scope(batch_size), ops.device(self._device):
            return self.cell.zero_state(batch_size, dtype)

    def _call_cell(self, inputs, state, call):
        with ops.device(self._device):
            return call(inputs, state)


class ResidualWrapper(_Wrapper):
    """The cell's output and its input, added."""

    def __init__(self, cell, residual_fn=None, **kwargs):
        super().__init__(cell, **kwargs)
        self._residual_fn = residual_fn

    def _call_cell(self, inputs, state, call):
        outputs, new_state = call(inputs, state)

        def add(i, o):
            nest.assert_same_structure(i, o)
            nest.map_structure(
                lambda a, b: a.shape.assert_is_compatible_with(b.shape), i, o)
            return nest.map_structure(lambda a, b: a + b, i, o)
        return (self._residual_fn or add)(inputs, outputs), new_state


def _is_dropped(substate):
    """Not the memory of an LSTM, nor an array."""
    from retrograph.ops import tensor_array_ops
    if isinstance(substate, LSTMStateTuple):
        return LSTMStateTuple(c=False, h=True)
    return not isinstance(substate, tensor_array_ops.TensorArray)


class DropoutWrapper(_Wrapper):
    """The cell with dropout of its input, state and output."""

    def __init__(self, cell, input_keep_prob=1.0, output_keep_prob=1.0,
                 state_keep_prob=1.0, variational_recurrent=False,
                 input_size=None, dtype=None, seed=None,
                 dropout_state_filter_visitor=None, **kwargs):
        super().__init__(cell, dtype=dtype, **kwargs)
        if dropout_state_filter_visitor is not None and not callable(
                dropout_state_filter_visitor):
            raise TypeError("dropout_state_filter_visitor must be callable")
        self._filter = dropout_state_filter_visitor or _is_dropped
        with ops.name_scope("DropoutWrapperInit"):
            self._input_keep_prob = self._probability(
                "input_keep_prob", input_keep_prob)
            self._state_keep_prob = self._probability(
                "state_keep_prob", state_keep_prob)
            self._output_keep_prob = self._probability(
                "output_keep_prob", output_keep_prob)
        self._seed = seed
        self._noise = None
        if variational_recurrent:
            self._make_noise(input_size, dtype)

    @staticmethod
    def _probability(name, value):
        tensor = ops.convert_to_tensor(value)
        known = constant_op.constant_value(tensor)
        if known is None:
            return tensor
        if known < 0 or known > 1:
            raise ValueError("Parameter %s must be between 0 and 1: %d"
                             % (name, known))
        return float(known)

    def _make_noise(self, input_size, dtype):
        """One mask for all steps of a run."""
        from retrograph.ops import random_ops
        if dtype is None:
            raise ValueError(
                "When variational_recurrent=True, dtype must be provided")

        def noise(salt, sizes):
            numbered = iter(range(len(nest.flatten(sizes))))
            return nest.map_structure(
                lambda size: random_ops.random_uniform(
                    array_ops.concat(
                        ([1], tensor_shape.TensorShape(size).as_list()), 0),
                    seed=self._seed_of(salt, next(numbered)), dtype=dtype),
                sizes)
        self._noise = {}
        keep = self._input_keep_prob
        if not isinstance(keep, numbers.Real) or keep < 1.0:
            if input_size is None:
                raise ValueError(
                    "When variational_recurrent=True and input_keep_prob < 1.0 "
                    "or is unknown, input_size must be provided")
            self._noise["input"] = noise("input", input_size)
        self._noise["state"] = noise("state", self.cell.state_size)
        self._noise["output"] = noise("output", self.cell.output_size)

    def _seed_of(self, salt, index):
        if self._seed is None:
            return None
        text = "%s%s_%d" % (self._seed, salt, index)
        import hashlib
        digest = hashlib.md5(text.encode("utf-8")).hexdigest()
        return int(digest[:8], 16) & 0x7FFFFFFF

    def _drop(self, values, salt, keep, which=None):
        flat = nest.flatten(values)
        which = [True] * len(flat) if which is None else which
        noise = nest.flatten(self._noise[salt]) if self._noise else None
        result = []
        for i, (value, is_dropped) in enumerate(zip(flat, which)):
            if is_dropped and noise is None:
                value = nn_ops.dropout(value, rate=1.0 - keep,
                                       seed=self._seed_of(salt, i))
            elif is_dropped:
                mask = op_library.apply_op("Floor", x=keep + noise[i])
                shape = value.shape
                value = math_ops.div(value, keep) * mask
                value.set_shape(shape)
            result.append(value)
        return nest.pack_sequence_as(values, result)

    def _which(self, state):
        """For each leaf of the state, whether the filter takes it."""
        answer = self._filter(state)
        if isinstance(answer, bool):
            if not answer or not nest.is_nested(state):
                return [answer] * len(nest.flatten(state))
            return [w for part in nest._children(state)
                    for w in self._which(part)]
        return [bool(a) for a in nest.flatten(answer)]

    def _call_cell(self, inputs, state, call):
        def dropped(keep):
            return not isinstance(keep, float) or keep < 1
        if dropped(self._input_keep_prob):
            inputs = self._drop(inputs, "input", self._input_keep_prob)
        output, state = call(inputs, state)
        if dropped(self._state_keep_prob):
            state = self._drop(state, "state", self._state_keep_prob,
                               self._which(state))
        if dropped(self._output_keep_prob):
            output = self._drop(output, "output", self._output_keep_prob)
        return output, state
