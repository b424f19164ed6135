"""What cases of datasets share: what comes of one, and files to read."""
import re
import zlib

import tensorflow.compat.v1 as tf


def said(function):
    try:
        return repr(function())
    except Exception as e:
        text = getattr(e, "message", None) or str(e)
        # TensorFlow converts functions by AutoGraph, which wraps errors.
        return "%s: %s" % (type(e).__name__, text.split(" (defined")[0])


def plain(text):
    """Without the numbers of functions and places of Python's lines."""
    text = re.sub(r"(__inference_[^\s}\"]*)_\d+", r"\1_N", text)
    text = re.sub(r"\nTraceback.*\n\n\n", "\nTRACEBACK\n", text, flags=re.S)
    return text.split(" (defined")[0]


def _numbered(message):
    """Takes the numbers off the functions' names in a message."""
    for field, value in message.ListFields():
        if field.message_type and field.message_type.GetOptions().map_entry:
            if field.message_type.fields_by_name["value"].message_type:
                for key in value:
                    _numbered(value[key])
        elif field.message_type:
            for part in (value if isinstance(value, (list, tuple)) or
                         hasattr(value, "add") else [value]):
                _numbered(part)
        elif field.name == "name":
            message.name = plain(message.name)


def functions():
    """The library of the default graph."""
    library = tf.get_default_graph().as_graph_def().library
    _numbered(library)
    return sorted((f.signature.name, f.SerializeToString(
        deterministic=True).hex()) for f in library.function)


def elements(dataset, rounds=1, limit=40):
    """What an initializable iterator gives, errors and all."""
    iterator = tf.data.make_initializable_iterator(dataset)
    following = iterator.get_next()
    result = []
    with tf.Session() as s:
        for _ in range(rounds):
            s.run(iterator.initializer)
            for _ in range(limit):
                try:
                    result.append(repr(s.run(following)))
                except tf.errors.OutOfRangeError as e:
                    result.append(plain(e.message))
                    break
                except tf.errors.OpError as e:
                    result.append((type(e).__name__, plain(e.message),
                                   e.op is None))
    return result


def gzipped(data):
    """As gzip.compress, without the time."""
    packer = zlib.compressobj(wbits=31)
    return packer.compress(data) + packer.flush()


def write(name, data):
    with open(name, "wb") as f:
        f.write(data)
    return name


def records(name, kind=""):
    options = tf.python_io.TFRecordOptions(
        {"": 0, "ZLIB": 1, "GZIP": 2}[kind])
    with tf.python_io.TFRecordWriter(name, options=options) as writer:
        for record in (b"", b"abc", b"x" * 20):
            writer.write(record)
    return name
