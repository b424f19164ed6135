"""Datasets that call functions, and the functions in the graph's library.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import tensorflow.compat.v1 as tf

from dataset_helpers import elements, functions, said

Dataset = tf.data.Dataset
experimental = tf.data.experimental


def bad(x):
    return tf.check_numerics(1. / tf.cast(x - 1, tf.float32), "bad")


def case_map():
    dataset = Dataset.range(4).map(lambda x: (x * 2, tf.as_string(x)))
    return elements(dataset), dataset, functions()


def case_map_in_parallel():
    dataset = Dataset.range(4).map(lambda x: x + 1, num_parallel_calls=2)
    return elements(dataset), functions()


def case_map_of_structures():
    dataset = Dataset.range(3).map(lambda x: {"b": x, "a": (x, -x)})
    dataset = dataset.map(lambda d: d["a"]).map(lambda a, b: [a, b, a + b])
    return elements(dataset), dataset, functions()


def case_map_to_constants():
    return elements(Dataset.range(2).map(lambda x: (3, "c", [1., 2.])))


def case_captures():
    three = tf.constant(3, tf.int64, name="three")
    scale = tf.placeholder_with_default(tf.constant(2, tf.int64), [])

    def times(x):
        return x * three, three - scale, scale
    dataset = Dataset.range(3).map(times)
    return elements(dataset), functions()


def case_captured_variables():
    v = tf.get_variable("v", initializer=tf.constant(5, tf.int64))
    iterator = tf.data.make_initializable_iterator(
        Dataset.range(3).map(lambda x: x + v))
    following = iterator.get_next()
    with tf.Session() as s:
        s.run(v.initializer)
        s.run(iterator.initializer)
        first = [s.run(following) for _ in range(2)]
        s.run(v.assign(9))
        s.run(iterator.initializer)
        return first, s.run(following)


def case_random_functions():
    tf.set_random_seed(3)
    dataset = Dataset.range(3).map(lambda x: tf.random_uniform([], seed=1))
    return elements(dataset.repeat(2), rounds=2), functions()


def case_graph_seeds():
    tf.set_random_seed(7)
    return elements(Dataset.range(3).map(lambda x: tf.random_normal([2])))


def case_python_functions():
    def half(x):
        if x == 2:
            raise ValueError("two")
        if x == 4:
            raise StopIteration()
        return x / 2.
    dataset = Dataset.range(8).map(
        lambda x: tf.py_func(half, [x], tf.float64))
    return elements(dataset), functions()


def case_stateful_functions():
    def both(x):
        a = tf.py_func(lambda v: v + 1, [x], tf.int64)
        b = tf.py_func(lambda v: v * 2, [x], tf.int64)
        return a, b, x
    return elements(Dataset.range(2).map(both)), functions()


def case_errors():
    return [elements(Dataset.range(3).map(bad)),
            elements(Dataset.range(3).filter(lambda x: bad(x) > 0)),
            elements(Dataset.range(3).map(bad, num_parallel_calls=1)),
            elements(Dataset.range(3).map(bad).batch(2))]


def case_error_in_a_flat_map():
    return elements(Dataset.range(3).flat_map(
        lambda x: Dataset.from_tensors(bad(x))))


def case_filter():
    dataset = Dataset.range(7).filter(lambda x: tf.equal(x % 3, 1))
    return elements(dataset), functions()


def case_filter_that_is_none():
    def number(x):
        return x

    def vector(x):
        return tf.reshape(tf.less(x, 3), [1])
    return [said(lambda: Dataset.range(5).filter(f))
            for f in (number, vector)]


def case_flat_map():
    dataset = Dataset.range(4).flat_map(
        lambda x: Dataset.from_tensors(x).repeat(x))
    return elements(dataset), dataset, functions()


def case_flat_map_of_maps():
    dataset = Dataset.range(3).flat_map(
        lambda x: Dataset.range(x).map(lambda y: (x, y)))
    return elements(dataset), functions()


def case_flat_map_to_no_dataset():
    return said(lambda: Dataset.range(4).flat_map(lambda x: x))


def repeated(x):
    return Dataset.from_tensors(x).repeat(x + 1)


def case_interleave():
    four = Dataset.range(4)
    return [elements(d) for d in (
        four.interleave(repeated, cycle_length=2),
        four.interleave(repeated, cycle_length=2, block_length=2),
        four.interleave(repeated, cycle_length=9, block_length=1),
        four.interleave(repeated, cycle_length=1, block_length=3),
        four.interleave(repeated, cycle_length=2, block_length=2,
                        num_parallel_calls=2))] + [functions()]


def case_interleave_with_bad_lengths():
    four = Dataset.range(4)
    return [said(lambda: elements(four.interleave(repeated, **kwargs)))
            for kwargs in (dict(cycle_length=0),
                           dict(cycle_length=2, block_length=0),
                           dict(cycle_length=-2),
                           dict(cycle_length=2, num_parallel_calls=0),
                           dict(cycle_length=2, num_parallel_calls=3))]


def case_parallel_interleave():
    four = Dataset.range(4)
    return [elements(four.apply(experimental.parallel_interleave(
        repeated, **kwargs))) for kwargs in (
            dict(cycle_length=2), dict(cycle_length=3, block_length=2))]


def case_parallel_interleave_with_bad_lengths():
    return [said(lambda: elements(Dataset.range(4).apply(
        experimental.parallel_interleave(repeated, **kwargs))))
            for kwargs in (dict(cycle_length=0),
                           dict(cycle_length=2, block_length=0),
                           dict(cycle_length=2, buffer_output_elements=0),
                           dict(cycle_length=2, prefetch_input_elements=-1))]


def case_map_and_batch():
    def double(x):
        return x * 2

    def both(x):
        return x, -x
    five = Dataset.range(5)
    return [elements(d) for d in (
        five.apply(experimental.map_and_batch(double, 2)),
        five.apply(experimental.map_and_batch(
            both, 2, drop_remainder=True)))] + [functions()]


def case_map_and_batch_of_shapes():
    return elements(Dataset.range(2).apply(
        experimental.map_and_batch(tf.range, 2, num_parallel_calls=1)))


def case_map_and_batch_with_bad_sizes():
    def same(x):
        return x
    five = Dataset.range(5)
    return [said(lambda: elements(five.apply(experimental.map_and_batch(
        same, **kwargs)))) for kwargs in (
            dict(batch_size=0), dict(batch_size=2, num_parallel_calls=0),
            dict(batch_size=2, num_parallel_calls=2,
                 num_parallel_batches=2))]


def case_group_by_window():
    eight = Dataset.range(8)
    return [elements(eight.apply(experimental.group_by_window(
        lambda x: x % 3, lambda key, d: d.batch(2), 2))),
            elements(eight.apply(experimental.group_by_window(
                lambda x: x % 3,
                lambda key, d: d.batch(4).map(lambda x: (key, x)),
                window_size_func=lambda key: key + 1))),
            elements(eight.apply(experimental.group_by_window(
                lambda x: x % 3, lambda key, d: d,
                window_size_func=lambda key: key))), functions()]


def case_group_by_window_refuses():
    eight = Dataset.range(8)
    return [said(lambda: eight.apply(experimental.group_by_window(
        *args, **kwargs))) for args, kwargs in (
            ((lambda x: x, lambda k, d: d), {}),
            ((lambda x: x, lambda k, d: d, 2, lambda k: k), {}),
            ((lambda x: x, lambda k, d: k, 2), {}))]


def case_generators():
    def count():
        for i in range(3):
            yield i
    dataset = Dataset.from_generator(count, tf.int32, [])
    return elements(dataset, rounds=2), dataset, functions()


def case_generators_of_structures():
    dataset = Dataset.from_generator(
        lambda n: iter([(i, [i, 2. * i]) for i in range(n)]),
        (tf.int32, tf.float32), (tf.TensorShape([]), tf.TensorShape([2])),
        args=(3,)).repeat(2)
    return elements(dataset), dataset


def case_bad_generators():
    def fails():
        yield 1
        raise KeyError("x")
    return [elements(Dataset.from_generator(*args)) for args in (
        (lambda: iter([(1, 2), 3]), (tf.int32, tf.int32)),
        (lambda: iter([[1, 2]]), tf.int32, [3]),
        (fails, tf.int32))] + [said(
            lambda: Dataset.from_generator(5, tf.int32))]


def case_one_shot_iterators():
    # Names of factories are of a hash that differs: a graph of its own.
    with tf.Graph().as_default():
        two = tf.constant(2, tf.int64)
        dataset = Dataset.range(5).map(lambda x: x * two)
        dataset = dataset.filter(lambda x: x > 2).batch(2)
        following = tf.data.make_one_shot_iterator(dataset).get_next()
        with tf.Session() as s:
            return [repr(s.run(following)) for _ in range(2)]


def case_control_flow_in_functions():
    dataset = Dataset.range(3).map(lambda x: tf.map_fn(
        lambda y: y * x, tf.range(x + 1)))
    iterator = tf.data.make_initializable_iterator(dataset)
    following = iterator.get_next()
    with tf.Session() as s:
        s.run(iterator.initializer)
        return [repr(s.run(following)) for _ in range(3)]
