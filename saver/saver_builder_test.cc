#include "saver/saver_builder.h"

#include <memory>
#include <string>
#include <vector>

#include "core/errors.h"
#include "core/mem_file_system.h"
#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ops/standard_ops.h"
#include "saver/graph_debug_info.h"
#include "saver/saver.h"
#include "variables/variable_scope.h"

namespace retrograph {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Notes what is asked of it.
class NotingBuilder : public SaverBuilder {
 public:
  Operation* SaveOp(GraphBuilder& b, const Output& filename,
                    const Saveables& saveables) override {
    for (const auto& saveable : saveables) saved.push_back(saveable->name());
    return SaverBuilder::SaveOp(b, filename, saveables);
  }
  std::vector<Output> BulkRestore(GraphBuilder& b, const Output& filename,
                                  const Saveables& saveables,
                                  int preferred_shard,
                                  bool restore_sequentially) override {
    shards.push_back(preferred_shard);
    sequential = restore_sequentially;
    if (makes_nothing) return {};
    return SaverBuilder::BulkRestore(b, filename, saveables, preferred_shard,
                                     restore_sequentially);
  }

  std::vector<std::string> saved;
  std::vector<int> shards;
  bool sequential = false;
  bool makes_nothing = false;
};

class SaverBuilderTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { RegisterStandardOps(); }
  SaverBuilderTest() : graph_(Graph::Create()) {}

  std::shared_ptr<Variable> AddVariable(Graph* graph, const std::string& name,
                                        const std::string& device = "") {
    GraphBuilder b(graph);
    DeviceScope on_device(graph, device);
    VariableOptions options;
    options.name = name;
    options.initial_value = Input(Tensor::Scalar<float>(1));
    auto variable = Variable::Create(b, std::move(options));
    EXPECT_OK(b.status());
    return variable;
  }
  int Count(const std::string& type) const {
    int count = 0;
    for (int64_t i = 0; i < graph_->num_operations(); ++i) {
      if (graph_->operation(i)->type() == type) ++count;
    }
    return count;
  }

  std::shared_ptr<Graph> graph_;
};

TEST_F(SaverBuilderTest, TheBaseClassRestoresEachTensorByAnOpOfItsOwn) {
  AddVariable(graph_.get(), "a");
  AddVariable(graph_.get(), "b", "/job:ps/task:1/gpu:0");
  SaverOptions options;
  options.builder = std::make_shared<SaverBuilder>();
  ASSERT_OK(Saver::Create(graph_.get(), options).status());
  EXPECT_EQ(Count("RestoreV2"), 2);
  EXPECT_EQ(graph_->FindOperation("save/RestoreV2")->device(), "");
  EXPECT_EQ(graph_->FindOperation("save/RestoreV2_1")->device(),
            "/job:ps/task:1/device:CPU:0");
}

TEST_F(SaverBuilderTest, ADerivedClassIsAskedForEachShard) {
  AddVariable(graph_.get(), "b", "/cpu:1");
  AddVariable(graph_.get(), "a", "/cpu:0");
  auto builder = std::make_shared<NotingBuilder>();
  SaverOptions options;
  options.builder = builder;
  options.sharded = true;
  options.restore_sequentially = true;
  ASSERT_OK(Saver::Create(graph_.get(), options).status());
  EXPECT_THAT(builder->saved, ElementsAre("a", "b"));
  EXPECT_THAT(builder->shards, ElementsAre(0, 1));
  EXPECT_TRUE(builder->sequential);
}

TEST_F(SaverBuilderTest, ACachedPartIsSavedWhereTheVariableIs) {
  GraphBuilder b(graph_.get());
  GetVariableOptions part;
  part.name = "p";
  part.shape = PartialTensorShape({4});
  part.partitioner = FixedSizePartitioner(2);
  part.caching_device = "/cpu:1";
  ASSERT_NE(GetVariable(b, part).partitioned, nullptr);
  ASSERT_OK(b.status());
  ASSERT_EQ(graph_->FindOperation("p/part_0/read")->device(), "/device:CPU:1");
  AddVariable(graph_.get(), "a");
  SaverOptions options;
  options.sharded = true;
  ASSERT_OK(Saver::Create(graph_.get(), options).status());
  EXPECT_EQ(Count("ShardedFilename"), 1);
}

TEST_F(SaverBuilderTest, TooFewTensorsAreAnError) {
  AddVariable(graph_.get(), "a");
  auto builder = std::make_shared<NotingBuilder>();
  builder->makes_nothing = true;
  SaverOptions options;
  options.builder = builder;
  const auto saver = Saver::Create(graph_.get(), options);
  EXPECT_EQ(ErrorClassName(saver.status()), "IndexError");
  EXPECT_EQ(saver.status().message(), "list index out of range");
}

TEST_F(SaverBuilderTest, TheOpsGoWhereTheVariablesAre) {
  const std::shared_ptr<Graph> other = Graph::Create();
  const auto v = AddVariable(other.get(), "v");
  SaverOptions options;
  options.var_list = {Saveable{absl::nullopt, v}};
  ASSERT_OK(Saver::Create(graph_.get(), options).status());
  EXPECT_EQ(graph_->num_operations(), 0);
  EXPECT_NE(other->FindOperation("save/restore_all"), nullptr);
}

TEST_F(SaverBuilderTest, VariablesOfTwoGraphsAreAnError) {
  const std::shared_ptr<Graph> other = Graph::Create();
  SaverOptions options;
  options.var_list = {Saveable{absl::nullopt, AddVariable(other.get(), "v")},
                      Saveable{absl::nullopt, AddVariable(graph_.get(), "w")}};
  const auto saver = Saver::Create(graph_.get(), options);
  EXPECT_EQ(ErrorClassName(saver.status()), "ValueError");
  EXPECT_THAT(std::string(saver.status().message()),
              HasSubstr("must be from the same graph as Tensor(\"v:0\""));
}

TEST_F(SaverBuilderTest, SetCpu0KeepsTheMachine) {
  EXPECT_EQ(*SetCpu0("/job:ps/task:1/gpu:3"), "/job:ps/task:1/device:CPU:0");
  EXPECT_EQ(*SetCpu0(""), "/device:CPU:0");
  EXPECT_EQ(ErrorClassName(SetCpu0("x").status()), "ValueError");
}

TEST_F(SaverBuilderTest, DebugInfoTellsWhereEachNodeWasMade) {
  AddVariable(graph_.get(), "a");
  const auto info =
      MakeGraphDebugInfo(*graph_, graph_->ToGraphDef(), /*scope=*/"");
  ASSERT_OK(info.status());
  EXPECT_EQ(info->traces().size(),
            static_cast<size_t>(graph_->num_operations()));
  const auto& frames = info->traces().at("a").file_line_cols();
  ASSERT_GE(frames.size(), 1);
  EXPECT_GT(frames[0].line(), 0);
  EXPECT_THAT(info->files(frames[0].file_index()), HasSubstr(".cc"));
  EXPECT_EQ(ErrorClassName(MakeGraphDebugInfo(*Graph::Create(),
                                              graph_->ToGraphDef(), "")
                               .status()),
            "KeyError");
}

TEST_F(SaverBuilderTest, DebugFilesStandBesideMetaGraphs) {
  EXPECT_EQ(DebugFilename("d.x/m.meta"), "d.x/m.debug");
  EXPECT_EQ(DebugFilename("d.x/m"), "d.x/m.debug");
  EXPECT_EQ(DebugFilename("m.a.b"), "m.a.debug");
}

}  // namespace
}  // namespace retrograph
