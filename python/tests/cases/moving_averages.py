"""Moving averages, the global step, control dependencies on resources.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import tensorflow.compat.v1 as tf
import numpy as np
EMA = tf.train.ExponentialMovingAverage


def run(*fetches, n=2):
    with tf.Session() as s:
        s.run(tf.global_variables_initializer())
        out = []
        for _ in range(n):
            for f in fetches:
                out.append(s.run(f))
        return out


def case_basic():
    w = tf.Variable([1.0, 2.0], name='w')
    b = tf.Variable([3.0], name='b', trainable=False)
    m = EMA(0.9)
    op = m.apply([w])
    with tf.control_dependencies([op]):
        a = tf.identity(m.average(w))
    return (sorted(((k, v.name) for k, v in m.variables_to_restore().items())), m.average(w), m.average(b), m.average_name(w), m.average_name(b), m.name, op.name)


def case_values():
    w = tf.Variable([1.0, 2.0], name='w')
    m = EMA(0.9)
    op = m.apply()
    up = w.assign_add([1.0, 1.0])
    return run(up, op, m.average(w), n=3)


def case_resource():
    w = tf.Variable([1.0, 2.0], name='w', use_resource=True)
    m = EMA(0.9)
    op = m.apply()
    up = w.assign_add([1.0, 1.0])
    return (run(up, op, m.average(w), n=3), m.average(w))


def case_num_updates():
    st = tf.train.get_or_create_global_step()
    w = tf.Variable([1.0, 2.0], name='w')
    m = EMA(0.99, num_updates=st)
    op = m.apply([w])
    return run(op, w.assign_add([1.0, 1.0]), st.assign_add(1), m.average(w), n=3)


def case_num_updates_int():
    w = tf.Variable([1.0, 2.0], name='w')
    m = EMA(0.99, num_updates=5, name='avg')
    op = m.apply([w])
    return run(op, m.average(w))


def case_num_updates_float():
    w = tf.Variable([1.0, 2.0], name='w')
    m = EMA(0.99, num_updates=tf.constant(3.0))
    op = m.apply([w])
    return run(op, m.average(w))


def case_twice():
    v = tf.Variable(1.0, name='v')
    m = EMA(0.9)
    m.apply([v])
    m.apply([v])
    return [x.name for x in tf.global_variables()]


def case_two_emas():
    v = tf.Variable(1.0, name='v')
    m = EMA(0.9)
    m.apply([v])
    n = EMA(0.5)
    n.apply([v])
    return ([x.name for x in tf.global_variables()], n.average_name(v))


def case_scope():
    with tf.variable_scope('a'):
        v = tf.get_variable('v', [2])
        with tf.name_scope('n'):
            m = EMA(0.9)
            op = m.apply([v])
    return (m.average(v), op.name, m.average_name(v))


def case_scope_average_name():
    v = tf.get_variable('v', [2])
    m = EMA(0.9)
    with tf.name_scope('n'):
        a = m.average_name(v)
    return (a, m.average_name(v))


def case_control_deps():
    v = tf.get_variable('v', [2])
    c = tf.no_op('c')
    m = EMA(0.9)
    with tf.control_dependencies([c]):
        op = m.apply([v])
    return op.name


def case_device():
    with tf.device('/cpu:0'):
        v = tf.get_variable('v', [2])
    w = tf.get_variable('w', [2])
    m = EMA(0.9)
    op = m.apply([v, w])
    return op.name


def case_tensor():
    v = tf.get_variable('v', [2], initializer=tf.ones_initializer())
    t = v * 2.0
    m = EMA(0.9)
    op = m.apply([t])
    return (m.average(t), run(op, m.average(t)))


def case_tensor_debias():
    v = tf.get_variable('v', [2], initializer=tf.ones_initializer())
    t = v * 2.0
    m = EMA(0.9, zero_debias=True)
    op = m.apply([t])
    return (m.average(t), run(op, m.average(t)), [x.name for x in tf.global_variables()])


def case_tensor_debias_twice():
    v = tf.get_variable('v', [2], initializer=tf.ones_initializer())
    t = v * 2.0
    m = EMA(0.9, zero_debias=True)
    op = m.apply([t])
    op2 = m.apply([t])
    return (run(op, op2, m.average(t)), [x.name for x in tf.global_variables()])


def case_tensor_debias_in_scope():
    with tf.variable_scope('s'):
        v = tf.get_variable('v', [2], initializer=tf.ones_initializer())
        t = v * 2.0
        m = EMA(0.9, zero_debias=True)
        op = m.apply([t, v])
        return (run(op, m.average(t)), [x.name for x in tf.global_variables()])


def case_tensor_debias_resource():
    with tf.variable_scope('s', use_resource=True):
        v = tf.get_variable('v', [2], initializer=tf.ones_initializer())
        t = v * 2.0
        m = EMA(0.9, zero_debias=True)
        op = m.apply([t])
        return (run(op, m.average(t)), [x.name for x in tf.global_variables()])


def case_tensor_unknown():
    t = tf.placeholder(tf.float32, [None])
    m = EMA(0.9)
    op = m.apply([t])
    return m.average(t)


def case_tensor_unknown_ref():
    v = tf.Variable([1.0, 2.0], validate_shape=False, name='v')
    m = EMA(0.9)
    op = m.apply([v])
    return m.average(v)


def case_ref_tensor():
    v = tf.Variable([1.0, 2.0], name='v')
    t = tf.get_default_graph().get_tensor_by_name('v:0')
    m = EMA(0.9)
    op = m.apply([t])
    return (m.average(t), m.average(v))


def case_int():
    v = tf.Variable([1, 2], name='v')
    EMA(0.9).apply([v])


def case_int_tensor():
    EMA(0.9).apply([tf.constant(1)])


def case_half():
    v = tf.Variable(np.float16([1, 2]), name='v')
    m = EMA(0.9)
    op = m.apply([v])
    return run(op, v.assign_add(np.float16([1, 1])), m.average(v))


def case_double():
    v = tf.Variable(np.float64([1, 2]), name='v')
    m = EMA(0.9)
    op = m.apply([v])
    return run(op, v.assign_add(np.float64([1, 1])), m.average(v))


def case_double_debias():
    v = tf.constant(np.float64([1, 2]))
    m = EMA(0.9, zero_debias=True)
    op = m.apply([v])
    return run(op, m.average(v))


def case_decay_tensor():
    d = tf.placeholder_with_default(0.5, [])
    v = tf.Variable([1.0, 2.0], name='v')
    m = EMA(d)
    op = m.apply([v])
    return run(op, v.assign_add([1.0, 1.0]), m.average(v))


def case_decay_variable():
    d = tf.Variable(0.5, trainable=False)
    v = tf.Variable([1.0, 2.0], name='v')
    m = EMA(d)
    op = m.apply([v])
    return run(op, v.assign_add([1.0, 1.0]), m.average(v))


def case_decay_int():
    v = tf.Variable([1.0, 2.0], name='v')
    m = EMA(1)
    op = m.apply([v])
    return op.name


def case_decay_double():
    v = tf.Variable([1.0, 2.0], name='v')
    m = EMA(np.float64(0.75))
    op = m.apply([v])
    return run(op, v.assign_add([1.0, 1.0]), m.average(v))


def case_decay_none():
    v = tf.Variable([1.0, 2.0], name='v')
    m = EMA(None)
    op = m.apply([v])


def case_empty():
    op = EMA(0.9).apply([])
    return op.name


def case_bad_name():
    v = tf.Variable([1.0, 2.0], name='v')
    EMA(0.9, name='a b').apply([v])


def case_bad_list():
    EMA(0.9).apply(['v'])


def case_not_iter():
    EMA(0.9).apply(tf.Variable(1.0))


def case_partitioned():
    p = tf.get_variable('p', [4, 2], partitioner=tf.fixed_size_partitioner(2))
    m = EMA(0.9)
    op = m.apply(list(p))
    a = m.average(list(p)[1])
    return (a, a._save_slice_info.full_name, a._save_slice_info.spec, [(k, v.name) for k, v in sorted(m.variables_to_restore().items())])


def case_partitioned_trainable():
    p = tf.get_variable('p', [4, 2], partitioner=tf.fixed_size_partitioner(2))
    m = EMA(0.9)
    op = m.apply()
    s = tf.train.Saver()
    return op.name


def case_partitioned_whole():
    p = tf.get_variable('p', [4, 2], partitioner=tf.fixed_size_partitioner(2))
    EMA(0.9).apply([p])


def case_average_of_what_is_no_variable():
    p = tf.get_variable('p', [4, 2], partitioner=tf.fixed_size_partitioner(2))
    m = EMA(0.9)
    seen = []
    for thing in [p, 'v', 3, None]:
        for ask in [m.average, m.average_name,
                    lambda v: m.variables_to_restore([v])]:
            try:
                seen.append(ask(thing))
            except Exception as e:
                seen.append((type(e).__name__, str(e)))
    return seen


def case_partitioner_scope():
    with tf.variable_scope('s', partitioner=tf.fixed_size_partitioner(2)):
        w = tf.Variable([1.0, 2.0, 3.0, 4.0], name='w')
        m = EMA(0.9)
        m.apply([w])
        return (m.average(w), tf.get_variable_scope().partitioner is None)


def case_restore_list():
    a = tf.Variable(1.0, name='a')
    b = tf.Variable(1.0, name='b', trainable=False)
    c = tf.Variable(2, name='c', trainable=False)
    m = EMA(0.9)
    return (sorted(((k, v.name) for k, v in m.variables_to_restore([a]).items())), sorted(((k, v.name) for k, v in m.variables_to_restore([]).items())), sorted(((k, v.name) for k, v in m.variables_to_restore().items())), m.variables_to_restore()['c'] is c)


def case_reuse():
    with tf.variable_scope('s'):
        v = tf.get_variable('v', [2])
    with tf.variable_scope('s', reuse=True):
        m = EMA(0.9)
        m.apply([v])
        return m.average(v)


def case_saver_restore():
    w = tf.Variable([1.0, 2.0], name='w')
    m = EMA(0.5)
    op = m.apply()
    s = tf.train.Saver()
    r = tf.train.Saver(m.variables_to_restore())
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        sess.run(w.assign([3.0, 4.0]))
        sess.run(op)
        p = s.save(sess, './x')
        r.restore(sess, p)
        return (sess.run(w), tf.train.list_variables(p))


def case_in_cond():
    w = tf.Variable([1.0, 2.0], name='w')
    m = EMA(0.5)
    m.apply([w])
    r = tf.cond(tf.constant(True), lambda: tf.group(m.apply([w])), lambda: tf.no_op())
    return r.name


def case_in_cond_first():
    w = tf.Variable([1.0, 2.0], name='w')
    m = EMA(0.5)
    r = tf.cond(tf.constant(True), lambda: tf.group(m.apply([w])), lambda: tf.no_op())
    return r.name


def case_init_fn():
    w = tf.get_variable('w', [3], initializer=tf.random_uniform_initializer(seed=3))
    m = EMA(0.5)
    op = m.apply()
    return run(op, m.average(w))


def case_moving_average_variables():
    w = tf.Variable([1.0, 2.0], name='w')
    m = EMA(0.5)
    op = m.apply()
    return [v.name for v in tf.moving_average_variables()]
from tensorflow.python.training import moving_averages as ma


def case_ama():
    v = tf.Variable([1.0, 2.0], name='v')
    r = ma.assign_moving_average(v, [3.0, 4.0] * tf.constant(1.0), 0.9)
    return (r.name, run(r))


def case_ama_plain():
    v = tf.Variable([1.0, 2.0], name='v')
    r = ma.assign_moving_average(v, tf.constant([3.0, 4.0]), 0.9, zero_debias=False, name='nm')
    return (r.name, run(r))


def case_ama_twice():
    with tf.variable_scope('scope1'):
        with tf.variable_scope('scope2'):
            var = tf.get_variable('foo', [])
            a = ma.assign_moving_average(var, tf.constant(0.0), 1.0)
            b = ma.assign_moving_average(var, tf.constant(0.0), 0.9)
    return ([v.name for v in tf.global_variables()], a.name, b.name)


def case_ama_resource():
    v = tf.Variable([1.0, 2.0], name='v', use_resource=True)
    r = ma.assign_moving_average(v, tf.constant([3.0, 4.0]), 0.9)
    return run(r)


def case_ama_resource_plain():
    v = tf.Variable([1.0, 2.0], name='v', use_resource=True)
    r = ma.assign_moving_average(v, tf.constant([3.0, 4.0]), 0.9, zero_debias=False)
    return run(r)


def case_ama_decay_tensor():
    v = tf.Variable([1.0, 2.0], name='v')
    r = ma.assign_moving_average(v, tf.constant([3.0, 4.0]), tf.constant(0.5))
    return run(r)


def case_ama_reuse():
    v = tf.get_variable('v', [2], initializer=tf.zeros_initializer())
    a = ma.assign_moving_average(v, tf.constant([3.0, 4.0]), 0.5)
    with tf.variable_scope('', reuse=True):
        b = ma.assign_moving_average(v, tf.constant([3.0, 4.0]), 0.5)
    return [v.name for v in tf.global_variables()]


def case_gs_none():
    return tf.train.get_global_step()


def case_gs_create():
    g = tf.train.create_global_step()
    return (g, g.dtype, tf.train.get_global_step() is g, tf.train.get_or_create_global_step() is g, g.aggregation, g.trainable)


def case_gs_twice():
    tf.train.create_global_step()
    tf.train.create_global_step()


def case_gs_in_scope():
    with tf.variable_scope('a'), tf.name_scope('n'):
        g = tf.train.create_global_step()
        return (g, tf.train.get_global_step())


def case_gs_graph():
    g = tf.Graph()
    s = tf.train.create_global_step(g)
    return (s.graph is g, tf.train.get_global_step(), tf.train.get_global_step(g))


def case_gs_by_name():
    tf.Variable(3, name='global_step')
    return tf.train.get_global_step()


def case_gs_by_name_resource():
    tf.Variable(3, name='global_step', use_resource=True)
    return tf.train.get_global_step()


def case_gs_float():
    tf.Variable(3.0, name='global_step')
    return tf.train.get_global_step()


def case_gs_float_create():
    tf.Variable(3.0, name='global_step')
    return tf.train.create_global_step()


def case_gs_vec():
    tf.Variable([3], name='global_step')
    return tf.train.get_global_step()


def case_gs_many():
    tf.add_to_collection('global_step', tf.Variable(1))
    tf.add_to_collection('global_step', tf.Variable(1))
    return tf.train.get_global_step()


def case_gs_odd():
    tf.add_to_collection('global_step', 'abc')
    return tf.train.get_global_step()


def case_gs_odd_op():
    tf.add_to_collection('global_step', tf.no_op())
    return tf.train.get_global_step()


def case_gs_odd_int():
    tf.add_to_collection('global_step', 5)
    return tf.train.get_global_step()


def case_gs_assert1():
    tf.train.assert_global_step(3)


def case_gs_assert2():
    tf.train.assert_global_step(tf.constant(1.0))


def case_gs_assert3():
    tf.train.assert_global_step(tf.constant([1]))


def case_gs_assert4():
    return tf.train.assert_global_step(tf.placeholder(tf.int32))


def case_gs_assert5():
    return tf.train.assert_global_step(tf.placeholder(tf.int32, [None]))


def case_gs_assert6():
    return tf.train.assert_global_step(tf.Variable(1.0, use_resource=True))


def case_gs_assert7():
    return tf.train.assert_global_step(tf.Variable(1.0))


def case_gs_assert8():
    return tf.train.assert_global_step(tf.Variable([[1, 2]]))


def case_gs_assert9():
    return tf.train.assert_global_step(tf.Variable(True))


def case_gs_value():
    g = tf.train.get_or_create_global_step()
    with tf.Session() as s:
        s.run(g.initializer)
        s.run(tf.assign_add(g, 5))
        return (tf.train.global_step(s, g), tf.train.global_step(s, 'global_step:0'), type(tf.train.global_step(s, g)).__name__)


def case_gs_value_uninit():
    g = tf.train.get_or_create_global_step()
    with tf.Session() as s:
        return tf.train.global_step(s, g)


def case_gs_use_resource():
    with tf.variable_scope('', use_resource=True):
        g = tf.train.get_or_create_global_step()
        return g
from tensorflow.python.training import training_util as tu


def case_gs_read():
    tf.train.get_or_create_global_step()
    r = tu._get_or_create_global_step_read()
    return (r, tu._get_or_create_global_step_read() is r)


def case_gs_read_none():
    return tu._get_or_create_global_step_read()


def case_gs_read_resource():
    tf.get_variable_scope().set_use_resource(True)
    tf.train.get_or_create_global_step()
    return tu._get_or_create_global_step_read()


def case_gs_incr():
    tf.train.get_or_create_global_step()
    r = tu._increment_global_step(1)
    return (r.name, run(r))


def case_gs_incr_resource():
    tf.get_variable_scope().set_use_resource(True)
    tf.train.get_or_create_global_step()
    r = tu._increment_global_step(2)
    return (r.name, run(r))


def case_gs_incr_none():
    tu._increment_global_step(1)


def case_assign_under_deps():
    v = tf.Variable([1.0, 2.0], name='v', use_resource=True)
    c = tf.no_op('c')
    with tf.control_dependencies([c]):
        r = v.assign_add([1.0, 1.0])
    return (r.name, r.op.name, tf.group(r).name)


def case_assign_under_deps_twice():
    v = tf.Variable([1.0, 2.0], name='v', use_resource=True)
    c = tf.no_op('c')
    a = v.assign([1.0, 1.0])
    with tf.control_dependencies([c, a]):
        r = v.assign_add([1.0, 1.0])
    return (r.name, r.op.name, tf.group(r).name)


def case_resource_control():
    v = tf.Variable([1.0, 2.0], name='v', use_resource=True)
    w = tf.Variable(1.0, name='w')
    with tf.control_dependencies([v, w]):
        c = tf.no_op('c')
    with tf.control_dependencies([v.assign([2.0, 2.0])]):
        c = tf.no_op('d')
    return (tf.group(v, w).name, tf.tuple([v.value()], control_inputs=[v.assign_add([1.0, 1.0])])[0].name)
