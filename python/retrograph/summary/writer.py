"""FileWriter: event files that TensorBoard reads."""
import threading
import time
import weakref

from retrograph import _core
from retrograph.compat import bytes_text
from retrograph.framework import ops
from retrograph.platform import gfile
from retrograph.platform import tf_logging


class EventFileWriter:
    """Writes Events to a file in `logdir`, which is made if need be.

    Parameters
    ----------
    max_queue
        How many events may wait in memory before the next write.
    flush_secs
        How long they may.
    filename_suffix
        Added to the file's name.
    """

    def __init__(self, logdir, max_queue=10, flush_secs=120,
                 filename_suffix=None):
        self._logdir = bytes_text.path_to_str(logdir)
        if not gfile.IsDirectory(self._logdir):
            gfile.MakeDirs(self._logdir)
        self._max_queue = max_queue
        self._flush_secs = flush_secs
        self._file = _core.EventFile(
            bytes_text.as_str_any(self._logdir),
            bytes_text.as_str_any(filename_suffix or ""))
        # Scripts end without closing their writers; what waits in memory is
        # written then, while the interpreter still stands.
        weakref.finalize(self, self._file.close)
        self._lock = threading.Lock()
        self._waiting = 0
        self._flush_due = 0
        self._closed = False

    def get_logdir(self):
        """The folder."""
        return self._logdir

    def reopen(self):
        """Takes events again after close(), into another file."""
        self._closed = False

    def add_event(self, event):
        """Writes an Event."""
        if self._closed:
            return
        data = event.SerializeToString()
        with self._lock:
            self._file.write(data)
            self._waiting += 1
            now = time.time()
            if self._waiting >= self._max_queue or now >= self._flush_due:
                self._file.flush()
                self._waiting = 0
                self._flush_due = now + self._flush_secs

    def flush(self):
        """Brings all events to the file."""
        with self._lock:
            self._file.flush()
            self._waiting = 0

    def close(self):
        """Brings all events to the file and closes it."""
        with self._lock:
            self._file.close()
            self._closed = True


