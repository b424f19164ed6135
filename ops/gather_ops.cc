// Gather, GatherV2, GatherNd.
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/array_ops.h"
#include "ops/data_movement.h"
#include "ops/gather.h"
#include "ops/index_tuples.h"
#include "ops/kernel.h"
#include "ops/scatter.h"
#include "ops/shape_helpers.h"
#include "ops/type_lists.h"

namespace retrograph {
namespace {

// ---- Gather, GatherV2 ----

absl::Status GatherShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape params, c->WithRankAtLeast(c->input(0), 1));
  RG_ASSIGN_OR_RETURN(Shape row, c->Subshape(params, 1));
  RG_ASSIGN_OR_RETURN(Shape out, c->Concatenate(c->input(1), row));
  c->set_output(0, out);
  return absl::OkStatus();
}

absl::Status GatherV2Shape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape params, c->WithRankAtLeast(c->input(0), 1));
  Shape indices = c->input(1);
  RG_RETURN_IF_ERROR(c->WithRank(c->input(2), 0).status());
  int64_t batch_dims = 0;
  RG_RETURN_IF_ERROR(c->GetAttr("batch_dims", &batch_dims));
  const Tensor* axis_tensor = c->input_tensor(2);
  if (axis_tensor == nullptr) {
    const bool known = !params.unknown_rank() && !indices.unknown_rank();
    c->set_output(0, known ? Shape::UnknownOfRank(params.rank() +
                                                  indices.rank() - 1 -
                                                  batch_dims)
                           : Shape());
    return absl::OkStatus();
  }
  const int64_t axis = IntegerValue(*axis_tensor);
  RG_ASSIGN_OR_RETURN(
      params, c->WithRankAtLeast(params, AxesUpTo(axis)));
  if (batch_dims >= 0) {
    RG_ASSIGN_OR_RETURN(params,
                        c->WithRankAtLeast(params, AxesUpTo(batch_dims)));
  }
  // As many as are counted from either end.
  RG_ASSIGN_OR_RETURN(
      indices, c->WithRankAtLeast(
                   indices, batch_dims < 0 ? AxesUpTo(batch_dims) : batch_dims));
  RG_ASSIGN_OR_RETURN(Shape out, c->Subshape(params, 0, axis));
  RG_ASSIGN_OR_RETURN(Shape chosen, c->Subshape(indices, batch_dims));
  RG_ASSIGN_OR_RETURN(out, c->Concatenate(out, chosen));
  if (axis != -1) {
    RG_ASSIGN_OR_RETURN(Shape row, c->Subshape(params, AfterAxis(axis)));
    RG_ASSIGN_OR_RETURN(out, c->Concatenate(out, row));
  }
  c->set_output(0, out);
  return absl::OkStatus();
}

absl::StatusOr<int> GatherAxis(KernelContext* ctx, int rank) {
  const Tensor& axis_tensor = ctx->input(2);
  if (axis_tensor.shape().rank() != 0) {
    return absl::InvalidArgumentError("axis must be scalar");
  }
  const int64_t axis = IntegerValue(axis_tensor);
  if (axis < -rank || axis >= rank) {
    return absl::InvalidArgumentError(
        absl::StrCat("Expected axis in the range [", -rank, ", ", rank,
                     "), but got ", axis));
  }
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

absl::Status CheckBatchDims(int rank, int indices_rank, int axis,
                            int64_t* batch_dims) {
  if (*batch_dims == 0) return absl::OkStatus();
  if (*batch_dims < -indices_rank || *batch_dims >= indices_rank) {
    return absl::InvalidArgumentError(
        absl::StrCat("Expected batch_dims in the range [", -indices_rank, ", ",
                     indices_rank, "), but got ", *batch_dims));
  }
  if (*batch_dims < 0) *batch_dims += indices_rank;
  if (*batch_dims >= rank) {
    return absl::InvalidArgumentError(
        absl::StrCat("batch_dims (", *batch_dims,
                     ") must be less than rank(params) (", rank, ")."));
  }
  if (axis < *batch_dims) {
    return absl::InvalidArgumentError(
        absl::StrCat("batch_dims (", *batch_dims,
                     ") must be less than or equal to axis (", axis, ")."));
  }
  return absl::OkStatus();
}

void GatherKernel(KernelContext* ctx) {
  const Tensor& params = ctx->input(0);
  const Tensor& indices = ctx->input(1);
  const int rank = params.shape().rank();
  RG_KERNEL_REQUIRES(
      ctx, rank >= 1,
      absl::InvalidArgumentError("params must be at least 1 dimensional"));
  int axis = 0;
  int64_t batch_dims = 0;
  if (ctx->num_inputs() == 3) {  // GatherV2
    auto given = GatherAxis(ctx, rank);
    RG_KERNEL_OK(ctx, given.status());
    axis = *given;
    RG_KERNEL_OK(ctx, ctx->op().GetAttr("batch_dims", &batch_dims));
    RG_KERNEL_OK(ctx, CheckBatchDims(rank, indices.shape().rank(), axis,
                                     &batch_dims));
    for (int64_t d = 0; d < batch_dims; ++d) {
      RG_KERNEL_REQUIRES(
          ctx, params.shape().dim(d) == indices.shape().dim(d),
          absl::InvalidArgumentError(absl::StrCat(
              "params.shape[", d, "]: ", params.shape().dim(d),
              " should be equal to indices.shape[", d,
              "]: ", indices.shape().dim(d))));
    }
  }
  auto out = GatherRows(params, indices, axis, static_cast<int>(batch_dims));
  RG_KERNEL_OK(ctx, out.status());
  ctx->set_output(0, *std::move(out));
}

// ---- GatherNd ----

absl::Status GatherNdShape(InferenceContext* c) {
  const Shape& params = c->input(0);
  RG_ASSIGN_OR_RETURN(Shape indices, c->WithRankAtLeast(c->input(1), 1));
  const int64_t depth = c->Dim(indices, -1);
  if (params.unknown_rank() || depth == kUnknownDim) {
    c->set_output(0, Shape());
    return absl::OkStatus();
  }
  if (depth > params.rank()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "indices.shape[-1] must be <= params.rank, but saw indices shape: ",
        indices.DebugString(), " and params shape: ", params.DebugString()));
  }
  RG_ASSIGN_OR_RETURN(Shape out, c->Subshape(indices, 0, -1));
  RG_ASSIGN_OR_RETURN(Shape slice, c->Subshape(params, depth));
  RG_ASSIGN_OR_RETURN(out, c->Concatenate(out, slice));
  c->set_output(0, out);
  return absl::OkStatus();
}

