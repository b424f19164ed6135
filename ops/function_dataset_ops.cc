// Datasets that call functions of the graph's library.
#include <sched.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "ops/dataset_kernel.h"
#include "ops/dataset_ops.h"
#include "ops/function.h"
#include "ops/function_dataset.h"

namespace retrograph {
namespace {

// How TensorFlow says "as you think best".
constexpr int64_t kAutotune = -1;

int64_t NumCpus() {
  cpu_set_t cpus;
  if (sched_getaffinity(0, sizeof(cpus), &cpus) != 0) return 1;
  return CPU_COUNT(&cpus);
}

// Goes over an op's inputs from the second on.
class Inputs {
 public:
  explicit Inputs(const KernelContext& ctx) : ctx_(ctx) {}

  // The function of attr `f` with the next inputs, as many as list attr
  // `types` has types.
  absl::StatusOr<CapturedPtr> Function(absl::string_view f,
                                       absl::string_view types) {
    DataTypeVector captured_types;
    RG_RETURN_IF_ERROR(ctx_.op().GetAttr(types, &captured_types));
    auto captured = std::make_shared<CapturedFunction>();
    for (size_t i = 0; i < captured_types.size(); ++i) {
      captured->captured.push_back(ctx_.input(next_++));
    }
    RG_ASSIGN_OR_RETURN(captured->function, FunctionOfAttr(ctx_.op(), f));
    return CapturedPtr(std::move(captured));
  }
  template <typename T = int64_t>
  absl::StatusOr<T> Scalar(absl::string_view name) {
    return ScalarInput<T>(ctx_, next_++, name);
  }

