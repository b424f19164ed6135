"""MonitoredSession, Scaffold, SessionManager, hooks, Supervisor.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import glob
import json
import os
import re
import time

import numpy as np
import tensorflow.compat.v1 as tf

TRAIN = tf.train


def said(function):
    try:
        result = function()
        return "ok" if hasattr(result, "run") else repr(result)
    except Exception as e:
        text = getattr(e, "message", None) or str(e)
        text = re.sub(r"\(defined at [^)]*\)", "(PLACE)", text)
        return "%s: %s" % (type(e).__name__, text.split("\n\nOriginal")[0])


def model():
    """A graph with a step, a variable, something to feed and a summary."""
    v = tf.Variable(1., name="v")
    step = TRAIN.get_or_create_global_step()
    train = tf.assign_add(step, 1, name="train")
    x = tf.placeholder_with_default(2., [], name="x")
    y = tf.multiply(v, x, name="y")
    tf.summary.scalar("y", y)
    return train, x, y


def done(value):
    """The case's result, without the Savers, whose reprs differ."""
    graph = tf.get_default_graph()
    graph._unsafe_unfinalize()
    graph.clear_collection(tf.GraphKeys.SAVERS)
    return value


class Hook(TRAIN.SessionRunHook):
    """Notes every call."""

    def __init__(self, name, log, fetch=None, feed=None, stop_after=None):
        self.name, self.log = name, log
        self.fetch, self.feed, self.left = fetch, feed, stop_after

    def note(self, *what):
        self.log.append((self.name,) + what)

    def begin(self):
        self.note("begin", tf.get_default_graph().finalized)

    def after_create_session(self, session, coord):
        self.note("created", type(session).__name__, type(coord).__name__,
                  tf.get_default_graph().finalized)

    def before_run(self, run_context):
        args = run_context.original_args
        self.note("before", str(args.fetches), args.feed_dict,
                  run_context.stop_requested,
                  type(run_context.session).__name__)
        if self.fetch is not None or self.feed:
            return TRAIN.SessionRunArgs(self.fetch, self.feed)

    def after_run(self, run_context, run_values):
        self.note("after", run_values.results)
        if self.left is not None:
            self.left -= 1
            if self.left == 0:
                run_context.request_stop()

    def end(self, session):
        self.note("end", type(session).__name__)


def case_order_of_calls():
    train, x, _ = model()
    log = []
    hooks = [Hook("A", log, fetch={"y": "y:0"}),
             Hook("B", log, feed={x: 5.}, stop_after=2)]
    with TRAIN.MonitoredSession(hooks=hooks) as s:
        while not s.should_stop():
            log.append(s.run(train))
        log.append(said(lambda: s.run("v:0")))
    log += [tf.get_default_graph().finalized, s.should_stop(), s.graph,
            said(lambda: s.run("v:0")), said(s.close)]
    return done(log)


def case_feeds_conflict():
    _, x, y = model()
    log = []
    with TRAIN.MonitoredSession(hooks=[Hook("A", log, feed={x: 5.})]) as s:
        log += [said(lambda: s.run(y, {x: 1.})), s.run([y, {"k": "v:0"}])]
    both = [Hook("A", log, feed={x: 5.}), Hook("B", log, feed={x: 5.})]
    log.append(said(lambda: TRAIN.MonitoredSession(hooks=both).run(y)))
    return done(log)


def _ends_with(error):
    model()
    log = []

    def use():
        with TRAIN.MonitoredSession(hooks=[Hook("A", log)]):
            raise error
    log.append(said(use))
    return done(log)


def case_an_error_inside():
    return _ends_with(ValueError("mine"))


def case_the_end_of_the_input_inside():
    return _ends_with(tf.errors.OutOfRangeError(None, None, "end"))


def case_a_lost_session_is_made_again():
    train, _, _ = model()
    log = []

    class Lossy(TRAIN.SessionRunHook):
        calls = 0

        def before_run(self, run_context):
            self.calls += 1
            if self.calls == 2:
                raise tf.errors.AbortedError(None, None, "lost")
    hooks = [Hook("A", log), Lossy()]
    with TRAIN.MonitoredSession(hooks=hooks) as s:
        for _ in range(3):
            log.append(s.run("train:0"))
    return done(log)


