"""tf.logging: TensorFlow's logger, silent below WARN at first."""
import logging as _logging
import sys

DEBUG, INFO, WARN, ERROR, FATAL = (_logging.DEBUG, _logging.INFO,
                                   _logging.WARNING, _logging.ERROR,
                                   _logging.CRITICAL)
_logger = None


def get_logger():
    """Python's logger "tensorflow"."""
    global _logger
    if _logger is None:
        _logger = _logging.getLogger("tensorflow")
        _logger.setLevel(_logging.WARNING)
        if not _logging.getLogger().handlers and not _logger.handlers:
            handler = _logging.StreamHandler(sys.stderr)
            handler.setFormatter(_logging.Formatter(
                _logging.BASIC_FORMAT, None))
            _logger.addHandler(handler)
            _logger.propagate = False
    return _logger


def debug(message, *args, **kwargs):
    """Logs message % args for those who look for errors."""
    get_logger().debug(message, *args, **kwargs)


def info(message, *args, **kwargs):
    """Logs message % args, which is shown from `set_verbosity(INFO)` on."""
    get_logger().info(message, *args, **kwargs)


def warning(message, *args, **kwargs):
    """Logs message % args as a warning."""
    get_logger().warning(message, *args, **kwargs)


def error(message, *args, **kwargs):
    """Logs message % args as an error."""
    get_logger().error(message, *args, **kwargs)


def fatal(message, *args, **kwargs):
    """Logs message % args as a critical error."""
    get_logger().fatal(message, *args, **kwargs)


def log(level, message, *args, **kwargs):
    """Logs message % args at a level."""
    get_logger().log(level, message, *args, **kwargs)


warn = warning


def get_verbosity():
    """The level below which nothing is shown; WARN at first."""
    return get_logger().getEffectiveLevel()


def set_verbosity(v):
    """Shows what has this level or a higher one."""
    get_logger().setLevel(v)


def flush():
    """Does nothing: what is logged is written at once."""
    pass


_counts = {}


def log_first_n(level, message, n, *args):
    """Logs the first n of a message."""
    _counts[message] = _counts.get(message, 0) + 1
    if _counts[message] <= n:
        log(level, message, *args)


def log_every_n(level, message, n, *args):
    """Logs the first of each n of a message."""
    count = _counts.get(message, 0)
    _counts[message] = count + 1
    if count % n == 0:
        log(level, message, *args)


def vlog(level, message, *args, **kwargs):
    """As `log`."""
    log(level, message, *args, **kwargs)
