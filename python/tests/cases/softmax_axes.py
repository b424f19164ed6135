"""Softmaxes and cross entropies over other axes than the last.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import tensorflow.compat.v1 as tf

from case_helpers import attempt, noise


def near(tensor, feeds=None):
    """The value, to the digits that both round alike."""
    with tf.Session() as s:
        got = s.run(tensor, feeds)
    return got.shape, str(got.dtype), got.astype("float64").round(5).tolist()


def case_softmaxes():
    x = tf.constant(noise(2, 3, 4), name="x")
    results = []
    for function in (tf.nn.softmax, tf.nn.log_softmax):
        for axis in (0, 1, 2, -1, -2, -3, None):
            y = function(x, axis=axis)
            results.append((y.name, str(y.shape), near(y)))
        results.append(near(function(x, dim=1, name="n")))
    return results


def case_softmaxes_over_an_axis_that_is_a_tensor():
    x = tf.placeholder(tf.float32, [None, 3])
    axis = tf.placeholder(tf.int32, [])
    y = tf.nn.softmax(x, axis)
    constant = tf.nn.softmax(x, tf.constant(-2))
    value = noise(2, 3)
    return (str(y.shape), str(constant.shape), near(constant, {x: value}),
            [near(y, {x: value, axis: a}) for a in (0, -2)],
            # It asks for a range that ends before it starts.
            attempt(near, y, {x: value, axis: 1}))


def case_softmaxes_over_an_axis_that_is_not_there():
    x = tf.constant(noise(2, 3))
    return ([attempt(tf.nn.softmax, x, a) for a in (2, -3)],
            attempt(tf.nn.log_softmax, x, tf.constant(7)),
            attempt(tf.nn.softmax, x, axis=0, dim=0))


def case_cross_entropies():
    logits, labels = tf.constant(noise(2, 3, 4)), tf.constant(noise(2, 3, 4))
    results = []
    for function, key in ((tf.nn.softmax_cross_entropy_with_logits, "dim"),
                          (tf.nn.softmax_cross_entropy_with_logits_v2, "axis")):
        for axis in (0, 1, 2, -1):
            y = function(labels=labels, logits=logits, **{key: axis})
            results.append((y.name, str(y.shape), near(y)))
    return results, attempt(tf.nn.softmax_cross_entropy_with_logits,
                            labels=labels, logits=logits, axis=0)


def case_cross_entropies_of_a_half_known_shape():
    logits, labels = (tf.placeholder(tf.float32, [None, 2]) for _ in "ab")
    y = tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    wide = tf.placeholder(tf.float32, [3, None, 2])
    z = tf.nn.softmax_cross_entropy_with_logits_v2(labels=wide, logits=wide)
    # Where an outer dim is unknown, the matrices' last dim is unknown, too.
    return str(y.shape), str(z.shape), [
        (op.name, [str(o.shape) for o in op.outputs])
        for op in tf.get_default_graph().get_operations()]


def case_gradients():
    x = tf.constant(noise(2, 3))
    total = tf.reduce_sum(tf.square(tf.nn.softmax(x, 0))) + tf.reduce_sum(
        tf.nn.softmax_cross_entropy_with_logits_v2(labels=x, logits=x, axis=0))
    return near(tf.gradients(total, x)[0])
