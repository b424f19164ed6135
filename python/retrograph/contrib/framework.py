"""tf.contrib.framework: variables found by scope, and given values from
checkpoints."""
import functools
import re

from retrograph.contrib.arg_scope import (  # noqa: F401
    add_arg_scope, arg_scope, arg_scoped_arguments, current_arg_scope,
    has_arg_scope)
from retrograph.contrib.tensor_shapes import with_same_shape  # noqa: F401
from retrograph.contrib.tensor_shapes import with_shape  # noqa: F401
from retrograph.framework import dtypes
from retrograph.framework import nest  # noqa: F401
from retrograph.framework import ops
from retrograph.ops import array_ops
from retrograph.ops import control_flow_ops
from retrograph.ops import variable_scope
from retrograph.ops import variables
from retrograph.platform import tf_logging
from retrograph.training import checkpoint_utils
from retrograph.training import saver as saver_lib
from retrograph.training import training_util
from retrograph.training.saving import saveable_object_util

list_variables = checkpoint_utils.list_variables
load_checkpoint = checkpoint_utils.load_checkpoint
load_variable = checkpoint_utils.load_variable
assert_global_step = training_util.assert_global_step
create_global_step = training_util.create_global_step
get_global_step = training_util.get_global_step
get_or_create_global_step = training_util.get_or_create_global_step
get_variable_full_name = saveable_object_util.global_name


def assert_or_get_global_step(graph=None, global_step_tensor=None):
    if global_step_tensor is None:
        return get_global_step(graph)
    assert_global_step(global_step_tensor)
    return global_step_tensor


# ---- Making variables -------------------------------------------------------

def _variable_in(collection):
    def make(initial_value, validate_shape=True, name=None, use_resource=None):
        return variables.Variable(
            initial_value, trainable=False, collections=[collection],
            validate_shape=validate_shape, use_resource=use_resource,
            name=name)
    return make


local_variable = _variable_in(ops.GraphKeys.LOCAL_VARIABLES)
global_variable = _variable_in(ops.GraphKeys.GLOBAL_VARIABLES)


@add_arg_scope
def variable(name, shape=None, dtype=None, initializer=None, regularizer=None,
             trainable=True, collections=None, caching_device=None,
             device=None, partitioner=None, custom_getter=None,
             use_resource=None,
             synchronization=variables.VariableSynchronization.AUTO,
             aggregation=variables.VariableAggregation.NONE):
    """tf.get_variable() on a device, with a getter of one's own."""
    if collections is None:
        collections = [ops.GraphKeys.GLOBAL_VARIABLES]
    getter = variable_scope.get_variable
    if custom_getter is not None:
        getter = functools.partial(
            custom_getter, reuse=variable_scope.get_variable_scope().reuse)
    with ops.device(device or ""):
        return getter(
            name, shape=shape, dtype=dtype, initializer=initializer,
            regularizer=regularizer, trainable=trainable,
            collections=list(set(collections)), caching_device=caching_device,
            partitioner=partitioner, use_resource=use_resource,
            synchronization=synchronization, aggregation=aggregation)


@add_arg_scope
def model_variable(name, shape=None, dtype=dtypes.float32, initializer=None,
                   regularizer=None, trainable=True, collections=None,
                   caching_device=None, device=None, partitioner=None,
                   custom_getter=None, use_resource=None,
                   synchronization=variables.VariableSynchronization.AUTO,
                   aggregation=variables.VariableAggregation.NONE):
    """variable() that is in MODEL_VARIABLES, too."""
    return variable(
        name, shape=shape, dtype=dtype, initializer=initializer,
        regularizer=regularizer, trainable=trainable,
        collections=list(collections or []) + [
            ops.GraphKeys.GLOBAL_VARIABLES, ops.GraphKeys.MODEL_VARIABLES],
        caching_device=caching_device, device=device, partitioner=partitioner,
        custom_getter=custom_getter, use_resource=use_resource,
        synchronization=synchronization, aggregation=aggregation)


def add_model_variable(var):
    if var not in ops.get_collection(ops.GraphKeys.MODEL_VARIABLES):
        ops.add_to_collection(ops.GraphKeys.MODEL_VARIABLES, var)


# ---- Finding variables ------------------------------------------------------

def get_variables(scope=None, suffix=None,
                  collection=ops.GraphKeys.GLOBAL_VARIABLES):
    """Those of a collection whose names begin with the scope, and whose op's
    name ends with the suffix."""
    if isinstance(scope, variable_scope.VariableScope):
        scope = scope.name
    if suffix is not None:
        if ":" not in suffix:
            suffix += ":"
        scope = (scope or "") + ".*" + suffix
    return ops.get_collection(collection, scope)


def get_model_variables(scope=None, suffix=None):
    return get_variables(scope, suffix, ops.GraphKeys.MODEL_VARIABLES)


def get_local_variables(scope=None, suffix=None):
    return get_variables(scope, suffix, ops.GraphKeys.LOCAL_VARIABLES)


def get_trainable_variables(scope=None, suffix=None):
    return get_variables(scope, suffix, ops.GraphKeys.TRAINABLE_VARIABLES)


def get_variables_by_suffix(suffix, scope=None):
    return get_variables(scope=scope, suffix=suffix)


