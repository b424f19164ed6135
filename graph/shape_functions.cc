// The shape functions that many ops share.
#include <algorithm>

#include "core/errors.h"
#include "graph/shape_inference.h"

namespace retrograph {
namespace {

// The broadcast of two dimensions that stand over each other.
absl::StatusOr<int64_t> BroadcastDim(InferenceContext* c, int64_t a,
                                     int64_t b) {
  if (a == 1) return b;
  if (b == 1) return a;
  if (a != kUnknownDim && b != kUnknownDim) return c->MergeDim(a, b);
  // One is unknown: if the other is more than 1, only a mismatch at run time
  // could make the result differ from it.
  if (a > 1) return a;
  if (b > 1) return b;
  return kUnknownDim;
}

}  // namespace

absl::Status ScalarShape(InferenceContext* c) {
  for (int i = 0; i < c->num_outputs(); ++i)
    c->set_output(i, Shape(TensorShape()));
  return absl::OkStatus();
}

absl::Status NoOutputShape(InferenceContext*) { return absl::OkStatus(); }

absl::Status UnknownShape(InferenceContext* c) {
  for (int i = 0; i < c->num_outputs(); ++i) c->set_output(i, Shape());
  return absl::OkStatus();
}

absl::Status UnchangedShape(InferenceContext* c) {
  c->set_output(0, c->input(0));
  if (const HandleData* data = c->input_handle_data(0)) {
    c->set_output_handle_data(0, *data);
  }
  return absl::OkStatus();
}

absl::Status MergeBothShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape merged, c->Merge(c->input(0), c->input(1)));
  c->set_output(0, std::move(merged));
  return absl::OkStatus();
}

absl::Status BroadcastBinaryShape(InferenceContext* c) {
  const Shape& a = c->input(0);
  const Shape& b = c->input(1);
  if (a.unknown_rank() || b.unknown_rank()) {
    c->set_output(0, Shape());
    return absl::OkStatus();
  }
  const int rank = std::max(a.rank(), b.rank());
  Shape out = Shape::UnknownOfRank(rank);
  for (int i = 0; i < rank; ++i) {
    const int a_axis = i - (rank - a.rank());
    const int b_axis = i - (rank - b.rank());
    RG_ASSIGN_OR_RETURN(const int64_t dim,
                        BroadcastDim(c, a_axis < 0 ? 1 : a.dim(a_axis),
                                     b_axis < 0 ? 1 : b.dim(b_axis)));
    out.set_dim(i, dim);
  }
  c->set_output(0, std::move(out));
  return absl::OkStatus();
}

}  // namespace retrograph
