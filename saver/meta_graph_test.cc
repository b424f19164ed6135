#include "saver/meta_graph.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/mem_file_system.h"
#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "ops/standard_ops.h"
#include "saver/collection_object.h"
#include "saver/message_item.h"
#include "saver/meta_graph_import.h"
#include "session/session.h"

namespace retrograph {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::shared_ptr<Variable> AddVariable(Graph* graph, const std::string& name) {
  GraphBuilder b(graph);
  VariableOptions options;
  options.name = name;
  options.initial_value = Input(Tensor::Scalar<int32_t>(7));
  auto variable = Variable::Create(b, std::move(options));
  EXPECT_OK(b.status());
  return variable;
}

std::unique_ptr<Saver> MakeSaver(Graph* graph) {
  auto saver = Saver::Create(graph);
  EXPECT_OK(saver.status());
  return saver.ok() ? *std::move(saver) : nullptr;
}

Operation* NoOp(Graph* graph, const std::string& name) {
  GraphBuilder b(graph);
  Operation* op = b.AddOp("NoOp", {}, {}, name);
  EXPECT_OK(b.status());
  return op;
}

Output Placeholder(GraphBuilder& b, const std::string& name) {
  return b.Op("Placeholder", {},
              {Attr("dtype", DT_FLOAT), Attr("shape", PartialTensorShape())},
              name);
}

std::vector<std::string> NodeNames(const MetaGraphDef& meta_graph) {
  std::vector<std::string> names;
  for (const NodeDef& node : meta_graph.graph_def().node()) {
    names.push_back(node.name());
  }
  return names;
}

std::vector<std::string> CollectionNames(const MetaGraphDef& meta_graph) {
  std::vector<std::string> names;
  for (const auto& entry : meta_graph.collection_def()) {
    names.push_back(entry.first);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> VariableNames(const Graph& graph) {
  std::vector<std::string> names;
  for (const auto& variable : GlobalVariables(graph)) {
    names.push_back(variable->name());
  }
  return names;
}

class MetaGraphTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { RegisterStandardOps(); }

  MetaGraphDef Export(Graph* graph, ExportMetaGraphOptions options = {}) {
    options.log = [this](LogLevel, absl::string_view message) {
      logged_.emplace_back(message);
    };
    const auto meta_graph = ExportMetaGraph(graph, options);
    EXPECT_OK(meta_graph.status());
    return meta_graph.ok() ? *meta_graph : MetaGraphDef();
  }

  // A graph with the variable v and a Saver.
  MetaGraphDef WithSaver() {
    const auto graph = Graph::Create();
    AddVariable(graph.get(), "v");
    const auto saver = MakeSaver(graph.get());
    ExportMetaGraphOptions options;
    options.saver_def = saver->saver_def();
    return Export(graph.get(), options);
  }

  absl::Status ReadStatus(const std::string& content) {
    EXPECT_OK(WriteStringToFile(&fs_, "/f", content));
    return ReadMetaGraph(&fs_, "/f").status();
  }

  MemFileSystem fs_;
  std::vector<std::string> logged_;
};

// ---- Import ----

TEST_F(MetaGraphTest, ASecondImportMakesNewNodesButTheSaverNamesTheFirst) {
  const MetaGraphDef meta_graph = WithSaver();
  const auto graph = Graph::Create();
  for (int i = 0; i < 2; ++i) {
    const auto imported = ImportMetaGraph(graph.get(), meta_graph);
    ASSERT_OK(imported.status());
    EXPECT_EQ(imported->saver->saver_def()->restore_op_name(),
              "save/restore_all");
  }
  EXPECT_NE(graph->FindOperation("v_1"), nullptr);
  EXPECT_THAT(VariableNames(*graph), ElementsAre("v:0", "v:0"));
}

TEST_F(MetaGraphTest, AScopeIsMadeUniqueAndGoesToVariablesAndSaver) {
  const MetaGraphDef meta_graph = WithSaver();
  const auto graph = Graph::Create();
  ImportMetaGraphOptions options;
  options.import_scope = "sc";
  for (const char* scope : {"sc", "sc_1"}) {
    const auto imported = ImportMetaGraph(graph.get(), meta_graph, options);
    ASSERT_OK(imported.status());
    EXPECT_EQ(imported->saver->saver_def()->restore_op_name(),
              std::string(scope) + "/save/restore_all");
    ASSERT_EQ(imported->variables.size(), 1u);
    EXPECT_EQ(imported->variables[0].first, "v:0");
    EXPECT_EQ(imported->variables[0].second->initializer()->name(),
              std::string(scope) + "/v/Assign");
  }
}

TEST_F(MetaGraphTest, AnOpenNameScopeCounts) {
  const MetaGraphDef meta_graph = WithSaver();
  const auto graph = Graph::Create();
  const NameScope outer(graph.get(), "outer");
  const auto imported = ImportMetaGraph(graph.get(), meta_graph);
  ASSERT_OK(imported.status());
  EXPECT_EQ(imported->saver->saver_def()->restore_op_name(),
            "outer/save/restore_all");
  EXPECT_THAT(VariableNames(*graph), ElementsAre("outer/v:0"));
}

TEST_F(MetaGraphTest, WithoutASaverDefANewSaverIsBuilt) {
  const auto source = Graph::Create();
  AddVariable(source.get(), "v");
  MakeSaver(source.get());
  const MetaGraphDef meta_graph = Export(source.get());
  EXPECT_FALSE(meta_graph.has_saver_def());
  const auto graph = Graph::Create();
  const auto imported = ImportMetaGraph(graph.get(), meta_graph);
  ASSERT_OK(imported.status());
  EXPECT_EQ(imported->saver->saver_def()->restore_op_name(),
            "save/restore_all_1");
}

TEST_F(MetaGraphTest, AnEmptyMessageGivesNoSaver) {
  const auto graph = Graph::Create();
  const auto imported = ImportMetaGraph(graph.get(), MetaGraphDef());
  ASSERT_OK(imported.status());
  EXPECT_EQ(imported->saver, nullptr);
  EXPECT_EQ(graph->num_operations(), 0);
}

TEST_F(MetaGraphTest, TheImportedSaverRestoresAndSaves) {
  SessionOptions session_options;
  session_options.file_system = &fs_;
  ASSERT_OK(fs_.CreateDirectories("/d"));
  {
    const auto graph = Graph::Create();
    AddVariable(graph.get(), "v");
    const auto saver = MakeSaver(graph.get());
    GraphBuilder b(graph.get());
    Operation* init = GlobalVariablesInitializer(b);
    const auto session = *Session::Create(graph, session_options);
    ASSERT_OK(session->Run({}, {}, {init}).status());
    ASSERT_OK(saver->Save(session.get(), "/d/m").status());
  }
  const auto meta_graph = ReadMetaGraph(&fs_, "/d/m.meta");
  ASSERT_OK(meta_graph.status());
  const auto graph = Graph::Create();
  const auto imported = ImportMetaGraph(graph.get(), *meta_graph);
  ASSERT_OK(imported.status());
  const auto session = *Session::Create(graph, session_options);
  ASSERT_OK(imported->saver->Restore(session.get(), "/d/m"));
  const auto values =
      session->Run({}, {imported->variables[0].second->snapshot()}, {});
  ASSERT_OK(values.status());
  EXPECT_EQ((*values)[0].scalar<int32_t>(), 7);
  EXPECT_OK(imported->saver->Save(session.get(), "/d/n").status());
  EXPECT_EQ(*ReadFileToString(&fs_, "/d/n.meta"),
            *ReadFileToString(&fs_, "/d/m.meta"));
}

TEST_F(MetaGraphTest, OneNameOfImportedVariablesIsItsLastVariable) {
  const auto source = Graph::Create();
  VariableDef again = AddVariable(source.get(), "v")->ToProto();
  AddVariable(source.get(), "w");
  MetaGraphDef meta_graph = Export(source.get());
  again.set_trainable(false);
  (*meta_graph.mutable_collection_def())[graph_keys::kGlobalVariables]
      .mutable_bytes_list()
      ->add_value(again.SerializeAsString());
  const auto graph = Graph::Create();
  const auto imported = ImportScopedMetaGraph(graph.get(), meta_graph, {});
  ASSERT_OK(imported.status());
  ASSERT_EQ(imported->variables.size(), 2);
  EXPECT_EQ(imported->variables[0].first, "v:0");
  EXPECT_FALSE(imported->variables[0].second->trainable());
  EXPECT_EQ(imported->variables[1].first, "w:0");
}

TEST_F(MetaGraphTest, ClearingDevicesLeavesNone) {
  const auto source = Graph::Create();
  {
    const DeviceScope device(source.get(), "/gpu:0");
    NoOp(source.get(), "a");
  }
  const MetaGraphDef meta_graph = Export(source.get());
  for (const bool clear : {false, true}) {
    const auto graph = Graph::Create();
    ImportMetaGraphOptions options;
    options.clear_devices = clear;
    ASSERT_OK(ImportMetaGraph(graph.get(), meta_graph, options).status());
    EXPECT_EQ(graph->FindOperation("a")->device(),
              clear ? "" : "/device:GPU:0");
  }
  ExportMetaGraphOptions options;
  options.clear_devices = true;
  EXPECT_EQ(Export(source.get(), options).graph_def().node(0).device(), "");
}

TEST_F(MetaGraphTest, ImportErrorsAreTensorFlows) {
  const auto graph = Graph::Create();
  MetaGraphDef meta_graph;
  meta_graph.mutable_saver_def()->set_max_to_keep(1);
  EXPECT_THAT(ImportMetaGraph(graph.get(), meta_graph).status(),
              PythonErrorIs("ValueError",
                            "saver_def must specify the save_tensor_name: "
                            "max_to_keep: 1\n"));
  meta_graph.Clear();
  (*meta_graph.mutable_collection_def())["c"].mutable_node_list()->add_value(
      "nope:0");
  EXPECT_THAT(ImportMetaGraph(graph.get(), meta_graph).status(),
              PythonErrorIs("KeyError",
                            "The name 'nope:0' refers to a Tensor which does "
                            "not exist. The operation, 'nope', does not exist "
                            "in the graph."));
  meta_graph.Clear();
  (*meta_graph.mutable_collection_def())["variables"]
      .mutable_bytes_list()
      ->add_value("\xff");
  EXPECT_THAT(ImportMetaGraph(graph.get(), meta_graph).status(),
              PythonErrorIs("DecodeError",
                            "Error parsing message with type "
                            "'tensorflow.VariableDef'"));
  graph->Finalize();
  EXPECT_THAT(ImportMetaGraph(graph.get(), WithSaver()).status(),
              PythonErrorIs("RuntimeError",
                            "Graph is finalized and cannot be modified."));
}

TEST_F(MetaGraphTest, AVariableDefThatNamesAnOperationIsAnError) {
  const auto source = Graph::Create();
  NoOp(source.get(), "a");
  MetaGraphDef meta_graph = Export(source.get());
  VariableDef def;
  def.set_variable_name("a");
  def.set_initializer_name("a");
  def.set_snapshot_name("a");
  (*meta_graph.mutable_collection_def())["variables"]
      .mutable_bytes_list()
      ->add_value(def.SerializeAsString());
  EXPECT_THAT(ImportMetaGraph(Graph::Create().get(), meta_graph).status(),
              PythonErrorIs("ValueError", HasSubstr("Operation")));
}

TEST_F(MetaGraphTest, VariablesOfOldFilesAreTrainableIfTheirCollectionSaysSo) {
  MetaGraphDef meta_graph = WithSaver();
  for (const bool trainable : {true, false}) {
    meta_graph.mutable_meta_info_def()->set_tensorflow_version("1.8.0");
    if (!trainable) {
      meta_graph.mutable_collection_def()->erase("trainable_variables");
    }
    const auto imported = ImportMetaGraph(Graph::Create().get(), meta_graph);
    ASSERT_OK(imported.status());
    EXPECT_EQ(imported->variables[0].second->trainable(), trainable);
  }
}

// ---- Scopes ----

TEST_F(MetaGraphTest, AnExportedScopeLosesItsNameAndMarksInputsFromOutside) {
  const auto graph = Graph::Create();
  GraphBuilder b(graph.get());
  Operation* outside = NoOp(graph.get(), "outside");
  Output x = Placeholder(b, "x");
  {
    const NameScope in(graph.get(), "in");
    const ControlDependencies after(graph.get(), {outside});
    b.Op("Identity", {x}, {}, "y");
  }
  ASSERT_OK(b.status());
  ExportMetaGraphOptions options;
  options.export_scope = "in";
  const MetaGraphDef meta_graph = Export(graph.get(), options);
  ASSERT_THAT(NodeNames(meta_graph), ElementsAre("y"));
  EXPECT_THAT(meta_graph.graph_def().node(0).input(),
              ElementsAre("$unbound_inputs_x", "^$unbound_inputs_outside"));
  // A control input is listed in the graph alone.
  EXPECT_THAT(
      meta_graph.collection_def().at("unbound_inputs").bytes_list().value(),
      ElementsAre("$unbound_inputs_x"));
  EXPECT_EQ(graph->GetCollection("unbound_inputs").size(), 2u);
}

TEST_F(MetaGraphTest, UnboundInputsMustBeMapped) {
  const auto source = Graph::Create();
  GraphBuilder b(source.get());
  Output x = Placeholder(b, "x");
  {
    const NameScope in(source.get(), "in");
    b.Op("Identity", {x}, {}, "y");
  }
  ExportMetaGraphOptions options;
  options.export_scope = "in";
  const MetaGraphDef meta_graph = Export(source.get(), options);

  const auto graph = Graph::Create();
  EXPECT_THAT(ImportMetaGraph(graph.get(), meta_graph).status(),
              PythonErrorIs("ValueError",
                            "Graph contains unbound inputs: $unbound_inputs_x. "
                            "Must provide these inputs through input_map."));
  GraphBuilder to(graph.get());
  ImportMetaGraphOptions import_options;
  import_options.input_map = {{"$unbound_inputs_x", Placeholder(to, "z")}};
  ASSERT_OK(ImportMetaGraph(graph.get(), meta_graph, import_options).status());
  EXPECT_EQ(graph->FindOperation("y")->input(0).op->name(), "z");
  EXPECT_THAT(graph->CollectionNames(), IsEmpty());
}

// ---- Savers that are not wanted ----

TEST_F(MetaGraphTest, ExtraneousSaversAreLeftOut) {
  const auto graph = Graph::Create();
  AddVariable(graph.get(), "v");
  const auto first = MakeSaver(graph.get());
  MakeSaver(graph.get());
  ExportMetaGraphOptions options;
  options.saver_def = first->saver_def();
  options.clear_extraneous_savers = true;
  const MetaGraphDef meta_graph = Export(graph.get(), options);
  EXPECT_THAT(NodeNames(meta_graph), testing::Contains("save/restore_all"));
  EXPECT_THAT(NodeNames(meta_graph),
              Not(testing::Contains(testing::StartsWith("save_1/"))));
}

TEST_F(MetaGraphTest, TheOneSaverOutsideOfTheScopeLeavesAnEmptyCollection) {
  const auto graph = Graph::Create();
  AddVariable(graph.get(), "v");
  const auto saver = MakeSaver(graph.get());
  graph->AddToCollection(graph_keys::kSavers, std::string("any"));
  ExportMetaGraphOptions options;
  options.saver_def = saver->saver_def();
  options.clear_extraneous_savers = true;
  options.export_scope = "net";
  const MetaGraphDef meta_graph = Export(graph.get(), options);
  const auto savers = meta_graph.collection_def().find(graph_keys::kSavers);
  ASSERT_NE(savers, meta_graph.collection_def().end());
  EXPECT_EQ(savers->second.kind_case(), CollectionDef::KIND_NOT_SET);
}

// ---- Collections ----

TEST_F(MetaGraphTest, CollectionsOfEveryKindComeBack) {
  const auto source = Graph::Create();
  const auto variable = AddVariable(source.get(), "v");
  source->AddToCollection("text", std::string("hello"));
  source->AddToCollection("number", int64_t{3});
  source->AddToCollection("real", 0.5);
  source->AddToCollection("nodes", variable->op());
  source->AddToCollection("nodes", variable->handle());
  source->AddToCollection("mine", std::shared_ptr<CollectionObject>(variable));
  SaverDef saver_def;
  saver_def.set_filename_tensor_name("save/Const:0");
  saver_def.set_save_tensor_name("save/control_dependency:0");
  saver_def.set_restore_op_name("save/restore_all");
  MetaGraphDef meta_graph = Export(source.get());
  (*meta_graph.mutable_collection_def())["savers"]
      .mutable_bytes_list()
      ->add_value(saver_def.SerializeAsString());
  (*meta_graph.mutable_collection_def())["any"]
      .mutable_any_list()
      ->add_value()
      ->set_type_url("t");

  const auto graph = Graph::Create();
  ImportMetaGraphOptions options;
  options.import_scope = "s";
  ASSERT_OK(ImportMetaGraph(graph.get(), meta_graph, options).status());
  // In a scope, bytes are taken for a name.
  EXPECT_EQ(std::get<std::string>(graph->GetCollection("text")[0]), "s/hello");
  EXPECT_EQ(std::get<int64_t>(graph->GetCollection("number")[0]), 3);
  EXPECT_EQ(std::get<double>(graph->GetCollection("real")[0]), 0.5);
  EXPECT_EQ(std::get<Operation*>(graph->GetCollection("nodes")[0])->name(),
            "s/v");
  EXPECT_EQ(std::get<Output>(graph->GetCollection("nodes")[1]).name(), "s/v:0");
  // Only the standard collections keep variables as such.
  EXPECT_EQ(std::get<Output>(graph->GetCollection("mine")[0]).name(), "s/v:0");
  EXPECT_EQ(GlobalVariables(*graph),
            VariablesIn(*graph, "trainable_variables"));

  ExportMetaGraphOptions export_options;
  export_options.export_scope = "s";
  MetaGraphDef again = Export(graph.get(), export_options);
  EXPECT_EQ(again.collection_def().at("savers").bytes_list().value(0),
            saver_def.SerializeAsString());
  EXPECT_EQ(again.collection_def().at("any").any_list().value(0).type_url(),
            "t");
  EXPECT_THAT(again.collection_def().at("nodes").node_list().value(),
              ElementsAre("v", "v:0"));
  EXPECT_EQ(again.collection_def().at("variables").SerializeAsString(),
            meta_graph.collection_def().at("variables").SerializeAsString());
}

TEST_F(MetaGraphTest, MixedCollectionsAreDroppedWithAWarning) {
  const auto graph = Graph::Create();
  graph->AddToCollection("a", int64_t{1});
  graph->AddToCollection("a", std::string("x"));
  graph->AddToCollection("b", std::string("x"));
  graph->AddToCollection("b", int64_t{1});
  graph->AddToCollection("c", NoOp(graph.get(), "n"));
  graph->AddToCollection("c", int64_t{1});
  graph->AddToCollection("d", std::string("x"));
  graph->AddToCollection("d", NoOp(graph.get(), "m"));
  graph->AddToCollection("queue_runners", int64_t{1});
  graph->AddToCollection("savers", std::string("x"));
  graph->AddToCollection("whole", 0.5);
  graph->AddToCollection("whole", int64_t{1});
  EXPECT_THAT(CollectionNames(Export(graph.get())), ElementsAre("whole"));
  static const std::string kHead =
      ".\nType is unsupported, or the types of the items don't match field "
      "type in CollectionDef. Note this is a warning and probably safe to "
      "ignore.\n";
  EXPECT_THAT(logged_,
              ElementsAre("Issue encountered when serializing a" + kHead +
                              "'x' has type str, but expected one of: int",
                          "Issue encountered when serializing b" + kHead +
                              "Expected binary or unicode string, got 1",
                          "Issue encountered when serializing c" + kHead +
                              "'int' object has no attribute 'name'",
                          "Issue encountered when serializing d" + kHead +
                              "Expected binary or unicode string, got "
                              "<tf.Operation 'm' type=NoOp>",
                          "Issue encountered when serializing queue_runners" +
                              kHead + "'int' object has no attribute 'queue'",
                          "Issue encountered when serializing savers" + kHead +
                              "'str' object has no attribute 'saver_def'"));
}

// ---- Ops that are not registered ----

TEST_F(MetaGraphTest, ForeignOpsAreKeptWithTheirDefinitions) {
  MetaGraphDef meta_graph;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(meta_info_def {
           stripped_op_list {
             op { name: "Foreign"
                  output_arg { name: "y" type_attr: "T" }
                  attr { name: "T" type: "type" } } } }
         graph_def {
           node { name: "f" op: "Foreign"
                  attr { key: "T" value { type: DT_FLOAT } } }
           versions { producer: 134 } })",
      &meta_graph));
  const auto graph = Graph::Create();
  ASSERT_OK(ImportMetaGraph(graph.get(), meta_graph).status());
  EXPECT_EQ(graph->FindOperation("f")->output(0).dtype(), DT_FLOAT);
  const MetaGraphDef again = Export(graph.get());
  EXPECT_EQ(again.meta_info_def().stripped_op_list().SerializeAsString(),
            meta_graph.meta_info_def().stripped_op_list().SerializeAsString());

