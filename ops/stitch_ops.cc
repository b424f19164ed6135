// DynamicStitch: one tensor of the rows of several, by their numbers.
// ListDiff: what is in one list and not in another.
//
// Source: tensorflow/core/kernels/dynamic_stitch_op.cc, listdiff_op.cc.
#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/op_registry.h"
#include "graph/shape_inference.h"
#include "ops/kernel.h"
#include "ops/learning_ops.h"
#include "ops/type_lists.h"

namespace retrograph {
namespace {

int64_t RowCount(const std::vector<const Tensor*>& indices) {
  int64_t highest = -1;
  for (const Tensor* list : indices) {
    for (int32_t index : list->flat<int32_t>()) {
      highest = std::max<int64_t>(highest, index);
    }
  }
  return highest + 1;
}

absl::Status StitchShape(InferenceContext* c) {
  const int count = c->num_inputs() / 2;
  bool known = true;
  std::vector<const Tensor*> indices;
  Shape row;
  for (int i = 0; i < count; ++i) {
    const Tensor* list = c->input_tensor(i);
    known &= list != nullptr;
    indices.push_back(list);
    const Shape& index_shape = c->input(i);
    if (index_shape.unknown_rank()) continue;
    RG_ASSIGN_OR_RETURN(const Shape data,
                        c->MergePrefix(c->input(count + i), index_shape));
    RG_ASSIGN_OR_RETURN(const Shape rest,
                        c->Subshape(data, index_shape.rank()));
    RG_ASSIGN_OR_RETURN(row, c->Merge(row, rest));
  }
  const int64_t rows = known ? RowCount(indices) : kUnknownDim;
  RG_ASSIGN_OR_RETURN(const Shape out, c->Concatenate(Shape({rows}), row));
  c->set_output(0, out);
  return absl::OkStatus();
}

absl::StatusOr<TensorShape> RowShape(const KernelContext& ctx, int count) {
  TensorShape row;
  for (int i = 0; i < count; ++i) {
    const TensorShape& indices = ctx.input(i).shape();
    const TensorShape& data = ctx.input(count + i).shape();
    bool fits = data.rank() >= indices.rank();
    for (int d = 0; fits && d < indices.rank(); ++d) {
      fits = data.dim(d) == indices.dim(d);
    }
    if (!fits) {
      return absl::InvalidArgumentError(absl::StrCat(
          "data[", i, "].shape = ", data.DebugString(),
          " does not start with indices[", i,
          "].shape = ", indices.DebugString()));
    }
    TensorShape rest;
    for (int d = indices.rank(); d < data.rank(); ++d) rest.AddDim(data.dim(d));
    if (i > 0 && rest != row) {
      return absl::InvalidArgumentError(absl::StrCat(
          "Need data[0].shape[", ctx.input(0).shape().rank(),
          ":] = data[", i, "].shape[", indices.rank(),
          ":], got data[0].shape = ", ctx.input(count).shape().DebugString(),
          ", data[", i, "].shape = ", data.DebugString(),
          ", indices[0].shape = ", ctx.input(0).shape().DebugString(),
          ", indices[", i, "].shape = ", indices.DebugString()));
    }
    row = rest;
  }
  return row;
}

// Rows that no number names keep zeros; TensorFlow leaves them unset.
void StitchKernel(KernelContext* ctx) {
  const int count = ctx->num_inputs() / 2;
  auto row = RowShape(*ctx, count);
  RG_KERNEL_OK(ctx, row.status());
  std::vector<const Tensor*> indices;
  for (int i = 0; i < count; ++i) indices.push_back(&ctx->input(i));
  const int64_t rows = RowCount(indices);
  TensorShape shape({rows});
  for (int64_t dim : row->dims()) shape.AddDim(dim);
  Tensor out(ctx->op().output_type(0), shape);
  const size_t row_bytes = static_cast<size_t>(row->num_elements()) *
                           DataTypeSize(out.dtype());
  char* to = static_cast<char*>(out.mutable_data());
  for (int i = 0; i < count; ++i) {
    const char* from = static_cast<const char*>(ctx->input(count + i).data());
    for (int32_t index : indices[i]->flat<int32_t>()) {
      RG_KERNEL_REQUIRES(
          ctx, index >= 0,
          absl::InvalidArgumentError(absl::StrCat(
              "indices[", i, "] is out of range")));
      if (row_bytes > 0) std::memcpy(to + index * row_bytes, from, row_bytes);
      from += row_bytes;
    }
  }
  ctx->set_output(0, std::move(out));
}

absl::Status ListDiffShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(0), 1).status());
  RG_RETURN_IF_ERROR(c->WithRank(c->input(1), 1).status());
  c->set_output(0, Shape({kUnknownDim}));
  c->set_output(1, Shape({kUnknownDim}));
  return absl::OkStatus();
}

template <typename T, typename Index>
void ListDiffKernel(KernelContext* ctx) {
  const Tensor &x = ctx->input(0), &y = ctx->input(1);
  RG_KERNEL_REQUIRES(ctx, x.shape().rank() == 1,
                     absl::InvalidArgumentError("x should be a 1D vector."));
  RG_KERNEL_REQUIRES(ctx, y.shape().rank() == 1,
                     absl::InvalidArgumentError("y should be a 1D vector."));
  const auto excluded = y.flat<T>();
  const absl::flat_hash_set<T> known(excluded.begin(), excluded.end());
  std::vector<T> values;
  std::vector<Index> positions;
  const auto flat = x.flat<T>();
  for (size_t i = 0; i < flat.size(); ++i) {
    if (known.contains(flat[i])) continue;
    values.push_back(flat[i]);
    positions.push_back(static_cast<Index>(i));
  }
  ctx->set_output(0, Tensor::Vector<T>(absl::MakeConstSpan(values)));
  ctx->set_output(1, Tensor::Vector<Index>(absl::MakeConstSpan(positions)));
}

template <typename T>
void AddListDiffKernels(OpBuilder& op) {
  op.Kernel({{"T", {DataTypeOf<T>::value}}, {"out_idx", {DT_INT32}}},
            StatelessKernel(ListDiffKernel<T, int32_t>));
  op.Kernel({{"T", {DataTypeOf<T>::value}}, {"out_idx", {DT_INT64}}},
            StatelessKernel(ListDiffKernel<T, int64_t>));
}

}  // namespace

void RegisterStitchOps(OpRegistry* registry) {
  registry->Op("DynamicStitch")
      .Input("indices: N * int32")
      .Input("data: N * T")
      .Output("merged: T")
      .Attr("N: int >= 1")
      .Attr("T: type")
      .Shape(StitchShape)
      .Kernel({{"T", PodTypes()}}, StatelessKernel(StitchKernel));
  OpBuilder diff = registry->Op("ListDiff");
  diff.Input("x: T").Input("y: T").Output("out: T").Output("idx: out_idx");
  diff.Attr("T: type").Attr("out_idx: {int32, int64} = DT_INT32");
  diff.Shape(ListDiffShape);
  AddListDiffKernels<float>(diff);
  AddListDiffKernels<double>(diff);
  AddListDiffKernels<int32_t>(diff);
  AddListDiffKernels<int64_t>(diff);
  AddListDiffKernels<std::string>(diff);
}

}  // namespace retrograph
