#include "saver/saver.h"

#include <memory>
#include <string>
#include <vector>

#include "checkpoint/checkpoint_reader.h"
#include "checkpoint/checkpoint_state.h"
#include "core/errors.h"
#include "core/fault_file_system.h"
#include "core/mem_file_system.h"
#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ops/builders.h"
#include "ops/standard_ops.h"
#include "saver/meta_graph.h"

namespace retrograph {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A graph with int32 scalars, in a session on a file system of its own.
class World {
 public:
  explicit World(FileSystem* fs) : graph_(Graph::Create()), fs_(fs) {}

  std::shared_ptr<Variable> AddVariable(const std::string& name, int value,
                                        bool use_resource = false) {
    GraphBuilder b(graph_.get());
    VariableOptions options;
    options.name = name;
    options.initial_value = Input(Tensor::Scalar<int32_t>(value));
    options.use_resource = use_resource;
    auto variable = Variable::Create(b, std::move(options));
    EXPECT_OK(b.status());
    return variable;
  }

  Session* session() {
    if (session_ == nullptr) {
      SessionOptions options;
      options.file_system = fs_;
      options.inter_op_threads = 1;
      session_ = *Session::Create(graph_, options);
    }
    return session_.get();
  }

  void Initialize() {
    GraphBuilder b(graph_.get());
    Operation* init = GlobalVariablesInitializer(b);
    ASSERT_OK(b.status());
    ASSERT_OK(session()->Run({}, {}, {init}).status());
  }

  int Value(const Variable& variable) {
    const auto values = session()->Run({}, {variable.snapshot()}, {});
    EXPECT_OK(values.status());
    return values.ok() ? (*values)[0].scalar<int32_t>() : -1;
  }

  Graph* graph() { return graph_.get(); }

 private:
  std::shared_ptr<Graph> graph_;
  FileSystem* fs_;
  std::unique_ptr<Session> session_;
};

class SaverTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { RegisterStandardOps(); }
  SaverTest() { EXPECT_OK(fs_.CreateDirectories("/d")); }

  std::vector<std::string> Names(const std::string& prefix) {
    const auto reader = CheckpointReader::Open(&fs_, prefix);
    EXPECT_OK(reader.status());
    return reader.ok() ? (*reader)->names() : std::vector<std::string>();
  }

  std::unique_ptr<Saver> MakeSaver(World* world, SaverOptions options = {}) {
    auto saver = Saver::Create(world->graph(), std::move(options));
    EXPECT_OK(saver.status());
    return saver.ok() ? *std::move(saver) : nullptr;
  }

  MemFileSystem fs_;
};

TEST_F(SaverTest, TakesTheVariablesThatExistWhenItIsBuilt) {
  World world(&fs_);
  world.AddVariable("variable_0", 0);
  const auto early = MakeSaver(&world);
  world.AddVariable("variable_1", 1);
  const auto late = MakeSaver(&world);
  world.Initialize();
  ASSERT_OK(early->Save(world.session(), "/d/early").status());
  ASSERT_OK(late->Save(world.session(), "/d/late").status());
  EXPECT_THAT(Names("/d/early"), ElementsAre("variable_0"));
  EXPECT_THAT(Names("/d/late"), ElementsAre("variable_0", "variable_1"));
}

TEST_F(SaverTest, KeepsNamesOnly) {
  World world(&fs_);
  world.AddVariable("v", 0);
  const auto first = MakeSaver(&world);
  const auto second = MakeSaver(&world);
  EXPECT_EQ(first->saver_def()->filename_tensor_name(), "save/Const:0");
  EXPECT_EQ(first->saver_def()->save_tensor_name(),
            "save/control_dependency:0");
  EXPECT_EQ(first->saver_def()->restore_op_name(), "save/restore_all");
  EXPECT_EQ(second->saver_def()->restore_op_name(), "save_1/restore_all");
}

