// OpSignature: an OpDef with its cross-references resolved, so that building a
// node compares integers and not names.
//
// Made once an op from its OpDef (OpRegistration::signature()); points into
// it. Immutable, so any thread may read it.
#ifndef RETROGRAPH_GRAPH_OP_SIGNATURE_H_
#define RETROGRAPH_GRAPH_OP_SIGNATURE_H_

#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/dtype.h"
#include "graph/operation.h"
#include "proto/op_def.pb.h"

namespace retrograph {

enum class AttrBase {
  kString,
  kInt,
  kFloat,
  kBool,
  kType,
  kShape,
  kTensor,
  kFunc,
};

struct OpSignature {
  struct Attr {
    const OpDef::AttrDef* def = nullptr;
    AttrBase base = AttrBase::kString;
    bool is_list = false;
    bool has_default = false;
    bool inferred = false;  // an input tells its value
    // Of a type attr: empty if every type is allowed.
    DataTypeVector allowed_types;

    const std::string& name() const { return def->name(); }
    bool Allows(DataType dtype) const;
  };
  struct Arg {
    const OpDef::ArgDef* def = nullptr;
    // One of the three says the type; the attrs are indices into `attrs`.
    DataType type = DT_INVALID;
    int type_attr = -1;
    int type_list_attr = -1;
    int number_attr = -1;  // repeated that often, if not -1
    bool is_ref = false;

    bool is_list() const { return number_attr >= 0 || type_list_attr >= 0; }
  };

  explicit OpSignature(const OpDef& def);

  const OpDef* def;
  std::vector<Attr> attrs;  // in the order of the OpDef
  std::vector<int> sorted;  // indices into attrs, by name
  std::vector<Arg> inputs;
  std::vector<Arg> outputs;

  int FindAttr(absl::string_view name) const;  // -1 if there is none
};

// The value of an attr in a sorted list, or null.
const AttrValue* FindAttrValue(const AttrList& sorted, absl::string_view name);

// A few types without a heap block: what an op takes or gives.
using TypeList = absl::InlinedVector<DataType, 4>;

// The types of `args` with `attrs` (sorted by name) filled in. InvalidArgument
// if an attr is missing or of another kind.
absl::Status ArgTypes(const OpSignature& signature,
                      absl::Span<const OpSignature::Arg> args,
                      const AttrList& attrs, TypeList* types);

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_OP_SIGNATURE_H_
