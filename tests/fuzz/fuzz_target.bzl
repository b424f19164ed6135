"""fuzz_target: a libFuzzer target and the replay of its corpus as a test."""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library", "cc_test")

def fuzz_target(name, srcs, deps, corpus = None):
    """Makes three targets.

    NAME_fuzz    the fuzzer; only with --config=fuzz
    NAME_replay  a test that runs the target on each file of its corpus
    NAME_target  the function itself

    Args:
      name: what is fuzzed.
      srcs: the file that defines LLVMFuzzerTestOneInput.
      deps: its dependencies.
      corpus: folder with inputs, by default corpus/NAME.
    """
    corpus = corpus or "corpus/" + name
    cc_library(
        name = name + "_target",
        testonly = True,
        srcs = srcs,
        alwayslink = True,
        deps = deps,
    )
    cc_binary(
        name = name + "_fuzz",
        testonly = True,
        linkopts = ["-fsanitize=fuzzer"],
        tags = ["manual"],
        deps = [":" + name + "_target"],
    )
    cc_test(
        name = name + "_replay",
        size = "medium",
        srcs = ["replay_main.cc"],
        args = ["tests/fuzz/" + corpus],
        data = native.glob([corpus + "/**"]),
        deps = [
            ":" + name + "_target",
            "//core",
            "@com_google_absl//absl/strings",
            "@com_google_googletest//:gtest",
        ],
    )
