"""The other arguments of tf.train.Saver."""
import numpy as np
import tensorflow.compat.v1 as tf

from case_helpers import attempt
from case_helpers import files
from case_helpers import session
from case_helpers import state
from case_helpers import two


def _kept(**kwargs):
    def case():
        a, b = two()
        saver = attempt(tf.train.Saver, **kwargs)
        if isinstance(saver, tuple):
            return saver
        s = session()
        seen = []
        for step in range(7):
            seen.append(saver.save(s, "m", global_step=step))
            seen.append(list(saver.last_checkpoints))
            seen.append(state())
        return seen, str(saver.saver_def), files()
    return case


for _name, _kwargs in {
        "default": {}, "2": dict(max_to_keep=2), "1": dict(max_to_keep=1),
        "0": dict(max_to_keep=0), "none": dict(max_to_keep=None),
        "zero_hours": dict(
            max_to_keep=2, keep_checkpoint_every_n_hours=0.),
        "negative_hours": dict(max_to_keep=2,
                               keep_checkpoint_every_n_hours=-1.),
        "padded": dict(max_to_keep=2, pad_step_number=True),
        "relative": dict(max_to_keep=3, save_relative_paths=True),
        "sharded": dict(max_to_keep=2, sharded=True),
        "v1": dict(max_to_keep=2, write_version=tf.train.SaverDef.V1),
        "v1_sharded": dict(max_to_keep=2, sharded=True,
                           write_version=tf.train.SaverDef.V1),
        }.items():
    globals()["case_max_to_keep_" + _name] = _kept(**_kwargs)


def _with_clock(times, **kwargs):
    """Steps saved at the given times, in hours."""
    def case():
        try:
            from unittest import mock
        except ImportError:
            return None
        with mock.patch.object(saver_lib, "time") as clock:
            clock.time.return_value = 1e6
            tf.Variable(1., name="v")
            saver = tf.train.Saver(**kwargs)
            s = session()
            seen = []
            for step, hours in enumerate(times):
                clock.time.return_value = 1e6 + hours * 3600.
                saver.save(s, "m", global_step=step, write_meta_graph=False)
                seen.append([f for f in files() if f.endswith(".index")])
        return seen
    return case


for _i, (_times, _kwargs) in enumerate([
        ((0, 1, 2, 3, 4, 5), dict(max_to_keep=1,
                                  keep_checkpoint_every_n_hours=2)),
        ((0, .6, 1.2, 1.8, 2.4, 3), dict(max_to_keep=2,
                                         keep_checkpoint_every_n_hours=1)),
        ((0, 10, 10, 10, 10.5, 11), dict(max_to_keep=1,
                                         keep_checkpoint_every_n_hours=1)),
        ((5, 4, 3, 2, 1, 0), dict(max_to_keep=1,
                                  keep_checkpoint_every_n_hours=3.5)),
        ((0, 1, 2, 3), dict(max_to_keep=1, keep_checkpoint_every_n_hours=0)),
        ]):
    globals()["case_hours_%d" % _i] = _with_clock(_times, **_kwargs)


def case_hours_of_recovered():
    from unittest import mock
    with mock.patch.object(saver_lib, "time") as clock:
        clock.time.return_value = 1e6
        tf.Variable(1., name="v")
        s = session()
        first = tf.train.Saver(max_to_keep=None)
        for step in range(4):
            first.save(s, "m", global_step=step, write_meta_graph=False)
        saver = tf.train.Saver(max_to_keep=2, keep_checkpoint_every_n_hours=1)
        saver.set_last_checkpoints_with_time(
            [("m-0", 1e6), ("m-1", 1e6 + 4000), ("m-2", 1e6 + 4001)])
        clock.time.return_value = 1e6 + 5000
        seen = []
        for step in range(3, 8):
            saver.save(s, "m", global_step=step, write_meta_graph=False)
            seen.append((saver.last_checkpoints,
                         [f for f in files() if f.endswith(".index")]))
    return seen


