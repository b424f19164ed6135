"""tf.train.replica_device_setter: variables on parameter servers in turn."""
from retrograph import _core
from retrograph import protos
from retrograph.platform import tf_logging

STANDARD_PS_OPS = ("Variable", "VariableV2", "AutoReloadVariable",
                   "MutableHashTable", "MutableHashTableV2",
                   "MutableHashTableOfTensors", "MutableHashTableOfTensorsV2",
                   "MutableDenseHashTable", "MutableDenseHashTableV2",
                   "VarHandleOp", "BoostedTreesEnsembleResourceHandleOp",
                   "BoostedTreesQuantileStreamResourceHandleOp",
                   "ResourceConditionalAccumulator")


class _RoundRobinStrategy:
    """The tasks one after the other."""

    def __init__(self, num_tasks):
        self._num_tasks = num_tasks
        self._next_task = 0

    def __call__(self, op):
        task = self._next_task
        self._next_task = (task + 1) % self._num_tasks
        return task


class _ReplicaDeviceChooser:
    """The device of each operation, as a device function says it."""

    def __init__(self, ps_device, worker_device, merge_devices, ps_ops,
                 ps_strategy):
        self._ps_device = ps_device
        self._worker_device = worker_device
        self._merge_devices = merge_devices
        self._ps_ops = ps_ops
        self._ps_strategy = ps_strategy

    def device_function(self, op):
        current = op.device or ""
        if not self._merge_devices and current:
            return current
        kind = op.op if isinstance(op, protos.NodeDef) else op.node_def.op
        if not self._ps_device or kind not in self._ps_ops:
            return _core.merge_devices(self._worker_device or "", current)
        device = self._ps_device
        job = _core.device_job(device)
        if job and _core.device_job(current) in (None, "", job):
            device = _core.merge_devices(device,
                                         "/task:%d" % self._ps_strategy(op))
        return _core.merge_devices(device, current)


def _tasks_of(cluster):
    """How many tasks each job of a cluster has."""
    if hasattr(cluster, "as_dict"):
        cluster = cluster.as_dict()
    elif isinstance(cluster, protos.ClusterDef):
        cluster = {job.name: job.tasks for job in cluster.job}
    elif not isinstance(cluster, dict):
        raise TypeError("`cluster` must be a dictionary mapping one or more "
                        "job names to lists of network addresses, or a "
                        "`ClusterDef` protocol buffer")
    return {job: len(tasks) for job, tasks in cluster.items()}


def replica_device_setter(ps_tasks=0, ps_device="/job:ps",
                          worker_device="/job:worker", merge_devices=True,
                          cluster=None, ps_ops=None, ps_strategy=None):
    """A device function for tf.device; None if there is no such task.

    Operations of the types `ps_ops` go to the tasks of `ps_device`, in turn or
    as `ps_strategy` says, the others to `worker_device`.
    """
    if cluster is not None:
        ps_tasks = _tasks_of(cluster).get(_core.device_job(ps_device), 0)
    if ps_tasks == 0:
        return None
    if not merge_devices:
        tf_logging.warning(
            "DEPRECATION: It is recommended to set merge_devices=true in "
            "replica_device_setter")
    if ps_strategy is None:
        ps_strategy = _RoundRobinStrategy(ps_tasks)
    if not callable(ps_strategy):
        raise TypeError("ps_strategy must be callable")
    return _ReplicaDeviceChooser(
        ps_device, worker_device, merge_devices,
        STANDARD_PS_OPS if ps_ops is None else ps_ops,
        ps_strategy).device_function
