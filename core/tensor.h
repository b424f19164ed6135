// Tensor: a dtype, a shape, and one reference-counted aligned buffer.
//
// Copying a Tensor copies a reference. A shared buffer is never written: the
// mutable accessors make the Tensor's own copy first if the buffer is shared
// (copy on write), so who holds a Tensor holds its values of that moment.
//
// A buffer is 64-byte aligned (a Slice0 of one need not be). Strings, resource
// handles and variants (core/variant.h) are C++ objects in the buffer.
//
// Example:
//   Tensor t(DT_FLOAT, TensorShape({2}));
//   t.mutable_flat<float>()[0] = 1.5f;
//   Tensor u = t;                         // shares the buffer
//   u.mutable_flat<float>()[0] = 2.0f;    // u's own copy; t still holds 1.5
//
// Threads: thread-compatible, as int is. Tensors that share a buffer may be
// used from different threads.
#ifndef RETROGRAPH_CORE_TENSOR_H_
#define RETROGRAPH_CORE_TENSOR_H_

#include <algorithm>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/dtype.h"
#include "core/tensor_shape.h"

namespace retrograph {

class TensorBuffer;  // in tensor.cc, intrusively counted

class Tensor {
 public:
  Tensor();  // DT_INVALID: "no tensor"; IsInitialized() is false
  // Values are zero (empty strings). Aborts if the memory cannot be had; use
  // Allocate() for sizes that come from outside.
  Tensor(DataType dtype, const TensorShape& shape);
  // As the constructor, but ResourceExhausted instead of an abort, and numbers
  // are left uninitialised.
  static absl::StatusOr<Tensor> Allocate(DataType dtype,
                                         const TensorShape& shape);
  // The same with numbers that are zero.
  static absl::StatusOr<Tensor> AllocateZeros(DataType dtype,
                                              const TensorShape& shape);
  // A tensor of plain numbers over memory that somebody else owns (a numpy
  // array, an mmap), which need not be aligned.
  // `release` is called when the last reference goes. The memory counts as
  // shared: writing copies.
  static Tensor FromExternal(DataType dtype, const TensorShape& shape,
                             const void* data,
                             std::function<void()> release);

  template <typename T>
  static Tensor Scalar(T value) {
    Tensor t(DataTypeOf<T>::value, TensorShape());
    t.mutable_flat<T>()[0] = std::move(value);
    return t;
  }
  template <typename T>
  static Tensor Vector(absl::Span<const T> values) {
    Tensor t(DataTypeOf<T>::value,
             TensorShape({static_cast<int64_t>(values.size())}));
    std::copy(values.begin(), values.end(), t.mutable_flat<T>().begin());
    return t;
  }
  template <typename T>
  static Tensor Vector(std::initializer_list<T> values) {
    return Vector<T>(absl::Span<const T>(values.begin(), values.size()));
  }

  Tensor(const Tensor& other);
  Tensor(Tensor&& other) noexcept;
  Tensor& operator=(const Tensor& other);
  Tensor& operator=(Tensor&& other) noexcept;
  ~Tensor();

  DataType dtype() const { return dtype_; }
  const TensorShape& shape() const { return shape_; }
  int64_t num_elements() const { return shape_.num_elements(); }
  // False for Tensor() only. A tensor of 0 elements is initialised.
  bool IsInitialized() const { return dtype_ != DT_INVALID; }

  // The values row by row. T must be the C++ type of dtype() (checked).
  template <typename T>
  absl::Span<const T> flat() const {
    CheckType(DataTypeOf<T>::value);
    return absl::Span<const T>(static_cast<const T*>(data()),
                               static_cast<size_t>(num_elements()));
  }
  template <typename T>
  absl::Span<T> mutable_flat() {
    CheckType(DataTypeOf<T>::value);
    return absl::Span<T>(static_cast<T*>(mutable_data()),
                         static_cast<size_t>(num_elements()));
  }
  template <typename T>
  const T& scalar() const { return flat<T>()[0]; }

  // Raw bytes; null for 0 elements. bytes() is 0 for types without fixed size.
  const void* data() const;
  void* mutable_data();  // makes an own copy if shared
  size_t bytes() const {
    return static_cast<size_t>(num_elements()) * DataTypeSize(dtype_);
  }
  bool SharesBufferWith(const Tensor& other) const;
  bool BufferIsShared() const;  // somebody else holds it too

  // The same buffer under another shape; the element counts must be equal
  // (checked).
  Tensor Reshaped(const TensorShape& shape) const;
  // The same bits under another dtype of the same size (checked).
  Tensor BitcastTo(DataType dtype) const;
  // Rows [begin, end) of axis 0, sharing the buffer.
  Tensor Slice0(int64_t begin, int64_t end) const;

  // "Tensor<type: float shape: [2] values: 1.5 0>", at most `max_values`.
  std::string DebugString(int max_values = 3) const;
  // The values as TF prints them in Assert, Print and DebugString: "1 2",
  // "[1 2][3 4]"; after max_values values "...". -1 is all of them. Types that
  // TF does not print there (complex, bfloat16, resource) are "?".
  // With print_v2 as tf.print does: "[[1 2]\n [3 4]]", max_values at each end
  // of an axis, strings quoted.
  std::string SummarizeValues(int64_t max_values, bool print_v2 = false) const;

 private:
  void CheckType(DataType expected) const;
  static absl::StatusOr<Tensor> New(DataType dtype, const TensorShape& shape,
                                    bool zero);
  DataType dtype_ = DT_INVALID;
  TensorShape shape_;
  TensorBuffer* buffer_ = nullptr;
  // Where this tensor starts in the buffer (Slice0), in bytes.
  size_t offset_ = 0;
};

// Same dtype, shape and bits (strings by content).
bool TensorsIdentical(const Tensor& a, const Tensor& b);

}  // namespace retrograph

#endif  // RETROGRAPH_CORE_TENSOR_H_
