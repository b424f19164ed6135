"""tf.contrib.tensorboard.plugins.projector: what TensorBoard's projector of
embeddings is told."""
import os

from retrograph import _core
from retrograph import protos
from retrograph.compat import bytes_text


def __getattr__(name):
    if name in ("EmbeddingInfo", "ProjectorConfig", "SpriteMetadata"):
        return getattr(protos, name)
    raise AttributeError("module %r has no attribute %r" % (__name__, name))


def visualize_embeddings(summary_writer, config):
    """Writes the ProjectorConfig into the folder of a writer of summaries."""
    logdir = summary_writer.get_logdir()
    if logdir is None:
        raise ValueError("Summary writer must have a logdir")
    path = os.path.join(logdir, "projector_config.pbtxt")
    _core.write_file_atomically(bytes_text.as_str_any(path),
                                protos.text(config).encode())
