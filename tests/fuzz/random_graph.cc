#include "tests/fuzz/random_graph.h"

#include <cstdlib>
#include <iostream>
#include <iterator>
#include <utility>

#include "core/tensor_shape.h"
#include "graph/builder.h"
#include "ops/standard_ops.h"

namespace retrograph {
namespace fuzz {
namespace {

constexpr int kMostNodes = 24;

const OpRegistry* Registry() {
  RegisterStandardOps();
  return OpRegistry::Global();
}

const AttrValue* Find(const AttrList& attrs, const std::string& name) {
  for (const auto& attr : attrs) {
    if (attr.first == name) return &attr.second;
  }
  return nullptr;
}

// The types that constants have, the usual ones first.
constexpr DataType kTypes[] = {
    DT_FLOAT,  DT_INT32,  DT_INT64,     DT_BOOL,      DT_STRING, DT_DOUBLE,
    DT_UINT8,  DT_INT16,  DT_COMPLEX64, DT_HALF,      DT_INT8,   DT_UINT16,
    DT_UINT32, DT_UINT64, DT_BFLOAT16,  DT_COMPLEX128};

}  // namespace

RandomGraph::RandomGraph(FuzzInput* input)
    : input_(input),
      graph_(Graph::Create(Registry())),
      op_names_(Registry()->Names()) {}

void RandomGraph::Grow() {
  for (int i = 0; i < kMostNodes && !input_->empty(); ++i) AddAnyOp();
}

int64_t RandomGraph::PickNumber() {
  static constexpr int64_t kNumbers[] = {
      0,  1,  2,  3,   -1,        -2,        4,         5,
      7,  -3, 64, 33, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN,
      int64_t{1} << 31, int64_t{1} << 32, int64_t{1} << 40, int64_t{1} << 62,
      1000, 255, 256, -128};
  const uint8_t choice = input_->Byte();
  // Small numbers are likelier.
  return kNumbers[choice < 192 ? choice % 8 : choice % std::size(kNumbers)];
}

std::string RandomGraph::PickString() {
  static constexpr const char* kStrings[] = {
      "",     "a",  "SAME",     "VALID", "/d/m",    "%d",       "loc:@Const",
      "a b/", ":0", "/cpu:0",   "NHWC",  "\xff\xfe", "3 0,1",   "-",
      "0,1:-", "1e400", "9223372036854775808", "[a-", "(a+)+$", "{0}"};
  return kStrings[input_->Byte() % std::size(kStrings)];
}

TensorShapeProto RandomGraph::PickShape() {
  TensorShapeProto shape;
  const uint8_t choice = input_->Byte();
  if (choice % 16 == 15) {
    shape.set_unknown_rank(true);
    return shape;
  }
  const int rank = choice < 240 ? choice % 4 : 9;
  for (int i = 0; i < rank; ++i) shape.add_dim()->set_size(PickNumber());
  return shape;
}

TensorProto RandomGraph::PickValue(DataType dtype) {
  TensorProto proto;
  proto.set_dtype(dtype);
  *proto.mutable_tensor_shape() = PickShape();
  for (int count = input_->Byte() % 5; count > 0; --count) {
    if (dtype == DT_STRING) {
      proto.add_string_val(PickString());
      continue;
    }
    // In every field; the one of the type counts.
    const int64_t number = PickNumber();
    proto.add_int64_val(number);
    proto.add_uint64_val(static_cast<uint64_t>(number));
    proto.add_int_val(static_cast<int32_t>(number));
    proto.add_uint32_val(static_cast<uint32_t>(number));
    proto.add_bool_val(number != 0);
    proto.add_half_val(static_cast<int32_t>(number));
    proto.add_float_val(static_cast<float>(number));
    proto.add_double_val(static_cast<double>(number));
    proto.add_scomplex_val(static_cast<float>(number));
    proto.add_dcomplex_val(static_cast<double>(number));
  }
  return proto;
}

DataType RandomGraph::PickType(const OpDef::AttrDef& attr) {
  const auto& allowed = attr.allowed_values().list().type();
  if (!allowed.empty()) {
    return static_cast<DataType>(
        allowed[static_cast<int>(input_->Below(allowed.size()))]);
  }
  const uint8_t choice = input_->Byte();
  if (choice > 250) return static_cast<DataType>(choice - 230);
  return kTypes[choice % std::size(kTypes)];
}

AttrValue RandomGraph::PickAttr(const OpDef::AttrDef& attr) {
  AttrValue value;
  const std::string& type = attr.type();
  const bool is_list = type.compare(0, 5, "list(") == 0;
  int count = is_list ? input_->Byte() % 5 : 1;
  if (is_list) value.mutable_list();
  for (; count > 0; --count) {
    AttrValue::ListValue* const list = is_list ? value.mutable_list() : nullptr;
    if (type == "type") value.set_type(PickType(attr));
    if (type == "list(type)") list->add_type(PickType(attr));
    if (type == "int") value.set_i(PickNumber());
    if (type == "list(int)") list->add_i(PickNumber());
    if (type == "float") value.set_f(static_cast<float>(PickNumber()));
    if (type == "list(float)") list->add_f(static_cast<float>(PickNumber()));
    if (type == "bool") value.set_b(input_->Flag());
    if (type == "list(bool)") list->add_b(input_->Flag());
    if (type == "shape") *value.mutable_shape() = PickShape();
    if (type == "list(shape)") *list->add_shape() = PickShape();
    if (type == "tensor") *value.mutable_tensor() = PickValue(DT_FLOAT);
    if (type == "func") value.mutable_func()->set_name(PickString());
    if (type == "list(string)") list->add_s(PickString());
    if (type == "string") {
      const auto& allowed = attr.allowed_values().list().s();
      value.set_s(allowed.empty() ? PickString()
                                  : allowed[static_cast<int>(
                                        input_->Below(allowed.size()))]);
    }
  }
  return value;
}

Operation* RandomGraph::Make(NodeSpec spec) {
  // For finding out what a crash was about.
  static const bool tell = std::getenv("RETROGRAPH_FUZZ_TELL") != nullptr;
  if (tell) {
    NodeDef node;
    node.set_name(spec.name);
    node.set_op(spec.type);
    for (const Output& input : spec.inputs) node.add_input(input.name());
    for (const auto& [name, value] : spec.attrs) {
      (*node.mutable_attr())[name] = value;
    }
    std::cerr << "node { " << node.ShortDebugString() << " }\n";
  }
  const absl::StatusOr<Operation*> made = graph_->CreateOp(std::move(spec));
  if (!made.ok()) {
    if (tell) std::cerr << "  # " << made.status() << "\n";
    return nullptr;
  }
  for (int i = 0; i < (*made)->num_outputs(); ++i) {
    tensors_.push_back((*made)->output(i));
  }
  return *made;
}

Output RandomGraph::Constant(DataType dtype) {
  NodeSpec spec;
  spec.type = "Const";
  AttrValue value;
  *value.mutable_tensor() = PickValue(dtype);
  spec.attrs = {Attr("dtype", dtype), {"value", std::move(value)}};
  Operation* const op = Make(std::move(spec));
  return op == nullptr ? Output() : op->output(0);
}

Output RandomGraph::PickTensor(DataType dtype) {
  if (dtype == DT_RESOURCE) return PickHandle();
  if (input_->Byte() % 3 > 0) {
    std::vector<Output> fitting;
    for (const Output& tensor : tensors_) {
      if (RemoveRefType(tensor.dtype()) == dtype) fitting.push_back(tensor);
    }
    if (!fitting.empty()) return fitting[input_->Below(fitting.size())];
  }
  return Constant(dtype);
}

Output RandomGraph::PickReference(DataType dtype) {
  if (input_->Byte() % 3 > 0) {
    for (const Output& tensor : tensors_) {
      if (tensor.dtype() == MakeRefType(dtype)) return tensor;
    }
  }
  NodeSpec spec;
  spec.type = "VariableV2";
  AttrValue shape;
  *shape.mutable_shape() = PickShape();
  spec.attrs = {Attr("dtype", dtype), {"shape", std::move(shape)}};
  Operation* const op = Make(std::move(spec));
  return op == nullptr ? Output() : op->output(0);
}

Output RandomGraph::PickHandle() {
  if (input_->Byte() % 3 > 0) {
    for (const Output& tensor : tensors_) {
      if (tensor.dtype() == DT_RESOURCE) return tensor;
    }
  }
  NodeSpec spec;
  spec.type = "VarHandleOp";
  AttrValue shape;
  *shape.mutable_shape() = PickShape();
  spec.attrs = {Attr("dtype", kTypes[input_->Byte() % 3]),
                {"shape", std::move(shape)},
                Attr("shared_name", "v")};
  Operation* const op = Make(std::move(spec));
  return op == nullptr ? Output() : op->output(0);
}

bool RandomGraph::AddInputs(const OpDef::ArgDef& arg, const AttrList& attrs,
                            NodeSpec* spec) {
  std::vector<DataType> types;
  if (!arg.type_list_attr().empty()) {
    const AttrValue* const list = Find(attrs, arg.type_list_attr());
    if (list == nullptr) return false;
    for (const int type : list->list().type()) {
      types.push_back(static_cast<DataType>(type));
    }
  } else {
    DataType type = arg.type();
    if (!arg.type_attr().empty()) {
      const AttrValue* const attr = Find(attrs, arg.type_attr());
      if (attr == nullptr) return false;
      type = attr->type();
    }
    int64_t count = 1;
    if (!arg.number_attr().empty()) {
      const AttrValue* const number = Find(attrs, arg.number_attr());
      if (number == nullptr) return false;
      count = number->i();
    }
    if (count < 0 || count > 8) return false;
    types.assign(static_cast<size_t>(count), type);
  }
  for (const DataType type : types) {
    const Output input =
        arg.is_ref() ? PickReference(type) : PickTensor(type);
    if (input.op == nullptr) return false;
    spec->inputs.push_back(input);
  }
  return true;
}

void RandomGraph::AddAnyOp() {
  const std::string& name = op_names_[input_->Below(op_names_.size())];
  const OpDef& def = Registry()->Find(name)->def;
  NodeSpec spec;
  spec.type = name;
  for (const OpDef::AttrDef& attr : def.attr()) {
    if (attr.has_default_value() && input_->Byte() % 4 == 0) {
      spec.attrs.emplace_back(attr.name(), attr.default_value());
    } else {
      spec.attrs.emplace_back(attr.name(), PickAttr(attr));
    }
  }
  for (const OpDef::ArgDef& arg : def.input_arg()) {
    if (!AddInputs(arg, spec.attrs, &spec)) return;
  }
  Make(std::move(spec));
}

}  // namespace fuzz
}  // namespace retrograph
