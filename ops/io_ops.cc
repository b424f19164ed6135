// Files: SaveV2, RestoreV2, MergeV2Checkpoints, ShardedFilename, ReadFile and
// their like. What they do to checkpoints is checkpoint/'s business; here are
// the ops' signatures and the checks of their inputs.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "checkpoint/merge.h"
#include "checkpoint/names.h"
#include "checkpoint/save_restore.h"
#include "checkpoint/tensor_slice.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/file_kernel.h"
#include "ops/kernel.h"
#include "ops/shape_helpers.h"
#include "ops/standard_ops.h"

namespace retrograph {
namespace {

// SaveV2's inputs before the tensors: prefix, names, shapes and slices.
constexpr int kFixedInputs = 3;

// ---- SaveV2, RestoreV2 ----

absl::Status SaveShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(0), 0).status());
  for (int i = 1; i <= 2; ++i) {
    RG_ASSIGN_OR_RETURN(Shape list, c->WithRank(c->input(i), 1));
    RG_RETURN_IF_ERROR(
        c->WithValue(c->Dim(list, 0), c->num_inputs() - kFixedInputs).status());
  }
  return absl::OkStatus();
}

absl::Status RestoreShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(0), 0).status());
  RG_ASSIGN_OR_RETURN(Shape names, c->WithRank(c->input(1), 1));
  RG_ASSIGN_OR_RETURN(Shape slices, c->WithRank(c->input(2), 1));
  RG_RETURN_IF_ERROR(c->Merge(names, slices).status());
  for (int i = 0; i < c->num_outputs(); ++i) c->set_output(i, Shape());
  const Tensor* slices_tensor = c->input_tensor(2);
  if (slices_tensor == nullptr) return absl::OkStatus();
  const auto specs = slices_tensor->flat<std::string>();
  if (static_cast<int>(specs.size()) != c->num_outputs()) {
    return absl::InvalidArgumentError(
        "The number of shape_and_slice doesn't match tensor outputs.");
  }
  for (int i = 0; i < c->num_outputs(); ++i) {
    if (specs[i].empty()) continue;
    RG_ASSIGN_OR_RETURN(ShapeAndSlice parsed, ParseShapeAndSlice(specs[i]));
    c->set_output(i, parsed.slice_shape);
  }
  return absl::OkStatus();
}

// The checks that both kernels make of their first three inputs.
absl::Status CheckFixedInputs(const KernelContext& ctx) {
  const Tensor& prefix = ctx.input(0);
  const Tensor& names = ctx.input(1);
  const Tensor& slices = ctx.input(2);
  // TensorFlow aborts on other shapes of the prefix.
  if (prefix.num_elements() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("Input prefix should have a single element, got ",
                     prefix.num_elements(), " instead."));
  }
  if (names.shape().rank() != 1 || slices.shape().rank() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Input tensor_names and shape_and_slices should be an 1-D tensors, got ",
        names.shape().DebugString(), " and ", slices.shape().DebugString(),
        " instead."));
  }
  if (names.num_elements() != slices.num_elements()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "tensor_names and shape_and_slices have different number of elements: ",
        names.num_elements(), " vs. ", slices.num_elements()));
  }
  return absl::OkStatus();
}

void SaveKernel(KernelContext* ctx) {
  RG_KERNEL_OK(ctx, CheckFixedInputs(*ctx));
  const Tensor& names = ctx->input(1);
  const int64_t count = names.num_elements();
  RG_KERNEL_REQUIRES(
      ctx, ctx->num_inputs() == count + kFixedInputs,
      absl::InvalidArgumentError(
          absl::StrCat("Got ", count, " tensor names but ",
                       ctx->num_inputs() - kFixedInputs, " tensors.")));
  // References, not copies: training may go on while the files are written.
  std::vector<Tensor> tensors;
  tensors.reserve(count);
  for (int64_t i = 0; i < count; ++i) {
    tensors.push_back(ctx->TakeInput(static_cast<int>(i) + kFixedInputs));
  }
  BundleWriterOptions options;
  options.commit = CommitOptionsOf(*ctx);
  RG_KERNEL_OK(ctx, SaveTensorsV2(ctx->env().file_system,
                                  ctx->input(0).flat<std::string>()[0],
                                  names.flat<std::string>(),
                                  ctx->input(2).flat<std::string>(), tensors,
                                  options));
}

