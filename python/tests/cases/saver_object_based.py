"""Savers on the checkpoints of tf.train.Checkpoint."""
import os

import numpy as np
import tensorflow.compat.v1 as tf
from tensorflow.python.training import saver as saver_lib

from case_helpers import Pair
from case_helpers import attempt
from case_helpers import parts
from case_helpers import session


def written(resource=True, partitioned=False):
    """Saves a (1, 2) and b (3) as objects, under "d/obj-1"."""
    os.mkdir("d")
    with tf.Graph().as_default():
        a = tf.Variable([1., 2.], name="a", use_resource=resource)
        b = tf.Variable(3., name="b", use_resource=resource)
        checkpoint = tf.train.Checkpoint(first=a, second=b)
        with tf.Session() as s:
            s.run(tf.global_variables_initializer())
            return checkpoint.save("d/obj", session=s)


def names(graph=None):
    return [n.name for n in (graph or tf.get_default_graph())
            .as_graph_def().node if n.name.startswith("save")]


def _restored(resource, written_resource):
    def case():
        path = written(written_resource)
        a = tf.Variable([0., 0.], name="a", use_resource=resource)
        b = tf.Variable(0., name="b", use_resource=resource)
        saver = tf.train.Saver()
        s = session()
        saver.restore(s, path)
        first = s.run([a, b])
        count = len(names())
        s.run([a.assign([5., 5.]), b.assign(5.)])
        saver.restore(s, path)
        return first, s.run([a, b]), len(names()) - count
    return case


for _name, _resource, _written in (
        ("ref", False, False), ("resource", True, True),
        ("ref_of_resource", False, True), ("resource_of_ref", True, False)):
    globals()["case_restored_" + _name] = _restored(_resource, _written)


def case_one_variable():
    path = written()
    b = tf.Variable(0., name="b")
    tf.Variable(0., name="other")
    s = session()
    tf.train.Saver([b]).restore(s, path)
    return s.run(b)


def case_dict():
    path = written()
    v = tf.Variable([0., 0.], name="v")
    s = session()
    tf.train.Saver({"a": v}).restore(s, path)
    return s.run(v)


def case_missing():
    path = written()
    with tf.Graph().as_default():
        tf.Variable([0., 0.], name="a")
        tf.Variable(0., name="z")
        tf.Variable(0., name="y")
        emb = tf.Variable(0., name="emb_old")
        s = session()
        count = len(names())
        return [attempt(tf.train.Saver().restore, s, path),
                attempt(tf.train.Saver({"emb": emb}).restore, s, path)]


def case_other_shape():
    path = written()
    tf.Variable([0., 0., 0.], name="a")
    s = session()
    return attempt(tf.train.Saver().restore, s, path)


def case_all_missing_then_there():
    path = written()
    a = tf.Variable([0., 0.], name="a")
    c = tf.Variable(0., name="c")
    s = session()
    with tf.Graph().as_default():
        pass
    saver = tf.train.Saver()
    error = attempt(saver.restore, s, path)
    saver_of_a = tf.train.Saver([a])
    saver_of_a.restore(s, path)
    return error, s.run([a, c])


def case_in_another_default_graph():
    path = written()
    g = tf.Graph()
    with g.as_default():
        a = tf.Variable([0., 0.], name="a")
        saver = tf.train.Saver()
        s = session()
    saver.restore(s, path)
    return s.run(a), names(g)


def case_finalized_graph():
    path = written()
    with tf.Graph().as_default() as g:
        tf.Variable([0., 0.], name="a")
        saver = tf.train.Saver()
        s = session()
        g.finalize()
        return attempt(saver.restore, s, path)


def case_deferred():
    path = written()
    saver = tf.train.Saver(defer_build=True)
    a = tf.Variable([0., 0.], name="a")
    saver.build()
    s = session()
    saver.restore(s, path)
    return s.run(a), str(saver.saver_def)


def case_of_a_saver_def():
    path = written()
    a = tf.Variable([0., 0.], name="a")
    saver = tf.train.Saver(saver_def=tf.train.Saver().as_saver_def())
    s = session()
    saver.restore(s, path)
    saver.restore(s, path)
    return s.run(a)


def case_sharded_and_renamed_scope():
    path = written()
    with tf.name_scope("scope"):
        a = tf.Variable([0., 0.], name="a")
        saver = tf.train.Saver({"a": a}, sharded=True, name="mine",
                               max_to_keep=1)
        s = session()
        saver.restore(s, path)
    return s.run(a)


def case_variables_beside_a_saver_def():
    a = tf.get_variable("a", [2], initializer=tf.ones_initializer())
    b = tf.get_variable("b", [2], initializer=tf.ones_initializer())
    definition = tf.train.Saver().as_saver_def()
    s = session()
    path = tf.train.Checkpoint(x=a).save("ob", session=s)
    seen = []
    for var_list in [[a], {"a": a}, {"z": a}, [a, b], [], {}, None, 3, ["a"]]:
        saver = tf.train.Saver(saver_def=definition, var_list=var_list)
        seen.append(attempt(saver.restore, s, path))
    return seen


def case_partitioned():
    path = written()
    parts("a", value=0.)
    s = session()
    return attempt(tf.train.Saver().restore, s, path)


def case_own_builder():
    path = written()
    a = tf.Variable([0., 0.], name="a")
    saver = tf.train.Saver(builder=saver_lib.BaseSaverBuilder())
    s = session()
    saver.restore(s, path)
    return s.run(a)


def case_own_saveable():
    path = written()
    a = tf.Variable([0., 0.], name="a")
    pair = Pair(a, "a")
    pair.specs = [saver_lib.BaseSaverBuilder.SaveSpec(a, "", "a"),
                  saver_lib.BaseSaverBuilder.SaveSpec(a, "", "b")]
    pair.specs[1].name = "a"
    s = session()
    saver = tf.train.Saver([pair])
    saver.restore(s, path)
    return s.run(a), [spec.name for spec in pair.specs], attempt(
        saver.restore, s, path)


def case_saved_afterwards():
    path = written()
    a = tf.Variable([0., 0.], name="a")
    saver = tf.train.Saver()
    s = session()
    saver.restore(s, path)
    saver.save(s, "m")
    return tf.train.list_variables("m"), str(saver.saver_def)


def case_functions():
    path = written()
    a = tf.Variable([0., 0.], name="a")
    s = session()
    tf.train.Saver([a]).save(s, "plain")
    mapping = saver_lib.object_graph_key_mapping
    of = saver_lib.saver_from_object_based_checkpoint
    saver = of(path, var_list=[a])
    saver.restore(s, path)
    return [sorted(mapping(path).items()), attempt(mapping, "plain")[0],
            attempt(mapping, "none")[0], attempt(of, "plain"),
            attempt(of, path, [a], names_to_keys={"b": "x"}),
            of(path, var_list=[a], cached_saver=saver) is saver, s.run(a)]
