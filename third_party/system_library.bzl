"""system_library: a repository for a C++ library that Debian has installed.

The library is linked dynamically: Debian's static archives are not compiled
for shared objects, which the Python extension is, and as Python packages the
libraries are bundled by the usual tools.
"""

_LIBRARY = """\
cc_library(
    name = "{name}",
    hdrs = {hdrs},
    defines = {defines},
    includes = {includes},
    linkopts = {linkopts},
    visibility = ["//visibility:public"],
    deps = {deps},
)
"""

def cc_library_text(name, headers = "", defines = [], linkopts = [], deps = []):
    """Returns the text of a cc_library for a generated BUILD file.

    Args:
      name: of the target.
      headers: a folder of the repository on the include path, or "".
      defines: as of cc_library.
      linkopts: as of cc_library.
      deps: as of cc_library.
    """
    return _LIBRARY.format(
        name = name,
        hdrs = "glob([\"%s/**\"])" % headers if headers else "[]",
        defines = defines,
        includes = [headers] if headers else [],
        linkopts = linkopts,
        deps = deps,
    )

def _system_library_impl(ctx):
    if not ctx.path(ctx.attr.header).exists:
        fail("%s is missing: install Debian's %s (./run does it)" % (
            ctx.attr.header,
            ctx.attr.debian,
        ))
    if ctx.attr.include_root:
        ctx.symlink(ctx.attr.include_root, "include")

    # One target links everything, with the libraries that a program does not
    # use left out by the linker; every label of the library depends on it.
    linkopts = ["-Wl,--as-needed"] if ctx.attr.link else []
    linkopts += ["-l" + name for name in ctx.attr.link]
    root = cc_library_text(
        name = "system_library",
        headers = "include" if ctx.attr.include_root else "",
        defines = ctx.attr.defines,
        linkopts = linkopts,
    )
    packages = {"": [root]}
    for label in ctx.attr.labels:
        package, _, name = label.partition(":")
        package = package[len("//"):]
        packages.setdefault(package, []).append(
            cc_library_text(
                name = name or package.rpartition("/")[2],
                linkopts = ["-l" + lib for lib in ctx.attr.link_also.get(label, [])],
                deps = ["//:system_library"],
            ),
        )
    for package, texts in packages.items():
        folder = package + "/" if package else ""
        ctx.file(folder + "BUILD.bazel", "\n".join(texts))

system_library = repository_rule(
    implementation = _system_library_impl,
    local = True,
    attrs = {
        "debian": attr.string(
            mandatory = True,
            doc = "the Debian package, for the message when it is missing",
        ),
        "defines": attr.string_list(
            doc = "preprocessor definitions for those who use the library",
        ),
        "header": attr.string(
            mandatory = True,
            doc = "a header that is there when the package is",
        ),
        "include_root": attr.string(
            doc = "a folder for the include path, if the compiler lacks it",
        ),
        "labels": attr.string_list(
            mandatory = True,
            doc = "the targets, as the library names them upstream",
        ),
        "link": attr.string_list(doc = "libraries, for every label"),
        "link_also": attr.string_list_dict(
            doc = "further libraries for one of the labels",
        ),
    },
)
