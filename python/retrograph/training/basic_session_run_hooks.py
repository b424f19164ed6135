"""The hooks that come with the package."""
import os
import time

import numpy as np

from retrograph.framework import errors
from retrograph.framework import graph_io
from retrograph.framework import meta_graph
from retrograph.framework import ops
from retrograph.platform import tf_logging
from retrograph.summary import writer
from retrograph.training import training_util
from retrograph.training.hook_timers import NeverTriggerTimer
from retrograph.training.hook_timers import SecondOrStepTimer
from retrograph.training.hook_timers import global_step_for
from retrograph.training.profiler_hook import ProfilerHook
from retrograph.training.session_run_hook import SessionRunArgs
from retrograph.training.session_run_hook import SessionRunHook


def _graph_element(obj):
    """A tensor or operation of the default graph, given as it is or by name."""
    graph = ops.get_default_graph()
    if not isinstance(obj, str):
        if getattr(obj, "graph", None) is not graph:
            raise ValueError("Passed %s should have graph attribute that is "
                             "equal to current graph %s." % (obj, graph))
        return obj
    if ":" in obj:
        return graph.as_graph_element(obj)
    element = graph.as_graph_element(obj + ":0")
    try:
        graph.as_graph_element(obj + ":1")
    except (KeyError, ValueError):
        return element
    raise ValueError("Name %s is ambiguous, as this `Operation` has multiple "
                     "outputs (at least 2)." % obj)


# ---- Hooks ------------------------------------------------------------------

class LoggingTensorHook(SessionRunHook):
    """Logs tensors every so many runs or seconds, or at the end.

    Parameters
    ----------
    tensors
        A dict of tensors or names by tag, or a list of them.
    formatter
        Makes the text of a dict of values by tag.
    """

    def __init__(self, tensors, every_n_iter=None, every_n_secs=None,
                 at_end=False, formatter=None):
        only_at_end = at_end and every_n_iter is None and every_n_secs is None
        if not only_at_end and (every_n_iter is None) == (
                every_n_secs is None):
            raise ValueError("either at_end and/or exactly one of every_n_iter "
                             "and every_n_secs must be provided.")
        if every_n_iter is not None and every_n_iter <= 0:
            raise ValueError("invalid every_n_iter=%s." % every_n_iter)
        if isinstance(tensors, dict):
            self._tag_order = sorted(tensors)
            self._tensors = tensors
        else:
            self._tag_order = tensors
            self._tensors = {item: item for item in tensors}
        self._formatter = formatter
        self._timer = NeverTriggerTimer() if only_at_end else \
            SecondOrStepTimer(every_secs=every_n_secs,
                              every_steps=every_n_iter)
        self._log_at_end = at_end

    def begin(self):
        self._timer.reset()
        self._iter_count = 0
        self._current_tensors = {tag: _graph_element(tensor)
                                 for tag, tensor in self._tensors.items()}

    def before_run(self, run_context):
        self._should_trigger = self._timer.should_trigger_for_step(
            self._iter_count)
        return SessionRunArgs(self._current_tensors) \
            if self._should_trigger else None

    def _log_tensors(self, values):
        elapsed, _ = self._timer.update_last_triggered_step(self._iter_count)
        with np.printoptions(suppress=True):
            if self._formatter:
                tf_logging.info(self._formatter(values))
                return
            text = ", ".join("%s = %s" % (tag, values[tag])
                             for tag in self._tag_order)
            if elapsed is None:
                tf_logging.info("%s", text)
            else:
                tf_logging.info("%s (%.3f sec)", text, elapsed)

    def after_run(self, run_context, run_values):
        if self._should_trigger:
            self._log_tensors(run_values.results)
        self._iter_count += 1

    def end(self, session):
        if self._log_at_end:
            self._log_tensors(session.run(self._current_tensors))


class StopAtStepHook(SessionRunHook):
    """Stops after num_steps steps, or at last_step."""

    def __init__(self, num_steps=None, last_step=None):
        if num_steps is None and last_step is None:
            raise ValueError("One of num_steps or last_step must be "
                             "specified.")
        if num_steps is not None and last_step is not None:
            raise ValueError("Only one of num_steps or last_step can be "
                             "specified.")
        self._num_steps = num_steps
        self._last_step = last_step

    def begin(self):
        self._global_step_tensor = global_step_for("StopAtStepHook")

    def after_create_session(self, session, coord):
        if self._last_step is None:
            self._last_step = session.run(
                self._global_step_tensor) + self._num_steps

    def before_run(self, run_context):
        return SessionRunArgs(self._global_step_tensor)

    def after_run(self, run_context, run_values):
        # The run may have seen the step before its own update.
        if run_values.results + 1 < self._last_step:
            return
        if run_context.session.run(
                self._global_step_tensor) >= self._last_step:
            run_context.request_stop()


