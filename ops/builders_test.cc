// The expected nodes are what TensorFlow 1.15.5's Python API builds.
#include "ops/builders.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "graph/graph.h"
#include "gtest/gtest.h"
#include "ops/standard_ops.h"

namespace retrograph {
namespace {

using ::testing::ElementsAre;

class BuildersTest : public ::testing::Test {
 protected:
  BuildersTest()
      : graph_((RegisterStandardOps(), Graph::Create())), b_(graph_.get()) {}

  // "Mul u/mul(u/RandomUniform, u/sub)" for each node; a device follows "@".
  std::vector<std::string> Nodes() const {
    std::vector<std::string> lines;
    const GraphDef graph_def = graph_->ToGraphDef();
    for (const NodeDef& node : graph_def.node()) {
      lines.push_back(absl::StrCat(
          node.op(), " ", node.name(), "(", absl::StrJoin(node.input(), ", "),
          ")", node.device().empty() ? "" : " @", node.device()));
    }
    return lines;
  }
  int64_t Seed2(const std::string& name) const {
    int64_t seed = -1;
    const Operation* op = graph_->FindOperation(name);
    if (op != nullptr) op->GetAttr("seed2", &seed).IgnoreError();
    return seed;
  }

  std::shared_ptr<Graph> graph_;
  GraphBuilder b_;
};

TEST_F(BuildersTest, SmallZerosAreOneConstantInShortForm) {
  Zeros(b_, TensorShape({2, 3}), DT_FLOAT);
  ASSERT_TRUE(b_.ok()) << b_.status();
  EXPECT_THAT(Nodes(), ElementsAre("Const zeros()"));
  const GraphDef graph_def = graph_->ToGraphDef();
  const TensorProto& value = graph_def.node(0).attr().at("value").tensor();
  EXPECT_EQ(value.float_val_size(), 1);
  EXPECT_EQ(value.tensor_content(), "");
  EXPECT_EQ(value.tensor_shape().dim_size(), 2);
}

TEST_F(BuildersTest, LargeZerosAreFilled) {
  Zeros(b_, TensorShape({1000}), DT_FLOAT);
  Ones(b_, TensorShape({40, 40}), DT_INT32, "q");
  Ones(b_, TensorShape({999}), DT_BOOL);
  ASSERT_TRUE(b_.ok()) << b_.status();
  EXPECT_THAT(Nodes(),
              ElementsAre("Const zeros/shape_as_tensor()", "Const zeros/Const()",
                          "Fill zeros(zeros/shape_as_tensor, zeros/Const)",
                          "Const q/shape_as_tensor()", "Const q/Const()",
                          "Fill q(q/shape_as_tensor, q/Const)",
                          "Const ones()"));
}

TEST_F(BuildersTest, RandomUniformIsScaledIntoItsRange) {
  graph_->SetSeed(3);
  const Tensor shape = Tensor::Vector<int32_t>({2, 3});
  RandomUniform(b_, shape, 0, 1, DT_FLOAT, absl::nullopt);
  RandomUniform(b_, shape, -1.0, 1.0, DT_FLOAT, 4, "u");
  RandomUniform(b_, shape, 0, 10, DT_INT32, absl::nullopt);
  ASSERT_TRUE(b_.ok()) << b_.status();
  EXPECT_THAT(
      Nodes(),
      ElementsAre(
          "Const random_uniform/shape()", "Const random_uniform/min()",
          "Const random_uniform/max()",
          "RandomUniform random_uniform/RandomUniform(random_uniform/shape)",
          "Sub random_uniform/sub(random_uniform/max, random_uniform/min)",
          "Mul random_uniform/mul(random_uniform/RandomUniform, "
          "random_uniform/sub)",
          "Add random_uniform(random_uniform/mul, random_uniform/min)",
          "Const u/shape()", "Const u/min()", "Const u/max()",
          "RandomUniform u/RandomUniform(u/shape)", "Sub u/sub(u/max, u/min)",
          "Mul u/mul(u/RandomUniform, u/sub)", "Add u(u/mul, u/min)",
          "Const random_uniform_1/shape()", "Const random_uniform_1/min()",
          "Const random_uniform_1/max()",
          "RandomUniformInt random_uniform_1(random_uniform_1/shape, "
          "random_uniform_1/min, random_uniform_1/max)"));
  EXPECT_EQ(Seed2("random_uniform/RandomUniform"), 3);
  EXPECT_EQ(Seed2("u/RandomUniform"), 4);
  EXPECT_EQ(Seed2("random_uniform_1"), 17);
}

TEST_F(BuildersTest, NormalsAreScaledAndShifted) {
  const Tensor shape = Tensor::Vector<int32_t>({2});
  RandomNormal(b_, shape, 0, 1, DT_FLOAT, absl::nullopt);
  TruncatedNormal(b_, shape, 1.0, 2.0, DT_FLOAT, 5);
  ASSERT_TRUE(b_.ok()) << b_.status();
  EXPECT_THAT(
      Nodes(),
      ElementsAre(
          "Const random_normal/shape()", "Const random_normal/mean()",
          "Const random_normal/stddev()",
          "RandomStandardNormal "
          "random_normal/RandomStandardNormal(random_normal/shape)",
          "Mul random_normal/mul(random_normal/RandomStandardNormal, "
          "random_normal/stddev)",
          "Add random_normal(random_normal/mul, random_normal/mean)",
          "Const truncated_normal/shape()", "Const truncated_normal/mean()",
          "Const truncated_normal/stddev()",
          "TruncatedNormal "
          "truncated_normal/TruncatedNormal(truncated_normal/shape)",
          "Mul truncated_normal/mul(truncated_normal/TruncatedNormal, "
          "truncated_normal/stddev)",
          "Add truncated_normal(truncated_normal/mul, "
          "truncated_normal/mean)"));
}

TEST_F(BuildersTest, GroupHasOneNodeADevice) {
  Operation* a;
  {
    DeviceScope on(graph_.get(), "/cpu:0");
    a = NoOp(b_, "a");
  }
  Operation* b = NoOp(b_, "b");
  Operation* c;
  {
    DeviceScope on(graph_.get(), "/cpu:1");
    c = NoOp(b_, "c");
  }
  Group(b_, {a, b, c, a});
  Group(b_, {});
  Group(b_, {b}, "one");
  Group(b_, {a, c}, "two");
  Group(b_, {a}, "three");
  ASSERT_TRUE(b_.ok()) << b_.status();
  EXPECT_THAT(
      Nodes(),
      ElementsAre(
          "NoOp a() @/device:CPU:0", "NoOp b()", "NoOp c() @/device:CPU:1",
          "NoOp group_deps/NoOp(^b)", "NoOp group_deps/NoOp_1(^a) @/device:CPU:0",
          "NoOp group_deps/NoOp_2(^c) @/device:CPU:1",
          "NoOp group_deps(^group_deps/NoOp, ^group_deps/NoOp_1, "
          "^group_deps/NoOp_2)",
          "NoOp group_deps_1()", "NoOp one(^b)",
          "NoOp two/NoOp(^a) @/device:CPU:0",
          "NoOp two/NoOp_1(^c) @/device:CPU:1",
          "NoOp two(^two/NoOp, ^two/NoOp_1)",
          "NoOp three(^a) @/device:CPU:0"));
}

TEST_F(BuildersTest, CastOfTheSameTypeIsNoNode) {
  const Output x = Placeholder(b_, DT_FLOAT);
  EXPECT_EQ(Cast(b_, x, DT_FLOAT), x);
  Cast(b_, x, DT_INT32);
  Cast(b_, 3, DT_FLOAT);
  Cast(b_, Tensor::Vector<int32_t>({1, 2}), DT_INT32);
  Cast(b_, x, DT_INT32, "ToInt");
  ASSERT_TRUE(b_.ok()) << b_.status();
  EXPECT_THAT(Nodes(),
              ElementsAre("Placeholder Placeholder()", "Cast Cast(Placeholder)",
                          "Const Cast_1/x()", "Cast Cast_1(Cast_1/x)",
                          "Const Cast_2/x()", "Cast ToInt(Placeholder)"));
}

TEST_F(BuildersTest, PlainOpsNameTheirInputs) {
  const Output x = Placeholder(b_, DT_FLOAT, {-1, 2});
  PlaceholderWithDefault(b_, 1.0f, PartialTensorShape({}));
  Reshape(b_, x, Tensor::Vector<int32_t>({2, -1}));
  Fill(b_, Tensor::Vector<int32_t>({2}), 1.0f);
  Identity(b_, x);
  Constant(b_, Tensor::Scalar<float>(1));
  ASSERT_TRUE(b_.ok()) << b_.status();
  EXPECT_THAT(
      Nodes(),
      ElementsAre("Placeholder Placeholder()",
                  "Const PlaceholderWithDefault/input()",
                  "PlaceholderWithDefault "
                  "PlaceholderWithDefault(PlaceholderWithDefault/input)",
                  "Const Reshape/shape()",
                  "Reshape Reshape(Placeholder, Reshape/shape)",
                  "Const Fill/dims()", "Const Fill/value()",
                  "Fill Fill(Fill/dims, Fill/value)",
                  "Identity Identity(Placeholder)", "Const Const()"));
}

TEST_F(BuildersTest, NothingIsBuiltAfterAnError) {
  b_.Update(absl::InternalError("first"));
  EXPECT_FALSE(Zeros(b_, TensorShape({2}), DT_FLOAT).valid());
  EXPECT_EQ(Group(b_, {}), nullptr);
  EXPECT_EQ(graph_->num_operations(), 0);
  EXPECT_EQ(b_.status().message(), "first");
}

}  // namespace
}  // namespace retrograph
