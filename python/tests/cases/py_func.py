"""tf.py_func, its values and errors.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import tensorflow.compat.v1 as tf
import numpy as np


def run(t, fd=None):
    with tf.Session() as s:
        return s.run(t, fd)


def raiser(e):

    def f(*a):
        raise e
    return f


def err(e):
    try:
        run(tf.py_func(raiser(e), [1.0], tf.float32))
    except Exception as x:
        return (type(x).__name__, x.message.split('\n')[0], x.error_code)


def case_basic():
    t = tf.py_func(lambda x, y: x + y, [tf.constant([1.0, 2.0]), 3.0], tf.float32)
    return (t, run(t), t.op.type)


def case_list_out():
    t = tf.py_func(lambda x: (x, x), [1.0], [tf.float32, tf.float32])
    return (t, run(t))


def case_list_out_one():
    t = tf.py_func(lambda x: x, [1.0], [tf.float32])
    return (t, run(t))


def case_no_out():
    seen = []
    t = tf.py_func(lambda x: seen.append(x), [1.0], [])
    return (type(t).__name__, run(t), len(seen))


def case_no_in():
    t = tf.py_func(lambda: np.float32(3), [], tf.float32)
    return (t, run(t))


def case_stateless():
    t = tf.py_func(lambda x: x, [1.0], tf.float32, stateful=False)
    return (t.op.type, run(t), t.name)


def case_name():
    with tf.name_scope('s'):
        t = tf.py_func(lambda x: x, [1.0], tf.float32, name='nm')
        return t.name


def case_types():
    seen = []

    def f(*a):
        seen.extend(((type(x).__name__.rstrip('_'), getattr(x, 'dtype', None), getattr(x, 'shape', None)) for x in a))
        return np.float32(1)
    t = tf.py_func(f, [1.0, [1, 2], 'a', ['a', 'b'], True, np.float64(1), [[1.0]], tf.constant(b'\xff')], tf.float32)
    run(t)
    return seen


def case_strings():
    return (run(tf.py_func(lambda x: [b'a', b'bc'], [1.0], [tf.string, tf.string])), run(tf.py_func(lambda x: b'abc', [1.0], tf.string)), run(tf.py_func(lambda x: 'abcé', [1.0], tf.string)), run(tf.py_func(lambda x: np.array(['a', 'bé']), [1.0], tf.string)), run(tf.py_func(lambda x: np.array([b'a', b'bc']), [1.0], tf.string)))


def case_object():
    return run(tf.py_func(lambda x: np.array([b'a', b'bc'], object), [1.0], tf.string))


def case_ints():
    return (run(tf.py_func(lambda x: 7, [1.0], tf.int64)), run(tf.py_func(lambda x: True, [1.0], tf.bool)), run(tf.py_func(lambda x: [1, 2], [1.0], [tf.int64, tf.int64])))


def case_int32_wrong():
    return run(tf.py_func(lambda x: 7, [1.0], tf.int32))


def case_float_wrong():
    return run(tf.py_func(lambda x: 1.5, [1.0], tf.float32))


def case_float64():
    return run(tf.py_func(lambda x: 1.5, [1.0], tf.float64))


def case_count():
    return run(tf.py_func(lambda x: (x, x), [1.0], tf.float32))


def case_count0():
    return run(tf.py_func(lambda x: None, [1.0], tf.float32))


def case_count_list():
    return run(tf.py_func(lambda x: x, [1.0], [tf.float32, tf.float32]))


def case_none_out():
    return run(tf.py_func(lambda x: None, [1.0], []))


def case_extra_none():
    return run(tf.py_func(lambda x: x, [1.0], []))


def case_tuple_nested():
    return run(tf.py_func(lambda x: [[1.0, 2.0], [3.0]], [1.0], [tf.float64, tf.float64]))


def case_ragged():
    return run(tf.py_func(lambda x: [np.array([object()])], [1.0], [tf.float32]))


def case_value_error():
    return run(tf.py_func(raiser(ValueError('inside')), [1.0], tf.float32, name='pf'))


def case_errors():
    return [err(e) for e in (ValueError('v'), TypeError('t'), StopIteration('s'), MemoryError('m'), NotImplementedError('n'), RuntimeError('r'), KeyError('k'), IndexError('i'), ZeroDivisionError('z'), AssertionError('a'), OSError(2, 'os'), Exception('e'), AttributeError('at'), ValueError(), ValueError('a\nb'), UnicodeError('u'), FloatingPointError('f'), RecursionError('r'))]


def case_tf_errors():
    return [err(e) for e in (tf.errors.OutOfRangeError(None, None, 'oor'), tf.errors.AbortedError(None, None, 'ab'))]


def case_nested():

    def g(x):
        return 1 / 0

    def f(x):
        return g(x)
    return run(tf.py_func(f, [1.0], tf.float32))


def case_shape():
    t = tf.py_func(lambda x: x, [1.0], tf.float32)
    t.set_shape([2])
    return (t, run(t))


def case_twice():
    n = [0]

    def f():
        n[0] += 1
        return np.int64(n[0])
    t = tf.py_func(f, [], tf.int64)
    with tf.Session() as s:
        return (s.run(t), s.run(t), s.run([t, t]))


def case_not_callable():
    return run(tf.py_func(3, [1.0], tf.float32))


def case_numpy_function():
    t = tf.numpy_function(lambda x: x + 1, [[1.0, 2.0]], tf.float32)
    return (t, run(t))


def case_variable():
    v = tf.Variable([1.0, 2.0])
    t = tf.py_func(lambda x: x * 2, [v], tf.float32)
    with tf.Session() as s:
        s.run(v.initializer)
        return s.run(t)


def case_mutate():
    c = tf.constant([1.0, 2.0])

    def f(x):
        x[0] = 9.0
        return x
    t = tf.py_func(f, [c], tf.float32)
    try:
        with tf.Session() as s:
            return (s.run(t), s.run(c))
    except Exception as e:
        return type(e).__name__


def case_bad_tout():
    tf.py_func(lambda x: x, [1.0], 'nope')


def case_dict_in():
    return tf.py_func(lambda x: x, 1.0, tf.float32)


def case_bool_array():
    return run(tf.py_func(lambda x: x > 1, [np.float32([1, 2])], tf.bool))


def case_noncontig():
    return run(tf.py_func(lambda x: x.T, [np.float32([[1, 2], [3, 4]])], tf.float32))
