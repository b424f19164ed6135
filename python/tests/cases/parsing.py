"""Examples, lines and encoded strings taken apart.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import tensorflow.compat.v1 as tf

Fixed, Var = tf.FixedLenFeature, tf.VarLenFeature
Sequence, Sparse = tf.FixedLenSequenceFeature, tf.SparseFeature


def said(function):
    try:
        with tf.Session() as s:
            return repr(s.run(function()))
    except Exception as e:
        text = getattr(e, "message", None) or str(e)
        return "%s: %s" % (type(e).__name__, text.split(" (defined")[0])


def unknown(value):
    """A tensor whose shape is not known."""
    return tf.placeholder_with_default(value, None)


def example(**features):
    def feature(values):
        if not values:
            return tf.train.Feature()
        if isinstance(values[0], bytes):
            return tf.train.Feature(
                bytes_list=tf.train.BytesList(value=values))
        if isinstance(values[0], float):
            return tf.train.Feature(
                float_list=tf.train.FloatList(value=values))
        return tf.train.Feature(int64_list=tf.train.Int64List(value=values))
    return tf.train.Example(features=tf.train.Features(feature={
        key: feature(values) for key, values in features.items()
    })).SerializeToString(deterministic=True)


ALL = dict(a=[1], b=[1., 2.], c=[b"x", b"y"])
# Examples, and what is asked of them.
ASKED = [
    (ALL, {"a": Fixed([], tf.int64), "b": Fixed([2], tf.float32),
           "c": Var(tf.string)}),
    (dict(b=[1.]), {"a": Fixed([], tf.int64)}),
    (dict(b=[1.]), {"a": Fixed([], tf.int64, 5),
                    "d": Fixed([2], tf.string, ["q", "r"])}),
    (dict(b=[1.]), {"a": Fixed([3], tf.int64, [5, 6])}),
    (dict(a=[1.]), {"a": Fixed([], tf.int64)}),
    (dict(a=[1.]), {"a": Var(tf.int64)}),
    (dict(a=[1, 2]), {"a": Fixed([], tf.int64)}),
    (dict(a=[b"1", b"2"]), {"a": Fixed([3], tf.string)}),
    (dict(a=[1., 2.]), {"a": Fixed([3], tf.float32)}),
    (dict(a=[]), {"a": Fixed([], tf.int64, 5)}),
    (dict(a=[]), {"a": Fixed([], tf.int64)}),
    (dict(a=[]), {"a": Var(tf.int64)}),
    (dict(a=[1, 2, 3, 4]), {"a": Sequence([2], tf.int64, True)}),
    (dict(a=[1, 2, 3]), {"a": Sequence([2], tf.int64, True)}),
    (dict(b=[1]), {"a": Sequence([2], tf.int64, True)}),
    (dict(b=[1]), {"a": Sequence([2], tf.int64)}),
    (dict(i=[3, 1], v=[1.5, 2.5]), {"s": Sparse("i", "v", tf.float32, 10)}),
    (dict(i=[3, 1], v=[1.5, 2.5]),
     {"s": Sparse("i", "v", tf.float32, 10, already_sorted=True)}),
    (dict(i=[3, 1], v=[1.5]), {"s": Sparse("i", "v", tf.float32, 10)}),
    (ALL, {"a": Fixed(None, tf.int64)}),
    (ALL, {"a": Fixed([None], tf.int64)}),
    (ALL, {"a": Fixed([2, None], tf.int64)}),
    (ALL, {}),
    (ALL, {"a": 5}),
    (ALL, {"a": Fixed([], tf.int32)}),
    (ALL, {"a": Var(None)}),
    (dict(i=[3, 1], v=[1.5], z=[b"k"]),
     {"i": Var(tf.int64), "v": Fixed([1], tf.float32),
      "z": Fixed([], tf.string), "q": Var(tf.float32)}),
]


def sorted_items(parsed):
    return sorted(parsed.items())


def case_examples():
    return [said(lambda: sorted_items(tf.parse_example(
        [example(**given)], asked))) for given, asked in ASKED]


def case_single_examples():
    return [said(lambda: sorted_items(tf.parse_single_example(
        example(**given), asked))) for given, asked in ASKED]


def case_examples_with_names():
    good, bad = example(s=[1]), example(a=[3])
    asked = {"s": Fixed([], tf.int64), "v": Var(tf.float32)}
    return [said(lambda: sorted_items(tf.parse_example(
        texts, asked, example_names=names))) for texts, names in (
            ([good, bad], ["u", "w"]), ([good, good], ["u"]),
            ([good, good], ["u", "w"]))] + [
                said(lambda: sorted_items(tf.parse_single_example(
                    text, asked, example_names="u")))
                for text in (good, bad)]


def case_batches_of_examples():
    return [said(lambda: sorted_items(tf.parse_example(texts, asked)))
            for texts, asked in (
                ([example(a=[1, 2], s=[5]), example(a=[3], s=[6]),
                  example(s=[7])],
                 {"a": Var(tf.int64), "s": Fixed([], tf.int64)}),
                ([example(a=[1, 2]), example(a=[3]), example()],
                 {"a": Sequence([], tf.int64, True, default_value=-1)}),
                ([example(s=[1]), example(a=[3])],
                 {"s": Fixed([], tf.int64)}),
                (tf.constant([], tf.string),
                 {"a": Var(tf.int64), "s": Fixed([2], tf.int64),
                  "q": Sequence([], tf.string, True)}),
                (unknown(example(s=[1])), {"s": Fixed([], tf.int64)}))]


def case_single_examples_of_other_shapes():
    asked = {"s": Fixed([], tf.int64)}
    return [said(lambda: tf.parse_single_example(text, asked))
            for text in ([example(s=[1])], unknown([example(s=[1])]))]


def field(tag, content):
    return tag + bytes(bytearray([len(content)])) + content


def entry(feature):
    return field(b"\x0a", b"\x0a\x01s" + field(b"\x12", feature))


def case_odd_examples():
    """Bytes that no program of TensorFlow's writes."""
    five, seven = entry(b"\x1a\x02\x08\x05"), entry(b"\x1a\x03\x0a\x01\x07")
    texts = [field(b"\x0a", content) for content in (
        five, five + seven, entry(b"\x0a\x03\x0a\x01x\x1a\x02\x08\x05"),
        entry(b"\x1a\x02\x08\x05\x1a\x02\x08\x06"),
        entry(b"\x1a\x05\x08\x05\x0a\x01\x07"), entry(b"\x1a\x00"),
        field(b"\x0a", b"\x0a\x01s"), five + b"\x10\x05")]
    texts += [texts[0] + field(b"\x0a", seven), texts[0] + b"\x10\x05",
              texts[0] + b"\x13\x14", texts[0][:-1], b"", b"\x0a\x7f"]
    return [[said(lambda: sorted_items(tf.parse_example(
        [text], {"s": asked}))) for asked in (Fixed([], tf.int64),
                                              Var(tf.int64))]
            for text in texts]


