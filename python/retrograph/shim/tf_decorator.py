"""tensorflow.python.util.tf_decorator, by what Python keeps of a decorated
function: __wrapped__."""
import functools


def make_decorator(target, decorator_func, decorator_name=None,  # noqa: ARG001
                   decorator_doc="", decorator_argspec=None):  # noqa: ARG001
    """`decorator_func` with the name and text of the `target` that it wraps."""
    return functools.update_wrapper(decorator_func, target)


def unwrap(maybe_tf_decorator):
    """(the functions that wrap the innermost one, from outside; that one)"""
    decorators, target = [], maybe_tf_decorator
    while hasattr(target, "__wrapped__"):
        decorators.append(target)
        target = target.__wrapped__
    return decorators, target