def case_constructor_errors():
    a, b = two()
    made = tf.train.Saver
    return [attempt(made, defer_build=True, var_list=[a]),
            attempt(made, name="a b"), attempt(made, name=""),
            attempt(made, saver_def=5), attempt(
                made, saver_def=tf.train.SaverDef()),
            attempt(made, saver_def=tf.train.SaverDef(save_tensor_name="x"))]


def case_write_version_errors():
    with tf.Graph().as_default():
        two()
        return [attempt(tf.train.Saver, write_version=v)
                for v in (0, 3, None)]


def case_names_of_savers():
    two()
    savers = [tf.train.Saver(), tf.train.Saver(name="s"),
              tf.train.Saver(name="s"), tf.train.Saver(name="x/y")]
    with tf.name_scope("scope"):
        savers.append(tf.train.Saver())
        savers.append(tf.train.Saver(name="q"))
    with tf.variable_scope("vs"):
        savers.append(tf.train.Saver())
    return [str(s.saver_def) for s in savers]


def case_filename_argument():
    two()
    saver = tf.train.Saver(filename="given")
    s = session()
    s.run(saver.saver_def.save_tensor_name)
    s.run(saver.saver_def.restore_op_name)
    tf.train.Saver(filename="")
    return files()


def case_filename_default():
    two()
    saver = tf.train.Saver()
    s = session()
    return s.run(saver.saver_def.save_tensor_name), files()


def case_defer_build():
    a = tf.Variable(1., name="a")
    saver = tf.train.Saver(defer_build=True)
    before = [saver.saver_def, attempt(saver.save, None, "m"),
              attempt(saver.restore, tf.Session(), "m"),
              attempt(saver.as_saver_def), attempt(saver.to_proto)]
    tf.Variable(2., name="b")
    saver.build()
    saver.build()
    s = session()
    return before, saver.save(s, "m"), tf.train.list_variables("m")


def case_defer_build_with_checkpoint():
    a = tf.Variable(1., name="a")
    s = session()
    tf.train.Saver().save(s, "m")
    return attempt(tf.train.Saver(defer_build=True).restore, s, "m")


def case_allow_empty():
    saver = tf.train.Saver(allow_empty=True)
    s = tf.Session()
    return [saver.save(s, "m", global_step=3), saver.restore(None, None),
            saver.saver_def, saver.last_checkpoints, files(),
            attempt(saver.save, None, "m"), attempt(saver.to_proto),
            attempt(saver.save, s, "checkpoint"),
            attempt(tf.train.Saver, [], allow_empty=True) is not None,
            attempt(saver.save, s, "no/where")]


def case_allow_empty_later_variable():
    saver = tf.train.Saver(allow_empty=True)
    tf.Variable(1.)
    s = session()
    saver.build()
    return saver.save(s, "m", write_meta_graph=False), files()


def case_reshape_loads_other_shape():
    with tf.Graph().as_default():
        tf.Variable(np.arange(6.), name="v")
        tf.train.Saver().save(session(), "m")
    v = tf.Variable(np.zeros((2, 3)), name="v")
    s = session()
    error = attempt(tf.train.Saver().restore, s, "m")
    tf.train.Saver(reshape=True).restore(s, "m")
    return error, s.run(v)


def case_reshape_unknown_shape():
    p = tf.placeholder(tf.float32)
    v = tf.Variable(p, validate_shape=False, name="v")
    saver = tf.train.Saver(reshape=True)
    s = tf.Session()
    s.run(v.initializer, {p: [[1.], [2.]]})
    saver.save(s, "m")
    s.run(v.initializer, {p: [0., 0.]})
    saver.restore(s, "m")
    return s.run(v)


def case_reshape_mismatch():
    with tf.Graph().as_default():
        tf.Variable(np.arange(6.), name="v")
        tf.train.Saver().save(session(), "m")
    tf.Variable(np.zeros(4), name="v")
    s = session()
    return attempt(tf.train.Saver(reshape=True).restore, s, "m")


