// Datasets: each op's value is a variant that holds a Dataset.
#include "ops/dataset_ops.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/dataset.h"
#include "ops/dataset_kernel.h"
#include "ops/kernel.h"

namespace retrograph {
namespace {

absl::StatusOr<DatasetPtr> MakeRange(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(const int64_t start, ScalarInput(ctx, 0, "start"));
  RG_ASSIGN_OR_RETURN(const int64_t stop, ScalarInput(ctx, 1, "stop"));
  RG_ASSIGN_OR_RETURN(const int64_t step, ScalarInput(ctx, 2, "step"));
  if (step == 0) {
    return absl::InvalidArgumentError("step must be a non-zero integer.");
  }
  return RangeOf(start, stop, step);
}

Element Inputs(const KernelContext& ctx) {
  Element inputs;
  for (int i = 0; i < ctx.num_inputs(); ++i) inputs.push_back(ctx.input(i));
  return inputs;
}

absl::StatusOr<DatasetPtr> MakeSlices(const KernelContext& ctx) {
  for (int i = 0; i < ctx.num_inputs(); ++i) {
    const TensorShape& shape = ctx.input(i).shape();
    if (shape.rank() == 0) {
      return absl::InvalidArgumentError(
          "All components must be at least 1-dimensional");
    }
    if (shape.dim(0) != ctx.input(0).shape().dim(0)) {
      return absl::InvalidArgumentError(
          "All components must have the same size in the 0th dimension");
    }
  }
  return SlicesOf(Inputs(ctx));
}

absl::StatusOr<DatasetPtr> MakeBatch(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(DatasetPtr input, InputDataset(ctx, 0));
  RG_ASSIGN_OR_RETURN(const int64_t size, ScalarInput(ctx, 1, "batch_size"));
  if (size <= 0) {
    return absl::InvalidArgumentError("Batch size must be greater than zero.");
  }
  const bool drop = ctx.num_inputs() > 2 && ctx.input(2).scalar<bool>();
  return Batched(std::move(input), size, drop);
}

absl::StatusOr<DatasetPtr> MakeShuffle(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(ShuffleInputs in, ShuffleInputsOf(ctx));
  bool reshuffle = true;
  RG_RETURN_IF_ERROR(ctx.op().GetAttr("reshuffle_each_iteration", &reshuffle));
  return Shuffled(std::move(in.input), in.buffer_size, in.seed, in.seed2,
                  reshuffle);
}

template <DatasetPtr (*make)(DatasetPtr, int64_t)>
absl::StatusOr<DatasetPtr> MakeCounted(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(DatasetPtr input, InputDataset(ctx, 0));
  RG_ASSIGN_OR_RETURN(const int64_t count, ScalarInput(ctx, 1, "count"));
  return make(std::move(input), count);
}

absl::StatusOr<DatasetPtr> MakeZip(const KernelContext& ctx) {
  std::vector<DatasetPtr> inputs;
  for (int i = 0; i < ctx.num_inputs(); ++i) {
    RG_ASSIGN_OR_RETURN(DatasetPtr input, InputDataset(ctx, i));
    inputs.push_back(std::move(input));
  }
  return Zipped(std::move(inputs));
}

absl::StatusOr<DatasetPtr> MakeConcatenation(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(DatasetPtr first, InputDataset(ctx, 0));
  RG_ASSIGN_OR_RETURN(DatasetPtr second, InputDataset(ctx, 1));
  return Concatenated(std::move(first), std::move(second));
}

// What only makes a pipeline faster changes no element.
absl::StatusOr<DatasetPtr> MakeSame(const KernelContext& ctx) {
  return InputDataset(ctx, 0);
}

absl::StatusOr<DatasetPtr> MakeOptimized(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(DatasetPtr input, InputDataset(ctx, 0));
  bool fuses = false;
  for (const std::string& name : ctx.input(1).flat<std::string>()) {
    fuses = fuses || name == "shuffle_and_repeat_fusion";
  }
  DatasetPtr better = fuses ? input->Optimized() : nullptr;
  return better == nullptr ? input : better;
}

absl::StatusOr<DatasetPtr> MakeElement(const KernelContext& ctx) {
  return OneElement(Inputs(ctx));
}

// ---- Registration ----

void RegisterSources(OpRegistry* registry) {
  OpBuilder range = NewDatasetOp<MakeRange>(registry, "RangeDataset");
  range.Input("start: int64").Input("stop: int64").Input("step: int64");
  WithElementTypes(range).Stateful();
  OpBuilder element = NewDatasetOp<MakeElement>(registry, "TensorDataset");
  element.Input("components: Toutput_types")
      .Attr("Toutput_types: list(type) >= 1")
      .Attr("output_shapes: list(shape) >= 1")
      .Stateful();
  OpBuilder slices = NewDatasetOp<MakeSlices>(registry, "TensorSliceDataset");
  slices.Input("components: Toutput_types")
      .Attr("Toutput_types: list(type) >= 1")
      .Attr("output_shapes: list(shape) >= 1")
      .Stateful();
}

void RegisterChanges(OpRegistry* registry) {
  OpBuilder batch = NewDatasetOp<MakeBatch>(registry, "BatchDataset");
  batch.Input("input_dataset: variant").Input("batch_size: int64");
  WithElementTypes(batch);
  OpBuilder batch2 = NewDatasetOp<MakeBatch>(registry, "BatchDatasetV2");
  batch2.Input("input_dataset: variant")
      .Input("batch_size: int64")
      .Input("drop_remainder: bool")
      .Attr("parallel_copy: bool = false");
  WithElementTypes(batch2);
  OpBuilder shuffle = NewDatasetOp<MakeShuffle>(registry, "ShuffleDataset");
  shuffle.Input("input_dataset: variant")
      .Input("buffer_size: int64")
      .Input("seed: int64")
      .Input("seed2: int64")
      .Attr("reshuffle_each_iteration: bool = true");
  WithElementTypes(shuffle);
  OpBuilder repeat = NewDatasetOp<MakeCounted<Repeated>>(registry, "RepeatDataset");
  OpBuilder take = NewDatasetOp<MakeCounted<Taken>>(registry, "TakeDataset");
  OpBuilder skip = NewDatasetOp<MakeCounted<Skipped>>(registry, "SkipDataset");
  for (OpBuilder* op : {&repeat, &take, &skip}) {
    op->Input("input_dataset: variant").Input("count: int64");
    WithElementTypes(*op);
  }
  OpBuilder zip = NewDatasetOp<MakeZip>(registry, "ZipDataset");
  WithElementTypes(zip.Input("input_datasets: N * variant")).Attr("N: int >= 1");
  OpBuilder both = NewDatasetOp<MakeConcatenation>(registry, "ConcatenateDataset");
  WithElementTypes(both.Input("input_dataset: variant")
                .Input("another_dataset: variant"));
}

void RegisterTuning(OpRegistry* registry) {
  OpBuilder prefetch = NewDatasetOp<MakeSame>(registry, "PrefetchDataset");
  WithElementTypes(prefetch.Input("input_dataset: variant")
                .Input("buffer_size: int64"))
      .Attr("slack_period: int = 0")
      .Attr("legacy_autotune: bool = true");
  OpBuilder optimize = NewDatasetOp<MakeOptimized>(registry, "OptimizeDataset");
  WithElementTypes(optimize.Input("input_dataset: variant")
                .Input("optimizations: string"))
      .Attr("optimization_configs: list(string) = []");
  OpBuilder model = NewDatasetOp<MakeSame>(registry, "ModelDataset");
  WithElementTypes(model.Input("input_dataset: variant")
                .Attr("algorithm: int = 0")
                .Attr("cpu_budget: int = 0"));
}

}  // namespace

void RegisterDatasetOps(OpRegistry* registry) {
  RegisterSources(registry);
  RegisterChanges(registry);
  RegisterTuning(registry);
  RegisterRearrangedDatasetOps(registry);
  RegisterFileDatasetOps(registry);
  RegisterFunctionDatasetOps(registry);
}

}  // namespace retrograph
