"""tf.contrib.seq2seq: attention, and the cell that pays it."""
import collections
import math

import numpy as np

from retrograph.contrib import tensor_shapes
from retrograph.framework import dtypes
from retrograph.framework import nest
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.framework import tensor_shape
from retrograph.layers import core
from retrograph.ops import array_ops
from retrograph.ops import check_ops
from retrograph.ops import init_ops
from retrograph.ops import math_ops
from retrograph.ops import nn_ops
from retrograph.ops import rank_checks
from retrograph.ops import rnn_cell
from retrograph.ops import tensor_array_ops
from retrograph.ops import variable_scope as vs

_gen = op_library.gen


def _size(tensor, axis):
    """A number if it is known, else a tensor."""
    return tensor_shape.dimension_value(tensor.shape[axis]) or \
        array_ops.shape(tensor)[axis]


class AttentionMechanism:
    """How much each step of a memory counts for a query."""

    @property
    def alignments_size(self):
        raise NotImplementedError

    @property
    def state_size(self):
        raise NotImplementedError


def _masked_memory(memory, lengths, check_inner_dims_defined):
    """The memory with zeros after each sequence's end."""
    memory = nest.map_structure(
        lambda m: ops.convert_to_tensor(m, name="memory"), memory)
    if lengths is not None:
        lengths = ops.convert_to_tensor(lengths,
                                        name="memory_sequence_length")
    flat = nest.flatten(memory)
    for m in flat if check_inner_dims_defined else ():
        if not m.shape[2:].is_fully_defined():
            raise ValueError("Expected memory %s to have fully defined inner "
                             "dims, but saw shape: %s" % (m.name, m.shape))
    if lengths is None:
        return memory
    mask = array_ops.sequence_mask(
        lengths, maxlen=array_ops.shape(flat[0])[1], dtype=flat[0].dtype)

    def masked(m):
        rank = m.shape.ndims
        rank = rank if rank is not None else array_ops.rank(m)
        ones = array_ops.ones(rank - 2, dtype=dtypes.int32)
        return m * array_ops.reshape(
            mask, array_ops.concat((array_ops.shape(mask), ones), 0))
    return nest.map_structure(masked, memory)


def _masked_score(score, lengths, value):
    if lengths is None:
        return score
    positive = rank_checks.assert_positive(
        lengths, message="All values in memory_sequence_length must be "
        "greater than zero.")
    with ops.control_dependencies([positive]):
        mask = array_ops.sequence_mask(lengths,
                                       maxlen=array_ops.shape(score)[1])
    values = value * array_ops.ones_like(score)
    return array_ops.where(mask, score, values)


class _LayeredMechanism(AttentionMechanism):
    """A memory, its keys by a layer, maybe a layer for queries."""

    def __init__(self, query_layer, memory, probability_fn,
                 memory_sequence_length=None, memory_layer=None,
                 check_inner_dims_defined=True, score_mask_value=None,
                 custom_key_value_fn=None, name=None):
        self._query_layer = query_layer
        self._memory_layer = memory_layer
        self.dtype = memory_layer.dtype
        if score_mask_value is None:
            score_mask_value = dtypes.as_dtype(
                memory_layer.dtype).as_numpy_dtype(-np.inf)
        self._probability_fn = lambda score: probability_fn(_masked_score(
            score, memory_sequence_length, score_mask_value))
        with ops.name_scope(name, "BaseAttentionMechanismInit",
                            nest.flatten(memory)):
            self._values = _masked_memory(memory, memory_sequence_length,
                                          check_inner_dims_defined)
            self._keys = memory_layer(self._values)
            if custom_key_value_fn is not None:
                self._keys, self._values = custom_key_value_fn(self._keys,
                                                               self._values)
            self._batch_size = _size(self._keys, 0)
            self._alignments_size = _size(self._keys, 1)

    memory_layer = property(lambda self: self._memory_layer)
    query_layer = property(lambda self: self._query_layer)
    values = property(lambda self: self._values)
    keys = property(lambda self: self._keys)
    batch_size = property(lambda self: self._batch_size)
    alignments_size = property(lambda self: self._alignments_size)
    state_size = property(lambda self: self._alignments_size)

    def initial_alignments(self, batch_size, dtype):
        return rnn_cell.zeros_of_size(self._alignments_size, batch_size,
                                      dtype)

    def initial_state(self, batch_size, dtype):
        return self.initial_alignments(batch_size, dtype)

    def _score(self, query):
        raise NotImplementedError

    def __call__(self, query, state):
        """(alignments, next state) of a query [batch, depth]."""
        with vs.variable_scope(None, self._scope_name, [query]):
            score = self._score(query)
        alignments = self._probability_fn(score)
        return alignments, alignments


