"""tf.contrib.legacy_seq2seq: sequences as lists of steps.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import copy

import numpy as np
import tensorflow.compat.v1 as tf
from tensorflow.contrib import legacy_seq2seq
from tensorflow.contrib import rnn

from array_helpers import rounded
from case_helpers import attempt, session


def steps(n, depth=3, shift=0.):
    return [tf.constant(np.arange(2. * depth).reshape(2, depth) / (i + 2)
                        - shift, tf.float32) for i in range(n)]


def symbols(n):
    return [tf.constant([i, (2 * i + 1) % 4]) for i in range(n)]


def lstm():
    return tf.nn.rnn_cell.BasicLSTMCell(3)


def run(outputs, *more):
    s = session()
    return rounded(s.run(list(outputs) + list(more))), \
        str(outputs), [v.name for v in tf.trainable_variables()]


def case_rnn_decoder():
    cell = tf.nn.rnn_cell.GRUCell(3)
    state = cell.zero_state(2, tf.float32)
    outputs, last = legacy_seq2seq.rnn_decoder(steps(3), state, cell)
    fed, _ = legacy_seq2seq.rnn_decoder(
        steps(3), last, tf.nn.rnn_cell.BasicRNNCell(3),
        loop_function=lambda before, i: before * float(i), scope="fed")
    return run(outputs + fed, last)


def case_basic_and_tied():
    a, _ = legacy_seq2seq.basic_rnn_seq2seq(steps(2), steps(3), lstm())
    b, state = legacy_seq2seq.tied_rnn_seq2seq(
        steps(2), steps(3), tf.nn.rnn_cell.GRUCell(3),
        loop_function=lambda before, _: before)
    return run(a + b, state)


def case_embedding():
    a, _ = legacy_seq2seq.embedding_rnn_seq2seq(
        symbols(2), symbols(3), lstm(), 4, 5, embedding_size=2)
    with tf.variable_scope("other"):
        weights = tf.get_variable("w", [3, 5]), tf.get_variable("b", [5])
        b, _ = legacy_seq2seq.embedding_rnn_seq2seq(
            symbols(2), symbols(3), lstm(), 4, 5, 2, weights, True)
    return run(a + b)


def case_embedding_fed_by_a_tensor():
    feed = tf.placeholder_with_default(True, [])
    a, state = legacy_seq2seq.embedding_rnn_seq2seq(
        symbols(2), symbols(3), lstm(), 4, 5, embedding_size=2,
        feed_previous=feed)
    return run(a, state.h)


def case_losses():
    logits = steps(3)
    targets = [tf.constant([0, 2])] * 3
    weights = [tf.constant([1., 0.5]), tf.constant([1., 0.]),
               tf.constant([2., 0.])]
    lib = legacy_seq2seq
    own = lambda labels, logits: logits[:, 0] + tf.cast(labels, tf.float32)
    return run([lib.sequence_loss_by_example(logits, targets, weights),
                lib.sequence_loss_by_example(
                    logits, targets, weights, name="n",
                    average_across_timesteps=False),
                lib.sequence_loss(logits, targets, weights),
                lib.sequence_loss(logits, targets, weights,
                                  average_across_batch=False,
                                  softmax_loss_function=own)]), \
        attempt(lib.sequence_loss, logits, targets[:2], weights)


def case_buckets():
    lib = legacy_seq2seq
    model = lambda x, y: lib.embedding_rnn_seq2seq(x, y, lstm(), 4, 3, 2)
    weights = [tf.constant([1., 1.])] * 4
    outputs, losses = lib.model_with_buckets(
        symbols(3), symbols(4), symbols(4), weights, [(2, 2), (3, 4)],
        lambda x, y: lib.basic_rnn_seq2seq(
            [tf.one_hot(i, 4) for i in x], [tf.one_hot(i, 4) for i in y],
            tf.nn.rnn_cell.BasicRNNCell(4)))
    return run(losses), [len(o) for o in outputs], [
        attempt(lib.model_with_buckets, symbols(1), symbols(4), symbols(4),
                weights, [(2, 2)], model),
        attempt(lib.model_with_buckets, symbols(2), symbols(4), symbols(1),
                weights, [(2, 2)], model)]


def case_wrappers():
    state = tf.zeros([2, 3])
    gru = tf.nn.rnn_cell.GRUCell
    a, _ = rnn.OutputProjectionWrapper(gru(3), 2, tf.tanh)(steps(1)[0], state)
    b, _ = rnn.InputProjectionWrapper(gru(3), 2)(steps(1)[0], state)
    cell = rnn.EmbeddingWrapper(gru(3), 4, 2)
    c, _ = cell(symbols(2)[1], cell.zero_state(2, tf.float32))
    return run([a, b, c]), [
        attempt(rnn.EmbeddingWrapper, gru(3), 0, 2),
        attempt(rnn.OutputProjectionWrapper, gru(3), 0)]


class Own(tf.nn.rnn_cell.RNNCell):
    """Gets its variable in each call, as users' cells do."""
    state_size = output_size = 3

    def call(self, inputs, state):
        w = tf.get_variable("w", [3, 3])
        return tf.matmul(inputs, w) + state, state


class OwnLayer(tf.layers.Layer):
    def build(self, shape):
        pass  # does not say that it is built

    def call(self, x):
        return tf.matmul(x, tf.get_variable("w", [3, 2]))


def case_own_cells_called_again():
    x, state = steps(1)[0], tf.zeros([2, 3])
    cell, layer = Own(), OwnLayer()
    before = cell.built, layer.built
    a, b = cell(x, state)[0], cell(x * 2., state)[0]
    c, d = layer(x), layer(x * 2.)
    return run([a, b, c, d]), before, cell.built, layer.built


def case_copied_cells():
    cell = lstm()
    other = copy.deepcopy(cell)
    x, state = steps(1)[0], cell.zero_state(2, tf.float32)
    with tf.variable_scope("a"):
        a, _ = cell(x, state)
    with tf.variable_scope("b"):
        b, _ = other(x, state)
    fresh = copy.deepcopy(tf.layers.Dense(2, name="d"))
    return run([a, b, fresh(x)]), other.name == cell.name
