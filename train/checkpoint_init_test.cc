// init_from_checkpoint and warm_start: what TensorFlow 1.15.5 does with the same
// checkpoints, asked of it.
#include "train/checkpoint_init.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "checkpoint/save_restore.h"
#include "core/mem_file_system.h"
#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ops/standard_ops.h"
#include "session/session.h"
#include "train/warm_start.h"
#include "variables/variable_scope.h"

namespace retrograph {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class FromCheckpointTest : public testing::Test {
 protected:
  FromCheckpointTest() : graph_(Graph::Create()), b_(graph_.get()) {
    RegisterStandardOps();
    EXPECT_OK(SaveTensorsV2(
        &files_, "ck", {"a", "b", "e"}, {"", "", ""},
        {Tensor::Vector<float>({1, 2}), Tensor::Scalar(3.0f),
         Tensor::Vector<float>({1, 2}).Reshaped(TensorShape({2, 1}))}));
  }

  std::shared_ptr<Variable> Get(const std::string& name,
                                PartialTensorShape shape) {
    GetVariableOptions options;
    options.name = name;
    options.shape = std::move(shape);
    return GetVariable(b_, std::move(options)).variable;
  }
  std::vector<float> Values(const std::shared_ptr<Variable>& variable) {
    EXPECT_OK(b_.status());
    SessionOptions options;
    options.file_system = &files_;
    auto session = Session::Create(graph_, options).value();
    EXPECT_OK(session->Run({}, {}, {variable->initializer()}));
    const auto values = session->Run({}, {variable->snapshot()}, {});
    EXPECT_OK(values);
    const auto flat = (*values)[0].flat<float>();
    return {flat.begin(), flat.end()};
  }
  void WarmStartWith(WarmStartOptions options,
                     const std::shared_ptr<Variable>& variable) {
    options.variables = {variable};
    WarmStart(b_, &files_, "ck", options);
  }

  MemFileSystem files_;
  std::shared_ptr<Graph> graph_;
  GraphBuilder b_;
};

TEST_F(FromCheckpointTest, AVariablesInitializerReadsTheCheckpoint) {
  const auto v = Get("v", {2});
  InitFromCheckpoint(b_, &files_, "ck", {{"a", v}});
  ASSERT_OK(b_.status());
  EXPECT_EQ(v->initializer()->name(), "Assign");
  EXPECT_THAT(Values(v), ElementsAre(1, 2));
}

TEST_F(FromCheckpointTest, AScopeTakesWhatIsUnderAnother) {
  VariableScopeOptions options;
  options.name = "s";
  std::shared_ptr<Variable> a, b;
  {
    ScopedVariableScope scope(b_, options);
    a = Get("a", {2});
    b = Get("b", PartialTensorShape({}));
  }
  InitFromCheckpoint(b_, &files_, "ck", {{"/", std::string("s/")}});
  EXPECT_THAT(Values(a), ElementsAre(1, 2));
  EXPECT_THAT(Values(b), ElementsAre(3));
}

TEST_F(FromCheckpointTest, WhatTheCheckpointLacksIsNamed) {
  InitFromCheckpoint(b_, &files_, "ck", {{"x", Get("v", {2})}});
  EXPECT_THAT(
      b_.status(),
      PythonErrorIs("ValueError",
                    HasSubstr("Tensor x is not found in ck checkpoint {")));
}

TEST_F(FromCheckpointTest, AShapeThatDoesNotFitIsAnError) {
  InitFromCheckpoint(b_, &files_, "ck", {{"a", Get("v", {3})}});
  EXPECT_THAT(b_.status(),
              PythonErrorIs("ValueError",
                            "Shape of variable v:0 ((3,)) doesn't match with "
                            "shape of tensor a ([2]) from checkpoint reader."));
}

TEST_F(FromCheckpointTest, AMissingCheckpointIsAnError) {
  InitFromCheckpoint(b_, &files_, "none", {{"a", Get("v", {2})}});
  EXPECT_THAT(b_.status(),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("Failed to find any matching files for none")));
}

TEST_F(FromCheckpointTest, WarmStartGoesByTheVariablesNames) {
  const auto a = Get("a", {2});
  WarmStartWith(WarmStartOptions(), a);
  EXPECT_THAT(Values(a), ElementsAre(1, 2));
}

TEST_F(FromCheckpointTest, WarmStartTakesAPreviousName) {
  const auto z = Get("z", {2});
  WarmStartOptions options;
  options.previous_names["z"] = "a";
  WarmStartWith(options, z);
  EXPECT_THAT(Values(z), ElementsAre(1, 2));
}

TEST_F(FromCheckpointTest, WarmStartTellsOfNamesThatNoVariableHas) {
  WarmStartOptions options;
  options.previous_names["y"] = "a";
  WarmStartWith(options, Get("a", {2}));
  EXPECT_THAT(
      b_.status(),
      PythonErrorIs("ValueError",
                    HasSubstr("You provided the following variables in "
                              "var_name_to_prev_var_name that were not used: "
                              "{'y'}.")));
}

TEST_F(FromCheckpointTest, WarmStartMovesRowsToWhereTheirWordsAre) {
  ASSERT_OK(WriteStringToFile(&files_, "old", "x\ny\n"));
  ASSERT_OK(WriteStringToFile(&files_, "new", "y\nq\nx\n"));
  const auto e = Get("e", {4, 1});
  WarmStartOptions options;
  VocabInfo& info = options.vocab_infos["e"];
  info.new_vocab = "new";
  info.new_vocab_size = 3;
  info.num_oov_buckets = 1;
  info.old_vocab = "old";
  WarmStartWith(options, e);
  EXPECT_THAT(Values(e), ElementsAre(2, 0, 1, 0));
}

}  // namespace
}  // namespace retrograph
