"""tf.train.CheckpointManager: the newest checkpoints of a folder."""
import numbers
import os
import time

from retrograph.framework import ops
from retrograph.platform import tf_logging
from retrograph.training import checkpoint_management
from retrograph.training import training_util


class CheckpointManager:
    """Saves a Checkpoint under numbers and deletes old ones.

    What it must know later stands in the folder's `checkpoint` file, so a new
    manager goes on where the last one stopped.
    """

    def __init__(self, checkpoint, directory, max_to_keep,
                 keep_checkpoint_every_n_hours=None, checkpoint_name="ckpt"):
        if max_to_keep is not None and max_to_keep <= 0:
            raise ValueError("Expected a positive integer or `None` for "
                             "`max_to_max_to_keep`, got %d." % (max_to_keep,))
        self._checkpoint = checkpoint
        self._directory = directory
        self._max_to_keep = max_to_keep
        self._keep_checkpoint_every_n_hours = keep_checkpoint_every_n_hours
        self._prefix = os.path.join(directory, checkpoint_name)
        self._save_counter_assign = None
        self._latest_checkpoint = None
        self._maybe_delete = {}  # prefix: time, oldest first
        self._recover(checkpoint_management.get_checkpoint_state(directory),
                      time.time())

    def _recover(self, state, now):
        if state is None:
            # A little earlier: what is saved at once comes after it.
            self._last_preserved_timestamp = now - 1.
            return
        self._latest_checkpoint = state.model_checkpoint_path
        self._last_preserved_timestamp = state.last_preserved_timestamp
        if now < self._last_preserved_timestamp:
            tf_logging.warning(
                "time.time() returned a value %f seconds behind the last "
                "preserved checkpoint timestamp.",
                self._last_preserved_timestamp - now)
            self._last_preserved_timestamp = now
        paths = state.all_model_checkpoint_paths
        times = (state.all_model_checkpoint_timestamps or
                 [self._last_preserved_timestamp] * len(paths))
        for path, timestamp in zip(paths, times):
            timestamp = min(timestamp, now)
            if timestamp > self._last_preserved_timestamp:
                self._maybe_delete[path] = timestamp

    @property
    def latest_checkpoint(self):
        """The newest checkpoint's prefix, or None."""
        return self._latest_checkpoint

    @property
    def checkpoints(self):
        """Prefixes of those that may yet be deleted, oldest first."""
        return list(self._maybe_delete)

    def _sweep(self):
        if not self._max_to_keep:
            return
        while len(self._maybe_delete) > self._max_to_keep:
            path = next(iter(self._maybe_delete))
            timestamp = self._maybe_delete.pop(path)
            hours = self._keep_checkpoint_every_n_hours
            if hours and timestamp - hours * 3600. >= \
                    self._last_preserved_timestamp:
                self._last_preserved_timestamp = timestamp
                continue
            # There is no meta graph beside such a checkpoint.
            checkpoint_management.remove_checkpoint(path, meta_graph_suffix="")

    def _record_state(self):
        checkpoint_management.update_checkpoint_state_internal(
            self._directory, model_checkpoint_path=self.latest_checkpoint,
            all_model_checkpoint_paths=list(self._maybe_delete),
            all_model_checkpoint_timestamps=list(self._maybe_delete.values()),
            last_preserved_timestamp=self._last_preserved_timestamp,
            save_relative_paths=True)

    def _counter(self, session):
        """The checkpoint's save counter; initialised if it is new."""
        is_new = getattr(self._checkpoint, "_save_counter", None) is None
        counter = self._checkpoint.save_counter
        if is_new:
            session.run(counter.initializer)
        return counter

    def save(self, checkpoint_number=None):
        """Saves in the default session; returns the checkpoint's prefix."""
        session = ops.get_default_session()
        counter = self._counter(session)
        if self._save_counter_assign is None:
            self._save_counter_assign = counter.assign_add(1, read_value=False)
        session.run(self._save_counter_assign)
        if checkpoint_number is None:
            checkpoint_number = counter
        if not isinstance(checkpoint_number, numbers.Integral):
            checkpoint_number = training_util.global_step(session,
                                                          checkpoint_number)
        path = self._checkpoint.write("%s-%d" % (self._prefix,
                                                 checkpoint_number))
        self._maybe_delete.pop(path, None)  # it becomes the newest
        self._maybe_delete[path] = time.time()
        self._latest_checkpoint = path
        # Named before anything is deleted, and once more without what was.
        self._record_state()
        self._sweep()
        self._record_state()
        return path
