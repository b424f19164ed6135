"""TensorFlow's optimizers: which slots and which ops."""
from retrograph.framework import constant_op
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.ops import array_ops
from retrograph.ops import control_flow_ops
from retrograph.ops import init_ops
from retrograph.ops import math_ops
from retrograph.ops import state_ops
from retrograph.training.optimizer import Optimizer


class _FusedOptimizer(Optimizer):
    """One whose update is one op in four forms: of ref and of resource
    variables, of all and of some rows.

    A subclass sets `_op` ("Momentum" for ApplyMomentum, SparseApplyMomentum,
    ...), `_slot_args`, the op's arguments that are slots with their slots'
    names, and `_numbers`, its arguments that are numbers with the tensors'
    names, in the order in which TensorFlow makes them.
    """
    _op = None
    _slot_args = ()
    _numbers = ()

    def __init__(self, use_locking, name):
        super().__init__(use_locking, name)
        self._number_values = {}
        self._number_tensors = {}

    def _set_numbers(self, **values):
        self._number_values = values

    def _prepare(self):
        values = {name: self._call_if_callable(value)
                  for name, value in self._number_values.items()}
        self._number_tensors = {
            argument: ops.convert_to_tensor(values[argument], name=name)
            for argument, name in self._numbers}

    def _flags(self):
        return {}

    def _update(self, prefix, var, ref, grad_argument, grad, **rows):
        arguments = {argument: ref(self.get_slot(var, slot))
                     for argument, slot in self._slot_args}
        arguments.update({argument: self._cast(tensor, grad)
                          for argument, tensor in
                          self._used_numbers().items()})
        arguments[grad_argument] = grad
        op = op_library.add(prefix + self._op_name(), var=ref(var),
                            use_locking=self._use_locking, **arguments,
                            **rows, **self._flags())
        return op

    def _op_name(self):
        return self._op

    def _used_numbers(self):
        return self._number_tensors

    _dense_grad = "grad"

    def _apply_dense(self, grad, var):
        return self._update("Apply", var, _itself, self._dense_grad, grad)

    def _resource_apply_dense(self, grad, var):
        return self._update("ResourceApply", var, _handle, self._dense_grad,
                            grad)

    def _apply_sparse(self, grad, var):
        return self._update("SparseApply", var, _itself, "grad", grad.values,
                            indices=grad.indices)

    def _resource_apply_sparse(self, grad, var, indices):
        return self._update("ResourceSparseApply", var, _handle, "grad", grad,
                            indices=indices)


def _itself(variable):
    return variable


def _handle(variable):
    return variable.handle


class GradientDescentOptimizer(_FusedOptimizer):
    """variable -= learning_rate * gradient.

    It has no slots.

    Parameters
    ----------
    learning_rate : float or scalar Tensor
    use_locking : bool
    name : str
        The scope of its ops.
    """
    _op = "GradientDescent"
    _numbers = (("alpha", "learning_rate"),)
    _dense_grad = "delta"

    def __init__(self, learning_rate, use_locking=False,
                 name="GradientDescent"):
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._set_numbers(alpha=learning_rate)

    def _resource_apply_sparse_duplicate_indices(self, grad, handle, indices):
        return op_library.add("ResourceScatterAdd", resource=handle.handle,
                              indices=indices,
                              updates=-grad * self._learning_rate)

    def _apply_sparse_duplicate_indices(self, grad, var):
        delta = grad.values * self._cast(self._number_tensors["alpha"], var)
        return op_library.add("ScatterSub", ref=var, indices=grad.indices,
                              updates=delta, use_locking=self._use_locking)


class MomentumOptimizer(_FusedOptimizer):
    """Moves variables by a sum of gradients that fades.

    Slot "momentum".

    Parameters
    ----------
    learning_rate : float or scalar Tensor
    momentum : float or scalar Tensor
        What is left of the sum at each step.
    use_locking : bool
    name : str
        The scope of its ops.
    """
    _op = "Momentum"
    _slot_args = (("accum", "momentum"),)
    _numbers = (("lr", "learning_rate"), ("momentum", "momentum"))

    def __init__(self, learning_rate, momentum, use_locking=False,
                 name="Momentum", use_nesterov=False):
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._momentum = momentum
        self._use_nesterov = use_nesterov
        self._set_numbers(lr=learning_rate, momentum=momentum)

    def _create_slots(self, var_list):
        for v in var_list:
            self._zeros_slot(v, "momentum", self._name)

    def _flags(self):
        return {"use_nesterov": self._use_nesterov}


