"""Moving averages of variables."""
from retrograph import _core
from retrograph.framework import ops
from retrograph.ops import variables


def assign_moving_average(variable, value, decay, zero_debias=True, name=None):
    """Moves a variable by (1 - decay) towards a value."""
    graph = ops.get_default_graph()
    if not ops.is_dense_tensor_like(value):
        value = ops.convert_to_tensor(value, variable.dtype.base_dtype)
    if ops.is_dense_tensor_like(decay):
        decay = ops.convert_to_tensor(decay)
    else:
        decay = float(decay)
    pair = _core.assign_moving_average(graph._c, variable._core_variable,
                                       value, decay, bool(zero_debias),
                                       name or "")
    return variable._changed(pair, True)


class ExponentialMovingAverage:
    """Shadow variables that follow others by an exponential decay."""

    def __init__(self, decay, num_updates=None, zero_debias=False,
                 name="ExponentialMovingAverage"):
        self._c = _core.ExponentialMovingAverage(decay, num_updates,
                                                 bool(zero_debias), name)

    name = property(lambda self: self._c.name,
                    doc="The last part of the averages' names, as given.")

    def apply(self, var_list=None):
        """The op that updates the averages, which are made if need be."""
        graph = ops.get_default_graph()
        if var_list is not None:
            var_list = list(var_list)
            for var in var_list:
                var.dtype, var.experimental_ref  # noqa: B018, their errors
        return graph._operation(self._c.apply(graph._c, var_list))

    def average(self, var):
        """The variable that keeps the average of `var`, or None."""
        var.experimental_ref  # noqa: B018, its error
        return variables._wrap(self._c.average(var))

    def average_name(self, var):
        """The name that the average of `var` has, or would have."""
        var.experimental_ref  # noqa: B018, its error
        return self._c.average_name(ops.get_default_graph()._c, var)

    def variables_to_restore(self, moving_avg_variables=None):
        """{name: variable} for a Saver that puts averages in place."""
        graph = ops.get_default_graph()
        if moving_avg_variables is not None:
            moving_avg_variables = list(moving_avg_variables)
            for var in moving_avg_variables:
                var.experimental_ref  # noqa: B018, its error
        found = self._c.variables_to_restore(graph._c, moving_avg_variables)
        return {name: graph._collection_item(item)
                for name, item in found.items()}
