#include "session/session.h"

#include <atomic>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/observer.h"
#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "session/session_test_util.h"

namespace retrograph {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Which nodes ran and how many plans were built.
class Recorder : public Observer {
 public:
  void OnPlanBuilt(const PlanBuiltEvent& event) override {
    ++plans;
    last_node_count = event.node_count;
    for (absl::string_view name : event.fetches) fetches.emplace_back(name);
  }
  void OnNodeRun(const NodeRunEvent& event) override {
    ran.emplace_back(event.name);
    if (!event.ok) failed.emplace_back(event.name);
    session_id = event.session_id;
  }
  int plans = 0;
  int64_t last_node_count = 0;
  int64_t session_id = 0;
  std::vector<std::string> fetches, ran, failed;
};

class SessionTest : public GraphSessionTest {};

// An op that fails, and one that waits for it, then two independent ones. With
// control flow, a run takes another way than without.
class FailingRunTest : public SessionTest,
                       public testing::WithParamInterface<bool> {
 protected:
  Output TakenBranch(Output value) {
    const Output pred = b_.Op("Const", {},
                              {Attr("dtype", DT_BOOL),
                               Attr("value", Tensor::Scalar(true))});
    return b_.AddOp("Switch", {value, pred})->output(1);
  }
};

TEST_P(FailingRunTest, WhatDoesNotNeedTheFailedNodeRuns) {
  const Output bad = b_.Op("Identity", {RefVariable("v")}, {}, "bad");
  const Output worse = b_.Op("Neg", {bad}, {}, "worse");
  Operation* after;
  {
    ControlDependencies scope(graph_.get(), {worse.op});
    after = b_.AddOp("NoOp", {}, {}, "after");
  }
  const Output w = RefVariable("w");
  Output value = Const(1, "one");
  if (GetParam()) value = b_.Op("Neg", {TakenBranch(value)}, {}, "negated");
  Operation* assign;
  {
    // Later than "after" would be.
    ControlDependencies scope(graph_.get(), {b_.Op("Neg", {value}).op});
    assign = b_.AddOp("Assign", {w, value}, {}, "assign");
  }
  Operation* also = b_.AddOp("Identity", {RefVariable("u")}, {}, "also_bad");
  ASSERT_OK(b_.status());
  auto session = NewSession();
  Recorder recorder;
  const ScopedObserver scope(&recorder);
  EXPECT_THAT(session->Run({}, {}, {after, assign, also}).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("uninitialized value v")));
  EXPECT_THAT(recorder.failed, ElementsAre("bad", "also_bad"));
  EXPECT_THAT(recorder.ran, Contains("assign"));
  EXPECT_THAT(recorder.ran, Not(Contains("worse")));
  EXPECT_THAT(recorder.ran, Not(Contains("after")));
  RG_ASSERT_OK_AND_ASSIGN(auto values, session->Run({}, {w}, {}));
  EXPECT_EQ(values[0].scalar<float>(), GetParam() ? -1 : 1);
}

TEST_P(FailingRunTest, AnIdentityReadsAVariableBeforeTheAssignBesideIt) {
  const Output v = RefVariable("v");
  Output value = Const(1, "one");
  if (GetParam()) value = TakenBranch(value);
  Operation* assign = b_.AddOp("Assign", {v, value}, {}, "assign");
  Operation* read = b_.AddOp("Identity", {v}, {}, "read");
  ASSERT_OK(b_.status());
  auto session = NewSession();
  EXPECT_THAT(session->Run({}, {}, {assign, read}).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("uninitialized value v")));
  ASSERT_OK(session->Run({}, {}, {assign, read}));
}

INSTANTIATE_TEST_SUITE_P(WithoutAndWithControlFlow, FailingRunTest,
                         testing::Bool());

TEST_F(SessionTest, FetchesAreComputedFromFeeds) {
  const Output x = Placeholder({}, "x");
  const Output y = b_.Op("AddV2", {b_.Op("Mul", {x, Const(3, "c")}), x});
  ASSERT_OK(b_.status());
  auto session = NewSession();
  RG_ASSERT_OK_AND_ASSIGN(auto values,
                          session->Run({{x, Tensor::Scalar(2.0f)}}, {y}, {}));
  ASSERT_EQ(values.size(), 1);
  EXPECT_EQ(values[0].scalar<float>(), 8.0f);
}

