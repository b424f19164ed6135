// The global step: the integer variable that counts a training's steps. It is
// the one element of the collection GLOBAL_STEP, or the tensor "global_step:0".
//
// Source: tensorflow/python/training/training_util.py (1.15).
#ifndef RETROGRAPH_TRAIN_GLOBAL_STEP_H_
#define RETROGRAPH_TRAIN_GLOBAL_STEP_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "checkpoint/checkpoint_state.h"
#include "graph/builder.h"
#include "graph/graph.h"
#include "variables/variable.h"

namespace retrograph {

// The collection with the tensor that GlobalStepRead made.
inline constexpr char kGlobalStepRead[] = "global_step_read_op_cache";

// What the graph has for a global step, whatever it is; nothing if there is
// none, or several, of which `log` is told.
absl::optional<CollectionItem> FindGlobalStep(const Graph& graph,
                                              const LogSink& log = nullptr);

// tf.train.assert_global_step: TypeError unless it is an integer and, as far
// as is known, a scalar.
absl::Status AssertGlobalStep(const CollectionItem& step);

// tf.train.get_global_step: found and checked.
absl::StatusOr<absl::optional<CollectionItem>> GetGlobalStep(
    const Graph& graph, const LogSink& log = nullptr);

// tf.train.create_global_step: an int64 variable "global_step" in the current
// variable scope. ValueError if there is one.
std::shared_ptr<Variable> CreateGlobalStep(GraphBuilder& b,
                                           const LogSink& log = nullptr);

// The global step's value plus 0, initialised if need be, made once a graph.
// An invalid Output if the graph has no global step.
Output GlobalStepRead(GraphBuilder& b, const LogSink& log = nullptr);

// The step that is `increment` on, after GlobalStepRead was computed.
Output IncrementGlobalStep(GraphBuilder& b, const Input& increment,
                           const LogSink& log = nullptr);

}  // namespace retrograph

#endif  // RETROGRAPH_TRAIN_GLOBAL_STEP_H_
