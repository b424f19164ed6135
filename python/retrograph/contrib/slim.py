"""tf.contrib.slim: what is there of it, gathered from its parts."""
from retrograph.contrib import framework
from retrograph.contrib import layer_functions
from retrograph.contrib import layers

for _module in (layers, layer_functions, framework):
    for _name in dir(_module):
        if not _name.startswith("_"):
            globals()[_name] = getattr(_module, _name)
del _module, _name
