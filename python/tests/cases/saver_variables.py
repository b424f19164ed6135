"""What a Saver is given: variables, tensors, slices, objects, wrong things."""
import tensorflow.compat.v1 as tf
from tensorflow.python.training import saver as saver_lib

from case_helpers import attempt
from case_helpers import parts
from case_helpers import session
from case_helpers import two
from case_helpers import Pair


WRONG = {
    "int": lambda a, b: 5,
    "string": lambda a, b: "a",
    "none_in_list": lambda a, b: [None],
    "int_in_list": lambda a, b: [a, 5],
    "list_in_list": lambda a, b: [[a, b]],
    "empty_list": lambda a, b: [],
    "empty_dict": lambda a, b: {},
    "empty_tuple": lambda a, b: (),
    "twice": lambda a, b: [a, a],
    "twice_resource": lambda a, b: [b, b],
    "twice_by_tensor": lambda a, b: [a, a._ref()],
    "two_names": lambda a, b: {"x": a, "y": a},
    "two_names_resource": lambda a, b: {"x": b, "y": b},
    "value": lambda a, b: {"x": a.value()},
    "value_in_list": lambda a, b: [a.value()],
    "sum": lambda a, b: [a + 1.],
    "constant": lambda a, b: {"x": tf.constant(1.)},
    "int_value": lambda a, b: {"x": 5},
    "none_value": lambda a, b: {"x": None},
    "int_key": lambda a, b: {5: a},
    "mixed_keys": lambda a, b: {5: a, "x": b},
    "handle": lambda a, b: [b.handle],
    "handle_value": lambda a, b: {"x": b.handle},
    "operation": lambda a, b: [a.op],
    "operation_value": lambda a, b: {"x": a.op},
    "list_value": lambda a, b: {"x": [a]},
    "empty_list_value": lambda a, b: {"x": []},
    "mixed_list_value": lambda a, b: {"x": [5, a]},
    "pair_and_own": lambda a, b: [a, Pair(a, "p")],
    "pair_twice": lambda a, b: [Pair(a, "p"), Pair(a, "q")],
    "pair_same_name": lambda a, b: [Pair(a, "p"), Pair(b, "p")],
    "generator": lambda a, b: (v for v in [a]),
    "frozenset": lambda a, b: frozenset([a]),
    "name": lambda a, b: ["a"],
    "saver": lambda a, b: [tf.train.Saver([a])],
}


def _wrong(make):
    def case():
        a, b = two()
        return attempt(tf.train.Saver, make(a, b))
    return case


for _name, _make in WRONG.items():
    globals()["case_var_list_wrong_" + _name] = _wrong(_make)

RIGHT = {
    "list": lambda a, b: [b, a],
    "tuple": lambda a, b: (a,),
    "set": lambda a, b: {a, b},
    "dict": lambda a, b: {"z": a, "y/x": b},
    "tensor": lambda a, b: [a._ref()],
    "read": lambda a, b: [b._graph_element],
    "read_in_dict": lambda a, b: {"r": b._graph_element},
    "new_read": lambda a, b: {"r": b.read_value().op.inputs[0]},
    "pair": lambda a, b: [b, Pair(a, "pair")],
    "pair_in_dict": lambda a, b: {"any": Pair(a, "pair"), "b": b},
    "variable_saveable": lambda a, b: [
        saver_lib.BaseSaverBuilder.VariableSaveable(a, "", "other")],
    "variable_saveable_of_ref": lambda a, b: [
        saver_lib.BaseSaverBuilder.VariableSaveable(a._ref(), "", "other")],
    "resource_saveable": lambda a, b: [
        saver_lib.BaseSaverBuilder.ResourceVariableSaveable(b, "", "other")],
    "resource_saveable_of_read": lambda a, b: [
        saver_lib.BaseSaverBuilder.ResourceVariableSaveable(
            b._graph_element, "", "other")],
    "same_name_saveables": lambda a, b: [Pair(a, "p"), Pair(b, "p"), a],
}


def _right(make, **kwargs):
    def case():
        a, b = two()
        saver = tf.train.Saver(make(a, b), **kwargs)
        s = session()
        saver.save(s, "m")
        s.run([a.assign([0., 0.]), b.assign([0., 0., 0.])])
        saver.restore(s, "m")
        return str(saver.saver_def), s.run([a, b]), \
            tf.train.list_variables("m")
    return case


for _name, _make in RIGHT.items():
    globals()["case_var_list_" + _name] = _right(_make)
    globals()["case_var_list_%s_sharded" % _name] = _right(_make, sharded=True)
    globals()["case_var_list_%s_reshape" % _name] = _right(_make, reshape=True)
    globals()["case_var_list_%s_base_builder" % _name] = _right(
        _make, builder=saver_lib.BaseSaverBuilder())


