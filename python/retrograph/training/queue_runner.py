"""QueueRunner: threads that keep a queue filled."""
import threading
import weakref

from retrograph import protos
from retrograph.client import session as session_lib
from retrograph.framework import errors
from retrograph.framework import meta_graph
from retrograph.framework import ops
from retrograph.platform import tf_logging


def _check_closed_types(types):
    if types is not None and not (
            isinstance(types, tuple) and types and
            all(issubclass(t, errors.OpError) for t in types)):
        raise TypeError("queue_closed_exception_types, when provided, must be "
                        "a tuple of tf.error types, but saw: %s" % types)


class QueueRunner:
    """Runs enqueue ops, a thread each, until the queue is closed.

    Parameters
    ----------
    queue
        The queue.
    enqueue_ops
        One a thread.
    close_op
        Run when the last thread met the end of its input.
    cancel_op
        Run when a Coordinator asks to stop.
    queue_closed_exception_types
        Exceptions that mean the end of the input.
    queue_runner_def
        All of these, as to_proto() gives them.
    import_scope
        The scope that the graph of queue_runner_def was put in.
    """

    def __init__(self, queue=None, enqueue_ops=None, close_op=None,
                 cancel_op=None, queue_closed_exception_types=None,
                 queue_runner_def=None, import_scope=None):
        if queue_runner_def:
            if queue or enqueue_ops:
                raise ValueError("queue_runner_def and queue are mutually "
                                 "exclusive.")
            self._init_from_proto(queue_runner_def, import_scope)
        else:
            self._init_from_args(queue, enqueue_ops, close_op, cancel_op,
                                 queue_closed_exception_types)
        self._lock = threading.Lock()
        self._runs_per_session = weakref.WeakKeyDictionary()
        self._exceptions_raised = []

    def _init_from_args(self, queue, enqueue_ops, close_op, cancel_op,
                        closed_types):
        if not queue or not enqueue_ops:
            raise ValueError("Must provide queue and enqueue_ops.")
        _check_closed_types(closed_types)
        self._queue = queue
        self._enqueue_ops = enqueue_ops
        self._close_op = queue.close() if close_op is None else close_op
        self._cancel_op = (queue.close(cancel_pending_enqueues=True)
                           if cancel_op is None else cancel_op)
        self._queue_closed_exception_types = (closed_types or
                                              (errors.OutOfRangeError,))

    def _init_from_proto(self, proto, import_scope):
        graph = ops.get_default_graph()

        def element(name):
            return graph.as_graph_element(
                meta_graph.prepend_name_scope(name, import_scope))
        self._queue = element(proto.queue_name)
        self._enqueue_ops = [element(n) for n in proto.enqueue_op_name]
        self._close_op = element(proto.close_op_name)
        self._cancel_op = element(proto.cancel_op_name)
        self._queue_closed_exception_types = tuple(
            errors.exception_type_from_error_code(code)
            for code in proto.queue_closed_exception_types) or (
                errors.OutOfRangeError,)

    queue = property(
        lambda self: self._queue,
        doc="The queue; from a QueueRunnerDef, what its name names.")
    enqueue_ops = property(
        lambda self: self._enqueue_ops,
        doc="The ops that fill the queue, one a thread.")
    close_op = property(
        lambda self: self._close_op,
        doc="The op that closes the queue at the end of the input.")
    cancel_op = property(
        lambda self: self._cancel_op,
        doc="The op that closes it and cancels what waits, for a stop.")
    queue_closed_exception_types = property(
        lambda self: self._queue_closed_exception_types,
        doc="A tuple of the exceptions that mean the end of the input.")
    name = property(lambda self: self._queue.name, doc="The queue's name.")

    @property
    def exceptions_raised(self):
        """What threads raised that had no Coordinator to tell."""
        return self._exceptions_raised

    def _run(self, sess, enqueue_op, coord=None):
        counted_down = False
        try:
            enqueue = sess.make_callable(enqueue_op)
            while not (coord and coord.should_stop()):
                try:
                    enqueue()
                except self._queue_closed_exception_types:
                    with self._lock:
                        self._runs_per_session[sess] -= 1
                        counted_down = True
                        if self._runs_per_session[sess] == 0:
                            self._run_ignoring_errors(sess, self._close_op)
                    return
        except Exception as e:  # whatever it is, somebody must be told
            if coord:
                coord.request_stop(e)
            else:
                tf_logging.error("Exception in QueueRunner: %s", str(e))
                with self._lock:
                    self._exceptions_raised.append(e)
                raise
        finally:
            if not counted_down:
                with self._lock:
                    self._runs_per_session[sess] -= 1

    @staticmethod
    def _run_ignoring_errors(sess, op):
        try:
            sess.run(op)
        except Exception as e:  # the session may be closed by now
            tf_logging.vlog(1, "Ignored exception: %s", str(e))

    def _close_on_stop(self, sess, cancel_op, coord):
        coord.wait_for_stop()
        self._run_ignoring_errors(sess, cancel_op)

    def create_threads(self, sess, coord=None, daemon=False, start=False):
        """The threads that fill the queue in a session.

        Returns: a list; empty if threads run there already.
        """
        with self._lock:
            if self._runs_per_session.get(sess, 0) > 0:
                return []
            self._runs_per_session[sess] = len(self._enqueue_ops)
            self._exceptions_raised = []
        prefix = "QueueRunnerThread-%s-" % self.name
        threads = [threading.Thread(target=self._run, args=(sess, op, coord),
                                    name=prefix + op.name)
                   for op in self._enqueue_ops]
        if coord:
            threads.append(threading.Thread(
                target=self._close_on_stop,
                args=(sess, self._cancel_op, coord),
                name=prefix + "close_on_stop"))
        for thread in threads:
            if coord:
                coord.register_thread(thread)
            if daemon:
                thread.daemon = True
            if start:
                thread.start()
        return threads

    def to_proto(self, export_scope=None):
        """A QueueRunnerDef; None if the queue is not in `export_scope`."""
        from retrograph import protos
        if export_scope is not None and not self.name.startswith(export_scope):
            return None

        def plain(name):
            return meta_graph.strip_name_scope(name, export_scope)
        return protos.QueueRunnerDef(
            queue_name=plain(self.name),
            enqueue_op_name=[plain(op.name) for op in self._enqueue_ops],
            close_op_name=plain(self._close_op.name),
            cancel_op_name=plain(self._cancel_op.name),
            queue_closed_exception_types=[
                errors.error_code_from_exception_type(t)
                for t in self._queue_closed_exception_types])

    @staticmethod
    def from_proto(queue_runner_def, import_scope=None):
        """A QueueRunner of ops in the default graph, named by a QueueRunnerDef.

        Parameters
        ----------
        queue_runner_def
            What to_proto() gave.
        import_scope
            The scope that the graph was put in.

        Raises
        ------
        KeyError
            If the graph has no op of such a name.
        """
        return QueueRunner(queue_runner_def=queue_runner_def,
                           import_scope=import_scope)


