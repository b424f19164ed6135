"""The C++ libraries that retrograph uses, as Debian 12 installs them.

docs/dependencies.md has the reason for each.
"""

load("//third_party:system_library.bzl", "system_library")

def system_libraries():
    """Declares a repository for each library."""
    system_library(
        name = "com_google_absl",
        debian = "libabsl-dev",
        header = "/usr/include/absl/status/statusor.h",
        labels = [
            "//absl/algorithm",
            "//absl/algorithm:container",
            "//absl/base",
            "//absl/base:config",
            "//absl/base:core_headers",
            "//absl/base:dynamic_annotations",
            "//absl/base:endian",
            "//absl/base:log_severity",
            "//absl/cleanup",
            "//absl/container:btree",
            "//absl/container:fixed_array",
            "//absl/container:flat_hash_map",
            "//absl/container:flat_hash_set",
            "//absl/container:inlined_vector",
            "//absl/container:node_hash_map",
            "//absl/container:node_hash_set",
            "//absl/debugging:failure_signal_handler",
            "//absl/debugging:leak_check",
            "//absl/debugging:stacktrace",
            "//absl/debugging:symbolize",
            "//absl/functional:any_invocable",
            "//absl/functional:bind_front",
            "//absl/functional:function_ref",
            "//absl/hash",
            "//absl/hash:hash_testing",
            "//absl/memory",
            "//absl/meta:type_traits",
            "//absl/numeric:bits",
            "//absl/numeric:int128",
            "//absl/random:bit_gen_ref",
            "//absl/random:distributions",
            "//absl/random",
            "//absl/random:seed_sequences",
            "//absl/status",
            "//absl/status:statusor",
            "//absl/strings:cord",
            "//absl/strings:str_format",
            "//absl/strings",
            "//absl/synchronization",
            "//absl/time",
            "//absl/types:any",
            "//absl/types:compare",
            "//absl/types:optional",
            "//absl/types:span",
            "//absl/types:variant",
            "//absl/utility",
        ],
        link = [
            "absl_bad_any_cast_impl",
            "absl_bad_optional_access",
            "absl_bad_variant_access",
            "absl_base",
            "absl_city",
            "absl_civil_time",
            "absl_cord",
            "absl_cord_internal",
            "absl_cordz_functions",
            "absl_cordz_handle",
            "absl_cordz_info",
            "absl_cordz_sample_token",
            "absl_debugging_internal",
            "absl_demangle_internal",
            "absl_examine_stack",
            "absl_exponential_biased",
            "absl_failure_signal_handler",
            "absl_graphcycles_internal",
            "absl_hash",
            "absl_hashtablez_sampler",
            "absl_int128",
            "absl_leak_check",
            "absl_log_severity",
            "absl_low_level_hash",
            "absl_malloc_internal",
            "absl_periodic_sampler",
            "absl_random_distributions",
            "absl_random_internal_platform",
            "absl_random_internal_pool_urbg",
            "absl_random_internal_randen",
            "absl_random_internal_randen_hwaes",
            "absl_random_internal_randen_hwaes_impl",
            "absl_random_internal_randen_slow",
            "absl_random_internal_seed_material",
            "absl_random_seed_gen_exception",
            "absl_random_seed_sequences",
            "absl_raw_hash_set",
            "absl_raw_logging_internal",
            "absl_spinlock_wait",
            "absl_stacktrace",
            "absl_status",
            "absl_statusor",
            "absl_str_format_internal",
            "absl_strerror",
            "absl_strings",
            "absl_strings_internal",
            "absl_symbolize",
            "absl_synchronization",
            "absl_throw_delegate",
            "absl_time",
            "absl_time_zone",
        ],
    )

    system_library(
        name = "com_google_protobuf",
        debian = "libprotobuf-dev",
        header = "/usr/include/google/protobuf/message.h",
        labels = ["//:protobuf"],
        link = [
            "protobuf",
            "pthread",
        ],
    )

    system_library(
        name = "com_googlesource_code_re2",
        debian = "libre2-dev",
        header = "/usr/include/re2/re2.h",
        labels = ["//:re2"],
        link = ["re2"],
    )

    system_library(
        name = "com_github_google_leveldb",
        debian = "libleveldb-dev",
        header = "/usr/include/leveldb/table_builder.h",
        labels = ["//:leveldb"],
        link = ["leveldb"],
    )

    system_library(
        name = "com_github_google_snappy",
        debian = "libsnappy-dev",
        header = "/usr/include/snappy.h",
        labels = ["//:snappy"],
        link = ["snappy"],
    )

    system_library(
        name = "libpng",
        debian = "libpng-dev",
        header = "/usr/include/png.h",
        labels = ["//:png"],
        link = ["png16"],
    )

    system_library(
        name = "libjpeg_turbo",
        debian = "libjpeg62-turbo-dev",
        header = "/usr/include/jpeglib.h",
        labels = ["//:jpeg"],
        link = ["jpeg"],
    )

    system_library(
        name = "giflib",
        debian = "libgif-dev",
        header = "/usr/include/gif_lib.h",
        labels = ["//:gif"],
        link = ["gif"],
    )

    system_library(
        name = "isal",
        debian = "libisal-dev",
        header = "/usr/include/isa-l/crc.h",
        labels = ["//:isal"],
        link = ["isal"],
    )

    system_library(
        name = "zlib",
        debian = "zlib1g-dev",
        header = "/usr/include/zlib.h",
        labels = ["//:zlib"],
        link = ["z"],
    )

    system_library(
        name = "eigen",
        debian = "libeigen3-dev",
        defines = ["EIGEN_MPL2_ONLY"],
        header = "/usr/include/eigen3/Eigen/Core",
        include_root = "/usr/include/eigen3",
        labels = ["//:eigen"],
    )

    system_library(
        name = "cli11",
        debian = "libcli11-dev",
        header = "/usr/include/CLI/CLI.hpp",
        labels = ["//:cli11"],
    )

    system_library(
        name = "nlohmann_json",
        debian = "nlohmann-json3-dev",
        header = "/usr/include/nlohmann/json.hpp",
        labels = ["//:json"],
    )

    system_library(
        name = "com_google_googletest",
        debian = "libgmock-dev",
        header = "/usr/include/gmock/gmock.h",
        labels = [
            "//:gtest",
            "//:gtest_main",
        ],
        link = [
            "gmock",
            "gtest",
            "pthread",
        ],
        link_also = {"//:gtest_main": ["gmock_main"]},
    )

    system_library(
        name = "com_github_google_benchmark",
        debian = "libbenchmark-dev",
        header = "/usr/include/benchmark/benchmark.h",
        labels = [
            "//:benchmark",
            "//:benchmark_main",
        ],
        link = [
            "benchmark",
            "pthread",
        ],
        link_also = {"//:benchmark_main": ["benchmark_main"]},
    )