TEST_F(SaverTest, WorksOnTheSessionsGraphWhateverItWasBuiltIn) {
  World unused(&fs_), saved(&fs_), restored(&fs_);
  unused.AddVariable("variable_0", 0);
  const auto saver = MakeSaver(&unused);
  saved.AddVariable("variable_1", 10);
  MakeSaver(&saved);
  saved.Initialize();
  ASSERT_OK(saver->Save(saved.session(), "/d/m").status());
  const auto v = restored.AddVariable("variable_1", 100);
  MakeSaver(&restored);
  ASSERT_OK(saver->Restore(restored.session(), "/d/m"));
  EXPECT_EQ(restored.Value(*v), 10);
}

TEST_F(SaverTest, MissingKeyIsNotFoundAndTouchesNoVariable) {
  World saved(&fs_), other(&fs_);
  saved.AddVariable("variable_0", 0);
  const auto saver = MakeSaver(&saved);
  saved.Initialize();
  ASSERT_OK(saver->Save(saved.session(), "/d/m").status());

  const auto v0 = other.AddVariable("variable_0", 10);
  const auto v1 = other.AddVariable("variable_1", 100);
  const auto late = MakeSaver(&other);
  other.Initialize();
  const absl::Status status = late->Restore(other.session(), "/d/m");
  EXPECT_THAT(
      status,
      StatusIs(absl::StatusCode::kNotFound,
               HasSubstr("This is most likely due to a Variable name or other "
                         "graph key that is missing from the checkpoint. "
                         "Please ensure that you have not altered the graph "
                         "expected based on the checkpoint. Original error:"
                         "\n\nKey variable_1 not found in checkpoint\n\t "
                         "[[node save/RestoreV2 (defined at ")));
  EXPECT_EQ(ErrorClassName(status), "NotFoundError");
  EXPECT_EQ(ErrorOpName(status), "save/RestoreV2");
  EXPECT_EQ(other.Value(*v0), 10);
  EXPECT_EQ(other.Value(*v1), 100);
}

TEST_F(SaverTest, WrongShapeIsAMismatchOfGraphs) {
  World saved(&fs_), other(&fs_);
  saved.AddVariable("v", 0);
  const auto saver = MakeSaver(&saved);
  saved.Initialize();
  ASSERT_OK(saver->Save(saved.session(), "/d/m").status());
  GraphBuilder b(other.graph());
  VariableOptions options;
  options.name = "v";
  options.initial_value = Input(Tensor::Vector<int32_t>({1, 2}));
  Variable::Create(b, std::move(options));
  ASSERT_OK(b.status());
  const auto late = MakeSaver(&other);
  EXPECT_THAT(
      late->Restore(other.session(), "/d/m"),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("a mismatch between the current graph and the graph "
                         "from the checkpoint. Please ensure that you have not "
                         "altered the graph expected based on the checkpoint. "
                         "Original error:\n\nAssign requires shapes of both "
                         "tensors to match. lhs shape= [2] rhs shape= []")));
}

TEST_F(SaverTest, ResourceVariablesAreSavedAndRestored) {
  World world(&fs_), other(&fs_);
  world.AddVariable("r", 7, /*use_resource=*/true);
  const auto saver = MakeSaver(&world);
  world.Initialize();
  ASSERT_OK(saver->Save(world.session(), "/d/m").status());
  const auto r = other.AddVariable("r", 0, /*use_resource=*/true);
  MakeSaver(&other);
  ASSERT_OK(saver->Restore(other.session(), "/d/m"));
  EXPECT_EQ(other.Value(*r), 7);
}

