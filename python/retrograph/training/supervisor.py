"""tf.train.Supervisor, which MonitoredSession replaced."""
import contextlib
import os
import time

from retrograph.framework import dtypes
from retrograph.framework import graph_io
from retrograph.framework import meta_graph
from retrograph.framework import ops
from retrograph.ops import control_flow_ops
from retrograph.ops import lookup_ops
from retrograph.ops import variables
from retrograph.platform import tf_logging
from retrograph.summary import summary as summary_lib
from retrograph.summary import writer
from retrograph.training import coordinator
from retrograph.training import saver as saver_lib
from retrograph.training import session_manager as session_manager_lib
from retrograph.training import training_util


def _session_log(status, **fields):
    from retrograph import protos
    return protos.SessionLog(status=getattr(protos.SessionLog, status),
                             **fields)


def _first_of(key):
    """The first element of a collection, or None."""
    found = ops.get_collection(key)
    if len(found) > 1:
        tf_logging.info("Found %d %s operations. Returning the first one.",
                        len(found), key)
    return found[0] if found else None


def _first_or_made(key, make):
    """The first element of a collection, or a new one, put there."""
    item = _first_of(key)
    if item is None:
        item = make()
        if item is not None:
            ops.add_to_collection(key, item)
    return item


def _default_local_init_op():
    return control_flow_ops.group(variables.local_variables_initializer(),
                                  lookup_ops.tables_initializer())


def _default_global_step():
    try:
        step = ops.get_default_graph().get_tensor_by_name("global_step:0")
    except KeyError:
        return None
    if step.dtype.base_dtype in (dtypes.int32, dtypes.int64):
        return step
    tf_logging.warning("Found 'global_step' is not an int type: %s",
                       step.dtype)
    return None


