"""tf.train.warm_start.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import tensorflow.compat.v1 as tf
import numpy as np
import os
ws = tf.train.warm_start
VI = tf.train.VocabInfo


def w(n, *lines):
    with open(n, 'w') as f:
        f.write('\n'.join(lines) + '\n')
    return n


def save(d='./ck', vs=None):
    g = tf.Graph()
    with g.as_default():
        if vs:
            vs()
        else:
            tf.get_variable('emb', initializer=tf.constant(np.arange(8, dtype=np.float32).reshape(4, 2)))
            tf.get_variable('out', initializer=tf.constant(np.arange(6, dtype=np.float32).reshape(2, 3)))
            tf.get_variable('bias', initializer=tf.constant([1.0, 2.0]))
            tf.get_variable('n', initializer=tf.constant(7.0), trainable=False)
        with tf.Session() as s:
            s.run(tf.global_variables_initializer())
            return tf.train.Saver().save(s, d)


def val(*vs):
    with tf.Session() as s:
        s.run(tf.global_variables_initializer())
        return [s.run(v) for v in vs]


def vocab():
    return (w('old', 'a', 'b', 'c', 'd'), w('new', 'c', 'x', 'a', 'y', 'b'))


def warmed(name, shape, size, **options):
    """A variable whose rows are those of the old vocabulary's checkpoint."""
    p = save()
    o, n = vocab()
    e = tf.get_variable(name, shape)
    ws(p, var_name_to_vocab_info={name: VI(n, size, 0, o, **options)})
    return e


def case_all():
    p = save()
    b = tf.get_variable('bias', [2])
    n = tf.get_variable('n', [], trainable=False)
    ws(p)
    return (b.initializer.name, n.initializer.name, val(b))


def case_regex():
    p = save()
    b = tf.get_variable('bias', [2])
    e = tf.get_variable('emb', [4, 2])
    z = tf.get_variable('zz', [2])
    ws(p, 'bias|emb')
    return val(b, e)


def case_regex_none():
    p = save()
    b = tf.get_variable('bias', [2])
    ws(p, 'nothing')
    return b.initializer.name


def case_list_names():
    p = save()
    b = tf.get_variable('bias', [2])
    n = tf.get_variable('n', [], trainable=False)
    ws(p, ['bias', 'n'])
    return val(b, n)


def case_list_variables():
    p = save()
    b = tf.get_variable('bias', [2])
    n = tf.get_variable('n', [], trainable=False)
    ws(p, [n, b])
    return val(b, n)


def case_list_mixed():
    p = save()
    b = tf.get_variable('bias', [2])
    ws(p, [b, 'n'])


def case_list_empty():
    p = save()
    b = tf.get_variable('bias', [2])
    ws(p, [])
    return b.initializer.name


def case_bad_type():
    p = save()
    ws(p, 3)


def case_none():
    p = save()
    b = tf.get_variable('bias', [2])
    ws(p, None)
    return b.initializer.name


def case_prev_name():
    p = save()
    b = tf.get_variable('b2', [2])
    ws(p, var_name_to_prev_var_name={'b2': 'bias'})
    return val(b)


def case_prev_name_unused():
    p = save()
    b = tf.get_variable('bias', [2])
    ws(p, var_name_to_prev_var_name={'zz': 'bias'})


def case_missing():
    p = save()
    b = tf.get_variable('other', [2])
    ws(p)


def case_missing_file():
    tf.get_variable('bias', [2])
    ws('nofile')


def case_empty_dir():
    os.makedirs('d')
    tf.get_variable('bias', [2])
    ws('d', var_name_to_prev_var_name={'bias': 'bias'})


def case_dir():
    os.makedirs('d')
    save('d/m')
    b = tf.get_variable('bias', [2])
    ws('d')
    return val(b)


def case_partitioned():
    p = save()
    e = tf.get_variable('emb', [4, 2], partitioner=tf.fixed_size_partitioner(2))
    ws(p)
    return val(*list(e))