  meta_graph.mutable_meta_info_def()->clear_stripped_op_list();
  EXPECT_THAT(
      ImportMetaGraph(Graph::Create().get(), meta_graph).status(),
      StatusIs(absl::StatusCode::kNotFound,
               HasSubstr("Op type not registered 'Foreign' in binary")));
}

TEST_F(MetaGraphTest, ADebugNameOfTensorFlow2IsDropped) {
  MetaGraphDef meta_graph;
  NodeDef* node = meta_graph.mutable_graph_def()->add_node();
  node->set_name("v");
  node->set_op("VarHandleOp");
  (*node->mutable_attr())["dtype"].set_type(DT_FLOAT);
  (*node->mutable_attr())["shape"].mutable_shape();
  (*node->mutable_attr())["debug_name"].set_s("v");
  const auto graph = Graph::Create();
  ASSERT_OK(ImportMetaGraph(graph.get(), meta_graph).status());
  EXPECT_EQ(graph->FindOperation("v")->FindAttr("debug_name"), nullptr);

  (*node->mutable_attr())["colour"].set_s("blue");
  EXPECT_THAT(ImportMetaGraph(Graph::Create().get(), meta_graph)
                  .status().message(),
              HasSubstr("NodeDef mentions attr 'colour' not in Op<"));
}

