// A few ops for graph/'s own tests, with TensorFlow's signatures, and what
// tests say of errors.
#ifndef RETROGRAPH_GRAPH_TEST_OPS_H_
#define RETROGRAPH_GRAPH_TEST_OPS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "graph/builder.h"
#include "graph/op_registry.h"

namespace retrograph {

// Const, NoOp, Identity, Placeholder, Add, AddV2, MatMul, AddN, Pack, ConcatV2,
// LogicalAnd, IdentityN, Shape, Reshape, VariableV2, Assign, Merge,
// NextIteration, Conv2D, RestoreV2, ...
const OpRegistry* TestOps();

// "ValueError: 'a b' is not a valid scope name", or "OK".
std::string Raised(const absl::Status& status);
template <typename T>
std::string Raised(const absl::StatusOr<T>& status_or) {
  return Raised(status_or.status());
}

// A Placeholder.
Output TestPlaceholder(GraphBuilder& b, DataType dtype,
                       const PartialTensorShape& shape = PartialTensorShape(),
                       absl::string_view name = "Placeholder");
// tf.constant.
Output TestConstant(GraphBuilder& b, const Tensor& value,
                    absl::string_view name = "Const");
// A ref variable without the ops around it.
Output TestVariable(GraphBuilder& b, DataType dtype, const TensorShape& shape,
                    absl::string_view name);

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_TEST_OPS_H_
