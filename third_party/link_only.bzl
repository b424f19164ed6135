"""link_only: a library that is linked with, and not compiled against."""

def _link_only_impl(ctx):
    return [CcInfo(linking_context = ctx.attr.dep[CcInfo].linking_context)]

link_only = rule(
    doc = "A library for the linker alone: whoever depends on it compiles " +
          "without its headers, and again only if its own change.",
    implementation = _link_only_impl,
    attrs = {"dep": attr.label(providers = [CcInfo])},
)
