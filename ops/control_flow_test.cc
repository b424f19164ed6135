// Conds and loops of standard ops, as graph/ builds them.
#include "graph/control_flow.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "graph/cond.h"
#include "graph/while_loop.h"
#include "ops/builders.h"
#include "ops/standard_ops.h"

namespace retrograph {
namespace {

using ::testing::ElementsAre;

class ControlFlowTest : public ::testing::Test {
 protected:
  ControlFlowTest() {
    RegisterStandardOps();
    graph_ = Graph::Create();
    b_.emplace(graph_.get());
  }

  // "name = Op(input, ^control)" of each node from `first` on.
  std::vector<std::string> Nodes(int first = 0) const {
    std::vector<std::string> lines;
    for (int i = first; i < graph_->num_operations(); ++i) {
      const NodeDef node = graph_->operation(i)->node_def();
      lines.push_back(absl::StrCat(node.name(), " = ", node.op(), "(",
                                   absl::StrJoin(node.input(), ", "), ")"));
    }
    return lines;
  }
  GraphBuilder& b() { return *b_; }

  std::shared_ptr<Graph> graph_;
  absl::optional<GraphBuilder> b_;
};

TEST_F(ControlFlowTest, ACondSwitchesWhatComesFromOutside) {
  const Output p = Placeholder(b(), DT_BOOL, PartialTensorShape({}), "p");
  const Output x = b().Convert(Input(2.0f), DT_INVALID, "x");
  const std::vector<Output> y = BuildCond(
      b(), p,
      [&]() -> std::vector<BranchResult> {
        return {Input(b().Op("Mul", {x, x}, {}, "mul"))};
      },
      [&]() -> std::vector<BranchResult> { return {Input(x)}; });
  ASSERT_TRUE(b().ok()) << b().status();
  EXPECT_EQ(y[0].name(), "cond/Merge:0");
  EXPECT_THAT(
      Nodes(2),
      ElementsAre("cond/Switch = Switch(p, p)",
                  "cond/switch_t = Identity(cond/Switch:1)",
                  "cond/switch_f = Identity(cond/Switch)",
                  "cond/pred_id = Identity(p)",
                  "cond/mul = Mul(cond/mul/Switch:1, cond/mul/Switch:1)",
                  "cond/mul/Switch = Switch(x, cond/pred_id)",
                  "cond/Switch_1 = Switch(x, cond/pred_id)",
                  "cond/Merge = Merge(cond/Switch_1, cond/mul)"));
  EXPECT_FALSE(graph_->IsFetchable(graph_->FindOperation("cond/mul")));
  EXPECT_TRUE(graph_->IsFetchable(y[0].op));
  EXPECT_EQ(graph_->GetCollection(graph_keys::kCondContext).size(), 2u);
  EXPECT_EQ(graph_->CurrentControlFlowContext(), nullptr);
}

TEST_F(ControlFlowTest, BranchesOfDifferentTypesAreAValueError) {
  const Output p = Placeholder(b(), DT_BOOL, PartialTensorShape({}), "p");
  BuildCond(
      b(), p, []() -> std::vector<BranchResult> { return {Input(1)}; },
      []() -> std::vector<BranchResult> { return {Input(1.0f)}; });
  EXPECT_EQ(ErrorClassName(b().status()), "ValueError");
  EXPECT_EQ(b().status().message(),
            "Outputs of true_fn and false_fn must have the same type: int32, "
            "float32");
}

TEST_F(ControlFlowTest, ALoopEntersWhatComesFromOutside) {
  const Output n = b().Convert(Input(10), DT_INVALID, "n");
  const std::vector<Output> i = BuildWhileLoop(
      b(),
      [&](const std::vector<Output>& v) -> Input {
        return b().Op("Less", {v[0], n});
      },
      [&](const std::vector<Output>& v) -> std::vector<Input> {
        return {b().Op("Add", {v[0], 1}, {}, "add")};
      },
      {Input(0)});
  ASSERT_TRUE(b().ok()) << b().status();
  EXPECT_THAT(
      Nodes(1),
      ElementsAre("while/Const = Const()", "while/Enter = Enter(while/Const)",
                  "while/Merge = Merge(while/Enter, while/NextIteration:0)",
                  "while/Less = Less(while/Merge, while/Less/Enter:0)",
                  "while/Less/Enter = Enter(n)",
                  "while/LoopCond = LoopCond(while/Less)",
                  "while/Switch = Switch(while/Merge, while/LoopCond)",
                  "while/Identity = Identity(while/Switch:1)",
                  "while/add/y = Const(^while/Identity)",
                  "while/add = Add(while/Identity, while/add/y)",
                  "while/NextIteration = NextIteration(while/add)",
                  "while/Exit = Exit(while/Switch)"));
  EXPECT_TRUE(graph_->IsFetchable(i[0].op));
  EXPECT_FALSE(graph_->IsFeedable(graph_->FindOperation("while/add")->output()));
}

TEST_F(ControlFlowTest, AShapeThatChangesIsAValueError) {
  const Output x = Zeros(b(), TensorShape({1}), DT_FLOAT, "x");
  BuildWhileLoop(
      b(), [&](const std::vector<Output>&) -> Input { return true; },
      [&](const std::vector<Output>& v) -> std::vector<Input> {
        return {b().Op("ConcatV2", {Input::List({v[0], v[0]}), 0})};
      },
      {Input(x)});
  EXPECT_EQ(b().status().message(),
            "Input tensor 'x:0' enters the loop with shape (1,), but has shape "
            "(2,) after one iteration. To allow the shape to vary across "
            "iterations, use the `shape_invariants` argument of tf.while_loop "
            "to specify a less-specific shape.");
  EXPECT_EQ(graph_->CurrentControlFlowContext(), nullptr);
}

TEST_F(ControlFlowTest, ATensorOfALoopIsNoInputOutside) {
  Output inner;
  BuildWhileLoop(
      b(),
      [&](const std::vector<Output>& v) -> Input {
        return b().Op("Less", {v[0], 3});
      },
      [&](const std::vector<Output>& v) -> std::vector<Input> {
        inner = b().Op("Add", {v[0], 1}, {}, "add");
        return {inner};
      },
      {Input(0)});
  ASSERT_TRUE(b().ok()) << b().status();
  b().Op("Neg", {inner}, {}, "neg");
  EXPECT_EQ(ErrorClassName(b().status()), "ValueError");
  EXPECT_EQ(b().status().message(),
            "Cannot use 'while/add' as input to 'neg' because 'while/add' is "
            "in a while loop. See info log for more details.");
}

TEST_F(ControlFlowTest, ContextsComeBackFromTheirMessages) {
  const Output p = Placeholder(b(), DT_BOOL, PartialTensorShape({}), "p");
  BuildWhileLoop(
      b(),
      [&](const std::vector<Output>& v) -> Input {
        return b().Op("Less", {v[0], 3});
      },
      [&](const std::vector<Output>& v) -> std::vector<Input> {
        return {BuildCond(
            b(), p,
            [&]() -> std::vector<BranchResult> { return {Input(1)}; },
            [&]() -> std::vector<BranchResult> { return {Input(v[0])}; })[0]};
      },
      {Input(0)});
  ASSERT_TRUE(b().ok()) << b().status();
  const auto loop = std::dynamic_pointer_cast<ControlFlowContext>(
      std::get<std::shared_ptr<CollectionObject>>(
          graph_->GetCollection(graph_keys::kWhileContext)[0]));
  ControlFlowContextDef def;
  ASSERT_TRUE(loop->ToProto("", &def));
  EXPECT_EQ(def.while_ctxt().nested_contexts_size(), 2);
  const auto again = ControlFlowContext::FromProto(graph_.get(), def, "");
  ASSERT_TRUE(again.ok()) << again.status();
  ControlFlowContextDef def_again;
  ASSERT_TRUE((*again)->ToProto("", &def_again));
  EXPECT_EQ(def_again.DebugString(), def.DebugString());
  EXPECT_EQ(graph_->FindOperation("while/cond/Const")
                ->control_flow_context()
                ->outer(),
            again->get());
  EXPECT_FALSE(loop->ToProto("elsewhere", &def));
}

}  // namespace
}  // namespace retrograph
