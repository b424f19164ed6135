"""tf.nn.dynamic_rnn, static_rnn and the like: a cell, step by step."""
from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import nest
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.framework import tensor_shape
from retrograph.ops import array_ops
from retrograph.ops import control_flow_ops
from retrograph.ops import math_ops
from retrograph.ops import tensor_array_ops
from retrograph.ops import variable_scope as vs
from retrograph.ops.rnn_cell import assert_like_rnncell
from retrograph.ops.rnn_cell import concat_sizes

_gen = op_library.gen


def swap_batch_and_time(x):
    shape = x.shape
    if shape.rank is not None and shape.rank < 2:
        return x
    rank = array_ops.rank(x)
    swapped = array_ops.transpose(x, array_ops.concat(
        ([1, 0], math_ops.range(2, rank)), axis=0))
    if shape.dims is not None:
        dims = shape.as_list()
        swapped.set_shape([dims[1], dims[0]] + dims[2:])
    return swapped


def _batch_size_of(flat_inputs):
    """Of inputs [time, batch, ...]: a number if one of them says it."""
    for x in flat_inputs:
        if x.shape.rank is None:
            continue
        if x.shape.rank < 2:
            raise ValueError("Expected input tensor %s to have rank at least 2"
                             % x)
        size = x.shape.as_list()[1]
        if size is not None:
            return size
    return array_ops.shape(flat_inputs[0])[1]


def _state_dtype(explicit, state):
    if explicit is not None:
        return explicit
    if not nest.is_nested(state):
        return state.dtype
    found = [element.dtype for element in nest.flatten(state)]
    if not found:
        raise ValueError("Unable to infer dtype from empty state.")
    if any(dtype != found[0] for dtype in found):
        raise ValueError("State has tensors of different inferred_dtypes. "
                         "Unable to infer a single representative dtype.")
    return found[0]


def cache_where_used(scope):
    """Variables are read where they are used, but not within a loop."""
    context = ops.get_default_graph()._get_control_flow_context()
    in_loop = context is not None and context.GetWhileContext() is not None
    if not in_loop and scope.caching_device is None:
        scope.set_caching_device("")  # on any device


def _initial_state(cell, batch_size, dtype):
    if getattr(cell, "get_initial_state", None) is not None:
        return cell.get_initial_state(inputs=None, batch_size=batch_size,
                                      dtype=dtype)
    return cell.zero_state(batch_size, dtype)


class _Lengths:
    """How long each sequence of the batch is."""

    def __init__(self, lengths):
        self.all = lengths
        self.min = math_ops.reduce_min(lengths)
        self.max = math_ops.reduce_max(lengths)


def _step(time, lengths, zero_output, state, call_cell, all_in_one):
    """A step of the cell. If there are lengths, sequences that have ended keep
    their state and put out zeros; unless `all_in_one`, conds leave out what is
    not needed."""
    if lengths is None:
        return call_cell()
    flat_state = nest.flatten(state)
    flat_zeros = nest.flatten(zero_output)
    has_ended = time >= lengths.all

    def one_through(old, new):
        if isinstance(old, tensor_array_ops.TensorArray) or old.shape.rank == 0:
            return new
        with ops.colocate_with(new):
            return array_ops.where(has_ended, old, new)

    def some_through(new_output, new_state):
        return ([one_through(*pair) for pair in zip(flat_zeros, new_output)] +
                [one_through(*pair) for pair in zip(flat_state, new_state)])

    def called():
        output, new_state = call_cell()
        nest.assert_same_structure(zero_output, output)
        nest.assert_same_structure(state, new_state)
        return output, new_state

    def some_or_all_through():
        output, new_state = called()
        flat_new_state = nest.flatten(new_state)
        flat_output = nest.flatten(output)
        return control_flow_ops.cond(
            time < lengths.min, lambda: flat_output + flat_new_state,
            lambda: some_through(flat_output, flat_new_state))

    if all_in_one:
        output, new_state = called()
        new_state = nest.flatten(new_state)
        both = some_through(nest.flatten(output), new_state)
    else:
        both = control_flow_ops.cond(time >= lengths.max,
                                     lambda: flat_zeros + flat_state,
                                     some_or_all_through)
    olds = flat_zeros + flat_state
    if len(both) != len(olds):
        raise ValueError("Internal error: state and output were not "
                         "concatenated correctly.")
    for new, old in zip(both, olds):
        if not isinstance(new, tensor_array_ops.TensorArray):
            new.set_shape(old.shape)
    return (nest.pack_sequence_as(zero_output, both[:len(flat_zeros)]),
            nest.pack_sequence_as(state, both[len(flat_zeros):]))


