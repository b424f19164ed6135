// cond and while_loop as TensorFlow lays them out, from raw ops.
#include <string>
#include <utility>
#include <vector>

#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "session/session.h"
#include "session/session_test_util.h"

namespace retrograph {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::pair<std::string, AttrValue> T(DataType dtype) { return Attr("T", dtype); }

class ControlFlowTest : public testing::Test {
 protected:
  ControlFlowTest() : registry_(StandardRegistryForTesting()) {}

  // Threads must make no difference.
  std::vector<std::unique_ptr<Session>> Sessions(const GraphDefWriter& def) {
    std::vector<std::unique_ptr<Session>> sessions;
    std::shared_ptr<Graph> graph = def.Build(registry_.get());
    for (int threads : {1, 4}) {
      SessionOptions options;
      options.inter_op_threads = threads;
      sessions.push_back(*Session::Create(graph, options));
    }
    return sessions;
  }

  // x = 1 if p else x = -v, with a merge "m" of both.
  static void AddCond(GraphDefWriter* w) {
    w->Node("p", "Placeholder", {},
            {Attr("dtype", DT_BOOL), Attr("shape", TensorShape())});
    w->Value("v", Tensor::Scalar<int32_t>(5));
    w->Node("sw", "Switch", {"v", "p"}, {T(DT_INT32)});
    w->Node("neg", "Neg", {"sw"}, {T(DT_INT32)});
    w->Node("twice", "AddV2", {"sw:1", "sw:1"}, {T(DT_INT32)});
    w->Node("m", "Merge", {"neg", "twice"}, {T(DT_INT32), Attr("N", 2)});
  }

  // i = 0; while i < limit: i += step. The exit is "exit". `prefix` names a
  // loop's nodes; `start`, `limit` and `step` are nodes outside.
  static void AddLoop(GraphDefWriter* w, const std::string& prefix,
                      const std::string& start, const std::string& limit,
                      const std::string& step, int parallel_iterations) {
    const auto enter = [&](const std::string& name, const std::string& input,
                           bool is_constant) {
      w->Node(prefix + name, "Enter", {input},
              {T(DT_INT32), Attr("frame_name", prefix + "frame"),
               Attr("is_constant", is_constant),
               Attr("parallel_iterations", parallel_iterations)});
    };
    enter("enter", start, false);
    enter("limit", limit, true);
    enter("step", step, true);
    w->Node(prefix + "merge", "Merge", {prefix + "enter", prefix + "next"},
            {T(DT_INT32), Attr("N", 2)});
    w->Node(prefix + "less", "Less", {prefix + "merge", prefix + "limit"},
            {T(DT_INT32)});
    w->Node(prefix + "cond", "LoopCond", {prefix + "less"});
    w->Node(prefix + "switch", "Switch", {prefix + "merge", prefix + "cond"},
            {T(DT_INT32)});
    w->Node(prefix + "body", "Identity", {prefix + "switch:1"}, {T(DT_INT32)});
    w->Node(prefix + "add", "AddV2", {prefix + "body", prefix + "step"},
            {T(DT_INT32)});
    w->Node(prefix + "next", "NextIteration", {prefix + "add"}, {T(DT_INT32)});
    w->Node(prefix + "exit", "Exit", {prefix + "switch"}, {T(DT_INT32)});
  }

  static void AddNumbers(GraphDefWriter* w) {
    w->Value("zero", Tensor::Scalar<int32_t>(0));
    w->Value("one", Tensor::Scalar<int32_t>(1));
    w->Value("ten", Tensor::Scalar<int32_t>(10));
  }

