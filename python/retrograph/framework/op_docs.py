"""Docstrings of the functions that are one op, out of the op's definition.

of(op_type, definition, signature) is in NumPy's style: a sentence from the table
below, each argument's types and default, and what comes back.
"""
from retrograph.framework import dtypes

_ELEMENT = "%s of each element."
_PAIR = "%s, element by element; shapes are broadcast."
_ROWS = "%s of the rows of each segment; segment numbers are sorted."
_ANY_ROWS = "%s of the rows of each segment; numbers in any order."

_SUMMARIES = {
    name: _ELEMENT % what for name, what in {
        "Acos": "The arc cosine", "Acosh": "The inverse hyperbolic cosine",
        "Asin": "The arc sine", "Asinh": "The inverse hyperbolic sine",
        "Atan": "The arc tangent", "Atanh": "The inverse hyperbolic tangent",
        "Ceil": "The smallest integer that is not less", "Cos": "The cosine",
        "Cosh": "The hyperbolic cosine", "Erf": "The error function",
        "Erfc": "The complementary error function", "Exp": "e to the power",
        "Expm1": "exp(x) - 1, exact near 0,",
        "Floor": "The largest integer that is not greater",
        "Lgamma": "The logarithm of |gamma(x)|",
        "Log": "The natural logarithm", "Log1p": "log(1 + x), exact near 0,",
        "LogicalNot": "The negation", "Reciprocal": "1 / x",
        "Rint": "The nearest integer, the even one of two,",
        "Rsqrt": "1 / sqrt(x)", "Sign": "-1, 0 or 1: the sign",
        "Sin": "The sine", "Sinh": "The hyperbolic sine",
        "Sqrt": "The square root", "Square": "The square",
        "Tan": "The tangent", "Tanh": "The hyperbolic tangent",
        "IsFinite": "Whether it is finite:", "IsInf": "Whether it is infinite:",
        "IsNan": "Whether it is NaN:",
        "Elu": "exp(x) - 1 where x < 0, else x,", "Relu": "max(x, 0)",
        "Relu6": "min(max(x, 0), 6)", "Selu": "The scaled exponential unit",
        "Softplus": "log(1 + exp(x))", "Softsign": "x / (1 + |x|)",
    }.items()}
_SUMMARIES.update({
    name: _PAIR % what for name, what in {
        "Atan2": "The angle of the point (x, y)", "Equal": "x == y",
        "FloorDiv": "x / y, rounded down", "Greater": "x > y",
        "GreaterEqual": "x >= y", "Less": "x < y", "LessEqual": "x <= y",
        "LogicalAnd": "x and y", "LogicalOr": "x or y",
        "Maximum": "The greater of x and y", "Minimum": "The less of x and y",
        "NotEqual": "x != y", "RealDiv": "x / y",
        "SquaredDifference": "(x - y) * (x - y)",
        "TruncateDiv": "x / y, rounded towards 0",
        "TruncateMod": "What TruncateDiv leaves",
        "Xdivy": "x / y, and 0 where x is 0",
        "Xlogy": "x * log(y), and 0 where x is 0",
    }.items()})
_SUMMARIES.update({
    "Segment" + name: _ROWS % what for name, what in {
        "Max": "The maximum", "Mean": "The mean", "Min": "The minimum",
        "Prod": "The product", "Sum": "The sum"}.items()})
_SUMMARIES.update({
    "UnsortedSegment" + name: _ANY_ROWS % what for name, what in {
        "Max": "The maximum", "Min": "The minimum", "Prod": "The product",
        "Sum": "The sum"}.items()})