def case_a_singular_session_is_not():
    model()
    log = []

    def use():
        with TRAIN.SingularMonitoredSession(hooks=[Hook("A", log)]) as s:
            log.append(s.raw_session().run("v:0"))
            raise tf.errors.AbortedError(None, None, "lost")
    log.append(said(use))
    return done(log)


def case_step_functions():
    model()
    log = []

    def step(step_context):
        log.append(step_context.session.run("v:0"))
        value = step_context.run_with_hooks("y:0")
        if len(log) > 10:
            step_context.request_stop()
        return value
    with TRAIN.MonitoredSession(hooks=[Hook("A", log)]) as s:
        for _ in range(3):
            log.append(s.run_step_fn(step))
    with TRAIN.MonitoredSession() as s:
        log.append(said(lambda: s.run_step_fn(lambda x: 3)))
    return done(log)


def case_stop_at_step():
    train, _, _ = model()
    seen = []
    for arguments in ({"num_steps": 2}, {"last_step": 3}):
        hook = TRAIN.StopAtStepHook(**arguments)
        with TRAIN.MonitoredSession(hooks=[hook]) as s:
            while not s.should_stop():
                seen.append(s.run(["train:0"]))
    return done((seen, said(TRAIN.StopAtStepHook),
                 said(lambda: TRAIN.StopAtStepHook(1, 2))))


def case_hooks_want_a_global_step():
    hooks = [TRAIN.StopAtStepHook(1), TRAIN.StepCounterHook(),
             TRAIN.SummarySaverHook(save_steps=1, summary_op=tf.constant("")),
             TRAIN.GlobalStepWaiterHook(1),
             TRAIN.CheckpointSaverHook("d", save_steps=1)]
    return [said(hook.begin) for hook in hooks]


def case_arguments_of_hooks():
    return [said(lambda: TRAIN.LoggingTensorHook(["v"])),
            said(lambda: TRAIN.LoggingTensorHook(["v"], every_n_iter=0)),
            said(lambda: TRAIN.LoggingTensorHook(["v"], 1, 1)),
            said(lambda: TRAIN.LoggingTensorHook([tf.Graph()], 1).begin()),
            said(lambda: TRAIN.CheckpointSaverHook("d")),
            said(lambda: TRAIN.CheckpointSaverHook("d", 1, 1)),
            said(lambda: TRAIN.CheckpointSaverHook("d", 1, saver=1,
                                                   scaffold=2)),
            said(lambda: TRAIN.StepCounterHook(1, 1)),
            said(lambda: TRAIN.SummarySaverHook(1)),
            said(lambda: TRAIN.SummarySaverHook(1, 1, scaffold=1)),
            said(TRAIN.SecondOrStepTimer),
            said(lambda: TRAIN.SecondOrStepTimer(1, 1))]


def case_logging_tensors():
    train, _, _ = model()
    hooks = [TRAIN.LoggingTensorHook(["v", "y"], every_n_iter=9),
             TRAIN.LoggingTensorHook({"b": "y:0", "a": "v"}, at_end=True),
             TRAIN.LoggingTensorHook(
                 ["v:0"], every_n_iter=2,
                 formatter=lambda values: "formatted %s" % sorted(values))]
    with TRAIN.MonitoredSession(hooks=hooks) as s:
        for _ in range(4):
            s.run(train)
    return done(None)


def case_not_a_number():
    _, x, y = model()
    log = []
    for fail in (True, False):
        def use():
            hook = TRAIN.NanTensorHook(y, fail)
            with TRAIN.MonitoredSession(hooks=[hook]) as s:
                log.append(s.run("v:0"))
                log.append(s.run(y, {x: float("nan")}))
                log.append(s.should_stop())
        log.append(said(use))
    return done(repr(log))


def case_final_ops_feeds_and_waiting():
    _, x, y = model()
    final = TRAIN.FinalOpsHook({"a": "v:0", "b": [y]}, {x: 9.})
    hooks = [final, TRAIN.FeedFnHook(lambda: {x: 7.}),
             TRAIN.GlobalStepWaiterHook(0)]
    with TRAIN.MonitoredSession(hooks=hooks) as s:
        value = s.run(y)
    return done((value, final.final_ops_values))


