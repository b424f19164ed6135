"""run_snippets.py SNIPPETS OUT: runs each snippet and writes what came out.

Runs on TensorFlow 1.15.5 and on retrograph alike. OUT is JSON: for each
snippet [text, outcome, nodes of the graph].
"""
import json
import os
import re
import sys
import tempfile
import warnings

import numpy as np
import tensorflow.compat.v1 as tf
from tensorflow.python.framework import ops


def read(path):
    with open(path) as f:
        return [line.rstrip("\n").replace("\\n", "\n") for line in f
                if line.strip() and not line.startswith("#")]


def normalised(text):
    text = re.sub(r"0x[0-9a-f]+", "ADDRESS", text)
    text = re.sub(r"_temp_[0-9a-f]{32}", "_temp_UUID", text)
    text = re.sub(r"\(defined at [^)]*\)", "(defined at PLACE)", text)
    return text.split("\n\nOriginal stack trace for")[0]


def value_of(snippet, names):
    """What the snippet's last expression is, or its `r`."""
    parts = [snippet] if "\n" in snippet else snippet.split("; ")
    if "\n" in snippet or re.match(r"\w+=", parts[-1]):
        exec(snippet, names)
        return names.get("r")
    exec("; ".join(parts[:-1]), names)
    return eval(parts[-1], names)


def evaluated(*fetches):
    """Values of a new session, one run each, to five digits."""
    def rounded(value):
        if isinstance(value, (list, tuple)):
            return [rounded(v) for v in value]
        if value is None:
            return None
        array = np.asarray(value)
        return [list(array.shape),
                ["%.5g" % v if v != 0 else "0" for v in array.ravel()]]

    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        results = []
        for fetch in fetches:
            fed = isinstance(fetch, tuple) and len(fetch) == 2 and \
                isinstance(fetch[1], dict)
            fetch, feeds = fetch if fed else (fetch, {})
            results.append(rounded(session.run(fetch, feeds)))
        return results


def outcome(snippet):
    graph = tf.Graph()
    context = graph.as_default()
    context.__enter__()
    try:
        result = ["value", normalised(repr(value_of(
            snippet, {"tf": tf, "np": np, "evaluated": evaluated})))]
    except Exception as e:
        message = getattr(e, "message", None)
        if message is None:
            message = str(e.args[0]) if e.args else ""
        result = ["raised", type(e).__name__, normalised(message)]
    finally:
        try:
            context.__exit__(None, None, None)
        except AssertionError:
            pass
        ops._default_graph_stack.stack[:] = []
        ops._default_session_stack.reset()
    nodes = [[n.name, n.op, list(n.input), n.device]
             for n in graph.as_graph_def().node]
    return [snippet, result, nodes]


def main(snippets, out):
    warnings.simplefilter("ignore")
    tf.logging.set_verbosity(tf.logging.FATAL)
    results = []
    for snippet in read(snippets):
        os.chdir(tempfile.mkdtemp())
        results.append(outcome(snippet))
    with open(out, "w") as f:
        json.dump(results, f)


if __name__ == "__main__":
    main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]))