class CheckpointSaverListener:
    """Derive from it to act around each save of a CheckpointSaverHook."""

    def begin(self):
        """Before the session is made: the graph may still be changed."""

    def before_save(self, session, global_step_value):
        """Before each save, with the session and the global step's value."""

    def after_save(self, session, global_step_value):
        """True asks for the end of the training."""

    def end(self, session, global_step_value):
        """At the end, after the last save, unless a run raised."""


class CheckpointSaverHook(SessionRunHook):
    """Saves at the start, every so many steps or seconds, and at the end.

    Parameters
    ----------
    checkpoint_dir, checkpoint_basename
        Where.
    save_secs, save_steps
        How often; exactly one of them.
    saver, scaffold
        One of them, or neither for the Saver in collection
        SAVERS.
    listeners
        CheckpointSaverListeners.
    """

    def __init__(self, checkpoint_dir, save_secs=None, save_steps=None,
                 saver=None, checkpoint_basename="model.ckpt", scaffold=None,
                 listeners=None):
        tf_logging.info("Create CheckpointSaverHook.")
        if saver is not None and scaffold is not None:
            raise ValueError("You cannot provide both saver and scaffold.")
        self._saver = saver
        self._checkpoint_dir = checkpoint_dir
        self._save_path = os.path.join(checkpoint_dir, checkpoint_basename)
        self._scaffold = scaffold
        self._timer = SecondOrStepTimer(every_secs=save_secs,
                                        every_steps=save_steps)
        self._listeners = listeners or []
        self._steps_per_run = 1

    def _set_steps_per_run(self, steps_per_run):
        self._steps_per_run = steps_per_run

    def begin(self):
        self._summary_writer = writer.FileWriterCache.get(self._checkpoint_dir)
        self._global_step_tensor = global_step_for("CheckpointSaverHook")
        for listener in self._listeners:
            listener.begin()

    def after_create_session(self, session, coord):
        global_step = session.run(self._global_step_tensor)
        graph = ops.get_default_graph()
        graph_io.write_graph(graph.as_graph_def(add_shapes=True),
                             self._checkpoint_dir, "graph.pbtxt")
        saver = self._get_saver()
        self._summary_writer.add_graph(graph)
        self._summary_writer.add_meta_graph(meta_graph.create_meta_graph_def(
            graph_def=graph.as_graph_def(add_shapes=True),
            saver_def=saver.saver_def if saver else None))
        self._save(session, global_step)
        self._timer.update_last_triggered_step(global_step)

    def before_run(self, run_context):
        return SessionRunArgs(self._global_step_tensor)

    def after_run(self, run_context, run_values):
        stale = run_values.results
        if not self._timer.should_trigger_for_step(
                stale + self._steps_per_run):
            return
        global_step = run_context.session.run(self._global_step_tensor)
        if self._timer.should_trigger_for_step(global_step):
            self._timer.update_last_triggered_step(global_step)
            if self._save(run_context.session, global_step):
                run_context.request_stop()

    def end(self, session):
        last_step = session.run(self._global_step_tensor)
        if last_step != self._timer.last_triggered_step():
            self._save(session, last_step)
        for listener in self._listeners:
            listener.end(session, last_step)

    def _save(self, session, step):
        """Saves; whether a listener asks for the end."""
        from retrograph import protos
        tf_logging.info("Saving checkpoints for %d into %s.", step,
                        self._save_path)
        for listener in self._listeners:
            listener.before_save(session, step)
        self._get_saver().save(session, self._save_path, global_step=step)
        self._summary_writer.add_session_log(
            protos.SessionLog(status=protos.SessionLog.CHECKPOINT,
                              checkpoint_path=self._save_path), step)
        should_stop = False
        for listener in self._listeners:
            if listener.after_save(session, step):
                tf_logging.info("A CheckpointSaverListener requested that "
                                "training be stopped. listener: %s", listener)
                should_stop = True
        return should_stop

    def _get_saver(self):
        if self._saver is not None:
            return self._saver
        if self._scaffold is not None:
            return self._scaffold.saver
        key = ops.GraphKeys.SAVERS
        savers = ops.get_collection(key)
        if not savers:
            raise RuntimeError(
                "No items in collection %s. Please add a saver to the "
                "collection or provide a saver or scaffold." % key)
        if len(savers) > 1:
            raise RuntimeError(
                "More than one item in collection %s. Please indicate which "
                "one to use by passing it to the constructor." % key)
        self._saver = savers[0]
        return self._saver