void RestoreKernel(KernelContext* ctx) {
  DataTypeVector dtypes;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("dtypes", &dtypes));
  const Tensor& names = ctx->input(1);
  RG_KERNEL_REQUIRES(
      ctx, names.num_elements() == static_cast<int64_t>(dtypes.size()),
      absl::InvalidArgumentError(
          absl::StrCat("Got ", names.num_elements(), " tensor names, but ",
                       dtypes.size(), " expected dtypes.")));
  RG_KERNEL_OK(ctx, CheckFixedInputs(*ctx));
  auto tensors = RestoreTensors(
      ctx->env().file_system, ctx->input(0).flat<std::string>()[0],
      names.flat<std::string>(), ctx->input(2).flat<std::string>(), dtypes);
  RG_KERNEL_OK(ctx, tensors.status());
  for (size_t i = 0; i < tensors->size(); ++i) {
    ctx->set_output(static_cast<int>(i), std::move((*tensors)[i]));
  }
}

// ---- MergeV2Checkpoints ----

absl::Status MergeCheckpointsShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(0), 1).status());
  return c->WithRank(c->input(1), 0).status();
}

void MergeCheckpointsKernel(KernelContext* ctx) {
  const Tensor& prefixes = ctx->input(0);
  const Tensor& destination = ctx->input(1);
  RG_KERNEL_REQUIRES(
      ctx, prefixes.shape().rank() == 1,
      absl::InvalidArgumentError(
          absl::StrCat("Input checkpoint_prefixes should be an 1-D tensor, got ",
                       prefixes.shape().DebugString(), " instead.")));
  RG_KERNEL_REQUIRES(
      ctx, destination.shape().rank() == 0,
      absl::InvalidArgumentError(absl::StrCat(
          "Input destination_prefix should be a scalar tensor, got ",
          destination.shape().DebugString(), " instead.")));
  bool delete_old_dirs = true;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("delete_old_dirs", &delete_old_dirs));
  const auto list = prefixes.flat<std::string>();
  RG_KERNEL_OK(ctx, MergeV2Checkpoints(
                        ctx->env().file_system, {list.begin(), list.end()},
                        destination.flat<std::string>()[0], delete_old_dirs,
                        CommitOptionsOf(*ctx)));
}

// ---- Names of shards ----

absl::Status AllScalarsShape(InferenceContext* c) {
  for (int i = 0; i < c->num_inputs(); ++i) {
    RG_RETURN_IF_ERROR(c->WithRank(c->input(i), 0).status());
  }
  return ScalarShape(c);
}

absl::Status CheckScalars(const KernelContext& ctx) {
  const OpDef& def = ctx.op().registration()->def;
  for (int i = 0; i < ctx.num_inputs(); ++i) {
    if (ctx.input(i).shape().rank() != 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(def.input_arg(i).name(), " must be a scalar, got shape ",
                       ctx.input(i).shape().DebugString()));
    }
  }
  return absl::OkStatus();
}

void ShardedFilenameKernel(KernelContext* ctx) {
  RG_KERNEL_OK(ctx, CheckScalars(*ctx));
  ctx->set_output(0, Tensor::Scalar<std::string>(ShardedFilename(
                         ctx->input(0).scalar<std::string>(),
                         ctx->input(1).scalar<int32_t>(),
                         ctx->input(2).scalar<int32_t>())));
}

void ShardedFilespecKernel(KernelContext* ctx) {
  RG_KERNEL_OK(ctx, CheckScalars(*ctx));
  ctx->set_output(0, Tensor::Scalar<std::string>(ShardedFilespec(
                         ctx->input(0).scalar<std::string>(),
                         ctx->input(1).scalar<int32_t>())));
}

// ---- Whole files ----

absl::Status WriteFileShape(InferenceContext* c) {
  for (int i = 0; i < 2; ++i) {
    RG_RETURN_IF_ERROR(c->WithRank(c->input(i), 0).status());
  }
  return absl::OkStatus();
}

absl::Status CheckScalar(const Tensor& tensor, absl::string_view what) {
  if (tensor.shape().rank() == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(what, " tensor must be scalar, but had shape: ",
                   tensor.shape().DebugString()));
}

void ReadFileKernel(KernelContext* ctx) {
  RG_KERNEL_OK(ctx, CheckScalar(ctx->input(0), "Input filename"));
  auto contents = ReadFileToString(ctx->env().file_system,
                                   ctx->input(0).scalar<std::string>());
  RG_KERNEL_OK(ctx, contents.status());
  ctx->set_output(0, Tensor::Scalar<std::string>(*std::move(contents)));
}

