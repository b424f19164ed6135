"""What a step did, as JSON: the part of player.py that looks at the results.

Everything is text that means the same on TensorFlow and on retrograph: the
folder is $DIR, random names are $UUID, messages without their stack traces.
"""
import base64
import collections
import hashlib
import json
import os
import re
import socket

import numpy as np

MAPS = {"variables", "trainable_variables", "local_variables",
        "model_variables", "global_step", "moving_average_variables",
        "regularization_losses"}


def normalise(text, folder):
    """What differs from run to run, or belongs to a machine, is taken out."""
    text = text.replace(folder, "$DIR")
    text = re.sub(r"\n*Original stack trace for '[^']*':\n(  .*\n|\n)*", "\n",
                  text)
    text = re.sub(r"(Originally defined at:\n\n)(  +.*\n?)+", r"\1", text)
    text = re.sub(r"(with these attrs: \[)([^\]]*)\]", lambda m: m.group(1) +
                  ", ".join(sorted(m.group(2).split(", "))) + "]", text)
    text = re.sub(r"  device='XLA_CPU.*\n", "", text)
    text = re.sub(r"\(defined at [^)'\"]*\)?", "(defined at $PLACE)", text)
    text = re.sub(r'File "[^"]*", line \d+', 'File "$FILE", line $LINE', text)
    text = re.sub(r"\b0x[0-9a-f]+", "$ADDR", text)
    text = re.sub(r"(_temp_|tmp)[0-9a-f]{32}", r"\1$UUID", text)
    text = re.sub(r"\.tempstate\d+", ".tempstate$N", text)
    text = text.replace("running on " + socket.gethostname(),
                        "running on $HOST")
    # Which of several ops fails first depends on thread timing.
    text = re.sub(r"(\[\[node \S*(Restore|RestoreV2|Assign|SaveV2))_\d+ ", r"\1 ",
                  text)
    # Which device scopes a node of a group was made in: lines of TensorFlow.
    text = re.sub(r" placed on device (No device|Device) assignments.*?"
                  r"(?=  was colocated|  and node | : Cannot )", "", text,
                  flags=re.DOTALL)
    text = re.sub(r"\]\]Additional information about colocations:.*", "]]", text,
                  flags=re.DOTALL)
    # Kinds of devices that ops of a group could be on: XLA's are among them.
    text = re.sub(r"Root Member\(.*?\n\n", "", text, flags=re.DOTALL)
    text = text.replace(
        ", /job:localhost/replica:0/task:0/device:XLA_CPU:0", "")
    # Which of several variables a message names depends on thread timing.
    text = re.sub(r"(Attempting to use uninitialized value )[^\s'\"]+", r"\1$NAME",
                  text)
    if "uninitialized" in text:
        text = re.sub(r"(resource variable |localhost/)[^\s'\"]+?"
                      r"(?= from|/N10|\))", r"\1$NAME", text)
        text = re.sub(r"\[\[(node|\{\{node) \S+", r"[[\1 $NODE", text)
    # A set, which Pythons print in any order.
    text = re.sub(r"(variables were missing: \{)([^}]*)", lambda m: m.group(1) +
                  ", ".join(sorted(m.group(2).split(", "))), text)
    return "\n".join(line.rstrip() for line in text.rstrip().split("\n"))


def value_text(value):
    """A value, exactly; a graph's thing by its name."""
    if isinstance(value, np.ndarray) or isinstance(value, np.generic):
        array = np.asarray(value)
        if array.dtype == object:
            content = [repr(x) for x in array.reshape(-1).tolist()]
        else:
            content = [array.tobytes().hex()]
            if "bfloat16" not in str(array.dtype):
                content.append(repr(array.tolist()))
        return ["array" if isinstance(value, np.ndarray) else "scalar",
                str(array.dtype), list(array.shape), content]
    if isinstance(value, dict):
        return ["dict", sorted([str(key), value_text(item)]
                               for key, item in value.items())]
    if isinstance(value, (list, tuple)):
        return [type(value).__name__] + [value_text(item) for item in value]
    if hasattr(value, "DESCRIPTOR"):
        return [value.DESCRIPTOR.name, message_text(value)]
    if value is None or isinstance(value, (bool, int, float, str, bytes)):
        return repr(value)
    name = getattr(value, "name", None)
    return [type(value).__name__, name if isinstance(name, str) else ""]


