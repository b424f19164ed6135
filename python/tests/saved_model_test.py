"""SavedModels go between retrograph and TensorFlow 1.15 and 2.15."""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import meta_graph_text  # noqa: E402

ORACLE = os.environ.get("RETROGRAPH_ORACLE", "")
OURS = "retrograph"
WRITERS = (OURS, "tf1", "tf2")


def run(who, *arguments):
    """saved_models.py of retrograph or a TensorFlow; what it prints."""
    python = sys.executable
    environment = dict(os.environ)
    if who != OURS:
        python = os.path.join(ORACLE, who, "bin", "python")
        environment.update(PYTHONPATH="", TF_CPP_MIN_LOG_LEVEL="3")
    done = subprocess.run(
        [python, "-W", "ignore", os.path.join(HERE, "saved_models.py")] +
        list(arguments), env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, universal_newlines=True)
    if done.returncode != 0:
        raise AssertionError("%s %s: %s" % (who, arguments, done.stderr[-3000:]))
    return done.stdout


def files(top):
    return {os.path.relpath(os.path.join(folder, name), top)
            for folder, _, names in os.walk(top) for name in names}


def content(*path):
    with open(os.path.join(*path), "rb") as f:
        return f.read()


@unittest.skipUnless(ORACLE, "RETROGRAPH_ORACLE names no folder with "
                     "TensorFlow (tf1/bin/python, tf2/bin/python)")
class SavedModelTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.top = tempfile.TemporaryDirectory()
        cls.folders = {}
        for who in WRITERS:
            cls.folders[who] = os.path.join(cls.top.name, who)
            os.mkdir(cls.folders[who])
            run(who, "write", cls.folders[who])
        # By (writer, reader).
        cls.read = {(writer, reader): json.loads(
            run(reader, "read", cls.folders[writer]).splitlines()[-1])
            for writer in WRITERS for reader in WRITERS
            if OURS in (writer, reader) or writer == reader}

    @classmethod
    def tearDownClass(cls):
        cls.top.cleanup()

    def test_every_reader_gets_the_same_from_every_writer(self):
        expected = self.read["tf1", "tf1"]
        self.assertEqual(len(expected), 12)
        for pair, found in self.read.items():
            for kind, values in found.items():
                with self.subTest(writer=pair[0], reader=pair[1], kind=kind):
                    graph_values = {how: value for how, value in values.items()
                                    if not how.endswith("eagerly")}
                    self.assertEqual(graph_values, expected[kind])

    def test_tensorflow_2_calls_our_signatures(self):
        for kind, values in self.read[OURS, "tf2"].items():
            eager = {how: value for how, value in values.items()
                     if how.endswith("eagerly")}
            self.assertTrue(eager)
            self.assertEqual(eager, {
                how: value for how, value in self.read["tf2", "tf2"][kind].items()
                if how.endswith("eagerly")})

    def test_files_are_those_of_tensorflow(self):
        ours, theirs = self.folders[OURS], self.folders["tf1"]
        self.assertEqual(files(ours), files(theirs))
        compared = 0
        for name in sorted(files(ours)):
            with self.subTest(name):
                if "saved_model.pb" not in name:
                    self.assertEqual(content(ours, name), content(theirs, name))
                    compared += 1
        self.assertGreaterEqual(compared, 20)

    def test_saved_models_mean_the_same(self):
        from google.protobuf import text_format
        from retrograph import protos

        def texts(who, folder):
            """Of each meta graph, without the random name of a folder."""
            name = os.path.join(self.folders[who], folder, "saved_model.pb")
            if os.path.exists(name):
                message = protos.SavedModel.FromString(content(name))
            else:
                message = text_format.Parse(content(name + "txt"),
                                            protos.SavedModel())
            self.assertEqual(message.saved_model_schema_version, 1)
            return [re.sub("_temp_[0-9a-f]{32}", "_temp_NAME",
                           meta_graph_text.text(meta_graph))
                    for meta_graph in message.meta_graphs]
        folders = [name for name in sorted(os.listdir(self.folders[OURS]))
                   if os.path.isdir(os.path.join(self.folders[OURS], name))]
        self.assertEqual(len(folders), 12)
        for folder in folders:
            with self.subTest(folder):
                self.assertEqual(texts(OURS, folder), texts("tf1", folder))


if __name__ == "__main__":
    unittest.main()
