"""Builds the package with Bazel, and wheels of it with setuptools (PEP 517).

The Python that runs this, the one that pip builds for, is the one whose headers
and nanobind the extension is compiled with; Bazel is told so by
RETROGRAPH_PYTHON and RETROGRAPH_NANOBIND (pip may keep nanobind in a folder of
its own, which only this process sees). RETROGRAPH_OUTPUT_BASE, if set, is the folder that Bazel works in.
"""
import importlib.util
import os
import shutil
import subprocess
import sys

from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F401,F403, the hooks left alone

_HERE = os.path.dirname(os.path.abspath(__file__))
_TOP = os.path.dirname(os.path.dirname(_HERE))
_STAGED = os.path.join(_TOP, "build", "site")


def _environment():
    nanobind = importlib.util.find_spec("nanobind")
    return dict(os.environ, RETROGRAPH_PYTHON=sys.executable,
                RETROGRAPH_NANOBIND=os.path.dirname(nanobind.origin),
                RETROGRAPH_OTHER_PYTHONS="")


def _bazel(*arguments):
    startup = []
    if os.environ.get("RETROGRAPH_OUTPUT_BASE"):
        startup.append("--output_base=" + os.environ["RETROGRAPH_OUTPUT_BASE"])
    return subprocess.run(
        ["bazel"] + startup + list(arguments), cwd=_TOP, check=True,
        stdout=subprocess.PIPE, universal_newlines=True,
        env=_environment()).stdout


def _stage():
    """Copies what Bazel built to build/site, where setuptools looks."""
    if shutil.which("bazel") is None:
        raise SystemExit("retrograph is built with Bazel: ./run installs what "
                         "that needs")
    built = os.path.join(_bazel("info", "bazel-bin").strip(), "python", "site")
    # Bazel leaves there what earlier builds made, for other Pythons, say.
    shutil.rmtree(built, ignore_errors=True)
    _bazel("build", "--noshow_progress", "//python:site")
    shutil.rmtree(os.path.join(_TOP, "build"), ignore_errors=True)
    shutil.copytree(built, _STAGED)
    for folder, _, names in os.walk(_STAGED):
        for name in names:  # Bazel's outputs are read-only
            os.chmod(os.path.join(folder, name), 0o644)
    subprocess.run([sys.executable, os.path.join(_HERE, "make_stubs.py"),
                    _STAGED], check=True)


def get_requires_for_build_wheel(config_settings=None):
    return []


def prepare_metadata_for_build_wheel(metadata_directory,
                                     config_settings=None):
    if not os.path.isdir(_STAGED):
        _stage()
    return build_meta.prepare_metadata_for_build_wheel(metadata_directory,
                                                       config_settings)


def build_wheel(wheel_directory, config_settings=None,
                metadata_directory=None):
    _stage()
    return build_meta.build_wheel(wheel_directory, config_settings,
                                  metadata_directory)


def build_editable(wheel_directory, config_settings=None,
                   metadata_directory=None):
    _stage()
    return build_meta.build_editable(wheel_directory, config_settings,
                                     metadata_directory)
