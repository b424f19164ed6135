"""HParams: named values that keep their types, set from text or JSON."""
import json
import numbers
import re

from retrograph.platform.deprecation import deprecated

# name[index]=value or name=[values], up to the next comma.
_CLAUSE = re.compile(r"""
    (?P<name>[a-zA-Z][\w.]*) (\[\s*(?P<index>\d+)\s*\])? \s*=\s*
    ((?P<val>[^,\[]*) | \[(?P<vals>[^\]]*)\]) ($|,\s*)""", re.VERBOSE)


def _unparsable(name, kind, value, text):
    return ValueError("Could not parse hparam '%s' of type '%s' with value "
                      "'%s' in %s" % (name, kind.__name__, value, text))


def _twice(name, text):
    return ValueError("Multiple assignments to variable '%s' in %s"
                      % (name, text))


def _parser(name, kind, text):
    """The function that makes a value of a word."""
    if kind != bool:
        return kind

    def parse(word):
        if word in ("true", "True", "false", "False"):
            return word in ("true", "True")
        try:
            return bool(int(word))
        except ValueError:
            raise _unparsable(name, kind, word, text) from None
    return parse


def _add_clause(clause, kind, text, results):
    name, index = clause["name"], clause["index"]
    parse = _parser(name, kind, text)
    if clause["val"] is None:
        if index is not None:
            raise ValueError("Assignment of a list to a list index.")
        if name in results:
            raise _twice(name, text)
        try:
            results[name] = [parse(word) for word in
                             re.split("[ ,]", clause["vals"]) if word]
        except ValueError:
            raise _unparsable(name, kind, clause["vals"], text) from None
        return
    try:
        value = parse(clause["val"])
    except ValueError:
        raise _unparsable(name, kind, clause["val"], text) from None
    if not index:
        if name in results:
            raise _twice(name, text)
        results[name] = value
        return
    places = results.setdefault(name, {})
    if not isinstance(places, dict):
        raise _twice(name, text)
    if int(index) in places:
        raise _twice("%s[%d]" % (name, int(index)), text)
    places[int(index)] = value


def parse_values(values, type_map, ignore_unknown=False):
    """{name: value} of text such as "a=1,b=[2,3],c[0]=x"."""
    results, at = {}, 0
    while at < len(values):
        clause = _CLAUSE.match(values, at)
        if not clause:
            raise ValueError("Malformed hyperparameter value: %s"
                             % values[at:])
        at = clause.end()
        name = clause["name"]
        if name in type_map:
            _add_clause(clause, type_map[name], values, results)
        elif not ignore_unknown:
            raise ValueError("Unknown hyperparameter type for %s" % name)
    return results


def _cast(name, kind, value):
    """The value as that type, if that says the same."""
    if type(value) == kind or issubclass(kind, type(None)):  # noqa: E721
        return value
    is_text = isinstance(value, (str, bytes))
    if ((issubclass(kind, (str, bytes)) and not is_text) or
            issubclass(kind, bool) != isinstance(value, bool) or
            (issubclass(kind, numbers.Integral) and
             not isinstance(value, numbers.Integral)) or
            (issubclass(kind, numbers.Number) and
             not isinstance(value, numbers.Number))):
        raise ValueError("Could not cast hparam '%s' of type '%s' from value "
                         "%r" % (name, kind, value))
    return kind(value)


class HParams:
    """Hyperparameters as attributes.

    HParams(rate=0.1, sizes=[3, 4]).parse("rate=0.2") has a rate of 0.2.
    """

    def __init__(self, hparam_def=None, model_structure=None, **kwargs):
        if hparam_def:
            raise NotImplementedError("HParamDef is not in retrograph")
        self._hparam_types = {}  # name: (type, whether it is a list)
        self._model_structure = model_structure
        for name, value in kwargs.items():
            self.add_hparam(name, value)

    def add_hparam(self, name, value):
        if getattr(self, name, None) is not None:
            raise ValueError("Hyperparameter name is reserved: %s" % name)
        if isinstance(value, (list, tuple)):
            if not value:
                raise ValueError("Multi-valued hyperparameters cannot be "
                                 "empty: %s" % name)
            self._hparam_types[name] = (type(value[0]), True)
        else:
            self._hparam_types[name] = (type(value), False)
        setattr(self, name, value)

    def set_hparam(self, name, value):
        kind, is_list = self._hparam_types[name]
        if isinstance(value, list):
            if not is_list:
                raise ValueError("Must not pass a list for single-valued "
                                 "parameter: %s" % name)
            setattr(self, name, [_cast(name, kind, v) for v in value])
        else:
            if is_list:
                raise ValueError("Must pass a list for multi-valued "
                                 "parameter: %s." % name)
            setattr(self, name, _cast(name, kind, value))

    def del_hparam(self, name):
        if hasattr(self, name):
            delattr(self, name)
            del self._hparam_types[name]

    def parse(self, values):
        kinds = {name: kind for name, (kind, _) in self._hparam_types.items()}
        return self.override_from_dict(parse_values(values, kinds))

    def override_from_dict(self, values_dict):
        for name, value in values_dict.items():
            self.set_hparam(name, value)
        return self

    @deprecated("tensorflow.contrib.training.python.training.hparam",
                "Use `override_from_dict`.")
    def set_from_map(self, values_map):
        return self.override_from_dict(values_map)

    def set_model_structure(self, model_structure):
        self._model_structure = model_structure

    def get_model_structure(self):
        return self._model_structure

    def to_json(self, indent=None, separators=None, sort_keys=False):
        return json.dumps(self.values(), indent=indent, separators=separators,
                          sort_keys=sort_keys)

    def parse_json(self, values_json):
        return self.override_from_dict(json.loads(values_json))

    def values(self):
        return {name: getattr(self, name) for name in self._hparam_types}

    def get(self, key, default=None):
        if key not in self._hparam_types:
            return default
        if default is not None:
            self._check_default(key, default)
        return getattr(self, key)

    def _check_default(self, key, default):
        kind, is_list = self._hparam_types[key]
        wrong = "Hparam '%s' of type '%s' is incompatible with default=%s" % (
            key, "list<%s>" % kind if is_list else kind, default)
        if is_list != isinstance(default, list):
            raise ValueError(wrong)
        try:
            for value in default if is_list else [default]:
                _cast(key, kind, value)
        except ValueError as e:
            raise ValueError("%s. %s" % (wrong, e)) from None

    def __contains__(self, key):
        return key in self._hparam_types

    def __str__(self):
        return ",".join("%s=%s" % item for item in self.values().items())

    def __repr__(self):
        return "%s(%s)" % (type(self).__name__,
                           sorted(self.values().items()))
