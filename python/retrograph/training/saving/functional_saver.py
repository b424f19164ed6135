"""MultiDeviceSaver: save and restore ops of SaveableObjects, a shard a device.

Lower than tf.train.Saver: it keeps no list of checkpoints and no SaverDef.
"""
from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.training.saving import saveable_object
from retrograph.training.saving.saveable_object_util import set_cpu0


class _SingleDeviceSaver:

    def __init__(self, saveable_objects):
        self._saveable_objects = list(saveable_objects)

    def _specs(self):
        return [spec for saveable in self._saveable_objects
                for spec in saveable.specs]

    def save(self, file_prefix):
        specs = self._specs()
        tensors = [spec.tensor for spec in specs]
        with ops.device("cpu:0"):
            return op_library.add(
                "SaveV2", None, prefix=file_prefix,
                tensor_names=[spec.name for spec in specs],
                shape_and_slices=[spec.slice_spec for spec in specs],
                tensors=tensors)

    def restore(self, file_prefix):
        specs = self._specs()
        with ops.device("cpu:0"):
            restored = iter(op_library.gen.restore_v2(
                file_prefix, [spec.name for spec in specs],
                [spec.slice_spec for spec in specs],
                [dtypes.as_dtype(spec.dtype).base_dtype for spec in specs]))
        return {saveable.name: saveable.restore(
                    [next(restored) for _ in saveable.specs],
                    restored_shapes=None)
                for saveable in self._saveable_objects}


class MultiDeviceSaver:
    """Saves each device's values into a shard of their own, then merges."""

    def __init__(self, saveable_objects):
        by_device = {}
        for saveable in saveable_objects:
            if not isinstance(saveable, saveable_object.SaveableObject):
                raise ValueError("Expected a dictionary of SaveableObjects, "
                                 "got {}.".format(saveable))
            by_device.setdefault(saveable.device, []).append(saveable)
        self._single_device_savers = sorted(
            (device, _SingleDeviceSaver(saveables))
            for device, saveables in by_device.items())

    def save(self, file_prefix):
        """The op that writes a checkpoint under the prefix."""
        import uuid
        suffix = "_temp_%s/part" % uuid.uuid4().hex
        with ops.device("cpu:0"):
            temporary = op_library.gen.string_join([file_prefix, suffix])
        num_shards = constant_op.constant(len(self._single_device_savers),
                                          name="num_shards")
        saves, prefixes = [], []
        for shard, (device, saver) in enumerate(self._single_device_savers):
            with ops.device(set_cpu0(device)):
                prefix = op_library.gen.sharded_filename(temporary, shard,
                                                         num_shards)
            prefixes.append(prefix)
            with ops.device(device):
                saves.append(saver.save(prefix))
        with ops.control_dependencies(saves):
            with ops.device(set_cpu0(self._single_device_savers[-1][0])):
                return op_library.add(
                    "MergeV2Checkpoints", None, checkpoint_prefixes=prefixes,
                    destination_prefix=file_prefix, delete_old_dirs=True)

    def restore(self, file_prefix):
        """Ops that give the objects their values, by SaveableObject name."""
        restore_ops = {}
        for device, saver in self._single_device_savers:
            with ops.device(device):
                restore_ops.update(saver.restore(file_prefix))
        return restore_ops