  std::unique_ptr<OpRegistry> registry_;
};

TEST_F(ControlFlowTest, OnlyTheTakenBranchIsAlive) {
  GraphDefWriter w;
  AddCond(&w);
  for (const auto& session : Sessions(w)) {
    for (bool p : {true, false}) {
      RG_ASSERT_OK_AND_ASSIGN(
          auto values,
          session->RunByName({{"p:0", Tensor::Scalar(p)}}, {"m:0", "m:1"}));
      EXPECT_EQ(values[0].scalar<int32_t>(), p ? 10 : -5);
      EXPECT_EQ(values[1].scalar<int32_t>(), p ? 1 : 0);
    }
  }
}

TEST_F(ControlFlowTest, AFetchOfADeadTensorIsAnError) {
  GraphDefWriter w;
  AddCond(&w);
  w.Value("a", Tensor::Scalar<int32_t>(5));
  for (const auto& session : Sessions(w)) {
    EXPECT_THAT(
        RunOne(session.get(), "twice:0", {{"p:0", Tensor::Scalar(false)}}),
        StatusIs(absl::StatusCode::kInvalidArgument,
                 "Retval[0] does not have value"));
    // Numbered by name: a:0 comes before twice:0.
    EXPECT_THAT(session->RunByName({{"p:0", Tensor::Scalar(false)}},
                                   {"twice:0", "a:0"}),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         "Retval[1] does not have value"));
    // A dead target is none.
    EXPECT_OK(session->RunByName({{"p:0", Tensor::Scalar(false)}}, {"twice"}));
  }
}

TEST_F(ControlFlowTest, ASwitchByAVectorIsAnError) {
  GraphDefWriter w;
  w.Node("p", "Placeholder", {}, {Attr("dtype", DT_BOOL)});
  w.Value("v", Tensor::Scalar<int32_t>(5));
  w.Node("sw", "Switch", {"v", "p"}, {T(DT_INT32)});
  for (const auto& session : Sessions(w)) {
    EXPECT_THAT(RunOne(session.get(), "sw:1",
                       {{"p:0", Tensor(DT_BOOL, TensorShape({1}))}}),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         StartsWith("The second input must be a scalar, but it "
                                    "has shape [1]\n\t [[node sw ")));
  }
}

TEST_F(ControlFlowTest, WhatHangsOnADeadBranchByControlDoesNotRun) {
  int ran = 0;
  registry_->Op("CountRuns")
      .Stateful()
      .Kernel({}, LambdaKernelFactory([&ran](KernelContext*) { ++ran; }));
  GraphDefWriter w;
  AddCond(&w);
  w.Node("pivot", "Identity", {"sw:1"}, {T(DT_INT32)});
  w.Node("effect", "CountRuns", {"^pivot"});
  w.Value("in_branch", Tensor::Scalar<int32_t>(7), {"^pivot", "^effect"});
  w.Node("m2", "Merge", {"neg", "in_branch"}, {T(DT_INT32), Attr("N", 2)});
  w.Node("trigger", "ControlTrigger", {"^pivot"});
  w.Value("after_trigger", Tensor::Scalar<int32_t>(8), {"^trigger"});
  for (const auto& session : Sessions(w)) {
    ran = 0;
    RG_ASSERT_OK_AND_ASSIGN(
        Tensor taken,
        RunOne(session.get(), "m2:0", {{"p:0", Tensor::Scalar(true)}}));
    EXPECT_EQ(taken.scalar<int32_t>(), 7);
    EXPECT_EQ(ran, 1);
    RG_ASSERT_OK_AND_ASSIGN(
        Tensor other,
        RunOne(session.get(), "m2:0", {{"p:0", Tensor::Scalar(false)}}));
    EXPECT_EQ(other.scalar<int32_t>(), -5);
    EXPECT_EQ(ran, 1);
    // A ControlTrigger brings what follows it back to life.
    RG_ASSERT_OK_AND_ASSIGN(Tensor after,
                            RunOne(session.get(), "after_trigger:0",
                                   {{"p:0", Tensor::Scalar(false)}}));
    EXPECT_EQ(after.scalar<int32_t>(), 8);
  }
}

TEST_F(ControlFlowTest, AMergeWaitsForItsControlInputs) {
  std::vector<std::string> order;
  registry_->Op("Note")
      .Input("x: int32")
      .Output("y: int32")
      .Kernel({}, LambdaKernelFactory([&order](KernelContext* ctx) {
                order.push_back(ctx->op().name());
                ctx->set_output(0, ctx->TakeInput(0));
              }));
  GraphDefWriter w;
  AddCond(&w);
  w.Node("late1", "Note", {"v"});
  w.Node("late2", "Note", {"late1"});
  w.Node("mc", "Merge", {"neg", "twice", "^late2"},
         {T(DT_INT32), Attr("N", 2)});
  w.Node("end", "Note", {"mc"});
  SessionOptions one_thread;
  one_thread.inter_op_threads = 1;
  auto session = *Session::Create(w.Build(registry_.get()), one_thread);
  ASSERT_OK(RunOne(session.get(), "end:0", {{"p:0", Tensor::Scalar(true)}}));
  EXPECT_THAT(order, testing::ElementsAre("late1", "late2", "end"));
}