def _checked_lengths(sequence_length, batch_size):
    def assert_shape(x, shape):
        actual = array_ops.shape(x)
        wanted = array_ops.stack(shape)
        return control_flow_ops.Assert(
            math_ops.reduce_all(_gen.equal(actual, wanted)),
            ["Expected shape for Tensor %s is " % x.name, wanted,
             " but saw shape: ", actual])
    with ops.control_dependencies([assert_shape(sequence_length,
                                                [batch_size])]):
        return array_ops.identity(sequence_length, name="CheckSeqLen")


def dynamic_rnn(cell, inputs, sequence_length=None, initial_state=None,
                dtype=None, parallel_iterations=None, swap_memory=False,
                time_major=False, scope=None):
    """(outputs, final state) of the cell over inputs [batch, time, ...].

    The loop is run as often as the inputs are long when they are run.
    """
    assert_like_rnncell("cell", cell)
    with vs.variable_scope(scope or "rnn") as opened:
        cache_where_used(opened)
        flat = nest.flatten(inputs)
        if not time_major:
            flat = [ops.convert_to_tensor(x) for x in flat]
            flat = [swap_batch_and_time(x) for x in flat]
        if sequence_length is not None:
            sequence_length = math_ops.cast(sequence_length, dtypes.int32)
            if sequence_length.shape.rank not in (None, 1):
                raise ValueError(
                    "sequence_length must be a vector of length batch_size, "
                    "but saw shape: %s" % sequence_length.shape)
            sequence_length = array_ops.identity(sequence_length,
                                                 name="sequence_length")
        batch_size = _batch_size_of(flat)
        if initial_state is None:
            if not dtype:
                raise ValueError("If there is no initial_state, you must give "
                                 "a dtype.")
            initial_state = _initial_state(cell, batch_size, dtype)
        if sequence_length is not None:
            sequence_length = _checked_lengths(sequence_length, batch_size)
        outputs, state = _loop(
            cell, nest.pack_sequence_as(inputs, flat), initial_state,
            parallel_iterations or 32, swap_memory, sequence_length, dtype)
        if not time_major:
            outputs = nest.map_structure(swap_batch_and_time, outputs)
        return outputs, state


def _checked_shapes(flat_inputs):
    shapes = [x.shape.with_rank_at_least(3) for x in flat_inputs]
    first = shapes[0].as_list()
    for shape in shapes:
        if not shape[2:].is_fully_defined():
            raise ValueError("Input size (depth of inputs) must be accessible "
                             "via shape inference, but saw value None.")
        if shape.as_list()[0] != first[0]:
            raise ValueError("Time steps is not the same for all the elements "
                             "in the input in a batch.")
        if shape.as_list()[1] != first[1]:
            raise ValueError("Batch_size is not the same for all the elements "
                             "in the input.")
    return shapes, first[0], first[1]


def _static(size):
    if isinstance(size, ops.Tensor):
        return tensor_shape.as_shape(constant_op.constant_value(size))
    return size


