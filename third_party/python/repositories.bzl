"""@python: the Pythons that the package is built for and tested on.

  @python//:python3            the interpreter to test with, an executable file
  @python//:pythons.bzl        PYTHONS and ABIS, see below
  @python//cp311:python3       the interpreter of one Python
  @python//cp311:nanobind      the library for bindings, compiled for it

The first is RETROGRAPH_PYTHON, or else python3 of the environment that ./run
makes; RETROGRAPH_OTHER_PYTHONS names more, which ./test finds. Each has the
packages of third_party/python_packages.txt; RETROGRAPH_NANOBIND may name a folder
with the package nanobind, for a Python that cannot import it.

PYTHONS has a struct for each, the first one first:
  name   cp310, cp311, ...
ABIS has one for each kind of extension that they need; from 3.12 on they share
one, the stable ABI:
  name      cp310, cp311, or abi3
  suffix    of the extension's file name: Python takes the one that is its own
  nanobind  the label of the library to link with
"""

load("//third_party:system_library.bzl", "cc_library_text")

_VENV_PYTHON = ".cache/retrograph/venv/bin/python3"
_FIRST_WITH_STABLE_ABI = 312  # nanobind's stable ABI begins with 3.12
_STABLE_ABI = "Py_LIMITED_API=0x030C0000"

# What is asked of an interpreter; a line each.
_QUESTIONS = """\
import importlib.util, os, sys, sysconfig
print('%d%d' % sys.version_info[:2])
print(sysconfig.get_paths()['include'])
print(sysconfig.get_config_var('EXT_SUFFIX'))
print(os.environ.get('RETROGRAPH_NANOBIND') or
      os.path.dirname(importlib.util.find_spec('nanobind').origin))
"""

_NANOBIND = """\
cc_library(
    name = "nanobind",
    srcs = ["src/nb_combined.cpp"] + glob(["src/*.h"]),
    hdrs = glob(["include/**/*.h"]) + glob(["robin_map/**/*.h"]),
    # nb_combined.cpp includes the other sources.
    textual_hdrs = glob(["src/*.cpp"], exclude = ["src/nb_combined.cpp"]),
    copts = ["-w", "-fvisibility=hidden", "-fno-strict-aliasing"],
    defines = {defines},
    includes = ["include", "robin_map"],
    linkstatic = True,
    visibility = ["//visibility:public"],
    deps = [":headers"],
)
"""

def _interpreters(ctx):
    named = ctx.os.environ.get("RETROGRAPH_PYTHON")
    first = named or ctx.os.environ["HOME"] + "/" + _VENV_PYTHON
    if not ctx.path(first).exists:
        fail("there is no %s; ./run and ./test make it" % first)
    others = ctx.os.environ.get("RETROGRAPH_OTHER_PYTHONS", "")
    return [first] + [path for path in others.split(" ") if path]

def _ask(ctx, interpreter):
    """Returns a struct of what an interpreter says of itself."""
    result = ctx.execute([interpreter, "-c", _QUESTIONS])
    if result.return_code != 0:
        fail("%s cannot build the package:\n%s" % (interpreter, result.stderr))
    version, include, suffix, nanobind = result.stdout.strip().split("\n")
    name = "cp" + version
    stable = int(version) >= _FIRST_WITH_STABLE_ABI
    return struct(
        interpreter = interpreter,
        include = include,
        nanobind = nanobind,
        name = name,
        number = int(version),
        abi = "abi3" if stable else name,
        suffix = ".abi3.so" if stable else suffix,
    )

def _write_python(ctx, python):
    """Writes the folder of one Python."""
    ctx.symlink(python.include, python.name + "/python")
    ctx.symlink(python.nanobind + "/src", python.name + "/src")
    ctx.symlink(python.nanobind + "/include", python.name + "/include")
    ctx.symlink(
        python.nanobind + "/ext/robin_map/include",
        python.name + "/robin_map",
    )
    _write_interpreter(ctx, python, python.name + "/python3")
    ctx.file(python.name + "/BUILD.bazel", "\n".join([
        'exports_files(["python3"])',
        cc_library_text(name = "headers", headers = "python"),
        _NANOBIND.format(
            defines = [_STABLE_ABI] if python.abi == "abi3" else [],
        ),
    ]))

def _write_interpreter(ctx, python, path):
    # Not a link: an interpreter finds its environment by its own path.
    ctx.file(path, "#!/bin/sh\nexec '%s' \"$@\"\n" % python.interpreter)

def _python_repository_impl(ctx):
    pythons = [_ask(ctx, path) for path in _interpreters(ctx)]
    builders = {}  # which Python builds an ABI: the oldest of those that share it
    for python in pythons:
        _write_python(ctx, python)
        other = builders.get(python.abi)
        if not other or python.number < other.number:
            builders[python.abi] = python
    _write_interpreter(ctx, pythons[0], "python3")
    ctx.file("BUILD.bazel", 'exports_files(["python3"])\n')
    ctx.file("pythons.bzl", "PYTHONS = [\n%s]\nABIS = [\n%s]\n" % (
        "".join(["    struct(name = %r),\n" % python.name for python in pythons]),
        "".join([
            "    struct(name = %r, suffix = %r, nanobind = %r),\n" % (
                abi,
                python.suffix,
                "@python//%s:nanobind" % python.name,
            )
            for abi, python in builders.items()
        ]),
    ))

_python_repository = repository_rule(
    implementation = _python_repository_impl,
    configure = True,
    environ = [
        "HOME",
        "RETROGRAPH_NANOBIND",
        "RETROGRAPH_OTHER_PYTHONS",
        "RETROGRAPH_PYTHON",
    ],
    local = True,
)

def python_repositories():
    """Declares @python."""
    _python_repository(name = "python")
