// Putting tensors together and taking them apart along one axis: Pack, Unpack,
// Concat, Split and their like.
//
// All of them see a tensor as [outer, axis, inner]: the axes before the one
// that matters, that axis, and the axes after it. Runs of `inner` elements are
// contiguous and are copied as one.
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/array_ops.h"
#include "ops/data_movement.h"
#include "ops/kernel.h"
#include "ops/shape_helpers.h"
#include "ops/type_lists.h"

namespace retrograph {
namespace {

int64_t Product(absl::Span<const int64_t> dims) {
  int64_t product = 1;
  for (int64_t dim : dims) product *= dim;
  return product;
}

int64_t OuterSize(const TensorShape& shape, int axis) {
  return Product(shape.dims().subspan(0, axis));
}
int64_t InnerSize(const TensorShape& shape, int axis) {
  return Product(shape.dims().subspan(axis));
}

// Copies blocks of `from_run` elements of `from` to every `to_run`-th place in
// `to`, starting at `to_start`. One side's run may be the longer one.
void CopyRuns(const Tensor& from, int64_t from_start, int64_t from_stride,
              Tensor* to, int64_t to_start, int64_t to_stride, int64_t run,
              int64_t runs) {
  if (run == 0 || runs == 0) return;
  WithElementType(from.dtype(), [&](auto element) {
    using T = decltype(element);
    const T* source = Elements<T>(from) + from_start;
    T* target = MutableElements<T>(to) + to_start;
    for (int64_t i = 0; i < runs; ++i) {
      std::copy(source, source + run, target);
      source += from_stride;
      target += to_stride;
    }
  });
}

// ---- Pack, Unpack ----

absl::StatusOr<int> PackAxis(InferenceContext* c, int rank) {
  int64_t axis = 0;
  RG_RETURN_IF_ERROR(c->GetAttr("axis", &axis));
  if (axis < -rank || axis >= rank) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Invalid axis: ", axis, "; must be in [", -rank, ",", rank, ")"));
  }
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

absl::Status PackShape(InferenceContext* c) {
  PassHandleData(c, 0, 0);
  Shape merged = c->input(c->num_inputs() - 1);
  for (int i = c->num_inputs() - 2; i >= 0; --i) {
    auto with_input = c->Merge(c->input(i), merged);
    if (!with_input.ok()) {
      return WithMessage(
          with_input.status(),
          absl::StrCat(with_input.status().message(), "\n\tFrom merging shape ",
                       i, " with other shapes."));
    }
    merged = *with_input;
  }
  if (merged.unknown_rank()) {
    c->set_output(0, Shape());
    return absl::OkStatus();
  }
  RG_ASSIGN_OR_RETURN(const int axis, PackAxis(c, merged.rank() + 1));
  std::vector<int64_t> dims(merged.dims().begin(), merged.dims().end());
  dims.insert(dims.begin() + axis, c->num_inputs());
  c->set_output(0, Shape(dims));
  return absl::OkStatus();
}

void PackKernel(KernelContext* ctx) {
  const TensorShape shape = ctx->input(0).shape();
  const int count = ctx->num_inputs();
  int64_t axis = 0;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("axis", &axis));
  const int rank = shape.rank() + 1;
  RG_KERNEL_REQUIRES(
      ctx, axis >= -rank && axis < rank,
      absl::InvalidArgumentError(absl::StrCat("axis = ", axis, " not in [",
                                              -rank, ", ", rank, ")")));
  if (axis < 0) axis += rank;
  for (int i = 1; i < count; ++i) {
    const TensorShape& other = ctx->input(i).shape();
    RG_KERNEL_REQUIRES(
        ctx, shape == other,
        absl::InvalidArgumentError(absl::StrCat(
            "Shapes of all inputs must match: values[0].shape = ",
            shape.DebugString(), " != values[", i,
            "].shape = ", other.DebugString())));
  }
  std::vector<int64_t> dims(shape.dims().begin(), shape.dims().end());
  dims.insert(dims.begin() + axis, count);
  auto packed = TensorShape::Create(dims);
  RG_KERNEL_OK(ctx, packed.status());
  if (count == 1) {  // a new shape for the same buffer
    ctx->set_output(0, ctx->input(0).Reshaped(*packed));
    return;
  }
  Tensor out = ctx->Allocate(ctx->input(0).dtype(), *packed);
  if (!ctx->status().ok()) return;
  const int64_t outer = OuterSize(shape, axis), run = InnerSize(shape, axis);
  for (int i = 0; i < count; ++i) {
    CopyRuns(ctx->input(i), 0, run, &out, i * run, count * run, run, outer);
  }
  ctx->set_output(0, std::move(out));
}

absl::Status UnpackShape(InferenceContext* c) {
  const Shape& input = c->input(0);
  Shape out;
  if (!input.unknown_rank()) {
    RG_ASSIGN_OR_RETURN(const int axis, PackAxis(c, input.rank()));
    RG_RETURN_IF_ERROR(
        c->WithValue(input.dim(axis), c->num_outputs()).status());
    std::vector<int64_t> dims(input.dims().begin(), input.dims().end());
    dims.erase(dims.begin() + axis);
    out = Shape(dims);
  }
  for (int i = 0; i < c->num_outputs(); ++i) c->set_output(i, out);
  return absl::OkStatus();
}

void UnpackKernel(KernelContext* ctx) {
  const Tensor input = ctx->input(0);
  const TensorShape& shape = input.shape();
  const int rank = shape.rank();
  const int count = ctx->op().num_outputs();
  int64_t axis = 0;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("axis", &axis));
  RG_KERNEL_REQUIRES(
      ctx, axis >= -rank && axis < rank,
      absl::InvalidArgumentError(absl::StrCat("axis = ", axis, " not in [",
                                              -rank, ", ", rank, ")")));
  if (axis < 0) axis += rank;
  RG_KERNEL_REQUIRES(
      ctx, shape.dim(axis) == count,
      absl::InvalidArgumentError(absl::StrCat(
          "Input shape axis ", axis, " must equal ", count, ", got shape ",
          shape.DebugString())));
  TensorShape part = shape;
  part.RemoveDim(axis);
  const int64_t outer = OuterSize(shape, axis);
  const int64_t run = InnerSize(part, axis);
  for (int i = 0; i < count; ++i) {
    if (axis == 0) {
      ctx->set_output(i, input.Slice0(i, i + 1).Reshaped(part));
      continue;
    }
    Tensor out = ctx->Allocate(input.dtype(), part);
    if (!ctx->status().ok()) return;
    CopyRuns(input, i * run, count * run, &out, 0, run, run, outer);
    ctx->set_output(i, std::move(out));
  }
}

