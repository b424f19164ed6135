"""tf.parse_example and what describes the features of an example."""
import collections
import re

from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.framework import sparse_tensor
from retrograph.framework import tensor_shape
from retrograph.ops import array_ops
from retrograph.ops import control_flow_ops
from retrograph.ops import sparse_ops
from retrograph.platform import tf_logging

_gen = op_library.gen

VarLenFeature = collections.namedtuple("VarLenFeature", ["dtype"])
VarLenFeature.__doc__ = "A feature of any length: a SparseTensor."
FixedLenFeature = collections.namedtuple(
    "FixedLenFeature", ["shape", "dtype", "default_value"], defaults=[None])
FixedLenFeature.__doc__ = "A feature of one shape: a tensor."
FixedLenSequenceFeature = collections.namedtuple(
    "FixedLenSequenceFeature",
    ["shape", "dtype", "allow_missing", "default_value"],
    defaults=[False, None])
FixedLenSequenceFeature.__doc__ = "As many parts of one shape as there are."
SparseFeature = collections.namedtuple(
    "SparseFeature",
    ["index_key", "value_key", "dtype", "size", "already_sorted"],
    defaults=[False])
SparseFeature.__doc__ = "A SparseTensor out of two features."


class _Params:
    """What an op is asked for."""

    def __init__(self):
        self.sparse_keys, self.sparse_types = [], []
        self.dense_keys, self.dense_types = [], []
        self.dense_shapes, self.dense_defaults = [], {}

    def add(self, key, feature):
        kinds = {VarLenFeature: self._add_var_len,
                 SparseFeature: self._add_sparse,
                 FixedLenFeature: self._add_fixed_len,
                 FixedLenSequenceFeature: self._add_sequence}
        add = kinds.get(type(feature))
        if add is None:
            raise ValueError("Invalid feature %s:%s." % (key, feature))
        add(key, feature)

    def _add_var_len(self, key, feature):
        _check(feature.dtype, "Missing type for feature %s." % key)
        self.sparse_keys.append(key)
        self.sparse_types.append(feature.dtype)

    def _add_sparse_key(self, key, dtype, wanted):
        if key not in self.sparse_keys:
            self.sparse_keys.append(key)
            self.sparse_types.append(dtype)
            return
        known = self.sparse_types[self.sparse_keys.index(key)]
        if known != dtype:
            raise ValueError("Conflicting type %s vs %s for feature %s."
                             % (known, wanted, key))

    def _add_sparse(self, key, feature):
        _check(feature.index_key,
               "Missing index_key for SparseFeature %s." % (feature,))
        _check(feature.value_key,
               "Missing value_key for SparseFeature %s." % (feature,))
        _check(feature.dtype, "Missing type for feature %s." % key)
        index_keys = feature.index_key
        if isinstance(index_keys, str):
            index_keys = [index_keys]
        elif len(index_keys) > 1:
            tf_logging.warning(
                "SparseFeature is a complicated feature config and should "
                "only be used after careful consideration of VarLenFeature.")
        for index_key in sorted(index_keys):
            self._add_sparse_key(index_key, dtypes.int64, "int64")
        self._add_sparse_key(feature.value_key, feature.dtype, feature.dtype)

    def _add_dense(self, key, feature):
        self.dense_keys.append(key)
        self.dense_shapes.append(feature.shape)
        self.dense_types.append(feature.dtype)

    def _add_fixed_len(self, key, feature):
        _check(feature.dtype, "Missing type for feature %s." % key)
        _check(feature.shape is not None,
               "Missing shape for feature %s." % key)
        shape = tensor_shape.as_shape(feature.shape)
        if shape.ndims and shape.as_list()[0] is None:
            raise ValueError("First dimension of shape for feature %s unknown."
                             " Consider using FixedLenSequenceFeature." % key)
        if not shape.is_fully_defined():
            raise ValueError("All dimensions of shape for feature %s need to "
                             "be known but received %s." % (key,
                                                            feature.shape))
        self._add_dense(key, feature)
        if feature.default_value is not None:
            self.dense_defaults[key] = feature.default_value

    def _add_sequence(self, key, feature):
        _check(feature.dtype, "Missing type for feature %s." % key)
        _check(feature.shape is not None,
               "Missing shape for feature %s." % key)
        self._add_dense(key, feature)
        if feature.default_value is not None:
            self.dense_defaults[key] = feature.default_value

    def check(self):
        common = set(self.dense_keys) & set(self.sparse_keys)
        if common:
            raise ValueError("Dense and sparse keys must not intersect; "
                             "intersection: %s" % common)

    def default_tensors(self):
        return [self._default(key, dtype, tensor_shape.as_shape(shape))
                for key, dtype, shape in zip(
                    self.dense_keys, self.dense_types, self.dense_shapes)]

    def _default(self, key, dtype, shape):
        value = self.dense_defaults.get(key)
        plain = re.sub("[^A-Za-z0-9_.\\-/]", "_", key)
        if shape.ndims and shape.as_list()[0] is None:
            if value is None:
                return ops.convert_to_tensor(
                    "" if dtype == dtypes.string else 0, dtype=dtype)
            value = ops.convert_to_tensor(value, dtype=dtype,
                                          name="padding_" + plain)
            return array_ops.reshape(value, [])
        if value is None:
            return constant_op.constant([], dtype=dtype)
        if isinstance(value, ops.Tensor):
            return value
        value = ops.convert_to_tensor(value, dtype=dtype, name="key_" + plain)
        return array_ops.reshape(value, shape)

    def shapes(self):
        return [tensor_shape.as_shape(shape) for shape in self.dense_shapes]

    def named(self, outputs):
        """The op's outputs by feature."""
        indices, values, shapes, dense = outputs
        sparse = [sparse_tensor.SparseTensor(*parts)
                  for parts in zip(indices, values, shapes)]
        return dict(zip(self.sparse_keys + self.dense_keys,
                        sparse + list(dense)))


