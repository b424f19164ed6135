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

# Images are the business of libraries that the wheel carries.
pixels = np.arange(8 * 8 * 3, dtype=np.uint8).reshape(8, 8, 3)
white = (b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00"
         b"\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;")
with tf.Graph().as_default(), tf.Session() as session:
    png, jpeg, gif = session.run([
        tf.image.decode_png(tf.image.encode_png(pixels)),
        tf.image.decode_jpeg(tf.image.encode_jpeg(pixels, quality=95)),
        tf.image.decode_gif(white)])
np.testing.assert_array_equal(png, pixels)
np.testing.assert_allclose(jpeg.astype(int), pixels, atol=40)
np.testing.assert_array_equal(gif, np.full([1, 1, 1, 3], 255))
print("the wheel works")
