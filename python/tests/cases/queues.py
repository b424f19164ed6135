"""Queues, QueueRunners, Coordinators.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import re
import threading
import time

import tensorflow.compat.v1 as tf


def said(function):
    """What a call returns or raises; the numbers of private queues masked."""
    try:
        return repr(function())
    except Exception as e:
        text = getattr(e, "message", None) or str(e)
        text = re.sub(r"'_\d+_", "'_N_", text).split("\n\nOriginal")[0]
        text = re.sub(r"\(defined at [^)]*\)", "(PLACE)", text)
        return "%s: %s" % (type(e).__name__, text)


def beside(function):
    """Starts a call in a thread; the function that waits for its outcome."""
    result = []
    thread = threading.Thread(target=lambda: result.append(said(function)))
    thread.start()

    def wait():
        thread.join()
        return result[0]
    return wait


def until(session, queue, size):
    """Waits until the queue has so many elements."""
    now = queue.size()
    while session.run(now) != size:
        time.sleep(0.01)


def case_fifo_runs_dry():
    q = tf.FIFOQueue(3, [tf.float32, tf.int32], shapes=[[], []], name="q")
    many = q.enqueue_many([[1., 2., 3.], [1, 2, 3]])
    four, up_to, one = q.dequeue_many(4), q.dequeue_up_to(5), q.dequeue()
    close, size = q.close(), q.size()
    enqueue, closed = q.enqueue([1., 2]), q.is_closed()
    s = tf.Session()
    log = [said(lambda: s.run(enqueue)), said(lambda: s.run(one))]
    s.run(many)
    wait = beside(lambda: s.run(four))
    until(s, q, 0)
    log += [said(lambda: s.run(close)), wait()]
    for fetch in (size, closed, up_to, up_to, close, enqueue, many, one):
        log.append(said(lambda: s.run(fetch)))
    return log


def case_queues_disagree():
    s = tf.Session()
    q = tf.FIFOQueue(2, tf.float32, shared_name="sh")
    others = [tf.FIFOQueue(3, tf.float32, shared_name="sh"),
              tf.RandomShuffleQueue(2, 0, tf.float32, shared_name="sh"),
              tf.FIFOQueue(2, tf.int32, shared_name="sh"),
              tf.FIFOQueue(2, tf.float32, [[2]], shared_name="sh")]
    s.run(q.enqueue(1.))
    return [said(lambda: s.run(other.size())) for other in others]


def case_random_queues_disagree():
    s = tf.Session()
    def make(minimum, seed):
        return tf.RandomShuffleQueue(5, minimum, tf.int32, seed=seed,
                                     shared_name="sh")
    s.run(make(2, 1).size())
    return [said(lambda: s.run(make(*args).size()))
            for args in ((3, 1), (2, 2), (2, None))]


def case_wrong_elements():
    s = tf.Session()
    value = tf.placeholder(tf.float32)
    q = tf.FIFOQueue(2, tf.float32, [[2]], name="q")
    free = tf.FIFOQueue(2, [tf.float32, tf.float32], name="free")
    return [said(lambda: s.run(q.enqueue([value]), {value: [1., 2., 3.]})),
            said(lambda: s.run(q.enqueue_many([value]), {value: [1., 2.]})),
            said(lambda: s.run(free.enqueue_many([value, [1., 2.]]),
                               {value: [1.]})),
            said(lambda: s.run(free.dequeue_many(2))),
            said(lambda: s.run(free.dequeue_up_to(2))),
            said(lambda: q.enqueue([[1.]])),
            said(lambda: q.enqueue_many(1.)),
            said(lambda: q.enqueue_many([[[1.]]]))]


def case_wrong_types():
    s = tf.Session()
    handle = tf.FIFOQueue(2, tf.float32, name="q").queue_ref
    n = tf.constant(1)
    raw = tf.raw_ops
    return [said(lambda: s.run(raw.QueueEnqueueV2(
                handle=handle, components=[tf.constant(1)]))),
            said(lambda: s.run(raw.QueueDequeueV2(
                handle=handle, component_types=[tf.int32, tf.float32]))),
            said(lambda: s.run(raw.QueueDequeueManyV2(
                handle=handle, n=n, component_types=[tf.int32])))]


def case_numbers_to_dequeue():
    s = tf.Session()
    q = tf.FIFOQueue(2, tf.float32, [[2]], name="q")
    n = tf.placeholder(tf.int32, [])
    fetches = q.dequeue_many(n), q.dequeue_up_to(n)
    return [said(lambda: s.run(f, {n: k}).shape)
            for f in fetches for k in (0, -1)] + [
                said(lambda: q.dequeue_many(-1))]


def case_constructors():
    return [said(lambda: tf.FIFOQueue(2, [tf.float32, tf.int32], [[]])),
            said(lambda: tf.FIFOQueue(2, [tf.float32], [[None]])),
            said(lambda: tf.FIFOQueue(2, [tf.float32], "x")),
            said(lambda: tf.FIFOQueue(2, [tf.float32], names=["a", "b"])),
            said(lambda: tf.PaddingFIFOQueue(2, [tf.float32], [])),
            said(lambda: tf.PaddingFIFOQueue(2, [tf.float32], [[None], []])),
            said(lambda: tf.Session().run(
                tf.RandomShuffleQueue(2, 5, tf.int32).size())),
            said(lambda: tf.QueueBase.from_list(1, []))]


def case_padding():
    s = tf.Session()
    q = tf.PaddingFIFOQueue(9, [tf.int32, tf.string], [[None, 2], [None]],
                            name="pad")
    s.run(q.enqueue([[[1, 2]], ["a", "b"]]))
    s.run(q.enqueue([[[3, 4], [5, 6], [7, 8]], ["c"]]))
    s.run(q.enqueue([[[1, 2]], []]))
    return s.run(q.dequeue_many(3)), q.dequeue_many(2)


def case_shuffled():
    s = tf.Session()
    q = tf.RandomShuffleQueue(20, 2, tf.int32, [[]], seed=7, name="r")
    s.run(q.enqueue_many([list(range(12))]))
    log = [s.run(q.dequeue_many(4)).tolist(), s.run(q.dequeue()),
           s.run(q.dequeue_up_to(3)).tolist()]
    ten = q.dequeue_many(10)
    wait = beside(lambda: s.run(ten))
    until(s, q, 2)
    s.run(q.close())
    log += [wait(), said(lambda: s.run(ten)),
            s.run(q.dequeue_up_to(10)).tolist()]
    return log


def case_shuffled_without_a_seed_of_its_own():
    q = tf.RandomShuffleQueue(20, 2, tf.int32, shared_name="sh")
    return q.queue_ref.op.get_attr("seed"), q.queue_ref.op.get_attr("seed2")


def case_priorities():
    s = tf.Session()
    q = tf.PriorityQueue(10, [tf.string], [[]], name="pq")
    s.run(q.enqueue_many([[5, 2, 9, 1], ["e", "b", "i", "a"]]))
    log = [s.run(q.dequeue()), s.run(q.dequeue_many(2))]
    p = tf.placeholder(tf.int64)
    log.append(said(lambda: s.run(q.enqueue([p, "x"]), {p: [1, 2]})))
    s.run(q.close())
    return repr(log), said(lambda: s.run(q.dequeue_many(2))), q.names


def case_pending_enqueue_cancelled():
    s = tf.Session()
    q = tf.FIFOQueue(1, tf.int32, name="q")
    s.run(q.enqueue(1))
    second, close = q.enqueue(2), q.close(cancel_pending_enqueues=True)
    wait = beside(lambda: s.run(second))
    time.sleep(0.2)
    s.run(close)
    return wait(), said(lambda: s.run(q.dequeue()))


def case_close_waits_for_earlier_enqueues():
    s = tf.Session()
    q = tf.FIFOQueue(1, tf.int32, name="q")
    s.run(q.enqueue(1))
    second, close, one = q.enqueue(2), q.close(), q.dequeue()
    enqueued = beside(lambda: s.run(second))
    time.sleep(0.2)
    closed = beside(lambda: s.run(close))
    time.sleep(0.2)
    log = [said(lambda: s.run(q.is_closed())), said(lambda: s.run(one)),
           enqueued(), closed()]
    return log + [said(lambda: s.run(one)) for _ in range(2)]


def case_session_closes_under_a_dequeue():
    s = tf.Session()
    one = tf.FIFOQueue(1, tf.int32, name="q").dequeue()
    wait = beside(lambda: s.run(one))
    time.sleep(0.2)
    s.close()
    return wait()


def case_a_timed_out_dequeue_of_many_loses_what_it_had():
    s = tf.Session(config=tf.ConfigProto(operation_timeout_in_ms=200))
    q = tf.FIFOQueue(5, tf.int32, [[]], name="q")
    s.run(q.enqueue_many([[1, 2]]))
    return said(lambda: s.run(q.dequeue_many(3))), s.run(q.size())


def case_names():
    q = tf.FIFOQueue(2, [tf.int32, tf.float32], names=["a", "b"])
    plain = tf.FIFOQueue(2, tf.float32)
    s = tf.Session()
    s.run(q.enqueue({"b": 2., "a": 1}))
    got = s.run(q.dequeue())
    return [sorted(got.items()), said(lambda: q.enqueue({"a": 1, "c": 2.})),
            said(lambda: q.enqueue([1])), said(q.dequeue), q.name, q.dtypes,
            q.shapes, q.names, said(lambda: plain.enqueue({"a": 1}))]


def case_one_of_several():
    queues = [tf.FIFOQueue(2, tf.float32, [[3]]) for _ in range(2)]
    q = tf.QueueBase.from_list(1, queues)
    s = tf.Session()
    s.run(queues[1].enqueue([[1., 2., 3.]]))
    return q.dequeue(), q.shapes, s.run(q.dequeue())


def case_first_versions():
    raw, s = tf.raw_ops, tf.Session()
    q = raw.FIFOQueue(component_types=[tf.int32], shared_name="old")
    ops = [raw.QueueEnqueue(handle=q, components=[tf.constant(3)]),
           raw.QueueEnqueueMany(handle=q, components=[tf.constant([4, 5])]),
           raw.QueueDequeue(handle=q, component_types=[tf.int32])[0],
           raw.QueueSize(handle=q), raw.QueueIsClosed(handle=q),
           raw.QueueClose(handle=q), raw.QueueIsClosed(handle=q)]
    return q, ops[2], [said(lambda: s.run(op)) for op in [q] + ops]


def _pipeline(limit=5):
    """A queue of 0, 1, ..., filled by a QueueRunner, and its dequeue."""
    count = tf.Variable(0, name="count", trainable=False,
                        collections=[tf.GraphKeys.LOCAL_VARIABLES])
    q = tf.FIFOQueue(3, tf.int32, [[]], name="q", shared_name="q")
    runner = tf.train.QueueRunner(q, [q.enqueue(count.count_up_to(limit))])
    tf.train.add_queue_runner(runner)
    return q, runner, q.dequeue(name="next")


def case_queue_runner():
    q, runner, next_one = _pipeline()
    with tf.Session() as s:
        s.run(tf.local_variables_initializer())
        coord = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(s, coord)
        log = [[t.name for t in threads], [t.daemon for t in threads]]
        try:
            while not coord.should_stop():
                log.append(s.run(next_one))
        except tf.errors.OutOfRangeError as e:
            log.append(said(lambda: (_ for _ in ()).throw(e)))
            coord.request_stop(e)
        coord.join(threads)
    return log, coord.joined


def case_queue_runner_def():
    q, runner, _ = _pipeline()
    proto = runner.to_proto()
    again = tf.train.QueueRunner.from_proto(proto)
    return (str(proto), runner.to_proto("other"), again.queue.name,
            again.close_op.name, again.cancel_op.name,
            again.queue_closed_exception_types[0].__name__,
            said(tf.train.QueueRunner),
            said(lambda: tf.train.QueueRunner(
                q, [q.close()], queue_closed_exception_types=(ValueError,))))


def case_queue_runner_in_a_meta_graph():
    _pipeline()
    proto = tf.train.export_meta_graph()
    with tf.Graph().as_default():
        tf.train.import_meta_graph(proto, import_scope="im")
        runner, = tf.get_collection(tf.GraphKeys.QUEUE_RUNNERS)
        return sorted(proto.collection_def), runner.name, [
            op.name for op in runner.enqueue_ops], runner.cancel_op.name


def case_monitored_session_ends_with_its_queue():
    _, _, next_one = _pipeline()
    seen = []
    with tf.train.MonitoredSession() as s:
        while not s.should_stop():
            seen.append(s.run(next_one))
    tf.get_default_graph().clear_collection(tf.GraphKeys.SAVERS)
    return seen


def case_start_queue_runners_wants_a_session():
    return [said(tf.train.start_queue_runners),
            said(lambda: tf.train.start_queue_runners(3)),
            said(lambda: tf.train.start_queue_runners(tf.Session()))]


def case_coordinator():
    coord = tf.train.Coordinator()
    log = [coord.should_stop(), coord.joined]
    try:
        raise ValueError("first")
    except ValueError as e:
        coord.request_stop(e)
    try:
        raise ValueError("second")
    except ValueError as e:
        coord.request_stop(e)
    log += [said(lambda: coord.join([])),
            said(coord.raise_requested_exception), coord.joined]
    coord.clear_stop()
    coord.request_stop(tf.errors.OutOfRangeError(None, None, "clean"))
    log.append(said(lambda: coord.join([])))
    coord.clear_stop()
    with coord.stop_on_exception():
        raise RuntimeError("inside")
    log.append(said(lambda: coord.join([])))
    return log


def case_coordinator_with_a_slow_thread():
    coord = tf.train.Coordinator()
    go = threading.Event()
    slow = threading.Thread(target=go.wait, name="slow")
    slow.start()
    coord.request_stop()
    log = [said(lambda: coord.join([slow], stop_grace_period_secs=0.1)),
           said(lambda: coord.join([slow], stop_grace_period_secs=0.1,
                                   ignore_live_threads=True))]
    go.set()
    return log


def case_looper():
    coord, total = tf.train.Coordinator(), []

    def step(a, b=0):
        total.append(a + b)
        if len(total) == 3:
            coord.request_stop()
    looper = tf.train.LooperThread.loop(coord, 0.01, step, args=(1,),
                                        kwargs={"b": 2})
    coord.join([looper])
    return total, looper.daemon, [
        said(lambda: tf.train.LooperThread("coord", 1)),
        said(lambda: tf.train.LooperThread(coord, 1, args=(1,)))]
