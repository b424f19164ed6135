"""tf.contrib.rnn: the cells and functions of tf.nn, under their old names."""
import types as _types

from retrograph.layers.base import Layer  # noqa: F401
from retrograph.ops import rnn_cell as _rnn_cell
from retrograph.ops.rnn import static_bidirectional_rnn  # noqa: F401
from retrograph.ops.rnn import static_rnn  # noqa: F401
from retrograph.ops.rnn import static_state_saving_rnn  # noqa: F401
from retrograph.ops.rnn_cell import BasicLSTMCell  # noqa: F401
from retrograph.ops.rnn_cell import BasicRNNCell  # noqa: F401
from retrograph.ops.rnn_cell import DeviceWrapper  # noqa: F401
from retrograph.ops.rnn_cell import DropoutWrapper  # noqa: F401
from retrograph.ops.rnn_cell import GRUCell  # noqa: F401
from retrograph.ops.rnn_cell import LSTMCell  # noqa: F401
from retrograph.ops.rnn_cell import LSTMStateTuple  # noqa: F401
from retrograph.ops.rnn_cell import LayerRNNCell  # noqa: F401
from retrograph.ops.rnn_cell import MultiRNNCell  # noqa: F401
from retrograph.ops.rnn_cell import RNNCell  # noqa: F401
from retrograph.ops.rnn_cell import ResidualWrapper  # noqa: F401
from retrograph.contrib.rnn_wrappers import EmbeddingWrapper  # noqa: F401
from retrograph.contrib.rnn_wrappers import InputProjectionWrapper  # noqa: F401
from retrograph.contrib.rnn_wrappers import OutputProjectionWrapper  # noqa: F401

# tf.contrib.rnn.python.ops.core_rnn_cell, for scripts that spell it out.
python = _types.SimpleNamespace(
    ops=_types.SimpleNamespace(core_rnn_cell=_rnn_cell))
