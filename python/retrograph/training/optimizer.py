"""Optimizer: the base class of optimizers, the user's own included.

minimize() makes gradients (C++) and applies them, a group of updates under the
optimizer's name. A subclass says what slots a variable has and which ops update
it: _create_slots, _prepare, _apply_dense, _resource_apply_dense,
_apply_sparse, _resource_apply_sparse, _finish.
"""
from retrograph.framework import dtypes
from retrograph.framework import nest
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.ops import array_ops
from retrograph.ops import control_flow_ops
from retrograph.ops import gradients
from retrograph.ops import math_ops
from retrograph.ops import state_ops
from retrograph.ops import variables
from retrograph.training import slot_creator


def _var_key(var):
    return (var.op.graph, var.op.name)


def _deduplicate_indexed_slices(values, indices):
    """Adds up rows that occur more than once."""
    unique_indices, positions = op_library.apply_op("Unique", x=indices)
    summed = op_library.apply_op(
        "UnsortedSegmentSum", data=values, segment_ids=positions,
        num_segments=array_ops.shape(unique_indices)[0])
    return summed, unique_indices


def _constrained(var, update_op):
    if var.constraint is None:
        return update_op
    with ops.control_dependencies([update_op]):
        return var.assign(var.constraint(var))


def _refuse_constraint(var):
    if var.constraint is not None:
        raise RuntimeError(
            "Cannot use a constraint function on a sparse variable.")


class _RefVariableProcessor:
    """Updates a ref variable."""

    def __init__(self, v):
        self._v = v

    def __str__(self):
        return "<_RefVariableProcessor(%s)>" % self._v

    def target(self):
        return self._v

    def update_op(self, optimizer, g):
        if isinstance(g, ops.IndexedSlices):
            _refuse_constraint(self._v)
            return optimizer._apply_sparse_duplicate_indices(g, self._v)
        return _constrained(self._v, optimizer._apply_dense(g, self._v))


class _ResourceVariableProcessor:
    """Updates a resource variable."""

    def __init__(self, v):
        self._v = v

    def target(self):
        return self._v.handle

    def update_op(self, optimizer, g):
        if isinstance(g, ops.IndexedSlices):
            _refuse_constraint(self._v)
            return optimizer._resource_apply_sparse_duplicate_indices(
                g.values, self._v, g.indices)
        return _constrained(self._v,
                            optimizer._resource_apply_dense(g, self._v))


class _TensorProcessor:
    """A tensor can be differentiated by, but not updated."""

    def __init__(self, v):
        self._v = v

    def target(self):
        return self._v

    def update_op(self, optimizer, g):
        raise NotImplementedError("Trying to update a Tensor ", self._v)


def _get_processor(v):
    if v.op.type == "VarHandleOp":
        return _ResourceVariableProcessor(v)
    if isinstance(v, variables.Variable):
        return _RefVariableProcessor(v)
    if isinstance(v, ops.Tensor):
        return _TensorProcessor(v)
    raise NotImplementedError("Trying to optimize unsupported type ", v)