QueueRunner.__module__ = "tensorflow.python.training.queue_runner_impl"


def add_queue_runner(qr, collection=ops.GraphKeys.QUEUE_RUNNERS):
    """Adds a QueueRunner to those that `start_queue_runners` starts."""
    ops.add_to_collection(collection, qr)


def start_queue_runners(sess=None, coord=None, daemon=True, start=True,
                        collection=ops.GraphKeys.QUEUE_RUNNERS):
    """Starts the threads of every QueueRunner in the collection.

    Returns: the threads.
    """
    if sess is None:
        sess = ops.get_default_session()
        if not sess:
            raise ValueError(
                "Cannot start queue runners: No default session is registered. "
                "Use `with sess.as_default()` or pass an explicit session to "
                "tf.start_queue_runners(sess=sess)")
    if not isinstance(sess, session_lib.SessionInterface):
        # These start them themselves.
        if type(sess).__name__ in ("MonitoredSession",
                                   "SingularMonitoredSession"):
            return []
        raise TypeError("sess must be a `tf.Session` object. Given class: %s"
                        % type(sess))
    runners = ops.get_collection(collection)
    if not runners:
        tf_logging.warning(
            "`tf.train.start_queue_runners()` was called when no queue runners "
            "were defined. You can safely remove the call to this deprecated "
            "function.")
    with sess.graph.as_default():
        return [thread for runner in runners
                for thread in runner.create_threads(
                    sess, coord=coord, daemon=daemon, start=start)]


meta_graph.register_from_proto(
    ops.GraphKeys.QUEUE_RUNNERS, lambda data, import_scope:
    QueueRunner.from_proto(protos.QueueRunnerDef.FromString(data),
                           import_scope=import_scope))
