"""Modules of the public API: what is there, and help with what is not."""
import sys
import types

from retrograph import _core
from retrograph.framework import op_library


class ApiModule(types.ModuleType):
    """tf, tf.train, tf.nn, ...: names, and op functions of the registry.

    A name that is not there raises an AttributeError that says so and names
    the nearest one that is.
    """

    def __init__(self, name, members, op_types=None, doc=None, lazy=None):
        super().__init__(name, doc)
        self.__dict__.update(members)
        self.__dict__["_op_types"] = op_types or {}
        self.__dict__["_lazy"] = lazy or {}
        self.__dict__["__path__"] = []

    def __getattr__(self, name):
        if name in self._lazy:
            value = self._lazy[name]()
        elif name in self._op_types and \
                _core.op_def(self._op_types[name]) is not None:
            value = op_library.documented_function(self._op_types[name],
                                                   name)
        else:
            raise AttributeError(self._missing(name))
        self.__dict__[name] = value
        return value

    def _missing(self, name):
        import difflib
        known = [n for n in dir(self) if not n.startswith("_")]
        near = difflib.get_close_matches(name, known, 1)
        text = "module %r has no attribute %r" % (self.__name__, name)
        if not name.startswith("__"):
            text += ": it is not in retrograph (yet)"
            if near:
                text += "; the nearest that is there is %r" % near[0]
        return text

    def __dir__(self):
        return sorted(set(self.__dict__) | set(self._lazy) |
                      {n for n, t in self._op_types.items()
                       if _core.op_def(t) is not None})


def submodule(parent, name, members, op_types=None, doc=None, lazy=None):
    """Makes parent.name and registers it, so that it can be imported."""
    module = ApiModule("%s.%s" % (parent.__name__, name), members, op_types,
                       doc, lazy)
    setattr(parent, name, module)
    sys.modules[module.__name__] = module
    return module
