"""Scaffold, MonitoredSession and their kin."""
import abc
import inspect
import sys

from retrograph import _core
from retrograph.framework import errors
from retrograph.framework import ops
from retrograph.platform import tf_logging
from retrograph.summary import summary
from retrograph.training import basic_session_run_hooks as basic_hooks
from retrograph.training import coordinator
from retrograph.training import queue_runner
from retrograph.training import saver as saver_lib
from retrograph.training import session_manager
from retrograph.training import session_run_hook

# A session that fails so is made again.
_PREEMPTION_ERRORS = (errors.AbortedError, errors.UnavailableError)

USE_DEFAULT = object()


# ---- Scaffold ---------------------------------------------------------------

def _first(a, b):
    return b if a is None else a


class Scaffold:
    """The pieces that a training needs; what is not given is found in its
    collection, or made and put there by finalize().

    Parameters
    ----------
    init_op, init_feed_dict
        Run to initialise the model.
    init_fn
        Called after init_op as init_fn(scaffold, session).
    ready_op, ready_for_local_init_op
        Give the names of what is not
        initialised.
    local_init_op
        Initialises local variables and tables.
    summary_op
        All summaries.
    saver
        The Saver.
    copy_from_scaffold
        Has the pieces that are not given.
    """

    def __init__(self, init_op=None, init_feed_dict=None, init_fn=None,
                 ready_op=None, ready_for_local_init_op=None,
                 local_init_op=None, summary_op=None, saver=None,
                 copy_from_scaffold=None):
        if copy_from_scaffold is not None:
            other = copy_from_scaffold
            if not isinstance(other, Scaffold):
                raise TypeError(
                    "copy_from_scaffold is not a Scaffold instance.")
            init_op = _first(init_op, other.init_op)
            init_feed_dict = _first(init_feed_dict, other.init_feed_dict)
            init_fn = _first(init_fn, other._user_init_fn)
            ready_op = _first(ready_op, other.ready_op)
            ready_for_local_init_op = _first(ready_for_local_init_op,
                                             other.ready_for_local_init_op)
            local_init_op = _first(local_init_op, other.local_init_op)
            summary_op = _first(summary_op, other.summary_op)
            saver = _first(saver, other.saver)
        self._user_init_fn = init_fn
        self._init_fn = (lambda sess: init_fn(self, sess)) if init_fn else None
        self._init_op = init_op
        self._init_feed_dict = init_feed_dict
        self._ready_op = ready_op
        self._ready_for_local_init_op = ready_for_local_init_op
        self._local_init_op = local_init_op
        self._summary_op = summary_op
        self._saver = saver

    init_op = property(
        lambda self: self._init_op,
        doc="The op that initialises the model, or None before finalize().")
    init_feed_dict = property(
        lambda self: self._init_feed_dict,
        doc="What init_op is fed: a dict as Session.run() takes it, or None.")
    init_fn = property(
        lambda self: self._init_fn,
        doc="Called as init_fn(session) after init_op, or None.")
    ready_op = property(
        lambda self: self._ready_op,
        doc="A string vector, the names of what is not initialised, or None "
            "before finalize().")
    ready_for_local_init_op = property(
        lambda self: self._ready_for_local_init_op,
        doc="Likewise, asked before local_init_op is run.")
    local_init_op = property(
        lambda self: self._local_init_op,
        doc="The op that initialises local variables and tables, or None "
            "before finalize().")
    summary_op = property(
        lambda self: self._summary_op,
        doc="A string tensor of all summaries, or None.")
    saver = property(
        lambda self: self._saver,
        doc="The Saver of the checkpoints, or None before finalize().")

    def finalize(self):
        """Makes what is missing and finalises the default graph."""
        graph = ops.get_default_graph()
        for name in ("init_op", "ready_op", "ready_for_local_init_op",
                     "local_init_op"):
            if getattr(self, "_" + name) is None:
                item = _core.scaffold_piece(graph._c, name)
                setattr(self, "_" + name, graph._collection_item(item))
        if self._summary_op is None:
            # What the collection holds may be anything of Python's.
            self._summary_op = Scaffold.get_or_default(
                "summary_op", ops.GraphKeys.SUMMARY_OP, summary.merge_all)
        if self._saver is None:
            self._saver = saver_lib._get_saver_or_default()
        self._saver.build()
        graph.finalize()
        tf_logging.info("Graph was finalized.")
        return self

    @staticmethod
    def get_or_default(arg_name, collection_key, default_constructor):
        """The one element of a collection, or a new one, put there."""
        elements = ops.get_collection(collection_key)
        if len(elements) > 1:
            raise RuntimeError(
                'More than one item in the collection "%s". Please indicate '
                "which one to use by passing it to the tf.Scaffold "
                "constructor as:  tf.Scaffold(%s=item to use)",
                collection_key, arg_name)
        if elements:
            return elements[0]
        made = default_constructor()
        if made is not None:
            ops.add_to_collection(collection_key, made)
        return made

    @staticmethod
    def default_local_init_op():
        """An op that initialises local variables and tables."""
        graph = ops.get_default_graph()
        return graph._operation(_core.default_local_init_op(graph._c))


