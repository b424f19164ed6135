// Sparse tensors, given as indices, values and a shape.
#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/data_movement.h"
#include "ops/kernel.h"
#include "ops/parsing_ops.h"

namespace retrograph {
namespace {

using Index = absl::Span<const int64_t>;

absl::Status CheckSparse(const KernelContext& ctx) {
  const TensorShape& indices = ctx.input(0).shape();
  const TensorShape& values = ctx.input(1).shape();
  const TensorShape& shape = ctx.input(2).shape();
  const auto wrong = [](absl::string_view what, const TensorShape& is) {
    return absl::InvalidArgumentError(
        absl::StrCat("Input ", what, " but received shape ",
                     is.DebugString()));
  };
  if (indices.rank() != 2) return wrong("indices should be a matrix", indices);
  if (values.rank() != 1) return wrong("values should be a vector", values);
  if (shape.rank() != 1) return wrong("shape should be a vector", shape);
  if (indices.dim(0) != values.dim(0)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "indices and values rows (indexing dimension) must match. (indices = ",
        indices.dim(0), ", values = ", values.dim(0), ")"));
  }
  if (indices.dim(1) != shape.dim(0)) {
    return absl::InvalidArgumentError(
        "Rank of the indices must match the dense shape's.");
  }
  return absl::OkStatus();
}

absl::Status SparseReorder(KernelContext* ctx) {
  RG_RETURN_IF_ERROR(CheckSparse(*ctx));
  const Tensor& indices = ctx->input(0);
  const int64_t rank = indices.shape().dim(1);
  const auto rows = indices.flat<int64_t>();
  const auto row = [&](int64_t i) {
    return Index(rows).subspan(static_cast<size_t>(i * rank),
                               static_cast<size_t>(rank));
  };
  std::vector<int64_t> order(static_cast<size_t>(indices.shape().dim(0)));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return std::lexicographical_compare(row(a).begin(), row(a).end(),
                                        row(b).begin(), row(b).end());
  });
  Tensor sorted_indices = ctx->Allocate(DT_INT64, indices.shape());
  Tensor sorted_values =
      ctx->Allocate(ctx->input(1).dtype(), ctx->input(1).shape());
  RG_RETURN_IF_ERROR(ctx->status());
  for (size_t i = 0; i < order.size(); ++i) {
    const int64_t to = static_cast<int64_t>(i);
    CopyElements(indices, order[i] * rank, rank, &sorted_indices, to * rank);
    CopyElements(ctx->input(1), order[i], 1, &sorted_values, to);
  }
  ctx->set_output(0, std::move(sorted_indices));
  ctx->set_output(1, std::move(sorted_values));
  return absl::OkStatus();
}

absl::Status SparseReorderShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape indices, c->WithRank(c->input(0), 2));
  RG_ASSIGN_OR_RETURN(Shape values, c->WithRank(c->input(1), 1));
  RG_RETURN_IF_ERROR(c->WithRank(c->input(2), 1).status());
  c->set_output(0, std::move(indices));
  c->set_output(1, std::move(values));
  return absl::OkStatus();
}

void SparseReorderKernel(KernelContext* ctx) {
  RG_KERNEL_OK(ctx, SparseReorder(ctx));
}

}  // namespace

void RegisterSparseOps(OpRegistry* registry) {
  registry->Op("SparseReorder")
      .Input("input_indices: int64")
      .Input("input_values: T")
      .Input("input_shape: int64")
      .Output("output_indices: int64")
      .Output("output_values: T")
      .Attr("T: type")
      .Shape(SparseReorderShape)
      .Kernel({}, StatelessKernel(SparseReorderKernel));
}

}  // namespace retrograph
