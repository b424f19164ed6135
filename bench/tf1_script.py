"""A TF1-style script that times itself: graphs, runs, a Saver over many variables.

Runs unchanged on TensorFlow 1.15 and on retrograph (with its `import tensorflow`
shim first on PYTHONPATH); compare_python.py does both. Prints a JSON line a
measurement: its name, its value, its unit.

tf1_script.py VARIABLES [cpu]: with "cpu", processor time is measured.
"""

import json
import os
import shutil
import sys
import tempfile
import time
import warnings

warnings.simplefilter("ignore")
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow.compat.v1 as tf  # noqa: E402

tf.logging.set_verbosity(tf.logging.ERROR)


clock = time.process_time if "cpu" in sys.argv[2:] else time.perf_counter


def report(name, value, unit):
    print(json.dumps([name, value, unit]), flush=True)


def seconds_of(work):
    start = clock()
    result = work()
    return clock() - start, result


def best_of(rounds, work):
    """The least disturbed of several rounds, in seconds."""
    return min(seconds_of(work)[0] for _ in range(rounds))


def report_ms(name, seconds):
    report(name, seconds * 1e3, "ms")


def small_runs():
    with tf.Graph().as_default(), tf.Session() as session:
        constant = tf.constant(3.0)
        fed = tf.placeholder(tf.float32, [])
        product = fed * constant
        variable = tf.get_variable("v", [], tf.float32)
        assign = variable.assign(constant)

        def time_run(name, fetches, feeds=None):
            session.run(fetches, feeds)
            rounds = 1000
            seconds = best_of(5, lambda: [session.run(fetches, feeds)
                                          for _ in range(rounds)])
            report(name, seconds / rounds * 1e6, "us")

        time_run("run a constant", constant)
        time_run("run with a feed", product, {fed: 2.0})
        time_run("run an assign", assign.op)


def build_ops(count=3000):
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [2, 2])

        def work():
            y = x
            for _ in range(count // 3):
                y = tf.identity(tf.matmul(y, x) + x)

        seconds, _ = seconds_of(work)
        report("ops built", count / seconds, "/s")


def many_variables(count):
    folder = tempfile.mkdtemp(prefix="retrograph_bench_",
                              dir=os.environ.get("RETROGRAPH_BENCH_DIR"))
    prefix = os.path.join(folder, "m")
    with tf.Graph().as_default():
        seconds, _ = seconds_of(
            lambda: [tf.get_variable("layer%d" % i, [10]) for i in range(count)])
        report("variables built", count / seconds, "/s")
        seconds, saver = seconds_of(lambda: tf.train.Saver(max_to_keep=None))
        report_ms("Saver()", seconds)
        with tf.Session() as session:
            seconds, init = seconds_of(tf.global_variables_initializer)
            report_ms("global_variables_initializer()", seconds)
            report_ms("the first run of it", seconds_of(
                lambda: session.run(init))[0])
            save = lambda **how: saver.save(session, prefix, **how)
            save(write_meta_graph=False)
            report_ms("save without meta graph", best_of(
                5, lambda: save(write_meta_graph=False)))
            report_ms("save with meta graph", best_of(3, save))
            saver.restore(session, prefix)
            report_ms("restore", best_of(
                5, lambda: saver.restore(session, prefix)))
        report_ms("list_variables", best_of(
            5, lambda: tf.train.list_variables(prefix)))
        report_ms("export_meta_graph", seconds_of(
            lambda: tf.train.export_meta_graph())[0])
    with tf.Graph().as_default():
        report_ms("import_meta_graph", seconds_of(
            lambda: tf.train.import_meta_graph(prefix + ".meta"))[0])
    shutil.rmtree(folder)


def main():
    small_runs()
    build_ops()
    many_variables(int(sys.argv[1]))


main()
