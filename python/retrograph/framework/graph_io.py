"""Graphs written to files."""
import os

from retrograph import _core
from retrograph import protos
from retrograph.framework import ops
from retrograph.platform import gfile


def write_graph(graph_or_graph_def, logdir, name, as_text=True):
    """Writes a graph or a message as text or in binary; returns the path."""
    if isinstance(graph_or_graph_def, ops.Graph):
        message = graph_or_graph_def.as_graph_def()
    else:
        message = graph_or_graph_def
    if not gfile.Exists(logdir):
        gfile.MakeDirs(logdir)
    path = os.path.join(logdir, name)
    if as_text:
        data = protos.text(message).encode()
    else:
        data = message.SerializeToString()
    _core.write_file_atomically(path, data)
    return path
