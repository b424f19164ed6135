"""Candidate samplers, the losses over them, LRN, values put at places.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import numpy as np
import tensorflow.compat.v1 as tf

from array_helpers import evaluated, images, rounded
from case_helpers import attempt, session


def table():
    weights = tf.Variable(np.linspace(-1, 1, 24).reshape(8, 3), name="w",
                          dtype=tf.float32)
    return weights, tf.Variable(tf.linspace(0., 1., 8), name="b")


def inputs():
    return tf.constant([[1., 2., 3.], [.5, -1., 0.]], name="x")


def labels(dtype=tf.int64, n=1):
    return tf.constant([[1, 3], [5, 2]], dtype)[:, :n]


def case_samplers():
    classes = tf.constant([[1], [5]], tf.int64)
    nn = tf.nn
    drawn = [nn.uniform_candidate_sampler(classes, 1, 5, True, 20),
             nn.log_uniform_candidate_sampler(classes, 1, 5, True, 20),
             nn.log_uniform_candidate_sampler(classes, 1, 30, False, 20,
                                              seed=3, name="n"),
             nn.learned_unigram_candidate_sampler(classes, 1, 9, True, 10),
             tf.random.all_candidate_sampler(classes, 1, 4, True)]
    s = session()
    return [[np.asarray(v).tolist() for v in s.run(d)] for d in drawn * 2], \
        str(drawn)


def case_accidental_hits():
    return evaluated(tf.nn.compute_accidental_hits(
        labels(n=2), tf.constant([2, 9, 3], tf.int64), 2)), \
        str(tf.nn.compute_accidental_hits(labels(), [1], 1, name="h"))


def case_nce_loss():
    w, b = table()
    loss = tf.nn.nce_loss(w, b, labels(), inputs(), 4, 8)
    two = tf.nn.nce_loss(weights=w, biases=b, inputs=inputs(),
                         labels=labels(tf.int32, 2), num_sampled=3,
                         num_classes=8, num_true=2, name="two",
                         remove_accidental_hits=True)
    train = tf.train.GradientDescentOptimizer(0.1).minimize(
        tf.reduce_mean(loss))
    s = session()
    found = [rounded(s.run(two))]
    for _ in range(3):
        found += [rounded(s.run([loss, train])[0])]
    return found, rounded(s.run([w, b]))


def case_sampled_softmax_loss():
    w, b = table()
    loss = tf.nn.sampled_softmax_loss([w], b, labels(), inputs(), 4, 8, seed=3)
    given = tf.nn.sampled_softmax_loss(
        w, b, labels(), inputs(), 3, 8, remove_accidental_hits=False,
        sampled_values=tf.nn.uniform_candidate_sampler(labels(), 1, 3, True,
                                                       8))
    return evaluated(loss, given, tf.gradients(loss, [w])[0].values)


def case_lrn():
    x = tf.Variable(images())
    a = tf.nn.lrn(x)
    b = tf.nn.local_response_normalization(x, 1, bias=2., alpha=1e-2,
                                           beta=0.75, name="n")
    c = tf.nn.lrn(tf.cast(x, tf.float16), depth_radius=2)
    # Half has three digits, less after some sums.
    return evaluated(a, b, c * 0.1, tf.gradients(tf.square(a) + b, x),
                     tf.gradients(c * 0.01, x))


def case_lrn_errors():
    return [attempt(tf.nn.lrn, tf.zeros([2, 2])),
            attempt(tf.nn.lrn, tf.zeros([1, 1, 1, 1], tf.int32))]


def case_scatter_nd():
    u = tf.constant([1., 2., 3.])
    y = tf.scatter_nd([[1], [3], [1]], u, [4])
    x = tf.constant([[1., 2.], [3., 4.]])
    g = tf.gather_nd(x, [[0, 1], [1, 1], [0, 1]])
    d = tf.sparse_to_dense([[0, 1], [2, 0]], [3, 2], u[:2], 0.5)
    return evaluated(y, tf.gradients(y * y, u), tf.gradients(g * g, x), d,
                     tf.gradients(d * d, u),
                     tf.sparse_to_dense([0, 2], [4], 1)), str((y, d))