class Optimizer:
    """Base class: see the module."""
    GATE_NONE = 0
    GATE_OP = 1
    GATE_GRAPH = 2

    def __init__(self, use_locking, name):
        if not name:
            raise ValueError("Must specify the optimizer name")
        self._use_locking = use_locking
        self._name = name
        self._slots = {}           # by slot name, then by variable
        self._non_slot_dict = {}   # by name and graph

    def get_name(self):
        """The name that it was made with."""
        return self._name

    # ---- What users call ----

    def minimize(self, loss, global_step=None, var_list=None,
                 gate_gradients=GATE_OP, aggregation_method=None,
                 colocate_gradients_with_ops=False, name=None, grad_loss=None):
        """compute_gradients() and apply_gradients()."""
        grads_and_vars = self.compute_gradients(
            loss, var_list=var_list, gate_gradients=gate_gradients,
            aggregation_method=aggregation_method,
            colocate_gradients_with_ops=colocate_gradients_with_ops,
            grad_loss=grad_loss)
        if all(g is None for g, _ in grads_and_vars):
            raise ValueError(
                "No gradients provided for any variable, check your graph for "
                "ops that do not support gradients, between variables %s and "
                "loss %s." % ([str(v) for _, v in grads_and_vars], loss))
        return self.apply_gradients(grads_and_vars, global_step=global_step,
                                    name=name)

    def compute_gradients(self, loss, var_list=None, gate_gradients=GATE_OP,
                          aggregation_method=None,
                          colocate_gradients_with_ops=False, grad_loss=None):
        """A list of (gradient, variable); gradients may be None."""
        if callable(loss):
            loss = loss()
        if gate_gradients not in (Optimizer.GATE_NONE, Optimizer.GATE_OP,
                                  Optimizer.GATE_GRAPH):
            raise ValueError(
                "gate_gradients must be one of: Optimizer.GATE_NONE, "
                "Optimizer.GATE_OP, Optimizer.GATE_GRAPH.  Not %s"
                % gate_gradients)
        self._assert_valid_dtypes([loss])
        if grad_loss is not None:
            self._assert_valid_dtypes([grad_loss])
        if var_list is None:
            var_list = variables.trainable_variables() + ops.get_collection(
                ops.GraphKeys.TRAINABLE_RESOURCE_VARIABLES)
        else:
            var_list = nest.flatten(var_list)
        targets = [_get_processor(v).target() for v in var_list]
        if not var_list:
            raise ValueError("No variables to optimize.")
        grads = gradients.gradients(
            loss, targets, grad_ys=grad_loss,
            gate_gradients=gate_gradients == Optimizer.GATE_OP,
            aggregation_method=aggregation_method,
            colocate_gradients_with_ops=colocate_gradients_with_ops)
        if gate_gradients == Optimizer.GATE_GRAPH:
            grads = control_flow_ops.tuple(grads)
        self._assert_valid_dtypes(
            [v for g, v in zip(grads, var_list)
             if g is not None and v.dtype != dtypes.resource])
        return list(zip(grads, var_list))

    def apply_gradients(self, grads_and_vars, global_step=None, name=None):
        """The operation that updates all variables, and the global step."""
        grads_and_vars = tuple(grads_and_vars)
        if not grads_and_vars:
            raise ValueError("No variables provided.")
        converted = [(_converted_gradient(g), v, _get_processor(v))
                     for g, v in grads_and_vars]
        var_list = [v for g, v, _ in converted if g is not None]
        if not var_list:
            raise ValueError("No gradients provided for any variable: %s."
                             % ([str(v) for _, v, _ in converted],))
        with ops.init_scope():
            self._create_slots(var_list)
        with ops.name_scope(name, self._name) as scope:
            self._prepare()
            updates = []
            for grad, var, processor in converted:
                if grad is None:
                    continue
                with ops.name_scope("update_" + var.op.name), \
                        ops.colocate_with(var):
                    updates.append(processor.update_op(self, grad))
            apply_updates = self._finished(updates, global_step, scope)
        if isinstance(apply_updates, ops.Tensor):
            apply_updates = apply_updates.op
        train_op = ops.get_collection_ref(ops.GraphKeys.TRAIN_OP)
        if apply_updates not in train_op:
            train_op.append(apply_updates)
        return apply_updates

    def _finished(self, updates, global_step, scope):
        if global_step is None:
            return self._finish(updates, scope)
        with ops.control_dependencies([self._finish(updates, "update")]), \
                ops.colocate_with(global_step):
            if isinstance(global_step, variables.ResourceVariable):
                return op_library.add(
                    "AssignAddVariableOp", scope, resource=global_step.handle,
                    value=ops.convert_to_tensor(1, dtype=global_step.dtype))
            return state_ops.assign_add(global_step, 1, name=scope)

    # ---- Slots ----

    def get_slot(self, var, name):
        """The slot variable, or None."""
        return self._slots.get(name, {}).get(_var_key(var))

    def get_slot_names(self):
        """The names of the slots that it has made."""
        return sorted(self._slots)

    def variables(self):
        """Everything the optimizer keeps in the default graph, by name."""
        graph = ops.get_default_graph()
        found = [v for v in self._non_slot_variables() if v.op.graph is graph]
        for slots in self._slots.values():
            found += [v for v in slots.values() if v.op.graph is graph]
        return sorted(found, key=lambda v: v.name)

    def _slot_dict(self, slot_name):
        return self._slots.setdefault(slot_name, {})

    def _slot(self, var, slot_name, create):
        slots = self._slot_dict(slot_name)
        if _var_key(var) not in slots:
            slots[_var_key(var)] = create()
        return slots[_var_key(var)]

    def _get_or_make_slot(self, var, val, slot_name, op_name):
        return self._slot(var, slot_name, lambda: slot_creator.create_slot(
            var, val, op_name))

    def _get_or_make_slot_with_initializer(self, var, initializer, shape,
                                           dtype, slot_name, op_name):
        return self._slot(
            var, slot_name,
            lambda: slot_creator.create_slot_with_initializer(
                var, initializer, shape, dtype, op_name))

    def _zeros_slot(self, var, slot_name, op_name):
        return self._slot(
            var, slot_name,
            lambda: slot_creator.create_zeros_slot(var, op_name))

    def _create_non_slot_variable(self, initial_value, name, colocate_with):
        """A variable of the optimizer that belongs to no other."""
        key = (name, colocate_with.graph)
        if key not in self._non_slot_dict:
            with ops.colocate_with(colocate_with):
                self._non_slot_dict[key] = variables.Variable(
                    initial_value, name=name, trainable=False,
                    use_resource=isinstance(colocate_with,
                                            variables.ResourceVariable))
        return self._non_slot_dict[key]

    def _get_non_slot_variable(self, name, graph=None):
        return self._non_slot_dict.get((name, graph))

    def _non_slot_variables(self):
        return list(self._non_slot_dict.values())

    # ---- What subclasses say ----

    def _valid_dtypes(self):
        return {dtypes.float16, dtypes.bfloat16, dtypes.float32,
                dtypes.float64}

    def _assert_valid_dtypes(self, tensors):
        valid = self._valid_dtypes()
        for tensor in tensors:
            dtype = tensor.dtype.base_dtype
            if dtype not in valid:
                raise ValueError("Invalid type %r for %s, expected: %s."
                                 % (dtype, tensor.name, list(valid)))

    def _create_slots(self, var_list):
        """Makes the slots of these variables."""

    def _prepare(self):
        """Makes the tensors that all updates use."""

    def _apply_dense(self, grad, var):
        raise NotImplementedError()

    def _resource_apply_dense(self, grad, handle):
        raise NotImplementedError()

    def _apply_sparse(self, grad, var):
        raise NotImplementedError()

    def _resource_apply_sparse(self, grad, handle, indices):
        raise NotImplementedError()

    def _apply_sparse_duplicate_indices(self, grad, var):
        values, indices = _deduplicate_indexed_slices(grad.values,
                                                      grad.indices)
        return self._apply_sparse(
            ops.IndexedSlices(values, indices, grad.dense_shape), var)

    def _resource_apply_sparse_duplicate_indices(self, grad, handle, indices):
        values, indices = _deduplicate_indexed_slices(grad, indices)
        return self._resource_apply_sparse(values, handle, indices)

    def _resource_scatter_add(self, x, i, v):
        update = op_library.add("ResourceScatterAdd", resource=x.handle,
                                indices=i, updates=v)
        with ops.control_dependencies([update]):
            return x.value()

    def _finish(self, update_ops, name_scope):
        return control_flow_ops.group(*update_ops, name=name_scope)

    def _call_if_callable(self, param):
        return param() if callable(param) else param

    def _cast(self, value, like):
        return math_ops.cast(value, like.dtype.base_dtype)


def _converted_gradient(g):
    if g is None:
        return None
    try:
        g = ops.convert_to_tensor_or_indexed_slices(g)
    except TypeError:
        raise TypeError("Gradient must be convertible to a Tensor or "
                        "IndexedSlices, or None: %s" % g) from None
    if not isinstance(g, (ops.Tensor, ops.IndexedSlices)):
        raise TypeError("Gradient must be a Tensor, IndexedSlices, or None: %s"
                        % g)
    return g
