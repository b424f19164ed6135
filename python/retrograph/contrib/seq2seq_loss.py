"""tf.contrib.seq2seq.sequence_loss."""
from retrograph.framework import ops
from retrograph.ops import array_ops
from retrograph.ops import math_ops
from retrograph.ops import nn_ops


def _check(logits, targets, weights, average, total):
    if len(logits.shape) != 3:
        raise ValueError("Logits must be a [batch_size x sequence_length x "
                         "logits] tensor")
    for name, value in (("Targets", targets), ("Weights", weights)):
        if len(value.shape) != 2:
            raise ValueError("%s must be a [batch_size x sequence_length] "
                             "tensor" % name)
    for i, axis in enumerate(("timesteps", "batch")):
        if average[i] and total[i]:
            raise ValueError(
                "average_across_%s and sum_over_%s cannot be set to True at "
                "same time." % (axis, axis))


def sequence_loss(logits, targets, weights, average_across_timesteps=True,
                  average_across_batch=True, sum_over_timesteps=False,
                  sum_over_batch=False, softmax_loss_function=None, name=None):
    """The weighted cross entropy of each step, averaged over axes, or summed
    over them and divided by how many weights are not 0."""
    average = average_across_timesteps, average_across_batch
    total = sum_over_timesteps, sum_over_batch
    _check(logits, targets, weights, average, total)
    with ops.name_scope(name, "sequence_loss", [logits, targets, weights]):
        classes = array_ops.shape(logits)[2]
        flat = array_ops.reshape(logits, [-1, classes])
        targets = array_ops.reshape(targets, [-1])
        loss_of = softmax_loss_function or \
            nn_ops.sparse_softmax_cross_entropy_with_logits
        losses = loss_of(labels=targets, logits=flat)
        losses *= array_ops.reshape(weights, [-1])

        def divided(axis, by_weights):
            summed = math_ops.reduce_sum(losses, axis=axis)
            if by_weights:
                count = math_ops.reduce_sum(weights, axis=axis)
            else:
                count = math_ops.cast(
                    math_ops.count_nonzero(weights, axis=axis), summed.dtype)
            return math_ops.div_no_nan(summed, count)
        if all(average) or all(total):
            return divided(None, all(average))
        losses = array_ops.reshape(losses, array_ops.shape(logits)[0:2])
        if any(average):
            return divided([0] if average_across_batch else [1], True)
        if any(total):
            return divided([0] if sum_over_batch else [1], False)
        return losses
