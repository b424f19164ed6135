"""What TensorFlow logs, once a function, when a deprecated one is called."""
import functools
import inspect
import sys

from retrograph.platform import tf_logging

_warned = set()


def _warn(key, what, module, instructions, frame):
    if key in _warned:
        return
    _warned.add(key)
    tf_logging.warning(
        "From %s: %s (from %s)%s is deprecated and will be removed in a "
        "future version.\nInstructions for updating:\n%s",
        "%s:%d" % (frame.f_code.co_filename, frame.f_lineno), what[0], module,
        what[1], instructions)


def deprecated(module, instructions):
    """Marks a function that TensorFlow has in `module`."""
    def decorate(function):
        def warn(frame):
            _warn(function, (function.__qualname__, ""), module, instructions,
                  frame)

        @functools.wraps(function)
        def call(*args, **kwargs):
            warn(sys._getframe(1))
            return function(*args, **kwargs)
        call.warn = warn  # for who does the same without calling it
        return call
    return decorate


def deprecated_argument(module, class_name, name, instructions):
    """Marks an argument of a method: to give it is what is warned of."""
    def decorate(function):
        signature = inspect.signature(function)

        @functools.wraps(function)
        def call(*args, **kwargs):
            try:
                given = signature.bind(*args, **kwargs).arguments
            except TypeError:
                given = ()  # the call itself will say so
            if name in given:
                _warn((function, name),
                      ("calling %s.%s" % (class_name, function.__name__),
                       " with %s" % name), module, instructions,
                      sys._getframe(1))
            return function(*args, **kwargs)
        return call
    return decorate
