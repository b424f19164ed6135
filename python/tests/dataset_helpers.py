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


def _parts(message):
    """What a message says, in an order of its own for maps."""
    result = []
    for field, value in message.ListFields():
        nested = field.message_type
        if nested and nested.GetOptions().map_entry:
            is_message = nested.fields_by_name["value"].message_type
            value = sorted((key, _parts(value[key]) if is_message else
                            value[key]) for key in value)
        elif nested and field.label == field.LABEL_REPEATED:
            value = [_parts(part) for part in value]
        elif nested:
            value = _parts(value)
        elif field.label == field.LABEL_REPEATED:
            value = list(value)
        elif field.name == "name":
            value = plain(value)
        result.append((field.name, value))
    return result


def functions():
    """The library of the default graph."""
    library = tf.get_default_graph().as_graph_def().library
    return sorted(repr(_parts(f)) for f in library.function)


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