TEST_F(SaverTest, ErrorsHaveTensorFlowsClassAndText) {
  World empty(&fs_), world(&fs_);
  absl::Status status = Saver::Create(empty.graph()).status();
  EXPECT_EQ(ErrorClassName(status), "ValueError");
  EXPECT_EQ(status.message(), "No variables to save");

  world.AddVariable("v", 1);
  const auto saver = MakeSaver(&world);
  status = saver->Save(world.session(), "/d/checkpoint").status();
  EXPECT_EQ(status.message(),
            "'latest_filename' collides with 'save_path': 'checkpoint' and "
            "'/d/checkpoint'");
  SaveOptions options;
  options.latest_filename = "x/y";
  status = saver->Save(world.session(), "/d/m", options).status();
  EXPECT_EQ(status.message(),
            "'latest_filename' must not contain path components");
  world.Initialize();
  status = saver->Save(world.session(), "/d/no/such/m").status();
  EXPECT_EQ(ErrorClassName(status), "ValueError");
  EXPECT_EQ(status.message(),
            "Parent directory of /d/no/such/m doesn't exist, can't save.");
  status = saver->Restore(world.session(), "/d/none");
  EXPECT_EQ(ErrorClassName(status), "ValueError");
  EXPECT_EQ(status.message(),
            "The passed save_path is not a valid checkpoint: /d/none");
}

TEST_F(SaverTest, OneThingUnderTwoNamesAndTwoThingsUnderOneAreErrors) {
  World world(&fs_);
  const auto v = world.AddVariable("v", 1);
  SaverOptions options;
  options.var_list = {{absl::nullopt, v}, {absl::nullopt, v}};
  EXPECT_EQ(Saver::Create(world.graph(), options).status().message(),
            "At least two variables have the same name: v");
  options.var_list = {{"a", v}, {"b", v}};
  options.var_list_is_dict = true;
  EXPECT_EQ(Saver::Create(world.graph(), options).status().message(),
            "The same saveable will be restored with two names: b");
  options.var_list = {{absl::nullopt, v->snapshot()}};
  options.var_list_is_dict = false;
  const absl::Status status = Saver::Create(world.graph(), options).status();
  EXPECT_EQ(ErrorClassName(status), "TypeError");
  EXPECT_EQ(status.message(),
            "Variable to save is not a Variable: Tensor(\"v/read:0\", "
            "shape=(), dtype=int32)");
}

TEST_F(SaverTest, KeepsTheNewestCheckpointsAndListsThem) {
  World world(&fs_);
  world.AddVariable("v", 1);
  SaverOptions options;
  options.max_to_keep = 2;
  const auto saver = MakeSaver(&world, options);
  world.Initialize();
  for (int64_t step : {1, 2, 3}) {
    SaveOptions save;
    save.global_step = step;
    ASSERT_OK(saver->Save(world.session(), "/d/m", save).status());
  }
  EXPECT_THAT(saver->last_checkpoints(), ElementsAre("/d/m-2", "/d/m-3"));
  EXPECT_THAT(*fs_.ListDirectory("/d"),
              ElementsAre("checkpoint", "m-2.data-00000-of-00001", "m-2.index",
                          "m-2.meta", "m-3.data-00000-of-00001", "m-3.index",
                          "m-3.meta"));
  EXPECT_EQ(*ReadFileToString(&fs_, "/d/checkpoint"),
            "model_checkpoint_path: \"/d/m-3\"\n"
            "all_model_checkpoint_paths: \"/d/m-2\"\n"
            "all_model_checkpoint_paths: \"/d/m-3\"\n");
}

TEST_F(SaverTest, KeepsOneCheckpointEveryNHours) {
  World world(&fs_);
  world.AddVariable("v", 1);
  SaverOptions options;
  options.max_to_keep = 1;
  options.keep_checkpoint_every_n_hours = 1;
  double now = 1000;
  options.now = [&] { return now; };
  const auto saver = MakeSaver(&world, options);
  world.Initialize();
  for (int64_t step : {1, 2, 3}) {
    now += 0.75 * 3600;
    SaveOptions save;
    save.global_step = step;
    save.write_meta_graph = false;
    ASSERT_OK(saver->Save(world.session(), "/d/m", save).status());
  }
  // Step 1 came within the first hour, step 2 after it.
  EXPECT_FALSE(fs_.FileExists("/d/m-1.index"));
  EXPECT_TRUE(fs_.FileExists("/d/m-2.index"));
  EXPECT_TRUE(fs_.FileExists("/d/m-3.index"));
}

