"""Convolutions and pooling of lines and images.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import numpy as np
import tensorflow.compat.v1 as tf
from tensorflow.contrib import layers

from array_helpers import collection, evaluated, images
from case_helpers import attempt


with tf.Graph().as_default():
    # TensorFlow looks for GPUs once, by a session that initialises what the
    # graph holds.
    tf.layers.average_pooling1d(tf.zeros([1, 2, 2]), 2, 1,
                                data_format="channels_first")


def lines():
    return images()[0]


def numbers(*shape):
    """Weights that are no one's choice."""
    return tf.constant((np.arange(np.prod(shape)) % 11 / 5. - 1.).reshape(
        shape).astype(np.float32))


def constant():
    return tf.constant_initializer(np.linspace(-1, 1, 7), verify_shape=False)


def case_conv1d_function():
    x = lines()
    return evaluated(
        tf.nn.conv1d(x, numbers(2, 3, 4), 1, "SAME"),
        tf.nn.conv1d(x, numbers(2, 3, 4), [2], "VALID", name="named"),
        tf.nn.conv1d(value=x, filters=numbers(3, 3, 1), stride=[1, 2, 1],
                     padding="SAME", data_format="NWC"))


def case_conv1d_errors():
    x = lines()
    return [attempt(tf.nn.conv1d, x, numbers(2, 3, 4), 1, "SAME",
                    data_format="NHC"),
            attempt(tf.nn.conv1d, x, numbers(2, 3, 4), [1, 1], "SAME"),
            attempt(tf.nn.conv2d, images(), numbers(2, 2, 3, 4), [1, 1, 1],
                    "SAME"),
            attempt(tf.nn.max_pool, images(), [1, 1, 1], 1, "SAME"),
            attempt(tf.nn.conv2d, images(), numbers(2, 2, 3, 4), 1, "SAME",
                    dilations=[1, 2, 3])]


def case_conv2d_strides():
    x = images()
    return evaluated(
        tf.nn.conv2d(x, numbers(2, 2, 3, 4), 1, "SAME"),
        tf.nn.conv2d(x, numbers(2, 2, 3, 1), [2, 1], "VALID"),
        tf.nn.max_pool(x, 2, [1, 2, 2, 1], "SAME"),
        tf.nn.avg_pool(x, [2, 3], 2, "VALID", name="p"))


def case_conv2d_transpose_function():
    x = images()
    a = tf.nn.conv2d_transpose(x, numbers(3, 3, 2, 3), [2, 8, 10, 2],
                               [1, 2, 2, 1])
    b = tf.nn.conv2d_transpose(x, numbers(3, 2, 1, 3), [2, 6, 6, 1], 1,
                               padding="VALID", name="named")
    c = tf.nn.conv2d_transpose(
        x, numbers(3, 3, 2, 3), tf.stack([tf.shape(x)[0], 8, 10, 2]), 2)
    return evaluated(a, b, c, tf.gradients(a, x)), str((a, b, c))


def case_conv2d_transpose_errors():
    x = images()
    up = tf.nn.conv2d_transpose
    return [attempt(up, x, numbers(3, 3, 2, 2), [2, 8, 10, 2], 2),
            attempt(up, x, numbers(3, 3, 2, 3), [2, 8, 10, 1], 2),
            attempt(up, x, numbers(3, 3, 2, 3), [2, 8, 10], 2)]


def case_conv1d_layer():
    x = lines()
    with tf.variable_scope("s", initializer=tf.ones_initializer()):
        parts = [tf.layers.conv1d(x, 4, 3, strides=2),
                 tf.layers.conv1d(x, 4, 2, padding="same", name="named",
                                  activation=tf.nn.relu, use_bias=False),
                 tf.layers.conv1d(x, 4, 3, padding="causal")]
    again = tf.layers.Conv1D(2, [2], kernel_initializer=tf.ones_initializer())
    parts += [again(x), again(x)]
    first = tf.layers.conv1d(tf.placeholder(tf.float32, [2, 3, 9]), 4, 3,
                             data_format="channels_first")
    return evaluated(*parts), str(first)


def case_conv2d_transpose_layer():
    x = images()
    ones = tf.ones_initializer()
    up = tf.layers.conv2d_transpose
    parts = [up(x, 2, 3, kernel_initializer=ones),
             up(x, 2, [3, 2], strides=2, padding="same", name="named",
                kernel_initializer=ones, activation=tf.nn.relu),
             up(x, 1, 5, strides=[2, 3], use_bias=False,
                kernel_initializer=ones),
             up(tf.placeholder_with_default(x, [None, None, 5, 3]), 2, 3,
                strides=2, kernel_initializer=ones)]
    first = up(tf.placeholder(tf.float32, [None, 3, 4, 5]), 2, 2, strides=2,
               data_format="channels_first")
    layer = tf.layers.Conv2DTranspose(2, 2, kernel_regularizer=lambda w:
                                      tf.reduce_sum(w))
    layer(x), layer(x)
    return evaluated(*parts), str((parts, first)), str(layer.losses), \
        [v.name for v in tf.trainable_variables()]


