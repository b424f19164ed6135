"""What a hook of a MonitoredSession is, sees and asks for."""
import collections


class SessionRunHook:
    """Derive from it; each method does nothing."""

    def begin(self):
        """Before the session is made: the graph may still be changed."""

    def after_create_session(self, session, coord):
        """Each time a session was made; the graph is final."""

    def before_run(self, run_context):
        """Before each run: SessionRunArgs to add to it, or None."""
        return None

    def after_run(self, run_context, run_values):
        """After each run that raised nothing."""

    def end(self, session):
        """At the end, unless a run raised."""


class SessionRunArgs(collections.namedtuple(
        "SessionRunArgs", ["fetches", "feed_dict", "options"])):
    """What a hook adds to a run: arguments of Session.run."""

    def __new__(cls, fetches, feed_dict=None, options=None):
        return super().__new__(cls, fetches, feed_dict, options)


class SessionRunContext:
    """The run that is going on."""

    def __init__(self, original_args, session):
        self._original_args = original_args
        self._session = session
        self._stop_requested = False

    original_args = property(
        lambda self: self._original_args,
        doc="SessionRunArgs: the fetches and feeds that run() was called with.")
    session = property(
        lambda self: self._session,
        doc="The Session that runs, without the hooks.")
    stop_requested = property(
        lambda self: self._stop_requested,
        doc="Whether request_stop() was called in this run.")

    def request_stop(self):
        """Makes should_stop() true from now on."""
        self._stop_requested = True


class SessionRunValues(collections.namedtuple(
        "SessionRunValues", ["results", "options", "run_metadata"])):
    """What came of a hook's own fetches."""


for _class in (SessionRunHook, SessionRunArgs, SessionRunContext,
               SessionRunValues):
    _class.__module__ = "tensorflow.python.training.session_run_hook"