class AdagradOptimizer(_FusedOptimizer):
    """A learning rate for each element, by its squared gradients.

    Slot "accumulator".

    Parameters
    ----------
    learning_rate : float or scalar Tensor
    initial_accumulator_value : float
        ValueError unless it is positive.
    use_locking : bool
    name : str
        The scope of its ops.
    """
    _op = "Adagrad"
    _slot_args = (("accum", "accumulator"),)
    _numbers = (("lr", "learning_rate"),)

    def __init__(self, learning_rate, initial_accumulator_value=0.1,
                 use_locking=False, name="Adagrad"):
        if initial_accumulator_value <= 0.0:
            raise ValueError("initial_accumulator_value must be positive: %s"
                             % initial_accumulator_value)
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._initial_accumulator_value = initial_accumulator_value
        self._set_numbers(lr=learning_rate)

    def _create_slots(self, var_list):
        for v in var_list:
            dtype = v.dtype.base_dtype
            if v.get_shape().is_fully_defined():
                init = init_ops.constant_initializer(
                    self._initial_accumulator_value, dtype=dtype)
            else:
                init = self._filled_like(v, dtype)
            self._get_or_make_slot_with_initializer(
                v, init, v.get_shape(), dtype, "accumulator", self._name)

    def _filled_like(self, v, dtype):
        def init():
            return math_ops.cast(array_ops.fill(
                array_ops.shape(v), self._initial_accumulator_value), dtype)
        return init


class AdadeltaOptimizer(_FusedOptimizer):
    """Adadelta: steps as large as the recent ones.

    Slots "accum" and "accum_update".

    Parameters
    ----------
    learning_rate : float or scalar Tensor
    rho : float or scalar Tensor
        How slowly what was is forgotten.
    epsilon : float or scalar Tensor
        Keeps from dividing by 0.
    use_locking : bool
    name : str
        The scope of its ops.
    """
    _op = "Adadelta"
    _slot_args = (("accum", "accum"), ("accum_update", "accum_update"))
    _numbers = (("lr", "lr"), ("rho", "rho"), ("epsilon", "epsilon"))

    def __init__(self, learning_rate=0.001, rho=0.95, epsilon=1e-8,
                 use_locking=False, name="Adadelta"):
        super().__init__(use_locking, name)
        self._set_numbers(lr=learning_rate, rho=rho, epsilon=epsilon)

    def _create_slots(self, var_list):
        for v in var_list:
            self._zeros_slot(v, "accum", self._name)
            self._zeros_slot(v, "accum_update", self._name)


class RMSPropOptimizer(_FusedOptimizer):
    """Divides gradients by the root of their mean square.

    Slots "rms" and "momentum"; "mg", if centered.

    Parameters
    ----------
    learning_rate : float or scalar Tensor
    decay : float or scalar Tensor
        How slowly what was is forgotten.
    momentum, epsilon : float or scalar Tensor
    centered : bool
        Whether the mean is subtracted first.
    use_locking : bool
    name : str
        The scope of its ops.
    """
    _numbers = (("lr", "learning_rate"), ("rho", "decay"),
                ("momentum", "momentum"), ("epsilon", "epsilon"))

    def __init__(self, learning_rate, decay=0.9, momentum=0.0, epsilon=1e-10,
                 use_locking=False, centered=False, name="RMSProp"):
        super().__init__(use_locking, name)
        self._centered = centered
        self._op = "CenteredRMSProp" if centered else "RMSProp"
        self._slot_args = (("mg", "mg"),) * centered + (
            ("ms", "rms"), ("mom", "momentum"))
        self._set_numbers(lr=learning_rate, rho=decay, momentum=momentum,
                          epsilon=epsilon)

    def _create_slots(self, var_list):
        for v in var_list:
            if v.get_shape().is_fully_defined():
                init_rms = init_ops.ones_initializer(dtype=v.dtype.base_dtype)
            else:
                init_rms = array_ops.ones_like(v)
            self._get_or_make_slot_with_initializer(
                v, init_rms, v.get_shape(), v.dtype.base_dtype, "rms",
                self._name)
            if self._centered:
                self._zeros_slot(v, "mg", self._name)
            self._zeros_slot(v, "momentum", self._name)


def _not_negative(name, value, text="needs to be positive or zero"):
    if value < 0.0:
        raise ValueError("%s %f %s" % (name, value, text))


