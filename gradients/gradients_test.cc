#include "gradients/gradients.h"

#include <memory>
#include <string>
#include <vector>

#include "core/errors.h"
#include "graph/graph.h"
#include "gtest/gtest.h"
#include "ops/builders.h"
#include "ops/standard_ops.h"

namespace retrograph {
namespace {

class GradientsTest : public ::testing::Test {
 protected:
  GradientsTest() : graph_(MakeGraph()), b_(graph_.get()) {}

  static std::shared_ptr<Graph> MakeGraph() {
    RegisterStandardOps();
    return Graph::Create();
  }
  Output Vector(absl::string_view name) {
    return Placeholder(b_, DT_FLOAT, PartialTensorShape({2}), name);
  }
  std::vector<std::string> NamesAfter(int first) const {
    std::vector<std::string> names;
    for (int i = first; i < graph_->num_operations(); ++i) {
      names.push_back(graph_->operation(i)->name());
    }
    return names;
  }

  std::shared_ptr<Graph> graph_;
  GraphBuilder b_;
};

TEST_F(GradientsTest, NamesOpsAsTensorFlowDoes) {
  const Output x = Vector("x"), y = Vector("y");
  const Output z = b_.Op("Mul", {x, y}, {}, "z");
  const int before = graph_->num_operations();
  const Gradients result = AddGradients(b_, {z}, {x, y});
  ASSERT_TRUE(b_.ok()) << b_.status();
  EXPECT_EQ(NamesAfter(before),
            (std::vector<std::string>{
                "gradients/Shape", "gradients/grad_ys_0", "gradients/Fill",
                "gradients/z_grad/Mul", "gradients/z_grad/Mul_1"}));
  EXPECT_EQ(result[0].tensor().name(), "gradients/z_grad/Mul:0");
  EXPECT_EQ(result[1].tensor().name(), "gradients/z_grad/Mul_1:0");
}

TEST_F(GradientsTest, AddsWhatSeveralConsumersGive) {
  const Output x = Vector("x");
  const Output y = b_.Op("Mul", {x, x});
  const Gradients result = AddGradients(b_, {y}, {x});
  ASSERT_TRUE(b_.ok()) << b_.status();
  EXPECT_EQ(result[0].op()->type(), "AddN");
  EXPECT_EQ(result[0].op()->num_inputs(), 2);
  EXPECT_EQ(result[0].op()->ColocationGroups(),
            (std::vector<std::string>{"gradients/Mul_grad/Mul"}));
}

TEST_F(GradientsTest, GivesNothingWhereNoPathLeads) {
  const Output x = Vector("x"), y = Vector("y");
  const Output z = b_.Op("Neg", {y});
  EXPECT_TRUE(AddGradients(b_, {z}, {x})[0].none());
  GradientOptions options;
  options.unconnected_zero = true;
  const Gradients zeros = AddGradients(b_, {z}, {x}, options);
  ASSERT_TRUE(b_.ok()) << b_.status();
  EXPECT_EQ(zeros[0].tensor().name(), "zeros_like:0");
}

TEST_F(GradientsTest, StopsWhereItIsTold) {
  const Output x = Vector("x");
  const Output y = b_.Op("Neg", {x});
  const Output z = b_.Op("Mul", {x, y});
  GradientOptions options;
  options.stop_gradients = {y};
  const Gradients result = AddGradients(b_, {z}, {x}, options);
  ASSERT_TRUE(b_.ok()) << b_.status();
  EXPECT_EQ(result[0].op()->type(), "Mul");  // no AddN: one way alone
}

TEST_F(GradientsTest, GatesGradientsBehindAllOfThem) {
  const Output x = Vector("x"), y = Vector("y");
  const Output z = b_.Op("Mul", {x, y}, {}, "z");
  GradientOptions options;
  options.gate_gradients = true;
  const Gradients result = AddGradients(b_, {z}, {x, y}, options);
  ASSERT_TRUE(b_.ok()) << b_.status();
  EXPECT_EQ(result[0].tensor().name(),
            "gradients/z_grad/tuple/control_dependency:0");
  ASSERT_EQ(result[1].op()->control_inputs().size(), 1u);
  EXPECT_EQ(result[1].op()->control_inputs()[0]->name(),
            "gradients/z_grad/tuple/group_deps");
}

TEST_F(GradientsTest, GivesRowsOfWhatWasRead) {
  const Output table =
      Placeholder(b_, DT_FLOAT, PartialTensorShape({5, 4}), "table");
  const Output rows = b_.Op("GatherV2", {table, std::vector<Input>{1, 2}, 0});
  const Gradients result = AddGradients(b_, {rows}, {table});
  ASSERT_TRUE(b_.ok()) << b_.status();
  ASSERT_TRUE(result[0].is_slices());
  EXPECT_EQ(result[0].slices().values.shape(), PartialTensorShape({2, 4}));
}

TEST_F(GradientsTest, SaysWhichOpHasNoGradient) {
  const Output x = Vector("x");
  const Output y = b_.Op("Lgamma", {x}, {}, "y");
  AddGradients(b_, {y}, {x});
  EXPECT_EQ(b_.status().message(),
            "No gradient defined for operation 'y' (op type: Lgamma)");
  EXPECT_EQ(ErrorClassName(b_.status()), "LookupError");
}

TEST_F(GradientsTest, ComplexTensorsNeedAGradient) {
  const Output x = Placeholder(b_, DT_COMPLEX64, PartialTensorShape({2}), "x");
  AddGradients(b_, {b_.Op("Neg", {x})}, {x});
  EXPECT_EQ(b_.status().message(),
            "Gradients of complex tensors must set grad_ys (y.dtype = "
            "tf.complex64)");
}

TEST_F(GradientsTest, AnOverriddenOpUsesTheOtherFunction) {
  ASSERT_TRUE(GradientRegistry::Global()
                  ->Add("GradientsTestTriple",
                        [](GraphBuilder& b, Operation*, const Gradients& g)
                            -> Gradients {
                          return {b.Op("Mul", {g[0], 3.0f}, {}, "triple")};
                        })
                  .ok());
  const Output x = Vector("x");
  const Output y = b_.Op(
      "Neg", {x}, {Attr("_gradient_op_type", "GradientsTestTriple")}, "y");
  const Gradients result = AddGradients(b_, {y}, {x});
  ASSERT_TRUE(b_.ok()) << b_.status();
  EXPECT_EQ(result[0].op()->name(), "gradients/y_grad/triple");
}

TEST_F(GradientsTest, AGradientOfAnotherShapeIsAnError) {
  const Output x = Vector("x");
  const Output y = b_.Op("Neg", {x}, {}, "y");
  GradientOptions options;
  options.grad_ys = {Input(std::vector<Input>{1.0f, 2.0f, 3.0f})};
  AddGradients(b_, {y}, {x}, options);
  EXPECT_EQ(b_.status().message(),
            "Incompatible shapes between op input and calculated input "
            "gradient.  Forward operation: y.  Input index: 0. Original input "
            "shape: (2,).  Calculated input gradient shape: (3,)");
}

}  // namespace
}  // namespace retrograph
