#include "session/session.h"

#include <memory>
#include <string>
#include <vector>

#include "core/observer.h"
#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "session/session_test_util.h"
#include "session/step_trace.h"

namespace retrograph {
namespace {

using testing::ElementsAre;

class RanNodes : public Observer {
 public:
  void OnNodeRun(const NodeRunEvent& event) override {
    names.emplace_back(event.name);
  }
  std::vector<std::string> names;
};

class PartialRunTest : public testing::Test {
 protected:
  PartialRunTest()
      : registry_(StandardRegistryForTesting()),
        graph_(Graph::Create(registry_.get())),
        b_(graph_.get()),
        a_(Placeholder("a")),
        other_(Placeholder("b")),
        sum_(b_.Op("Add", {a_, other_}, {}, "c")),
        negative_(b_.Op("Neg", {a_}, {}, "e")),
        session_(*Session::Create(graph_)) {}

  Output Placeholder(const std::string& name) {
    return b_.Op("Placeholder", {},
                 {Attr("dtype", DT_FLOAT),
                  Attr("shape", PartialTensorShape(TensorShape({})))},
                 name);
  }
  static Tensor Scalar(float value) { return Tensor::Scalar(value); }

  std::unique_ptr<OpRegistry> registry_;
  std::shared_ptr<Graph> graph_;
  GraphBuilder b_;
  Output a_, other_, sum_, negative_;
  std::unique_ptr<Session> session_;
};

TEST_F(PartialRunTest, PiecesUseWhatEarlierOnesComputed) {
  RanNodes ran;
  const ScopedObserver installed(&ran);
  const std::string handle =
      *session_->PartialRunSetup({a_, other_}, {sum_, negative_}, {});
  EXPECT_EQ(handle, "a:0,b:0->c:0,e:0//1/;0");
  EXPECT_THAT(ran.names, ElementsAre());
  EXPECT_EQ(session_->PartialRun(handle, {{a_, Scalar(2)}}, {negative_})
                ->at(0)
                .scalar<float>(),
            -2);
  EXPECT_THAT(ran.names, ElementsAre("e"));
  EXPECT_EQ(session_->PartialRun(handle, {{other_, Scalar(3)}}, {sum_})
                ->at(0)
                .scalar<float>(),
            5);
  EXPECT_THAT(ran.names, ElementsAre("e", "c"));
  EXPECT_THAT(session_->PartialRun(handle, {}, {}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "Must run 'setup' before performing partial runs!"));
}

TEST_F(PartialRunTest, APieceThatCannotBeDoneLeavesTheRunAsItWas) {
  const std::string handle =
      *session_->PartialRunSetup({a_, other_}, {sum_}, {});
  EXPECT_THAT(
      session_->PartialRun(handle, {{a_, Scalar(2)}}, {sum_}),
      StatusIs(absl::StatusCode::kInvalidArgument,
               "Fetch b:0 can't be computed from the feeds that have been fed "
               "so far."));
  EXPECT_THAT(session_->PartialRun(handle, {}, {negative_}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "The fetch e:0 was not specified in "
                       "partial_run_setup."));
  EXPECT_EQ(session_
                ->PartialRun(handle,
                             {{a_, Scalar(2)}, {other_, Scalar(3)}}, {sum_})
                ->at(0)
                .scalar<float>(),
            5);
}

TEST_F(PartialRunTest, ClosingTheSessionEndsARunThatIsUnderWay) {
  const std::string handle =
      *session_->PartialRunSetup({a_, other_}, {sum_}, {});
  ASSERT_OK(session_->Close());
  EXPECT_THAT(session_->PartialRun(handle, {{a_, Scalar(2)}}, {}),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "Attempted to use a closed Session."));
}

TEST_F(PartialRunTest, ATraceHasTimesAndOutputsOfTheNodesThatRan) {
  StepTrace trace;
  RunOptions options;
  options.trace = &trace;
  ASSERT_OK(session_->Run({{a_, Scalar(2)}}, {negative_}, {}, options));
  const StepStats stats = trace.Stats();
  ASSERT_EQ(stats.dev_stats_size(), 1);
  EXPECT_EQ(stats.dev_stats(0).device(),
            "/job:localhost/replica:0/task:0/device:CPU:0");
  ASSERT_EQ(stats.dev_stats(0).node_stats_size(), 1);
  const NodeExecStats& node = stats.dev_stats(0).node_stats(0);
  EXPECT_EQ(node.timeline_label(), "e = Neg(a)");
  EXPECT_GT(node.all_start_nanos(), 0);
  ASSERT_EQ(node.output_size(), 1);
  EXPECT_EQ(node.output(0)
                .tensor_description()
                .allocation_description()
                .requested_bytes(),
            4);
}

}  // namespace
}  // namespace retrograph
