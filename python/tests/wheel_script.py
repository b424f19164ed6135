"""What an installed wheel must run: `python -m retrograph wheel_script.py`."""
import os
import tempfile

import numpy as np
import tensorflow as tf

x = tf.placeholder(tf.float32, [2], name="x")
v = tf.get_variable("v", initializer=tf.constant([1., 2.]))
loss = tf.reduce_sum(tf.square(x - v))
train = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
saver = tf.train.Saver()
with tempfile.TemporaryDirectory() as folder, tf.Session() as session:
    session.run(tf.global_variables_initializer())
    prefix = saver.save(session, os.path.join(folder, "model"))
    session.run(train, {x: [5., 6.]})
    np.testing.assert_allclose(session.run(v), [5., 6.])
    saver.restore(session, prefix)
    np.testing.assert_array_equal(session.run(v), [1., 2.])
    assert tf.train.list_variables(prefix) == [("v", [2])]
    with tf.Graph().as_default():  # the messages, too
        saver_def = tf.train.import_meta_graph(
            prefix + ".meta").as_saver_def()
        assert saver_def.restore_op_name == "save/restore_all"
print("the wheel works")
