"""Session: fetches and feeds in Python's terms; the run itself is C++'s."""
from __future__ import annotations

import collections.abc
from typing import TYPE_CHECKING, Any

import numpy as np

from retrograph import _core
from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import errors
from retrograph.framework import nest
from retrograph.framework import ops
from retrograph.framework import sparse_tensor

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

_MODULE = "tensorflow.python.client.session"


# ---- Fetches ----------------------------------------------------------------

def _element(graph, fetch):
    """The Tensor or Operation that a fetch is or names."""
    try:
        return graph.as_graph_element(fetch)
    except TypeError as e:
        raise TypeError("Fetch argument %r has invalid type %r, must be a "
                        "string or Tensor. (%s)" % (fetch, type(fetch), e))
    except (ValueError, KeyError) as e:
        raise ValueError("Fetch argument %r cannot be interpreted as a "
                         "Tensor. (%s)" % (fetch, e))


def _plain(structure):
    """What a result's structure is made like: a list for list's own kin."""
    if isinstance(structure, list) and type(structure) is not list:
        return list(structure)
    return structure


class _Fetches:
    """A structure of fetches, resolved in a graph."""

    def __init__(self, graph, fetches):
        self._graph = graph
        self.elements = []
        # Makes the result of a dict of values.
        self.build = self._builder(fetches)
        for element in self.elements:
            _check_fetchable(graph, getattr(element, "op", element))

    def _builder(self, fetch):
        if isinstance(fetch, (ops.Tensor, ops.Operation)):
            return self._leaf(fetch)
        if fetch is None:
            raise TypeError("Fetch argument %r has invalid type %r"
                            % (fetch, type(fetch)))
        if isinstance(fetch, ops.IndexedSlices):
            parts = [p for p in (fetch.values, fetch.indices,
                                 fetch.dense_shape) if p is not None]
            build = self._builder(parts)
            return lambda values: ops.IndexedSlicesValue(
                *(build(values) + [None])[:3])
        if isinstance(fetch, sparse_tensor.SparseTensor):
            build = self._builder(list(sparse_tensor._parts(fetch)))
            return lambda values: sparse_tensor.SparseTensorValue(
                *build(values))
        if isinstance(fetch, collections.abc.Mapping):
            # In the dict's own order: keys need not be sortable here.
            parts = [(key, self._builder(value))
                     for key, value in fetch.items()]

            def build_dict(values):
                result = type(fetch)()
                for key, part in parts:
                    result[key] = part(values)
                return result
            return build_dict
        if nest.is_nested(fetch):
            parts = [self._builder(child) for child in nest._children(fetch)]
            like = _plain(fetch)
            return lambda values: nest._rebuild(like,
                                                [p(values) for p in parts])
        return self._leaf(fetch)

    def _leaf(self, fetch):
        element = _element(self._graph, fetch)
        self.elements.append(element)
        # An operation has no value.
        return lambda values: values.get(element)


def _check_fetchable(graph, op):
    if not graph.is_fetchable(op):
        raise errors.InaccessibleTensorError(
            "Operation %r has been marked as not fetchable. Typically this "
            "happens when it is defined in another function or code block. Use "
            "return values,explicit Python locals or TensorFlow collections to "
            "access it." % op.name)


# ---- Feeds ------------------------------------------------------------------

def _feed_items(feed_dict):
    if not isinstance(feed_dict, (dict, collections.abc.Mapping)):
        raise TypeError("input must be a dictionary")
    for key, value in feed_dict.items():
        if isinstance(key, sparse_tensor.SparseTensor):
            yield from zip(sparse_tensor._parts(key), value)
            continue
        if isinstance(key, ops.Tensor) or not nest.is_nested(key):
            yield key, value
            continue
        keys, values = nest.flatten(key), nest.flatten(value)
        if len(keys) != len(values):
            raise ValueError(
                "Could not flatten dictionary. Key had %d elements, but value "
                "had %d elements. Key: %s, value: %s."
                % (len(keys), len(values), keys, values))
        yield from zip(keys, values)


def _feed_tensor(graph, key):
    try:
        return graph.as_graph_element(key, allow_operation=False)
    except Exception as e:
        raise TypeError("Cannot interpret feed_dict key as Tensor: " +
                        e.args[0])


