"""Readers: records of the files whose names are in a queue."""
from retrograph import python_io
from retrograph.framework import op_library
from retrograph.framework import ops

_gen = op_library.gen


class ReaderBase:
    """What reads records; each has a key and a value."""

    def __init__(self, reader_ref, supports_serialize=False):
        self._reader_ref = reader_ref
        self._supports_serialize = supports_serialize

    reader_ref = property(lambda self: self._reader_ref,
                          doc="The handle, a Tensor.")
    supports_serialize = property(
        lambda self: self._supports_serialize,
        doc="Whether serialize_state() and restore_state() can be run.")

    def read(self, queue, name=None):
        """The next record's key and value; takes names from the queue."""
        return _gen.reader_read_v2(self._reader_ref, _ref(queue), name=name)

    def read_up_to(self, queue, num_records, name=None):
        """As many records as there are at once, at most `num_records`."""
        return _gen.reader_read_up_to_v2(self._reader_ref, _ref(queue),
                                         num_records, name=name)

    def num_records_produced(self, name=None):
        """How many records were read: a scalar of int64."""
        return _gen.reader_num_records_produced_v2(self._reader_ref, name=name)

    def num_work_units_completed(self, name=None):
        """How many names of the queue are done with: a scalar of int64."""
        return _gen.reader_num_work_units_completed_v2(self._reader_ref,
                                                       name=name)

    def serialize_state(self, name=None):
        """The counts and the work unit that was begun: a scalar of string.

        Raises (when run): UnimplementedError without `supports_serialize`.
        """
        return _gen.reader_serialize_state_v2(self._reader_ref, name=name)

    def restore_state(self, state, name=None):
        """An op that goes back to a state of serialize_state().

        Raises (when run): UnimplementedError without `supports_serialize`,
        InvalidArgumentError for what is no state, or one within a work unit.
        """
        return _gen.reader_restore_state_v2(self._reader_ref, state, name=name)

    def reset(self, name=None):
        """Forgets the work unit and the counts."""
        return _gen.reader_reset_v2(self._reader_ref, name=name)


def _ref(queue):
    return queue if isinstance(queue, ops.Tensor) else queue.queue_ref


class WholeFileReader(ReaderBase):
    """A file is a record."""

    def __init__(self, name=None):
        super().__init__(_gen.whole_file_reader_v2(name=name), True)


class TextLineReader(ReaderBase):
    """A line is a record."""

    def __init__(self, skip_header_lines=None, name=None):
        super().__init__(_gen.text_line_reader_v2(
            skip_header_lines=skip_header_lines, name=name))


class FixedLengthRecordReader(ReaderBase):
    """Records have one length."""

    def __init__(self, record_bytes, header_bytes=None, footer_bytes=None,
                 hop_bytes=None, name=None, encoding=None):
        super().__init__(_gen.fixed_length_record_reader_v2(
            record_bytes=record_bytes, header_bytes=header_bytes,
            footer_bytes=footer_bytes, hop_bytes=hop_bytes, encoding=encoding,
            name=name))


class TFRecordReader(ReaderBase):
    """Records of TFRecord files."""

    def __init__(self, name=None, options=None):
        kind = python_io.TFRecordOptions.get_compression_type_string(options)
        super().__init__(_gen.tf_record_reader_v2(compression_type=kind,
                                                  name=name))


class IdentityReader(ReaderBase):
    """A name in the queue is a record."""

    def __init__(self, name=None):
        super().__init__(_gen.identity_reader_v2(name=name), True)


for _class in (ReaderBase, WholeFileReader, TextLineReader,
               FixedLengthRecordReader, TFRecordReader, IdentityReader):
    _class.__module__ = "tensorflow.python.ops.io_ops"
