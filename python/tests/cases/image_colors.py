"""Colours of images and the types of their numbers: graphs and numbers.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import numpy as np
import tensorflow.compat.v1 as tf
from case_helpers import attempt, noise, run


def colors(*shape):
    return np.random.RandomState(5).uniform(0, 1, shape).astype(np.float32)


def bytes_(*shape):
    return np.random.RandomState(6).randint(0, 256, shape).astype(np.uint8)


TYPES = (tf.uint8, tf.int8, tf.int16, tf.uint16, tf.int32, tf.float16,
         tf.float32, tf.float64)


def case_convert_image_dtype():
    results = []
    for old in TYPES:
        numpy = old.as_numpy_dtype
        if old.is_integer:
            values = np.array([max(old.min, -100), 0, 1, 7, old.max // 3,
                               old.max], numpy)
        else:
            values = np.array([-.5, 0., .3, .7, 1., 1.5], numpy)
        for new in TYPES:
            for saturate in ((False, True) if old.is_integer else (True,)):
                results.append((old.name, new.name, attempt(
                    lambda: run(tf.image.convert_image_dtype(values, new,
                                                             saturate)))))
    return results


def case_convert_to_what_is_no_number():
    return [attempt(lambda: tf.image.convert_image_dtype([1.], t))
            for t in (tf.string, tf.bool)]


def case_brightness():
    return [run(tf.image.adjust_brightness(image, delta))
            for image in (colors(2, 3, 3), bytes_(2, 3, 3),
                          colors(2, 2, 1).astype(np.float16))
            for delta in (.1, -.4)]


def case_contrast():
    return [run(tf.image.adjust_contrast(image, factor))
            for image in (colors(5, 7, 3), colors(2, 1, 1, 3),
                          colors(3, 9, 4, 2), bytes_(4, 5, 3),
                          colors(1, 64, 33, 1)) for factor in (.5, 2., -1.)]


def case_random_light():
    image = tf.placeholder(tf.float32)
    return [run(f(image, *limits, seed=9), {image: colors(3, 4, 3)})
            for f, limits in (
                (tf.image.random_brightness, (.3,)),
                (tf.image.random_hue, (.2,)),
                (tf.image.random_contrast, (.2, 1.8)),
                (tf.image.random_saturation, (.5, 1.5)))]


def case_random_light_wrong():
    image = colors(3, 4, 3)
    return [attempt(f, image, *limits) for f, limits in (
        (tf.image.random_brightness, (-.3,)), (tf.image.random_hue, (-.2,)),
        (tf.image.random_hue, (.6,)), (tf.image.random_contrast, (1., 1.)),
        (tf.image.random_contrast, (-1., 1.)),
        (tf.image.random_saturation, (2., 1.)))]


def case_hue():
    image = np.concatenate([colors(4, 5, 3), [[[1, 0, 0], [0, 1, 0], [0, 0, 1],
                                               [.5, .5, .5], [1, 1, 0]]]])
    return [run(tf.image.adjust_hue(image.astype(np.float32), delta))
            for delta in (0., .1, -.3, .5, 1.7, -2.)] + [
        run(tf.image.adjust_hue(bytes_(2, 3, 3), .2))]


def case_saturation():
    image = np.concatenate([colors(4, 4, 3), [[[1, 0, 0], [0, 0, 0],
                                               [.5, .5, .5], [1, 1, 0]]]])
    return [run(tf.image.adjust_saturation(image.astype(np.float32), factor))
            for factor in (0., .5, 1., 3., -1.)] + [
        run(tf.image.adjust_saturation(bytes_(2, 3, 3), 2.))]


def case_gamma():
    return [run(tf.image.adjust_gamma(colors(2, 3, 1), 2., 1.5)),
            run(tf.image.adjust_gamma(bytes_(2, 3, 1), 1)),
            attempt(lambda: tf.image.adjust_gamma(colors(2, 3, 1), -1.))]


def case_spaces():
    image = np.concatenate([colors(20, 3), [[0, 0, 0], [1, 1, 1], [1, 0, 0],
                                            [0, 1, 1], [.2, .2, .9]]])
    return [run(f(image.astype(t)))
            for f in (tf.image.rgb_to_hsv, tf.image.hsv_to_rgb)
            for t in (np.float32, np.float64)]


def case_gray():
    return [run(tf.image.rgb_to_grayscale(image)) for image in
            (colors(3, 4, 3), bytes_(2, 3, 4, 3))] + [
        run(tf.image.grayscale_to_rgb(image)) for image in
        (tf.constant(colors(3, 4, 1)), tf.constant(bytes_(2, 3, 4, 1)))]


def case_gray_of_unknown_shape():
    results = []
    for known in ([None, None, 3], None):
        image = tf.placeholder(tf.float32, known)
        gray = tf.image.rgb_to_grayscale(image)
        results.append((str(gray.shape), run(gray, {image: colors(2, 2, 3)})))
    for known in ([None, None, 1], [2, 2, None]):
        image = tf.placeholder(tf.float32, known)
        rgb = tf.image.grayscale_to_rgb(image)
        results.append((str(rgb.shape), run(rgb, {image: colors(2, 2, 1)})))
        results.append(attempt(run, rgb, {image: colors(2, 2, 3)}))
    return results, attempt(
        lambda: tf.image.grayscale_to_rgb(tf.constant(colors(2, 2, 3)))), \
        attempt(lambda: tf.image.grayscale_to_rgb(tf.constant([1.])))


def rounded(tensor, feeds=None):
    shape, dtype, values = run(tensor, feeds)
    return shape, dtype, np.round(values, 5).tolist()


def case_standardization():
    image = tf.placeholder(tf.float32, [None, None, 3])
    standard = tf.image.per_image_standardization(image)
    return [rounded(tf.image.per_image_standardization(x))
            for x in (colors(5, 6, 3), colors(2, 3, 4, 1), bytes_(3, 3, 3),
                      np.ones([2, 2, 1], np.float32))] + [
        str(standard.shape), rounded(standard, {image: colors(4, 3, 3)}),
        attempt(run, standard, {image: colors(0, 3, 3)}),
        attempt(lambda: tf.image.per_image_standardization(colors(2, 2)))]


def case_total_variation():
    return [rounded(tf.image.total_variation(x)) for x in
            (tf.constant(colors(4, 5, 3)), tf.constant(colors(2, 4, 5, 1)))], \
        attempt(lambda: tf.image.total_variation(tf.constant([[1.]])))


def case_wrong_images():
    images, factor = tf.placeholder(tf.float32), tf.placeholder(tf.float32)
    ops = [tf.raw_ops.AdjustContrastv2(images=images, contrast_factor=factor),
           tf.raw_ops.AdjustHue(images=images, delta=factor),
           tf.raw_ops.AdjustSaturation(images=images, scale=factor)]
    feeds = [([2, 3], 1.), ([2, 3, 3], [1.]), ([2, 3, 4], 1.), ([2, 0, 3], 1.),
             ([0, 2, 0, 0], 1.)]
    spaces = [tf.image.rgb_to_hsv(images), tf.image.hsv_to_rgb(images)]
    return [[attempt(run, op, {images: np.zeros(shape, np.float32), factor: f})
             for shape, f in feeds] for op in ops], [
        [attempt(run, op, {images: np.zeros(shape, np.float32)})
         for shape in ([], [3], [2, 4], [0, 3])] for op in spaces], [
        attempt(lambda: op(images=tf.zeros([2, 4])))
        for op in (tf.raw_ops.RGBToHSV, tf.raw_ops.HSVToRGB)]


def case_assertions_of_signs():
    x = tf.placeholder(tf.int32, name="x")
    checks = [getattr(tf, "assert_" + name)(x) for name in (
        "positive", "negative", "non_positive", "non_negative")]
    with tf.Session() as s:
        return [attempt(s.run, c, {x: v}) for c in checks
                for v in ([1, 2], [0], [-3])], attempt(
            lambda: tf.assert_positive([0], message="m"))


def case_tensordot():
    a, b = noise(2, 3, 4), noise(4, 3, 5)
    results = [rounded(tf.tensordot(a, b, axes)) for axes in (
        [[2], [0]], [[1, 2], [1, 0]], 0, [2, 0], [[-1], [-3]])]
    for known in ([None, 3, None], None):
        p = tf.placeholder(tf.float32, known)
        for axes in ([[2], [0]], 1, tf.constant([[2], [0]])):
            t = tf.tensordot(p, b, axes)
            results.append((str(t.shape), rounded(t, {p: a})))
    return results, [attempt(lambda: tf.tensordot(a, b, axes)) for axes in (
        -1, 4, [1], [[1, 2], [0]])]
