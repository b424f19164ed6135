"""The checkpoint state file and its functions, waiting for checkpoints."""
import os

import tensorflow.compat.v1 as tf
from tensorflow.python.training import checkpoint_management

from case_helpers import attempt
from case_helpers import files
from case_helpers import session
from case_helpers import state
from case_helpers import two


def case_state_protos():
    make = tf.train.generate_checkpoint_state_proto
    return [attempt(lambda *a, **k: str(make(*a, **k)), *args, **kwargs)
            for args, kwargs in (
        (("d", "d/m"), {}), (("d", "m"), {}), (("d", "/x/m"), {}),
        (("/d", "/d/m"), {}), (("/d", "m"), {}), ((".", "./m"), {}),
        (("", "m"), {}),
        (("d", "d/m-2", ["d/m-1", "d/m-2"]), {}),
        (("d", "d/m-3", ["d/m-1", "/e/m-2"]), {}),
        (("d", "d/m", []), dict(all_model_checkpoint_timestamps=[1.5])),
        (("d", "d/m", ["d/m"]), dict(all_model_checkpoint_timestamps=[1., 2.],
                                     last_preserved_timestamp=3.25)),
        (("d", "d/m", ["d/m"]), dict(last_preserved_timestamp=0.)),
        (("d", "d/m\u00fc\n\"x"), {}))]


def case_state_proto_changes_its_list():
    paths = ["d/a"]
    tf.train.generate_checkpoint_state_proto("d", "d/b", paths)
    return paths


def case_updated_states():
    os.mkdir("d")
    update = tf.train.update_checkpoint_state
    seen = []
    for args, kwargs in (
            (("d", "d/m"), {}), (("d", "/abs/m"), {}),
            (("d", "d/m", ["d/a", "d/m"]),
             dict(all_model_checkpoint_timestamps=[1., 2.5],
                  last_preserved_timestamp=1e9)),
            (("d", "d/m"), dict(latest_filename="mine")),
            (("d", "d/checkpoint"), {}), (("d", "checkpoint"), {}),
            (("/d", "/d/checkpoint"), {}), (("none", "none/m"), {})):
        seen.append(attempt(update, *args, **kwargs))
        seen.append(state("d"))
    internal = checkpoint_management.update_checkpoint_state_internal
    here = os.getcwd()
    internal("d", here + "/d/m", [here + "/d/a", "b"],
             save_relative_paths=True)
    return seen, state("d"), files()


def case_read_states():
    seen = []
    for text in ("", "model_checkpoint_path: \"m\"\n",
                 "model_checkpoint_path: \"/x/m\"\n"
                 "all_model_checkpoint_paths: \"m\"\n"
                 "all_model_checkpoint_paths: \"/y/m\"\n"
                 "all_model_checkpoint_timestamps: 1.5\n"
                 "last_preserved_timestamp: 2\n",
                 "nonsense", "model_checkpoint_path: 5",
                 "model_checkpoint_path: \"m", "other: 1",
                 "all_model_checkpoint_paths: \"m\"", "model_checkpoint_path: "
                 "'a' 'b'  # comment\n"):
        with open("checkpoint", "w") as f:
            f.write(text)
        seen.append(attempt(lambda: str(tf.train.get_checkpoint_state("."))))
        seen.append(attempt(tf.train.latest_checkpoint, "."))
    seen.append(attempt(tf.train.get_checkpoint_state, "none"))
    seen.append(attempt(tf.train.latest_checkpoint, ".", "other"))
    os.mkdir("d")
    os.mkdir("d/checkpoint")
    seen.append(attempt(tf.train.get_checkpoint_state, "d"))
    return seen


def case_moved_folders():
    two()
    s = session()
    os.mkdir("d")
    here = os.getcwd()
    seen = []
    for path, saver in (("d/m", tf.train.Saver()),
                        (here + "/d/m", tf.train.Saver()),
                        (here + "/d/m", tf.train.Saver(
                            save_relative_paths=True))):
        saver.save(s, path)
        os.rename("d", "e")
        for folder in ("e", "./e", here + "/e", "e/", "d"):
            seen.append(str(attempt(tf.train.latest_checkpoint,
                                    folder)).replace(here, "HERE"))
        os.rename("e", "d")
    return seen


