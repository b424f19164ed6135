"""tf.contrib.seq2seq: losses, helpers, decoders, attention.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import numpy as np
import tensorflow.compat.v1 as tf
from tensorflow.contrib import seq2seq

from array_helpers import rounded
from case_helpers import attempt, session

_BATCH, _TIME, _DEPTH, _WORDS = 2, 4, 3, 5


def numbers(*shape):
    return tf.constant((np.arange(np.prod(shape)) % 7 / 5. - .5).reshape(
        shape).astype(np.float32))


def cell(units=3):
    return tf.nn.rnn_cell.BasicLSTMCell(units)


def training_helper(lengths=(4, 2), depth=_DEPTH):
    return seq2seq.TrainingHelper(numbers(_BATCH, _TIME, depth),
                                  list(lengths))


def zero_state(c):
    return c.zero_state(_BATCH, tf.float32)


def decoded(decoder, **options):
    """What comes of it, rounded, and the gradients' names."""
    outputs, state, lengths = seq2seq.dynamic_decode(decoder, **options)
    with tf.variable_scope("x", reuse=tf.AUTO_REUSE):
        s = session()
    values = s.run([outputs.rnn_output, outputs.sample_id, lengths])
    return rounded(values), str((outputs, state, lengths))


def case_sequence_loss():
    logits, weights = numbers(2, 3, 4), tf.constant([[1., 1., 0.],
                                                     [1., 2., 1.]])
    targets = tf.constant([[0, 3, 1], [2, 2, 0]])
    loss = seq2seq.sequence_loss
    s = session()
    flags = [{}, dict(average_across_timesteps=False),
             dict(average_across_batch=False),
             dict(average_across_batch=False, average_across_timesteps=False),
             dict(average_across_batch=False, average_across_timesteps=False,
                  sum_over_batch=True, sum_over_timesteps=True),
             dict(average_across_batch=False, average_across_timesteps=False,
                  sum_over_timesteps=True, name="n")]
    found = [rounded(s.run(loss(logits, targets, weights, **f)))
             for f in flags]
    own = loss(logits, targets, weights, softmax_loss_function=lambda labels,
               logits: tf.cast(labels, tf.float32) + logits[:, 0])
    return found, rounded(s.run(own)), [
        attempt(loss, logits[0], targets, weights),
        attempt(loss, logits, targets[0], weights),
        attempt(loss, logits, targets, weights[0]),
        attempt(loss, logits, targets, weights, sum_over_batch=True),
        attempt(loss, logits, targets, weights, sum_over_timesteps=True)]


def case_training_decoder():
    c = cell()
    return decoded(seq2seq.BasicDecoder(c, training_helper(), zero_state(c)))


def case_training_decoder_with_a_layer():
    c = cell()
    layer = tf.layers.Dense(_WORDS, use_bias=False, name="projection")
    decoder = seq2seq.BasicDecoder(c, training_helper(), zero_state(c), layer)
    return decoded(decoder, impute_finished=True, maximum_iterations=3,
                   output_time_major=True, scope="dec"), \
        str(decoder.output_size), str(decoder.output_dtype)


def case_training_gradients():
    c = cell()
    layer = tf.layers.Dense(_WORDS)
    outputs, _, _ = seq2seq.dynamic_decode(seq2seq.BasicDecoder(
        c, training_helper((4, 4)), zero_state(c), layer))
    loss = seq2seq.sequence_loss(
        outputs.rnn_output, tf.constant([[0, 1, 2, 3], [4, 3, 2, 1]]),
        tf.ones([2, 4]))
    train = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
    s = session()
    return [rounded(s.run([loss, train])[0]) for _ in range(3)], \
        [v.name for v in tf.trainable_variables()]


def case_greedy_decoder():
    table = tf.get_variable("table", initializer=numbers(_WORDS, _DEPTH))
    c = cell()
    helper = seq2seq.GreedyEmbeddingHelper(table, tf.fill([_BATCH], 1), 0)
    return decoded(seq2seq.BasicDecoder(c, helper, zero_state(c),
                                        tf.layers.Dense(_WORDS)),
                   maximum_iterations=5)


def case_sampling_decoder():
    c = cell()
    helper = seq2seq.SampleEmbeddingHelper(
        lambda ids: tf.one_hot(ids, _DEPTH), [1, 2], 4,
        softmax_temperature=0.5, seed=3)
    return decoded(seq2seq.BasicDecoder(c, helper, zero_state(c),
                                        tf.layers.Dense(_WORDS)),
                   maximum_iterations=5)


def case_custom_helpers():
    c = cell()
    x = numbers(_BATCH, _DEPTH)
    helper = seq2seq.CustomHelper(
        initialize_fn=lambda: (tf.tile([False], [_BATCH]), x),
        sample_fn=lambda time, outputs, state: tf.cast(
            tf.argmax(outputs, -1), tf.int32),
        next_inputs_fn=lambda time, outputs, state, sample_ids:
        (tf.tile([time >= 2], [_BATCH]), outputs, state))
    before = attempt(lambda: helper.batch_size)
    a = decoded(seq2seq.BasicDecoder(c, helper, zero_state(c)))
    helper = seq2seq.InferenceHelper(
        sample_fn=lambda out: out * 2., sample_shape=[3],
        sample_dtype=tf.float32, start_inputs=x,
        end_fn=lambda ids: ids[:, 0] > 1e9)
    b = decoded(seq2seq.BasicDecoder(c, helper, zero_state(c)),
                maximum_iterations=2, scope="other")
    return before, a, b


