"""Stacks of defaults; that of sessions, which eval() and run() use."""
import contextlib
import threading


class _DefaultStack(threading.local):
    """A stack of default objects of one class, for each thread."""

    def __init__(self, class_name):
        super().__init__()
        self._enforce_nesting = True
        self._class_name = class_name
        self.stack = []

    def get_default(self):
        return self.stack[-1] if self.stack else None

    def reset(self):
        self.stack = []

    def is_cleared(self):
        return not self.stack

    enforce_nesting = property(
        lambda self: self._enforce_nesting,
        lambda self, value: setattr(self, "_enforce_nesting", value))

    @contextlib.contextmanager
    def get_controller(self, default):
        self.stack.append(default)
        try:
            yield default
        finally:
            # The stack may have been reset inside.
            if self.stack:
                if self._enforce_nesting:
                    if self.stack[-1] is not default:
                        raise AssertionError(
                            "Nesting violated for default stack of %s objects"
                            % type(default))
                    self.stack.pop()
                else:
                    self.stack.remove(default)


_default_session_stack = _DefaultStack("Session")


def get_default_session():
    """The session whose context is entered; None outside."""
    return _default_session_stack.get_default()


def default_session(session):
    return _default_session_stack.get_controller(session)


def _session_for(what, method, graph, session):
    if session is None:
        session = get_default_session()
        if session is None:
            raise ValueError(
                "Cannot %s using `%s`: No default session is registered. Use "
                "`with sess.as_default()` or pass an explicit session to "
                "`%s`" % what)
        if session.graph is not graph:
            raise ValueError(
                "Cannot use the default session to %s: the %s's graph is "
                "different from the session's graph. Pass an explicit session "
                "to `%s`." % method)
    elif session.graph is not graph:
        raise ValueError(
            "Cannot use the given session to %s: the %s's graph is different "
            "from the session's graph." % method[:2])
    return session


def _eval_using_default_session(tensor, feed_dict, graph, session):
    session = _session_for(
        ("evaluate tensor", "eval()", "eval(session=sess)"),
        ("evaluate tensor", "tensor", "eval(session=sess)"), graph, session)
    return session.run(tensor, feed_dict)


def _run_using_default_session(operation, feed_dict, graph, session):
    if session is None and get_default_session() is None:
        raise ValueError(
            "Cannot execute operation using `run()`: No default session is "
            "registered. Use `with sess.as_default():` or pass an explicit "
            "session to `run(session=sess)`")
    session = _session_for(
        None, ("execute operation", "operation", "run(session=sess)"), graph,
        session)
    session.run(operation, feed_dict)