# ---- Creators ---------------------------------------------------------------

class SessionCreator(metaclass=abc.ABCMeta):
    """Makes sessions."""

    @abc.abstractmethod
    def create_session(self):
        """For subclasses: a new Session, whose model is ready."""
        raise NotImplementedError(
            "create_session is not implemented for %s." % self)


class _ScaffoldCreator(SessionCreator):
    """Makes sessions with the pieces of a scaffold."""

    def __init__(self, scaffold, master, config):
        self._scaffold = scaffold or Scaffold()
        self._session_manager = None
        self._master = master
        self._config = config

    def _get_session_manager(self):
        if not self._session_manager:
            self._session_manager = session_manager.SessionManager(
                local_init_op=self._scaffold.local_init_op,
                ready_op=self._scaffold.ready_op,
                ready_for_local_init_op=
                self._scaffold.ready_for_local_init_op,
                graph=ops.get_default_graph())
        return self._session_manager


class ChiefSessionCreator(_ScaffoldCreator):
    """Makes a session and restores or initialises its model."""

    def __init__(self, scaffold=None, master="", config=None,
                 checkpoint_dir=None, checkpoint_filename_with_path=None):
        super().__init__(scaffold, master, config)
        self._checkpoint_dir = checkpoint_dir
        self._checkpoint_filename_with_path = checkpoint_filename_with_path

    def create_session(self):
        """Finalises the scaffold and makes a session.

        Returns
        -------
        Session
            Restored from the newest checkpoint or the one given, or else
            initialised.

        Raises
        ------
        RuntimeError
            If the model is not ready afterwards.
        """
        self._scaffold.finalize()
        return self._get_session_manager().prepare_session(
            self._master, saver=self._scaffold.saver,
            checkpoint_dir=self._checkpoint_dir,
            checkpoint_filename_with_path=self._checkpoint_filename_with_path,
            config=self._config, init_op=self._scaffold.init_op,
            init_feed_dict=self._scaffold.init_feed_dict,
            init_fn=self._scaffold.init_fn)


class WorkerSessionCreator(_ScaffoldCreator):
    """Waits until another has made the model ready."""

    def __init__(self, scaffold=None, master="", config=None,
                 max_wait_secs=30 * 60):
        super().__init__(scaffold, master, config)
        self._max_wait_secs = max_wait_secs

    def create_session(self):
        """Finalises the scaffold and waits for the chief.

        Returns
        -------
        Session
            As soon as the model is ready in one.

        Raises
        ------
        DeadlineExceededError
            After max_wait_secs.
        """
        self._scaffold.finalize()
        return self._get_session_manager().wait_for_session(
            self._master, config=self._config,
            max_wait_secs=self._max_wait_secs)


# ---- Sessions around sessions -----------------------------------------------

