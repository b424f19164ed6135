"""Writes op_cases.json: what TensorFlow 1.15.5 does with single ops.

Run with a Python that has TensorFlow 1.15.5:
    python make_op_cases.py > op_cases.json

A case is an op, its inputs and its attrs. "static" is what comes of building
it on constants: the shapes of its outputs, or the error. "run" is what comes
of running it on fed values of unknown static shape: outputs, or class and
text. null where TensorFlow aborts.
"""
import json
import os
import re
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow.compat.v1 as tf
from tensorflow.core.framework import attr_value_pb2, op_def_pb2, types_pb2
from tensorflow.python import pywrap_tensorflow
from tensorflow.python.framework import op_def_library

all_ops = op_def_pb2.OpList()
all_ops.ParseFromString(
    pywrap_tensorflow.TF_GetBuffer(pywrap_tensorflow.TF_GetAllOpList()))
op_defs = {op.name: op for op in all_ops.op}
op_def_lib = op_def_library.OpDefLibrary()
op_def_lib.add_op_list(all_ops)


class P:
  """A placeholder with a partial shape, for static inference only."""

  def __init__(self, shape, dtype=tf.float32):
    self.shape, self.dtype = shape, dtype


def arr(value, dtype=None):
  if isinstance(value, (np.ndarray, np.generic)) and dtype is None:
    return np.asarray(value)
  if dtype is None:
    flat = np.asarray(value, dtype=object).ravel()
    first = flat[0] if flat.size else 0.0
    if isinstance(first, bool):
      dtype = np.bool_
    elif isinstance(first, int):
      dtype = np.int32
    elif isinstance(first, float):
      dtype = np.float32
    elif isinstance(first, (str, bytes)):
      dtype = np.object_
  return np.asarray(value, dtype=dtype)


def tf_dtype(a):
  return tf.string if a.dtype == np.object_ else tf.as_dtype(a.dtype)


def encode_tensor(a):
  dtype = tf_dtype(a)
  out = {"dtype": types_pb2.DataType.Name(dtype.as_datatype_enum),
         "shape": list(a.shape)}
  if dtype == tf.string:
    out["strings"] = [
        (x if isinstance(x, bytes) else x.encode()).hex() for x in a.ravel()]
  else:
    out["hex"] = np.ascontiguousarray(a).tobytes().hex()
  return out


def encode_input(value):
  if isinstance(value, P):
    shape = value.shape
    return {"placeholder": types_pb2.DataType.Name(
        value.dtype.as_datatype_enum),
            "shape": None if shape is None else
                     [-1 if d is None else d for d in shape]}
  return encode_tensor(value)


def encode_attr(value):
  attr = attr_value_pb2.AttrValue()
  if isinstance(value, bool):
    attr.b = value
  elif isinstance(value, int):
    attr.i = value
  elif isinstance(value, float):
    attr.f = value
  elif isinstance(value, str):
    attr.s = value.encode()
  elif isinstance(value, tf.DType):
    attr.type = value.as_datatype_enum
  elif isinstance(value, tf.TensorShape):
    attr.shape.CopyFrom(value.as_proto())
  elif isinstance(value, list) and all(isinstance(x, int) for x in value):
    attr.list.i.extend(value)
    attr.list.SetInParent()
  elif isinstance(value, list) and isinstance(value[0], tf.DType):
    attr.list.type.extend(x.as_datatype_enum for x in value)
  else:
    raise ValueError(value)
  return attr.SerializeToString().hex()


def shape_text(shape):
  if shape.ndims is None:
    return "<unknown>"
  return "[%s]" % ",".join(
      "?" if d is None else str(d) for d in shape.as_list())


def defaults(op):
  """Attrs that have a default and do not follow from the inputs."""
  op_def = op_defs[op]
  inferred = set()
  for a in op_def.input_arg:
    inferred.update([a.type_attr, a.number_attr, a.type_list_attr])
  out = {}
  for attr in op_def.attr:
    if attr.name in inferred or not attr.HasField("default_value"):
      continue
    value = attr.default_value
    kind = value.WhichOneof("value")
    if kind == "list":
      out[attr.name] = list(value.list.i)
    elif kind == "type":
      out[attr.name] = tf.as_dtype(value.type)
    elif kind == "s":
      out[attr.name] = value.s.decode()
    else:
      out[attr.name] = getattr(value, kind)
  return out


def build(op, inputs, attrs, make):
  kwargs = defaults(op)
  for name, value in inputs.items():
    if isinstance(value, list):
      kwargs[name] = [make(v) for v in value]
    else:
      kwargs[name] = make(value)
  kwargs.update(attrs)
  result = op_def_lib.apply_op(op, **kwargs)
  if isinstance(result, tf.Operation) or result is None:
    return []
  if isinstance(result, (list, tuple)):
    flat = []
    for r in result:
      flat.extend(r if isinstance(r, list) else [r])
    return flat
  return [result]


def static(op, inputs, attrs):
  with tf.Graph().as_default():
    def make(v):
      if isinstance(v, P):
        return tf.placeholder(v.dtype, v.shape)
      return tf.constant(v, dtype=tf_dtype(v), shape=v.shape)
    try:
      return {"shapes": [shape_text(t.shape)
                         for t in build(op, inputs, attrs, make)]}
    except (ValueError, TypeError) as e:
      return {"class": type(e).__name__, "error": str(e)}


def run(op, inputs, attrs):
  with tf.Graph().as_default():
    feeds = {}
    def make(v):
      p = tf.placeholder(tf_dtype(v))
      feeds[p] = v
      return p
    try:
      outputs = build(op, inputs, attrs, make)
    except (ValueError, TypeError) as e:
      return {"class": type(e).__name__, "error": str(e)}
    config = tf.ConfigProto()
    config.graph_options.rewrite_options.disable_meta_optimizer = True
    with tf.Session(config=config) as session:
      try:
        values = session.run(list(outputs), feeds)
      except tf.errors.OpError as e:
        return {"class": type(e).__name__,
                # A fed tensor is called _arg_NAME_0_0 at run time.
                "error": re.sub(r"_arg_(\w+)_\d+_\d+", r"\1",
                                e.message.split("\n\t [[")[0])}
      return {"outputs": [
          encode_tensor(np.asarray(v, dtype=np.object_)
                        if t.dtype == tf.string else np.asarray(v))
          for t, v in zip(outputs, values)]}


CASES = []


