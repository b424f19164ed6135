"""Structures of datasets' elements: tuples and dicts; a list is a value."""
import collections.abc


def _is_structure(value):
    return isinstance(value, (tuple, collections.abc.Mapping))


def flatten(value):
    """The leaves; dicts by sorted key."""
    if isinstance(value, collections.abc.Mapping):
        return [leaf for key in sorted(value) for leaf in flatten(value[key])]
    if isinstance(value, tuple):
        return [leaf for child in value for leaf in flatten(child)]
    return [value]


def pack(structure, leaves):
    """The same structure with other leaves."""
    leaves = iter(leaves)

    def packed(value):
        if isinstance(value, collections.abc.Mapping):
            children = {key: packed(value[key]) for key in sorted(value)}
            return type(value)((key, children[key]) for key in value)
        if hasattr(value, "_fields"):
            return type(value)(*[packed(child) for child in value])
        if isinstance(value, tuple):
            return tuple(packed(child) for child in value)
        return next(leaves)
    return packed(structure)


def map_leaves(function, structure):
    return pack(structure, [function(leaf) for leaf in flatten(structure)])