// ---- Files ----

TEST_F(MetaGraphTest, TextShowsWhatAnAnyHolds) {
  AssetFileDef asset;
  asset.set_filename("words.txt");
  google::protobuf::Any any;
  any.set_type_url("type.googleapis.com/tensorflow.AssetFileDef");
  any.set_value(asset.SerializeAsString());
  MetaGraphDef meta_graph;
  *(*meta_graph.mutable_collection_def())["assets"]
       .mutable_any_list()->add_value() = any;
  ASSERT_OK(WriteMetaGraph(&fs_, "/m.meta", meta_graph, /*as_text=*/true,
                           /*sync=*/false));
  EXPECT_THAT(*ReadFileToString(&fs_, "/m.meta"),
              HasSubstr("[type.googleapis.com/tensorflow.AssetFileDef] {\n"
                        "          filename: \"words.txt\"\n"));
  RG_ASSERT_OK_AND_ASSIGN(const MetaGraphDef read,
                          ReadMetaGraph(&fs_, "/m.meta"));
  EXPECT_EQ(read.SerializeAsString(), meta_graph.SerializeAsString());
}


TEST_F(MetaGraphTest, AFileIsReadAsMessageOrAsText) {
  const MetaGraphDef meta_graph = WithSaver();
  for (const bool as_text : {false, true}) {
    ASSERT_OK(WriteMetaGraph(&fs_, "/x/y/m.meta", meta_graph, as_text, false));
    const auto read = ReadMetaGraph(&fs_, "/x/y/m.meta");
    ASSERT_OK(read.status());
    EXPECT_EQ(read->graph_def().node_size(),
              meta_graph.graph_def().node_size());
  }
  EXPECT_THAT(*ReadFileToString(&fs_, "/x/y/m.meta"),
              HasSubstr("keep_checkpoint_every_n_hours: 10000.0\n"));
}

