"""tf.test.TestCase: sessions, assertions and decorators of test suites.

Passes on TensorFlow 1.15.5, too.
"""
import os
import sys
import threading
import unittest

import numpy as np
import tensorflow.compat.v1 as tf
from tensorflow.python.framework import test_util


class SessionsTest(tf.test.TestCase):

    def test_cached_session_puts_ops_on_the_cpu_and_is_the_same_each_time(self):
        with self.cached_session() as first:
            v = tf.Variable([1., 2.], name="v")
            self.assertEqual("/device:CPU:0", v.device)
            first.run(v.initializer)
        with self.cached_session() as second:
            self.assertIs(first, second)
            self.assertAllEqual([1, 2], v.eval())

    def test_cached_session_refuses_another_graph(self):
        with self.cached_session():
            pass
        with self.assertRaisesRegex(ValueError, "^The graph used to get the "
                                    "cached session is different"):
            with self.cached_session(graph=tf.Graph()):
                pass

    def test_session_of_its_own_graph(self):
        with self.session(graph=tf.Graph()) as sess:
            tf.no_op(name="c")
            self.assertProtoEquals(
                "node { name: 'c' op: 'NoOp' device: '/device:CPU:0' } "
                "versions { producer: 134 }", sess.graph.as_graph_def())

    def test_evaluate_makes_a_session_when_there_is_none(self):
        self.assertAllClose({"a": 3., "b": [4.]}, self.evaluate(
            {"a": tf.constant(3.), "b": [tf.constant(4.)]}))

    def test_each_test_has_the_seed(self):
        self.assertEqual(87654321, tf.get_default_graph().seed)

    @test_util.run_in_graph_and_eager_modes
    def test_decorated_tests_have_arguments_and_a_session(self):
        self.assertEqual(5, self.evaluate(tf.constant(2) + 3))

    @test_util.run_deprecated_v1
    def test_decorated_graph_tests_run(self):
        with self.assertRaisesOpError("You must feed a value"):
            with self.cached_session() as sess:
                sess.run(tf.placeholder(tf.float32, name="p"))

    @test_util.run_gpu_only
    def test_gpu_tests_are_skipped(self):
        raise AssertionError("ran")


class AssertionsTest(tf.test.TestCase):

    def fails(self, text, check, *args, **kwargs):
        with self.assertRaisesRegex(AssertionError, text):
            check(*args, **kwargs)

    def test_they_pass_and_fail(self):
        self.assertAllClose([1., (2., {"a": 3.})], [1., (2., {"a": 3.})])
        self.fails("not close lhs", self.assertAllClose, [1.], [2.])
        self.fails("Shape mismatch: expected \\(1, 2\\), got \\(2,\\)",
                   self.assertAllEqual, [[1, 2]], [1, 2])
        self.fails("not equal where", self.assertAllEqual, [1, 2], [1, 3])
        self.assertAllEqual([np.nan], [np.nan])
        self.assertAllInRange(np.array([0., 2.]), 0, 2)
        self.fails("1 of the 2 element\\(s\\) are outside the range \\[0, 2\\)",
                   self.assertAllInRange, np.array([0., 2.]), 0, 2,
                   open_upper_bound=True)
        self.fails("not in the set", self.assertAllInSet, [1, 2], {1})
        self.fails("1.0+ != 2.0+ \\+/- 0.1", self.assertNear, 1., 2., .1)
        self.assertAllCloseAccordingToType(np.float16(1), np.float16(1.0005))
        self.fails("does not start with", self.assertStartsWith, "ab", "b")
        self.assertDeviceEqual("/cpu:0", "/device:CPU:0")
        self.assertShapeEqual(np.ones([2, 3]), tf.ones([2, 3]))

    def test_a_mapping_is_not_a_list(self):
        with self.assertRaisesRegex(ValueError, "Can't compare dict to"):
            self.assertAllClose({"a": 1.}, [1.])

    def test_graph_defs_are_compared_by_node(self):
        def graph_of(*names):
            with tf.Graph().as_default() as graph:
                for name in names:
                    tf.no_op(name=name)
                return graph.as_graph_def()
        tf.test.assert_equal_graph_def(graph_of("a", "b"), graph_of("b", "a"))
        self.fails("Found unexpected node", tf.test.assert_equal_graph_def,
                   graph_of("a", "b"), graph_of("b"))
        self.fails("Did not find expected node",
                   tf.test.assert_equal_graph_def, graph_of("a"),
                   graph_of("a", "b"))

    def test_a_checked_thread_fails_its_test(self):
        def fail():
            raise ValueError("inside")
        thread = self.checkedThread(fail)
        thread.start()
        self.fails("Error in checkedThread: inside", thread.join)
        good = self.checkedThread(threading.get_ident)
        good.start()
        good.join()

    def test_writes_to_a_stream_are_captured(self):
        with self.captureWritesToStream(sys.stderr) as captured:
            os.write(2, b"to the file\n")
        self.assertEqual("to the file\n", captured.contents())


class FlagsTest(unittest.TestCase):

    def test_flags_take_old_names_and_are_read_before_main(self):
        tf.flags.DEFINE_integer(flag_name="test_case_n", default_value=3,
                                docstring="a number")
        sys.argv[1:] = []
        self.assertEqual(3, tf.flags.FLAGS.test_case_n)
        tf.flags.FLAGS.test_case_n = 4
        self.assertEqual(4, tf.app.flags.FLAGS.test_case_n)


if __name__ == "__main__":
    tf.test.main()
