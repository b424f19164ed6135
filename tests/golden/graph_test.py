"""Each case of graph/: the graph after a Saver was built, node by node."""
import os
import re
import unittest

import golden
import numpy as np
import tensorflow as tf
import tensorflow.compat.v1 as v1

CASES = golden.folder_cases("graph")


def names():
    result = {"tf": tf, "v1": v1, "np": np}
    try:
        from tensorflow.python.training import saver as saver_lib
        result["saver_lib"] = saver_lib
    except ImportError:
        pass  # only snippets that use it need it
    return result


def run_case(case):
    scope = names()
    exec(compile(case["python"], "snippet.py", "exec"), scope)
    function = scope[re.match(r"def (\w+)", case["python"]).group(1)]
    with v1.Graph().as_default() as graph:
        saver = function()
        saver_def = saver.saver_def
        collections = {
            key: [getattr(item, "name", type(item).__name__)
                  for item in graph.get_collection(key)]
            for key in graph.get_all_collection_keys()}
        return (graph.as_graph_def().SerializeToString(),
                None if saver_def is None else saver_def.SerializeToString(),
                collections)


def read(message, *path):
    with open(os.path.join(golden.FOLDER, "graph", *path), "rb") as f:
        message.ParseFromString(f.read())
    return message


def mask(text):
    """Sharded Savers have a random part in the name of their folder."""
    return re.sub(r"_temp_[0-9a-f]{32}", "_temp_$UUID", text)


class GraphTest(unittest.TestCase):
    maxDiff = 4000


def check(test, name):
    case = CASES[name]
    data, saver_data, collections = golden.in_child(lambda: run_case(case))
    expected = read(v1.GraphDef(), name, "graph.pb")
    got = v1.GraphDef.FromString(data)
    test.assertEqual([n.name for n in expected.node],
                     [n.name for n in got.node])
    for expected_node, node in zip(expected.node, got.node):
        test.assertEqual(mask(str(expected_node)), mask(str(node)))
    test.assertEqual(str(expected.versions), str(got.versions))
    if os.path.exists(os.path.join(golden.FOLDER, "graph", name,
                                   "saver_def.pb")):
        test.assertIsNotNone(saver_data)
        test.assertEqual(str(read(v1.train.SaverDef(), name, "saver_def.pb")),
                         str(v1.train.SaverDef.FromString(saver_data)))
    else:
        test.assertIsNone(saver_data)
    for key, items in case["collections"].items():
        test.assertEqual(items, collections.get(key), key)


golden.define_tests(GraphTest, "graph", CASES, check)

if __name__ == "__main__":
    unittest.main()
