"""Readers of the files whose names are in a queue.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import os

import tensorflow.compat.v1 as tf

from dataset_helpers import records, write


def said(call):
    try:
        return repr(call())
    except tf.errors.OpError as e:
        return type(e).__name__, e.message.split(" (defined")[0]


def reads(reader, files, count=8, up_to=None):
    """What the reader reads, and its counts after each."""
    queue = tf.FIFOQueue(100, tf.string, name="q")
    record = (reader.read(queue) if up_to is None else
              reader.read_up_to(queue, up_to))
    fill, close = queue.enqueue_many([files]), queue.close()
    counts = [reader.num_records_produced(),
              reader.num_work_units_completed()]
    state, reset = reader.serialize_state(), reader.reset()
    result = [reader.supports_serialize]
    with tf.Session() as s:
        s.run(fill)
        s.run(close)
        for _ in range(count):
            result.append((said(lambda: tuple(s.run(record))),
                           s.run(counts)))
        result.append(said(lambda: s.run(state)))
        s.run(reset)
        result.append(s.run(counts))
    return result


def texts():
    return [write("a.txt", b"one\ntwo\r\n"), write("e.txt", b""),
            write("b.txt", b"three")]


def case_lines():
    return reads(tf.TextLineReader(), texts())


def case_lines_without_headers():
    return reads(tf.TextLineReader(skip_header_lines=1), texts())


def case_some_lines_at_once():
    return reads(tf.TextLineReader(), texts(), 4, up_to=2)


def case_no_lines_at_once():
    return reads(tf.TextLineReader(), texts(), 2, up_to=0)


def case_lines_of_a_file_that_is_not_there():
    files = texts()
    return reads(tf.TextLineReader(), [files[0], "none", files[2]])


def case_whole_files():
    return reads(tf.WholeFileReader(), texts(), 4)


def case_whole_files_at_once():
    return reads(tf.WholeFileReader(), texts(), 4, up_to=2)


def case_whole_files_that_are_not_there():
    return reads(tf.WholeFileReader(), [texts()[0], "none"], 4)


def case_names():
    return reads(tf.IdentityReader(), ["x", "y"], 3)


def bad_records():
    with open(records("good"), "rb") as f:
        good = f.read()
    return ["good", write("bad", good[:-1])]


def case_records():
    return reads(tf.TFRecordReader(), bad_records(), 9)


def case_many_records_at_once():
    return reads(tf.TFRecordReader(), bad_records(), 3, up_to=10)


def case_compressed_records():
    options = tf.python_io.TFRecordOptions(2)
    return reads(tf.TFRecordReader(options=options),
                 [records("packed", "GZIP")], 4)


def ten():
    return write("ten", bytes(bytearray(range(10))))


def case_records_of_one_length():
    return reads(tf.FixedLengthRecordReader(3, 1), [ten(), ten()])


def case_records_before_a_footer():
    return reads(tf.FixedLengthRecordReader(3, 1, 2), [ten()], 4)


def case_records_that_overlap():
    return reads(tf.FixedLengthRecordReader(3, hop_bytes=2), [ten()], 6)


def case_records_longer_than_the_file():
    return reads(tf.FixedLengthRecordReader(30), [ten()], 2)


def case_header_longer_than_the_file():
    return reads(tf.FixedLengthRecordReader(3, 20), [ten()], 2)


def case_negative_lengths():
    queue = tf.FIFOQueue(1, tf.string)
    reader = tf.FixedLengthRecordReader(3, -1)
    with tf.Session() as s:
        s.run(queue.close())
        return said(lambda: s.run(reader.read(queue)))


def case_state():
    reader = tf.WholeFileReader()
    state, counts = reader.serialize_state(), [
        reader.num_records_produced(), reader.num_work_units_completed()]
    restore = tf.placeholder(tf.string, [])
    restored = reader.restore_state(restore)
    with tf.Session() as s:
        result = []
        for text in (b"", b"\x08\x03\x10\x03\x18\x03",
                     b"\x08\x02\x10\x01\x18\x01\"\x04none", b"\x08",
                     b"\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"):
            result.append(said(lambda: s.run(restored, {restore: text})))
            result.append((s.run(state), s.run(counts)))
        return result


def case_pipeline():
    records("a.rec")
    queue = tf.train.string_input_producer(["a.rec"], num_epochs=2,
                                           shuffle=False)
    _, value = tf.TFRecordReader().read(queue)
    lengths = tf.strings.length(value)
    batch = tf.train.batch([lengths], 3)
    with tf.Session() as s:
        s.run(tf.local_variables_initializer())
        threads = tf.train.start_queue_runners(s, coord=None)
        return [s.run(batch).tolist() for _ in range(2)], len(threads)


def case_record_writers_open_and_close():
    kinds = tf.python_io.TFRecordCompressionType
    seen = []
    for kind in (kinds.NONE, kinds.GZIP, kinds.ZLIB):
        options = tf.python_io.TFRecordOptions(kind)
        writer = tf.python_io.TFRecordWriter("records", options)
        seen.append(os.path.getsize("records"))
        writer.write(b"one")
        writer.close()
        writer.close()
        for late in (lambda: writer.write(b"two"), writer.flush,
                     lambda: writer.write("text")):
            try:
                seen.append(late())
            except Exception as e:
                seen.append((type(e).__name__, str(e)))
        seen.append(list(tf.python_io.tf_record_iterator("records", options)))
        tf.python_io.TFRecordWriter("records", options).close()
        seen.append(list(tf.python_io.tf_record_iterator("records", options)))
    try:
        tf.python_io.TFRecordWriter("none/records")
    except tf.errors.NotFoundError as e:
        seen.append(e.message)
    return seen