class FtrlOptimizer(_FusedOptimizer):
    """FTRL-proximal, with regularization.

    Slots "accum" and "linear".

    Parameters
    ----------
    learning_rate : float or scalar Tensor
    learning_rate_power : float
        ValueError if it is positive.
    initial_accumulator_value : float
    l1_regularization_strength, l2_regularization_strength : float
    use_locking : bool
    name : str
        The scope of its ops.
    """
    _slot_args = (("accum", "accum"), ("linear", "linear"))
    _numbers = (("lr", "learning_rate"), ("l1", "l1_regularization_strength"),
                ("l2", "l2_regularization_strength"),
                ("l2_shrinkage", "l2_shrinkage_regularization_strength"),
                ("lr_power", "learning_rate_power"))

    def __init__(self, learning_rate, learning_rate_power=-0.5,
                 initial_accumulator_value=0.1,
                 l1_regularization_strength=0.0,
                 l2_regularization_strength=0.0, use_locking=False,
                 name="Ftrl", accum_name=None, linear_name=None,
                 l2_shrinkage_regularization_strength=0.0):
        super().__init__(use_locking, name)
        _not_negative("initial_accumulator_value", initial_accumulator_value)
        if learning_rate_power > 0.0:
            raise ValueError("learning_rate_power %f needs to be negative or "
                             "zero" % learning_rate_power)
        _not_negative("l1_regularization_strength", l1_regularization_strength)
        _not_negative("l2_regularization_strength", l2_regularization_strength)
        _not_negative("l2_shrinkage_regularization_strength",
                      l2_shrinkage_regularization_strength)
        self._initial_accumulator_value = initial_accumulator_value
        self._shrinks = l2_shrinkage_regularization_strength > 0.0
        self._accum_name = accum_name
        self._linear_name = linear_name
        self._set_numbers(lr=learning_rate, l1=l1_regularization_strength,
                          l2=l2_regularization_strength,
                          l2_shrinkage=l2_shrinkage_regularization_strength,
                          lr_power=learning_rate_power)

    def _op_name(self):
        return "FtrlV2" if self._shrinks else "Ftrl"

    def _used_numbers(self):
        return {name: tensor for name, tensor in self._number_tensors.items()
                if self._shrinks or name != "l2_shrinkage"}

    def _create_slots(self, var_list):
        for v in var_list:
            with ops.colocate_with(v):
                val = constant_op.constant(self._initial_accumulator_value,
                                           dtype=v.dtype.base_dtype,
                                           shape=v.get_shape())
                self._get_or_make_slot(v, val, "accum",
                                       self._accum_name or self._name)
                self._zeros_slot(v, "linear", self._linear_name or self._name)


class ProximalGradientDescentOptimizer(_FusedOptimizer):
    """Gradient descent, with regularization of each step.

    It has no slots.

    Parameters
    ----------
    learning_rate : float or scalar Tensor
    l1_regularization_strength, l2_regularization_strength : float
    use_locking : bool
    name : str
        The scope of its ops.
    """
    _op = "ProximalGradientDescent"
    _dense_grad = "delta"
    _numbers = (("alpha", "learning_rate"),
                ("l1", "l1_regularization_strength"),
                ("l2", "l2_regularization_strength"))

    def __init__(self, learning_rate, l1_regularization_strength=0.0,
                 l2_regularization_strength=0.0, use_locking=False,
                 name="ProximalGradientDescent"):
        super().__init__(use_locking, name)
        self._set_numbers(alpha=learning_rate, l1=l1_regularization_strength,
                          l2=l2_regularization_strength)


class ProximalAdagradOptimizer(_FusedOptimizer):
    """Adagrad, with regularization of each step.

    Slot "accumulator".

    Parameters
    ----------
    learning_rate : float or scalar Tensor
    initial_accumulator_value : float
        ValueError unless it is positive.
    l1_regularization_strength, l2_regularization_strength : float
    use_locking : bool
    name : str
        The scope of its ops.
    """
    _op = "ProximalAdagrad"
    _slot_args = (("accum", "accumulator"),)
    _numbers = (("lr", "learning_rate"), ("l1", "l1_regularization_strength"),
                ("l2", "l2_regularization_strength"))

    def __init__(self, learning_rate, initial_accumulator_value=0.1,
                 l1_regularization_strength=0.0,
                 l2_regularization_strength=0.0, use_locking=False,
                 name="ProximalAdagrad"):
        if initial_accumulator_value <= 0.0:
            raise ValueError("initial_accumulator_value must be positive: %s"
                             % initial_accumulator_value)
        super().__init__(use_locking, name)
        self._initial_accumulator_value = initial_accumulator_value
        self._set_numbers(lr=learning_rate, l1=l1_regularization_strength,
                          l2=l2_regularization_strength)

    def _create_slots(self, var_list):
        for v in var_list:
            with ops.colocate_with(v):
                val = constant_op.constant(self._initial_accumulator_value,
                                           shape=v.get_shape(),
                                           dtype=v.dtype.base_dtype)
            self._get_or_make_slot(v, val, "accumulator", self._name)


