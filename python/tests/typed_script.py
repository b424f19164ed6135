"""What a user writes, for mypy: stubs_test.py expects what the comments say."""
import numpy as np
import retrograph.compat.v1 as tf
import tensorflow


def train() -> None:
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    w = tf.Variable([[1.], [2.]], name="w")
    b = tf.get_variable("b", [1], initializer=tf.zeros_initializer())
    y = tf.sqrt(tf.matmul(x, w) + b, name="y")
    reveal_type(x)  # mypy: note: Revealed type is "retrograph.framework.tensor.Tensor"
    reveal_type(w)  # mypy: note: Revealed type is "retrograph.ops.variables.Variable"
    reveal_type(y)  # mypy: note: Revealed type is "retrograph.framework.tensor.Tensor"
    reveal_type(y.op)  # mypy: note: Revealed type is "retrograph.framework.operation.Operation"
    saver = tf.train.Saver(max_to_keep=3)
    with tf.Session() as session:
        reveal_type(session)  # mypy: note: Revealed type is "retrograph.client.session.Session"
        session.run(tf.global_variables_initializer())
        values: np.ndarray = session.run(y, feed_dict={x: [[1., 2.]]})
        print(values)
        prefix = saver.save(session, "folder/model", global_step=1)
        reveal_type(prefix)  # mypy: note: Revealed type is "str"
        saver.restore(session, tf.train.latest_checkpoint("folder"))
        saver.save("folder/model")  # mypy: error: Missing positional argument "save_path" in call to "save" of "Saver"  [call-arg]


def inspect(prefix: str) -> None:
    reveal_type(tf.train.list_variables(prefix))  # mypy: note: Revealed type is "list[tuple[str, list[int]]]"
    reader = tf.train.load_checkpoint(prefix)
    reveal_type(reader.has_tensor("w"))  # mypy: note: Revealed type is "bool"
    reveal_type(tf.get_default_graph().get_tensor_by_name("w:0"))  # mypy: note: Revealed type is "retrograph.framework.tensor.Tensor"
    reveal_type(tf.get_default_graph().as_graph_def())  # mypy: note: Revealed type is "retrograph.proto.graph_pb2.GraphDef"
    tf.train.Savor  # mypy: error: Module has no attribute "Savor"; maybe "Saver"?  [attr-defined]
    tf.sqrt(1., "root", 3.)  # mypy: error: Too many arguments for "sqrt"  [call-arg]
    reveal_type(tensorflow.train.Saver())  # mypy: note: Revealed type is "retrograph.training.saver.Saver"
