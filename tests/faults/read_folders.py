"""Restores, with TensorFlow, the latest checkpoint of each folder below one.

read_folders.py FOLDER prints a JSON line a folder: its name, what its state
file names, the numbers that the variables then hold, the names of the graph's
variables and of the checkpoint's, or the error. Run by oracle_faults_test.
"""
import json
import os
import sys

import numpy as np
import tensorflow.compat.v1 as tf
from tensorflow.python.training import checkpoint_management


def restore(prefix):
    meta = checkpoint_management.meta_graph_filename(prefix)
    config = tf.ConfigProto(device_count={"CPU": 3})
    with tf.Graph().as_default(), tf.Session(config=config) as session:
        saver = tf.train.import_meta_graph(meta)
        saver.restore(session, prefix)
        variables = tf.global_variables()
        values = session.run(variables)
        infos = [v._get_save_slice_info() for v in variables]
        names = {info.full_name if info else v.op.name
                 for v, info in zip(variables, infos)}
    keys = [name for name, _ in tf.train.list_variables(prefix)]
    return {"values": sorted({float(x) for value in values
                              for x in np.unique(value)}),
            "variables": sorted(names), "keys": sorted(keys)}


def main():
    root = sys.argv[1]
    for name in sorted(os.listdir(root)):
        folder = os.path.join(root, name)
        if not os.path.isdir(folder):
            continue
        line = {"folder": name, "latest": tf.train.latest_checkpoint(folder),
                "state": os.path.exists(os.path.join(folder, "checkpoint"))}
        try:
            if line["latest"]:
                line.update(restore(line["latest"]))
        except Exception as error:  # whatever it is, the test shows it
            line["error"] = repr(error)
        print(json.dumps(line), flush=True)


main()
