"""tf.contrib, where scripts reach into it for savers, variables and scopes."""
from retrograph import api


def make_module(parent):
    """The module `contrib` of `parent`; its parts are imported when used."""
    import importlib

    def part(name):
        return lambda: importlib.import_module("retrograph.contrib." + name)
    return api.submodule(parent, "contrib", {}, doc=__doc__, lazy={
        name: part(name) for name in (
            "checkpoint", "data", "distributions", "framework", "layers",
            "learn", "legacy_seq2seq", "lookup", "rnn", "seq2seq", "slim",
            "tensorboard", "training")})
