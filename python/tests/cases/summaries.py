"""Summaries and the files they are written to.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import glob
import os

import tensorflow.compat.v1 as tf


def said(function):
    try:
        return function()
    except Exception as e:
        text = getattr(e, "message", None) or str(e)
        return "%s: %s" % (type(e).__name__, text.split(" (defined")[0])


def summary(tensor, feeds=None):
    with tf.Session() as s:
        return said(lambda: str(tf.Summary.FromString(s.run(tensor, feeds))))


def events(folder):
    """What the event files of a folder say, without times."""
    lines = []
    for path in sorted(glob.glob(folder + "/events*")):
        for event in tf.train.summary_iterator(path):
            what = event.WhichOneof("what")
            shown = "" if "graph" in what else str(getattr(event, what))
            lines.append((event.step, what, shown))
    return lines


def case_names():
    tf.summary.scalar("a b", 3.)
    tf.summary.scalar("/lead", 1.)
    tf.summary.histogram("h", [1., 2.])
    tf.summary.scalar("x", 1, family="fam")
    tf.summary.text("t", tf.constant("p"))
    with tf.name_scope("scope"):
        tf.summary.scalar("in", 2.)
        tf.summary.scalar("in", 2.)
        tf.summary.merge_all()
    tf.summary.scalar("apart", 1., collections=["mine"])
    return (tf.summary.merge_all("mine", name="n"),
            tf.summary.merge_all("none"), tf.summary.merge_all(scope="sc"),
            tf.summary.merge(tf.get_collection("mine"), name="mm",
                             collections=["mine"]))


def case_scalars():
    values = [1.5, 3, -0.25]
    return [summary(tf.summary.scalar("v", tf.constant(v))) for v in values] \
        + [summary(tf.summary.scalar("v", tf.constant(2, t)))
           for t in (tf.float16, tf.bfloat16, tf.uint8, tf.int64)]


def case_scalar_of_another_shape():
    value = tf.placeholder(tf.float32)
    return (summary(tf.summary.scalar("v", value), {value: [1., 2.]}),
            summary(tf.raw_ops.ScalarSummary(tags=["a", "b"],
                                             values=[1., 2.])),
            said(lambda: tf.summary.scalar("s", "text")))


def case_histograms():
    value = tf.placeholder(tf.float64)
    op = tf.summary.histogram("h", value)
    return [summary(op, {value: v}) for v in (
        [1., 2., -3., 0.], [], [1e-13, -1e-13, 1e-12, 1.1e-12],
        [1e20, 1e25, -1e300], [[0.5] * 3, [-0.5] * 3],
        [1., float("nan")], [float("-inf")])]


def case_tensors_and_text():
    return [summary(tf.summary.text("t", tf.constant(["p", "q"]))),
            summary(tf.summary.tensor_summary(
                "n", tf.constant([[1, 2]]), summary_description="about",
                display_name="shown", family="f")),
            summary(tf.raw_ops.TensorSummary(tensor=tf.constant([1.]))),
            said(lambda: tf.summary.text("bad", tf.constant(1)))]


def case_merging():
    a = tf.summary.scalar("a", 1.)
    b = tf.summary.scalar("b", 2.)
    return [summary(tf.summary.merge([a, b])),
            summary(tf.summary.merge([a, a])),
            summary(tf.summary.merge([tf.constant("zz")])),
            said(lambda: tf.summary.merge([])),
            said(lambda: tf.summary.merge(3))]


def case_file_writer():
    scalar = tf.summary.scalar("a", 1.)
    text = tf.summary.text("t", tf.constant("p"))
    with tf.Session() as s:
        writer = tf.summary.FileWriter("log", s.graph, filename_suffix=".sfx")
        writer.add_summary(s.run(scalar), 3)
        writer.add_summary(s.run(text), 1)
        writer.add_summary(tf.Summary.FromString(s.run(text)), 2)
        writer.add_session_log(tf.SessionLog(status=tf.SessionLog.START), 0)
        writer.close()
    name, = os.listdir("log")
    return (events("log"), name.startswith("events.out.tfevents."),
            name.endswith(".sfx"), writer.get_logdir())


def case_file_writer_without_events():
    tf.summary.FileWriter("a/b").close()
    return os.listdir("a/b")


def case_file_writer_wants_a_graph():
    writer = tf.summary.FileWriter("log")
    return [said(lambda: tf.summary.FileWriter("log", "zz")),
            said(lambda: writer.add_graph(None)),
            said(lambda: writer.add_graph(tf.get_default_graph(),
                                          graph_def=tf.GraphDef())),
            said(lambda: writer.add_summary("zzz")),
            said(lambda: writer.add_meta_graph(3))]


def case_file_writer_cache():
    one = tf.summary.FileWriterCache.get("log")
    same = tf.summary.FileWriterCache.get("log") is one
    tf.summary.FileWriterCache.clear()
    return same, tf.summary.FileWriterCache.get("log") is one, events("log")


def merged(*items):
    """What merge_all says of a summary and of `items` beside it."""
    with tf.Graph().as_default() as graph:
        tf.summary.scalar("a", 1.)
        for item in items:
            tf.add_to_collection("summaries",
                                 item() if callable(item) else item)
        result = said(lambda: tf.summary.merge_all().name)
        return result, [(n.name, n.op) for n in graph.as_graph_def().node]


def case_what_merge_all_takes():
    def variable():
        return tf.get_variable("v", [2])

    def partitioned():
        return tf.get_variable(
            "p", [4], partitioner=tf.fixed_size_partitioner(2))

    def text():
        return tf.get_variable("t", initializer="abc")

    return [merged(*items) for items in [
        ("text",), (b"bytes",), (text,), (["list"],),
        (1,), (2.5,), (True,), ("text", 1), (1, 2.5), ([1, 2],),
        (variable,), (partitioned,), (variable, 1),
        (None,), (object,), (tf.no_op,),
        (lambda: tf.constant(1),), (lambda: tf.constant("s"),)]]


def case_a_scaffold_merges_as_merge_all_does():
    results = []
    for item in ("text", 3, 2.5):
        with tf.Graph().as_default():
            tf.add_to_collection("summaries", item)
            results.append(said(
                lambda: tf.train.Scaffold().finalize().summary_op.name))
    return results


def case_a_projector_of_embeddings():
    from tensorflow.contrib.tensorboard.plugins import projector
    config = projector.ProjectorConfig(model_checkpoint_path="m")
    embedding = config.embeddings.add()
    embedding.tensor_name = tf.get_variable("v", [3, 2]).name
    embedding.metadata_path = "labels.tsv"
    embedding.sprite.single_image_dim.extend([4, 5])
    writer = tf.summary.FileWriter("logs")
    projector.visualize_embeddings(writer, config)
    writer.close()
    with open("logs/projector_config.pbtxt") as f:
        return f.read(), [name for name in sorted(os.listdir("logs"))
                          if "tfevents" not in name], \
            projector.EmbeddingInfo.__name__
