"""tf.contrib.tensorboard.plugins.projector, and modules that scripts spell out.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import tensorflow.compat.v1 as tf
from tensorflow.contrib.rnn.python.ops import core_rnn_cell
from tensorflow.contrib.tensorboard.plugins import projector


def case_projector_config():
    config = projector.ProjectorConfig()
    embedding = config.embeddings.add()
    embedding.tensor_name = "words:0"
    embedding.metadata_path = "words.tsv"
    embedding.sprite.image_path = "digits.png"
    embedding.sprite.single_image_dim.extend([28, 28])
    projector.visualize_embeddings(tf.summary.FileWriter("logs"), config)
    with open("logs/projector_config.pbtxt") as f:
        written = f.read()
    with open("logs/projector_config.pbtxt", "w") as f:
        f.write("")  # its bytes are compared above
    return written, type(config).__name__


def case_core_rnn_cell():
    return core_rnn_cell.RNNCell is tf.nn.rnn_cell.RNNCell
