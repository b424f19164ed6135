"""tf.python_io: record files (TFRecord) written and read one by one."""
import zlib

from retrograph import _core
from retrograph.compat import bytes_text
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
    """Writes records to a new file."""

    def __init__(self, path, options=None):
        kind = TFRecordOptions.get_compression_type_string(options)
        self._file = gfile.GFile(bytes_text.path_to_str(path), "wb")
        self._compressor = {"": None, "GZIP": 31, "ZLIB": 15}[kind]
        if self._compressor is not None:
            self._compressor = zlib.compressobj(wbits=self._compressor)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def write(self, record):
        """Adds a record, which must be bytes (TypeError otherwise)."""
        data = _core.framed_record(record)
        if self._compressor is not None:
            data = self._compressor.compress(data)
        self._file.write(data)

    def flush(self):
        """Brings the records so far to the file, so that they can be read."""
        if self._compressor is not None:
            self._file.write(self._compressor.flush(zlib.Z_SYNC_FLUSH))
        self._file.flush()

    def close(self):
        """Brings all records to the file and closes it."""
        if self._compressor is not None:
            self._file.write(self._compressor.flush())
            self._compressor = None
        self._file.close()


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
