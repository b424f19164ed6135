// Building operations: what op_def_library.apply_op is in TensorFlow.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/tensor_proto.h"
#include "graph/builder.h"
#include "graph/op_registry.h"
#include "ops/builders.h"
#include "python/bindings/bindings.h"
#include "python/bindings/support.h"
#include "python/bindings/tensors.h"

namespace retrograph {
namespace python {
namespace {

bool IsList(const OpDef::ArgDef& arg) {
  return !arg.number_attr().empty() || !arg.type_list_attr().empty();
}

const OpDef::AttrDef* FindAttrDef(const OpDef& def, const std::string& name) {
  for (const OpDef::AttrDef& attr : def.attr()) {
    if (attr.name() == name) return &attr;
  }
  return nullptr;
}

const OpRegistration* Registration(const std::string& type) {
  const OpRegistration* registration = OpRegistry::Global()->Find(type);
  if (registration == nullptr) {
    RaiseClass("RuntimeError", absl::StrCat("Unrecognized Op name ", type));
  }
  return registration;
}

Input ArgumentOf(const OpDef& def, int i, nb::handle value) {
  const OpDef::ArgDef& arg = def.input_arg(i);
  if (!IsList(arg)) return InputOf(value, def.name());
  if (!PyList_Check(value.ptr()) && !PyTuple_Check(value.ptr())) {
    RaiseClass("TypeError",
               absl::StrCat("Expected list for '", arg.name(), "' argument to '",
                            def.name(), "' Op, not ", ToStr(nb::str(value)),
                            "."));
  }
  std::vector<Input> list;
  for (nb::handle element : value) list.push_back(ElementOf(element));
  return Input(std::move(list));
}

// Adds an op. `inputs` are in the OpDef's order; attrs that are None or absent
// have their default or are inferred. Returns the operation's id.
int ApplyOp(const std::shared_ptr<Graph>& graph, const std::string& type,
            nb::tuple inputs, nb::dict attrs, const std::string& name) {
  CallSite call_site;
  const OpDef& def = Registration(type)->def;
  std::vector<Input> args;
  int i = 0;
  for (nb::handle value : inputs) args.push_back(ArgumentOf(def, i++, value));
  AttrList attr_list;
  for (auto [key, value] : attrs) {
    std::string attr_name = ToStr(key);
    const OpDef::AttrDef* attr = FindAttrDef(def, attr_name);
    if (attr == nullptr) {
      RaiseClass("TypeError", absl::StrCat("apply_op() got an unexpected "
                                           "keyword argument '",
                                           attr_name, "'"));
    }
    if (value.is_none() && attr->has_default_value()) continue;
    attr_list.emplace_back(attr_name, AttrOf(value, attr->type(), attr_name));
  }
  GraphBuilder b(graph.get());
  Operation* op = b.AddOp(type, std::move(args), std::move(attr_list), name);
  Check(b.status());
  RaiseDeviceError();
  return op->id();
}

// A Const of a TensorProto's value.
int AddConstant(const std::shared_ptr<Graph>& graph, nb::bytes tensor_proto,
                const std::string& name) {
  CallSite call_site;
  AttrValue value;
  *value.mutable_tensor() = Parsed<TensorProto>(tensor_proto);
  NodeSpec spec;
  spec.name = name;
  spec.type = "Const";
  spec.attrs.emplace_back("dtype", MakeAttr(value.tensor().dtype()));
  spec.attrs.emplace_back("value", std::move(value));
  const int id = Check(graph->CreateOp(std::move(spec)))->id();
  RaiseDeviceError();
  return id;
}

// A node that is spelled out (tf.Graph.create_op).
int CreateOp(const std::shared_ptr<Graph>& graph, const std::string& type,
             nb::list inputs, nb::bytes attrs, const std::string& name) {
  CallSite call_site;
  NodeSpec spec;
  spec.name = name;
  spec.type = type;
  for (nb::handle input : inputs) spec.inputs.push_back(OutputOf(input));
  NodeDef node = Parsed<NodeDef>(attrs);
  for (const auto& [key, value] : node.attr()) spec.attrs.emplace_back(key, value);
  return Check(graph->CreateOp(std::move(spec)))->id();
}

}  // namespace

void BindOps(nb::module_& m) {
  m.def("op_names", [] {
    nb::list names;
    for (const std::string& name : OpRegistry::Global()->Names()) {
      names.append(Utf8(name));
    }
    return names;
  });
  m.def("op_def", [](const std::string& type) -> nb::object {
    const OpRegistration* registration = OpRegistry::Global()->Find(type);
    if (registration == nullptr) return nb::none();
    return Serialized(registration->def);
  });
  m.def("apply_op", &ApplyOp);
  m.def("add_constant", &AddConstant);
  m.def("create_op", &CreateOp);
}

}  // namespace python
}  // namespace retrograph
