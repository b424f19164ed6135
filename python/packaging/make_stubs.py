"""Writes stubs for type checkers into a built package: make_stubs.py SITE

SITE is the folder that holds retrograph/, writable. What is written comes from
the package itself: the extension's stub is nanobind's, the messages' are
protoc's, and those of the API, which is put together when it is imported, say
where each name is defined, or, for a function that is one op, its arguments by
the op's definition. The Python that runs this must be one that SITE is for,
with nanobind and what the package depends on.
"""
import glob
import inspect
import os
import re
import subprocess
import sys
import tempfile
import types

_TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
_HEADER = "# Made by python/packaging/make_stubs.py.\n"
_ATTR_TYPES = {"int": "int", "float": "float", "bool": "builtins.bool",
               "string": "str | bytes", "list(int)": "Sequence[int]",
               "list(float)": "Sequence[float]",
               "list(bool)": "Sequence[builtins.bool]",
               "list(string)": "Sequence[str | bytes]"}


def _write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def _stub_extension(package):
    """nanobind's stub of the extension."""
    path = os.path.join(package, "_core.pyi")
    subprocess.run(
        [sys.executable, "-m", "nanobind.stubgen", "--quiet", "-m", "_core",
         "-i", package, "-o", path], check=True)


def _stub_messages(package):
    """protoc's stubs of the messages, with our package's name."""
    protos = sorted(glob.glob(os.path.join(_TOP, "proto", "*.proto")))
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["protoc", "--proto_path=" + _TOP,
                        "--pyi_out=" + folder] + protos, check=True)
        for path in glob.glob(os.path.join(folder, "proto", "*.pyi")):
            with open(path, encoding="utf-8") as f:
                text = re.sub("(?m)^from proto import",
                              "from retrograph.proto import", f.read())
            # A message without fields; mypy wants to know of what.
            text = text.replace("__slots__ = []", "__slots__: list[str] = []")
            _write(os.path.join(package, "proto", os.path.basename(path)),
                   text)


class _Homes:
    """In which module of the package an object is defined."""

    def __init__(self, public):
        self._homes = {}
        for name, module in sorted(sys.modules.items()):
            if not name.startswith("retrograph.") or name.startswith(public):
                continue
            if not isinstance(getattr(module, "__file__", None), str):
                continue
            for key, value in vars(module).items():
                if inspect.isclass(value) or inspect.isfunction(value):
                    self._remember(name, key, value)

    def _remember(self, module, name, value):
        # Of several names the one that it was defined by, in its own module.
        own = (value.__name__ == name, value.__module__ == module)
        if id(value) not in self._homes or self._homes[id(value)][0] < own:
            self._homes[id(value)] = (own, module, name)

    def find(self, value):
        """(module, name), or None."""
        home = self._homes.get(id(value))
        return home and home[1:]


def _plain(name, value):
    """The line for a name whose definition cannot be imported."""
    if isinstance(value, types.ModuleType):
        parent, _, child = value.__name__.rpartition(".")
        return "from %s import %s as %s" % (parent, child, name)
    if callable(value) and not inspect.isclass(value):
        return "def %s(*args: Any, **kwargs: Any) -> Any: ..." % name
    for kind in (bool, int, float, str, bytes):
        if type(value) is kind:
            return "%s: builtins.%s" % (name, kind.__name__)
    if type(value).__name__ == "DType":
        return "%s: DType" % name
    return "%s: Any" % name


