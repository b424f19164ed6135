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


class _Dot:
    """A leaf of a printed structure."""

    def __repr__(self):
        return "."


def _described(value):
    return "type=%s str=%s" % (type(value).__name__, value)


def _same_namedtuple(first, second):
    return (_is_namedtuple(first) and _is_namedtuple(second) and
            type(first).__name__ == type(second).__name__ and
            first._fields == second._fields)


def _difference(first, second, check_types):
    """The class and the text of the first difference, or None."""
    if is_nested(first) != is_nested(second):
        nested, leaf = ((first, second) if is_nested(first)
                        else (second, first))
        return ValueError, ('Substructure "%s" is a sequence, while '
                            'substructure "%s" is not'
                            % (_described(nested), _described(leaf)))
    if not is_nested(first):
        return None
    is_mapping = isinstance(first, collections.abc.Mapping)
    if check_types:
        if not (type(first) is type(second) or
                _same_namedtuple(first, second) or
                isinstance(first, list) and isinstance(second, list) or
                is_mapping and isinstance(second, collections.abc.Mapping)):
            return TypeError, (
                "The two namedtuples don't have the same sequence type. First "
                "structure %s has type %s, while second structure %s has type "
                "%s" % (_described(first), type(first).__name__,
                        _described(second), type(second).__name__))
        if is_mapping and set(first) != set(second):
            return ValueError, (
                "The two dictionaries don't have the same set of keys. First "
                "structure has keys %s, while second structure has keys %s"
                % (_described(list(first)), _described(list(second))))
    mine, theirs = _children(first), _children(second)
    for a, b in zip(mine, theirs):
        found = _difference(a, b, check_types)
        if found is not None:
            return found
    if len(mine) != len(theirs):
        return ValueError, (
            "The two structures don't have the same number of elements. First "
            "structure: %s. Second structure: %s"
            % (_described(first), _described(second)))
    return None


def assert_same_structure(first, second, check_types=True,
                          expand_composites=False):
    """ValueError or TypeError, with TensorFlow's text, if they differ."""
    found = _difference(first, second, check_types)
    if found is None:
        return
    error, text = found
    raise error(
        "The two structures don't have the same nested structure.\n\n"
        "First structure: %s\n\nSecond structure: %s\n\n"
        "More specifically: %s\nEntire first structure:\n%s\n"
        "Entire second structure:\n%s"
        % (_described(first), _described(second), text,
           map_structure(lambda _: _Dot(), first),
           map_structure(lambda _: _Dot(), second)))


def pack_sequence_as(structure, flat):
    """`structure` with its leaves replaced, in order, by those of `flat`."""
    leaves = iter(flat)
    return map_structure(lambda _: next(leaves), structure)