def in_child(function, *args):
  """What function(*args) returns, or None if it takes the process down."""
  read_end, write_end = os.pipe()
  sys.stdout.flush()
  pid = os.fork()
  if pid == 0:
    with os.fdopen(write_end, "w") as f:
      f.write(json.dumps(function(*args)))
    os._exit(0)
  os.close(write_end)
  with os.fdopen(read_end) as f:
    text = f.read()
  os.waitpid(pid, 0)
  return json.loads(text) if text else None


def case(op, inputs, **attrs):
  inputs = {k: [x if isinstance(x, P) else arr(x) for x in v.items]
               if isinstance(v, L) else (v if isinstance(v, P) else arr(v))
            for k, v in inputs.items()}
  order = [a.name for a in op_defs[op].input_arg]
  flat = []
  for name in order:
    value = inputs[name]
    flat.extend(value if isinstance(value, list) else [value])
  record = {"op": op, "inputs": [encode_input(v) for v in flat],
            "attrs": {k: encode_attr(v) for k, v in attrs.items()},
            "static": in_child(static, op, inputs, attrs)}
  if not any(isinstance(v, P) for v in flat):
    record["run"] = in_child(run, op, inputs, attrs)
  CASES.append(record)


class L:
  """A list argument."""

  def __init__(self, *items):
    self.items = items


def i64(x):
  return np.asarray(x, np.int64)


def i32(x):
  return np.asarray(x, np.int32)


def shapes():
  a = np.arange(6, dtype=np.float32).reshape(2, 3)
  for x in [a, 1.0, "a", np.zeros((0, 2), np.int64), a.astype(np.complex64)]:
    case("Shape", {"input": x})
    case("Shape", {"input": x}, out_type=tf.int64)
    case("Size", {"input": x})
    case("Rank", {"input": x})
  case("Shape", {"input": P(None)})
  case("Shape", {"input": P([None, 2])})
  case("ShapeN", {"input": L(a, np.float32(1))})
  case("ShapeN", {"input": L(P(None), P([2]))})
  for s in [[3, 2], [-1], [6, -1], [4, -1], [-1, -1], [7], [2, -3], [], [[6]],
            [0, -1], [1, 6, 1]]:
    case("Reshape", {"tensor": a, "shape": i32(s)})
  case("Reshape", {"tensor": a, "shape": i64([3, 2])})
  case("Reshape", {"tensor": 1.0, "shape": i32([])})
  case("Reshape", {"tensor": np.zeros((0, 2), np.float32),
                   "shape": i32([0, -1])})
  case("Reshape", {"tensor": np.zeros((0, 2), np.float32),
                   "shape": i32([-1, 2])})
  case("Reshape", {"tensor": np.zeros((0, 2), np.float32),
                   "shape": i32([5, -1])})
  case("Reshape", {"tensor": np.array(["a", "b"], object),
                   "shape": i32([2, 1])})
  for p in [P(None), P([None, 4]), P([None, None]), P([3, 5]), P([2, None]),
            P([0, None])]:
    for s in [[2, -1], [4, -1], [-1], [2, 7], [2, -1, -1]]:
      case("Reshape", {"tensor": p, "shape": i32(s)})
  case("Reshape", {"tensor": a, "shape": P([2], tf.int32)})
  case("Reshape", {"tensor": a, "shape": P(None, tf.int32)})
  case("Reshape", {"tensor": a, "shape": P([2, 2], tf.int32)})
  for d in [0, 1, 2, -1, -3, 3, -4]:
    case("ExpandDims", {"input": a, "dim": i32(d)})
  case("ExpandDims", {"input": a, "dim": i64([1])})
  case("ExpandDims", {"input": a, "dim": i32([1, 2])})
  case("ExpandDims", {"input": a, "dim": P([], tf.int32)})
  b = np.zeros((1, 2, 1, 3), np.int32)
  for dims in [[], [0], [2], [-2], [0, 2], [1], [4], [-5], [0, -4]]:
    case("Squeeze", {"input": b}, squeeze_dims=dims)
  case("Squeeze", {"input": P([None, 1])})
  case("Squeeze", {"input": P([None, 1])}, squeeze_dims=[0])
  case("Squeeze", {"input": P([None, 1])}, squeeze_dims=[1])
  case("Squeeze", {"input": P(None)}, squeeze_dims=[1])


def broadcasts():
  a = np.arange(3, dtype=np.float32).reshape(1, 3)
  for s in [[2, 3], [4, 2, 3], [3], [1, 3], [2, 4], [2, 1], [], [0, 3]]:
    case("BroadcastTo", {"input": a, "shape": i32(s)})
  case("BroadcastTo", {"input": 5, "shape": i64([2, 2])})
  case("BroadcastTo", {"input": P([None, 3]), "shape": i32([2, 3])})
  case("BroadcastTo", {"input": P([2, 3]), "shape": P([2], tf.int32)})
  case("BroadcastTo", {"input": np.array([["a"], ["b"]], object),
                       "shape": i32([2, 2])})
  pairs = [([2, 3], [3]), ([2, 3], [2, 3]), ([1], [1]), ([2, 1], [1, 3]),
           ([], [2]), ([2, 3], [4]), ([1, 1], [1, 1, 1]), ([5, 1, 4], [3, 1]),
           ([0, 1], [1, 1]), ([1, 2], [1, 2]), ([1, 2], [1, 1])]
  for x, y in pairs:
    for op in ["BroadcastArgs", "BroadcastGradientArgs"]:
      case(op, {"s0": i32(x), "s1": i32(y)})
  case("BroadcastArgs", {"s0": i32(1), "s1": i32([1])})
  case("BroadcastGradientArgs", {"s0": i64([[1]]), "s1": i64([1])})
  case("BroadcastArgs", {"s0": P([2], tf.int32), "s1": P([3], tf.int32)})
  case("BroadcastArgs", {"s0": P([None], tf.int32), "s1": P([3], tf.int32)})


