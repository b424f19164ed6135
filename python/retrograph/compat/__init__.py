"""retrograph.compat.v1 is TensorFlow 1.15's API."""