// ---- Concat ----

// Without a known axis only the rank can be told.
absl::Status ConcatShapeOfUnknownAxis(InferenceContext* c, int start, int end) {
  int rank = -1;
  for (int i = start; i < end && rank < 0; ++i) rank = c->input(i).rank();
  if (rank < 0) {
    c->set_output(0, Shape());
    return absl::OkStatus();
  }
  if (rank == 0) {
    return absl::InvalidArgumentError(
        "Can't concatenate scalars (use tf.stack instead)");
  }
  for (int i = start; i < end; ++i) {
    RG_RETURN_IF_ERROR(c->WithRank(c->input(i), rank).status());
  }
  c->set_output(0, Shape::UnknownOfRank(rank));
  return absl::OkStatus();
}

// What one input is before, at and after the axis.
struct ConcatParts {
  Shape before, after;
  int64_t middle = kUnknownDim;
};

absl::StatusOr<ConcatParts> SplitAtAxis(InferenceContext* c, const Shape& input,
                                        int64_t axis) {
  RG_ASSIGN_OR_RETURN(Shape shape, c->WithRankAtLeast(input, AxesUpTo(axis)));
  ConcatParts parts;
  parts.middle = c->Dim(shape, axis);
  RG_ASSIGN_OR_RETURN(parts.before, c->Subshape(shape, 0, axis));
  if (axis == -1) {
    parts.after = ScalarOf();
  } else {
    RG_ASSIGN_OR_RETURN(parts.after, c->Subshape(shape, AfterAxis(axis)));
  }
  return parts;
}

