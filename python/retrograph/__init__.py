"""retrograph: TensorFlow 1's graphs, sessions and savers, without TensorFlow.

    import retrograph.compat.v1 as tf

gives the TF 1.15 API as far as it is built. To run a script that says
`import tensorflow as tf` unchanged: `python -m retrograph script.py`.
"""

__version__ = "0.1.0"


def progress():
    """Whether long saves and restores tell on a terminal how far they are."""
    from retrograph.training import progress as shown
    return shown.enabled()


def set_progress(enable):
    """Turns that on or off; RETROGRAPH_PROGRESS=0 turns it off from the start.

    Nothing is written where stderr is no terminal.
    """
    from retrograph.training import progress as shown
    shown.set_enabled(enable)


def sync_files():
    """Whether what is saved is synced to the disk (see docs/durability.md)."""
    from retrograph import _core
    return _core.sync_files()


def set_sync_files(sync):
    """Turns syncing on or off for sessions that are made from now on.

    The environment variable RETROGRAPH_SYNC=0 turns it off from the start.
    Without it, a killed process loses nothing; a power loss may cost the
    newest checkpoint and the one before.
    """
    from retrograph import _core
    _core.set_sync_files(bool(sync))
