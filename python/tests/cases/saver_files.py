"""Saver.save and Saver.restore: paths, files, errors."""
import os

import numpy as np
import tensorflow.compat.v1 as tf

from case_helpers import attempt
from case_helpers import files
from case_helpers import parts
from case_helpers import session
from case_helpers import state
from case_helpers import two


def case_global_step_kinds():
    a, b = two()
    step = tf.train.create_global_step()
    saver = tf.train.Saver()
    s = session()
    s.run(tf.assign(step, 41))
    return [attempt(saver.save, s, "m", global_step=g) for g in (
        0, 7, np.int64(8), step, step.value(), "global_step:0",
        tf.constant(9), -3, 2.7, [1], "nothing:0", "x", True, 10**12,
        tf.constant([1]))] + [files()]


def case_padded_steps():
    two()
    saver = tf.train.Saver(pad_step_number=True)
    s = session()
    return [saver.save(s, "m", global_step=g) for g in (
        0, 12345678, 123456789, -5)]


def case_save_paths():
    two()
    saver = tf.train.Saver()
    s = session()
    os.mkdir("d")
    seen = []
    for path in ("m", "./m", "d/m", "./d/m", "d//m", "d/./m", "d/../m", "new/m",
                 "new/two/levels/m", "", "d/", "d", ".", "m.ckpt", "a b",
                 "m-?????-of-00001", "\u00fc"):
        seen.append((path, attempt(saver.save, s, path)))
        if os.path.exists("checkpoint"):
            seen.append(state())
    return seen, files(), state("d"), saver.last_checkpoints


def case_save_absolute():
    two()
    here = os.getcwd()
    os.mkdir("d")
    s = session()
    plain, relative = tf.train.Saver(), tf.train.Saver(
        save_relative_paths=True)
    found = []
    for saver in (plain, relative):
        for path in (here + "/d/m", "d/n", here + "/d/../d/o"):
            saver.save(s, path, write_meta_graph=False)
            found.append(state("d").replace(here, "HERE"))
            found.append(str(tf.train.latest_checkpoint("d")).replace(
                here, "HERE"))
    return found


def case_latest_filenames():
    two()
    saver = tf.train.Saver()
    sharded = tf.train.Saver(sharded=True)
    s = session()
    os.mkdir("d")
    return [attempt(*args, **kwargs) for args, kwargs in (
        ((saver.save, s, "m"), dict(latest_filename="mine")),
        ((saver.save, s, "m"), dict(latest_filename="x/y")),
        ((saver.save, s, "m"), dict(latest_filename="/y")),
        ((saver.save, s, "m"), dict(latest_filename="m")),
        ((saver.save, s, "d/m"), dict(latest_filename="m")),
        ((saver.save, s, "checkpoint"), {}),
        ((saver.save, s, "checkpoint"), dict(global_step=1)),
        ((sharded.save, s, "checkpoint"), {}),
        ((saver.save, s, "m"), dict(latest_filename="")),
        ((saver.save, s, "m-1"), dict(latest_filename="m-1", global_step=1)),
        ((saver.save, s, "m"), dict(latest_filename="m-2", global_step=2)),
    )], files()


def case_save_sessions():
    two()
    saver = tf.train.Saver()
    closed = session()
    closed.close()
    empty = tf.Session(graph=tf.Graph())
    uninitialised = tf.Session()
    return [attempt(saver.save, s, "m") for s in (
        None, 5, "sess", closed)] + [
        attempt(saver.save, empty, "m"),
        attempt(saver.save, uninitialised, "m")[0]]


def case_meta_arguments():
    two()
    saver = tf.train.Saver(max_to_keep=1)
    s = session()
    saver.save(s, "a", meta_graph_suffix="x.meta")
    saver.save(s, "b", write_meta_graph=False)
    saver.save(s, "c", strip_default_attrs=True)
    saver.save(s, "d", write_state=False)
    return files(), saver.last_checkpoints, state()


def case_meta_of_each():
    two()
    saver = tf.train.Saver()
    s = session()
    for name, kwargs in (("p", {}), ("q", dict(strip_default_attrs=True))):
        saver.save(s, name, **kwargs)
    metas = [saver.export_meta_graph("x/y.meta"), saver.export_meta_graph(),
             saver.export_meta_graph("t.txt", as_text=True,
                                     collection_list=["variables"]),
             saver.export_meta_graph(clear_devices=True),
             saver.export_meta_graph(clear_extraneous_savers=True),
             saver.export_meta_graph(strip_default_attrs=True)]
    return [(str(m.saver_def), len(m.graph_def.node),
             sorted(m.collection_def)) for m in metas], files()


def case_debug_info():
    two()
    saver = tf.train.Saver()
    s = session()
    saver.save(s, "m.x", save_debug_info=True)
    saver.save(s, "n", save_debug_info=True, write_meta_graph=False)
    saver.export_meta_graph("o.meta", save_debug_info=True)
    saver.export_meta_graph("p.txt", save_debug_info=True, as_text=True)
    from tensorflow.core.protobuf import graph_debug_info_pb2
    info = graph_debug_info_pb2.GraphDebugInfo()
    with open("o.debug", "rb") as f:
        info.ParseFromString(f.read())
    return sorted(f for f in files() if "debug" in f), sorted(info.traces)


