"""run_cases.py CASES.py OUT [NAME...]: runs each function case_* of a file.

Runs on TensorFlow 1.15.5 and on retrograph alike. OUT is JSON: for each case
its result (value or error), the graph's nodes with their attributes, the
collections, what was logged, and the files that it leaves in its folder.
"""
import hashlib
import importlib.util
import json
import logging
import os
import re
import sys
import tempfile
import warnings

import tensorflow.compat.v1 as tf
from tensorflow.python.framework import ops
from tensorflow.python.platform import tf_logging


class _Log(logging.Handler):
    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        line = "%s %s" % (record.levelname, record.getMessage())
        # Names a line of TensorFlow's own source, once a process.
        if "is deprecated and will be removed" not in line:
            self.lines.append(normalised(line))


# What each run draws anew.
_RANDOM = re.compile(r"(_temp_|[.]tmp)[0-9a-f]{32}")
_RANDOM_BYTES = re.compile(
    br"_temp_[0-9a-f]{32}|(?<=hash_table_)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


# What shows its address on TensorFlow and says here what it holds.
_SHOWN = {
    r"<tf\.Graph of \d+ operations?>":
        "<tensorflow.python.framework.ops.Graph object at ADDRESS>",
    r"<tf\.train\.Saver: [^>]*>":
        "<tensorflow.python.training.saver.Saver object at ADDRESS>",
}


def normalised(text):
    text = _RANDOM.sub("RANDOM", text).replace(os.getcwd(), "HERE")
    text = re.sub(r"0x[0-9a-f]+", "ADDRESS", text)
    for ours, theirs in _SHOWN.items():
        text = re.sub(ours, theirs, text)
    text = re.sub(r"\(defined at [^)]*\)", "(defined at PLACE)", text)
    text = re.sub(r'File "[^"]*", line \d+', "File PLACE", text)
    return text.split("\n\nOriginal stack trace for")[0]


# A function's name ends with a number that counts all tensors before it.
_NUMBERED = re.compile(r"^(__inference_.*_)\d+$")


def message(value):
    if getattr(value, "HasField", None) and isinstance(
            value, tf.AttrValue) and value.HasField("func"):
        numbered = _NUMBERED.match(value.func.name)
        if numbered:
            value = tf.AttrValue(func=tf.NameAttrList(
                name=numbered.group(1) + "N"))
    return _RANDOM_BYTES.sub(
        b"RANDOM", value.SerializeToString(deterministic=True)).hex()


def nodes(graph_def):
    return [[node.name, node.op, list(node.input), node.device,
             {key: message(node.attr[key]) for key in sorted(node.attr)}]
            for node in graph_def.node]


# Collections whose messages hold what TensorFlow keeps in sets.
_SETS = ("cond_context", "while_context")


def meta_graph(data):
    """What it says, but for versions."""
    meta = tf.MetaGraphDef()
    meta.ParseFromString(data)
    return [nodes(meta.graph_def), str(meta.saver_def),
            {key: message(meta.collection_def[key])
             for key in sorted(meta.collection_def)
             if key not in _SETS},
            [op.name for op in meta.meta_info_def.stripped_op_list.op]]


def content(path):
    with open(path, "rb") as f:
        data = f.read()
    if path.endswith(".meta"):
        return meta_graph(data)
    if path.endswith((".txt", ".debug")):
        return "there"  # another order of fields; TensorFlow's own lines
    if path.endswith(".pbtxt"):
        data = _RANDOM_BYTES.sub(b"_temp_ID", data)
    if b"checkpoint_path" in data[:100]:
        return normalised(data.decode())
    return hashlib.sha256(data).hexdigest()


def files():
    found = [os.path.relpath(os.path.join(folder, name))
             for folder, _, names in os.walk(".") for name in names]
    # A file of events has the time in its name, and another thread writes it:
    # cases read its events.
    return {path: content(path) for path in sorted(found)
            if "tfevents" not in path}


def collections(graph):
    found = {str(key): [normalised(str(getattr(item, "name", None) or
                                       repr(item)))
                        for item in graph.get_collection(key)]
             for key in graph.get_all_collection_keys()}
    # An empty one comes of having looked at it.
    return {key: items for key, items in found.items() if items}


def outcome(function, log):
    graph = tf.Graph()
    del log.lines[:]
    context = graph.as_default()
    context.__enter__()
    try:
        tf.set_random_seed(7)
        result = ["value", normalised(repr(function()))]
    except Exception as e:
        message = getattr(e, "message", None)
        if message is None:
            message = str(e.args[0]) if e.args else ""
        result = ["raised", type(e).__name__, normalised(message)]
    collected = collections(graph)
    try:
        context.__exit__(None, None, None)
    except AssertionError:
        pass
    ops._default_graph_stack.stack[:] = []
    ops._default_session_stack.reset()
    return {"result": result, "nodes": nodes(graph.as_graph_def()),
            "logs": list(log.lines), "collections": collected,
            "files": files()}


def main(cases, out, only):
    warnings.simplefilter("ignore")
    log = _Log()
    tf.logging.set_verbosity(tf.logging.DEBUG)
    logger = tf_logging.get_logger()
    logger.handlers[:] = [log]
    logger.propagate = False
    spec = importlib.util.spec_from_file_location("cases", cases)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    results = {}
    for name, function in list(vars(module).items()):
        if name.startswith("case_") and (not only or name in only):
            os.chdir(tempfile.mkdtemp())
            results[name] = outcome(function, log)
    with open(out, "w") as f:
        json.dump(results, f)


if __name__ == "__main__":
    main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]),
         sys.argv[3:])
