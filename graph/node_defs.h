// A graph's nodes, written into a message that the caller has: on an arena,
// where messages of many parts are made and thrown away several times as fast.
#ifndef RETROGRAPH_GRAPH_NODE_DEFS_H_
#define RETROGRAPH_GRAPH_NODE_DEFS_H_

#include "graph/graph.h"
#include "proto/graph.pb.h"

namespace retrograph {

// Adds the nodes from `first` on, as Graph::ToGraphDef() has them.
void AddNodeDefs(const Graph& graph, bool add_shapes, int first,
                 GraphDef* graph_def);

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_NODE_DEFS_H_
