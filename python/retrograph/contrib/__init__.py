"""tf.contrib, where scripts reach into it for savers, variables and scopes."""
from retrograph import api


def _layers():
    """Both files of tf.contrib.layers as one module."""
    from retrograph.contrib import layer_functions
    from retrograph.contrib import layers
    for name in ("avg_pool2d", "conv2d", "dropout", "flatten",
                 "fully_connected", "max_pool2d", "one_hot_encoding",
                 "softmax"):
        setattr(layers, name, getattr(layer_functions, name))
    layers.convolution2d = layers.conv2d
    return layers


def make_module(parent):
    """The module `contrib` of `parent`; its parts are imported when used."""
    import importlib

    def part(name):
        return lambda: importlib.import_module("retrograph.contrib." + name)
    return api.submodule(parent, "contrib", {}, doc=__doc__, lazy=dict({
        name: part(name) for name in ("checkpoint", "framework", "rnn",
                                      "slim")}, layers=_layers))
