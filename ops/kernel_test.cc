#include "ops/kernel.h"

#include <string>
#include <utility>
#include <vector>

#include "core/status_matchers.h"
#include "gtest/gtest.h"
#include "ops/op_test_util.h"

namespace retrograph {
namespace {

Tensor Two() { return Tensor::Vector<float>({1, 2}); }

class KernelTest : public ::testing::Test {
 protected:
  // A node of type Identity to make contexts for.
  Operation* Node() {
    return runner_.builder()
        .Op("Identity", {Two()}, {}, "i")
        .op;
  }
  OpRunner runner_;
  RunEnvironment env_;
};

TEST_F(KernelTest, ForwardOrAllocateTakesABufferThatNobodyElseHolds) {
  std::vector<Value> inputs(1);
  inputs[0].tensor = Two();
  const void* buffer = inputs[0].tensor.data();
  KernelContext ctx(Node(), absl::MakeSpan(inputs), &env_);
  Tensor out = ctx.ForwardOrAllocate(0, DT_FLOAT, TensorShape({2, 1}));
  EXPECT_EQ(out.data(), buffer);
  EXPECT_EQ(out.shape(), TensorShape({2, 1}));
  EXPECT_FALSE(out.BufferIsShared());
}

TEST_F(KernelTest, ForwardOrAllocateLeavesASharedBufferAlone) {
  const Tensor held = Two();
  std::vector<Value> inputs(1);
  inputs[0].tensor = held;
  KernelContext ctx(Node(), absl::MakeSpan(inputs), &env_);
  EXPECT_FALSE(ctx.ForwardOrAllocate(0, DT_FLOAT, TensorShape({2}))
                   .SharesBufferWith(held));
  EXPECT_TRUE(ctx.input(0).IsInitialized());
}

TEST_F(KernelTest, ForwardOrAllocateNeedsTheSameDtypeAndSize) {
  for (const auto& wanted :
       {std::make_pair(DT_INT32, TensorShape({2})),
        std::make_pair(DT_FLOAT, TensorShape({3}))}) {
    std::vector<Value> inputs(1);
    inputs[0].tensor = Two();
    const void* buffer = inputs[0].tensor.data();
    KernelContext ctx(Node(), absl::MakeSpan(inputs), &env_);
    const Tensor out = ctx.ForwardOrAllocate(0, wanted.first, wanted.second);
    EXPECT_NE(out.data(), buffer);
    EXPECT_EQ(out.dtype(), wanted.first);
  }
}

TEST_F(KernelTest, AllocateReportsWhatCannotBeHad) {
  std::vector<Value> inputs(1);
  KernelContext ctx(Node(), absl::MakeSpan(inputs), &env_);
  const Tensor out =
      ctx.Allocate(DT_DOUBLE, TensorShape({int64_t{1} << 50}));
  EXPECT_FALSE(out.IsInitialized());
  EXPECT_EQ(ctx.status().code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(KernelTest, TheFirstErrorIsKept) {
  std::vector<Value> inputs(1);
  KernelContext ctx(Node(), absl::MakeSpan(inputs), &env_);
  ctx.SetStatus(absl::NotFoundError("first"));
  ctx.SetStatus(absl::InternalError("second"));
  EXPECT_EQ(ctx.status().message(), "first");
}

TEST_F(KernelTest, TakesReferenceSpreadsListArguments) {
  GraphBuilder& b = runner_.builder();
  const AttrList attrs = {Attr("shape", TensorShape()),
                          Attr("dtype", DT_FLOAT)};
  const Output v = b.Op("VariableV2", {}, attrs);
  const Output w = b.Op("VariableV2", {}, attrs);
  const Output assign = b.Op("Assign", {v, 1.0f});
  EXPECT_EQ(TakesReference(*assign.op), (std::vector<bool>{true, false}));
  const Output select =
      b.Op("RefSelect", {0, Input(std::vector<Input>{v, w})});
  ASSERT_TRUE(b.ok()) << b.status();
  EXPECT_EQ(TakesReference(*select.op),
            (std::vector<bool>{false, true, true}));
}

TEST_F(KernelTest, SwitchKillsTheOtherSide) {
  GraphBuilder& b = runner_.builder();
  Operation* op = b.AddOp("Switch", {Two(), true});
  ASSERT_TRUE(b.ok()) << b.status();
  std::vector<Value> inputs(2);
  inputs[0].tensor = Two();
  inputs[1].tensor = Tensor::Scalar<bool>(true);
  RG_ASSERT_OK_AND_ASSIGN(std::vector<Value> outputs,
                          runner_.RunNode(op, inputs));
  EXPECT_TRUE(outputs[0].is_dead);
  EXPECT_FALSE(outputs[1].is_dead);
  EXPECT_TRUE(TensorsIdentical(outputs[1].tensor, Two()));
}

TEST_F(KernelTest, MergePassesTheLiveInputAndItsNumber) {
  GraphBuilder& b = runner_.builder();
  Operation* op =
      b.AddOp("Merge", {Input(std::vector<Input>{Two(), Two()})});
  ASSERT_TRUE(b.ok()) << b.status();
  std::vector<Value> inputs(2);
  inputs[0].is_dead = true;
  inputs[1].tensor = Two();
  RG_ASSERT_OK_AND_ASSIGN(std::vector<Value> outputs,
                          runner_.RunNode(op, inputs));
  EXPECT_TRUE(TensorsIdentical(outputs[0].tensor, Two()));
  EXPECT_EQ(outputs[1].tensor.scalar<int32_t>(), 1);
  inputs[1] = Value();
  inputs[1].is_dead = true;
  RG_ASSERT_OK_AND_ASSIGN(outputs, runner_.RunNode(op, inputs));
  EXPECT_TRUE(outputs[0].is_dead && outputs[1].is_dead);
}

TEST_F(KernelTest, MissingKernelIsNamedWithThoseThatExist) {
  const auto result =
      RunOp("LinSpace", {Tensor(DT_BFLOAT16, TensorShape()),
                         Tensor(DT_BFLOAT16, TensorShape()),
                         Tensor::Scalar<int32_t>(2)});
  EXPECT_THAT(
      result,
      StatusIs(absl::StatusCode::kInvalidArgument,
               "No OpKernel was registered to support Op 'LinSpace' used by "
               "{{node LinSpace}}with these attrs: [T=DT_BFLOAT16, "
               "Tidx=DT_INT32]\n"
               "Registered devices: [CPU, XLA_CPU]\n"
               "Registered kernels:\n"
               "  device='CPU'; T in [DT_DOUBLE]; Tidx in [DT_INT64]\n"
               "  device='CPU'; T in [DT_DOUBLE]; Tidx in [DT_INT32]\n"
               "  device='CPU'; T in [DT_FLOAT]; Tidx in [DT_INT64]\n"
               "  device='CPU'; T in [DT_FLOAT]; Tidx in [DT_INT32]\n"));
}

TEST_F(KernelTest, ConstantsAreFoldedForShapes) {
  GraphBuilder& b = runner_.builder();
  const Output dims = b.Op(
      "Pack", {Input(std::vector<Input>{b.Op("Mul", {2, 3}), Input(4)})});
  const Output filled = b.Op("Fill", {dims, 1.0f});
  ASSERT_TRUE(b.ok()) << b.status();
  EXPECT_EQ(filled.shape().DebugString(), "[6,4]");
}

TEST(ResourceManagerTest, TellsAMissingContainerFromAMissingResource) {
  ResourceManager resources;
  EXPECT_THAT(resources.Lookup<VariableValue>("c", "a", "T"),
              StatusIs(absl::StatusCode::kNotFound,
                       "Container c does not exist. (Could not find resource: "
                       "c/a)"));
  const auto make = [] { return std::make_shared<VariableValue>(); };
  RG_ASSERT_OK_AND_ASSIGN(
      auto made, resources.LookupOrCreate<VariableValue>("c", "a", make));
  RG_ASSERT_OK_AND_ASSIGN(
      auto again, resources.LookupOrCreate<VariableValue>("c", "a", make));
  EXPECT_EQ(made, again);
  EXPECT_THAT(resources.Lookup<ResourceVariable>("c", "a", "T"),
              StatusIs(absl::StatusCode::kNotFound,
                       "Resource c/a/T does not exist."));
  EXPECT_OK(resources.Delete("c", "a", typeid(VariableValue), "T"));
  EXPECT_THAT(resources.Delete("c", "a", typeid(VariableValue), "T"),
              StatusIs(absl::StatusCode::kNotFound,
                       "Resource c/a/T does not exist."));
}

TEST(ResourceManagerTest, ClearDropsAContainerOrAll) {
  ResourceManager resources;
  const auto make = [] { return std::make_shared<VariableValue>(); };
  for (const char* container : {"c", "d"}) {
    ASSERT_TRUE(resources.LookupOrCreate<VariableValue>(container, "a", make)
                    .ok());
  }
  resources.Clear("c");
  EXPECT_FALSE(resources.Lookup<VariableValue>("c", "a", "T").ok());
  EXPECT_TRUE(resources.Lookup<VariableValue>("d", "a", "T").ok());
  resources.Clear("");
  EXPECT_FALSE(resources.Lookup<VariableValue>("d", "a", "T").ok());
}

}  // namespace
}  // namespace retrograph
