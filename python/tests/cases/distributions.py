"""tf.distributions.Normal.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import tensorflow.compat.v1 as tf

from array_helpers import rounded
from case_helpers import attempt, session


def case_normal():
    d = tf.distributions.Normal(loc=0., scale=2.)
    found = [d.sample(), d.sample(3, seed=4), d.sample([2, 3], seed=5),
             d.log_prob(1.), d.prob([0., 1.]), d.entropy(), d.mean(),
             d.stddev(), d.variance(), d.mode(), d.batch_shape_tensor()]
    s = session()
    return [rounded(s.run(f)) for f in found], str(found), str(d), d.name, \
        str((d.batch_shape, d.event_shape, d.dtype, d.loc, d.scale)), \
        sorted(d.parameters)


def case_normals_of_a_layer():
    x = tf.constant([[1., 2.], [3., 4.]])
    mean = tf.layers.dense(x, 1, kernel_initializer=tf.ones_initializer())
    d = tf.distributions.Normal(mean, tf.nn.softplus(mean), name="actor",
                                validate_args=True)
    action = tf.squeeze(d.sample(1, seed=2), axis=0)
    loss = -tf.reduce_mean(d.log_prob(action) + 0.1 * d.entropy())
    s = session()
    return [rounded(s.run(v)) for v in (
        action, loss, tf.gradients(loss, tf.trainable_variables()))], \
        str(action), str(d)


def case_normals_of_unknown_shapes():
    loc = tf.placeholder_with_default([1., 2.], [None])
    d = tf.distributions.Normal(loc, [[1.], [2.], [3.]])
    n = tf.placeholder_with_default(2, [])
    found = [d.sample(seed=1), d.sample(n, seed=2), d.batch_shape_tensor(),
             d.mean()]
    s = session()
    return [rounded(s.run(f)) for f in found], str(found), str(d)


def case_divergences():
    a = tf.distributions.Normal([0., 1.], 2.)
    b = tf.distributions.Normal(1., [1., 3.], allow_nan_stats=False, name="b")
    found = [tf.distributions.kl_divergence(a, b),
             tf.distributions.kl_divergence(a, b, name="n"),
             a.kl_divergence(b), b.kl_divergence(a), a.cross_entropy(b),
             b.cross_entropy(a)]
    s = session()
    return [rounded(s.run(f)) for f in found], str(found)


def case_divergences_that_are_not_numbers():
    a = tf.distributions.Normal(0., tf.placeholder_with_default(-1., []))
    b = tf.distributions.Normal(0., float("nan"), allow_nan_stats=False)
    s = session()
    return (attempt(s.run, b.kl_divergence(a)),
            attempt(tf.distributions.kl_divergence, a, 3.))
