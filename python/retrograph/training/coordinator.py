"""Coordinator: how threads that belong together stop together."""
import contextlib
import sys
import threading
import time

from retrograph.compat import bytes_text
from retrograph.framework import errors
from retrograph.platform import tf_logging


def _raise(exc_info):
    raise exc_info[1].with_traceback(exc_info[2])


class Coordinator:
    """Asks threads to stop, waits for them, and keeps the first error.

    Parameters
    ----------
    clean_stop_exception_types
        Exceptions that mean an orderly stop when
        they are reported; by default the end of the input (OutOfRangeError).
    """

    def __init__(self, clean_stop_exception_types=None):
        if clean_stop_exception_types is None:
            clean_stop_exception_types = (errors.OutOfRangeError,)
        self._clean_stop_exception_types = tuple(clean_stop_exception_types)
        self._lock = threading.Lock()
        self._stop_event = threading.Event()
        self._exc_info_to_raise = None
        self._joined = False
        self._registered_threads = set()

    joined = property(lambda self: self._joined,
                      doc="Whether join() has done its waiting.")

    def should_stop(self):
        """Whether a stop was asked for."""
        return self._stop_event.is_set()

    def wait_for_stop(self, timeout=None):
        """Waits until somebody asks to stop; whether somebody has."""
        return self._stop_event.wait(timeout)

    def register_thread(self, thread):
        """`join` waits for this thread, too."""
        with self._lock:
            self._registered_threads.add(thread)

    def request_stop(self, ex=None):
        """Asks all threads to stop.

        Parameters
        ----------
        ex
            An exception or sys.exc_info(), which join() then raises.
        """
        with self._lock:
            value = ex[1] if isinstance(ex, tuple) else ex
            if isinstance(value, self._clean_stop_exception_types):
                ex = None
            if self._joined:
                # Nobody would hear of it any more.
                if ex is not None:
                    _raise(ex if isinstance(ex, tuple) else sys.exc_info())
                return
            if self._stop_event.is_set():
                return
            if ex and self._exc_info_to_raise is None:
                self._exc_info_to_raise = self._report(ex)
            self._stop_event.set()

    @staticmethod
    def _report(ex):
        """Logs the exception and returns it as sys.exc_info() would."""
        if isinstance(ex, tuple):
            tf_logging.info("Error reported to Coordinator: %s",
                            bytes_text.as_str_any(ex[1]), exc_info=ex)
            exc_info = ex
        else:
            tf_logging.info("Error reported to Coordinator: %s, %s", type(ex),
                            bytes_text.as_str_any(ex))
            exc_info = sys.exc_info()
        if len(exc_info) == 3 and exc_info[0] and exc_info[1]:
            return exc_info
        try:
            raise ValueError("ex must be a tuple or sys.exc_info must return "
                             "the current exception: %s" % (exc_info,))
        except ValueError:
            return sys.exc_info()

    def clear_stop(self):
        """Forgets that a stop was asked for, and why."""
        with self._lock:
            self._joined = False
            self._exc_info_to_raise = None
            self._stop_event.clear()

    @contextlib.contextmanager
    def stop_on_exception(self):
        """Reports what the block raises, and goes on."""
        try:
            yield
        except:  # noqa: E722, SystemExit and KeyboardInterrupt included
            self.request_stop(ex=sys.exc_info())

    def join(self, threads=None, stop_grace_period_secs=120,
             ignore_live_threads=False):
        """Waits for the threads; raises what was reported.

        Parameters
        ----------
        threads
            More threads than those that registered.
        stop_grace_period_secs
            How long they may take once they were asked.
        ignore_live_threads
            Log those that still run then, rather than
            raise RuntimeError.
        """
        with self._lock:
            threads = list(self._registered_threads.union(threads or ()))

        def any_alive():
            return any(t.is_alive() for t in threads)

        while any_alive() and not self.wait_for_stop(1.0):
            pass
        pause, left = 0.001, stop_grace_period_secs
        while any_alive() and left >= 0.0:
            time.sleep(pause)
            left -= pause
            pause = max(min(2 * pause, left), 0.001)
        alive = [t.name for t in threads if t.is_alive()]
        with self._lock:
            self._joined = True
            self._registered_threads = set()
            if self._exc_info_to_raise:
                _raise(self._exc_info_to_raise)
            if alive:
                text = ("Coordinator stopped with threads still running: %s"
                        % " ".join(alive))
                if not ignore_live_threads:
                    raise RuntimeError(text)
                tf_logging.info(text)

    def raise_requested_exception(self):
        """Raises the exception that a stop was asked for with, if any."""
        with self._lock:
            if self._exc_info_to_raise:
                _raise(self._exc_info_to_raise)


class LooperThread(threading.Thread):
    """A daemon thread that calls a function again and again until it stops.

    Parameters
    ----------
    coord
        The Coordinator that says when.
    timer_interval_secs
        Seconds between calls; None for none.
    target, args, kwargs
        What run_loop() calls.
    """

    def __init__(self, coord, timer_interval_secs, target=None, args=None,
                 kwargs=None):
        if not isinstance(coord, Coordinator):
            raise ValueError("'coord' argument must be a Coordinator: %s"
                             % coord)
        super().__init__()
        self.daemon = True
        self._coord = coord
        self._timer_interval_secs = timer_interval_secs
        self._target = target
        if target:
            self._args, self._kwargs = args or (), kwargs or {}
        elif args or kwargs:
            raise ValueError("'args' and 'kwargs' argument require that you "
                             "also pass 'target'")
        coord.register_thread(self)

    @staticmethod
    def loop(coord, timer_interval_secs, target, args=None, kwargs=None):
        """A new LooperThread of these arguments, started."""
        looper = LooperThread(coord, timer_interval_secs, target, args, kwargs)
        looper.start()
        return looper

    def run(self):
        with self._coord.stop_on_exception():
            self.start_loop()
            if self._timer_interval_secs is None:
                while not self._coord.should_stop():
                    self.run_loop()
            else:
                due = time.time()
                while not self._coord.wait_for_stop(due - time.time()):
                    due += self._timer_interval_secs
                    self.run_loop()
            self.stop_loop()

    def start_loop(self):
        """For subclasses: called before the first turn."""

    def stop_loop(self):
        """For subclasses: called after the last turn."""

    def run_loop(self):
        """One turn: calls `target`, if there is one."""
        if self._target:
            self._target(*self._args, **self._kwargs)


for _class in (Coordinator, LooperThread):
    _class.__module__ = "tensorflow.python.training.coordinator"
