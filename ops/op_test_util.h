// Runs ops in tests, without a session.
//
// Example:
//   auto sum = RunOp("Add", {Tensor::Scalar(1.0f), Tensor::Scalar(2.0f)});
//   ASSERT_TRUE(sum.ok()) << sum.status();
//   EXPECT_EQ((*sum)[0].scalar<float>(), 3.0f);
//
// RunOp gives the op placeholders of unknown shape, so what is reported is the
// kernel's own error; InferShapes asks the shape function alone.
//
// OpRunner evaluates whole graphs, variables included, as a session with one
// thread would (no control flow): for tests of stateful ops and of builders.
#ifndef RETROGRAPH_OPS_OP_TEST_UTIL_H_
#define RETROGRAPH_OPS_OP_TEST_UTIL_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/tensor.h"
#include "graph/builder.h"
#include "graph/graph.h"
#include "ops/kernel.h"
#include "ops/resource_manager.h"

namespace retrograph {

// Outputs of one op on flat inputs (list arguments one tensor after the
// other). Attrs that follow from the inputs need not be given.
absl::StatusOr<std::vector<Tensor>> RunOp(absl::string_view type,
                                          const std::vector<Tensor>& inputs,
                                          const AttrList& attrs = {});
// The same for ops with one output.
absl::StatusOr<Tensor> RunOp1(absl::string_view type,
                              const std::vector<Tensor>& inputs,
                              const AttrList& attrs = {});

// An input for InferShapes: a placeholder of a shape, or a constant.
struct ShapeTestInput {
  ShapeTestInput(const PartialTensorShape& shape_in,  // NOLINT
                 DataType dtype_in = DT_FLOAT)
      : shape(shape_in), dtype(dtype_in) {}
  ShapeTestInput(const Tensor& value_in) : value(value_in) {}  // NOLINT
  PartialTensorShape shape;
  DataType dtype = DT_INVALID;
  Tensor value;  // if initialised, a constant
};
// The shapes of the op's outputs in text ("[2,?]", "<unknown>"), or the error
// of building it.
absl::StatusOr<std::vector<std::string>> InferShapes(
    absl::string_view type, const std::vector<ShapeTestInput>& inputs,
    const AttrList& attrs = {});

class OpRunner {
 public:
  explicit OpRunner(FileSystem* file_system = nullptr);

  const std::shared_ptr<Graph>& graph() const { return graph_; }
  GraphBuilder& builder() { return builder_; }
  ResourceManager* resources() { return &resources_; }

  // The value of `output` (of a ref variable: what it holds now). Everything
  // it depends on runs once. `feeds` stand in for what they name.
  absl::StatusOr<Tensor> Evaluate(
      const retrograph::Output& output,
      const std::vector<std::pair<retrograph::Output, Tensor>>& feeds = {});
  // Runs an operation for its effect.
  absl::Status Run(
      Operation* op,
      const std::vector<std::pair<retrograph::Output, Tensor>>& feeds = {});
  // Runs just `op` on these input values.
  absl::StatusOr<std::vector<Value>> RunNode(Operation* op,
                                             std::vector<Value> inputs);

 private:
  using Done = absl::flat_hash_map<const Operation*, std::vector<Value>>;
  absl::Status RunWithInputs(Operation* op, Done* done);

  std::shared_ptr<Graph> graph_;
  GraphBuilder builder_;
  ResourceManager resources_;
  RunEnvironment env_;
  std::map<const Operation*, std::unique_ptr<Kernel>> kernels_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_OP_TEST_UTIL_H_
