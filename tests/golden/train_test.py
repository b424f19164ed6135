"""Each case of train/: the same graph, and the same numbers step by step.

Losses and variables are compared to the rounding of a float32: where a sum has
many terms, TensorFlow adds them in another order.
"""
import os
import re
import unittest

import golden
import numpy as np
import tensorflow as tf
import tensorflow.compat.v1 as v1

CASES = golden.folder_cases("train")
RECORDED = {1: "after_1", 2: "after_2", 10: "after_10"}
TOLERANCE = 2e-5


def build(case):
    """Runs the case's function and makes its Saver and its initialiser."""
    scope = {"tf": tf, "v1": v1, "np": np}
    for helper in case.get("python_helpers", []):
        exec(compile(helper, "helpers.py", "exec"), scope)
    exec(compile(case["python"], "snippet.py", "exec"), scope)
    function = scope[re.match(r"def (\w+)", case["python"]).group(1)]
    feeds, loss, train, _ = function()
    saver = v1.train.Saver()
    return feeds, loss, train, saver, v1.global_variables_initializer()


def values(session):
    return {v.op.name: session.run(v) for v in v1.global_variables()}


def run_case(name, case):
    folder = os.path.join(golden.FOLDER, "train", name)
    batches = {feed: np.load(os.path.join(folder, batch["file"]))
               for feed, batch in case["batches"].items()}
    with v1.Graph().as_default() as graph, v1.Session() as session:
        feeds, loss, train, saver, init = build(case)
        nodes = [[op.name, op.type] for op in graph.get_operations()]
        session.run(init)
        states = {"initial": values(session)}
        losses = []
        for step in range(case["steps"]):
            batch = {feeds[feed]: batches[feed][step] for feed in feeds}
            losses.append(session.run([loss, train], batch)[0])
            if step + 1 in RECORDED:
                states[RECORDED[step + 1]] = values(session)
        states["final"] = values(session)
        # What was recorded is read back by this Saver.
        saver.restore(session, os.path.join(folder, case["checkpoint"]))
        states["restored"] = values(session)
        return nodes, np.array(losses), states


def recorded(tensor):
    data = np.frombuffer(bytes.fromhex(tensor["hex"]),
                         np.dtype({"DT_FLOAT": "<f4", "DT_INT64": "<i8",
                                   "DT_DOUBLE": "<f8",
                                   "DT_INT32": "<i4"}[tensor["dtype"]]))
    return data.reshape(tensor["shape"])


class TrainTest(unittest.TestCase):
    maxDiff = 4000


def check(test, name):
    case = CASES[name]
    nodes, losses, states = golden.in_child(lambda: run_case(name, case))
    test.assertEqual(case["ops"], nodes)
    expected = np.load(os.path.join(golden.FOLDER, "train", name,
                                    case["losses"]["file"]))
    np.testing.assert_allclose(losses, expected, rtol=TOLERANCE)
    for variable in case["variables_in_creation_order"]:
        for state in ("initial", "after_1", "after_2", "after_10", "final"):
            np.testing.assert_allclose(
                states[state][variable["name"]], recorded(variable[state]),
                rtol=TOLERANCE, atol=1e-6,
                err_msg="%s %s" % (variable["name"], state))
        np.testing.assert_array_equal(states["restored"][variable["name"]],
                                      recorded(variable["final"]))


golden.define_tests(TrainTest, "train", CASES, check)

if __name__ == "__main__":
    unittest.main()
