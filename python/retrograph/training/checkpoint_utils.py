"""What a checkpoint holds: readers, list_variables, load_variable."""
import os

from retrograph import _core
from retrograph.compat import bytes_text
from retrograph.framework import dtypes
from retrograph.training import checkpoint_management


class CheckpointReader:
    """Reads a checkpoint's tensors by name."""

    def __init__(self, filepattern):
        self._c = _core.CheckpointReader(
            checkpoint_management._path(filepattern))

    def get_variable_to_shape_map(self):
        return {name: shape for name, shape, _ in self._c.entries()}

    def get_variable_to_dtype_map(self):
        return {name: dtypes._BY_NUMBER[number]
                for name, _, number in self._c.entries()}

    _GetVariableToShapeMap = get_variable_to_shape_map

    def has_tensor(self, tensor_str):
        return self._c.has_tensor(tensor_str)

    def get_tensor(self, tensor_str):
        return self._c.get_tensor(bytes_text.as_text(tensor_str))

    def debug_string(self):
        return self._c.debug_string()

    def _repr_html_(self):
        rows = "".join("<tr><td>%s</td><td>%s</td><td>%s</td></tr>"
                       % (name, shape, dtypes._BY_NUMBER[number].name)
                       for name, shape, number in self._c.entries())
        return "<table>%s</table>" % rows


def NewCheckpointReader(filepattern):  # noqa: N802, TensorFlow's name
    return CheckpointReader(filepattern)


def _prefix(path):
    path = checkpoint_management._path(path)
    if not os.path.isdir(path):
        return path
    prefix = checkpoint_management.latest_checkpoint(path)
    if prefix is None:
        raise ValueError("Couldn't find 'checkpoint' file or checkpoints in "
                         "given directory %s" % path)
    return prefix


def load_checkpoint(ckpt_dir_or_file):
    return CheckpointReader(_prefix(ckpt_dir_or_file))


def load_variable(ckpt_dir_or_file, name):
    if name.endswith(":0"):
        name = name[:-2]
    return load_checkpoint(ckpt_dir_or_file).get_tensor(name)


def list_variables(ckpt_dir_or_file):
    """[(name, shape)], by name."""
    shapes = load_checkpoint(ckpt_dir_or_file).get_variable_to_shape_map()
    return [(name, shapes[name]) for name in sorted(shapes)]
