"""Building graphs from Python. TensorFlow 1.15.5 passes these tests, too."""
import unittest

import numpy as np
import tensorflow.compat.v1 as tf


def names(graph):
    return [op.name for op in graph.get_operations()]


class GraphApiTest(unittest.TestCase):

    def setUp(self):
        self.graph = tf.Graph()
        context = self.graph.as_default()
        context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)

    def test_operators_name_their_ops_and_constants(self):
        x = tf.placeholder(tf.float32, [2], name="x")
        _ = 2. - x * 3 / (x ** 2) + -x
        _ = x < 1, x[0], x @ tf.ones([2]) if False else None
        self.assertEqual(names(self.graph), [
            "x", "mul/y", "mul", "pow/y", "pow", "truediv", "sub/x", "sub",
            "Neg", "add", "Less/y", "Less", "strided_slice/stack",
            "strided_slice/stack_1", "strided_slice/stack_2",
            "strided_slice"])

    def test_addition_is_AddV2_and_tf_add_is_Add(self):
        x = tf.constant(1.)
        self.assertEqual(((x + x).op.type, tf.add(x, x).op.type),
                         ("AddV2", "Add"))

    def test_python_numbers_take_the_type_of_the_tensor_beside_them(self):
        x = tf.placeholder(tf.int64, [])
        self.assertEqual((x + 1).dtype, tf.int64)
        self.assertEqual(tf.constant(1).dtype, tf.int32)
        self.assertEqual(tf.constant(2 ** 40).dtype, tf.int64)
        self.assertEqual(tf.constant(1.).dtype, tf.float32)
        self.assertEqual(tf.constant(np.float64(1)).dtype, tf.float64)

    def test_a_list_with_tensors_is_packed(self):
        x = tf.placeholder(tf.float32, [])
        packed = tf.convert_to_tensor([x, 2., [3.][0]])
        self.assertEqual(packed.op.type, "Pack")
        self.assertEqual(names(self.graph),
                         ["Placeholder", "packed/1", "packed/2", "packed"])

    def test_a_float_is_no_int32(self):
        with self.assertRaises(TypeError) as caught:
            tf.add(tf.constant(1), 1.5)
        self.assertEqual(
            str(caught.exception),
            "Expected int32 passed to parameter 'y' of op 'Add', got 1.5 of "
            "type 'float' instead. Error: Expected int32, got 1.5 of type "
            "'float' instead.")

    def test_none_is_no_tensor(self):
        with self.assertRaises(ValueError) as caught:
            tf.add(None, 1)
        self.assertEqual(str(caught.exception),
                         "Tried to convert 'x' to a tensor and failed. Error: "
                         "None values not supported.")

    def test_scopes_prefix_names_and_a_slash_reenters(self):
        with tf.name_scope("a") as scope:
            tf.no_op()
        with tf.name_scope("a"):
            tf.no_op()
        with tf.name_scope(scope):
            tf.no_op()
        self.assertEqual(names(self.graph), ["a/NoOp", "a_1/NoOp", "a/NoOp_1"])

    def test_control_dependencies_hold_inside_and_None_clears(self):
        a = tf.no_op("a")
        with tf.control_dependencies([a]):
            b = tf.no_op("b")
            with tf.control_dependencies(None):
                c = tf.no_op("c")
        self.assertEqual((b.control_inputs, c.control_inputs), ([a], []))

    def test_device_functions_see_the_op(self):
        with tf.device(lambda op: "/cpu:0" if op.type == "NoOp" else ""):
            a, b = tf.no_op(), tf.constant(1)
        self.assertEqual((a.device, b.device), ("/cpu:0", ""))

    def test_an_exception_in_a_device_function_is_the_callers(self):
        def broken(op):
            raise LookupError("mine")
        with tf.device(broken), self.assertRaisesRegex(LookupError, "mine"):
            tf.no_op()

    def test_group_adds_one_op_per_device(self):
        with tf.device("/cpu:0"):
            a = tf.no_op("a")
        b = tf.no_op("b")
        tf.group(a, b, name="g")
        self.assertEqual(names(self.graph),
                         ["a", "b", "g/NoOp", "g/NoOp_1", "g"])

    def test_elements_are_the_same_objects_each_time(self):
        a = tf.constant(1, name="a")
        self.assertIs(self.graph.get_tensor_by_name("a:0"), a)
        self.assertIs(self.graph.get_operation_by_name("a"), a.op)
        self.assertIs((a + 1).op.inputs[0], a)

    def test_collections_give_back_what_was_put_in(self):
        marker = object()
        v = tf.Variable(1.)
        for item in (marker, v, v.op, 3, "text", 2.5):
            tf.add_to_collection("mine", item)
        self.assertEqual(tf.get_collection("mine"),
                         [marker, v, v.op, 3, "text", 2.5])
        self.assertIs(tf.get_collection("variables")[0], v)

    def test_attrs_come_as_python_values(self):
        c = tf.constant([1., 2.])
        self.assertEqual(c.op.get_attr("dtype"), tf.float32)
        self.assertEqual(c.op.get_attr("value").tensor_shape.dim[0].size, 2)
        with self.assertRaisesRegex(ValueError, "has no attr named 'x'"):
            c.op.get_attr("x")

    def test_graph_defs_are_messages_and_import_again(self):
        tf.multiply(tf.constant(2., name="two"), 3., name="six")
        graph_def = self.graph.as_graph_def()
        self.assertIsInstance(graph_def, tf.GraphDef)
        with tf.Graph().as_default() as other:
            six, = tf.import_graph_def(graph_def, return_elements=["six:0"],
                                       name="in")
            with tf.Session() as session:
                self.assertEqual(session.run(six), 6.)
        self.assertEqual(names(other), ["in/two", "in/six/y", "in/six"])

    def test_raw_ops_take_keywords_only(self):
        total = tf.raw_ops.AddV2(x=1., y=2., name="total")
        self.assertEqual(total.name, "total:0")
        with self.assertRaises(TypeError):
            tf.raw_ops.AddV2(1., 2.)

    def test_ops_of_several_outputs_have_named_results(self):
        unique = tf.unique([1, 1, 2])
        self.assertEqual([t.name for t in (unique.y, unique.idx)],
                         ["Unique:0", "Unique:1"])
        self.assertEqual(len(tf.split(tf.zeros([4]), 2)), 2)


class ShapeTest(unittest.TestCase):

    def test_shapes_print_and_compare_as_tensorflows(self):
        shape = tf.TensorShape([2, None])
        self.assertEqual(str(shape), "(2, ?)")
        self.assertEqual(repr(shape),
                         "TensorShape([Dimension(2), Dimension(None)])")
        self.assertEqual(shape.as_list(), [2, None])
        self.assertEqual(shape.merge_with([None, 3]).as_list(), [2, 3])
        self.assertIsNone(shape[1] == 3)
        self.assertTrue(shape.is_compatible_with([2, 7]))

    def test_types_are_one_object_each(self):
        self.assertIs(tf.as_dtype("float32"), tf.float32)
        self.assertIs(tf.as_dtype(np.int64), tf.int64)
        self.assertEqual(repr(tf.float32), "tf.float32")
        self.assertEqual(tf.float32, np.float32)
        with self.assertRaisesRegex(TypeError, "Cannot convert value 'no'"):
            tf.as_dtype("no")


if __name__ == "__main__":
    unittest.main()
