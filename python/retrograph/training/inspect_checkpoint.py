"""tensorflow.python.tools.inspect_checkpoint: prints what a checkpoint holds."""
import math
import re

from retrograph.training import checkpoint_utils


def _print_tensors(reader, tensor_name, values, names):
    shapes = reader.get_variable_to_shape_map()
    if values or names:
        for key in sorted(shapes):
            print("tensor_name: ", key)
            if values:
                print(reader.get_tensor(key))
    elif tensor_name:
        print("tensor_name: ", tensor_name)
        print(reader.get_tensor(tensor_name))
    else:
        print(reader.debug_string().decode("utf-8"))


def _count(reader, exclude):
    """How many numbers there are in the tensors that `exclude` matches not."""
    sizes = {name: math.prod(shape) for name, shape
             in reader.get_variable_to_shape_map().items()}
    excluded = {name for name in sizes
                if exclude and re.search(exclude, name)}
    if exclude:
        print("# Excluding %d tensors (%d params) that match %s when counting."
              % (len(excluded), sum(sizes[name] for name in excluded),
                 exclude))
    return sum(size for name, size in sizes.items() if name not in excluded)


def print_tensors_in_checkpoint_file(file_name, tensor_name, all_tensors,
                                     all_tensor_names=False,
                                     count_exclude_pattern=""):
    """Prints one tensor, all of them, or their names and shapes.

    An error is printed, too, and not raised.

    Parameters
    ----------
    file_name : str
        A checkpoint's prefix.
    tensor_name : str
        The tensor that is printed; "" if no single one is.
    all_tensors, all_tensor_names : bool
        Whether to print all names with values, or without.
    count_exclude_pattern : str
        A regular expression: matching tensors do not count as parameters.
    """
    try:
        reader = checkpoint_utils.NewCheckpointReader(file_name)
        _print_tensors(reader, tensor_name, all_tensors, all_tensor_names)
        print("# Total number of params: %d"
              % _count(reader, count_exclude_pattern))
    except Exception as e:  # whatever it is, as TensorFlow does
        print(str(e))
        if "Data loss" in str(e) and any(
                end in file_name for end in (".index", ".meta", ".data")):
            print("\nIt's likely that this is a V2 checkpoint and you need to "
                  "provide the filename\n*prefix*.  Try removing the '.' and "
                  "extension.  Try:\ninspect checkpoint --file_name = %s"
                  % ".".join(file_name.split(".")[:-1]))