class Supervisor:
    """Makes a session and, beside the training, saves, counts and writes.

    Each argument that is not given is found in the graph's collections or
    made. A chief initialises or restores; others wait for it.
    """

    USE_DEFAULT = 0

    def __init__(self, graph=None, ready_op=USE_DEFAULT,
                 ready_for_local_init_op=USE_DEFAULT, is_chief=True,
                 init_op=USE_DEFAULT, init_feed_dict=None,
                 local_init_op=USE_DEFAULT, logdir=None,
                 summary_op=USE_DEFAULT, saver=USE_DEFAULT,
                 global_step=USE_DEFAULT, save_summaries_secs=120,
                 save_model_secs=600, recovery_wait_secs=30,
                 stop_grace_secs=120, checkpoint_basename="model.ckpt",
                 session_manager=None, summary_writer=USE_DEFAULT,
                 init_fn=None, local_init_run_options=None):
        graph = ops.get_default_graph() if graph is None else graph
        with graph.as_default():
            self._find_pieces(ready_op, ready_for_local_init_op, init_op,
                              local_init_op, saver, summary_op, global_step)
        self._init_feed_dict = init_feed_dict
        self._graph = graph
        self._meta_graph_def = meta_graph.create_meta_graph_def(
            graph=graph, graph_def=graph.as_graph_def(add_shapes=True),
            saver_def=self._saver.saver_def if self._saver else None)
        self._is_chief = is_chief
        self._coord = coordinator.Coordinator()
        self._stop_grace_secs = stop_grace_secs
        self._init_fn = init_fn
        self._logdir = self._save_path = self._summary_writer = None
        self._save_summaries_secs = self._save_model_secs = None
        self._graph_added_to_summary = False
        if is_chief:
            self._init_chief(logdir, save_summaries_secs, save_model_secs,
                             checkpoint_basename, summary_writer)
        self._session_manager = session_manager or \
            session_manager_lib.SessionManager(
                local_init_op=self._local_init_op, ready_op=self._ready_op,
                ready_for_local_init_op=self._ready_for_local_init_op,
                graph=graph, recovery_wait_secs=recovery_wait_secs,
                local_init_run_options=local_init_run_options)
        self._verify_setup()
        graph.finalize()

    def _find_pieces(self, ready_op, ready_for_local_init_op, init_op,
                     local_init_op, saver, summary_op, global_step):
        keys = ops.GraphKeys

        def piece(given, key, make):
            return _first_or_made(key, make) \
                if given is Supervisor.USE_DEFAULT else given
        self._ready_op = piece(ready_op, keys.READY_OP,
                               variables.report_uninitialized_variables)
        self._ready_for_local_init_op = piece(
            ready_for_local_init_op, keys.READY_FOR_LOCAL_INIT_OP,
            lambda: None)
        self._init_op = piece(init_op, keys.INIT_OP,
                              variables.global_variables_initializer)
        self._local_init_op = piece(local_init_op, keys.LOCAL_INIT_OP,
                                    _default_local_init_op)
        self._saver = piece(
            saver, keys.SAVERS,
            lambda: saver_lib.Saver() if variables.global_variables()
            else None)
        self._summary_op = piece(summary_op, keys.SUMMARY_OP,
                                 summary_lib.merge_all)
        self._global_step = piece(global_step, keys.GLOBAL_STEP,
                                  _default_global_step)

    def _init_chief(self, logdir, save_summaries_secs, save_model_secs,
                    checkpoint_basename, summary_writer):
        self._logdir = logdir
        self._save_summaries_secs = save_summaries_secs
        self._save_model_secs = save_model_secs
        if logdir:
            self._save_path = os.path.join(logdir, checkpoint_basename)
        if summary_writer is not Supervisor.USE_DEFAULT:
            self._summary_writer = summary_writer
        elif logdir:
            self._summary_writer = writer.FileWriter(logdir)

    def _verify_setup(self):
        if self._is_chief:
            return
        for op in self._graph.get_operations():
            if op.type in ("Variable", "VariableV2") and not op.device:
                raise ValueError("When using replicas, all Variables must have "
                                 "their device set: %s" % op)

    is_chief = property(
        lambda self: self._is_chief,
        doc="Whether this one initialises, saves and writes; others wait.")
    session_manager = property(
        lambda self: self._session_manager,
        doc="The SessionManager that makes the sessions.")
    coord = property(
        lambda self: self._coord,
        doc="The Coordinator of the services' and queues' threads.")
    init_op = property(
        lambda self: self._init_op,
        doc="The op that initialises the model, or None.")
    init_feed_dict = property(
        lambda self: self._init_feed_dict,
        doc="What init_op is fed: a dict as Session.run() takes it, or None.")
    ready_op = property(
        lambda self: self._ready_op,
        doc="A string vector, the names of what is not initialised, or None.")
    ready_for_local_init_op = property(
        lambda self: self._ready_for_local_init_op,
        doc="Likewise, asked before local_init_op is run, or None.")
    summary_writer = property(
        lambda self: self._summary_writer,
        doc="The FileWriter, or None; only a chief has one.")
    summary_op = property(
        lambda self: self._summary_op,
        doc="A string tensor of all summaries, or None.")
    save_summaries_secs = property(
        lambda self: self._save_summaries_secs,
        doc="Seconds between summaries, 0 for none; None if not the chief.")
    global_step = property(
        lambda self: self._global_step,
        doc="The tensor or variable that counts the steps, or None.")
    saver = property(
        lambda self: self._saver, doc="The Saver of the checkpoints, or None.")
    save_model_secs = property(
        lambda self: self._save_model_secs,
        doc="Seconds between checkpoints, 0 for none; None if not the chief.")
    save_path = property(
        lambda self: self._save_path,
        doc="What the chief's checkpoints' names begin with; None for others "
            "and without a logdir.")

    # ---- Sessions ----

    def _write_graph(self):
        if self._logdir:
            graph_io.write_graph(self._graph.as_graph_def(add_shapes=True),
                                 self._logdir, "graph.pbtxt")
        if self._summary_writer and not self._graph_added_to_summary:
            self._summary_writer.add_graph(self._graph)
            self._summary_writer.add_meta_graph(self._meta_graph_def)
            self._graph_added_to_summary = True

    def start_standard_services(self, sess):
        """Starts the threads that write summaries, count and save."""
        if not self._is_chief:
            raise RuntimeError(
                "Only chief supervisor can start standard services. Because "
                "only chief supervisors can write events.")
        if not self._logdir:
            tf_logging.warning("Standard services need a 'logdir' passed to "
                               "the SessionManager")
            return None
        if self._global_step is not None and self._summary_writer:
            self._summary_writer.add_session_log(
                _session_log("START"),
                training_util.global_step(sess, self._global_step))
        threads = []
        if self._save_summaries_secs and self._summary_writer:
            if self._summary_op is not None:
                threads.append(SVSummaryThread(self, sess))
            if self._global_step is not None:
                threads.append(SVStepCounterThread(self, sess))
        if self.saver and self._save_model_secs:
            threads.append(SVTimerCheckpointThread(self, sess))
        for thread in threads:
            thread.start()
        return threads

    def prepare_or_wait_for_session(self, master="", config=None,
                                    wait_for_checkpoint=False,
                                    max_wait_secs=7200,
                                    start_standard_services=True):
        """A session whose model is ready, its services and queues started."""
        self._coord.clear_stop()
        if self._summary_writer:
            self._summary_writer.reopen()
        if self._is_chief:
            sess = self._session_manager.prepare_session(
                master, init_op=self.init_op, saver=self.saver,
                checkpoint_dir=self._logdir,
                wait_for_checkpoint=wait_for_checkpoint,
                max_wait_secs=max_wait_secs, config=config,
                init_feed_dict=self._init_feed_dict, init_fn=self._init_fn)
            self._write_graph()
            if start_standard_services:
                tf_logging.info("Starting standard services.")
                self.start_standard_services(sess)
        else:
            sess = self._session_manager.wait_for_session(
                master, config=config, max_wait_secs=max_wait_secs)
        if start_standard_services:
            tf_logging.info("Starting queue runners.")
            self.start_queue_runners(sess)
        return sess

    def start_queue_runners(self, sess, queue_runners=None):
        """Starts the threads that fill queues, as daemons.

        Parameters
        ----------
        sess
            The session that they run ops in.
        queue_runners
            QueueRunners; by default those in the graph's collection
            QUEUE_RUNNERS.

        Returns
        -------
        list of threading.Thread
            Without those of a queue runner that runs in `sess` already.
        """
        if queue_runners is None:
            queue_runners = self._graph.get_collection(
                ops.GraphKeys.QUEUE_RUNNERS)
        return [thread for runner in queue_runners
                for thread in runner.create_threads(
                    sess, coord=self._coord, daemon=True, start=True)]

    @contextlib.contextmanager
    def managed_session(self, master="", config=None,
                        start_standard_services=True,
                        close_summary_writer=True):
        """A session for a `with` block, at whose end everything stops."""
        sess = None
        try:
            sess = self.prepare_or_wait_for_session(
                master=master, config=config,
                start_standard_services=start_standard_services)
            yield sess
        except Exception as e:  # stop() raises it
            self.request_stop(e)
        finally:
            try:
                self.stop(close_summary_writer=close_summary_writer)
            finally:
                if sess is not None:
                    sess.close()

    # ---- Threads ----

    def loop(self, timer_interval_secs, target, args=None, kwargs=None):
        """Starts a thread that calls a function until a stop is asked for.

        Parameters
        ----------
        timer_interval_secs
            Seconds between calls; None for none.
        target, args, kwargs
            The call.

        Returns
        -------
        LooperThread
            Which stop() waits for.
        """
        return coordinator.LooperThread.loop(
            self._coord, timer_interval_secs, target, args, kwargs)

    def stop(self, threads=None, close_summary_writer=True,
             ignore_live_threads=False):
        """Asks the threads to stop and waits for them.

        Parameters
        ----------
        threads
            More threads to wait for than the Coordinator knows.
        close_summary_writer
            Whether to log the stop in the summary writer and close that,
            whatever is raised.
        ignore_live_threads
            Log the threads that still run after stop_grace_secs, rather than
            raise RuntimeError.

        Raises
        ------
        Exception
            The one that was reported to the Coordinator, if any.
        """
        self._coord.request_stop()
        try:
            self._coord.join(threads,
                             stop_grace_period_secs=self._stop_grace_secs,
                             ignore_live_threads=ignore_live_threads)
        finally:
            if close_summary_writer and self._summary_writer:
                self._summary_writer.add_session_log(_session_log("STOP"))
                self._summary_writer.close()
                self._graph_added_to_summary = False

    def request_stop(self, ex=None):
        """Asks the threads to stop, and does not wait.

        Parameters
        ----------
        ex
            An exception or sys.exc_info(), which stop() then raises.
        """
        self._coord.request_stop(ex=ex)

    def should_stop(self):
        """Whether a stop was asked for."""
        return self._coord.should_stop()

    def stop_on_exception(self):
        """For `with`: what the block raises asks for a stop, no more."""
        return self._coord.stop_on_exception()

    def wait_for_stop(self):
        """Waits until somebody asks to stop."""
        self._coord.wait_for_stop()

    def summary_computed(self, sess, summary, global_step=None):
        """Writes a summary that a run computed."""
        if not self._summary_writer:
            raise RuntimeError("Writing a summary requires a summary writer.")
        if global_step is None and self.global_step is not None:
            global_step = training_util.global_step(sess, self.global_step)
        self._summary_writer.add_summary(summary, global_step)

    # Names of old.
    PrepareSession = prepare_or_wait_for_session
    StartQueueRunners = start_queue_runners
    StartStandardServices = start_standard_services
    Stop = stop
    RequestStop = request_stop
    Loop = loop
    ShouldStop = should_stop
    StopOnException = stop_on_exception
    WaitForStop = wait_for_stop
    SummaryComputed = summary_computed


