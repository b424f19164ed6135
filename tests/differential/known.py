"""Differences that are meant to be: docs/tf1_differences.md says why."""
import re


def death(theirs, ours):
    """TensorFlow aborts or hangs; retrograph reports an error."""
    return theirs is not None and ours is None


def log(lines):
    """What matters of the lines of a log.

    TensorFlow says of its own functions that they are deprecated. It writes
    the state file before the .meta, retrograph after it: so do the lines that
    the two write about them. It complains of results that nobody used when they
    are collected.
    """
    return sorted(line for line in lines or [] if
                  "is deprecated and will be removed in" not in line and
                  "is deprecated and will be removed after" not in line and
                  "Object was never used" not in line)


def restored(theirs, ours):
    """A reader of TensorFlow's reads but a few dtypes from a V1 file, and no
    slices."""
    return theirs in ("UnimplementedError: Data type not supported",
                      "UnimplementedError: Sliced checkpoints are not "
                      "supported")


def same_error(theirs, ours):
    """Errors that mean the same, each [class, text]."""
    if not theirs or not ours:
        return False
    # TensorFlow fetches a resource's handle; no number comes of that either.
    if ours[1] == "Tensors of type resource cannot be fetched":
        return "only size-1 arrays" in theirs[1]
    if theirs[0] != ours[0]:
        return False
    # What repr() says of an array of a foreign graph.
    text = "Expected binary or unicode string, got"
    return theirs[1].startswith(text) and ours[1].startswith(text)


def only_theirs(theirs, ours):
    """Errors that TensorFlow alone has: the freezing of a string scalar."""
    return ours is None and theirs == [
        "AttributeError", "'bytes' object has no attribute 'shape'"]


class State:
    """Of one comparison, from step to step."""

    def __init__(self):
        self.over = False  # what follows cannot be compared

    def accepts(self, what, theirs, ours, their_step, our_step):
        if what == "error" and same_error(theirs, ours):
            return True
        if what == "error" and only_theirs(theirs, ours):
            self.over = True
        if what.startswith(("graph/", "collection/")) and \
                "error" in their_step and \
                their_step.get("error") == our_step.get("error"):
            # A failed step leaves other nodes behind on TensorFlow.
            self.over = True
        if what.endswith("/.retrograph"):
            # The mark of a folder of shards that nobody merged.
            return theirs is None
        if re.search(r"^file/.*(_temp_|(?<!\.data)-\d{5}-of-\d{5}$)", what) and \
                ours is None and "error" in their_step and \
                their_step["error"] == our_step.get("error"):
            # What the other shards of a failed save wrote stays on TensorFlow.
            self.over = True
        return False