def _feed_value(tensor, key, value):
    """The value as an array of the tensor's type."""
    if isinstance(value, ops.Tensor):
        raise TypeError(
            "The value of a feed cannot be a tf.Tensor object. Acceptable feed "
            "values include Python scalars, strings, lists, numpy ndarrays, or "
            "TensorHandles. For reference, the tensor object was " +
            str(value) + " which was passed to the feed with key " + str(key) +
            ".")
    dtype = tensor.dtype.base_dtype
    numpy_dtype = dtype.as_numpy_dtype
    if isinstance(value, int) and not _fits(numpy_dtype, value):
        raise TypeError(
            "Type of feed value " + str(value) + " with type " +
            str(type(value)) + " is not compatible with Tensor type " +
            str(numpy_dtype) + ". Try explicitly setting the type of the feed "
            "tensor to a larger type (e.g. int64).")
    array = _as_array(value, numpy_dtype)
    if not tensor._takes_shape(array.shape):
        raise ValueError(
            "Cannot feed value of shape %r for Tensor %r, which has shape %r"
            % (array.shape, tensor.name, str(tensor.shape)))
    return array


def _as_array(value, dtype):
    try:
        return np.asarray(value, dtype=dtype)
    except ValueError as e:
        # What numpy says of ragged lists grew longer over the years.
        if str(e).startswith("setting an array element with a sequence."):
            raise ValueError("setting an array element with a sequence.") \
                from None
        raise


def _fits(dtype, value):
    if dtype is object:
        return False
    try:
        return np.asarray(value).astype(dtype) == value
    except (OverflowError, TypeError, ValueError):
        return False


def _carried_feed(tensor, array):
    dtype = tensor.dtype.base_dtype
    if dtype is dtypes.string:
        array = constant_op._string_array(array.tolist()) \
            if array.dtype.kind in "SU" else array
        return array, dtype._number
    return constant_op.carried(array, dtype), dtype._number


def _core_outputs(tensors):
    return [(t.op._id, t.value_index) for t in tensors]


def _core_feeds(feeds):
    return [(t.op._id, t.value_index) + _carried_feed(t, array)
            for t, array in feeds.items()]


def _by_kind(elements):
    """The tensors, and the ids of the operations, each once."""
    tensors, targets = [], []
    for element in dict.fromkeys(elements):
        if isinstance(element, ops.Operation):
            targets.append(element._id)
        else:
            tensors.append(element)
    return tensors, targets


# ---- Options ----------------------------------------------------------------

class _RunRequest:
    """What run() is asked besides values: RunOptions and RunMetadata."""

    def __init__(self, options, run_metadata):
        self._metadata = run_metadata
        self.timeout_ms = 0
        self.trace = None
        if options:
            from retrograph import protos
            if not isinstance(options, protos.RunOptions):
                options = protos.RunOptions.FromString(
                    options.SerializeToString())
            self.timeout_ms = options.timeout_in_ms
            if options.trace_level > protos.RunOptions.NO_TRACE:
                self.trace = _core.StepTrace()

    def fill_metadata(self):
        if not self._metadata:
            return
        self._metadata.ParseFromString(b"")
        if self.trace is not None:
            self._metadata.step_stats.ParseFromString(self.trace.stats())


# ---- Sessions ---------------------------------------------------------------

class SessionInterface:
    """Base class of sessions."""