class StepCounterHook(SessionRunHook):
    """Logs steps per second."""

    def __init__(self, every_n_steps=100, every_n_secs=None, output_dir=None,
                 summary_writer=None):
        if (every_n_steps is None) == (every_n_secs is None):
            raise ValueError("exactly one of every_n_steps and every_n_secs "
                             "should be provided.")
        self._timer = SecondOrStepTimer(every_steps=every_n_steps,
                                        every_secs=every_n_secs)
        self._summary_writer = summary_writer
        self._output_dir = output_dir
        self._last_global_step = None
        self._steps_per_run = 1

    def _set_steps_per_run(self, steps_per_run):
        self._steps_per_run = steps_per_run

    def begin(self):
        if self._summary_writer is None and self._output_dir:
            self._summary_writer = writer.FileWriterCache.get(self._output_dir)
        self._global_step_tensor = global_step_for("StepCounterHook")
        self._summary_tag = training_util.get_global_step().op.name + "/sec"

    def before_run(self, run_context):
        return SessionRunArgs(self._global_step_tensor)

    def _log_and_record(self, elapsed_steps, elapsed_time, global_step):
        steps_per_sec = elapsed_steps / elapsed_time
        if self._summary_writer is not None:
            from retrograph import protos
            self._summary_writer.add_summary(protos.Summary(value=[
                protos.Summary.Value(tag=self._summary_tag,
                                     simple_value=steps_per_sec)]),
                global_step)
        tf_logging.info("%s: %g", self._summary_tag, steps_per_sec)

    def after_run(self, run_context, run_values):
        stale = run_values.results
        if self._timer.should_trigger_for_step(stale + self._steps_per_run):
            global_step = run_context.session.run(self._global_step_tensor)
            if self._timer.should_trigger_for_step(global_step):
                elapsed_time, elapsed_steps = \
                    self._timer.update_last_triggered_step(global_step)
                if elapsed_time is not None:
                    self._log_and_record(elapsed_steps, elapsed_time,
                                         global_step)
        if stale == self._last_global_step:
            tf_logging.log_first_n(
                tf_logging.WARN,
                "It seems that global step (tf.train.get_global_step) has not "
                "been increased. Current value (could be stable): %s vs "
                "previous value: %s. You could increase the global step by "
                "passing tf.train.get_global_step() to "
                "Optimizer.apply_gradients or Optimizer.minimize.", 5, stale,
                self._last_global_step)
        self._last_global_step = stale


class NanLossDuringTrainingError(RuntimeError):

    def __str__(self):
        return "NaN loss during training."


class NanTensorHook(SessionRunHook):
    """Stops, or raises, when the loss is not a number."""

    def __init__(self, loss_tensor, fail_on_nan_loss=True):
        self._loss_tensor = loss_tensor
        self._fail_on_nan_loss = fail_on_nan_loss

    def before_run(self, run_context):
        return SessionRunArgs(self._loss_tensor)

    def after_run(self, run_context, run_values):
        if not np.isnan(run_values.results):
            return
        text = "Model diverged with loss = NaN."
        if self._fail_on_nan_loss:
            tf_logging.error(text)
            raise NanLossDuringTrainingError
        tf_logging.warning(text)
        run_context.request_stop()