def arrays():
  for x in [np.ones((2, 2), np.float32), np.array(["a", "b"], object),
            np.array([True]), np.array([3, 4], np.int64),
            np.array([1 + 2j], np.complex64), np.array([1.5], np.float16),
            np.uint8(7)]:
    case("ZerosLike", {"x": x})
    if x.dtype != np.object_:
      case("OnesLike", {"x": x})
    case("Identity", {"input": x})
    case("StopGradient", {"input": x})
    case("Fill", {"dims": i32([2, 1]), "value": x.ravel()[0]})
  case("OnesLike", {"x": "a"})
  case("Fill", {"dims": i32([-1]), "value": 1.0})
  case("Fill", {"dims": i32(2), "value": 1.0})
  case("Fill", {"dims": i64([2]), "value": [1.0]})
  case("Fill", {"dims": i64([]), "value": 1.0})
  case("Fill", {"dims": P([3], tf.int32), "value": 1.0})
  case("Fill", {"dims": i32([0, 5]), "value": "x"})
  x = np.arange(4, dtype=np.float32)
  for s in [[4], [None], [5], [2, 2], None]:
    case("EnsureShape", {"input": x}, shape=tf.TensorShape(s))
  case("EnsureShape", {"input": P([None, 3])}, shape=tf.TensorShape([2, None]))
  case("PlaceholderWithDefault", {"input": x}, shape=tf.TensorShape([None]))
  case("PlaceholderWithDefault", {"input": x}, shape=tf.TensorShape([3]))
  case("PlaceholderWithDefault", {"input": x}, shape=tf.TensorShape(None))
  case("IdentityN", {"input": L(x, np.int32(1), "a")})
  for t in [tf.int32, tf.uint8, tf.double, tf.int64, tf.complex128, tf.int16]:
    case("Bitcast", {"input": x}, type=t)
  case("Bitcast", {"input": x.reshape(2, 2)}, type=tf.double)
  case("Bitcast", {"input": np.arange(3, dtype=np.float32)}, type=tf.double)
  case("Bitcast", {"input": np.float32(1)}, type=tf.double)
  case("Bitcast", {"input": P(None)}, type=tf.double)
  case("Bitcast", {"input": P([None])}, type=tf.double)


def concats():
  a = np.arange(6, dtype=np.float32).reshape(2, 3)
  b = a + 10
  for axis in [0, 1, 2, -1, -3, 3, -4]:
    case("Pack", {"values": L(a, b)}, axis=axis)
  case("Pack", {"values": L(a)}, axis=0)
  case("Pack", {"values": L(a)}, axis=1)
  case("Pack", {"values": L(np.int32(1), np.int32(2))})
  case("Pack", {"values": L("a", "b", "c")})
  case("Pack", {"values": L(a, b[:1])})
  case("Pack", {"values": L(a, b, b[0])})
  case("Pack", {"values": L(a, np.int32(1))})
  case("Pack", {"values": L(P([None, 3]), P([2, None]))}, axis=1)
  case("Pack", {"values": L(P(None), P([2, None]))}, axis=1)
  case("Pack", {"values": L(P(None), P(None))}, axis=7)
  for axis in [0, 1, -1, -2, 2, -3]:
    case("Unpack", {"value": a}, num=2, axis=axis)
    case("Unpack", {"value": a}, num=3, axis=axis)
  case("Unpack", {"value": np.array([["a", "b"], ["c", "d"]], object)}, num=2,
       axis=1)
  case("Unpack", {"value": P([None, 3])}, num=2)
  case("Unpack", {"value": P(None)}, num=2)
  case("Unpack", {"value": 1.0}, num=2)
  for axis in [0, 1, -1, -2, 2, -3]:
    case("ConcatV2", {"values": L(a, b), "axis": i32(axis)})
    case("Concat", {"values": L(a, b), "concat_dim": i32(axis)})
  case("ConcatV2", {"values": L(a, b[:1]), "axis": i64(0)})
  case("ConcatV2", {"values": L(a, b[:1]), "axis": i32(1)})
  case("ConcatV2", {"values": L(a, b[0]), "axis": i32(0)})
  case("ConcatV2", {"values": L(a, b, b[:, :1]), "axis": i32(1)})
  case("ConcatV2", {"values": L(a, b), "axis": i32([0])})
  case("ConcatV2", {"values": L(np.int32(1), np.int32(2)), "axis": i32(0)})
  case("ConcatV2", {"values": L(np.array(["a"], object),
                                np.array(["b"], object)), "axis": i32(0)})
  case("ConcatV2", {"values": L(np.zeros((0, 3), np.float32), a),
                    "axis": i32(0)})
  case("ConcatV2", {"values": L(P([None, 3]), P([2, None])), "axis": i32(0)})
  case("ConcatV2", {"values": L(P([None, 3]), P([2, None])),
                    "axis": P([], tf.int32)})
  case("ConcatV2", {"values": L(P(None), P([2, None])), "axis": i32(0)})
  case("ConcatV2", {"values": L(P([]), P([])), "axis": P([], tf.int32)})
  case("ConcatV2", {"values": L(P([2]), P([2, 3])), "axis": P([], tf.int32)})
  for axis in [0, 1, -1, 2, -3]:
    case("ConcatOffset", {"concat_dim": i32(axis),
                          "shape": L(i32([2, 3]), i32([2, 3]), i32([2, 3]))})
  case("ConcatOffset", {"concat_dim": i32(0), "shape": L(i32([2, 3]),
                                                        i32([2, 4]))})
  case("ConcatOffset", {"concat_dim": i32(0), "shape": L(i32([2, 3]),
                                                        i32([2]))})
  case("ConcatOffset", {"concat_dim": i32([0]), "shape": L(i32([2]), i32([2]))})
  case("ConcatOffset", {"concat_dim": i32(0), "shape": L(i32(2), i32([2]))})


def splits():
  a = np.arange(24, dtype=np.int32).reshape(4, 6)
  for axis in [0, 1, -1, -2, 2, -3]:
    for n in [1, 2, 3]:
      case("Split", {"split_dim": i32(axis), "value": a}, num_split=n)
  case("Split", {"split_dim": i32([0]), "value": a}, num_split=2)
  case("Split", {"split_dim": i32(0), "value": P([None, 2])}, num_split=2)
  case("Split", {"split_dim": i32(0), "value": P(None)}, num_split=2)
  case("Split", {"split_dim": i32(-1), "value": P(None)}, num_split=2)
  case("Split", {"split_dim": P([], tf.int32), "value": P([4, 4])},
       num_split=2)
  for sizes in [[1, 3], [2, -1], [1, 1], [5, -1], [-1, -1], [4, 0], [1, 1, 2]]:
    case("SplitV", {"value": a, "size_splits": i64(sizes),
                    "split_dim": i32(0)}, num_split=2)
  case("SplitV", {"value": a, "size_splits": i32([1, 2, 3]),
                  "split_dim": i32(-1)}, num_split=3)
  case("SplitV", {"value": a, "size_splits": i32([4]), "split_dim": i32(0)},
       num_split=1)
  case("SplitV", {"value": a, "size_splits": i32([3]), "split_dim": i32(0)},
       num_split=1)
  case("SplitV", {"value": a, "size_splits": i32([-1]), "split_dim": i32(0)},
       num_split=1)
  case("SplitV", {"value": a, "size_splits": i32([1, 3]),
                  "split_dim": i32(5)}, num_split=2)
  case("SplitV", {"value": a, "size_splits": i32([1, 3]),
                  "split_dim": i32(-5)}, num_split=2)
  case("SplitV", {"value": np.int32(1), "size_splits": i32([1, 3]),
                  "split_dim": i32(0)}, num_split=2)
  case("SplitV", {"value": P([None, 2]), "size_splits": i32([1, -1]),
                  "split_dim": i32(0)}, num_split=2)
  case("SplitV", {"value": P([4, 2]), "size_splits": P([2], tf.int32),
                  "split_dim": i32(0)}, num_split=2)
  case("SplitV", {"value": P(None), "size_splits": P([2], tf.int32),
                  "split_dim": i32(0)}, num_split=2)
  case("SplitV", {"value": P([4, 2]), "size_splits": i32([1, 3]),
                  "split_dim": P([], tf.int32)}, num_split=2)


