// Savers and meta graphs.
#include "saver/saver.h"

#include <nanobind/stl/pair.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/file_system.h"
#include "python/bindings/bindings.h"
#include "python/bindings/collection_item.h"
#include "python/bindings/log_sink.h"
#include "python/bindings/saveables.h"
#include "python/bindings/support.h"
#include "python/bindings/variable_options.h"
#include "saver/collections.h"
#include "saver/graph_debug_info.h"
#include "saver/meta_graph.h"
#include "saver/meta_graph_import.h"

namespace retrograph {
namespace python {
namespace {

double PythonClock() {
  const absl::StatusOr<double> now =
      CallPython([] { return nb::cast<double>(Hook("now")()); });
  return now.value_or(0);
}

SaverBuilderOptions BuilderOptionsOf(nb::dict args) {
  SaverBuilderOptions options;
  options.reshape = nb::cast<bool>(args["reshape"]);
  options.sharded = nb::cast<bool>(args["sharded"]);
  options.max_to_keep = nb::cast<int64_t>(args["max_to_keep"]);
  options.keep_checkpoint_every_n_hours =
      nb::cast<double>(args["keep_checkpoint_every_n_hours"]);
  options.name = OptionalString(args["name"]).value_or("save");
  options.restore_sequentially = nb::cast<bool>(args["restore_sequentially"]);
  options.filename = ToStr(args["filename"]);
  return options;
}

SaverOptions OptionsOf(nb::dict args) {
  SaverOptions options;
  if (!args["var_list"].is_none()) {
    options.var_list = SaveablesOf(nb::list(args["var_list"]));
  }
  options.var_list_is_dict = nb::cast<bool>(args["is_dict"]);
  options.default_var_list = [find = Keep(args["find"])](const Graph&) {
    return CallPython([&] { return SaveablesOf(nb::list((*find)())); });
  };
  options.builder = BuilderFromTuple(args["builder"]);
  options.reshape = nb::cast<bool>(args["reshape"]);
  options.sharded = nb::cast<bool>(args["sharded"]);
  options.max_to_keep = absl::nullopt;
  if (!args["max_to_keep"].is_none()) {
    options.max_to_keep = nb::cast<int64_t>(args["max_to_keep"]);
  }
  options.keep_checkpoint_every_n_hours =
      nb::cast<double>(args["keep_checkpoint_every_n_hours"]);
  options.name = OptionalString(args["name"]);
  options.restore_sequentially = nb::cast<bool>(args["restore_sequentially"]);
  if (!args["saver_def"].is_none()) {
    options.saver_def =
        Parsed<SaverDef>(nb::cast<nb::bytes>(args["saver_def"]));
  }
  options.defer_build = nb::cast<bool>(args["defer_build"]);
  options.allow_empty = nb::cast<bool>(args["allow_empty"]);
  options.write_version = static_cast<SaverDef::CheckpointFormatVersion>(
      nb::cast<int>(args["write_version"]));
  options.pad_step_number = nb::cast<bool>(args["pad_step_number"]);
  options.save_relative_paths = nb::cast<bool>(args["save_relative_paths"]);
  options.filename = OptionalString(args["filename"]);
  options.now = PythonClock;
  options.log = PythonLog();
  return options;
}

std::string Save(Saver& saver, Session& session, const std::string& path,
                 nb::object global_step, const std::string& latest_filename,
                 const std::string& meta_graph_suffix, bool write_meta_graph,
                 bool write_state, bool strip_default_attrs,
                 bool save_debug_info) {
  SaveOptions options;
  if (!global_step.is_none()) {
    options.global_step = nb::cast<int64_t>(global_step);
  }
  options.latest_filename = latest_filename;
  options.meta_graph_suffix = meta_graph_suffix;
  options.write_meta_graph = write_meta_graph;
  options.write_state = write_state;
  options.strip_default_attrs = strip_default_attrs;
  options.save_debug_info = save_debug_info;
  options.has_begun = true;
  absl::StatusOr<std::string> prefix;
  {
    nb::gil_scoped_release release;
    prefix = saver.Save(&session, path, options);
  }
  return Check(std::move(prefix));
}

void BindSaverClass(nb::module_& m) {
  nb::class_<Saver>(m, "Saver")
      .def(nb::new_([](const std::shared_ptr<Graph>& graph, nb::dict args) {
        CallSite call_site;
        return Check(Saver::Create(graph.get(), OptionsOf(args)));
      }))
      .def("build",
           [](Saver& s, const std::shared_ptr<Graph>& graph) {
             CallSite call_site;
             Check(s.Build(graph.get()));
           })
      .def("begin_save",
           [](Saver& s, const std::string& latest_filename) {
             Check(s.BeginSave(latest_filename));
           })
      // After begin_save().
      .def("save", &Save, nb::arg("session"), nb::arg("path"),
           nb::arg("global_step").none(), nb::arg("latest_filename"),
           nb::arg("meta_graph_suffix"), nb::arg("write_meta_graph"),
           nb::arg("write_state"), nb::arg("strip_default_attrs"),
           nb::arg("save_debug_info"))
      .def("restore",
           [](Saver& s, Session& session, const std::string& path,
              const std::shared_ptr<Graph>& graph) {
             CallSite call_site;
             absl::Status status;
             {
               nb::gil_scoped_release release;
               status = s.Restore(&session, path, graph.get());
             }
             Check(status);
           })
      .def_prop_ro("is_empty", &Saver::is_empty)
      .def_prop_rw("saver_def",
                   [](Saver& s) -> nb::object {
                     if (s.saver_def() == nullptr) return nb::none();
                     return Serialized(*s.saver_def());
                   },
                   [](Saver& s, nb::bytes saver_def) {
                     s.set_saver_def(Parsed<SaverDef>(saver_def));
                   })
      .def("to_proto",
           [](Saver& s, const std::string& scope) -> nb::object {
             const auto def = s.ToProto(scope);
             if (!def.has_value()) return nb::none();
             return Serialized(*def);
           })
      .def_prop_ro("last_checkpoints",
                   [](Saver& s) { return s.last_checkpoints(); })
      .def("set_last_checkpoints",
           [](Saver& s, const std::vector<std::string>& paths) {
             s.set_last_checkpoints(paths);
           })
      .def("set_last_checkpoints_with_time",
           [](Saver& s,
              const std::vector<std::pair<std::string, double>>& checkpoints) {
             s.set_last_checkpoints_with_time(checkpoints);
           })
      .def("recover_last_checkpoints",
           [](Saver& s, const std::vector<std::string>& paths) {
             Check(s.RecoverLastCheckpoints(FileSystem::Posix(), paths));
           })
      .def_prop_ro("keys", [](Saver& s) { return s.keys(); });
}

// A message out of an argument that may be None.
template <typename Message>
const Message* OptionalMessage(nb::handle bytes, Message* message) {
  if (bytes.is_none()) return nullptr;
  *message = Parsed<Message>(nb::cast<nb::bytes>(bytes));
  return message;
}

nb::bytes ExportToPython(const std::shared_ptr<Graph>& graph, nb::dict args) {
  ExportMetaGraphOptions options;
  SaverDef saver_def;
  GraphDef graph_def;
  MetaGraphDef::MetaInfoDef meta_info_def;
  options.saver_def = OptionalMessage(args["saver_def"], &saver_def);
  options.graph_def = OptionalMessage(args["graph_def"], &graph_def);
  options.meta_info_def =
      OptionalMessage(args["meta_info_def"], &meta_info_def);
  options.collection_list = OptionalStrings(args["collection_list"]);
  options.export_scope = ToStr(args["export_scope"]);
  options.unbound_inputs_collection = ToStr(args["unbound_inputs_col_name"]);
  options.clear_devices = nb::cast<bool>(args["clear_devices"]);
  options.clear_extraneous_savers =
      nb::cast<bool>(args["clear_extraneous_savers"]);
  options.strip_default_attrs = nb::cast<bool>(args["strip_default_attrs"]);
  options.log = PythonLog();
  return ToBytes(Check(ExportMetaGraphBytes(graph.get(), options)));
}

// The package's object of an element of a collection, or null.
absl::StatusOr<std::shared_ptr<CollectionObject>> ObjectFromProtoInPython(
    const std::string& key, const std::string& bytes,
    const std::string& scope) {
  return CallPython([&] {
    nb::object object =
        nb::borrow(Hook("collection_object")(key, ToBytes(bytes), scope));
    return object.is_none() ? nullptr
                            : std::shared_ptr<CollectionObject>(
                                  std::make_shared<PythonObject>(object));
  });
}

ImportMetaGraphOptions ImportOptionsOf(nb::dict args) {
  ImportMetaGraphOptions options;
  options.clear_devices = nb::cast<bool>(args["clear_devices"]);
  options.import_scope = ToStr(args["import_scope"]);
  for (nb::handle entry : nb::list(args["input_map"])) {
    options.input_map.emplace_back(ToStr(entry[0]), OutputOf(entry[1]));
  }
  options.unbound_inputs_collection = ToStr(args["unbound_inputs_col_name"]);
  for (nb::handle name : nb::list(args["return_elements"])) {
    options.return_elements.push_back(ToStr(name));
  }
  nb::object predicate = nb::borrow(args["predicate"]);
  if (!predicate.is_none()) {
    options.restore_collection = [predicate](const std::string& key) {
      return nb::cast<bool>(nb::bool_(predicate(Utf8(key))));
    };
  }
  options.object_from_proto = ObjectFromProtoInPython;
  options.log = PythonLog();
  return options;
}

// A meta graph to import, parsed once.
class MetaGraph {
 public:
  static std::unique_ptr<MetaGraph> FromBytes(nb::bytes bytes) {
    auto result = std::make_unique<MetaGraph>();
    if (!result->message_->ParseFromArray(bytes.c_str(),
                                          static_cast<int>(bytes.size()))) {
      RaiseClass("DecodeError", "Error parsing message");
    }
    return result;
  }
  static std::unique_ptr<MetaGraph> FromFile(const std::string& path) {
    auto result = std::make_unique<MetaGraph>();
    Check(ReadMetaGraph(FileSystem::Posix(), path, result->message_));
    return result;
  }
  const MetaGraphDef& message() const { return *message_; }

