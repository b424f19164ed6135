"""Plays programs and records what happens after each of their steps.

  player.py play PROGRAMS RECORDS FOLDER     PROGRAMS: {"NAME": ["step", ...]}
  player.py restore LIST RECORDS             LIST: [["NAME", "folder"], ...]

Runs on TensorFlow 1.15.5 and on retrograph alike: a program is TensorFlow code,
each of its steps Python text in one namespace. Each program has a process of
its own, forked after the import, and a folder of its own, FOLDER/NAME, which
stays. RECORDS has one JSON line a program: {"name", "steps": [record, ...]}.
"""
import io
import json
import logging
import os
import pickle
import random
import signal
import sys
import time
import warnings

import recording

SECONDS = 60  # for a program: TensorFlow hangs on some input


def fresh_process(function):
    """What function() returns, run in a fork; or how the process died."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(read_end)
            signal.alarm(SECONDS)
            result = function()
            with os.fdopen(write_end, "wb") as f:
                pickle.dump(result, f)
        except BaseException as e:  # the child must not go on
            print("player:", repr(e), file=sys.__stderr__)
            sys.__stderr__.flush()
            os._exit(3)
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as f:
        data = f.read()
    status = os.waitpid(pid, 0)[1]
    if status:
        kind = "signal %d" % (status & 127) if status & 127 else "exit status"
        return {"died": kind}
    return pickle.loads(data)


class Lines(logging.Handler):
    """Keeps what the library logs."""

    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, log_record):
        self.lines.append("%s:%s" % (log_record.levelname,
                                     log_record.getMessage()))

    def take(self):
        lines, self.lines = self.lines, []
        return lines


def listen():
    import tensorflow.compat.v1 as tf
    handler = Lines()
    tf.logging.set_verbosity(tf.logging.INFO)
    logger = logging.getLogger("tensorflow")
    logger.handlers[:] = [handler]
    logger.propagate = False
    return handler


def play(steps, folder):
    """The record of each step."""
    os.makedirs(folder)
    os.chdir(folder)
    folder = os.getcwd()
    random.seed(0)
    warnings.simplefilter("ignore")
    log = listen()
    names = {"__name__": "program"}
    recorder = recording.Recorder(folder, names)
    records = []
    for number, step in enumerate(steps):
        names.pop("r", None)
        out, error = io.StringIO(), None
        sys.stdout, stdout = out, sys.stdout
        try:
            exec(compile(step, "step%d.py" % number, "exec"), names)
        except Exception as e:  # what a step raises is what is compared
            error = e
        finally:
            sys.stdout = stdout
        records.append(recorder.record(error, out.getvalue(), log.take()))
    return {"steps": records, "texts": recorder.texts}


def restore_all(folder):
    """Restores each checkpoint below `folder`, by its .meta and by a reader."""
    warnings.simplefilter("ignore")
    listen()
    return {"steps": [recording.restored(folder, prefix)
                      for prefix in recording.checkpoints(folder)]}


def main(kind, work, out, *rest):
    with open(work) as f:
        work = json.load(f)
    import tensorflow.compat.v1  # noqa: F401, before the forks
    with open(out, "w") as f:
        for name, job in (work.items() if kind == "play" else work):
            start = time.time()
            if kind == "play":
                record = fresh_process(
                    lambda: play(job, os.path.join(rest[0], name)))
            else:
                record = fresh_process(lambda: restore_all(job))
            record.update(name=name, seconds=time.time() - start)
            f.write(json.dumps(record) + "\n")
            f.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
