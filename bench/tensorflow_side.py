"""The same work as graph_bench, session_bench and checkpoint_bench, done by
TensorFlow 1.15 from Python. Prints a line per measurement.

Usage: tensorflow_side.py [--quick]
"""

import ctypes
import os
import shutil
import statistics
import sys
import tempfile
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np  # noqa: E402
import tensorflow as tensorflow  # noqa: E402

tf = tensorflow.compat.v1
PIECE = 8 << 20


def seconds_of(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def report(name, value, unit):
    print("tensorflow %-28s %12.4g %s" % (name, value, unit), flush=True)


def build_identities(count):
    graph = tf.Graph()
    with graph.as_default():
        x = tf.placeholder(tf.float32, [2])
        for _ in range(count - 1):
            x = tf.identity(x)


def time_run(name, session, fetches, feeds):
    session.run(fetches, feeds)
    rounds = 2000
    seconds = seconds_of(
        lambda: [session.run(fetches, feeds) for _ in range(rounds)])
    report(name, seconds / rounds * 1e6, "us")


def small_runs():
    with tf.Graph().as_default():
        c = tf.constant(3.0)
        x = tf.placeholder(tf.float32, [])
        y = x * c + c
        v = tf.get_variable("v", [], tf.float32)
        assign = v.assign(c)
        add = v.assign_add(c)
        with tf.Session() as session:
            time_run("BM_RunConstant", session, c, {})
            time_run("BM_RunFeedMulAdd", session, y, {x: 2.0})
            time_run("BM_RunAssign", session, assign.op, {})
            time_run("BM_RunAssignAddAndFetch", session, add, {})


class PeakMemory:
    """As peak_memory.h."""

    def __init__(self):
        ctypes.CDLL(None).malloc_trim(0)
        with open("/proc/self/clear_refs", "w") as f:
            f.write("5")
        self.start = self._status("VmRSS")

    def mebibytes(self):
        return self._status("VmHWM") - self.start

    @staticmethod
    def _status(field):
        with open("/proc/self/status") as lines:
            for line in lines:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) / 1024


def raw_write(path, data):
    with open(path, "wb", buffering=0) as f:
        view = memoryview(data)
        for start in range(0, len(data), PIECE):
            f.write(view[start:start + PIECE])


def checkpoints(tensors, floats, rounds):
    folder = tempfile.mkdtemp(prefix="retrograph_bench_",
                              dir=os.environ.get("RETROGRAPH_BENCH_DIR"))
    prefix = os.path.join(folder, "m")
    raw_path = os.path.join(folder, "raw")
    values = (np.arange(floats) / 7).astype(np.float32)

    def remove():
        for name in os.listdir(folder):
            os.unlink(os.path.join(folder, name))

    with tf.Graph().as_default():
        value = tf.placeholder(tf.float32, [floats])
        variables = [tf.Variable(value, name="layer%d" % i)
                     for i in range(tensors)]
        session = tf.Session()
        init = tf.group(*[v.initializer for v in variables])
        session.run(init, {value: values})
        saver = tf.train.Saver(max_to_keep=None)
        save = lambda: saver.save(session, prefix, write_meta_graph=False)
        restore = lambda: saver.restore(session, prefix)
        save()
        files = [prefix + ".index", prefix + ".data-00000-of-00001"]
        size = sum(os.path.getsize(f) for f in files)
        data = b"x" * size
        ours, raw = [], []
        for _ in range(rounds):
            remove()
            raw.append(seconds_of(lambda: raw_write(raw_path, data)))
            remove()
            memory = PeakMemory()
            ours.append(seconds_of(save))
            peak = memory.mebibytes()
        name = "%d/%d" % (tensors, floats)
        mib = size / (1 << 20)
        report("BM_Save/" + name, mib / statistics.median(ours), "MiB/s")
        report("BM_Save/" + name + " ratio",
               statistics.median(raw) / statistics.median(ours), "of raw")
        report("BM_Save/" + name + " peak", peak, "MiB")
        session.close()
        session = tf.Session()
        memory = PeakMemory()
        restore()
        report("BM_Restore/" + name + " peak", memory.mebibytes(), "MiB")
        report("BM_Restore/" + name,
               mib / statistics.median(seconds_of(restore)
                                       for _ in range(rounds)), "MiB/s")
        session.close()
    shutil.rmtree(folder)


def files(tensors):
    """One SaveV2 of very many small tensors, as BM_WriteBundle writes them."""
    folder = tempfile.mkdtemp(prefix="retrograph_bench_",
                              dir=os.environ.get("RETROGRAPH_BENCH_DIR"))
    prefix = os.path.join(folder, "m")
    names = ["tower/layer%07d/weights" % i for i in range(tensors)]
    with tf.Graph().as_default(), tf.Session() as session:
        value = tf.constant([1.0, 2.0, 3.0, 4.0])
        save = tf.raw_ops.SaveV2(
            prefix=prefix, tensor_names=tf.placeholder(tf.string, [tensors]),
            shape_and_slices=[""] * tensors, tensors=[value] * tensors)
        feeds = {save.inputs[1]: names}
        session.run(save, feeds)
        memory = PeakMemory()
        report("BM_WriteBundle/%d" % tensors,
               tensors / seconds_of(lambda: session.run(save, feeds)),
               "tensors/s")
        report("BM_WriteBundle peak", memory.mebibytes(), "MiB")
    memory = PeakMemory()
    report("BM_ListVariables/%d" % tensors,
           tensors / seconds_of(lambda: tf.train.list_variables(prefix)),
           "tensors/s")
    report("BM_ListVariables peak", memory.mebibytes(), "MiB")
    shutil.rmtree(folder)


def main():
    quick = "--quick" in sys.argv[1:]
    nodes = 20000
    report("BM_BuildIdentities", nodes / seconds_of(
        lambda: build_identities(nodes)), "nodes/s")
    small_runs()
    if not quick:
        checkpoints(16, 16 << 20, 5)
        # A hundred thousand variables take TensorFlow many minutes to build.
        checkpoints(5000, 16, 5)
        # A node of a million inputs is more than TensorFlow builds.
        files(100000)


if __name__ == "__main__":
    main()