def slices():
  a = np.arange(24, dtype=np.int32).reshape(2, 3, 4)
  for begin, size in [([0, 0, 0], [2, 3, 4]), ([1, 0, 0], [1, 3, 4]),
                      ([0, 1, 2], [2, 1, -1]), ([0, 1, 2], [-1, -1, 1]),
                      ([0, 0, 0], [3, 1, 1]), ([3, 0, 0], [0, 1, 1]),
                      ([0, 0], [1, 1]), ([2, 0, 0], [0, 3, 4]),
                      ([-1, 0, 0], [1, 1, 1]), ([0, 0, 0], [-2, 1, 1]),
                      ([0, 2, 3], [2, 1, 1]), ([0, 3, 0], [1, -1, 1]),
                      ([0, 4, 0], [1, -1, 1]), ([0, 0, 0], [1, 1])]:
    case("Slice", {"input": a, "begin": i32(begin), "size": i32(size)})
  case("Slice", {"input": np.zeros((0, 2), np.float32), "begin": i64([0, 0]),
                 "size": i64([-1, 1])})
  case("Slice", {"input": np.zeros((0, 2), np.float32), "begin": i64([1, 0]),
                 "size": i64([0, 1])})
  case("Slice", {"input": 1.0, "begin": i64([]), "size": i64([])})
  case("Slice", {"input": np.array([["a", "b"], ["c", "d"]], object),
                 "begin": i32([0, 1]), "size": i32([2, 1])})
  case("Slice", {"input": a, "begin": i32([[0]]), "size": i32([[1]])})
  case("Slice", {"input": P([None, 4]), "begin": i32([1, 1]),
                 "size": i32([-1, 2])})
  case("Slice", {"input": P([5, 4]), "begin": P([2], tf.int32),
                 "size": i32([-1, 2])})
  case("Slice", {"input": P([5, 4]), "begin": i32([0, 1]),
                 "size": P([2], tf.int32)})
  case("Slice", {"input": P(None), "begin": P([2], tf.int32),
                 "size": P([2], tf.int32)})
  case("Slice", {"input": P(None), "begin": P([None], tf.int32),
                 "size": P([None], tf.int32)})


def strided_slices():
  a = np.arange(24, dtype=np.int32).reshape(2, 3, 4)
  def ss(x, b, e, s, begin=0, end=0, ellipsis=0, new=0, shrink=0):
    case("StridedSlice", {"input": x, "begin": b, "end": e, "strides": s},
         begin_mask=begin, end_mask=end, ellipsis_mask=ellipsis,
         new_axis_mask=new, shrink_axis_mask=shrink)
  ss(a, i32([1]), i32([2]), i32([1]))
  ss(a, i32([1]), i32([2]), i32([1]), shrink=1)
  ss(a, i32([-1]), i32([0]), i32([1]), shrink=1)
  ss(a, i32([2]), i32([3]), i32([1]), shrink=1)
  ss(a, i32([-3]), i32([3]), i32([1]), shrink=1)
  ss(a, i32([0, 1]), i32([0, 3]), i32([1, 1]), begin=1, end=1)
  ss(a, i32([0, 0, 3]), i32([0, 0, 0]), i32([1, -1, -2]), begin=3, end=3)
  ss(a, i32([0, 0, 0]), i32([0, 0, 0]), i32([1, 1, 1]), begin=7, end=7)
  ss(a, i32([0, 0, 1]), i32([0, 0, 2]), i32([1, 1, 1]), ellipsis=1, new=2)
  ss(a, i32([0, 0]), i32([0, 2]), i32([1, 1]), ellipsis=1)
  ss(a, i32([0, 0]), i32([0, 0]), i32([1, 1]), ellipsis=3)
  ss(a, i32([0, 0, 0, 0]), i32([1, 1, 1, 1]), i32([1, 1, 1, 1]))
  ss(a, i32([0]), i32([1]), i32([0]))
  ss(a, i32([0]), i32([1]), i32([-1]), shrink=1)
  ss(a, i32([0]), i32([1, 2]), i32([1]))
  ss(a, i32([[0]]), i32([[1]]), i32([[1]]))
  ss(a, i32([]), i32([]), i32([]))
  ss(a, i32([5]), i32([9]), i32([1]))
  ss(a, i32([0, 0, 0]), i32([2, 3, 4]), i32([1, 2, 3]))
  ss(a, i64([1, 2, 3]), i64([2, 3, 4]), i64([1, 1, 1]), shrink=7)
  ss(a, i64([0, 0, 0, 1]), i64([0, 0, 0, 2]), i64([1, 1, 1, 1]), new=1,
     ellipsis=4, shrink=8)
  ss(1.0, i32([0]), i32([1]), i32([1]))
  ss(1.0, i32([0]), i32([1]), i32([1]), new=1)
  ss(np.array(["a", "b", "c"], object), i32([2]), i32([0]), i32([-1]))
  ss(P([None, 3]), i32([0, 1]), i32([2, 2]), i32([1, 1]))
  ss(P([None, 3]), i32([0, 1]), i32([0, 2]), i32([1, 1]), begin=1, end=1,
     shrink=2)
  ss(P([5, 3]), P([1], tf.int32), P([1], tf.int32), i32([1]))
  ss(P([5, 3]), P([1], tf.int32), P([1], tf.int32), i32([1]), shrink=1)
  ss(P([5, 3]), P([1], tf.int32), P([1], tf.int32), i32([2]), begin=1, end=1)
  ss(P([5, 3]), P([1], tf.int32), P([1], tf.int32), P([1], tf.int32))
  ss(P(None), i32([0]), i32([1]), i32([1]))
  dy = np.arange(3, dtype=np.float32)
  case("StridedSliceGrad", {"shape": i32([2, 3]), "begin": i32([1]),
                            "end": i32([2]), "strides": i32([1]), "dy": dy},
       shrink_axis_mask=1)
  case("StridedSliceGrad", {"shape": i32([2, 3]), "begin": i32([1]),
                            "end": i32([2]), "strides": i32([1]), "dy": dy})
  case("StridedSliceGrad", {"shape": i32([6]), "begin": i32([5]),
                            "end": i32([-7]), "strides": i32([-2]), "dy": dy})