class AdamOptimizer(_FusedOptimizer):
    """Adam: steps by the moments of the gradients.

    Slots "m" and "v"; variables beta1_power and beta2_power.

    Parameters
    ----------
    learning_rate : float or scalar Tensor
    beta1, beta2 : float or scalar Tensor
        How slowly the first and second moment are forgotten.
    epsilon : float or scalar Tensor
        Keeps from dividing by 0.
    use_locking : bool
    name : str
        The scope of its ops.
    """
    _op = "Adam"
    _slot_args = (("m", "m"), ("v", "v"))
    _numbers = (("lr", "learning_rate"), ("beta1", "beta1"),
                ("beta2", "beta2"), ("epsilon", "epsilon"))

    def __init__(self, learning_rate=0.001, beta1=0.9, beta2=0.999,
                 epsilon=1e-8, use_locking=False, name="Adam"):
        super().__init__(use_locking, name)
        self._lr = learning_rate
        self._beta1 = beta1
        self._beta2 = beta2
        self._epsilon = epsilon
        self._set_numbers(lr=learning_rate, beta1=beta1, beta2=beta2,
                          epsilon=epsilon)

    def _get_beta_accumulators(self):
        graph = ops.get_default_graph()
        return (self._get_non_slot_variable("beta1_power", graph=graph),
                self._get_non_slot_variable("beta2_power", graph=graph))

    def _create_slots(self, var_list):
        first_var = min(var_list, key=lambda v: v.name)
        for beta, name in ((self._beta1, "beta1_power"),
                           (self._beta2, "beta2_power")):
            self._create_non_slot_variable(
                initial_value=self._call_if_callable(beta), name=name,
                colocate_with=first_var)
        for v in var_list:
            self._zeros_slot(v, "m", self._name)
            self._zeros_slot(v, "v", self._name)

    def _used_numbers(self):
        beta1_power, beta2_power = self._get_beta_accumulators()
        return dict({"beta1_power": beta1_power, "beta2_power": beta2_power},
                    **self._number_tensors)

    def _apply_sparse_shared(self, grad, var, indices, scatter_add):
        """No op does this for rows: all of m and v decay."""
        beta1_power, beta2_power = (
            self._cast(power, var) for power in self._get_beta_accumulators())
        numbers = {name: self._cast(tensor, var)
                   for name, tensor in self._number_tensors.items()}
        beta1, beta2 = numbers["beta1"], numbers["beta2"]
        lr = (numbers["lr"] * op_library.apply_op("Sqrt", x=1 - beta2_power) /
              (1 - beta1_power))
        m = self.get_slot(var, "m")
        scaled = grad * (1 - beta1)
        m_t = state_ops.assign(m, m * beta1, use_locking=self._use_locking)
        with ops.control_dependencies([m_t]):
            m_t = scatter_add(m, indices, scaled)
        v = self.get_slot(var, "v")
        scaled = (grad * grad) * (1 - beta2)
        v_t = state_ops.assign(v, v * beta2, use_locking=self._use_locking)
        with ops.control_dependencies([v_t]):
            v_t = scatter_add(v, indices, scaled)
        v_sqrt = op_library.apply_op("Sqrt", x=v_t)
        var_update = state_ops.assign_sub(
            var, lr * m_t / (v_sqrt + numbers["epsilon"]),
            use_locking=self._use_locking)
        return control_flow_ops.group(*[var_update, m_t, v_t])

    def _apply_sparse(self, grad, var):
        return self._apply_sparse_shared(
            grad.values, var, grad.indices,
            lambda x, i, v: state_ops.scatter_add(
                x, i, v, use_locking=self._use_locking))

    def _resource_apply_sparse(self, grad, var, indices):
        return self._apply_sparse_shared(grad, var, indices,
                                         self._resource_scatter_add)

    def _finish(self, update_ops, name_scope):
        with ops.control_dependencies(update_ops):
            beta1_power, beta2_power = self._get_beta_accumulators()
            with ops.colocate_with(beta1_power):
                update_beta1 = beta1_power.assign(
                    beta1_power * self._number_tensors["beta1"],
                    use_locking=self._use_locking)
                update_beta2 = beta2_power.assign(
                    beta2_power * self._number_tensors["beta2"],
                    use_locking=self._use_locking)
        return control_flow_ops.group(
            *update_ops + [update_beta1, update_beta2], name=name_scope)
