"""tf.contrib.seq2seq: decoders, and the loop that runs one."""
import abc
import collections

from retrograph.contrib import seq2seq_helpers
from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import nest
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.framework import tensor_shape
from retrograph.layers import base
from retrograph.ops import array_ops
from retrograph.ops import control_flow_ops
from retrograph.ops import math_ops
from retrograph.ops import rnn
from retrograph.ops import rnn_cell
from retrograph.ops import tensor_array_ops
from retrograph.ops import variable_scope as vs

_gen = op_library.gen


class Decoder(abc.ABC):
    """What dynamic_decode() runs; users may write their own."""

    @property
    def batch_size(self):
        raise NotImplementedError

    @property
    def output_size(self):
        raise NotImplementedError

    @property
    def output_dtype(self):
        raise NotImplementedError

    @abc.abstractmethod
    def initialize(self, name=None):
        """(which sequences have ended, the first inputs, the first state)"""

    @abc.abstractmethod
    def step(self, time, inputs, state, name=None):
        """(outputs, next state, next inputs, which have ended)"""

    def finalize(self, outputs, final_state, sequence_lengths):
        raise NotImplementedError

    @property
    def tracks_own_finished(self):
        """Whether a sequence may go on that has ended."""
        return False


class BasicDecoderOutput(
        collections.namedtuple("BasicDecoderOutput",
                               ("rnn_output", "sample_id"))):
    pass


class BasicDecoder(Decoder):
    """A cell, a helper that says what it is fed, maybe a layer above."""

    def __init__(self, cell, helper, initial_state, output_layer=None):
        rnn_cell.assert_like_rnncell("cell", cell)
        for name, value, kind in (
                ("helper", helper, seq2seq_helpers.Helper),
                ("output_layer", output_layer, base.Layer)):
            if not isinstance(value, kind) and (value is not None or
                                                name == "helper"):
                raise TypeError("%s must be a %s, received: %s"
                                % (name, kind.__name__, type(value)))
        self._cell = cell
        self._helper = helper
        self._initial_state = initial_state
        self._output_layer = output_layer

    batch_size = property(lambda self: self._helper.batch_size)

    def _rnn_output_size(self):
        size = self._cell.output_size
        if self._output_layer is None:
            return size
        shape = nest.map_structure(
            lambda s: tensor_shape.TensorShape([None]).concatenate(s), size)
        return nest.map_structure(
            lambda s: s[1:], self._output_layer.compute_output_shape(shape))

    @property
    def output_size(self):
        return BasicDecoderOutput(rnn_output=self._rnn_output_size(),
                                  sample_id=self._helper.sample_ids_shape)

    @property
    def output_dtype(self):
        dtype = nest.flatten(self._initial_state)[0].dtype
        return BasicDecoderOutput(
            nest.map_structure(lambda _: dtype, self._rnn_output_size()),
            self._helper.sample_ids_dtype)

    def initialize(self, name=None):
        return self._helper.initialize() + (self._initial_state,)

    def step(self, time, inputs, state, name=None):
        with ops.name_scope(name, "BasicDecoderStep", (time, inputs, state)):
            outputs, cell_state = self._cell(inputs, state)
            if self._output_layer is not None:
                outputs = self._output_layer(outputs)
            sample_ids = self._helper.sample(time=time, outputs=outputs,
                                             state=cell_state)
            finished, next_inputs, next_state = self._helper.next_inputs(
                time=time, outputs=outputs, state=cell_state,
                sample_ids=sample_ids)
        return (BasicDecoderOutput(outputs, sample_ids), next_state,
                next_inputs, finished)


def _output_arrays(decoder):
    def array(size, dtype):
        shape = None
        if isinstance(size, tensor_shape.TensorShape) and size.ndims != 0:
            batch = constant_op.constant_value(ops.convert_to_tensor(
                decoder.batch_size, name="batch_size"))
            shape = tensor_shape.TensorShape(
                [None if batch is None else int(batch)]).concatenate(size)
        return tensor_array_ops.TensorArray(
            dtype=dtype, size=0, dynamic_size=True, element_shape=shape)
    return nest.map_structure(array, decoder.output_size,
                              decoder.output_dtype)


