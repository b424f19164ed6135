// A graph's nodes as the bytes of a GraphDef.
//
// A large graph is exported with every checkpoint: a message of each node, with
// a map of copies of its attrs, takes several times as long to make, measure
// and free as its bytes to write.
#ifndef RETROGRAPH_GRAPH_NODE_BYTES_H_
#define RETROGRAPH_GRAPH_NODE_BYTES_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "graph/graph.h"
#include "proto/graph.pb.h"

namespace retrograph {

// Appends the field `node` of ToGraphDef(), with maps in the order of their
// keys, as deterministic serialisation writes it. The nodes are those from
// `first` to before `end`.
void AppendNodeBytes(const Graph& graph, bool add_shapes, int first, int end,
                     std::string* bytes);

// Versions and library alone.
GraphDef GraphDefWithoutNodes(const Graph& graph);

// ToGraphDef() as bytes, with maps in the order of their keys.
std::string GraphDefBytes(const Graph& graph, bool add_shapes,
                          int from_version);

// Appends a field that holds bytes or a message: tag, length, contents.
void AppendField(int number, absl::string_view contents, std::string* bytes);
// Such a field of which only the end is known when its contents are there: what
// is appended between the two calls. `expected` bytes of contents, roughly, need
// not be moved afterwards.
size_t BeginField(size_t expected, std::string* bytes);
void EndField(int number, size_t begin, size_t expected, std::string* bytes);

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_NODE_BYTES_H_