def _loop(cell, inputs, state, parallel_iterations, swap_memory,
          sequence_length, dtype):
    flat_inputs = nest.flatten(inputs)
    output_sizes = nest.flatten(cell.output_size)
    steps = array_ops.shape(flat_inputs[0])[0]
    batch_size = _batch_size_of(flat_inputs)
    shapes, known_steps, known_batch = _checked_shapes(flat_inputs)
    output_dtype = _state_dtype(dtype, state)
    zeros = nest.pack_sequence_as(cell.output_size, [
        array_ops.zeros(array_ops.stack(concat_sizes(batch_size, size)),
                        output_dtype) for size in output_sizes])
    lengths = None if sequence_length is None else _Lengths(sequence_length)
    longest = steps if lengths is None else lengths.max
    time = constant_op.constant(0, dtype=dtypes.int32, name="time")
    with ops.name_scope("dynamic_rnn") as base_name:
        pass

    def array(name, element_shape, element_dtype):
        return tensor_array_ops.TensorArray(
            dtype=element_dtype, size=steps, element_shape=element_shape,
            tensor_array_name=base_name + name)
    output_arrays = tuple(
        array("output_%d" % i,
              tensor_shape.TensorShape([known_batch]).concatenate(
                  _static(size)), output_dtype)
        for i, size in enumerate(output_sizes))
    input_arrays = [array("input_%d" % i, x.shape[1:], x.dtype)
                    for i, x in enumerate(flat_inputs)]
    input_arrays = [a.unstack(x) for a, x in zip(input_arrays, flat_inputs)]

    def one_step(time, arrays, state):
        values = [a.read(time) for a in input_arrays]
        for value, shape in zip(values, shapes):
            value.set_shape(shape[1:])
        values = nest.pack_sequence_as(inputs, values)
        output, new_state = _step(time, lengths, zeros, state,
                                  lambda: cell(values, state), all_in_one=True)
        arrays = tuple(a.write(time, out)
                       for a, out in zip(arrays, nest.flatten(output)))
        return time + 1, arrays, new_state

    bound = _gen.minimum(steps, _gen.maximum(1, longest))
    _, arrays, final_state = control_flow_ops.while_loop(
        cond=lambda time, *_: time < bound, body=one_step,
        loop_vars=(time, output_arrays, state),
        parallel_iterations=parallel_iterations, maximum_iterations=steps,
        swap_memory=swap_memory)
    outputs = [a.stack() for a in arrays]
    for output, size in zip(outputs, output_sizes):
        output.set_shape(concat_sizes([known_steps, known_batch], size,
                                      static=True))
    return nest.pack_sequence_as(cell.output_size, outputs), final_state


def _reverse(x, lengths, time_axis, batch_axis):
    if lengths is None:
        return _gen.reverse_v2(x, axis=[time_axis])
    return _gen.reverse_sequence(x, lengths, seq_dim=time_axis,
                                 batch_dim=batch_axis)


def bidirectional_dynamic_rnn(cell_fw, cell_bw, inputs, sequence_length=None,
                              initial_state_fw=None, initial_state_bw=None,
                              dtype=None, parallel_iterations=None,
                              swap_memory=False, time_major=False, scope=None):
    """One cell forwards, one backwards: pairs of outputs and of states."""
    assert_like_rnncell("cell_fw", cell_fw)
    assert_like_rnncell("cell_bw", cell_bw)
    options = dict(sequence_length=sequence_length, dtype=dtype,
                   parallel_iterations=parallel_iterations,
                   swap_memory=swap_memory, time_major=time_major)
    axes = (0, 1) if time_major else (1, 0)
    with vs.variable_scope(scope or "bidirectional_rnn"):
        with vs.variable_scope("fw") as fw_scope:
            output_fw, state_fw = dynamic_rnn(
                cell_fw, inputs, initial_state=initial_state_fw,
                scope=fw_scope, **options)
        with vs.variable_scope("bw") as bw_scope:
            backwards = nest.map_structure(
                lambda x: _reverse(x, sequence_length, *axes), inputs)
            output_bw, state_bw = dynamic_rnn(
                cell_bw, backwards, initial_state=initial_state_bw,
                scope=bw_scope, **options)
    output_bw = nest.map_structure(
        lambda x: _reverse(x, sequence_length, *axes), output_bw)
    return (output_fw, output_bw), (state_fw, state_bw)


def _static_batch_size(inputs):
    """What the inputs of all steps say it is, or the tensor of it."""
    first = inputs
    while nest.is_nested(first):
        first = first[0]
    if first.shape.rank == 1:
        fixed = first.shape.with_rank_at_least(1)[0]
    else:
        fixed = first.shape.with_rank_at_least(2).dims[0]
        for x in nest.flatten(inputs):
            shape = x.shape.with_rank_at_least(2)
            fixed.merge_with(tensor_shape.dimension_at_index(shape, 0))
            for i, size in enumerate(shape[1:].as_list()):
                if size is None:
                    raise ValueError(
                        "Input size (dimension %d of inputs) must be "
                        "accessible via shape inference, but saw value None."
                        % i)
    known = tensor_shape.dimension_value(fixed)
    return known, known or array_ops.shape(first)[0]


