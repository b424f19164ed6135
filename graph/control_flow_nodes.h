// The nodes that conds and loops are made of, under the names that
// TensorFlow's functions give them. A reference stays one (RefSwitch, ...).
//
// Internal to graph/. Each adds to the builder's graph; after the builder's
// first error it does nothing and returns an invalid Output or null.
#ifndef RETROGRAPH_GRAPH_CONTROL_FLOW_NODES_H_
#define RETROGRAPH_GRAPH_CONTROL_FLOW_NODES_H_

#include <vector>

#include "graph/builder.h"

namespace retrograph {

// Output 0 for false, 1 for true; where the data lives.
Operation* AddSwitch(GraphBuilder& b, const Output& data, const Output& pred);
Output AddMerge(GraphBuilder& b, const Output& first, const Output& second);
Output AddIdentity(GraphBuilder& b, const Output& value,
                   absl::string_view name = "Identity");
Output AddNextIteration(GraphBuilder& b, const Output& value);
Output AddExit(GraphBuilder& b, const Output& value);
// `value`, available once `op` has run.
Output AddIdentityAfter(GraphBuilder& b, Operation* op, const Output& value);

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_CONTROL_FLOW_NODES_H_