def _partitioned(resource, make, **kwargs):
    def case():
        p = parts(resource=resource)
        w = tf.Variable(1., name="w")
        saver = tf.train.Saver(make(p, w), **kwargs)
        s = session()
        saver.save(s, "m")
        s.run([v.assign(v * 0.) for v in p])
        saver.restore(s, "m")
        return s.run(list(p)), tf.train.list_variables("m")
    return case


for _name, _make in {
        "all": lambda p, w: None,
        "whole": lambda p, w: [p, w],
        "parts": lambda p, w: [w] + list(p),
        "one_part": lambda p, w: [list(p)[1]],
        "renamed": lambda p, w: {"q": p},
        "renamed_parts": lambda p, w: {"q": list(p)},
        "renamed_part": lambda p, w: {"q": list(p)[:1], "w": w},
        "part_as_variable": lambda p, w: {"q": list(p)[0]},
        }.items():
    for _resource in (False, True):
        _suffix = _name + ("_resource" if _resource else "")
        globals()["case_partitioned_" + _suffix] = _partitioned(_resource, _make)
        globals()["case_partitioned_%s_sharded" % _suffix] = _partitioned(
            _resource, _make, sharded=True)
        globals()["case_partitioned_%s_reshape" % _suffix] = _partitioned(
            _resource, _make, reshape=True)


def case_partitioned_wrong():
    p, q = parts(), parts("q")
    w = tf.Variable(1., name="w")
    return [attempt(tf.train.Saver, var_list) for var_list in (
        {"x": list(p) + list(q)}, {"x": list(p) + [w]}, {"x": [w]},
        [p, list(p)[0]], [p, p], {"x": p, "y": p})]


def case_partitioned_in_collections():
    wholes = [tf.get_variable(name, [4, 2], use_resource=name == "p",
                              partitioner=tf.fixed_size_partitioner(2))
              for name in "pq"]
    for key in ["mine", tf.GraphKeys.SUMMARIES]:
        for whole in wholes:
            tf.add_to_collection(key, whole)
    tf.train.Saver(sharded=True)
    tf.train.Saver()
    kept = tf.get_collection("mine")
    names = list(tf.train.export_meta_graph().collection_def["mine"]
                 .node_list.value)
    return [a is b for a, b in zip(kept, wholes)], names


def case_partitioned_beside_whole():
    p = parts()
    tf.Variable(1., name="p")
    return attempt(tf.train.Saver)


def case_other_graph():
    g = tf.Graph()
    with g.as_default():
        v = tf.Variable(1., name="v")
    saver = tf.train.Saver([v])
    return [n.name for n in g.as_graph_def().node], str(saver.saver_def)


def case_two_graphs():
    with tf.Graph().as_default():
        v = tf.Variable(1., name="v")
    w = tf.Variable(1., name="w")
    return attempt(tf.train.Saver, [v, w]), attempt(
        tf.train.Saver, [Pair(w, "p"), v])


def case_saveable_objects_collection():
    a, b = two()
    tf.add_to_collection(tf.GraphKeys.SAVEABLE_OBJECTS, Pair(a, "pair"))
    return attempt(tf.train.Saver)


def case_saveables_of_tables_and_iterators():
    from tensorflow.python.ops import lookup_ops
    lookup_ops.MutableHashTable(tf.string, tf.int64, -1, name="table")
    iterator = tf.data.make_initializable_iterator(tf.data.Dataset.range(3))
    tf.add_to_collection(tf.GraphKeys.SAVEABLE_OBJECTS,
                         tf.data.experimental.make_saveable_from_iterator(
                             iterator))
    return [(type(s).__name__, s.name)
            for s in tf.get_collection(tf.GraphKeys.SAVEABLE_OBJECTS)]


def case_saveable_objects_collection_deferred():
    with tf.variable_scope("s"):
        v = tf.Variable(1., name="v", collections=["mine"])
    saver = tf.train.Saver(defer_build=True)
    tf.add_to_collection(tf.GraphKeys.SAVEABLE_OBJECTS, Pair(v, "pair"))
    saver.build()
    s = tf.Session()
    s.run(v.initializer)
    saver.save(s, "m")
    saver.restore(s, "m")
    return s.run(v), tf.train.list_variables("m")


def case_which_collections():
    tf.Variable(1., name="l", collections=[tf.GraphKeys.LOCAL_VARIABLES])
    tf.Variable(1., name="t", trainable=False)
    tf.Variable(1., name="n", collections=[])
    tf.Variable(1., name="m", collections=[tf.GraphKeys.MODEL_VARIABLES])
    tf.get_variable("g", [2])
    saver = tf.train.Saver()
    return [n.name for n in tf.get_default_graph().as_graph_def().node
            if n.op.startswith("Save")], str(saver.as_saver_def())