TEST_F(SaverTest, EmptySaverSavesAndRestoresNothing) {
  World world(&fs_);
  SaverOptions options;
  options.allow_empty = true;
  const auto saver = MakeSaver(&world, options);
  EXPECT_EQ(world.graph()->num_operations(), 0);
  EXPECT_EQ(saver->saver_def(), nullptr);
  EXPECT_OK(saver->Restore(nullptr, "/nowhere"));
  SaveOptions save;
  save.write_meta_graph = false;
  EXPECT_EQ(*saver->Save(world.session(), "/d/m", save), "");
}

TEST_F(SaverTest, DeferredSaverMustBeBuilt) {
  World world(&fs_);
  world.AddVariable("a", 1);
  SaverOptions options;
  options.defer_build = true;
  const auto saver = MakeSaver(&world, options);
  EXPECT_EQ(saver->Save(world.session(), "/d/m").status().message(),
            "`build()` should be called before save if defer_build==True");
  world.AddVariable("b", 2);
  ASSERT_OK(saver->Build(world.graph()));
  EXPECT_THAT(saver->keys(), ElementsAre("a", "b"));
}

TEST_F(SaverTest, ShardedSaveRestores) {
  World world(&fs_);
  const auto v = world.AddVariable("v", 3);
  SaverOptions options;
  options.sharded = true;
  const auto saver = MakeSaver(&world, options);
  world.Initialize();
  ASSERT_OK(saver->Save(world.session(), "/d/m").status());
  EXPECT_THAT(*fs_.ListDirectory("/d"),
              ElementsAre("checkpoint", "m.data-00000-of-00001", "m.index",
                          "m.meta"));
  World other(&fs_);
  const auto w = other.AddVariable("v", 0);
  const auto plain = MakeSaver(&other);
  ASSERT_OK(plain->Restore(other.session(), "/d/m"));
  EXPECT_EQ(other.Value(*w), 3);
}

// The lines a Saver has logged, "W " before a warning.
LogSink CollectInto(std::vector<std::string>* lines) {
  return [lines](LogLevel level, absl::string_view message) {
    lines->push_back((level == LogLevel::kWarning ? "W " : "I ") +
                     std::string(message));
  };
}

TEST_F(SaverTest, V1CheckpointsAreOneFileEachAndComeWithAWarning) {
  World world(&fs_);
  world.AddVariable("v", 1);
  std::vector<std::string> lines;
  SaverOptions options;
  options.write_version = SaverDef::V1;
  options.max_to_keep = 2;
  options.log = CollectInto(&lines);
  const auto saver = MakeSaver(&world, options);
  EXPECT_EQ(world.graph()->FindOperation("save/save")->type(), "SaveSlices");
  EXPECT_EQ(saver->saver_def()->version(), SaverDef::V1);
  world.Initialize();
  for (int64_t step : {1, 2, 3}) {
    lines.clear();
    SaveOptions save;
    save.global_step = step;
    ASSERT_OK(saver->Save(world.session(), "/d/m", save).status());
  }
  EXPECT_THAT(
      lines,
      ElementsAre("W *******************************************************",
                  "W TensorFlow's V1 checkpoint format has been deprecated.",
                  "W Consider switching to the more efficient V2 format:",
                  "W    `tf.train.Saver(write_version=tf.train.SaverDef.V2)`",
                  "W now on by default.",
                  "W *******************************************************"));
  EXPECT_THAT(*fs_.ListDirectory("/d"),
              ElementsAre("checkpoint", "m-2", "m-2.meta", "m-3", "m-3.meta"));
  // It comes before anything is looked at, and once.
  lines.clear();
  EXPECT_EQ(ErrorClassName(saver->BeginSave("x/y")), "ValueError");
  EXPECT_EQ(lines.size(), 6u);
  lines.clear();
  SaveOptions begun;
  begun.has_begun = true;
  ASSERT_OK(saver->Save(world.session(), "/d/m-3", begun).status());
  EXPECT_THAT(lines, IsEmpty());

  World other(&fs_);
  const auto v = other.AddVariable("v", 0);
  const auto plain = MakeSaver(&other);
  ASSERT_OK(
      plain->Restore(other.session(), *LatestCheckpoint(&fs_, "/d").value()));
  EXPECT_EQ(other.Value(*v), 1);
}