def canonical_meta(message, node_line):
    """A MetaGraphDef's meaning: its text without the order of its sets."""
    from tensorflow.core.framework import variable_pb2
    from tensorflow.core.protobuf import control_flow_pb2
    parts = []
    for key in sorted(message.collection_def):
        collection = message.collection_def[key]
        kind = collection.WhichOneof("kind")
        if kind != "bytes_list":
            parts.append("%s: %s" % (key, message_text(collection)))
            continue
        for data in collection.bytes_list.value:
            proto = None
            if key in MAPS:
                proto = variable_pb2.VariableDef.FromString(data)
            elif key == "cond_context":
                proto = control_flow_pb2.CondContextDef.FromString(data)
            elif key == "while_context":
                proto = control_flow_pb2.WhileContextDef.FromString(data)
            text = repr(data) if proto is None else message_text(proto)
            if key.endswith("_context"):
                text = "\n".join(sorted(text.split("\n")))
            parts.append("%s: %s" % (key, text))
    rest = type(message)()
    rest.CopyFrom(message)
    rest.ClearField("collection_def")
    nodes = [node_line(node) for node in rest.graph_def.node]
    rest.graph_def.ClearField("node")
    return "\n".join(nodes + [message_text(rest)] + parts)


def message_text(message):
    """A message as text, its maps sorted, its floats exact."""
    from google.protobuf import text_format
    return text_format.MessageToString(message, float_format=".9g",
                                       double_format=".17g")


def read_bytes(path):
    with open(path, "rb") as f:
        return f.read()


class Recorder:
    """Looks at a namespace's graphs and Savers, and at the folder."""

    def __init__(self, folder, names):
        self._folder = folder
        self._names = names
        self._seen = {}
        self.texts = {}  # long texts by digest; a record has the digest
        self._graphs = {}  # (version, what was seen) of each graph

    def _text(self, text):
        text = normalise(text, self._folder)
        if len(text) < 80:
            return text
        digest = hashlib.sha1(text.encode()).hexdigest()[:16]
        self.texts[digest] = text
        return "#" + digest

    def _node(self, node):
        """A node by its bytes, which compare.py makes text of."""
        for i, name in enumerate(node.input):  # some edges of loops say ":0"
            if name.endswith(":0"):
                node.input[i] = name[:-2]
        data = b"\n".join(
            [node.name.encode(), node.op.encode(), node.device.encode()] +
            [text.encode() for text in node.input] +
            [key.encode() + b"=" +
             node.attr[key].SerializeToString(deterministic=True)
             for key in sorted(node.attr)])
        if b"_temp_" in data:
            data = re.sub(rb"_temp_[0-9a-f]{32}", b"_temp_" + 32 * b"0", data)
        if self._folder.encode() in data:
            return self._text(message_text(node))
        digest = hashlib.sha1(data).hexdigest()[:16]
        if digest not in self.texts:
            self.texts[digest] = "node " + base64.b64encode(
                node.SerializeToString()).decode()
        return "#" + digest

    def record(self, error, out, log):
        record = collections.OrderedDict()
        if error is not None:
            message = getattr(error, "message", None)
            if message is None:
                message = str(error.args[0]) if error.args else ""
            record["error"] = [type(error).__name__,
                               self._text(str(message))]
        if "r" in self._names:
            record["value"] = self._text(
                json.dumps(value_text(self._names["r"])))
        if out:
            record["stdout"] = self._text(out)
        if log:
            record["log"] = [normalise(line, self._folder) for line in log]
        new = self._look()
        for key in sorted(set(new) | set(self._seen)):
            if new.get(key) != self._seen.get(key):
                record[key] = new.get(key)
        self._seen = new
        return record

    def _look(self):
        import tensorflow.compat.v1 as tf
        seen = {}
        for name, value in list(self._names.items()):
            if isinstance(value, tf.Graph):
                self._look_at_graph(name, value, seen)
            elif isinstance(value, tf.train.Saver):
                saver_def = value.as_saver_def()
                seen["saver/" + name] = self._text("" if saver_def is None
                                                   else message_text(saver_def))
                seen["last/" + name] = self._text(str(
                    list(value.last_checkpoints)))
        self._look_at_files(seen)
        return seen

    def _look_at_graph(self, name, graph, seen):
        version, nodes = self._graphs.get(id(graph), (None, {}))
        if version != graph.version:
            graph_def = graph.as_graph_def()
            nodes = {" order": self._text("\n".join(
                         node.name for node in graph_def.node)),
                     " rest": message_text(graph_def.versions) +
                     message_text(graph_def.library)}
            for node in graph_def.node:
                nodes[node.name] = self._node(node)
            self._graphs[id(graph)] = graph.version, nodes
        for node, text in nodes.items():
            seen["graph/%s/%s" % (name, node)] = text
        for key in graph.get_all_collection_keys():
            seen["collection/%s/%s" % (name, key)] = self._text(json.dumps(
                [value_text(item) for item in graph.get_collection(key)]))

    def _look_at_files(self, seen):
        for root, folders, files in os.walk(self._folder):
            folders.sort()
            relative = os.path.relpath(root, self._folder)
            for name in folders:
                seen["file/%s/" % normalise(os.path.join(relative, name),
                                            self._folder)] = "folder"
            for name in files:
                path = os.path.join(root, name)
                key = normalise(os.path.join(relative, name), self._folder)
                seen["file/" + key] = self._file(path)

    def _file(self, path):
        try:
            data = read_bytes(path)
        except OSError as e:
            return type(e).__name__
        import tensorflow.compat.v1 as tf
        if path.endswith("saved_model.pb"):
            return self._saved_model(data)
        if path.endswith(".pb"):
            graph = tf.MetaGraphDef()
            graph.graph_def.ParseFromString(data)
            return self._meta(path, lambda: graph)
        if b"1.15.5" in data and b"meta_info_def" in data:
            from google.protobuf import text_format
            return self._meta(path, lambda: text_format.Parse(
                data, tf.MetaGraphDef()))
        if b"1.15.5" in data or path.endswith(".meta"):
            return self._meta(path, lambda: tf.MetaGraphDef.FromString(data))
        if "checkpoint" in data[:40].decode("latin-1") or \
                path.endswith(".pbtxt"):
            return self._text("text " + data.decode("latin-1"))
        return "bytes %d %s" % (len(data), hashlib.sha1(data).hexdigest())


    def _saved_model(self, data):
        from tensorflow.core.protobuf import saved_model_pb2
        model = saved_model_pb2.SavedModel.FromString(data)
        parts = [canonical_meta(meta, self._node) for meta in model.meta_graphs]
        del model.meta_graphs[:]
        return self._text("\n".join(["saved model", message_text(model)] +
                                    parts))

    def _meta(self, path, parse):
        try:
            return self._text("meta " + canonical_meta(parse(), self._node))
        except Exception:  # its maps' order is chance, so are its bytes
            return "unparsable meta"


