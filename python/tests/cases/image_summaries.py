"""Summaries of images: tags, sizes and pixels.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import numpy as np
import tensorflow.compat.v1 as tf
from case_helpers import attempt


def noise(shape, dtype=np.float32, scale=1.0, shift=0.0, seed=0):
    values = np.random.RandomState(seed).uniform(size=shape) * scale + shift
    return values.astype(dtype)


def pixels(tensor, feeds=None):
    """What the summary says, its files unpacked: deflate may differ."""
    with tf.Session() as s:
        summary = tf.Summary.FromString(s.run(tensor, feeds))
        with tf.Graph().as_default(), tf.Session() as other:
            return [(v.tag, v.image.height, v.image.width, v.image.colorspace,
                     other.run(tf.image.decode_png(
                         v.image.encoded_image_string)).tolist())
                    for v in summary.value]


def case_names():
    image = tf.placeholder(tf.float32, [None, 2, 2, 3])
    tf.summary.image("a b", image)
    tf.summary.image("x", image, max_outputs=1, family="fam")
    with tf.name_scope("scope"):
        tf.summary.image("in", image, collections=["mine"])
    return tf.summary.merge_all(), tf.get_collection("mine")


def case_tags_and_counts():
    batch = noise([3, 2, 2, 1], np.uint8, 255)
    return [pixels(tf.summary.image("t", batch, max_outputs=n))
            for n in (1, 2, 5)]


def case_bytes_are_pixels():
    return [pixels(tf.summary.image("t", noise([1, 3, 5, c], np.uint8, 255)))
            for c in (1, 3, 4)]


def case_floats_are_scaled():
    ranges = [(1, 0), (2, -1), (1, -2), (1e-7, 0), (1e-7, -1e-8), (1e30, 0),
              (300, -10), (0, 0)]
    return [pixels(tf.summary.image("t", tf.constant(
        noise([2, 4, 3, c], np.float64, scale, shift), t)))
            for scale, shift in ranges for c in (1, 3)
            for t in (tf.float32, tf.float64)]


def case_halves_are_scaled():
    return [pixels(tf.summary.image("t", noise([1, 6, 5, 3], np.float16, *r)))
            for r in ((1, 0), (2, -1), (500, -20))]


def case_what_is_not_finite_is_red():
    values = noise([1, 2, 3, 4], np.float32, 2, -.5)
    values[0, 0, 1, 2] = np.nan
    values[0, 1, 0, 0] = np.inf
    values[0, 1, 2, 3] = -np.inf
    bad = tf.make_tensor_proto([1, 2, 3, 4], tf.uint8)
    return [pixels(tf.summary.image("t", values)),
            pixels(tf.summary.image("t", values[..., :1] * np.inf)),
            pixels(tf.raw_ops.ImageSummary(tag="t", tensor=values,
                                           bad_color=bad))]


def case_wrong_calls():
    image = tf.placeholder(tf.float32)
    op = tf.summary.image("t", image)
    shapes = ([2, 2, 3], [1, 2, 2, 2], [1, 2, 0, 3], [0, 2, 2, 3])
    wrong = [attempt(pixels, op, {image: noise(shape)}) for shape in shapes]
    colors = [attempt(lambda: pixels(tf.raw_ops.ImageSummary(
        tag="t", tensor=noise([1, 2, 2, 3]),
        bad_color=tf.make_tensor_proto(color, dtype))))
        for color, dtype in (([1, 2], tf.uint8), (1, tf.uint8),
                             ([1., 2., 3.], tf.float32))]
    return wrong, colors, [
        attempt(lambda: pixels(tf.raw_ops.ImageSummary(
            tag=["t"], tensor=noise([1, 2, 2, 3])))),
        attempt(lambda: tf.summary.image("t", tf.constant([[[[1]]]]))),
        attempt(lambda: tf.summary.image("t", image, max_outputs=0)),
        attempt(lambda: pixels(tf.summary.image("t", noise([1, 1, 1, 1]),
                                                max_outputs=2**31)))]
