"""tf.metrics over classes and errors.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import tensorflow.compat.v1 as tf

from array_helpers import rounded
from case_helpers import attempt


def twice(*metrics):
    """What each (value, update) says before, while and after two runs."""
    with tf.Session() as s:
        s.run(tf.local_variables_initializer())
        return [rounded(s.run(tensor)) for _ in range(2)
                for value, update in metrics
                for tensor in (value, update, value)], str(metrics)


def truth():
    return tf.constant([1, 0, 1, 1, 0, 0])


def guesses():
    return tf.constant([1, 1, 1, 0, 0, 1])


def shares():
    return tf.constant([.9, .8, .3, .2, .1, .6])


def case_counts():
    m = tf.metrics
    return twice(m.true_positives(truth(), guesses()),
                 m.false_positives(truth(), guesses(), weights=2.),
                 m.true_negatives(truth(), guesses(),
                                  weights=[1., 2., 3., 4., 5., 6.]),
                 m.false_negatives([[True], [False]], [True, False],
                                   name="n", metrics_collections=["m"],
                                   updates_collections=["u"]))


def case_precision_and_recall():
    m = tf.metrics
    unknown = tf.placeholder_with_default(guesses(), None)
    return twice(
        m.precision(truth(), guesses()), m.recall(truth(), guesses()),
        m.precision(truth(), unknown, weights=unknown),
        m.recall(tf.zeros([2]), tf.zeros([2]), name="none",
                 metrics_collections=["m"], updates_collections=["u"]))


def case_auc():
    auc = tf.metrics.auc
    return twice(
        auc(truth(), shares()), auc(truth(), shares(), curve="PR"),
        auc(truth(), shares(), num_thresholds=5, curve="PR",
            summation_method="careful_interpolation", name="i"),
        auc(truth(), shares(), num_thresholds=5,
            summation_method="minoring"),
        auc(truth(), shares(), thresholds=[.5, .1, .7],
            weights=[1., 2., 1., 1., 1., 2.], curve="PR",
            summation_method="majoring", metrics_collections=["m"],
            updates_collections=["u"]),
        auc(tf.placeholder_with_default(truth(), [None]),
            tf.placeholder_with_default(shares(), [None]),
            num_thresholds=3))


def case_auc_errors():
    auc = tf.metrics.auc
    with tf.Session() as s:
        s.run(tf.local_variables_initializer())
        outside = auc(truth(), tf.placeholder_with_default(
            shares() * 2., [6]), num_thresholds=3)
        s.run(tf.local_variables_initializer())
        return [attempt(auc, truth(), shares(), curve="X"),
                attempt(auc, truth(), shares(), summation_method="X"),
                attempt(s.run, outside[1])]


def case_errors_of_numbers():
    m = tf.metrics
    x, y = tf.constant([1., 2., 4.]), tf.constant([[1.5], [2.], [1.]])
    return twice(m.mean_squared_error(x, y), m.mean_absolute_error(x, y),
                 m.root_mean_squared_error(x, y, weights=[1., 0., 2.],
                                           metrics_collections=["m"],
                                           updates_collections=["u"]),
                 m.mean_relative_error(x, y, tf.constant([1., 0., 2.])),
                 m.percentage_below(x, 2.5, name="p"))


def case_mean_per_class_accuracy():
    m = tf.metrics.mean_per_class_accuracy
    return twice(
        m(tf.constant([0, 1, 2, 1]), tf.constant([0, 1, 1, 0]), 3),
        m(tf.constant([[0, 1], [2, 1]]), tf.constant([[0, 1], [1, 0]]), 4,
          weights=tf.constant([[1., 2.], [3., 4.]]), name="n"))


def case_mean_iou():
    m = tf.metrics.mean_iou
    return twice(
        m(tf.constant([0, 1, 2, 1]), tf.constant([0, 1, 1, 0]), 4),
        m(tf.constant([[0, 1], [2, 1]]), tf.constant([[0, 1], [1, 0]]), 3,
          weights=tf.constant([[1., 2.], [3., 4.]]), name="n",
          metrics_collections=["m"], updates_collections=["u"]))


def case_confusion_matrix():
    def run(*args, **kwargs):
        with tf.Session() as s:
            return s.run(tf.confusion_matrix(*args, **kwargs)).tolist()
    unknown = tf.placeholder_with_default(tf.constant([[1], [3]]), None)
    return [run([0, 2, 1, 2], [0, 1, 1, 2]), run([0, 1], [1, 1], 3, name="n"),
            run([[0], [1]], [1, 1], weights=[.5, 2.], dtype=tf.float64),
            attempt(run, unknown, [0, 1]), attempt(run, [1, 5], [0, 1], 3),
            attempt(run, [0, -1], [0, 1]),
            attempt(run, tf.placeholder_with_default([0, -1], [2]), [0, 1])]
