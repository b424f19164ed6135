// The ops of V1 checkpoints: Save, SaveSlices, Restore, RestoreSlice. A Saver
// that writes V1 uses SaveSlices; it reads with RestoreV2, which knows both
// formats.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "checkpoint/save_restore.h"
#include "checkpoint/tensor_slice.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/file_kernel.h"
#include "ops/kernel.h"
#include "ops/standard_ops.h"

namespace retrograph {
namespace {

// Inputs before the tensors: filename, names, and for SaveSlices the slices.
constexpr int kSaveFixedInputs = 2;
constexpr int kSaveSlicesFixedInputs = 3;

template <int kFixedInputs>
absl::Status SaveShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(0), 0).status());
  for (int i = 1; i < kFixedInputs; ++i) {
    RG_ASSIGN_OR_RETURN(Shape list, c->WithRank(c->input(i), 1));
    RG_RETURN_IF_ERROR(
        c->WithValue(c->Dim(list, 0), c->num_inputs() - kFixedInputs).status());
  }
  return absl::OkStatus();
}

absl::Status RestoreShape(InferenceContext* c) {
  for (int i = 0; i < c->num_inputs(); ++i) {
    RG_RETURN_IF_ERROR(c->WithRank(c->input(i), 0).status());
  }
  c->set_output(0, Shape());
  const Tensor* specs = c->num_inputs() < 3 ? nullptr : c->input_tensor(2);
  if (specs == nullptr || specs->num_elements() == 0) return absl::OkStatus();
  const std::string& spec = specs->flat<std::string>()[0];
  if (spec.empty()) return absl::OkStatus();
  RG_ASSIGN_OR_RETURN(ShapeAndSlice parsed, ParseShapeAndSlice(spec));
  c->set_output(0, parsed.slice_shape);
  return absl::OkStatus();
}

absl::Status CheckOneElement(const KernelContext& ctx, absl::string_view what) {
  const int64_t size = ctx.input(0).num_elements();
  if (size == 1) return absl::OkStatus();
  // TensorFlow leaves no space there either.
  return absl::InvalidArgumentError(absl::StrCat(
      "Input 0 (", what, ") must be a string scalar; got a tensor of ", size,
      "elements"));
}

template <int kFixedInputs>
void SaveKernel(KernelContext* ctx) {
  RG_KERNEL_OK(ctx, CheckOneElement(*ctx, "filename"));
  const Tensor& names = ctx->input(1);
  const int64_t count = names.num_elements();
  absl::Span<const std::string> slices;
  if (kFixedInputs == kSaveSlicesFixedInputs) {
    slices = ctx->input(2).flat<std::string>();
    RG_KERNEL_REQUIRES(
        ctx, static_cast<int64_t>(slices.size()) == count,
        absl::InvalidArgumentError(
            absl::StrCat("Expected ", count,
                         " elements for the tensor shapes and slices but got ",
                         slices.size())));
  }
  RG_KERNEL_REQUIRES(
      ctx, ctx->num_inputs() == count + kFixedInputs,
      absl::InvalidArgumentError(absl::StrCat(
          "Expected totally ", count + kFixedInputs,
          " inputs as input #1 (which is a string tensor of saved names) "
          "contains ",
          count, " names, but received ", ctx->num_inputs(), " inputs")));
  // References, not copies: training may go on while the file is written.
  std::vector<Tensor> tensors;
  tensors.reserve(count);
  for (int64_t i = 0; i < count; ++i) {
    tensors.push_back(ctx->TakeInput(static_cast<int>(i) + kFixedInputs));
  }
  RG_KERNEL_OK(ctx, SaveTensorsV1(ctx->env().file_system,
                                  ctx->input(0).flat<std::string>()[0],
                                  names.flat<std::string>(), slices, tensors,
                                  CommitOptionsOf(*ctx)));
}

void RestoreKernel(KernelContext* ctx) {
  RG_KERNEL_OK(ctx, CheckOneElement(*ctx, "file_pattern"));
  // Of more names than one, the first counts.
  std::vector<std::string> name_and_slice(2);
  for (int i = 1; i < ctx->num_inputs(); ++i) {
    const absl::Span<const std::string> values =
        ctx->input(i).flat<std::string>();
    // There TensorFlow reads memory that is not the tensor's.
    RG_KERNEL_REQUIRES(ctx, !values.empty(),
                       absl::InvalidArgumentError(
                           absl::StrCat("Input ", i, " must not be empty")));
    name_and_slice[i - 1] = values[0];
  }
  DataType dtype = DT_INVALID;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("dt", &dtype));
  auto tensors = RestoreTensorsV1(
      ctx->env().file_system, ctx->input(0).flat<std::string>()[0],
      {name_and_slice[0]}, {name_and_slice[1]}, {dtype});
  RG_KERNEL_OK(ctx, tensors.status());
  ctx->set_output(0, std::move((*tensors)[0]));
}

}  // namespace

// preferred_shard tells TensorFlow which file of several to look into first; we
// look into all of them.
void RegisterV1IoOps(OpRegistry* registry) {
  registry->Op("Save")
      .Input("filename: string")
      .Input("tensor_names: string")
      .Input("data: T")
      .Attr("T: list(type) >= 1")
      .Stateful()
      .Shape(SaveShape<kSaveFixedInputs>)
      .Kernel({}, MakeFileKernel(SaveKernel<kSaveFixedInputs>));
  registry->Op("SaveSlices")
      .Input("filename: string")
      .Input("tensor_names: string")
      .Input("shapes_and_slices: string")
      .Input("data: T")
      .Attr("T: list(type) >= 1")
      .Stateful()
      .Shape(SaveShape<kSaveSlicesFixedInputs>)
      .Kernel({}, MakeFileKernel(SaveKernel<kSaveSlicesFixedInputs>));
  registry->Op("Restore")
      .Input("file_pattern: string")
      .Input("tensor_name: string")
      .Output("tensor: dt")
      .Attr("dt: type")
      .Attr("preferred_shard: int = -1")
      .Stateful()
      .Shape(RestoreShape)
      .Kernel({}, MakeFileKernel(RestoreKernel));
  registry->Op("RestoreSlice")
      .Input("file_pattern: string")
      .Input("tensor_name: string")
      .Input("shape_and_slice: string")
      .Output("tensor: dt")
      .Attr("dt: type")
      .Attr("preferred_shard: int = -1")
      .Stateful()
      .Shape(RestoreShape)
      .Kernel({}, MakeFileKernel(RestoreKernel));
}

}  // namespace retrograph
