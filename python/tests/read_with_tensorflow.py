"""Prints what TensorFlow finds in our files, as JSON: PREFIX EVENT_FILE."""
import json
import sys

import tensorflow.compat.v1 as tf

prefix, event_file = sys.argv[1:]
reader = tf.train.load_checkpoint(prefix)
found = {"list": tf.train.list_variables(prefix),
         "values": {name: reader.get_tensor(name).tolist()
                    for name in ("weights", "step")}}
scalars = []
for event in tf.train.summary_iterator(event_file):
    for value in event.summary.value:
        if value.tag == "loss":
            scalars.append((event.step, value.simple_value))
found["scalars"] = scalars
with tf.Graph().as_default(), tf.Session() as session:
    saver = tf.train.import_meta_graph(prefix + ".meta")
    saver.restore(session, prefix)
    found["product"] = session.run("product:0", {"x:0": [1., 2.]}).tolist()
json.dump(found, sys.stdout)
