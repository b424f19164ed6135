"""Records what TensorFlow 1.15 builds for the cases in cases.py.

Run it with TensorFlow 1.15; it writes recorded.txt beside itself. The tests of
variables/ do the same with retrograph and compare.
"""
import os

import numpy as np
import tensorflow.compat.v1 as tf

from tensorflow.core.framework import types_pb2

CASES = []


def case(function):
  CASES.append(function)
  return function


# ---- How a graph is written down: one line a node. ----


def dtype_text(enum):
  return types_pb2.DataType.Name(enum)


def shape_text(shape):
  if shape.unknown_rank:
    return "?"
  return "[%s]" % ",".join(str(d.size) for d in shape.dim)


def string_text(value):
  return '"%s"' % value.decode("latin-1")


def tensor_text(tensor):
  text = dtype_text(tensor.dtype) + shape_text(tensor.tensor_shape)
  if tensor.tensor_content:
    text += " content:" + tensor.tensor_content.hex()
  for field in ("float_val", "double_val", "dcomplex_val", "scomplex_val"):
    values = getattr(tensor, field)
    if values:
      text += " %s:%s" % (field, ",".join("%.9g" % v for v in values))
  for field in ("int_val", "int64_val", "bool_val", "half_val", "uint32_val",
                "uint64_val"):
    values = getattr(tensor, field)
    if values:
      text += " %s:%s" % (field, ",".join("%d" % v for v in values))
  if tensor.string_val:
    text += " string_val:" + ",".join(string_text(v) for v in tensor.string_val)
  return text


def attr_text(attr):
  kind = attr.WhichOneof("value")
  if kind == "type":
    return dtype_text(attr.type)
  if kind == "shape":
    return shape_text(attr.shape)
  if kind == "s":
    return string_text(attr.s)
  if kind == "tensor":
    return tensor_text(attr.tensor)
  if kind == "b":
    return "true" if attr.b else "false"
  if kind == "i":
    return "%d" % attr.i
  if kind == "f":
    return "%.9g" % attr.f
  if kind == "list":
    items = [string_text(s) for s in attr.list.s]
    items += ["%d" % i for i in attr.list.i]
    items += [dtype_text(t) for t in attr.list.type]
    items += [shape_text(s) for s in attr.list.shape]
    return "[%s]" % ",".join(items)
  return str(kind)


def node_text(node):
  text = "%s %s(%s)" % (node.name, node.op, ", ".join(node.input))
  if node.device:
    text += " @" + node.device
  for key in sorted(node.attr):
    text += " %s=%s" % (key, attr_text(node.attr[key]))
  return text


OUT = []


def say(text):
  OUT.append("> " + str(text))


def fails(label, function):
  try:
    function()
    say("%s: no error" % label)
  except Exception as e:  # pylint: disable=broad-except
    text = str(e)
    # TensorFlow's own frames follow.
    marker = "Originally defined at:\n\n"
    if marker in text:
      text = text[:text.index(marker)] + "Originally defined at:"
    say("%s: %s: %s" % (label, type(e).__name__, text.replace("\n", "\\n")))


def name_of(item):
  return getattr(item, "name", str(item))


def record(function):
  tf.reset_default_graph()
  del OUT[:]
  function()
  graph = tf.get_default_graph()
  lines = ["== " + function.__name__]
  lines += [node_text(n) for n in graph.as_graph_def().node]
  for key in sorted(graph.get_all_collection_keys()):
    if key != "cond_context":
      names = [name_of(item) for item in graph.get_collection(key)]
      lines.append("# %s: %s" % (key, " ".join(names)))
  return lines + OUT


exec(open(os.path.join(os.path.dirname(__file__), "cases.py")).read())

if __name__ == "__main__":
  path = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "recorded.txt")
  with open(path, "w") as out:
    for function in CASES:
      out.write("\n".join(record(function)) + "\n")
