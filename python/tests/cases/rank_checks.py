"""Assertions of ranks, signs and types.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import tensorflow.compat.v1 as tf

from case_helpers import attempt


def unknown(value):
    return tf.placeholder_with_default(value, None)


def case_ranks_known_at_once():
    x = tf.zeros([2, 3], name="x")
    good = [tf.assert_rank(x, 2), tf.assert_rank_at_least(x, 1),
            tf.assert_rank_in(x, (1, 2), message="m", name="n"),
            tf.assert_type(x, tf.float32)]
    bad = [attempt(tf.assert_rank, x, 3),
           attempt(tf.assert_rank, x, 1, message="said"),
           attempt(tf.assert_rank_at_least, x, 3),
           attempt(tf.assert_rank_in, x, (0, 3)),
           attempt(tf.assert_rank, x, [2]), attempt(tf.assert_rank, x, 2.),
           attempt(tf.assert_type, x, tf.int32, message="said")]
    return str(good), bad


def case_ranks_known_to_a_run():
    x = unknown(tf.zeros([2, 3]))
    with tf.Session() as s:
        return [attempt(s.run, tf.assert_rank(x, 2)),
                attempt(s.run, tf.assert_rank(x, 1, message="said")),
                attempt(s.run, tf.assert_rank_at_least(x, 3)),
                attempt(s.run, tf.assert_rank_in(x, (0, 3))),
                attempt(s.run, tf.assert_rank_in(x, (0, unknown(2)))),
                attempt(s.run, tf.assert_rank(x, unknown([2]))),
                attempt(s.run, tf.assert_rank(x, 2, data=["d"], name="n"))]


def case_signs():
    x = unknown([1, 0, -1])
    with tf.Session() as s:
        return [attempt(s.run, check(v)) for v in (x, x[:2], x[:1], x[2:])
                for check in (tf.assert_negative, tf.assert_non_negative,
                              tf.assert_non_positive, tf.assert_positive)] + [
            attempt(tf.assert_positive, [1, -1], message="said"),
            attempt(tf.assert_non_negative, [1, -1])]