TEST_F(ControlFlowTest, ARefSwitchPassesTheVariableOn) {
  GraphDefWriter w;
  w.Node("p", "Placeholder", {}, {Attr("dtype", DT_BOOL)});
  w.Node("v", "VariableV2", {},
         {Attr("dtype", DT_INT32), Attr("shape", TensorShape())});
  w.Value("five", Tensor::Scalar<int32_t>(5));
  w.Node("set", "Assign", {"v", "five"}, {T(DT_INT32)});
  w.Node("sw", "RefSwitch", {"v", "p"}, {T(DT_INT32)});
  w.Node("add", "AssignAdd", {"sw:1", "five"}, {T(DT_INT32)});
  for (const auto& session : Sessions(w)) {
    EXPECT_THAT(RunOne(session.get(), "add:0", {{"p:0", Tensor::Scalar(true)}}),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         StartsWith("Attempting to use uninitialized value "
                                    "sw:1\n\t [[node add ")));
    ASSERT_OK(session->RunByName({}, {"set"}));
    ASSERT_OK(session->RunByName({{"p:0", Tensor::Scalar(true)}}, {"add"}));
    ASSERT_OK(session->RunByName({{"p:0", Tensor::Scalar(false)}}, {"add"}));
    RG_ASSERT_OK_AND_ASSIGN(Tensor v, RunOne(session.get(), "v:0"));
    EXPECT_EQ(v.scalar<int32_t>(), 10);
  }
}

TEST_F(ControlFlowTest, ALoopRunsUntilItsConditionIsFalse) {
  for (int parallel_iterations : {1, 2, 10}) {
    GraphDefWriter w;
    AddNumbers(&w);
    AddLoop(&w, "w/", "zero", "ten", "one", parallel_iterations);
    for (const auto& session : Sessions(w)) {
      for (int limit : {0, 1, 3, 100}) {
        RG_ASSERT_OK_AND_ASSIGN(
            Tensor i, RunOne(session.get(), "w/exit:0",
                             {{"ten:0", Tensor::Scalar<int32_t>(limit)}}));
        EXPECT_EQ(i.scalar<int32_t>(), limit);
      }
    }
  }
}

TEST_F(ControlFlowTest, ALoopOfManyIterationsEnds) {
  GraphDefWriter w;
  AddNumbers(&w);
  AddLoop(&w, "w/", "zero", "ten", "one", 10);
  for (const auto& session : Sessions(w)) {
    RG_ASSERT_OK_AND_ASSIGN(
        Tensor i, RunOne(session.get(), "w/exit:0",
                         {{"ten:0", Tensor::Scalar<int32_t>(20000)}}));
    EXPECT_EQ(i.scalar<int32_t>(), 20000);
  }
}

TEST_F(ControlFlowTest, TheCallerMayEndALoopThatDoesNotEnd) {
  GraphDefWriter w;
  AddNumbers(&w);
  AddLoop(&w, "w/", "zero", "one", "zero", 10);
  for (const auto& session : Sessions(w)) {
    const Graph& graph = *session->graph();
    int asked = 0;
    RunOptions options;
    options.is_interrupted = [&asked] { return ++asked == 2; };
    EXPECT_THAT(
        session->Run({}, {{graph.FindOperation("w/exit"), 0}}, {}, options)
            .status(),
        StatusIs(absl::StatusCode::kCancelled, "Run call was cancelled"));
    EXPECT_EQ(asked, 2);
  }
}

TEST_F(ControlFlowTest, LoopsCanFollowEachOther) {
  GraphDefWriter w;
  AddNumbers(&w);
  AddLoop(&w, "a/", "zero", "ten", "one", 10);
  w.Node("hundred", "Mul", {"a/exit", "ten"}, {T(DT_INT32)});
  AddLoop(&w, "b/", "a/exit", "hundred", "ten", 10);
  for (const auto& session : Sessions(w)) {
    RG_ASSERT_OK_AND_ASSIGN(Tensor i, RunOne(session.get(), "b/exit:0"));
    EXPECT_EQ(i.scalar<int32_t>(), 100);
  }
}