def gathers():
  p = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
  for idx in [[0], 1, [[0, 1], [1, 0]], [], [2], [0, -1], [[0, 1], [5, 0]]]:
    case("Gather", {"params": p, "indices": i32(idx)})
    for axis in [0, 1, 2, -1]:
      case("GatherV2", {"params": p, "indices": i64(idx), "axis": i32(axis)})
  case("GatherV2", {"params": p, "indices": i32([0]), "axis": i32(3)})
  case("GatherV2", {"params": p, "indices": i32([0]), "axis": i32(-4)})
  case("GatherV2", {"params": p, "indices": i32([0]), "axis": i32([0])})
  case("GatherV2", {"params": 1.0, "indices": i32([0]), "axis": i32(0)})
  case("Gather", {"params": 1.0, "indices": i32([0])})
  case("GatherV2", {"params": np.array(["a", "b"], object),
                    "indices": i32([1, 1]), "axis": i64(0)})
  case("GatherV2", {"params": np.zeros((0, 3), np.float32),
                    "indices": i32([0]), "axis": i32(0)})
  case("GatherV2", {"params": p, "indices": i32([[0], [2]]),
                    "axis": i32(1)}, batch_dims=1)
  case("GatherV2", {"params": p, "indices": i32([[0, 1], [2, 2]]),
                    "axis": i32(2)}, batch_dims=1)
  case("GatherV2", {"params": p, "indices": i32([[0], [2]]),
                    "axis": i32(0)}, batch_dims=1)
  case("GatherV2", {"params": p, "indices": i32([[0], [2]]),
                    "axis": i32(1)}, batch_dims=3)
  case("GatherV2", {"params": P([None, 3]), "indices": P([2], tf.int32),
                    "axis": i32(0)})
  case("GatherV2", {"params": P([None, 3]), "indices": P([2], tf.int32),
                    "axis": P([], tf.int32)})
  case("GatherV2", {"params": P(None), "indices": P([2], tf.int32),
                    "axis": i32(1)})
  for idx in [[[0, 1]], [[[1]], [[0]]], [0, 1, 2], [[]], [[2, 0]], [[0, -1]],
              [[0, 0, 0, 0]], [1]]:
    case("GatherNd", {"params": p, "indices": i32(idx)})
  case("GatherNd", {"params": p, "indices": i32(0)})
  case("GatherNd", {"params": 1.0, "indices": i32([0])})
  case("GatherNd", {"params": np.zeros((0, 3), np.float32),
                    "indices": i32([[0]])})
  case("GatherNd", {"params": P([None, 3]), "indices": P([None, 1], tf.int32)})
  case("GatherNd", {"params": P([2, 3]), "indices": P([4, 3], tf.int32)})


def rearrangements():
  a = np.arange(6, dtype=np.float32).reshape(2, 3)
  for m in [[2, 1], [1, 3], [0, 1], [2], [-1, 1], [[1, 1]], [1, 1]]:
    case("Tile", {"input": a, "multiples": i32(m)})
  case("Tile", {"input": 1.0, "multiples": i32([])})
  case("Tile", {"input": np.array(["a", "b"], object), "multiples": i64([2])})
  case("Tile", {"input": P([None, 3]), "multiples": i32([2, 2])})
  case("Tile", {"input": P([2, 3]), "multiples": P([2], tf.int32)})
  case("Tile", {"input": P(None), "multiples": P([2], tf.int32)})
  for perm in [[1, 0], [0, 1], [0], [0, 0], [0, 2], [[0, 1]], [-1, 0]]:
    case("Transpose", {"x": a, "perm": i32(perm)})
  case("Transpose", {"x": np.arange(24).reshape(2, 3, 4).astype(np.int64),
                     "perm": i64([2, 0, 1])})
  case("Transpose", {"x": np.arange(24).reshape(2, 3, 4).astype(np.uint8),
                     "perm": i64([1, 0, 2])})
  case("Transpose", {"x": np.array([["a", "b"]], object), "perm": i32([1, 0])})
  case("Transpose", {"x": 1.0, "perm": i32([])})
  case("Transpose", {"x": P(None), "perm": P([1], tf.int32)})
  case("Transpose", {"x": P(None), "perm": P([3], tf.int32)})
  case("Transpose", {"x": P([2, None]), "perm": i32([1, 0])})
  case("Transpose", {"x": P([2, None]), "perm": P(None, tf.int32)})
  case("ConjugateTranspose", {"x": np.array([[1 + 2j, 3j]], np.complex64),
                              "perm": i32([1, 0])})
  for x in [[2, 0, 1], [], [0, 0], [0, 3], [-1, 0], [[0]]]:
    case("InvertPermutation", {"x": i32(x)})
  for pads in [[[1, 0], [0, 2]], [[0, 0], [0, 0]], [[1, 1]], [[-1, 0], [0, 0]],
               [[1, 0, 0], [0, 2, 0]], [1, 2]]:
    case("Pad", {"input": a, "paddings": i32(pads)})
    case("PadV2", {"input": a, "paddings": i64(pads), "constant_values": 7.0})
    for mode in ["REFLECT", "SYMMETRIC"]:
      case("MirrorPad", {"input": a, "paddings": i32(pads)}, mode=mode)
  case("MirrorPad", {"input": a, "paddings": i32([[2, 0], [0, 0]])},
       mode="REFLECT")
  case("MirrorPad", {"input": a, "paddings": i32([[0, 3], [0, 0]])},
       mode="SYMMETRIC")
  case("PadV2", {"input": a, "paddings": i64([[1, 1], [1, 1]]),
                 "constant_values": [7.0]})
  case("Pad", {"input": np.array(["a"], object), "paddings": i32([[1, 0]])})
  case("Pad", {"input": P([None, 3]), "paddings": i32([[1, 0], [0, 2]])})
  case("Pad", {"input": P([None, 3]), "paddings": P([2, 2], tf.int32)})
  case("Pad", {"input": P(None), "paddings": P([3, 2], tf.int32)})
  for axis in [[0], [1], [0, 1], [-1], [], [2], [0, -2], [-3]]:
    case("ReverseV2", {"tensor": a, "axis": i32(axis)})
  case("ReverseV2", {"tensor": a, "axis": i64(0)})
  case("ReverseV2", {"tensor": np.array(["a", "b"], object), "axis": i64([0])})


