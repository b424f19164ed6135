"""Variables and savers from Python. TensorFlow 1.15.5 passes these, too."""
import os
import tempfile
import unittest

import numpy as np
import tensorflow.compat.v1 as tf


class VariableApiTest(unittest.TestCase):

    def setUp(self):
        context = tf.Graph().as_default()
        context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)

    def values(self, *fetches):
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            return [session.run(f) for f in fetches]

    def test_both_kinds_compute_like_tensors(self):
        for resource in (False, True):
            v = tf.Variable([1., 2.], use_resource=resource)
            got = self.values(v + 1., 2. * v, v[1], tf.reduce_sum(v), -v)
            for value, expected in zip(got, ([2, 3], [2, 4], 2, 3, [-1, -2])):
                np.testing.assert_array_equal(value, expected)

    def test_changes_give_the_new_value(self):
        for resource in (False, True):
            v = tf.Variable(1., use_resource=resource)
            assigned, added = v.assign(5.), v.assign_add(2.)
            with tf.Session() as session:
                session.run(v.initializer)
                self.assertEqual(session.run(added), 3.)
                self.assertEqual(session.run(assigned), 5.)
                v.load(8., session)
                self.assertEqual(session.run(v), 8.)

    def test_reprs_are_tensorflows(self):
        self.assertEqual(repr(tf.Variable(0, name="a")),
                         "<tf.Variable 'a:0' shape=() dtype=int32_ref>")
        self.assertEqual(
            repr(tf.get_variable("b", [2], use_resource=True)),
            "<tf.Variable 'b:0' shape=(2,) dtype=float32>")

    def test_get_variable_finds_what_is_there(self):
        with tf.variable_scope("s") as scope:
            v = tf.get_variable("v", [2])
        with tf.variable_scope(scope, reuse=True):
            self.assertIs(tf.get_variable("v"), v)
        with tf.variable_scope("s", reuse=tf.AUTO_REUSE):
            self.assertIs(tf.get_variable("v", [2]), v)
            self.assertEqual(tf.get_variable("w", [1]).name, "s/w:0")
        with tf.variable_scope("s"):
            tf.get_variable_scope().reuse_variables()
            self.assertIs(tf.get_variable("v", [2]), v)

    def test_scopes_pass_their_initializer_on(self):
        with tf.variable_scope("a", initializer=tf.constant_initializer(3.)):
            with tf.variable_scope("b"):
                v = tf.get_variable("v", [2])
        np.testing.assert_array_equal(self.values(v)[0], [3., 3.])

    def test_an_initializer_may_be_a_function_or_a_value(self):
        f = tf.get_variable("f", [3], initializer=lambda shape, dtype,
                            partition_info=None: tf.fill(shape, 2.))
        g = tf.get_variable("g", initializer=lambda: tf.constant([1, 2]))
        h = tf.get_variable("h", initializer=np.float32([4.]))
        got = self.values(f, g, h)
        for value, expected in zip(got, ([2, 2, 2], [1, 2], [4])):
            np.testing.assert_array_equal(value, expected)

    def test_an_exception_in_an_initializer_is_the_callers(self):
        def broken(shape, dtype=None, partition_info=None):
            raise LookupError("mine")
        with self.assertRaises(LookupError) as caught:
            tf.get_variable("v", [1], initializer=broken)
        self.assertEqual(caught.exception.args, ("mine",))

    def test_a_custom_getter_may_change_the_arguments(self):
        seen = []

        def getter(getter, name, *args, **kwargs):
            seen.append(name)
            kwargs["trainable"] = False
            return getter(name, *args, **kwargs)
        with tf.variable_scope("s", custom_getter=getter):
            v = tf.get_variable("v", [1])
        self.assertEqual(seen, ["s/v"])
        self.assertEqual((tf.trainable_variables(), tf.global_variables()),
                         ([], [v]))

    def test_a_regularizer_s_loss_is_collected(self):
        tf.get_variable("v", [2], initializer=tf.ones_initializer(),
                        regularizer=lambda v: 3. * tf.reduce_sum(v))
        loss, = tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)
        self.assertEqual(self.values(loss), [6.])

    def test_a_partitioned_variable_is_its_parts(self):
        p = tf.get_variable("p", [4, 2], initializer=tf.ones_initializer(),
                            partitioner=tf.fixed_size_partitioner(2))
        self.assertEqual([v.name for v in p], ["p/part_0:0", "p/part_1:0"])
        np.testing.assert_array_equal(self.values(tf.add(p, 0.))[0], np.ones([4, 2]))

    def test_uninitialized_variables_are_reported(self):
        a, b = tf.Variable(1., name="a"), tf.Variable(1., name="b")
        with tf.Session() as session:
            session.run(a.initializer)
            names = session.run(tf.report_uninitialized_variables())
        self.assertEqual(names.tolist(), [b"b"])
        del b

    def test_the_global_step_is_one_variable(self):
        step = tf.train.get_or_create_global_step()
        self.assertIs(tf.train.get_or_create_global_step(), step)
        self.assertEqual((step.name, step.dtype.base_dtype),
                         ("global_step:0", tf.int64))


class SaverApiTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.prefix = os.path.join(folder.name, "m")

    def save(self, **variables):
        with tf.Graph().as_default(), tf.Session() as session:
            for name, value in variables.items():
                tf.Variable(value, name=name)
            session.run(tf.global_variables_initializer())
            return tf.train.Saver().save(session, self.prefix, global_step=7)

    def test_what_was_saved_comes_back(self):
        path = self.save(a=1., b=[2, 3])
        self.assertEqual(path, self.prefix + "-7")
        self.assertEqual(tf.train.list_variables(path), [("a", []), ("b", [2])])
        self.assertEqual(tf.train.load_variable(path, "a"), 1.)
        self.assertEqual(tf.train.latest_checkpoint(os.path.dirname(path)),
                         path)
        with tf.Graph().as_default(), tf.Session() as session:
            b = tf.Variable([0, 0], name="b")
            tf.train.Saver().restore(session, path)
            self.assertEqual(session.run(b).tolist(), [2, 3])

    def test_a_dict_renames(self):
        path = self.save(a=1.)
        with tf.Graph().as_default(), tf.Session() as session:
            v = tf.Variable(0., name="other")
            tf.train.Saver({"a": v}).restore(session, path)
            self.assertEqual(session.run(v), 1.)

    def test_a_missing_key_is_NotFound_with_the_op(self):
        path = self.save(a=1.)
        with tf.Graph().as_default(), tf.Session() as session:
            tf.Variable(0., name="b")
            saver = tf.train.Saver()
            with self.assertRaises(tf.errors.NotFoundError) as caught:
                saver.restore(session, path)
        self.assertIn("Key b not found in checkpoint", str(caught.exception))
        self.assertEqual(caught.exception.op.name, "save/RestoreV2")

    def test_a_saveable_object_restores_itself(self):
        from tensorflow.python.training import saver as saver_lib

        class Doubled(saver_lib.BaseSaverBuilder.SaveableObject):
            def __init__(self, var, name):
                spec = saver_lib.BaseSaverBuilder.SaveSpec(var * 2., "", name)
                super(Doubled, self).__init__(var, [spec], name)

            def restore(self, tensors, shapes):
                return tf.assign(self.op, tensors[0])
        with tf.Graph().as_default(), tf.Session() as session:
            v = tf.Variable(3., name="v")
            saver = tf.train.Saver([Doubled(v, "twice")])
            session.run(v.initializer)
            path = saver.save(session, self.prefix)
            saver.restore(session, path)
            self.assertEqual(session.run(v), 6.)
        self.assertEqual(tf.train.list_variables(path), [("twice", [])])

    def test_a_saver_def_is_a_message(self):
        with tf.Graph().as_default():
            tf.Variable(1.)
            saver_def = tf.train.Saver(max_to_keep=3).saver_def
        self.assertIsInstance(saver_def, tf.train.SaverDef)
        self.assertEqual((saver_def.max_to_keep, saver_def.restore_op_name),
                         (3, "save/restore_all"))


if __name__ == "__main__":
    unittest.main()