def _imputed(finished, outputs, zeros, new_state, state):
    """Zeros and the old state where a sequence has ended."""
    outputs = nest.map_structure(
        lambda out, zero: array_ops.where(finished, zero, out), outputs,
        zeros)

    def kept(new, old):
        if isinstance(old, tensor_array_ops.TensorArray):
            return new
        new.set_shape(old.shape)
        if new.shape.ndims == 0:
            return new
        return array_ops.where(finished, old, new)
    return outputs, nest.map_structure(kept, new_state, state)


def _decode_step(decoder, zeros, impute_finished, time, arrays, state, inputs,
                 finished, lengths):
    outputs, new_state, next_inputs, ended = decoder.step(time, inputs, state)
    next_finished = ended if decoder.tracks_own_finished else \
        _gen.logical_or(ended, finished)
    next_lengths = array_ops.where(
        _gen.logical_not(finished),
        array_ops.fill(array_ops.shape(lengths), time + 1), lengths)
    nest.assert_same_structure(state, new_state)
    nest.assert_same_structure(arrays, outputs)
    nest.assert_same_structure(inputs, next_inputs)
    if impute_finished:
        outputs, new_state = _imputed(finished, outputs, zeros, new_state,
                                      state)
    arrays = nest.map_structure(lambda a, out: a.write(time, out), arrays,
                                outputs)
    return (time + 1, arrays, new_state, next_inputs, next_finished,
            next_lengths)


def dynamic_decode(decoder, output_time_major=False, impute_finished=False,
                   maximum_iterations=None, parallel_iterations=32,
                   swap_memory=False, scope=None, **kwargs):
    """(outputs, final state, lengths) of a decoder run until all sequences
    have ended."""
    if not isinstance(decoder, Decoder):
        raise TypeError("Expected decoder to be type Decoder, but saw: %s"
                        % type(decoder))
    with vs.variable_scope(scope, "decoder") as opened:
        rnn.cache_where_used(opened)
        if maximum_iterations is not None:
            maximum_iterations = ops.convert_to_tensor(
                maximum_iterations, dtype=dtypes.int32,
                name="maximum_iterations")
            if maximum_iterations.shape.ndims != 0:
                raise ValueError("maximum_iterations must be a scalar")
        finished, inputs, state = decoder.initialize()
        zeros = nest.map_structure(
            lambda size, dtype: rnn_cell.zeros_of_size(
                size, decoder.batch_size, dtype),
            decoder.output_size, decoder.output_dtype)
        if maximum_iterations is not None:
            finished = _gen.logical_or(finished, 0 >= maximum_iterations)
        lengths = array_ops.zeros_like(finished, dtype=dtypes.int32)
        time = constant_op.constant(0, dtype=dtypes.int32)
        arrays, state, lengths = _loop(
            decoder, zeros, impute_finished,
            (time, _output_arrays(decoder), state, inputs, finished, lengths),
            parallel_iterations=parallel_iterations,
            maximum_iterations=maximum_iterations, swap_memory=swap_memory)
        outputs = nest.map_structure(lambda a: a.stack(), arrays)
        try:
            outputs, state = decoder.finalize(outputs, state, lengths)
        except NotImplementedError:
            pass
        if not output_time_major:
            outputs = nest.map_structure(rnn.swap_batch_and_time, outputs)
    return outputs, state, lengths


def _loop(decoder, zeros, impute_finished, loop_vars, **options):
    _, arrays, state, _, _, lengths = control_flow_ops.while_loop(
        lambda time, arrays, state, inputs, finished, lengths:
        _gen.logical_not(math_ops.reduce_all(finished)),
        lambda *values: _decode_step(decoder, zeros, impute_finished,
                                     *values),
        loop_vars=loop_vars, **options)
    return arrays, state, lengths
