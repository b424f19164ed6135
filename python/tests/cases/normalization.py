"""Batch and layer normalisation, convolutions, pooling.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import tensorflow.compat.v1 as tf
import tensorflow.contrib.slim as slim
from tensorflow.contrib import layers
from tensorflow.python.training import moving_averages

from array_helpers import collection, evaluated, images
from case_helpers import attempt


# ---- tf.nn ------------------------------------------------------------------

def case_moments():
    x = images()
    rows = tf.placeholder_with_default(tf.constant([[1., 2.], [3., 5.]]),
                                       [None, None])
    return evaluated(
        tf.nn.moments(x, [0, 1, 2]), tf.nn.moments(x, [1], keep_dims=True),
        tf.nn.moments(tf.cast(rows, tf.float16), [0]),
        tf.nn.weighted_moments(rows, [0], [[1.], [3.]]),
        tf.nn.weighted_moments(tf.cast(rows, tf.float16), [1], [1, 2],
                               keepdims=True),
        tf.nn.sufficient_statistics(rows, [0])[:3],
        tf.nn.sufficient_statistics(x, [1, 2], shift=1., keep_dims=True),
        tf.nn.normalize_moments(2., [4., 6.], [10., 30.], None),
        tf.nn.normalize_moments(2., [4., 6.], [10., 30.], [1., 1.]))


def case_batch_normalization_function():
    x = images()
    mean, variance = tf.nn.moments(x, [0, 1, 2])
    return evaluated(
        tf.nn.batch_normalization(x, mean, variance, None, None, 1e-3),
        tf.nn.batch_normalization(x, mean, variance, [1., 2., 3.],
                                  [1., 2., 1.], 1e-3, name="n"),
        tf.nn.batch_norm_with_global_normalization(
            x, mean, variance, [1., 2., 3.], [1., 2., 1.], 1e-3, True),
        tf.nn.fused_batch_norm(x, [1., 2., 1.], [0., 1., 2.]),
        tf.nn.fused_batch_norm(x, [1., 2., 1.], [0., 1., 2.], mean, variance,
                               epsilon=1e-9, is_training=False)[0])


def case_error_fused_with_a_mean_to_train():
    tf.nn.fused_batch_norm(images(), [1.] * 3, [1.] * 3, mean=[0.] * 3)


def case_error_moments_keep_dims_twice():
    tf.nn.moments(images(), [0], keep_dims=True, keepdims=True)


# ---- tf.layers --------------------------------------------------------------

def case_layer_training():
    a = tf.layers.batch_normalization(images(), training=True)
    b = tf.layers.batch_normalization(images(), training=1, scale=False,
                                      center=False, name="bn")
    c = tf.layers.batch_normalization(images(), axis=2, training=True)
    d = tf.layers.batch_normalization(images(), axis=[1, 3], training=True)
    e = tf.layers.batch_normalization(images("float16"), training=True)
    f = tf.layers.batch_normalization(images()[0, 0], training=True)
    return evaluated(a, b, c, d, e, f), collection()


def case_layer_evaluating():
    a = tf.layers.batch_normalization(images())
    b = tf.layers.batch_normalization(images(), axis=1, training=False)
    c = tf.layers.batch_normalization(images(), fused=False, momentum=0.9)
    d = tf.layers.batch_normalization(images()[0, 0], scale=False)
    # On a CPU TensorFlow has no kernel for b.
    return evaluated(a, c, d), str(b), collection()


def case_layer_fed_training():
    training = tf.placeholder_with_default(True, [])
    flag = tf.Variable(False, name="flag", trainable=False)
    a = tf.layers.batch_normalization(images(), training=training)
    b = tf.layers.batch_normalization(images(), training=training,
                                      fused=False)
    c = tf.layers.batch_normalization(images(), training=flag)
    d = tf.layers.batch_normalization(images()[0], training=flag, axis=1)
    return evaluated(a, b, c, d, tf.get_collection("update_ops")), \
        collection()


def case_layer_partitioned_scope():
    with tf.variable_scope("s", partitioner=tf.fixed_size_partitioner(2)):
        layer = tf.layers.BatchNormalization(scale=False)
        y = layer(images()[..., :2], training=True)
    return str(y), [v.name for v in tf.global_variables()]


def case_layer_gradient():
    x = tf.Variable(images())
    y = tf.layers.batch_normalization(x, training=True)
    z = tf.layers.batch_normalization(x, fused=False, training=True)
    w = tf.square(images()) * tf.constant([1., -2., .5])
    variables = tf.trainable_variables()
    return evaluated(tf.gradients(y * w, variables[:3]),
                     tf.gradients(z * w, variables[:1] + variables[3:]))


def case_errors_of_layers():
    normal = tf.layers.batch_normalization
    return [attempt(normal, images(), axis=4), attempt(normal, images(),
                                                       axis=[1, -3]),
            attempt(normal, images(), axis="x"),
            attempt(normal, tf.placeholder(tf.float32, [2, 3, None])),
            attempt(normal, tf.placeholder(tf.float32))]


# ---- tf.contrib.layers ------------------------------------------------------

def case_contrib_by_layer():
    a = layers.batch_norm(images())
    b = layers.batch_norm(images(), scale=True, is_training=False, scope="b",
                          activation_fn=tf.nn.relu,
                          outputs_collections=["o"],
                          variables_collections={"beta": ["b"],
                                                 "moving_mean": ["m"]})
    c = layers.batch_norm(images(), data_format="NCHW", fused=False)
    d = layers.batch_norm(
        images(), center=False, decay=0.9,
        param_initializers={"moving_variance": tf.constant_initializer(4.)},
        is_training=tf.placeholder_with_default(False, []))
    return evaluated(a, b, c, d), collection(), \
        [str(tf.get_collection(k)) for k in ("o", "b", "m")]


def case_contrib_updates_in_place():
    given = tf.placeholder_with_default(True, [])
    parts = []
    for i, training in enumerate((True, False, given)):
        for j, fused in enumerate((True, False)):
            with tf.variable_scope("part_%d%d" % (i, j)):
                parts.append(layers.batch_norm(
                    images(), updates_collections=None, fused=fused,
                    is_training=training, decay=0.5))
    return evaluated(parts, parts, tf.global_variables()), collection()


def case_contrib_updates_elsewhere():
    given = tf.placeholder_with_default(True, [])
    parts = []
    for i, training in enumerate((True, False, given)):
        for j, fused in enumerate((True, False)):
            with tf.variable_scope("part_%d%d" % (i, j)):
                parts.append(layers.batch_norm(
                    images(), updates_collections="mine", fused=fused,
                    is_training=training, decay=0.5,
                    variables_collections=["v"]))
    return evaluated(parts, tf.get_collection("mine")), collection("mine"), \
        collection("v")


def case_contrib_of_a_matrix():
    x = images()[0, 0]
    a = layers.batch_norm(x, scale=True)
    b = layers.batch_norm(x, is_training=tf.placeholder_with_default(
        False, []), updates_collections=None, data_format="NCHW")
    c = layers.batch_norm(x, fused=False)
    d = layers.batch_norm(x[None], scope="d")
    e = layers.batch_norm(x, zero_debias_moving_mean=True, scope="e",
                          decay=0.9)
    return evaluated(a, c, d, e, tf.get_collection("update_ops")), \
        str(b), collection()


def case_contrib_batch_weights():
    a = layers.batch_norm(images(), batch_weights=[1., 3.])
    b = layers.batch_norm(images(), batch_weights=[1., 3.], scale=True,
                          data_format="NCHW")
    return evaluated(a, b)


def case_contrib_reuse():
    x = images()
    a = layers.batch_norm(x, scope="bn")
    b = layers.batch_norm(x, scope="bn", reuse=True)
    c = layers.batch_norm(x[0, 0], scope="bn", reuse=True)
    return evaluated(a, b, c), [v.name for v in tf.global_variables()], \
        collection()


def case_contrib_as_normalizer():
    x = tf.placeholder(tf.float32, [None, 8, 8, 3])
    options = {"is_training": True, "updates_collections": None}
    with slim.arg_scope([slim.conv2d, slim.fully_connected],
                        normalizer_fn=slim.batch_norm,
                        normalizer_params=options,
                        weights_regularizer=slim.l2_regularizer(0.1)):
        with slim.arg_scope([slim.batch_norm], decay=0.95):
            y = slim.conv2d(x, 4, [3, 3])
            y = slim.fully_connected(slim.flatten(y), 2)
    y = layers.layer_norm(y)
    return str(y), str(slim.get_model_variables())


def case_contrib_errors():
    norm = layers.batch_norm
    unknown = tf.placeholder(tf.float32)
    return [attempt(norm, images(), data_format="X"),
            attempt(norm, unknown, scope="a"),
            attempt(norm, unknown, updates_collections=None, scope="b"),
            attempt(norm, images(), renorm=True, updates_collections=None),
            attempt(norm, tf.placeholder(tf.float32, [2, None]), scope="c"),
            attempt(norm, tf.placeholder(tf.float32, [2, 3, 3, None]),
                    updates_collections=None, scope="d"),
            attempt(norm, tf.placeholder(tf.float32, [2, 3, None]),
                    updates_collections=None, scope="e"),
            attempt(layers.layer_norm, unknown, scope="f"),
            attempt(layers.layer_norm, images(), begin_norm_axis=4,
                    scope="g"),
            attempt(layers.layer_norm, tf.placeholder(
                tf.float32, [2, 3, None]), scope="h")]


def case_layer_norm():
    x = tf.Variable(images())
    a = layers.layer_norm(x)
    b = layers.layer_norm(x, center=False, begin_norm_axis=-1, scope="b",
                          begin_params_axis=1, activation_fn=tf.tanh,
                          variables_collections=["v"],
                          outputs_collections=["o"])
    c = layers.layer_norm(tf.cast(x, tf.float16), scale=False)
    w = tf.square(images())
    return evaluated(a, b, c, tf.gradients(a * w, x)), collection("v")


def case_moving_average_of_a_tensor():
    v = tf.Variable([1., 2.])
    a = moving_averages.assign_moving_average(v, tf.constant([3., 3.]), 0.9,
                                              zero_debias=False)
    b = moving_averages.assign_moving_average(v, tf.constant([0., 1.]), 0.5)
    return evaluated(a, b)
