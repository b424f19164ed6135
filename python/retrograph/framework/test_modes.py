"""Decorators that say in which mode a test runs. Here it is always the graph:
what would run eagerly, too, runs once."""
import functools


def _in_graph(test):
    return test


def _decorator(mark):
    """Usable as @d, @d() and @d("why")."""
    @functools.wraps(mark)
    def decorator(func=None, *args, **kwargs):
        if callable(func):
            return mark(func)
        return mark
    return decorator


def _once_in_graph(test):
    @functools.wraps(test)
    def wrapper(self, *args, **kwargs):
        with self.test_session():
            return test(self, *args, **kwargs)
    return wrapper


def run_in_graph_and_eager_modes(func=None, config=None, use_gpu=True,
                                 reset_test=True, assert_no_eager_garbage=False):
    """The test runs in a graph, with its session as the default one."""
    def decorator(test):
        @functools.wraps(test)
        def wrapper(self, *args, **kwargs):
            with self.test_session(use_gpu=use_gpu, config=config):
                return test(self, *args, **kwargs)
        return wrapper
    return decorator if func is None else decorator(func)


def run_all_in_graph_and_eager_modes(cls):
    for name, value in list(vars(cls).items()):
        if callable(value) and name.startswith("test") and \
                name != "test_session":
            setattr(cls, name, run_in_graph_and_eager_modes(value))
    return cls


def _skipped(test):
    @functools.wraps(test)
    def wrapper(self, *args, **kwargs):
        self.skipTest("Test is only compatible with v2")
    return wrapper


deprecated_graph_mode_only = run_deprecated_v1 = _decorator(_in_graph)
run_v2_only = _decorator(_skipped)
also_run_as_tf_function = _in_graph
disable_xla = no_xla_auto_jit = xla_allow_fallback = (
    lambda description=None: _in_graph)
disable_control_flow_v2 = lambda unused_msg=None: _in_graph  # noqa: E731
enable_control_flow_v2 = with_control_flow_v2 = _in_graph
enable_c_shapes = with_c_shapes = use_deterministic_cudnn = _in_graph
enable_output_all_intermediates = _in_graph
assert_no_new_pyobjects_executing_eagerly = _in_graph
assert_no_new_tensors = assert_no_garbage_created = _in_graph


def run_v1_only(reason, func=None):
    return _in_graph if func is None else func


def run_gpu_only(func=None):
    def decorator(test):
        @functools.wraps(test)
        def wrapper(self, *args, **kwargs):
            self.skipTest("Test requires GPU")
        return wrapper
    return decorator if func is None else decorator(func)


run_cuda_only = run_gpu_only


def skip_if(condition):
    """The test does nothing if the condition, or its result, is true."""
    def decorator(test):
        @functools.wraps(test)
        def wrapper(*args, **kwargs):
            if not (condition() if callable(condition) else condition):
                test(*args, **kwargs)
        return wrapper
    return decorator


def for_all_test_methods(decorator, *args, **kwargs):
    def decorate_class(cls):
        for name in dir(cls):
            value = getattr(cls, name)
            if callable(value) and name.startswith("test") and \
                    name != "test_session":
                setattr(cls, name, decorator(*args, **kwargs)(value))
        return cls
    return decorate_class