class _WrappedSession:
    """A session around another, which says when to stop."""

    def __init__(self, sess):
        self._sess = sess
        self._wrapped_is_stoppable = isinstance(sess, _WrappedSession)

    graph = property(lambda self: self._sess.graph)
    sess_str = property(lambda self: self._sess.sess_str)

    def should_stop(self):
        if self._check_stop():
            return True
        if self._sess:
            return self._wrapped_is_stoppable and self._sess.should_stop()
        return True

    def _check_stop(self):
        """A subclass's own reason to stop."""
        return False

    def close(self):
        if self._sess:
            try:
                self._sess.close()
            except _PREEMPTION_ERRORS as e:
                tf_logging.warning(
                    "An error occurred when attempting to close the session. "
                    "This may be due to a preemption in a connected worker or "
                    "parameter server. Error: %s", e)
            finally:
                self._sess = None

    def run(self, *args, **kwargs):
        return self._sess.run(*args, **kwargs)

    def run_step_fn(self, step_fn, raw_session, run_with_hooks):
        return step_fn(_MonitoredSession.StepContext(
            raw_session, run_with_hooks or self.run))


_MADE_AGAIN = (
    "may be due to a preemption in a connected worker or parameter server. "
    "The current session will be closed and a new session will be created. "
    "This error may also occur due to a gRPC failure caused by high memory or "
    "network bandwidth usage in the parameter servers. If this error occurs "
    "repeatedly, try increasing the number of parameter servers assigned to "
    "the job. Error: %s")


class _RecoverableSession(_WrappedSession):
    """Makes its session anew when that was lost."""

    def __init__(self, sess_creator):
        self._sess_creator = sess_creator
        super().__init__(self._create_session())

    def _create_session(self):
        while True:
            try:
                return self._sess_creator.create_session()
            except _PREEMPTION_ERRORS as e:
                tf_logging.info(
                    "An error was raised while a session was being created. "
                    "This may be due to a preemption of a connected worker or "
                    "parameter server. A new session will be created. This "
                    "error may also occur due to a gRPC failure caused by "
                    "high memory or network bandwidth usage in the parameter "
                    "servers. If this error occurs repeatedly, try increasing "
                    "the number of parameter servers assigned to the job. "
                    "Error: %s", e)

    def _check_stop(self):
        try:
            return self._sess._check_stop() if self._sess else True
        except _PREEMPTION_ERRORS as e:
            tf_logging.info("An error was raised while considering whether "
                            "the session is complete. This " + _MADE_AGAIN, e)
            self.close()
            self._sess = self._create_session()
            return False
        except Exception:  # whatever it is, run() will raise it
            return True

    def _until_it_is_not_lost(self, function):
        while True:
            try:
                if not self._sess:
                    self._sess = self._create_session()
                return function()
            except _PREEMPTION_ERRORS as e:
                tf_logging.info("An error was raised. This " + _MADE_AGAIN, e)
                self.close()
                self._sess = None

    def run(self, fetches, feed_dict=None, options=None, run_metadata=None):
        return self._until_it_is_not_lost(lambda: self._sess.run(
            fetches, feed_dict=feed_dict, options=options,
            run_metadata=run_metadata))

    def run_step_fn(self, step_fn, raw_session, run_with_hooks):
        return self._until_it_is_not_lost(lambda: self._sess.run_step_fn(
            step_fn, raw_session, self._sess.run))


class _CoordinatedSession(_WrappedSession):
    """Stops together with a Coordinator's threads."""

    def __init__(self, sess, coord, stop_grace_period_secs=120):
        super().__init__(sess)
        self._coord = coord
        self._stop_grace_period_secs = stop_grace_period_secs

    def _check_stop(self):
        self._coord.raise_requested_exception()
        return self._coord.should_stop()

    def close(self):
        self._coord.request_stop()
        try:
            self._coord.join(
                stop_grace_period_secs=self._stop_grace_period_secs,
                ignore_live_threads=True)
        finally:
            try:
                super().close()
            except Exception:  # the coordinator's error is the one to know
                pass

    def run(self, *args, **kwargs):
        try:
            return self._sess.run(*args, **kwargs)
        except _PREEMPTION_ERRORS:
            raise
        except Exception:
            original = sys.exc_info()[1]
            # A thread's loss of the session goes before what it led to here.
            try:
                self._coord.raise_requested_exception()
            except _PREEMPTION_ERRORS:
                raise
            except Exception:
                pass
            raise original


