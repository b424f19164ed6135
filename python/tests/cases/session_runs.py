"""Runs in pieces, callables, options of a run, devices.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import json
import re

import numpy as np
import tensorflow.compat.v1 as tf
from tensorflow.python.client import device_lib
from tensorflow.python.client import timeline


def said(function):
    """What a call returns or raises, without places in files."""
    try:
        return repr(function())
    except Exception as e:
        text = getattr(e, "message", None) or str(e)
        text = text.split("\n\nOriginal")[0]
        text = re.sub(r"\(defined at [^)]*\)", "(PLACE)", text)
        return "%s: %s" % (type(e).__name__, text)


def sums():
    """Placeholders a and b, their sum c, twice that d, and a alone as e."""
    a = tf.placeholder(tf.float32, [], name="a")
    b = tf.placeholder(tf.float32, [], name="b")
    c = tf.add(a, b, name="c")
    return a, b, c, tf.multiply(c, 2, name="d"), tf.identity(a, name="e")


def case_a_run_in_pieces():
    a, b, c, d, e = sums()
    s = tf.Session()
    log = []

    def pieces(fetches, feeds, *runs):
        handle = s.partial_run_setup(fetches, feeds)
        log.append(handle)
        for fetch, fed in runs:
            log.append(said(lambda: s.partial_run(handle, fetch, fed)))

    pieces([c, d], [a, b], (c, {a: 1., b: 2.}), (c, None), (d, None), (d, None))
    pieces([c, d], [a, b], (c, {a: 1.}), (c, {b: 1.}), (c, {a: 2., b: 1.}))
    pieces([c], [a, b], (d, {a: 1., b: 2.}))
    pieces([e], [a], (e, {a: 1., b: 2.}))
    pieces([c, e], [a, b], (e, {a: 1.}), (c, {a: 1., b: 3.}), (c, {b: 3.}))
    pieces({"x": c, "y": [d]}, [a, b], ({"q": [d, c]}, {a: 1., b: 1.}))
    pieces([c], [a, b], ([], {a: 1.}), (c, {b: 1.}))
    pieces([c], [a, b], (c, {a: "q"}), (c, {a: [1.]}))
    pieces("c:0", ["a:0", b], ("c:0", {"a:0": 1., b: 5.}))
    pieces(c, a)
    log.append(said(lambda: s.partial_run("no", c)))
    log.append(said(lambda: s.partial_run_setup([], [a])))
    log.append(said(lambda: s.partial_run_setup([a, c], [a, b])))
    log.append(said(lambda: s.partial_run_setup([c], [])))
    log.append(said(lambda: tf.Session(
        graph=tf.Graph()).partial_run_setup([c], [a])))
    other = tf.Session()
    handle = s.partial_run_setup([c], [a, b])
    log.append(said(lambda: other.partial_run(handle, c, {a: 1., b: 1.})))
    return log


def case_a_node_runs_once_in_all_pieces():
    a, b, _, _, e = sums()
    r = tf.random_uniform([], name="r")
    plus_a, plus_b = r + a, r + b
    v = tf.Variable(0., name="v")
    up = tf.assign_add(v, 1., name="up")
    nothing = tf.no_op()
    s = tf.Session()
    s.run(v.initializer)
    handle = s.partial_run_setup([plus_a, plus_b], [a, b])
    first = s.partial_run(handle, plus_a, {a: 0.})
    log = [first == s.partial_run(handle, plus_b, {b: 0.})]
    handle = s.partial_run_setup([up, e, nothing], [a])
    log.append(s.partial_run(handle, up))
    log.append(s.run(v))
    log.append(said(lambda: s.partial_run(handle, [e, nothing], {a: 2.})))
    return log


def case_a_failed_piece_ends_the_sessions_runs():
    a, b, c, _, _ = sums()
    s = tf.Session()
    handle = s.partial_run_setup([c], [a])
    log = [said(lambda: s.partial_run(handle, c, {a: 1.})),
           said(lambda: s.run(c, {a: 1., b: 2.}))]
    handle = s.partial_run_setup([c], [a, b])
    log.append(said(lambda: s.partial_run(handle, c, {a: 1., b: 2.})))
    return log


def case_callables():
    a, b, c, d, _ = sums()
    nothing = tf.no_op()
    three = tf.constant(3, name="three")
    s = tf.Session()
    add = s.make_callable(c, [a, b])
    both = s.make_callable({"u": c, "w": [d, nothing]}, [a, b],
                           accept_options=True)
    metadata = tf.RunMetadata()
    log = [said(call) for call in (
        lambda: add(1., 2.), lambda: add(1.), lambda: add("x", 2),
        lambda: add([1., 2.], 2.), lambda: add(1., 2., 3.),
        lambda: add(1., 2., run_metadata=metadata),
        lambda: add(np.float32(1.), np.array(2)),
        lambda: both(1., 2., options=tf.RunOptions(), run_metadata=metadata),
        lambda: s.make_callable(nothing)(),
        lambda: s.make_callable([nothing, three])(),
        lambda: s.make_callable("three:0")(),
        lambda: s.make_callable({"t": three}, accept_options=True)(
            options=tf.RunOptions()),
        lambda: s.make_callable("c:0", ["a:0", "b:0"])(1., 3.),
        lambda: s.make_callable(three, [4])(1),
        lambda: s.make_callable(three, three),
        lambda: s.make_callable(4),
        lambda: s.make_callable([], [])(),
    )]
    s.close()
    return log + [said(lambda: add(1., 2.))]


def case_a_run_times_out():
    queue = tf.FIFOQueue(1, tf.int32)
    s = tf.Session()
    one, more = queue.dequeue(name="one"), queue.enqueue(5)
    log = [said(lambda: s.run(one, options=tf.RunOptions(timeout_in_ms=50)))]
    s.run(more)
    log.append(said(lambda: s.run(
        one, options=tf.RunOptions(timeout_in_ms=60000))))
    s = tf.Session(config=tf.ConfigProto(operation_timeout_in_ms=50))
    return log + [said(lambda: s.run(one))]


def case_wrong_options():
    three = tf.constant(3)
    s = tf.Session()
    return [said(lambda: s.run(three, options=3)),
            said(lambda: s.run(three, run_metadata=3))]


def traced(options):
    """The metadata of one run of z = sum(v * x), and its graph's names."""
    v = tf.Variable([1., 2.], name="v")
    x = tf.placeholder(tf.float32, [2], name="x")
    z = tf.reduce_sum(tf.multiply(v, x, name="y"), name="z")
    s = tf.Session()
    s.run(v.initializer)
    metadata = tf.RunMetadata()
    s.run(z, {x: [1, 2]}, options=options, run_metadata=metadata)
    return metadata


