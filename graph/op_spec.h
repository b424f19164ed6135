// The specs in which ops are declared: "x: Ref(T)", "N: int >= 1 = 2".
#ifndef RETROGRAPH_GRAPH_OP_SPEC_H_
#define RETROGRAPH_GRAPH_OP_SPEC_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "proto/op_def.pb.h"

namespace retrograph {

// "T: {float, double} = DT_FLOAT" and so on; see OpBuilder::Attr.
absl::Status ParseAttrSpec(absl::string_view spec, OpDef::AttrDef* attr);
// "values: N * T" and so on; see OpBuilder::Input. The attrs that it names must
// be in `def` by the time the registration is used, not yet here.
absl::Status ParseArgSpec(absl::string_view spec, OpDef::ArgDef* arg);
// An attr may be declared after the argument that names it. Turns the
// type_attr of arguments into a type_list_attr where the attr, by now, is known
// to be a list.
void ResolveTypeLists(OpDef* def);

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_OP_SPEC_H_
