"""Gradients of loops, arrays of tensors, recurrent networks, map_fn.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py. Values are
rounded: sums over iterations may differ in the last bit."""
import re

import numpy as np
import tensorflow.compat.v1 as tf

X = np.random.RandomState(0).rand(2, 3, 4).astype("f")


def rounded(value):
    if isinstance(value, (list, tuple)):
        return [rounded(v) for v in value]
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return np.round(value.astype("d"), 4).tolist()
    return np.asarray(value).tolist()


def evaluated(fetches, feed=None):
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return rounded(session.run(fetches, feed))


def with_gradients(y):
    return [y] + tf.gradients(y, tf.trainable_variables())


def case_gradients_of_variables_and_invariants():
    x, w = tf.constant(2.0, name="x"), tf.Variable([1.5, 2.5], name="w")
    _, y = tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * w * x),
                         [tf.constant(0), tf.constant([1., 1.])])
    return evaluated([y] + tf.gradients(y, [x, w]))


def case_a_cond_in_a_loop():
    x = tf.constant(2.0)

    def body(i, y):
        return i + 1, tf.cond(tf.less(i, 2), lambda: y * x, lambda: y + x * x)
    y = tf.while_loop(lambda i, y: i < 4, body, [0, tf.constant(1.)])[1]
    return evaluated([y] + tf.gradients(y, x))


def case_a_cond_that_needs_a_shape():
    x = tf.placeholder(tf.float32, [None])

    def body(i, y):
        return i + 1, tf.cond(tf.less(i, 2), lambda: y * x, lambda: x + 1.)
    y = tf.while_loop(lambda i, y: i < 4, body, [0, x * 2.])[1]
    return evaluated([y] + tf.gradients(y, x), {x: [1., 2.]})


def case_a_loop_in_a_loop():
    x = tf.constant(1.1)

    def inner(v):
        return tf.while_loop(lambda j, u: j < 2, lambda j, u: (j + 1, u * x),
                             [0, v])[1]
    y = tf.while_loop(lambda i, v: i < 3, lambda i, v: (i + 1, inner(v) + x),
                      [0, tf.constant(1.)])[1]
    return evaluated([y] + tf.gradients(y, x))


def case_shapes_that_are_not_known():
    x = tf.placeholder(tf.float32, [None, 2])
    w = tf.Variable(np.ones((2, 2), "f"))
    y = tf.while_loop(
        lambda i, b, c: i < 3,
        lambda i, b, c: (i + 1, tf.nn.relu(tf.matmul(b, w)),
                         c + tf.reduce_sum(b)), [0, x, tf.constant(0.)])[2]
    return evaluated([y] + tf.gradients(y, [x, w]), {x: [[1, 2], [3, 4]]})


def case_rows_of_a_table():
    w = tf.Variable(np.arange(6, dtype="f").reshape(3, 2))
    v = tf.get_variable("v", [3, 2], use_resource=True,
                        initializer=tf.ones_initializer())
    y = tf.while_loop(
        lambda i, s: i < 3,
        lambda i, s: (i + 1, s * tf.gather(w, i) + tf.gather(v, i)),
        [0, tf.ones([2])])[1]
    rows = tf.gradients(y, [w, v])
    return evaluated([(g.indices, g.values, g.dense_shape) for g in rows])


def case_a_bound_and_one_iteration_at_a_time():
    x = tf.constant(2.)
    y = tf.while_loop(lambda v: v < 50., lambda v: v * x, [tf.constant(1.)],
                      maximum_iterations=4, swap_memory=True,
                      parallel_iterations=1)
    return evaluated([y] + tf.gradients(y, x))


def case_no_back_prop():
    x = tf.constant(2.)
    y = tf.while_loop(lambda v: v < 50., lambda v: v * x, [tf.constant(1.)],
                      back_prop=False)
    return tf.gradients(y, x)


def case_second_order():
    x = tf.constant(2.)
    y = tf.while_loop(lambda v: v < 50., lambda v: v * x, [tf.constant(1.)])
    return tf.gradients(tf.gradients(y, x), x)


def case_gradients_within_a_loop():
    x = tf.constant(2.)

    def body(i, v):
        gradient, = tf.gradients(v * v * x, v)
        return i + 1, v - 0.1 * gradient
    return evaluated(tf.while_loop(lambda i, v: i < 5, body,
                                   [0, tf.constant(3.)]))


def case_arrays():
    x = tf.Variable([[1., 2.], [3., 4.], [5., 6.]])
    array = tf.TensorArray(tf.float32, 3).unstack(x)
    out = tf.TensorArray(tf.float32, 3, element_shape=[2])

    def body(i, state, out):
        value = array.read(i) * state
        return i + 1, value, out.write(i, value)
    _, state, out = tf.while_loop(lambda i, *_: i < 3, body,
                                  [0, tf.ones([2]), out])
    y = out.stack()
    return str(y), evaluated([y, state] + tf.gradients(y, x))


