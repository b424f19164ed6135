"""When hooks act: timers, and the global step that they count by."""
import time

from retrograph import _core
from retrograph.training import training_util


class _HookTimer:
    """Says at which steps a hook acts."""

    def reset(self):
        pass

    def should_trigger_for_step(self, step):
        raise NotImplementedError

    def update_last_triggered_step(self, step):
        raise NotImplementedError

    def last_triggered_step(self):
        raise NotImplementedError


class SecondOrStepTimer(_HookTimer):
    """At most once every so many seconds, or every so many steps."""

    def __init__(self, every_secs=None, every_steps=None):
        self._every_secs = every_secs
        self._every_steps = every_steps
        self._c = _core.StepTimer(every_secs, every_steps,
                                  lambda: time.time())

    def reset(self):
        """Forgets when it was last: the next step triggers."""
        self._c.reset()

    def should_trigger_for_step(self, step):
        """Whether it is time at this step.

        It is the first time, never again at the step that it last was, and
        else once so many seconds or steps have gone by.
        """
        return self._c.should_trigger(int(step))

    def update_last_triggered_step(self, step):
        """(seconds, steps) since the last time; Nones the first time."""
        return self._c.update(int(step)) or (None, None)

    def last_triggered_step(self):
        """The step of the last update_last_triggered_step(), or None."""
        return self._c.last_step


class NeverTriggerTimer(_HookTimer):
    """Never."""

    def should_trigger_for_step(self, step):
        return False

    def update_last_triggered_step(self, step):
        return None, None

    def last_triggered_step(self):
        return None


def global_step_for(hook_name):
    """The tensor of the global step; RuntimeError if there is none."""
    tensor = training_util._get_or_create_global_step_read()
    if tensor is None:
        raise RuntimeError("Global step should be created to use %s."
                           % hook_name)
    return tensor
