// ScatterNd (values, summed up, at places of a tensor of zeros) and
// SparseToDense (values at places of a tensor of another value).
//
// Source: tensorflow/core/kernels/scatter_nd_op.cc, sparse_to_dense_op.cc.
#include <algorithm>
#include <complex>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/op_registry.h"
#include "graph/shape_inference.h"
#include "ops/data_movement.h"
#include "ops/index_tuples.h"
#include "ops/kernel.h"
#include "ops/learning_ops.h"
#include "ops/number.h"
#include "ops/scatter.h"
#include "ops/type_lists.h"

namespace retrograph {
namespace {

// ---- ScatterNd ----

std::string MustMatch(const char* which, int64_t rank, const char* of,
                      const std::string& shape, int64_t other_rank,
                      const std::string& other) {
  return absl::StrCat("The ", which, " ", rank, " dimensions of ", of,
                      ".shape=", shape, " must match the ", which, " ",
                      other_rank, " dimensions of updates.shape=", other);
}

absl::Status MatchParts(InferenceContext* c, const Shape& a, const Shape& b,
                        const char* which, const char* of, const Shape& whole,
                        const Shape& updates) {
  const absl::Status merged = c->Merge(a, b).status();
  if (merged.ok()) return merged;
  return absl::InvalidArgumentError(absl::StrCat(
      MustMatch(which, a.rank(), of, whole.DebugString(), b.rank(),
                updates.DebugString()),
      ": ", std::string(merged.message())));
}

bool HasElements(const Shape& shape) {
  if (!shape.IsFullyDefined()) return false;
  for (int i = 0; i < shape.rank(); ++i) {
    if (shape.dim(i) == 0) return false;
  }
  return true;
}

bool IsEmpty(const Shape& shape) {
  if (shape.unknown_rank()) return false;
  for (int i = 0; i < shape.rank(); ++i) {
    if (shape.dim(i) == 0) return true;
  }
  return false;
}

absl::Status ScatterNdShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(const Shape indices, c->WithRankAtLeast(c->input(0), 1));
  RG_ASSIGN_OR_RETURN(const Shape updates, c->WithRankAtLeast(c->input(1), 1));
  RG_ASSIGN_OR_RETURN(const Shape output, c->MakeShapeFromInput(2));
  if (IsEmpty(output) && (HasElements(indices) || HasElements(updates))) {
    return absl::InvalidArgumentError(
        "Indices and updates specified for empty output shape");
  }
  if (!indices.unknown_rank() && !updates.unknown_rank()) {
    const int64_t outer = indices.rank() - 1;
    const int64_t depth = c->Dim(indices, -1);
    if (depth != kUnknownDim) {
      RG_ASSIGN_OR_RETURN(const Shape rows, c->Subshape(indices, 0, outer));
      RG_ASSIGN_OR_RETURN(const Shape given, c->Subshape(updates, 0, outer));
      RG_RETURN_IF_ERROR(
          MatchParts(c, rows, given, "outer", "indices", indices, updates));
      RG_ASSIGN_OR_RETURN(const Shape slice, c->Subshape(output, depth));
      RG_ASSIGN_OR_RETURN(const Shape values, c->Subshape(updates, outer));
      RG_RETURN_IF_ERROR(
          MatchParts(c, slice, values, "inner", "output", output, updates));
    }
  }
  c->set_output(0, output);
  return absl::OkStatus();
}

absl::Status CheckScatterNd(const TensorShape& indices,
                            const TensorShape& updates,
                            const TensorShape& output) {
  const int64_t outer = indices.rank() - 1;
  bool same = updates.rank() >= outer;
  for (int64_t i = 0; same && i < outer; ++i) {
    same = indices.dim(i) == updates.dim(i);
  }
  if (!same) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Outer dimensions of indices and update must match. Indices shape: ",
        indices.DebugString(), ", updates shape:", updates.DebugString()));
  }
  const int64_t depth = indices.dim(outer);
  if (updates.rank() - outer != output.rank() - depth) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Inner dimensions of output shape must match inner dimensions of "
        "updates shape. Output: ",
        output.DebugString(), " updates: ", updates.DebugString()));
  }
  for (int64_t i = 0; i + outer < updates.rank(); ++i) {
    if (updates.dim(i + outer) != output.dim(depth + i)) {
      return absl::InvalidArgumentError(
          MustMatch("inner", output.rank() - depth, "output",
                    output.DebugString(), updates.rank() - outer,
                    updates.DebugString()));
    }
  }
  return absl::OkStatus();
}