 private:
  const KernelContext& ctx_;
  int next_ = 1;
};

absl::Status RequirePositive(int64_t value, absl::string_view name) {
  if (value > 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(name, " must be greater than zero."));
}

absl::StatusOr<bool> PreservesCardinality(const KernelContext& ctx) {
  bool preserve = false;
  RG_RETURN_IF_ERROR(ctx.op().GetAttr("preserve_cardinality", &preserve));
  return preserve;
}

absl::StatusOr<DatasetPtr> MakeMap(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(DatasetPtr input, InputDataset(ctx, 0));
  Inputs inputs(ctx);
  RG_ASSIGN_OR_RETURN(CapturedPtr f, inputs.Function("f", "Targuments"));
  if (ctx.op().type() == "ParallelMapDataset") {
    RG_ASSIGN_OR_RETURN(const int32_t calls,
                        inputs.Scalar<int32_t>("num_parallel_calls"));
    if (calls != kAutotune) {
      RG_RETURN_IF_ERROR(RequirePositive(calls, "num_parallel_calls"));
    }
  }
  RG_ASSIGN_OR_RETURN(const bool preserve, PreservesCardinality(ctx));
  return Mapped(std::move(input), std::move(f), preserve);
}

absl::StatusOr<DatasetPtr> MakeMapAndBatch(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(DatasetPtr input, InputDataset(ctx, 0));
  Inputs inputs(ctx);
  RG_ASSIGN_OR_RETURN(CapturedPtr f, inputs.Function("f", "Targuments"));
  RG_ASSIGN_OR_RETURN(const int64_t size, inputs.Scalar("batch_size"));
  RG_RETURN_IF_ERROR(RequirePositive(size, "batch_size"));
  RG_ASSIGN_OR_RETURN(const int64_t calls, inputs.Scalar("num_parallel_calls"));
  if (calls != kAutotune) {
    RG_RETURN_IF_ERROR(RequirePositive(calls, "num_parallel_calls"));
  }
  RG_ASSIGN_OR_RETURN(const bool drop, inputs.Scalar<bool>("drop_remainder"));
  RG_ASSIGN_OR_RETURN(const bool preserve, PreservesCardinality(ctx));
  return MapAndBatched(std::move(input), std::move(f), size, drop, preserve);
}

absl::StatusOr<DatasetPtr> MakeFilter(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(DatasetPtr input, InputDataset(ctx, 0));
  RG_ASSIGN_OR_RETURN(CapturedPtr predicate,
                      Inputs(ctx).Function("predicate", "Targuments"));
  return Filtered(std::move(input), std::move(predicate));
}

absl::StatusOr<DatasetPtr> MakeFlatMap(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(DatasetPtr input, InputDataset(ctx, 0));
  RG_ASSIGN_OR_RETURN(CapturedPtr f,
                      Inputs(ctx).Function("f", "Targuments"));
  return Interleaved(std::move(input), std::move(f), 1, 1);
}

// InterleaveDataset, and ParallelInterleaveDatasetV2 with one input more.
absl::StatusOr<DatasetPtr> MakeInterleave(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(DatasetPtr input, InputDataset(ctx, 0));
  Inputs inputs(ctx);
  RG_ASSIGN_OR_RETURN(CapturedPtr f, inputs.Function("f", "Targuments"));
  RG_ASSIGN_OR_RETURN(int64_t cycle, inputs.Scalar("cycle_length"));
  if (cycle == kAutotune) cycle = NumCpus();
  RG_RETURN_IF_ERROR(RequirePositive(cycle, "cycle_length"));
  RG_ASSIGN_OR_RETURN(const int64_t block, inputs.Scalar("block_length"));
  RG_RETURN_IF_ERROR(RequirePositive(block, "block_length"));
  if (ctx.op().type() == "ParallelInterleaveDatasetV2") {
    RG_ASSIGN_OR_RETURN(const int64_t calls,
                        inputs.Scalar("num_parallel_calls"));
    if (calls != kAutotune) {
      RG_RETURN_IF_ERROR(RequirePositive(calls, "num_parallel_calls"));
    }
    if (calls > cycle) {
      return absl::InvalidArgumentError(
          "num_parallel_calls must less than or equal to cycle_length.");
    }
  }
  return Interleaved(std::move(input), std::move(f), cycle, block);
}

// The older op, whose texts are others. Its order is the same.
absl::StatusOr<DatasetPtr> MakeParallelInterleave(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(DatasetPtr input, InputDataset(ctx, 0));
  Inputs inputs(ctx);
  RG_ASSIGN_OR_RETURN(CapturedPtr f, inputs.Function("f", "Targuments"));
  const auto at_least = [&inputs](absl::string_view name,
                                  bool zero_too) -> absl::StatusOr<int64_t> {
    RG_ASSIGN_OR_RETURN(const int64_t value, inputs.Scalar(name));
    if (value > 0 || (zero_too && value == 0)) return value;
    return absl::InvalidArgumentError(absl::StrCat(
        "`", name, "` must be ", zero_too ? ">= 0" : "> 0"));
  };
  RG_ASSIGN_OR_RETURN(const int64_t cycle, at_least("cycle_length", false));
  RG_ASSIGN_OR_RETURN(const int64_t block, at_least("block_length", false));
  RG_RETURN_IF_ERROR(inputs.Scalar<bool>("sloppy").status());
  RG_RETURN_IF_ERROR(at_least("buffer_output_elements", false).status());
  RG_RETURN_IF_ERROR(at_least("prefetch_input_elements", true).status());
  return Interleaved(std::move(input), std::move(f), cycle, block);
}

absl::StatusOr<DatasetPtr> MakeGroupByWindow(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(DatasetPtr input, InputDataset(ctx, 0));
  Inputs inputs(ctx);
  RG_ASSIGN_OR_RETURN(
      CapturedPtr key,
      inputs.Function("key_func", "Tkey_func_other_arguments"));
  RG_ASSIGN_OR_RETURN(
      CapturedPtr reduce,
      inputs.Function("reduce_func", "Treduce_func_other_arguments"));
  RG_ASSIGN_OR_RETURN(
      CapturedPtr size,
      inputs.Function("window_size_func", "Twindow_size_func_other_arguments"));
  return GroupedByWindow(std::move(input), std::move(key), std::move(reduce),
                         std::move(size));
}

absl::StatusOr<DatasetPtr> MakeGenerator(const KernelContext& ctx) {
  int next = 0;
  const auto take = [&](absl::string_view f, absl::string_view types)
      -> absl::StatusOr<CapturedPtr> {
    DataTypeVector captured_types;
    RG_RETURN_IF_ERROR(ctx.op().GetAttr(types, &captured_types));
    auto captured = std::make_shared<CapturedFunction>();
    for (size_t i = 0; i < captured_types.size(); ++i) {
      captured->captured.push_back(ctx.input(next++));
    }
    RG_ASSIGN_OR_RETURN(captured->function, FunctionOfAttr(ctx.op(), f));
    return CapturedPtr(std::move(captured));
  };
  RG_ASSIGN_OR_RETURN(CapturedPtr init, take("init_func", "Tinit_func_args"));
  RG_ASSIGN_OR_RETURN(CapturedPtr step, take("next_func", "Tnext_func_args"));
  RG_ASSIGN_OR_RETURN(CapturedPtr finalize,
                      take("finalize_func", "Tfinalize_func_args"));
  return Generated(std::move(init), std::move(step), std::move(finalize));
}

// ---- Registration ----

template <absl::StatusOr<DatasetPtr> (*make)(const KernelContext&)>
OpBuilder NewOp(OpRegistry* registry, absl::string_view name,
                absl::string_view function = "f") {
  OpBuilder op = NewDatasetOp<make>(registry, name);
  op.Input("input_dataset: variant")
      .Input("other_arguments: Targuments")
      .Attr(absl::StrCat(function, ": func"))
      .Attr("Targuments: list(type) >= 0");
  WithElementTypes(op);
  return op;
}

void RegisterGroupByWindow(OpRegistry* registry, absl::string_view name) {
  OpBuilder op = NewDatasetOp<MakeGroupByWindow>(registry, name);
  op.Input("input_dataset: variant")
      .Input("key_func_other_arguments: Tkey_func_other_arguments")
      .Input("reduce_func_other_arguments: Treduce_func_other_arguments")
      .Input(
          "window_size_func_other_arguments: "
          "Twindow_size_func_other_arguments")
      .Attr("key_func: func")
      .Attr("reduce_func: func")
      .Attr("window_size_func: func")
      .Attr("Tkey_func_other_arguments: list(type) >= 0")
      .Attr("Treduce_func_other_arguments: list(type) >= 0")
      .Attr("Twindow_size_func_other_arguments: list(type) >= 0");
  WithElementTypes(op);
}

void RegisterInterleaves(OpRegistry* registry) {
  NewOp<MakeInterleave>(registry, "InterleaveDataset")
      .Input("cycle_length: int64")
      .Input("block_length: int64");
  NewOp<MakeInterleave>(registry, "ParallelInterleaveDatasetV2")
      .Input("cycle_length: int64")
      .Input("block_length: int64")
      .Input("num_parallel_calls: int64")
      .Attr("sloppy: bool = false");
  for (const char* name : {"ParallelInterleaveDataset",
                           "ExperimentalParallelInterleaveDataset"}) {
    NewOp<MakeParallelInterleave>(registry, name)
        .Input("cycle_length: int64")
        .Input("block_length: int64")
        .Input("sloppy: bool")
        .Input("buffer_output_elements: int64")
        .Input("prefetch_input_elements: int64");
  }
}

}  // namespace

void RegisterFunctionDatasetOps(OpRegistry* registry) {
  NewOp<MakeMap>(registry, "MapDataset")
      .Attr("use_inter_op_parallelism: bool = true")
      .Attr("preserve_cardinality: bool = false");
  NewOp<MakeMap>(registry, "ParallelMapDataset")
      .Input("num_parallel_calls: int32")
      .Attr("use_inter_op_parallelism: bool = true")
      .Attr("sloppy: bool = false")
      .Attr("preserve_cardinality: bool = false");
  NewOp<MakeFilter>(registry, "FilterDataset", "predicate");
  NewOp<MakeFlatMap>(registry, "FlatMapDataset");
  RegisterInterleaves(registry);
  for (const char* name :
       {"MapAndBatchDataset", "ExperimentalMapAndBatchDataset"}) {
    NewOp<MakeMapAndBatch>(registry, name)
        .Input("batch_size: int64")
        .Input("num_parallel_calls: int64")
        .Input("drop_remainder: bool")
        .Attr("preserve_cardinality: bool = false");
  }
  RegisterGroupByWindow(registry, "GroupByWindowDataset");
  RegisterGroupByWindow(registry, "ExperimentalGroupByWindowDataset");
  OpBuilder generator = NewDatasetOp<MakeGenerator>(registry,
                                                    "GeneratorDataset");
  generator.Input("init_func_other_args: Tinit_func_args")
      .Input("next_func_other_args: Tnext_func_args")
      .Input("finalize_func_other_args: Tfinalize_func_args")
      .Attr("init_func: func")
      .Attr("next_func: func")
      .Attr("finalize_func: func")
      .Attr("Tinit_func_args: list(type) >= 0")
      .Attr("Tnext_func_args: list(type) >= 0")
      .Attr("Tfinalize_func_args: list(type) >= 0")
      .Stateful();
  WithElementTypes(generator);
}

}  // namespace retrograph
