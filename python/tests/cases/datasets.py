"""Datasets and iterators.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import numpy as np
import tensorflow.compat.v1 as tf

Dataset = tf.data.Dataset


def said(function):
    try:
        return repr(function())
    except Exception as e:
        text = getattr(e, "message", None) or str(e)
        return "%s: %s" % (type(e).__name__, text.split(" (defined")[0])


def elements(dataset, rounds=1, limit=40):
    """What an initializable iterator gives, in each of several rounds."""
    iterator = tf.data.make_initializable_iterator(dataset)
    following = iterator.get_next()
    result = []
    with tf.Session() as s:
        for _ in range(rounds):
            s.run(iterator.initializer)
            seen = []
            try:
                while len(seen) < limit:
                    seen.append(repr(s.run(following)))
            except tf.errors.OutOfRangeError:
                seen.append("end")
            result.append(seen)
    return result


def case_range():
    return [elements(Dataset.range(*args)) for args in (
        (3,), (2, 5), (5, 0, -2), (3, 3))] + [said(lambda: Dataset.range())]


def case_range_without_a_step():
    return said(lambda: elements(Dataset.range(1, 5, 0)))


def case_slices():
    dataset = Dataset.from_tensor_slices(
        ([1, 2, 3], {"b": [[1.], [2.], [3.]], "a": ["x", "y", "z"]}))
    return (elements(dataset), dataset, dataset.output_types,
            dataset.output_shapes)


def case_slices_of_arrays():
    return elements(Dataset.from_tensor_slices(np.arange(6).reshape(2, 3)))


def case_slices_that_differ():
    return said(lambda: Dataset.from_tensor_slices(([1, 2], [1, 2, 3])))


def case_one_element():
    return elements(Dataset.from_tensors({"b": 1, "a": 2.})), elements(
        Dataset.from_tensors((1, (2, "c"))))


def case_batches():
    five = Dataset.range(5)
    return [elements(d) for d in (
        five.batch(2), five.batch(2, drop_remainder=True), five.batch(9),
        five.batch(2).batch(2, drop_remainder=True))] + [
            five.batch(2, True), five.batch(2)]


def case_batches_of_nothing():
    return said(lambda: elements(Dataset.range(5).batch(0)))


def case_repeats():
    two = Dataset.range(2)
    return [elements(d, limit=5) for d in (
        two.repeat(2), two.repeat(), two.repeat(0), two.repeat(-1),
        Dataset.range(0).repeat())]


def case_takes_and_skips():
    five = Dataset.range(5)
    return [elements(d) for d in (
        five.take(2), five.take(9), five.take(-1), five.take(0), five.skip(2),
        five.skip(9), five.skip(-1), five.skip(1).take(2).prefetch(1))]


def case_zips_and_concatenates():
    two, three = Dataset.range(2), Dataset.range(3)
    zipped = Dataset.zip((two, {"x": three}))
    return (elements(zipped), zipped, elements(two.concatenate(three)),
            said(lambda: Dataset.zip([two])), said(lambda: Dataset.zip(3)),
            said(lambda: two.concatenate(Dataset.from_tensors(1.))))


def case_shuffles():
    ten = Dataset.range(10)
    return [elements(d, rounds=2) for d in (
        ten.shuffle(4, seed=7), ten.shuffle(20, seed=7),
        ten.shuffle(4, seed=7, reshuffle_each_iteration=False),
        ten.shuffle(1, seed=3))]


def case_shuffles_by_the_graph_seed():
    return elements(Dataset.range(10).shuffle(10))


def case_shuffles_and_repeats():
    five = Dataset.range(5)
    return [elements(d, rounds=2) for d in (
        five.shuffle(3, seed=7).repeat(3),
        five.repeat(3).shuffle(3, seed=7),
        five.shuffle(3, seed=7, reshuffle_each_iteration=False).repeat(2),
        five.shuffle(8, seed=1).repeat(2).batch(4))]


def case_shuffles_for_ever():
    return elements(Dataset.range(5).shuffle(9, seed=7).repeat(), limit=17)


def case_shuffles_nothing():
    return said(lambda: elements(Dataset.range(5).shuffle(0)))


def case_one_shot():
    dataset = Dataset.range(3).batch(2)
    iterator = tf.data.make_one_shot_iterator(dataset)
    following = iterator.get_next(name="following")
    log = []
    for _ in range(2):
        with tf.Session() as s:
            log.append([said(lambda: s.run(following)) for _ in range(3)])
    graph = tf.get_default_graph()
    function, = graph.as_graph_def().library.function
    # TensorFlow's name has a hash of its own.
    named = function.signature.name
    log.append([named[:14], len(named),
                named == graph.get_operation_by_name("OneShotIterator")
                .get_attr("dataset_factory").name])
    function.signature.name = ""
    graph.get_operation_by_name("OneShotIterator")._set_attr(
        "dataset_factory", tf.AttrValue(func=tf.NameAttrList(name="F")))
    return log, str(function), said(lambda: iterator.initializer)


def case_one_shot_cannot_have_everything():
    variable = tf.Variable([1, 2])
    fed = tf.placeholder(tf.int64, [])
    return [said(lambda: Dataset.range(fed).make_one_shot_iterator()),
            said(lambda: Dataset.from_tensor_slices(
                variable).make_one_shot_iterator())]


def case_fed_pipeline():
    fed = tf.placeholder(tf.int64, [])
    iterator = Dataset.range(fed).make_initializable_iterator()
    following = iterator.get_next()
    log = []
    with tf.Session() as s:
        log.append(said(lambda: s.run(following)))
        for count in (1, 2):
            s.run(iterator.initializer, {fed: count})
            log.append([said(lambda: s.run(following)) for _ in range(3)])
    return log


def case_iterator_of_a_structure():
    iterator = tf.data.Iterator.from_structure(tf.int64, [None])
    starts = [iterator.make_initializer(Dataset.range(3).batch(2)),
              iterator.make_initializer(Dataset.range(9).batch(3), name="nine")]
    following = iterator.get_next()
    log = [iterator.output_types, iterator.output_shapes,
           said(lambda: iterator.initializer),
           said(lambda: iterator.make_initializer(Dataset.from_tensors(1.))),
           said(lambda: iterator.make_initializer(Dataset.range(2)))]
    with tf.Session() as s:
        for start in starts:
            s.run(start)
            log.append([said(lambda: s.run(following)) for _ in range(2)])
    return log


def case_two_sessions_go_on_alone():
    iterator = Dataset.range(5).make_initializable_iterator()
    following = iterator.get_next()
    first, second = tf.Session(), tf.Session()
    first.run(iterator.initializer)
    second.run(iterator.initializer)
    return [s.run(following) for s in (first, first, second, first)]


def case_monitored_training_over_a_dataset():
    following = Dataset.range(3).make_one_shot_iterator().get_next()
    seen = []
    with tf.train.MonitoredSession() as s:
        while not s.should_stop():
            seen.append(s.run(following))
    graph = tf.get_default_graph()
    graph.clear_collection(tf.GraphKeys.SAVERS)
    graph.get_operation_by_name("OneShotIterator")._set_attr(
        "dataset_factory", tf.AttrValue(func=tf.NameAttrList(name="F")))
    return seen


def case_a_dataset_is_no_number():
    dataset = Dataset.range(3)._variant_tensor
    with tf.Session() as s:
        return said(lambda: s.run(tf.raw_ops.ZerosLike(x=dataset)))
