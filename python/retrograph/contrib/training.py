"""tf.contrib.training: hyperparameters."""
from retrograph.contrib.hparams import HParams  # noqa: F401
from retrograph.contrib.hparams import parse_values  # noqa: F401