def _units(num_units, name, dtype):
    return core.Dense(num_units, name=name, use_bias=False, dtype=dtype)


class LuongAttention(_LayeredMechanism):
    """The score is the product of query and key."""
    _scope_name = "luong_attention"

    def __init__(self, num_units, memory, memory_sequence_length=None,
                 scale=False, probability_fn=None, score_mask_value=None,
                 dtype=None, custom_key_value_fn=None, name="LuongAttention"):
        super().__init__(
            None, memory, probability_fn or nn_ops.softmax,
            memory_sequence_length,
            _units(num_units, "memory_layer", dtype or dtypes.float32),
            score_mask_value=score_mask_value,
            custom_key_value_fn=custom_key_value_fn, name=name)
        self._num_units = num_units
        self._scale = scale
        self._name = name

    def _score(self, query):
        scale = None
        if self._scale:
            scale = vs.get_variable(
                "attention_g", dtype=query.dtype,
                initializer=init_ops.ones_initializer, shape=())
        depth, units = query.shape[-1], self._keys.shape[-1]
        if depth != units:
            raise ValueError(
                "Incompatible or unknown inner dimensions between query and "
                "keys.  Query (%s) has units: %s.  Keys (%s) have units: %s.  "
                "Perhaps you need to set num_units to the keys' dimension "
                "(%s)?" % (query, depth, self._keys, units, units))
        query = array_ops.expand_dims(query, 1)
        score = math_ops.matmul(query, self._keys, transpose_b=True)
        score = array_ops.squeeze(score, [1])
        return score if scale is None else scale * score


class BahdanauAttention(_LayeredMechanism):
    """The score is a product with tanh(query + key)."""
    _scope_name = "bahdanau_attention"

    def __init__(self, num_units, memory, memory_sequence_length=None,
                 normalize=False, probability_fn=None, score_mask_value=None,
                 dtype=None, custom_key_value_fn=None,
                 name="BahdanauAttention"):
        dtype = dtype or dtypes.float32
        super().__init__(
            _units(num_units, "query_layer", dtype), memory,
            probability_fn or nn_ops.softmax, memory_sequence_length,
            _units(num_units, "memory_layer", dtype),
            score_mask_value=score_mask_value,
            custom_key_value_fn=custom_key_value_fn, name=name)
        self._num_units = num_units
        self._normalize = normalize
        self._name = name

    def _score(self, query):
        processed = self._query_layer(query)
        v = vs.get_variable("attention_v", [self._num_units],
                            dtype=query.dtype)
        if not self._normalize:
            processed = array_ops.expand_dims(processed, 1)
            return math_ops.reduce_sum(
                v * math_ops.tanh(self._keys + processed), [2])
        g = vs.get_variable(
            "attention_g", dtype=query.dtype, shape=(),
            initializer=init_ops.constant_initializer(
                math.sqrt(1. / self._num_units)))
        b = vs.get_variable("attention_b", [self._num_units],
                            dtype=query.dtype,
                            initializer=init_ops.zeros_initializer())
        processed = array_ops.expand_dims(processed, 1)
        v = g * v * _gen.rsqrt(math_ops.reduce_sum(_gen.square(v)))
        return math_ops.reduce_sum(
            v * math_ops.tanh(self._keys + processed + b), [2])


def hardmax(logits, name=None):
    """1 for the highest of each row, 0 for the others."""
    with ops.name_scope(name, "Hardmax", [logits]):
        logits = ops.convert_to_tensor(logits, name="logits")
        depth = _size(logits, -1)
        return array_ops.one_hot(math_ops.argmax(logits, -1), depth,
                                 dtype=logits.dtype)


class AttentionWrapperState(collections.namedtuple(
        "AttentionWrapperState",
        ("cell_state", "attention", "time", "alignments", "alignment_history",
         "attention_state"))):

    def clone(self, **kwargs):
        """The state with other parts, of the same shapes."""
        def same(old, new):
            if isinstance(old, ops.Tensor) and isinstance(new, ops.Tensor):
                return tensor_shapes.with_same_shape(old, new)
            return new
        return nest.map_structure(same, self, self._replace(**kwargs))