def _op_function(name, op_type):
    """The line for a function that is one op."""
    from retrograph import _core
    from retrograph import protos
    from retrograph.framework import op_library
    definition = protos.OpDef.FromString(_core.op_def(op_type))
    kinds = {a.name: _ATTR_TYPES.get(a.type, "Any") for a in definition.attr}
    lists = {a.name for a in definition.input_arg
             if a.number_attr or a.type_list_attr}
    parameters = []
    signature = inspect.signature(op_library.function(op_type, name))
    for parameter in signature.parameters.values():
        key = parameter.name.rstrip("_")
        kind = "str" if key == "name" and key not in kinds else \
            kinds.get(key, "Sequence[Any]" if key in lists else "Any")
        if parameter.default is parameter.empty:
            parameters.append("%s: %s" % (parameter.name, kind))
        else:
            parameters.append("%s: %s | None = ..." % (parameter.name, kind)
                              if kind != "Any" else
                              "%s: Any = ..." % parameter.name)
    outputs = definition.output_arg
    result = "Operation" if not outputs else \
        "Tensor" if len(outputs) == 1 and not outputs[0].number_attr \
        and not outputs[0].type_list_attr else "Any"
    return "def %s(%s) -> %s: ..." % (name, ", ".join(parameters), result)


def _public(module):
    """The names of an API module that are for users."""
    return [name for name in dir(module) if not name.startswith("_") and
            not (isinstance(getattr(module, name), types.ModuleType) and
                 not getattr(module, name).__name__.startswith("retrograph."))]


def _lines(module, homes):
    """The lines of an API module's stub."""
    from retrograph import api
    from retrograph import protos
    for name in _public(module):
        value = getattr(module, name)
        if name in module._op_types and \
                value.__module__ == "retrograph.framework.op_library":
            yield _op_function(name, module._op_types[name])
        elif isinstance(value, api.ApiModule):
            if value.__name__ == "%s.%s" % (module.__name__, name):
                yield "from . import %s as %s" % (name, name)
            else:
                yield "import %s as %s" % (value.__name__, name)
        elif name in protos._HOME and value is getattr(protos, name):
            yield "from retrograph.proto.%s_pb2 import %s as %s" % (
                protos._HOME[name], name, name)
        elif homes.find(value):
            yield "from %s import %s as %s" % (homes.find(value) + (name,))
        else:
            yield _plain(name, value)


def _stub_api(package, module, homes, done):
    """A stub for an API module and those below it."""
    from retrograph import api
    done.add(module.__name__)
    children = [value for name, value in sorted(vars(module).items())
                if isinstance(value, api.ApiModule) and
                value.__name__ == "%s.%s" % (module.__name__, name)]
    path = os.path.join(package, *module.__name__.split(".")[1:])
    is_package = children or os.path.isdir(path)
    lines = sorted(_lines(module, homes),
                   key=lambda line: not line.startswith(("from", "import")))
    _write(path + ("/__init__.pyi" if is_package else ".pyi"),
           _HEADER + "import builtins\nfrom collections.abc import Sequence\n"
           "from typing import Any\n\n"
           "from retrograph.framework.dtypes import DType\n"
           "from retrograph.framework.operation import Operation\n"
           "from retrograph.framework.tensor import Tensor\n\n" +
           "\n".join(lines) + "\n\n__all__ = [\n" +
           "".join('    "%s",\n' % name for name in _public(module)) + "]\n")
    for child in children:
        if child.__name__ not in done:
            _stub_api(package, child, homes, done)


def _stub_shim(package, module):
    """`import tensorflow`, for a checker that has the shim on its path."""
    from retrograph import api
    lines = ["from %s import *" % module.__name__]
    lines += ["from %s import %s as %s" % (module.__name__, name, name)
              for name, value in sorted(vars(module).items())
              if isinstance(value, api.ApiModule)]
    _write(os.path.join(package, "shim", "site", "tensorflow", "__init__.pyi"),
           _HEADER + "\n".join(lines) + "\n")


def main(site):
    package = os.path.join(site, "retrograph")
    sys.path.insert(0, site)
    sys.dont_write_bytecode = True
    import retrograph.compat.v1 as tf
    for name in dir(tf):
        getattr(tf, name)  # what is imported when it is first used
    _stub_extension(package)
    _stub_messages(package)
    _stub_api(package, tf, _Homes(tf.__name__), set())
    _stub_shim(package, tf)
    _write(os.path.join(package, "py.typed"), "")


if __name__ == "__main__":
    main(os.path.abspath(sys.argv[1]))