void WriteFileKernel(KernelContext* ctx) {
  RG_KERNEL_OK(ctx, CheckScalar(ctx->input(0), "Input filename"));
  RG_KERNEL_OK(ctx, CheckScalar(ctx->input(1), "Contents"));
  FileSystem* fs = ctx->env().file_system;
  const std::string& path = ctx->input(0).scalar<std::string>();
  const std::string folder(Dirname(path));
  if (!folder.empty() && !fs->FileExists(folder)) {
    RG_KERNEL_OK(ctx, fs->CreateDirectories(folder));
  }
  RG_KERNEL_OK(ctx, WriteStringToFile(fs, path,
                                      ctx->input(1).scalar<std::string>()));
}

absl::Status MatchingFilesShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRankAtMost(c->input(0), 1).status());
  c->set_output(0, VectorOf(kUnknownDim));
  return absl::OkStatus();
}

void MatchingFilesKernel(KernelContext* ctx) {
  const Tensor& patterns = ctx->input(0);
  RG_KERNEL_REQUIRES(
      ctx, patterns.shape().rank() <= 1,
      absl::InvalidArgumentError(absl::StrCat(
          "Input patterns tensor must be scalar or vector, but had shape: ",
          patterns.shape().DebugString())));
  std::vector<std::string> all;
  for (const std::string& pattern : patterns.flat<std::string>()) {
    auto paths = ctx->env().file_system->Glob(pattern);
    RG_KERNEL_OK(ctx, paths.status());
    all.insert(all.end(), paths->begin(), paths->end());
  }
  std::sort(all.begin(), all.end());
  ctx->set_output(0, Tensor::Vector<std::string>(absl::MakeConstSpan(all)));
}

// ---- Registration ----

void RegisterCheckpoints(OpRegistry* registry) {
  registry->Op("SaveV2")
      .Input("prefix: string")
      .Input("tensor_names: string")
      .Input("shape_and_slices: string")
      .Input("tensors: dtypes")
      .Attr("dtypes: list(type) >= 1")
      .Stateful()
      .Shape(SaveShape)
      .Kernel({}, MakeFileKernel(SaveKernel));
  registry->Op("RestoreV2")
      .Input("prefix: string")
      .Input("tensor_names: string")
      .Input("shape_and_slices: string")
      .Output("tensors: dtypes")
      .Attr("dtypes: list(type) >= 1")
      .Stateful()
      .Shape(RestoreShape)
      .Kernel({}, MakeFileKernel(RestoreKernel));
  registry->Op("MergeV2Checkpoints")
      .Input("checkpoint_prefixes: string")
      .Input("destination_prefix: string")
      .Attr("delete_old_dirs: bool = true")
      .Stateful()
      .Shape(MergeCheckpointsShape)
      .Kernel({}, MakeFileKernel(MergeCheckpointsKernel));
  registry->Op("ShardedFilename")
      .Input("basename: string")
      .Input("shard: int32")
      .Input("num_shards: int32")
      .Output("filename: string")
      .Shape(AllScalarsShape)
      .Kernel({}, StatelessKernel(ShardedFilenameKernel));
  registry->Op("ShardedFilespec")
      .Input("basename: string")
      .Input("num_shards: int32")
      .Output("filename: string")
      .Shape(AllScalarsShape)
      .Kernel({}, StatelessKernel(ShardedFilespecKernel));
}

void RegisterFiles(OpRegistry* registry) {
  registry->Op("ReadFile")
      .Input("filename: string")
      .Output("contents: string")
      .Shape(AllScalarsShape)
      .Kernel({}, MakeFileKernel(ReadFileKernel));
  registry->Op("WriteFile")
      .Input("filename: string")
      .Input("contents: string")
      .Stateful()
      .Shape(WriteFileShape)
      .Kernel({}, MakeFileKernel(WriteFileKernel));
  registry->Op("MatchingFiles")
      .Input("pattern: string")
      .Output("filenames: string")
      .Shape(MatchingFilesShape)
      .Kernel({}, MakeFileKernel(MatchingFilesKernel));
}

}  // namespace

void RegisterIoOps(OpRegistry* registry) {
  RegisterCheckpoints(registry);
  RegisterFiles(registry);
}

}  // namespace retrograph
