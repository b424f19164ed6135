"""tf.contrib.tensorboard: the projector's configuration."""
import types

from retrograph.contrib import projector

plugins = types.ModuleType(__name__ + ".plugins")
plugins.projector = projector