def _check(condition, text):
    if not condition:
        raise ValueError(text)


def _params(features):
    params = _Params()
    for key in sorted(features):
        params.add(key, features[key])
    params.check()
    return params


def _with_first_dimension(features):
    """Sequences with their first dimension, which is not known."""
    result = dict(features)
    for key, feature in features.items():
        if isinstance(feature, FixedLenSequenceFeature):
            if not feature.allow_missing:
                raise ValueError("Unsupported: FixedLenSequenceFeature "
                                 "requires allow_missing to be True.")
            result[key] = feature._replace(shape=[None] + list(feature.shape))
    return result


def _merged(features, tensors):
    """The tensors of the features, SparseFeatures put together."""
    result = dict(tensors)
    for key in sorted(features):
        feature = features[key]
        if not isinstance(feature, SparseFeature):
            continue
        if isinstance(feature.index_key, str):
            ids = result[feature.index_key]
        else:
            ids = [result[index_key] for index_key in feature.index_key]
        result[key] = sparse_ops.sparse_merge(
            ids, result[feature.value_key], vocab_size=feature.size,
            already_sorted=feature.already_sorted)
    return {key: value for key, value in result.items() if key in features}


def _parsed(serialized, names, params, name):
    with ops.name_scope(name, "ParseExample", [serialized, names]):
        return params.named(_gen.parse_example(
            serialized=serialized, names=[] if names is None else names,
            dense_defaults=params.default_tensors(),
            sparse_keys=params.sparse_keys, sparse_types=params.sparse_types,
            dense_keys=params.dense_keys, dense_shapes=params.shapes(),
            name=name))


def parse_example(serialized, features, name=None, example_names=None):
    """The features of a vector of serialized examples, by name."""
    if not features:
        raise ValueError("Missing: features was %s." % features)
    features = _with_first_dimension(features)
    return _merged(features, _parsed(serialized, example_names,
                                     _params(features), name))