class FileWriter:
    """Writes summaries, graphs and logs for TensorBoard.

    Parameters
    ----------
    logdir
        The folder.
    graph
        Written at once, if given.
    max_queue, flush_secs, filename_suffix
        See EventFileWriter.
    graph_def
        Instead of `graph`, as of old.
    session
        Its graph is written, if given.
    """

    def __init__(self, logdir, graph=None, max_queue=10, flush_secs=120,
                 graph_def=None, filename_suffix=None, session=None):
        self.event_writer = EventFileWriter(logdir, max_queue, flush_secs,
                                            filename_suffix)
        self._session = session
        # Tags of which a file says once how they are to be shown.
        self._seen_summary_tags = set()
        self._closed = False
        if session is not None:
            graph = graph or session.graph
        if graph is not None or graph_def is not None:
            self.add_graph(graph=graph, graph_def=graph_def)
            if graph is not None and isinstance(graph, ops.Graph):
                from retrograph.framework import meta_graph
                self.add_meta_graph(meta_graph.create_meta_graph_def(
                    graph_def=graph.as_graph_def(add_shapes=True)))

    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc_value, traceback):
        self.close()

    def get_logdir(self):
        """The folder."""
        return self.event_writer.get_logdir()

    def _warn_if_event_writer_is_closed(self):
        if self._closed:
            import warnings
            warnings.warn("Attempting to use a closed FileWriter. "
                          "The operation will be a noop unless the FileWriter "
                          "is explicitly reopened.")

    def add_event(self, event):
        """Writes an Event."""
        self._warn_if_event_writer_is_closed()
        self.event_writer.add_event(event)

    def _add_event(self, event, step):
        event.wall_time = time.time()
        if step is not None:
            event.step = int(step)
        self.add_event(event)

    def add_summary(self, summary, global_step=None):
        """Adds a Summary, or the bytes of one."""
        from retrograph import protos
        if isinstance(summary, bytes):
            summary = protos.Summary.FromString(summary)
        for value in summary.value:
            if not value.metadata:
                continue
            if value.tag in self._seen_summary_tags:
                value.ClearField("metadata")
            else:
                self._seen_summary_tags.add(value.tag)
        self._add_event(protos.Event(summary=summary), global_step)

    def add_session_log(self, session_log, global_step=None):
        """Adds a SessionLog: a start, a stop or a checkpoint, at a step."""
        from retrograph import protos
        self._add_event(protos.Event(session_log=session_log), global_step)

    def add_graph(self, graph, global_step=None, graph_def=None):
        """Adds a graph, to be drawn."""
        from retrograph import protos
        if graph is not None and graph_def is not None:
            raise ValueError("Please pass only graph, or graph_def "
                             "(deprecated), but not both.")
        if isinstance(graph, ops.Graph) or isinstance(graph_def, ops.Graph):
            if not isinstance(graph, ops.Graph):
                tf_logging.warning(
                    "When passing a `Graph` object, please use the `graph` "
                    "named argument instead of `graph_def`.")
                graph = graph_def
            graph_def = graph.as_graph_def(add_shapes=True)
        elif isinstance(graph, protos.GraphDef) or isinstance(
                graph_def, protos.GraphDef):
            tf_logging.warning(
                "Passing a `GraphDef` to the SummaryWriter is deprecated. "
                "Pass a `Graph` object instead, such as `sess.graph`.")
            graph_def = graph if isinstance(graph, protos.GraphDef) \
                else graph_def
        else:
            raise TypeError("The passed graph must be an instance of `Graph` "
                            "or the deprecated `GraphDef`")
        self._add_event(
            protos.Event(graph_def=graph_def.SerializeToString()), global_step)

    def add_meta_graph(self, meta_graph_def, global_step=None):
        """Adds a MetaGraphDef; TypeError if it is something else."""
        from retrograph import protos
        if not isinstance(meta_graph_def, protos.MetaGraphDef):
            raise TypeError("meta_graph_def must be type MetaGraphDef, saw "
                            "type: %s" % type(meta_graph_def))
        self._add_event(
            protos.Event(meta_graph_def=meta_graph_def.SerializeToString()),
            global_step)

    def add_run_metadata(self, run_metadata, tag, global_step=None):
        """Adds what a run left in its RunMetadata, once a tag."""
        from retrograph import protos
        if tag in self.__dict__.setdefault("_session_run_tags", {}):
            raise ValueError("The provided tag was already used for this event "
                             "type")
        self._session_run_tags[tag] = True
        self._add_event(protos.Event(
            tagged_run_metadata=protos.TaggedRunMetadata(
                tag=tag, run_metadata=run_metadata.SerializeToString())),
            global_step)

    def flush(self):
        """Brings all events to the file."""
        self._warn_if_event_writer_is_closed()
        self.event_writer.flush()

    def close(self):
        """Brings all events to the file and closes it."""
        self.event_writer.close()
        self._closed = True

    def reopen(self):
        """Begins a new file, if it is closed."""
        self.event_writer.reopen()
        self._closed = False


class FileWriterCache:
    """One FileWriter a folder."""

    _cache = {}
    _lock = threading.RLock()

    @staticmethod
    def clear():
        """Closes and forgets all."""
        with FileWriterCache._lock:
            for writer in FileWriterCache._cache.values():
                writer.close()
            FileWriterCache._cache = {}

    @staticmethod
    def get(logdir):
        """The FileWriter of a folder, made at the first call.

        It then writes the default graph at once.
        """
        with FileWriterCache._lock:
            if logdir not in FileWriterCache._cache:
                FileWriterCache._cache[logdir] = FileWriter(
                    logdir, graph=ops.get_default_graph())
            return FileWriterCache._cache[logdir]


for _class in (FileWriter, FileWriterCache):
    _class.__module__ = "tensorflow.python.summary.writer.writer"


def summary_iterator(path):
    """The Events of a file, one after the other."""
    from retrograph import protos
    reader = _core.RecordReader(bytes_text.path_to_str(path))
    while True:
        record = reader.read()
        if record is None:
            return
        yield protos.Event.FromString(record)