def get_variables_by_name(given_name, scope=None):
    return get_variables(scope=scope, suffix="/%s:|^%s:" % (given_name,
                                                            given_name))


def _in_scopes(scopes, what):
    if not isinstance(scopes, (list, tuple)):
        raise TypeError("%s is provided but is not a list or a tuple." % what)
    return [v for scope in scopes for v in get_variables(scope)]


def get_variables_to_restore(include=None, exclude=None):
    """The global variables in some scopes (or all) but not in others."""
    included = (get_variables() if include is None
                else _in_scopes(include, "include"))
    excluded = set() if exclude is None else set(_in_scopes(exclude,
                                                            "exclude"))
    return [v for v in included if v not in excluded]


def get_unique_variable(var_op_name):
    """The variable of exactly that name; ValueError if there is none."""
    found = get_variables(scope=var_op_name)
    if not found:
        raise ValueError("Couldn't find variable %s" % var_op_name)
    for candidate in found:
        if candidate.op.name == var_op_name:
            return candidate
    raise ValueError("Variable %s does not uniquely identify a variable"
                     % var_op_name)


def filter_variables(var_list, include_patterns=None, exclude_patterns=None,
                     reg_search=True):
    """Those whose name matches one of the first patterns (or any name, if
    there are none) and none of the second."""
    match = re.search if reg_search else re.match

    def matches(var, patterns):
        return any(match(pattern, var.name) for pattern in patterns)
    return [v for v in var_list
            if (include_patterns is None or matches(v, include_patterns))
            and not matches(v, exclude_patterns or ())]


# ---- Giving variables values ------------------------------------------------

def _assign_fed(var):
    """(placeholder, assignment of it)"""
    placeholder = array_ops.placeholder(
        dtype=var.dtype.base_dtype, shape=var.get_shape(),
        name="placeholder/" + var.op.name)
    return placeholder, var.assign(placeholder)


def _named(name):
    found = ops.get_collection(ops.GraphKeys.GLOBAL_VARIABLES, name)
    if not found:
        raise ValueError("Variable %s wasn't found" % name)
    if len(found) == 1:
        return found[0]
    for var in found:
        if var.op.name == name:
            return var
    raise ValueError("Variable %s doesn't uniquely identify a variable" % name)


def assign_from_values(var_names_to_values):
    """(op, feeds) that give variables values without putting those into the
    graph."""
    feeds, assignments = {}, []
    for name, value in var_names_to_values.items():
        var = _named(name)
        placeholder, assignment = _assign_fed(var)
        assignments.append(assignment)
        feeds[placeholder] = value.reshape(var.get_shape())
    return control_flow_ops.group(*assignments), feeds


def assign_from_values_fn(var_names_to_values):
    op, feeds = assign_from_values(var_names_to_values)
    return lambda session: session.run(op, feeds)


def _part_of(value, var, name):
    """What of a checkpoint's value the variable holds."""
    info = var._save_slice_info
    if not info:
        if var.get_shape() != value.shape:
            raise ValueError(
                "Total size of new array must be unchanged for %s lh_shape: "
                "[%s], rh_shape: [%s]" % (name, value.shape, var.get_shape()))
        return value
    part = tuple(slice(start, start + size)
                 for start, size in zip(info.var_offset, info.var_shape))
    return value[part].reshape(info.var_shape)


def assign_from_checkpoint(model_path, var_list, ignore_missing_vars=False):
    """(op, feeds) that give variables a checkpoint's values.

    `var_list` has variables, or maps names in the checkpoint to a variable or
    the parts of one.
    """
    grouped = {}
    if isinstance(var_list, (tuple, list)):
        for var in var_list:
            grouped.setdefault(get_variable_full_name(var), []).append(var)
    else:
        for name, value in var_list.items():
            grouped[name] = (value if isinstance(value, (tuple, list))
                             else [value])
    reader = checkpoint_utils.NewCheckpointReader(model_path)
    feeds, assignments = {}, []
    for name, parts in grouped.items():
        if not reader.has_tensor(name):
            missing = "Checkpoint is missing variable [%s]" % name
            if not ignore_missing_vars:
                raise ValueError(missing)
            tf_logging.warning(missing)
            continue
        value = reader.get_tensor(name)
        for var in parts:
            placeholder, assignment = _assign_fed(var)
            assignments.append(assignment)
            feeds[placeholder] = _part_of(value, var, name)
    return control_flow_ops.group(*assignments), feeds


def assign_from_checkpoint_fn(model_path, var_list, ignore_missing_vars=False,
                              reshape_variables=False):
    """A function of a session that restores the variables; None if the
    checkpoint may lack variables and has none of them."""
    if not var_list:
        raise ValueError("var_list cannot be empty")
    if ignore_missing_vars:
        reader = checkpoint_utils.NewCheckpointReader(model_path)
        named = (var_list if isinstance(var_list, dict)
                 else {var.op.name: var for var in var_list})
        var_list = {}
        for name, var in named.items():
            if reader.has_tensor(name):
                var_list[name] = var
            else:
                tf_logging.warning("Variable %s missing in checkpoint %s",
                                   name, model_path)
    if not var_list:
        tf_logging.warning("No Variables to restore")
        return None
    saver = saver_lib.Saver(var_list, reshape=reshape_variables,
                            write_version=1)
    return lambda session: saver.restore(session, model_path)
