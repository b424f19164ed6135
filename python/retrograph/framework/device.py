"""DeviceSpec: a device's name in its parts."""


def _number(value):
    return None if value is None else int(value)


def _text(value):
    return None if value is None else str(value)


def _type(value):
    return None if value is None else str(value).upper()


def _part(name, converted, doc):
    """A property that None leaves open."""
    def get(self):
        return self._parts.get(name)

    def set_part(self, value):
        self._parts[name] = converted(value)
    return property(get, set_part, doc=doc)


class DeviceSpec:
    """Job, replica, task, type and number of a device; each may be open.

    Parameters
    ----------
    job, device_type : str, optional
    replica, task, device_index : int, optional
    """

    def __init__(self, job=None, replica=None, task=None, device_type=None,
                 device_index=None):
        self._parts = {}
        self.job, self.replica, self.task = job, replica, task
        self.device_type, self.device_index = device_type, device_index

    job = _part("job", _text, "The job's name, or None.")
    replica = _part("replica", _number, "The replica's number, or None.")
    task = _part("task", _number, "The task's number, or None.")
    device_type = _part("device_type", _type,
                        'The type in capitals, as in "GPU", or None.')
    device_index = _part("device_index", _number,
                         "The number among those of its type, or None.")

    @classmethod
    def from_string(cls, spec):
        """The parts of a name.

        Raises
        ------
        ValueError
            If a part is not known, or there are two types.
        """
        return cls().parse_from_string(spec)

    def parse_from_string(self, spec):
        """Takes the parts of a name in the place of its own; returns itself."""
        self._parts = _parsed(spec or "")
        return self

    def merge_from(self, dev):
        """Takes the parts that are not open in another."""
        self._parts.update((name, value) for name, value in dev._parts.items()
                           if value is not None)

    def make_merged_spec(self, dev):
        """A copy with the parts that are not open in another."""
        merged = type(self)(**self._parts)
        merged.merge_from(dev)
        return merged

    def replace(self, **kwargs):
        """A copy with other parts."""
        return type(self)(**dict(self._parts, **kwargs))

    def to_string(self):
        """The name, as in "/job:worker/task:1/device:GPU:0"."""
        text = "".join("/%s:%s" % (name, self._parts[name])
                       for name in ("job", "replica", "task")
                       if self._parts.get(name) is not None)
        if self.device_type is not None:
            index = "*" if self.device_index is None else self.device_index
            text += "/device:%s:%s" % (self.device_type, index)
        return text

    def __eq__(self, other):
        return isinstance(other, DeviceSpec) and \
            self.to_string() == other.to_string()

    def __hash__(self):
        return hash(self.to_string())


def _parsed(spec):
    parts = {}

    def set_device(device_type, index):
        if "device_type" in parts:
            raise ValueError("Cannot specify multiple device types: %s" % spec)
        parts["device_type"] = device_type.upper()
        if index != "*":
            parts["device_index"] = int(index)

    for part in spec.split("/"):
        key, *rest = part.split(":")
        if key == "job" and len(rest) == 1:
            parts[key] = rest[0]
        elif key in ("replica", "task") and len(rest) == 1:
            parts[key] = int(rest[0])
        elif key.upper() in ("CPU", "GPU") and len(rest) < 2:
            set_device(key, rest[0] if rest else "*")
        elif key == "device" and len(rest) == 2:
            set_device(*rest)
        elif key:
            raise ValueError("Unknown attribute: '%s' in '%s'" % (key, spec))
    return parts


DeviceSpec.__module__ = "tensorflow.python.framework.device_spec"
