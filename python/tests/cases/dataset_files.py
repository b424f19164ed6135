"""Datasets of files, padded batches, windows, caches and the like.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import zlib

import tensorflow.compat.v1 as tf

from dataset_helpers import elements, functions, gzipped, records, said
from dataset_helpers import write

Dataset = tf.data.Dataset
experimental = tf.data.experimental


def unknown(value):
    """A tensor whose shape is not known."""
    return tf.placeholder_with_default(value, None)


def case_text_lines():
    files = [write("a.txt", b"one\ntwo\r\nth\rree\n\nfive"),
             write("b.txt", b""), write("c.txt", b"\n")]
    lines = tf.data.TextLineDataset(files)
    return (elements(lines), lines, functions(),
            elements(tf.data.TextLineDataset("a.txt", buffer_size=3)),
            elements(tf.data.TextLineDataset(files, num_parallel_reads=2)))


def case_text_lines_of_a_dataset_of_names():
    write("a.txt", b"one\ntwo")
    names = Dataset.from_tensor_slices(["a.txt", "a.txt"])
    return elements(tf.data.TextLineDataset(names))


def case_compressed_text_lines():
    write("a.gz", gzipped(b"g1\ng2\n"))
    write("a.zz", zlib.compress(b"z1\nz2\n"))
    write("a.txt", b"plain text\n")
    return [elements(tf.data.TextLineDataset(*args), limit=3) for args in (
        ("a.gz", "GZIP"), ("a.zz", "ZLIB"), ("a.txt", "GZIP"),
        ("a.txt", "ZLIB"), ("a.txt", "LZ"))]


def case_text_lines_that_cannot_be_read():
    write("a.txt", b"one\n")
    return [elements(tf.data.TextLineDataset(*args), limit=3) for args in (
        (["a.txt", "none"],), (".",), ("a.txt", None, -1))]


def case_records():
    records("a.rec")
    dataset = tf.data.TFRecordDataset(["a.rec"])
    return (elements(dataset), dataset, functions(),
            elements(tf.data.TFRecordDataset(["a.rec", "a.rec"],
                                             num_parallel_reads=2)))


def case_compressed_records():
    for kind in ("GZIP", "ZLIB"):
        records("a." + kind, kind)
    with open("a.GZIP", "rb") as f:
        write("cut", f.read()[:-12])
    records("plain")
    return [elements(tf.data.TFRecordDataset(*args), limit=4) for args in (
        ("a.GZIP", "GZIP"), ("a.ZLIB", "ZLIB"), ("cut", "GZIP"),
        ("plain", "GZIP"), ("plain", "unheard of"), ("plain", None, -3))]


def case_bad_records():
    with open(records("good"), "rb") as f:
        good = bytearray(f.read())
    result = []
    for at in (8, 24, 28):
        bad = bytearray(good)
        bad[at] ^= 1
        result.append(elements(
            tf.data.TFRecordDataset(write("bad%d" % at, bytes(bad)))))
    for length in (3, 20, len(good) - 1):
        result.append(elements(tf.data.TFRecordDataset(
            write("cut%d" % length, bytes(good[:length])))))
    result.append(elements(tf.data.TFRecordDataset(write("t", b"text " * 9))))
    result.append(elements(tf.data.TFRecordDataset("none"), limit=2))
    return result


def case_records_of_one_length():
    write("ten", bytes(bytearray(range(10))))
    write("ten.gz", gzipped(bytes(bytearray(range(10)))))
    read = tf.data.FixedLengthRecordDataset
    return ([elements(d, limit=3) for d in (
        read("ten", 5), read("ten", 3),
        read(["ten", "ten"], 4, header_bytes=1, footer_bytes=1),
        read("ten.gz", 4, header_bytes=1, footer_bytes=1,
             compression_type="GZIP"),
        read("ten.gz", 4, compression_type="GZIP"), read("none", 5),
        read("ten", 0), read("ten", 5, header_bytes=-1),
        read("ten", 5, footer_bytes=-1), read("ten", 5, buffer_size=-1))],
        read("ten", 5), functions())


def case_listed_files():
    for name in ("c.txt", "a.txt", "b.txt", "d.bin"):
        write(name, b"")
    tf.set_random_seed(1)
    return (elements(Dataset.list_files("*.txt", shuffle=False)),
            elements(Dataset.list_files("*.txt", seed=4)),
            said(lambda: elements(Dataset.list_files(["*.x", "*.y"]))))


def case_padded_batches():
    ragged = Dataset.range(5).map(lambda x: tf.range(x))
    pairs = Dataset.range(5).map(
        lambda x: (x, tf.fill([x], tf.as_string(x))))
    minus = tf.constant(-1, tf.int64)
    return [elements(d) for d in (
        ragged.padded_batch(2, [None]), ragged.padded_batch(2, [4], minus),
        ragged.padded_batch(2, [3]),
        pairs.padded_batch(2, ([], [-1]), drop_remainder=True),
        pairs.padded_batch(2, ([], [6]), (minus, "-")))] + [
            ragged.padded_batch(2, [None]), pairs.padded_batch(2, ([], [7]))]


def case_padded_batches_of_matrices():
    return elements(Dataset.range(4).map(
        lambda x: tf.reshape(tf.range(x * 2), [x, 2])).padded_batch(
            3, [None, 3]))


def case_padded_batches_that_cannot_be():
    ragged = Dataset.range(5).map(lambda x: tf.range(x))
    rows = Dataset.from_tensors(unknown(tf.zeros([2, 2])))
    return [said(lambda: elements(d())) for d in (
        lambda: ragged.padded_batch(2, []),
        lambda: ragged.padded_batch(0, [None]),
        lambda: ragged.padded_batch(2, [None], 1.),
        lambda: ragged.padded_batch(2, [None], tf.zeros([2], tf.int64)),
        lambda: ragged.padded_batch(2, [-5]),
        lambda: rows.padded_batch(2, [None]),
        lambda: rows.padded_batch(2, unknown(tf.constant([[1]], tf.int64))))]


def case_caches():
    random = Dataset.range(3).map(lambda x: tf.random_uniform([], seed=3))
    return (elements(random.cache().repeat(2), rounds=2),
            elements(Dataset.range(5).cache().take(2).repeat(2), rounds=2))


def case_shards():
    five = Dataset.range(5)
    return [elements(five.shard(2, 1)), elements(five.shard(5, 4)),
            elements(five.shard(9, 7))] + [
                said(lambda: elements(five.shard(*args)))
                for args in ((2, 2), (0, 0), (2, -1))]


def case_windows():
    seven = Dataset.range(7)

    def batches(window):
        return window.flat_map(lambda d: d.batch(9))
    return [elements(batches(d)) for d in (
        seven.window(3), seven.window(2, 1, 1, True),
        seven.window(2, shift=3, stride=2), seven.window(3, shift=5))] + [
            said(lambda: elements(seven.window(*args)))
            for args in ((0,), (1, 0), (1, 1, 0))]


def case_rows_of_batches():
    batches = Dataset.range(7).batch(3)
    uneven = Dataset.from_tensors((unknown(tf.range(3)),
                                   unknown(tf.range(2))))
    scalar = Dataset.from_tensors((unknown(tf.range(3)),
                                   unknown(tf.constant(1))))
    return [elements(d.apply(experimental.unbatch()))
            for d in (batches, uneven, scalar)]


def case_errors_ignored():
    return elements(Dataset.range(3).map(lambda x: tf.check_numerics(
        1. / tf.cast(x - 1, tf.float32), "bad")).apply(
            experimental.ignore_errors()))


def case_shuffled_and_repeated():
    tf.set_random_seed(3)
    return elements(Dataset.range(5).apply(
        experimental.shuffle_and_repeat(3, 2)))


def case_numbered():
    return elements(Dataset.range(3, 5).apply(
        experimental.enumerate_dataset(4)))
