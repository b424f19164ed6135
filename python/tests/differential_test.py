"""Snippets do on retrograph what they do on TensorFlow 1.15.5."""
import glob
import os
import unittest

import oracle_runs


@oracle_runs.needs_oracle
class DifferentialTest(unittest.TestCase):

    def check(self, snippets):
        expected, got = oracle_runs.on_both("run_snippets.py", snippets)
        self.assertEqual(len(got), len(expected))
        for theirs, ours in zip(expected, got):
            with self.subTest(theirs[0]):
                self.assertEqual(ours[1], theirs[1])
                if theirs[1][0] == "value":
                    # After an error TensorFlow may leave nodes behind.
                    self.assertEqual(ours[2], theirs[2])

    def test_snippets_come_out_as_on_tensorflow(self):
        files = sorted(glob.glob(
            os.path.join(oracle_runs.HERE, "snippets*.txt")))
        self.assertTrue(files)
        for snippets in files:
            with self.subTest(os.path.basename(snippets)):
                self.check(snippets)


if __name__ == "__main__":
    unittest.main()
