// What the kernels of dataset ops share.
#ifndef RETROGRAPH_OPS_DATASET_KERNEL_H_
#define RETROGRAPH_OPS_DATASET_KERNEL_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/dataset.h"
#include "ops/kernel.h"

namespace retrograph {

// InvalidArgument if the input is no dataset.
inline absl::StatusOr<DatasetPtr> InputDataset(const KernelContext& ctx,
                                               int i) {
  DatasetPtr dataset = VariantAs<Dataset>(ctx.input(i));
  if (dataset == nullptr) {
    return absl::InvalidArgumentError("The tensor must hold a Dataset object.");
  }
  return dataset;
}

// InvalidArgument "NAME must be a scalar" if the input is none.
template <typename T = int64_t>
absl::StatusOr<T> ScalarInput(const KernelContext& ctx, int i,
                              absl::string_view name) {
  if (ctx.input(i).shape().rank() != 0) {
    return absl::InvalidArgumentError(absl::StrCat(name, " must be a scalar"));
  }
  return T(ctx.input(i).scalar<T>());
}

// The kernel of an op whose only result is the dataset that `make` makes.
template <absl::StatusOr<DatasetPtr> (*make)(const KernelContext&)>
void DatasetKernel(KernelContext* ctx) {
  absl::StatusOr<DatasetPtr> dataset = make(*ctx);
  RG_KERNEL_OK(ctx, dataset.status());
  RG_KERNEL_REQUIRES(ctx, (*dataset)->NumLevels() <= kMaxDatasetLevels,
                     absl::ResourceExhaustedError(absl::StrCat(
                         "More than ", kMaxDatasetLevels,
                         " datasets stand over one another.")));
  ctx->set_output(0, VariantScalar(*std::move(dataset)));
}

// Such an op, without its inputs and attrs.
template <absl::StatusOr<DatasetPtr> (*make)(const KernelContext&)>
OpBuilder NewDatasetOp(OpRegistry* registry, absl::string_view name) {
  OpBuilder op = registry->Op(name);
  op.Output("handle: variant")
      .Shape(ScalarShape)
      .Kernel({}, StatelessKernel(DatasetKernel<make>));
  return op;
}

// The attrs that tell the elements' types and shapes.
inline OpBuilder& WithElementTypes(OpBuilder& op) {
  return op.Attr("output_types: list(type) >= 1")
      .Attr("output_shapes: list(shape) >= 1");
}

// What a shuffle takes: inputs 0 to 3.
struct ShuffleInputs {
  DatasetPtr input;
  int64_t buffer_size, seed, seed2;
};
inline absl::StatusOr<ShuffleInputs> ShuffleInputsOf(const KernelContext& ctx) {
  ShuffleInputs inputs;
  RG_ASSIGN_OR_RETURN(inputs.input, InputDataset(ctx, 0));
  RG_ASSIGN_OR_RETURN(inputs.buffer_size, ScalarInput(ctx, 1, "buffer_size"));
  if (inputs.buffer_size <= 0) {
    return absl::InvalidArgumentError("buffer_size must be greater than zero.");
  }
  RG_ASSIGN_OR_RETURN(inputs.seed, ScalarInput(ctx, 2, "seed"));
  RG_ASSIGN_OR_RETURN(inputs.seed2, ScalarInput(ctx, 3, "seed2"));
  return inputs;
}

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_DATASET_KERNEL_H_
