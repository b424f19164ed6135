// Symbolic gradients: tf.gradients.
//
// Adds to a graph the ops that compute the sum of d y / d x of all `ys` for
// each of `xs`, under TensorFlow's names ("gradients/MatMul_grad/MatMul_1"). It
// visits the ops between xs and ys once each, those nearest to ys first, adds up
// what an output gets from several consumers (AddN), and asks the op's gradient
// function (ops/gradient.h) what the inputs get.
//
// Example:
//   GraphBuilder b;
//   GradientResult dw = AddGradients(b, {loss}, {w}, {});
//
// Threads: graph building only.
// Source: tensorflow/python/ops/gradients_util.py.
#ifndef RETROGRAPH_GRADIENTS_GRADIENTS_H_
#define RETROGRAPH_GRADIENTS_GRADIENTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "graph/builder.h"
#include "ops/gradient.h"

namespace retrograph {

// How gradients that meet are added.
enum class AggregationMethod {
  kAddN = 0,
  kExperimentalTree = 1,
  kExperimentalAccumulateN = 2,
};

struct GradientOptions {
  // One for each y, converted in the name scope of the gradients; nothing: ones.
  std::vector<absl::optional<Input>> grad_ys;
  // The same for rows, where grad_ys has nothing.
  std::vector<absl::optional<IndexedSlices>> grad_ys_slices;
  std::string name = "gradients";
  bool colocate_gradients_with_ops = false;
  // Let no gradient of an op be used before all of them are there.
  bool gate_gradients = false;
  AggregationMethod aggregation_method = AggregationMethod::kAddN;
  // Tensors that count as constants.
  std::vector<Output> stop_gradients;
  // UnconnectedGradients.ZERO: zeros for an x that no y depends on.
  bool unconnected_zero = false;
};

// One gradient for each of `xs`; none where no y depends on it. `ys` and `xs`
// are converted in the gradients' name scope (grad_ys too).
//
// Errors, kept in the builder: LookupError "No gradient defined for operation
// 'x' (op type: X)", TypeError for a y that cannot be differentiated,
// ValueError for a gradient of the wrong shape, and what functions report.
Gradients AddGradients(GraphBuilder& b, const std::vector<Input>& ys,
                       const std::vector<Input>& xs,
                       const GradientOptions& options = {});

}  // namespace retrograph

#endif  // RETROGRAPH_GRADIENTS_GRADIENTS_H_
