#include "train/scaffold.h"

#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "ops/builders.h"
#include "saver/collection_object.h"
#include "variables/variable.h"

namespace retrograph {
namespace {

// The place of resources that are no variables: a graph of ours has none.
Operation* InitializeResources(GraphBuilder& b) { return NoOp(b, "init"); }

Output ReportUninitializedResources(GraphBuilder& b) {
  if (!b.ok()) return Output();
  NameScope scope(b.graph(), "report_uninitialized_resources");
  DeviceScope cpu(b.graph(), "/cpu:0");
  return Constant(b, Tensor(DT_STRING, TensorShape({0})));
}

Output ReadyOp(GraphBuilder& b, const Output& variables) {
  const Output resources = ReportUninitializedResources(b);
  return b.Op("ConcatV2", {Input::List({variables, resources}), Input(0)}, {},
              "concat");
}

// `op` as an element of a collection, or nothing.
absl::optional<CollectionItem> ItemOf(const Output& output) {
  if (!output.valid()) return absl::nullopt;
  return CollectionItem(output);
}
absl::optional<CollectionItem> ItemOf(Operation* op) {
  if (op == nullptr) return absl::nullopt;
  return CollectionItem(op);
}

struct PieceKind {
  const char* name;
  const char* collection;
  absl::optional<CollectionItem> (*make)(GraphBuilder& b);
};

constexpr PieceKind kPieces[] = {
    {"init_op", graph_keys::kInitOp,
     [](GraphBuilder& b) { return ItemOf(DefaultInitOp(b)); }},
    {"ready_op", graph_keys::kReadyOp,
     [](GraphBuilder& b) { return ItemOf(DefaultReadyOp(b)); }},
    {"ready_for_local_init_op", graph_keys::kReadyForLocalInitOp,
     [](GraphBuilder& b) { return ItemOf(DefaultReadyForLocalInitOp(b)); }},
    {"local_init_op", graph_keys::kLocalInitOp,
     [](GraphBuilder& b) { return ItemOf(DefaultLocalInitOp(b)); }},
    {"summary_op", graph_keys::kSummaryOp,
     [](GraphBuilder& b) { return ItemOf(MergeAllSummaries(b)); }},
};

template <typename T>
absl::Status GetPiece(Graph* graph, const char* name, SourceLocation location,
                      T* piece) {
  RG_ASSIGN_OR_RETURN(const absl::optional<CollectionItem> item,
                      ScaffoldPiece(graph, name, location));
  if (!item.has_value()) return absl::OkStatus();
  if (const T* found = std::get_if<T>(&*item)) {
    *piece = *found;
    return absl::OkStatus();
  }
  return TypeError(absl::StrCat("The collection of ", name,
                                " holds something that is none"));
}

}  // namespace

Operation* DefaultInitOp(GraphBuilder& b) {
  Operation* const variables = GlobalVariablesInitializer(b);
  Operation* const resources = InitializeResources(b);
  if (!b.ok()) return nullptr;
  return Group(b, {variables, resources});
}

Output DefaultReadyOp(GraphBuilder& b) {
  return ReadyOp(b, ReportUninitializedVariables(b));
}

Output DefaultReadyForLocalInitOp(GraphBuilder& b) {
  return ReadyOp(b, ReportUninitializedVariables(b, GlobalVariables(*b.graph())));
}

Operation* TablesInitializer(GraphBuilder& b, absl::string_view name) {
  std::vector<Operation*> initializers;
  for (const CollectionItem& item :
       b.graph()->GetCollection(graph_keys::kTableInitializers)) {
    if (const auto* op = std::get_if<Operation*>(&item)) {
      initializers.push_back(*op);
    } else if (const auto* output = std::get_if<Output>(&item)) {
      initializers.push_back(output->op);
    }
  }
  if (!b.ok()) return nullptr;
  return initializers.empty() ? NoOp(b, name) : Group(b, initializers, name);
}

Operation* DefaultLocalInitOp(GraphBuilder& b) {
  Operation* const variables = LocalVariablesInitializer(b);
  Operation* const tables = TablesInitializer(b);
  Operation* const resources = InitializeResources(b);
  if (!b.ok()) return nullptr;
  return Group(b, {variables, tables, resources});
}

namespace {

// An element of a collection where an op wants a tensor.
struct AsInput {
  Input operator()(const Output& output) const { return output; }
  Input operator()(const std::string& text) const { return text; }
  Input operator()(int64_t number) const { return number; }
  Input operator()(double number) const { return number; }
  Input operator()(Operation*) const { return NoTensor(); }
  Input operator()(const std::shared_ptr<CollectionObject>& object) const {
    if (const auto* v = dynamic_cast<const Variable*>(object.get())) {
      return v->AsInput();
    }
    if (const auto* v = dynamic_cast<const PartitionedVariable*>(object.get())) {
      return v->AsInput();
    }
    return NoTensor();
  }
  static Input NoTensor() {
    return Input::FromConverter(
        [](GraphBuilder*, DataType, DataType,
           absl::string_view) -> absl::StatusOr<Output> {
          return TypeError("an element of a collection that is no tensor");
        });
  }
};

}  // namespace

Output MergeAllSummaries(GraphBuilder& b, absl::string_view key,
                         absl::string_view scope, absl::string_view name) {
  std::vector<Input> summaries;
  for (const CollectionItem& item : b.graph()->GetCollection(key, scope)) {
    summaries.push_back(std::visit(AsInput(), item));
  }
  if (summaries.empty() || !b.ok()) return Output();
  absl::StatusOr<std::string> entered =
      b.graph()->EnterNameScope(name.empty() ? "Merge" : name);
  if (!b.Update(entered.status())) return Output();
  // The op is named once more: "Merge/MergeSummary", "x/x".
  const Output merged =
      b.Op("MergeSummary", {std::move(summaries)}, {}, name);
  b.graph()->ExitNameScope();
  return merged;
}

absl::StatusOr<absl::optional<CollectionItem>> ScaffoldPiece(
    Graph* graph, absl::string_view name, SourceLocation location) {
  for (const PieceKind& kind : kPieces) {
    if (name != kind.name) continue;
    std::vector<CollectionItem> found = graph->GetCollection(kind.collection);
    if (found.size() > 1) {
      // TensorFlow gives its format and the arguments, not the text: Python
      // prints them so.
      return RuntimeError(absl::StrCat(
          "('More than one item in the collection \"%s\". Please indicate "
          "which one to use by passing it to the tf.Scaffold constructor as:  "
          "tf.Scaffold(%s=item to use)', '",
          kind.collection, "', '", kind.name, "')"));
    }
    if (found.size() == 1) return std::move(found[0]);
    GraphBuilder b(graph, location);
    absl::optional<CollectionItem> made = kind.make(b);
    RG_RETURN_IF_ERROR(b.status());
    if (made.has_value()) {
      RG_RETURN_IF_ERROR(graph->CheckNotFinalized());
      graph->AddToCollection(kind.collection, *made);
    }
    return made;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("A scaffold has no piece '", name, "'"));
}

absl::StatusOr<CollectionItem> SaverOrDefault(
    Graph* graph,
    const std::function<absl::StatusOr<CollectionItem>()>& make) {
  std::vector<CollectionItem> found = graph->GetCollection(graph_keys::kSavers);
  if (found.size() > 1) {
    return RuntimeError(
        "More than one item in collection savers. Please indicate which one to "
        "use by passing it to the constructor.");
  }
  if (found.size() == 1) return std::move(found[0]);
  RG_ASSIGN_OR_RETURN(CollectionItem made, make());
  RG_RETURN_IF_ERROR(graph->CheckNotFinalized());
  graph->AddToCollection(graph_keys::kSavers, made);
  return made;
}

absl::StatusOr<absl::optional<std::string>> SaverItem::ToProto(
    absl::string_view export_scope) const {
  const SaverDef* const def = saver_->saver_def();
  if (def == nullptr) return absl::optional<std::string>();
  SaverDef stripped = *def;
  if (!export_scope.empty()) {
    const std::string prefix = absl::StrCat(export_scope, "/");
    for (std::string* name : {stripped.mutable_filename_tensor_name(),
                              stripped.mutable_save_tensor_name(),
                              stripped.mutable_restore_op_name()}) {
      if (!absl::StartsWith(*name, export_scope)) {
        return absl::optional<std::string>();
      }
      if (absl::StartsWith(*name, prefix)) name->erase(0, prefix.size());
    }
  }
  return absl::make_optional(stripped.SerializeAsString());
}

absl::Status Scaffold::Finalize(Graph* graph, SourceLocation location) {
  if (pieces_.init_op == nullptr) {
    RG_RETURN_IF_ERROR(GetPiece(graph, "init_op", location, &pieces_.init_op));
  }
  if (!pieces_.ready_op.valid()) {
    RG_RETURN_IF_ERROR(
        GetPiece(graph, "ready_op", location, &pieces_.ready_op));
  }
  if (!pieces_.ready_for_local_init_op.valid()) {
    RG_RETURN_IF_ERROR(GetPiece(graph, "ready_for_local_init_op", location,
                                &pieces_.ready_for_local_init_op));
  }
  if (pieces_.local_init_op == nullptr) {
    RG_RETURN_IF_ERROR(
        GetPiece(graph, "local_init_op", location, &pieces_.local_init_op));
  }
  if (!pieces_.summary_op.valid()) {
    RG_RETURN_IF_ERROR(
        GetPiece(graph, "summary_op", location, &pieces_.summary_op));
  }
  if (pieces_.saver == nullptr) {
    RG_ASSIGN_OR_RETURN(
        const CollectionItem item,
        SaverOrDefault(graph, [&]() -> absl::StatusOr<CollectionItem> {
          SaverOptions options;
          options.sharded = true;
          options.allow_empty = true;
          RG_ASSIGN_OR_RETURN(
              std::unique_ptr<Saver> saver,
              Saver::Create(graph, std::move(options), location));
          return CollectionItem(std::shared_ptr<CollectionObject>(
              std::make_shared<SaverItem>(std::move(saver))));
        }));
    const auto* object =
        std::get_if<std::shared_ptr<CollectionObject>>(&item);
    const auto saver = object == nullptr
                           ? nullptr
                           : std::dynamic_pointer_cast<SaverItem>(*object);
    if (saver == nullptr) {
      return HasNoAttribute(PythonTypeName(item), "build");
    }
    pieces_.saver = saver->saver();
  }
  RG_RETURN_IF_ERROR(pieces_.saver->Build(graph));
  graph->Finalize();
  return absl::OkStatus();
}

}  // namespace retrograph