class SummarySaverHook(SessionRunHook):
    """Writes summaries every so many steps or seconds.

    Parameters
    ----------
    output_dir, summary_writer
        Where to.
    scaffold, summary_op
        Which; exactly one of them.
    """

    def __init__(self, save_steps=None, save_secs=None, output_dir=None,
                 summary_writer=None, scaffold=None, summary_op=None):
        if (scaffold is None) == (summary_op is None):
            raise ValueError("Exactly one of scaffold or summary_op must be "
                             "provided.")
        self._summary_op = summary_op
        self._summary_writer = summary_writer
        self._output_dir = output_dir
        self._scaffold = scaffold
        self._timer = SecondOrStepTimer(every_secs=save_secs,
                                        every_steps=save_steps)

    def begin(self):
        if self._summary_writer is None and self._output_dir:
            self._summary_writer = writer.FileWriterCache.get(self._output_dir)
        self._next_step = None
        self._global_step_tensor = global_step_for("SummarySaverHook")

    def before_run(self, run_context):
        self._request_summary = (
            self._next_step is None or
            self._timer.should_trigger_for_step(self._next_step))
        requests = {"global_step": self._global_step_tensor}
        if self._request_summary:
            summaries = self._get_summary_op()
            if summaries is not None:
                requests["summary"] = summaries
        return SessionRunArgs(requests)

    def after_run(self, run_context, run_values):
        if not self._summary_writer:
            return
        global_step = run_values.results["global_step"] + 1
        if self._next_step is None or self._request_summary:
            global_step = run_context.session.run(self._global_step_tensor)
        if self._next_step is None:
            from retrograph import protos
            self._summary_writer.add_session_log(
                protos.SessionLog(status=protos.SessionLog.START), global_step)
        if self._request_summary:
            self._timer.update_last_triggered_step(global_step)
            for summary in run_values.results.get("summary", ()):
                self._summary_writer.add_summary(summary, global_step)
        self._next_step = global_step + 1

    def end(self, session=None):
        if self._summary_writer:
            self._summary_writer.flush()

    def _get_summary_op(self):
        op = self._summary_op
        if op is None:
            op = self._scaffold.summary_op
        return op if op is None or isinstance(op, list) else [op]


class GlobalStepWaiterHook(SessionRunHook):
    """Waits with the first run until the global step is so far."""

    def __init__(self, wait_until_step):
        self._wait_until_step = wait_until_step

    def begin(self):
        self._worker_is_started = False
        self._global_step_tensor = global_step_for("_GlobalStepWaiterHook")

    def before_run(self, run_context):
        if self._worker_is_started:
            return None
        if self._wait_until_step > 0:
            self._wait(run_context.session)
        self._worker_is_started = True
        return None

    def _wait(self, session):
        tf_logging.info("Waiting for global step %d before starting training.",
                        self._wait_until_step)
        last_logged = 0
        while True:
            step = session.run(self._global_step_tensor)
            if step >= self._wait_until_step:
                return
            if step - last_logged > 1000:
                tf_logging.info(
                    "Waiting for global step %d before starting training. "
                    "Current step is %d.", self._wait_until_step, step)
                last_logged = step
            time.sleep(0.5)


class FinalOpsHook(SessionRunHook):
    """Computes tensors at the end; see final_ops_values."""

    def __init__(self, final_ops, final_ops_feed_dict=None):
        self._final_ops = final_ops
        self._final_ops_feed_dict = final_ops_feed_dict
        self._final_ops_values = None

    final_ops_values = property(
        lambda self: self._final_ops_values,
        doc="What Session.run() gave for final_ops; None before the end.")

    def end(self, session):
        if self._final_ops is None:
            return
        try:
            self._final_ops_values = session.run(
                self._final_ops, feed_dict=self._final_ops_feed_dict)
        except (errors.OutOfRangeError, StopIteration):
            tf_logging.warning(
                "An OutOfRangeError or StopIteration exception is raised by "
                "the code in FinalOpsHook. This typically means the Ops "
                "running by the FinalOpsHook have a dependency back to some "
                "input source, which should not happen. For example, for "
                "metrics in tf.estimator.Estimator, all metrics functions "
                "return two Ops: `value_op` and  `update_op`. "
                "Estimator.evaluate calls the `update_op` for each batch of "
                "the data in input source and, once it is exhausted, it call "
                "the `value_op` to get the metric values. The `value_op` here "
                "should have dependency back to variables reading only, "
                "rather than reading another batch from input. Otherwise, the "
                "`value_op`, executed by `FinalOpsHook`, triggers another "
                "data reading, which ends OutOfRangeError/StopIteration. "
                "Please fix that.")
            raise


class FeedFnHook(SessionRunHook):
    """Feeds what feed_fn() returns."""

    def __init__(self, feed_fn):
        self.feed_fn = feed_fn

    def before_run(self, run_context):
        return SessionRunArgs(fetches=None, feed_dict=self.feed_fn())


for _class in (SecondOrStepTimer, LoggingTensorHook, StopAtStepHook,
               CheckpointSaverListener, CheckpointSaverHook, StepCounterHook,
               NanLossDuringTrainingError, NanTensorHook, SummarySaverHook,
               GlobalStepWaiterHook, FinalOpsHook, FeedFnHook, ProfilerHook):
    _class.__module__ = "tensorflow.python.training.basic_session_run_hooks"
