"""tf.flags: absl's flags, with TensorFlow's old argument names, and parsed from
the command line when a value is first asked for."""
import functools as _functools
import sys as _sys

from absl import flags as _flags
from absl.flags import *  # noqa: F401,F403

_flags.disclaim_key_flags()
_OLD_NAMES = {"flag_name": "name", "default_value": "default",
              "docstring": "help"}


def _taking_old_names(define):
    @_functools.wraps(define)
    def wrapper(*args, **kwargs):
        # The flag belongs to the caller's module, not to this one.
        _flags.disclaim_key_flags()
        return define(*args, **{_OLD_NAMES.get(name, name): value
                                for name, value in kwargs.items()})
    return wrapper


class _FlagValues:
    """absl's FLAGS; values may be read before main() has parsed them."""

    def __init__(self, wrapped):
        self.__dict__["_wrapped"] = wrapped

    def __getattr__(self, name):
        wrapped = self.__dict__["_wrapped"]
        if not wrapped.is_parsed():
            wrapped(_sys.argv)
        return getattr(wrapped, name)

    def __setattr__(self, name, value):
        setattr(self.__dict__["_wrapped"], name, value)

    def __delattr__(self, name):
        delattr(self.__dict__["_wrapped"], name)

    def __getitem__(self, name):
        return self.__dict__["_wrapped"][name]

    def __setitem__(self, name, flag):
        self.__dict__["_wrapped"][name] = flag

    def __contains__(self, name):
        return name in self.__dict__["_wrapped"]

    def __iter__(self):
        return iter(self.__dict__["_wrapped"])

    def __len__(self):
        return len(self.__dict__["_wrapped"])

    def __dir__(self):
        return dir(self.__dict__["_wrapped"])

    def __call__(self, *args, **kwargs):
        return self.__dict__["_wrapped"](*args, **kwargs)


FLAGS = _FlagValues(_flags.FLAGS)
DEFINE_string = _taking_old_names(_flags.DEFINE_string)
DEFINE_boolean = DEFINE_bool = _taking_old_names(_flags.DEFINE_boolean)
DEFINE_float = _taking_old_names(_flags.DEFINE_float)
DEFINE_integer = _taking_old_names(_flags.DEFINE_integer)