def case_management():
    two()
    saver = tf.train.Saver()
    s = session()
    os.mkdir("d")
    saver.save(s, "d/m")
    saver.save(s, "d/n", meta_graph_suffix="x.meta")
    tf.train.Saver(write_version=tf.train.SaverDef.V1).save(s, "d/old")
    tf.train.Saver(sharded=True, write_version=tf.train.SaverDef.V1).save(
        s, "d/olds")
    for i, name in enumerate(sorted(os.listdir("d"))):
        os.utime("d/" + name, (1000 + i, 2000.5 + i))
    paths = ["d/m", "d/none", "d/old", "d/olds-?????-of-00001", "d/olds", "d"]
    seen = [tf.train.checkpoint_exists(p) for p in paths]
    seen.append(attempt(tf.train.checkpoint_exists, "none/m"))
    seen.append(tf.train.get_checkpoint_mtimes(paths[:-1]))
    seen.append(tf.train.get_checkpoint_mtimes([]))
    seen.append(attempt(tf.train.get_checkpoint_mtimes, ["none/m"]))
    for args in (("d/none",), ("d/n",), ("d/n", 2, "x.meta"), ("d/m", 1),
                 ("d/old", 1), ("d/olds-?????-of-00001", 1), ("none/m",)):
        seen.append(attempt(tf.train.remove_checkpoint, *args))
        seen.append(files("d"))
    return seen


def case_meta_graph_names():
    name = checkpoint_management.meta_graph_filename
    return [name(p) for p in ("m", "d/m-3", "m-?????-of-00002",
                              "m-00001-of-00002", "m-1-of-2-of-3")] + [
        name("m", "x"), name("m", meta_graph_suffix="")]


def case_iterated_checkpoints():
    two()
    saver = tf.train.Saver()
    s = session()
    os.mkdir("d")
    seen = []
    calls = []

    def timeout():
        calls.append(1)
        if len(calls) == 2:
            saver.save(s, "d/m", global_step=9)
        return len(calls) > 3
    for i, path in enumerate(tf.train.checkpoints_iterator(
            "d", timeout=0, timeout_fn=timeout)):
        seen.append(path)
        if i < 2:
            saver.save(s, "d/m", global_step=i)
    return seen, len(calls), list(
        tf.train.checkpoints_iterator("d", timeout=-1)), attempt(
            lambda: list(tf.train.checkpoints_iterator("none", timeout=0)))


def case_iterated_with_interval():
    from unittest import mock
    from tensorflow.python.training import checkpoint_utils
    two()
    saver = tf.train.Saver()
    s = session()
    saver.save(s, "m", global_step=0)
    now = [100.]
    slept = []

    def sleep(seconds):
        slept.append(float(seconds))
        now[0] += seconds
        if len(slept) == 4:
            saver.save(s, "m", global_step=1)
    with mock.patch.object(checkpoint_utils, "time") as clock:
        clock.time.side_effect = lambda: now[0]
        clock.sleep.side_effect = sleep
        seen = []
        for path in tf.train.checkpoints_iterator(".", min_interval_secs=2.5,
                                                  timeout=4):
            seen.append((path, now[0]))
            now[0] += 1.
        checkpoint_utils.wait_for_new_checkpoint(".", "m-1",
                                                 seconds_to_sleep=3, timeout=7)
    return seen, slept, now


def case_iterator_timeout_fn_fails():
    def fail():
        raise KeyError("mine")
    return attempt(lambda: list(tf.train.checkpoints_iterator(
        ".", timeout=0, timeout_fn=fail)))


def case_state_that_is_no_text():
    two()
    saver = tf.train.Saver()
    saver.save(session(), "m")
    with open("checkpoint", "rb") as f:
        good = f.read()
    seen = []
    for bad in [b"\xff" + good, good.replace(b'm"', b'\xc3"', 1),
                good + b"# \xe2\x82", b"\xed\xa0\x80",
                good.replace(b'm"', b'm\\303\\251"', 1)]:
        with open("checkpoint", "wb") as f:
            f.write(bad)
        seen.append([
            attempt(lambda: str(tf.train.get_checkpoint_state("."))),
            attempt(tf.train.latest_checkpoint, "."),
            attempt(tf.train.list_variables, "."),
            attempt(tf.train.warm_start, "."),
            attempt(tf.train.init_from_checkpoint, ".", {"a": "a"}),
            attempt(tf.train.Saver().recover_last_checkpoints, ["./m"]),
            attempt(lambda: list(tf.train.checkpoints_iterator(
                ".", timeout=0)))])
    return seen
