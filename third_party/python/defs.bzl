"""Rules for Python: an extension module in C++, and a test."""

def python_extension(name, srcs, deps = [], **kwargs):
    """A module that Python imports, bound with nanobind: NAME.so.

    Args:
      name: of the module, as in NB_MODULE(name, m).
      srcs: the C++ sources of the binding.
      deps: the libraries that they use, apart from nanobind.
      **kwargs: as of cc_binary.
    """
    native.cc_binary(
        name = name + ".so",
        srcs = srcs,
        copts = ["-fvisibility=hidden"],
        linkshared = True,
        deps = deps + ["@nanobind"],
        **kwargs
    )

def python_test(name, src, data = [], imports = ["."], tags = [], **kwargs):
    """Runs the unittest cases of a Python file.

    Args:
      name: of the target.
      src: the file.
      data: what it imports and reads; a python_extension is "NAME.so" there.
      imports: folders, from the top of the repository, for sys.path.
      tags: as of every test.
      **kwargs: as of every test.
    """
    native.sh_test(
        name = name,
        srcs = ["@python//:python3"],
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

def _link_only_impl(ctx):
    return [CcInfo(linking_context = ctx.attr.dep[CcInfo].linking_context)]

link_only = rule(
    doc = "A library for the linker alone: whoever depends on it compiles " +
          "without its headers, and again only if its own change.",
    implementation = _link_only_impl,
    attrs = {"dep": attr.label(providers = [CcInfo])},
)
