"""The devices there are: CPUs, and the XLA_CPU that TensorFlow has beside them.

Everything runs on the CPU; the sizes are what TensorFlow 1.15.5 says of its
devices on any machine.
"""
import functools
import random

_MEMORY_LIMITS = {"CPU": 256 << 20, "XLA_CPU": 16 << 30}  # in bytes


@functools.lru_cache(maxsize=None)
def _incarnation(name):
    """A number that tells this process's device from others of its name."""
    return random.SystemRandom().getrandbits(63)


def _devices(cpu_devices):
    """Pairs of a device's short name and type."""
    for index in range(cpu_devices):
        yield "/device:CPU:%d" % index, "CPU"
    yield "/device:XLA_CPU:0", "XLA_CPU"


def list_local_devices(session_config=None):
    """The devices of this process.

    Parameters
    ----------
    session_config
        A tf.ConfigProto, whose device_count["CPU"] is heeded.

    Returns: a list of DeviceAttributes messages.
    """
    from retrograph import protos
    count = 1
    if session_config is not None:
        count = session_config.device_count.get("CPU", 1)
    result = []
    for name, device_type in _devices(count):
        device = protos.DeviceAttributes(
            name=name, device_type=device_type,
            memory_limit=_MEMORY_LIMITS[device_type],
            incarnation=_incarnation(name))
        device.locality.SetInParent()
        if device_type != "CPU":
            device.physical_device_desc = "device: %s device" % device_type
        result.append(device)
    return result


class _DeviceAttributes:
    """What Session.list_devices() says of a device.

    Attributes: name, the whole one; device_type; memory_limit_bytes;
    incarnation.
    """

    def __init__(self, name, device_type, memory_limit_bytes, incarnation):
        self.name = name
        self.device_type = device_type
        self.memory_limit_bytes = memory_limit_bytes
        self.incarnation = incarnation

    def __repr__(self):
        return "_DeviceAttributes(%s, %s, %d, %d)" % (
            self.name, self.device_type, self.memory_limit_bytes,
            self.incarnation)


_DeviceAttributes.__module__ = "tensorflow.python.client.session"


def session_devices(cpu_devices):
    """The devices of a session with that many CPU devices."""
    return [_DeviceAttributes("/job:localhost/replica:0/task:0" + name, kind,
                              _MEMORY_LIMITS[kind], _incarnation(name))
            for name, kind in _devices(cpu_devices)]
