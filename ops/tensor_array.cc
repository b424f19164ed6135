#include "ops/tensor_array.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "ops/number.h"

namespace retrograph {
namespace {

// How long an array may grow by being written to: an index is as easily wrong
// as right.
constexpr int64_t kMostElements = int64_t{1} << 31;

template <typename T>
void AddInto(const Tensor& value, Tensor* sum) {
  const auto from = value.flat<T>();
  const auto to = sum->mutable_flat<T>();
  for (size_t i = 0; i < to.size(); ++i) to[i] = WrapAdd(to[i], from[i]);
}

// False for a type that cannot be added.
bool AddTensor(const Tensor& value, Tensor* sum) {
  switch (value.dtype()) {
#define RG_ADD_(DT, T)        \
  case DT:                    \
    AddInto<T>(value, sum);   \
    return true;
    RG_ADD_(DT_FLOAT, float)
    RG_ADD_(DT_DOUBLE, double)
    RG_ADD_(DT_HALF, Half)
    RG_ADD_(DT_BFLOAT16, BFloat16)
    RG_ADD_(DT_INT8, int8_t)
    RG_ADD_(DT_INT16, int16_t)
    RG_ADD_(DT_INT32, int32_t)
    RG_ADD_(DT_INT64, int64_t)
    RG_ADD_(DT_UINT8, uint8_t)
    RG_ADD_(DT_UINT16, uint16_t)
    RG_ADD_(DT_COMPLEX64, std::complex<float>)
    RG_ADD_(DT_COMPLEX128, std::complex<double>)
#undef RG_ADD_
    default:
      return false;
  }
}

}  // namespace

std::shared_ptr<TensorArray> TensorArray::ForGradients(
    TensorArray* source, std::string name, const TensorShape& prefix) {
  absl::MutexLock lock(&source->mu_);
  source->can_grow_ = false;
  Options options;
  options.name = std::move(name);
  options.dtype = source->options_.dtype;
  options.identical_element_shapes = source->options_.identical_element_shapes;
  options.adds_up = true;
  const auto with_prefix = [&prefix](absl::Span<const int64_t> dims) {
    std::vector<int64_t> all(prefix.dims().begin(), prefix.dims().end());
    all.insert(all.end(), dims.begin(), dims.end());
    return all;
  };
  if (!source->element_shape_.unknown_rank()) {
    options.element_shape =
        PartialTensorShape(with_prefix(source->element_shape_.dims()));
  }
  auto made = std::make_shared<TensorArray>(
      std::move(options), static_cast<int64_t>(source->elements_.size()));
  absl::MutexLock made_lock(&made->mu_);
  for (size_t i = 0; i < source->elements_.size(); ++i) {
    if (!source->elements_[i].written) continue;
    made->elements_[i].shape =
        TensorShape(with_prefix(source->elements_[i].shape.dims()));
    made->elements_[i].written = true;
  }
  return made;
}

absl::Status TensorArray::Error(absl::string_view text) const {
  return absl::InvalidArgumentError(
      absl::StrCat("TensorArray ", options_.name, ": ", text));
}

bool TensorArray::is_dynamic() const {
  absl::MutexLock lock(&mu_);
  return options_.dynamic_size && can_grow_;
}

int64_t TensorArray::size() const {
  absl::MutexLock lock(&mu_);
  return static_cast<int64_t>(elements_.size());
}

absl::StatusOr<PartialTensorShape> TensorArray::MergeElementShape(
    const PartialTensorShape& shape) {
  absl::MutexLock lock(&mu_);
  RG_ASSIGN_OR_RETURN(element_shape_, element_shape_.MergeWith(shape));
  return element_shape_;
}

absl::Status TensorArray::Write(int64_t index, const Tensor& value) {
  absl::MutexLock lock(&mu_);
  return WriteLocked(index, value);
}

absl::Status TensorArray::WriteMany(const std::vector<int64_t>& indices,
                                    const std::vector<Tensor>& values) {
  absl::MutexLock lock(&mu_);
  for (size_t i = 0; i < indices.size(); ++i) {
    RG_RETURN_IF_ERROR(WriteLocked(indices[i], values[i]));
  }
  return absl::OkStatus();
}

absl::Status TensorArray::WriteLocked(int64_t index, const Tensor& value) {
  const int64_t size = static_cast<int64_t>(elements_.size());
  const bool grows = options_.dynamic_size && can_grow_;
  if (index < 0 || index >= (grows ? kMostElements : size)) {
    return Error(absl::StrCat("Tried to write to index ", index,
                              " but array is not resizeable and size is: ",
                              size));
  }
  if (index >= size) elements_.resize(index + 1);
  const auto could_not = [&](absl::string_view why) {
    return Error(absl::StrCat("Could not write to TensorArray index ", index,
                              " because ", why));
  };
  if (value.dtype() != options_.dtype) {
    return could_not(absl::StrCat(
        "the value dtype is ", DataTypeString(value.dtype()),
        " but TensorArray dtype is ", DataTypeString(options_.dtype), "."));
  }
  const PartialTensorShape shape(value.shape());
  if (!element_shape_.IsCompatibleWith(shape)) {
    return could_not(absl::StrCat(
        "the value shape is ", value.shape().DebugString(),
        " which is incompatible with the TensorArray's inferred element "
        "shape: ",
        element_shape_.DebugString(), " (consider setting infer_shape=False)."));
  }
  if (options_.identical_element_shapes && !element_shape_.IsFullyDefined()) {
    element_shape_ = shape;
  }
  Element& element = elements_[index];
  if (element.read) return could_not("it has already been read.");
  if (element.written && !options_.adds_up) {
    return could_not("it has already been written to.");
  }
  if (element.written) return AddLocked(index, value, &element);
  element.value = value;
  element.shape = value.shape();
  element.written = true;
  return absl::OkStatus();
}

absl::Status TensorArray::AddLocked(int64_t index, const Tensor& value,
                                    Element* element) {
  if (!(element->shape == value.shape())) {
    return Error(absl::StrCat(
        "Could not aggregate to TensorArray index ", index,
        " because the existing shape is ", element->shape.DebugString(),
        " but the new input shape is ", value.shape().DebugString(), "."));
  }
  if (!element->value.IsInitialized()) {
    element->value = value;
    return absl::OkStatus();
  }
  if (!AddTensor(value, &element->value)) {
    return absl::InvalidArgumentError(
        absl::StrCat("TensorArray::WriteOrAggregate: Unsupported type ",
                     DataTypeString(value.dtype())));
  }
  return absl::OkStatus();
}

absl::StatusOr<Tensor> TensorArray::Read(int64_t index) {
  absl::MutexLock lock(&mu_);
  return ReadLocked(index);
}

absl::StatusOr<std::vector<Tensor>> TensorArray::ReadMany(
    const std::vector<int64_t>& indices) {
  absl::MutexLock lock(&mu_);
  std::vector<Tensor> values;
  for (int64_t index : indices) {
    RG_ASSIGN_OR_RETURN(Tensor value, ReadLocked(index));
    values.push_back(std::move(value));
  }
  return values;
}

absl::StatusOr<Tensor> TensorArray::ReadLocked(int64_t index) {
  const int64_t size = static_cast<int64_t>(elements_.size());
  if (index < 0 || index >= size) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Tried to read from index ", index, " but array size is: ", size));
  }
  Element& element = elements_[index];
  if (!element.written) {
    if (!element_shape_.IsFullyDefined()) {
      return Error(absl::StrCat(
          "Could not read from TensorArray index ", index,
          ".  Furthermore, the element shape is not fully defined: ",
          element_shape_.DebugString(),
          ".  It is possible you are working with a resizeable TensorArray and "
          "stop_gradients is not allowing the gradients to be written.  If you "
          "set the full element_shape property on the forward TensorArray, the "
          "proper all-zeros tensor will be returned instead of incurring this "
          "error."));
    }
    element.shape = element_shape_.AsTensorShape();
  }
  if (element.cleared) {
    return Error(absl::StrCat(
        "Could not read index ", index,
        " twice because it was cleared after a previous read (perhaps try "
        "setting clear_after_read = false?)."));
  }
  Tensor value = element.value;
  if (!value.IsInitialized()) {
    RG_ASSIGN_OR_RETURN(value,
                        Tensor::AllocateZeros(options_.dtype, element.shape));
  }
  if (options_.clear_after_read) {
    element.value = Tensor();
    element.cleared = true;
  }
  element.read = true;
  return value;
}

void TensorArray::Close() {
  absl::MutexLock lock(&mu_);
  elements_.clear();
}

}  // namespace retrograph
