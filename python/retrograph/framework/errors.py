"""Exceptions with TensorFlow's names, and how C++'s errors become them."""
import builtins
import linecache
import re
import traceback

OK, CANCELLED, UNKNOWN, INVALID_ARGUMENT, DEADLINE_EXCEEDED, NOT_FOUND, \
    ALREADY_EXISTS, PERMISSION_DENIED, RESOURCE_EXHAUSTED, \
    FAILED_PRECONDITION, ABORTED, OUT_OF_RANGE, UNIMPLEMENTED, INTERNAL, \
    UNAVAILABLE, DATA_LOSS, UNAUTHENTICATED = range(17)

_MODULE = "tensorflow.python.framework.errors_impl"


class OpError(Exception):
    """An error of a running graph.

    Attributes
    ----------
    message
        What went wrong, without the stack.
    op
        The Operation that failed, or None.
    node_def
        Its NodeDef, or None.
    error_code
        A number of tf.errors, such as tf.errors.NOT_FOUND.
    hint
        What was probably meant, or "".
    """

    def __init__(self, node_def, op, message, error_code):
        super().__init__()
        self._node_def = node_def
        self._op = op
        self._message = message
        self._error_code = error_code
        self.hint = ""

    message = property(lambda self: self._message,
                       doc="What went wrong, without the stack.")
    op = property(lambda self: self._op,
                  doc="The Operation that failed, or None.")
    node_def = property(lambda self: self._node_def,
                        doc="The NodeDef of what failed, or None.")
    error_code = property(lambda self: self._error_code,
                          doc="A number of tf.errors, as tf.errors.NOT_FOUND.")

    def __reduce__(self):
        return _rebuild, (type(self), self._message, self._error_code)

    def __str__(self):
        if self._op is None:
            return self._message
        lines = ["%s\n\nOriginal stack trace for %r:\n"
                 % (self._message, self._op.name)]
        lines += traceback.format_list(self._op.traceback)
        return "".join(lines)


def _rebuild(cls, message, code):
    if cls in (OpError, UnknownError):
        return cls(None, None, message, code)
    return cls(None, None, message)


class UnknownError(OpError):
    def __init__(self, node_def, op, message, error_code=UNKNOWN):
        super().__init__(node_def, op, message, error_code)


_CODES = {UNKNOWN: UnknownError}


def _error_class(name, code):
    def __init__(self, node_def, op, message):
        OpError.__init__(self, node_def, op, message, code)
    cls = type(name, (OpError,), {"__init__": __init__, "__module__": _MODULE})
    _CODES[code] = cls
    return cls


OpError.__module__ = UnknownError.__module__ = _MODULE
CancelledError = _error_class("CancelledError", CANCELLED)
InvalidArgumentError = _error_class("InvalidArgumentError", INVALID_ARGUMENT)
DeadlineExceededError = _error_class("DeadlineExceededError",
                                     DEADLINE_EXCEEDED)
NotFoundError = _error_class("NotFoundError", NOT_FOUND)
AlreadyExistsError = _error_class("AlreadyExistsError", ALREADY_EXISTS)
PermissionDeniedError = _error_class("PermissionDeniedError",
                                     PERMISSION_DENIED)
ResourceExhaustedError = _error_class("ResourceExhaustedError",
                                      RESOURCE_EXHAUSTED)
FailedPreconditionError = _error_class("FailedPreconditionError",
                                       FAILED_PRECONDITION)
AbortedError = _error_class("AbortedError", ABORTED)
OutOfRangeError = _error_class("OutOfRangeError", OUT_OF_RANGE)
UnimplementedError = _error_class("UnimplementedError", UNIMPLEMENTED)
InternalError = _error_class("InternalError", INTERNAL)
UnavailableError = _error_class("UnavailableError", UNAVAILABLE)
DataLossError = _error_class("DataLossError", DATA_LOSS)
UnauthenticatedError = _error_class("UnauthenticatedError", UNAUTHENTICATED)


class InaccessibleTensorError(ValueError):
    """A tensor that was made in another function or block."""


class OperatorNotAllowedInGraphError(TypeError):
    """A Python operation that a graph's tensor cannot take part in."""


InaccessibleTensorError.__module__ = _MODULE
OperatorNotAllowedInGraphError.__module__ = _MODULE


def exception_type_from_error_code(code):
    return _CODES[code]


def error_code_from_exception_type(cls):
    """The code of an error class; None for another class."""
    for code, known in _CODES.items():
        if known is cls:
            return code
    return None


_FRAME = re.compile(r'^  File "([^"\n]+)", line (\d+), in .*\n(?!    )', re.M)


def _with_source(message):
    """Adds the source lines to the frames that a message quotes."""
    def frame(match):
        code = linecache.getline(match.group(1), int(match.group(2))).strip()
        return match.group(0) + ("    %s\n" % code if code else "")
    return _FRAME.sub(frame, message)


def _make(class_name, message, op_name, hint):
    """The exception for an error of C++, without its op."""
    if '\n  File "' in message:
        message = _with_source(message)
    cls = globals().get(class_name)
    if isinstance(cls, type) and issubclass(cls, OpError):
        # TensorFlow hands messages up as C strings, and finds the op in them.
        whole = "\0" not in message
        error = cls(None, None, message.partition("\0")[0])
        error.failed_op_name = op_name if whole else ""
    elif class_name == "DecodeError":
        from google.protobuf.message import DecodeError
        error = DecodeError(message)
    elif class_name == "UnicodeDecodeError":
        error = _unicode_error(message)
    else:
        cls = cls or getattr(builtins, class_name, RuntimeError)
        error = cls(message)
    if hint:
        error.hint = hint
    return error


def _unicode_error(message):
    """Python makes the text itself, of the bytes and the place."""
    found = re.match(r"'([^']+)' codec can't decode bytes? (?:0x(..) )?in "
                     r"position (\d+)(?:-(\d+))?: (.*)", message)
    codec, byte, start, last, reason = found.groups()
    start, last = int(start), int(last or start)
    data = bytes(start) + bytes([int(byte or "0", 16)]) * (last + 1 - start)
    return UnicodeDecodeError(codec, data, start, last + 1, reason)


_NODE = re.compile(r"\[\[(?:\{\{)?node ([^\s}]+)")


def _with_op(error, graph):
    """Gives an error its op and node_def, looked up in the session's graph."""
    name = getattr(error, "failed_op_name", "")
    if not name:
        found = _NODE.search(error.message)
        name = found.group(1) if found else ""
    op = graph._find_operation(name) if name else None
    if op is not None:
        error._op = op
        error._node_def = op.node_def
    return error
