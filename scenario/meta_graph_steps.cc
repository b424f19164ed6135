// The steps of meta graphs, collections and SavedModels, and dropout, whose
// placeholder they are often about.
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/errors.h"
#include "ops/builders.h"
#include "saved_model/builder.h"
#include "saved_model/loader.h"
#include "saved_model/signature_def.h"
#include "saver/meta_graph.h"
#include "saver/meta_graph_import.h"
#include "scenario/runner.h"
#include "scenario/values.h"

namespace retrograph::scenario {
namespace {

// The nodes of tf.nn.dropout(x, keep_prob): x is scaled by 1 / (1 - rate) where
// a random number is not below the rate, and 0 elsewhere.
Output Dropout(GraphBuilder& b, const Output& x, const Output& keep_prob,
               const std::string& name) {
  const Output rate = b.Op("Sub", {1.0f, keep_prob}, {}, "sub");
  if (!b.ok()) return Output();
  const DataType dtype = x.dtype();
  NameScope scope(b.graph(), name);
  const Output shape = b.Op("Shape", {x}, {Attr("out_type", DT_INT32)});
  const Output values =
      RandomUniform(b, shape, 0.0f, 1.0f, dtype, absl::nullopt);
  const Output kept = b.Op("Sub", {1.0f, rate}, {}, "sub");
  const Output scale = b.Op("RealDiv", {1.0f, kept}, {}, "truediv");
  const Output mask = b.Op("GreaterEqual", {values, rate});
  const Output scaled = b.Op("Mul", {x, scale}, {}, "mul");
  return b.Op("Mul", {scaled, Cast(b, mask, dtype)}, {}, "mul");
}

std::string NameOf(const CollectionItem& item) {
  if (const auto* tensor = std::get_if<Output>(&item)) return tensor->name();
  if (auto* op = std::get_if<Operation*>(&item)) return (*op)->name();
  if (const auto* object =
          std::get_if<std::shared_ptr<CollectionObject>>(&item)) {
    return (*object)->CollectionName().value_or((*object)->TypeName());
  }
  return "a value";
}

}  // namespace

absl::Status Runner::MakeDropout(const pb::Dropout& step) {
  RG_ASSIGN_OR_RETURN(const Output x, FindTensor(step.x()));
  RG_ASSIGN_OR_RETURN(const Output keep_prob, FindTensor(step.keep_prob()));
  GraphBuilder b;
  objects_.Set(step.as(),
               Dropout(b, x, keep_prob,
                       step.name().empty() ? "dropout" : step.name()));
  return b.status();
}

absl::Status Runner::FillCollection(const pb::AddToCollection& step) {
  const std::shared_ptr<Graph> graph = Graph::Default();
  for (const std::string& name : step.item()) {
    RG_RETURN_IF_ERROR(graph->CheckNotFinalized());
    const Object* object = objects_.Find(name);
    if (object != nullptr &&
        std::holds_alternative<std::shared_ptr<Variable>>(*object)) {
      graph->AddToCollection(step.name(),
                             std::shared_ptr<CollectionObject>(
                                 std::get<std::shared_ptr<Variable>>(*object)));
      continue;
    }
    RG_ASSIGN_OR_RETURN(const Graph::Element element,
                        FindElement(*graph, name));
    if (element.op != nullptr) {
      graph->AddToCollection(step.name(), element.op);
    } else {
      graph->AddToCollection(step.name(), element.tensor);
    }
  }
  return absl::OkStatus();
}

absl::Status Runner::ShowCollection(const pb::GetCollection& step) {
  const std::vector<CollectionItem> items =
      Graph::Default()->GetCollection(step.name());
  std::vector<std::string> names, shown;
  for (const CollectionItem& item : items) {
    names.push_back(NameOf(item));
    const auto* tensor = std::get_if<Output>(&item);
    shown.push_back(tensor != nullptr ? tensor->ReprString()
                                      : PythonStringRepr(names.back()));
  }
  if (step.as_size() == 0) {
    Print(absl::StrCat("[", absl::StrJoin(shown, ", "), "]"));
  } else if (step.as_size() != static_cast<int>(items.size())) {
    return ValueError(
        step.as_size() > static_cast<int>(items.size())
            ? absl::StrCat("not enough values to unpack (expected ",
                           step.as_size(), ", got ", items.size(), ")")
            : absl::StrCat("too many values to unpack (expected ",
                           step.as_size(), ")"));
  }
  for (int i = 0; i < step.as_size(); ++i) {
    if (const auto* tensor = std::get_if<Output>(&items[i])) {
      objects_.Set(step.as(i), *tensor);
    } else if (auto* op = std::get_if<Operation*>(&items[i])) {
      objects_.Set(step.as(i), *op);
    } else {
      return Mistake(absl::StrCat("\"", names[i],
                                  "\" is neither tensor nor operation"));
    }
  }
  const std::vector<std::string> expected(step.expect().begin(),
                                          step.expect().end());
  if ((!expected.empty() || step.expect_none()) && names != expected) {
    mismatch_ = absl::StrCat("expected the collection [",
                             absl::StrJoin(expected, ", "), "], got [",
                             absl::StrJoin(names, ", "), "]");
  }
  return absl::OkStatus();
}

absl::Status Runner::RunImport(const pb::ImportMetaGraph& step) {
  ImportMetaGraphOptions options;
  options.import_scope = step.import_scope();
  options.clear_devices = step.clear_devices();
  for (const auto& entry : step.input_map()) {
    RG_ASSIGN_OR_RETURN(const Output tensor, FindTensor(entry.tensor()));
    options.input_map.emplace_back(entry.name(), tensor);
  }
  RG_ASSIGN_OR_RETURN(const MetaGraphDef meta_graph,
                      ReadMetaGraph(fs_, step.path()));
  narrator_->BeginSaver(step.as());
  RG_ASSIGN_OR_RETURN(
      ImportedMetaGraph imported,
      ImportMetaGraph(Graph::Default().get(), meta_graph, options));
  if (imported.saver != nullptr) {
    objects_.Set(step.as(), std::shared_ptr<Saver>(std::move(imported.saver)));
  }
  return absl::OkStatus();
}

absl::Status Runner::RunExport(const pb::ExportMetaGraph& step) {
  ExportMetaGraphOptions options;
  options.clear_devices = step.clear_devices();
  options.strip_default_attrs = step.strip_default_attrs();
  if (step.collection_size() > 0) {
    options.collection_list.emplace(step.collection().begin(),
                                    step.collection().end());
  }
  RG_ASSIGN_OR_RETURN(const MetaGraphDef meta_graph,
                      ExportMetaGraph(Graph::Default().get(), options));
  return WriteMetaGraph(fs_, step.path(), meta_graph, step.as_text(),
                        /*sync=*/false);
}

absl::Status Runner::RunSimpleSave(const pb::SimpleSave& step) {
  RG_ASSIGN_OR_RETURN(Session * session, FindSession(step.session()));
  saved_model::TensorInfos infos[2];
  for (const auto* tensors : {&step.input(), &step.output()}) {
    for (const pb::NamedTensor& named : *tensors) {
      RG_ASSIGN_OR_RETURN(const Output tensor, FindTensor(named.tensor()));
      infos[tensors == &step.output()][named.key()] =
          saved_model::BuildTensorInfo(tensor);
    }
  }
  saved_model::SavedModelBuilderOptions options;
  options.file_system = fs_;
  narrator_->BeginSave(step.path(), session->graph()->unique_graph_key());
  return saved_model::SimpleSave(session, Graph::Default().get(), step.path(),
                                 infos[0], infos[1],
                                 /*legacy_init_op=*/nullptr, options);
}

absl::Status Runner::RunLoadSavedModel(const pb::LoadSavedModel& step) {
  RG_ASSIGN_OR_RETURN(Session * session, FindSession(step.session()));
  RG_ASSIGN_OR_RETURN(const auto loader, saved_model::SavedModelLoader::Open(
                                             step.path(), fs_));
  narrator_->BeginRestore(loader.variables_path(),
                          session->graph()->unique_graph_key());
  return loader.Load(session, {step.tag().begin(), step.tag().end()}).status();
}

}  // namespace retrograph::scenario
