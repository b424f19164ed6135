"""retrograph: TensorFlow 1's graphs, sessions and savers, without TensorFlow.

    import retrograph.compat.v1 as tf

gives the TF 1.15 API as far as it is built. To run a script that says
`import tensorflow as tf` unchanged: `python -m retrograph script.py`.
"""

__version__ = "0.1.0"
