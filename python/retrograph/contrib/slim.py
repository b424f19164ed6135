"""tf.contrib.slim: what is there of it, gathered from its parts."""
from retrograph.contrib.framework import *  # noqa: F401,F403
from retrograph.contrib.layers import *  # noqa: F401,F403
