"""Writes checkpoints of many kinds with TensorFlow's Saver into FOLDER.

Prints one JSON line a checkpoint: its prefix and values. Run by oracle_test.
"""
import json
import os
import sys

import numpy as np
import tensorflow.compat.v1 as tf


def plain(value):
    array = np.asarray(value)
    if array.dtype == object or array.dtype.kind == "S":
        return [x.decode("latin-1") for x in array.reshape(-1).tolist()]
    return [repr(x) for x in array.astype(np.float64).reshape(-1).tolist()]


def ref():
    tf.Variable([1.5, -2.0], name="a")
    tf.Variable(np.int64(2) ** 40, name="b")
    tf.Variable(["", "text", "x" * 300], name="s")


def resource():
    for t in ("float16", "float32", "float64", "int8", "int16", "int32",
              "int64", "uint8", "uint16", "bool"):
        tf.get_variable("v_" + t, initializer=tf.cast(
            tf.constant([[0, 1], [2, 3]]), t), use_resource=True)


def partitioned():
    tf.get_variable("p", initializer=tf.reshape(tf.range(14.), [7, 2]),
                    partitioner=tf.fixed_size_partitioner(3))


def random_values():
    tf.set_random_seed(3)
    tf.get_variable("w", [20, 30])
    with tf.variable_scope("scope"):
        tf.get_variable("w", [5], initializer=tf.random_normal_initializer())


def main():
    for build in (ref, resource, partitioned, random_values):
        prefix = os.path.join(sys.argv[1], build.__name__)
        with tf.Graph().as_default(), tf.Session() as session:
            build()
            saver = tf.train.Saver()
            session.run(tf.global_variables_initializer())
            saver.save(session, prefix)
        reader = tf.train.load_checkpoint(prefix)
        print(json.dumps({"prefix": build.__name__, "values": {
            key: plain(reader.get_tensor(key))
            for key in reader.get_variable_to_shape_map()}}))


main()
