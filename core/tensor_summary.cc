// Tensor::SummarizeValues and DebugString: values as TensorFlow 1.15 prints
// them. There are two forms: the one of Assert, Print and DebugString, which
// stops after a number of values, and that of tf.print and tf.strings.format
// ("print_v2"), which shows the first and the last of every axis.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/tensor.h"
#include "core/variant.h"

namespace retrograph {
namespace {

// The shortest of %.6g-like forms that reads back as the same number, as
// TensorFlow's StrCat prints numbers: 6 digits if they suffice, else 9 (17).
std::string NumberString(float value) {
  if (value != value) return "nan";
  std::string text = absl::StrFormat("%.6g", value);
  if (std::strtof(text.c_str(), nullptr) != value) {
    text = absl::StrFormat("%.9g", value);
  }
  return text;
}

std::string NumberString(double value) {
  if (value != value) return "nan";
  std::string text = absl::StrFormat("%.15g", value);
  if (std::strtod(text.c_str(), nullptr) != value) {
    text = absl::StrFormat("%.17g", value);
  }
  return text;
}

template <typename T>
const T& At(const Tensor& tensor, int64_t i) {
  return tensor.flat<T>()[i];
}

// One value. "?" for the types that TensorFlow does not print.
std::string ValueString(const Tensor& tensor, int64_t i, bool quote) {
  switch (tensor.dtype()) {
    case DT_FLOAT:
      return NumberString(At<float>(tensor, i));
    case DT_DOUBLE:
      return NumberString(At<double>(tensor, i));
    case DT_HALF:
      return NumberString(static_cast<float>(At<Half>(tensor, i)));
    case DT_INT8:
      return absl::StrCat(int{At<int8_t>(tensor, i)});
    case DT_INT16:
      return absl::StrCat(At<int16_t>(tensor, i));
    case DT_INT32:
      return absl::StrCat(At<int32_t>(tensor, i));
    case DT_INT64:
      return absl::StrCat(At<int64_t>(tensor, i));
    case DT_UINT8:
      return absl::StrCat(int{At<uint8_t>(tensor, i)});
    case DT_UINT16:
      return absl::StrCat(At<uint16_t>(tensor, i));
    case DT_UINT32:
      return absl::StrCat(At<uint32_t>(tensor, i));
    case DT_UINT64:
      return absl::StrCat(At<uint64_t>(tensor, i));
    case DT_QINT8:
      return absl::StrCat(int{At<QInt8>(tensor, i).value});
    case DT_QUINT8:
      return absl::StrCat(int{At<QUInt8>(tensor, i).value});
    case DT_QINT16:
      return absl::StrCat(At<QInt16>(tensor, i).value);
    case DT_QUINT16:
      return absl::StrCat(At<QUInt16>(tensor, i).value);
    case DT_BOOL:
      return At<bool>(tensor, i) ? "1" : "0";
    case DT_STRING: {
      const std::string text = absl::CEscape(At<std::string>(tensor, i));
      return quote ? absl::StrCat("\"", text, "\"") : text;
    }
    case DT_VARIANT:
      return VariantText(At<Variant>(tensor, i));
    default:
      return "?";
  }
}

class Summary {
 public:
  Summary(const Tensor& tensor, int64_t limit)
      : tensor_(tensor),
        rank_(tensor.shape().rank()),
        limit_(limit < 0 ? tensor.num_elements()
                         : std::min(limit, tensor.num_elements())) {}

  std::string Print() {
    if (rank_ > 0) {
      PrintAxis(0);
    } else if (limit_ > 0) {
      out_ = ValueString(tensor_, next_++, /*quote=*/false);
    }
    if (next_ < tensor_.num_elements()) out_ += "...";
    return std::move(out_);
  }

  std::string PrintV2() {
    PrintAxisV2(0, 0, tensor_.num_elements());
    return std::move(out_);
  }

 private:
  void PrintAxis(int axis);
  void PrintAxisV2(int axis, int64_t begin, int64_t count);
  void NextInAxisV2(int axis);

  const Tensor& tensor_;
  const int rank_;
  // The most values to print, or, for V2, to print at each end of an axis.
  const int64_t limit_;
  int64_t next_ = 0;
  std::string out_;
};

// The last axis is a list; the others put brackets around each of theirs.
void Summary::PrintAxis(int axis) {
  const bool last = axis + 1 == rank_;
  for (int64_t i = 0; i < tensor_.shape().dim(axis); ++i) {
    if (next_ >= limit_) {
      if (last && axis > 0) out_ += "...";
      return;
    }
    if (last) {
      if (i > 0) out_ += " ";
      out_ += ValueString(tensor_, next_++, /*quote=*/false);
    } else {
      out_ += "[";
      PrintAxis(axis + 1);
      out_ += "]";
    }
  }
}

// Values of the last axis stand in a row; rows stand beneath each other, with
// an empty line more for every axis above that.
void Summary::NextInAxisV2(int axis) {
  if (axis + 1 == rank_) {
    out_ += " ";
  } else {
    out_.append(rank_ - axis - 1, '\n');
    out_.append(axis + 1, ' ');
  }
}

void Summary::PrintAxisV2(int axis, int64_t begin, int64_t count) {
  if (axis == rank_) {
    out_ += ValueString(tensor_, begin, /*quote=*/rank_ > 0);
    return;
  }
  const int64_t size = tensor_.shape().dim(axis);
  const int64_t step = size == 0 ? 0 : count / size;
  const int64_t head = std::min(limit_, size);
  const int64_t tail = std::max(limit_, size - limit_);
  out_ += "[";
  for (int64_t i = 0; i < head; ++i) {
    if (i > 0) NextInAxisV2(axis);
    PrintAxisV2(axis + 1, begin + i * step, step);
  }
  if (size - limit_ > limit_) {
    NextInAxisV2(axis);
    out_ += "...";
  }
  for (int64_t i = tail; i < size; ++i) {
    NextInAxisV2(axis);
    PrintAxisV2(axis + 1, begin + i * step, step);
  }
  out_ += "]";
}

}  // namespace

std::string Tensor::SummarizeValues(int64_t max_values, bool print_v2) const {
  if (!IsInitialized()) return "";
  Summary summary(*this, max_values);
  return print_v2 ? summary.PrintV2() : summary.Print();
}

std::string Tensor::DebugString(int max_values) const {
  return absl::StrCat("Tensor<type: ", DataTypeString(dtype_),
                      " shape: ", shape_.DebugString(),
                      " values: ", SummarizeValues(max_values), ">");
}

}  // namespace retrograph
