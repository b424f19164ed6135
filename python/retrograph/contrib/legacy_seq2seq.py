"""tf.contrib.legacy_seq2seq: sequences as lists of steps."""
import copy

from retrograph.contrib import rnn_wrappers
from retrograph.framework import dtypes
from retrograph.framework import nest
from retrograph.framework import ops
from retrograph.ops import array_ops
from retrograph.ops import control_flow_ops
from retrograph.ops import math_ops
from retrograph.ops import nn_ops
from retrograph.ops import rnn
from retrograph.ops import variable_scope as vs


def rnn_decoder(decoder_inputs, initial_state, cell, loop_function=None,
                scope=None):
    """(outputs, state) of the cell; with a loop function, each input but the
    first is what that makes of the output before."""
    with vs.variable_scope(scope or "rnn_decoder"):
        state, outputs, before = initial_state, [], None
        for i, x in enumerate(decoder_inputs):
            if loop_function is not None and before is not None:
                with vs.variable_scope("loop_function", reuse=True):
                    x = loop_function(before, i)
            if i > 0:
                vs.get_variable_scope().reuse_variables()
            output, state = cell(x, state)
            outputs.append(output)
            before = output
        return outputs, state


def basic_rnn_seq2seq(encoder_inputs, decoder_inputs, cell,
                      dtype=dtypes.float32, scope=None):
    """A cell reads one list; its like writes the other."""
    with vs.variable_scope(scope or "basic_rnn_seq2seq"):
        _, state = rnn.static_rnn(copy.deepcopy(cell), encoder_inputs,
                                  dtype=dtype)
        return rnn_decoder(decoder_inputs, state, cell)


def tied_rnn_seq2seq(encoder_inputs, decoder_inputs, cell, loop_function=None,
                     dtype=dtypes.float32, scope=None):
    """One cell, with the same weights, reads and writes."""
    with vs.variable_scope("combined_tied_rnn_seq2seq"):
        scope = scope or "tied_rnn_seq2seq"
        _, state = rnn.static_rnn(cell, encoder_inputs, dtype=dtype,
                                  scope=scope)
        vs.get_variable_scope().reuse_variables()
        return rnn_decoder(decoder_inputs, state, cell,
                           loop_function=loop_function, scope=scope)


def _highest_embedded(embedding, output_projection, update_embedding):
    """The loop function that feeds the row which the output names."""
    def loop(before, _):
        if output_projection is not None:
            before = nn_ops.xw_plus_b(before, *output_projection)
        row = nn_ops.embedding_lookup(embedding, math_ops.argmax(before, 1))
        return row if update_embedding else array_ops.stop_gradient(row)
    return loop


def embedding_rnn_decoder(decoder_inputs, initial_state, cell, num_symbols,
                          embedding_size, output_projection=None,
                          feed_previous=False,
                          update_embedding_for_previous=True, scope=None):
    """rnn_decoder() of rows of a table, which the inputs name."""
    with vs.variable_scope(scope or "embedding_rnn_decoder") as opened:
        if output_projection is not None:
            for value, shape in zip(output_projection,
                                    ([None, num_symbols], [num_symbols])):
                value = ops.convert_to_tensor(value, dtype=opened.dtype)
                value.shape.assert_is_compatible_with(shape)
        embedding = vs.get_variable("embedding", [num_symbols, embedding_size])
        loop = _highest_embedded(
            embedding, output_projection, update_embedding_for_previous) \
            if feed_previous else None
        # Each is made when its step comes.
        rows = (nn_ops.embedding_lookup(embedding, i) for i in decoder_inputs)
        return rnn_decoder(rows, initial_state, cell, loop_function=loop)


