"""The `checkpoint` state file: which checkpoints a folder has."""
import os

from retrograph import _core
from retrograph import protos


def _path(path):
    path = os.fspath(path)
    return path.decode() if isinstance(path, bytes) else path


def _state(data):
    return protos.CheckpointState.FromString(data)


def generate_checkpoint_state_proto(save_dir, model_checkpoint_path,
                                    all_model_checkpoint_paths=None,
                                    all_model_checkpoint_timestamps=None,
                                    last_preserved_timestamp=None):
    state = _state(_core.generate_checkpoint_state_proto(
        _path(save_dir), _path(model_checkpoint_path),
        [_path(p) for p in all_model_checkpoint_paths or ()],
        list(all_model_checkpoint_timestamps or ()),
        last_preserved_timestamp))
    if all_model_checkpoint_paths is not None:
        # As in TensorFlow, the caller's list is made to say the same.
        all_model_checkpoint_paths[:] = state.all_model_checkpoint_paths
    return state


def update_checkpoint_state(save_dir, model_checkpoint_path,
                            all_model_checkpoint_paths=None,
                            latest_filename=None,
                            all_model_checkpoint_timestamps=None,
                            last_preserved_timestamp=None):
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


def get_checkpoint_state(checkpoint_dir, latest_filename=None):
    """The CheckpointState of a folder, or None."""
    data = _core.get_checkpoint_state(_path(checkpoint_dir),
                                      latest_filename or "checkpoint")
    return None if data is None else _state(data)


def latest_checkpoint(checkpoint_dir, latest_filename=None):
    """The newest checkpoint's prefix, or None."""
    return _core.latest_checkpoint(_path(checkpoint_dir),
                                   latest_filename or "checkpoint")


def checkpoint_exists(checkpoint_prefix):
    return _core.checkpoint_exists(_path(checkpoint_prefix))


def get_checkpoint_mtimes(checkpoint_prefixes):
    return _core.get_checkpoint_mtimes([_path(p)
                                        for p in checkpoint_prefixes])


def meta_graph_filename(checkpoint_filename, meta_graph_suffix="meta"):
    """The name of a checkpoint's .meta file."""
    return _core.meta_graph_filename(_path(checkpoint_filename),
                                     meta_graph_suffix)


def remove_checkpoint(checkpoint_prefix, checkpoint_format_version=2,
                      meta_graph_suffix="meta"):
    _core.remove_checkpoint(_path(checkpoint_prefix),
                            checkpoint_format_version == 2, meta_graph_suffix)
