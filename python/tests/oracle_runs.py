"""Runs a script on TensorFlow 1.15.5 and on retrograph, for tests that compare.

The script's last argument is the file that it writes its results to, as JSON.
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ORACLE = os.environ.get("RETROGRAPH_ORACLE", "")

needs_oracle = unittest.skipUnless(
    ORACLE, "RETROGRAPH_ORACLE names no folder with TensorFlow 1.15.5 "
    "(tf1/bin/python)")


def _run(python, script, subject, environment):
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out.json")
        subprocess.run(
            [python, "-W", "ignore", os.path.join(HERE, script), subject, out],
            check=True, env=dict(os.environ, TMPDIR=folder, **environment),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(out) as f:
            return json.load(f)


def on_both(script, subject):
    """(what came out on TensorFlow, what came out here)"""
    return (_run(os.path.join(ORACLE, "tf1", "bin", "python"), script, subject,
                 {"PYTHONPATH": "", "TF_CPP_MIN_LOG_LEVEL": "3"}),
            _run(sys.executable, script, subject, {}))
