"""What scripts import from TensorFlow's inner modules, and its tools.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import contextlib
import importlib
import io

import tensorflow.compat.v1 as tf

from case_helpers import parts, session, two

PATHS = """
tensorflow.contrib.framework.python.ops.variables.get_or_create_global_step
tensorflow.contrib.layers.python.layers.initializers.xavier_initializer
tensorflow.python.eager.context.executing_eagerly
tensorflow.python.framework.sparse_tensor.SparseTensor
tensorflow.python.layers.convolutional.Conv2D
tensorflow.python.layers.core.dense
tensorflow.python.lib.io.tf_record.TFRecordWriter
tensorflow.python.ops.clip_ops.clip_by_value
tensorflow.python.ops.distributions.normal.Normal
tensorflow.python.ops.embedding_ops.embedding_lookup
tensorflow.python.ops.gen_nn_ops.relu
tensorflow.python.ops.gradients_impl.gradients
tensorflow.python.ops.io_ops.read_file
tensorflow.python.ops.losses.losses.mean_squared_error
tensorflow.python.ops.losses.losses_impl.absolute_difference
tensorflow.python.ops.metrics_impl.mean
tensorflow.python.ops.nn.relu
tensorflow.python.ops.nn_impl.moments
tensorflow.python.ops.partitioned_variables.fixed_size_partitioner
tensorflow.python.ops.rnn.dynamic_rnn
tensorflow.python.ops.rnn.rnn_cell_impl.BasicLSTMCell
tensorflow.python.ops.rnn_cell.BasicLSTMCell
tensorflow.python.ops.standard_ops.matmul
tensorflow.python.ops.string_ops.string_join
tensorflow.python.pywrap_tensorflow.NewCheckpointReader
tensorflow.python.tools.inspect_checkpoint.print_tensors_in_checkpoint_file
tensorflow.python.training.adam.AdamOptimizer
tensorflow.python.training.gradient_descent.GradientDescentOptimizer
tensorflow.python.training.input.batch
tensorflow.python.training.learning_rate_decay.exponential_decay
tensorflow.python.training.momentum.MomentumOptimizer
tensorflow.python.training.optimizer.Optimizer
tensorflow.python.training.slot_creator.create_slot
tensorflow.python.training.training.Saver
tensorflow.python.util.tf_contextlib.contextmanager
tensorflow.python.util.tf_decorator.make_decorator
tensorflow.python.util.tf_decorator.unwrap
"""


def found(path):
    module, name = path.rsplit(".", 1)
    try:
        module = importlib.import_module(module)
    except ImportError:  # one that another module imports
        module = found(module)
    return getattr(module, name)


def case_their_names():
    return [(path, found(path).__name__) for path in PATHS.split()]


def case_some_at_work():
    x = found("tensorflow.python.ops.nn.relu")([-1., 2.])
    cost = found("tensorflow.python.ops.losses.losses.mean_squared_error")(
        x, [1., 1.])
    return x.name, cost.name, found(
        "tensorflow.python.training.adam.AdamOptimizer")(0.1).get_name()


def case_a_name_that_no_module_has():
    try:
        found("tensorflow.python.ops.nn.no_such_function")
    except AttributeError:
        return "an AttributeError"


def inspected(*args, **kwargs):
    out = io.StringIO()
    show = found("tensorflow.python.tools.inspect_checkpoint."
                 "print_tensors_in_checkpoint_file")
    with contextlib.redirect_stdout(out):
        show(*args, **kwargs)
    return out.getvalue()


def case_inspect_checkpoint():
    a, b = two()
    tf.Variable(3, name="c")
    tf.train.Saver().save(session(), "./m", write_meta_graph=False)
    return [inspected("./m", "", True), inspected("./m", "a", False),
            inspected("./m", "", False), inspected("./m", "", False, True),
            inspected("./m", "", False, True, count_exclude_pattern="a|c"),
            inspected("./m", "none", False), inspected("./no", "", True)]


def case_inspect_partitions():
    parts(value=1.)
    tf.train.Saver().save(session(), "./m", write_meta_graph=False)
    return inspected("./m", "p", False), inspected("./m", "", False)


def case_decorators():
    decorated = []

    def double(function):
        def call(x):
            return 2 * function(x)
        decorated.append(function)
        return found("tensorflow.python.util.tf_decorator.make_decorator")(
            function, call)

    @double
    def more(x):
        """Adds one."""
        return x + 1

    wrappers, target = found("tensorflow.python.util.tf_decorator.unwrap")(more)
    return (more(3), more.__name__, more.__doc__, len(wrappers),
            target is decorated[0])
