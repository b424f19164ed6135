// Control dependencies, devices, colocation and containers.
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "graph/builder.h"
#include "graph/graph.h"
#include "graph/test_ops.h"
#include "gtest/gtest.h"

namespace retrograph {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ScopesTest : public testing::Test {
 protected:
  ScopesTest() : graph_(Graph::Create(TestOps())), b_(graph_.get()) {}

  Operation* NoOp(absl::string_view name) {
    return b_.AddOp("NoOp", {}, {}, name);
  }
  Output Const(absl::string_view name) {
    return TestConstant(b_, Tensor::Scalar(1.0f), name);
  }
  Output Identity(const Output& x, absl::string_view name) {
    return b_.Op("Identity", {x}, {}, name);
  }
  // As the NodeDef lists them.
  std::vector<std::string> Inputs(const Operation* op) {
    const NodeDef node = op->node_def();
    return {node.input().begin(), node.input().end()};
  }

  std::shared_ptr<Graph> graph_;
  GraphBuilder b_;
};

TEST_F(ScopesTest, AGraphDefHasControlInputsSortedAsTextANodeAsMade) {
  std::vector<Operation*> ops;
  for (const char* name : {"x_2", "x_10", "x"}) ops.push_back(NoOp(name));
  ControlDependencies deps(graph_.get(), ops);
  Operation* op = NoOp("n");
  EXPECT_THAT(Inputs(op), ElementsAre("^x_2", "^x_10", "^x"));
  EXPECT_THAT(graph_->ToGraphDef().node(3).input(),
              ElementsAre("^x", "^x_10", "^x_2"));
  EXPECT_THAT(op->control_inputs(), ElementsAre(ops[0], ops[1], ops[2]));
}

TEST_F(ScopesTest, AnInputIsNotAlsoAControlInput) {
  const Output a = Const("a");
  const Output c = Const("c");
  ControlDependencies deps(graph_.get(), {a.op, c.op});
  EXPECT_THAT(Inputs(Identity(a, "i").op), ElementsAre("a", "^c"));
}

TEST_F(ScopesTest, AnOpOverOneMadeInsideDoesNotWaitAgain) {
  Operation* a = NoOp("a");
  ControlDependencies deps(graph_.get(), {a});
  const Output c = Const("c");
  EXPECT_THAT(Inputs(c.op), ElementsAre("^a"));
  EXPECT_THAT(Inputs(Identity(c, "i").op), ElementsAre("c"));
  ControlDependencies more(graph_.get(), {NoOp("b")});
  EXPECT_THAT(Inputs(Identity(c, "j").op), ElementsAre("c", "^b"));
}

TEST_F(ScopesTest, ClearForgetsOuterDependenciesAndLeavingBringsThemBack) {
  Operation* a = NoOp("a");
  ControlDependencies deps(graph_.get(), {a});
  {
    ControlDependencies none(graph_.get(), ControlDependencies::kClear);
    EXPECT_THAT(Inputs(NoOp("n")), IsEmpty());
    EXPECT_THAT(graph_->CurrentControlDependencies(), IsEmpty());
    ControlDependencies inner(graph_.get(), {graph_->FindOperation("n")});
    EXPECT_THAT(Inputs(NoOp("m")), ElementsAre("^n"));
  }
  EXPECT_THAT(Inputs(NoOp("o")), ElementsAre("^a"));
}

TEST_F(ScopesTest, NestedDependenciesNameAnOpOnce) {
  Operation* a = NoOp("a");
  ControlDependencies outer(graph_.get(), {a});
  ControlDependencies inner(graph_.get(), {a, a});
  EXPECT_THAT(graph_->CurrentControlDependencies(), ElementsAre(a));
}

TEST_F(ScopesTest, DevicesAreWrittenCanonicallyAndInnerOnesWin) {
  DeviceScope job(graph_.get(), std::string("/job:w/cpu:0"));
  EXPECT_EQ(NoOp("a")->device(), "/job:w/device:CPU:0");
  DeviceScope gpu(graph_.get(), std::string("/gpu:1"));
  EXPECT_EQ(NoOp("b")->device(), "/job:w/device:GPU:1");
  DeviceScope nothing(graph_.get(), std::string(""));
  EXPECT_EQ(NoOp("c")->device(), "/job:w/device:GPU:1");
  DeviceScope none(graph_.get(), absl::nullopt);
  EXPECT_EQ(NoOp("d")->device(), "");
  DeviceScope task(graph_.get(), std::string("/task:3"));
  EXPECT_EQ(NoOp("e")->device(), "/task:3");
}

TEST_F(ScopesTest, ADeviceThatDoesNotParse) {
  EXPECT_EQ(Raised(graph_->EnterDevice(std::string("/nonsense:0:1"))),
            "ValueError: Unknown attribute: 'nonsense' in '/nonsense:0:1'");
  EXPECT_EQ(NoOp("a")->device(), "");
}

TEST_F(ScopesTest, DeviceFunctionsSeeTheOpAndOuterScopesMergeTheirAnswer) {
  DeviceScope outer(graph_.get(), std::string("/job:ps"));
  std::vector<std::string> seen;
  graph_->EnterDeviceFunction([&seen](const Operation& op) {
    seen.push_back(op.name() + "|" + op.type() + "|" + op.device());
    return std::string("/gpu:2");
  });
  DeviceScope inner(graph_.get(), std::string("/cpu:0"));
  EXPECT_EQ(NoOp("a")->device(), "/job:ps/device:GPU:2");
  EXPECT_THAT(seen, ElementsAre("a|NoOp|/device:CPU:0"));
}

TEST_F(ScopesTest, ADeviceFunctionsAnswerIsTakenAsItIs) {
  graph_->EnterDeviceFunction(
      [](const Operation&) { return std::string("/cpu:0"); });
  EXPECT_EQ(NoOp("a")->device(), "/cpu:0");
  graph_->ExitDevice();
  EXPECT_EQ(NoOp("b")->device(), "");
}

TEST_F(ScopesTest, ColocationTakesOverTheDeviceAndSortsTheGroups) {
  Operation* placed;
  {
    DeviceScope device(graph_.get(), std::string("/gpu:0"));
    placed = NoOp("z");
  }
  Operation* free = NoOp("a");
  DeviceScope outer(graph_.get(), std::string("/cpu:0"));
  ColocateWith with_placed(graph_.get(), placed);
  ColocateWith with_free(graph_.get(), free);
  Operation* op = NoOp("n");
  EXPECT_EQ(op->device(), "/device:GPU:0");
  EXPECT_THAT(op->FindAttr("_class")->list().s(),
              ElementsAre("loc:@a", "loc:@z"));
  ColocateWith with_op(graph_.get(), op, /*ignore_existing=*/true);
  EXPECT_THAT(NoOp("m")->ColocationGroups(), ElementsAre("a", "z"));
}

TEST_F(ScopesTest, ColocationSuspendsDevicesButInnerOnesCount) {
  Operation* a = NoOp("a");
  DeviceScope outer(graph_.get(), std::string("/gpu:0"));
  {
    ColocateWith with_a(graph_.get(), a);
    EXPECT_EQ(NoOp("b")->device(), "");
    DeviceScope inner(graph_.get(), std::string("/cpu:0"));
    EXPECT_EQ(NoOp("c")->device(), "/device:CPU:0");
  }
  EXPECT_EQ(NoOp("d")->device(), "/device:GPU:0");
}

TEST_F(ScopesTest, AnInitScopeBringsBackTheDevicesThatColocationTookAway) {
  Operation* a = NoOp("a");
  Graph::AsDefault as_default(graph_);
  DeviceScope outer(graph_.get(), std::string("/gpu:0"));
  ControlDependencies after_a(graph_.get(), {a});
  ColocateWith with_a(graph_.get(), a);
  {
    InitScope init(graph_.get());
    Operation* op = NoOp("b");
    EXPECT_EQ(op->device(), "/device:GPU:0");
    EXPECT_THAT(op->ColocationGroups(), ElementsAre("a"));
    EXPECT_THAT(op->control_inputs(), IsEmpty());
    // In one more colocation scope they are gone for good: an init scope makes
    // the graph the default anew, and where it began there were none.
    ColocateWith again(graph_.get(), a);
    EXPECT_EQ(NoOp("c")->device(), "");
    InitScope inner(graph_.get());
    EXPECT_EQ(NoOp("d")->device(), "");
  }
  EXPECT_EQ(NoOp("e")->device(), "");
}

TEST_F(ScopesTest, AnInitScopeInADeviceScopeLendsItToThoseWithin) {
  Operation* a = NoOp("a");
  DeviceScope outer(graph_.get(), std::string("/gpu:0"));
  InitScope init(graph_.get());
  ColocateWith with_a(graph_.get(), a);
  EXPECT_EQ(NoOp("b")->device(), "");
  InitScope inner(graph_.get());
  EXPECT_EQ(NoOp("c")->device(), "/device:GPU:0");
}

TEST_F(ScopesTest, AnInitScopeKeepsTheInnerDevices) {
  Operation* a = NoOp("a");
  Graph::AsDefault as_default(graph_);
  DeviceScope outer(graph_.get(), std::string("/job:w"));
  ColocateWith with_a(graph_.get(), a);
  DeviceScope inner(graph_.get(), std::string("/cpu:0"));
  InitScope init(graph_.get());
  EXPECT_EQ(NoOp("b")->device(), "/device:CPU:0");
}

TEST_F(ScopesTest, AnInitScopeOfAnotherDefaultGraphHasItsOwnDevices) {
  Operation* a = NoOp("a");
  DeviceScope before(graph_.get(), std::string("/gpu:0"));
  Operation* b;
  {
    // The scopes were entered before the colocation scope: what is in force
    // where the graph became the default is none.
    ColocateWith with_a(graph_.get(), a);
    Graph::AsDefault as_default(graph_);
    InitScope init(graph_.get());
    b = NoOp("b");
  }
  EXPECT_EQ(b->device(), "");
  Graph::AsDefault other(Graph::Create(graph_->registry()));
  ColocateWith with_a(graph_.get(), a);
  InitScope init(graph_.get());
  EXPECT_EQ(NoOp("c")->device(), "");
}

TEST_F(ScopesTest, ColocationWithNothingNeedsIgnoreExisting) {
  EXPECT_EQ(Raised(graph_->EnterColocateWith(nullptr, false)),
            "ValueError: Trying to reset colocation (op is None) but "
            "ignore_existing is not True");
  ColocateWith with_a(graph_.get(), NoOp("a"));
  ColocateWith with_none(graph_.get(), nullptr, /*ignore_existing=*/true);
  EXPECT_EQ(NoOp("b")->FindAttr("_class"), nullptr);
}

TEST_F(ScopesTest, ContainersGoToStatefulOpsThatHaveNone) {
  graph_->EnterContainer("box");
  const Output v = TestVariable(b_, DT_FLOAT, TensorShape(), "v");
  EXPECT_EQ(v.op->FindAttr("container")->s(), "box");
  const Output own =
      b_.Op("VariableV2", {},
            {Attr("dtype", DT_FLOAT), Attr("shape", TensorShape()),
             Attr("container", "own")});
  EXPECT_EQ(own.op->FindAttr("container")->s(), "own");
  graph_->ExitContainer();
  EXPECT_EQ(TestVariable(b_, DT_FLOAT, TensorShape(), "w")
                .op->FindAttr("container")
                ->s(),
            "");
}

}  // namespace
}  // namespace retrograph
