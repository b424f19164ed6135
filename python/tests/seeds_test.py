"""The code blocks of the documents that this project grew from, verbatim.

They are in the folder seeds beside the goldens, with what they really print.
"""
import glob
import os
import re
import subprocess
import sys
import tempfile
import unittest

import seed_blocks

_GOLDENS = os.environ.get("RETROGRAPH_GOLDENS", "")
_SEEDS = os.path.join(os.path.dirname(os.path.abspath(_GOLDENS)), "seeds")

# What these cells of the guide do waits for Keras, eager mode and Estimator.
_WAITING = {"In [%d]" % n for n in (3, 4, 5, 8, 10, 11, 21, 22)}


def read(pattern):
    path, = glob.glob(os.path.join(_SEEDS, pattern))
    with open(path, encoding="utf-8") as f:
        return f.read()


@unittest.skipUnless(_GOLDENS, "RETROGRAPH_GOLDENS names no folder of goldens: "
                     "the seeds are beside it")
@unittest.skipUnless(not _GOLDENS or os.path.isdir(_SEEDS),
                     "there is no folder %s" % _SEEDS)
class SeedsTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def python(self, *arguments):
        environment = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
        return subprocess.run(
            [sys.executable, "-W", "ignore"] + list(arguments),
            cwd=self.folder, env=environment, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, universal_newlines=True)

    def play(self, name, code):
        """What a block says, run as a script with Python 2's print."""
        script = os.path.join(self.folder, name + ".py")
        with open(script, "w", encoding="utf-8") as f:
            f.write(code)
        done = self.python("-m", "retrograph", "--py2-print", script)
        return seed_blocks.normalised(done.stdout) + (
            seed_blocks.error(done.stderr) if done.returncode else "")

    def test_the_article_prints_what_it_printed(self):
        os.mkdir(os.path.join(self.folder, "model"))
        self.assertEqual(
            {name: self.play(name, code) for name, code
             in seed_blocks.article_blocks(read("000_*.txt"))},
            seed_blocks.runs(read("runs/000_tf1.15.5_with_model_dir.txt")))

    def test_in_an_empty_folder_the_article_fails(self):
        expected = seed_blocks.runs(read("runs/000_tf1.15.5.txt"))
        self.assertEqual(len(expected), 3)
        # None of them makes the folder model/ for the next.
        for name, code in seed_blocks.article_blocks(read("000_*.txt")):
            with self.subTest(name):
                self.assertEqual(self.play(name, code), expected[name])

    def test_python_2s_print_is_explained(self):
        for name, code in seed_blocks.article_blocks(read("000_*.txt"))[1:]:
            script = os.path.join(self.folder, "article.py")
            with open(script, "w", encoding="utf-8") as f:
                f.write(code)
            self.assertIn("python -m retrograph --py2-print " + script,
                          self.python("-m", "retrograph", script).stderr)

    def test_the_guide_says_in_graph_mode_what_it_said(self):
        expected = seed_blocks.runs(
            read("runs/001_tf1.15.5_graph_mode.txt").replace("OSError",
                                                             "FileNotFoundError"))
        done = self.python(
            seed_blocks.__file__,
            glob.glob(os.path.join(_SEEDS, "001_*.txt"))[0])
        got = seed_blocks.runs(done.stdout)
        self.assertEqual(list(got), list(expected), done.stderr)
        self.assertEqual(len(got), 21)
        for name in sorted(set(got) - _WAITING):
            with self.subTest(name):
                # Cell 5, which waits, adds a SaveV2; which of cell 18's
                # variables is found first is a matter of threads.
                self.assertEqual(*(
                    re.sub(r"(SaveV2|Variable)_\d", r"\1_N", re.sub(
                        r"SaveV2 ", "SaveV2_1 ", text))
                    for text in (got[name], expected[name])))


if __name__ == "__main__":
    unittest.main()
