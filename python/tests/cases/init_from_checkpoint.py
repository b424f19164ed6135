"""init_from_checkpoint, and what readers list.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import tensorflow.compat.v1 as tf
import numpy as np
import os
init = tf.train.init_from_checkpoint


def save(d='ck', scope=None, more=(), folder=None, vs=None, **kw):
    g = tf.Graph()
    with g.as_default():
        if vs is None:
            with tf.variable_scope(scope or '', **kw):
                tf.get_variable('a', initializer=tf.constant([1.0, 2.0]))
                tf.get_variable('b', initializer=tf.constant(3.0))
                for n in more:
                    tf.get_variable(n, initializer=tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]]))
        else:
            vs()
        with tf.Session() as s:
            s.run(tf.global_variables_initializer())
            if folder:
                os.makedirs(folder)
            return tf.train.Saver().save(s, d)


def val(*vs):
    with tf.Session() as s:
        s.run(tf.global_variables_initializer())
        return [s.run(v) for v in vs]


def info(*vs):
    return [(v.initializer.name, v.initial_value.name if hasattr(v, 'initial_value') else None, str(v.to_proto())) for v in vs]


def case_variable():
    save()
    v = tf.get_variable('v', [2])
    init('ck', {'a': v})
    return (val(v), info(v))


def case_name():
    save()
    v = tf.get_variable('v', [2])
    init('ck', {'a': 'v'})
    return (val(v), info(v))


def case_name_not_get_variable():
    save()
    v = tf.Variable([0.0, 0.0], name='v')
    init('ck', {'a': 'v'})


def case_variable_plain():
    save()
    v = tf.Variable([0.0, 0.0], name='v')
    init('ck', {'a': v})
    return (val(v), info(v))


def case_resource():
    save()
    v = tf.get_variable('v', [2], use_resource=True)
    init('ck', {'a': v})
    return (val(v), info(v))


def case_resource_name():
    save()
    v = tf.get_variable('v', [2], use_resource=True)
    init('ck', {'a': 'v'})
    return val(v)


def case_two():
    save()
    v = tf.get_variable('v', [2])
    w = tf.get_variable('w', [])
    init('ck', {'b': w, 'a': v})
    return val(v, w)


def case_twice():
    save()
    v = tf.get_variable('v', [2])
    init('ck', {'a': v})
    init('ck', {'a': v})
    return (val(v), info(v))


def case_root_to_root():
    save()
    v = tf.get_variable('a', [2])
    init('ck', {'/': '/'})
    return (val(v), info(v))


def case_root_to_scope():
    save()
    with tf.variable_scope('s'):
        a = tf.get_variable('a', [2])
        b = tf.get_variable('b', [])
    c = tf.get_variable('c', [2])
    init('ck', {'/': 's/'})
    return val(a, b)


def case_root_to_scope_no_slash():
    save()
    with tf.variable_scope('s'):
        a = tf.get_variable('a', [2])
    init('ck', {'/': 's'})
    return val(a)


def case_scope_to_scope():
    save(scope='o')
    with tf.variable_scope('s'):
        a = tf.get_variable('a', [2])
        b = tf.get_variable('b', [])
    init('ck', {'o/': 's/'})
    return (val(a, b), info(a))


def case_scope_to_scope_no_slash():
    save(scope='o')
    with tf.variable_scope('s'):
        a = tf.get_variable('a', [2])
    init('ck', {'o/': 's'})
    return val(a)


def case_scope_no_slash_in_ckpt():
    save(scope='o')
    with tf.variable_scope('s'):
        a = tf.get_variable('a', [2])
    init('ck', {'o': 's/'})
    return val(a)


def case_scope_to_root():
    save(scope='o')
    a = tf.get_variable('a', [2])
    init('ck', {'o/': '/'})
    return val(a)


def case_scope_to_empty():
    save(scope='o')
    a = tf.get_variable('a', [2])
    init('ck', {'o/': ''})
    return val(a)


def case_scope_to_empty2():
    save(scope='o')
    a = tf.get_variable('xa', [2])
    init('ck', {'o/': ''})
    return val(a)


def case_nested():
    save(scope='o/p')
    with tf.variable_scope('s'):
        with tf.variable_scope('t'):
            a = tf.get_variable('a', [2])
    init('ck', {'o/p/': 's/t/'})
    return val(a)


def case_nested_deep():
    save(scope='o/t')
    with tf.variable_scope('s'):
        with tf.variable_scope('t'):
            a = tf.get_variable('a', [2])
    init('ck', {'o/': 's/'})
    return val(a)


def case_prefix_names():
    save(scope='o')
    with tf.variable_scope('s'):
        a = tf.get_variable('a', [2])
    with tf.variable_scope('s2'):
        b = tf.get_variable('zz', [2])
    init('ck', {'o/': 's/'})
    return val(a)


def case_scope_missing():
    save(scope='o')
    with tf.variable_scope('s'):
        a = tf.get_variable('zz', [2])
    init('ck', {'o/': 's/'})


def case_scope_missing_root():
    save()
    with tf.variable_scope('s'):
        a = tf.get_variable('zz', [2])
    init('ck', {'/': 's/'})


def case_scope_none():
    save(scope='o')
    init('ck', {'o/': 'nope/'})
    return 'fine'


def case_missing_key():
    save(more=['layer_%d/kernel' % i for i in range(12)])
    v = tf.get_variable('v', [2])
    init('ck', {'zzz': v})


def case_missing_key_name():
    save()
    v = tf.get_variable('v', [2])
    init('ck', {'zzz': 'v'})


def case_shape():
    save()
    v = tf.get_variable('v', [3])
    init('ck', {'a': v})


def case_shape_scope():
    save()
    v = tf.get_variable('a', [3])
    init('ck', {'/': '/'})
    return val(v)


def case_shape_scope_resource():
    save()
    v = tf.get_variable('a', [3], use_resource=True)
    init('ck', {'/': '/'})
    return val(v)


def case_no_var():
    save()
    tf.get_variable('v', [2])
    init('ck', {'a': 'nope'})


def case_no_var_scope():
    save()
    tf.get_variable('v', [2])
    init('ck', {'a': 'x/nope'})


def case_dtype():
    save()
    v = tf.get_variable('v', [2], dtype=tf.float64)
    init('ck', {'a': v})
    return val(v)


def case_int():
    save(vs=lambda: tf.get_variable('n', initializer=tf.constant([1, 2])))
    v = tf.get_variable('v', [2], dtype=tf.int32)
    init('ck', {'n': v})
    return val(v)


def case_partitioned_name():
    save(more=['m'])
    p = tf.get_variable('p', [4, 2], partitioner=tf.fixed_size_partitioner(2))
    init('ck', {'m': 'p'})
    return (val(*list(p)), info(*list(p)))


def case_partitioned_list():
    save(more=['m'])
    p = tf.get_variable('p', [4, 2], partitioner=tf.fixed_size_partitioner(3))
    init('ck', {'m': list(p)})
    return val(*list(p))


def case_partitioned_object():
    save(more=['m'])
    p = tf.get_variable('p', [4, 2], partitioner=tf.fixed_size_partitioner(2))
    init('ck', {'m': p})


def case_partitioned_resource():
    save(more=['m'])
    p = tf.get_variable('p', [4, 2], partitioner=tf.fixed_size_partitioner(2), use_resource=True)
    init('ck', {'m': 'p'})
    return val(*list(p))


def case_partitioned_scope():
    save(scope='o', more=['p'])
    with tf.variable_scope('s'):
        p = tf.get_variable('p', [4, 2], partitioner=tf.fixed_size_partitioner(2))
        a = tf.get_variable('a', [2])
    init('ck', {'o/': 's/'})
    return val(a, *list(p))


def case_partitioned_ckpt():
    save(vs=lambda: tf.get_variable('p', [4, 2], initializer=tf.ones_initializer(), partitioner=tf.fixed_size_partitioner(2)))
    v = tf.get_variable('v', [4, 2])
    init('ck', {'p': v})
    return (val(v), tf.train.list_variables('ck'), tf.train.load_variable('ck', 'p'), tf.train.load_variable('ck', 'p:0'))


def case_partitioned_ckpt_same():
    save(vs=lambda: tf.get_variable('p', [4, 2], initializer=tf.ones_initializer(), partitioner=tf.fixed_size_partitioner(2)))
    p = tf.get_variable('p', [4, 2], partitioner=tf.fixed_size_partitioner(4))
    init('ck', {'/': '/'})
    return val(*list(p))


def case_partition_shape():
    save(more=['m'])
    p = tf.get_variable('p', [6, 2], partitioner=tf.fixed_size_partitioner(2))
    init('ck', {'m': 'p'})
    with tf.Session() as s:
        s.run(list(p)[0].initializer)


def case_one_part():
    save(more=['m'])
    p = tf.get_variable('p', [8, 2], partitioner=tf.fixed_size_partitioner(2))
    init('ck', {'m': list(p)[1]})
    return val(list(p)[1])


def case_mixed_parts():
    save(more=['m'])
    p = tf.get_variable('p', [4, 2], partitioner=tf.fixed_size_partitioner(2))
    q = tf.get_variable('q', [4, 2], partitioner=tf.fixed_size_partitioner(2))
    init('ck', {'m': [list(p)[0], list(q)[1]]})


def case_list_not_parts():
    save(more=['m'])
    a = tf.get_variable('x', [4, 2])
    init('ck', {'m': [a]})


def case_empty_list():
    save()
    init('ck', {'a': []})
    return 'ok'


def case_empty_list_missing():
    save()
    init('ck', {'zzz': []})
    return 'ok'


def case_empty_map():
    save()
    init('ck', {})
    return 'ok'


def case_not_dict():
    save()
    init('ck', [('a', 'b')])


def case_list_of_names():
    save()
    tf.get_variable('v', [2])
    init('ck', {'a': ['v']})


def case_none_value():
    save()
    init('ck', {'a': None})


def case_int_value():
    save()
    init('ck', {'a': 3})


def case_missing_file():
    v = tf.get_variable('v', [2])
    init('nofile', {'a': v})


def case_missing_dir():
    v = tf.get_variable('v', [2])
    init('no/dir', {'a': v})


def case_empty_dir():
    os.makedirs('d')
    v = tf.get_variable('v', [2])
    init('d', {'a': v})


def case_dir():
    save('d/m', folder='d')
    v = tf.get_variable('v', [2])
    init('d', {'a': v})
    return val(v)


def case_dir_missing_tensor():
    save('d/m', folder='d')
    v = tf.get_variable('v', [2])
    init('d', {'zz': v})
    return val(v)


def case_dir_gone():
    save('d/m', folder='d')
    os.remove('d/m.index')
    v = tf.get_variable('v', [2])
    init('d', {'a': v})
    return val(v)


def case_dir_slash():
    save('d/m', folder='d')
    v = tf.get_variable('v', [2])
    init('d/', {'a': v})
    return val(v)


def case_v1():
    g = tf.Graph()
    with g.as_default():
        tf.get_variable('a', initializer=tf.constant([1.0, 2.0]))
        with tf.Session() as s:
            s.run(tf.global_variables_initializer())
            tf.train.Saver(write_version=tf.train.SaverDef.V1).save(s, './v1')
    v = tf.get_variable('v', [2])
    init('v1', {'a': v})
    return val(v)


def case_v1_missing():
    g = tf.Graph()
    with g.as_default():
        for n in ['a', 'b', 'c', 'dd', 'eee', 'x/y', 'x/z', 'w1', 'w2', 'w3', 'w4']:
            tf.get_variable(n, initializer=tf.constant([1.0, 2.0]))
        with tf.Session() as s:
            s.run(tf.global_variables_initializer())
            tf.train.Saver(write_version=tf.train.SaverDef.V1).save(s, './v1')
    v = tf.get_variable('v', [2])
    init('v1', {'zzz': v})


def case_device():
    save()
    with tf.device('/cpu:0'):
        v = tf.get_variable('v', [2])
    w = tf.get_variable('w', [2])
    with tf.device('/job:localhost'):
        init('ck', {'a': v})
        init('ck', {'a': w})
    return val(v, w)


def case_device_job():
    save()
    with tf.device('/job:ps/task:1/gpu:0'):
        v = tf.get_variable('v', [2])
        r = tf.get_variable('r', [2], use_resource=True)
    init('ck', {'a': v})
    init('ck', {'a': r})
    return v.initializer.device


def case_name_scope():
    save()
    v = tf.get_variable('v', [2])
    with tf.name_scope('n'):
        init('ck', {'a': v})
    return info(v)


def case_control_deps():
    save()
    v = tf.get_variable('v', [2])
    c = tf.no_op('c')
    with tf.control_dependencies([c]):
        init('ck', {'a': v})
    return info(v)


def case_after_initializer():
    save()
    v = tf.get_variable('v', [2], initializer=tf.zeros_initializer())
    i = tf.global_variables_initializer()
    init('ck', {'a': v})
    with tf.Session() as s:
        s.run(i)
        x = s.run(v)
        s.run(v.initializer)
        return (x, s.run(v))


def case_initialized_value():
    save()
    v = tf.get_variable('v', [2])
    init('ck', {'a': v})
    w = tf.Variable(v.initialized_value() * 2.0, name='w')
    return val(v, w)


def case_unknown_shape():
    save()
    v = tf.Variable([0.0, 0.0, 0.0], validate_shape=False, name='v')
    init('ck', {'a': v})
    return (v.initial_value, val(v))


def case_finalized():
    save()
    v = tf.get_variable('v', [2])
    tf.get_default_graph().finalize()
    init('ck', {'a': v})


def case_reuse_scope():
    save(scope='o')
    with tf.variable_scope('s'):
        a = tf.get_variable('a', [2])
    with tf.variable_scope('s', reuse=True):
        init('ck', {'o/': 's/'})
        return val(a)


def case_bytes_key():
    save()
    v = tf.get_variable('v', [2])
    init('ck', {b'a': v})
    return val(v)


def case_mixed_keys():
    save()
    v = tf.get_variable('v', [2])
    init('ck', {'a': v, 3: v})


def case_ema_slot():

    def vs():
        w = tf.get_variable('w', initializer=tf.constant([1.0, 2.0]))
        tf.train.ExponentialMovingAverage(0.9).apply([w])
    save(vs=vs)
    w = tf.get_variable('w', [2])
    m = tf.train.ExponentialMovingAverage(0.9)
    m.apply([w])
    init('ck', {'/': '/'})
    return (val(w, m.average(w)), m.average(w).initializer.name)


def case_meta_graph():
    save()
    v = tf.get_variable('v', [2])
    init('ck', {'a': v})
    mg = tf.train.export_meta_graph()
    g = tf.Graph()
    with g.as_default():
        tf.train.import_meta_graph(mg)
        x = tf.global_variables()[0]
        return (x.initializer.name, x.initial_value.name)


def case_list():
    save('d/m', folder='d', more=['z', 'c/d'])
    return (tf.train.list_variables('d'), tf.train.list_variables('d/m'), tf.train.load_variable('d', 'a'), tf.train.load_variable('d', 'b:0'), tf.train.load_checkpoint('d').get_variable_to_shape_map(), tf.train.load_checkpoint('d').get_variable_to_dtype_map())


def case_list_missing():
    tf.train.list_variables('nofile')


def case_list_empty_dir():
    os.makedirs('d')
    tf.train.list_variables('d')


def case_load_missing():
    save()
    tf.train.load_variable('ck', 'zzz')


def case_load_missing_v1():
    g = tf.Graph()
    with g.as_default():
        tf.get_variable('a', initializer=tf.constant([1.0, 2.0]))
        with tf.Session() as s:
            s.run(tf.global_variables_initializer())
            tf.train.Saver(write_version=tf.train.SaverDef.V1).save(s, './v1')
    tf.train.load_variable('v1', 'zzz')


def case_load_none():
    tf.train.load_variable('ck', None)


def case_map_order():
    save(more=['layer_%d/kernel' % i for i in range(40)])
    r = tf.train.load_checkpoint('ck')
    return (list(r.get_variable_to_shape_map()), r.debug_string())


def case_iterator():
    save('d/m', folder='d')
    it = tf.train.checkpoints_iterator('d', timeout=0)
    return list(it)


def case_iterator_fn():
    save('d/m', folder='d')
    n = [0]

    def fn():
        n[0] += 1
        return n[0] > 2
    return (list(tf.train.checkpoints_iterator('d', timeout=0, timeout_fn=fn)), n)


def case_missing_file_comes_first():
    class Thing(object):
        __hash__ = None
    init('none', {'w': Thing()})
