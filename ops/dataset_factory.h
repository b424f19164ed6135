// The dataset that a one-shot iterator's function makes.
#ifndef RETROGRAPH_OPS_DATASET_FACTORY_H_
#define RETROGRAPH_OPS_DATASET_FACTORY_H_

#include "absl/status/statusor.h"
#include "core/tensor.h"
#include "ops/kernel.h"

namespace retrograph {

// Runs the function that attr "dataset_factory" of the context's op names: no
// arguments, one result.
//
// Errors: NotFound if the graph's library has no such function,
// InvalidArgument for one of another form, and what its ops report.
absl::StatusOr<Tensor> RunDatasetFactory(const KernelContext& ctx);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_DATASET_FACTORY_H_