template <typename T>
T Sum(const T& a, const T& b) {
  if constexpr (std::is_same_v<T, bool>) {
    return a || b;
  } else if constexpr (std::is_same_v<T, std::string>) {
    return a + b;
  } else {
    return WrapAdd(a, b);
  }
}

template <typename T>
void ScatterNdKernel(KernelContext* ctx) {
  const Tensor indices = ctx->input(0), updates = ctx->input(1);
  for (int i : {0, 1}) {
    RG_KERNEL_REQUIRES(
        ctx, ctx->input(i).shape().rank() >= 1,
        absl::InvalidArgumentError(absl::StrCat(
            i == 0 ? "Indices" : "Updates",
            " shape must have rank at least one. Found:",
            ctx->input(i).shape().DebugString())));
  }
  const auto shape = TensorShape::Create(IntegerValues(ctx->input(2)));
  RG_KERNEL_OK(ctx, shape.status());
  RG_KERNEL_OK(ctx, CheckScatterNd(indices.shape(), updates.shape(), *shape));
  const IndexTuples tuples(indices);
  RG_KERNEL_REQUIRES(
      ctx, shape->num_elements() > 0 || indices.num_elements() == 0,
      absl::InvalidArgumentError(absl::StrCat(
          "Indices and updates specified for empty output.  indices shape: ",
          indices.shape().DebugString())));
  auto out = Tensor::AllocateZeros(DataTypeOf<T>::value, *shape);
  RG_KERNEL_OK(ctx, out.status());
  const int64_t run =
      tuples.count == 0 ? 0 : updates.num_elements() / tuples.count;
  const T* from = updates.flat<T>().data();
  T* to = out->template mutable_flat<T>().data();
  for (int64_t i = 0; i < tuples.count; ++i) {
    const int64_t place = tuples.Place(i, *shape);
    RG_KERNEL_REQUIRES(
        ctx, place >= 0,
        absl::InvalidArgumentError(absl::StrCat(
            "indices", SlicePosition(tuples.shape, i), " = [", tuples.Text(i),
            "] does not index into shape ", shape->DebugString())));
    for (int64_t k = 0; k < run; ++k) {
      T& value = to[place * run + k];
      value = Sum<T>(value, from[i * run + k]);
    }
  }
  ctx->set_output(0, *std::move(out));
}

template <typename... Ts>
void AddScatterNdKernels(OpBuilder& op) {
  (op.Kernel({{"T", {DataTypeOf<Ts>::value}}, {"Tindices", IndexTypes()}},
             StatelessKernel(ScatterNdKernel<Ts>)),
   ...);
}

// ---- SparseToDense ----

absl::Status SparseToDenseShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(const Shape shape, c->MakeShapeFromInput(1));
  c->set_output(0, shape);
  return absl::OkStatus();
}

absl::Status CheckSparseToDense(const TensorShape& indices,
                                const TensorShape& output,
                                const TensorShape& values,
                                const TensorShape& fill) {
  if (indices.rank() > 2) {
    return absl::InvalidArgumentError(absl::StrCat(
        "sparse_indices should be a scalar, vector, or matrix, got shape ",
        indices.DebugString()));
  }
  const int64_t count = indices.rank() > 0 ? indices.dim(0) : 1;
  const int64_t depth = indices.rank() > 1 ? indices.dim(1) : 1;
  if (output.rank() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "output_shape should be a vector, got shape ", output.DebugString()));
  }
  if (output.num_elements() != depth) {
    return absl::InvalidArgumentError(
        absl::StrCat("output_shape has incorrect number of elements: ",
                     output.num_elements(), " should be: ", depth));
  }
  if (values.rank() != 0 &&
      !(values.rank() == 1 && values.num_elements() == count)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "sparse_values has incorrect shape ", values.DebugString(),
        ", should be [] or [", count, "]"));
  }
  if (fill.rank() != 0) {
    return absl::InvalidArgumentError("default_value should be a scalar.");
  }
  return absl::OkStatus();
}

