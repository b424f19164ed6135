"""Functions of cases/*.py do on retrograph what they do on TensorFlow 1.15.5:
results, errors, graphs to the last attribute, collections, log lines, files."""
import glob
import json
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ORACLE = os.environ.get("RETROGRAPH_ORACLE", "")


def run(python, cases, environment):
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out.json")
        subprocess.run(
            [python, "-W", "ignore", os.path.join(HERE, "run_cases.py"),
             cases, out],
            check=True, env=dict(os.environ, TMPDIR=folder, **environment),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(out) as f:
            return json.load(f)


@unittest.skipUnless(ORACLE, "RETROGRAPH_ORACLE names no folder with "
                     "TensorFlow 1.15.5 (tf1/bin/python)")
class CasesTest(unittest.TestCase):
    maxDiff = 2000

    def compare(self, cases):
        expected = run(os.path.join(ORACLE, "tf1", "bin", "python"), cases,
                       {"PYTHONPATH": "", "TF_CPP_MIN_LOG_LEVEL": "3"})
        got = run(sys.executable, cases, {})
        self.assertEqual(list(got), list(expected))
        self.assertTrue(expected)
        for name, theirs in expected.items():
            with self.subTest(name):
                self.assertEqual(got[name]["result"], theirs["result"])
                self.assertEqual(got[name]["logs"], theirs["logs"])
                self.assertEqual(got[name]["files"], theirs["files"])
                if theirs["result"][0] == "value":
                    # After an error TensorFlow may leave nodes behind.
                    self.assertEqual(got[name]["nodes"], theirs["nodes"])
                    self.assertEqual(got[name]["collections"],
                                     theirs["collections"])


def _add_tests():
    for path in sorted(glob.glob(os.path.join(HERE, "cases", "*.py"))):
        name = os.path.basename(path)[:-len(".py")]

        def test(self, path=path):
            self.compare(path)
        setattr(CasesTest, "test_%s_comes_out_as_on_tensorflow" % name, test)


_add_tests()

if __name__ == "__main__":
    unittest.main()