TEST_F(MetaGraphTest, BadFilesAreRefusedInPythonsWords) {
  EXPECT_THAT(ReadMetaGraph(&fs_, "/none.meta").status(),
              PythonErrorIs("OSError", "File /none.meta does not exist."));
  const std::pair<const char*, const char*> kBad[] = {
      {"\xe0\x80", "byte 0xe0 in position 0: invalid continuation byte"},
      {"abc\xe3\x81", "bytes in position 3-4: unexpected end of data"},
      {"\xed\xa0\x80", "byte 0xed in position 0: invalid continuation byte"},
      {"\xf4\x90\x80\x80",
       "byte 0xf4 in position 0: invalid continuation byte"},
      {"\xff\xfe", "byte 0xff in position 0: invalid start byte"},
      {"ab\xf0\x9f\x98", "bytes in position 2-4: unexpected end of data"}};
  for (const auto& [content, text] : kBad) {
    EXPECT_THAT(
        ReadStatus(content),
        PythonErrorIs("UnicodeDecodeError",
                      std::string("'utf-8' codec can't decode ") + text));
  }
  EXPECT_THAT(ReadStatus("abc"),
              PythonErrorIs("OSError",
                            "Cannot parse file /f: 1:1 : Message type "
                            "\"tensorflow.MetaGraphDef\" has no field named "
                            "\"abc\".."));
  EXPECT_THAT(ReadStatus("meta_info_def {\n  bad: 1\n}"),
              PythonErrorIs("OSError",
                            "Cannot parse file /f: 2:3 : Message type "
                            "\"tensorflow.MetaGraphDef.MetaInfoDef\" has no "
                            "field named \"bad\".."));
}

}  // namespace
}  // namespace retrograph
