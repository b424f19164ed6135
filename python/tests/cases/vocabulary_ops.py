"""GenerateVocabRemapping and LoadAndRemapMatrix.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import tensorflow.compat.v1 as tf
import numpy as np
import os
from tensorflow.python.ops import gen_checkpoint_ops as g


def w(n, *lines, end='\n'):
    with open(n, 'w') as f:
        f.write('\n'.join(lines) + end)
    return n


def run(*t):
    with tf.Session() as s:
        s.run(tf.global_variables_initializer())
        return s.run(t)


def gv(new=('a', 'b', 'c'), old=('c', 'x', 'a'), off=0, num=None, size=-1, **kw):
    r = g.generate_vocab_remapping(w('new', *new, **kw), w('old', *old), off, len(new) - off if num is None else num, size)
    return (run(*r), r)


def case_gv():
    return gv()


def case_gv_off():
    return gv(off=1)


def case_gv_off_num():
    return gv(off=1, num=1)


def case_gv_num0():
    return gv(num=0)


def case_gv_too_many():
    return gv(num=4)


def case_gv_off_too_many():
    return gv(off=3, num=1)


def case_gv_size():
    return gv(size=2)


def case_gv_size0():
    return gv(size=0)


def case_gv_size_large():
    return gv(size=4)


def case_gv_no_newline():
    return gv(end='')


def case_gv_empty_line():
    return gv(new=('a', '', 'c'))


def case_gv_dup_new():
    return gv(new=('a', 'a', 'c'))


def case_gv_dup_old():
    return gv(old=('a', 'a', 'c'))


def case_gv_crlf():
    return gv(new=('a\r', 'b'))


def case_gv_empty_new():
    return gv(new=('',), end='', num=0)


def case_gv_empty_file():
    open('e', 'w').close()
    r = g.generate_vocab_remapping('e', w('old', 'a'), 0, 0)
    return run(*r)


def case_gv_empty_file1():
    open('e', 'w').close()
    r = g.generate_vocab_remapping('e', w('old', 'a'), 0, 1)
    return run(*r)


def case_gv_empty_old():
    open('e', 'w').close()
    r = g.generate_vocab_remapping(w('new', 'a'), 'e', 0, 1)
    return run(*r)


def case_gv_missing_new():
    return run(*g.generate_vocab_remapping('nofile', w('old', 'a'), 0, 1))


def case_gv_missing_old():
    return run(*g.generate_vocab_remapping(w('new', 'a'), 'nofile', 0, 1))


def case_gv_name_empty():
    return run(*g.generate_vocab_remapping('', w('old', 'a'), 0, 1))


def case_gv_name_empty_old():
    return run(*g.generate_vocab_remapping(w('new', 'a'), '', 0, 1))


def case_gv_vec():
    return run(*g.generate_vocab_remapping(['a'], 'x', 0, 1))


def case_gv_vec_placeholder():
    p = tf.placeholder(tf.string)
    r = g.generate_vocab_remapping(p, w('old', 'a'), 0, 1)
    with tf.Session() as s:
        return s.run(r, {p: ['a']})


def case_gv_vec_placeholder_old():
    p = tf.placeholder(tf.string)
    r = g.generate_vocab_remapping(w('new', 'a'), p, 0, 1)
    with tf.Session() as s:
        return s.run(r, {p: ['a']})


def case_gv_neg():
    return g.generate_vocab_remapping('a', 'b', -1, 1)


def case_gv_neg2():
    return g.generate_vocab_remapping('a', 'b', 0, -1)


def case_gv_neg3():
    return g.generate_vocab_remapping('a', 'b', 0, 1, -2)


def ck(value=None, name='m', parts=None):
    gr = tf.Graph()
    with gr.as_default():
        v = np.arange(12, dtype=np.float32).reshape(4, 3) if value is None else value
        if parts:
            tf.get_variable(name, initializer=lambda *a, **k: tf.constant(v)) if parts == 1 else tf.get_variable(name, v.shape, initializer=tf.constant_initializer(v), partitioner=tf.fixed_size_partitioner(parts))
        else:
            tf.get_variable(name, initializer=tf.constant(v))
        with tf.Session() as s:
            s.run(tf.global_variables_initializer())
            return tf.train.Saver().save(s, './ck')


def lm(rows, cols, init, nr=None, nc=None, mem=-1, value=None, name='m', path=None, parts=None):
    p = ck(value, parts=parts)
    t = g.load_and_remap_matrix(path or p, name, np.array(rows, np.int64), np.array(cols, np.int64), init, nr if nr is not None else len(rows), nc if nc is not None else len(cols) or 3, max_rows_in_memory=mem)
    return (t, run(t))


def case_lm():
    return lm([1, 0], [], [])


def case_lm_missing_row():
    return lm([1, -1, 0], [], [7.0, 8.0, 9.0])


def case_lm_cols():
    return lm([0, 1], [2, -1, 0], [7.0, 8.0])


def case_lm_both():
    return lm([3, -1, 1], [2, -1], [1.0, 2.0, 3.0, 4.0])


def case_lm_mem1():
    return lm([3, -1, 1], [2, -1], [1.0, 2.0, 3.0, 4.0], mem=1)


def case_lm_mem2():
    return lm([3, 0, 1], [], [], mem=2)


def case_lm_parts():
    gr = tf.Graph()
    with gr.as_default():
        tf.get_variable('m', [4, 3], initializer=tf.ones_initializer(), partitioner=tf.fixed_size_partitioner(2))
        with tf.Session() as s:
            s.run(tf.global_variables_initializer())
            p = tf.train.Saver().save(s, './ck')
    t = g.load_and_remap_matrix(p, 'm', np.array([3, 0, 1], np.int64), np.array([], np.int64), [], 3, 3, max_rows_in_memory=1)
    return run(t)


def case_lm_all_missing():
    return lm([-1, -1], [], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0])


def case_lm_few():
    return lm([1, -1, 0], [], [7.0, 8.0])


def case_lm_many():
    return lm([1, -1, 0], [], [7.0, 8.0, 9.0, 10.0])


def case_lm_dup():
    return lm([1, 1], [], [])


def case_lm_dup_col():
    return lm([1, 0], [1, 1], [])


def case_lm_row_size():
    return lm([1, 0], [], [], nr=3)


def case_lm_col_size():
    return lm([1, 0], [1, 0], [], nc=3)


def case_lm_cols_mismatch():
    return lm([1, 0], [], [], nc=2)


def case_lm_row_beyond():
    return lm([1, 9], [], [])


def case_lm_row_beyond_mem():
    return lm([1, 9], [], [], mem=2)


def case_lm_missing_tensor():
    return lm([1, 0], [], [], name='zzz')


def case_lm_missing_file():
    return lm([1, 0], [], [], path='nofile')


def case_lm_dtype():
    return lm([1, 0], [], [], value=np.arange(12).reshape(4, 3))


def case_lm_rank1():
    return lm([1, 0], [], [], value=np.arange(3.0).astype(np.float32))


def case_lm_rank3():
    return lm([1, 0], [], [], value=np.zeros([2, 3, 2], np.float32))


def case_lm_init2d():
    return lm([1, -1, 0], [], [[7.0, 8.0, 9.0]])


def case_lm_vec_path():
    return lm([1, 0], [], [], path=['a'])


def case_lm_no_rows():
    return lm([], [], [])


def case_lm_shapes():
    r = []
    for a in (dict(row_remapping=[[1]]), dict(col_remapping=[[1]]), dict(ckpt_path=['a', 'b']), dict(old_tensor_name=['a']), dict(row_remapping=tf.placeholder(tf.int64)), dict(row_remapping=[0, 1], num_rows=3), dict(col_remapping=[0, 1], num_cols=3), dict(num_cols=0), dict(num_rows=-1)):
        k = dict(ckpt_path='a', old_tensor_name='b', row_remapping=[0], col_remapping=[], initializing_values=[], num_rows=1, num_cols=1)
        k.update(a)
        try:
            r.append(g.load_and_remap_matrix(**k))
        except Exception as e:
            r.append(str(e))
    return r
