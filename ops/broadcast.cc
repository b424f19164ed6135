#include "ops/broadcast.h"

#include "absl/strings/str_cat.h"

namespace retrograph {

absl::optional<Broadcast> Broadcast::Create(const TensorShape& x,
                                            const TensorShape& y) {
  Broadcast b;
  const int rank = std::max(x.rank(), y.rank());
  auto dim = [rank](const TensorShape& shape, int i) {
    const int at = i - (rank - shape.rank());
    return at < 0 ? 1 : shape.dim(at);
  };
  // From the outermost dimension on; a dimension that repeats neither or the
  // same operand as its left neighbour joins it.
  bool last_repeats_x = false, last_repeats_y = false;
  for (int i = 0; i < rank; ++i) {
    const int64_t dx = dim(x, i), dy = dim(y, i);
    if (dx != dy && dx != 1 && dy != 1) return absl::nullopt;
    const int64_t size = dx == 1 ? dy : dx;
    b.output_shape_.AddDim(size);
    if (size == 1) continue;
    const bool repeats_x = dx == 1, repeats_y = dy == 1;
    if (!b.dims_.empty() && repeats_x == last_repeats_x &&
        repeats_y == last_repeats_y) {
      b.dims_.back() *= size;
    } else {
      b.dims_.push_back(size);
      b.x_steps_.push_back(repeats_x ? 0 : 1);
      b.y_steps_.push_back(repeats_y ? 0 : 1);
    }
    last_repeats_x = repeats_x;
    last_repeats_y = repeats_y;
  }
  if (b.dims_.empty()) {
    b.dims_.push_back(1);
    b.x_steps_.push_back(1);
    b.y_steps_.push_back(1);
  }
  int64_t x_step = 1, y_step = 1;
  for (int d = b.rank() - 1; d >= 0; --d) {
    const bool walks_x = b.x_steps_[d] != 0, walks_y = b.y_steps_[d] != 0;
    if (walks_x) b.x_steps_[d] = x_step;
    if (walks_y) b.y_steps_[d] = y_step;
    if (walks_x) x_step *= b.dims_[d];
    if (walks_y) y_step *= b.dims_[d];
  }
  b.row_size_ = b.dims_.back();
  return b;
}

absl::Status IncompatibleShapes(const TensorShape& x, const TensorShape& y) {
  return absl::InvalidArgumentError(absl::StrCat(
      "Incompatible shapes: ", x.DebugString(), " vs. ", y.DebugString()));
}

Tensor ForwardEitherOrAllocate(KernelContext* ctx, DataType dtype,
                               const TensorShape& shape) {
  auto fits = [&](int i) {
    const Tensor& input = ctx->input(i);
    return input.dtype() == dtype &&
           input.num_elements() == shape.num_elements() &&
           !input.BufferIsShared();
  };
  return ctx->ForwardOrAllocate(!fits(0) && fits(1) ? 1 : 0, dtype, shape);
}

namespace {

// One dimension; -1 is unknown.
absl::StatusOr<int64_t> BroadcastDim(InferenceContext* c, int64_t x,
                                     int64_t y) {
  if (x == kUnknownDim || y == kUnknownDim) {
    // A size above 1 decides: at run time the other is the same or 1.
    if (x > 1) return x;
    if (y > 1) return y;
    if (x == 1) return y;
    if (y == 1) return x;
    return kUnknownDim;
  }
  if (x == 1) return y;
  if (y == 1) return x;
  return c->MergeDim(x, y);
}

}  // namespace

absl::StatusOr<Shape> BroadcastShapes(InferenceContext* c, const Shape& x,
                                      const Shape& y, bool strict) {
  if (x.unknown_rank() || y.unknown_rank()) return Shape();
  const int rank = std::max(x.rank(), y.rank());
  absl::InlinedVector<int64_t, 4> dims;
  for (int i = 0; i < rank; ++i) {
    auto dim = [&](const Shape& shape) -> int64_t {
      const int at = i - (rank - shape.rank());
      return at < 0 ? 1 : shape.dim(at);
    };
    const int64_t dx = dim(x), dy = dim(y);
    if (!strict && dx != dy && dx != 1 && dy != 1) {
      // They do not fit: the comparison answers with a scalar. Or they may not.
      return dx == kUnknownDim || dy == kUnknownDim ? Shape() : Shape({});
    }
    if (!strict && dx == kUnknownDim && dy == kUnknownDim) return Shape();
    RG_ASSIGN_OR_RETURN(const int64_t merged, BroadcastDim(c, dx, dy));
    dims.push_back(merged);
  }
  return Shape(dims);
}

}  // namespace retrograph
