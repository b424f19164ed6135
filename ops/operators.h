// x + y, x - y, ... as Python's overloaded operators build them: in a name
// scope "add", "sub", ..., where a number becomes a constant of the other
// operand's type. Division is that of floats.
//
// Source: binary_op_wrapper of tensorflow/python/ops/math_ops.py (1.15).
#ifndef RETROGRAPH_OPS_OPERATORS_H_
#define RETROGRAPH_OPS_OPERATORS_H_

#include "graph/builder.h"

namespace retrograph {

// x is a tensor already.
Output OperatorAdd(GraphBuilder& b, const Output& x, const Input& y);
Output OperatorSub(GraphBuilder& b, const Output& x, const Input& y);
Output OperatorMul(GraphBuilder& b, const Output& x, const Input& y);
Output OperatorTrueDiv(GraphBuilder& b, const Output& x, const Input& y);
// y is a tensor, and x a number that takes its type: 1 - y.
Output OperatorAddTo(GraphBuilder& b, const Input& x, const Output& y);
Output OperatorMulOf(GraphBuilder& b, const Input& x, const Output& y);
Output OperatorSubFrom(GraphBuilder& b, const Input& x, const Output& y);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_OPERATORS_H_
