"""Tells on a terminal that a save or restore goes on, if it takes seconds.

    with shown("saving", prefix):
        ...

writes a line to stderr after DELAY seconds, again and again over itself, and
takes it away at the end. Where stderr is no terminal nothing is written.
RETROGRAPH_PROGRESS=0 or retrograph.set_progress(False) switches it off.
"""
import glob
import os
import sys
import threading
import time

DELAY = 2.0  # seconds until the line appears
_INTERVAL = 0.2  # seconds from one to the next
_enabled = os.environ.get("RETROGRAPH_PROGRESS") != "0"


def enabled():
    return _enabled


def set_enabled(enable):
    global _enabled
    _enabled = bool(enable)


def _is_terminal(stream):
    try:
        return stream.isatty()
    except (AttributeError, ValueError):  # no file, or a closed one
        return False


def _size(prefix, since):
    """How much the checkpoint's files hold that were written since then."""
    size = 0
    for path in glob.glob(glob.escape(prefix) + "*"):
        try:
            status = os.stat(path)
        except OSError:
            continue  # renamed in the meantime
        if status.st_mtime >= since:
            size += status.st_size
    return size


def _readable(size):
    for unit in ("bytes", "KiB", "MiB"):
        if size < 1024:
            break
        size /= 1024
    else:
        unit = "GiB"
    return "%.3g %s" % (size, unit)


class _Line:
    """Writes the line from a thread of its own until it is closed."""

    def __init__(self, what, prefix, stream):
        self._what = what
        self._prefix = prefix
        self._stream = stream
        self._start = time.time()
        # A new file may be a moment older than the clock says.
        self._since = self._start - 1 if what == "saving" else 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        if self._done.wait(DELAY):
            return
        while True:
            self._write("%s %s: %s, %d s" % (
                self._what, self._prefix,
                _readable(_size(self._prefix, self._since)),
                time.time() - self._start))
            if self._done.wait(_INTERVAL):
                break
        self._write("")

    def _write(self, text):
        try:  # \033[K: what stood behind it goes
            self._stream.write("\r\033[K" + text)
            self._stream.flush()
        except (OSError, ValueError):
            pass  # the terminal is gone; the save is not

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._done.set()
        self._thread.join()


class _Nothing:

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        pass


_NOTHING = _Nothing()


def shown(what, prefix):
    """A context manager: "saving" or "restoring" a checkpoint."""
    stream = sys.stderr
    if not _enabled or not _is_terminal(stream):
        return _NOTHING
    return _Line(what, prefix, stream)
