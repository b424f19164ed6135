// Datasets that keep, leave out, regroup or fill up the elements of another.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "ops/dataset.h"
#include "ops/dataset_kernel.h"
#include "ops/dataset_ops.h"

namespace retrograph {
namespace {

absl::StatusOr<DatasetPtr> MakeCache(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(DatasetPtr input, InputDataset(ctx, 0));
  RG_ASSIGN_OR_RETURN(const std::string filename,
                      ScalarInput<std::string>(ctx, 1, "filename"));
  if (!filename.empty()) {
    return absl::UnimplementedError(
        "A dataset's cache in a file is not in retrograph.");
  }
  return Cached(std::move(input));
}

absl::StatusOr<DatasetPtr> MakeShard(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(DatasetPtr input, InputDataset(ctx, 0));
  RG_ASSIGN_OR_RETURN(const int64_t shards, ScalarInput(ctx, 1, "num_shards"));
  RG_ASSIGN_OR_RETURN(const int64_t index, ScalarInput(ctx, 2, "index"));
  if (shards <= 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Number of shards must be greater than zero (currently num_shards = ",
        shards, ")."));
  }
  if (index < 0 || index >= shards) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Index must be between 0 and ", shards - 1,
        " (currently index = ", index, ")."));
  }
  return Sharded(std::move(input), shards, index);
}

absl::StatusOr<DatasetPtr> MakeWindow(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(DatasetPtr input, InputDataset(ctx, 0));
  int64_t numbers[3];
  const char* const names[] = {"size", "shift", "stride"};
  for (int i = 0; i < 3; ++i) {
    RG_ASSIGN_OR_RETURN(numbers[i], ScalarInput(ctx, i + 1, names[i]));
    if (numbers[i] > 0) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("Window ", names[i], " must be greater than zero."));
  }
  RG_ASSIGN_OR_RETURN(const bool drop,
                      ScalarInput<bool>(ctx, 4, "drop_remainder"));
  return Windowed(std::move(input), numbers[0], numbers[1], numbers[2], drop);
}

template <DatasetPtr (*make)(DatasetPtr)>
absl::StatusOr<DatasetPtr> MakePlain(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(DatasetPtr input, InputDataset(ctx, 0));
  return make(std::move(input));
}

absl::StatusOr<DatasetPtr> MakeShuffleAndRepeat(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(ShuffleInputs in, ShuffleInputsOf(ctx));
  RG_ASSIGN_OR_RETURN(const int64_t count, ScalarInput(ctx, 4, "count"));
  DatasetPtr repeated = Repeated(
      Shuffled(std::move(in.input), in.buffer_size, in.seed, in.seed2, true),
      count);
  DatasetPtr fused = repeated->Optimized();
  return fused == nullptr ? repeated : fused;
}

absl::StatusOr<std::vector<Padding>> Paddings(const KernelContext& ctx,
                                              int count) {
  std::vector<Padding> paddings(count);
  for (int i = 0; i < count; ++i) {
    const Tensor& dims = ctx.input(2 + i);
    if (dims.shape().rank() != 1) {
      return absl::InvalidArgumentError("All padded shapes must be vectors");
    }
    for (int64_t dim : dims.flat<int64_t>()) {
      if (dim < -1) {
        return absl::InvalidArgumentError(
            absl::StrCat("Dimension ", dim, " must be >= -1"));
      }
      paddings[i].dims.push_back(dim);
    }
  }
  for (int i = 0; i < count; ++i) {
    paddings[i].value = ctx.input(2 + count + i);
    if (paddings[i].value.shape().rank() != 0) {
      return absl::InvalidArgumentError("All padding values must be scalars");
    }
  }
  return paddings;
}

absl::StatusOr<DatasetPtr> MakePaddedBatch(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(DatasetPtr input, InputDataset(ctx, 0));
  RG_ASSIGN_OR_RETURN(const int64_t size, ScalarInput(ctx, 1, "batch_size"));
  if (size <= 0) {
    return absl::InvalidArgumentError("Batch size must be greater than zero.");
  }
  int64_t count = 0;
  DataTypeVector types;
  RG_RETURN_IF_ERROR(ctx.op().GetAttr("N", &count));
  RG_RETURN_IF_ERROR(ctx.op().GetAttr("Toutput_types", &types));
  if (count != static_cast<int64_t>(types.size())) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Number of padded shapes (", count,
        ") must match the number of components in the input dataset's "
        "elements (",
        types.size(), ")"));
  }
  RG_ASSIGN_OR_RETURN(std::vector<Padding> paddings,
                      Paddings(ctx, static_cast<int>(count)));
  bool drop = false;
  if (ctx.op().type() == "PaddedBatchDatasetV2") {
    RG_ASSIGN_OR_RETURN(drop, ScalarInput<bool>(ctx, ctx.num_inputs() - 1,
                                                "drop_remainder"));
  }
  return PaddedBatched(std::move(input), size, std::move(paddings), drop);
}

template <absl::StatusOr<DatasetPtr> (*make)(const KernelContext&)>
OpBuilder OverInput(OpRegistry* registry, absl::string_view name) {
  OpBuilder op = NewDatasetOp<make>(registry, name);
  op.Input("input_dataset: variant");
  return op;
}

void RegisterPaddedBatch(OpRegistry* registry) {
  OpBuilder first =
      OverInput<MakePaddedBatch>(registry, "PaddedBatchDataset");
  first.Input("batch_size: int64")
      .Input("padded_shapes: N * int64")
      .Input("padding_values: Toutput_types");
  OpBuilder second =
      OverInput<MakePaddedBatch>(registry, "PaddedBatchDatasetV2");
  second.Input("batch_size: int64")
      .Input("padded_shapes: N * int64")
      .Input("padding_values: Toutput_types")
      .Input("drop_remainder: bool")
      .Attr("parallel_copy: bool = false");
  for (OpBuilder* op : {&first, &second}) {
    op->Attr("Toutput_types: list(type) >= 1")
        .Attr("output_shapes: list(shape) >= 1")
        .Attr("N: int >= 1");
  }
}

}  // namespace

void RegisterRearrangedDatasetOps(OpRegistry* registry) {
  OpBuilder cache = OverInput<MakeCache>(registry, "CacheDataset");
  WithElementTypes(cache.Input("filename: string"));
  OpBuilder shard = OverInput<MakeShard>(registry, "ShardDataset");
  WithElementTypes(shard.Input("num_shards: int64")
                       .Input("index: int64")
                       .Attr("require_non_empty: bool = false"));
  OpBuilder window = OverInput<MakeWindow>(registry, "WindowDataset");
  WithElementTypes(window.Input("size: int64")
                       .Input("shift: int64")
                       .Input("stride: int64")
                       .Input("drop_remainder: bool"));
  OpBuilder unbatch =
      OverInput<MakePlain<Unbatched>>(registry, "UnbatchDataset");
  WithElementTypes(unbatch);
  OpBuilder ignore =
      OverInput<MakePlain<WithoutErrors>>(registry, "IgnoreErrorsDataset");
  WithElementTypes(ignore);
  OpBuilder shuffle =
      OverInput<MakeShuffleAndRepeat>(registry, "ShuffleAndRepeatDataset");
  WithElementTypes(shuffle.Input("buffer_size: int64")
                       .Input("seed: int64")
                       .Input("seed2: int64")
                       .Input("count: int64"));
  RegisterPaddedBatch(registry);
}

}  // namespace retrograph
