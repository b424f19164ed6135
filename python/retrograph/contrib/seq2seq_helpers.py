"""tf.contrib.seq2seq: helpers, which say what a decoder is fed next."""
import abc

from retrograph.framework import dtypes
from retrograph.framework import nest
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.framework import tensor_shape
from retrograph.ops import array_ops
from retrograph.ops import control_flow_ops
from retrograph.ops import math_ops
from retrograph.ops import nn_ops
from retrograph.ops import random_ops
from retrograph.ops import rnn
from retrograph.ops import tensor_array_ops

_gen = op_library.gen


class Helper(abc.ABC):
    """What a decoder asks for; users may write their own."""

    @property
    @abc.abstractmethod
    def batch_size(self):
        """A scalar int32 tensor."""

    @property
    @abc.abstractmethod
    def sample_ids_shape(self):
        """Without the batch axis."""

    @property
    @abc.abstractmethod
    def sample_ids_dtype(self):
        """The dtype of what sample() gives."""

    @abc.abstractmethod
    def initialize(self, name=None):
        """(which sequences have ended, the first inputs)"""

    @abc.abstractmethod
    def sample(self, time, outputs, state, name=None):
        """Numbers for the outputs."""

    @abc.abstractmethod
    def next_inputs(self, time, outputs, state, sample_ids, name=None):
        """(which sequences have ended, the next inputs, the state)"""


class _Numbers(Helper):
    """Samples are whole numbers, one for each sequence."""
    _batch_size = None

    batch_size = property(lambda self: self._batch_size)
    sample_ids_shape = property(lambda self: tensor_shape.TensorShape([]))
    sample_ids_dtype = property(lambda self: dtypes.int32)


class CustomHelper(Helper):
    """A helper of three functions."""

    def __init__(self, initialize_fn, sample_fn, next_inputs_fn,
                 sample_ids_shape=None, sample_ids_dtype=None):
        self._initialize_fn = initialize_fn
        self._sample_fn = sample_fn
        self._next_inputs_fn = next_inputs_fn
        self._batch_size = None
        self._shape = tensor_shape.TensorShape(sample_ids_shape or [])
        self._dtype = sample_ids_dtype or dtypes.int32

    @property
    def batch_size(self):
        if self._batch_size is None:
            raise ValueError("batch_size accessed before initialize was "
                             "called")
        return self._batch_size

    sample_ids_shape = property(lambda self: self._shape)
    sample_ids_dtype = property(lambda self: self._dtype)

    def _scope(self, name, what, values=None):
        return ops.name_scope(name, type(self).__name__ + what, values)

    def initialize(self, name=None):
        with self._scope(name, "Initialize"):
            finished, next_inputs = self._initialize_fn()
            if self._batch_size is None:
                self._batch_size = array_ops.size(finished)
        return finished, next_inputs

    def sample(self, time, outputs, state, name=None):
        with self._scope(name, "Sample", (time, outputs, state)):
            return self._sample_fn(time=time, outputs=outputs, state=state)

    def next_inputs(self, time, outputs, state, sample_ids, name=None):
        with self._scope(name, "NextInputs", (time, outputs, state)):
            return self._next_inputs_fn(time=time, outputs=outputs,
                                        state=state, sample_ids=sample_ids)


def _by_step(inputs):
    return tensor_array_ops.TensorArray(
        dtype=inputs.dtype, size=array_ops.shape(inputs)[0],
        element_shape=inputs.shape[1:]).unstack(inputs)


class TrainingHelper(_Numbers):
    """Feeds what is given, whatever the outputs are."""

    def __init__(self, inputs, sequence_length, time_major=False, name=None):
        with ops.name_scope(name, "TrainingHelper",
                            [inputs, sequence_length]):
            self._inputs = inputs = ops.convert_to_tensor(inputs,
                                                          name="inputs")
            if not time_major:
                inputs = nest.map_structure(rnn.swap_batch_and_time, inputs)
            self._steps = nest.map_structure(_by_step, inputs)
            self._sequence_length = ops.convert_to_tensor(
                sequence_length, name="sequence_length")
            if self._sequence_length.shape.ndims != 1:
                raise ValueError("Expected sequence_length to be a vector, but "
                                 "received shape: %s"
                                 % self._sequence_length.shape)
            self._zero_inputs = nest.map_structure(
                lambda x: array_ops.zeros_like(x[0, :]), inputs)
            self._batch_size = array_ops.size(sequence_length)

    inputs = property(lambda self: self._inputs)
    sequence_length = property(lambda self: self._sequence_length)

    def _inputs_at(self, time, finished):
        """The inputs of that time, zeros if all sequences have ended."""
        return control_flow_ops.cond(
            math_ops.reduce_all(finished), lambda: self._zero_inputs,
            lambda: nest.map_structure(lambda x: x.read(time), self._steps))

    def initialize(self, name=None):
        with ops.name_scope(name, "TrainingHelperInitialize"):
            finished = _gen.equal(0, self._sequence_length)
            return finished, self._inputs_at(0, finished)

    def sample(self, time, outputs, name=None, **unused):
        with ops.name_scope(name, "TrainingHelperSample", [time, outputs]):
            return math_ops.cast(math_ops.argmax(outputs, axis=-1),
                                 dtypes.int32)

    def next_inputs(self, time, outputs, state, name=None, **unused):
        with ops.name_scope(name, "TrainingHelperNextInputs",
                            [time, outputs, state]):
            next_time = time + 1
            finished = next_time >= self._sequence_length
            return finished, self._inputs_at(next_time, finished), state