TEST_F(SaverTest, V1ShardsAreNamedByAPattern) {
  World world(&fs_);
  const auto v = world.AddVariable("v", 3);
  SaverOptions options;
  options.write_version = SaverDef::V1;
  options.sharded = true;
  options.max_to_keep = 1;
  const auto saver = MakeSaver(&world, options);
  EXPECT_EQ(saver->saver_def()->save_tensor_name(), "save/ShardedFilespec:0");
  world.Initialize();
  for (int64_t step : {1, 2}) {
    SaveOptions save;
    save.global_step = step;
    RG_ASSERT_OK_AND_ASSIGN(const std::string path,
                            saver->Save(world.session(), "/d/m", save));
    EXPECT_EQ(path, "/d/m-" + std::to_string(step) + "-\?\?\?\?\?-of-00001");
  }
  EXPECT_THAT(*fs_.ListDirectory("/d"),
              ElementsAre("checkpoint", "m-2-00000-of-00001", "m-2.meta"));
  EXPECT_EQ(*LatestCheckpoint(&fs_, "/d").value(),
            "/d/m-2-\?\?\?\?\?-of-00001");
  ASSERT_OK(saver->Restore(world.session(), "/d/m-2-\?\?\?\?\?-of-00001"));
  EXPECT_EQ(world.Value(*v), 3);
}

// A disk that fills up at any point of a save: the error says so, the older
// checkpoint is whole and still the latest, and nothing temporary stays.
TEST_F(SaverTest, FullDiskLosesNothing) {
  int failures = 0;
  for (int64_t bytes = 0;; bytes += 37) {
    MemFileSystem disk;
    ASSERT_OK(disk.CreateDirectories("/d"));
    FaultFileSystem fs(&disk);
    World world(&fs);
    world.AddVariable("v", 1);
    const auto saver = MakeSaver(&world);
    world.Initialize();
    SaveOptions save;
    save.global_step = 1;
    ASSERT_OK(saver->Save(world.session(), "/d/m", save).status());
    fs.LimitBytes(bytes);
    save.global_step = 2;
    const absl::Status status =
        saver->Save(world.session(), "/d/m", save).status();
    if (status.ok()) break;
    ++failures;
    EXPECT_THAT(status.ToString(), HasSubstr("No space left on device"));
    EXPECT_THAT(status.ToString(), HasSubstr("/d/"));
    EXPECT_EQ(*LatestCheckpoint(&disk, "/d"), "/d/m-1");
    World other(&disk);
    const auto v = other.AddVariable("v", 0);
    const auto reader = MakeSaver(&other);
    ASSERT_OK(reader->Restore(other.session(), "/d/m-1"));
    EXPECT_EQ(other.Value(*v), 1);
    const std::vector<std::string> names = *disk.ListDirectory("/d");
    for (const std::string& name : names) {
      EXPECT_THAT(name, Not(HasSubstr("temp"))) << bytes;
    }
  }
  EXPECT_GT(failures, 10);
}

