"""Running graphs from Python. TensorFlow 1.15.5 passes these tests, too."""
import collections
import threading
import unittest

import numpy as np
import tensorflow.compat.v1 as tf

Pair = collections.namedtuple("Pair", ["a", "b"])


class SessionApiTest(unittest.TestCase):

    def setUp(self):
        context = tf.Graph().as_default()
        context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)

    def test_results_have_the_structure_of_the_fetches(self):
        a, b = tf.constant(1), tf.constant([2., 3.])
        with tf.Session() as session:
            got = session.run({"x": [a, (b,)], "y": Pair(a, a.op), "z": "Const:0"})
        self.assertEqual(got["x"][0], 1)
        np.testing.assert_array_equal(got["x"][1][0], [2., 3.])
        self.assertEqual(got["y"], Pair(1, None))
        self.assertEqual(got["z"], 1)
        self.assertIsInstance(got["x"][1], tuple)

    def test_scalars_are_numpy_scalars_and_strings_bytes(self):
        with tf.Session() as session:
            number, text, texts = session.run(
                [tf.constant(1.5), tf.constant("a"), tf.constant(["b", ""])])
        self.assertIsInstance(number, np.float32)
        self.assertEqual(text, b"a")
        self.assertEqual((texts.dtype, list(texts)), (object, [b"b", b""]))

    def test_any_tensor_can_be_fed(self):
        c = tf.constant(1., name="c")
        with tf.Session() as session:
            self.assertEqual(session.run(c + 1., {c: 4.}), 5.)
            self.assertEqual(session.run("c:0", {"c:0": 7}), 7.)

    def test_results_belong_to_the_caller(self):
        v = tf.Variable(np.zeros([100], np.float32))
        with tf.Session() as session:
            session.run(v.initializer)
            session.run(v)[:] = 5.
            self.assertEqual(session.run(v)[0], 0.)

    def test_feeds_are_read_at_once(self):
        p = tf.placeholder(tf.float32, [1000])
        v = tf.Variable(np.zeros([1000], np.float32))
        array = np.ones([1000], np.float32)
        with tf.Session() as session:
            session.run(v.assign(p), {p: array})
            array[:] = 9.
            self.assertEqual(session.run(v)[0], 1.)

    def test_arrays_of_every_layout_are_fed(self):
        p = tf.placeholder(tf.int32, [2, 3])
        array = np.arange(6).reshape(3, 2).T
        with tf.Session() as session:
            np.testing.assert_array_equal(session.run(p * 1, {p: array}),
                                          array)

    def test_an_error_names_op_node_and_line(self):
        p = tf.placeholder(tf.float32, [], name="p")
        doubled = p * 2.
        with tf.Session() as session:
            with self.assertRaises(tf.errors.InvalidArgumentError) as caught:
                session.run(doubled)
        error = caught.exception
        self.assertIs(error.op, p.op)
        self.assertEqual(error.node_def.name, "p")
        self.assertEqual(error.error_code, tf.errors.INVALID_ARGUMENT)
        self.assertIn("Original stack trace for 'p':\n", str(error))
        self.assertIn('p = tf.placeholder(tf.float32, [], name="p")',
                      str(error))

    def test_sessions_share_nothing(self):
        v = tf.Variable(1.)
        with tf.Session() as one, tf.Session() as two:
            one.run(v.initializer)
            with self.assertRaises(tf.errors.FailedPreconditionError):
                two.run(v)

    def test_eval_takes_the_default_session(self):
        c = tf.constant(3)
        with tf.Session():
            self.assertEqual(c.eval(), 3)
        session = tf.InteractiveSession()
        self.assertEqual(c.eval(), 3)
        session.close()

    def test_another_thread_has_a_default_graph_of_its_own(self):
        graphs = []
        thread = threading.Thread(
            target=lambda: graphs.append(tf.get_default_graph()))
        thread.start()
        thread.join()
        self.assertIsNot(graphs[0], tf.get_default_graph())

    def test_threads_run_one_session_at_once(self):
        p = tf.placeholder(tf.float32, [])
        y = p * p
        results = [None] * 8
        with tf.Session() as session:
            def work(i):
                results[i] = [session.run(y, {p: i}) for _ in range(20)]
            threads = [threading.Thread(target=work, args=(i,))
                       for i in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual(results, [[float(i * i)] * 20 for i in range(8)])

    def test_make_callable_runs_with_values_in_order(self):
        a, b = tf.placeholder(tf.int32, []), tf.placeholder(tf.int32, [])
        with tf.Session() as session:
            subtract = session.make_callable(a - b, [a, b])
            self.assertEqual(subtract(7, 2), 5)


if __name__ == "__main__":
    unittest.main()