def sequences():
  for s, l, d in [(0, 5, 1), (0, 5, 2), (5, 0, -2), (0, 0, 1), (5, 0, 1),
                  (0, 5, -1), (0, 5, 0), (-3, 3, 2)]:
    case("Range", {"start": i32(s), "limit": i32(l), "delta": i32(d)})
    case("Range", {"start": i64(s), "limit": i64(l), "delta": i64(d)})
    f = np.float32
    case("Range", {"start": f(s), "limit": f(l), "delta": f(d * 0.3)})
    case("Range", {"start": np.float64(s), "limit": np.float64(l),
                   "delta": np.float64(d * 0.1)})
  case("Range", {"start": i32([0]), "limit": i32(1), "delta": i32(1)})
  case("Range", {"start": i32(0), "limit": i32([1]), "delta": i32(1)})
  case("Range", {"start": P([], tf.int32), "limit": i32(1), "delta": i32(1)})
  for n in [1, 2, 5, 0, -1]:
    case("LinSpace", {"start": 0.1, "stop": 1.3, "num": i32(n)})
    case("LinSpace", {"start": np.float64(0.1), "stop": np.float64(1.3),
                      "num": i64(n)})
  case("LinSpace", {"start": [0.1], "stop": 1.3, "num": i32(2)})
  for x in [np.array([[True, False], [True, True]]),
            np.array([0, 1.5, -2], np.float32), np.array([0, 3], np.int64),
            np.zeros((2, 0), np.int32), np.array([0j, 1j], np.complex64),
            np.ones((1, 2, 1), np.uint8), np.bool_(True)]:
    case("Where", {"input": x})
  case("Where", {"input": P(None, tf.bool)})
  def one_hot(indices, depth, on, off, axis=-1):
    case("OneHot", {"indices": indices, "depth": depth, "on_value": on,
                    "off_value": off}, axis=axis)
  one_hot(i64([0, 2, -1, 5]), i32(3), 1.0, 0.0)
  one_hot(i32([[0, 2], [1, 1]]), i32(3), 1.0, 0.0, axis=0)
  one_hot(i32([[0, 2], [1, 1]]), i32(3), 1.0, 0.0, axis=1)
  one_hot(np.uint8([1]), i32(2), "y", "n")
  one_hot(i32(1), i32(3), i32(5), i32(6))
  one_hot(i32([0]), i32(0), 1.0, 0.0)
  one_hot(i32([0]), i32(-1), 1.0, 0.0)
  one_hot(i32([0]), i32([2]), 1.0, 0.0)
  one_hot(i32([0]), i32(2), [1.0], 0.0)
  one_hot(i32([0]), i32(2), 1.0, [0.0])
  one_hot(i32([0]), i32(2), 1.0, 0.0, axis=2)
  one_hot(i32([0]), i32(2), 1.0, 0.0, axis=-2)
  one_hot(P([None], tf.int32), i32(2), 1.0, 0.0)
  one_hot(P([3], tf.int32), P([], tf.int32), 1.0, 0.0, axis=0)
  for x in [i32([3, 1, 3, 2, 1]), np.array(["b", "a", "b"], object),
            np.array([np.nan, 1, np.nan, 0.0, -0.0], np.float32),
            np.array([True, False, True]), i64([]),
            np.array([1.5, 1.5], np.float16), i32([[1]])]:
    case("Unique", {"x": x})
  case("Unique", {"x": i32([1, 1])}, out_idx=tf.int64)


def diagonals():
  for x in [np.float32(1), i32([1, 2]), i32([[1, 2, 3], [4, 5, 6]]),
            np.arange(4, dtype=np.float32).reshape(2, 2),
            np.arange(16, dtype=np.float64).reshape(2, 2, 2, 2),
            np.zeros((1, 2, 2, 2), np.float32), np.zeros((0,), np.float32)]:
    if x.ndim < 3:
      case("Diag", {"diagonal": x})
    case("DiagPart", {"input": x})
    case("MatrixDiag", {"diagonal": x})
    case("MatrixDiagPart", {"input": x})
  case("Diag", {"diagonal": P([None, 2])})
  case("DiagPart", {"input": P([None, 2, 2, None])})
  case("DiagPart", {"input": P(None)})
  case("MatrixDiagPart", {"input": P([None, 2, 3])})
  case("MatrixDiagPart", {"input": P([2, None])})
  case("MatrixDiag", {"diagonal": P([None, None])})


def control():
  case("Switch", {"data": P([2, None]), "pred": np.bool_(True)})
  case("Switch", {"data": P([2]), "pred": P([2], tf.bool)})
  case("Merge", {"inputs": L(P([2, 3]), P([2, 4]))})
  case("Merge", {"inputs": L(P([2, 3]), P([2]))})
  case("Merge", {"inputs": L(P([2, 3]), P(None))})
  case("LoopCond", {"input": P([2], tf.bool)})
  case("LoopCond", {"input": np.bool_(True)})