 private:
  google::protobuf::Arena arena_{LargeArena()};
  MetaGraphDef* const message_ =
      google::protobuf::Arena::CreateMessage<MetaGraphDef>(&arena_);
};

// ([(name, variable)], [element], the SaverDef's bytes or None)
nb::tuple ImportToPython(const std::shared_ptr<Graph>& graph,
                         const MetaGraph& meta_graph, nb::dict args) {
  CallSite call_site;
  const MetaGraphDef& message = meta_graph.message();
  const ImportedMetaGraph imported =
      Check(ImportScopedMetaGraph(graph.get(), message, ImportOptionsOf(args)));
  nb::list variables;
  for (const auto& [name, variable] : imported.variables) {
    variables.append(nb::make_tuple(name, variable));
  }
  nb::list elements;
  for (const Graph::Element& element : imported.return_elements) {
    elements.append(element.op != nullptr
                        ? CollectionItemToPython(element.op)
                        : CollectionItemToPython(element.tensor));
  }
  nb::object saver_def = nb::none();
  if (message.has_saver_def()) saver_def = Serialized(message.saver_def());
  return nb::make_tuple(variables, elements, saver_def);
}

}  // namespace

void BindSaver(nb::module_& m) {
  BindSaveables(m);
  BindSaverClass(m);
  m.def("build_saver", [](const std::shared_ptr<Graph>& graph,
                          nb::handle builder, nb::list items, bool is_dict,
                          nb::dict args) {
    CallSite call_site;
    GraphBuilder b(graph.get());
    const Saveables saveables =
        Check(ValidateAndSliceInputs(SaveablesOf(std::move(items)), is_dict));
    return Serialized(Check(
        BuilderFromTuple(builder)->Build(b, saveables, BuilderOptionsOf(args))));
  });
  nb::class_<MetaGraph>(m, "MetaGraph")
      .def_static("from_bytes", &MetaGraph::FromBytes)
      .def_static("from_file", &MetaGraph::FromFile)
      .def("to_bytes",
           [](const MetaGraph& meta_graph) {
             return Serialized(meta_graph.message());
           });
  m.def("export_meta_graph", &ExportToPython);
  m.def("import_meta_graph", &ImportToPython);
  m.def("ops_used_by_graph_def", [](nb::bytes graph_def) {
    return OpsUsedByGraphDef(Parsed<GraphDef>(graph_def));
  });
  m.def("stripped_op_list",
        [](const std::shared_ptr<Graph>& graph, nb::bytes graph_def) {
          return Serialized(
              Check(StrippedOpList(Parsed<GraphDef>(graph_def), *graph)));
        });
  m.def("add_collection_def",
        [](const std::shared_ptr<Graph>& graph, nb::bytes meta_graph,
           const std::string& key, const std::string& export_scope,
           const std::vector<std::string>& exclude_nodes) {
          MetaGraphDef result = Parsed<MetaGraphDef>(meta_graph);
          ExportFilter filter;
          filter.scope = export_scope;
          filter.excluded.insert(exclude_nodes.begin(), exclude_nodes.end());
          AddCollectionDef(*graph, key, filter, PythonLog(), &result);
          return Serialized(result);
        });
  m.def("read_meta_graph", [](const std::string& path) {
    const std::string bytes =
        Check(ReadMetaGraphBytes(FileSystem::Posix(), path));
    return nb::bytes(bytes.data(), bytes.size());
  });
  // The ".debug" file beside the meta graph of this name.
  m.def("write_graph_debug_info",
        [](const std::string& path, const std::shared_ptr<Graph>& graph,
           nb::bytes meta_graph, const std::string& scope, bool as_text) {
          const GraphDebugInfo info = Check(MakeGraphDebugInfo(
              *graph, Parsed<MetaGraphDef>(meta_graph).graph_def(), scope));
          Check(WriteGraphDebugInfo(FileSystem::Posix(), path, info, as_text,
                                    /*sync=*/false));
        });
  m.def("write_file_atomically", [](const std::string& path, nb::bytes data) {
    Check(WriteStringToFileAtomically(
        FileSystem::Posix(), path, absl::string_view(data.c_str(), data.size()),
        /*sync=*/false));
  });
  m.def("write_meta_graph",
        [](const std::string& path, nb::bytes meta_graph, bool as_text) {
          const auto parsed = Parsed<MetaGraphDef>(meta_graph);
          absl::Status status;
          {
            // It may wait for a saver in another thread.
            nb::gil_scoped_release release;
            status = WriteMetaGraph(FileSystem::Posix(), path, parsed, as_text,
                                    SyncFilesByDefault());
          }
          Check(status);
        });
}

}  // namespace python
}  // namespace retrograph
