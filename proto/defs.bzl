"""proto_library for this folder: C++ from .proto files by Debian's protoc."""

def cc_proto_sources(name, protos, deps = [], **kwargs):
    """A cc_library of the messages of `protos`.

    Include them as "proto/NAME.pb.h".

    Args:
      name: of the library.
      protos: .proto files of this package, importing each other as
        "proto/NAME.proto".
      deps: other libraries of messages that these import.
      **kwargs: passed on to the cc_library.
    """
    stems = [proto[:-len(".proto")] for proto in protos]
    hdrs = [stem + ".pb.h" for stem in stems]
    srcs = [stem + ".pb.cc" for stem in stems]
    native.genrule(
        name = name + "_protoc",
        srcs = protos,
        outs = hdrs + srcs,
        cmd = "/usr/bin/protoc --proto_path=. --cpp_out=$(GENDIR) $(SRCS)",
    )
    native.cc_library(
        name = name,
        srcs = srcs,
        hdrs = hdrs,
        linkstatic = True,
        deps = deps + ["@com_google_protobuf//:protobuf"],
        **kwargs
    )