void GatherNdKernel(KernelContext* ctx) {
  const Tensor& params = ctx->input(0);
  const Tensor& indices = ctx->input(1);
  const TensorShape& shape = params.shape();
  RG_KERNEL_REQUIRES(
      ctx, shape.rank() >= 1,
      absl::InvalidArgumentError("params must be at least a vector"));
  RG_KERNEL_REQUIRES(
      ctx, indices.shape().rank() >= 1,
      absl::InvalidArgumentError("indices must be at least a vector"));
  const IndexTuples tuples(indices);
  RG_KERNEL_REQUIRES(
      ctx, tuples.depth <= shape.rank(),
      absl::InvalidArgumentError(absl::StrCat(
          "index innermost dimension length must be <= params rank; saw: ",
          tuples.depth, " vs. ", shape.rank())));
  TensorShape out_shape = tuples.shape;
  int64_t run = 1;
  for (int d = static_cast<int>(tuples.depth); d < shape.rank(); ++d) {
    out_shape.AddDim(shape.dim(d));
    run *= shape.dim(d);
  }
  RG_KERNEL_REQUIRES(
      ctx, tuples.count == 0 || params.num_elements() > 0,
      absl::InvalidArgumentError(
          absl::StrCat("Requested more than 0 entries, but params is empty.  "
                       "Params shape: ",
                       shape.DebugString())));
  Tensor out = ctx->Allocate(params.dtype(), out_shape);
  if (!ctx->status().ok()) return;
  for (int64_t i = 0; i < tuples.count; ++i) {
    const int64_t place = tuples.Place(i, shape);
    RG_KERNEL_REQUIRES(
        ctx, place >= 0,
        absl::InvalidArgumentError(absl::StrCat(
            "indices", SlicePosition(tuples.shape, i), " = [", tuples.Text(i),
            "] does not index into param shape ", shape.DebugString())));
    CopyElements(params, place * run, run, &out, i * run);
  }
  ctx->set_output(0, std::move(out));
}

}  // namespace

void RegisterGatherOps(OpRegistry* registry) {
  const DataTypeVector types =
      Join({DT_UINT64, DT_UINT32, DT_QINT16, DT_QUINT16, DT_QINT32, DT_QUINT8,
            DT_QINT8},
           AllTypes());
  registry->Op("Gather")
      .Input("params: Tparams")
      .Input("indices: Tindices")
      .Output("output: Tparams")
      .Attr("validate_indices: bool = true")
      .Attr("Tparams: type")
      .Attr("Tindices: {int32, int64}")
      .Shape(GatherShape)
      .Kernel({{"Tparams", types}, {"Tindices", IndexTypes()}},
              StatelessKernel(GatherKernel));
  registry->Op("GatherV2")
      .Input("params: Tparams")
      .Input("indices: Tindices")
      .Input("axis: Taxis")
      .Output("output: Tparams")
      .Attr("batch_dims: int = 0")
      .Attr("Tparams: type")
      .Attr("Tindices: {int32, int64}")
      .Attr("Taxis: {int32, int64}")
      .Shape(GatherV2Shape)
      .Kernel({{"Tparams", types}, {"Tindices", IndexTypes()}},
              StatelessKernel(GatherKernel));
  registry->Op("GatherNd")
      .Input("params: Tparams")
      .Input("indices: Tindices")
      .Output("output: Tparams")
      .Attr("Tparams: type")
      .Attr("Tindices: {int32, int64}")
      .Shape(GatherNdShape)
      .Kernel({{"Tparams", Join(QuantizedTypes(), AllTypes())},
               {"Tindices", IndexTypes()}},
              StatelessKernel(GatherNdKernel));
}

}  // namespace retrograph
