"""Each situation of errors/errors.json: the same exception, code and text."""
import json
import linecache
import os
import shutil
import unittest

import golden
import numpy as np
import tensorflow.compat.v1 as tf

PATH = os.path.join(golden.FOLDER, "errors", "errors.json")


def load():
    if not os.path.exists(PATH):
        return {}
    with open(PATH, encoding="utf-8") as f:
        return {case["id"]: case for case in json.load(f)["errors"]}


CASES = load()


class Helpers:
    """The functions that the snippets use; errors.json describes them."""

    def __init__(self, case):
        self.files = os.path.join(golden.FOLDER, "errors",
                                  case.get("files_at", ""))
        self.recorded = "files_at" in case

    def run(self, build):
        with tf.Graph().as_default(), tf.Session() as session:
            return session.run(build())

    def save_ab(self, prefix, v1=False):
        a, b = np.float32([1, 2]), np.int32(3)
        if v1:
            self.run(lambda: tf.raw_ops.Save(
                filename=prefix, tensor_names=["a", "b"], data=[a, b]))
        else:
            self.run(lambda: tf.raw_ops.SaveV2(
                prefix=prefix, tensor_names=["a", "b"],
                shape_and_slices=["", ""], tensors=[a, b]))

    def save_strings(self, prefix):
        self.run(lambda: tf.raw_ops.SaveV2(
            prefix=prefix, tensor_names=["s"], shape_and_slices=[""],
            tensors=[np.array(["hello", "", "wor"])]))

    def save_sharded(self, prefix):
        parts = [prefix + "_temp/part-%05d-of-00002" % i for i in range(2)]
        for part, key, value in zip(parts, "ab", ([1, 2], [3])):
            self.run(lambda: tf.raw_ops.SaveV2(
                prefix=part, tensor_names=[key], shape_and_slices=[""],
                tensors=[np.float32(value)]))
        self.run(lambda: tf.raw_ops.MergeV2Checkpoints(
            checkpoint_prefixes=parts, destination_prefix=prefix,
            delete_old_dirs=True))

    def read_ab(self, prefix, key="a", dtype=tf.float32):
        return self.run(lambda: tf.raw_ops.RestoreV2(
            prefix=os.path.join(os.getcwd(), prefix), tensor_names=[key],
            shape_and_slices=[""], dtypes=[dtype], name="rv"))

    def restore_ab(self, prefix):
        with tf.Graph().as_default(), tf.Session() as session:
            tf.Variable([0., 0.], name="a")
            tf.train.Saver().restore(session, os.path.join(os.getcwd(), prefix))

    def damaged(self, *unused_args, **unused_kwargs):
        """The damage itself is recorded with the case."""
        for name in os.listdir(self.files):
            shutil.copy(os.path.join(self.files, name), name)

    def truncate(self, path, n):
        if self.recorded:
            return self.damaged()
        size = os.path.getsize(path)
        keep = int(size * n) if 0 < n < 1 else n if n >= 0 else size + n
        os.truncate(path, keep)

    def names(self):
        return dict(
            tf=tf, np=np, os=os, save_ab=self.save_ab,
            save_strings=self.save_strings, save_sharded=self.save_sharded,
            read_ab=self.read_ab, restore_ab=self.restore_ab,
            truncate=self.truncate, flip=self.damaged, craft=self.damaged,
            mask=lambda data: 0)


def run_case(case):
    """What came of the snippet, as a dict like the recorded one."""
    names = Helpers(case).names()
    text = golden.source(case) + "\n"
    code = compile(text, "snippet.py", "exec")
    # So that stack traces have the lines of the snippet.
    linecache.cache["snippet.py"] = (len(text), None,
                                     text.splitlines(keepends=True),
                                     "snippet.py")
    folder = os.getcwd()
    try:
        exec(code, names)
    except Exception as e:
        # str() of a KeyError is the repr of its text.
        text = e.args[0] if isinstance(e, KeyError) else str(e)
        outcome = {"outcome": "exception", "exception": type(e).__name__,
                   "message": golden.normalise(text, folder)}
        if isinstance(e, tf.errors.OpError):
            outcome["message"] = golden.normalise(e.message, folder)
            outcome["code"] = next(
                (name for name, value in vars(tf.errors).items()
                 if name.isupper() and value == e.error_code), None)
            outcome["op"] = e.op.name if e.op is not None else None
        return outcome
    result = names.get("result")
    return {"outcome": "no error",
            "result": None if result is None else repr(result)}


class ErrorsTest(unittest.TestCase):
    maxDiff = None


def check(test, name):
    case = CASES[name]
    if case["outcome"] == "process crash":
        if golden.is_tensorflow():
            test.skipTest("TensorFlow crashes")
        got = golden.in_child(lambda: run_case(case))
        test.assertEqual("exception", got["outcome"],
                         "TensorFlow crashes here; an error is wanted")
        return
    got = golden.in_child(lambda: run_case(case))
    expected = {key: case.get(key) for key in got}
    if "message" in got:
        expected["message"] = golden.normalise(case.get("message") or "", "$DIR")
    test.assertEqual(expected, got)


golden.define_tests(ErrorsTest, "errors", CASES, check)

if __name__ == "__main__":
    unittest.main()
