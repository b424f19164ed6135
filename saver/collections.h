// A graph's collections in a meta graph: what becomes of them there, and what
// comes back.
//
// The kind of a CollectionDef is that of the collection's first item; an item
// of another kind makes TensorFlow drop the collection with a warning. Only the
// standard collections of variables, contexts, queue runners and Savers keep
// objects; elsewhere a variable is kept by its name and comes back as a tensor.
#ifndef RETROGRAPH_SAVER_COLLECTIONS_H_
#define RETROGRAPH_SAVER_COLLECTIONS_H_

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "checkpoint/checkpoint_state.h"
#include "graph/graph.h"
#include "proto/meta_graph.pb.h"
#include "proto/saver.pb.h"

namespace retrograph {

// "$unbound_inputs_": how the inputs of an exported scope that come from
// outside of it begin.
inline constexpr char kUnboundInputPrefix[] = "$unbound_inputs_";

// What is written: names that start with the scope, but those excluded.
struct ExportFilter {
  std::string scope;
  std::set<std::string> excluded;

  bool Includes(const std::string& name) const;
};

// Adds the collection `key` to a meta graph, unless nothing of it is included.
void AddCollectionDef(const Graph& graph, const std::string& key,
                      const ExportFilter& filter, const LogSink& log,
                      MetaGraphDef* meta_graph);
// "savers" with this one alone.
void AddSaverCollectionDef(const SaverDef& saver_def,
                           const ExportFilter& filter,
                           MetaGraphDef* meta_graph);

// Makes the object of an element of a collection; null: as this room would.
using ObjectFromProto =
    std::function<absl::StatusOr<std::shared_ptr<CollectionObject>>(
        const std::string& key, const std::string& bytes,
        const std::string& import_scope)>;

struct RestoreCollectionsOptions {
  std::string scope;  // put before all names
  // Collections to leave out.
  std::function<bool(const std::string& key)> skip;
  ObjectFromProto object_from_proto;  // may be null
  LogSink log;
};
// Adds a meta graph's collections to a graph that has its nodes: first the
// trainable variables, then the others by name. Errors are those of names that
// the graph lacks, and DecodeError.
absl::Status RestoreCollections(const MetaGraphDef& meta_graph,
                                const RestoreCollectionsOptions& options,
                                Graph* graph);

}  // namespace retrograph

#endif  // RETROGRAPH_SAVER_COLLECTIONS_H_
