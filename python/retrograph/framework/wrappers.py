"""The package's objects for those that C++ hands out.

A collection may hold variables and control-flow contexts, whose classes are
made of ops and so stand above the graph; they register here how they wrap.
"""

_wrappers = {}  # by kind


def register(kind, function):
    """function(core_object) makes the objects of a kind, such as "variable"."""
    _wrappers[kind] = function


def wrap(kind, core_object):
    return _wrappers[kind](core_object)