def embedding_rnn_seq2seq(encoder_inputs, decoder_inputs, cell,
                          num_encoder_symbols, num_decoder_symbols,
                          embedding_size, output_projection=None,
                          feed_previous=False, dtype=None, scope=None):
    """A cell reads symbols, its like writes others; feed_previous, be it a
    tensor, says whether it is fed what it wrote."""
    with vs.variable_scope(scope or "embedding_rnn_seq2seq") as opened:
        if dtype is not None:
            opened.set_dtype(dtype)
        encoder = rnn_wrappers.EmbeddingWrapper(
            copy.deepcopy(cell), embedding_classes=num_encoder_symbols,
            embedding_size=embedding_size)
        _, encoder_state = rnn.static_rnn(encoder, encoder_inputs,
                                          dtype=opened.dtype)
        if output_projection is None:
            cell = rnn_wrappers.OutputProjectionWrapper(cell,
                                                        num_decoder_symbols)

        def decoder(feed_previous, **options):
            return embedding_rnn_decoder(
                decoder_inputs, encoder_state, cell, num_decoder_symbols,
                embedding_size, output_projection=output_projection,
                feed_previous=feed_previous, **options)
        if isinstance(feed_previous, bool):
            return decoder(feed_previous)

        def branch(feed_previous):
            with vs.variable_scope(vs.get_variable_scope(),
                                   reuse=None if feed_previous else True):
                outputs, state = decoder(feed_previous,
                                         update_embedding_for_previous=False)
                return outputs + nest.flatten(state)
        flat = control_flow_ops.cond(feed_previous, lambda: branch(True),
                                     lambda: branch(False))
        n = len(decoder_inputs)
        state = flat[n]
        if nest.is_nested(encoder_state):
            state = nest.pack_sequence_as(encoder_state, flat[n:])
        return flat[:n], state


def sequence_loss_by_example(logits, targets, weights,
                             average_across_timesteps=True,
                             softmax_loss_function=None, name=None):
    """The weighted cross entropy of each sequence, over lists of steps."""
    if not len(targets) == len(logits) == len(weights):
        raise ValueError("Lengths of logits, weights, and targets must be the "
                         "same %d, %d, %d." % (len(logits), len(weights),
                                               len(targets)))
    with ops.name_scope(name, "sequence_loss_by_example",
                        logits + targets + weights):
        losses = []
        for logit, target, weight in zip(logits, targets, weights):
            if softmax_loss_function is None:
                target = array_ops.reshape(target, [-1])
                loss = nn_ops.sparse_softmax_cross_entropy_with_logits(
                    labels=target, logits=logit)
            else:
                loss = softmax_loss_function(labels=target, logits=logit)
            losses.append(loss * weight)
        total = math_ops.add_n(losses)
        if average_across_timesteps:
            size = math_ops.add_n(weights)
            size += 1e-12  # not 0
            total /= size
    return total


def sequence_loss(logits, targets, weights, average_across_timesteps=True,
                  average_across_batch=True, softmax_loss_function=None,
                  name=None):
    """sequence_loss_by_example() summed, or averaged, over the batch."""
    with ops.name_scope(name, "sequence_loss", logits + targets + weights):
        cost = math_ops.reduce_sum(sequence_loss_by_example(
            logits, targets, weights,
            average_across_timesteps=average_across_timesteps,
            softmax_loss_function=softmax_loss_function))
        if not average_across_batch:
            return cost
        batch_size = array_ops.shape(targets[0])[0]
        return cost / math_ops.cast(batch_size, cost.dtype)


def model_with_buckets(encoder_inputs, decoder_inputs, targets, weights,
                       buckets, seq2seq, softmax_loss_function=None,
                       per_example_loss=False, name=None):
    """(outputs, losses) of a model for each pair of lengths."""
    for what, values, side in (("encoder_inputs", encoder_inputs, 0),
                               ("targets", targets, 1),
                               ("weights", weights, 1)):
        if len(values) < buckets[-1][side]:
            raise ValueError("Length of %s (%d) must be at least that of last "
                             "bucket (%d)." % (what, len(values),
                                               buckets[-1][side]))
    outputs, losses = [], []
    loss_of = sequence_loss_by_example if per_example_loss else sequence_loss
    with ops.name_scope(name, "model_with_buckets",
                        encoder_inputs + decoder_inputs + targets + weights):
        for i, (read, written) in enumerate(buckets):
            with vs.variable_scope(vs.get_variable_scope(),
                                   reuse=True if i > 0 else None):
                made, _ = seq2seq(encoder_inputs[:read],
                                  decoder_inputs[:written])
                outputs.append(made)
                losses.append(loss_of(
                    made, targets[:written], weights[:written],
                    softmax_loss_function=softmax_loss_function))
    return outputs, losses