TEST_F(SessionTest, OneTensorMayBeFetchedTwiceAndAFedOneToo) {
  const Output x = Placeholder({}, "x");
  const Output y = b_.Op("Neg", {x});
  auto session = NewSession();
  RG_ASSERT_OK_AND_ASSIGN(
      auto values, session->Run({{x, Tensor::Scalar(2.0f)}}, {y, x, y, x}, {}));
  ASSERT_EQ(values.size(), 4);
  EXPECT_EQ(values[0].scalar<float>(), -2.0f);
  EXPECT_EQ(values[1].scalar<float>(), 2.0f);
  EXPECT_EQ(values[2].scalar<float>(), -2.0f);
  EXPECT_EQ(values[3].scalar<float>(), 2.0f);
}

TEST_F(SessionTest, AnyTensorCanBeFed) {
  const Output c = Const(1, "c");
  const Output v = RefVariable("v");
  const Output sum = b_.Op("AddV2", {c, b_.Op("Identity", {v}, {}, "v/read")});
  ASSERT_OK(b_.status());
  auto session = NewSession();
  RG_ASSERT_OK_AND_ASSIGN(auto values, session->Run({{c, Tensor::Scalar(10.0f)},
                                                     {v, Tensor::Scalar(5.0f)}},
                                                    {sum, c, v}, {}));
  EXPECT_EQ(values[0].scalar<float>(), 15.0f);
  EXPECT_EQ(values[1].scalar<float>(), 10.0f);
  EXPECT_EQ(values[2].scalar<float>(), 5.0f);
}

TEST_F(SessionTest, OnlyWhatIsNeededRuns) {
  const Output c = Const(1, "c");
  const Output unfed = Placeholder({}, "unfed");
  b_.Op("Neg", {unfed}, {}, "fails");
  const Output y = b_.Op("Neg", {c}, {}, "y");
  auto session = NewSession();
  Recorder recorder;
  const ScopedObserver installed(&recorder);
  ASSERT_OK(session->Run({}, {y}, {}));
  EXPECT_THAT(recorder.ran, ElementsAre("c", "y"));
  EXPECT_EQ(recorder.last_node_count, 2);
}

TEST_F(SessionTest, AFedTensorEndsTheWayBack) {
  const Output unfed = Placeholder({}, "unfed");
  const Output middle = b_.Op("Neg", {unfed}, {}, "middle");
  const Output y = b_.Op("Neg", {middle}, {}, "y");
  auto session = NewSession();
  Recorder recorder;
  const ScopedObserver installed(&recorder);
  ASSERT_OK(session->Run({{middle, Tensor::Scalar(1.0f)}}, {y}, {}));
  EXPECT_THAT(recorder.ran, ElementsAre("y"));
}

TEST_F(SessionTest, AControlInputOnAFedPlaceholderDoesNotRunIt) {
  const Output p = Placeholder({}, "p");
  const ControlDependencies after(graph_.get(), {p.op});
  const Output c = Const(3, "c");
  auto session = NewSession();
  RG_ASSERT_OK_AND_ASSIGN(auto values,
                          session->Run({{p, Tensor::Scalar(1.0f)}}, {c}, {}));
  EXPECT_EQ(values[0].scalar<float>(), 3.0f);
}

TEST_F(SessionTest, AControlInputOnAnotherFedNodeRunsIt) {
  const Output p = Placeholder({}, "p");
  const Output q = b_.Op("Identity", {p}, {}, "q");
  const ControlDependencies after(graph_.get(), {q.op});
  const Output c = Const(3, "c");
  auto session = NewSession();
  EXPECT_THAT(session->Run({{q, Tensor::Scalar(1.0f)}}, {c}, {}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("You must feed a value for placeholder "
                                 "tensor 'p' with dtype float")));
}

TEST_F(SessionTest, TargetsRunAndReturnNothing) {
  const Output v = RefVariable("v");
  Operation* const assign = b_.AddOp("Assign", {v, Const(4, "c")});
  ASSERT_OK(b_.status());
  auto session = NewSession();
  RG_ASSERT_OK_AND_ASSIGN(auto nothing, session->Run({}, {}, {assign}));
  EXPECT_TRUE(nothing.empty());
  RG_ASSERT_OK_AND_ASSIGN(auto values, session->Run({}, {v}, {}));
  EXPECT_EQ(values[0].scalar<float>(), 4.0f);
}

