// Savers on object-based checkpoints: small ones made here, and those that
// TensorFlow 1.15.5 and 2.15.1 wrote, where RETROGRAPH_GOLDENS names them.
#include "saver/object_based.h"

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "checkpoint/bundle_writer.h"
#include "checkpoint/checkpoint_reader.h"
#include "core/errors.h"
#include "core/mem_file_system.h"
#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ops/standard_ops.h"
#include "proto/trackable_object_graph.pb.h"
#include "saver/saver.h"

namespace retrograph {
namespace {

using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

// A graph with variables and a session that reads files of `fs`.
class World {
 public:
  explicit World(FileSystem* fs) : graph_(Graph::Create()) {
    SessionOptions options;
    options.file_system = fs;
    options.inter_op_threads = 1;
    session_ = *Session::Create(graph_, options);
  }

  std::shared_ptr<Variable> AddVariable(const std::string& name, Tensor value,
                                        bool use_resource = false) {
    GraphBuilder b(graph_.get());
    VariableOptions options;
    options.name = name;
    options.initial_value = Input(std::move(value));
    options.use_resource = use_resource;
    auto variable = Variable::Create(b, std::move(options));
    EXPECT_OK(b.status());
    return variable;
  }
  std::unique_ptr<Saver> MakeSaver(SaverOptions options = {}) {
    options.log = [this](LogLevel, absl::string_view line) {
      log_.emplace_back(line);
    };
    auto saver = Saver::Create(graph_.get(), std::move(options));
    EXPECT_OK(saver.status());
    return *std::move(saver);
  }
  Tensor Value(const Variable& variable) {
    const auto values = session()->Run({}, {variable.graph_element()}, {});
    EXPECT_OK(values.status());
    return values.ok() ? (*values)[0] : Tensor();
  }

  Graph* graph() { return graph_.get(); }
  Session* session() { return session_.get(); }
  const std::vector<std::string>& log() const { return log_; }

 private:
  std::shared_ptr<Graph> graph_;
  std::unique_ptr<Session> session_;
  std::vector<std::string> log_;
};

class ObjectBasedTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { RegisterStandardOps(); }

  // Writes 1.5 and 2.5 for variables named "a" and "b".
  ObjectBasedTest() {
    EXPECT_OK(fs_.CreateDirectories("/d"));
    TrackableObjectGraph objects;
    const auto writer = BundleWriter::Create(&fs_, "/d/m");
    EXPECT_OK(writer.status());
    float value = 1.5;
    for (const char* name : {"a", "b"}) {
      const std::string key =
          absl::StrCat("my_", name, "/.ATTRIBUTES/VARIABLE_VALUE");
      auto* attribute = objects.add_nodes()->add_attributes();
      attribute->set_name("VARIABLE_VALUE");
      attribute->set_full_name(name);
      attribute->set_checkpoint_key(key);
      EXPECT_OK((*writer)->Add(key, Tensor::Scalar<float>(value)));
      value += 1;
    }
    EXPECT_OK((*writer)->Add(
        kObjectGraphKey,
        Tensor::Scalar<std::string>(objects.SerializeAsString())));
    EXPECT_OK((*writer)->Finish());
  }

