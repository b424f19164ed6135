"""tf.nn: candidate samplers, and the losses over what they draw."""
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.ops import array_ops
from retrograph.ops import math_ops
from retrograph.ops import nn_ops
from retrograph.ops import random_ops
from retrograph.ops import variables

_gen = op_library.gen


def _sampler(op_type):
    def sampler(true_classes, num_true, num_sampled, unique, range_max,
                seed=None, name=None):
        seed1, seed2 = random_ops.get_seed(seed)
        return op_library.apply_op(
            op_type, name, true_classes=true_classes, num_true=num_true,
            num_sampled=num_sampled, unique=unique, range_max=range_max,
            seed=seed1, seed2=seed2)
    sampler.__name__ = sampler.__qualname__ = op_library.function_name(op_type)
    sampler.__doc__ = ("Classes below range_max drawn at random, and how "
                       "often each is expected.")
    return sampler


uniform_candidate_sampler = _sampler("UniformCandidateSampler")
log_uniform_candidate_sampler = _sampler("LogUniformCandidateSampler")
learned_unigram_candidate_sampler = _sampler("LearnedUnigramCandidateSampler")


def all_candidate_sampler(true_classes, num_true, num_sampled, unique,
                          seed=None, name=None):
    """Every class."""
    seed1, seed2 = random_ops.get_seed(seed)
    return _gen.all_candidate_sampler(
        true_classes, num_true, num_sampled, unique, seed=seed1, seed2=seed2,
        name=name)


def compute_accidental_hits(true_classes, sampled_candidates, num_true,
                            seed=None, name=None):
    """Where a class that was drawn is a true one: (row, place, weight)."""
    seed1, seed2 = random_ops.get_seed(seed)
    return _gen.compute_accidental_hits(
        true_classes, sampled_candidates, num_true, seed=seed1, seed2=seed2,
        name=name)


def _sum_rows(x):
    columns = array_ops.shape(x)[1]
    ones = array_ops.ones(array_ops.stack([columns, 1]), x.dtype)
    return array_ops.reshape(math_ops.matmul(x, ones), [-1])


def _rows_of(table, ids, dtype, partition_strategy):
    rows = nn_ops.embedding_lookup(table, ids,
                                   partition_strategy=partition_strategy)
    return rows if rows.dtype == dtype else math_ops.cast(rows, dtype)


def _true_logits(inputs, weights, biases, num_true):
    """The inputs' products with the weights of their own classes."""
    dim = array_ops.shape(weights)[1:2]
    shape = array_ops.concat([[-1, num_true], dim], 0)
    products = math_ops.multiply(array_ops.expand_dims(inputs, 1),
                                 array_ops.reshape(weights, shape))
    products = array_ops.reshape(products, array_ops.concat([[-1], dim], 0))
    logits = array_ops.reshape(_sum_rows(products), [-1, num_true])
    return logits + array_ops.reshape(biases, [-1, num_true])


def _without_hits(logits, labels, sampled, num_sampled, num_true):
    """The logits, those of true classes as low as can be."""
    rows, places, weights = compute_accidental_hits(labels, sampled,
                                                    num_true=num_true)
    rows = array_ops.reshape(rows, [-1, 1])
    places = array_ops.reshape(math_ops.cast(places, dtypes.int32), [-1, 1])
    indices = array_ops.concat([rows, places], 1, "sparse_indices")
    shape = array_ops.concat([array_ops.shape(labels)[:1],
                              array_ops.expand_dims(num_sampled, 0)], 0)
    if logits.dtype != weights.dtype:
        weights = math_ops.cast(weights, logits.dtype)
    return logits + _gen.sparse_to_dense(
        indices, shape, weights, default_value=0.0, validate_indices=False)


def _sampled_logits(weights, biases, labels, inputs, num_sampled, num_classes,
                    num_true, sampled_values, remove_accidental_hits,
                    partition_strategy, name, seed=None):
    """(logits, labels): of the true classes, then of those drawn."""
    if isinstance(weights, variables.PartitionedVariable):
        weights = list(weights)
    if not isinstance(weights, list):
        weights = [weights]
    with ops.name_scope(name, "compute_sampled_logits",
                        weights + [biases, inputs, labels]):
        if labels.dtype != dtypes.int64:
            labels = math_ops.cast(labels, dtypes.int64)
        flat = array_ops.reshape(labels, [-1])
        if sampled_values is None:
            sampled_values = log_uniform_candidate_sampler(
                labels, num_true, num_sampled, True, num_classes, seed)
        sampled, true_count, sampled_count = [
            array_ops.stop_gradient(value) for value in sampled_values]
        sampled = math_ops.cast(sampled, dtypes.int64)
        ids = array_ops.concat([flat, sampled], 0)
        rows = _rows_of(weights, ids, inputs.dtype, partition_strategy)
        true_rows = array_ops.slice(
            rows, [0, 0], array_ops.stack([array_ops.shape(flat)[0], -1]))
        sampled_rows = array_ops.slice(
            rows, array_ops.stack([array_ops.shape(flat)[0], 0]), [-1, -1])
        sampled_logits = math_ops.matmul(inputs, sampled_rows,
                                         transpose_b=True)
        offsets = _rows_of(biases, ids, inputs.dtype, partition_strategy)
        true_offsets = array_ops.slice(offsets, [0], array_ops.shape(flat))
        sampled_offsets = array_ops.slice(offsets, array_ops.shape(flat),
                                          [-1])
        true_logits = _true_logits(inputs, true_rows, true_offsets, num_true)
        sampled_logits += sampled_offsets
        if remove_accidental_hits:
            sampled_logits = _without_hits(sampled_logits, labels, sampled,
                                           num_sampled, num_true)
        true_logits -= _gen.log(true_count)
        sampled_logits -= _gen.log(sampled_count)
        logits = array_ops.concat([true_logits, sampled_logits], 1)
        return logits, array_ops.concat(
            [array_ops.ones_like(true_logits) / num_true,
             array_ops.zeros_like(sampled_logits)], 1)


def nce_loss(weights, biases, labels, inputs, num_sampled, num_classes,
             num_true=1, sampled_values=None, remove_accidental_hits=False,
             partition_strategy="mod", name="nce_loss"):
    """Noise-contrastive estimation: a loss for each row of the inputs."""
    logits, labels = _sampled_logits(
        weights, biases, labels, inputs, num_sampled, num_classes, num_true,
        sampled_values, remove_accidental_hits, partition_strategy, name)
    losses = nn_ops.sigmoid_cross_entropy_with_logits(
        labels=labels, logits=logits, name="sampled_losses")
    return _sum_rows(losses)


def sampled_softmax_loss(weights, biases, labels, inputs, num_sampled,
                         num_classes, num_true=1, sampled_values=None,
                         remove_accidental_hits=True, partition_strategy="mod",
                         name="sampled_softmax_loss", seed=None):
    """Cross entropy over the true classes and some others."""
    logits, labels = _sampled_logits(
        weights, biases, labels, inputs, num_sampled, num_classes, num_true,
        sampled_values, remove_accidental_hits, partition_strategy, name,
        seed)
    labels = array_ops.stop_gradient(labels, name="labels_stop_gradient")
    return nn_ops.softmax_cross_entropy_with_logits_v2(labels=labels,
                                                       logits=logits)
