"""tf.summary: ops whose values are Summary messages."""
import contextlib
import re

from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.platform import tf_logging

_NOT_IN_TAGS = re.compile(r"[^-/\w\.]")


def _clean_tag(name):
    """The name with what a tag cannot have made "_"."""
    if name is None:
        return None
    cleaned = _NOT_IN_TAGS.sub("_", name).lstrip("/")
    if cleaned != name:
        tf_logging.info("Summary name %s is illegal; using %s instead.", name,
                        cleaned)
    return cleaned


@contextlib.contextmanager
def _summary_scope(name, family=None, default_name=None, values=None):
    """Enters the summary's name scope: (tag, scope)."""
    name, family = _clean_tag(name), _clean_tag(family)
    base = name if family is None else "%s/%s" % (family, name)
    with ops.name_scope(base, default_name, values) as scope:
        tag = scope.rstrip("/")
        yield (tag if family is None else "%s/%s" % (family, tag)), scope


def _collect(value, collections, default=(ops.GraphKeys.SUMMARIES,)):
    for key in default if collections is None else collections:
        ops.add_to_collection(key, value)
    return value


def scalar(name, tensor, collections=None, family=None):
    """A summary of one number.

    Parameters
    ----------
    name
        The tag, and the op's name.
    collections
        Where the summary is put; SUMMARIES by default.
    family
        Goes before the tag, to group summaries.

    Returns: a string tensor, a serialized Summary.
    """
    with _summary_scope(name, family, values=[tensor]) as (tag, scope):
        return _collect(op_library.apply_op(
            "ScalarSummary", scope, tags=tag, values=tensor), collections)


def image(name, tensor, max_outputs=3, collections=None, family=None):
    """A summary of images, as PNG files.

    Parameters
    ----------
    name
        The tag's beginning: "/image/0" and so on follow.
    tensor
        [batch, height, width, channels] of 1, 3 or 4 channels. Floats are
        scaled so that the largest is white; or, where some are below zero, so
        that zero is gray.
    max_outputs
        How many images of the batch at most.
    """
    with _summary_scope(name, family, values=[tensor]) as (tag, scope):
        return _collect(op_library.apply_op(
            "ImageSummary", scope, tag=tag, tensor=tensor,
            max_images=max_outputs), collections)


def histogram(name, values, collections=None, family=None):
    """A summary of how the values are spread."""
    with _summary_scope(name, family, default_name="HistogramSummary",
                        values=[values]) as (tag, scope):
        return _collect(op_library.apply_op(
            "HistogramSummary", scope, tag=tag, values=values), collections)


def tensor_summary(name, tensor, summary_description=None, collections=None,
                   summary_metadata=None, family=None, display_name=None):
    """A summary that holds a tensor of any type."""
    from retrograph import protos
    if summary_metadata is None:
        summary_metadata = protos.SummaryMetadata()
    if summary_description is not None:
        summary_metadata.summary_description = summary_description
    if display_name is not None:
        summary_metadata.display_name = display_name
    serialized = summary_metadata.SerializeToString()
    with _summary_scope(name, family, values=[tensor]) as (tag, scope):
        return _collect(op_library.apply_op(
            "TensorSummaryV2", scope, tensor=tensor, tag=tag,
            serialized_summary_metadata=serialized), collections)


def text(name, tensor, collections=None):
    """A summary of strings."""
    from retrograph import protos
    if tensor.dtype != dtypes.string:
        raise ValueError("Expected tensor %s to have dtype string, got %s"
                         % (tensor.name, tensor.dtype))
    return tensor_summary(
        name=name, tensor=tensor, collections=collections,
        summary_metadata=protos.SummaryMetadata(
            plugin_data=protos.SummaryMetadata.PluginData(
                plugin_name="text")))


def merge(inputs, collections=None, name=None):
    """One summary with the values of several."""
    inputs = list(inputs)
    with ops.name_scope(name, "Merge", inputs):
        return _collect(op_library.apply_op("MergeSummary", name,
                                            inputs=inputs), collections, ())


def merge_all(key=ops.GraphKeys.SUMMARIES, scope=None, name=None):
    """One summary with all of a collection's; None if it is empty."""
    summaries = ops.get_collection(key, scope=scope)
    return merge(summaries, name=name) if summaries else None