class SVSummaryThread(coordinator.LooperThread):
    """Writes summaries."""

    def __init__(self, sv, sess):
        super().__init__(sv.coord, sv.save_summaries_secs)
        self._sv = sv
        self._sess = sess

    def run_loop(self):
        step = None
        if self._sv.global_step is not None:
            summary, step = self._sess.run(
                [self._sv.summary_op, self._sv.global_step])
        else:
            summary = self._sess.run(self._sv.summary_op)
        if self._sv.summary_writer:
            tf_logging.info("Recording summary at step %s.", step)
            self._sv.summary_writer.add_summary(summary, step)


class SVStepCounterThread(coordinator.LooperThread):
    """Writes steps per second."""

    def __init__(self, sv, sess, step_counter=None):
        super().__init__(sv.coord, sv.save_summaries_secs)
        self._sv = sv
        self._sess = sess
        self._last_time = 0.0
        self._last_step = 0
        self._step_counter = (sv.global_step if step_counter is None
                              else step_counter)
        self._summary_tag = "%s/sec" % self._step_counter.op.name

    def _step(self):
        return training_util.global_step(self._sess, self._step_counter)

    def start_loop(self):
        self._last_time = time.time()
        self._last_step = self._step()

    def run_loop(self):
        step, now = self._step(), time.time()
        added, elapsed = step - self._last_step, now - self._last_time
        self._last_step, self._last_time = step, now
        rate = added / elapsed if elapsed > 0 else float("inf")
        if self._sv.summary_writer:
            from retrograph import protos
            self._sv.summary_writer.add_summary(protos.Summary(value=[
                protos.Summary.Value(tag=self._summary_tag,
                                     simple_value=rate)]), step)
        tf_logging.log_first_n(tf_logging.INFO, "%s: %g", 10,
                               self._summary_tag, rate)


class SVTimerCheckpointThread(coordinator.LooperThread):
    """Saves."""

    def __init__(self, sv, sess):
        super().__init__(sv.coord, sv.save_model_secs)
        self._sv = sv
        self._sess = sess

    def run_loop(self):
        sv = self._sv
        tf_logging.info("Saving checkpoint to path %s", sv.save_path)
        sv.saver.save(self._sess, sv.save_path, global_step=sv.global_step)
        if sv.summary_writer and sv.global_step is not None:
            sv.summary_writer.add_session_log(
                _session_log("CHECKPOINT", checkpoint_path=sv.save_path),
                training_util.global_step(self._sess, sv.global_step))


Supervisor.__module__ = "tensorflow.python.training.supervisor"