def own_nodes(metadata):
    """Of the nodes that the graph has: TensorFlow adds some of its own."""
    nodes = {}
    for device in metadata.step_stats.dev_stats:
        if not device.device.endswith("/task:0/device:CPU:0"):
            continue
        for node in device.node_stats:
            if not node.node_name.startswith("_"):
                nodes[node.node_name] = node
    return nodes


def case_a_traced_run():
    log = []
    for level in (tf.RunOptions.SOFTWARE_TRACE, tf.RunOptions.FULL_TRACE):
        tf.reset_default_graph()
        nodes = own_nodes(traced(tf.RunOptions(trace_level=level)))
        for name in sorted(nodes):
            stats = nodes[name]
            outputs = [(o.slot, o.tensor_description.dtype,
                        str(o.tensor_description.shape),
                        o.tensor_description.allocation_description
                        .requested_bytes) for o in stats.output]
            # What is fed has another name where TensorFlow runs it.
            label = stats.timeline_label.replace("_arg_x_0_0", "x")
            log.append((name, label, outputs, stats.all_start_micros > 1e15,
                        stats.all_end_rel_nanos >= stats.op_end_rel_nanos > 0))
    return log


def case_a_run_that_is_not_traced_says_nothing():
    log = []
    for options in (None, tf.RunOptions(timeout_in_ms=60000)):
        tf.reset_default_graph()
        log.append(str(traced(options)))
    metadata = tf.RunMetadata()
    metadata.step_stats.dev_stats.add().device = "old"
    tf.Session().run(tf.constant(1), run_metadata=metadata)
    return log + [str(metadata)]


def case_timelines():
    metadata = tf.RunMetadata()
    device = metadata.step_stats.dev_stats.add()
    device.device = "/job:localhost/replica:0/task:0/device:CPU:0"
    for name, label, start, took, size in (
            ("a", "a = Const()", 100, 10, 4),
            ("x:0", "unknown label", 105, 20, 0),
            ("b", "b = Neg(a)", 120, 1, 8),
            ("c", "c = AddN(b, a, x:0, ^b)", 121, 30, 16),
            ("d", "d = Neg(c:1)", 130, 5, 0)):
        node = device.node_stats.add()
        node.node_name = name
        node.timeline_label = label
        node.all_start_micros = start
        node.op_end_rel_micros = took - 1
        node.all_end_rel_micros = took
        if size:
            tensor = node.output.add().tensor_description
            tensor.dtype = 1
            tensor.shape.dim.add().size = size // 4
            tensor.allocation_description.requested_bytes = size
            tensor.allocation_description.allocator_name = "cpu"
    log = []
    for options in ({}, {"show_memory": True}, {"show_dataflow": False}):
        text = timeline.Timeline(
            metadata.step_stats).generate_chrome_trace_format(**options)
        log += [json.dumps(event, sort_keys=True)
                for event in json.loads(text)["traceEvents"]]
    return log


def case_devices():
    s = tf.Session(config=tf.ConfigProto(device_count={"CPU": 2}))
    return [[(d.name, d.device_type, d.memory_limit_bytes)
             for d in s.list_devices()],
            [(d.name, d.device_type, d.memory_limit, d.physical_device_desc)
             for d in device_lib.list_local_devices()],
            tf.Session.reset(""), said(lambda: len(tf.constant([1])))]


def _placed_later(use_resource, device, later):
    """A run, then a node on a device that may not be there, and runs again."""
    def first_line(function):
        return said(function).split("\n")[0].split("'' because")[0]

    with tf.Graph().as_default():
        with tf.device(device):
            v = tf.get_variable("v", initializer=tf.zeros([2]) + 1.,
                                use_resource=use_resource)
        s = tf.Session()
        seen = [first_line(lambda: s.run(v.initializer))]
        with tf.device("/cpu:1"):
            x = later(v)
        for session in (s, s, tf.Session()):
            seen.append(first_line(lambda: session.run(v.initializer)))
            seen.append(first_line(lambda: session.run(x)))
        return seen


def case_nodes_placed_after_a_run():
    later = [lambda v: v.read_value(), tf.is_variable_initialized,
             lambda v: v.assign_add([1., 1.]), lambda v: tf.constant(3.)]
    return [_placed_later(use_resource, device, make)
            for use_resource in (False, True)
            for device in (None, "/cpu:0", "/cpu:1")
            for make in later]
