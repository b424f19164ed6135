"""tf.Print."""
from retrograph.framework import op_library


def Print(input_, data, message=None, first_n=None, summarize=None,  # noqa: N802
          name=None):
    """`input_`, which prints `data` to stderr when it is computed."""
    return op_library.apply_op("Print", name, input=input_, data=list(data),
                               message=message, first_n=first_n,
                               summarize=summarize)
