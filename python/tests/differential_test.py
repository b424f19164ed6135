"""Snippets do on retrograph what they do on TensorFlow 1.15.5."""
import glob
import json
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ORACLE = os.environ.get("RETROGRAPH_ORACLE", "")


def run(python, snippets, environment):
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out.json")
        subprocess.run(
            [python, "-W", "ignore", os.path.join(HERE, "run_snippets.py"),
             snippets, out],
            check=True, env=dict(os.environ, TMPDIR=folder, **environment),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(out) as f:
            return json.load(f)


@unittest.skipUnless(ORACLE, "RETROGRAPH_ORACLE names no folder with "
                     "TensorFlow 1.15.5 (tf1/bin/python)")
class DifferentialTest(unittest.TestCase):

    def check(self, snippets):
        expected = run(os.path.join(ORACLE, "tf1", "bin", "python"), snippets,
                       {"PYTHONPATH": "", "TF_CPP_MIN_LOG_LEVEL": "3"})
        got = run(sys.executable, snippets, {})
        self.assertEqual(len(got), len(expected))
        for theirs, ours in zip(expected, got):
            with self.subTest(theirs[0]):
                self.assertEqual(ours[1], theirs[1])
                if theirs[1][0] == "value":
                    # After an error TensorFlow may leave nodes behind.
                    self.assertEqual(ours[2], theirs[2])

    def test_snippets_come_out_as_on_tensorflow(self):
        files = sorted(glob.glob(os.path.join(HERE, "snippets*.txt")))
        self.assertTrue(files)
        for snippets in files:
            with self.subTest(os.path.basename(snippets)):
                self.check(snippets)


if __name__ == "__main__":
    unittest.main()
