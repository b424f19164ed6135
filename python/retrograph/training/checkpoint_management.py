"""The `checkpoint` state file: which checkpoints a folder has."""
from __future__ import annotations

import os
from typing import TYPE_CHECKING

from retrograph import _core
from retrograph import protos

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrograph.proto.checkpoint_state_pb2 import CheckpointState

    Path = str | bytes | os.PathLike[str]


def _path(path):
    path = os.fspath(path)
    return path.decode() if isinstance(path, bytes) else path


def _state(data):
    return protos.CheckpointState.FromString(data)


def generate_checkpoint_state_proto(save_dir, model_checkpoint_path,
                                    all_model_checkpoint_paths=None,
                                    all_model_checkpoint_timestamps=None,
                                    last_preserved_timestamp=None):
    """The CheckpointState that a state file in `save_dir` would hold."""
    state = _state(_core.generate_checkpoint_state_proto(
        _path(save_dir), _path(model_checkpoint_path),
        [_path(p) for p in all_model_checkpoint_paths or ()],
        list(all_model_checkpoint_timestamps or ()),
        last_preserved_timestamp))
    if all_model_checkpoint_paths is not None:
        # As in TensorFlow, the caller's list is made to say the same.
        all_model_checkpoint_paths[:] = state.all_model_checkpoint_paths
    return state


def update_checkpoint_state(
        save_dir: Path, model_checkpoint_path: Path,
        all_model_checkpoint_paths: Sequence[Path] | None = None,
        latest_filename: str | None = None,
        all_model_checkpoint_timestamps: Sequence[float] | None = None,
        last_preserved_timestamp: float | None = None) -> None:
    """Writes a folder's state file.

    Parameters
    ----------
    save_dir : path
        The folder.
    model_checkpoint_path : path
        The newest checkpoint.
    all_model_checkpoint_paths : list of path, optional
        All of them, oldest first; the newest is added if it is not the last.
    latest_filename : str, optional
        The state file's name; "checkpoint" if there is none here.
    all_model_checkpoint_timestamps : list of float, optional
        When each was written, in seconds since 1970.
    last_preserved_timestamp : float, optional
        When the last one was written that is never deleted.

    Raises
    ------
    RuntimeError
        If a checkpoint's path is that of the state file itself.
    ValueError
        If there is a timestamp too many or too few.
    """
    update_checkpoint_state_internal(
        save_dir, model_checkpoint_path, all_model_checkpoint_paths,
        latest_filename, False, all_model_checkpoint_timestamps,
        last_preserved_timestamp)


def update_checkpoint_state_internal(save_dir, model_checkpoint_path,
                                     all_model_checkpoint_paths=None,
                                     latest_filename=None,
                                     save_relative_paths=False,
                                     all_model_checkpoint_timestamps=None,
                                     last_preserved_timestamp=None):
    _core.update_checkpoint_state(
        _path(save_dir), _path(model_checkpoint_path),
        [_path(p) for p in all_model_checkpoint_paths or ()],
        latest_filename or "checkpoint", save_relative_paths,
        list(all_model_checkpoint_timestamps or ()),
        last_preserved_timestamp)


def get_checkpoint_state(
        checkpoint_dir: Path,
        latest_filename: str | None = None) -> CheckpointState | None:
    """What a folder's state file says of its checkpoints.

    Parameters
    ----------
    checkpoint_dir : path
    latest_filename : str, optional
        The state file's name; "checkpoint" if there is none here.

    Returns
    -------
    CheckpointState or None
        Paths relative to the folder come back with it. None if there is no
        state file or it cannot be parsed; then a warning is logged.
    """
    data = _core.get_checkpoint_state(_path(checkpoint_dir),
                                      latest_filename or "checkpoint")
    return None if data is None else _state(data)


def latest_checkpoint(checkpoint_dir: Path,
                      latest_filename: str | None = None) -> str | None:
    """The newest checkpoint of a folder, by its state file.

    Parameters
    ----------
    checkpoint_dir : path
    latest_filename : str, optional
        The state file's name; "checkpoint" if there is none here.

    Returns
    -------
    str or None
        Its prefix, for `Saver.restore`. None if there is no state file, or no
        file of the checkpoint that it names.

    Raises
    ------
    tf.errors.NotFoundError
        If the folder that the state file names is not there.
    """
    return _core.latest_checkpoint(_path(checkpoint_dir),
                                   latest_filename or "checkpoint")


def checkpoint_exists(checkpoint_prefix: Path) -> bool:
    """Whether there is a checkpoint, V1 or V2, with this prefix.

    Raises
    ------
    tf.errors.NotFoundError
        If its folder is not there.
    """
    return _core.checkpoint_exists(_path(checkpoint_prefix))


def get_checkpoint_mtimes(
        checkpoint_prefixes: Sequence[Path]) -> list[float]:
    """When checkpoints were written, in seconds since 1970.

    Those that are not there have no entry.
    """
    return _core.get_checkpoint_mtimes([_path(p)
                                        for p in checkpoint_prefixes])


def meta_graph_filename(checkpoint_filename, meta_graph_suffix="meta"):
    """The name of a checkpoint's .meta file."""
    return _core.meta_graph_filename(_path(checkpoint_filename),
                                     meta_graph_suffix)


def remove_checkpoint(checkpoint_prefix: Path,
                      checkpoint_format_version: int = 2,
                      meta_graph_suffix: str = "meta") -> None:
    """Deletes a checkpoint's files and its meta graph.

    Parameters
    ----------
    checkpoint_prefix : path
    checkpoint_format_version : int
        SaverDef.V1 or SaverDef.V2.
    meta_graph_suffix : str
    """
    _core.remove_checkpoint(_path(checkpoint_prefix),
                            checkpoint_format_version == 2, meta_graph_suffix)