def _check_feeds_apart(a, b, message):
    common = set(a) & set(b)
    if common:
        raise RuntimeError("%s Conflict(s): %s" % (message, list(common)))


def _merge_run_options(options, more):
    """Adds what a hook asks for to the options of a run."""
    for field in ("trace_level", "timeout_in_ms", "inter_op_thread_pool",
                  "output_partition_graphs"):
        setattr(options, field,
                max(getattr(options, field), getattr(more, field)))
    debug, more_debug = options.debug_options, more.debug_options
    debug.debug_tensor_watch_opts.extend(more_debug.debug_tensor_watch_opts)
    debug.reset_disk_byte_usage |= more_debug.reset_disk_byte_usage
    options.report_tensor_allocations_upon_oom |= \
        more.report_tensor_allocations_upon_oom


class _HookedSession(_WrappedSession):
    """Calls hooks around each run."""

    def __init__(self, sess, hooks):
        super().__init__(sess)
        self._hooks = hooks
        self._should_stop = False

    def _check_stop(self):
        return self._should_stop

    def run(self, fetches, feed_dict=None, options=None, run_metadata=None):
        if self.should_stop():
            raise RuntimeError("Run called even after should_stop requested.")
        from retrograph import protos
        context = session_run_hook.SessionRunContext(
            session_run_hook.SessionRunArgs(fetches, feed_dict), self._sess)
        options = options or protos.RunOptions()
        all_fetches = {"caller": fetches}
        feeds = self._ask_hooks(context, all_fetches, feed_dict, options)
        run_metadata = run_metadata or protos.RunMetadata()
        outputs = super().run(fetches=all_fetches, feed_dict=feeds,
                              options=options, run_metadata=run_metadata)
        for hook in self._hooks:
            hook.after_run(context, session_run_hook.SessionRunValues(
                results=outputs.get(hook), options=options,
                run_metadata=run_metadata))
        self._should_stop = self._should_stop or context.stop_requested
        return outputs["caller"]

    def _ask_hooks(self, context, fetches, user_feeds, options):
        """Adds the hooks' fetches and options; returns all feeds."""
        feeds = {}
        for hook in self._hooks:
            request = hook.before_run(context)
            if request is None:
                continue
            if request.fetches is not None:
                fetches[hook] = request.fetches
            if request.feed_dict:
                _check_feeds_apart(feeds, request.feed_dict,
                                   "Same tensor is fed by two hooks.")
                feeds.update(request.feed_dict)
            if request.options:
                _merge_run_options(options, request.options)
        if not feeds:
            return user_feeds
        if user_feeds:
            _check_feeds_apart(
                user_feeds, feeds,
                "Same tensor is fed by a SessionRunHook and user.")
            feeds.update(user_feeds)
        return feeds


# ---- The session that users see ---------------------------------------------

def _argument_names(function):
    function = getattr(function, "__func__", function)
    if not inspect.isfunction(function) and not inspect.isbuiltin(function):
        function = getattr(type(function), "__call__", function)
        return tuple(inspect.signature(function).parameters)[1:]
    return tuple(inspect.signature(function).parameters)