def _attend(mechanism, cell_output, attention_state, attention_layer):
    """(attention, alignments, next state)"""
    alignments, next_state = mechanism(cell_output, state=attention_state)
    wide = array_ops.expand_dims(alignments, 1)
    context = math_ops.matmul(wide, mechanism.values)
    context = array_ops.squeeze(context, [1])
    if attention_layer is None:
        return context, alignments, next_state
    attention = attention_layer(array_ops.concat([cell_output, context], 1))
    return attention, alignments, next_state


_TILE = ("Are you using the BeamSearchDecoder?  %s via the "
         "tf.contrib.seq2seq.tile_batch function with argument "
         "multiple=beam_width.")


class AttentionWrapper(rnn_cell.RNNCell):
    """A cell that is fed what it last paid attention to."""

    def __init__(self, cell, attention_mechanism, attention_layer_size=None,
                 alignment_history=False, cell_input_fn=None,
                 output_attention=True, initial_cell_state=None, name=None,
                 attention_layer=None, attention_fn=None, dtype=None):
        super().__init__(name=name, dtype=dtype)
        rnn_cell.assert_like_rnncell("cell", cell)
        self._cell = cell
        self._take_mechanisms(attention_mechanism)
        if cell_input_fn is None:
            cell_input_fn = lambda inputs, attention: array_ops.concat(
                [inputs, attention], -1)
        elif not callable(cell_input_fn):
            raise TypeError("cell_input_fn must be callable, saw type: %s"
                            % type(cell_input_fn).__name__)
        if attention_layer_size is not None and attention_layer is not None:
            raise ValueError("Only one of attention_layer_size and "
                             "attention_layer should be set")
        self._take_layers(attention_layer_size, attention_layer)
        self._attention_fn = attention_fn or _attend
        self._cell_input_fn = cell_input_fn
        self._output_attention = output_attention
        self._alignment_history = alignment_history
        with ops.name_scope(name, "AttentionWrapperInit"):
            self._take_state(initial_cell_state)

    # ---- What it is made of ----

    def _take_mechanisms(self, given):
        self._is_multi = isinstance(given, (list, tuple))
        for mechanism in given if self._is_multi else (given,):
            if not isinstance(mechanism, AttentionMechanism):
                raise TypeError(
                    ("attention_mechanism must contain only instances of "
                     "AttentionMechanism, saw type: %s" if self._is_multi else
                     "attention_mechanism must be an AttentionMechanism or "
                     "list of multiple AttentionMechanism instances, saw "
                     "type: %s") % type(mechanism).__name__)
        self._attention_mechanisms = given if self._is_multi else (given,)

    def _take_layers(self, size, layer):
        mechanisms = self._attention_mechanisms
        self._attention_layers = None
        depths = [tensor_shape.dimension_value(m.values.shape[-1])
                  for m in mechanisms]
        if size is None and layer is None:
            self._attention_layer_size = sum(depths)
            return
        what, one = ("attention_layer_size", "integer") if size is not None \
            else ("attention_layer", "layer")
        given = size if size is not None else layer
        given = tuple(given if isinstance(given, (list, tuple)) else (given,))
        if len(given) != len(mechanisms):
            raise ValueError(
                "If provided, %s must contain exactly one %s per "
                "attention_mechanism, saw: %d vs %d"
                % (what, one, len(given), len(mechanisms)))
        if size is not None:
            self._attention_layers = tuple(
                core.Dense(units, name="attention_layer", use_bias=False,
                           dtype=m.dtype)
                for units, m in zip(given, mechanisms))
            self._attention_layer_size = sum(given)
            return
        self._attention_layers = given
        self._attention_layer_size = sum(
            tensor_shape.dimension_value(one.compute_output_shape(
                [None, self._cell.output_size + depth])[-1])
            for one, depth in zip(given, depths))

    def _take_state(self, state):
        self._initial_cell_state = None
        if state is None:
            return
        batch_size = _size(nest.flatten(state)[-1], 0)
        self._initial_cell_state = self._checked(
            batch_size, state, "check_initial_cell_state",
            "When constructing AttentionWrapper %s: Non-matching batch sizes "
            "between the memory (encoder output) and initial_cell_state.  %s"
            % (self._base_name,
               _TILE % "You may need to tile your initial state"))

    def _checked(self, batch_size, values, name, message):
        """The values, once each memory has as many sequences."""
        checks = [check_ops.assert_equal(batch_size, m.batch_size,
                                         message=message)
                  for m in self._attention_mechanisms]
        with ops.control_dependencies(checks):
            return nest.map_structure(
                lambda s: array_ops.identity(s, name=name), values)

    def _one_or_all(self, values):
        values = tuple(values)
        return values if self._is_multi else values[0]

    @property
    def output_size(self):
        return self._attention_layer_size if self._output_attention else \
            self._cell.output_size

    @property
    def state_size(self):
        mechanisms = self._attention_mechanisms
        sizes = lambda: self._one_or_all(m.alignments_size
                                         for m in mechanisms)
        return AttentionWrapperState(
            cell_state=self._cell.state_size,
            time=tensor_shape.TensorShape([]),
            attention=self._attention_layer_size, alignments=sizes(),
            attention_state=self._one_or_all(m.state_size
                                             for m in mechanisms),
            alignment_history=self._one_or_all(
                m.alignments_size if self._alignment_history else ()
                for m in mechanisms))

    # ---- Running ----

    def zero_state(self, batch_size, dtype):
        with self._zero_scope(batch_size):
            state = self._initial_cell_state
            if state is None:
                state = self._cell.get_initial_state(batch_size=batch_size,
                                                     dtype=dtype)
            state = self._checked(
                batch_size, state, "checked_cell_state",
                "When calling zero_state of AttentionWrapper %s: Non-matching "
                "batch sizes between the memory (encoder output) and the "
                "requested batch size.  Are you using the BeamSearchDecoder?  "
                "If so, make sure your encoder output has been tiled to "
                "beam_width via tf.contrib.seq2seq.tile_batch, and the "
                "batch_size= argument passed to zero_state is batch_size * "
                "beam_width." % self._base_name)
            mechanisms = self._attention_mechanisms
            alignments = [m.initial_alignments(batch_size, dtype)
                          for m in mechanisms]
            return AttentionWrapperState(
                cell_state=state, time=array_ops.zeros([], dtypes.int32),
                attention=rnn_cell.zeros_of_size(self._attention_layer_size,
                                                 batch_size, dtype),
                alignments=self._one_or_all(alignments),
                attention_state=self._one_or_all(
                    m.initial_state(batch_size, dtype) for m in mechanisms),
                alignment_history=self._one_or_all(
                    self._history(a, dtype) for a in alignments))

    def _history(self, alignment, dtype):
        if not self._alignment_history:
            return ()
        return tensor_array_ops.TensorArray(
            dtype, size=0, dynamic_size=True, element_shape=alignment.shape)

    def call(self, inputs, state):
        if not isinstance(state, AttentionWrapperState):
            raise TypeError("Expected state to be instance of "
                            "AttentionWrapperState. Received type %s instead."
                            % type(state))
        cell_inputs = self._cell_input_fn(inputs, state.attention)
        cell_output, cell_state = self._cell(cell_inputs, state.cell_state)
        cell_output = self._checked(
            _size(cell_output, 0), cell_output, "checked_cell_output",
            "When applying AttentionWrapper %s: Non-matching batch sizes "
            "between the memory (encoder output) and the query (decoder "
            "output).  %s"
            % (self.name, _TILE % "You may need to tile your memory input"))
        listed = lambda value: value if self._is_multi else [value]
        layers = self._attention_layers or [None] * len(
            self._attention_mechanisms)
        found = []
        for mechanism, layer, old, history in zip(
                self._attention_mechanisms, layers,
                listed(state.attention_state),
                listed(state.alignment_history)):
            attention, alignments, new = self._attention_fn(
                mechanism, cell_output, old, layer)
            if self._alignment_history:
                history = history.write(state.time, alignments)
            found.append((attention, alignments, new, history))
        attentions, alignments, states, histories = zip(*found)
        attention = array_ops.concat(list(attentions), 1)
        next_state = AttentionWrapperState(
            time=state.time + 1, cell_state=cell_state, attention=attention,
            attention_state=self._one_or_all(states),
            alignments=self._one_or_all(alignments),
            alignment_history=self._one_or_all(histories))
        return (attention if self._output_attention else cell_output,
                next_state)
