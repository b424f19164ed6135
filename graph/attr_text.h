// Attr values as TensorFlow's C++ messages print them: DT_FLOAT, "abc", [1, 2].
#ifndef RETROGRAPH_GRAPH_ATTR_TEXT_H_
#define RETROGRAPH_GRAPH_ATTR_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "proto/attr_value.pb.h"
#include "proto/op_def.pb.h"

namespace retrograph {

// SummarizeAttrValue.
std::string SummarizeAttrValue(const AttrValue& value);

// "int", "list(type)", "shape", ...: the kind of attr that `value` holds. An
// empty list is "list"; "" if nothing is set.
std::string AttrValueKind(const AttrValue& value);
// True if an attr of type `attr_type` ("list(int)") may hold `value`.
bool AttrValueHasType(const AttrValue& value, absl::string_view attr_type);

// Equality of meaning, as far as default values need it: by serialised bytes.
bool AttrValuesEqual(const AttrValue& a, const AttrValue& b);

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_ATTR_TEXT_H_