  MemFileSystem fs_;
};

TEST_F(ObjectBasedTest, MappingTellsKeysByNames) {
  const auto mapping = ObjectGraphKeyMapping(&fs_, "/d/m");
  ASSERT_OK(mapping.status());
  EXPECT_THAT(*mapping, UnorderedElementsAre(
                            Pair("a", "my_a/.ATTRIBUTES/VARIABLE_VALUE"),
                            Pair("b", "my_b/.ATTRIBUTES/VARIABLE_VALUE")));
}

TEST_F(ObjectBasedTest, RestoresByNamesAndAddsItsOpsOnce) {
  World world(&fs_);
  const auto a = world.AddVariable("a", Tensor::Scalar<float>(0));
  const auto b = world.AddVariable("b", Tensor::Scalar<float>(0), true);
  const auto saver = world.MakeSaver();
  ASSERT_OK(saver->Restore(world.session(), "/d/m"));
  EXPECT_EQ(world.Value(*a).scalar<float>(), 1.5f);
  EXPECT_EQ(world.Value(*b).scalar<float>(), 2.5f);
  EXPECT_NE(world.graph()->FindOperation("save_1/restore_all"), nullptr);
  const int64_t nodes = world.graph()->num_operations();
  ASSERT_OK(saver->Restore(world.session(), "/d/m"));
  EXPECT_EQ(world.graph()->num_operations(), nodes);
  ASSERT_EQ(world.log().size(), 6u);
  EXPECT_EQ(world.log()[0], "Restoring parameters from /d/m");
  EXPECT_THAT(world.log()[1],
              StartsWith("Restoring an object-based checkpoint using a "
                         "name-based saver."));
  EXPECT_EQ(world.log()[2], world.log()[0]);
}

TEST_F(ObjectBasedTest, ADictNamesTheKeys) {
  World world(&fs_);
  const auto v = world.AddVariable("v", Tensor::Scalar<float>(0));
  SaverOptions options;
  options.var_list = {Saveable{"b", v}};
  options.var_list_is_dict = true;
  ASSERT_OK(world.MakeSaver(options)->Restore(world.session(), "/d/m"));
  EXPECT_EQ(world.Value(*v).scalar<float>(), 2.5f);
}

TEST_F(ObjectBasedTest, MissingNamesAreListedWithThoseThatAreThere) {
  World world(&fs_);
  world.AddVariable("a", Tensor::Scalar<float>(0));
  world.AddVariable("z", Tensor::Scalar<float>(0));
  world.AddVariable("y", Tensor::Scalar<float>(0));
  const auto saver = world.MakeSaver();
  const int64_t nodes = world.graph()->num_operations();
  const absl::Status status = saver->Restore(world.session(), "/d/m");
  EXPECT_EQ(ErrorClassName(status), "NotFoundError");
  EXPECT_THAT(
      std::string(status.message()),
      StartsWith("\n\nExisting variables not in the checkpoint: y, z\n\n"
                 "Variables names when this checkpoint was written which don't "
                 "exist now: b\n\n(1 variable name(s) did match)\n\nCould not "
                 "find some variables in the checkpoint"));
  EXPECT_EQ(world.graph()->num_operations(), nodes);
}

TEST_F(ObjectBasedTest, BytesThatAreNoObjectGraphAreAnError) {
  const auto writer = BundleWriter::Create(&fs_, "/d/bad");
  ASSERT_OK(writer.status());
  ASSERT_OK((*writer)->Add(kObjectGraphKey,
                           Tensor::Scalar<std::string>("\xff\xff")));
  ASSERT_OK((*writer)->Finish());
  EXPECT_EQ(ErrorClassName(ObjectGraphKeyMapping(&fs_, "/d/bad").status()),
            "DecodeError");
}

// Names that lead to themselves, and to nothing, would be followed for ever.
TEST_F(ObjectBasedTest, AnObjectGraphThatLeadsToItselfIsAnError) {
  TrackableObjectGraph objects;
  for (const char* name : {"a", "x"}) {
    auto* attribute = objects.add_nodes()->add_attributes();
    attribute->set_full_name(name);
    attribute->set_checkpoint_key("x");
  }
  const auto writer = BundleWriter::Create(&fs_, "/d/bad");
  ASSERT_OK(writer.status());
  ASSERT_OK((*writer)->Add(kObjectGraphKey, Tensor::Scalar<std::string>(
                                                objects.SerializeAsString())));
  ASSERT_OK((*writer)->Finish());
  World world(&fs_);
  world.AddVariable("a", Tensor::Scalar<float>(0));
  const auto saver = world.MakeSaver();
  const absl::Status status = saver->Restore(world.session(), "/d/bad");
  EXPECT_EQ(ErrorClassName(status), "NotFoundError");
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("Key x not found in checkpoint"));
}