class BaseSession(SessionInterface):
    """Runs a graph and keeps its variables."""

    def __init__(self, target="", graph=None, config=None):
        if graph is None:
            graph = ops.get_default_graph()
        elif not isinstance(graph, ops.Graph):
            raise TypeError("graph must be a tf.Graph, but got %s"
                            % type(graph))
        if isinstance(target, bytes):
            target = target.decode()
        if target is not None and not isinstance(target, str):
            raise TypeError("target must be a string, but got %s"
                            % type(target))
        self._graph = graph
        self._target = target
        self._config = config
        options = {}
        if config is not None:
            options = self._options(config)
        self._cpu_devices = options.get("cpu_devices", 1)
        self._c = _core.Session(graph._c, **options)

    @staticmethod
    def _options(config):
        from retrograph import protos
        if not isinstance(config, protos.ConfigProto):
            raise TypeError("config must be a tf.ConfigProto, but got %s"
                            % type(config))
        return {
            "inter_op_threads": config.inter_op_parallelism_threads,
            "operation_timeout_ms": config.operation_timeout_in_ms,
            "cpu_devices": config.device_count.get("CPU", 1),
            "allow_soft_placement": config.allow_soft_placement}

    @property
    def graph(self) -> ops.Graph:
        """The graph that it runs."""
        return self._graph

    sess_str = property(lambda self: (self._target or "").encode())
    _closed = property(lambda self: self._c.closed)

    @property
    def graph_def(self):
        """The graph as a GraphDef."""
        return self._graph.as_graph_def()

    def run(self, fetches: Any, feed_dict: dict | None = None,
            options: Any = None, run_metadata: Any = None) -> Any:
        """Computes the fetches, with the feeds in place of their tensors.

        Parameters
        ----------
        fetches : Tensor, Operation, Variable or str, or a list, tuple, dict,
            namedtuple or attrs class of such
        feed_dict : dict, optional
            Values, as numpy takes them, by Tensor, Variable or name. Each has
            the tensor's dtype or one that goes into it, and a shape that fits
            what is known of the tensor's.
        options : RunOptions, optional
            `timeout_in_ms` and `trace_level` are heeded.
        run_metadata : RunMetadata, optional
            Gets the `step_stats` of a run that `options.trace_level` asks to
            trace; otherwise it is emptied.

        Returns
        -------
        The structure of `fetches`: for a tensor an array of its dtype and
        shape, or a numpy scalar or bytes if it has no dimensions; for an
        operation None.

        Raises
        ------
        RuntimeError
            If the session is closed or its graph is empty.
        TypeError, ValueError
            If something cannot be fetched or fed, is of another graph, or has
            a value that does not fit.
        tf.errors.OpError
            What an operation fails with: `FailedPreconditionError` for a
            variable without a value, `InvalidArgumentError` for a placeholder
            that is not fed.
        """
        request = _RunRequest(options, run_metadata)
        feeds = self._feeds(feed_dict)
        handler = _Fetches(self._graph, fetches)
        values = self._values(handler.elements, feeds, request)
        request.fill_metadata()
        return handler.build(values)

    def _feeds(self, feed_dict):
        """Arrays by tensor, checked in TensorFlow's order."""
        self._check_is_open()
        feeds = {}
        if feed_dict:
            for key, value in _feed_items(feed_dict):
                tensor = _feed_tensor(self._graph, key)
                array = _feed_value(tensor, key, value)
                if not self._graph.is_feedable(tensor):
                    raise ValueError("Tensor %s may not be fed." % tensor)
                feeds[tensor] = array
        return feeds

    def _check_is_open(self):
        if self._c.closed:
            raise RuntimeError("Attempted to use a closed Session.")
        if self._graph.version == 0:
            raise RuntimeError("The Session graph is empty.  Add operations to "
                               "the graph before calling run().")

    def _call(self, function, *args):
        """Calls into C++; an error gets the operation that it names."""
        try:
            return function(*args)
        except errors.OpError as e:
            raise errors._with_op(e, self._graph) from None

    def _values(self, elements, feeds, request):
        """Values by tensor, of all that was asked for."""
        tensors, targets = _by_kind(elements)
        tensors = [t for t in tensors if t not in feeds]
        values = dict(feeds)
        if tensors or targets:
            arrays = self._call(self._c.run, _core_feeds(feeds),
                                _core_outputs(tensors), targets,
                                request.timeout_ms, request.trace)
            values.update(zip(tensors, arrays))
        return values

    def __repr__(self):
        return "<tf.%s of %r%s>" % (type(self).__name__, self._graph,
                                    ", closed" if self._c.closed else "")

    def make_callable(self, fetches: Any, feed_list: Any = None,
                      accept_options: bool = False) -> Callable[..., Any]:
        """A function of the feeds' values that runs the fetches.

        Parameters
        ----------
        fetches : as for `run`
        feed_list : list or tuple, optional
            Keys of a feed_dict, in the order in which the function takes
            their values.
        accept_options : bool
            Whether a function without feeds takes `options` and
            `run_metadata`; one with a `feed_list` always does.

        Raises
        ------
        TypeError, ValueError
            For bad fetches. A bad feed is found by the call.
        """
        if feed_list is not None:
            if not isinstance(feed_list, (list, tuple)):
                raise TypeError("`feed_list` must be a list or tuple.")

            def run_with_feeds(*feed_args, **kwargs):
                return self.run(fetches, dict(zip(feed_list, feed_args)),
                                **kwargs)
            return run_with_feeds

        handler = _Fetches(self._graph, fetches)

        def run_with_options(options=None, run_metadata=None):
            request = _RunRequest(options, run_metadata)
            values = self._values(handler.elements, {}, request)
            request.fill_metadata()
            return handler.build(values)
        if accept_options:
            return run_with_options
        return lambda: run_with_options()

    def partial_run_setup(self, fetches: Any, feeds: Any = None) -> str:
        """Begins a run in pieces, and does what needs no feed.

        Parameters
        ----------
        fetches : as for `run`
            All that `partial_run` will be asked for.
        feeds : Tensor, str or a structure of such, optional
            All that it will feed.

        Returns
        -------
        A handle for `partial_run`.

        Raises
        ------
        tf.errors.InvalidArgumentError
            If nothing is to be run, or a tensor is both fed and fetched.
        TypeError, ValueError, RuntimeError
            As `run`.
        """
        self._check_is_open()
        keys = [_feed_tensor(self._graph, key)
                for key in nest.flatten([] if feeds is None else feeds)]
        tensors, targets = _by_kind(_Fetches(self._graph, fetches).elements)
        return self._call(self._c.partial_run_setup, _core_outputs(keys),
                          _core_outputs(tensors), targets)

    def partial_run(self, handle: str, fetches: Any,
                    feed_dict: dict | None = None) -> Any:
        """The next piece of a run, in which an operation runs at most once.

        Parameters
        ----------
        handle : str
            What `partial_run_setup` returned.
        fetches : as for `run`
            Tensors that follow from what was fed so far; each once in a run.
        feed_dict : dict, optional
            Values of tensors that were not fed before.

        Returns
        -------
        As `run`.

        Raises
        ------
        tf.errors.InvalidArgumentError
            For feeds and fetches that the handle does not allow.
        RuntimeError
            If an operation is among the fetches.
        """
        feeds = self._feeds(feed_dict)
        handler = _Fetches(self._graph, fetches)
        tensors, targets = _by_kind(handler.elements)
        if targets:
            raise RuntimeError("partial_run() requires empty target_list.")
        values = dict(feeds)
        tensors = [t for t in tensors if t not in feeds]
        if tensors or feeds:
            arrays = self._call(self._c.partial_run, handle,
                                _core_feeds(feeds), _core_outputs(tensors))
            values.update(zip(tensors, arrays))
        return handler.build(values)

    def as_default(self):
        """A context: `eval` and `run` of tensors and operations use this."""
        return ops.default_session(self)

    def close(self) -> None:
        """Lets go of the variables' values; `run` then raises."""
        self._c.close()

    def list_devices(self):
        """The devices that operations may be placed on."""
        from retrograph.client import device_lib
        return device_lib.session_devices(self._cpu_devices)


