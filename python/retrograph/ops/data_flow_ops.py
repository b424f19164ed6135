"""Queues, as Python objects over their ops."""
import functools

from retrograph.framework import constant_op
from retrograph.framework import dtypes as dtypes_lib
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.framework import tensor_shape
from retrograph.ops import array_ops
from retrograph.ops import random_ops


def _as_list(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _is_dim(value):
    return value is None or isinstance(value, int)


def _shape_list(shapes, partial=False):
    """A list of TensorShapes, or None for any shapes.

    Parameters
    ----------
    partial
        Whether dimensions may be unknown.
    """
    if partial and (not isinstance(shapes, (list, tuple)) or not shapes or
                    any(_is_dim(s) for s in shapes)):
        raise ValueError("When providing partial shapes, a list of shapes must "
                         "be provided.")
    if shapes is None:
        return None
    if isinstance(shapes, tensor_shape.TensorShape):
        shapes = [shapes]
    if not isinstance(shapes, (list, tuple)):
        raise TypeError("shapes must be a TensorShape or a list or tuple of "
                        "TensorShapes.")
    if all(_is_dim(s) for s in shapes):
        shapes = [shapes]
    shapes = [tensor_shape.as_shape(s) for s in shapes]
    if not partial and not all(s.is_fully_defined() for s in shapes):
        raise ValueError("All shapes must be fully defined: %s" % shapes)
    if any(s.dims is None for s in shapes):
        raise ValueError("All shapes must have a defined rank: %s" % shapes)
    return shapes


def _name_list(names, dtypes):
    if names is None:
        return None
    names = _as_list(names)
    if len(names) != len(dtypes):
        raise ValueError("List of names must have the same length as the list "
                         "of dtypes")
    return names


def _common_shape(a, b):
    """What two shapes agree on."""
    if a.ndims is None or b.ndims is None or a.ndims != b.ndims:
        return tensor_shape.unknown_shape()
    return tensor_shape.TensorShape(
        [m if m == n else None for m, n in zip(a.as_list(), b.as_list())])


class QueueBase:
    """What queues of all kinds can do.

    Parameters
    ----------
    dtypes, shapes, names
        One for each component of an element; shapes and
        names may be None.
    queue_ref
        The handle, a tensor.
    """

    def __init__(self, dtypes, shapes, names, queue_ref):
        self._dtypes = dtypes
        if shapes is None:
            shapes = [None] * len(dtypes)
        elif len(shapes) != len(dtypes):
            raise ValueError("Queue shapes must have the same length as dtypes")
        self._shapes = [tensor_shape.TensorShape(s) for s in shapes]
        if names is not None and len(names) != len(dtypes):
            raise ValueError("Queue names must have the same length as dtypes")
        self._names = names
        self._queue_ref = queue_ref
        self._name = queue_ref.op.name.split("/")[-1]

    queue_ref = property(lambda self: self._queue_ref,
                         doc="The handle, a Tensor.")
    name = property(lambda self: self._queue_ref.op.name,
                    doc="The name of the operation that makes the handle.")
    dtypes = property(lambda self: self._dtypes,
                      doc="The DType of each component.")
    shapes = property(lambda self: self._shapes,
                      doc="The TensorShape of each component, a list.")
    names = property(lambda self: self._names,
                     doc="The name of each component, or None.")

    @staticmethod
    def from_list(index, queues):
        """A queue that is, in each run, the one at `index`."""
        if not queues or not isinstance(queues, list) or not all(
                isinstance(q, QueueBase) for q in queues):
            raise TypeError("A list of queues expected")
        dtypes, names = queues[0].dtypes, queues[0].names
        if any(q.dtypes != dtypes for q in queues[1:]):
            raise TypeError("Queues do not have matching component dtypes.")
        if any(q.names != names for q in queues[1:]):
            raise TypeError("Queues do not have matching component names.")
        shapes = [functools.reduce(_common_shape, component)
                  for component in zip(*(q.shapes for q in queues))]
        handles = array_ops.stack([q.queue_ref for q in queues])
        return QueueBase(dtypes, shapes, names,
                         array_ops.gather(handles, index))

    def _apply(self, op, name, **arguments):
        """Adds the op's version for this queue's kind of handle."""
        if self._queue_ref.dtype.base_dtype is dtypes_lib.resource:
            op += "V2"
        return op_library.apply_op(op, name, handle=self._queue_ref,
                                   **arguments)

    def _components(self, vals):
        """One tensor for each component."""
        if isinstance(vals, dict):
            if not self._names:
                raise ValueError("Queue must have names to enqueue a "
                                 "dictionary")
            if sorted(self._names, key=str) != sorted(vals, key=str):
                raise ValueError(
                    "Keys in dictionary to enqueue do not match names of "
                    "Queue.  Dictionary: (%s), Queue: (%s)"
                    % (sorted(vals), sorted(self._names)))
            vals = [vals[name] for name in self._names]
        elif self._names:
            raise ValueError("You must enqueue a dictionary in a Queue with "
                             "names")
        return [ops.convert_to_tensor(v, dtype=t, name="component_%d" % i)
                for i, (v, t) in enumerate(zip(_as_list(vals), self._dtypes))]

    def enqueue(self, vals, name=None):
        """An op that adds one element, once there is room."""
        with ops.name_scope(name, "%s_enqueue" % self._name,
                            _values(vals)) as scope:
            vals = self._components(vals)
            for val, shape in zip(vals, self._shapes):
                val.shape.assert_is_compatible_with(shape)
            return self._apply("QueueEnqueue", scope, components=vals)

    def enqueue_many(self, vals, name=None):
        """An op that adds the rows of the tensors, one element each."""
        with ops.name_scope(name, "%s_EnqueueMany" % self._name,
                            _values(vals)) as scope:
            vals = self._components(vals)
            rows = tensor_shape.Dimension(None)
            for val in vals[:1] + vals:
                rows = rows.merge_with(val.shape.with_rank_at_least(1)[0])
            for val, shape in zip(vals, self._shapes):
                val.shape[1:].assert_is_compatible_with(shape)
            return self._apply("QueueEnqueueMany", scope, components=vals)

    def _dequeued(self, tensors, rows=None):
        """What a dequeue returns, with the shapes that are known."""
        for tensor, shape in zip(tensors, self._shapes):
            if rows is not None:
                shape = tensor_shape.TensorShape(rows).concatenate(shape)
            tensor.set_shape(shape)
        if self._names:
            return dict(zip(self._names, tensors))
        return tensors[0] if len(tensors) == 1 else tensors

    def dequeue(self, name=None):
        """One element, once there is one."""
        return self._dequeued(self._apply(
            "QueueDequeue", name or "%s_Dequeue" % self._name,
            component_types=self._dtypes))

    def dequeue_many(self, n, name=None):
        """n elements along a new first axis, once there are as many."""
        tensors = self._apply(
            "QueueDequeueMany", name or "%s_DequeueMany" % self._name, n=n,
            component_types=self._dtypes)
        n = constant_op.constant_value(tensors[0].op.inputs[1])
        return self._dequeued(tensors, [None if n is None else int(n)])

    def dequeue_up_to(self, n, name=None):
        """n elements, or what a closed queue still has."""
        return self._dequeued(self._apply(
            "QueueDequeueUpTo", name or "%s_DequeueUpTo" % self._name, n=n,
            component_types=self._dtypes), [None])

    def close(self, cancel_pending_enqueues=False, name=None):
        """An op after which nothing can be added any more."""
        return self._apply("QueueClose", name or "%s_Close" % self._name,
                           cancel_pending_enqueues=cancel_pending_enqueues)

    def is_closed(self, name=None):
        """Whether it is closed, a bool scalar."""
        return self._apply("QueueIsClosed",
                           name or "%s_Is_Closed" % self._name)

    def size(self, name=None):
        """How many elements are in it, an int32 scalar."""
        return self._apply("QueueSize", name or "%s_Size" % self._name)


def _values(vals):
    return list(vals.values()) if isinstance(vals, dict) else _as_list(vals)


class FIFOQueue(QueueBase):
    """First in, first out."""

    def __init__(self, capacity, dtypes, shapes=None, names=None,
                 shared_name=None, name="fifo_queue"):
        dtypes = _as_list(dtypes)
        shapes = _shape_list(shapes)
        names = _name_list(names, dtypes)
        super().__init__(dtypes, shapes, names, op_library.apply_op(
            "FIFOQueueV2", name, component_types=dtypes, shapes=shapes or [],
            capacity=capacity, shared_name=shared_name or ""))


class PaddingFIFOQueue(QueueBase):
    """First in, first out; elements of several sizes are padded together."""

    def __init__(self, capacity, dtypes, shapes, names=None, shared_name=None,
                 name="padding_fifo_queue"):
        dtypes = _as_list(dtypes)
        shapes = _shape_list(shapes, partial=True)
        names = _name_list(names, dtypes)
        if len(dtypes) != len(shapes):
            raise ValueError(
                "Shapes must be provided for all components, but received %d "
                "dtypes and %d shapes." % (len(dtypes), len(shapes)))
        super().__init__(dtypes, shapes, names, op_library.apply_op(
            "PaddingFIFOQueueV2", name, component_types=dtypes, shapes=shapes,
            capacity=capacity, shared_name=shared_name or ""))


class RandomShuffleQueue(QueueBase):
    """Gives out its elements in random order."""

    def __init__(self, capacity, min_after_dequeue, dtypes, shapes=None,
                 names=None, seed=None, shared_name=None,
                 name="random_shuffle_queue"):
        dtypes = _as_list(dtypes)
        shapes = _shape_list(shapes)
        names = _name_list(names, dtypes)
        seed1, seed2 = random_ops.get_seed(seed)
        if seed1 is None and seed2 is None:
            seed1, seed2 = 0, 0
        elif seed is None and shared_name is not None:
            # The name's, so that all who share the queue give it one seed.
            import hashlib
            digest = hashlib.md5((str(seed1) + shared_name).encode("utf-8"))
            seed2 = int(digest.hexdigest()[:8], 16) & 0x7FFFFFFF
        super().__init__(dtypes, shapes, names, op_library.apply_op(
            "RandomShuffleQueueV2", name, component_types=dtypes,
            shapes=shapes or [], capacity=capacity,
            min_after_dequeue=min_after_dequeue, seed=seed1, seed2=seed2,
            shared_name=shared_name or ""))


class PriorityQueue(QueueBase):
    """Gives out the element of the least priority, an int64, first."""

    def __init__(self, capacity, types, shapes=None, names=None,
                 shared_name=None, name="priority_queue"):
        types = _as_list(types)
        shapes = _shape_list(shapes)
        handle = op_library.apply_op(
            "PriorityQueueV2", name, component_types=types,
            shapes=shapes or [], capacity=capacity,
            shared_name=shared_name or "")
        super().__init__(
            [dtypes_lib.int64] + types,
            [[]] + shapes if shapes else shapes,
            ["priority"] + names if names else names, handle)


for _class in (QueueBase, FIFOQueue, PaddingFIFOQueue, RandomShuffleQueue,
               PriorityQueue):
    _class.__module__ = "tensorflow.python.ops.data_flow_ops"
