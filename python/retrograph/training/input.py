"""tf.train.batch and the like: input pipelines made of queues and threads."""
from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.framework import tensor_shape
from retrograph.ops import array_ops
from retrograph.ops import control_flow_ops
from retrograph.ops import data_flow_ops
from retrograph.ops import math_ops
from retrograph.ops import random_ops
from retrograph.ops import variables
from retrograph.summary import summary
from retrograph.training import queue_runner

_gen = op_library.gen


def limit_epochs(tensor, num_epochs=None, name=None):
    """`tensor` so many times, then OutOfRangeError."""
    if num_epochs is None:
        return tensor
    if num_epochs <= 0:
        raise ValueError("num_epochs must be > 0 not %d." % num_epochs)
    with ops.name_scope(name, "limit_epochs", [tensor]) as name:
        zero = constant_op.constant(0, dtype=dtypes.int64)
        epochs = variables.Variable(
            zero, name="epochs", trainable=False,
            collections=[ops.GraphKeys.LOCAL_VARIABLES])
        counter = epochs.count_up_to(num_epochs)
        with ops.control_dependencies([counter]):
            return array_ops.identity(tensor, name=name)


def input_producer(input_tensor, element_shape=None, num_epochs=None,
                   shuffle=True, seed=None, capacity=32, shared_name=None,
                   summary_name=None, name=None, cancel_op=None):
    """A queue of the rows of a tensor, again and again."""
    with ops.name_scope(name, "input_producer", [input_tensor]):
        input_tensor = ops.convert_to_tensor(input_tensor, name="input_tensor")
        element_shape = input_tensor.shape[1:].merge_with(element_shape)
        if not element_shape.is_fully_defined():
            raise ValueError("Either `input_tensor` must have a fully defined "
                             "shape or `element_shape` must be specified")
        if shuffle:
            input_tensor = random_ops.random_shuffle(input_tensor, seed=seed)
        input_tensor = limit_epochs(input_tensor, num_epochs)
        queue = data_flow_ops.FIFOQueue(
            capacity=capacity, dtypes=[input_tensor.dtype.base_dtype],
            shapes=[element_shape], shared_name=shared_name, name=name)
        enqueue = queue.enqueue_many([input_tensor])
        queue_runner.add_queue_runner(queue_runner.QueueRunner(
            queue, [enqueue], cancel_op=cancel_op))
        if summary_name is not None:
            size = math_ops.cast(queue.size(), dtypes.float32)
            summary.scalar(summary_name, size * (1. / capacity))
        return queue


def string_input_producer(string_tensor, num_epochs=None, shuffle=True,
                          seed=None, capacity=32, shared_name=None, name=None,
                          cancel_op=None):
    """A queue of strings, the names of files as a rule."""
    empty = "string_input_producer requires a non-null input tensor"
    if not isinstance(string_tensor, ops.Tensor) and not string_tensor:
        raise ValueError(empty)
    with ops.name_scope(name, "input_producer", [string_tensor]) as name:
        string_tensor = ops.convert_to_tensor(string_tensor,
                                              dtype=dtypes.string)
        with ops.control_dependencies([control_flow_ops.Assert(
                _gen.greater(array_ops.size(string_tensor), 0), [empty])]):
            string_tensor = array_ops.identity(string_tensor)
        return input_producer(
            input_tensor=string_tensor, element_shape=[],
            num_epochs=num_epochs, shuffle=shuffle, seed=seed,
            capacity=capacity, shared_name=shared_name, name=name,
            summary_name="fraction_of_%d_full" % capacity,
            cancel_op=cancel_op)


def range_input_producer(limit, num_epochs=None, shuffle=True, seed=None,
                         capacity=32, shared_name=None, name=None):
    """A queue of 0 ... limit - 1."""
    with ops.name_scope(name, "input_producer", [limit]) as name:
        return input_producer(
            math_ops.range(limit), [], num_epochs, shuffle, seed, capacity,
            shared_name, "fraction_of_%d_full" % capacity, name)


def slice_input_producer(tensor_list, num_epochs=None, shuffle=True, seed=None,
                         capacity=32, shared_name=None, name=None):
    """One row of each tensor at a time."""
    with ops.name_scope(name, "input_producer", tensor_list):
        tensor_list = [ops.convert_to_tensor_or_indexed_slices(t)
                       for t in tensor_list]
        if not tensor_list:
            raise ValueError(
                "Expected at least one tensor in slice_input_producer().")
        queue = range_input_producer(
            array_ops.shape(tensor_list[0])[0], num_epochs=num_epochs,
            shuffle=shuffle, seed=seed, capacity=capacity,
            shared_name=shared_name)
        index = queue.dequeue()
        return [array_ops.gather(t, index) for t in tensor_list]


# ---- Batches ----------------------------------------------------------------

def _listed(tensors):
    if isinstance(tensors, dict):
        return [tensors[key] for key in sorted(tensors, key=str)]
    return tensors


def _as_given(tensors, results):
    if not isinstance(tensors, dict):
        return results
    if len(tensors) == 1:
        results = [results]
    return dict(zip(sorted(tensors, key=str), results))


def _checked_keep_input(keep_input, enqueue_many):
    keep_input = ops.convert_to_tensor(keep_input)
    rank = keep_input.shape.ndims
    if rank is None:
        raise ValueError(
            "`keep_input` dimensions must be known at graph construction.")
    if not enqueue_many and rank == 1:
        raise ValueError(
            "`keep_input` cannot be a vector when `enqueue_many=False`.")
    if rank > 1:
        raise ValueError("`keep_input` must be 0 or 1 dimensions.")
    return keep_input


