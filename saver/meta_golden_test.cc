// Meta graphs that TensorFlow wrote: read, imported into a fresh graph and
// exported again, they mean the same. Each is a test of its own; they are found
// by walking the folder that RETROGRAPH_GOLDENS names.
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "checkpoint/checkpoint_reader.h"
#include "checkpoint/golden_testing.h"
#include "core/file_system.h"
#include "core/tensor_proto.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "ops/standard_ops.h"
#include "proto/control_flow.pb.h"
#include "saver/meta_graph.h"
#include "saver/meta_graph_import.h"
#include "session/session.h"

namespace retrograph {
namespace {

using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

// Cases that are not supported yet. It shrinks: a case here that passes fails.
std::set<std::string> NotYet() { return {}; }

FileSystem* Files() { return FileSystem::Posix(); }

std::string Differences(const Message& expected, const Message& actual) {
  MessageDifferencer differencer;
  std::string report;
  differencer.ReportDifferencesToString(&report);
  return differencer.Compare(expected, actual) ? "" : report;
}

void Compare(const std::string& what, const Message& expected,
             const Message& actual, Problems* problems) {
  const std::string differences = Differences(expected, actual);
  if (!differences.empty()) {
    problems->push_back(absl::StrCat(what, " differs:\n", differences));
  }
}

// Nodes by name: an import may make them in another order.
std::map<std::string, NodeDef> NodesOf(const GraphDef& graph_def) {
  std::map<std::string, NodeDef> nodes;
  for (const NodeDef& node : graph_def.node()) nodes[node.name()] = node;
  return nodes;
}

template <typename Map>
void CompareByName(const std::string& what, const Map& expected,
                   const Map& actual, Problems* problems) {
  for (const auto& [name, value] : expected) {
    const auto it = actual.find(name);
    if (it == actual.end()) {
      problems->push_back(absl::StrCat(what, " ", name, " is missing"));
    } else {
      Compare(absl::StrCat(what, " ", name), value, it->second, problems);
    }
  }
  for (const auto& entry : actual) {
    if (expected.count(entry.first) == 0) {
      problems->push_back(
          absl::StrCat(what, " ", entry.first, " should not be there"));
    }
  }
}

std::map<std::string, OpDef> OpsOf(const MetaGraphDef& meta_graph) {
  std::map<std::string, OpDef> ops;
  for (const OpDef& op : meta_graph.meta_info_def().stripped_op_list().op()) {
    ops[op.name()] = op;
  }
  return ops;
}

// Contexts hold maps, which TensorFlow writes in any order.
template <typename Context>
void SortMaps(const std::string& collection, MetaGraphDef* meta_graph) {
  const auto it = meta_graph->mutable_collection_def()->find(collection);
  if (it == meta_graph->mutable_collection_def()->end()) return;
  for (std::string& bytes : *it->second.mutable_bytes_list()->mutable_value()) {
    Context context;
    if (context.ParseFromString(bytes)) bytes = context.DebugString();
  }
}

Problems CompareMetaGraphs(MetaGraphDef expected, MetaGraphDef actual) {
  Problems problems;
  CompareByName("op", OpsOf(expected), OpsOf(actual), &problems);
  CompareByName("node", NodesOf(expected.graph_def()),
                NodesOf(actual.graph_def()), &problems);
  for (MetaGraphDef* meta_graph : {&expected, &actual}) {
    SortMaps<CondContextDef>("cond_context", meta_graph);
    SortMaps<WhileContextDef>("while_context", meta_graph);
  }
  CompareByName("collection", expected.collection_def(),
                actual.collection_def(), &problems);
  for (MetaGraphDef* meta_graph : {&expected, &actual}) {
    meta_graph->mutable_graph_def()->clear_node();
    meta_graph->mutable_meta_info_def()->clear_stripped_op_list();
    meta_graph->clear_collection_def();
  }
  Compare("the rest", expected, actual, &problems);
  return problems;
}

// What the import leaves out, and what only a first export writes.
MetaGraphDef WhatComesBack(MetaGraphDef meta_graph) {
  meta_graph.mutable_collection_def()->erase("unbound_inputs");
  if (meta_graph.graph_def().library().function().empty()) {
    meta_graph.mutable_graph_def()->clear_library();
  }
  return meta_graph;
}

// A placeholder for every input of the graph that is not in it.
std::vector<std::pair<std::string, Output>> MapUnbound(
    GraphBuilder& b, const MetaGraphDef& meta_graph) {
  std::vector<std::pair<std::string, Output>> map;
  const auto it = meta_graph.collection_def().find("unbound_inputs");
  if (it == meta_graph.collection_def().end()) return map;
  for (const std::string& name : it->second.bytes_list().value()) {
    map.emplace_back(name, b.Op("Placeholder", {},
                                {Attr("dtype", DT_FLOAT),
                                 Attr("shape", PartialTensorShape({2}))},
                                "outside"));
  }
  return map;
}

// Takes back what the map did, for the comparison.
void UnmapInputs(const std::vector<std::pair<std::string, Output>>& map,
                 MetaGraphDef* meta_graph) {
  GraphDef* graph_def = meta_graph->mutable_graph_def();
  for (const auto& [name, tensor] : map) {
    const std::string mapped = tensor.op->name();
    for (int i = graph_def->node_size() - 1; i >= 0; --i) {
      if (graph_def->node(i).name() == mapped) {
        graph_def->mutable_node()->DeleteSubrange(i, 1);
        continue;
      }
      for (std::string& input : *graph_def->mutable_node(i)->mutable_input()) {
        if (input == mapped) input = name;
      }
    }
  }
  auto* ops = meta_graph->mutable_meta_info_def()->mutable_stripped_op_list();
  for (int i = ops->op_size() - 1; i >= 0 && !map.empty(); --i) {
    if (ops->op(i).name() == "Placeholder") {
      ops->mutable_op()->DeleteSubrange(i, 1);
    }
  }
}

Problems CheckRoundTrip(const std::string& path) {
  MetaGraphDef golden;
  if (!google::protobuf::TextFormat::ParseFromString(ReadBytes(path + ".pbtxt"),
                                                     &golden)) {
    return {"the text copy cannot be parsed"};
  }
  const absl::StatusOr<MetaGraphDef> read = ReadMetaGraph(Files(), path);
  if (!read.ok()) return {read.status().ToString()};
  Problems problems;
  Compare("what was read", golden, *read, &problems);

  const std::shared_ptr<Graph> graph = Graph::Create();
  Graph::AsDefault as_default(graph);
  GraphBuilder b(graph.get());
  ImportMetaGraphOptions options;
  options.input_map = MapUnbound(b, *read);
  const auto imported = ImportMetaGraph(graph.get(), *read, options);
  if (!imported.ok()) return {imported.status().ToString()};
  ExportMetaGraphOptions export_options;
  const bool made_saver = imported->saver != nullptr && !read->has_saver_def();
  if (!made_saver && imported->saver != nullptr) {
    export_options.saver_def = imported->saver->saver_def();
  }
  export_options.strip_default_attrs =
      golden.meta_info_def().stripped_default_attrs();
  absl::StatusOr<MetaGraphDef> again =
      ExportMetaGraph(graph.get(), export_options);
  if (!again.ok()) return {again.status().ToString()};
  UnmapInputs(options.input_map, &*again);
  MetaGraphDef expected = WhatComesBack(golden);
  if (made_saver) {
    // The Saver that the import built is an addition.
    again = MetaGraphDef(*again);
    auto* nodes = again->mutable_graph_def()->mutable_node();
    for (int i = nodes->size() - 1; i >= 0; --i) {
      if (absl::StartsWith(nodes->Get(i).name(), "save/")) {
        nodes->DeleteSubrange(i, 1);
      }
    }
    expected.mutable_meta_info_def()->clear_stripped_op_list();
    again->mutable_meta_info_def()->clear_stripped_op_list();
  }
  for (std::string& problem : CompareMetaGraphs(expected, *again)) {
    problems.push_back(std::move(problem));
  }
  return problems;
}

bool IsText(const std::string& path) {
  return absl::StartsWith(ReadBytes(path), "meta_info_def {");
}

// As text, a meta graph is what TensorFlow wrote, character by character.
Problems CheckText(const std::string& path) {
  const absl::StatusOr<MetaGraphDef> read = ReadMetaGraph(Files(), path);
  if (!read.ok()) return {read.status().ToString()};
  const std::string copy = NewTestFolder() + "/deeper/copy.meta";
  const absl::Status written =
      WriteMetaGraph(Files(), copy, *read, /*as_text=*/true, /*sync=*/false);
  if (!written.ok()) return {written.ToString()};
  const std::vector<std::string> ours = absl::StrSplit(ReadBytes(copy), '\n');
  const std::vector<std::string> theirs = absl::StrSplit(ReadBytes(path), '\n');
  for (size_t i = 0; i < ours.size() && i < theirs.size(); ++i) {
    if (ours[i] == theirs[i]) continue;
    return {absl::StrCat("line ", i + 1, " is ", ours[i], ", not ", theirs[i])};
  }
  if (ours.size() != theirs.size()) return {"the lengths differ"};
  return {};
}

// The checkpoint beside it can be restored by the imported Saver and saved
// again.
Problems CheckRestores(const std::string& path, const std::string& prefix) {
  const absl::StatusOr<MetaGraphDef> read = ReadMetaGraph(Files(), path);
  if (!read.ok()) return {read.status().ToString()};
  const std::shared_ptr<Graph> graph = Graph::Create();
  Graph::AsDefault as_default(graph);
  auto imported = ImportMetaGraph(graph.get(), *read);
  if (!imported.ok()) return {imported.status().ToString()};
  if (imported->saver == nullptr) return {"no Saver came back"};
  auto session = Session::Create(graph, SessionOptions());
  if (!session.ok()) return {session.status().ToString()};
  absl::Status status = imported->saver->Restore(session->get(), prefix);
  if (!status.ok()) return {status.ToString()};
  const std::string copy = NewTestFolder() + "/copy";
  status = imported->saver->Save(session->get(), copy).status();
  if (!status.ok()) return {status.ToString()};

  Problems problems;
  auto expected = CheckpointReader::Open(Files(), prefix);
  auto actual = CheckpointReader::Open(Files(), copy);
  if (!expected.ok() || !actual.ok()) return {"a checkpoint cannot be read"};
  if ((*expected)->names() != (*actual)->names()) {
    return {"other keys were saved"};
  }
  for (const std::string& name : (*expected)->names()) {
    const auto theirs = (*expected)->GetTensor(name);
    const auto ours = (*actual)->GetTensor(name);
    if (!theirs.ok() || !ours.ok() ||
        !MessageDifferencer::Equals(MakeTensorProtoField(*theirs),
                                    MakeTensorProtoField(*ours))) {
      problems.push_back(absl::StrCat(name, " has other values"));
    }
  }
  return problems;
}

// The prefix of the checkpoint that a meta graph's file lies beside, or "".
std::string PrefixBeside(const std::string& path) {
  const std::string prefix = path.substr(0, path.rfind('.'));
  return std::filesystem::exists(prefix + ".index") ? prefix : "";
}

void RegisterAll() {
  RegisterStandardOps();
  const std::set<std::string> not_yet = NotYet();
  for (const std::string& id : GoldenCases("meta")) {
    const std::string folder = absl::StrCat(GoldenFolder(), "/", id);
    const Json meta_graphs =
        ReadJson(folder + "/case.json").value("meta_graphs", Json::array());
    for (const Json& meta_graph : meta_graphs) {
      const std::string file = meta_graph["file"].get<std::string>();
      const std::string path = absl::StrCat(folder, "/", file);
      const std::string name =
          absl::StrCat(id.substr(id.find('/') + 1), "/", file);
      RegisterGolden("MetaGoldenRoundTrip", name, not_yet,
                     [path] { return CheckRoundTrip(path); });
      if (IsText(path)) {
        RegisterGolden("MetaGoldenText", name, not_yet,
                       [path] { return CheckText(path); });
      }
      const std::string prefix = PrefixBeside(path);
      if (prefix.empty()) continue;
      RegisterGolden("MetaGoldenRestores", name, not_yet,
                     [path, prefix] { return CheckRestores(path, prefix); });
    }
  }
}

}  // namespace
}  // namespace retrograph

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (retrograph::GoldenFolder().empty()) {
    retrograph::RegisterNoGoldens("MetaGolden");
  } else {
    retrograph::RegisterAll();
  }
  const int result = RUN_ALL_TESTS();
  retrograph::PrintNotSupportedYet();
  return result;
}