// Each tuple is within the shape and after the one before it.
absl::Status CheckOrder(const IndexTuples& tuples, const TensorShape& shape) {
  int64_t last = -1;
  for (int64_t i = 0; i < tuples.count; ++i) {
    const int64_t place = tuples.Place(i, shape);
    const std::string start =
        absl::StrCat("indices[", i, "] = [", tuples.Text(i, ","), "] is ");
    if (place < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(start, "out of bounds: need 0 <= index < ",
                       shape.DebugString()));
    }
    if (place == last) {
      return absl::InvalidArgumentError(absl::StrCat(start, "repeated"));
    }
    if (place < last) {
      return absl::InvalidArgumentError(absl::StrCat(
          start, "out of order. Many sparse ops require sorted indices.\n",
          "    Use `tf.sparse.reorder` to create a correctly ordered copy."
          "\n\n"));
    }
    last = place;
  }
  return absl::OkStatus();
}

void SparseToDenseKernel(KernelContext* ctx) {
  Tensor indices = ctx->input(0);
  const Tensor values = ctx->input(2);
  RG_KERNEL_OK(ctx, CheckSparseToDense(indices.shape(), ctx->input(1).shape(),
                                       values.shape(), ctx->input(3).shape()));
  const auto shape = TensorShape::Create(IntegerValues(ctx->input(1)));
  RG_KERNEL_OK(ctx, shape.status());
  if (indices.shape().rank() < 2) {
    indices = indices.Reshaped(TensorShape({indices.num_elements(), 1}));
  }
  const IndexTuples tuples(indices);
  bool validate = true;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("validate_indices", &validate));
  if (validate) RG_KERNEL_OK(ctx, CheckOrder(tuples, *shape));
  Tensor out = ctx->Allocate(values.dtype(), *shape);
  if (!ctx->status().ok()) return;
  WithElementType(values.dtype(), [&](auto element) {
    using T = decltype(element);
    std::fill_n(MutableElements<T>(&out), out.num_elements(),
                *Elements<T>(ctx->input(3)));
  });
  const bool one = values.shape().rank() == 0;
  for (int64_t i = 0; i < tuples.count; ++i) {
    const int64_t place = tuples.Place(i, *shape);
    RG_KERNEL_REQUIRES(
        ctx, place >= 0,
        absl::InvalidArgumentError(
            absl::StrCat("Indices are not valid (out of bounds).  Shape: ",
                         shape->DebugString())));
    CopyElements(values, one ? 0 : i, 1, &out, place);
  }
  ctx->set_output(0, std::move(out));
}

// ---- SparseTensorDenseAdd ----

absl::Status CheckSparseSum(const TensorShape& indices,
                            const TensorShape& values, const Tensor& sparse,
                            const TensorShape& dense) {
  if (indices.rank() != 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("Input a_indices should be a matrix but received shape: ",
                     indices.DebugString()));
  }
  if (values.rank() != 1 || sparse.shape().rank() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Inputs a_values and a_shape should be vectors but received shapes: ",
        values.DebugString(), " and ", sparse.shape().DebugString()));
  }
  if (sparse.num_elements() != dense.rank()) {
    return absl::InvalidArgumentError(
        absl::StrCat("Two operands have different ranks; received: ",
                     sparse.num_elements(), " and ", dense.rank()));
  }
  const std::vector<int64_t> sizes = IntegerValues(sparse);
  for (int i = 0; i < dense.rank(); ++i) {
    if (sizes[i] == dense.dim(i)) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "Dimension ", i, " does not equal (no broadcasting is supported): ",
        "sparse side ", sizes[i], " vs dense side ", dense.dim(i)));
  }
  // TensorFlow reads beyond the ends.
  if (indices.dim(0) != values.dim(0) || indices.dim(1) != dense.rank()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a_indices of shape ", indices.DebugString(), " do not fit ",
        values.dim(0), " values of a tensor of rank ", dense.rank()));
  }
  return absl::OkStatus();
}