absl::Status ConcatShapeHelper(InferenceContext* c, int start, int end,
                               int axis_index) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(axis_index), 0).status());
  const Tensor* axis_tensor = c->input_tensor(axis_index);
  if (axis_tensor == nullptr) return ConcatShapeOfUnknownAxis(c, start, end);
  const int64_t axis = IntegerValue(*axis_tensor);
  RG_ASSIGN_OR_RETURN(ConcatParts all, SplitAtAxis(c, c->input(end - 1), axis));
  for (int i = end - 2; i >= start; --i) {
    RG_ASSIGN_OR_RETURN(ConcatParts one, SplitAtAxis(c, c->input(i), axis));
    RG_ASSIGN_OR_RETURN(all.before, c->Merge(one.before, all.before));
    all.middle = AddDims(all.middle, one.middle);
    RG_ASSIGN_OR_RETURN(all.after, c->Merge(one.after, all.after));
  }
  RG_ASSIGN_OR_RETURN(Shape out, c->Concatenate(all.before,
                                                VectorOf(all.middle)));
  RG_ASSIGN_OR_RETURN(out, c->Concatenate(out, all.after));
  c->set_output(0, out);
  return absl::OkStatus();
}

absl::Status ConcatShape(InferenceContext* c) {
  return ConcatShapeHelper(c, 1, c->num_inputs(), 0);
}
absl::Status ConcatV2Shape(InferenceContext* c) {
  return ConcatShapeHelper(c, 0, c->num_inputs() - 1, c->num_inputs() - 1);
}

// Checks that values [start, end) can be joined along `axis`; the joint shape.
absl::StatusOr<TensorShape> JointShape(KernelContext* ctx, int start, int end,
                                       int axis) {
  TensorShape joint = ctx->input(start).shape();
  const TensorShape first = joint;
  int64_t total = first.dim(axis);
  for (int i = start + 1; i < end; ++i) {
    const TensorShape& shape = ctx->input(i).shape();
    if (shape.rank() != first.rank()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "ConcatOp : Ranks of all input tensors should match: shape[0] = ",
          first.DebugString(), " vs. shape[", i - start,
          "] = ", shape.DebugString()));
    }
    for (int d = 0; d < first.rank(); ++d) {
      if (d != axis && shape.dim(d) != first.dim(d)) {
        return absl::InvalidArgumentError(absl::StrCat(
            "ConcatOp : Dimensions of inputs should match: shape[0] = ",
            first.DebugString(), " vs. shape[", i - start,
            "] = ", shape.DebugString()));
      }
    }
    total += shape.dim(axis);
  }
  joint.set_dim(axis, total);
  return joint;
}

void ConcatInputs(KernelContext* ctx, int start, int end, int axis_index,
                  absl::string_view axis_name) {
  const Tensor& axis_tensor = ctx->input(axis_index);
  RG_KERNEL_REQUIRES(
      ctx, axis_tensor.shape().rank() == 0,
      absl::InvalidArgumentError(absl::StrCat(
          axis_name, " tensor should be a scalar integer, but got shape ",
          axis_tensor.shape().DebugString())));
  const int64_t wanted = IntegerValue(axis_tensor);
  const int rank = ctx->input(start).shape().rank();
  const int64_t axis = wanted < 0 ? wanted + rank : wanted;
  RG_KERNEL_REQUIRES(
      ctx, axis >= 0 && axis < rank,
      absl::InvalidArgumentError(absl::StrCat(
          "ConcatOp : Expected concatenating dimensions in the range [", -rank,
          ", ", rank, "), but got ", wanted)));
  auto joint = JointShape(ctx, start, end, static_cast<int>(axis));
  RG_KERNEL_OK(ctx, joint.status());
  Tensor out = ctx->Allocate(ctx->input(start).dtype(), *joint);
  if (!ctx->status().ok()) return;
  const int64_t outer = OuterSize(*joint, axis);
  const int64_t out_run = InnerSize(*joint, axis);
  int64_t at = 0;
  for (int i = start; i < end; ++i) {
    const Tensor& value = ctx->input(i);
    const int64_t run = InnerSize(value.shape(), axis);
    CopyRuns(value, 0, run, &out, at, out_run, run, outer);
    at += run;
  }
  ctx->set_output(0, std::move(out));
}

void ConcatKernel(KernelContext* ctx) {
  ConcatInputs(ctx, 1, ctx->num_inputs(), 0, "concat_dim");
}
void ConcatV2Kernel(KernelContext* ctx) {
  const int count = ctx->num_inputs() - 1;
  ConcatInputs(ctx, 0, count, count, "axis");
}

absl::Status ConcatOffsetShape(InferenceContext* c) {
  for (int i = 1; i < c->num_inputs(); ++i) {
    c->set_output(i - 1, c->input(i));
  }
  return absl::OkStatus();
}

