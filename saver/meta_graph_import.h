// A graph made of a MetaGraphDef again, with its collections and its Saver.
//
// Unlike TensorFlow, which refuses them, ops that are not registered are kept
// if the meta graph's op list defines them: such a graph can be restored,
// saved, looked at and exported; only running these ops fails.
//
// Source: tensorflow/python/framework/meta_graph.py, training/saver.py (1.15).
#ifndef RETROGRAPH_SAVER_META_GRAPH_IMPORT_H_
#define RETROGRAPH_SAVER_META_GRAPH_IMPORT_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "checkpoint/checkpoint_state.h"
#include "graph/graph.h"
#include "proto/meta_graph.pb.h"
#include "saver/collections.h"
#include "saver/saver.h"
#include "variables/variable.h"

namespace retrograph {

struct ImportMetaGraphOptions {
  bool clear_devices = false;
  // Name scope for everything; made unique. "": none.
  std::string import_scope;
  // By names in the meta graph, such as "x:0" or "$unbound_inputs_x".
  std::vector<std::pair<std::string, Output>> input_map;
  // The collection that lists what the input map must have; it is not
  // restored. "": nothing is checked.
  std::string unbound_inputs_collection = "unbound_inputs";
  // Which collections to restore. Null: all.
  std::function<bool(const std::string& key)> restore_collection;
  std::vector<std::string> return_elements;
  // Who makes the objects of collections such as "savers"; may be null.
  ObjectFromProto object_from_proto;
  LogSink log;
};

struct ImportedMetaGraph {
  // The global variables under the scope, by their names inside it.
  std::vector<std::pair<std::string, std::shared_ptr<Variable>>> variables;
  std::vector<Graph::Element> return_elements;
  // tf.train.import_meta_graph's result; null if there are no variables.
  std::unique_ptr<Saver> saver;
};

// meta_graph.import_scoped_meta_graph: no Saver is made.
//
// Errors: ValueError "Graph contains unbound inputs: ..." and the importer's;
// RuntimeError for a finalised graph; KeyError where a collection names a node
// that is not there.
absl::StatusOr<ImportedMetaGraph> ImportScopedMetaGraph(
    Graph* graph, const MetaGraphDef& meta_graph,
    const ImportMetaGraphOptions& options);

// The scope that the Saver of an imported meta graph looks its ops up in: where
// the first variable is, whatever was asked for.
std::string SaverScope(const ImportedMetaGraph& imported,
                       const std::string& import_scope);

// tf.train.import_meta_graph. As TensorFlow does: with a saver_def, the Saver
// runs the nodes of that name; without one, a new Saver over all of the graph's
// variables is built, and none if there are none under the scope.
absl::StatusOr<ImportedMetaGraph> ImportMetaGraph(
    Graph* graph, const MetaGraphDef& meta_graph,
    const ImportMetaGraphOptions& options = {});

}  // namespace retrograph

#endif  // RETROGRAPH_SAVER_META_GRAPH_IMPORT_H_