TEST_F(SessionTest, ControlInputsRunFirst) {
  const Output v = RefVariable("v");
  Operation* const assign = b_.AddOp("Assign", {v, Const(4, "c")});
  Operation* group;
  {
    const ControlDependencies after(graph_.get(), {assign});
    group = b_.AddOp("NoOp", {}, {}, "init");
  }
  auto session = NewSession();
  ASSERT_OK(session->Run({}, {}, {group}));
  RG_ASSERT_OK_AND_ASSIGN(auto values, session->Run({}, {v}, {}));
  EXPECT_EQ(values[0].scalar<float>(), 4.0f);
}

TEST_F(SessionTest, AFetchedVariableHasItsValueAtTheEndOfTheStep) {
  const Output v = RefVariable("v");
  Operation* const assign = b_.AddOp("Assign", {v, Const(1, "one")});
  const Output sum = b_.Op("AssignAdd", {v, Const(2, "two")});
  ASSERT_OK(b_.status());
  auto session = NewSession();
  ASSERT_OK(session->Run({}, {}, {assign}));
  RG_ASSERT_OK_AND_ASSIGN(auto values, session->Run({}, {v, sum}, {}));
  EXPECT_EQ(values[0].scalar<float>(), 3.0f);
  EXPECT_EQ(values[1].scalar<float>(), 3.0f);
}

TEST_F(SessionTest, WhatWasFetchedIsNotTouchedByLaterSteps) {
  const Output v = RefVariable("v");
  Operation* const assign = b_.AddOp("Assign", {v, Const(1, "one")});
  const Output sum = b_.Op("AssignAdd", {v, Const(2, "two")});
  auto session = NewSession();
  ASSERT_OK(session->Run({}, {}, {assign}));
  RG_ASSERT_OK_AND_ASSIGN(auto before, session->Run({}, {v}, {}));
  ASSERT_OK(session->Run({}, {sum}, {}));
  EXPECT_EQ(before[0].scalar<float>(), 1.0f);
}

TEST_F(SessionTest, SessionsOfOneGraphShareNothing) {
  const Output v = RefVariable("v");
  const Output value = Placeholder({}, "value");
  Operation* const assign = b_.AddOp("Assign", {v, value});
  auto one = NewSession();
  auto two = NewSession();
  ASSERT_OK(one->Run({{value, Tensor::Scalar(1.0f)}}, {}, {assign}));
  ASSERT_OK(two->Run({{value, Tensor::Scalar(2.0f)}}, {}, {assign}));
  RG_ASSERT_OK_AND_ASSIGN(auto from_one, one->Run({}, {v}, {}));
  RG_ASSERT_OK_AND_ASSIGN(auto from_two, two->Run({}, {v}, {}));
  EXPECT_EQ(from_one[0].scalar<float>(), 1.0f);
  EXPECT_EQ(from_two[0].scalar<float>(), 2.0f);
  EXPECT_NE(one->id(), two->id());
}

TEST_F(SessionTest, APlanIsBuiltOncePerSignature) {
  const Output x = Placeholder({}, "x");
  const Output y = b_.Op("Neg", {x}, {}, "y");
  auto session = NewSession();
  Recorder recorder;
  const ScopedObserver installed(&recorder);
  for (int i = 0; i < 3; ++i) {
    ASSERT_OK(session->Run({{x, Tensor::Scalar(1.0f)}}, {y}, {}));
  }
  EXPECT_EQ(recorder.plans, 1);
  EXPECT_THAT(recorder.fetches, ElementsAre("y:0"));
  EXPECT_EQ(recorder.session_id, session->id());
  // Growing the graph leaves it as it is; other fetches make another.
  const Output z = b_.Op("Neg", {y});
  ASSERT_OK(session->Run({{x, Tensor::Scalar(1.0f)}}, {y}, {}));
  EXPECT_EQ(recorder.plans, 1);
  ASSERT_OK(session->Run({{x, Tensor::Scalar(1.0f)}}, {z}, {}));
  EXPECT_EQ(recorder.plans, 2);
  ASSERT_OK(session->Run({{x, Tensor::Scalar(1.0f)}}, {}, {y.op}));
  EXPECT_EQ(recorder.plans, 3);
}

