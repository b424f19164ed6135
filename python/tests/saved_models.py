"""SavedModels of many kinds, on TensorFlow 1.15, 2.15 and retrograph alike.

saved_models.py write FOLDER: writes one folder a kind.
saved_models.py read FOLDER: loads each and prints as JSON what its signatures
give, in every way that this TensorFlow can load it.
"""
import json
import os
import sys

import numpy as np
import tensorflow
import tensorflow.compat.v1 as tf

tf.disable_control_flow_v2()
FEED = [[1., 2.], [3., 4.]]


def signature(x, y):
    return {"serving_default": tf.saved_model.predict_signature_def(
        {"x": x}, {"y": y})}


def multiplied(use_resource=False, **kwargs):
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    v = tf.get_variable("v", initializer=[[2., 3.]], use_resource=use_resource,
                        **kwargs)
    return x, tf.multiply(x, v, name="y")


def write(folder, x, y, sess, tags=("serve",), as_text=False, more=(), **kwargs):
    builder = tf.saved_model.Builder(folder)
    builder.add_meta_graph_and_variables(sess, list(tags), signature(x, y),
                                         **kwargs)
    for other in more:
        builder.add_meta_graph(list(other), signature(x, y))
    builder.save(as_text)


# ---- The kinds: each gets the folder and builds into the default graph -------

def initialized():
    sess = tf.Session()
    sess.run([v.initializer for v in tf.global_variables()])
    return sess


def ref_variable(folder):
    x, y = multiplied()
    write(folder, x, y, initialized())


def resource_variable(folder):
    x, y = multiplied(use_resource=True)
    write(folder, x, y, initialized())


def as_text(folder):
    x, y = multiplied()
    write(folder, x, y, initialized(), as_text=True)


def partitioned_variable(folder):
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    v = tf.get_variable("v", [2, 2], initializer=tf.ones_initializer(),
                        partitioner=tf.fixed_size_partitioner(2),
                        use_resource=False)
    write(folder, x, tf.matmul(x, tf.convert_to_tensor(v), name="y"),
          initialized())


def two_meta_graphs(folder):
    x, y = multiplied()
    write(folder, x, y, initialized(), more=[("train",), ("serve", "gpu")])


def devices_cleared(folder):
    with tf.device("/device:CPU:0"):
        x, y = multiplied()
    write(folder, x, y, initialized(), clear_devices=True)


def default_attrs_stripped(folder):
    x, y = multiplied()
    write(folder, x, y, initialized(), strip_default_attrs=True)


def own_saver(folder):
    x, y = multiplied()
    saver = tf.train.Saver({"renamed": tf.global_variables()[0]}, name="mine")
    write(folder, x, y, initialized(), saver=saver)


def no_variables(folder):
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    write(folder, x, tf.negative(x, name="y"), tf.Session())


def asset_and_main_op(folder):
    with open("words.txt", "w") as f:
        f.write("three words here")
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    path = tf.constant("words.txt", name="path")
    content = tf.Variable(tf.read_file(path), name="content", trainable=False,
                          collections=["local_variables"], use_resource=False)
    y = tf.fill(tf.shape(x)[:1], content, name="y")
    write(folder, x, y, initialized(), assets_collection=[path],
          main_op=content.initializer)


def control_flow(folder):
    x, y = multiplied()
    y = tf.cond(tf.reduce_sum(x) > 5., lambda: y * 10., lambda: y)
    y = tf.while_loop(lambda i, y: i < 3,
                      lambda i, y: (i + 1, y + tf.cast(i, tf.float32)),
                      [0, y])[1]
    write(folder, x, tf.identity(y, name="last"), initialized())


def simple(folder):
    x, y = multiplied()
    tf.saved_model.simple_save(initialized(), folder, {"x": x}, {"y": y})


KINDS = [ref_variable, resource_variable, as_text, partitioned_variable,
         two_meta_graphs, devices_cleared, default_attrs_stripped, own_saver,
         no_variables, asset_and_main_op, control_flow, simple]


# ---- Reading ----------------------------------------------------------------

def plain(value):
    return [x.decode() if isinstance(x, bytes) else float(x)
            for x in np.asarray(value).reshape(-1).tolist()]


def loaded_in_graph(folder, tags, scope):
    with tf.Graph().as_default(), tf.Session() as sess:
        meta_graph = tf.saved_model.load(sess, tags, folder, import_scope=scope)
        infos = meta_graph.signature_def["serving_default"]
        find = lambda info: tf.saved_model.get_tensor_from_tensor_info(  # noqa
            info, import_scope=scope)
        return plain(sess.run(find(infos.outputs["y"]),
                              {find(infos.inputs["x"]): FEED}))


def loaded_eagerly(folder, tags):
    loaded = tensorflow.saved_model.load(folder, tags=tags)
    function = loaded.signatures["serving_default"]
    return plain(function(tensorflow.constant(FEED))["y"].numpy())


def read(folder):
    with tf.Graph().as_default():
        from tensorflow.python.saved_model import loader_impl
        meta_graphs = loader_impl.parse_saved_model(folder).meta_graphs
    found = {}
    for meta_graph in meta_graphs:
        tags = list(meta_graph.meta_info_def.tags)
        for scope in (None, "scope"):
            found["%s in %s" % (tags, scope)] = loaded_in_graph(folder, tags,
                                                                scope)
        if tensorflow.__version__.startswith("2."):
            found["%s eagerly" % tags] = loaded_eagerly(folder, tags)
    return found


def main(command, top):
    os.chdir(top)
    if command == "write":
        for kind in KINDS:
            with tf.Graph().as_default():
                kind(kind.__name__)
        return
    print(json.dumps({kind.__name__: read(kind.__name__) for kind in KINDS}))


if __name__ == "__main__":
    main(*sys.argv[1:])
