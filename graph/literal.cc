#include "graph/literal.h"

#include <algorithm>
#include <complex>
#include <limits>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/errors.h"
#include "graph/python_text.h"

namespace retrograph {

Input::Input(Tensor literal)
    : value_(std::make_shared<const Tensor>(std::move(literal))) {}
Input::Input(float value) : value_(static_cast<double>(value)) {}
Input::Input(double value) : value_(value) {}
Input::Input(int value) : value_(static_cast<int64_t>(value)) {}
Input::Input(int64_t value) : value_(value) {}
Input::Input(bool value) : value_(value) {}
Input::Input(const char* value) : value_(std::string(value)) {}
Input::Input(std::string value) : value_(std::move(value)) {}
Input::Input(std::vector<Input> list)
    : value_(std::make_shared<const std::vector<Input>>(std::move(list))) {}

Input Input::List(const std::vector<Output>& outputs) {
  return Input(std::vector<Input>(outputs.begin(), outputs.end()));
}

Input Input::FromConverter(Converter converter,
                           std::function<Description()> describe) {
  return Input(std::make_shared<const Custom>(
      Custom{std::move(converter), std::move(describe)}));
}

Input::Description Input::Describe() const {
  if (is_output()) return {output().ReprString(), "Tensor"};
  if (is_list()) {
    return {absl::StrCat("[",
                         absl::StrJoin(list(), ", ",
                                       [](std::string* out, const Input& e) {
                                         out->append(e.Describe().repr);
                                       }),
                         "]"),
            "list"};
  }
  if (const double* d = std::get_if<double>(&value_)) {
    return {PythonRepr(*d), "float"};
  }
  if (const int64_t* i = std::get_if<int64_t>(&value_)) {
    return {absl::StrCat(*i), "int"};
  }
  if (const bool* b = std::get_if<bool>(&value_)) {
    return {*b ? "True" : "False", "bool"};
  }
  if (const std::string* s = std::get_if<std::string>(&value_)) {
    return {PythonRepr(*s), "str"};
  }
  if (const TensorPtr* tensor = std::get_if<TensorPtr>(&value_)) {
    return {absl::StrCat("array(", (*tensor)->SummarizeValues(1000), ")"),
            "ndarray"};
  }
  const Custom& custom = *std::get<CustomPtr>(value_);
  if (custom.describe) return custom.describe();
  return {"<object>", "object"};
}

// Reads literals out of Inputs.
class LiteralConverter {
 public:
  static bool IsLiteral(const Input& input) {
    if (input.is_output() || input.is_custom()) return false;
    if (!input.is_list()) return true;
    // A list with arrays in it is packed, not merged.
    return std::all_of(
        input.list().begin(), input.list().end(), [](const Input& element) {
          return IsLiteral(element) &&
                 !std::holds_alternative<Input::TensorPtr>(element.value_);
        });
  }

  static absl::StatusOr<Tensor> Convert(const Input& input, DataType dtype) {
    if (const Input::TensorPtr* tensor =
            std::get_if<Input::TensorPtr>(&input.value_)) {
      return FixedTensor(input, **tensor, dtype);
    }
    std::vector<const Input*> leaves;
    CollectLeaves(input, &leaves);
    if (dtype == DT_INVALID) {
      dtype = ChosenType(leaves);
    } else {
      for (const Input* leaf : leaves) {
        RG_RETURN_IF_ERROR(CheckFits(*leaf, dtype));
      }
    }
    absl::InlinedVector<int64_t, 4> dims;
    for (const Input* at = &input; at->is_list(); at = &at->list()[0]) {
      dims.push_back(static_cast<int64_t>(at->list().size()));
      if (at->list().empty()) break;
    }
    int64_t depth = 0;
    if (!IsDense(input, dims, 0, &depth)) {
      return ValueError(absl::StrCat(
          "Argument must be a dense tensor: ", input.Describe().repr,
          " - got shape [",
          absl::StrJoin(dims.begin(), dims.begin() + depth, ", "),
          "], but wanted [", absl::StrJoin(dims, ", "), "]."));
    }
    Tensor tensor(dtype, TensorShape(dims));
    for (size_t i = 0; i < leaves.size(); ++i) {
      RG_RETURN_IF_ERROR(Store(*leaves[i], i, &tensor));
    }
    return tensor;
  }

 private:
  static void CollectLeaves(const Input& input,
                            std::vector<const Input*>* leaves) {
    if (!input.is_list()) {
      leaves->push_back(&input);
      return;
    }
    for (const Input& element : input.list()) CollectLeaves(element, leaves);
  }

  // Whether every list at depth k has dims[k] elements. `depth` is how far the
  // shapes agree.
  static bool IsDense(const Input& input, absl::Span<const int64_t> dims,
                      size_t level, int64_t* depth) {
    if (level == dims.size()) return !input.is_list();
    if (!input.is_list() ||
        static_cast<int64_t>(input.list().size()) != dims[level]) {
      *depth = static_cast<int64_t>(level);
      return false;
    }
    for (const Input& element : input.list()) {
      if (!IsDense(element, dims, level + 1, depth)) return false;
    }
    return true;
  }

