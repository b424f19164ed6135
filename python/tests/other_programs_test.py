"""Other people's programs open what retrograph writes.

TensorBoard and Netron are in the environment that RETROGRAPH_PYTHON_TOOLS names
(third_party/python_tools.txt), TensorFlow in the folder RETROGRAPH_ORACLE.
"""
import glob
import json
import os
import shutil
import subprocess
import tempfile
import unittest

import numpy as np
import tensorflow as tf

HERE = os.path.dirname(os.path.abspath(__file__))
TOOLS = os.environ.get("RETROGRAPH_PYTHON_TOOLS", "")
ORACLE = os.environ.get("RETROGRAPH_ORACLE", "")
PIXEL = bytes.fromhex(  # a PNG of one pixel
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000"
    "3a7e9b550000000a49444154789c63f80f0001010100de5d6f"
    "0d0000000049454e44ae426082")

needs_tools = unittest.skipUnless(
    TOOLS, "RETROGRAPH_PYTHON_TOOLS names no environment with TensorBoard and "
    "Netron; ./test makes it")


def output(command, **environment):
    done = subprocess.run(
        command, env=dict(os.environ, PYTHONPATH="", **environment),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise AssertionError("%s: %s" % (command,
                                         done.stderr.decode()[-3000:]))
    return json.loads(done.stdout)


class OtherProgramsTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        with tf.Graph().as_default() as graph, tf.Session() as session:
            x = tf.placeholder(tf.float32, [2], name="x")
            weights = tf.Variable([3., -4.], name="weights")
            tf.Variable(np.int64(7), name="step")
            product = tf.multiply(x, weights, name="product")
            tf.summary.scalar("loss", tf.reduce_sum(product))
            tf.summary.histogram("spread", weights)
            merged = tf.summary.merge_all()
            saver = tf.train.Saver()
            writer = tf.summary.FileWriter(cls.folder, graph)
            session.run(tf.global_variables_initializer())
            for step in range(3):
                writer.add_summary(
                    session.run(merged, {x: [1., step]}), step)
            writer.add_summary(tf.Summary(value=[tf.Summary.Value(
                tag="picture", image=tf.Summary.Image(
                    height=1, width=1, colorspace=1,
                    encoded_image_string=PIXEL))]), 3)
            writer.close()
            cls.prefix = saver.save(session,
                                    os.path.join(cls.folder, "model"))
            cls.nodes = [(op.name, op.type) for op in graph.get_operations()]
        cls.event_file, = glob.glob(
            os.path.join(cls.folder, "events.out.tfevents.*"))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    @needs_tools
    def test_tensorboard_shows_the_event_file(self):
        found = output([os.path.join(TOOLS, "bin", "python3"),
                        os.path.join(HERE, "read_with_tensorboard.py"),
                        self.folder])
        self.assertEqual(found["scalars"], [[0, 3.], [1, -1.], [2, -5.]])
        self.assertEqual(found["histogram"], [-4., 3., 2., -1.])
        self.assertEqual(found["images"], [[1, 1, PIXEL.hex()]])
        self.assertTrue(found["meta_graph"])
        # The writer had the graph before the variables were initialised.
        nodes = [tuple(node) for node in found["nodes"]]
        self.assertIn(("weights", "VariableV2"), nodes)
        self.assertEqual(nodes, [node for node in self.nodes if node in nodes])
        self.assertGreater(len(nodes), 20)

    @needs_tools
    @unittest.skipUnless(shutil.which("node"),
                         "Netron's readers run in Node.js, which is not here")
    def test_netron_shows_the_meta_graph_and_the_index(self):
        with tempfile.TemporaryDirectory() as folder:
            # Netron's readers are modules for a browser; Node.js must be told.
            package, = glob.glob(os.path.join(
                TOOLS, "lib", "python3*", "site-packages", "netron"))
            shutil.copytree(package, os.path.join(folder, "netron"))
            with open(os.path.join(folder, "package.json"), "w") as f:
                json.dump({"type": "module"}, f)
            found = output(
                ["node", os.path.join(HERE, "open_with_netron.mjs"),
                 os.path.join(folder, "netron"), self.prefix + ".meta",
                 self.prefix + ".index"])
        graph, index = found[".meta"], found[".index"]
        self.assertEqual(graph["format"], "TensorFlow MetaGraph")
        for node in (["VariableV2", "weights"], ["Mul", "product"],
                     ["SaveV2", "save/SaveV2"]):
            self.assertIn(node, graph["nodes"])
        self.assertEqual(index["format"], "TensorFlow Tensor Bundle v2")
        self.assertEqual(index["tensors"],
                         [["step", "int64"], ["weights", "float32[2]"]])

    @unittest.skipUnless(ORACLE, "RETROGRAPH_ORACLE names no folder with "
                         "TensorFlow")
    def test_tensorflow_1_and_2_read_all_of_it(self):
        for version in ("tf1", "tf2"):
            with self.subTest(version):
                self.assertEqual(
                    output([os.path.join(ORACLE, version, "bin", "python"),
                            os.path.join(HERE, "read_with_tensorflow.py"),
                            self.prefix, self.event_file],
                           TF_CPP_MIN_LOG_LEVEL="3"),
                    {"list": [["step", []], ["weights", [2]]],
                     "values": {"step": 7, "weights": [3., -4.]},
                     "scalars": [[0, 3.], [1, -1.], [2, -5.]],
                     "product": [3., -8.]})

    def test_numpy_reads_the_data_file(self):
        # Values in the order of the keys, one after the other.
        with open(self.prefix + ".data-00000-of-00001", "rb") as f:
            step = np.fromfile(f, "<i8", 1)
            weights = np.fromfile(f, "<f4")
        self.assertEqual((step.tolist(), weights.tolist()), ([7], [3., -4.]))


if __name__ == "__main__":
    unittest.main()
