"""Lists and dicts whose elements are dependencies.

List and Mapping only grow. ListWrapper and _DictWrapper stand for the lists and
dicts that are assigned to attributes: they change as Python's do, and refuse to
be saved after a change that a restore could not follow.
"""
import collections
import collections.abc
import copy

from retrograph.ops import variables
from retrograph.training.tracking import base

_NO_DEPENDENCY_HINT = (
    "\n\nIf you don't need this %s checkpointed, wrap it in a "
    "tf.contrib.checkpoint.NoDependency object; it will be automatically "
    "un-wrapped and subsequently ignored.")


class NoDependency:
    """obj.x = NoDependency(value) assigns value and tracks nothing."""

    def __init__(self, value):
        self.value = value


def _wrap_or_unwrap(value):
    if isinstance(value, NoDependency):
        return value.value
    if isinstance(value, base.Trackable):
        return value
    # Exactly these types: a subclass has ideas of its own.
    if type(value) in (dict, collections.OrderedDict):
        return _DictWrapper(value)
    if type(value) is list:
        return ListWrapper(value)
    return value


def sticky_attribute_assignment(trackable, name, value):
    """The value that the attribute gets; a dependency if it can be one."""
    track = not isinstance(value, NoDependency)
    value = _wrap_or_unwrap(value)
    if track and isinstance(value, base.Trackable):
        trackable._track_trackable(value, name=name, overwrite=True)
    return value


class _UntrackableError(ValueError):

    def __init__(self, value):
        super().__init__(
            "Only trackable objects (such as Layers or Optimizers) may be "
            "stored in a List object. Got %s, which does not inherit from "
            "Trackable." % (value,))


class TrackableDataStructure(base.Trackable):
    """What the containers share: their variables and layers."""

    def __init__(self):
        self._self_trainable = True
        self._self_extra_variables = []

    @property
    def trainable(self):
        return self._self_trainable

    @trainable.setter
    def trainable(self, value):
        self._self_trainable = value

    def _track_value(self, value, name):
        value = sticky_attribute_assignment(self, name, value)
        if isinstance(value, variables.Variable):
            self._self_extra_variables.append(value)
        if not isinstance(value, base.Trackable):
            raise _UntrackableError(value)
        return value

    @property
    def _layers(self):
        return [value for value in self._values
                if isinstance(value, TrackableDataStructure)
                or hasattr(value, "trainable_weights")]

    @property
    def layers(self):
        found = []
        for layer in self._layers:
            nested = isinstance(layer, TrackableDataStructure)
            found.extend(layer.layers if nested else [layer])
        return found

    @property
    def trainable_weights(self):
        if not self.trainable:
            return []
        own = [v for v in self._self_extra_variables if v.trainable]
        return own + [w for layer in self._layers
                      for w in layer.trainable_weights]

    @property
    def non_trainable_weights(self):
        own = [v for v in self._self_extra_variables
               if not (self.trainable and v.trainable)]
        weights = [w for layer in self._layers
                   for w in layer.non_trainable_weights]
        if not self.trainable:
            weights = [w for layer in self._layers
                       for w in layer.trainable_weights] + weights
        return own + weights

    @property
    def weights(self):
        return self.trainable_weights + self.non_trainable_weights

    variables = weights
    trainable_variables = property(lambda self: self.trainable_weights)
    non_trainable_variables = property(
        lambda self: self.non_trainable_weights)

    def _of_layers(self, what):
        return [item for layer in self.layers
                for item in getattr(layer, what, ())]

    updates = property(lambda self: self._of_layers("updates"))
    losses = property(lambda self: self._of_layers("losses"))

    def __hash__(self):
        return id(self)

    def __eq__(self, other):
        return self is other