// Where each input of a concatenation starts: for its gradient.
void ConcatOffsetKernel(KernelContext* ctx) {
  const Tensor& dim_tensor = ctx->input(0);
  RG_KERNEL_REQUIRES(
      ctx, dim_tensor.shape().rank() == 0,
      absl::InvalidArgumentError(absl::StrCat(
          "Concat dim tensor should be a scalar integer, but got shape ",
          dim_tensor.shape().DebugString())));
  const int count = ctx->num_inputs() - 1;
  for (int i = 1; i <= count; ++i) {
    RG_KERNEL_REQUIRES(
        ctx, ctx->input(i).shape().rank() == 1,
        absl::InvalidArgumentError(
            absl::StrCat("input ", i, " should be a vector, but got shape ",
                         ctx->input(i).shape().DebugString())));
  }
  const std::vector<int64_t> first = IntegerValues(ctx->input(1));
  const int64_t dims = static_cast<int64_t>(first.size());
  const int64_t wanted = IntegerValue(dim_tensor);
  const int64_t axis = wanted < 0 ? wanted + dims : wanted;
  RG_KERNEL_REQUIRES(
      ctx, axis >= 0 && axis < dims,
      absl::InvalidArgumentError(
          absl::StrCat("Concat dim is out of range: ", wanted, " vs. ", dims)));
  int64_t offset = 0;
  for (int i = 0; i < count; ++i) {
    const std::vector<int64_t> sizes = IntegerValues(ctx->input(1 + i));
    RG_KERNEL_REQUIRES(
        ctx, static_cast<int64_t>(sizes.size()) == dims,
        absl::InvalidArgumentError(
            absl::StrCat("input ", i, " should contain ", dims,
                         " elements, but got ", sizes.size())));
    std::vector<int64_t> start(dims, 0);
    for (int64_t d = 0; d < dims; ++d) {
      if (d == axis) {
        start[d] = offset;
        continue;
      }
      RG_KERNEL_REQUIRES(
          ctx, sizes[d] == first[d],
          absl::InvalidArgumentError(absl::StrCat(
              "All dimensions except ", axis, " must match. Input ", i,
              " has shape [", absl::StrJoin(sizes, " "),
              "] and doesn't match input 0 with shape [",
              absl::StrJoin(first, " "), "].")));
    }
    offset += sizes[axis];
    ctx->set_output(i, IntegerVector(DT_INT32, start));
  }
}

// ---- Registration ----

DataTypeVector ConcatTypes() {
  return Join({DT_UINT64, DT_UINT32, DT_QINT32, DT_QINT16, DT_QUINT16, DT_QINT8,
               DT_QUINT8},
              PodAndStringTypes());
}

}  // namespace

void RegisterConcatOps(OpRegistry* registry) {
  registry->Op("Pack")
      .Input("values: N * T")
      .Output("output: T")
      .Attr("N: int >= 1")
      .Attr("T: type")
      .Attr("axis: int = 0")
      .Shape(PackShape)
      .Kernel({{"T", Join(QuantizedTypes(), AllTypes())}},
              StatelessKernel(PackKernel));
  registry->Op("Unpack")
      .Input("value: T")
      .Output("output: num * T")
      .Attr("num: int >= 0")
      .Attr("T: type")
      .Attr("axis: int = 0")
      .Shape(UnpackShape)
      .Kernel({{"T", AllTypes()}}, StatelessKernel(UnpackKernel));
  registry->Op("Concat")
      .Input("concat_dim: int32")
      .Input("values: N * T")
      .Output("output: T")
      .Attr("N: int >= 2")
      .Attr("T: type")
      .Shape(ConcatShape)
      .Kernel({{"T", ConcatTypes()}}, StatelessKernel(ConcatKernel));
  registry->Op("ConcatV2")
      .Input("values: N * T")
      .Input("axis: Tidx")
      .Output("output: T")
      .Attr("N: int >= 2")
      .Attr("T: type")
      .Attr("Tidx: {int32, int64} = DT_INT32")
      .Shape(ConcatV2Shape)
      .Kernel({{"T", ConcatTypes()}}, StatelessKernel(ConcatV2Kernel));
  registry->Op("ConcatOffset")
      .Input("concat_dim: int32")
      .Input("shape: N * int32")
      .Output("offset: N * int32")
      .Attr("N: int >= 2")
      .Shape(ConcatOffsetShape)
      .Kernel({}, StatelessKernel(ConcatOffsetKernel));
  RegisterSplitOps(registry);
}

}  // namespace retrograph
