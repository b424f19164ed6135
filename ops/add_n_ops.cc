// Sums of a list of tensors of one shape: AddN, AccumulateNV2.

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "graph/shape_inference.h"
#include "ops/kernel.h"
#include "ops/number.h"
#include "ops/same_shape.h"
#include "ops/standard_ops.h"
#include "ops/tensor_list_kernel.h"

namespace retrograph {
namespace {

// What is known of lists of tensors: what is known of all of them.
absl::Status MergeHandleData(InferenceContext* c) {
  const HandleData* first = c->input_handle_data(0);
  if (first == nullptr) return absl::OkStatus();
  HandleData merged = *first;
  for (int i = 1; i < c->num_inputs(); ++i) {
    const HandleData* other = c->input_handle_data(i);
    if (other == nullptr) return absl::OkStatus();
    if (other->dtype != merged.dtype) {
      return absl::InvalidArgumentError(
          absl::StrCat("shapes_and_types[0][0].dtype() == ",
                       DataTypeString(merged.dtype),
                       " != shapes_and_types[0][0].dtype == ",
                       DataTypeString(other->dtype)));
    }
    RG_ASSIGN_OR_RETURN(merged.shape, c->Merge(merged.shape, other->shape));
  }
  c->set_output_handle_data(0, std::move(merged));
  return absl::OkStatus();
}

absl::Status AddNShape(InferenceContext* c) {
  const int last = c->num_inputs() - 1;
  Shape merged = c->input(last);
  for (int i = last - 1; i >= 0; --i) {
    absl::StatusOr<Shape> both = c->Merge(c->input(i), merged);
    if (!both.ok()) {
      return WithMessage(both.status(), absl::StrCat(both.status().message(),
                                                     "\n\tFrom merging shape ",
                                                     i, " with other shapes."));
    }
    merged = *std::move(both);
  }
  c->set_output(0, std::move(merged));
  return MergeHandleData(c);
}

absl::Status AccumulateShape(InferenceContext* c) {
  Shape shape;
  RG_RETURN_IF_ERROR(c->GetAttr("shape", &shape));
  c->set_output(0, std::move(shape));
  return absl::OkStatus();
}

// TensorFlow adds eight tensors at a time: the first group has what is left
// over (9 for a remainder of 1). In floats the order shows.
constexpr int kGroup = 8;
int FirstGroup(int count) {
  const int rest = count % kGroup;
  const int first = rest == 0 ? kGroup : rest == 1 ? kGroup + 1 : rest;
  return std::min(first, count);
}

template <typename T>
void AddNKernel(KernelContext* ctx) {
  RG_KERNEL_OK(ctx, CheckSameShapes(ctx));
  const int count = ctx->num_inputs();
  if (count == 1) {
    ctx->set_output(0, ctx->TakeInput(0));
    return;
  }
  const TensorShape shape = ctx->input(0).shape();
  std::vector<const T*> in;
  int reused = 0;
  for (int i = count - 1; i >= 0; --i) {
    if (!ctx->input(i).BufferIsShared()) reused = i;
  }
  for (int i = 0; i < count; ++i) in.push_back(ctx->input(i).flat<T>().data());
  Tensor out = ctx->ForwardOrAllocate(reused, DataTypeOf<T>::value, shape);
  if (!ctx->status().ok()) return;
  T* to = out.mutable_flat<T>().data();
  // The tensor whose buffer takes the sum comes first.
  std::swap(in[0], in[reused]);
  const int first = FirstGroup(count);
  for (int64_t k = 0; k < shape.num_elements(); ++k) {
    T total = in[0][k];
    for (int i = 1; i < first; ++i) total = WrapAdd(total, in[i][k]);
    for (int start = first; start < count; start += kGroup) {
      T group = in[start][k];
      for (int i = 1; i < kGroup; ++i) {
        group = WrapAdd(group, in[start + i][k]);
      }
      total = WrapAdd(total, group);
    }
    to[k] = total;
  }
  ctx->set_output(0, std::move(out));
}

void AddNVariantsKernel(KernelContext* ctx) {
  if (ctx->num_inputs() == 1) {
    ctx->set_output(0, ctx->TakeInput(0));
    return;
  }
  RG_KERNEL_OK(ctx, CheckSameShapes(ctx));
  for (int i = 0; i < ctx->num_inputs(); ++i) {
    RG_KERNEL_REQUIRES(
        ctx, ctx->input(i).shape().rank() == 0,
        absl::InvalidArgumentError(absl::StrCat(
            "AddN of non-scalar Tensor with dtype=DT_VARIANT is not supported; "
            "inputs[",
            i, " has shape: ", ctx->input(i).shape().DebugString(), ".")));
  }
  Variant sum = ctx->input(0).scalar<Variant>();
  for (int i = 1; i < ctx->num_inputs(); ++i) {
    absl::StatusOr<Variant> both =
        AddVariants(sum, ctx->input(i).scalar<Variant>());
    RG_KERNEL_OK(ctx, both.status());
    sum = *std::move(both);
  }
  ctx->set_output(0, VariantScalar(std::move(sum)));
}

template <typename... Ts>
void AddSumKernels(OpBuilder& op) {
  (op.Kernel({{"T", {DataTypeOf<Ts>::value}}},
             StatelessKernel(&AddNKernel<Ts>)),
   ...);
}

void AddAllSumKernels(OpBuilder& op) {
  AddSumKernels<std::complex<double>, std::complex<float>, double, float,
                BFloat16, Half, int8_t, uint8_t, int16_t, uint16_t, int32_t,
                int64_t>(op);
}

}  // namespace

void RegisterAddNOps(OpRegistry* registry) {
  OpBuilder add_n = registry->Op("AddN");
  add_n.Input("inputs: N * T").Output("sum: T").Attr("N: int >= 1");
  add_n.Attr(
      "T: {float, double, int32, uint8, int16, int8, complex64, int64, qint8, "
      "quint8, qint32, bfloat16, uint16, complex128, half, uint32, uint64, "
      "variant}");
  add_n.Aggregate().Commutative().Shape(AddNShape);
  AddAllSumKernels(add_n);
  add_n.Kernel({{"T", {DT_VARIANT}}}, StatelessKernel(AddNVariantsKernel));

  // TensorFlow has no kernel for it: its graph is rewritten into temporary
  // variables before a run. The sum is the same.
  OpBuilder accumulate = registry->Op("AccumulateNV2");
  accumulate.Input("inputs: N * T").Output("sum: T").Attr("N: int >= 1");
  accumulate.Attr(absl::StrCat("T: ", kNumberTypes)).Attr("shape: shape");
  accumulate.Aggregate().Commutative().Shape(AccumulateShape);
  AddAllSumKernels(accumulate);
}

}  // namespace retrograph
