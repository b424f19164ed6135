"""What test cases written for TensorFlow derive from and call."""
import contextlib
import os
import random
import re
import tempfile
import threading

import numpy as np

from retrograph import protos
from retrograph.client import session as session_lib
from retrograph.framework import array_assertions
from retrograph.framework import errors
from retrograph.framework import ops
from retrograph.framework.test_modes import *  # noqa: F401,F403
from retrograph.framework.test_modes import (  # noqa: F401
    deprecated_graph_mode_only, run_deprecated_v1)
from retrograph.ops import random_ops
from retrograph.platform import googletest

# The seed that every test of TensorFlow's starts with.
_SEED = 87654321


# ---- What there is on this machine ------------------------------------------

def gpu_device_name():
    return ""


def is_gpu_available(cuda_only=False, min_cuda_compute_capability=None):
    return False


def IsGoogleCudaEnabled():  # noqa: N802, TensorFlow's names
    return False


IsBuiltWithROCm = IsMklEnabled = IsGoogleCudaEnabled
is_xla_enabled = GpuSupportsHalfMatMulAndConv = IsGoogleCudaEnabled


@contextlib.contextmanager
def device(use_gpu):
    """Pins to the CPU unless a GPU may be used; there is none."""
    if use_gpu:
        yield
    else:
        with ops.device("/device:CPU:0"):
            yield


def use_gpu():
    return device(True)


def force_cpu():
    return device(False)


# ---- Graphs -----------------------------------------------------------------

def assert_ops_in_graph(expected_ops, graph):
    """The nodes of {name: type}; ValueError if one is missing or differs."""
    found = {}
    for node in graph.as_graph_def().node:
        if node.name not in expected_ops:
            continue
        if expected_ops[node.name] != node.op:
            raise ValueError("Expected op for node %s is different. %s vs %s"
                             % (node.name, expected_ops[node.name], node.op))
        found[node.name] = node
    if set(expected_ops) != set(found):
        raise ValueError("Not all expected ops are present. Expected %s, found "
                         "%s" % (expected_ops.keys(), found.keys()))
    return found


def _strip_random_attrs(graph_def, checkpoint_v2, hash_table_shared_name):
    for node in graph_def.node:
        for key in list(node.attr):
            strings = node.attr[key].tensor.string_val
            if checkpoint_v2 and len(strings) == 1 and \
                    re.search(b"_temp_[0-9a-z]{32}/part", strings[0]):
                del node.attr[key]
        if hash_table_shared_name and node.op == "HashTableV2":
            node.attr.pop("shared_name", None)


def _node_difference(name, actual, expected):
    if actual.op != expected.op:
        return "Node named '%s' has op '%s' that is not expected '%s'" % (
            name, actual.op, expected.op)
    if actual.device != expected.device:
        return "Node named '%s' has device '%s' that is not expected '%s'" % (
            name, actual.device, expected.device)
    ours, theirs = list(actual.input), list(expected.input)
    split = [sorted(i for i in inputs if i.startswith("^"))
             for inputs in (ours, theirs)]
    data = [[i for i in inputs if not i.startswith("^")]
            for inputs in (ours, theirs)]
    if data[0] != data[1]:
        return "Node named '%s' has inputs %s that don't match expected %s" % (
            name, data[0], data[1])
    if split[0] != split[1]:
        return ("Node named '%s' has control inputs %s that don't match "
                "expected %s" % (name, split[0], split[1]))
    for key in sorted(set(actual.attr) | set(expected.attr)):
        if key not in actual.attr:
            return "Node named '%s' missing expected attr '%s' value: %s" % (
                name, key, expected.attr[key])
        if key not in expected.attr:
            return "Node named '%s' has unexpected attr '%s' with value: %s" \
                % (name, key, actual.attr[key])
        if actual.attr[key] != expected.attr[key]:
            return ("Node named '%s' has attr '%s' with value: %s that does "
                    "not match expected: %s" % (name, key, actual.attr[key],
                                                expected.attr[key]))
    return ""