def case_timelines_of_a_training():
    with tf.Graph().as_default():
        said_without_step = said(tf.train.ProfilerHook(save_steps=2).begin)
    step = tf.train.create_global_step()
    up = tf.assign_add(step, 1)
    hook = tf.train.ProfilerHook(save_steps=2, output_dir="prof")
    with tf.train.SingularMonitoredSession(hooks=[hook]) as s:
        for _ in range(7):
            s.run(up)
    tf.summary.FileWriterCache.get("prof").flush()
    written = sorted(os.path.basename(f)
                     for f in glob.glob("prof/timeline-*.json"))
    with open(os.path.join("prof", written[0])) as f:
        events = json.load(f)["traceEvents"]
    # TensorFlow rewrites the graph, and counts the process's kernels again.
    ops = [e["name"] for e in events if e["ph"] == "X"]
    tags = [e.tagged_run_metadata.tag
            for f in glob.glob("prof/events*")
            for e in tf.train.summary_iterator(f)
            if e.HasField("tagged_run_metadata")]
    for f in glob.glob("prof/*"):
        os.remove(f)  # times are in them
    return [said_without_step, written, "AssignAdd" in ops, tags,
            said(lambda: tf.train.ProfilerHook(save_steps=1, save_secs=1))]


def case_timer():
    timer = TRAIN.SecondOrStepTimer(every_steps=3)
    log = [timer.should_trigger_for_step(0), timer.last_triggered_step(),
           timer.update_last_triggered_step(1)]
    log += [timer.should_trigger_for_step(step) for step in (1, 2, 3, 4, 0)]
    log += [timer.update_last_triggered_step(np.int64(5))[1],
            timer.last_triggered_step()]
    timer.reset()
    return log, timer.last_triggered_step(), timer.should_trigger_for_step(5)


class Listener(TRAIN.CheckpointSaverListener):
    def __init__(self, name, log, stop_at=99):
        self.name, self.log, self.stop_at = name, log, stop_at

    def begin(self):
        self.log.append((self.name, "begin"))

    def before_save(self, session, global_step_value):
        self.log.append((self.name, "before", global_step_value))

    def after_save(self, session, global_step_value):
        self.log.append((self.name, "after", global_step_value))
        return global_step_value >= self.stop_at

    def end(self, session, global_step_value):
        self.log.append((self.name, "end", global_step_value))

    def __str__(self):
        return "listener " + self.name


def _saves(folder, runs=1, stop_at=99, **arguments):
    train, _, _ = model()
    log = []
    tf.summary.FileWriterCache.clear()
    for _ in range(runs):
        hook = TRAIN.CheckpointSaverHook(
            folder, listeners=[Listener("L", log),
                               Listener("M", log, stop_at)], **arguments)
        with TRAIN.SingularMonitoredSession(hooks=[hook],
                                            checkpoint_dir=folder) as s:
            for _ in range(5):
                if s.should_stop():
                    break
                log.append(s.run("train:0"))
    files = sorted(re.sub("events.*", "events", name)
                   for name in os.listdir(folder))
    state = tf.train.get_checkpoint_state(folder)
    return done((log, files, list(state.all_model_checkpoint_paths)))


def case_saves_every_two_steps():
    return _saves("d", save_steps=2)


def case_saves_go_on_where_they_ended():
    return _saves("d", runs=2, save_steps=3)


def case_saves_every_so_many_seconds():
    return _saves("d", save_secs=1000)


def case_a_listener_stops_the_training():
    return _saves("d", stop_at=2, save_steps=1, checkpoint_basename="b")


def case_saves_without_a_saver_in_the_collection():
    model()
    scaffold = TRAIN.Scaffold(saver=TRAIN.Saver())
    return done(said(lambda: TRAIN.MonitoredSession(
        TRAIN.ChiefSessionCreator(scaffold),
        hooks=[TRAIN.CheckpointSaverHook("d", save_steps=1)])))


def case_a_saver_saves_raw_sessions_only():
    train, _, _ = model()
    saver = TRAIN.Saver()
    with TRAIN.SingularMonitoredSession() as s:
        log = [said(lambda: saver.save(s, "x")),
               said(lambda: saver.save(s.raw_session(), "x")),
               s.run("train:0")]
        saver.restore(s, "x")
        log.append(s.run(TRAIN.get_global_step()))
    return done([re.sub("0x[0-9a-f]+", "ADDRESS", str(x)) for x in log])