def case_layer_errors():
    x = images()
    up, down = tf.layers.conv2d_transpose, tf.layers.conv2d
    pool = tf.layers.max_pooling2d
    return [attempt(up, x, 2, [2, 2, 2]), attempt(up, x, 2, 2, padding="x"),
            attempt(down, x, 2, 2, padding="causal"),
            attempt(down, x, 2, 2, data_format="NHWC"),
            attempt(down, x, 2, None), attempt(pool, x, (2, 2, 2), 2),
            attempt(pool, x, 2, None),
            attempt(down, x, 2, ["a", 2]),
            attempt(up, tf.placeholder(tf.float32, [2, 3, 3, None]), 2, 2),
            attempt(up, lines(), 2, 2), attempt(down, lines(), 2, 2)]


def case_pooling_layers():
    x = lines()
    parts = [tf.layers.max_pooling1d(x, 2, 2),
             tf.layers.average_pooling1d(x, [3], 1, padding="same"),
             tf.layers.average_pooling2d(images(), 2, 1, name="named"),
             tf.layers.average_pooling1d(x, 2, 1,
                                         data_format="channels_first")]
    return evaluated(*parts), str(parts)


def case_contrib_conv2d_transpose():
    x = images()
    a = layers.conv2d_transpose(x, 2, 3, 2, weights_initializer=constant(),
                                variables_collections=["v"],
                                outputs_collections=["o"])
    b = layers.conv2d_transpose(
        x, 2, [3, 3], padding="VALID", scope="named", activation_fn=None,
        weights_initializer=constant(), normalizer_fn=layers.batch_norm)
    c = layers.conv2d_transpose(x, 2, 2, scope="named2", reuse=None,
                                data_format="NHWC", biases_initializer=None,
                                weights_initializer=constant())
    return evaluated(a, b, c), str(tf.get_collection("v")), collection("o"), \
        [v.name for v in tf.model_variables()]


def case_contrib_convolution():
    x = images()
    a = layers.convolution(x, 2, 3, weights_initializer=constant())
    b = layers.conv1d(lines(), 2, 2, weights_initializer=constant(),
                      scope="line")
    c = layers.linear(x[0, 0], 2, weights_initializer=constant())
    return evaluated(a, b, c), str((a, b, c))


def case_contrib_errors():
    x = images()
    return [attempt(layers.conv2d, x, 2, 2, data_format="X"),
            attempt(layers.conv2d, lines(), 2, 2),
            attempt(layers.conv2d_transpose, x, 2, 2, data_format="NWC"),
            attempt(layers.convolution, x[0, 0], 2, 2),
            attempt(layers.max_pool2d, x, 2, data_format="X")]


def case_depthwise():
    x = tf.Variable(images())
    w, p = tf.Variable(numbers(2, 3, 3, 2)), tf.Variable(numbers(1, 1, 6, 2))
    a = tf.nn.depthwise_conv2d(x, w, [1, 1, 1, 1], "SAME")
    b = tf.nn.depthwise_conv2d(x, w, [1, 2, 2, 1], "VALID", name="n")
    c = tf.nn.separable_conv2d(x, w, p, [1, 1, 1, 1], "SAME")
    g = tf.gradients(tf.square(c), [x, w, p])
    twice = tf.gradients(g[0], [w, x])
    return evaluated(a, b, c, g, twice[0]), str((a, b, c))


def case_separable_layers():
    x, ones = images(), tf.ones_initializer()
    options = dict(depthwise_initializer=ones, pointwise_initializer=constant())
    layer = tf.layers.SeparableConv2D(2, 2, depth_multiplier=2, use_bias=False,
                                      **options)
    parts = [tf.layers.separable_conv2d(x, 4, 3, padding="same",
                                        activation=tf.nn.relu, **options),
             tf.layers.separable_conv2d(x, 4, [2, 2], strides=2, name="n",
                                        **options), layer(x), layer(x * 2.)]
    first = tf.layers.separable_conv2d(tf.placeholder(
        tf.float32, [None, 3, 4, 5]), 2, 2, data_format="channels_first")
    return evaluated(*parts), str((parts, first)), \
        [v.name for v in tf.trainable_variables()]


def case_contrib_separable():
    x = images()
    a = layers.separable_conv2d(x, 2, 3, weights_initializer=constant(),
                                variables_collections=["v"],
                                weights_regularizer=layers.l2_regularizer(.1))
    b = layers.separable_conv2d(
        x, 2, [2, 2], 2, stride=2, scope="n", normalizer_fn=layers.batch_norm,
        weights_initializer=constant(), outputs_collections=["o"],
        pointwise_initializer=tf.ones_initializer())
    return evaluated(a, b), str(tf.get_collection("v")), collection("o"), \
        str(tf.model_variables()), collection("regularization_losses"), \
        attempt(layers.separable_conv2d, x, 2, 2, data_format="X")