def assert_equal_graph_def(actual, expected, checkpoint_v2=False,
                           hash_table_shared_name=False):
    """The same nodes, in any order. Versions and orders of control inputs do
    not count. AssertionError names the first difference."""
    for name, graph_def in (("actual", actual), ("expected", expected)):
        if not isinstance(graph_def, protos.GraphDef):
            raise TypeError("Expected tf.GraphDef for %s, got %s"
                            % (name, type(graph_def).__name__))
        _strip_random_attrs(graph_def, checkpoint_v2, hash_table_shared_name)
    ours = {node.name: node for node in actual.node}
    for node in expected.node:
        if node.name not in ours:
            raise AssertionError("Did not find expected node '%s'" % node.name)
        difference = _node_difference(node.name, ours.pop(node.name), node)
        if difference:
            raise AssertionError(difference)
    if ours:
        raise AssertionError("Found unexpected node '%s' not in expected graph"
                             % next(iter(ours)))


def assert_meta_graph_protos_equal(tester, a, b):
    """Empties both as it compares them."""
    from retrograph.framework import meta_graph
    tester.assertEqual(set(a.collection_def), set(b.collection_def))
    for key in a.collection_def:
        ours, theirs = a.collection_def[key], b.collection_def[key]
        proto_type = getattr(meta_graph, "collection_proto_type",
                             lambda key: None)(key)
        if proto_type is None:
            tester.assertEqual(ours, theirs)
            continue
        tester.assertEqual(len(ours.bytes_list.value),
                           len(theirs.bytes_list.value))
        for x, y in zip(ours.bytes_list.value, theirs.bytes_list.value):
            tester.assertProtoEquals(proto_type.FromString(x),
                                     proto_type.FromString(y))
    assert_equal_graph_def(a.graph_def, b.graph_def, checkpoint_v2=True)
    tester.assertProtoEquals(a.graph_def.versions, b.graph_def.versions)
    for meta in (a, b):
        meta.ClearField("collection_def")
        meta.ClearField("graph_def")
    tester.assertProtoEquals(a, b)


def get_node_def_from_graph(node_name, graph_def):
    """The node of that name, or None."""
    return next((n for n in graph_def.node if n.name == node_name), None)


# ---- Test cases -------------------------------------------------------------

class CapturedWrites:
    """What was written to a stream while it was captured."""

    def __init__(self, path):
        self._path = path

    def contents(self):
        with open(self._path) as f:
            return f.read()


class _CheckedThread:
    """A thread whose failure is the test's; it must be joined."""

    def __init__(self, testcase, target, args, kwargs):
        self._testcase = testcase
        self._call = lambda: target(*args, **kwargs)
        self._thread = threading.Thread(target=self._run)
        self._exception = None
        self._joined = False

    def _run(self):
        try:
            self._call()
        except Exception as e:  # noqa: BLE001, whatever the test does
            self._exception = e

    def start(self):
        self._thread.start()

    def join(self):
        self._joined = True
        self._thread.join()
        if self._exception is not None:
            self._testcase.fail("Error in checkedThread: %s"
                                % str(self._exception))

    def is_alive(self):
        return self._thread.is_alive()

    def check_termination(self):
        if not self._joined:
            self._testcase.fail("A checked thread was not joined.")
        if self.is_alive():
            raise RuntimeError("Thread was not joined with main thread, and is "
                               "still running when the test finished.")