class _MonitoredSession:
    """See MonitoredSession."""

    def __init__(self, session_creator, hooks, should_recover,
                 stop_grace_period_secs=120):
        self._graph_was_finalized = ops.get_default_graph().finalized
        self._hooks = hooks or []
        for hook in self._hooks:
            hook.begin()
        self._coordinated_creator = self._CoordinatedSessionCreator(
            session_creator or ChiefSessionCreator(), self._hooks,
            stop_grace_period_secs)
        if should_recover:
            self._sess = _RecoverableSession(self._coordinated_creator)
        else:
            self._sess = self._coordinated_creator.create_session()

    @property
    def graph(self):
        """The session's graph."""
        sess = self._tf_sess()
        return None if sess is None else sess.graph

    def run(self, fetches, feed_dict=None, options=None, run_metadata=None):
        """Session.run, with the hooks around it."""
        return self._sess.run(fetches, feed_dict=feed_dict, options=options,
                              run_metadata=run_metadata)

    def run_step_fn(self, step_fn):
        """Calls step_fn(step_context), which may run with and without hooks.

        Raises
        ------
        StopIteration
            Step_fn called request_stop().
        ValueError
            Step_fn takes other arguments.
        """
        names = _argument_names(step_fn)
        if names not in (("step_context",), ("self", "step_context")):
            raise ValueError(
                "`step_fn` may either have one `step_context` argument, or "
                "`self` and `step_context` arguments if it's an instance "
                "method. Got %s instead." % (names,))
        return self._sess.run_step_fn(step_fn, self._tf_sess(),
                                      run_with_hooks=None)

    class StepContext:
        """What a step function works with."""

        def __init__(self, session, run_with_hooks_fn):
            self._session = session
            self._run_with_hooks_fn = run_with_hooks_fn

        session = property(lambda self: self._session)

        def run_with_hooks(self, *args, **kwargs):
            return self._run_with_hooks_fn(*args, **kwargs)

        def request_stop(self):
            """Leaves the step function, and makes should_stop() true."""
            raise StopIteration(
                "step_fn has requested the iterations to stop.")

    def should_stop(self):
        """Whether a hook, or the Coordinator, asked for a stop."""
        return self._sess is None or self._sess.should_stop()

    def close(self):
        """Ends the hooks and closes the session."""
        self._close_internal()

    def __enter__(self):
        return self

    def __exit__(self, exception_type, exception_value, traceback):
        # The end of the input is an orderly end.
        if exception_type in (errors.OutOfRangeError, StopIteration):
            exception_type = None
        self._close_internal(exception_type)
        return exception_type is None

    class _CoordinatedSessionCreator(SessionCreator):
        """Makes a session, starts its queue runners and tells the hooks."""

        def __init__(self, session_creator, hooks, stop_grace_period_secs):
            self._session_creator = session_creator
            self._hooks = hooks
            self.coord = None
            self.tf_sess = None
            self._stop_grace_period_secs = stop_grace_period_secs

        def create_session(self):
            self.tf_sess = self._session_creator.create_session()
            self.coord = coordinator.Coordinator(clean_stop_exception_types=[])
            if ops.get_collection(ops.GraphKeys.QUEUE_RUNNERS):
                queue_runner.start_queue_runners(sess=self.tf_sess,
                                                 coord=self.coord)
            for hook in self._hooks:
                hook.after_create_session(self.tf_sess, self.coord)
            return _CoordinatedSession(
                _HookedSession(self.tf_sess, self._hooks), self.coord,
                self._stop_grace_period_secs)

    def _close_internal(self, exception_type=None):
        try:
            if not exception_type:
                for hook in self._hooks:
                    hook.end(self._coordinated_creator.tf_sess)
        finally:
            try:
                if self._sess is None:
                    raise RuntimeError("Session is already closed.")
                self._sess.close()
            finally:
                self._sess = None
                self._coordinated_creator.tf_sess = None
                self._coordinated_creator.coord = None
                if not self._graph_was_finalized:
                    ops.get_default_graph()._unsafe_unfinalize()

    def _is_closed(self):
        return self._coordinated_creator.tf_sess is None

    def _tf_sess(self):
        return self._coordinated_creator.tf_sess


