"""What tf.image asks of an image before it changes it."""
from retrograph.framework import ops
from retrograph.ops import array_ops
from retrograph.ops import check_ops
from retrograph.ops import control_flow_ops
from retrograph.ops import variables

_THREE = "'image' must be at least three-dimensional."
_POSITIVE = "all dims of 'image.shape' must be > 0"


def is_tensor(x):
    return isinstance(x, (ops.Tensor, variables.Variable))


def require(condition, message):
    """A ValueError now, or assertions for later if it is a tensor."""
    if is_tensor(condition):
        return [control_flow_ops.Assert(condition, [message])]
    if not condition:
        raise ValueError(message)
    return []


def dimensions(image, rank):
    """The sizes: numbers where they are known, else tensors."""
    shape = image.shape
    if shape.is_fully_defined():
        return shape.as_list()
    known = shape.with_rank(rank).as_list()
    sizes = array_ops.unstack(array_ops.shape(image), rank)
    return [size if number is None else number
            for number, size in zip(known, sizes)]


def _with_rank(image, rank, message):
    try:
        if image.shape.rank is None:
            return image.shape.with_rank(rank)
        return image.shape.with_rank_at_least(rank)
    except ValueError:
        raise ValueError(message)


def at_least_3d(image):
    """Assertions that it is an image or a batch of such, with pixels."""
    shape = _with_rank(image, 3, _THREE)
    if 0 in shape.as_list():
        raise ValueError("%s: %s" % (_POSITIVE, shape))
    if shape.is_fully_defined():
        return []
    return [check_ops.assert_positive(array_ops.shape(image),
                                      [_POSITIVE + "."]),
            check_ops.assert_greater_equal(array_ops.rank(image), 3,
                                           message=_THREE)]


def checked_3d(image):
    """The image, which waits for the assertions."""
    return control_flow_ops.with_dependencies(at_least_3d(image), image)


def checked_grayscale(image):
    message = "Last dimension of a grayscale image should be size 1."
    flat = "A grayscale image must be at least two-dimensional."
    shape = _with_rank(image, 2, flat)
    checks = []
    if shape.is_fully_defined():
        if shape.as_list()[-1] != 1:
            raise ValueError(message)
    else:
        checks = [check_ops.assert_equal(array_ops.shape(image)[-1], 1,
                                         message=message),
                  check_ops.assert_greater_equal(array_ops.rank(image), 3,
                                                 message=flat)]
    return control_flow_ops.with_dependencies(checks, image)


def wrong_rank():
    return ValueError("'image' must have either 3 or 4 dimensions.")


def as_batch(image):
    """The image as a batch, and whether it is one image alone."""
    rank = image.shape.rank
    if rank not in (None, 3, 4):
        raise wrong_rank()
    if rank == 4:
        return image, False
    image = array_ops.expand_dims(image, 0)
    if rank is None:
        image.set_shape([None] * 4)
    return image, True


def known_sizes(sizes):
    """A shape: None for tensors."""
    return [None if is_tensor(size) else size for size in sizes]