class List(TrackableDataStructure, collections.abc.Sequence):
    """A list of trackable objects that can only grow."""

    def __init__(self, *args, **kwargs):
        super().__init__()
        self._storage = self._make_storage(*args, **kwargs)
        for index, element in enumerate(self._storage):
            self._storage[index] = self._track_value(
                element, self._name_element(index))

    def copy(self):
        return type(self)(copy.copy(self._storage))

    def __copy__(self):
        return self.copy()

    def __deepcopy__(self, memo):
        return type(self)(copy.deepcopy(self._storage, memo))

    def _make_storage(self, *args, **kwargs):
        return list(*args, **kwargs)

    def _name_element(self, index):
        return "%d" % (index,)

    @property
    def _values(self):
        return self

    def append(self, value):
        self._storage.append(self._track_value(
            value, self._name_element(len(self._storage))))

    def extend(self, values):
        for value in values:
            self.append(value)

    def __iadd__(self, values):
        self.extend(values)
        return self

    def __add__(self, other):
        return self.__class__(self._storage +
                              getattr(other, "_storage", other))

    def __radd__(self, other):
        return self.__class__(other) + self

    def __imul__(self, y):
        if y <= 0:
            raise ValueError("List only supports append, multiplying in place "
                             "by %d removes elements." % y)
        self.extend(list(self._storage) * (y - 1))
        return self

    def __mul__(self, n):
        return self.__class__(self._storage * n)

    def __rmul__(self, n):
        return self * n

    def __getitem__(self, key):
        return self._storage[key]

    def __len__(self):
        return len(self._storage)

    def __repr__(self):
        return "List(%s)" % (repr(self._storage),)


class ListWrapper(List, collections.abc.MutableSequence, list):
    """Stands for a list that was assigned to an attribute.

    It keeps the user's list, so it can see that this was changed behind it.
    """

    def __init__(self, wrapped_list):
        # What a restore could not follow; never taken back.
        self._non_append_mutation = False
        self._external_modification = False
        super().__init__(wrapped_list)
        self._last_wrapped_list_snapshot = list(self._storage)

    def _copied(self, copied):
        copied._non_append_mutation = self._non_append_mutation
        copied._external_modification = self._external_modification
        return copied

    def __copy__(self):
        return self._copied(super().__copy__())

    def __deepcopy__(self, memo):
        return self._copied(super().__deepcopy__(memo))

    def __reduce_ex__(self, protocol):
        return (self.__class__, (self._storage,))

    def _make_storage(self, wrapped_list):
        return wrapped_list

    def _broken(self):
        return self._external_modification or self._non_append_mutation

    def _check_external_modification(self):
        if not self._broken() and \
                self._storage != self._last_wrapped_list_snapshot:
            self._external_modification = True
            self._last_wrapped_list_snapshot = None

    def _update_snapshot(self):
        if not self._broken():
            self._last_wrapped_list_snapshot = list(self._storage)

    @property
    def _checkpoint_dependencies(self):
        self._check_external_modification()
        unable = ("Unable to save the object %s (a list wrapper constructed to "
                  "track trackable TensorFlow objects). " % (self,))
        if self._non_append_mutation:
            raise ValueError(
                unable + "A list element was replaced (__setitem__, "
                "__setslice__), deleted (__delitem__, __delslice__), or moved "
                "(sort). In order to support restoration on object creation, "
                "tracking is exclusively for append-only data structures." +
                _NO_DEPENDENCY_HINT % "list")
        if self._external_modification:
            raise ValueError(
                unable + "The wrapped list was modified outside the wrapper "
                "(its final value was %s, its value when a checkpoint "
                "dependency was added was %s), which breaks restoration on "
                "object creation." % (self._storage,
                                      self._last_wrapped_list_snapshot) +
                _NO_DEPENDENCY_HINT % "list")
        return super()._checkpoint_dependencies

    def __delitem__(self, key):
        self._non_append_mutation = True
        del self._storage[key]

    def __setitem__(self, key, value):
        self._check_external_modification()
        if isinstance(key, slice):
            self._set_slice(key, value)
        else:
            if isinstance(self._storage[key], base.Trackable):
                self._non_append_mutation = True
            self._storage[key] = self._track_value(value,
                                                   self._name_element(key))
        self._update_snapshot()

    def _set_slice(self, key, values):
        before = list(self._storage)
        self._storage[key] = values
        for i in range(max(len(before), len(self._storage))):
            old = before[i] if i < len(before) else None
            new = self._storage[i] if i < len(self._storage) else None
            if isinstance(old, base.Trackable):
                self._non_append_mutation = True
            if new is not None and new != old:
                self._storage[i] = self._track_value(new,
                                                     self._name_element(i))

    def append(self, value):
        self._check_external_modification()
        super().append(value)
        self._update_snapshot()

    def extend(self, values):
        self._check_external_modification()
        super().extend(values)
        self._update_snapshot()

    def __imul__(self, y):
        if y <= 0:
            self._storage *= y
            return self
        return super().__imul__(y)

    def __eq__(self, other):
        return self._storage == getattr(other, "_storage", other)

    def __ne__(self, other):
        return self._storage != getattr(other, "_storage", other)

    def __lt__(self, other):
        return self._storage < getattr(other, "_storage", other)

    def __le__(self, other):
        return self._storage <= getattr(other, "_storage", other)

    def __gt__(self, other):
        return self._storage > getattr(other, "_storage", other)

    def __ge__(self, other):
        return self._storage >= getattr(other, "_storage", other)

    def __hash__(self):
        raise TypeError("unhashable type: 'ListWrapper'")

    def insert(self, index, obj):
        self._non_append_mutation = True
        self._storage.insert(index, obj)

    # Without arguments: TensorFlow's takes none.
    def sort(self):
        self._non_append_mutation = True
        self._storage.sort()

    def _track_value(self, value, name):
        try:
            return super()._track_value(value, name)
        except ValueError:
            # What cannot be tracked may be in the list all the same.
            return sticky_attribute_assignment(self, name, value)

    def __repr__(self):
        return "ListWrapper(%s)" % (repr(self._storage),)