def case_restore_sequentially():
    two()
    saver = tf.train.Saver(restore_sequentially=True)
    return str(saver.saver_def)


def case_saver_def_argument():
    a, b = two()
    first = tf.train.Saver(max_to_keep=2, name="mine")
    saver = tf.train.Saver(saver_def=first.as_saver_def())
    s = session()
    seen = [saver.save(s, "m", global_step=i) for i in range(4)]
    s.run(a.assign([7., 7.]))
    saver.restore(s, "m-3")
    return seen, s.run(a), files(), saver.saver_def is first.saver_def


def case_saver_def_of_a_tensor_that_is_no_string():
    v = tf.Variable(1.0, name="v")
    kinds = [tf.int64, tf.uint8, tf.qint8, tf.float16, tf.float64, tf.bfloat16,
             tf.complex64, tf.bool]
    seen = []
    for kind in kinds:
        definition = tf.train.Saver([v]).as_saver_def()
        definition.filename_tensor_name = tf.placeholder(kind, []).name
        saver = tf.train.Saver(saver_def=definition)
        s = session(v)
        path = tf.train.Saver([v]).save(s, "whole")
        seen.append((attempt(saver.save, s, "m"), attempt(saver.restore, s,
                                                          path)))
    return seen


def case_saver_def_with_name():
    definition = tf.train.SaverDef(
        filename_tensor_name="save/Const:0",
        save_tensor_name="save/control_dependency:0",
        restore_op_name="save/restore_all", version=tf.train.SaverDef.V2)
    saver = tf.train.Saver(saver_def=definition, name="scope")
    return str(saver.saver_def), str(definition)


def case_saver_def_changed():
    two()
    saver = tf.train.Saver()
    saver.saver_def.max_to_keep = 1
    s = session()
    for i in range(3):
        saver.save(s, "m", global_step=i)
    return files()


def case_saver_def_of_nothing():
    a, b = two()
    definition = tf.train.Saver().as_saver_def()
    definition.save_tensor_name = "nowhere:0"
    saver = tf.train.Saver(saver_def=definition)
    s = session()
    return attempt(saver.save, s, "m")


def case_protos_of_savers():
    two()
    with tf.name_scope("s"):
        saver = tf.train.Saver()
    again = tf.train.Saver.from_proto(saver.to_proto())
    moved = tf.train.Saver.from_proto(saver.to_proto("s"), import_scope="t")
    return [str(saver.to_proto()), str(saver.to_proto("s")),
            str(saver.to_proto("s/")), str(saver.to_proto("t")),
            str(saver.to_proto("")), str(again.to_proto()),
            str(moved.to_proto()), str(moved.to_proto("t"))]


def case_saver_or_default():
    a, b = two()
    first = saver_lib._get_saver_or_default()
    again = saver_lib._get_saver_or_default()
    tf.add_to_collection(tf.GraphKeys.SAVERS, tf.train.Saver([a]))
    return first is again, first.saver_def.sharded, attempt(
        saver_lib._get_saver_or_default)


def case_finalized_graph():
    with tf.Graph().as_default() as g:
        two()
        saver = tf.train.Saver(max_to_keep=1)
        s = session()
        g.finalize()
        return [attempt(tf.train.Saver), saver.save(s, "m", global_step=1),
                saver.save(s, "m", global_step=2), attempt(
                    saver.save, s, "m", global_step=tf.train.get_global_step())]


def case_savers_share_a_folder():
    a, b = two()
    first, second = tf.train.Saver([a], max_to_keep=1), tf.train.Saver([b])
    s = session()
    seen = []
    for saver, path in ((first, "x"), (second, "y"), (first, "z")):
        saver.save(s, path, write_meta_graph=False)
        seen.append(state())
    return seen, files()