def static_rnn(cell, inputs, initial_state=None, dtype=None,
               sequence_length=None, scope=None):
    """(list of outputs, final state) of the cell over a list of inputs."""
    assert_like_rnncell("cell", cell)
    if not nest.is_nested(inputs):
        raise TypeError("inputs must be a sequence")
    if not inputs:
        raise ValueError("inputs must not be empty")
    with vs.variable_scope(scope or "rnn") as opened:
        cache_where_used(opened)
        known_batch, batch_size = _static_batch_size(inputs)
        state = initial_state
        if state is None:
            if not dtype:
                raise ValueError("If no initial_state is provided, dtype must "
                                 "be specified")
            state = _initial_state(cell, batch_size, dtype)
        zeros = lengths = None
        if sequence_length is not None:
            sequence_length = ops.convert_to_tensor(sequence_length,
                                                    name="sequence_length")
            if sequence_length.shape.rank not in (None, 1):
                raise ValueError("sequence_length must be a vector of length "
                                 "batch_size")

            def zeros_of(size):
                zero = array_ops.zeros(
                    array_ops.stack(concat_sizes(batch_size, size)),
                    _state_dtype(dtype, state))
                zero.set_shape(concat_sizes(known_batch, size, static=True))
                return zero
            zeros = nest.map_structure(zeros_of, cell.output_size)
            lengths = _Lengths(math_ops.cast(sequence_length, dtypes.int32))
        outputs = []
        for time, x in enumerate(inputs):
            if time > 0:
                opened.reuse_variables()
            output, state = _step(time, lengths, zeros, state,
                                  lambda: cell(x, state), all_in_one=False)
            outputs.append(output)
        return outputs, state


def static_state_saving_rnn(cell, inputs, state_saver, state_name,
                            sequence_length=None, scope=None):
    """static_rnn whose state is taken from, and given to, a saver."""
    nested = nest.is_nested(state_name)
    names = list(state_name) if nested else [state_name]
    states = [state_saver.state(name) for name in names]
    initial = (nest.pack_sequence_as(cell.state_size, states)
               if nested else states[0])
    outputs, state = static_rnn(cell, inputs, initial_state=initial,
                                sequence_length=sequence_length, scope=scope)
    saves = [state_saver.save_state(name, part)
             for name, part in zip(names, nest.flatten(state))]
    with ops.control_dependencies(saves):
        last = outputs[-1]
        outputs[-1] = nest.map_structure(array_ops.identity, last)
    return outputs, state


def _reversed_list(inputs, lengths):
    if lengths is None:
        return list(reversed(inputs))
    columns = []
    for sequence in zip(*(nest.flatten(x) for x in inputs)):
        shape = tensor_shape.unknown_shape(rank=sequence[0].shape.rank)
        for x in sequence:
            x.set_shape(shape)
        joined = array_ops.stack(sequence)
        result = array_ops.unstack(_reverse(joined, lengths, 0, 1))
        for r in result:
            r.set_shape(shape)
        columns.append(result)
    return [nest.pack_sequence_as(x, row)
            for x, row in zip(inputs, zip(*columns))]


def static_bidirectional_rnn(cell_fw, cell_bw, inputs, initial_state_fw=None,
                             initial_state_bw=None, dtype=None,
                             sequence_length=None, scope=None):
    """(outputs, forward state, backward state): each output both ways."""
    assert_like_rnncell("cell_fw", cell_fw)
    assert_like_rnncell("cell_bw", cell_bw)
    if not nest.is_nested(inputs):
        raise TypeError("inputs must be a sequence")
    if not inputs:
        raise ValueError("inputs must not be empty")
    with vs.variable_scope(scope or "bidirectional_rnn"):
        with vs.variable_scope("fw") as fw_scope:
            fw, state_fw = static_rnn(cell_fw, inputs, initial_state_fw, dtype,
                                      sequence_length, scope=fw_scope)
        with vs.variable_scope("bw") as bw_scope:
            bw, state_bw = static_rnn(
                cell_bw, _reversed_list(inputs, sequence_length),
                initial_state_bw, dtype, sequence_length, scope=bw_scope)
    bw = _reversed_list(bw, sequence_length)
    both = [array_ops.concat([f, b], 1)
            for f, b in zip(nest.flatten(fw), nest.flatten(bw))]
    return nest.pack_sequence_as(fw, both), state_fw, state_bw
