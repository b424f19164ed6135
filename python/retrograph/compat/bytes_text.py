"""tf.compat: bytes and text."""
import numbers

import numpy as np


def as_bytes(bytes_or_text, encoding="utf-8"):
    """The text as bytes; TypeError for what is neither."""
    if isinstance(bytes_or_text, str):
        return bytes_or_text.encode(encoding)
    if isinstance(bytes_or_text, bytes):
        return bytes_or_text
    raise TypeError("Expected binary or unicode string, got %r"
                    % (bytes_or_text,))


def as_text(bytes_or_text, encoding="utf-8"):
    """The bytes as text; TypeError for what is neither."""
    if isinstance(bytes_or_text, str):
        return bytes_or_text
    if isinstance(bytes_or_text, bytes):
        return bytes_or_text.decode(encoding)
    raise TypeError("Expected binary or unicode string, got %r"
                    % bytes_or_text)


as_str = as_text


def as_str_any(value):
    """The text of any value."""
    return as_str(value) if isinstance(value, bytes) else str(value)


def path_to_str(path):
    """The path of an object that is a path, else the object."""
    return as_str_any(path.__fspath__()) if hasattr(path, "__fspath__") \
        else path


integral_types = (numbers.Integral, np.integer)
real_types = (numbers.Real, np.integer, np.floating)
complex_types = (numbers.Complex, np.number)
bytes_or_text_types = (bytes, str)