def case_saved_twice():
    a, b = two()
    saver = tf.train.Saver(max_to_keep=2)
    s = session()
    seen = []
    for path in ("x", "y", "x", "z", "x", "x", "w"):
        saver.save(s, path, write_meta_graph=False)
        seen.append((saver.last_checkpoints, state()))
    return seen, files()


def case_last_checkpoints():
    two()
    saver = tf.train.Saver(max_to_keep=2)
    s = session()
    seen = [saver.last_checkpoints]
    saver.set_last_checkpoints(["a", "a", "b"])
    seen.append(saver.last_checkpoints)
    saver.save(s, "a")
    seen.append(saver.last_checkpoints)
    saver.save(s, "c")
    seen.append(saver.last_checkpoints)
    seen.append(attempt(saver.set_last_checkpoints, ("a",)))
    seen.append(attempt(saver.set_last_checkpoints_with_time, ("a",)))
    saver.set_last_checkpoints_with_time([("q", 1.), ("a", 5)])
    seen.append(saver.last_checkpoints)
    saver.save(s, "d")
    return seen, saver.last_checkpoints, state(), files()


def case_recovered_checkpoints():
    two()
    s = session()
    saver = tf.train.Saver()
    os.mkdir("d")
    for path in ("m", "d/n"):
        saver.save(s, path)
    tf.train.Saver(write_version=tf.train.SaverDef.V1).save(s, "old")
    other = tf.train.Saver(max_to_keep=3)
    other.recover_last_checkpoints(["m", "gone", "d/n", "old"])
    seen = [other.last_checkpoints]
    seen.append(attempt(other.recover_last_checkpoints, ["no/where"]))
    other.recover_last_checkpoints([])
    seen.append(other.last_checkpoints)
    return seen


# ---- restore ----------------------------------------------------------------

def case_restore_paths():
    two()
    saver = tf.train.Saver()
    s = session()
    os.mkdir("d")
    saver.save(s, "d/m")
    saver.save(s, "m")
    tf.train.Saver(write_version=tf.train.SaverDef.V1).save(s, "old")
    tf.train.Saver(write_version=tf.train.SaverDef.V1, sharded=True).save(
        s, "olds")
    return [(p, attempt(saver.restore, s, p)) for p in (
        "m", "./m", "d/m", "d//m", None, "none", "no/where", "", "old",
        "olds-?????-of-00001", "olds-00000-of-00001", "m.index", "m.meta", "d",
        "d/", ".", "m.data-00000-of-00001", b"m", 5)]


def case_restore_sessions():
    two()
    saver = tf.train.Saver()
    s = session()
    saver.save(s, "m")
    s.close()
    return [attempt(saver.restore, x, "m") for x in (None, 5, s)] + [
        attempt(saver.restore, x, "none") for x in (None, 5, s)] + [
        attempt(saver.restore, tf.Session(graph=tf.Graph()), "m")]


def case_restore_missing_keys():
    with tf.Graph().as_default():
        tf.Variable([1.], name="a")
        tf.train.Saver().save(session(), "m")
    a = tf.Variable([2., 3.], name="a")
    c = tf.Variable([2., 3.], name="c", use_resource=True)
    s = session()
    return [attempt(tf.train.Saver([v]).restore, s, "m") for v in (a, c)] + [
        s.run([a, c])]


def case_restore_wrong_types():
    with tf.Graph().as_default():
        tf.Variable([1.], name="a")
        tf.Variable([1.], name="b")
        tf.train.Saver().save(session(), "m")
    a = tf.Variable([2], name="a")
    b = tf.Variable([2], name="b", use_resource=True)
    s = session()
    return [attempt(tf.train.Saver([v]).restore, s, "m") for v in (a, b)]


def case_restore_slices():
    with tf.Graph().as_default():
        parts()
        tf.train.Saver().save(session(), "m")
    whole = tf.get_variable("p", [4, 2])
    with tf.variable_scope("x"):
        other = tf.get_variable("p", [4, 2],
                                partitioner=tf.fixed_size_partitioner(4))
    s = session()
    tf.train.Saver([whole]).restore(s, "m")
    tf.train.Saver({"p": other}).restore(s, "m")
    return s.run(whole), s.run(list(other))


def case_monitored_session():
    a, b = two()
    saver = tf.train.Saver([a])
    scaffold = tf.train.Scaffold(saver=saver)
    with tf.train.MonitoredSession(tf.train.ChiefSessionCreator(
            scaffold)) as s:
        error = attempt(saver.save, s, "m")[0]
        path = saver.save(s.raw_session(), "m") if hasattr(
            s, "raw_session") else "m"
        return error, path
