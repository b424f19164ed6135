"""Graphs whose ops retrograph does not know are imported, restored, saved and
exported as TensorFlow 1.15.5 does it, and TensorFlow reads what comes out."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import meta_graph_text  # noqa: E402

ORACLE = os.environ.get("RETROGRAPH_ORACLE", "")


def run(python, command, folder, environment):
    done = subprocess.run(
        [python, "-W", "ignore", os.path.join(HERE, "foreign_graphs.py"),
         command, folder], env=dict(os.environ, **environment),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        universal_newlines=True)
    if done.returncode != 0:
        raise AssertionError("%s %s: %s" % (python, command,
                                            done.stderr[-3000:]))


def theirs(command, folder):
    run(os.path.join(ORACLE, "tf1", "bin", "python"), command, folder,
        {"PYTHONPATH": "", "TF_CPP_MIN_LOG_LEVEL": "3"})


def content(*path):
    with open(os.path.join(*path), "rb") as f:
        return f.read()


@unittest.skipUnless(ORACLE, "RETROGRAPH_ORACLE names no folder with "
                     "TensorFlow 1.15.5 (tf1/bin/python)")
class ForeignGraphTest(unittest.TestCase):

    def test_copies_are_those_of_tensorflow(self):
        from retrograph import protos
        with tempfile.TemporaryDirectory() as top:
            written, by_them, by_us, again = (
                os.path.join(top, name)
                for name in ("written", "theirs", "ours", "again"))
            os.mkdir(written)
            theirs("write", written)
            for folder in (by_them, by_us):
                shutil.copytree(written, folder)
            theirs("copy", by_them)
            run(sys.executable, "copy", by_us, {})
            copies = [name for name in sorted(os.listdir(by_them))
                      if name.startswith("copy_")]
            for name in copies:
                with self.subTest(name):
                    if name.endswith(".meta"):
                        self.assertEqual(
                            meta_graph_text.text(protos.MetaGraphDef.FromString(
                                content(by_us, name))),
                            meta_graph_text.text(protos.MetaGraphDef.FromString(
                                content(by_them, name))))
                    else:
                        self.assertEqual(content(by_us, name),
                                         content(by_them, name))
            self.assertEqual(len(copies), 22)
            # TensorFlow imports and restores our copies.
            os.mkdir(again)
            for name in copies:
                shutil.copy(os.path.join(by_us, name),
                            os.path.join(again, name[len("copy_"):]))
            theirs("copy", again)


if __name__ == "__main__":
    unittest.main()
