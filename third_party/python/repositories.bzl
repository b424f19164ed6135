"""@python and @nanobind, from the virtual environment that ./run makes.

  @python//:headers     Python.h
  @python//:python3     the interpreter, with numpy, as an executable file
  @nanobind//:nanobind  the library for bindings, compiled here

RETROGRAPH_PYTHON may name another interpreter that has the packages of
third_party/python_packages.txt.
"""

load("//third_party:system_library.bzl", "cc_library_text")

_VENV_PYTHON = ".cache/retrograph/venv/bin/python3"

def _interpreter(ctx):
    named = ctx.os.environ.get("RETROGRAPH_PYTHON")
    python = ctx.path(named or ctx.os.environ["HOME"] + "/" + _VENV_PYTHON)
    if not python.exists:
        fail("there is no %s; ./run and ./test make it" % python)
    return python

def _ask(ctx, expression):
    """Returns what an expression is in Python."""
    code = "import os, sysconfig; print(%s)" % expression
    result = ctx.execute([_interpreter(ctx), "-c", code])
    if result.return_code != 0:
        fail("%s failed:\n%s" % (code, result.stderr))
    return result.stdout.strip()

def _python_repository_impl(ctx):
    ctx.symlink(_ask(ctx, "sysconfig.get_paths()['include']"), "include")

    # Not a link: an interpreter finds its environment by its own path.
    ctx.file("python3", "#!/bin/sh\nexec '%s' \"$@\"\n" % _interpreter(ctx))
    ctx.file("BUILD.bazel", "\n".join([
        'exports_files(["python3"])',
        cc_library_text(name = "headers", headers = "include"),
    ]))

_NANOBIND = """\
cc_library(
    name = "nanobind",
    srcs = ["src/nb_combined.cpp"] + glob(["src/*.h"]),
    hdrs = glob(["include/**/*.h"]) + glob(["robin_map/**/*.h"]),
    # nb_combined.cpp includes the other sources.
    textual_hdrs = glob(["src/*.cpp"], exclude = ["src/nb_combined.cpp"]),
    copts = ["-w", "-fvisibility=hidden", "-fno-strict-aliasing"],
    includes = ["include", "robin_map"],
    linkstatic = True,
    visibility = ["//visibility:public"],
    deps = ["@python//:headers"],
)
"""

def _nanobind_repository_impl(ctx):
    root = _ask(ctx, "os.path.dirname(__import__('nanobind').__file__)")
    ctx.symlink(root + "/src", "src")
    ctx.symlink(root + "/include", "include")
    ctx.symlink(root + "/ext/robin_map/include", "robin_map")
    ctx.file("BUILD.bazel", _NANOBIND)

_python_repository = repository_rule(
    implementation = _python_repository_impl,
    configure = True,
    environ = ["HOME", "RETROGRAPH_PYTHON"],
    local = True,
)

_nanobind_repository = repository_rule(
    implementation = _nanobind_repository_impl,
    configure = True,
    environ = ["HOME", "RETROGRAPH_PYTHON"],
    local = True,
)

def python_repositories():
    """Declares @python and @nanobind."""
    _python_repository(name = "python")
    _nanobind_repository(name = "nanobind")