TEST_F(ControlFlowTest, ALoopInALoopStartsAnewEachTime) {
  // for (i = 0; i < 4; ++i) for (j = 0; j < i; ++j) ++sum: 0 + 1 + 2 + 3.
  for (int parallel_iterations : {1, 10}) {
    GraphDefWriter w;
    w.Value("zero", Tensor::Scalar<int32_t>(0));
    w.Value("one", Tensor::Scalar<int32_t>(1));
    w.Value("four", Tensor::Scalar<int32_t>(4));
    const auto enter = [&](const std::string& name, const std::string& input,
                           const std::string& frame, bool is_constant) {
      w.Node(name, "Enter", {input},
             {T(DT_INT32), Attr("frame_name", frame),
              Attr("is_constant", is_constant),
              Attr("parallel_iterations", parallel_iterations)});
    };
    enter("i0", "zero", "outer", false);
    enter("sum0", "zero", "outer", false);
    enter("zero1", "zero", "outer", true);
    enter("one1", "one", "outer", true);
    enter("four1", "four", "outer", true);
    w.Node("i", "Merge", {"i0", "i_next"}, {T(DT_INT32), Attr("N", 2)});
    w.Node("sum", "Merge", {"sum0", "sum_next"}, {T(DT_INT32), Attr("N", 2)});
    w.Node("less", "Less", {"i", "four1"}, {T(DT_INT32)});
    w.Node("cond", "LoopCond", {"less"});
    w.Node("i_sw", "Switch", {"i", "cond"}, {T(DT_INT32)});
    w.Node("sum_sw", "Switch", {"sum", "cond"}, {T(DT_INT32)});
    enter("j0", "zero1", "inner", false);
    enter("s0", "sum_sw:1", "inner", false);
    enter("i2", "i_sw:1", "inner", true);
    enter("one2", "one1", "inner", true);
    w.Node("j", "Merge", {"j0", "j_next"}, {T(DT_INT32), Attr("N", 2)});
    w.Node("s", "Merge", {"s0", "s_next"}, {T(DT_INT32), Attr("N", 2)});
    w.Node("less2", "Less", {"j", "i2"}, {T(DT_INT32)});
    w.Node("cond2", "LoopCond", {"less2"});
    w.Node("j_sw", "Switch", {"j", "cond2"}, {T(DT_INT32)});
    w.Node("s_sw", "Switch", {"s", "cond2"}, {T(DT_INT32)});
    w.Node("j_add", "AddV2", {"j_sw:1", "one2"}, {T(DT_INT32)});
    w.Node("s_add", "AddV2", {"s_sw:1", "one2"}, {T(DT_INT32)});
    w.Node("j_next", "NextIteration", {"j_add"}, {T(DT_INT32)});
    w.Node("s_next", "NextIteration", {"s_add"}, {T(DT_INT32)});
    w.Node("s_exit", "Exit", {"s_sw"}, {T(DT_INT32)});
    w.Node("i_add", "AddV2", {"i_sw:1", "one1"}, {T(DT_INT32)});
    w.Node("i_next", "NextIteration", {"i_add"}, {T(DT_INT32)});
    w.Node("sum_next", "NextIteration", {"s_exit"}, {T(DT_INT32)});
    w.Node("sum_exit", "Exit", {"sum_sw"}, {T(DT_INT32)});
    w.Node("i_exit", "Exit", {"i_sw"}, {T(DT_INT32)});
    for (const auto& session : Sessions(w)) {
      for (int n : {0, 1, 4, 30}) {
        RG_ASSERT_OK_AND_ASSIGN(
            auto values,
            session->RunByName({{"four:0", Tensor::Scalar<int32_t>(n)}},
                               {"sum_exit:0", "i_exit:0"}));
        EXPECT_EQ(values[0].scalar<int32_t>(), n * (n - 1) / 2);
        EXPECT_EQ(values[1].scalar<int32_t>(), n);
      }
    }
  }
}

