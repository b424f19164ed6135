"""What is retrograph's own: what is missing, the shim, the command."""
import inspect
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import types
import unittest

import numpy as np
import retrograph.compat.v1 as tf


def run(*arguments):
    return subprocess.run([sys.executable] + list(arguments),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          universal_newlines=True)


class PackageTest(unittest.TestCase):

    def test_a_missing_name_is_told_with_the_nearest_one(self):
        with self.assertRaises(AttributeError) as caught:
            tf.train.Savor
        self.assertEqual(
            str(caught.exception),
            "module 'retrograph.compat.v1.train' has no attribute 'Savor': it "
            "is not in retrograph (yet); the nearest that is there is "
            "'Saver'")

    def test_syncing_can_be_switched_off(self):
        code = ("import os, sys; os.environ.update(a.split('=') for a in "
                "sys.argv[1:]); import retrograph; before = "
                "retrograph.sync_files(); retrograph.set_sync_files(False); "
                "print(before, retrograph.sync_files())")
        self.assertEqual(run("-c", code).stdout, "True False\n")
        self.assertEqual(run("-c", code, "RETROGRAPH_SYNC=1").stdout,
                         "True False\n")
        self.assertEqual(run("-c", code, "RETROGRAPH_SYNC=0").stdout,
                         "False False\n")

    def test_summaries_of_a_writer_that_nobody_closed_are_kept(self):
        # Scripts end like that; the loop keeps the writer from dying before.
        with tempfile.TemporaryDirectory() as folder:
            done = run("-c", "import retrograph.compat.v1 as tf, sys\n"
                       "w = tf.summary.FileWriter(sys.argv[1])\n"
                       "w.itself = w\n"
                       "for step in range(3):\n"
                       "  w.add_summary(tf.Summary(), step)\n", folder)
            self.assertEqual(done.stdout, "")
            path, = (os.path.join(folder, f) for f in os.listdir(folder))
            steps = [e.step for e in tf.train.summary_iterator(path)]
            self.assertEqual(steps, [0, 0, 1, 2])

    def test_submodules_can_be_imported(self):
        code = ("import retrograph.compat.v1.train as t; "
                "from retrograph.compat.v1.keras import initializers; "
                "print(t.Saver.__name__)")
        self.assertEqual(run("-c", code).stdout, "Saver\n")

    def test_the_shim_stands_for_tensorflow(self):
        shim = run("-m", "retrograph", "--shim-path").stdout.strip()
        code = ("import sys; sys.path.insert(0, %r); "
                "import tensorflow as tf, tensorflow.compat.v1 as v1; "
                "from tensorflow.python.framework import ops; "
                "from tensorflow.core.framework import graph_pb2; "
                "print(tf.Graph is v1.Graph is ops.Graph, "
                "tf.GraphDef is graph_pb2.GraphDef)" % shim)
        self.assertEqual(run("-c", code).stdout, "True True\n")

    def test_a_module_that_is_not_there_fails_when_it_is_used(self):
        shim = run("-m", "retrograph", "--shim-path").stdout.strip()
        code = ("import sys; sys.path.insert(0, %r)\n"
                "from tensorflow.python.ops import nowhere_ops\n"
                "try: nowhere_ops.thing\n"
                "except AttributeError as e: print(e)" % shim)
        self.assertEqual(
            run("-c", code).stdout,
            "tensorflow.python.ops.nowhere_ops.thing is not in retrograph "
            "(yet)\n")

    def test_the_tutorials_network_learns(self):
        # Wheels of TensorFlow 1.15 lack the module that tutorials import.
        mnist = tf.examples.tutorials.mnist.mnist
        with tf.Graph().as_default(), tf.Session() as session:
            tf.set_random_seed(1)
            images = tf.constant(np.eye(5, mnist.IMAGE_PIXELS, dtype="f"))
            labels = tf.constant([0, 1, 2, 3, 9])
            logits = mnist.inference(images, 16, 8)
            loss = mnist.loss(logits, labels)
            train = mnist.training(loss, 0.5)
            right = mnist.evaluation(logits, labels)
            self.assertEqual(
                [v.op.name for v in tf.global_variables()],
                ["hidden1/weights", "hidden1/biases", "hidden2/weights",
                 "hidden2/biases", "softmax_linear/weights",
                 "softmax_linear/biases", "global_step"])
            session.run(tf.global_variables_initializer())
            before = session.run(loss)
            for _ in range(300):
                session.run(train)
            after, found = session.run([loss, right])
        self.assertLess(after, before / 2)
        self.assertEqual(found, 5)

    def test_importing_waits_with_what_takes_long(self):
        # bench/compare_python.py says what it costs.
        code = ("import sys, retrograph.compat.v1\n"
                "print([m for m in ('google.protobuf', 'ml_dtypes') "
                "if m in sys.modules])")
        self.assertEqual(run("-c", code).stdout, "[]\n")

    def test_all_that_is_public_has_a_docstring(self):
        missing, seen, number = [], set(), 0

        def look_in_class(cls, name):
            nonlocal number
            if cls in seen or not cls.__module__.startswith(
                    ("retrograph", "tensorflow")):
                return
            seen.add(cls)
            for member, value in vars(cls).items():
                if not member.startswith("_") and isinstance(value, (
                        property, types.FunctionType, classmethod,
                        staticmethod)):
                    number += 1
                    if not isinstance(value, property):
                        value = getattr(cls, member)
                    if not inspect.getdoc(value):  # its own or a base's
                        missing.append("%s.%s" % (name, member))

        def look(module):
            nonlocal number
            seen.add(module)
            for name in dir(module):
                value = getattr(module, name)
                if isinstance(value, type(tf)) and value not in seen:
                    look(value)
                    continue
                path = "%s.%s" % (module.__name__, name)
                if getattr(value, "__module__", "").startswith(
                        "retrograph") and callable(value):
                    number += 1
                    if not value.__doc__:
                        missing.append(path)
                if inspect.isclass(value):
                    look_in_class(value, path)
        look(tf)
        # A plain module, which the walk over the API leaves out.
        for name, value in inspect.getmembers(tf.test, inspect.isclass):
            look_in_class(value, "tf.test." + name)
        self.assertEqual(missing, [])
        self.assertGreater(number, 1400)

    def test_functions_of_ops_say_what_they_take_and_give(self):
        self.assertEqual(tf.image.decode_png.__doc__.split("\n\n"), [
            "A PNG file's image as [height, width, channels].",
            "Parameters\n----------\ncontents : Tensor of string\n"
            "channels : int, default 0\n"
            "dtype : DType: uint8, uint16, default uint8\n"
            "name : str, optional",
            "Returns\n-------\nimage : Tensor of dtype",
            "Raises\n------\nTypeError\n"
            "    For a value of a type that is not listed.\n"
            "ValueError\n    For shapes that do not fit.\n"])
        self.assertIn("T: bfloat16, float16, float32, float64, complex64, "
                      "complex128.", tf.rsqrt.__doc__)
        for op_type in dir(tf.raw_ops):
            self.assertIn("\nReturns\n-------\n",
                          getattr(tf.raw_ops, op_type).__doc__)

    def interrupted(self, session, fetch):
        """Seconds until a run that does not end was ended by Ctrl-C."""
        timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
        start = time.time()
        timer.start()
        with self.assertRaises(KeyboardInterrupt):
            session.run(fetch)
        return time.time() - start

    def test_ctrl_c_ends_a_run_that_waits_or_loops(self):
        with tf.Graph().as_default(), tf.Session() as session:
            queue = tf.FIFOQueue(1, tf.float32)
            loop = tf.while_loop(lambda i: i < 1, lambda i: i * 1, [0])
            for fetch in (queue.dequeue(), loop):
                self.assertLess(self.interrupted(session, fetch), 20)
            session.run(queue.enqueue(2.))  # all goes on
            self.assertEqual(session.run(queue.dequeue()), 2.)

    def test_a_handler_of_signals_is_called_during_a_run(self):
        called = []
        with tf.Graph().as_default(), tf.Session() as session:
            queue = tf.FIFOQueue(1, tf.float32)
            fetch, enqueue = queue.dequeue(), queue.enqueue(2.)

            def handle(*unused):
                called.append(True)
                session.run(enqueue)

            before = signal.signal(signal.SIGUSR1, handle)
            try:
                threading.Timer(
                    0.2, os.kill, (os.getpid(), signal.SIGUSR1)).start()
                self.assertEqual(session.run(fetch), 2.)
            finally:
                signal.signal(signal.SIGUSR1, before)
        self.assertEqual(called, [True])

    def test_other_threads_go_on_during_a_run(self):
        counted = [0]
        with tf.Graph().as_default(), tf.Session() as session:
            queue = tf.FIFOQueue(1, tf.float32)
            fetch, enqueue = queue.dequeue(), queue.enqueue(2.)

            def count():
                while counted[0] < 100000:
                    counted[0] += 1
                session.run(enqueue)

            thread = threading.Thread(target=count)
            thread.start()
            self.assertEqual(session.run(fetch), 2.)
            thread.join()
        self.assertEqual(counted, [100000])

    def run_script(self, source, *options):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "script.py")
            with open(path, "w") as f:
                f.write(source)
            return run("-m", "retrograph", *options, path)

    def test_a_script_runs_as_the_main_module(self):
        done = self.run_script(
            "import tensorflow as tf\nif __name__ == '__main__':\n"
            "  print(tf.Session().run(tf.constant([1.])))\n")
        self.assertEqual((done.returncode, done.stdout), (0, "[1.]\n"))

    def test_a_script_of_python_2_is_told_how_to_run(self):
        source = "import tensorflow as tf\nprint 'x', 1\n"
        refused = self.run_script(source)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("line 2 has a print statement of Python 2",
                      refused.stdout)
        self.assertIn("--py2-print", refused.stdout)
        self.assertEqual(self.run_script(source, "--py2-print").stdout,
                         "x 1\n")

    def test_bfloat16_values_are_numpys(self):
        with tf.Graph().as_default(), tf.Session() as session:
            value = session.run(tf.constant([1.5, -2.], tf.bfloat16))
        self.assertEqual(value.astype(np.float32).tolist(), [1.5, -2.])


if __name__ == "__main__":
    unittest.main()
