"""Devices and builders: what ops a Saver makes."""
import tensorflow.compat.v1 as tf
from tensorflow.python.training.saving import saveable_object
from tensorflow.python.training import saver as saver_lib

from case_helpers import attempt
from case_helpers import parts
from case_helpers import session
from case_helpers import two
from case_helpers import Pair


def _sharded(**kwargs):
    def case():
        with tf.device("/cpu:0"):
            tf.Variable(1., name="a")
        with tf.device("/job:ps/task:1"):
            tf.Variable(1., name="b")
            tf.get_variable("c", [2], use_resource=True)
        with tf.device("/job:ps/task:0/gpu:3"):
            tf.Variable(1., name="d")
        with tf.device("/job:worker"):
            parts(resource=True)
            parts("q")
        tf.Variable(1., name="e")
        return str(tf.train.Saver(sharded=True, **kwargs).saver_def)
    return case


case_sharded_devices = _sharded()
case_sharded_devices_v1 = _sharded(write_version=tf.train.SaverDef.V1)
case_sharded_devices_reshape = _sharded(reshape=True)
case_sharded_devices_sequential = _sharded(restore_sequentially=True)
case_sharded_devices_base_builder = _sharded(
    builder=saver_lib.BaseSaverBuilder())


def case_devices_unsharded_base_builder():
    with tf.device("/job:ps/task:1/gpu:0"):
        tf.Variable(1., name="b")
        tf.get_variable("c", [2], use_resource=True)
    tf.Variable(1., name="e")
    return str(tf.train.Saver(
        builder=saver_lib.BaseSaverBuilder()).saver_def)


def case_saveable_on_two_devices():
    with tf.device("/cpu:0"):
        a = tf.Variable(1., name="a")
    with tf.device("/cpu:1"):
        b = a * 2.
    spec = saveable_object.SaveSpec
    one = saveable_object.SaveableObject(
        a, [spec(a, "", "x"), spec(b, "", "y")], "both")
    return attempt(tf.train.Saver, [one], sharded=True), attempt(
        tf.train.Saver, [one])


def case_in_a_device_scope():
    two()
    with tf.device("/cpu:0"):
        tf.train.Saver()
    with tf.device("/job:w"), tf.control_dependencies([tf.no_op()]):
        tf.train.Saver(sharded=True)


def case_replica_device_setter():
    with tf.device(tf.train.replica_device_setter(ps_tasks=2)):
        tf.get_variable("a", [2])
        tf.get_variable("b", [2], use_resource=True)
        c = tf.get_variable("c", [2]) + 1.
    tf.train.Saver(sharded=True)
    return c.device


# ---- Builders ---------------------------------------------------------------

class Loud(saver_lib.BulkSaverBuilder):
    """Notes what is asked of it."""

    def __init__(self, **kwargs):
        super(Loud, self).__init__(**kwargs)
        self.seen = []

    def save_op(self, filename_tensor, saveables):
        self.seen.append(("save", filename_tensor.name,
                          [(type(s).__name__, s.name, s.device,
                            [(p.name, p.slice_spec, p.dtype.name, p.tensor.name)
                             for p in s.specs]) for s in saveables]))
        return super(Loud, self).save_op(filename_tensor, saveables)

    def bulk_restore(self, filename_tensor, saveables, preferred_shard,
                     restore_sequentially):
        self.seen.append(("restore", [s.name for s in saveables],
                          preferred_shard, restore_sequentially))
        return super(Loud, self).bulk_restore(
            filename_tensor, saveables, preferred_shard, restore_sequentially)

    def sharded_filename(self, filename_tensor, shard, num_shards):
        self.seen.append(("shard", shard, num_shards.name))
        return super(Loud, self).sharded_filename(filename_tensor, shard,
                                                  num_shards)


class OneByOne(saver_lib.BaseSaverBuilder):
    """Restores what is there of each tensor, else zeros."""

    def restore_op(self, filename_tensor, saveable, preferred_shard):
        tensors = super(OneByOne, self).restore_op(filename_tensor, saveable,
                                                   preferred_shard)
        return [t + 100. for t in tensors]


def _built_by(make, **kwargs):
    def case():
        a, b = two()
        parts(resource=True)
        parts("q")
        builder = make()
        saver = tf.train.Saver(builder=builder, **kwargs)
        s = session()
        saver.save(s, "m")
        s.run(a.assign([0., 0.]))
        attempt(saver.restore, s, "m")
        return getattr(builder, "seen", None), s.run(a), str(saver.saver_def)
    return case