TEST_F(ControlFlowTest, ALoopOnTheUntakenBranchIsDead) {
  GraphDefWriter w;
  AddNumbers(&w);
  AddCond(&w);
  w.Node("start", "Identity", {"sw:1"}, {T(DT_INT32)});
  w.Node("ten_sw", "Switch", {"ten", "p"}, {T(DT_INT32)});
  w.Node("one_sw", "Switch", {"one", "p"}, {T(DT_INT32)});
  AddLoop(&w, "w/", "start", "ten_sw:1", "one_sw:1", 10);
  w.Node("out", "Merge", {"neg", "w/exit"}, {T(DT_INT32), Attr("N", 2)});
  for (const auto& session : Sessions(w)) {
    for (bool p : {true, false}) {
      RG_ASSERT_OK_AND_ASSIGN(
          auto values,
          session->RunByName({{"p:0", Tensor::Scalar(p)}}, {"out:0", "out:1"}));
      EXPECT_EQ(values[0].scalar<int32_t>(), p ? 10 : -5);
      EXPECT_EQ(values[1].scalar<int32_t>(), p ? 1 : 0);
    }
  }
}

TEST_F(ControlFlowTest, ABranchInALoopIsDecidedAnewEachTime) {
  // Odd i adds one, even i adds two: 0, 2, 4, ... from an even start.
  GraphDefWriter w;
  AddNumbers(&w);
  w.Value("six", Tensor::Scalar<int32_t>(6));
  AddLoop(&w, "w/", "zero", "ten", "one", 10);
  GraphDef def = w.def();
  // Take body + step apart: if (i < 6) i += 2 else i += 1.
  GraphDefWriter branched;
  for (const NodeDef& node : def.node()) {
    if (node.name() == "w/next") continue;
    AttrList attrs(node.attr().begin(), node.attr().end());
    branched.Node(node.name(), node.op(),
                  {node.input().begin(), node.input().end()}, attrs);
  }
  branched.Node(
      "six1", "Enter", {"six"},
      {T(DT_INT32), Attr("frame_name", "w/frame"), Attr("is_constant", true)});
  branched.Node("is_small", "Less", {"w/body", "six1"}, {T(DT_INT32)});
  branched.Node("i_sw", "Switch", {"w/body", "is_small"}, {T(DT_INT32)});
  branched.Node("one_sw", "Switch", {"w/step", "is_small"}, {T(DT_INT32)});
  branched.Node("plus1", "AddV2", {"i_sw", "one_sw"}, {T(DT_INT32)});
  branched.Node("plus1b", "AddV2", {"i_sw:1", "one_sw:1"}, {T(DT_INT32)});
  branched.Node("plus2", "AddV2", {"plus1b", "one_sw:1"}, {T(DT_INT32)});
  branched.Node("new_i", "Merge", {"plus1", "plus2"},
                {T(DT_INT32), Attr("N", 2)});
  branched.Node("w/next", "NextIteration", {"new_i"}, {T(DT_INT32)});
  for (const auto& session : Sessions(branched)) {
    RG_ASSERT_OK_AND_ASSIGN(Tensor i,
                            RunOne(session.get(), "w/exit:0",
                                   {{"ten:0", Tensor::Scalar<int32_t>(9)}}));
    EXPECT_EQ(i.scalar<int32_t>(), 9);
    RG_ASSERT_OK_AND_ASSIGN(i, RunOne(session.get(), "w/exit:0",
                                      {{"ten:0", Tensor::Scalar<int32_t>(5)}}));
    EXPECT_EQ(i.scalar<int32_t>(), 6);
  }
}

TEST_F(ControlFlowTest, AnErrorInALoopEndsTheRun) {
  registry_->Op("FailAt3")
      .Input("x: int32")
      .Output("y: int32")
      .Kernel({}, LambdaKernelFactory([](KernelContext* ctx) {
                if (ctx->input(0).scalar<int32_t>() == 3) {
                  ctx->SetStatus(absl::OutOfRangeError("three"));
                  return;
                }
                ctx->set_output(0, ctx->TakeInput(0));
              }));
  GraphDefWriter w;
  AddNumbers(&w);
  AddLoop(&w, "w/", "zero", "ten", "one", 10);
  GraphDefWriter failing;
  for (const NodeDef& node : w.def().node()) {
    AttrList attrs(node.attr().begin(), node.attr().end());
    if (node.name() == "w/body") {
      failing.Node("w/body", "FailAt3", {"w/switch:1"});
    } else {
      failing.Node(node.name(), node.op(),
                   {node.input().begin(), node.input().end()}, attrs);
    }
  }
  for (const auto& session : Sessions(failing)) {
    const absl::Status status = RunOne(session.get(), "w/exit:0").status();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kOutOfRange,
                                 StartsWith("three\n\t [[node w/body ")));
    EXPECT_EQ(ErrorOpName(status), "w/body");
    RG_ASSERT_OK_AND_ASSIGN(Tensor i,
                            RunOne(session.get(), "w/exit:0",
                                   {{"ten:0", Tensor::Scalar<int32_t>(2)}}));
    EXPECT_EQ(i.scalar<int32_t>(), 2);
  }
}

