#include "ops/operators.h"

#include "ops/builder_scope.h"

namespace retrograph {
namespace {

Output WithTensor(GraphBuilder& b, const char* type, const char* name,
                  const Output& x, const Input& y) {
  if (!b.ok()) return Output();
  BuilderScope scope(b, name);
  const Output other =
      b.Convert(y, DT_INVALID, "y", RemoveRefType(x.dtype()));
  return b.Op(type, {x, other}, {}, scope.full_name());
}

Output OnTensor(GraphBuilder& b, const char* type, const char* name,
                const Input& x, const Output& y) {
  if (!b.ok()) return Output();
  BuilderScope scope(b, name);
  const Output other = b.Convert(x, RemoveRefType(y.dtype()), "x");
  return b.Op(type, {other, y}, {}, scope.full_name());
}

}  // namespace

Output OperatorAdd(GraphBuilder& b, const Output& x, const Input& y) {
  return WithTensor(b, "AddV2", "add", x, y);
}
Output OperatorSub(GraphBuilder& b, const Output& x, const Input& y) {
  return WithTensor(b, "Sub", "sub", x, y);
}
Output OperatorMul(GraphBuilder& b, const Output& x, const Input& y) {
  return WithTensor(b, "Mul", "mul", x, y);
}
Output OperatorTrueDiv(GraphBuilder& b, const Output& x, const Input& y) {
  return WithTensor(b, "RealDiv", "truediv", x, y);
}
Output OperatorAddTo(GraphBuilder& b, const Input& x, const Output& y) {
  return OnTensor(b, "AddV2", "add", x, y);
}
Output OperatorMulOf(GraphBuilder& b, const Input& x, const Output& y) {
  return OnTensor(b, "Mul", "mul", x, y);
}
Output OperatorSubFrom(GraphBuilder& b, const Input& x, const Output& y) {
  return OnTensor(b, "Sub", "sub", x, y);
}

}  // namespace retrograph