template <typename T>
void SparseSumKernel(KernelContext* ctx) {
  const Tensor indices = ctx->input(0), values = ctx->input(1);
  Tensor out = ctx->input(3);
  RG_KERNEL_OK(ctx, CheckSparseSum(indices.shape(), values.shape(),
                                   ctx->input(2), out.shape()));
  const IndexTuples tuples(indices);
  const T* from = values.flat<T>().data();
  T* to = out.mutable_flat<T>().data();
  for (int64_t i = 0; i < tuples.count; ++i) {
    const int64_t place = tuples.Place(i, out.shape());
    if (place >= 0) {
      to[place] = Sum<T>(to[place], from[i]);
      continue;
    }
    int axis = 0;
    for (int64_t at = tuples.values[i * tuples.depth];
         at >= 0 && at < out.shape().dim(axis);
         at = tuples.values[i * tuples.depth + axis]) {
      ++axis;
    }
    ctx->SetStatus(absl::InvalidArgumentError(absl::StrCat(
        "Sparse tensor has some invalid index on dimension ", axis,
        "; dense tensor shape: ", out.shape().DebugString())));
    return;
  }
  ctx->set_output(0, std::move(out));
}

template <typename... Ts>
void AddSparseSumKernels(OpBuilder& op) {
  (op.Kernel({{"T", {DataTypeOf<Ts>::value}}, {"Tindices", {DT_INT32}}},
             StatelessKernel(SparseSumKernel<Ts>))
       .Kernel({{"T", {DataTypeOf<Ts>::value}}, {"Tindices", {DT_INT64}}},
               StatelessKernel(SparseSumKernel<Ts>)),
   ...);
}

absl::Status SparseSumShape(InferenceContext* c) {
  c->set_output(0, c->input(3));
  return absl::OkStatus();
}

}  // namespace

void RegisterScatterNdOps(OpRegistry* registry) {
  OpBuilder scatter = registry->Op("ScatterNd");
  scatter.Input("indices: Tindices").Input("updates: T");
  scatter.Input("shape: Tindices").Output("output: T");
  scatter.Attr("T: type").Attr("Tindices: {int32, int64}");
  scatter.Shape(ScatterNdShape);
  AddScatterNdKernels<bool, std::string, std::complex<double>,
                      std::complex<float>, double, float, BFloat16, Half,
                      int8_t, uint8_t, int16_t, uint16_t, int32_t, int64_t>(
      scatter);

  OpBuilder dense = registry->Op("SparseToDense");
  dense.Input("sparse_indices: Tindices").Input("output_shape: Tindices");
  dense.Input("sparse_values: T").Input("default_value: T");
  dense.Output("dense: T").Attr("validate_indices: bool = true");
  dense.Attr("T: type").Attr("Tindices: {int32, int64}");
  dense.Shape(SparseToDenseShape);
  dense.Kernel({{"T", Join({DT_STRING, DT_BOOL}, RealTypes())},
                {"Tindices", IndexTypes()}},
               StatelessKernel(SparseToDenseKernel));

  OpBuilder sum = registry->Op("SparseTensorDenseAdd");
  sum.Input("a_indices: Tindices").Input("a_values: T");
  sum.Input("a_shape: Tindices").Input("b: T").Output("output: T");
  sum.Attr(absl::StrCat("T: ", kNumberTypes));
  sum.Attr("Tindices: {int32, int64}").Shape(SparseSumShape);
  AddSparseSumKernels<std::complex<double>, std::complex<float>, double, float,
                      BFloat16, Half, int8_t, uint8_t, int16_t, uint16_t,
                      int32_t, int64_t>(sum);
}

}  // namespace retrograph