class Mapping(TrackableDataStructure, collections.abc.Mapping):
    """A dict from strings to trackable objects that can only grow."""

    def __init__(self, *args, **kwargs):
        super().__init__()
        self._storage = dict(*args, **kwargs)
        self._storage.update({
            key: self._track_value(value, self._name_element(key))
            for key, value in self._storage.items()})

    def __copy__(self):
        return type(self)(copy.copy(self._storage))

    def __deepcopy__(self, memo):
        return type(self)(copy.deepcopy(self._storage, memo))

    @property
    def _values(self):
        return [self._storage[key] for key in sorted(self._storage)]

    def _name_element(self, key):
        if not isinstance(key, str):
            raise TypeError("Mapping accepts only string keys, but got a key "
                            "%s." % repr(key))
        return str(key)

    def __setitem__(self, key, value):
        value = self._track_value(value, self._name_element(key))
        current = self._storage.setdefault(key, value)
        if current is not value:
            raise ValueError(
                "Mappings are an append-only data structure. Tried to "
                "overwrite the key '%s' with value %s, but it already contains "
                "%s" % (key, value, current))

    def update(self, *args, **kwargs):
        for key, value in dict(*args, **kwargs).items():
            self[key] = value

    def __getitem__(self, key):
        return self._storage[key]

    def __len__(self):
        return len(self._storage)

    def __repr__(self):
        return "Mapping(%s)" % (repr(self._storage),)

    def __iter__(self):
        return iter(self._storage)


