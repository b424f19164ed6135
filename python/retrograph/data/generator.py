"""Dataset.from_generator: what a Python generator yields."""
import threading

import numpy as np

from retrograph.data import dataset_ops
from retrograph.data import structure
from retrograph.data import structured_function
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.framework import tensor_shape
from retrograph.ops import script_ops

_NAME = "Dataset.from_generator()"


class _Running:
    """Generators that are begun, by number."""

    def __init__(self, generator):
        self._generator = generator
        self._lock = threading.Lock()
        self._next_id = 0
        self._args, self._iterators = {}, {}

    def begin(self, *args):
        with self._lock:
            number = self._next_id
            self._next_id += 1
        self._args[number] = args
        return np.array(number, dtype=np.int64)

    def iterator(self, number):
        number = int(number)
        if number not in self._iterators:
            self._iterators[number] = iter(
                self._generator(*self._args.pop(number)))
        return self._iterators[number]

    def end(self, number):
        del self._iterators[int(number)]
        return np.array(0, dtype=np.int64)


def _arrays(values, output_types, types, shapes):
    """An element's values as arrays; TypeError or ValueError if they are no
    such element."""
    try:
        flat = structure.flatten_up_to(output_types, values)
    except (TypeError, ValueError):
        raise TypeError(
            "`generator` yielded an element that did not match the expected "
            "structure. The expected structure was %s, but the yielded "
            "element was %s." % (output_types, values))
    arrays = []
    for value, dtype in zip(flat, types):
        try:
            arrays.append(script_ops.convert_for_dtype(value, dtype))
        except (TypeError, ValueError):
            raise TypeError(
                "`generator` yielded an element that could not be converted "
                "to the expected type. The expected type was %s, but the "
                "yielded element was %s." % (dtype.name, value))
    for array, dtype, shape in zip(arrays, types, shapes):
        if array.dtype != dtype.as_numpy_dtype:
            raise TypeError(
                "`generator` yielded an element of type %s where an element "
                "of type %s was expected." % (array.dtype,
                                              dtype.as_numpy_dtype))
        if not shape.is_compatible_with(array.shape):
            raise ValueError(
                "`generator` yielded an element of shape %s where an element "
                "of shape %s was expected." % (array.shape, shape))
    return arrays


def _shapes_like(types, shapes):
    if isinstance(types, dict):
        return type(types)((key, _shapes_like(types[key], shapes[key]))
                           for key in types)
    if isinstance(types, tuple):
        return tuple(_shapes_like(t, s) for t, s in zip(types, shapes))
    return tensor_shape.as_shape(shapes)


def from_generator(generator, output_types, output_shapes=None, args=None):
    if not callable(generator):
        raise TypeError("`generator` must be callable.")
    if output_shapes is None:
        output_shapes = structure.map_leaves(
            lambda _: tensor_shape.unknown_shape(), output_types)
    else:
        output_shapes = _shapes_like(output_types, output_shapes)
    args = () if args is None else tuple(
        ops.convert_to_tensor(arg, name="args_%d" % i)
        for i, arg in enumerate(args))
    types = [dtypes.as_dtype(t) for t in structure.flatten(output_types)]
    shapes = structure.flatten(output_shapes)
    running = _Running(generator)

    def begin(unused_dummy):
        return script_ops.numpy_function(running.begin, args, dtypes.int64)

    def step(number):
        def generator_py_func(number):
            return _arrays(next(running.iterator(number)), output_types,
                           types, shapes)
        values = script_ops.numpy_function(generator_py_func, [number], types)
        for value, shape in zip(values, shapes):
            value.set_shape(shape)
        return structure.pack(output_types, values)

    def end(number):
        return script_ops.numpy_function(running.end, [number], dtypes.int64)

    # TensorFlow's names of these, which stand in the functions' names.
    begin.__name__ = "get_iterator_id_fn"
    step.__name__ = "generator_next_fn"
    end.__name__ = "finalize_fn"

    def flat_map_fn(dummy_arg):
        return _generated(dummy_arg, begin, step, end)
    # A number of its own for each time that an iterator begins.
    return dataset_ops.Dataset.from_tensors(0).flat_map(flat_map_fn)


def _generated(argument, begin, step, end):
    """The dataset of a generator that has its number from `begin`."""
    spec = structure.of_value(argument)
    begin = structured_function.StructuredFunction(begin, _NAME, spec)
    step = structured_function.StructuredFunction(step, _NAME,
                                                  begin.output_spec)
    end = structured_function.StructuredFunction(end, _NAME,
                                                 begin.output_spec)
    return dataset_ops.Dataset(op_library.apply_op(
        "GeneratorDataset", None,
        init_func_other_args=(structure.to_tensors(spec, argument) +
                              begin.captured_inputs),
        next_func_other_args=step.captured_inputs,
        finalize_func_other_args=end.captured_inputs,
        init_func=begin.attr, next_func=step.attr, finalize_func=end.attr,
        **structure.attrs(step.output_spec)), step.output_spec)
