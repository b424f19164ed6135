"""tf.test."""
from unittest import mock  # noqa: F401

from retrograph.framework.test_util import TensorFlowTestCase as TestCase  # noqa: F401
from retrograph.framework.test_util import (  # noqa: F401
    assert_equal_graph_def, gpu_device_name, is_gpu_available)
from retrograph.platform import googletest

Benchmark = googletest.Benchmark
StubOutForTesting = googletest.StubOutForTesting
main = googletest.main
test_src_dir_path = googletest.test_src_dir_path
get_temp_dir = googletest.GetTempDir


def is_built_with_cuda():
    return False


is_built_with_rocm = is_built_with_gpu_support = is_built_with_cuda
