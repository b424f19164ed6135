"""Functions of cases/*.py do on retrograph what they do on TensorFlow 1.15.5:
results, errors, graphs to the last attribute, collections, log lines, files."""
import glob
import os
import unittest

import oracle_runs


@oracle_runs.needs_oracle
class CasesTest(unittest.TestCase):
    maxDiff = 2000

    def compare(self, cases):
        expected, got = oracle_runs.on_both("run_cases.py", cases)
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
    for path in sorted(glob.glob(os.path.join(oracle_runs.HERE, "cases", "*.py"))):
        name = os.path.basename(path)[:-len(".py")]

        def test(self, path=path):
            self.compare(path)
        setattr(CasesTest, "test_%s_comes_out_as_on_tensorflow" % name, test)


_add_tests()

if __name__ == "__main__":
    unittest.main()
