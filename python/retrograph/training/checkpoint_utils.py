"""What a checkpoint holds, and variables that are initialised from one."""
from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from retrograph import _core
from retrograph.compat import bytes_text
from retrograph.framework import display
from retrograph.framework import dtypes
from retrograph.framework import ops
from retrograph.ops import variables
from retrograph.training import checkpoint_management

if TYPE_CHECKING:
    from retrograph.training.checkpoint_management import Path


class CheckpointReader:
    """Reads a checkpoint's tensors by name, without a graph.

    Parameters
    ----------
    filepattern : path
        The checkpoint's prefix, V1 or V2.

    Raises
    ------
    tf.errors.OpError
        `InvalidArgumentError` or `NotFoundError` if there is no such
        checkpoint, `DataLossError` if it is damaged.
    """

    def __init__(self, filepattern: Path) -> None:
        self._filepattern = _text(filepattern)
        self._c = _core.CheckpointReader(self._filepattern)

    def get_variable_to_shape_map(self) -> dict[str, list[int]]:
        """The shapes of all tensors, by name."""
        return {name: shape for name, shape, _ in self._c.entries()}

    def get_variable_to_dtype_map(self) -> dict[str, dtypes.DType]:
        """The types of all tensors, by name."""
        return {name: dtypes._BY_NUMBER[number]
                for name, _, number in self._c.entries()}

    _GetVariableToShapeMap = get_variable_to_shape_map

    def has_tensor(self, tensor_str: str) -> bool:
        """Whether there is a tensor of this name."""
        return self._c.has_tensor(tensor_str)

    def get_tensor(self, tensor_str: str) -> Any:
        """The value of a tensor.

        Returns
        -------
        numpy.ndarray
            Of the tensor's dtype and shape; strings are an array of bytes
            objects. One that was saved in slices is put together.

        Raises
        ------
        tf.errors.OpError
            `NotFoundError` if there is none of this name, `DataLossError` if
            its bytes are damaged.
        """
        return self._c.get_tensor(bytes_text.as_text(tensor_str))

    def debug_string(self) -> bytes:
        """A line for each tensor: name, type and shape."""
        return self._c.debug_string()

    def __repr__(self):
        names = sorted(name for name, _, _ in self._c.entries())
        return "<tf.train.CheckpointReader of %s: %s>" % (
            self._filepattern, display.named(names, "tensor"))

    def _repr_html_(self):
        return display.table(
            self._filepattern, ["tensor", "dtype", "shape"],
            [(name, dtypes._BY_NUMBER[number].name, shape)
             for name, shape, number in sorted(self._c.entries())])


def _text(path):
    if not isinstance(path, (str, bytes, os.PathLike)):
        bytes_text.as_bytes(path)  # says what is expected
    return checkpoint_management._path(path)


def NewCheckpointReader(filepattern):  # noqa: N802, TensorFlow's name
    """A reader of the checkpoint with this prefix, or NotFoundError."""
    return CheckpointReader(filepattern)


def _prefix(path):
    path = _text(path)
    if not os.path.isdir(path):
        return path
    prefix = checkpoint_management.latest_checkpoint(path)
    if prefix is None:
        raise ValueError("Couldn't find 'checkpoint' file or checkpoints in "
                         "given directory %s" % path)
    return prefix


def load_checkpoint(ckpt_dir_or_file: Path) -> CheckpointReader:
    """A reader of a checkpoint, or of the newest one in a folder.

    Raises
    ------
    ValueError
        If the folder has no checkpoint.
    tf.errors.OpError
        As of `CheckpointReader`.
    """
    return CheckpointReader(_prefix(ckpt_dir_or_file))


def load_variable(ckpt_dir_or_file: Path, name: str) -> Any:
    """The value of one tensor; see `CheckpointReader.get_tensor`.

    The name may end with ":0".
    """
    if name.endswith(":0"):
        name = name[:-2]
    return load_checkpoint(ckpt_dir_or_file).get_tensor(name)


def list_variables(
        ckpt_dir_or_file: Path) -> list[tuple[str, list[int]]]:
    """The names and shapes of a checkpoint's tensors, sorted by name.

    Parameters
    ----------
    ckpt_dir_or_file : path
        A prefix, or a folder, which means its newest checkpoint.
    """
    return load_checkpoint(ckpt_dir_or_file)._c.listed()


# ---- Waiting for checkpoints ------------------------------------------------

def _now():
    return time.time()


def _sleep(seconds):
    time.sleep(seconds)


def wait_for_new_checkpoint(checkpoint_dir, last_checkpoint=None,
                            seconds_to_sleep=1, timeout=None):
    """The newest checkpoint once it is another; None after `timeout`."""
    return _core.wait_for_new_checkpoint(
        checkpoint_management._path(checkpoint_dir), last_checkpoint,
        seconds_to_sleep, timeout, _now, _sleep)


def checkpoints_iterator(checkpoint_dir, min_interval_secs=0, timeout=None,
                         timeout_fn=None):
    """Yields checkpoints as they come.

    It ends when none came for `timeout` seconds and timeout_fn(), if there is
    one, returns a true value.
    """
    iterator = _core.CheckpointsIterator(
        checkpoint_management._path(checkpoint_dir), min_interval_secs,
        timeout, timeout_fn, _now, _sleep)
    path = iterator.next()
    while path is not None:
        yield path
        path = iterator.next()


# ---- Variables from checkpoints ---------------------------------------------

def _is_variable(x):
    return isinstance(x, variables.Variable)


def _target(value):
    """A variable, a list of variables or a name."""
    if _is_variable(value) or isinstance(value, str):
        return value
    if isinstance(value, list) and all(_is_variable(v) for v in value):
        return value
    hash(value)
    value + "/part_0"  # noqa: B018, the error that TensorFlow runs into
    raise TypeError("Not a variable or a name: %s" % (value,))


def init_from_checkpoint(ckpt_dir_or_file, assignment_map):
    """Makes variables' initialisers read their values from a checkpoint."""
    graph = ops.get_default_graph()
    try:
        assignments = [(name, _target(value))
                       for name, value in sorted(assignment_map.items())]
    except Exception:
        load_checkpoint(ckpt_dir_or_file)  # if that fails, it fails first
        raise
    for name, value in assignments:
        if not isinstance(name, str):
            raise ValueError("Tensor %s is not found in %s checkpoint %s" % (
                name, ckpt_dir_or_file, load_checkpoint(
                    ckpt_dir_or_file).get_variable_to_shape_map()))
    _core.init_from_checkpoint(
        graph._c, _text(ckpt_dir_or_file), assignments)