def case_csv():
    zero, seven = [0], [7.]
    return [said(lambda: tf.decode_csv(*args, **kwargs))
            for args, kwargs in (
                ((["1,2.5,a", "3,,\"b,\"\"c\""], [zero, seven, [""]]), {}),
                (("1,2", [zero, tf.constant([], tf.int64)]), {}),
                ((["1,2", "3"], [zero, seven]), {}),
                ((["1,2,3"], [zero, seven]), {}),
                ((["1,"], [zero, tf.constant([], tf.float32)]), {}),
                ((["x,1"], [zero, seven]), {}),
                ((["x"], [tf.constant([0], tf.int64)]), {}),
                ((["1,x"], [zero, seven]), {}),
                ((["x"], [tf.constant([1.], tf.float64)]), {}),
                ((["99999999999"], [zero]), {}),
                (([" 1 , 2.0 ,a b "], [zero, seven, [""]]), {}),
                ((["1;2"], [zero, zero]), dict(field_delim=";")),
                ((["1;2"], [zero, zero]), dict(field_delim=";;")),
                ((["NA,2"], [[5], [7]]), dict(na_value="NA")),
                ((["1,2,3"], [[5], [7]]), dict(select_cols=[0, 2])),
                ((["1,2,3"], [[5], [7]]), dict(select_cols=[2, 0])),
                ((["1,2,3"], [[5], [7]]), dict(select_cols=[1])),
                ((["1,2,3"], [[5], [7]]), dict(select_cols=[1, 7])),
                ((["1,2,3"], [[5], [7]]), dict(select_cols=[-1, 1])),
                ((["\"a,2"], [[""], [0]]), dict(use_quote_delim=False)),
                (([["1,2"]], [[1], tf.constant(3)]), {}))]


