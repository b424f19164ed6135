"""Test cases and their runner: absltest, as in TensorFlow."""
import os
import sys
import tempfile

from absl.testing.absltest import *  # noqa: F401,F403
from absl.testing import absltest

_temp_dir = None


def main(argv=None):
    """Runs the tests of the calling script."""
    absltest.main(argv=argv if argv is not None else sys.argv)


def GetTempDir():  # noqa: N802, TensorFlow's name
    """A folder for files of this process's tests."""
    global _temp_dir
    if _temp_dir is None:
        name = os.path.splitext(os.path.basename(sys.argv[0] or "test"))[0]
        _temp_dir = tempfile.mkdtemp(
            prefix=name, dir=os.environ.get("TEST_TMPDIR"))
    return _temp_dir


def test_src_dir_path(relative_path):
    return os.path.join(os.environ.get("TEST_SRCDIR", os.getcwd()),
                        relative_path)


def StatefulSessionAvailable():  # noqa: N802, TensorFlow's name
    return False


class StubOutForTesting:
    """Puts other things in the places of attributes until CleanUp()."""

    def __init__(self):
        self._replaced = []

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.CleanUp()

    def CleanUp(self):  # noqa: N802, TensorFlow's name
        """Puts everything back, what was replaced last first."""
        while self._replaced:
            setattr(*self._replaced.pop())

    UnsetAll = SmartUnsetAll = CleanUp

    def Set(self, parent, child_name, new_child):  # noqa: N802
        """Replaces an attribute until CleanUp().

        Parameters
        ----------
        parent
            A module, a class or another object that has a `__dict__`.
        child_name
            The attribute's name.
        new_child
            What it is to be meanwhile.

        Raises
        ------
        AttributeError
            If there is no such attribute.
        """
        old = vars(parent).get(child_name, getattr(parent, child_name))
        self._replaced.append((parent, child_name, old))
        setattr(parent, child_name, new_child)

    SmartSet = Set


class Benchmark:
    """A base class of benchmarks; retrograph's own are in bench/."""
