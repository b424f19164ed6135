"""Each case of random/: the same seeds in the nodes and the same bits."""
import os
import unittest

import golden
import numpy as np
import tensorflow.compat.v1 as tf

CASES = golden.folder_cases("random")
RANDOM_ATTRS = ("seed", "seed2")


def build(case):
    """Runs the snippet; returns the tensors it makes, by the recorded names."""
    if case["graph_seed"] is not None:
        tf.set_random_seed(case["graph_seed"])
    names = {"tf": tf, "np": np}
    text = golden.source(case)
    try:
        expression = compile(text, "snippet.py", "eval")
    except SyntaxError:
        expression = None
    if expression is None or not next(iter(case["fetches"])) in ("value", "a"):
        exec(compile(text, "snippet.py", "exec"), names)
        return None
    value = eval(expression, names)
    return value if isinstance(value, dict) else {"value": value}


def bits(array):
    """bfloat16 is recorded as its 16 bits; a NumPy that does not know the type
    takes it for a structure of 2 bytes."""
    array = np.asarray(array)
    is_bfloat16 = array.dtype.name == "bfloat16" or array.dtype.kind == "V"
    return array.view(np.uint16) if is_bfloat16 else array


def values(session, tensors):
    return {name: bits(session.run(tensor)) for name, tensor in tensors.items()}


def run_case(case):
    with tf.Graph().as_default() as graph:
        tensors = build(case)
        nodes = [(op.name, op.type, {a: op.get_attr(a) for a in RANDOM_ATTRS
                                     if a in op.node_def.attr})
                 for op in graph.get_operations()
                 if op.name in {n["name"] for n in case["random_nodes"]}]
        with tf.Session() as session:
            if tensors is not None:
                return nodes, values(session, tensors), values(session, tensors)
            init = tf.global_variables_initializer()
            variables = {v.op.name: v for v in tf.global_variables()}
            session.run(init)
            first = values(session, variables)
            session.run(init)
            return nodes, first, values(session, variables)


class RandomTest(unittest.TestCase):
    pass


def check(test, name):
    case = CASES[name]
    nodes, first, second = golden.in_child(lambda: run_case(case))
    test.assertEqual([(n["name"], n["op"], n["attrs"])
                      for n in case["random_nodes"]], nodes)
    for fetch, runs in case["fetches"].items():
        for run, got in zip(sorted(runs, key=lambda r: r != "run1"),
                            (first, second)):
            expected = np.load(os.path.join(golden.FOLDER, "random", name,
                                            runs[run]["file"]))
            np.testing.assert_array_equal(
                expected, got[fetch], "%s of %s" % (run, fetch))


golden.define_tests(RandomTest, "random", CASES, check)

if __name__ == "__main__":
    unittest.main()
