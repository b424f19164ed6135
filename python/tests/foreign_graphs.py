"""Graphs with much that retrograph does not know, by TensorFlow 1.15.

foreign_graphs.py write FOLDER: a checkpoint with its .meta for each kind; runs
on TensorFlow only.
foreign_graphs.py copy FOLDER: imports each .meta, restores the checkpoint and
saves it again as copy_KIND; runs on TensorFlow and on retrograph.
"""
import os
import sys

import numpy as np
import tensorflow.compat.v1 as tf


def queues():
    producer = tf.train.range_input_producer(10, shuffle=True, seed=3)
    value = tf.cast(producer.dequeue(), tf.float32) * tf.Variable(2., name="w")
    return tf.train.shuffle_batch([value], 2, 20, 5, name="batch")


def datasets():
    data = tf.data.Dataset.range(10).map(lambda x: x * 2).batch(2)
    one_shot = tf.data.make_one_shot_iterator(data).get_next()
    iterator = tf.data.make_initializable_iterator(data.shuffle(10, seed=1))
    w = tf.Variable([1., 2.], name="w")
    return tf.cast(one_shot + iterator.get_next(), tf.float32) * w


def adam():
    x = tf.placeholder(tf.float32, [None, 4], name="x")
    h = tf.layers.dense(x, 3, activation=tf.nn.relu, name="hidden")
    h = tf.layers.batch_normalization(h, training=True, name="norm")
    h = tf.layers.dropout(h, 0.5, training=True)
    y = tf.layers.dense(h, 1, name="out")
    loss = tf.losses.mean_squared_error(tf.zeros_like(y), y)
    tf.summary.scalar("loss", loss)
    tf.summary.histogram("y", y)
    step = tf.train.get_or_create_global_step()
    rate = tf.train.exponential_decay(0.1, step, 10, 0.9)
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        train = tf.train.AdamOptimizer(rate).minimize(loss, step)
    average = tf.train.ExponentialMovingAverage(0.9, step)
    with tf.control_dependencies([train]):
        tf.add_to_collection("train_op", average.apply())
    tf.add_to_collection("merged", tf.summary.merge_all())


def estimator_like():
    examples = tf.placeholder(tf.string, [None], name="examples")
    parsed = tf.parse_example(examples, {
        "words": tf.VarLenFeature(tf.string),
        "age": tf.FixedLenFeature([1], tf.float32, default_value=[0.])})
    table = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(["a", "b"], [0, 1],
                                            value_dtype=tf.int32), -1)
    ids = tf.maximum(table.lookup(parsed["words"].values), 0)
    with tf.variable_scope("linear", partitioner=tf.fixed_size_partitioner(2)):
        embedding = tf.get_variable("embedding", [4, 2])
    looked_up = tf.nn.embedding_lookup(embedding, ids)
    logits = tf.reduce_sum(looked_up, 0, keepdims=True) * parsed["age"]
    labels = tf.zeros_like(logits)
    tf.metrics.accuracy(labels, tf.round(logits))
    tf.metrics.auc(labels, tf.sigmoid(logits), num_thresholds=5)
    step = tf.train.get_or_create_global_step()
    loss = tf.losses.sigmoid_cross_entropy(labels, logits)
    tf.train.FtrlOptimizer(0.1).minimize(loss, step)
    tf.get_default_graph().add_to_collection(
        tf.GraphKeys.SAVERS, tf.train.Saver(sharded=True))
    tf.add_to_collection(tf.GraphKeys.READY_OP,
                         tf.report_uninitialized_variables())
    tf.add_to_collection("numbers", 3)
    tf.add_to_collection("numbers", 4)
    tf.add_to_collection("rates", 0.5)
    tf.add_to_collection("text", b"bytes")


def recurrent():
    x = tf.placeholder(tf.float32, [2, 5, 3], name="x")
    cell = tf.nn.rnn_cell.LSTMCell(4, name="cell")
    outputs, _ = tf.nn.dynamic_rnn(cell, x, dtype=tf.float32)
    loss = tf.reduce_sum(outputs)
    tf.train.MomentumOptimizer(0.1, 0.9).minimize(loss)


def images_and_functions():
    from tensorflow.python.framework import function
    image = tf.image.decode_png(tf.read_file("nowhere.png"), channels=3)
    image = tf.image.resize_images(tf.cast(image, tf.float32), [8, 8])
    kernel = tf.get_variable("kernel", [3, 3, 3, 2], use_resource=True)
    h = tf.nn.conv2d(image[None], kernel, [1, 1, 1, 1], "SAME")
    h = tf.nn.max_pool(h, [1, 2, 2, 1], [1, 2, 2, 1], "VALID")

    @function.Defun(tf.float32)
    def twice(x):
        return x * 2
    tf.py_func(lambda a: np.float32(a), [twice(h)], tf.float32, name="python")
    tf.sparse_placeholder(tf.float32, name="sparse")


def control_flow():
    v = tf.Variable(1., name="v")
    tf.cond(v > 0, lambda: tf.while_loop(lambda i: i < 3., lambda i: i + v,
                                         [0.]), lambda: v * 3.)
    tf.case([(v > 1, lambda: v)], default=lambda: -v)
    array = tf.TensorArray(tf.float32, 3, name="array")
    array.write(0, v).stack()


def devices():
    with tf.device("/job:worker/task:1"):
        with tf.container("mine"):
            v = tf.get_variable("v", [3], use_resource=True)
    with tf.device("/device:GPU:3"):
        w = tf.get_variable("w", [3])
    with tf.colocate_with(w):
        tf.add(v, w, name="sum")
    with tf.device("/cpu:0"):
        tf.quantization.fake_quant_with_min_max_args(w)


KINDS = [queues, datasets, adam, estimator_like, recurrent,
         images_and_functions, control_flow]
# Not restored: their devices are not here.
META_ONLY = [devices]


def write(kind):
    with tf.Graph().as_default():
        tf.set_random_seed(1)
        kind()
        saver = tf.train.Saver()
        if kind in META_ONLY:
            saver.export_meta_graph(kind.__name__ + ".meta")
            return
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            saver.save(sess, kind.__name__, write_state=False)


def copy(kind):
    name = kind.__name__
    with tf.Graph().as_default():
        saver = tf.train.import_meta_graph(name + ".meta")
        if kind in META_ONLY:
            saver.export_meta_graph("copy_" + name + ".meta")
            return
        with tf.Session() as sess:
            saver.restore(sess, name)
            saver.save(sess, "copy_" + name, write_state=False)


def main(command, top):
    os.chdir(top)
    for kind in KINDS + META_ONLY:
        {"write": write, "copy": copy}[command](kind)


if __name__ == "__main__":
    main(*sys.argv[1:])