def case_arrays_of_parts():
    x = tf.constant([1., 2, 3, 4, 5, 6])
    array = tf.TensorArray(tf.float32, 3, infer_shape=False).split(x,
                                                                   [1, 2, 3])
    y = tf.TensorArray(tf.float32, 2, infer_shape=False) \
        .write(0, array.read(0) * 2.).write(1, array.read(1) * 3.).concat()
    return evaluated([y] + tf.gradients(y, x))


def case_arrays_in_branches():
    p = tf.placeholder(tf.bool, [])
    array = tf.TensorArray(tf.float32, 2)
    array = tf.cond(p, lambda: array.write(0, 1.).write(1, 2.),
                    lambda: array.write(0, 3.).write(1, 4.))
    return evaluated(array.stack(), {p: True})


def case_errors_of_arrays():
    array = tf.TensorArray(tf.float32, 2)
    found = [str(t) for t in (array.handle, array.flow, array.element_shape,
                              array.size())]
    with tf.Session() as session:
        for tensor in (array.read(0), array.write(5, 1.).flow,
                       array.write(0, 1.).write(0, 2.).flow, array.stack(),
                       array.gather([7]), array.concat()):
            try:
                found.append(rounded(session.run(tensor)))
            except tf.errors.OpError as e:
                text = e.message.split("\n")[0]
                found.append((type(e).__name__, re.sub(r"_\d+:", ":", text)))
    return found


def case_shapes_of_arrays():
    handle, flow = tf.raw_ops.TensorArrayV3(size=2, dtype=tf.float32,
                                            element_shape=[2, None])
    stack = tf.raw_ops.StackV2(max_size=1, elem_type=tf.float32)
    return [str(t) for t in (
        tf.raw_ops.TensorArrayReadV3(handle=handle, index=0, flow_in=flow,
                                     dtype=tf.float32),
        tf.raw_ops.TensorArrayGatherV3(handle=handle, indices=[0, 1],
                                       flow_in=flow, dtype=tf.float32,
                                       element_shape=[2, 3]),
        stack, tf.raw_ops.StackPopV2(handle=stack, elem_type=tf.float32))]


# ---- Recurrent networks ----

cells = tf.nn.rnn_cell


def dynamic(cell, **options):
    x = tf.placeholder(tf.float32, [None, 3, 4])
    y, state = tf.nn.dynamic_rnn(cell, x, dtype=tf.float32, **options)
    return str((y, state)), evaluated(with_gradients(y), {x: X})


def case_basic_rnn_cell():
    return dynamic(cells.BasicRNNCell(3))


def case_gru_cell():
    return dynamic(cells.GRUCell(3))


def case_basic_lstm_cell():
    return dynamic(cells.BasicLSTMCell(3))


def case_lstm_cell_with_all_options():
    return dynamic(cells.LSTMCell(3, use_peepholes=True, num_proj=2,
                                  cell_clip=1., proj_clip=.5))


def case_concatenated_state():
    tf.logging.set_verbosity(tf.logging.ERROR)  # what it logs names modules
    try:
        return dynamic(cells.BasicLSTMCell(3, state_is_tuple=False))
    finally:
        tf.logging.set_verbosity(tf.logging.DEBUG)


def case_cells_above_each_other():
    return dynamic(cells.MultiRNNCell(
        [cells.DropoutWrapper(
            cells.LSTMCell(3),
            output_keep_prob=tf.placeholder_with_default(1., []))
         for _ in range(2)]))


def case_a_cell_on_a_device():
    return dynamic(cells.DeviceWrapper(cells.GRUCell(4), "/cpu:0"))


def case_a_residual_cell():
    return dynamic(cells.ResidualWrapper(cells.GRUCell(4)))


def case_a_dropout_cell():
    # Which iteration draws first is not said, so no values.
    x = tf.placeholder(tf.float32, [None, 3, 4])
    cell = cells.DropoutWrapper(cells.BasicLSTMCell(3), 0.5, 0.6, 0.7, seed=4)
    y, state = tf.nn.dynamic_rnn(cell, x, dtype=tf.float32)
    return str(with_gradients(y))


def case_the_same_mask_for_all_steps():
    return dynamic(cells.DropoutWrapper(
        cells.BasicLSTMCell(3), 0.5, 0.6, 0.7, variational_recurrent=True,
        input_size=4, dtype=tf.float32, seed=4))


def case_sequences_of_different_lengths():
    return dynamic(cells.BasicLSTMCell(3), sequence_length=[1, 3])


