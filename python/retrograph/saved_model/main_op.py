"""Ops to run after a load."""
from retrograph.framework import ops
from retrograph.ops import control_flow_ops
from retrograph.ops import lookup_ops
from retrograph.ops import variables
from retrograph.platform import deprecation


@deprecation.deprecated(
    "tensorflow.python.saved_model.main_op_impl",
    "This function will only be available through the v1 compatibility "
    "library as tf.compat.v1.saved_model.main_op.main_op.")
def main_op():
    """An op that initializes all variables, local ones too, and tables."""
    init = variables.global_variables_initializer()
    init_local = variables.local_variables_initializer()
    return control_flow_ops.group(init, init_local, lookup_ops.tables_initializer())


@deprecation.deprecated(
    "tensorflow.python.saved_model.main_op_impl",
    "This function will only be available through the v1 compatibility "
    "library as tf.compat.v1.saved_model.main_op_with_restore or "
    "tf.compat.v1.saved_model.main_op.main_op_with_restore.")
def main_op_with_restore(restore_op_name):
    """The same, and then the op that restores the variables."""
    with ops.control_dependencies([main_op()]):
        return control_flow_ops.group(restore_op_name)
