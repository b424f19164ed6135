#include "scenario/values.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/types/span.h"
#include "core/errors.h"
#include "nlohmann/json.hpp"

namespace retrograph::scenario {
namespace {

using nlohmann::json;

constexpr int kMaxDepth = 32;
// More elements than this print as numpy's summary does: the ends only.
constexpr int64_t kSummaryThreshold = 1000;
constexpr int64_t kSummaryEdge = 3;

// A JSON value taken apart: its shape, and its leaves row by row.
struct Flat {
  std::vector<int64_t> dims;
  std::vector<const json*> leaves;
};

absl::Status Flatten(const json& value, size_t depth, Flat* flat) {
  if (!value.is_array()) {
    if (depth != flat->dims.size()) {
      return absl::InvalidArgumentError("the lists are not of one depth");
    }
    flat->leaves.push_back(&value);
    return absl::OkStatus();
  }
  const int64_t size = static_cast<int64_t>(value.size());
  if (depth == flat->dims.size()) {
    // The first list at this depth says how long all are.
    if (depth >= kMaxDepth || !flat->leaves.empty()) {
      return absl::InvalidArgumentError("the lists are not of one depth");
    }
    flat->dims.push_back(size);
  } else if (flat->dims[depth] != size) {
    return absl::InvalidArgumentError("the lists are not of one length");
  }
  for (const json& item : value) {
    RG_RETURN_IF_ERROR(Flatten(item, depth + 1, flat));
  }
  return absl::OkStatus();
}

// What tf.constant makes of a Python value.
absl::StatusOr<DataType> NaturalType(const Flat& flat) {
  if (flat.leaves.empty()) return DT_FLOAT;
  bool all_bool = true, all_string = true, all_int = true, all_number = true;
  for (const json* leaf : flat.leaves) {
    all_bool &= leaf->is_boolean();
    all_string &= leaf->is_string();
    all_int &= leaf->is_number_integer();
    all_number &= leaf->is_number();
  }
  if (all_bool) return DT_BOOL;
  if (all_string) return DT_STRING;
  if (all_int) return DT_INT32;
  if (all_number) return DT_FLOAT;
  return absl::InvalidArgumentError(
      "the values are not all numbers, all strings or all booleans");
}

template <typename T>
absl::Status FillIntegers(const Flat& flat, Tensor* tensor) {
  auto out = tensor->mutable_flat<T>();
  for (size_t i = 0; i < flat.leaves.size(); ++i) {
    const json& leaf = *flat.leaves[i];
    if (!leaf.is_number_integer()) {
      return absl::InvalidArgumentError(
          absl::StrCat(leaf.dump(), " is no integer"));
    }
    const bool fits =
        leaf.is_number_unsigned()
            ? leaf.get<uint64_t>() <=
                  static_cast<uint64_t>(std::numeric_limits<T>::max())
            : leaf.get<int64_t>() >=
                  static_cast<int64_t>(std::numeric_limits<T>::min());
    if (!fits) {
      return absl::InvalidArgumentError(absl::StrCat(
          leaf.dump(), " does not fit ", DTypePythonName(tensor->dtype())));
    }
    out[i] = leaf.get<T>();
  }
  return absl::OkStatus();
}

template <typename T>
absl::Status FillFloats(const Flat& flat, Tensor* tensor) {
  auto out = tensor->mutable_flat<T>();
  for (size_t i = 0; i < flat.leaves.size(); ++i) {
    if (!flat.leaves[i]->is_number()) {
      return absl::InvalidArgumentError(
          absl::StrCat(flat.leaves[i]->dump(), " is no number"));
    }
    out[i] = static_cast<T>(flat.leaves[i]->get<double>());
  }
  return absl::OkStatus();
}

absl::Status Fill(const Flat& flat, Tensor* tensor) {
  switch (tensor->dtype()) {
    case DT_FLOAT: return FillFloats<float>(flat, tensor);
    case DT_DOUBLE: return FillFloats<double>(flat, tensor);
    case DT_HALF: return FillFloats<Half>(flat, tensor);
    case DT_BFLOAT16: return FillFloats<BFloat16>(flat, tensor);
    case DT_INT8: return FillIntegers<int8_t>(flat, tensor);
    case DT_INT16: return FillIntegers<int16_t>(flat, tensor);
    case DT_INT32: return FillIntegers<int32_t>(flat, tensor);
    case DT_INT64: return FillIntegers<int64_t>(flat, tensor);
    case DT_UINT8: return FillIntegers<uint8_t>(flat, tensor);
    case DT_UINT16: return FillIntegers<uint16_t>(flat, tensor);
    case DT_UINT32: return FillIntegers<uint32_t>(flat, tensor);
    case DT_UINT64: return FillIntegers<uint64_t>(flat, tensor);
    case DT_BOOL:
      for (size_t i = 0; i < flat.leaves.size(); ++i) {
        if (!flat.leaves[i]->is_boolean()) {
          return absl::InvalidArgumentError(
              absl::StrCat(flat.leaves[i]->dump(), " is no boolean"));
        }
        tensor->mutable_flat<bool>()[i] = flat.leaves[i]->get<bool>();
      }
      return absl::OkStatus();
    case DT_STRING:
      for (size_t i = 0; i < flat.leaves.size(); ++i) {
        if (!flat.leaves[i]->is_string()) {
          return absl::InvalidArgumentError(
              absl::StrCat(flat.leaves[i]->dump(), " is no string"));
        }
        tensor->mutable_flat<std::string>()[i] =
            flat.leaves[i]->get<std::string>();
      }
      return absl::OkStatus();
    default:
      return absl::InvalidArgumentError(
          absl::StrCat("a value of dtype ", DTypePythonName(tensor->dtype()),
                       " cannot be written in a scenario"));
  }
}

// The fewest digits that read back as the same number.
template <typename T>
std::string Shortest(T value, std::chars_format format) {
  char buffer[512];
  const auto result =
      std::to_chars(buffer, buffer + sizeof(buffer), value, format);
  return std::string(buffer, result.ptr);
}

template <typename T>
std::string FloatScalar(T value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  const T magnitude = std::fabs(value);
  if (magnitude != 0 && (magnitude >= T(1e16) || magnitude < T(1e-4))) {
    return Shortest(value, std::chars_format::scientific);
  }
  std::string text = Shortest(value, std::chars_format::fixed);
  if (text.find('.') == std::string::npos) text += ".0";
  return text;
}

// One number in an array of numbers, before padding.
template <typename T>
std::string FloatElement(T value, bool scientific) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::string text =
      Shortest(value, scientific ? std::chars_format::scientific
                                 : std::chars_format::fixed);
  const size_t mantissa_end = std::min(text.find('e'), text.size());
  if (text.substr(0, mantissa_end).find('.') == std::string::npos) {
    text.insert(mantissa_end, ".");
  }
  return text;
}

void AlignRight(std::vector<std::string>* texts) {
  size_t width = 0;
  for (const std::string& text : *texts) width = std::max(width, text.size());
  for (std::string& text : *texts) text.insert(0, width - text.size(), ' ');
}

// numpy aligns the decimal points of an array; nan and inf have none.
void AlignPoints(std::vector<std::string>* texts) {
  size_t right = 0;
  for (const std::string& text : *texts) {
    const size_t point = text.find('.');
    if (point != std::string::npos) right = std::max(right, text.size() - point);
  }
  for (std::string& text : *texts) {
    const size_t point = text.find('.');
    if (point == std::string::npos) continue;
    text.append(right - (text.size() - point), ' ');
  }
  AlignRight(texts);
}

template <typename T>
std::vector<std::string> FloatElements(absl::Span<const T> values) {
  double largest = 0, smallest = std::numeric_limits<double>::infinity();
  for (T value : values) {
    const double magnitude = std::fabs(static_cast<double>(value));
    if (!std::isfinite(magnitude) || magnitude == 0) continue;
    largest = std::max(largest, magnitude);
    smallest = std::min(smallest, magnitude);
  }
  const bool scientific =
      largest > 0 &&
      (largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1e3 * 1e5);
  std::vector<std::string> texts;
  for (T value : values) texts.push_back(FloatElement<T>(value, scientific));
  AlignPoints(&texts);
  return texts;
}

std::string BytesRepr(absl::string_view bytes) {
  // Python prefers single quotes unless only these need an escape.
  const char quote = absl::StrContains(bytes, '\'') &&
                             !absl::StrContains(bytes, '"')
                         ? '"'
                         : '\'';
  std::string out = absl::StrCat("b", std::string(1, quote));
  for (const char c : bytes) {
    const unsigned char u = static_cast<unsigned char>(c);
    if (c == '\\' || c == quote) {
      absl::StrAppend(&out, "\\", std::string(1, c));
    } else if (c == '\n') {
      out += "\\n";
    } else if (u < 0x20 || u >= 0x7f) {
      absl::StrAppendFormat(&out, "\\x%02x", u);
    } else {
      out.push_back(c);
    }
  }
  out.push_back(quote);
  return out;
}

template <typename T>
std::vector<std::string> IntegerElements(absl::Span<const T> values) {
  std::vector<std::string> texts;
  for (T value : values) texts.push_back(absl::StrCat(+value));
  AlignRight(&texts);
  return texts;
}

template <typename T>
std::vector<std::string> AsFloats(absl::Span<const T> values) {
  std::vector<float> floats;
  for (T value : values) floats.push_back(static_cast<float>(value));
  return FloatElements<float>(floats);
}

// Each element as it stands in a printed array.
std::vector<std::string> Elements(const Tensor& t) {
  std::vector<std::string> texts;
  switch (t.dtype()) {
    case DT_FLOAT: return FloatElements<float>(t.flat<float>());
    case DT_DOUBLE: return FloatElements<double>(t.flat<double>());
    case DT_HALF: return AsFloats<Half>(t.flat<Half>());
    case DT_BFLOAT16: return AsFloats<BFloat16>(t.flat<BFloat16>());
    case DT_INT8: return IntegerElements<int8_t>(t.flat<int8_t>());
    case DT_INT16: return IntegerElements<int16_t>(t.flat<int16_t>());
    case DT_INT32: return IntegerElements<int32_t>(t.flat<int32_t>());
    case DT_INT64: return IntegerElements<int64_t>(t.flat<int64_t>());
    case DT_UINT8: return IntegerElements<uint8_t>(t.flat<uint8_t>());
    case DT_UINT16: return IntegerElements<uint16_t>(t.flat<uint16_t>());
    case DT_UINT32: return IntegerElements<uint32_t>(t.flat<uint32_t>());
    case DT_UINT64: return IntegerElements<uint64_t>(t.flat<uint64_t>());
    case DT_BOOL:
      for (bool b : t.flat<bool>()) texts.push_back(b ? "True" : "False");
      AlignRight(&texts);
      return texts;
    case DT_STRING:
      for (const std::string& s : t.flat<std::string>()) {
        texts.push_back(BytesRepr(s));
      }
      return texts;
    default:
      for (int64_t i = 0; i < t.num_elements(); ++i) {
        texts.push_back(absl::StrCat("<", DTypePythonName(t.dtype()), ">"));
      }
      return texts;
  }
}

std::string ScalarText(const Tensor& t) {
  switch (t.dtype()) {
    case DT_FLOAT: return FloatScalar(t.scalar<float>());
    case DT_DOUBLE: return FloatScalar(t.scalar<double>());
    case DT_HALF: return FloatScalar(static_cast<float>(t.scalar<Half>()));
    case DT_BFLOAT16:
      return FloatScalar(static_cast<float>(t.scalar<BFloat16>()));
    default: return Elements(t)[0];
  }
}

// Nested brackets around the elements from `begin`, numpy's layout: `separator`
// between elements, new lines between rows, indented by `indent`. The elements
// have the shape `shape`; where the tensor itself, of shape `whole`, has more,
// "..." stands for them.
std::string Brackets(const std::vector<std::string>& elements,
                     const TensorShape& shape, const TensorShape& whole,
                     int axis, int64_t begin, const std::string& separator,
                     const std::string& indent) {
  if (axis == shape.rank()) return elements[begin];
  int64_t stride = 1;
  for (int i = axis + 1; i < shape.rank(); ++i) stride *= shape.dim(i);
  const bool last = axis + 1 == shape.rank();
  const std::string between =
      last ? absl::StrCat(separator, " ")
           : absl::StrCat(separator, std::string(shape.rank() - axis - 1, '\n'),
                          indent, " ");
  std::vector<std::string> parts;
  for (int64_t i = 0; i < shape.dim(axis); ++i) {
    if (i == kSummaryEdge && whole.dim(axis) > shape.dim(axis)) {
      parts.push_back("...");
    }
    parts.push_back(Brackets(elements, shape, whole, axis + 1,
                             begin + i * stride, separator, indent + " "));
  }
  return absl::StrCat("[", absl::StrJoin(parts, between), "]");
}

// The elements at the ends of each axis, which is all that a summary shows: a
// large tensor is not put into words as a whole.
Tensor Ends(const Tensor& t) {
  const int rank = t.shape().rank();
  std::vector<int64_t> dims(t.shape().dims().begin(), t.shape().dims().end());
  for (int64_t& dim : dims) dim = std::min(dim, 2 * kSummaryEdge);
  Tensor ends(t.dtype(), TensorShape(absl::MakeConstSpan(dims)));
  const size_t width = static_cast<size_t>(DataTypeSize(t.dtype()));
  std::vector<int64_t> at(dims.size(), 0);
  for (int64_t to = 0; to < ends.num_elements(); ++to) {
    int64_t from = 0;
    for (int d = 0; d < rank; ++d) {
      const bool is_end = at[d] >= kSummaryEdge;
      const int64_t skipped = t.shape().dim(d) - dims[d];
      from = from * t.shape().dim(d) + at[d] + (is_end ? skipped : 0);
    }
    if (t.dtype() == DT_STRING) {
      ends.mutable_flat<std::string>()[to] = t.flat<std::string>()[from];
    } else {
      std::memcpy(static_cast<char*>(ends.mutable_data()) + to * width,
                  static_cast<const char*>(t.data()) + from * width, width);
    }
    for (int d = rank - 1; d >= 0 && ++at[d] == dims[d]; --d) at[d] = 0;
  }
  return ends;
}

std::string ArrayText(const Tensor& t, const std::string& separator,
                      const std::string& indent) {
  // As numpy, however many empty rows there are.
  if (t.num_elements() == 0) return "[]";
  const bool summarise =
      t.num_elements() > kSummaryThreshold &&
      (IsPodType(t.dtype()) || t.dtype() == DT_STRING);
  const Tensor shown = summarise ? Ends(t) : t;
  return Brackets(Elements(shown), shown.shape(), t.shape(), 0, 0, separator,
                  indent);
}

}  // namespace

