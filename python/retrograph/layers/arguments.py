"""What layers over lines and images take: sizes, layouts, paddings."""


def whole_numbers(value, n, name):
    """n of them; one stands for all."""
    if isinstance(value, int):
        return (value,) * n
    wrong = "The `%s` argument must be a tuple of %d integers. Received: %s"
    try:
        numbers = tuple(value)
    except TypeError:
        raise ValueError(wrong % (name, n, value)) from None
    if len(numbers) != n:
        raise ValueError(wrong % (name, n, value))
    for number in numbers:
        try:
            int(number)
        except (TypeError, ValueError):
            raise ValueError((wrong + " including element %s of type %s")
                             % (name, n, value, number, type(number))) \
                from None
    return numbers


def layout(data_format):
    checked = data_format.lower()
    if checked not in ("channels_first", "channels_last"):
        raise ValueError("The `data_format` argument must be one of "
                         "\"channels_first\", \"channels_last\". Received: "
                         + data_format)
    return checked


def padding(value):
    value = value.lower()
    if value not in ("valid", "same", "causal"):
        raise ValueError("The `padding` argument must be a list/tuple or one "
                         "of \"valid\", \"same\" (or \"causal\", only for "
                         "`Conv1D). Received: " + value)
    return value


def op_layout(data_format):
    """As ops call it."""
    return "NCHW" if data_format == "channels_first" else "NHWC"
