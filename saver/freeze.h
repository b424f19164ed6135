// Freezing: a graph whose variables are constants, for inference.
//
// It stands here and not with graph/graph_util.h because it takes the values
// from a session.
//
// Source: tensorflow/python/framework/graph_util_impl.py (1.15).
#ifndef RETROGRAPH_SAVER_FREEZE_H_
#define RETROGRAPH_SAVER_FREEZE_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "checkpoint/checkpoint_state.h"
#include "proto/graph.pb.h"
#include "session/session.h"

namespace retrograph {

struct FreezeOptions {
  // The variables to convert; absent: all.
  absl::optional<std::set<std::string>> only;
  // Those to leave as they are. A resource variable's reads become Identity
  // all the same, as in TensorFlow.
  std::set<std::string> except;
  // "Froze 2 variables.", "Converted 2 variables to const ops."
  LogSink log;
};

// graph_util.convert_variables_to_constants: what `output_node_names` need of
// `graph_def`, with a Const of the session's value for each variable. The
// result has no versions.
//
// Errors: those of ExtractSubGraph; those of Session::Run, for a variable
// without a value too; ValueError for a ReadVariableOp or ResourceGather whose
// variable cannot be found, and for a ResourceGather with batch_dims.
absl::StatusOr<GraphDef> ConvertVariablesToConstants(
    Session* session, const GraphDef& graph_def,
    const std::vector<std::string>& output_node_names,
    const FreezeOptions& options = {});

}  // namespace retrograph

#endif  // RETROGRAPH_SAVER_FREEZE_H_