def case_partitioned_list():
    p = save()
    e = tf.get_variable('emb', [4, 2], partitioner=tf.fixed_size_partitioner(2))
    ws(p, list(e))
    return val(*list(e))


def case_two_of_one_name():
    p = save()
    with tf.Graph().as_default() as donor:
        tf.get_variable('bias', [2], collections=['both'])
        proto = tf.get_collection('both')[0].to_proto()
        meta = tf.train.export_meta_graph(graph=donor)
    tf.train.import_meta_graph(meta)
    one, two = [tf.Variable.from_proto(proto) for _ in range(2)]
    ws(p, [one, two])


def case_two_of_one_name_vocab():
    p = save()
    with tf.Graph().as_default() as donor:
        tf.get_variable('emb', [5, 2], collections=['both'])
        proto = tf.get_collection('both')[0].to_proto()
        meta = tf.train.export_meta_graph(graph=donor)
    tf.train.import_meta_graph(meta)
    one, two = [tf.Variable.from_proto(proto) for _ in range(2)]
    info = VI(w('new', 'a', 'b', 'c'), 3, 0, w('old', 'a', 'b'))
    ws(p, [one, two], var_name_to_vocab_info={'emb': info})


def case_vocab():
    warmed('emb', [5, 2], 5)
    return (val(e), e.initializer.name, e.initial_value.name)


def case_vocab_resource():
    p = save()
    o, n = vocab()
    e = tf.get_variable('emb', [5, 2], use_resource=True)
    ws(p, var_name_to_vocab_info={'emb': VI(n, 5, 0, o)})
    return (val(e), e.initializer.name)


def case_vocab_oov():
    p = save()
    o, n = vocab()
    e = tf.get_variable('emb', [7, 2])
    ws(p, var_name_to_vocab_info={'emb': VI(n, 5, 2, o)})
    return val(e)


def case_vocab_init():
    p = save()
    o, n = vocab()
    e = tf.get_variable('emb', [7, 2])
    ws(p, var_name_to_vocab_info={'emb': VI(n, 5, 2, o, backup_initializer=tf.ones_initializer())})
    return val(e)


def case_vocab_init_random():
    p = save()
    o, n = vocab()
    e = tf.get_variable('emb', [6, 2])
    ws(p, var_name_to_vocab_info={'emb': VI(n, 5, 1, o, backup_initializer=tf.random_uniform_initializer(seed=1))})
    return val(e)


def case_vocab_init_bad():
    p = save()
    o, n = vocab()
    e = tf.get_variable('emb', [6, 2])
    ws(p, var_name_to_vocab_info={'emb': VI(n, 5, 1, o, backup_initializer=5)})


def case_vocab_old_size():
    return val(warmed('emb', [5, 2], 5, old_vocab_size=2))


def case_vocab_prev():
    p = save()
    o, n = vocab()
    e = tf.get_variable('e2', [5, 2])
    ws(p, var_name_to_vocab_info={'e2': VI(n, 5, 0, o)}, var_name_to_prev_var_name={'e2': 'emb'})
    return val(e)


def case_vocab_unused():
    p = save()
    o, n = vocab()
    e = tf.get_variable('bias', [2])
    ws(p, var_name_to_vocab_info={'emb': VI(n, 5, 0, o)})


def case_vocab_none():
    p = save()
    o, n = vocab()
    e = tf.get_variable('emb', [5, 2])
    b = tf.get_variable('bias', [2])
    ws(p, None, var_name_to_vocab_info={'emb': VI(n, 5, 0, o)})
    return (val(e), b.initializer.name)


def case_vocab_and_plain():
    p = save()
    o, n = vocab()
    e = tf.get_variable('emb', [5, 2])
    b = tf.get_variable('bias', [2])
    ws(p, var_name_to_vocab_info={'emb': VI(n, 5, 0, o)})
    return val(e, b)


