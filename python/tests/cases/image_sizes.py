"""Images turned, cut, padded and resized: graphs and numbers.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import numpy as np
import tensorflow.compat.v1 as tf
from case_helpers import attempt, noise, run


def built_and_run(function, *shapes):
    """On constants, and on placeholders of which less and less is known."""
    results = []
    for shape in shapes:
        value = noise(*shape)
        for known in (shape, [None] * len(shape), None):
            image = tf.placeholder(tf.float32, known)
            tensor = attempt(lambda: function(image))
            if isinstance(tensor, tf.Tensor):
                results.append((str(tensor.shape),
                                attempt(run, tensor, {image: value})))
            else:
                results.append(tensor)
    return results


def case_flips():
    return [built_and_run(f, [2, 3, 2], [2, 2, 3, 1], [2, 2])
            for f in (tf.image.flip_left_right, tf.image.flip_up_down)]


def case_random_flips():
    return [built_and_run(lambda x: f(x, seed=4), [2, 3, 2], [4, 2, 3, 1])
            for f in (tf.image.random_flip_left_right,
                      tf.image.random_flip_up_down)]


def case_random_flip_of_a_constant():
    return run(tf.image.random_flip_left_right(noise(2, 3, 1), seed=1))


def case_transpose():
    return built_and_run(tf.image.transpose_image, [2, 3, 2], [2, 2, 3, 1])


def case_rot90():
    return [built_and_run(lambda x: tf.image.rot90(x, k), [2, 3, 1])
            for k in (1, 2, 3, 4, -1)]


def case_rot90_of_a_batch():
    return built_and_run(tf.image.rot90, [2, 2, 3, 1])


def case_central_crop():
    return [built_and_run(lambda x: tf.image.central_crop(x, f), [7, 5, 2],
                          [2, 6, 8, 1]) for f in (.5, .3, 1.)] + [
        attempt(lambda: tf.image.central_crop(noise(4, 4, 1), f))
        for f in (0., 1.5)]


def case_crop_to_bounding_box():
    return [built_and_run(
        lambda x: tf.image.crop_to_bounding_box(x, *box), [5, 6, 2],
        [2, 5, 6, 1]) for box in ([1, 2, 3, 4], [0, 0, 5, 6])], [
        attempt(lambda: tf.image.crop_to_bounding_box(noise(5, 6, 2), *box))
        for box in ([3, 0, 3, 2], [0, 5, 1, 2], [-1, 0, 2, 2], [0, -1, 2, 2],
                    [0, 0, 0, 1], [0, 0, 1, 0])]


def case_pad_to_bounding_box():
    return [built_and_run(
        lambda x: tf.image.pad_to_bounding_box(x, *box), [2, 3, 2],
        [2, 2, 3, 1]) for box in ([1, 2, 5, 6], [0, 0, 2, 3])], [
        attempt(lambda: tf.image.pad_to_bounding_box(noise(2, 3, 2), *box))
        for box in ([1, 0, 2, 3], [0, 1, 2, 3], [0, -1, 4, 4], [-1, 0, 4, 4])]


def case_resize_with_crop_or_pad():
    return [built_and_run(
        lambda x: tf.image.resize_image_with_crop_or_pad(x, *size),
        [4, 5, 2], [2, 4, 5, 1])
            for size in ([2, 3], [6, 8], [3, 8], [4, 5])], [
        attempt(lambda: tf.image.resize_with_crop_or_pad(noise(4, 5, 1), *size))
        for size in ([0, 2], [2, 0])]


def case_resize_with_crop_or_pad_to_tensors():
    height, width = tf.placeholder(tf.int32, []), tf.placeholder(tf.int32, [])
    tensor = tf.image.resize_with_crop_or_pad(noise(4, 5, 1), height, width)
    return str(tensor.shape), [
        attempt(run, tensor, {height: h, width: w})
        for h, w in ((2, 3), (6, 7), (3, 9), (0, 1))]


METHODS = {"bilinear": 0, "nearest": 1, "bicubic": 2, "area": 3}
SIZES = [(3, 4), (8, 9), (1, 1), (5, 7), (13, 2), (10, 14), (5, 3)]


def case_resize_numbers():
    image = noise(2, 5, 7, 3)
    return [(m, size, align, run(tf.image.resize_images(
        image, size, method=m, align_corners=align)))
            for m in METHODS.values() for size in SIZES
            for align in (False, True)]


def case_resize_half_pixels():
    image = noise(1, 5, 7, 2)
    return [run(op(images=image, size=size, half_pixel_centers=True))
            for op in (tf.raw_ops.ResizeBilinear, tf.raw_ops.ResizeBicubic,
                       tf.raw_ops.ResizeNearestNeighbor) for size in SIZES]


def case_resize_types():
    types = (tf.uint8, tf.int8, tf.int16, tf.uint16, tf.int32, tf.int64,
             tf.float16, tf.float64)
    return [run(tf.image.resize_images(
        tf.constant(noise(1, 3, 4, 2, dtype=t.as_numpy_dtype)), (5, 2),
        method=m)) for m in METHODS.values() for t in types]


def case_resize_not_finite():
    image = noise(1, 3, 3, 1)
    image[0, 1, 1, 0] = np.inf
    image[0, 0, 2, 0] = np.nan
    return [run(tf.raw_ops.ResizeBilinear(images=image, size=size))
            for size in ((3, 3), (2, 5))]


def case_resize_graphs():
    size = tf.placeholder(tf.int32)
    return [built_and_run(lambda x: tf.image.resize_images(x, to, **kw),
                          [4, 6, 2], [2, 4, 6, 1], [2, 2])
            for to, kw in (([2, 3], {}), ([4, 6], {}), ((8, 5), {"method": 1}),
                           ([3, 3], {"preserve_aspect_ratio": True}),
                           ([2, 3], {"name": "n"}), ([2.5, 3], {}), ([1], {}),
                           ([2, 3], {"method": 7}), ([0, 3], {}))]


def case_resize_to_a_tensor():
    size = tf.placeholder(tf.int32, [2])
    tensor = tf.image.resize_images(noise(1, 3, 4, 1), size)
    return str(tensor.shape), [attempt(run, tensor, {size: s})
                               for s in ([2, 2], [3, 4], [0, 1], [-1, 2])]


def case_resize_with_pad():
    return [built_and_run(lambda x: tf.image.resize_image_with_pad(x, *size),
                          [4, 6, 1]) for size in ([2, 5], [8, 8])]


def case_resizers():
    image = noise(1, 4, 4, 1)
    return [run(f(image, [3, 5])) for f in (
        tf.image.resize_bilinear, tf.image.resize_nearest_neighbor,
        tf.image.resize_bicubic, tf.image.resize_area)]


def case_resize_gradients():
    results = []
    for op in ("ResizeBilinear", "ResizeBicubic", "ResizeNearestNeighbor"):
        for kw in ({}, {"align_corners": True}, {"half_pixel_centers": True}):
            for size in ((3, 4), (9, 5)):
                image = tf.constant(noise(2, 5, 7, 2))
                resized = getattr(tf.raw_ops, op)(images=image, size=size,
                                                  **kw)
                weights = np.arange(size[0] * size[1] * 4).reshape(
                    2, size[0], size[1], 2) / 16.
                results.append(run(tf.gradients(resized * weights, image)[0]))
    return results


def case_gradients_of_unknown_sizes():
    image = tf.placeholder(tf.float32, [None, None, None, 1])
    return [run(tf.gradients(f(image, [3, 5]), image)[0],
                {image: noise(1, 4, 2, 1)})
            for f in (tf.image.resize_bilinear, tf.image.resize_bicubic,
                      tf.image.resize_nearest_neighbor)]


BOXES = np.array([[0, 0, 1, 1], [.2, .3, .7, .6], [-.3, .1, 1.2, .9],
                  [.9, .8, .1, .2], [.5, .5, .5, .5]], np.float32)
BOX_IND = [0, 1, 1, 0, 1]


def case_crop_and_resize():
    image = noise(2, 6, 5, 3)
    return [run(tf.image.crop_and_resize(
        image, BOXES, BOX_IND, size, method=m, extrapolation_value=.5))
            for size in ((3, 4), (1, 1), (7, 8))
            for m in ("bilinear", "nearest")] + [
        run(tf.image.crop_and_resize(noise(2, 4, 4, 1, dtype=t), BOXES,
                                     box_indices=BOX_IND, crop_size=[2, 3]))
        for t in (np.uint8, np.int32, np.float16, np.float64)]


def case_crop_and_resize_gradients():
    results = []
    for size in ((3, 4), (1, 1)):
        image, boxes = tf.constant(noise(2, 6, 5, 2)), tf.constant(BOXES)
        crops = tf.image.crop_and_resize(image, boxes, BOX_IND, size)
        weights = np.arange(10. * size[0] * size[1]).reshape(
            5, size[0], size[1], 2)
        results += [run(g) for g in tf.gradients(crops * weights,
                                                 [image, boxes])]
    return results


def case_crop_and_resize_wrong():
    def crop(image=(1, 4, 4, 3), boxes=(1, 4), ind=(0,), size=(2, 2)):
        feeds = [noise(*image), np.zeros(boxes, np.float32),
                 np.array(ind, np.int32), np.array(size, np.int32)]
        fed = [tf.placeholder(f.dtype) for f in feeds]
        return run(tf.image.crop_and_resize(*fed), dict(zip(fed, feeds)))
    return [attempt(crop, **kw) for kw in (
        {"image": (4, 4, 3)}, {"image": (1, 0, 4, 3)}, {"boxes": (4,)},
        {"boxes": (1, 5)}, {"ind": ((0,),)}, {"ind": (0, 0)}, {"ind": (1,)},
        {"ind": (-1,)}, {"boxes": (0, 4), "ind": ()}, {"size": ((2, 2),)},
        {"size": (2, 2, 2)}, {"size": (0, 2)})]


def case_resize_wrong():
    images, size = tf.placeholder(tf.float32), tf.placeholder(tf.int32)
    ops = [f(images, size) for f in (
        tf.image.resize_bilinear, tf.image.resize_nearest_neighbor,
        tf.image.resize_bicubic, tf.image.resize_area)]
    feeds = [([2, 3, 3], [2, 2]), ([1, 2, 3, 3], [[2, 2]]),
             ([1, 2, 3, 3], [2, 2, 2]), ([1, 2, 3, 3], [0, 2]),
             ([1, 2, 3, 3], [2, -1]), ([1, 0, 3, 3], [1, 2]),
             ([1, 2, 3, 0], [1, 2]), ([0, 2, 3, 3], [1, 2])]
    both = tf.image.resize_bilinear(images, size, align_corners=True,
                                    half_pixel_centers=True)
    return [[attempt(run, op, {images: np.zeros(shape, np.float32), size: s})
             for shape, s in feeds] for op in ops], attempt(
        run, both, {images: noise(1, 2, 2, 1), size: [2, 2]})
