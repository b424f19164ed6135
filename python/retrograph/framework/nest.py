"""Structures of lists, tuples, dicts, namedtuples and attrs classes."""
import collections.abc


def _is_namedtuple(value):
    return isinstance(value, tuple) and hasattr(value, "_fields")


def _is_attrs(value):
    return hasattr(type(value), "__attrs_attrs__")


def is_nested(value):
    return (isinstance(value, (list, tuple, collections.abc.Mapping)) or
            _is_attrs(value))


is_sequence = is_nested


def _sorted_keys(mapping):
    try:
        return sorted(mapping)
    except TypeError:
        raise TypeError("nest only supports dicts with sortable keys.")


def _children(value):
    if isinstance(value, collections.abc.Mapping):
        return [value[key] for key in _sorted_keys(value)]
    if _is_attrs(value):
        return [getattr(value, a.name) for a in type(value).__attrs_attrs__]
    return list(value)


def flatten(structure):
    """The leaves, in order; dicts by sorted key."""
    leaves, stack = [], [structure]
    while stack:
        value = stack.pop()
        if is_nested(value):
            stack.extend(reversed(_children(value)))
        else:
            leaves.append(value)
    return leaves


def _rebuild(structure, children):
    """A structure like `structure` with other children."""
    if isinstance(structure, collections.abc.Mapping):
        by_key = dict(zip(_sorted_keys(structure), children))
        result = [(key, by_key[key]) for key in structure]
        return type(structure)(result)
    if _is_attrs(structure):
        return type(structure)(*children)
    if _is_namedtuple(structure):
        return type(structure)(*children)
    return type(structure)(children)


def map_structure(function, *structures):
    """The same structure with function(leaf, ...) for each leaf."""
    first = structures[0]
    if not is_nested(first):
        return function(*structures)
    columns = zip(*(_children(s) for s in structures))
    return _rebuild(first, [map_structure(function, *c) for c in columns])


def pack_sequence_as(structure, flat):
    """`structure` with its leaves replaced, in order, by those of `flat`."""
    leaves = iter(flat)
    return map_structure(lambda _: next(leaves), structure)