def attended(mechanism, units=3, **options):
    c = seq2seq.AttentionWrapper(cell(units), mechanism, **options)
    return decoded(seq2seq.BasicDecoder(c, training_helper(),
                                        zero_state(c)))


def memory(depth=4):
    return numbers(_BATCH, 5, depth)


def case_luong():
    return attended(seq2seq.LuongAttention(3, memory(), [5, 2]),
                    attention_layer_size=6)


def case_luong_scaled_with_history():
    c = seq2seq.AttentionWrapper(
        cell(), seq2seq.LuongAttention(3, memory(3), scale=True, name="mine"),
        alignment_history=True, output_attention=False)
    outputs, state, _ = seq2seq.dynamic_decode(seq2seq.BasicDecoder(
        c, training_helper(), zero_state(c), tf.layers.Dense(2)))
    history = state.alignment_history.stack()
    s = session()
    return rounded(s.run([outputs.rnn_output, history])), str(c.state_size), \
        [v.name for v in tf.trainable_variables()]


def case_bahdanau():
    return attended(seq2seq.BahdanauAttention(4, memory(), [3, 5]),
                    attention_layer_size=2)


def case_bahdanau_normalised():
    return attended(seq2seq.BahdanauAttention(
        4, memory(), normalize=True, probability_fn=seq2seq.hardmax))


def case_two_mechanisms():
    return attended([seq2seq.LuongAttention(3, memory()),
                     seq2seq.BahdanauAttention(4, memory())],
                    attention_layer_size=[2, 3])


def case_attention_of_unknown_sizes():
    unknown = tf.placeholder_with_default(memory(), [None, None, 4])
    lengths = tf.placeholder_with_default(tf.constant([5, 2]), [None])
    inputs = tf.placeholder_with_default(numbers(_BATCH, _TIME, 3),
                                         [None, None, 3])
    batch = tf.shape(inputs)[0]
    c = seq2seq.AttentionWrapper(
        tf.nn.rnn_cell.GRUCell(3),
        seq2seq.LuongAttention(3, unknown, lengths), attention_layer_size=3,
        initial_cell_state=tf.zeros([batch, 3]) + 1.)
    state = c.zero_state(batch, tf.float32)
    clone = state.clone(time=state.time + 0)
    return decoded(seq2seq.BasicDecoder(
        c, seq2seq.TrainingHelper(inputs, lengths - 1), clone),
        maximum_iterations=tf.reduce_max(lengths) - 2)


def case_errors():
    c = cell()
    m = seq2seq.LuongAttention(3, memory())
    wrapped = seq2seq.AttentionWrapper(c, m)
    state = zero_state(c)
    wrapper, decoder = seq2seq.AttentionWrapper, seq2seq.BasicDecoder
    return [attempt(seq2seq.dynamic_decode, 1),
            attempt(seq2seq.GreedyEmbeddingHelper, numbers(5, 3), 1, 0),
            attempt(seq2seq.GreedyEmbeddingHelper, numbers(5, 3), [1], [0]),
            attempt(wrapper, c, 1), attempt(wrapper, c, [m, 1]),
            attempt(wrapper, c, m, attention_layer_size=[1, 2]),
            attempt(wrapper, c, m, attention_layer_size=1, attention_layer=2),
            attempt(wrapper, c, m, cell_input_fn=1),
            attempt(wrapped.call, numbers(2, 3), state)[0],
            attempt(wrapped.zero_state, 3, tf.float32),
            attempt(seq2seq.LuongAttention, 3,
                    tf.placeholder(tf.float32, [2, 3, None])),
            attempt(decoder, c, 1, state)[0],
            attempt(decoder, c, training_helper(), state, 1)[0],
            attempt(decoder, 1, training_helper(), state)[0],
            attempt(seq2seq.dynamic_decode, decoder(
                c, training_helper(), state), maximum_iterations=[1])]


def case_shapes_checked():
    from tensorflow.contrib import framework
    x = tf.placeholder_with_default(numbers(2, 3), [None, 3])
    y = numbers(2, 3)
    found = [framework.with_shape([2, 3], x), framework.with_shape([2, 3], y),
             framework.with_same_shape(y, x), framework.with_same_shape(x, y),
             framework.with_shape([], tf.reshape(y[0, 0], [1]))]
    s = session()
    bad = framework.with_shape([3, 3], x)
    return rounded(s.run(found)), str(found), [
        attempt(s.run, bad), attempt(framework.with_shape, [3, 3], y),
        attempt(framework.with_shape, [[2, 3]], y),
        attempt(framework.with_shape, [2., 3.], y),
        attempt(framework.with_shape, tf.constant([2., 3.]), y)]


def case_lists_packed_by_levels():
    t = tf.constant(1)
    return str([tf.convert_to_tensor([[t, 2], [3, 4]], name="n"),
                tf.stack([[[t, 2], [3, t]], [[5, 6], [7, 8]]]),
                tf.pad([1, 2], [[t, 0]], constant_values=3)])