TEST_F(SessionTest, PlansShareTheKernelOfANode) {
  int made = 0;
  registry_->Op("CountMe")
      .Output("y: float")
      .Kernel(
          {},
          [&made](const Operation&) -> absl::StatusOr<std::unique_ptr<Kernel>> {
            ++made;
            return std::unique_ptr<Kernel>(
                new LambdaKernel([](KernelContext* ctx) {
                  ctx->set_output(0, Tensor::Scalar(1.0f));
                }));
          });
  const Output c = b_.Op("CountMe");
  const Output y = b_.Op("Neg", {c});
  ASSERT_OK(b_.status());
  auto session = NewSession();
  ASSERT_OK(session->Run({}, {c}, {}));
  ASSERT_OK(session->Run({}, {y}, {}));
  EXPECT_EQ(made, 1);
  ASSERT_OK(NewSession()->Run({}, {c}, {}));
  EXPECT_EQ(made, 2);
}

TEST_F(SessionTest, FetchingOnlyFedTensorsRunsNothing) {
  DeviceScope on_gpu(graph_.get(), std::string("/device:GPU:0"));
  const Output c = Const(1, "c");
  auto session = NewSession();
  RG_ASSERT_OK_AND_ASSIGN(auto values,
                          session->Run({{c, Tensor::Scalar(5.0f)}}, {c}, {}));
  EXPECT_EQ(values[0].scalar<float>(), 5.0f);
}

TEST_F(SessionTest, NoFetchesIsNoError) {
  Const(1, "c");
  RG_ASSERT_OK_AND_ASSIGN(auto values, NewSession()->Run({}, {}, {}));
  EXPECT_TRUE(values.empty());
}

TEST_F(SessionTest, NamesStandForTensorsAndOperations) {
  const Output x = Placeholder({}, "x");
  b_.Op("Neg", {x}, {}, "y");
  auto session = NewSession();
  RG_ASSERT_OK_AND_ASSIGN(
      auto values,
      session->RunByName({{"x:0", Tensor::Scalar(2.0f)}}, {"y:0", "y", "x:0"}));
  ASSERT_EQ(values.size(), 2);
  EXPECT_EQ(values[0].scalar<float>(), -2.0f);
  EXPECT_EQ(values[1].scalar<float>(), 2.0f);
}

TEST_F(SessionTest, CloseEndsTheSessionOnce) {
  const Output c = Const(1, "c");
  auto session = NewSession();
  ASSERT_OK(session->Close());
  ASSERT_OK(session->Close());
  EXPECT_TRUE(session->closed());
  EXPECT_THAT(
      session->Run({}, {c}, {}),
      PythonErrorIs("RuntimeError", "Attempted to use a closed Session."));
  EXPECT_THAT(
      session->RunByName({}, {"nope"}),
      PythonErrorIs("RuntimeError", "Attempted to use a closed Session."));
}

TEST_F(SessionTest, NoGraphMeansTheDefaultGraph) {
  const Graph::AsDefault as_default(graph_);
  RG_ASSERT_OK_AND_ASSIGN(auto session, Session::Create());
  EXPECT_EQ(session->graph(), graph_);
}

TEST_F(SessionTest, AGrownGraphCanBeRun) {
  const Output c = Const(2, "c");
  auto session = NewSession();
  ASSERT_OK(session->Run({}, {c}, {}));
  const Output d = b_.Op("Neg", {c});
  RG_ASSERT_OK_AND_ASSIGN(auto values, session->Run({}, {d}, {}));
  EXPECT_EQ(values[0].scalar<float>(), -2.0f);
}

TEST_F(SessionTest, WhatANodeMadeReadyRunsBeforeTheNextRoot) {
  const Output a = Const(1, "a");
  const Output b = Const(2, "b");
  const Output c = b_.Op("Neg", {b}, {}, "c");
  const Output d = b_.Op("Neg", {a}, {}, "d");
  const Output e = b_.Op("Abs", {a}, {}, "e");
  const Output f = b_.Op("Identity", {a}, {}, "f");
  auto session = NewSession();
  Recorder recorder;
  const ScopedObserver installed(&recorder);
  ASSERT_OK(session->Run({}, {e, d, c, f}, {}));
  // The one that is inexpensive; then of the others the last, which is at the
  // head of the line.
  EXPECT_THAT(recorder.ran, ElementsAre("a", "f", "e", "d", "b", "c"));
}

}  // namespace
}  // namespace retrograph