TEST_F(SaverTest, MetaGraphHasTheGraphTheSaverAndTheVariables) {
  World world(&fs_);
  world.AddVariable("v", 1);
  const auto saver = MakeSaver(&world);
  world.Initialize();
  ASSERT_OK(saver->Save(world.session(), "/d/m").status());
  MetaGraphDef meta;
  ASSERT_TRUE(meta.ParseFromString(*ReadFileToString(&fs_, "/d/m.meta")));
  EXPECT_EQ(meta.meta_info_def().tensorflow_version(), "1.15.5");
  EXPECT_EQ(meta.saver_def().restore_op_name(), "save/restore_all");
  EXPECT_EQ(meta.graph_def().node(0).name(), "v/initial_value");
  EXPECT_EQ(meta.graph_def().node(0).attr().count("_output_shapes"), 1u);
  std::vector<std::string> ops;
  for (const OpDef& op : meta.meta_info_def().stripped_op_list().op()) {
    ops.push_back(op.name());
  }
  EXPECT_THAT(ops, ElementsAre("Assign", "Const", "Identity", "NoOp",
                               "PlaceholderWithDefault", "RestoreV2", "SaveV2",
                               "VariableV2"));
  VariableDef variable;
  ASSERT_TRUE(variable.ParseFromString(
      meta.collection_def().at("variables").bytes_list().value(0)));
  EXPECT_EQ(variable.initializer_name(), "v/Assign");
}

TEST_F(SaverTest, AnotherGraphMayHaveAnythingUnderASaversNames) {
  World world(&fs_), other(&fs_);
  world.AddVariable("v", 1);
  const auto saver = MakeSaver(&world);
  GraphBuilder b(other.graph());
  Constant(b, Tensor::Scalar<std::string>("model"), "save/Const");
  Constant(b, Tensor::Scalar<int32_t>(7), "save/control_dependency");
  ASSERT_OK(b.status());
  const absl::Status saved = saver->Save(other.session(), "/d/m").status();
  EXPECT_EQ(ErrorClassName(saved), "TypeError");
  EXPECT_THAT(std::string(saved.message()),
              HasSubstr("Expected binary or unicode string, got "));
}

TEST_F(SaverTest, ANegativeMaxToKeepKeepsNothing) {
  World world(&fs_);
  world.AddVariable("v", 1);
  SaverOptions options;
  options.max_to_keep = -1;
  const auto saver = MakeSaver(&world, options);
  world.Initialize();
  ASSERT_OK(saver->Save(world.session(), "/d/m").status());
  EXPECT_THAT(saver->last_checkpoints(), IsEmpty());
  EXPECT_FALSE(fs_.FileExists("/d/m.index"));
  EXPECT_TRUE(fs_.FileExists("/d/m.meta"));  // as TensorFlow leaves it
}

TEST_F(SaverTest, AnOldCheckpointThatIsTheNewOneLosesAllButItsMeta) {
  World world(&fs_);
  world.AddVariable("v", 1);
  SaverOptions options;
  options.max_to_keep = 1;
  const auto saver = MakeSaver(&world, options);
  world.Initialize();
  ASSERT_OK(saver->Save(world.session(), "/d/m").status());
  ASSERT_OK(saver->Save(world.session(), "/d/./m").status());
  EXPECT_THAT(saver->last_checkpoints(), ElementsAre("/d/./m"));
  EXPECT_FALSE(fs_.FileExists("/d/m.index"));
  EXPECT_TRUE(fs_.FileExists("/d/m.meta"));
}

TEST_F(SaverTest, MetaGraphStripsDefaultAttrs) {
  World world(&fs_);
  world.AddVariable("v", 1);
  ExportMetaGraphOptions options;
  options.strip_default_attrs = true;
  RG_ASSERT_OK_AND_ASSIGN(const MetaGraphDef meta,
                          ExportMetaGraph(world.graph(), options));
  EXPECT_TRUE(meta.meta_info_def().stripped_default_attrs());
  for (const NodeDef& node : meta.graph_def().node()) {
    EXPECT_EQ(node.attr().count("container"), 0u) << node.name();
  }
}

}  // namespace
}  // namespace retrograph
