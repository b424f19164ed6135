// Broadcasting of two tensors against each other, by numpy's rules.
//
// Broadcast describes it with as few dimensions as possible: neighbours that
// are walked alike are joined, so that two tensors of one shape, a tensor and
// a scalar, and a matrix and a row or column are one or two plain loops.
//
// Example, for x [2,3] and y [3]:
//   absl::optional<Broadcast> b = Broadcast::Create(x.shape(), y.shape());
//   b->Apply(x_data, y_data, out_data, [](float a, float b) { return a + b; });
#ifndef RETROGRAPH_OPS_BROADCAST_H_
#define RETROGRAPH_OPS_BROADCAST_H_

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "core/tensor_shape.h"
#include "graph/shape_inference.h"
#include "ops/kernel.h"

namespace retrograph {

class Broadcast {
 public:
  // Nothing if the shapes do not fit.
  static absl::optional<Broadcast> Create(const TensorShape& x,
                                          const TensorShape& y);

  const TensorShape& output_shape() const { return output_shape_; }
  // Dimensions left after joining.
  int rank() const { return static_cast<int>(dims_.size()); }

  // out[i] = f(x[.], y[.]) for every element i of the output. `out` may be the
  // same memory as an operand with as many elements as the output.
  template <typename X, typename Y, typename Out, typename F>
  void Apply(const X* x, const Y* y, Out* out, F f) const {
    ForEachRow([&](int64_t x_at, int64_t y_at, int64_t at) {
      Row(x + x_at, y + y_at, out + at, f);
    });
  }

 private:
  using Sizes = absl::InlinedVector<int64_t, 4>;

  // One run of the innermost dimension.
  template <typename X, typename Y, typename Out, typename F>
  void Row(const X* x, const Y* y, Out* out, F& f) const {
    if (x_steps_.back() != 0 && y_steps_.back() != 0) {
      for (int64_t i = 0; i < row_size_; ++i) out[i] = f(x[i], y[i]);
    } else if (x_steps_.back() != 0) {
      const Y fixed = *y;
      for (int64_t i = 0; i < row_size_; ++i) out[i] = f(x[i], fixed);
    } else {
      const X fixed = *x;
      for (int64_t i = 0; i < row_size_; ++i) out[i] = f(fixed, y[i]);
    }
  }

  template <typename Visit>
  void ForEachRow(Visit visit) const {
    if (output_shape_.num_elements() == 0) return;
    Sizes index(dims_.size(), 0);
    int64_t x = 0, y = 0;
    const int64_t size = output_shape_.num_elements();
    for (int64_t at = 0; at < size; at += row_size_) {
      visit(x, y, at);
      for (int d = rank() - 2; d >= 0; --d) {
        x += x_steps_[d];
        y += y_steps_[d];
        if (++index[d] < dims_[d]) break;
        x -= x_steps_[d] * dims_[d];
        y -= y_steps_[d] * dims_[d];
        index[d] = 0;
      }
    }
  }

  TensorShape output_shape_;
  Sizes dims_;     // never empty
  Sizes x_steps_;  // how far x moves for one step in a dimension; 0: repeated
  Sizes y_steps_;
  int64_t row_size_ = 1;  // dims_.back()
};

// The text of kernels whose operands do not fit:
// "Incompatible shapes: [3] vs. [2]".
absl::Status IncompatibleShapes(const TensorShape& x, const TensorShape& y);

// Operand 0's or 1's buffer where the result fits in and nobody else holds it,
// else a new tensor. On failure the context has the error and the result is
// uninitialised. Take the operands' data pointers before.
Tensor ForwardEitherOrAllocate(KernelContext* ctx, DataType dtype,
                               const TensorShape& shape);

// What can be said of the output's shape while the graph is built. With
// `strict` false, shapes that do not fit are no error: the output is a scalar
// then (Equal with incompatible_shape_error=false).
absl::StatusOr<Shape> BroadcastShapes(InferenceContext* c, const Shape& x,
                                      const Shape& y, bool strict = true);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_BROADCAST_H_
