"""Tables that are filled once: from tensors, and from the lines of files.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import tensorflow.compat.v1 as tf
from tensorflow.contrib import lookup as contrib_lookup
from tensorflow.python.ops import gen_lookup_ops as gen
from tensorflow.python.ops import lookup_ops

from case_helpers import attempt

S, I, F = tf.string, tf.int64, tf.float32
WHOLE, NUMBER = -2, -1


def text(name, content):
    with open(name, "wb") as f:
        f.write(content.encode())
    return name


def words():
    return text("words", "a\nb\nc\n")


def found(table, keys):
    """Its size, the values of keys, and all of it in order."""
    out = table.size(), table.lookup(keys), table.export()
    with tf.Session() as s:
        s.run(tf.tables_initializer())
        size, values, (names, all_values) = s.run(out)
        return (size, values.tolist(),
                sorted(zip(names.tolist(), all_values.tolist())))


def from_file(content, key_dtype=S, key_index=WHOLE, value_dtype=I,
              value_index=NUMBER, vocab_size=-1, delimiter="\t", again=None):
    """What a table holds that is filled from a file (again from another)."""
    handle = gen.hash_table_v2(key_dtype=key_dtype, value_dtype=value_dtype,
                               name="t")

    def fill(path, name):
        return gen.initialize_table_from_text_file_v2(
            handle, path, key_index, value_index, vocab_size, delimiter,
            name=name)
    ops = [fill(text("f", content), "fill")]
    if again is not None:
        ops.append(fill(again, "again"))
    out = gen.lookup_table_export_v2(handle, key_dtype, value_dtype)
    size = gen.lookup_table_size_v2(handle)
    with tf.Session() as s:
        for op in ops:
            s.run(op)
        keys, values = s.run(out)
        return s.run(size), sorted(zip(keys.tolist(), values.tolist()))


def case_words_of_a_file():
    return (from_file("a\nb\nc\n"), from_file("a\nb"), from_file("a\r\nb\r\n"),
            from_file("a\nb\na\n", I, NUMBER, S, WHOLE))


def case_columns_of_a_file():
    return (from_file("a\t1\nb\t-2\n", S, 0, I, 1),
            from_file("a\t1\nb\t2\n", I, 1, S, 0),
            from_file("a,1\nb, 2 \n", S, 0, tf.int32, 1, delimiter=","),
            from_file("a\t1.5\nb\t-2e3\n", S, 0, F, 1),
            from_file("a\t1.5\nb\tinf\n", S, 0, tf.float64, 1),
            from_file("1\tx\n2\ty\n", I, 0, S, WHOLE))


def case_numbers_of_a_file_as_keys():
    return from_file("10\n20\n", I, WHOLE, I, NUMBER)


def case_as_many_lines_as_asked_for():
    return from_file("a\nb\nc\n", vocab_size=2), from_file("a\n", vocab_size=1)


def case_a_table_is_filled_once():
    return from_file("a\nb\n", again=words())


def case_a_file_that_is_not_there():
    return from_file("a\n", again="nowhere")


def case_one_word_twice():
    return from_file("a\nb\na\n")


def case_one_word_with_other_numbers():
    return from_file("a\t1.5\na\t0.1\n", S, 0, F, 1)


def case_one_word_with_other_doubles():
    return from_file("a\t1.5\na\t0.1\n", S, 0, tf.float64, 1)


def case_one_word_twice_with_one_number():
    return from_file("a\t1\na\t1\n", S, 0, I, 1)


def case_an_empty_file():
    return from_file("")


def case_an_empty_line():
    return from_file("a\n\nb\n")


def case_too_few_lines():
    return from_file("a\nb\n", vocab_size=5)


def case_no_line_asked_for():
    return from_file("a\nb\n", vocab_size=0)


def case_a_number_that_is_none():
    return from_file("a\tx\n", S, 0, I, 1)


def case_a_number_that_is_too_large():
    return from_file("a\t1\nb\t99999999999\n", S, 0, tf.int32, 1)


def case_a_column_that_is_not_there():
    return from_file("a\t1\nb\n", S, 0, I, 1)


def case_a_long_delimiter():
    return from_file("a\n", delimiter=", ")


def case_values_that_are_bool():
    return from_file("a\t1\n", S, 0, tf.bool, 1)


def case_line_numbers_as_strings():
    return from_file("a\n", S, NUMBER, I, NUMBER)


def case_whole_lines_as_numbers():
    return from_file("a\n", S, WHOLE, I, WHOLE)


def case_an_index_that_is_too_small():
    return from_file("a\n", S, -3, I, NUMBER)


def from_tensors(keys, values, op, key_dtype=S, value_dtype=I, times=1):
    handle = gen.hash_table_v2(key_dtype=key_dtype, value_dtype=value_dtype,
                               name="t")
    fill = op(handle, tf.constant(keys, key_dtype),
              tf.constant(values, value_dtype), name="fill")
    out = gen.lookup_table_export_v2(handle, key_dtype, value_dtype)
    with tf.Session() as s:
        for _ in range(times):
            s.run(fill)
        names, all_values = s.run(out)
        return sorted(zip(names.tolist(), all_values.tolist()))


def case_tensors():
    return (from_tensors(["a", "b"], [1, 2], gen.initialize_table_v2),
            from_tensors([1, 2], ["x", "y"], gen.lookup_table_import_v2, I, S),
            from_tensors(["a", "a"], [1, 1], gen.initialize_table_v2),
            from_tensors(["a"], [True], gen.initialize_table_v2, S, tf.bool),
            from_tensors(["a"], [1], gen.initialize_table_v2, times=2),
            from_tensors([3], [.5], gen.initialize_table_v2, tf.int32,
                         tf.float64))


def case_tensors_with_one_key_twice():
    return from_tensors([5, 5], ["x", "y"], gen.initialize_table_v2, I, S)


def case_no_tensors():
    return from_tensors([], [], gen.initialize_table_v2)


def case_tensors_of_other_lengths():
    return from_tensors(["a", "b"], [1], gen.initialize_table_v2)


def case_imported_tensors_of_other_lengths():
    return from_tensors(["a", "b"], [1], gen.lookup_table_import_v2)


def case_tensors_that_are_no_vectors():
    return from_tensors([["a"]], [[1]], gen.initialize_table_v2)


def case_a_table_takes_no_insertions():
    return from_tensors(["a"], [1], gen.lookup_table_insert_v2)


def case_a_table_keeps_what_it_has():
    handle = gen.hash_table_v2(key_dtype=S, value_dtype=I, name="t")
    with tf.Session() as s:
        s.run(gen.lookup_table_remove_v2(handle, ["a"], name="remove"))


def case_a_table_that_changes_is_not_filled():
    handle = gen.mutable_hash_table_v2(key_dtype=S, value_dtype=I, name="t",
                                       shared_name="q")
    with tf.Session() as s:
        s.run(gen.initialize_table_v2(handle, ["a"], tf.constant([1], I),
                                      name="fill"))


def case_values_of_another_type():
    handle = gen.hash_table_v2(key_dtype=S, value_dtype=I, name="t")
    with tf.Session() as s:
        s.run(gen.initialize_table_v2(handle, ["a"], tf.constant([1.]),
                                      name="fill"))


def case_before_it_is_filled():
    handle = gen.hash_table_v2(key_dtype=S, value_dtype=I, name="t")
    with tf.Session() as s:
        return (s.run(gen.lookup_table_size_v2(handle)),
                attempt(s.run, gen.lookup_table_export_v2(handle, S, I,
                                                          name="export"))[0])


def case_looked_into_before_it_is_filled():
    handle = gen.hash_table_v2(key_dtype=S, value_dtype=I, name="t")
    with tf.Session() as s:
        s.run(gen.lookup_table_find_v2(handle, ["a"], tf.constant(-1, I),
                                       name="find"))


def case_a_table_under_one_name():
    one, other = (gen.hash_table_v2(key_dtype=S, value_dtype=I,
                                    shared_name="q", name=n) for n in "ab")
    with tf.Session() as s:
        s.run(gen.initialize_table_v2(one, ["a"], tf.constant([1], I)))
        return s.run(gen.lookup_table_size_v2(other))


def case_a_table_of_other_types_under_one_name():
    one = gen.hash_table_v2(key_dtype=S, value_dtype=I, shared_name="q",
                            name="a")
    other = gen.hash_table_v2(key_dtype=S, value_dtype=S, shared_name="q",
                              name="b")
    with tf.Session() as s:
        s.run(one.op)
        s.run(other.op)


def case_types_that_a_table_has_not():
    handle = gen.hash_table_v2(key_dtype=F, value_dtype=I, name="t")
    with tf.Session() as s:
        error, text = attempt(s.run, handle.op)
    # The attrs come in the order of a hash table.
    return error, text.split(" with these attrs")[0], text.split("\n")[1:]


def case_static_hash_table():
    table = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(["a", "b"], [1, 2],
                                            value_dtype=I), -1)
    return (found(table, tf.constant([["a"], ["z"]])), table.name,
            table.key_dtype, table.value_dtype, table.default_value,
            table.initializer)


def case_static_hash_table_of_a_file():
    table = tf.lookup.StaticHashTable(tf.lookup.TextFileInitializer(
        text("f", "a 1\nb 2\n"), S, 0, I, 1, delimiter=" "), -1, name="mine")
    with tf.name_scope("scope"):
        return found(table, tf.constant("b")), table.initializer


def case_a_table_with_a_size_and_a_tensor_for_a_name():
    name = tf.constant(words(), name="file")
    table = tf.lookup.StaticHashTable(tf.lookup.TextFileInitializer(
        name, S, WHOLE, I, NUMBER, vocab_size=2, name="init"), -1)
    return found(table, tf.constant(["a", "c"]))


def case_sparse_keys():
    table = contrib_lookup.index_table_from_tensor(["a", "b"])
    keys = tf.SparseTensor([[0, 1], [2, 0]], ["b", "z"], [3, 2])
    out = table.lookup(keys)
    with tf.Session() as s:
        s.run(tf.tables_initializer())
        return [part.tolist() for part in s.run(out)]


def case_index_table_from_file():
    return found(contrib_lookup.index_table_from_file(words(), default_value=7),
                 tf.constant(["c", "x"]))


def case_index_table_from_file_of_numbers():
    return found(lookup_ops.index_table_from_file(
        text("f", "10\n20\n"), key_dtype=tf.int64, vocab_size=2,
        name="numbers"), tf.constant([20, 30], I))


def case_index_table_from_columns():
    return found(lookup_ops.index_table_from_file(
        text("f", "x,5\ny,6\n"), key_column_index=0, value_column_index=1,
        delimiter=","), tf.constant(["y"]))


def case_index_table_from_tensor():
    with tf.variable_scope("scope"):
        return found(contrib_lookup.index_table_from_tensor(
            tf.constant(["x", "y"]), name="table"), tf.constant(["y", "q"]))


def case_index_table_from_numbers():
    return found(lookup_ops.index_table_from_tensor([5, 6], dtype=tf.int32),
                 tf.constant([6, 9], I))


def case_words_of_numbers():
    return (found(contrib_lookup.index_to_string_table_from_file(words()),
                  tf.constant([2, 9], I)),
            found(contrib_lookup.index_to_string_table_from_tensor(
                ["x", "y"], default_value="?"), tf.constant([1, 2], I)))


def case_hash_table_of_contrib():
    table = contrib_lookup.HashTable(
        contrib_lookup.KeyValueTensorInitializer([1, 2], ["x", "y"], I, S),
        "none", shared_name="shared", name="mine")
    return found(table, tf.constant([2, 3], I)), table.init, table.name


def case_old_functions():
    index = contrib_lookup.string_to_index(tf.constant(["b"]), ["a", "b"])
    word = contrib_lookup.index_to_string(tf.constant([1], I), ["a", "b"])
    table = contrib_lookup.string_to_index_table_from_file(words())
    other = contrib_lookup.string_to_index_table_from_tensor(["a"])
    with tf.Session() as s:
        s.run(tf.tables_initializer())
        return s.run([index, word, table.size(), other.size()])


def case_what_initializers_refuse():
    make = tf.lookup.TextFileInitializer
    return [attempt(make, "", S, 0, I, 1),
            attempt(make, "f", S, -3, I, 1), attempt(make, "f", S, 0, I, -3),
            attempt(make, "f", S, NUMBER, I, 1),
            attempt(make, "f", F, WHOLE, I, 1),
            attempt(make, "f", S, 0, S, NUMBER),
            attempt(make, "f", S, 0, I, WHOLE),
            attempt(make, "f", S, 0, I, 1, vocab_size=0)]


def case_what_tables_refuse():
    make = contrib_lookup
    return [attempt(make.index_table_from_file, ""),
            attempt(make.index_table_from_file, "f", vocab_size=0),
            attempt(make.index_table_from_file, "f", num_oov_buckets=-1),
            attempt(make.index_table_from_file, "f", key_dtype=F),
            attempt(make.index_table_from_tensor, None),
            attempt(make.index_table_from_tensor, ["a"], dtype=F),
            attempt(make.index_table_from_tensor, ["a"], dtype=I),
            attempt(make.index_table_from_tensor, [1.], dtype=S),
            attempt(make.index_to_string_table_from_file, None),
            attempt(make.index_to_string_table_from_file, "f", vocab_size=0),
            attempt(make.index_to_string_table_from_tensor, None)]


def case_keys_of_another_type():
    contrib_lookup.index_table_from_tensor(["a"]).lookup(tf.constant([1]))


def case_a_default_value_that_is_a_vector():
    tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(["a"], [1], value_dtype=I), [1])


def case_a_table_made_in_a_branch():
    def branch():
        table = contrib_lookup.index_table_from_tensor(["a", "b"])
        return table.lookup(tf.constant(["b"]))
    out = tf.cond(tf.constant(True), branch, lambda: tf.constant([9], I))
    with tf.Session() as s:
        s.run(tf.tables_initializer())
        return s.run(out).tolist()
