"""How graphs, sessions, savers and checkpoints look, and how saves show
progress: on a terminal alone."""
import errno
import os
import pty
import subprocess
import sys
import tempfile
import unittest

import retrograph.compat.v1 as tf

# A save and a restore that take a while, since an op of theirs does.
SLOW = """
import sys, time
import numpy as np
import retrograph
import retrograph.compat.v1 as tf
from retrograph.training import progress
from retrograph.training import saver as saver_lib
progress.DELAY = 0.05

def slowly():
    time.sleep(0.7)
    return np.float32(1)

class Slow(saver_lib.SaveableObject):
    def __init__(self):
        value = tf.py_func(slowly, [], tf.float32)
        super().__init__(
            value, [saver_lib.SaveSpec(value, "", "slow", tf.float32)], "slow")
    def restore(self, tensors, shapes):
        return tf.py_func(lambda x: slowly(), [tensors[0]], tf.float32).op

saver = tf.train.Saver([Slow()])
if len(sys.argv) > 2:
    retrograph.set_progress(False)
with tf.Session() as session:
    saver.restore(session, saver.save(session, sys.argv[1]))
"""


class DisplayTest(unittest.TestCase):

    def test_messages_print_alike_with_every_protobuf(self):
        value = tf.Summary.Value(tag="\u00e9", simple_value=0.1)
        self.assertEqual(str(value), 'tag: "\\303\\251"\n'
                         'simple_value: 0.10000000149011612\n')
        path = tf.train.write_graph(tf.GraphDef(), self.folder, "g.pbtxt")
        with open(path) as f:
            self.assertEqual(f.read(), "")

    def setUp(self):
        tf.reset_default_graph()
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name
        tf.Variable([1., 2.], name="v")
        tf.get_variable("a/w", [3, 4], dtype=tf.float64)
        self.saver = tf.train.Saver()

    def test_what_is_printed_says_what_there_is(self):
        graph = tf.get_default_graph()
        count = len(graph.get_operations())
        self.assertEqual(repr(graph), "<tf.Graph of %d operations>" % count)
        self.assertEqual(repr(self.saver),
                         "<tf.train.Saver: 2 tensors: a/w, v>")
        with tf.Session() as session:
            self.assertEqual(
                repr(session),
                "<tf.Session of <tf.Graph of %d operations>>" % count)
            session.run(tf.global_variables_initializer())
            prefix = self.saver.save(session,
                                     os.path.join(self.folder, "m"))
        self.assertIn(", closed>", repr(session))
        self.assertEqual(
            repr(tf.train.load_checkpoint(prefix)),
            "<tf.train.CheckpointReader of %s: 2 tensors: a/w, v>" % prefix)

    def test_a_checkpoint_of_objects_says_what_it_tracks(self):
        v = tf.global_variables()[0]
        checkpoint = tf.train.Checkpoint(weights=v, nested=tf.train.Checkpoint())
        self.assertEqual(repr(checkpoint),
                         "<tf.train.Checkpoint: 2 objects: nested, weights>")
        self.assertIn("<td>weights</td><td>&lt;tf.Variable",
                      checkpoint._repr_html_())

    def test_a_saver_that_is_not_built_says_so(self):
        saver = tf.train.Saver(defer_build=True)
        self.assertEqual(repr(saver), "<tf.train.Saver: not built>")
        saver.build()
        self.assertEqual(repr(saver), "<tf.train.Saver: 2 tensors: a/w, v>")

    def test_an_imported_saver_names_its_ops_at_least(self):
        meta_graph = tf.train.export_meta_graph(
            saver_def=self.saver.as_saver_def())
        with tf.Graph().as_default():
            saver = tf.train.import_meta_graph(meta_graph)
            self.assertEqual(repr(saver),
                             "<tf.train.Saver: run by save/restore_all>")

    def test_tensorflows_own_reprs_are_as_they_were(self):
        graph = tf.get_default_graph()
        self.assertEqual(
            repr(graph.get_tensor_by_name("v:0")),
            "<tf.Tensor 'v:0' shape=(2,) dtype=float32_ref>")
        self.assertEqual(repr(graph.get_operation_by_name("v")),
                         "<tf.Operation 'v' type=VariableV2>")
        self.assertEqual(
            repr(tf.global_variables()[0]),
            "<tf.Variable 'v:0' shape=(2,) dtype=float32_ref>")

    def test_notebooks_show_tables(self):
        graph = tf.get_default_graph()._repr_html_()
        self.assertIn("<td>v:0</td><td>float32</td><td>(2,)</td>", graph)
        self.assertIn("<td>VariableV2</td><td>2</td>", graph)
        self.assertIn("<td>a/w</td>", self.saver._repr_html_())
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            prefix = self.saver.save(session,
                                     os.path.join(self.folder, "<m>"))
        shown = tf.train.load_checkpoint(prefix)._repr_html_()
        self.assertIn("<td>a/w</td><td>float64</td><td>[3, 4]</td>", shown)
        self.assertIn("&lt;m&gt;", shown)
        self.assertNotIn("<m>", shown)

    def test_a_long_table_is_cut(self):
        for i in range(60):
            tf.Variable(0., name="many")
        shown = tf.get_default_graph()._repr_html_()
        self.assertIn("<td>many_40:0</td>", shown)
        self.assertNotIn("<td>many_59:0</td>", shown)
        self.assertIn("... and 12 more", shown)

    def run_slow(self, stderr, *arguments, **environment):
        subprocess.run(
            [sys.executable, "-c", SLOW, os.path.join(self.folder, "slow")]
            + list(arguments), stderr=stderr, check=True,
            env=dict(os.environ, **environment))

    def on_terminal(self, *arguments, **environment):
        ours, theirs = pty.openpty()
        try:
            self.run_slow(theirs, *arguments, **environment)
        finally:
            os.close(theirs)
        shown = b""
        try:
            while True:
                piece = os.read(ours, 4096)
                if not piece:
                    break
                shown += piece
        except OSError as e:  # the end of a terminal, on Linux
            if e.errno != errno.EIO:
                raise
        finally:
            os.close(ours)
        return shown.decode()

    def test_a_terminal_shows_long_saves_and_restores(self):
        shown = self.on_terminal()
        prefix = os.path.join(self.folder, "slow")
        self.assertRegex(shown, r"\r\x1b\[Ksaving %s: .*bytes, \d s" % prefix)
        self.assertRegex(shown,
                         r"\r\x1b\[Krestoring %s: .*KiB, \d s" % prefix)
        self.assertTrue(shown.endswith("\r\x1b[K"), shown[-50:])

    def test_it_can_be_switched_off(self):
        self.assertEqual(self.on_terminal(RETROGRAPH_PROGRESS="0"), "")
        self.assertEqual(self.on_terminal("off"), "")

    def test_a_pipe_never_sees_it(self):
        path = os.path.join(self.folder, "stderr")
        with open(path, "wb") as f:
            self.run_slow(f)
        with open(path) as f:
            self.assertEqual(f.read(), "")


if __name__ == "__main__":
    unittest.main()