class MonitoredSession(_MonitoredSession):
    """A session that initialises, restores, calls hooks, and starts over when
    it was lost.

    Parameters
    ----------
    session_creator
        Makes the session; ChiefSessionCreator() by default.
    hooks
        SessionRunHooks.
    stop_grace_period_secs
        How long threads may take to stop.
    """

    def __init__(self, session_creator=None, hooks=None,
                 stop_grace_period_secs=120):
        super().__init__(session_creator, hooks, True, stop_grace_period_secs)


class SingularMonitoredSession(_MonitoredSession):
    """Likewise, but it is not made again, and its raw session can be had."""

    def __init__(self, hooks=None, scaffold=None, master="", config=None,
                 checkpoint_dir=None, stop_grace_period_secs=120,
                 checkpoint_filename_with_path=None):
        super().__init__(
            ChiefSessionCreator(
                scaffold=scaffold, master=master, config=config,
                checkpoint_dir=checkpoint_dir,
                checkpoint_filename_with_path=checkpoint_filename_with_path),
            hooks, False, stop_grace_period_secs)

    def raw_session(self):
        """The Session inside, without the hooks; None once it is closed."""
        return self._tf_sess()


def _either(first, second, default_first, default_second):
    """Two settings of which the one not given is off if the other is."""
    if first is USE_DEFAULT and second is USE_DEFAULT:
        return default_first, default_second
    return (None if first is USE_DEFAULT else first,
            None if second is USE_DEFAULT else second)


def _is_on(*settings):
    return any(s and s > 0 for s in settings)


def MonitoredTrainingSession(  # noqa: N802, TensorFlow's name
        master="", is_chief=True, checkpoint_dir=None, scaffold=None,
        hooks=None, chief_only_hooks=None, save_checkpoint_secs=USE_DEFAULT,
        save_summaries_steps=USE_DEFAULT, save_summaries_secs=USE_DEFAULT,
        config=None, stop_grace_period_secs=120, log_step_count_steps=100,
        max_wait_secs=7200, save_checkpoint_steps=USE_DEFAULT,
        summary_dir=None):
    """A MonitoredSession with the hooks that a training wants.

    A chief counts steps, writes summaries and saves checkpoints; a worker
    waits for the chief.
    """
    save_summaries_steps, save_summaries_secs = _either(
        save_summaries_steps, save_summaries_secs, 100, None)
    save_checkpoint_steps, save_checkpoint_secs = _either(
        save_checkpoint_steps, save_checkpoint_secs, None, 600)
    scaffold = scaffold or Scaffold()
    if not is_chief:
        return MonitoredSession(
            WorkerSessionCreator(scaffold, master, config, max_wait_secs),
            hooks or [], stop_grace_period_secs)
    all_hooks = list(chief_only_hooks or ())
    creator = ChiefSessionCreator(scaffold, master, config, checkpoint_dir)
    summary_dir = summary_dir or checkpoint_dir
    if summary_dir:
        if _is_on(log_step_count_steps):
            all_hooks.append(basic_hooks.StepCounterHook(
                output_dir=summary_dir, every_n_steps=log_step_count_steps))
        if _is_on(save_summaries_steps, save_summaries_secs):
            all_hooks.append(basic_hooks.SummarySaverHook(
                scaffold=scaffold, save_steps=save_summaries_steps,
                save_secs=save_summaries_secs, output_dir=summary_dir))
    if checkpoint_dir and _is_on(save_checkpoint_secs, save_checkpoint_steps):
        all_hooks.append(basic_hooks.CheckpointSaverHook(
            checkpoint_dir, save_steps=save_checkpoint_steps,
            save_secs=save_checkpoint_secs, scaffold=scaffold))
    all_hooks.extend(hooks or ())
    return MonitoredSession(creator, all_hooks, stop_grace_period_secs)


for _class in (Scaffold, SessionCreator, ChiefSessionCreator,
               WorkerSessionCreator, MonitoredSession,
               SingularMonitoredSession):
    _class.__module__ = "tensorflow.python.training.monitored_session"
