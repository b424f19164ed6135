"""tensorflow.examples.tutorials.mnist.mnist: a network for digits, by hand."""
import math

from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.ops import array_ops
from retrograph.ops import losses
from retrograph.ops import math_ops
from retrograph.ops import random_ops
from retrograph.ops import variables
from retrograph.summary import summary
from retrograph.training import optimizers

NUM_CLASSES = 10
IMAGE_SIZE = 28
IMAGE_PIXELS = IMAGE_SIZE * IMAGE_SIZE


def _dense(inputs, size, units):
    """inputs . weights + biases."""
    spread = 1.0 / math.sqrt(float(size))
    weights = variables.Variable(
        random_ops.truncated_normal([size, units], stddev=spread),
        name="weights")
    biases = variables.Variable(array_ops.zeros([units]), name="biases")
    return math_ops.matmul(inputs, weights) + biases


def inference(images, hidden1_units, hidden2_units):
    """The logits of images [batch, 784] by two hidden layers."""
    values, size = images, IMAGE_PIXELS
    for name, units in (("hidden1", hidden1_units),
                        ("hidden2", hidden2_units),
                        ("softmax_linear", NUM_CLASSES)):
        with ops.name_scope(name):
            values = _dense(values, size, units)
            if name != "softmax_linear":
                values = op_library.gen.relu(values)
        size = units
    return values


def loss(logits, labels):
    """The mean cross entropy."""
    labels = math_ops.to_int64(labels)
    return losses.sparse_softmax_cross_entropy(labels=labels, logits=logits)


def training(loss, learning_rate):
    """The op that trains a step by gradient descent and counts it."""
    summary.scalar("loss", loss)
    optimizer = optimizers.GradientDescentOptimizer(learning_rate)
    global_step = variables.Variable(0, name="global_step", trainable=False)
    return optimizer.minimize(loss, global_step=global_step)


def evaluation(logits, labels):
    """How many of the batch have their label first."""
    correct = op_library.gen.in_top_k(logits, labels, 1)
    return math_ops.reduce_sum(math_ops.cast(correct, dtypes.int32))