def case_csv_quotes():
    return [said(lambda: tf.decode_csv([text], [["d"]])) for text in (
        "\"abc", "\"abc\"x", "ab\"c", "\"a\nb\"", "a\nb", "a\r", "", "\"\"",
        "\"a\" ")]


def case_csv_defaults():
    return [said(lambda: tf.decode_csv(["a"], [default])) for default in (
        ["d", "e"], unknown(["d", "e"]), [["d"]])]


def case_base64():
    return [said(lambda: tf.encode_base64(
        [b"ab", b"", b"abc", b"\xff\xfe", b"a"], pad=pad))
            for pad in (False, True)] + [
                said(lambda: tf.decode_base64(text)) for text in (
                    "YWI", "YWI=", "__4", "", "YQ==", "Y+I", "Y", "YWI=YWI=",
                    "YWI==", "YWJj=")]


def case_substrings():
    return [said(lambda: tf.substr(*args)) for args in (
        (["hello", "world"], 1, 3), (["hello", "world"], [1, -2], [3, 9]),
        ("hello", 5, 3), ("hello", 6, 3), (["hello", "a"], -6, 3),
        ("hello", 1, -3), (["hello", "abc"], [1], [3]),
        ([["hello"], ["abc"]], [0, 1], [3, 1]))]


def case_substrings_of_characters():
    text = u"h\xe9llo".encode("utf-8")
    return [said(lambda: tf.strings.substr(text, at, 2, unit="UTF8_CHAR"))
            for at in (1, -2, 7)] + [
                said(lambda: tf.strings.length([text, b""], unit=unit))
                for unit in ("BYTE", "UTF8_CHAR")]


def case_patterns():
    texts = ["abcab", "x"]
    return [said(lambda: tf.regex_replace(texts, *args, **kwargs))
            for args, kwargs in (
                (("a(b)", "<\\1>"), {}),
                (("a(b)", "<\\1>"), dict(replace_global=False)),
                (("a(b", ""), {}), (("ab", "<\\2>"), {}),
                ((unknown("a(b"), ""), {}), ((unknown("ab"), "-"), {}),
                ((unknown(["ab"]), ""), {}))] + [
                    said(lambda: tf.strings.regex_full_match(texts, pattern))
                    for pattern in ("a.*b", "a(.*b", unknown("x"))]


def case_joined():
    table = [["a", "b"], ["c", "d"]]
    return [said(lambda: tf.reduce_join(table, *args, **kwargs))
            for args, kwargs in (
                ((0,), {}), ((1,), dict(separator="-")), ((), {}),
                (([1, 0],), {}), (([0, 1],), {}),
                ((-1,), dict(keep_dims=True)),
                ((unknown(5),), {}), ((unknown([0, 0]),), {}))] + [
                    said(lambda: tf.reduce_join("abc")),
                    said(lambda: tf.reduce_join(unknown(table)))]


def case_joined_along_an_axis_that_is_not_there():
    return tf.reduce_join([["a", "b"], ["c", "d"]], 5)


def case_pieces():
    return [said(lambda: tf.string_split(["a b", "c,d  e"], **kwargs))
            for kwargs in ({}, dict(delimiter=","),
                           dict(delimiter=" ", skip_empty=False))] + [
                               said(lambda: tf.string_strip([" a b\t\n"]))]


def case_sparse_to_dense():
    sparse = tf.SparseTensor([[0, 1], [1, 2]], [5, 6], [2, 3])
    return [said(lambda: tf.sparse_tensor_to_dense(sparse, -1)),
            said(lambda: tf.sparse_tensor_to_dense(sparse)),
            said(lambda: tf.sparse_reorder(
                tf.SparseTensor([[1, 2], [0, 1]], ["x", "y"], [2, 3])))]
