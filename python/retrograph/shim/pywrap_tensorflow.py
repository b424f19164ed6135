"""tensorflow.python.pywrap_tensorflow: what scripts reach into it for."""
from retrograph.training.checkpoint_utils import CheckpointReader  # noqa: F401
from retrograph.training.checkpoint_utils import NewCheckpointReader  # noqa: F401
