"""The Saver configurations of the golden cases, as programs.

Each case of graph/ (see tests/golden) builds a graph and a Saver. Here it is
run: its variables are initialised and saved, so that the other side can restore
them.
"""
import json
import os
import re

HEAD = """import numpy as np
import tensorflow as tf
import tensorflow.compat.v1 as v1
from tensorflow.python.training import saver as saver_lib"""

# Devices that are not here are taken out: what is saved stays the same.
SAVE = """with g0.as_default():
  if s0.saver_def is None and not s0._is_empty: s0.build()
  far = any(word in node.device.lower() for node in g0.as_graph_def().node
            for word in ('job', 'gpu', 'cpu:1'))
  meta = v1.train.export_meta_graph(
      graph=g0, clear_devices=far, saver_def=s0.as_saver_def())
with v1.Graph().as_default() as g1:
  s1 = v1.train.import_meta_graph(meta)
  sess = v1.Session()
  sess.run([v1.global_variables_initializer(),
            v1.local_variables_initializer()])
  r = None if s1 is None else s1.save(sess, 'm')"""


def programs(folder):
    """{case: steps} of the golden folder `folder`/graph."""
    result = {}
    for name in sorted(os.listdir(os.path.join(folder, "graph"))):
        path = os.path.join(folder, "graph", name, "case.json")
        if not os.path.exists(path):
            continue
        with open(path, encoding="utf-8") as f:
            python = json.load(f)["python"]
        function = re.match(r"def (\w+)", python).group(1)
        result[name] = [
            HEAD, python,
            "g0 = v1.Graph()\nwith g0.as_default():\n"
            "  v1.set_random_seed(1)\n  s0 = %s()" % function, SAVE]
    return result