# ---- Restoring what another wrote -------------------------------------------

def checkpoints(folder):
    """Prefixes of what looks like a checkpoint, by their .meta or .index."""
    found = set()
    for root, _, files in os.walk(folder):
        for name in files:
            base, dot, ending = name.rpartition(".")
            if "_temp_" in root:  # left behind, under a random name
                continue
            if dot and ending in ("meta", "index"):
                found.add(os.path.join(root, base))
    return sorted(found)


def restored(folder, prefix):
    """{"prefix", "reader", "session"}: tensors and variables, or an error."""
    import tensorflow.compat.v1 as tf

    def attempt(function):
        try:
            return json.dumps(function())
        except Exception as e:
            message = getattr(e, "message", None) or str(e)
            return "%s: %s" % (type(e).__name__, normalise(message, folder))

    def read():
        reader = tf.train.load_checkpoint(prefix)
        return sorted([key, str(reader.get_variable_to_dtype_map()[key]),
                       value_text(reader.get_tensor(key))]
                      for key in reader.get_variable_to_shape_map())

    def restore():
        with tf.Graph().as_default(), tf.Session() as session:
            saver = tf.train.import_meta_graph(prefix + ".meta")
            if saver is None:
                return None
            saver.restore(session, prefix)
            values = []
            for variable in tf.global_variables():
                try:
                    values.append([variable.op.name,
                                   value_text(session.run(variable))])
                except tf.errors.FailedPreconditionError:
                    values.append([variable.op.name, "uninitialised"])
            return values

    return {"prefix": os.path.relpath(prefix, folder),
            "reader": attempt(read), "session": attempt(restore)}
