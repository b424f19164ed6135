#include <string>

#include "core/errors.h"
#include "gtest/gtest.h"
#include "ops/op_test_util.h"

namespace retrograph {
namespace {

class ResourceVariableOpsTest : public ::testing::Test {
 protected:
  Output Handle(const std::string& name = "v", DataType dtype = DT_FLOAT,
                const PartialTensorShape& shape = {3}) {
    return b().Op("VarHandleOp", {},
                  {Attr("shared_name", name), Attr("dtype", dtype),
                   Attr("shape", shape)});
  }
  Output Read(const Output& handle, DataType dtype = DT_FLOAT) {
    return b().Op("ReadVariableOp", {handle}, {Attr("dtype", dtype)});
  }
  Output Fed(const Tensor& value) {
    return b().Op("PlaceholderWithDefault", {value},
                  {Attr("shape", PartialTensorShape())});
  }
  // "" or the error of an op without outputs.
  std::string Do(const char* type, std::vector<Input> inputs,
                 AttrList attrs = {}) {
    Operation* op = b().AddOp(type, std::move(inputs), std::move(attrs));
    const absl::Status status = runner_.Run(op);
    return status.ok() ? ""
                       : ErrorClassName(status) + ": " +
                             std::string(status.message());
  }
  std::string Run(const Output& output) {
    auto value = runner_.Evaluate(output);
    if (!value.ok()) {
      return ErrorClassName(value.status()) + ": " +
             std::string(value.status().message());
    }
    return value->DebugString(10);
  }
  std::string Assign(const Output& handle) {
    return Do("AssignVariableOp",
              {handle, Tensor::Vector<float>({1, 2, 3})});
  }
  GraphBuilder& b() { return runner_.builder(); }