for _name, _make in {
        "base": saver_lib.BaseSaverBuilder, "bulk": saver_lib.BulkSaverBuilder,
        "loud": Loud, "one_by_one": OneByOne,
        "v1": lambda: Loud(write_version=tf.train.SaverDef.V1)}.items():
    globals()["case_builder_" + _name] = _built_by(_make)
    globals()["case_builder_%s_sharded" % _name] = _built_by(_make, sharded=True)
    globals()["case_builder_%s_sequential" % _name] = _built_by(
        _make, restore_sequentially=True, reshape=True)


def case_builder_alone():
    a, b = two()
    builder = saver_lib.BulkSaverBuilder()
    return str(builder.build([a, b], max_to_keep=3, name="x")), str(
        saver_lib.BaseSaverBuilder().build({"y": a}, sharded=True)), attempt(
            builder.build, 5)


def case_builder_that_fails():
    class Failing(saver_lib.BaseSaverBuilder):
        def save_op(self, filename_tensor, saveables):
            raise KeyError("mine")
    two()
    return attempt(tf.train.Saver, builder=Failing())


def case_saveable_that_fails():
    a, b = two()

    class Failing(Pair):
        def restore(self, tensors, shapes):
            raise ZeroDivisionError("mine")
    return [attempt(tf.train.Saver, [Failing(a, "f")]),
            attempt(tf.train.Saver, [saveable_object.SaveableObject(
                a, [saveable_object.SaveSpec(a, "", "x")], "n")])]


def case_saveable_sees_shapes():
    a, b = two()
    p = tf.placeholder(tf.float32)
    c = tf.Variable(p, validate_shape=False, name="c")
    seen = []

    class Seeing(Pair):
        def restore(self, tensors, shapes):
            seen.append([t.name for t in tensors])
            seen.append(None if shapes is None else [
                getattr(s, "name", None) or str(s) for s in shapes])
            return tf.group(tf.no_op(), tf.no_op())
    tf.train.Saver([Seeing(a, "x"), Seeing(c, "y")], reshape=True)
    tf.train.Saver([Seeing(a, "x")])
    return seen


def case_saveable_of_callable():
    a, b = two()
    spec = saveable_object.SaveSpec
    made = []

    def tensor():
        made.append(1)
        return a * 3.
    errors = [attempt(spec, tensor, "", "x"),
              attempt(spec, tensor, "", "x", dtype=tf.float32),
              attempt(spec, tensor, "", "x", device="")[:1] != ()]

    class Called(saveable_object.SaveableObject):
        def __init__(self):
            super(Called, self).__init__(tensor, [
                spec(tensor, "", "x", dtype=tf.float32, device="/cpu:0")],
                "called")

        def restore(self, tensors, shapes):
            return a.assign(tensors[0])
    saver = tf.train.Saver([Called()], sharded=True, reshape=True)
    s = session()
    saver.save(s, "m")
    saver.restore(s, "m")
    return errors, len(made), s.run(a)


def case_saveable_object_functions():
    a, b = two()
    p = parts()
    util = saveable_object_util
    shown = lambda found: [(type(s).__name__, s.name, s.device, s.op is a,
                            [(x.name, x.slice_spec, x.dtype.name)
                             for x in s.specs]) for s in found]
    return [shown(util.validate_and_slice_inputs([a, b, p])),
            shown(util.validate_and_slice_inputs({"x": a, "y": list(p)})),
            shown(util.saveable_objects_for_op(a, "n")),
            attempt(lambda: list(util.saveable_objects_for_op(a, 5))),
            sorted(util.op_list_to_dict([a, b, p])),
            sorted(util.op_list_to_dict([a] + list(p))),
            util.op_list_to_dict([a], convert_variable_to_tensor=False)[
                "a"] is a,
            util.op_list_to_dict([a])["a"].name,
            util.op_list_to_dict([b])["b"].name,
            attempt(util.op_list_to_dict, {"a": a}),
            util.set_cpu0("/job:ps/task:3/gpu:1"), util.set_cpu0(""),
            attempt(util.set_cpu0, "x"),
            attempt(util.ResourceVariableSaveable, a, "", "n")]


def case_builder_that_makes_little():
    class Little(saver_lib.BaseSaverBuilder):
        def __init__(self, count):
            super(Little, self).__init__()
            self._count = count

        def bulk_restore(self, *args):
            return [tf.fill([2], 8.)] * self._count
    a, b = two()
    saver = tf.train.Saver([a], builder=Little(1))
    s = session()
    saver.save(s, "m")
    saver.restore(s, "m")
    return s.run(a), attempt(tf.train.Saver, builder=Little(0))
