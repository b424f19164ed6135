// What TensorFlow 1.15.5 makes of each of these graphs is compared node by node
// in python/tests/snippets_graph_util.txt.
#include "saver/freeze.h"

#include <memory>
#include <string>
#include <vector>

#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "graph/import.h"
#include "gtest/gtest.h"
#include "ops/builders.h"
#include "ops/standard_ops.h"
#include "variables/variable.h"

namespace retrograph {
namespace {

using ::testing::ElementsAre;

class FreezeTest : public testing::Test {
 protected:
  FreezeTest() {
    RegisterStandardOps();
    graph_ = Graph::Create();
    GraphBuilder b(graph_.get());
    for (const bool is_resource : {false, true}) {
      VariableOptions options;
      options.name = is_resource ? "r" : "v";
      options.initial_value = Input(Tensor::Scalar<float>(is_resource ? 3 : 2));
      options.use_resource = is_resource;
      variables_.push_back(Variable::Create(b, std::move(options)));
    }
    b.Op("Mul", {variables_[0]->AsInput(), variables_[1]->AsInput()}, {}, "y");
    EXPECT_OK(b.status());
    session_ = *Session::Create(graph_);
  }

  void Initialize() {
    for (const auto& variable : variables_) {
      EXPECT_OK(session_->Run({}, {}, {variable->initializer()}).status());
    }
  }
  absl::StatusOr<GraphDef> Freeze(const FreezeOptions& options) {
    return ConvertVariablesToConstants(session_.get(), graph_->ToGraphDef(),
                                       {"y"}, options);
  }

  std::shared_ptr<Graph> graph_;
  std::vector<std::shared_ptr<Variable>> variables_;
  std::unique_ptr<Session> session_;
};

std::vector<std::string> OpsOf(const GraphDef& graph_def) {
  std::vector<std::string> ops;
  for (const NodeDef& node : graph_def.node()) {
    ops.push_back(node.name() + ":" + node.op());
  }
  return ops;
}

TEST_F(FreezeTest, AFrozenGraphRunsWithoutItsVariables) {
  Initialize();
  std::vector<std::string> lines;
  FreezeOptions options;
  options.log = [&](LogLevel, absl::string_view line) {
    lines.emplace_back(line);
  };
  RG_ASSERT_OK_AND_ASSIGN(const GraphDef frozen, Freeze(options));
  EXPECT_THAT(lines, ElementsAre("Froze 2 variables.",
                                 "Converted 2 variables to const ops."));

  auto graph = Graph::Create();
  ImportOptions import;
  import.name = "";
  ASSERT_OK(ImportGraphDef(graph.get(), frozen, import).status());
  RG_ASSERT_OK_AND_ASSIGN(auto session, Session::Create(graph));
  RG_ASSERT_OK_AND_ASSIGN(const auto values, session->RunByName({}, {"y:0"}));
  EXPECT_EQ(values[0].scalar<float>(), 6);
}

TEST_F(FreezeTest, OnlyAndExceptSayWhichVariables) {
  Initialize();
  FreezeOptions options;
  options.only = {"v"};
  RG_ASSERT_OK_AND_ASSIGN(GraphDef frozen, Freeze(options));
  EXPECT_THAT(OpsOf(frozen), testing::IsSupersetOf({"v:Const", "r:VarHandleOp"}));
  options.only = absl::nullopt;
  options.except = {"v"};
  RG_ASSERT_OK_AND_ASSIGN(frozen, Freeze(options));
  EXPECT_THAT(OpsOf(frozen), testing::IsSupersetOf({"v:VariableV2", "r:Const"}));
}

TEST_F(FreezeTest, AVariableWithoutAValueIsTheSessionsError) {
  EXPECT_EQ(ErrorClassName(Freeze({}).status()), "FailedPreconditionError");
}

}  // namespace
}  // namespace retrograph
