// OpMaker: one call of GraphBuilder::AddOp. Follows apply_op step by step, so
// that nodes come in the same order and errors have the same text.
//
// Internal to graph/. Source: tensorflow/python/framework/op_def_library.py.
#ifndef RETROGRAPH_GRAPH_OP_MAKER_H_
#define RETROGRAPH_GRAPH_OP_MAKER_H_

#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "graph/builder.h"
#include "graph/op_signature.h"

namespace retrograph {

class FunctionTrace;

class OpMaker {
 public:
  OpMaker(GraphBuilder* builder, const OpSignature& signature)
      : builder_(builder),
        graph_(builder->graph()),
        signature_(signature),
        known_(signature.attrs.size()) {}

  absl::StatusOr<Operation*> Make(std::vector<Input> inputs, AttrList attrs,
                                  absl::string_view name);

 private:
  // What is known of an attr from the inputs so far.
  struct Known {
    bool is_set = false;
    DataType type = DT_INVALID;  // of a type attr
    int64_t number = 0;          // of a number attr
    DataTypeVector types;        // of a type list attr
    absl::string_view from;      // the argument that told it
  };

  // ValueError if the inputs are of several graphs or not of the builder's.
  absl::Status CheckGraphs(const std::vector<Input>& inputs) const;
  absl::Status CheckDeprecation() const;

  // `scope` is the op's name.
  absl::StatusOr<Operation*> MakeInScope(const std::vector<Input>& inputs,
                                         AttrList attrs, std::string scope);
  absl::Status AddInputs(const std::vector<Input>& inputs);
  absl::Status AddSingle(const OpSignature::Arg& arg, const Input& input);
  absl::Status AddList(const OpSignature::Arg& arg, const Input& input);
  // Takes the types of an argument's tensors, the last `count` of inputs_, into
  // the attrs that they tell.
  absl::Status InferAttrs(const OpSignature::Arg& arg, size_t count);
  absl::Status InferNumber(const OpSignature::Arg& arg, size_t count);
  absl::Status InferType(const OpSignature::Arg& arg, DataType type,
                         bool from_list);
  absl::Status InferTypeList(const OpSignature::Arg& arg,
                             const DataTypeVector& types);
  absl::Status CheckAllowed(int attr, DataType type,
                            absl::string_view parameter) const;
  absl::Status CheckRefs(const OpSignature::Arg& arg, size_t count) const;

  // Convert() of the builder, whose status stays OK.
  absl::StatusOr<Output> Convert(const Input& input, DataType dtype,
                                 absl::string_view name, DataType preferred,
                                 bool as_ref);
  // The type that an input has by itself, for messages: "float32".
  std::string ObservedType(const Input& input, bool as_ref);
  // What AddSingle says when a conversion fails.
  absl::Status SingleError(const OpSignature::Arg& arg, const Input& input,
                           DataType dtype, const absl::Status& error);
  // What AddList says, given the types that the elements have.
  absl::Status ListError(const OpSignature::Arg& arg, const Input& input,
                         DataType dtype,
                         const std::vector<std::string>& observed) const;

  // Adds the inferred attrs to the given ones and checks these.
  absl::Status AddAttrs(AttrList* attrs) const;
  // ValueError if a list is shorter than the attr's minimum.
  absl::Status CheckLength(const OpSignature::Attr& attr, size_t length) const;
  absl::Status CheckGivenAttr(const OpSignature::Attr& attr,
                              AttrValue* value) const;

  DataType DefaultType(int attr) const;
  absl::StatusOr<Operation*> Create(NodeSpec spec) const;
  const std::string& op_type() const { return signature_.def->name(); }

  GraphBuilder* builder_;
  Graph* graph_;
  const OpSignature& signature_;
  FunctionTrace* trace_ = nullptr;  // if the graph is the body of a function
  absl::InlinedVector<Known, 4> known_;  // by attr
  std::vector<Output> inputs_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_OP_MAKER_H_