def texts():
  o = lambda x: np.array(x, object)
  case("StringJoin", {"inputs": L("a", "b")})
  case("StringJoin", {"inputs": L(o(["a", "b"]), "c")}, separator="-")
  case("StringJoin", {"inputs": L(o(["a", "b"]), o(["c", "d"]))})
  case("StringJoin", {"inputs": L(o(["a"]), o(["b", "c"]))})
  case("StringJoin", {"inputs": L(P(None, tf.string), P([2], tf.string))})
  case("StringJoin", {"inputs": L(P([], tf.string), P([2], tf.string))})
  for x, k in [(i32([1, -2]), {}), (np.float32([1.5, 1e10]), {}),
               (np.float32([1.5]), dict(precision=3)),
               (np.float32([1.5]), dict(scientific=True)),
               (np.float32([1.5, 1e10]), dict(shortest=True)),
               (np.float64([1 / 3.0]), dict(width=12)),
               (np.float32([1.5]), dict(width=12, fill="0")),
               (i32([1]), dict(width=4, fill="0")),
               (i32([1]), dict(width=4, fill="-")),
               (i32([1]), dict(width=4, fill="ab")),
               (i32([1]), dict(fill="x")), (i32([1]), dict(precision=3)),
               (i32([1]), dict(scientific=True)),
               (i32([1]), dict(shortest=True)),
               (np.float32([1]), dict(scientific=True, shortest=True)),
               (np.complex64([1 + 2j]), dict(precision=2)),
               (np.array([True, False]), {}), (i64([2**40]), {}),
               (np.int8([-3]), {}), (np.float32([np.nan, np.inf]), {}),
               (np.array([True]), dict(precision=2))]:
    case("AsString", {"input": x}, **k)
  for x, t in [(["1", "2.5"], tf.float32), (["x"], tf.float32),
               ([""], tf.float32), ([" 3 "], tf.float32),
               (["inf", "-nan"], tf.float32), (["1.5"], tf.int32),
               (["99999999999"], tf.int32), (["-7", " 8"], tf.int64),
               (["1e400"], tf.float64), (["0x10"], tf.float32),
               (["0x10"], tf.int32), (["+5"], tf.int32), (["+5"], tf.float32),
               (["infinity"], tf.float32), (["1e-400"], tf.float64),
               (["9223372036854775808"], tf.int64), (["-"], tf.int32)]:
    case("StringToNumber", {"string_tensor": o(x)}, out_type=t)
  for x, d, k in [(["a b", "c  d e", ""], " ", {}),
                  (["a b", "c  d e", ""], " ", dict(skip_empty=False)),
                  (["abc", ""], "", {}), (["abc"], "", dict(skip_empty=False)),
                  (["a,b;c"], ",;", {}), ([], ",", {})]:
    case("StringSplit", {"input": o(x), "delimiter": d}, **k)
  case("StringSplit", {"input": "a", "delimiter": ","})
  case("StringSplit", {"input": o(["a"]), "delimiter": o([","])})
  for x, d, k in [(["a b", "c  d e", ""], " ", {}), (["a b", " c  d e "], "", {}),
                  (["a b", " c  d e "], "", dict(maxsplit=1)),
                  (["a<>b<><>c"], "<>", {}),
                  (["a<>b<><>c"], "<>", dict(maxsplit=1)),
                  (["a,b"], ",", dict(maxsplit=0))]:
    case("StringSplitV2", {"input": o(x), "sep": d}, **k)
  case("StringSplitV2", {"input": "a", "sep": ","})
  case("ShardedFilename", {"basename": "/a/b", "shard": i32(3),
                           "num_shards": i32(70)})
  case("ShardedFilename", {"basename": o(["/a/b"]), "shard": i32(3),
                           "num_shards": i32(70)})
  case("ShardedFilename", {"basename": "a", "shard": i32([3]),
                           "num_shards": i32(70)})
  case("ShardedFilespec", {"basename": "a", "num_shards": i32(100000)})
  case("ShardedFilespec", {"basename": "a", "num_shards": i32([1])})


def scatters():
  o = lambda x: np.array(x, dtype=object)
  for idx, u, s in [
      ([[0], [2], [0]], [1, 2, 3], [4]), ([[0], [4]], [1, 2], [5, 2]),
      ([[0], [4]], [1, 2], [4]), ([[1], [-1]], [1, 2], [4]),
      ([[0], [1]], [1, 2, 3], [4]), ([[0], [1]], [[1], [2]], [4]),
      (0, [1], [4]), ([0], 5, [4]), ([0], [1], [4, 2]), ([[0, 1]], [1], [4]),
      ([[0]], [[1, 2]], [4, 3]), ([[0], [3]], [[1, 2], [3, 4]], [4, 2]),
      ([[0, 1], [1, 1], [0, 1]], [3, 4, 5], [2, 2]), ([[0]], [1], [0]),
      ([[[0], [1]], [[1], [1]]], [[1, 2], [3, 4]], [3]), ([[0]], [1], [-1]),
      ([[[0, 2], [1, 0]]], [[1, 2]], [2, 2])]:
    case("ScatterNd", {"indices": i32(idx), "updates": i32(u), "shape": i32(s)})
  at = np.zeros([0, 1], np.int64)
  case("ScatterNd", {"indices": at, "updates": i32([]), "shape": i64([2])})
  case("ScatterNd", {"indices": at, "updates": i32([]), "shape": i64([0])})
  for u in [np.float32([1.5, 2, 4]), np.array([False, True, False]),
            o(["a", "b", "c"]), np.complex64([1j, 2, 3]),
            np.uint8([200, 100, 7])]:
    case("ScatterNd", {"indices": i32([[1], [0], [1]]), "updates": u,
                       "shape": i32([3])})
  for idx, s, v, k in [
      ([[0, 1], [1, 1]], [2, 2], [1, 2], {}), ([0, 2], [4], 5, {}),
      (1, [4], 5, {}), ([[[0]]], [4], 5, {}), ([0, 2], 4, 5, {}),
      ([[0, 1]], [4], 5, {}), ([0, 1], [4], [5], {}),
      ([0, 1], [4], [[5]], {}), ([2, 1], [4], [5, 6], {}),
      ([1, 1], [4], [5, 6], {}), ([2, 5], [4], [5, 6], {}),
      ([[0, 1], [1, 2]], [2, 2], [1, 2], {}), ([1], [-4], [5], {}),
      ([2, 1], [4], [5, 6], dict(validate_indices=False)),
      ([2, 5], [4], [5, 6], dict(validate_indices=False)),
      ([2, -1], [4], [5, 6], dict(validate_indices=False))]:
    case("SparseToDense", {"sparse_indices": i32(idx), "output_shape": i32(s),
                           "sparse_values": i32(v), "default_value": i32(-1)},
         **k)
  for v, d in [(o(["a", "b"]), "z"), (np.float64([1, 2]), np.float64(0.5)),
               (np.array([True, False]), np.array(True))]:
    case("SparseToDense", {"sparse_indices": i64([0, 2]), "sparse_values": v,
                           "output_shape": i64([4]), "default_value": d})
  case("SparseToDense", {"sparse_indices": i64([0, 2]), "output_shape": i64([4]),
                         "sparse_values": i32(1), "default_value": i32([1])})


  for idx, v, shape, b in [
      ([[0, 1], [0, 1]], [1, 2], [1, 2], [[5, 6]]),
      ([[0, 2]], [1], [1, 2], [[5, 6]]), ([[-1, 0]], [1], [1, 2], [[5, 6]]),
      ([0, 2], [1], [1, 2], [[5, 6]]), ([[0, 1]], [[1]], [1, 2], [[5, 6]]),
      ([[0, 1]], [1], [[1, 2]], [[5, 6]]), ([[0, 1]], [1], [2], [[5, 6]]),
      ([[0, 1]], [1], [1, 3], [[5, 6]]), ([[2], [0]], [1, 7], [3], [1, 1, 1]),
      (np.zeros([0, 2]), [], [1, 2], [[5, 6]])]:
    case("SparseTensorDenseAdd", {
        "a_indices": i64(idx), "a_shape": i64(shape),
        "a_values": np.array(v, np.float32), "b": np.array(b, np.float32)})


