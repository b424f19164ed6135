// What shape functions see, and the texts of their errors.
#include "graph/shape_inference.h"

#include <string>

#include "gmock/gmock.h"
#include "graph/builder.h"
#include "graph/test_ops.h"
#include "gtest/gtest.h"

namespace retrograph {
namespace {

class ShapeInferenceTest : public testing::Test {
 protected:
  ShapeInferenceTest() : graph_(Graph::Create(TestOps())), b_(graph_.get()) {}
  ~ShapeInferenceTest() override { SetConstantFolder(nullptr); }

  Output P(const PartialTensorShape& shape, DataType dtype = DT_FLOAT) {
    return TestPlaceholder(b_, dtype, shape);
  }
  Output C(const Tensor& value) { return TestConstant(b_, value); }
  // The first output's shape, or what went wrong.
  std::string ShapeOf(absl::string_view type, std::vector<Input> inputs) {
    GraphBuilder b(graph_.get());
    const Output out = b.Op(type, std::move(inputs));
    return b.ok() ? ShapeText(out.shape()) : Raised(b.status());
  }
  std::string Reshape(const Output& shape) {
    return ShapeOf("Reshape", {P({2, 3}), shape});
  }

  std::shared_ptr<Graph> graph_;
  GraphBuilder b_;
};

TEST_F(ShapeInferenceTest, Broadcasting) {
  EXPECT_EQ(ShapeOf("Add", {P({2, -1}), P({-1, 3})}), "[2,3]");
  EXPECT_EQ(ShapeOf("Add", {P({2, 0}), P({-1, -1})}), "[2,?]");
  EXPECT_EQ(ShapeOf("Add", {P({2, 1}), P({-1, -1})}), "[2,?]");
  EXPECT_EQ(ShapeOf("Add", {P({4, 1}), P({3})}), "[4,3]");
  EXPECT_EQ(ShapeOf("Add", {P(PartialTensorShape()), P({3})}), "?");
  EXPECT_EQ(ShapeOf("Add", {P({2, 0}), P({2, 3})}),
            "ValueError: Dimensions must be equal, but are 0 and 3 for 'Add_5' "
            "(op: 'Add') with input shapes: [2,0], [2,3].");
  EXPECT_EQ(ShapeOf("Add", {P({2, 2}), P({4, 3, 3})}),
            "ValueError: Dimensions must be equal, but are 2 and 3 for 'Add_6' "
            "(op: 'Add') with input shapes: [2,2], [4,3,3].");
}

TEST_F(ShapeInferenceTest, Ranks) {
  EXPECT_EQ(ShapeOf("MatMul", {P({2}), P({4, 3})}),
            "ValueError: Shape must be rank 2 but is rank 1 for 'MatMul' (op: "
            "'MatMul') with input shapes: [2], [4,3].");
  EXPECT_EQ(ShapeOf("MatMul", {P(PartialTensorShape()), P({4, 3})}), "[?,3]");
}

TEST_F(ShapeInferenceTest, ShapesAreReadFromInputs) {
  EXPECT_EQ(Reshape(C(Tensor::Vector<int32_t>({3, 2}))), "[3,2]");
  EXPECT_EQ(Reshape(P({2}, DT_INT32)), "[?,?]");
  EXPECT_EQ(Reshape(P({-1}, DT_INT32)), "?");
  EXPECT_EQ(Reshape(b_.Op("Shape", {P({6, -1})})), "[6,?]");
  EXPECT_EQ(
      Reshape(b_.Op("Pack", {std::vector<Input>{C(Tensor::Scalar<int32_t>(3)),
                                                P({}, DT_INT32)}})),
      "[3,?]");
}

TEST_F(ShapeInferenceTest, PartialShapesAppearInTheError) {
  EXPECT_EQ(Reshape(C(Tensor::Vector<int32_t>({4}))),
            "ValueError: Cannot reshape a tensor with 6 elements to shape [4] "
            "(4 elements) for 'Reshape' (op: 'Reshape') with input shapes: "
            "[2,3], [1] and with input tensors computed as partial shapes: "
            "input[1] = [4].");
  EXPECT_EQ(Reshape(C(Tensor::Vector<int32_t>({-2, 2}))),
            "ValueError: Invalid value in tensor used for shape: -2");
  EXPECT_EQ(Reshape(P({1, 1}, DT_INT32)),
            "ValueError: Shape must be rank 1 but is rank 2 for 'Reshape_2' "
            "(op: 'Reshape') with input shapes: [2,3], [1,1].");
}

TEST_F(ShapeInferenceTest, ValuesAppearInTheErrorOnceTheyWereAskedFor) {
  EXPECT_EQ(ShapeOf("ConcatV2", {std::vector<Input>{P({2}), P({2})}, 1}),
            "ValueError: Shape must be at least rank 2 but is rank 1 for "
            "'ConcatV2' (op: 'ConcatV2') with input shapes: [2], [2], [] and "
            "with computed input tensors: input[2] = <1>.");
}

// Adds, as a kernel would.
absl::optional<std::vector<Tensor>> FoldAdd(const Operation& op,
                                            absl::Span<const Tensor> inputs) {
  if (op.type() != "Add") return absl::nullopt;
  Tensor sum = inputs[0];
  for (int32_t& value : sum.mutable_flat<int32_t>()) {
    value += inputs[1].scalar<int32_t>();
  }
  return std::vector<Tensor>{sum};
}

TEST_F(ShapeInferenceTest, ConstantSubgraphsAreFolded) {
  const Output one = C(Tensor::Scalar<int32_t>(1));
  const auto shape_plus_one = [&](const PartialTensorShape& shape) {
    return b_.Op("Add", {b_.Op("Shape", {P(shape)}), one});
  };
  EXPECT_EQ(
      ShapeOf("Reshape", {P(PartialTensorShape()), shape_plus_one({2, 3})}),
      "[?,?]");  // no kernels
  SetConstantFolder(FoldAdd);
  EXPECT_EQ(
      ShapeOf("Reshape", {P(PartialTensorShape()), shape_plus_one({2, 3})}),
      "[3,4]");
  EXPECT_EQ(
      ShapeOf("Reshape", {P(PartialTensorShape()), shape_plus_one({2, -1})}),
      "[?,?]");
}

TEST_F(ShapeInferenceTest, StatefulOpsAreNotFolded) {
  SetConstantFolder(FoldAdd);
  const Output v = TestVariable(b_, DT_INT32, TensorShape(), "v");
  EXPECT_FALSE(
      EvaluateConstant(b_.Op("Add", {v, C(Tensor::Scalar<int32_t>(1))}))
          .has_value());
}

TEST_F(ShapeInferenceTest, SetShape) {
  const Output p = P({2, 3});
  EXPECT_EQ(Raised(p.op->MergeOutputShape(0, {2, 4})),
            "ValueError: Dimension 1 in both shapes must be equal, but are 3 "
            "and 4. Shapes are [2,3] and [2,4].");
  EXPECT_EQ(Raised(p.op->MergeOutputShape(0, {2})),
            "ValueError: Shapes must be equal rank, but are 2 and 1");
  const Output q = P({-1, 3});
  EXPECT_EQ(Raised(q.op->MergeOutputShape(0, {2, -1})), "OK");
  EXPECT_EQ(q.shape().DebugString(), "[2,3]");
}

TEST_F(ShapeInferenceTest, HandleDataFollowsTheHandle) {
  const Output handle =
      b_.Op("VarHandleOp", {},
            {Attr("dtype", DT_FLOAT), Attr("shape", TensorShape({2}))});
  const Output same = b_.Op("Identity", {handle});
  ASSERT_NE(same.op->handle_data(0), nullptr);
  EXPECT_EQ(same.op->handle_data(0)->shape.DebugString(), "[2]");
  EXPECT_EQ(P({}).op->handle_data(0), nullptr);
}

TEST_F(ShapeInferenceTest, Subshape) {
  const Output op = P({});
  InferenceContext c(op.op);
  const Shape shape({1, 2, 3});
  EXPECT_EQ(ShapeText(*c.Subshape(shape, 1)), "[2,3]");
  EXPECT_EQ(ShapeText(*c.Subshape(shape, 0, -1)), "[1,2]");
  EXPECT_EQ(ShapeText(*c.Subshape(shape, -1)), "[3]");
  EXPECT_EQ(c.Subshape(shape, -4).status().message(),
            "Subshape start out of bounds: -4, for shape with rank 3");
  EXPECT_EQ(c.Subshape(shape, 2, 1).status().message(),
            "Subshape must have computed start <= end, but is 2 and 1 "
            "(computed from start 2 and end 1 over shape with rank 3)");
}

TEST_F(ShapeInferenceTest, ConstantValueFixesTheTensor) {
  const Output c = C(Tensor::Vector<int32_t>({1, 2}));
  EXPECT_TRUE(graph_->IsFeedable(c));
  ASSERT_TRUE(ConstantValue(c).has_value());
  EXPECT_FALSE(graph_->IsFeedable(c));
  const Output shape =
      b_.Op("Shape", {P({2, 3})}, {Attr("out_type", DT_INT64)});
  EXPECT_EQ(ConstantValue(shape)->SummarizeValues(9), "2 3");
  EXPECT_EQ(ConstantValue(shape)->dtype(), DT_INT64);
  EXPECT_FALSE(ConstantValue(b_.Op("Shape", {P({2, -1})})).has_value());
}

TEST_F(ShapeInferenceTest, ConstantValueAsShape) {
  const auto as_shape = [](const Output& output) {
    const absl::StatusOr<Shape> shape = ConstantValueAsShape(output);
    return shape.ok() ? shape->PythonString() : Raised(shape.status());
  };
  EXPECT_EQ(as_shape(C(Tensor::Vector<int32_t>({1, -2}))), "(1, ?)");
  EXPECT_EQ(as_shape(C(Tensor::Scalar<int32_t>(-1))), "<unknown>");
  EXPECT_EQ(as_shape(C(Tensor::Scalar<int32_t>(3))),
            "ValueError: Received a scalar value '3' as shape; require a "
            "statically known scalar with value '-1' to describe an unknown "
            "shape.");
  EXPECT_EQ(as_shape(P({1, 1}, DT_INT32)),
            "ValueError: Shape (1, 1) must have rank 1");
  EXPECT_EQ(as_shape(P({3}, DT_INT32)), "(?, ?, ?)");
  EXPECT_EQ(as_shape(P({-1}, DT_INT32)), "<unknown>");
  EXPECT_EQ(as_shape(b_.Op("Shape", {P({2, -1})})), "(2, ?)");
}

}  // namespace
}  // namespace retrograph
