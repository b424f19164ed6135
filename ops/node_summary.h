// Attrs of a node as TensorFlow's error texts show them.
#ifndef RETROGRAPH_OPS_NODE_SUMMARY_H_
#define RETROGRAPH_OPS_NODE_SUMMARY_H_

#include <string>

#include "graph/operation.h"
#include "proto/attr_value.pb.h"

namespace retrograph {

// "DT_FLOAT", "false", "1", "\"a\"", "[2,?]", "[DT_FLOAT, DT_INT32]",
// "Tensor<type: float shape: [2] values: 1 2>".
std::string SummarizeAttrValue(const AttrValue& value);

// "T=DT_UINT32, exclusive=false": attrs whose names start with "_" included.
std::string SummarizeAttrs(const Operation& op);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_NODE_SUMMARY_H_
