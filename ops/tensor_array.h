// TensorArray: the elements of one tf.TensorArray in one run of a session.
//
// An element is written once and read once (then it is gone, unless the array
// keeps what was read). The array of an array's gradients adds up what is
// written to one element, and an element that nothing was written to is zeros
// of the shape that the forward array's element has.
//
// Threads: thread-safe.
// Source: tensorflow/core/kernels/tensor_array.h, for semantics and texts.
#ifndef RETROGRAPH_OPS_TENSOR_ARRAY_H_
#define RETROGRAPH_OPS_TENSOR_ARRAY_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "core/tensor.h"
#include "core/tensor_shape.h"
#include "ops/resource_manager.h"

namespace retrograph {

inline constexpr char kTensorArrayTypeText[] = "N10tensorflow11TensorArrayE";

class TensorArray final : public Resource {
 public:
  struct Options {
    std::string name;  // as messages say it
    DataType dtype = DT_INVALID;
    PartialTensorShape element_shape;
    bool identical_element_shapes = false;
    bool dynamic_size = false;
    bool clear_after_read = true;
    bool adds_up = false;  // of gradients
  };

  TensorArray(Options options, int64_t size)
      : options_(std::move(options)),
        element_shape_(options_.element_shape),
        elements_(size) {}
  // The array for the gradients of `source`, which can no longer grow. Its
  // elements have `prefix` before the shapes that those of `source` have.
  static std::shared_ptr<TensorArray> ForGradients(TensorArray* source,
                                                   std::string name,
                                                   const TensorShape& prefix);

  std::string DebugString() const override { return "TensorArray"; }
  DataType dtype() const { return options_.dtype; }
  const std::string& name() const { return options_.name; }
  bool is_dynamic() const;
  int64_t size() const;
  // What is known of all elements now, `shape` too.
  absl::StatusOr<PartialTensorShape> MergeElementShape(
      const PartialTensorShape& shape);

  absl::Status Write(int64_t index, const Tensor& value);
  // One after another; nothing is done after an error.
  absl::Status WriteMany(const std::vector<int64_t>& indices,
                         const std::vector<Tensor>& values);
  absl::StatusOr<Tensor> Read(int64_t index);
  absl::StatusOr<std::vector<Tensor>> ReadMany(
      const std::vector<int64_t>& indices);
  void Close();

 private:
  struct Element {
    Tensor value;  // none: zeros of `shape`, if it was written
    TensorShape shape;
    bool written = false;
    bool read = false;
    bool cleared = false;
  };

  absl::Status Error(absl::string_view text) const;
  absl::Status WriteLocked(int64_t index, const Tensor& value)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status AddLocked(int64_t index, const Tensor& value, Element* element)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::StatusOr<Tensor> ReadLocked(int64_t index)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  Options options_;
  mutable absl::Mutex mu_;
  PartialTensorShape element_shape_ ABSL_GUARDED_BY(mu_);
  std::vector<Element> elements_ ABSL_GUARDED_BY(mu_);
  bool can_grow_ ABSL_GUARDED_BY(mu_) = true;  // if it is dynamic
};

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_TENSOR_ARRAY_H_