class _DictWrapper(TrackableDataStructure, collections.abc.MutableMapping):
    """Stands for a dict that was assigned to an attribute, and passes for one
    with isinstance()."""

    __class__ = property(lambda self: type(self.__wrapped__))

    def __init__(self, wrapped_dict=None):
        if wrapped_dict is None:
            wrapped_dict = {}
        if not isinstance(wrapped_dict, collections.abc.Mapping):
            wrapped_dict = dict(wrapped_dict)
        self.__wrapped__ = wrapped_dict
        super().__init__()
        self._self_non_string_key = False
        self._self_external_modification = False
        wrapped_dict.update({key: self._track_value(value, key)
                             for key, value in wrapped_dict.items()})
        self._update_snapshot()

    def __reduce_ex__(self, protocol):
        return (_DictWrapper, (self.__wrapped__,))

    def copy(self):
        return copy.copy(self)

    def _copied(self, copied):
        copied._self_external_modification = self._self_external_modification
        copied._self_non_string_key = self._self_non_string_key
        return copied

    def __copy__(self):
        return self._copied(_DictWrapper(copy.copy(self.__wrapped__)))

    def __deepcopy__(self, memo):
        return self._copied(_DictWrapper(copy.deepcopy(self.__wrapped__,
                                                       memo)))

    @property
    def _values(self):
        return [value for _, value in sorted(self.items(),
                                             key=lambda item: item[0])]

    def _dirty(self):
        return self._self_external_modification or self._self_non_string_key

    def _check_external_modification(self):
        if not self._dirty() and \
                self.__wrapped__ != self._self_last_wrapped_dict_snapshot:
            self._self_external_modification = True
            self._self_last_wrapped_dict_snapshot = None

    def _update_snapshot(self):
        if not self._dirty():
            self._self_last_wrapped_dict_snapshot = dict(self.__wrapped__)

    @property
    def _checkpoint_dependencies(self):
        self._check_external_modification()
        unable = ("Unable to save the object %s (a dictionary wrapper "
                  "constructed automatically on attribute assignment). The "
                  "wrapped dictionary " % (self,))
        if self._self_non_string_key:
            raise ValueError(
                unable + "contains a non-string key which maps to a trackable "
                "object or mutable data structure." +
                _NO_DEPENDENCY_HINT % "dictionary")
        if self._self_external_modification:
            raise ValueError(
                unable + "was modified outside the wrapper (its final value "
                "was %s, its value when a checkpoint dependency was added was "
                "%s), which breaks restoration on object creation."
                % (self, self._self_last_wrapped_dict_snapshot) +
                _NO_DEPENDENCY_HINT % "dictionary")
        return super()._checkpoint_dependencies

    def _track_value(self, value, name):
        is_string = isinstance(name, str)
        if not is_string:
            name = "-non_string_key"
        no_dependency = isinstance(value, NoDependency)
        try:
            value = super()._track_value(value, name)
        except ValueError:
            return sticky_attribute_assignment(self, name, value)
        if not is_string and not no_dependency:
            self._self_non_string_key = True
        return value

    def __setitem__(self, key, value):
        self._check_external_modification()
        self._maybe_initialize_trackable()
        if isinstance(key, str):
            value = self._track_value(value, key)
        else:
            no_dependency = isinstance(value, NoDependency)
            value = _wrap_or_unwrap(value)
            if not no_dependency and isinstance(value, base.Trackable):
                self._self_non_string_key = True
        self.__wrapped__[key] = value
        self._update_snapshot()

    def __delitem__(self, key):
        self._check_external_modification()
        del self.__wrapped__[key]
        self._update_snapshot()

    def __getitem__(self, key):
        return self.__wrapped__[key]

    def __iter__(self):
        return iter(self.__wrapped__)

    def __len__(self):
        return len(self.__wrapped__)

    def __repr__(self):
        return "DictWrapper(%s)" % (repr(self.__wrapped__),)

    def __str__(self):
        return str(self.__wrapped__)

    def __hash__(self):
        raise TypeError("unhashable type: 'DictWrapper'")

    def __eq__(self, other):
        return self.__wrapped__ == other

    def __ne__(self, other):
        return self.__wrapped__ != other
