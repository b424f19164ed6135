"""tf.assign and its like: for variables of both kinds, and their tensors."""
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.ops import variables

_gen = op_library.gen


def assign(ref, value, validate_shape=None, use_locking=None, name=None):
    """Gives a variable a value, and returns it with that.

    Parameters
    ----------
    ref : Variable or ref Tensor
    value : Tensor
        Of the variable's type.
    validate_shape : bool, optional
        Whether it must have the variable's shape.
    use_locking : bool, optional
    name : str, optional

    Returns
    -------
    Tensor or Operation
        The ref, or, of a resource variable, what reads it.

    Raises
    ------
    ValueError
        For another shape.
    """
    if ref.dtype._is_ref_dtype:
        return op_library.apply_op("Assign", name, ref=ref, value=value,
                                   use_locking=use_locking,
                                   validate_shape=validate_shape)
    return ref.assign(value, name=name)


def assign_add(ref, value, use_locking=None, name=None):
    """Adds to a variable, and returns it with the sum."""
    if ref.dtype._is_ref_dtype:
        return op_library.apply_op("AssignAdd", name, ref=ref, value=value,
                                   use_locking=use_locking)
    return ref.assign_add(value)


def assign_sub(ref, value, use_locking=None, name=None):
    """Subtracts from a variable, and returns it with the difference."""
    if ref.dtype._is_ref_dtype:
        return op_library.apply_op("AssignSub", name, ref=ref, value=value,
                                   use_locking=use_locking)
    return ref.assign_sub(value)


def is_variable_initialized(ref, name=None):
    if ref.dtype._is_ref_dtype:
        return _gen.is_variable_initialized(ref, name=name)
    return ref.is_initialized(name=name)


def count_up_to(ref, limit, name=None):
    """Counts a variable up by 1 and returns what it was.

    OutOfRangeError when it is `limit`.
    """
    return op_library.apply_op("CountUpTo", name, ref=ref, limit=limit)


_SCATTERED = {
    "Update": "Replaces", "Add": "Adds to", "Sub": "Subtracts from",
    "Mul": "Multiplies", "Div": "Divides", "Min": "Takes the minima of",
    "Max": "Takes the maxima of",
}


def _scatter(kind, locking):
    def scatter(ref, indices, updates, use_locking=locking, name=None):
        if ref.dtype._is_ref_dtype:
            return op_library.apply_op("Scatter" + kind, name, ref=ref,
                                       indices=indices, updates=updates,
                                       use_locking=use_locking)
        update = op_library.add(
            "ResourceScatter" + kind, name, resource=ref.handle,
            indices=indices,
            updates=ops.convert_to_tensor(updates, ref.dtype))
        return ref._lazy_read(update)
    scatter.__name__ = "scatter_" + kind.lower()
    scatter.__doc__ = (
        "%s rows of a variable by the updates at int indices.\n\n"
        "updates.shape is indices.shape + ref.shape[1:]. Returns the ref, or "
        "reads the\nresource variable. InvalidArgumentError when it runs for "
        "an index out of range." % _SCATTERED[kind])
    return scatter


scatter_update = _scatter("Update", True)
scatter_add = _scatter("Add", False)
scatter_sub = _scatter("Sub", False)
scatter_mul = _scatter("Mul", False)
scatter_div = _scatter("Div", False)
scatter_min = _scatter("Min", False)
scatter_max = _scatter("Max", False)


def _scatter_method(scatter):
    def method(self, sparse_delta, use_locking=False, name=None):
        if not isinstance(sparse_delta, ops.IndexedSlices):
            raise TypeError("sparse_delta is not IndexedSlices: %s"
                            % sparse_delta)
        return scatter(self, sparse_delta.indices, sparse_delta.values,
                       use_locking=use_locking, name=name)
    method.__name__ = scatter.__name__
    method.__doc__ = "`tf.%s` with an IndexedSlices." % scatter.__name__
    return method


for _function in (scatter_update, scatter_add, scatter_sub, scatter_mul,
                  scatter_div, scatter_min, scatter_max):
    setattr(variables.Variable, _function.__name__,
            _scatter_method(_function))