def case_vocab_shape():
    warmed('emb', [6, 2], 5)


def case_vocab_shape_cols():
    return val(warmed('emb', [5, 3], 5))


def case_vocab_rank1():
    warmed('bias', [2], 2)


def case_vocab_rank3():
    warmed('emb', [5, 2, 2], 5)


def case_vocab_args():
    p = save()
    o, n = vocab()
    e = tf.get_variable('emb', [5, 2])
    ws(p, var_name_to_vocab_info={'emb': VI('', 5, 0, o)})


def case_vocab_partitioned():
    p = save()
    o, n = vocab()
    e = tf.get_variable('emb', [6, 2], partitioner=tf.fixed_size_partitioner(3))
    ws(p, var_name_to_vocab_info={'emb': VI(n, 5, 1, o)})
    return val(*list(e))


def case_vocab_partitioned_oov():
    p = save()
    o, n = vocab()
    e = tf.get_variable('emb', [9, 2], partitioner=tf.fixed_size_partitioner(3))
    ws(p, var_name_to_vocab_info={'emb': VI(n, 5, 4, o, backup_initializer=tf.ones_initializer())})
    return val(*list(e))


def case_axis1():
    p = save()
    o = w('old', 'p', 'q', 'r')
    n = w('new', 'r', 'z', 'p', 'q')
    v = tf.get_variable('out', [2, 4])
    ws(p, var_name_to_vocab_info={'out': VI(n, 4, 0, o, axis=1)})
    return val(v)


def case_axis1_oov():
    p = save()
    o = w('old', 'p', 'q', 'r')
    n = w('new', 'r', 'z', 'p', 'q')
    v = tf.get_variable('out', [2, 5])
    ws(p, var_name_to_vocab_info={'out': VI(n, 4, 1, o, axis=1, backup_initializer=tf.ones_initializer())})
    return val(v)


def case_axis1_partitioned():
    p = save()
    o = w('old', 'p', 'q', 'r')
    n = w('new', 'r', 'z', 'p', 'q')
    v = tf.get_variable('out', [2, 4], partitioner=tf.fixed_size_partitioner(2))
    ws(p, var_name_to_vocab_info={'out': VI(n, 4, 0, o, axis=1)})
    return val(*list(v))


def case_axis_bad():
    VI('a', 1, 0, 'b', axis=2)


def case_vocabinfo():
    return (VI('a', 1, 0, 'b'), VI('a', 1, 0, 'b')._fields)


def case_scope():
    p = save()
    o, n = vocab()
    with tf.variable_scope('s'):
        e = tf.get_variable('emb', [5, 2])
    with tf.name_scope('q'):
        ws(p, var_name_to_vocab_info={'s/emb': VI(n, 5, 0, o)}, var_name_to_prev_var_name={'s/emb': 'emb'})
    return val(e)


def case_device():
    p = save()
    o, n = vocab()
    with tf.device('/cpu:0'):
        e = tf.get_variable('emb', [5, 2])
    ws(p, var_name_to_vocab_info={'emb': VI(n, 5, 0, o)})
    return val(e)


def case_object_based():
    g = tf.Graph()
    with g.as_default():
        b = tf.get_variable('bias', initializer=tf.constant([1.0, 2.0]), use_resource=True)
        c = tf.train.Checkpoint(b=b)
        with tf.Session() as s:
            s.run(tf.global_variables_initializer())
            p = c.save('./obj', session=s)
    b = tf.get_variable('bias', [2], use_resource=True)
    ws(p)
    return val(b)


def case_object_based_missing():
    g = tf.Graph()
    with g.as_default():
        b = tf.get_variable('bias', initializer=tf.constant([1.0, 2.0]), use_resource=True)
        c = tf.train.Checkpoint(b=b)
        with tf.Session() as s:
            s.run(tf.global_variables_initializer())
            p = c.save('./obj', session=s)
    b = tf.get_variable('zz', [2], use_resource=True)
    ws(p)
