"""arg_scope: defaults for the arguments of decorated functions."""
import contextlib
import functools

_scopes = [{}]  # {function's key: {argument: default}}, the innermost last
_arguments = {}  # function's key: names that a scope can set


def _key(function):
    return getattr(function, "_key_op", str(function))


def current_arg_scope():
    return _scopes[-1]


def has_arg_scope(func):
    return _key(func) in _arguments


def arg_scoped_arguments(func):
    """Names of the arguments that a scope can set."""
    assert has_arg_scope(func)
    return _arguments[_key(func)]


def add_arg_scope(func):
    """Lets arg_scope() give the function's arguments defaults."""
    count = len(func.__defaults__ or ())
    code = func.__code__
    _arguments[_key(func)] = code.co_varnames[-count:code.co_argcount]

    @functools.wraps(func)
    def with_defaults(*args, **kwargs):
        return func(*args, **{**current_arg_scope().get(_key(func), {}),
                              **kwargs})
    with_defaults._key_op = _key(func)
    return with_defaults


@contextlib.contextmanager
def arg_scope(list_ops_or_scope, **kwargs):
    """Inside, the functions' arguments have these defaults. A scope that was
    yielded before may be entered again."""
    if isinstance(list_ops_or_scope, dict):
        if kwargs:
            raise ValueError("When attempting to re-use a scope by suppling a"
                             "dictionary, kwargs must be empty.")
        scope = dict(list_ops_or_scope)
    elif isinstance(list_ops_or_scope, (list, tuple)):
        scope = dict(current_arg_scope())
        for function in list_ops_or_scope:
            if not has_arg_scope(function):
                # TensorFlow's own slip: the name is beside the text.
                raise ValueError("%s is not decorated with @add_arg_scope",
                                 (function.__module__, function.__name__))
            scope[_key(function)] = {**scope.get(_key(function), {}), **kwargs}
    else:
        raise TypeError("list_ops_or_scope must either be a list/tuple or "
                        "reused scope (i.e. dict)")
    _scopes.append(scope)
    try:
        yield scope
    finally:
        _scopes.pop()
