"""The C++ rules built into Bazel 4.2.3, under the names of rules_cc.

Debian's rules_cc is too new for its Bazel, and the native rules are all that
retrograph needs.
"""

cc_binary = native.cc_binary
cc_import = native.cc_import
cc_library = native.cc_library
cc_proto_library = native.cc_proto_library
cc_test = native.cc_test
cc_toolchain = native.cc_toolchain
cc_toolchain_suite = native.cc_toolchain_suite
fdo_profile = native.fdo_profile
objc_library = native.objc_library

def cc_flags_supplier(**_kwargs):
    """Named by Bazel's own BUILD files, used by none that are built here."""

def compiler_flag(**_kwargs):
    """Named by Bazel's own BUILD files, used by none that are built here."""
