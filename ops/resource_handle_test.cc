#include "ops/resource_handle.h"

#include <string>
#include <vector>

#include "core/status_matchers.h"
#include "gtest/gtest.h"
#include "ops/op_test_util.h"

namespace retrograph {
namespace {

// TensorFlow's kernels read past the end of such a handle.
TEST(ResourceHandleTest, AHandleWithoutElementsIsAnError) {
  const Tensor none(DT_RESOURCE, TensorShape({0}));
  const Tensor one = Tensor::Scalar(1.0f);
  const AttrList dtype = {Attr("dtype", DT_FLOAT)};
  struct Case {
    std::string op;
    std::vector<Tensor> more_inputs;
    AttrList attrs;
  };
  for (const Case& c : std::vector<Case>{
           {"ReadVariableOp", {}, dtype},
           {"AssignVariableOp", {one}, {}},
           {"AssignAddVariableOp", {one}, {}},
           {"ResourceGather", {Tensor::Scalar(int32_t{0})}, dtype},
           {"DestroyResourceOp", {}, {}},
           {"ResourceApplyGradientDescent", {one, one}, {}},
           {"IteratorToStringHandle", {}, {}},
           {"QueueSizeV2", {}, {}},
           {"StackCloseV2", {}, {}},
           {"TensorArraySizeV3", {one}, {}},
       }) {
    std::vector<Tensor> inputs = {none};
    inputs.insert(inputs.end(), c.more_inputs.begin(), c.more_inputs.end());
    EXPECT_THAT(RunOp(c.op, inputs, c.attrs),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         "Resource handle is empty"))
        << c.op;
  }
}

}  // namespace
}  // namespace retrograph