_SUMMARIES.update({
    "AsString": "Each element as text.",
    "BiasAddV1": "Adds a vector to the last dimension.",
    "Bitcast": "The same bits as another type.",
    "BroadcastTo": "The tensor, repeated to a shape.",
    "CheckNumerics": "The tensor; InvalidArgumentError if one is NaN or "
                     "infinite.",
    "Cholesky": "The Cholesky decomposition of each [..., M, M] matrix.",
    "Conv2DBackpropFilter": "The gradient of conv2d for its filter.",
    "Cumprod": "The product of an element and those before it, along an axis.",
    "Cumsum": "The sum of an element and those before it, along an axis.",
    "DecodeAndCropJpeg": "A part of a JPEG file's image, as [height, width, "
                         "channels].",
    "DecodeBase64": "The bytes of each web-safe base64 text.",
    "DecodeBmp": "A BMP file's image as [height, width, channels].",
    "DecodeGif": "A GIF file's images as [frames, height, width, 3].",
    "DecodeJpeg": "A JPEG file's image as [height, width, channels].",
    "DecodePng": "A PNG file's image as [height, width, channels].",
    "DepthwiseConv2dNative": "Convolves each channel with filters of its own.",
    "Diag": "A tensor of rank 2k whose diagonal is the tensor of rank k.",
    "DiagPart": "The diagonal of a tensor of rank 2k, of rank k.",
    "EncodeBase64": "The web-safe base64 text of each element.",
    "EncodeJpeg": "The JPEG file of an image [height, width, channels].",
    "EncodePng": "The PNG file of an image [height, width, channels].",
    "EnsureShape": "The tensor; InvalidArgumentError if its shape differs.",
    "ExtractJpegShape": "[height, width, channels] of a JPEG file.",
    "GatherNd": "Slices of params at indices [..., K]: [...] + "
                "params.shape[K:].",
    "HSVToRGB": "Images [..., 3] in RGB out of ones in HSV.",
    "RGBToHSV": "Images [..., 3] in HSV out of ones in RGB, of 0 to 1.",
    "InTopK": "Whether each target is among its row's k greatest predictions.",
    "InvertPermutation": "y with y[x[i]] == i.",
    "L2Loss": "sum(t * t) / 2.",
    "LRN": "Local response normalization over the last dimension.",
    "LogMatrixDeterminant": "Sign and logarithm of the determinants.",
    "MatchingFiles": "The names of the files that match patterns.",
    "MatrixBandPart": "Each matrix with zeros outside of a band.",
    "MatrixDeterminant": "The determinant of each [..., M, M] matrix.",
    "MatrixInverse": "The inverse of each [..., M, M] matrix.",
    "MatrixSolve": "x with matrix @ x == rhs, for each [..., M, M] matrix.",
    "MatrixTriangularSolve": "x with matrix @ x == rhs, for each triangular "
                             "matrix.",
    "MaxPoolGrad": "The gradient of max_pool.",
    "Qr": "The QR decomposition of each [..., M, N] matrix.",
    "ReadFile": "What a file holds, as a string.",
    "ReverseV2": "The tensor, reversed along axes.",
    "ScatterNd": "A tensor of zeros with updates added at indices [..., K].",
    "StringJoin": "Joins strings, element by element.",
    "StringLower": "Each element with small ASCII letters.",
    "StringUpper": "Each element with capital ASCII letters.",
    "StringStrip": "Each element without whitespace at its ends.",
    "StringToNumber": "The number that each element is the text of.",
    "TopKV2": "The k greatest elements of each row, and where they are.",
    "Unique": "The elements of a vector, each once, and where each is now.",
    "WriteFile": "Writes a string to a file, whose folder is made.",
})


def _type_names(numbers):
    return ", ".join(dtypes.as_dtype(n).name for n in numbers)


def _default(attr):
    value = attr.default_value
    kind = value.WhichOneof("value")
    if kind == "type":
        return dtypes.as_dtype(value.type).name
    if kind == "s":
        return repr(value.s.decode("utf-8", "replace"))
    if kind in ("i", "b"):
        return str(getattr(value, kind))
    if kind == "f":
        return "%.7g" % value.f
    if kind == "list":
        items = [str(getattr(item, "name", item)) for _, items in
                 value.list.ListFields() for item in items]
        return "[%s]" % ", ".join(items)
    return "unknown" if kind == "shape" and value.shape.unknown_rank else kind


def _attr_type(attr):
    kind = attr.type.replace("type", "DType").replace(
        "shape", "TensorShape").replace("string", "str")
    if attr.type.startswith("list("):
        kind = "list of " + kind[5:-1]
    allowed = attr.allowed_values.list
    if allowed.s:
        kind += ": " + ", ".join(repr(s.decode()) for s in allowed.s)
    elif allowed.type:
        kind += ": " + _type_names(allowed.type)
    elif attr.has_minimum and attr.type == "int":
        kind += ", at least %d" % attr.minimum
    return kind


def _tensor_type(arg):
    """The type of an input or output, which may be an attr's."""
    if arg.type_list_attr:
        return "Tensors of types " + arg.type_list_attr
    element = arg.type_attr or dtypes.as_dtype(arg.type).name
    if arg.number_attr:
        return "list of Tensors of " + element
    return ("mutable Tensor of " if arg.is_ref else "Tensor of ") + element


def _section(title, lines):
    return [title, "-" * len(title)] + lines + [""]


def of(op_type, definition, signature):
    """The docstring of an op's function with this signature."""
    inputs = {arg.name: arg for arg in definition.input_arg}
    attrs = {attr.name: attr for attr in definition.attr}
    parameters = []
    for parameter in signature.parameters:
        key = parameter if parameter in inputs or parameter in attrs else \
            parameter.rstrip("_")
        if key in inputs:
            parameters.append("%s : %s" % (parameter,
                                           _tensor_type(inputs[key])))
        elif key in attrs and attrs[key].HasField("default_value"):
            parameters.append("%s : %s, default %s" % (
                parameter, _attr_type(attrs[key]), _default(attrs[key])))
        elif key in attrs:
            parameters.append("%s : %s" % (parameter, _attr_type(attrs[key])))
        else:
            parameters.append("%s : str, optional" % parameter)
    results = ["%s : %s" % (arg.name, _tensor_type(arg))
               for arg in definition.output_arg] or ["Operation"]
    used = {a for arg in list(definition.input_arg) +
            list(definition.output_arg) for a in (arg.type_attr,
                                                  arg.type_list_attr) if a}
    types = ["%s: %s." % (name, _type_names(
        attrs[name].allowed_values.list.type) or "any type")
             for name in sorted(used) if name in attrs
             and name not in signature.parameters]
    lines = [_SUMMARIES.get(op_type, "The op %s." % op_type), ""]
    lines += _section("Parameters", parameters) + _section("Returns", results)
    if inputs:
        lines += _section("Raises", [
            "TypeError", "    For a value of a type that is not listed.",
            "ValueError", "    For shapes that do not fit."])
    if types:
        lines += _section("Notes", ["The op %s." % op_type] + types)
    return "\n".join(lines)
