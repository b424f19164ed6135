"""Input pipelines of queues, metrics, layers of tf.contrib, masks.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import gzip
import struct

import numpy as np
import tensorflow.compat.v1 as tf
import tensorflow.contrib.slim as slim
from tensorflow.contrib import framework
from tensorflow.contrib import layers
from tensorflow.examples.tutorials.mnist import input_data


def evaluated(*fetches, **kw):
    with tf.Session() as session:
        session.run([tf.global_variables_initializer(),
                     tf.local_variables_initializer()])
        return [np.asarray(session.run(f, kw.get("feed"))).tolist()
                for f in fetches]


def case_metrics():
    labels = tf.placeholder(tf.int64, [None])
    a = tf.metrics.accuracy(labels, tf.constant([1, 2, 3]))
    b = tf.metrics.accuracy(
        labels=tf.constant([1, 0, 3]), name="acc", weights=[1., 0., 2.],
        predictions=tf.argmax(tf.ones([3, 4]), 1))
    c = tf.metrics.mean(tf.constant([1., 2., 3.]), metrics_collections=["a"],
                        updates_collections="b")
    return evaluated(a[1], a[0], b[1], b[0], c[1], c[1], c[0],
                     feed={labels: [1, 2, 0]})


def case_metrics_of_columns():
    a = tf.metrics.accuracy(tf.constant([[1], [2]]), tf.constant([1, 3]))
    b = tf.metrics.accuracy(
        tf.placeholder_with_default(tf.constant([[1], [2]]), None),
        tf.constant([1, 3]))
    return evaluated(a[1], b[1])


def case_masks_and_fractions():
    return evaluated(
        tf.nn.zero_fraction([0., 1., 0., 2.]), tf.sequence_mask([1, 3]),
        tf.sequence_mask([[1], [3]], maxlen=4, dtype=tf.float32),
        tf.nn.xw_plus_b([[1., 2.]], [[3.], [4.]], [5.]),
        tf.sequence_mask(tf.placeholder_with_default([2, 1], None)),
        tf.reverse_sequence([[1, 2, 3], [4, 5, 6]], [2, 3], seq_axis=1))


def case_layers_as_functions():
    y = tf.placeholder(tf.float32, [None, 8, 8, 3])
    with framework.arg_scope([layers.conv2d],
                             weights_regularizer=layers.l2_regularizer(0.1)):
        y = layers.conv2d(y, 4, [3, 3], scope="c1")
        y = layers.max_pool2d(y, [2, 2], scope="p1")
        y = layers.avg_pool2d(layers.conv2d(y, 4, 3, stride=2), 2)
    y = layers.dropout(layers.fully_connected(layers.flatten(y), 5), 0.8)
    y = layers.fully_connected(y, 5, activation_fn=None, scope="fc",
                               outputs_collections=["o"],
                               variables_collections=["v"])
    y = layers.softmax(y), layers.one_hot_encoding([1, 2], 3)
    return str(y), str(framework.get_model_variables())


def case_slim():
    y = tf.placeholder(tf.float32, [None, 8, 8, 3])
    with slim.arg_scope(
            [slim.conv2d, slim.fully_connected], activation_fn=tf.nn.tanh,
            weights_initializer=tf.truncated_normal_initializer(0.0, 0.01)):
        y = slim.conv2d(y, 4, [3, 3])
        y = slim.fully_connected(slim.flatten(y), 2)
    slim.model_variable("w", shape=[2], initializer=tf.zeros_initializer())
    slim.variable("vv", [1])
    return str((y, slim.get_model_variables(), slim.get_variables()))


def case_input_pipelines():
    names = tf.train.string_input_producer(["a", "b"], num_epochs=2, seed=3)
    one = tf.train.batch([names.dequeue(), tf.constant(1.)], 3,
                         allow_smaller_final_batch=True)
    two = tf.train.batch({"k": tf.constant([1, 2, 3]),
                          "l": tf.constant([1., 2., 3.])}, 2,
                         enqueue_many=True)
    three = tf.train.shuffle_batch([tf.constant([1, 2])], 4, 20, 5, seed=2,
                                   num_threads=2)
    rows = tf.train.slice_input_producer([tf.range(5), tf.ones([5, 2])],
                                         shuffle=False)
    count, found = 0, [str((one, two, three, rows))]
    with tf.Session() as session:
        session.run(tf.local_variables_initializer())
        coordinator = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(session, coordinator)
        found.append(session.run(two)["k"].tolist())
        found += [session.run(rows)[0].tolist() for _ in range(3)]
        try:
            while True:
                count += len(session.run(one)[0])
        except tf.errors.OutOfRangeError:
            found.append(count)
        coordinator.request_stop()
        coordinator.join(threads, stop_grace_period_secs=5)
    return found


def case_error_no_strings():
    tf.train.string_input_producer([])


def case_error_no_tensors():
    tf.train.batch([], 2)


def case_error_capacity():
    tf.train.shuffle_batch([1], 1, 2, 3)


def case_error_rank():
    tf.train.batch([tf.placeholder(tf.float32)], 2)


def case_digits():
    for name, n in (("train", 12), ("t10k", 5)):
        with gzip.open("%s-images-idx3-ubyte.gz" % name, "wb") as f:
            f.write(struct.pack(">4I", 2051, n, 28, 28))
            f.write(bytes(bytearray(i % 251 for i in range(n * 784))))
        with gzip.open("%s-labels-idx1-ubyte.gz" % name, "wb") as f:
            f.write(struct.pack(">2I", 2049, n))
            f.write(bytes(bytearray(i % 10 for i in range(n))))
    data = input_data.read_data_sets(".", one_hot=True, validation_size=2,
                                     seed=5)
    batches = [data.train.next_batch(4) for _ in range(4)]
    import glob
    import os
    for path in glob.glob("*.gz"):
        os.remove(path)  # a gzip file holds its time
    return [(float(x.sum()), y.argmax(1).tolist()) for x, y in batches], \
        data.train.epochs_completed, data.test.images.shape


def case_record_files():
    example = tf.train.Example(features=tf.train.Features(feature={
        "a": tf.train.Feature(int64_list=tf.train.Int64List(value=[1, 2])),
        "b": tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"x"])),
        "c": tf.train.Feature(float_list=tf.train.FloatList(value=[1.5]))}))
    with tf.python_io.TFRecordWriter("plain.tfrecord") as writer:
        writer.write(example.SerializeToString(deterministic=True))
        writer.write(b"two")
    kinds = tf.python_io.TFRecordCompressionType
    for name, kind in (("gzip", kinds.GZIP), ("zlib", kinds.ZLIB)):
        options = tf.python_io.TFRecordOptions(kind)
        with tf.python_io.TFRecordWriter(name, options=options) as writer:
            writer.write(b"one")
            writer.write(b"")
        plain = list(tf.python_io.tf_record_iterator(name, options=options))
        assert plain == [b"one", b""], plain
        tf.gfile.Remove(name)  # bytes of another version of zlib
    records = list(tf.python_io.tf_record_iterator("plain.tfrecord"))
    return str(example), records[1], \
        tf.train.Example.FromString(records[0]) == example


def case_error_record_compression():
    tf.python_io.TFRecordOptions("X")