def _types(lists):
    types = [t.dtype for t in lists[0]]
    for tensors in lists[1:]:
        others = [t.dtype for t in tensors]
        if others != types:
            raise TypeError("Expected types to be consistent: %s vs. %s." % (
                ", ".join(x.name for x in types),
                ", ".join(x.name for x in others)))
    return types


def _shapes(lists, shapes, enqueue_many):
    if shapes is not None:
        return shapes
    result = []
    for column in zip(*lists):
        for tensor in column:
            if tensor.shape.ndims is None:
                raise ValueError("Cannot infer Tensor's rank: %s" % tensor)
        column = [tensor_shape.as_shape(t.shape.as_list()) for t in column]
        if enqueue_many:
            column = [s.with_rank_at_least(1)[1:] for s in column]
        merged = column[0]
        for shape in column[1:]:
            merged.merge_with(shape)
        result.append(merged.as_list())
    return result


def _enqueue(queue, tensors, threads, enqueue_many, keep_input):
    function = queue.enqueue_many if enqueue_many else queue.enqueue
    if keep_input.shape.ndims == 1:
        kept = [array_ops.boolean_mask(t, keep_input) for t in tensors]
        enqueues = [function(kept)] * threads
    else:
        known = constant_op.constant_value(keep_input)
        if known is None:
            one = control_flow_ops.cond(keep_input, lambda: function(tensors),
                                        control_flow_ops.no_op)
        else:
            one = function(tensors) if known else control_flow_ops.no_op()
        enqueues = [one] * threads
    queue_runner.add_queue_runner(queue_runner.QueueRunner(queue, enqueues))


def _checked(tensors):
    tensors = [ops.convert_to_tensor_or_indexed_slices(t) for t in tensors]
    if not tensors:
        raise ValueError("Expected at least one tensor in batch().")
    return tensors


def _dequeued(queue, batch_size, allow_smaller, name):
    if allow_smaller:
        return queue.dequeue_up_to(batch_size, name=name)
    return queue.dequeue_many(batch_size, name=name)


def maybe_batch(tensors, keep_input, batch_size, num_threads=1, capacity=32,
                enqueue_many=False, shapes=None, dynamic_pad=False,
                allow_smaller_final_batch=False, shared_name=None, name=None):
    """Batches of what `keep_input` lets in."""
    flat = _listed(tensors)
    with ops.name_scope(name, "batch", list(flat) + [keep_input]) as name:
        flat = _checked(flat)
        keep_input = _checked_keep_input(keep_input, enqueue_many)
        kind = (data_flow_ops.PaddingFIFOQueue if dynamic_pad
                else data_flow_ops.FIFOQueue)
        queue = kind(capacity=capacity, dtypes=_types([flat]),
                     shapes=_shapes([flat], shapes, enqueue_many),
                     shared_name=shared_name)
        _enqueue(queue, flat, num_threads, enqueue_many, keep_input)
        summary.scalar("fraction_of_%d_full" % capacity,
                       math_ops.cast(queue.size(), dtypes.float32) *
                       (1. / capacity))
        return _as_given(tensors, _dequeued(
            queue, batch_size, allow_smaller_final_batch, name))


def batch(tensors, batch_size, num_threads=1, capacity=32, enqueue_many=False,
          shapes=None, dynamic_pad=False, allow_smaller_final_batch=False,
          shared_name=None, name=None):
    """Batches of tensors, filled by threads of a QueueRunner."""
    return maybe_batch(tensors, True, batch_size, num_threads, capacity,
                       enqueue_many, shapes, dynamic_pad,
                       allow_smaller_final_batch, shared_name, name)


def maybe_shuffle_batch(tensors, batch_size, capacity, min_after_dequeue,
                        keep_input, num_threads=1, seed=None,
                        enqueue_many=False, shapes=None,
                        allow_smaller_final_batch=False, shared_name=None,
                        name=None):
    """Shuffled batches of what `keep_input` lets in."""
    flat = _listed(tensors)
    with ops.name_scope(name, "shuffle_batch",
                        list(flat) + [keep_input]) as name:
        if capacity <= min_after_dequeue:
            raise ValueError(
                "capacity %d must be bigger than min_after_dequeue %d."
                % (capacity, min_after_dequeue))
        flat = _checked(flat)
        keep_input = _checked_keep_input(keep_input, enqueue_many)
        queue = data_flow_ops.RandomShuffleQueue(
            capacity=capacity, min_after_dequeue=min_after_dequeue, seed=seed,
            dtypes=_types([flat]),
            shapes=_shapes([flat], shapes, enqueue_many),
            shared_name=shared_name)
        _enqueue(queue, flat, num_threads, enqueue_many, keep_input)
        spare = capacity - min_after_dequeue
        full = (math_ops.cast(_gen.maximum(0, queue.size() - min_after_dequeue),
                              dtypes.float32) * (1. / spare))
        summary.scalar("fraction_over_%d_of_%d_full"
                       % (min_after_dequeue, spare), full)
        return _as_given(tensors, _dequeued(
            queue, batch_size, allow_smaller_final_batch, name))


def shuffle_batch(tensors, batch_size, capacity, min_after_dequeue,
                  num_threads=1, seed=None, enqueue_many=False, shapes=None,
                  allow_smaller_final_batch=False, shared_name=None,
                  name=None):
    """Batches out of a queue that gives its elements in any order."""
    return maybe_shuffle_batch(
        tensors, batch_size, capacity, min_after_dequeue, True, num_threads,
        seed, enqueue_many, shapes, allow_smaller_final_batch, shared_name,
        name)
