"""What the golden tests share: finding cases, running their Python, comparing.

A case's `python` is TensorFlow code. It runs unchanged on retrograph, which
stands in for the module `tensorflow`, so a new case is a new test and needs no
line here. The same tests pass on TensorFlow 1.15.5 itself:

  RETROGRAPH_GOLDENS=... PYTHONPATH=tests/golden python3.7 -m unittest errors_test
"""
import json
import os
import pickle
import re
import shutil
import socket
import sys
import tempfile
import traceback
import unittest


HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.environ.get("RETROGRAPH_GOLDENS", "")


def not_yet(kind):
    """Names of cases that retrograph does not support yet, with the reason."""
    reasons = {}
    with open(os.path.join(HERE, "not_yet.txt"), encoding="utf-8") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                name, _, reason = line.strip().partition(" ")
                if name.startswith(kind + "/"):
                    reasons[name[len(kind) + 1:]] = reason.strip()
    return reasons


def is_tensorflow():
    import tensorflow
    return not hasattr(tensorflow, "__retrograph_version__")


def folder_cases(kind):
    """The case.json of every folder below `kind`, by name."""
    cases = {}
    root = os.path.join(FOLDER, kind)
    for name in sorted(os.listdir(root)) if os.path.isdir(root) else []:
        path = os.path.join(root, name, "case.json")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                cases[name] = json.load(f)
    return cases


def source(case):
    python = case["python"]
    return python if isinstance(python, str) else "\n".join(python)


class ChildDied(Exception):
    pass


def in_child(function):
    """Runs function() in a child process, in a new empty folder.

    Returns what it returns. A case that brings the process down fails alone.
    """
    read_end, write_end = os.pipe()
    folder = os.path.realpath(tempfile.mkdtemp(prefix="golden_"))
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.close(read_end)
            os.chdir(folder)
            result = function()
            with os.fdopen(write_end, "wb") as f:
                pickle.dump(result, f)
            status = 0
        except BaseException:  # also KeyboardInterrupt: the child must not go on
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as f:
        data = f.read()
    _, status = os.waitpid(pid, 0)
    shutil.rmtree(folder, ignore_errors=True)
    if status != 0:
        raise ChildDied("exit status %d" % status)
    return pickle.loads(data)


def define_tests(test_class, kind, names, check):
    """Gives `test_class` a test method for each name.

    A case listed in not_yet.txt is run all the same: it is reported as skipped
    while it fails, and as failed once it passes, so that the list shrinks.
    """
    reasons = not_yet(kind)

    def make(name):
        def test(self):
            if name not in reasons or is_tensorflow():
                check(self, name)
                return
            try:
                check(self, name)
            except unittest.SkipTest:
                raise
            except Exception:  # whatever a missing piece makes of it
                self.skipTest("not supported yet: " + reasons[name])
            self.fail("works now: take %s/%s out of not_yet.txt" % (kind, name))
        return test

    for name in names:
        setattr(test_class, "test_" + re.sub(r"\W", "_", name), make(name))
    if not names:
        def absent(self):
            self.skipTest("no golden cases: RETROGRAPH_GOLDENS names no folder "
                          "with %s/" % kind)
        test_class.test_no_cases = absent


def normalise(text, folder):
    """What differs from run to run, as README.md of the goldens names it."""
    text = text.replace(folder, "$DIR")
    # A trace of frames belongs to a machine; a message goes on behind it only
    # where TensorFlow joined two messages.
    text = re.sub(r"\n*Original stack trace for '[^']*':\n(  .*\n|\n)*", "\n",
                  text)
    # Where a variable was made first: the frames are TensorFlow's own there.
    text = re.sub(r"(Originally defined at:\n\n)(  +.*\n?)+", r"\1", text)
    # TensorFlow lists attrs in the chance order of a hash map here, and kernels
    # of its XLA compiler, which retrograph has not.
    text = re.sub(r"(with these attrs: \[)([^\]]*)\]", lambda m: m.group(1) +
                  ", ".join(sorted(m.group(2).split(", "))) + "]", text)
    text = re.sub(r"  device='XLA_CPU.*\n", "", text)
    text = re.sub(r"\(defined at [^)]*\)", "(defined at $FILE:$LINE)", text)
    text = re.sub(r'File "[^"]*", line \d+', 'File "$FILE", line $LINE', text)
    text = re.sub(r"\b0x[0-9a-f]+", "$ADDR", text)
    text = re.sub(r"\b[0-9a-f]{32}\b", "$UUID", text)
    text = text.replace("running on " + socket.gethostname(),
                        "running on $HOST")
    return "\n".join(line.rstrip() for line in text.rstrip().split("\n"))
