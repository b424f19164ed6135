"""tf.contrib.rnn: cells with an embedding below or a projection above."""
import math

from retrograph.framework import ops
from retrograph.ops import array_ops
from retrograph.ops import init_ops
from retrograph.ops import math_ops
from retrograph.ops import nn_ops
from retrograph.ops import rnn_cell
from retrograph.ops import variable_scope as vs


class _Wrapper(rnn_cell.RNNCell):
    """A cell with another in it."""

    def __init__(self, cell, reuse):
        super().__init__(_reuse=reuse)
        rnn_cell.assert_like_rnncell("cell", cell)
        self._cell = cell

    state_size = property(lambda self: self._cell.state_size)
    output_size = property(lambda self: self._cell.output_size)

    def zero_state(self, batch_size, dtype):
        with self._zero_scope(batch_size):
            return self._cell.zero_state(batch_size, dtype)


class EmbeddingWrapper(_Wrapper):
    """The cell is fed rows of a table, which the inputs name."""

    def __init__(self, cell, embedding_classes, embedding_size,
                 initializer=None, reuse=None):
        super().__init__(cell, reuse)
        if embedding_classes <= 0 or embedding_size <= 0:
            raise ValueError("Both embedding_classes and embedding_size must "
                             "be > 0: %d, %d." % (embedding_classes,
                                                  embedding_size))
        self._shape = [embedding_classes, embedding_size]
        self._initializer = initializer

    def call(self, inputs, state):
        with ops.device("/cpu:0"):
            limit = math.sqrt(3)  # the variance is then 1
            initializer = self._initializer or \
                vs.get_variable_scope().initializer or \
                init_ops.random_uniform_initializer(-limit, limit)
            first = state[0] if isinstance(state, tuple) else state
            table = vs.get_variable("embedding", self._shape,
                                    initializer=initializer,
                                    dtype=first.dtype)
            embedded = nn_ops.embedding_lookup(
                table, array_ops.reshape(inputs, [-1]))
            return self._cell(embedded, state)


class _Linear:
    """x . kernel + bias, with variables of the scope it is made in."""

    def __init__(self, x, units):
        if x.shape.ndims != 2:
            raise ValueError("linear is expecting 2D arguments: %s"
                             % [x.shape])
        depth = x.shape.as_list()[1]
        if depth is None:
            raise ValueError("linear expects shape[1] to be provided for "
                             "shape %s, but saw %s" % (x.shape, x.shape[1]))
        with vs.variable_scope(vs.get_variable_scope()) as outer:
            self._kernel = vs.get_variable("kernel", [depth, units],
                                           dtype=x.dtype)
            with vs.variable_scope(outer) as inner:
                inner.set_partitioner(None)
                self._bias = vs.get_variable(
                    "bias", [units], dtype=x.dtype,
                    initializer=init_ops.constant_initializer(
                        0.0, dtype=x.dtype))

    def __call__(self, x):
        return nn_ops.bias_add(math_ops.matmul(x, self._kernel), self._bias)


class OutputProjectionWrapper(_Wrapper):
    """The cell's outputs are projected to another size."""

    def __init__(self, cell, output_size, activation=None, reuse=None):
        super().__init__(cell, reuse)
        if output_size < 1:
            raise ValueError("Parameter output_size must be > 0: %d."
                             % output_size)
        self._output_size = output_size
        self._activation = activation
        self._linear = None

    output_size = property(lambda self: self._output_size)

    def call(self, inputs, state):
        output, state = self._cell(inputs, state)
        if self._linear is None:
            self._linear = _Linear(output, self._output_size)
        projected = self._linear(output)
        if self._activation:
            projected = self._activation(projected)
        return projected, state


class InputProjectionWrapper(_Wrapper):
    """The cell's inputs are projected to a size."""

    def __init__(self, cell, num_proj, activation=None, input_size=None,
                 reuse=None):
        super().__init__(cell, reuse)
        self._num_proj = num_proj
        self._activation = activation
        self._linear = None

    def call(self, inputs, state):
        if self._linear is None:
            self._linear = _Linear(inputs, self._num_proj)
        projected = self._linear(inputs)
        if self._activation:
            projected = self._activation(projected)
        return self._cell(projected, state)