def _only_tensor(outputs):
    if not isinstance(outputs, ops.Tensor):
        raise TypeError("Expected outputs to be a single Tensor, got: %s"
                        % type(outputs))


class GreedyEmbeddingHelper(_Numbers):
    """Feeds the row of an embedding that the highest output names."""

    def __init__(self, embedding, start_tokens, end_token):
        self._embedding_fn = embedding if callable(embedding) else \
            lambda ids: nn_ops.embedding_lookup(embedding, ids)
        self._start_tokens = ops.convert_to_tensor(
            start_tokens, dtype=dtypes.int32, name="start_tokens")
        self._end_token = ops.convert_to_tensor(
            end_token, dtype=dtypes.int32, name="end_token")
        if self._start_tokens.shape.ndims != 1:
            raise ValueError("start_tokens must be a vector")
        self._batch_size = array_ops.size(start_tokens)
        if self._end_token.shape.ndims != 0:
            raise ValueError("end_token must be a scalar")
        self._start_inputs = self._embedding_fn(self._start_tokens)

    def initialize(self, name=None):
        return (array_ops.tile([False], [self._batch_size]),
                self._start_inputs)

    def sample(self, time, outputs, state, name=None):
        _only_tensor(outputs)
        return math_ops.argmax(outputs, axis=-1, output_type=dtypes.int32)

    def next_inputs(self, time, outputs, state, sample_ids, name=None):
        finished = _gen.equal(sample_ids, self._end_token)
        next_inputs = control_flow_ops.cond(
            math_ops.reduce_all(finished), lambda: self._start_inputs,
            lambda: self._embedding_fn(sample_ids))
        return finished, next_inputs, state


def _sampled(sample_n, sample_shape):
    with ops.name_scope(None, "call_sampler", values=[sample_shape]):
        shape = ops.convert_to_tensor(sample_shape, dtype=dtypes.int32,
                                      name="sample_shape")
        pad = math_ops.cast(_gen.equal(array_ops.rank(shape), 0),
                            dtypes.int32)
        shape = array_ops.reshape(shape, array_ops.pad(
            array_ops.shape(shape), paddings=[[pad, 0]], constant_values=1))
        samples = sample_n(math_ops.reduce_prod(shape))
        rest = array_ops.shape(samples)[1:]
        return array_ops.reshape(samples, array_ops.concat([shape, rest], 0))


def _categorical(logits, seed):
    """Numbers drawn with the probabilities that the logits are of."""
    logits = ops.convert_to_tensor(logits, name="logits")
    size = array_ops.shape(logits)[-1]
    batch_shape = array_ops.shape(logits)[:-1]

    def sample_n(n):
        matrix = logits if logits.shape.ndims == 2 else \
            array_ops.reshape(logits, [-1, size])
        draws = random_ops.multinomial(
            matrix, n, seed=seed, output_dtype=dtypes.int64
            if logits.dtype.size > 4 else dtypes.int32)
        draws = array_ops.reshape(
            array_ops.transpose(draws),
            array_ops.concat([[n], batch_shape], 0))
        return math_ops.cast(draws, dtypes.int32)
    return _sampled(sample_n, ())


class SampleEmbeddingHelper(GreedyEmbeddingHelper):
    """Feeds the row that is drawn with the outputs' probabilities."""

    def __init__(self, embedding, start_tokens, end_token,
                 softmax_temperature=None, seed=None):
        super().__init__(embedding, start_tokens, end_token)
        self._softmax_temperature = softmax_temperature
        self._seed = seed

    def sample(self, time, outputs, state, name=None):
        _only_tensor(outputs)
        logits = outputs if self._softmax_temperature is None else \
            outputs / self._softmax_temperature
        return _categorical(logits, self._seed)


class InferenceHelper(Helper):
    """Feeds what a function makes of the outputs."""

    def __init__(self, sample_fn, sample_shape, sample_dtype, start_inputs,
                 end_fn, next_inputs_fn=None):
        self._sample_fn = sample_fn
        self._end_fn = end_fn
        self._shape = tensor_shape.TensorShape(sample_shape)
        self._dtype = sample_dtype
        self._next_inputs_fn = next_inputs_fn
        self._batch_size = array_ops.shape(start_inputs)[0]
        self._start_inputs = ops.convert_to_tensor(start_inputs,
                                                   name="start_inputs")

    batch_size = property(lambda self: self._batch_size)
    sample_ids_shape = property(lambda self: self._shape)
    sample_ids_dtype = property(lambda self: self._dtype)

    def initialize(self, name=None):
        return (array_ops.tile([False], [self._batch_size]),
                self._start_inputs)

    def sample(self, time, outputs, state, name=None):
        return self._sample_fn(outputs)

    def next_inputs(self, time, outputs, state, sample_ids, name=None):
        next_inputs = sample_ids if self._next_inputs_fn is None else \
            self._next_inputs_fn(sample_ids)
        return self._end_fn(sample_ids), next_inputs, state
