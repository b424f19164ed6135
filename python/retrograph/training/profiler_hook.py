"""ProfilerHook: timelines of a training's runs, now and then."""
import os

from retrograph.platform import tf_logging
from retrograph.summary import writer
from retrograph.training import hook_timers
from retrograph.training.session_run_hook import SessionRunArgs
from retrograph.training.session_run_hook import SessionRunHook


class ProfilerHook(SessionRunHook):
    """Writes timeline-<step>.json, for chrome://tracing, and an event.

    Parameters
    ----------
    save_steps, save_secs
        How often; exactly one of them.
    output_dir
        Where to, the folder of the process by default.
    show_dataflow, show_memory
        What Timeline draws besides the nodes.
    """

    def __init__(self, save_steps=None, save_secs=None, output_dir="",
                 show_dataflow=True, show_memory=False):
        self._output_file = os.path.join(output_dir, "timeline-{}.json")
        self._file_writer = writer.FileWriterCache.get(output_dir)
        self._drawn = {"show_dataflow": show_dataflow,
                       "show_memory": show_memory}
        self._timer = hook_timers.SecondOrStepTimer(
            every_secs=save_secs, every_steps=save_steps)

    def begin(self):
        self._next_step = None
        self._global_step_tensor = hook_timers.global_step_for(
            "ProfilerHook")

    def before_run(self, run_context):
        from retrograph import protos
        self._is_traced = (
            self._next_step is not None and
            self._timer.should_trigger_for_step(self._next_step))
        options = None
        if self._is_traced:
            options = protos.RunOptions(
                trace_level=protos.RunOptions.FULL_TRACE)
        return SessionRunArgs({"global_step": self._global_step_tensor},
                              options=options)

    def after_run(self, run_context, run_values):
        # The run may have seen the step before its own update.
        stale_step = run_values.results["global_step"]
        if self._next_step is None:
            # The first trace comes after so many steps, not at once.
            self._timer.update_last_triggered_step(stale_step)
        step = stale_step + 1
        if self._is_traced:
            step = run_context.session.run(self._global_step_tensor)
            self._timer.update_last_triggered_step(step)
            self._save(step, run_values.run_metadata)
        self._next_step = step + 1

    def _save(self, step, metadata):
        from retrograph.client import timeline
        path = self._output_file.format(step)
        tf_logging.info("Saving timeline for %d into '%s'.", step, path)
        drawing = timeline.Timeline(metadata.step_stats)
        with open(path, "w") as f:
            f.write(drawing.generate_chrome_trace_format(**self._drawn))
        self._file_writer.add_run_metadata(metadata, "step_%d" % step)
