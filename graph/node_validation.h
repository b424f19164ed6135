// Whether a node fits its OpDef, with TensorFlow's texts where it does not.
//
// Internal to graph/. Source: core/framework/node_def_util.cc, op_def_util.cc.
#ifndef RETROGRAPH_GRAPH_NODE_VALIDATION_H_
#define RETROGRAPH_GRAPH_NODE_VALIDATION_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "graph/op_signature.h"
#include "graph/operation.h"

namespace retrograph {

// [A-Za-z0-9.][A-Za-z0-9_.\-/]*
bool IsValidOpName(absl::string_view name);
// The same, but "_", "-" and "/" may come first, and it may be empty.
bool IsValidScopeName(absl::string_view name);

// Sorts `attrs` by name, adds the defaults and checks every value.
// InvalidArgument for an attr that is unknown, missing, of another kind or not
// allowed. Attrs that start with "_" may be anything.
absl::Status CompleteAttrs(const OpSignature& signature,
                           absl::string_view node_name, AttrList* attrs);

// Whether a value of type `actual` may go where `expected` is asked for: a ref
// is as good as its value.
bool TypesCompatible(DataType expected, DataType actual);

// InvalidArgument "Input 0 of node q was passed float from p:0 incompatible
// with expected int32.", or for another number of inputs.
absl::Status CheckInputTypes(const OpSignature& signature,
                             absl::string_view node_name,
                             absl::Span<const DataType> expected,
                             absl::Span<const Output> inputs);

// "float, int32_ref".
std::string DataTypesText(absl::Span<const DataType> types);

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_NODE_VALIDATION_H_
