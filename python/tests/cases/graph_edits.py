"""Changes of operations that are there: devices, inputs, control inputs.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import tensorflow.compat.v1 as tf

from case_helpers import attempt


def _graph():
    x = tf.constant([1., 2.], name="x")
    y = tf.constant([3., 4.], name="y")
    return x, y, tf.add(x, y, name="z")


def _run(tensor, feeds=None):
    with tf.Session() as s:
        return s.run(tensor, feeds).tolist()


def case_devices():
    z = _graph()[2]
    seen = []
    for device in ("/gpu:0", "/job:a/cpu:0", "nonsense", b"/cpu:0", ""):
        z.op._set_device(device)
        seen.append((z.device, z.op.node_def.device))
    z.op._set_device_from_string("/gpu:*/task:1")
    return seen, z.device


def case_devices_that_are_no_text():
    z = _graph()[2]
    return attempt(z.op._set_device, None), attempt(z.op._set_device, 3)


def case_a_device_that_is_not_there():
    z = _graph()[2]
    z.op._set_device("/gpu:0")
    return _run(z)


def case_a_final_graph_is_changed_too():
    x, y, z = _graph()
    n = tf.no_op("n")
    z.graph.finalize()
    z.op._set_device("/cpu:0")
    z.op._update_input(0, y)
    z.op._add_control_input(n)
    return z.device, list(z.op.inputs), z.op.control_inputs


def case_an_input():
    x, y, z = _graph()
    z.op._update_input(0, y)
    return (list(z.op.inputs), list(z.op.node_def.input),
            [list(n.input) for n in z.graph.as_graph_def().node],
            x.consumers(), y.consumers(), _run(z))


def case_an_input_that_is_a_second_output():
    x, y, z = _graph()
    parts = tf.split([1., 2., 3., 4.], 2, name="parts")
    z.op._update_input(0, parts[1])
    return list(z.op.node_def.input), parts[1].consumers(), _run(z)


def case_an_input_that_is_a_variable():
    x, y, z = _graph()
    v = tf.Variable([5., 6.], name="v")
    z.op._update_input(1, v._ref())
    with tf.Session() as s:
        s.run(v.initializer)
        return list(z.op.node_def.input), s.run(z).tolist()


def case_shapes_of_a_changed_input():
    x, y, z = _graph()
    p = tf.placeholder(tf.float32, name="p")
    q = tf.add(p, p, name="q")
    z.op._update_input(0, p)
    q.op._update_input(0, x)
    return z.shape, q.shape, _run(z, {p: 1.})


def case_an_input_of_another_shape():
    x, y, z = _graph()
    z.op._update_input(0, tf.constant(1., name="scalar"))


def case_an_input_that_is_not_there():
    x, y, z = _graph()
    z.op._update_input(5, y)


def case_an_input_that_is_no_tensor():
    _graph()[2].op._update_input(0, "y")


def case_an_input_of_another_graph():
    z = _graph()[2]
    with tf.Graph().as_default():
        other = tf.constant([1., 2.], name="other")
    z.op._update_input(0, other)


def case_an_input_of_another_type():
    x, y, z = _graph()
    i = tf.constant([1, 2], name="i")
    # TensorFlow says so when it runs.
    z.op._update_input(0, i)
    return _run(z)


def case_control_inputs():
    z = _graph()[2]
    n, m = tf.no_op("n"), tf.no_op("m")
    z.op._add_control_input(n)
    z.op._add_control_inputs([n, m])
    first = z.op.control_inputs, list(z.op.node_def.input), n._control_outputs
    z.op._remove_all_control_inputs()
    second = z.op.control_inputs, list(z.op.node_def.input)
    z.op._add_control_inputs([m, n, z.op.inputs[0].op])
    return first, second, z.op.control_inputs, list(z.op.node_def.input)


def case_control_inputs_that_are_no_operations():
    x, y, z = _graph()
    return (attempt(z.op._add_control_input, x),
            attempt(z.op._add_control_inputs, [x.op, "y"]),
            attempt(z.op._add_control_input, None), z.op.control_inputs)


def case_a_control_input_runs_first():
    v = tf.Variable(0., name="v")
    n = tf.constant(1., name="n")
    n.op._add_control_input(tf.assign_add(v, 1.).op)
    with tf.Session() as s:
        s.run(v.initializer)
        return s.run(n), s.run(n), s.run(v)


def case_what_ran_goes_on():
    x, y, z = _graph()
    with tf.Session() as s:
        before = s.run(z).tolist()
        z.op._update_input(0, y)
        after = s.run(z).tolist()
    return before, after, _run(z)


def case_attrs_of_lists():
    z = _graph()[2]
    z.op._set_func_attr("_f", "f")
    z.op._set_type_list_attr("_t", [tf.float32, tf.int32])
    z.op._set_type_list_attr("_none", [])
    z.op._set_shape_list_attr("_s", [tf.TensorShape([1])])
    return (z.op.get_attr("_f"), z.op.get_attr("_t"), z.op.get_attr("_s"),
            attempt(z.op.get_attr, "_none"))


def case_what_a_graph_knows():
    x, y, z = _graph()
    g = z.graph
    return (g._nodes_by_name["z"], sorted(g._nodes_by_id), g._version,
            g._finalized, g._seed, z.op._input_types, z.op._is_stateful,
            z.op._id_value, z._as_node_def_input())