def parse_single_example(serialized, features, name=None, example_names=None):
    """The features of one serialized example, by name."""
    if not features:
        raise ValueError("Missing features.")
    features = _with_first_dimension(features)
    params = _params(features)
    if example_names is not None:
        return _merged(features, _parsed_named(serialized, example_names,
                                               params, name))
    with ops.name_scope(name, "ParseSingleExample", [serialized]):
        serialized = ops.convert_to_tensor(serialized, name="serialized")
        outputs = params.named(_gen.parse_single_example(
            serialized=serialized, dense_defaults=params.default_tensors(),
            num_sparse=len(params.sparse_keys),
            sparse_keys=params.sparse_keys, sparse_types=params.sparse_types,
            dense_keys=params.dense_keys, dense_shapes=params.shapes(),
            name=name))
    return _merged(features, outputs)


def _as_vector(value, what, name):
    """A scalar as a vector of one element."""
    value = ops.convert_to_tensor(value)
    if value.shape.ndims is None:
        with ops.control_dependencies([control_flow_ops.Assert(
                _gen.equal(array_ops.rank(value), 0),
                ["Input %s must be a scalar" % what],
                name=name + "IsScalar")]):
            value = array_ops.identity(value, name=name + "Dependencies")
    elif value.shape.ndims != 0:
        raise ValueError("Input %s must be a scalar" % what)
    return array_ops.expand_dims(value, 0)


def _parsed_named(serialized, example_name, params, name):
    """One example whose name stands in the texts of errors."""
    with ops.name_scope(name, "ParseSingleExample", [serialized,
                                                     example_name]):
        serialized = _as_vector(serialized, "serialized", "Serialized")
        example_name = _as_vector(example_name, "names", "Names")
        outputs = _parsed(serialized, example_name, params, name)

        def plain(key):
            return re.sub("[^A-Za-z0-9_.\\-/]", "_", key)
        for key in params.dense_keys:
            outputs[key] = array_ops.squeeze(
                outputs[key], [0], name="Squeeze_%s" % plain(key))
        for key in params.sparse_keys:
            sparse = outputs[key]
            outputs[key] = sparse_tensor.SparseTensor(
                array_ops.slice(sparse.indices, [0, 1], [-1, -1],
                                name="Slice_Indices_%s" % plain(key)),
                sparse.values,
                array_ops.slice(sparse.dense_shape, [1], [-1],
                                name="Squeeze_Shape_%s" % plain(key)))
        return outputs


def decode_csv(records, record_defaults, field_delim=",", use_quote_delim=True,
               name=None, na_value="", select_cols=None):
    """The fields of lines, a tensor each."""
    if select_cols is not None:
        if any(a >= b for a, b in zip(select_cols, select_cols[1:])):
            raise ValueError("select_cols is not strictly increasing.")
        if select_cols[0] < 0:
            raise ValueError("select_cols contains negative values.")
        if len(select_cols) != len(record_defaults):
            raise ValueError("Length of select_cols and record_defaults do "
                             "not match.")
    return _gen.decode_csv(
        records=records, record_defaults=record_defaults,
        field_delim=field_delim, use_quote_delim=use_quote_delim,
        na_value=na_value, select_cols=select_cols, name=name)


def decode_raw(input_bytes=None, out_type=None, little_endian=True, name=None,
               bytes=None):
    """The numbers whose bytes strings are."""
    if bytes is not None and input_bytes is not None:
        raise ValueError("Cannot specify both 'bytes' and 'input_bytes'")
    if out_type is None:
        raise ValueError("decode_raw_v1() missing 1 positional argument: "
                         "'out_type'")
    return _gen.decode_raw(input_bytes if bytes is None else bytes, out_type,
                           little_endian=little_endian, name=name)


for _class in (VarLenFeature, FixedLenFeature, FixedLenSequenceFeature,
               SparseFeature):
    _class.__module__ = "tensorflow.python.ops.parsing_ops"
