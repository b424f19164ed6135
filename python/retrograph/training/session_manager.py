"""tf.train.SessionManager: the rules are C++'s, sessions and savers Python's."""
import time

import numpy as np

from retrograph import _core
from retrograph.client import session as session_lib
from retrograph.framework import ops


def _name_or_none(value):
    """How a text names an op."""
    if value is None:
        return None
    name = getattr(value, "name", None)
    return name if name is not None else "<no name for %s>" % type(value)


class SessionManager:
    """Makes sessions whose model is initialised, restored, or waited for.

    Parameters
    ----------
    local_init_op
        Run in every new session.
    ready_op
        Gives the names of what is not initialised.
    ready_for_local_init_op
        Likewise, asked before local_init_op is run.
    graph
        By default, the default graph.
    recovery_wait_secs
        The pause between looks.
    local_init_run_options
        Options for the run of local_init_op.
    """

    def __init__(self, local_init_op=None, ready_op=None,
                 ready_for_local_init_op=None, graph=None,
                 recovery_wait_secs=30, local_init_run_options=None):
        self._local_init_op = local_init_op
        self._ready_op = ready_op
        self._ready_for_local_init_op = ready_for_local_init_op
        self._graph = ops.get_default_graph() if graph is None else graph
        self._recovery_wait_secs = recovery_wait_secs
        self._target = None
        self._local_init_run_options = local_init_run_options
        if ready_for_local_init_op is not None and local_init_op is None:
            raise ValueError(
                "If you pass a ready_for_local_init_op you must also pass a "
                "local_init_op , ready_for_local_init_op [%s]"
                % ready_for_local_init_op)

    def _ready(self, sess, op):
        """The names that a ready op gives; None if it says "ready"."""
        value = sess.run(op)
        if value is None or value.dtype == np.int32 or value.size == 0:
            return None
        return list(value)

    def _manager(self, config, made):
        """The C++ manager; sessions that it asks for are put into `made`."""
        def new_session():
            made.append(session_lib.Session(self._target, graph=self._graph,
                                            config=config))
            return made[-1]._c

        def ready(op):
            return None if op is None else lambda: self._ready(made[-1], op)

        def run_local_init_op():
            made[-1].run(self._local_init_op,
                         options=self._local_init_run_options)
        return _core.SessionManager(dict(
            new_session=new_session, ready=ready(self._ready_op),
            ready_for_local_init=ready(self._ready_for_local_init_op),
            run_local_init_op=(None if self._local_init_op is None
                               else run_local_init_op),
            local_init_op_text=str(self._local_init_op),
            recovery_wait_secs=self._recovery_wait_secs,
            now=lambda: time.time(), sleep=lambda secs: time.sleep(secs)))

    @staticmethod
    def _restore_arguments(made, saver, checkpoint_dir,
                           checkpoint_filename_with_path, wait_for_checkpoint,
                           max_wait_secs):
        return dict(
            restore=((lambda path: saver.restore(made[-1], path)) if saver
                     else None),
            recover_last_checkpoints=(
                (lambda paths: saver.recover_last_checkpoints(paths)) if saver
                else None),
            checkpoint_dir=checkpoint_dir or "",
            checkpoint_filename_with_path=checkpoint_filename_with_path or "",
            wait_for_checkpoint=bool(wait_for_checkpoint),
            max_wait_secs=max_wait_secs)

    def prepare_session(self, master, init_op=None, saver=None,
                        checkpoint_dir=None,
                        checkpoint_filename_with_path=None,
                        wait_for_checkpoint=False, max_wait_secs=7200,
                        config=None, init_feed_dict=None, init_fn=None):
        """A session that is restored, or initialised, and ready.

        Parameters
        ----------
        init_op, init_feed_dict, init_fn
            Used where nothing is restored.
        saver, checkpoint_dir, checkpoint_filename_with_path
            From where.

        Raises: RuntimeError if the model is not ready afterwards.
        """
        self._target = master
        made = []
        arguments = self._restore_arguments(
            made, saver, checkpoint_dir, checkpoint_filename_with_path,
            wait_for_checkpoint, max_wait_secs)
        arguments.update(
            run_init_op=(None if init_op is None else
                         lambda: made[-1].run(init_op,
                                              feed_dict=init_feed_dict)),
            init_fn=(lambda: init_fn(made[-1])) if init_fn else None,
            init_op_text=str(_name_or_none(init_op)),
            init_fn_text=str(init_fn))
        self._manager(config, made).prepare_session(arguments)
        return made[-1]

    def recover_session(self, master, saver=None, checkpoint_dir=None,
                        checkpoint_filename_with_path=None,
                        wait_for_checkpoint=False, max_wait_secs=7200,
                        config=None):
        """(a session, whether it was restored and is ready)."""
        self._target = master
        made = []
        ready = self._manager(config, made).recover_session(
            self._restore_arguments(
                made, saver, checkpoint_dir, checkpoint_filename_with_path,
                wait_for_checkpoint, max_wait_secs))
        return made[-1], ready

    def wait_for_session(self, master, config=None,
                         max_wait_secs=float("Inf")):
        """A session, once somebody has made the model ready.

        Raises: DeadlineExceededError after max_wait_secs.
        """
        self._target = master
        if max_wait_secs is None:
            max_wait_secs = float("Inf")
        made = []
        self._manager(config, made).wait_for_session(max_wait_secs)
        return made[-1]


SessionManager.__module__ = "tensorflow.python.training.session_manager"
