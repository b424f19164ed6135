"""tf.logging: TensorFlow's logger, silent below WARN at first."""
import logging as _logging
import sys

DEBUG, INFO, WARN, ERROR, FATAL = (_logging.DEBUG, _logging.INFO,
                                   _logging.WARNING, _logging.ERROR,
                                   _logging.CRITICAL)
_logger = None


def get_logger():
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
    get_logger().debug(message, *args, **kwargs)


def info(message, *args, **kwargs):
    get_logger().info(message, *args, **kwargs)


def warning(message, *args, **kwargs):
    get_logger().warning(message, *args, **kwargs)


def error(message, *args, **kwargs):
    get_logger().error(message, *args, **kwargs)


def fatal(message, *args, **kwargs):
    get_logger().fatal(message, *args, **kwargs)


def log(level, message, *args, **kwargs):
    get_logger().log(level, message, *args, **kwargs)


warn = warning


def get_verbosity():
    return get_logger().getEffectiveLevel()


def set_verbosity(level):
    get_logger().setLevel(level)


def flush():
    pass


_counts = {}


def log_first_n(level, message, n, *args):
    _counts[message] = _counts.get(message, 0) + 1
    if _counts[message] <= n:
        log(level, message, *args)


def log_every_n(level, message, n, *args):
    count = _counts.get(message, 0)
    _counts[message] = count + 1
    if count % n == 0:
        log(level, message, *args)


def vlog(level, message, *args, **kwargs):
    log(level, message, *args, **kwargs)
