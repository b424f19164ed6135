"""tf.contrib.rnn: the cells and functions of tf.nn, under their old names."""
from retrograph.layers.base import Layer  # noqa: F401
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