  OpRunner runner_;
};

TEST_F(ResourceVariableOpsTest, ReadGivesWhatWasAssigned) {
  const Output v = Handle();
  EXPECT_EQ(Assign(v), "");
  EXPECT_EQ(Run(Read(v)), "Tensor<type: float shape: [3] values: 1 2 3>");
}

TEST_F(ResourceVariableOpsTest, ReadTellsAMissingContainerFromAMissingValue) {
  const Output v = Handle();
  EXPECT_EQ(Run(Read(v)),
            "FailedPreconditionError: Error while reading resource variable v "
            "from Container: localhost. This could mean that the variable was "
            "uninitialized. Not found: Container localhost does not exist. "
            "(Could not find resource: localhost/v)");
  EXPECT_EQ(Assign(Handle("w")), "");
  EXPECT_EQ(Run(Read(v)),
            "FailedPreconditionError: Error while reading resource variable v "
            "from Container: localhost. This could mean that the variable was "
            "uninitialized. Not found: Resource "
            "localhost/v/N10tensorflow3VarE does not exist.");
}

TEST_F(ResourceVariableOpsTest, DtypesAreChecked) {
  EXPECT_EQ(Assign(Handle()), "");
  const Output other = Handle("v", DT_INT32, {1});
  EXPECT_EQ(Run(Read(other, DT_INT32)),
            "InvalidArgumentError: Trying to read variable with wrong dtype. "
            "Expected int32 got float");
  EXPECT_EQ(Do("AssignVariableOp", {other, Tensor::Vector<int32_t>({1})}),
            "InvalidArgumentError: Trying to assign variable with wrong dtype. "
            "Expected float got int32");
}

TEST_F(ResourceVariableOpsTest, AssignDoesNotLookAtTheStaticShape) {
  const Output v = Handle();
  EXPECT_EQ(Do("AssignVariableOp", {v, Fed(Tensor::Vector<float>({1, 2}))}),
            "");
  EXPECT_EQ(Run(Read(v)), "Tensor<type: float shape: [2] values: 1 2>");
}

TEST_F(ResourceVariableOpsTest, UpdatesAddAndNeedEqualShapes) {
  const Output v = Handle();
  const Tensor ones = Tensor::Vector<float>({1, 1, 1});
  EXPECT_EQ(Do("AssignAddVariableOp", {v, ones}),
            "NotFoundError: Container localhost does not exist. (Could not "
            "find resource: localhost/v)");
  EXPECT_EQ(Assign(v), "");
  EXPECT_EQ(Do("AssignAddVariableOp", {v, ones}), "");
  EXPECT_EQ(Do("AssignSubVariableOp", {v, Tensor::Vector<float>({0, 0, 5})}),
            "");
  EXPECT_EQ(Run(Read(v)), "Tensor<type: float shape: [3] values: 2 3 -1>");
  EXPECT_EQ(Do("AssignAddVariableOp", {v, Fed(Tensor::Vector<float>({1, 2}))}),
            "InvalidArgumentError: Cannot update variable with shape [3] using "
            "a Tensor with shape [2], shapes must be equal.");
}

TEST_F(ResourceVariableOpsTest, GatherAndScatterCheckIndices) {
  const Output v = Handle();
  EXPECT_EQ(Assign(v), "");
  const Tensor indices = Tensor::Vector<int32_t>({2, 0});
  EXPECT_EQ(Run(b().Op("ResourceGather", {v, indices},
                       {Attr("dtype", DT_FLOAT)})),
            "Tensor<type: float shape: [2] values: 3 1>");
  EXPECT_EQ(Run(b().Op("ResourceGather", {v, Tensor::Vector<int32_t>({0, 3})},
                       {Attr("dtype", DT_FLOAT)})),
            "InvalidArgumentError: indices[1] = 3 is not in [0, 3)");
  EXPECT_EQ(Do("ResourceScatterAdd",
               {v, indices, Tensor::Vector<float>({10, 20})}),
            "");
  EXPECT_EQ(Do("ResourceScatterUpdate", {v, Tensor::Vector<int32_t>({1}), 7.0f}),
            "");
  EXPECT_EQ(Run(Read(v)), "Tensor<type: float shape: [3] values: 21 7 13>");
  EXPECT_EQ(Do("ResourceScatterAdd",
               {v, indices, Fed(Tensor::Vector<float>({1, 1, 3}))}),
            "InvalidArgumentError: shape of indices ([2]) is not compatible "
            "with the shape of updates ([3])");
}

TEST_F(ResourceVariableOpsTest, DestroyForgetsTheValue) {
  const Output v = Handle();
  const Output is = b().Op("VarIsInitializedOp", {v});
  const AttrList strict = {Attr("ignore_lookup_error", false)};
  EXPECT_EQ(Do("DestroyResourceOp", {v}, strict),
            "NotFoundError: Container localhost does not exist.");
  EXPECT_EQ(Assign(v), "");
  EXPECT_EQ(Run(is), "Tensor<type: bool shape: [] values: 1>");
  EXPECT_EQ(Do("DestroyResourceOp", {v}, strict), "");
  EXPECT_EQ(Run(is), "Tensor<type: bool shape: [] values: 0>");
  EXPECT_EQ(Do("DestroyResourceOp", {v}, strict),
            "NotFoundError: Resource localhost/v/<unknown> does not exist.");
  EXPECT_EQ(Do("DestroyResourceOp", {v}), "");
}

TEST_F(ResourceVariableOpsTest, VariableShapeIsThatOfTheValue) {
  const Output v = Handle();
  EXPECT_EQ(Assign(v), "");
  EXPECT_EQ(Run(b().Op("VariableShape", {v}, {Attr("out_type", DT_INT64)})),
            "Tensor<type: int64 shape: [1] values: 3>");
}

TEST_F(ResourceVariableOpsTest, HandlesTellShapeAndDtypeWhileBuilding) {
  const Output v = Handle("v", DT_FLOAT, {3, -1});
  EXPECT_EQ(Read(v).shape().DebugString(), "[3,?]");
  Read(v, DT_INT32);
  EXPECT_EQ(std::string(b().status().message()),
            "Trying to read variable with wrong dtype. Expected float got "
            "int32 for 'ReadVariableOp_1' (op: 'ReadVariableOp') with input "
            "shapes: [].");
}

TEST_F(ResourceVariableOpsTest, RefAndResourceVariablesOfOneNameAreApart) {
  EXPECT_EQ(Assign(Handle()), "");
  const Output ref = b().Op("VariableV2", {},
                            {Attr("shape", TensorShape({1})),
                             Attr("dtype", DT_FLOAT)},
                            "v");
  EXPECT_EQ(Run(b().Op("IsVariableInitialized", {ref})),
            "Tensor<type: bool shape: [] values: 0>");
}

}  // namespace
}  // namespace retrograph
