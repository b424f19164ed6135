"""Reads checkpoints with TensorFlow and prints what it finds as JSON lines.

read_checkpoints.py FOLDER: each checkpoint below it, key by key; and where
there is a .meta file, the variables of the graph that it holds after a restore.
Run by oracle_test.
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


def main():
    for folder, _, names in sorted(os.walk(sys.argv[1])):
        for name in sorted(names):
            if not name.endswith(".index"):
                continue
            prefix = os.path.join(folder, name[:-len(".index")])
            reader = tf.train.load_checkpoint(prefix)
            values = {key: plain(reader.get_tensor(key))
                      for key in reader.get_variable_to_shape_map()}
            restored = {}
            if os.path.exists(prefix + ".meta"):
                with tf.Graph().as_default(), tf.Session() as session:
                    saver = tf.train.import_meta_graph(prefix + ".meta")
                    saver.restore(session, prefix)
                    for variable in tf.global_variables():
                        if session.run(tf.is_variable_initialized(variable)):
                            restored[variable.op.name] = plain(
                                session.run(variable))
            print(json.dumps({"prefix": os.path.relpath(prefix, sys.argv[1]),
                              "values": values, "restored": restored}))


main()
