"""Differences that are meant to be: docs/tf1_differences.md says why."""


def death(theirs, ours):
    """TensorFlow aborts or hangs; retrograph reports an error."""
    return theirs is not None and ours is None


def log(lines):
    """TensorFlow says of its own functions that they are deprecated."""
    return [line for line in lines or [] if
            "is deprecated and will be removed in" not in line and
            "is deprecated and will be removed after" not in line]


def restored(theirs, ours):
    return False


class State:
    """Of one comparison, from step to step."""

    def __init__(self):
        self.over = False  # what follows cannot be compared

    def accepts(self, what, theirs, ours, their_step, our_step):
        if what.startswith("graph/") and "error" in their_step and \
                their_step.get("error") == our_step.get("error"):
            # A failed step leaves other nodes behind on TensorFlow.
            self.over = True
        return False