def case_monitored_training_session():
    train, _, _ = model()
    log = []
    with TRAIN.MonitoredTrainingSession(
            checkpoint_dir="m", save_checkpoint_steps=2,
            # A run may see the step before or after its own update, and what
            # a StepCounterHook logs depends on it.
            save_summaries_steps=1, log_step_count_steps=0,
            hooks=[Hook("U", log)], chief_only_hooks=[Hook("C", log)]) as s:
        for _ in range(3):
            s.run(train)
    tf.summary.FileWriterCache.clear()
    for path in glob.glob("m/events*"):
        for event in tf.train.summary_iterator(path):
            what = event.WhichOneof("what")
            log.append((event.step, what, "" if "graph" in what
                        else str(getattr(event, what))))
    files = [name for name in os.listdir("m") if "events" not in name]
    return done((log, sorted(files), open("m/checkpoint").read()))


def case_monitored_training_session_of_a_worker():
    return done(said(lambda: TRAIN.MonitoredTrainingSession(
        is_chief=False, scaffold=TRAIN.Scaffold(
            ready_op=tf.constant(["never"]), saver=TRAIN.Saver(
                [tf.Variable(1., name="v")])), max_wait_secs=0)))


def _prepared(**pieces):
    graph = tf.get_default_graph()
    graph._unsafe_unfinalize()
    return said(lambda: TRAIN.MonitoredSession(
        TRAIN.ChiefSessionCreator(TRAIN.Scaffold(**pieces))))


def case_what_is_not_initialised():
    v = tf.Variable(1., name="v")
    tf.Variable(2., name="w")
    tf.Variable(3., name="l", collections=[tf.GraphKeys.LOCAL_VARIABLES])
    nothing = tf.no_op(name="nothing")
    return done([
        _prepared(init_op=v.initializer),
        _prepared(init_op=v.initializer, local_init_op=nothing,
                  ready_for_local_init_op=tf.constant([], tf.string)),
        _prepared(local_init_op=nothing), _prepared()])


def case_scaffold_defaults():
    model()
    tf.Variable(3., name="l", collections=[tf.GraphKeys.LOCAL_VARIABLES])
    tf.Variable(3., name="r", use_resource=True)
    scaffold = TRAIN.Scaffold()
    before = scaffold.init_op, scaffold.saver
    scaffold.finalize()
    copied = TRAIN.Scaffold(copy_from_scaffold=scaffold, init_fn=print)
    return done((before, scaffold.init_op.name, scaffold.ready_op.name,
                 scaffold.ready_for_local_init_op.name,
                 scaffold.local_init_op.name, scaffold.summary_op.name,
                 str(scaffold.saver.saver_def), scaffold.init_fn,
                 copied.init_op is scaffold.init_op,
                 copied.saver is scaffold.saver,
                 said(lambda: TRAIN.Scaffold(copy_from_scaffold=3))))


def case_scaffold_without_variables():
    scaffold = TRAIN.Scaffold().finalize()
    return done((scaffold.summary_op, scaffold.saver.saver_def))


def case_scaffold_cannot_choose():
    v = tf.Variable(1., name="v")
    for _ in range(2):
        tf.add_to_collection(tf.GraphKeys.INIT_OP, v.initializer)
    return said(TRAIN.Scaffold().finalize)


def case_init_fn():
    v = tf.Variable(1., name="v")
    scaffold = TRAIN.Scaffold(
        init_op=tf.no_op(), init_fn=lambda scaffold, sess: sess.run(
            v.initializer, {v.initial_value: 5.}))
    with TRAIN.MonitoredSession(TRAIN.ChiefSessionCreator(scaffold)) as s:
        return done(s.run(v))


def case_init_feed_dict():
    p = tf.placeholder(tf.float32, [])
    v = tf.Variable(p, name="v")
    scaffold = TRAIN.Scaffold(init_feed_dict={p: 6.})
    with TRAIN.MonitoredSession(TRAIN.ChiefSessionCreator(scaffold)) as s:
        return done(s.run(v))