class Session(BaseSession):
    """Runs a graph, and keeps the values of its variables.

    As a context manager it is the default session, its graph is the default
    graph, and it is closed at the end.

    Parameters
    ----------
    target : str
        "" or "local"; there are no other processes here.
    graph : Graph, optional
        The default graph if there is none here.
    config : ConfigProto, optional

    Raises
    ------
    TypeError
        If an argument is of another type.
    """

    def __init__(self, target: str = "", graph: ops.Graph | None = None,
                 config: Any = None) -> None:
        super().__init__(target, graph, config=config)
        self._contexts = []

    def __enter__(self) -> Self:
        import contextlib
        stack = contextlib.ExitStack()
        stack.enter_context(self.graph.as_default())
        stack.enter_context(self.as_default())
        self._contexts.append(stack)
        return self

    def __exit__(self, exc_type: Any, exc_value: Any,
                 traceback: Any) -> None:
        self._contexts.pop().__exit__(exc_type, exc_value, traceback)
        self.close()

    @staticmethod
    def reset(target, containers=None, config=None):
        """Does nothing: containers are kept by servers, and there is none."""


class InteractiveSession(BaseSession):
    """A session that is the default from the moment it is made."""

    def __init__(self, target="", graph=None, config=None):
        super().__init__(target, graph, config)
        self._explicit_graph = graph
        self._default_graph = None
        if graph is not None:
            self._default_graph = graph.as_default()
            self._default_graph.__enter__()
        self._default_session = self.as_default()
        ops._default_session_stack.enforce_nesting = False
        self._default_session.__enter__()

    def close(self):
        super().close()
        for context in (self._default_session, self._default_graph):
            if context is not None:
                context.__exit__(None, None, None)
        self._default_session = self._default_graph = None


for _class in (SessionInterface, BaseSession, Session, InteractiveSession):
    _class.__module__ = _MODULE
