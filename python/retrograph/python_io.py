"""tf.python_io: record files (TFRecord) written and read one by one."""
import zlib

from retrograph import _core
from retrograph.compat import bytes_text
from retrograph.framework import errors
from retrograph.platform import gfile


class TFRecordCompressionType:
    """How a file of records is compressed."""
    NONE = 0
    ZLIB = 1
    GZIP = 2


class TFRecordOptions:
    """How a file is compressed."""

    compression_type_map = {TFRecordCompressionType.ZLIB: "ZLIB",
                            TFRecordCompressionType.GZIP: "GZIP",
                            TFRecordCompressionType.NONE: ""}

    def __init__(self, compression_type=None, **unused):
        self.get_compression_type_string(compression_type)
        self.compression_type = compression_type

    @classmethod
    def get_compression_type_string(cls, options):
        """"", "GZIP" or "ZLIB"."""
        if not options:
            return ""
        if isinstance(options, TFRecordOptions):
            return cls.get_compression_type_string(options.compression_type)
        if isinstance(options, int):
            return cls.compression_type_map[options]
        if options in cls.compression_type_map.values():
            return options
        raise ValueError('Not a valid compression_type: "{}"'.format(options))


class TFRecordWriter:
    """Writes records to a new file.

    Parameters
    ----------
    path : str or path
        NotFoundError if its folder is not there; a file that is there becomes
        empty at once.
    options : TFRecordOptions or TFRecordCompressionType, optional
    """

    def __init__(self, path, options=None):
        kind = TFRecordOptions.get_compression_type_string(options)
        self._file = gfile.GFile(bytes_text.path_to_str(path), "wb")
        self._file.write(b"")  # opens it
        self._compressor = {"": None, "GZIP": 31, "ZLIB": 15}[kind]
        if self._compressor is not None:
            self._compressor = zlib.compressobj(wbits=self._compressor)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def _opened(self):
        if self._file is None:
            raise errors.FailedPreconditionError(
                None, None, "Writer not initialized or previously closed")
        return self._file

    def write(self, record):
        """Adds a record, which must be bytes (TypeError otherwise).

        Raises
        ------
        FailedPreconditionError
            After close().
        """
        if not isinstance(record, bytes):
            raise TypeError("expected bytes, %s found" % type(record).__name__)
        opened = self._opened()
        data = _core.framed_record(record)
        if self._compressor is not None:
            data = self._compressor.compress(data)
        opened.write(data)

    def flush(self):
        """Brings the records so far to the file, so that they can be read.

        Raises
        ------
        FailedPreconditionError
            After close().
        """
        opened = self._opened()
        if self._compressor is not None:
            opened.write(self._compressor.flush(zlib.Z_SYNC_FLUSH))
        opened.flush()

    def close(self):
        """Brings all records to the file and closes it; once is enough."""
        if self._file is None:
            return
        if self._compressor is not None:
            self._file.write(self._compressor.flush())
        self._file.close()
        self._file = None


def _uncompressed(path, kind):
    """A file of the records of a compressed one."""
    import gzip
    import tempfile
    with gfile.GFile(path, "rb") as f:
        data = f.read()
    data = gzip.decompress(data) if kind == "GZIP" else zlib.decompress(data)
    copy = tempfile.NamedTemporaryFile()
    copy.write(data)
    copy.flush()
    return copy


def tf_record_iterator(path, options=None):
    """The records of a file, as bytes."""
    kind = TFRecordOptions.get_compression_type_string(options)
    path = bytes_text.path_to_str(path)
    copy = _uncompressed(path, kind) if kind else None
    reader = _core.RecordReader(copy.name if copy else path)
    while True:
        record = reader.read()
        if record is None:
            return
        yield record
