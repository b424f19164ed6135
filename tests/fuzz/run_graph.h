// Imports a GraphDef and runs everything that is in it.
#ifndef RETROGRAPH_TESTS_FUZZ_RUN_GRAPH_H_
#define RETROGRAPH_TESTS_FUZZ_RUN_GRAPH_H_

#include <memory>

#include "graph/graph.h"
#include "proto/graph.pb.h"

namespace retrograph {
namespace fuzz {

// One node after the other, each in a run of its own, in a session with files
// in memory and a time limit. Errors are no matter here.
void RunEverything(const std::shared_ptr<Graph>& graph);

// Imports, runs, and exports again.
void ImportAndRun(const GraphDef& graph_def);

}  // namespace fuzz
}  // namespace retrograph

#endif  // RETROGRAPH_TESTS_FUZZ_RUN_GRAPH_H_
