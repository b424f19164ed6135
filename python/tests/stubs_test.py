"""The stubs that make_stubs.py writes, and what mypy makes of them.

mypy is in the environment that RETROGRAPH_PYTHON_TOOLS names.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import retrograph

HERE = os.path.dirname(os.path.abspath(__file__))
MAKE_STUBS = os.path.join(os.path.dirname(HERE), "packaging", "make_stubs.py")
TOOLS = os.environ.get("RETROGRAPH_PYTHON_TOOLS", "")


@unittest.skipUnless(
    TOOLS, "RETROGRAPH_PYTHON_TOOLS names no environment with mypy; ./test "
    "makes it")
class StubsTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.site = os.path.join(cls.folder, "site")
        shutil.copytree(
            os.path.dirname(os.path.dirname(retrograph.__file__)), cls.site)
        for folder, _, names in os.walk(cls.site):
            os.chmod(folder, 0o755)
            for name in names:
                os.chmod(os.path.join(folder, name), 0o644)
        subprocess.run([sys.executable, MAKE_STUBS, cls.site], check=True,
                       env={k: v for k, v in os.environ.items()
                            if k != "PYTHONPATH"})

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def mypy(self, *arguments):
        shim = os.path.join(self.site, "retrograph", "shim", "site")
        done = subprocess.run(
            [os.path.join(TOOLS, "bin", "python3"), "-m", "mypy",
             "--no-error-summary",
             "--cache-dir", os.path.join(self.folder, "cache")]
            + list(arguments), stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, universal_newlines=True,
            cwd=self.folder,
            env=dict(os.environ, PYTHONPATH="",
                     MYPYPATH=os.pathsep.join([self.site, shim])))
        return done.stdout.splitlines()

    def test_a_script_gets_the_types_that_it_expects(self):
        """Each line's comment in typed_script.py is what mypy says of it."""
        path = os.path.join(HERE, "typed_script.py")
        said = {}
        for line in self.mypy("--follow-imports=silent",
                              "--check-untyped-defs", path):
            match = re.match(r".*typed_script\.py:(\d+): (\w+: .*)", line)
            self.assertTrue(match, line)
            said.setdefault(int(match.group(1)), []).append(match.group(2))
        expected = {}
        with open(path) as f:
            for number, line in enumerate(f, 1):
                if "  # mypy: " in line:
                    expected[number] = [line.split("  # mypy: ")[1].strip()]
        self.assertEqual(said, expected)
        self.assertGreater(len(expected), 10)

    def test_the_stubs_themselves_are_right(self):
        wrong = [line for line in self.mypy("-p", "retrograph.compat.v1")
                 if ".pyi:" in line and ": error:" in line]
        self.assertEqual(wrong, [])

    def test_all_that_is_there_is_in_the_stubs(self):
        import retrograph.compat.v1 as tf
        for module in (tf, tf.train, tf.nn, tf.saved_model.builder):
            path = os.path.join(self.site, *module.__name__.split("."))
            path = path + ".pyi" if os.path.exists(path + ".pyi") else \
                os.path.join(path, "__init__.pyi")
            with open(path) as f:
                text = f.read()
            for name in dir(module):
                if not name.startswith("_"):
                    with self.subTest(module=module.__name__, name=name):
                        self.assertRegex(text, r"\b%s\b" % name)


if __name__ == "__main__":
    unittest.main()
