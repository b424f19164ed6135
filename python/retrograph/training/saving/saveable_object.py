"""What a Saver saves under one name: classes that users derive from."""


class SaveSpec:
    """One tensor of a SaveableObject, or a callable that makes it."""

    def __init__(self, tensor, slice_spec, name, dtype=None, device=None):
        self._tensor = tensor
        self.slice_spec = slice_spec
        self.name = name
        if callable(tensor):
            if dtype is None or device is None:
                raise AssertionError("When passing a callable `tensor` to a "
                                     "SaveSpec, an explicit dtype and device "
                                     "must be provided.")
            self.dtype, self.device = dtype, device
        else:
            self.dtype, self.device = tensor.dtype, tensor.device

    @property
    def tensor(self):
        return self._tensor() if callable(self._tensor) else self._tensor


class SaveableObject:
    """Something that saves and restores itself: derive from it."""

    def __init__(self, op, specs, name):
        self.op = op
        self.specs = specs
        self.name = name

    @property
    def optional_restore(self):
        return False

    @property
    def device(self):
        return self.specs[0].device

    def restore(self, restored_tensors, restored_shapes):
        """Returns the op that puts the tensors back, reshaped if asked."""
        raise ValueError("Calling an abstract method.")
