"""tf.contrib.layers: what is there of it, gathered from its parts."""
from retrograph.contrib.layer_functions import (  # noqa: F401
    avg_pool2d, conv1d, conv2d, conv2d_transpose, convolution, dropout,
    flatten, fully_connected, linear, max_pool2d, one_hot_encoding, relu,
    relu6, separable_conv2d, softmax)
from retrograph.contrib.normalization import batch_norm  # noqa: F401
from retrograph.contrib.normalization import layer_norm  # noqa: F401
from retrograph.contrib.weights import (  # noqa: F401
    apply_regularization, l1_l2_regularizer, l1_regularizer, l2_regularizer,
    sum_regularizer, variance_scaling_initializer, xavier_initializer,
    xavier_initializer_conv2d)

convolution1d = conv1d
convolution2d = conv2d
separable_convolution2d = separable_conv2d
convolution2d_transpose = conv2d_transpose
