// Scaffold: the pieces that a training needs (init ops, ready ops, a Saver),
// each given, or found in its collection, or made and put there.
//
// Example:
//   Scaffold scaffold;                    // everything by default
//   RG_RETURN_IF_ERROR(scaffold.Finalize(graph.get()));
//   scaffold.saver()->Save(...);
//
// Source of names and order: tf.train.Scaffold (1.15).
#ifndef RETROGRAPH_TRAIN_SCAFFOLD_H_
#define RETROGRAPH_TRAIN_SCAFFOLD_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "graph/builder.h"
#include "graph/graph.h"
#include "saver/collection_object.h"
#include "saver/saver.h"
#include "train/session_manager.h"

namespace retrograph {

// ---- The default pieces ----

// Initialises global variables.
Operation* DefaultInitOp(GraphBuilder& b);
// Names of all variables, or of the global ones, that are not initialised.
Output DefaultReadyOp(GraphBuilder& b);
Output DefaultReadyForLocalInitOp(GraphBuilder& b);
// Initialises local variables and tables.
Operation* DefaultLocalInitOp(GraphBuilder& b);
// tf.tables_initializer(): runs what collection TABLE_INITIALIZERS has.
Operation* TablesInitializer(GraphBuilder& b,
                             absl::string_view name = "init_all_tables");
// tf.summary.merge_all(): everything in collection `key`; an invalid Output if
// there is nothing. `scope` as in Graph::GetCollection.
Output MergeAllSummaries(GraphBuilder& b,
                         absl::string_view key = graph_keys::kSummaries,
                         absl::string_view scope = "",
                         absl::string_view name = "");

// A piece by its name in Scaffold's constructor: the one element of its
// collection, or the default, put there. Nothing if there is no default (a
// summary op without summaries).
//
// Errors: RuntimeError if the collection has several; InvalidArgument for
// another name than init_op, ready_op, ready_for_local_init_op, local_init_op
// or summary_op.
absl::StatusOr<absl::optional<CollectionItem>> ScaffoldPiece(
    Graph* graph, absl::string_view name,
    SourceLocation location = SourceLocation::Current());

// The one element of collection SAVERS, or what `make` returns, put there.
// RuntimeError if there are several.
absl::StatusOr<CollectionItem> SaverOrDefault(
    Graph* graph,
    const std::function<absl::StatusOr<CollectionItem>()>& make);

// ---- For C++ ----

// A Saver in collection SAVERS.
class SaverItem : public CollectionObject, public MetaGraphItem {
 public:
  explicit SaverItem(std::shared_ptr<Saver> saver) : saver_(std::move(saver)) {}
  std::string TypeName() const override { return "Saver"; }
  const std::shared_ptr<Saver>& saver() const { return saver_; }
  absl::StatusOr<absl::optional<std::string>> ToProto(
      absl::string_view export_scope) const override;

 private:
  const std::shared_ptr<Saver> saver_;
};

class Scaffold {
 public:
  // What is given here is not put into collections.
  struct Pieces : ReadinessOps {
    Operation* init_op = nullptr;
    Output summary_op;
    std::shared_ptr<Saver> saver;
  };

  Scaffold() = default;
  explicit Scaffold(Pieces pieces) : pieces_(std::move(pieces)) {}

  // Finds or makes what is missing, and finalises the graph. TypeError where a
  // collection holds something that the piece cannot be.
  absl::Status Finalize(Graph* graph,
                        SourceLocation location = SourceLocation::Current());

  const Pieces& pieces() const { return pieces_; }
  const std::shared_ptr<Saver>& saver() const { return pieces_.saver; }

 private:
  Pieces pieces_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_TRAIN_SCAFFOLD_H_
