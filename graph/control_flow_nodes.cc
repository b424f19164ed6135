#include "graph/control_flow_nodes.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace retrograph {
namespace {

Output AddKeepingRef(GraphBuilder& b, absl::string_view type,
                     const Output& value, absl::string_view name = "") {
  if (!IsRefType(value.dtype())) return b.Op(type, {value}, {}, name);
  return b.Op(absl::StrCat("Ref", type), {value}, {}, name);
}

}  // namespace

Operation* AddSwitch(GraphBuilder& b, const Output& data, const Output& pred) {
  ColocateWith with_data(b.graph(), data.op, /*ignore_existing=*/true);
  return b.AddOp(IsRefType(data.dtype()) ? "RefSwitch" : "Switch",
                 {data, pred}, {}, "Switch");
}

Output AddMerge(GraphBuilder& b, const Output& first, const Output& second) {
  const bool is_ref = IsRefType(first.dtype()) && IsRefType(second.dtype());
  return b.Op(is_ref ? "RefMerge" : "Merge",
              {Input::List({first, second})}, {}, "Merge");
}

Output AddIdentity(GraphBuilder& b, const Output& value,
                   absl::string_view name) {
  return b.Op("Identity", {value}, {}, name);
}

Output AddNextIteration(GraphBuilder& b, const Output& value) {
  return AddKeepingRef(b, "NextIteration", value);
}

Output AddExit(GraphBuilder& b, const Output& value) {
  return AddKeepingRef(b, "Exit", value);
}

Output AddIdentityAfter(GraphBuilder& b, Operation* op, const Output& value) {
  NameScope scope(b.graph(), "control_dependency");
  ColocateWith with_value(b.graph(), value.op);
  ControlDependencies after(b.graph(), {op});
  return AddKeepingRef(b, "Identity", value, scope.full_name());
}

}  // namespace retrograph