  // A value that has a dtype of its own.
  static absl::StatusOr<Tensor> FixedTensor(const Input& input,
                                            const Tensor& tensor,
                                            DataType dtype) {
    if (dtype == DT_INVALID || dtype == tensor.dtype()) return tensor;
    return ValueError(absl::StrCat(
        "Tensor conversion requested dtype ", DTypePythonName(dtype),
        " for Tensor with dtype ", DTypePythonName(tensor.dtype()), ": ",
        input.Describe().repr));
  }

  // What numpy takes for the values, and TensorFlow then narrows.
  static DataType ChosenType(absl::Span<const Input* const> leaves) {
    DataType chosen = DT_INVALID;
    for (const Input* leaf : leaves) {
      if (std::holds_alternative<std::string>(leaf->value_)) return DT_STRING;
      if (std::holds_alternative<double>(leaf->value_)) {
        chosen = DT_FLOAT;
      } else if (const int64_t* i = std::get_if<int64_t>(&leaf->value_)) {
        if (chosen == DT_FLOAT) continue;
        const bool narrow = *i >= std::numeric_limits<int32_t>::min() &&
                            *i <= std::numeric_limits<int32_t>::max();
        if (!narrow) chosen = DT_INT64;
        if (chosen != DT_INT64) chosen = DT_INT32;
      } else if (chosen == DT_INVALID) {
        chosen = DT_BOOL;
      }
    }
    return chosen == DT_INVALID ? DT_FLOAT : chosen;
  }

  static absl::Status CheckFits(const Input& leaf, DataType dtype) {
    const bool is_string = std::holds_alternative<std::string>(leaf.value_);
    const bool is_bool = std::holds_alternative<bool>(leaf.value_);
    const bool is_float = std::holds_alternative<double>(leaf.value_);
    bool fits = false;
    if (dtype == DT_STRING) {
      fits = is_string;
    } else if (dtype == DT_BOOL) {
      fits = is_bool;
    } else if (IsFloatingType(dtype) || IsComplexType(dtype)) {
      fits = !is_string;
    } else if (IsIntegerType(dtype)) {
      fits = !is_string && !is_float;  // a bool is an int
    }
    if (fits) return absl::OkStatus();
    const Input::Description value = leaf.Describe();
    return TypeError(absl::StrCat("Expected ", DTypePythonName(dtype), ", got ",
                                  value.repr, " of type '", value.type_name,
                                  "' instead."));
  }

  template <typename T>
  static T NumberAs(const Input& leaf) {
    if (const double* d = std::get_if<double>(&leaf.value_)) {
      return static_cast<T>(*d);
    }
    if (const bool* b = std::get_if<bool>(&leaf.value_)) {
      return static_cast<T>(*b ? 1 : 0);
    }
    return static_cast<T>(std::get<int64_t>(leaf.value_));
  }

  static absl::Status Store(const Input& leaf, size_t i, Tensor* tensor) {
    switch (tensor->dtype()) {
      case DT_STRING:
        if (const std::string* s = std::get_if<std::string>(&leaf.value_)) {
          tensor->mutable_flat<std::string>()[i] = *s;
          return absl::OkStatus();
        }
        return TypeError(
            absl::StrCat("Failed to convert object of type <class '",
                         leaf.Describe().type_name,
                         "'> to Tensor. Contents: ", leaf.Describe().repr,
                         ". Consider casting elements to a supported type."));
      case DT_BOOL:
        tensor->mutable_flat<bool>()[i] = NumberAs<bool>(leaf);
        return absl::OkStatus();
      case DT_HALF:
        tensor->mutable_flat<Half>()[i] = Half(NumberAs<float>(leaf));
        return absl::OkStatus();
      case DT_BFLOAT16:
        tensor->mutable_flat<BFloat16>()[i] = BFloat16(NumberAs<float>(leaf));
        return absl::OkStatus();
      case DT_COMPLEX64:
        tensor->mutable_flat<std::complex<float>>()[i] = NumberAs<float>(leaf);
        return absl::OkStatus();
      case DT_COMPLEX128:
        tensor->mutable_flat<std::complex<double>>()[i] =
            NumberAs<double>(leaf);
        return absl::OkStatus();
#define RG_STORE(T, dt)                               \
  case dt:                                            \
    tensor->mutable_flat<T>()[i] = NumberAs<T>(leaf); \
    return absl::OkStatus();
        RG_STORE(float, DT_FLOAT)
        RG_STORE(double, DT_DOUBLE)
        RG_STORE(int8_t, DT_INT8)
        RG_STORE(int16_t, DT_INT16)
        RG_STORE(int32_t, DT_INT32)
        RG_STORE(int64_t, DT_INT64)
        RG_STORE(uint8_t, DT_UINT8)
        RG_STORE(uint16_t, DT_UINT16)
        RG_STORE(uint32_t, DT_UINT32)
        RG_STORE(uint64_t, DT_UINT64)
#undef RG_STORE
      default:
        return TypeError(absl::StrCat("Element type not supported: ",
                                      DTypePythonName(tensor->dtype())));
    }
  }
};

bool IsLiteral(const Input& input) {
  return LiteralConverter::IsLiteral(input);
}

absl::StatusOr<Tensor> LiteralTensor(const Input& input, DataType dtype) {
  return LiteralConverter::Convert(input, dtype);
}

}  // namespace retrograph