def depthwise():
  op = "DepthwiseConv2dNative"
  f = lambda *s: (np.arange(np.prod(s)) % 5 - 2).reshape(s).astype(np.float32)
  keys = dict(strides=[1, 1, 1, 1], padding="SAME")
  for x, w, k in [
      (f(1, 4, 5, 2), f(2, 3, 2, 1), {}), (f(2, 3, 3, 2), f(3, 3, 2, 3), {}),
      (f(1, 5, 5, 1), f(2, 2, 1, 2), dict(padding="VALID")),
      (f(1, 5, 6, 3), f(3, 2, 3, 1), dict(strides=[1, 2, 2, 1])),
      (f(1, 4, 4, 1), f(2, 2, 1, 1), dict(dilations=[1, 2, 2, 1])),
      (f(0, 2, 2, 2), f(1, 1, 2, 1), {}), (f(2, 2, 2), f(1, 1, 2, 1), {}),
      (f(1, 2, 2, 2), f(1, 2, 1), {}), (f(1, 2, 2, 2), f(1, 1, 3, 1), {}),
      (f(1, 2, 2, 2), f(1, 1, 2, 1), dict(strides=[1, 1, 2, 1])),
      (f(1, 2, 2, 2), f(1, 1, 2, 1), dict(strides=[2, 1, 1, 1])),
      (f(1, 2, 2, 2), f(1, 1, 2, 1), dict(strides=[1, 1, 1])),
      (f(1, 2, 2, 2), f(1, 1, 2, 1), dict(data_format="NCHW"))]:
    case(op, {"input": x, "filter": w}, **dict(keys, **k))
  case(op, {"input": P(None), "filter": P([2, 2, 2, 3])}, **keys)
  case(op, {"input": P([None, None, 4, None]), "filter": P([2, 2, 2, 3])},
       **keys)
  for sizes, w, g in [
      ([1, 4, 5, 2], f(2, 3, 2, 1), f(1, 4, 5, 2)),
      ([2, 3, 3, 2], f(3, 3, 2, 3), f(2, 3, 3, 6)),
      ([1, 2, 2], f(1, 1, 2, 1), f(1, 2, 2, 2)),
      ([1, 2, 2, 2], f(1, 1, 2, 1), f(1, 3, 2, 2)),
      ([1, 2, 2, 2], f(1, 1, 2, 1), f(1, 2, 3, 2)),
      ([1, 2, 2, 2], f(1, 1, 2, 1), f(1, 2, 2, 4)),
      ([1, 2, 2, 2], f(1, 1, 2, 1), f(2, 2, 2, 2)),
      ([1, 2, 2, 2], f(1, 1, 3, 1), f(1, 2, 2, 2)),
      ([1, 2, 2, 2], f(1, 1, 2, 1), f(1, 2, 2)),
      ([[1, 2, 2, 2]], f(1, 1, 2, 1), f(1, 2, 2, 2))]:
    case(op + "BackpropInput", {"input_sizes": i32(sizes), "filter": w,
                                "out_backprop": g}, **keys)
  for x, sizes, g in [
      (f(1, 4, 5, 2), [2, 3, 2, 1], f(1, 4, 5, 2)),
      (f(2, 3, 3, 2), [3, 3, 2, 3], f(2, 3, 3, 6)),
      (f(1, 2, 2, 2), [1, 1, 2], f(1, 2, 2, 2)),
      (f(1, 2, 2, 2), [1, 1, 2, 1], f(1, 2, 3, 2)),
      (f(1, 2, 2, 2), [[1, 1, 2, 1]], f(1, 2, 2, 2)),
      (f(1, 2, 2, 2), [1, 1, 2, 1], f(1, 2, 2, 4))]:
    case(op + "BackpropFilter", {"input": x, "filter_sizes": i32(sizes),
                                 "out_backprop": g}, **keys)


def candidates():
  for op in ["LogUniformCandidateSampler", "UniformCandidateSampler",
             "LearnedUnigramCandidateSampler",
             "ThreadUnsafeUnigramCandidateSampler"]:
    for n, unique, size, seeds in [
        (3, True, 10, (5, 7)), (10, True, 10, (1, 2)), (20, False, 7, (3, 9)),
        (64, True, 1000, (87654321, 4)), (5, False, 1, (1, 1)),
        (40, True, 64, (11, 0)), (11, True, 10, (5, 7))]:
      case(op, {"true_classes": i64([[0], [size // 2], [size - 1]])},
           num_true=1, num_sampled=n, unique=unique, range_max=size,
           seed=seeds[0], seed2=seeds[1])
    case(op, {"true_classes": i64([[1, 2], [3, 4]])}, num_true=2,
         num_sampled=4, unique=True, range_max=2**40 if op[0] == "U" else
         2**20, seed=1, seed2=2)
    case(op, {"true_classes": i64([1, 2])}, num_true=1, num_sampled=3,
         unique=True, range_max=10, seed=1, seed2=2)
    case(op, {"true_classes": i64([[1, 2]])}, num_true=1, num_sampled=3,
         unique=True, range_max=10, seed=1, seed2=2)
  case("AllCandidateSampler", {"true_classes": i64([[1, 2]])}, num_true=2,
       num_sampled=5, unique=True, seed=1, seed2=2)
  for t, s, n in [([[1, 2], [3, 4]], [4, 1, 1, 9], 2),
                  ([[1, 2], [3, 4]], [4, 1, 1, 9], 1), ([[1], [1]], [[1]], 1),
                  ([1], [1], 1), ([[1], [2]], [3], 1)]:
    case("ComputeAccidentalHits", {"true_classes": i64(t),
                                   "sampled_candidates": i64(s)}, num_true=n)


for make in [shapes, broadcasts, arrays, concats, splits, slices,
             strided_slices, gathers, rearrangements, sequences, diagonals,
             control, texts, scatters,
             depthwise, candidates]:
  make()
  sys.stderr.write("%s: %d\n" % (make.__name__, len(CASES)))
print("[\n" + ",\n".join(json.dumps(c, sort_keys=True) for c in CASES) + "\n]")