// The entry has a right checksum and says something else.
TEST_F(ObjectBasedTest, EveryDamageOfTheObjectGraphIsNoticedOrHarmless) {
  const std::string good = CheckpointReader::Open(&fs_, "/d/m")
                               .value()
                               ->GetTensor(kObjectGraphKey)
                               .value()
                               .scalar<std::string>();
  std::vector<std::string> damaged;
  for (size_t bit = 0; bit < 8 * good.size(); ++bit) {
    damaged.push_back(good);
    damaged.back()[bit / 8] ^= static_cast<char>(1 << bit % 8);
  }
  for (size_t size = 0; size < good.size(); ++size) {
    damaged.push_back(good.substr(0, size));
  }
  int restored = 0;
  for (const std::string& objects : damaged) {
    const auto writer = BundleWriter::Create(&fs_, "/d/bad").value();
    ASSERT_OK(writer->Add("my_a/.ATTRIBUTES/VARIABLE_VALUE",
                          Tensor::Scalar<float>(1.5)));
    ASSERT_OK(writer->Add("my_b/.ATTRIBUTES/VARIABLE_VALUE",
                          Tensor::Scalar<float>(2.5)));
    ASSERT_OK(
        writer->Add(kObjectGraphKey, Tensor::Scalar<std::string>(objects)));
    ASSERT_OK(writer->Finish());
    World world(&fs_);
    const auto a = world.AddVariable("a", Tensor::Scalar<float>(0));
    const auto b = world.AddVariable("b", Tensor::Scalar<float>(0));
    const absl::Status status =
        world.MakeSaver()->Restore(world.session(), "/d/bad");
    if (!status.ok()) {
      EXPECT_THAT(absl::StrCat(status.message(), ErrorHint(status)),
                  HasSubstr("/d/bad."));
      continue;
    }
    ++restored;
    EXPECT_EQ(world.Value(*a).scalar<float>(), 1.5f);
    EXPECT_EQ(world.Value(*b).scalar<float>(), 2.5f);
  }
  EXPECT_GT(restored, 0);
  EXPECT_LT(restored, static_cast<int>(damaged.size()) / 2);
}

class ObjectBasedGoldenTest : public ObjectBasedTest {
 protected:
  void SetUp() override {
    const char* goldens = std::getenv("RETROGRAPH_GOLDENS");
    if (goldens == nullptr) {
      GTEST_SKIP() << "RETROGRAPH_GOLDENS names no folder of golden files";
    }
    folder_ = absl::StrCat(goldens, "/object/");
  }
  std::string folder_;
};

TEST_F(ObjectBasedGoldenTest, NodesAreThoseOfTensorFlow) {
  const std::string folder = folder_ + "tf1_saver_reads_object_based/";
  World world(FileSystem::Posix());
  GraphDef expected;
  {
    const auto data = ReadFileToString(FileSystem::Posix(),
                                       folder + "after_restore_graph.pb");
    ASSERT_OK(data.status());
    ASSERT_TRUE(expected.ParseFromString(*data));
  }
  const Tensor zeros(DT_FLOAT, TensorShape({3}));
  const auto w = world.AddVariable("scope/w", zeros, true);
  const auto saver = world.MakeSaver();
  for (int i = 0; i < 2; ++i) {
    ASSERT_OK(saver->Restore(world.session(), folder + "obj-1"));
    EXPECT_THAT(world.Value(*w).flat<float>(),
                testing::ElementsAre(4.0f, 5.0f, 6.0f));
  }
  std::vector<std::string> names, expected_names;
  const GraphDef made = world.graph()->ToGraphDef();
  for (const NodeDef& node : made.node()) {
    if (absl::StrContains(node.name(), "save")) names.push_back(node.name());
  }
  for (const NodeDef& node : expected.node()) {
    if (absl::StrContains(node.name(), "save")) {
      expected_names.push_back(node.name());
    }
  }
  EXPECT_EQ(names, expected_names);
}

TEST_F(ObjectBasedGoldenTest, ReadsWhatTensorFlow2Wrote) {
  World world(FileSystem::Posix());
  const auto counter =
      world.AddVariable("save_counter", Tensor::Scalar<int64_t>(0), true);
  ASSERT_OK(world.MakeSaver()->Restore(world.session(),
                                       folder_ + "tf2_modules/mod-1"));
  EXPECT_EQ(world.Value(*counter).scalar<int64_t>(), 1);
}

}  // namespace
}  // namespace retrograph
