"""tf.train.warm_start: begin with the values of an earlier training."""
import collections

from retrograph import _core
from retrograph.framework import ops
from retrograph.platform import tf_logging
from retrograph.training import checkpoint_management
from retrograph.training import checkpoint_utils


class VocabInfo(collections.namedtuple("VocabInfo", [
        "new_vocab", "new_vocab_size", "num_oov_buckets", "old_vocab",
        "old_vocab_size", "backup_initializer", "axis"])):
    """How a variable's rows (axis 0) or columns (axis 1) stand for words."""

    def __new__(cls, new_vocab, new_vocab_size, num_oov_buckets, old_vocab,
                old_vocab_size=-1, backup_initializer=None, axis=0):
        if axis not in (0, 1):
            raise ValueError("The only supported values for the axis argument "
                             "are 0 and 1.  Provided axis: {}".format(axis))
        return super().__new__(cls, new_vocab, new_vocab_size,
                               num_oov_buckets, old_vocab, old_vocab_size,
                               backup_initializer, axis)


def _variables(vars_to_warm_start):
    """The variables that a regular expression, names or a list stand for."""
    if isinstance(vars_to_warm_start, str) or vars_to_warm_start is None:
        tf_logging.info("Warm-starting variables only in TRAINABLE_VARIABLES.")
        return ops.get_collection(ops.GraphKeys.TRAINABLE_VARIABLES,
                                  scope=vars_to_warm_start)
    if not isinstance(vars_to_warm_start, list):
        raise ValueError("`vars_to_warm_start must be a `list` or `str`.  "
                         "Given type is {}".format(type(vars_to_warm_start)))
    if all(isinstance(v, str) for v in vars_to_warm_start):
        return [found for scope in vars_to_warm_start
                for found in ops.get_collection(
                    ops.GraphKeys.GLOBAL_VARIABLES, scope=scope)]
    if all(checkpoint_utils._is_variable(v) for v in vars_to_warm_start):
        return vars_to_warm_start
    raise ValueError("If `vars_to_warm_start` is a list, it must be all "
                     "`Variable` or all `str`.  Given types are {}".format(
                         [type(v) for v in vars_to_warm_start]))


def _backup(initializer):
    """The initializer as C++ calls it: for a graph, with a list of numbers
    and tensors."""
    if initializer is None:
        return None

    def call(key, shape):
        def make():
            if not callable(initializer):
                raise TypeError("initializer must be callable, instead of "
                                "being {} of type {}.".format(
                                    initializer, type(initializer)))
            graph = ops.get_default_graph()
            value = initializer([graph._tensor(size)
                                 if isinstance(size, tuple) else size
                                 for size in shape])
            return ops.convert_to_tensor(value)
        return ops._in_graph(key, make)
    return call


def _vocab_info(info):
    return (info.new_vocab or "", info.new_vocab_size or 0,
            info.num_oov_buckets, info.old_vocab or "", info.old_vocab_size,
            _backup(info.backup_initializer),
            str(info.backup_initializer or "zero-initialized"), info.axis)


def warm_start(ckpt_to_initialize_from, vars_to_warm_start=".*",
               var_name_to_vocab_info=None, var_name_to_prev_var_name=None):
    """Makes variables begin with values of a checkpoint, moved to where a new
    vocabulary has them."""
    tf_logging.info("Warm-starting from: {}".format(ckpt_to_initialize_from))
    variables = _variables(vars_to_warm_start)
    graph = ops.get_default_graph()
    _core.warm_start(
        graph._c, checkpoint_management._path(ckpt_to_initialize_from),
        list(variables), bool(vars_to_warm_start),
        {name: _vocab_info(info)
         for name, info in (var_name_to_vocab_info or {}).items()},
        dict(var_name_to_prev_var_name or {}))
