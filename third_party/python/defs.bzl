"""Rules for Python: an extension module in C++, and a test."""

load("//third_party:link_only.bzl", "link_only")
load("@python//:pythons.bzl", "ABIS", "PYTHONS")

def python_binding(name, srcs, deps = []):
    """A part of an extension that sees other headers than the rest.

    Whoever names it in `bindings` compiles without its headers, and again only
    if its own change.

    Args:
      name: of the part.
      srcs: its C++ sources.
      deps: the libraries that they use, apart from nanobind.
    """
    for abi in ABIS:
        native.cc_library(
            name = "%s_%s_objects" % (name, abi.name),
            srcs = srcs,
            copts = ["-fvisibility=hidden"],
            deps = deps + [abi.nanobind],
        )
        link_only(
            name = "%s_%s" % (name, abi.name),
            dep = "%s_%s_objects" % (name, abi.name),
        )

def extension_files(name):
    """The files of a python_extension: one for each kind of Python."""
    return [name + abi.suffix for abi in ABIS]

def python_extension(name, srcs, deps = [], bindings = [], **kwargs):
    """A module that Python imports, bound with nanobind: extension_files(name).

    Args:
      name: of the module, as in NB_MODULE(name, m).
      srcs: the C++ sources of the binding.
      deps: the libraries that they use, apart from nanobind.
      bindings: names of python_binding.
      **kwargs: as of cc_binary.
    """
    for abi in ABIS:
        native.cc_binary(
            name = name + abi.suffix,
            srcs = srcs,
            copts = ["-fvisibility=hidden"],
            linkshared = True,
            deps = deps + [abi.nanobind] +
                   ["%s_%s" % (binding, abi.name) for binding in bindings],
            **kwargs
        )

def python_test(
        name,
        src,
        data = [],
        imports = ["."],
        tags = [],
        every_python = False,
        **kwargs):
    """Runs the unittest cases of a Python file.

    Args:
      name: of the target; NAME_cp312 is the same test on Python 3.12.
      src: the file.
      data: what it imports and reads.
      imports: folders, from the top of the repository, for sys.path.
      tags: as of every test.
      every_python: whether to run it on every Python and not the first alone.
      **kwargs: as of every test.
    """
    interpreters = {name: "@python//:python3"}
    if every_python:
        for python in PYTHONS[1:]:
            interpreters["%s_%s" % (name, python.name)] = \
                "@python//%s:python3" % python.name
    for test, interpreter in interpreters.items():
        native.sh_test(
            name = test,
            srcs = [interpreter],
            args = [
                "$(rootpath //third_party/python:unittest_main.py)",
                "$(rootpath %s)" % src,
            ],
            data = data + [
                src,
                "//third_party/python:unittest_main.py",
            ],
            env = {
                "PYTHONDONTWRITEBYTECODE": "1",
                "PYTHONPATH": ":".join(imports),
            },
            tags = tags + ["python"],
            **kwargs
        )
