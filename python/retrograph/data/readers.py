"""Datasets of what stands in files, and of the files' names."""
from retrograph.data import dataset_ops
from retrograph.data import experimental
from retrograph.data import structure
from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.ops import array_ops
from retrograph.ops import control_flow_ops
from retrograph.ops import math_ops
from retrograph.ops import string_ops

_gen = op_library.gen
_BUFFER_BYTES = 256 * 1024
_STRINGS = structure.leaf(dtypes.string, [])


def _optional(name, value, default=0, dtype=dtypes.int64):
    if value is not None:
        return ops.convert_to_tensor(value, dtype=dtype, name=name)
    return constant_op.constant(default, dtype=dtype, name=name)


def _names(filenames):
    """A dataset of file names."""
    if not isinstance(filenames, dataset_ops.Dataset):
        filenames = ops.convert_to_tensor(filenames, dtype=dtypes.string)
        flat = array_ops.reshape(filenames, [-1], name="flat_filenames")
        return dataset_ops.Dataset.from_tensor_slices(flat)
    if filenames.output_types != dtypes.string:
        raise TypeError("`filenames` must be a `tf.data.Dataset` of "
                        "`tf.string` elements.")
    if not filenames.output_shapes.is_compatible_with([]):
        raise TypeError("`filenames` must be a `tf.data.Dataset` of scalar "
                        "`tf.string` elements.")
    return filenames


class _FileDataset(dataset_ops.Dataset):
    """The records of some files, one file after the other or in turns."""

    def __init__(self, filenames, num_parallel_reads, one_file):
        filenames = _names(filenames)

        def read_one_file(filename):
            filename = ops.convert_to_tensor(filename, dtypes.string,
                                             name="filename")
            return dataset_ops.Dataset(one_file(filename), _STRINGS)
        if num_parallel_reads is None:
            made = filenames.flat_map(read_one_file)
        elif num_parallel_reads == -1:
            made = filenames.interleave(read_one_file,
                                        num_parallel_calls=num_parallel_reads)
        else:
            made = filenames.apply(experimental.parallel_interleave(
                read_one_file, num_parallel_reads))
        super().__init__(made._variant_tensor, _STRINGS, made._inputs,
                         made._functions)


class TextLineDataset(_FileDataset):
    """The lines of text files, without their ends."""

    _class_name = "TextLineDatasetV1"

    def __init__(self, filenames, compression_type=None, buffer_size=None,
                 num_parallel_reads=None):
        def one_file(filename):
            return _gen.text_line_dataset(
                filename, _optional("compression_type", compression_type, "",
                                    dtypes.string),
                _optional("buffer_size", buffer_size, _BUFFER_BYTES))
        super().__init__(filenames, num_parallel_reads, one_file)


class TFRecordDataset(_FileDataset):
    """The records of TFRecord files."""

    _class_name = "TFRecordDatasetV1"

    def __init__(self, filenames, compression_type=None, buffer_size=None,
                 num_parallel_reads=None):
        def one_file(filename):
            return _gen.tf_record_dataset(
                filename, _optional("compression_type", compression_type, "",
                                    dtypes.string),
                _optional("buffer_size", buffer_size, _BUFFER_BYTES))
        super().__init__(filenames, num_parallel_reads, one_file)


class FixedLengthRecordDataset(_FileDataset):
    """The records of files whose records have one length."""

    _class_name = "FixedLengthRecordDatasetV1"

    def __init__(self, filenames, record_bytes, header_bytes=None,
                 footer_bytes=None, buffer_size=None, compression_type=None,
                 num_parallel_reads=None):
        def one_file(filename):
            size = ops.convert_to_tensor(record_bytes, dtype=dtypes.int64,
                                         name="record_bytes")
            header = _optional("header_bytes", header_bytes)
            footer = _optional("footer_bytes", footer_bytes)
            buffer = _optional("buffer_size", buffer_size, _BUFFER_BYTES)
            return _gen.fixed_length_record_dataset_v2(
                filename, header, size, footer, buffer,
                _optional("compression_type", compression_type, "",
                          dtypes.string))
        super().__init__(filenames, num_parallel_reads, one_file)


def list_files(file_pattern, shuffle=None, seed=None):
    with ops.name_scope("list_files"):
        shuffle = True if shuffle is None else shuffle
        file_pattern = ops.convert_to_tensor(
            file_pattern, dtype=dtypes.string, name="file_pattern")
        files = _gen.matching_files(file_pattern)
        found = _gen.greater(array_ops.shape(files)[0], 0,
                             name="match_not_empty")
        message = math_ops.add(
            "No files matched pattern: ",
            string_ops.reduce_join(file_pattern, separator=", "),
            name="message")
        with ops.control_dependencies([control_flow_ops.Assert(
                found, [message], summarize=1, name="assert_not_empty")]):
            files = array_ops.identity(files)
        dataset = dataset_ops.Dataset.from_tensor_slices(files)
        if shuffle:
            buffer_size = _gen.maximum(
                array_ops.shape(files, out_type=dtypes.int64)[0], 1)
            dataset = dataset.shuffle(buffer_size, seed=seed)
        return dataset


for _class in (TextLineDataset, TFRecordDataset, FixedLengthRecordDataset):
    _class.__module__ = "tensorflow.python.data.ops.readers"