TEST_F(ControlFlowTest, AnEnterCanBeFedAndATensorInALoopFetchedOnce) {
  GraphDefWriter w;
  AddNumbers(&w);
  w.Node("e", "Enter", {"one"},
         {T(DT_INT32), Attr("frame_name", "f"), Attr("is_constant", false)});
  w.Node("x", "Exit", {"e"}, {T(DT_INT32)});
  AddLoop(&w, "w/", "zero", "ten", "one", 10);
  for (const auto& session : Sessions(w)) {
    RG_ASSERT_OK_AND_ASSIGN(Tensor e, RunOne(session.get(), "e:0"));
    EXPECT_EQ(e.scalar<int32_t>(), 1);
    RG_ASSERT_OK_AND_ASSIGN(Tensor x, RunOne(session.get(), "x:0"));
    EXPECT_EQ(x.scalar<int32_t>(), 1);
    EXPECT_THAT(RunOne(session.get(), "w/body:0"),
                StatusIs(absl::StatusCode::kInternal,
                         "Retval[0] has already been set.\n\t "
                         "[[{{node _retval_w/body_0_0}}]]"));
  }
}

TEST_F(ControlFlowTest, InputsOfTwoFramesAreAnError) {
  GraphDefWriter w;
  w.Value("a", Tensor::Scalar<int32_t>(1));
  w.Node("e", "Enter", {"a"}, {T(DT_INT32), Attr("frame_name", "fr")});
  w.Node("bad", "AddV2", {"e", "a"}, {T(DT_INT32)});
  w.Node("x", "Exit", {"bad"}, {T(DT_INT32)});
  for (const auto& session : Sessions(w)) {
    EXPECT_THAT(
        RunOne(session.get(), "x:0"),
        StatusIs(absl::StatusCode::kInvalidArgument,
                 testing::MatchesRegex(
                     "node bad \\(defined at .*\\)  has inputs from different "
                     "frames. The input node e \\(defined at .*\\)  is in "
                     "frame 'fr'. The input node a \\(defined at .*\\)  is in "
                     "frame ''.")));
  }
}

TEST_F(ControlFlowTest, AFeedInsideOfALoopIsAnError) {
  GraphDefWriter w;
  AddNumbers(&w);
  AddLoop(&w, "w/", "zero", "ten", "one", 10);
  const auto where = [](const std::string& node) {
    return "node " + node + " \\(defined at .*\\) ";
  };
  for (const auto& session : Sessions(w)) {
    for (const char* fed : {"w/body:0", "w/add:0"}) {
      const bool is_add = std::string(fed) == "w/add:0";
      const std::string text =
          is_add ? where("w/merge") +
                       " has inputs from different frames. The "
                       "input " +
                       where("w/next") + " is in frame ''. The input " +
                       where("w/enter") + " is in frame 'w/frame'."
                 : where("w/add") + " has inputs from different frames. .*";
      EXPECT_THAT(RunOne(session.get(), "w/exit:0",
                         {{fed, Tensor::Scalar<int32_t>(1)}}),
                  StatusIs(absl::StatusCode::kInvalidArgument,
                           testing::MatchesRegex(text)));
    }
  }
}

TEST_F(ControlFlowTest, AnExitOutsideOfAFrameIsAnError) {
  GraphDefWriter w;
  w.Value("a", Tensor::Scalar<int32_t>(1));
  w.Node("x", "Exit", {"a"}, {T(DT_INT32)});
  for (const auto& session : Sessions(w)) {
    EXPECT_THAT(RunOne(session.get(), "x:0"),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("is an Exit outside of any frame.")));
  }
}

}  // namespace
}  // namespace retrograph
