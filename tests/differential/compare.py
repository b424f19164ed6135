"""Compares the records of one program: TensorFlow's and retrograph's."""
import base64
import difflib
import re

import known


class Difference:
    """Where two records first differ."""

    def __init__(self, step, what, theirs, ours):
        self.step = step
        self.what = what
        self.theirs = theirs
        self.ours = ours

    @property
    def kind(self):
        """What differs, without the names of the program."""
        what = re.sub(r"^(graph|collection|saver|last)/.*", r"\1", self.what)
        what = re.sub(r"^file/.*?([^/.]*(\.\w+)?)$", r"file \2", what)
        if what == "error":
            return "error %s / %s" % (
                (self.theirs or ["none"])[0], (self.ours or ["none"])[0])
        return what

    def __str__(self):
        return "step %d, %s\n%s" % (self.step, self.what, "\n".join(
            difflib.unified_diff(_lines(self.theirs), _lines(self.ours),
                                 "TensorFlow", "retrograph", lineterm="",
                                 n=2)))


def _lines(value):
    text = value if isinstance(value, str) else "\n".join(
        str(item) for item in value) if isinstance(value, list) else repr(value)
    return [line[i:i + 400] for line in text.split("\n")
            for i in range(0, max(1, min(len(line), 4000)), 400)]


def _node_text(encoded):
    from google.protobuf import text_format
    from retrograph.proto import node_def_pb2
    return text_format.MessageToString(node_def_pb2.NodeDef.FromString(
        base64.b64decode(encoded)))


def _expand(value, texts):
    if isinstance(value, str) and value.startswith("#"):
        text = texts.get(value[1:], value)
        if text.startswith("node "):
            return _node_text(text[5:])
        return "\n".join(_expand(line, texts) for line in text.split("\n")) \
            if "#" in text and text != value else text
    if isinstance(value, list):
        return [_expand(item, texts) for item in value]
    return value


def first_difference(theirs, ours, state=None):
    """The first Difference that is not a known one, or None."""
    if "died" in theirs or "died" in ours:
        if theirs.get("died") == ours.get("died") or \
                known.death(theirs.get("died"), ours.get("died")):
            return None
        return Difference(10 ** 6, "died", str(theirs.get("died")),
                          str(ours.get("died")))
    state = state or known.State()
    for number, (a, b) in enumerate(zip(theirs["steps"], ours["steps"])):
        for what in sorted(set(a) | set(b), key=_order):
            if a.get(what) == b.get(what):
                continue
            if what == "log" and known.log(a.get(what)) == known.log(
                    b.get(what)):
                continue
            left = _expand(a.get(what), theirs["texts"])
            right = _expand(b.get(what), ours["texts"])
            if state.accepts(what, left, right, a, b):
                continue
            if state.over:
                return None
            return Difference(number, what, left, right)
        if state.over:
            return None
    return None


def _order(what):
    for place, start in enumerate(["error", "value", "stdout", "graph", "saver",
                                   "collection", "last", "file", "log"]):
        if what.startswith(start):
            return place, what
    return 99, what


def restored_differences(theirs, ours):
    """What TensorFlow read of ours and we of TensorFlow's, not alike."""
    if theirs is None or ours is None or "died" in theirs or "died" in ours:
        if known.death((theirs or {}).get("died"), (ours or {}).get("died")):
            return
        if theirs != ours:
            yield Difference(0, "restore died", str(theirs)[:300],
                             str(ours)[:300])
        return
    left = {step["prefix"]: step for step in theirs["steps"]}
    right = {step["prefix"]: step for step in ours["steps"]}
    for prefix in sorted(set(left) | set(right)):
        a, b = left.get(prefix, {}), right.get(prefix, {})
        for what in ("reader", "session"):
            if a.get(what) != b.get(what) and not known.restored(
                    a.get(what), b.get(what)):
                yield Difference(0, "restored %s" % what,
                                 "%s %s" % (prefix, a.get(what)),
                                 "%s %s" % (prefix, b.get(what)))
                return