class TensorFlowTestCase(array_assertions.ArrayAssertions,
                         googletest.TestCase):
    """tf.test.TestCase: each test has a new default graph with a seed."""

    def __init__(self, methodName="runTest"):  # noqa: N803, unittest's name
        super().__init__(methodName)
        self._threads = []
        self._tempdir = None
        self._cached_session = None

    def setUp(self):  # noqa: N802, unittest's name
        self._close_cached_session()
        random.seed(_SEED)
        np.random.seed(_SEED)
        ops._default_graph_stack.reset()
        ops.reset_default_graph()
        random_ops.set_random_seed(_SEED)
        if self.id().endswith(".test_session"):
            self.skipTest("Not a test.")

    def tearDown(self):  # noqa: N802, unittest's name
        for thread in self._threads:
            thread.check_termination()
        self._close_cached_session()

    def _close_cached_session(self):
        if self._cached_session is not None:
            self._cached_session.close()
            self._cached_session = None

    def get_temp_dir(self):
        """A folder of this test's own."""
        if self._tempdir is None:
            self._tempdir = tempfile.mkdtemp(dir=googletest.GetTempDir())
        return self._tempdir

    @contextlib.contextmanager
    def captureWritesToStream(self, stream):  # noqa: N802, TensorFlow's name
        """Yields a CapturedWrites of what goes to the stream's file."""
        stream.flush()
        number = stream.fileno()
        saved = os.dup(number)
        handle, path = tempfile.mkstemp(dir=self.get_temp_dir())
        os.dup2(handle, number)
        try:
            yield CapturedWrites(path)
        finally:
            stream.flush()
            os.dup2(saved, number)
            os.close(saved)
            os.close(handle)

    # -- Sessions --

    @contextlib.contextmanager
    def _as_default(self, sess, use_gpu, force_gpu):
        with sess.graph.as_default(), sess.as_default():
            if force_gpu:
                with sess.graph.device("/device:GPU:0"):
                    yield sess
            elif use_gpu:
                yield sess
            else:
                with sess.graph.device("/device:CPU:0"):
                    yield sess

    @staticmethod
    def _new_session(graph, config, force_gpu):
        if config is None:
            config = protos.ConfigProto(allow_soft_placement=not force_gpu)
        return session_lib.Session(graph=graph, config=config)

    @contextlib.contextmanager
    def session(self, graph=None, config=None, use_gpu=False,
                force_gpu=False):
        """A new session, the default one inside; ops are put on the CPU."""
        with self._new_session(graph, config, force_gpu) as sess:
            with self._as_default(sess, use_gpu, force_gpu):
                yield sess

    def _get_cached_session(self, graph, config, force_gpu, check=True):
        given = (("graph", graph), ("config", config),
                 ("force_gpu value", force_gpu))
        if self._cached_session is None:
            self._cached_session = self._new_session(graph, config, force_gpu)
            self._cached_with = given
        elif check:
            for (what, new), (_, old) in zip(given, self._cached_with):
                if new is not old:
                    raise ValueError(
                        "The %s used to get the cached session is different "
                        "than the one that was used to create the session. "
                        "Maybe create a new session with self.session()"
                        % what)
        return self._cached_session

    @contextlib.contextmanager
    def cached_session(self, graph=None, config=None, use_gpu=False,
                       force_gpu=False):
        """The test's own session: the same one each time."""
        sess = self._get_cached_session(graph, config, force_gpu)
        with self._as_default(sess, use_gpu, force_gpu):
            yield sess

    @contextlib.contextmanager
    def test_session(self, graph=None, config=None, use_gpu=False,
                     force_gpu=False):
        """cached_session(), or session() for a graph of its own."""
        if self.id().endswith(".test_session"):
            self.skipTest("Not a test.")
        if graph is not None:
            with self.session(graph, config, use_gpu, force_gpu) as sess:
                yield sess
            return
        sess = self._get_cached_session(graph, config, force_gpu, check=False)
        with self._as_default(sess, use_gpu, force_gpu):
            yield sess

    def evaluate(self, tensors):
        """The tensors' values, in the default or the test's session."""
        sess = ops.get_default_session()
        if sess is not None:
            return sess.run(tensors)
        with self.test_session() as sess:
            return sess.run(tensors)

    def checkedThread(self, target, args=None, kwargs=None):  # noqa: N802
        """A thread that fails the test when it fails."""
        thread = _CheckedThread(self, target, args or (), kwargs or {})
        self._threads.append(thread)
        return thread

    # -- Assertions on messages, errors and tensors --

    def assertProtoEquals(self, expected_message_maybe_ascii,  # noqa: N802
                          message, msg=None):
        """The message is the expected one, which may be in text format."""
        expected = expected_message_maybe_ascii
        if isinstance(expected, str):
            from google.protobuf import text_format
            expected = text_format.Parse(expected, type(message)())
        if not isinstance(expected, type(message)):
            raise AssertionError(
                "Can't compare protos of type %s and %s. %s"
                % (type(expected), type(message), msg or ""))
        if expected != message:
            self.assertMultiLineEqual(str(expected), str(message), msg=msg)
            raise self.failureException(msg or "Messages differ in bits that "
                                        "their text does not show")

    _AssertProtoEquals = assertProtoEquals

    def assertProtoEqualsVersion(self, expected, actual,  # noqa: N802
                                 producer=134, min_consumer=0, msg=None):
        """The message is the expected one, with these versions besides.

        Parameters
        ----------
        expected : str
            The rest of it, in text format.
        actual : message that has `versions`, as a GraphDef
        producer, min_consumer : int
            What `versions` should say.
        msg : str, optional
        """
        self.assertProtoEquals(
            "versions { producer: %d min_consumer: %d };\n%s"
            % (producer, min_consumer, expected), actual, msg=msg)

    def assertStartsWith(self, actual, expected_start, msg=None):  # noqa: N802
        if not actual.startswith(expected_start):
            self.fail("%r does not start with %r%s" % (
                actual, expected_start, " : %r" % (msg,) if msg else ""))

    @contextlib.contextmanager
    def assertRaisesWithPredicateMatch(  # noqa: N802
            self, exception_type, expected_err_re_or_predicate):
        """The block raises an exception that the predicate, or a search for
        the expression in its text and its op's name, accepts."""
        predicate = expected_err_re_or_predicate
        if not callable(predicate):
            def predicate(e):
                is_op_error = isinstance(e, errors.OpError)
                text = e.message if is_op_error else str(e)
                if is_op_error and e.op is not None:
                    text += "\nCaused by: " + e.op.name
                return re.search(expected_err_re_or_predicate, text)
        try:
            yield
        except Exception as e:  # noqa: BLE001, whatever the test does
            if not isinstance(e, exception_type) or not predicate(e):
                raise AssertionError("Exception of type %s: %s"
                                     % (type(e), e)) from e
        else:
            self.fail(exception_type.__name__ + " not raised")

    def assertRaisesOpError(self, expected_err_re_or_predicate):  # noqa: N802
        """The block raises an OpError that the predicate, or a search for the
        expression, accepts; see `assertRaisesWithPredicateMatch`.
        """
        return self.assertRaisesWithPredicateMatch(
            errors.OpError, expected_err_re_or_predicate)

    def assertShapeEqual(self, np_array, tf_tensor, msg=None):  # noqa: N802
        """The array has the Tensor's static shape.

        Raises
        ------
        TypeError
            If the one is no array, or the other is no Tensor.
        """
        if not isinstance(np_array, (np.ndarray, np.generic)):
            raise TypeError("np_array must be a Numpy ndarray or Numpy scalar")
        if not isinstance(tf_tensor, ops.Tensor):
            raise TypeError("tf_tensor must be a Tensor")
        self.assertAllEqual(np_array.shape, tf_tensor.get_shape().as_list(),
                            msg=msg)

    def assertDeviceEqual(self, device1, device2, msg=None):  # noqa: N802
        """Two devices are the same, as "/cpu:0" and "/device:CPU:0" are."""
        canonical = [_canonical_device(d) for d in (device1, device2)]
        self.assertEqual(*canonical, "Devices %s and %s are not equal. %s"
                         % (*canonical, msg))

    assertRaisesRegexp = googletest.TestCase.assertRaisesRegex  # noqa: N815
    assertItemsEqual = googletest.TestCase.assertCountEqual  # noqa: N815


def _canonical_device(name):
    """ "/cpu:0" and "/device:CPU:0" are the same."""
    if name is None:
        return ""
    text = name if isinstance(name, str) else name.to_string()
    return re.sub(r"/(?:device:)?(cpu|gpu):(\d+|\*)",
                  lambda m: "/device:%s:%s" % (m[1].upper(), m[2]), text,
                  flags=re.IGNORECASE)