absl::StatusOr<Tensor> ParseValue(absl::string_view text, DataType dtype) {
  const json value = json::parse(text.begin(), text.end(), nullptr,
                                 /*allow_exceptions=*/false);
  if (value.is_discarded()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", text, "\" is not a JSON value such as 10, [1.5, 2] or \"a\""));
  }
  Flat flat;
  const absl::Status flattened = Flatten(value, 0, &flat);
  if (!flattened.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the value ", text, ": ", flattened.message()));
  }
  if (dtype == DT_INVALID) {
    RG_ASSIGN_OR_RETURN(dtype, NaturalType(flat));
  }
  RG_ASSIGN_OR_RETURN(const TensorShape shape, TensorShape::Create(flat.dims));
  Tensor tensor(dtype, shape);
  const absl::Status filled = Fill(flat, &tensor);
  if (!filled.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the value ", text, ": ", filled.message()));
  }
  return tensor;
}

absl::StatusOr<PartialTensorShape> ParseShape(absl::string_view text) {
  if (text.empty()) return PartialTensorShape();
  RG_ASSIGN_OR_RETURN(const Tensor dims, ParseValue(text, DT_INT64));
  if (dims.shape().rank() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is not a shape such as [2, -1]"));
  }
  for (const int64_t dim : dims.flat<int64_t>()) {
    if (dim < -1) {
      return absl::InvalidArgumentError(
          absl::StrCat("a dimension of ", dim, " in the shape ", text));
    }
  }
  return PartialTensorShape(dims.flat<int64_t>());
}

std::string PythonStr(const Tensor& value) {
  if (value.shape().rank() == 0) return ScalarText(value);
  return ArrayText(value, "", "");
}

std::string PythonRepr(const Tensor& value) {
  if (value.shape().rank() == 0) return ScalarText(value);
  // The dtypes that Python's own numbers have go without saying.
  const bool implied = value.num_elements() > 0 &&
                       (value.dtype() == DT_DOUBLE ||
                        value.dtype() == DT_INT64 || value.dtype() == DT_BOOL);
  const std::string dtype = value.dtype() == DT_STRING
                                ? "object"
                                : DTypePythonName(value.dtype());
  return absl::StrCat("array(", ArrayText(value, ",", "      "),
                      implied ? "" : absl::StrCat(", dtype=", dtype), ")");
}

std::string PythonStringRepr(absl::string_view text) {
  return BytesRepr(text).substr(1);
}

}  // namespace retrograph::scenario
