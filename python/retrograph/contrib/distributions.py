"""tf.contrib.distributions: those of tf.distributions."""
from retrograph.ops.distributions import Normal  # noqa: F401
from retrograph.ops.distributions import kl_divergence  # noqa: F401