def case_time_major():
    x = tf.placeholder(tf.float32, [3, None, 4])
    cell = cells.GRUCell(3)
    y, state = tf.nn.dynamic_rnn(
        cell, x, initial_state=cell.zero_state(tf.shape(x)[1], tf.float32),
        time_major=True, swap_memory=True)
    return evaluated([y, state], {x: X.transpose(1, 0, 2)})


def case_static_rnn():
    x = tf.placeholder(tf.float32, [None, 3, 4])
    y, state = tf.nn.static_rnn(cells.BasicLSTMCell(3, forget_bias=.5),
                                tf.unstack(x, 3, 1), dtype=tf.float32)
    return evaluated([state] + with_gradients(y[-1]), {x: X})


def case_static_rnn_of_different_lengths():
    y, state = tf.nn.static_rnn(
        cells.GRUCell(3), tf.unstack(tf.constant(X), 3, 1), dtype=tf.float32,
        sequence_length=[1, 3])
    return evaluated([y, state] + with_gradients(y[-1]))


def case_bidirectional():
    x = tf.placeholder(tf.float32, [None, 3, 4])
    y, state = tf.nn.bidirectional_dynamic_rnn(
        cells.LSTMCell(3), cells.LSTMCell(3), x, dtype=tf.float32,
        sequence_length=[2, 3])
    return evaluated([state] + with_gradients(tf.concat(y, 2)), {x: X})


def case_static_bidirectional():
    x = tf.placeholder(tf.float32, [None, 3, 4])
    y, fw, bw = tf.nn.static_bidirectional_rnn(
        cells.LSTMCell(3), cells.LSTMCell(3), tf.unstack(x, 3, 1),
        dtype=tf.float32)
    return evaluated([fw, bw] + with_gradients(y[-1]), {x: X})


def case_cells_of_the_users():
    class Layered(cells.RNNCell):
        state_size = output_size = 3

        def call(self, inputs, state):
            w = tf.get_variable("w", [7, 3])
            output = tf.tanh(tf.matmul(tf.concat([inputs, state], 1), w))
            return output, output

    class Plain(cells.RNNCell):
        state_size = output_size = 3

        def __call__(self, inputs, state, scope=None):
            with tf.variable_scope(scope or "plain"):
                return Layered.call(self, inputs, state)
    one, _ = tf.nn.dynamic_rnn(Layered(), tf.constant(X), dtype=tf.float32)
    two, _ = tf.nn.dynamic_rnn(Plain(), tf.constant(X), dtype=tf.float32,
                               scope="x")
    return evaluated(with_gradients(one + two))


def case_map_fold_and_scan():
    x, w = tf.constant(X), tf.Variable(2.)
    y = tf.map_fn(lambda row: tf.reduce_sum(row * w), x)
    pair = tf.map_fn(lambda rows: (rows[0] + rows[1], rows[0] * rows[1]),
                     (x, x), dtype=(tf.float32, tf.float32))
    step = lambda a, row: a + row * w
    return evaluated([
        pair, tf.foldl(step, x), tf.foldr(step, x),
        tf.foldr(step, x, initializer=tf.ones([3, 4])), tf.scan(step, x),
        tf.scan(step, x, reverse=True),
        tf.scan(lambda a, row: a + row[0] * w, x, initializer=tf.ones([4]))] +
        with_gradients(y))


def _error(name, function):
    globals()["case_error_" + name] = function


for _name, _function in (
        ("not_a_cell", lambda: tf.nn.dynamic_rnn(3, tf.constant(X))),
        ("no_dtype", lambda: tf.nn.dynamic_rnn(cells.GRUCell(3),
                                               tf.constant(X))),
        ("no_inputs", lambda: tf.nn.static_rnn(cells.GRUCell(3), [])),
        ("no_list", lambda: tf.nn.static_rnn(cells.GRUCell(3),
                                             tf.constant(X))),
        ("no_cells", lambda: cells.MultiRNNCell([])),
        ("depth", lambda: tf.nn.dynamic_rnn(
            cells.GRUCell(3), tf.placeholder(tf.float32, [2, 3, None]),
            dtype=tf.float32)),
        ("probability", lambda: cells.DropoutWrapper(
            cells.GRUCell(3), input_keep_prob=2.)),
        ("rank", lambda: tf.nn.dynamic_rnn(
            cells.GRUCell(3), tf.constant(X[0]), dtype=tf.float32)),
        ("array", lambda: tf.TensorArray(tf.float32)),
        ("array_dtype", lambda: tf.TensorArray(tf.float32, 2).write(
            0, tf.constant([1., 2.])).write(1, tf.constant([1.])))):
    _error(_name, _function)