def case_session_manager():
    v = tf.Variable(1., name="v")
    w = tf.Variable(2., name="w")
    manager = TRAIN.SessionManager(
        ready_op=tf.report_uninitialized_variables(), recovery_wait_secs=0.01)
    saver = TRAIN.Saver([v])
    sess = manager.prepare_session(
        "", init_op=v.initializer, init_fn=lambda s: s.run(w.initializer))
    saver.save(sess, "x")
    log = [said(lambda: manager.prepare_session("")),
           said(lambda: manager.prepare_session("", init_op=w.initializer)),
           said(lambda: manager.prepare_session("", init_op=[w.initializer])),
           said(lambda: manager.prepare_session(
               "", checkpoint_dir="a", checkpoint_filename_with_path="b")),
           manager.recover_session("", saver, checkpoint_dir=".")[1],
           manager.recover_session("", saver, checkpoint_dir="none")[1],
           manager.recover_session(
               "", saver, checkpoint_dir="none", wait_for_checkpoint=True,
               max_wait_secs=0.015)[1],
           said(lambda: manager.prepare_session(
               "", init_op="Not looked at", saver=saver,
               checkpoint_filename_with_path="x")),
           said(lambda: manager.wait_for_session("", max_wait_secs=0)),
           said(lambda: TRAIN.SessionManager(ready_for_local_init_op=v)),
           said(lambda: TRAIN.SessionManager(ready_op=v).prepare_session(
               "", init_op=w.initializer)),
           said(lambda: TRAIN.SessionManager(
               ready_op=tf.no_op()).prepare_session(
                   "", init_op=w.initializer))]
    return log


def case_session_manager_and_local_variables():
    v = tf.Variable(1., name="v")
    tf.Variable(v.initialized_value() + 1, name="l",
                collections=[tf.GraphKeys.LOCAL_VARIABLES])
    manager = TRAIN.SessionManager(
        ready_op=tf.report_uninitialized_variables(),
        local_init_op=tf.local_variables_initializer(),
        ready_for_local_init_op=tf.report_uninitialized_variables(
            tf.global_variables()))
    saver = TRAIN.Saver()
    sess = manager.prepare_session("", init_op=v.initializer)
    saver.save(sess, "x")
    sess, ready = manager.recover_session(
        "", saver, checkpoint_filename_with_path="x")
    return ready, sess.run("l:0"), said(
        lambda: manager.prepare_session("", init_op=tf.no_op()))


def case_supervisor():
    train, _, _ = model()
    sv = TRAIN.Supervisor(logdir="sv", save_model_secs=100,
                          save_summaries_secs=100)
    pieces = (sv.init_op.name, sv.ready_op.name, sv.summary_op.name,
              sv.save_path, sv.is_chief, sv.ready_for_local_init_op,
              sv.save_model_secs, sv.global_step.name)
    log = []
    # What the services' threads log depends on the time.
    quiet = {"start_standard_services": False}
    with sv.managed_session(**quiet) as s:
        for _ in range(3):
            log.append(s.run("train:0"))
        sv.summary_computed(s, s.run(sv.summary_op))
        sv.saver.save(s, sv.save_path, global_step=sv.global_step)
    with sv.managed_session(**quiet) as s:
        log.append(s.run(sv.global_step))
    for error in (ValueError("inside"),
                  tf.errors.OutOfRangeError(None, None, "inside")):
        def use():
            with sv.managed_session(**quiet):
                raise error
        log.append(said(use))
    return done((pieces, log, sorted(
        {re.sub("events.*", "events", name) for name in os.listdir("sv")})))


def case_supervisor_services():
    model()
    sv = TRAIN.Supervisor(logdir="sv", save_model_secs=100,
                          save_summaries_secs=100)
    tf.logging.set_verbosity(tf.logging.ERROR)
    with sv.managed_session() as s:
        while not os.path.exists("sv/model.ckpt-0.index"):
            time.sleep(0.01)
    tf.logging.set_verbosity(tf.logging.DEBUG)
    return done(s.graph is tf.get_default_graph())


def case_supervisor_without_a_folder():
    v = tf.Variable(1., name="v")
    sv = TRAIN.Supervisor()
    sess = sv.prepare_or_wait_for_session()
    value = sess.run(v)
    sv.stop()
    return done((value, said(lambda: sv.summary_computed(sess, b""))))


def case_supervisor_of_a_worker():
    tf.Variable(1., name="v")
    return done(said(lambda: TRAIN.Supervisor(is_chief=False)))
