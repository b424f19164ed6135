// SavedModels.
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "python/bindings/bindings.h"
#include "python/bindings/collection_item.h"
#include "python/bindings/log_sink.h"
#include "python/bindings/support.h"
#include "saved_model/builder.h"
#include "saved_model/loader.h"
#include "saved_model/signature_def.h"

namespace retrograph {
namespace python {
namespace {

using GraphPtr = std::shared_ptr<Graph>;
using saved_model::AddMetaGraphOptions;
using saved_model::SavedModelBuilder;
using saved_model::SavedModelLoader;
using saved_model::TensorInfos;

TensorInfos InfosOf(nb::dict infos) {
  TensorInfos result;
  for (auto [key, info] : infos) {
    result[ToStr(key)] = Parsed<TensorInfo>(nb::cast<nb::bytes>(info));
  }
  return result;
}

absl::optional<TensorInfo> InfoOf(nb::handle info) {
  if (info.is_none()) return absl::nullopt;
  return Parsed<TensorInfo>(nb::cast<nb::bytes>(info));
}

nb::object ElementToPython(const Graph::Element& element) {
  if (element.op != nullptr) return CollectionItemToPython(element.op);
  if (element.tensor.valid()) return CollectionItemToPython(element.tensor);
  return nb::none();
}

void BindSignatures(nb::module_& m) {
  m.def("build_tensor_info_from_op", [](const std::string& name) {
    return Serialized(saved_model::BuildTensorInfoFromOp(name));
  });
  m.def("build_sparse_tensor_info",
        [](nb::handle indices, nb::handle values, nb::handle dense_shape) {
          return Serialized(saved_model::BuildSparseTensorInfo(
              OutputOf(indices), OutputOf(values), OutputOf(dense_shape)));
        });
  m.def("get_tensor_from_tensor_info",
        [](const GraphPtr& graph, nb::bytes info, const std::string& scope) {
          nb::list tensors;
          for (const Output& tensor :
               Check(saved_model::GetTensorFromTensorInfo(
                   Parsed<TensorInfo>(info), *graph, scope))) {
            tensors.append(OutputToPython(tensor));
          }
          return tensors;
        });
  m.def("build_signature_def",
        [](nb::dict inputs, nb::dict outputs, const std::string& method) {
          return Serialized(saved_model::BuildSignatureDef(
              InfosOf(inputs), InfosOf(outputs), method));
        });
  m.def("predict_signature_def", [](nb::dict inputs, nb::dict outputs) {
    return Serialized(Check(saved_model::PredictSignatureDef(
        InfosOf(inputs), InfosOf(outputs))));
  });
  m.def("regression_signature_def",
        [](nb::object examples, nb::object predictions) {
          return Serialized(Check(saved_model::RegressionSignatureDef(
              InfoOf(examples), InfoOf(predictions))));
        },
        nb::arg("examples").none(), nb::arg("predictions").none());
  m.def("classification_signature_def",
        [](nb::object examples, nb::object classes, nb::object scores) {
          return Serialized(Check(saved_model::ClassificationSignatureDef(
              InfoOf(examples), InfoOf(classes), InfoOf(scores))));
        },
        nb::arg("examples").none(), nb::arg("classes").none(),
        nb::arg("scores").none());
  m.def("supervised_signature_def",
        [](const std::string& method, nb::dict inputs, nb::list outputs) {
          std::vector<TensorInfos> sets;
          for (nb::handle set : outputs) {
            sets.push_back(InfosOf(nb::cast<nb::dict>(set)));
          }
          return Serialized(Check(saved_model::SupervisedSignatureDef(
              method, InfosOf(inputs), sets)));
        });
  m.def("is_valid_signature", [](nb::bytes signature) {
    return saved_model::IsValidSignature(Parsed<SignatureDef>(signature));
  });
  m.def("op_signature_def",
        [](const std::string& name, const std::string& key) {
          return Serialized(saved_model::OpSignatureDef(name, key));
        });
  m.def("load_op_from_signature_def",
        [](const GraphPtr& graph, nb::bytes signature, const std::string& key,
           const std::string& scope) {
          return ElementToPython(Check(saved_model::LoadOpFromSignatureDef(
              Parsed<SignatureDef>(signature), key, *graph, scope)));
        });
}

// `session` is None where only the graph is added; `saver` returns the Saver to
// use, which Python makes.
void Add(SavedModelBuilder& builder, nb::object session, const GraphPtr& graph,
         const std::vector<std::string>& tags, nb::dict signatures,
         nb::object assets, nb::object main_op, bool clear_devices,
         bool strip_default_attrs, nb::object saver) {
  CallSite call_site;
  AddMetaGraphOptions options;
  for (auto [key, signature] : signatures) {
    options.signature_def_map[ToStr(key)] =
        Parsed<SignatureDef>(nb::cast<nb::bytes>(signature));
  }
  if (!assets.is_none()) {
    options.assets.emplace();
    for (nb::handle tensor : nb::list(assets)) {
      options.assets->push_back(OutputOf(tensor));
    }
  }
  if (!main_op.is_none()) {
    options.main_op = OpOf(*graph, nb::cast<int>(main_op));
  }
  options.clear_devices = clear_devices;
  options.strip_default_attrs = strip_default_attrs;
  nb::object made;  // lives until the meta graph is added
  options.saver = [&]() -> absl::StatusOr<Saver*> {
    return CallPython([&] {
      made = saver();
      return nb::cast<Saver*>(made);
    });
  };
  Session* const values =
      session.is_none() ? nullptr : nb::cast<Session*>(session);
  absl::Status added;
  {
    nb::gil_scoped_release release;
    added = values != nullptr
                ? builder.AddMetaGraphAndVariables(values, graph.get(), tags,
                                                   options)
                : builder.AddMetaGraph(graph.get(), tags, options);
  }
  Check(added);
}

void BindBuilder(nb::module_& m) {
  nb::class_<SavedModelBuilder>(m, "SavedModelBuilder")
      .def(nb::new_([](const std::string& export_dir) {
        saved_model::SavedModelBuilderOptions options;
        options.log = PythonLog();
        return Check(
            SavedModelBuilder::Create(export_dir, std::move(options)));
      }))
      .def("add", &Add, nb::arg("session").none(), nb::arg("graph"),
           nb::arg("tags"), nb::arg("signatures"), nb::arg("assets").none(),
           nb::arg("main_op").none(), nb::arg("clear_devices"),
           nb::arg("strip_default_attrs"), nb::arg("saver"))
      .def("save", [](SavedModelBuilder& b, bool as_text) {
        return Check(b.Save(as_text));
      })
      .def_prop_ro("saved_model", [](SavedModelBuilder& b) {
        return Serialized(b.saved_model());
      });
}

void BindLoader(nb::module_& m) {
  nb::class_<SavedModelLoader>(m, "SavedModelLoader")
      .def(nb::new_([](const std::string& export_dir) {
        return std::make_unique<SavedModelLoader>(
            Check(SavedModelLoader::Open(export_dir)));
      }))
      .def_prop_ro("variables_path",
                   [](SavedModelLoader& l) { return l.variables_path(); })
      .def_prop_ro("saved_model", [](SavedModelLoader& l) {
        return Serialized(l.saved_model());
      })
      // The index of the meta graph with these tags.
      .def("find",
           [](SavedModelLoader& l, const std::vector<std::string>& tags,
              const std::string& shown) {
             const MetaGraphDef* found =
                 Check(l.GetMetaGraphDefFromTags(tags, shown));
             int index = 0;
             while (&l.saved_model().meta_graphs(index) != found) ++index;
             return index;
           })
      .def("restore_without_saver",
           [](SavedModelLoader& l, Session& session, const std::string& scope) {
             Check(l.RestoreVariables(&session, nullptr, scope, PythonLog()));
           })
      .def("run_init_ops",
           [](SavedModelLoader& l, Session& session,
              const std::vector<std::string>& tags, const std::string& scope) {
             absl::Status status;
             {
               nb::gil_scoped_release release;
               status = l.RunInitOps(&session, tags, scope);
             }
             Check(status);
           });
  m.def("contains_saved_model", [](const std::string& export_dir) {
    return saved_model::ContainsSavedModel(FileSystem::Posix(), export_dir);
  });
  m.def("asset_feeds", [](const std::string& export_dir, nb::bytes meta_graph,
                          const std::string& scope) {
    return saved_model::AssetFeeds(export_dir, Parsed<MetaGraphDef>(meta_graph),
                                   scope);
  });
  m.def("get_init_op", [](const GraphPtr& graph, nb::bytes meta_graph,
                          const std::string& scope) {
    return ElementToPython(Check(saved_model::GetInitOp(
        Parsed<MetaGraphDef>(meta_graph), *graph, scope)));
  });
  m.def("get_train_op", [](const GraphPtr& graph, nb::bytes meta_graph,
                           const std::string& scope) {
    return ElementToPython(Check(saved_model::GetTrainOp(
        Parsed<MetaGraphDef>(meta_graph), *graph, scope)));
  });
}

}  // namespace

void BindSavedModel(nb::module_& m) {
  BindSignatures(m);
  BindBuilder(m);
  BindLoader(m);
}

}  // namespace python
}  // namespace retrograph
