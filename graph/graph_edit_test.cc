#include "graph/graph_edit.h"

#include <memory>

#include "gmock/gmock.h"
#include "graph/builder.h"
#include "graph/graph.h"
#include "graph/test_ops.h"
#include "gtest/gtest.h"

namespace retrograph {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class GraphEditTest : public testing::Test {
 protected:
  GraphEditTest() : graph_(Graph::Create(TestOps())), b_(graph_.get()) {
    x_ = TestPlaceholder(b_, DT_INT32, {2}, "x");
    y_ = TestPlaceholder(b_, DT_INT32, {2}, "y");
    sum_ = b_.Op("Add", {x_, x_}, {}, "sum").op;
    EXPECT_TRUE(b_.ok());
  }

  std::shared_ptr<Graph> graph_;
  GraphBuilder b_;
  Output x_, y_;
  Operation* sum_ = nullptr;
};

TEST_F(GraphEditTest, AnInputIsReplacedInAFinalGraphToo) {
  graph_->Finalize();
  EXPECT_EQ(ReplaceInput(sum_, 1, y_), absl::OkStatus());
  EXPECT_THAT(sum_->inputs(), ElementsAre(x_, y_));
  EXPECT_THAT(graph_->ToGraphDef().node(2).input(), ElementsAre("x", "y"));
}

TEST_F(GraphEditTest, AnInputThatIsNotThereCannotBeReplaced) {
  const char kText[] =
      "Cannot update edge. Input index [2] is greater than the number of total "
      "inputs [2].";
  EXPECT_EQ(ReplaceInput(sum_, 2, y_), absl::OutOfRangeError(kText));
  EXPECT_EQ(ReplaceInput(sum_, -1, y_).code(), absl::StatusCode::kOutOfRange);
}

TEST_F(GraphEditTest, AnotherShapeOrTypeIsRefusedAndTheInputStays) {
  const Output longer = TestPlaceholder(b_, DT_INT32, {3}, "longer");
  EXPECT_EQ(ReplaceInput(sum_, 0, longer),
            absl::InvalidArgumentError(
                "Cannot update edge, incompatible shapes: [3] and [2]."));
  const Output real = TestPlaceholder(b_, DT_FLOAT, {2}, "real");
  EXPECT_EQ(ReplaceInput(sum_, 0, real),
            absl::InvalidArgumentError(
                "Input 0 of node sum was passed float from real:0 incompatible "
                "with expected int32."));
  EXPECT_THAT(sum_->inputs(), ElementsAre(x_, x_));
}

TEST_F(GraphEditTest, ADeviceIsKeptAsItIsWritten) {
  SetRequestedDevice(sum_, "/job:a/cpu:0");
  EXPECT_EQ(sum_->device(), "/job:a/cpu:0");
  SetRequestedDevice(sum_, "nonsense");
  EXPECT_EQ(graph_->ToGraphDef().node(2).device(), "nonsense");
}

TEST_F(GraphEditTest, ControlInputsAreTakenAway) {
  graph_->AddControlInput(sum_, y_.op);
  RemoveControlInputs(sum_);
  EXPECT_THAT(sum_->control_inputs(), IsEmpty());
}

}  // namespace
}  // namespace retrograph
