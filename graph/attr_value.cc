// MakeAttr: AttrValues from C++ values.
#include "core/tensor_proto.h"
#include "graph/builder.h"

namespace retrograph {

AttrValue MakeAttr(int64_t value) {
  AttrValue attr;
  attr.set_i(value);
  return attr;
}

AttrValue MakeAttr(int value) { return MakeAttr(static_cast<int64_t>(value)); }

AttrValue MakeAttr(bool value) {
  AttrValue attr;
  attr.set_b(value);
  return attr;
}

AttrValue MakeAttr(float value) {
  AttrValue attr;
  attr.set_f(value);
  return attr;
}

AttrValue MakeAttr(DataType value) {
  AttrValue attr;
  attr.set_type(value);
  return attr;
}

AttrValue MakeAttr(const char* value) {
  return MakeAttr(absl::string_view(value));
}

AttrValue MakeAttr(absl::string_view value) {
  AttrValue attr;
  attr.set_s(std::string(value));
  return attr;
}

AttrValue MakeAttr(const std::string& value) {
  return MakeAttr(absl::string_view(value));
}

AttrValue MakeAttr(const PartialTensorShape& value) {
  AttrValue attr;
  value.AsProto(attr.mutable_shape());
  return attr;
}

AttrValue MakeAttr(const TensorShape& value) {
  AttrValue attr;
  value.AsProto(attr.mutable_shape());
  return attr;
}

AttrValue MakeAttr(const Tensor& value) {
  AttrValue attr;
  *attr.mutable_tensor() = MakeTensorProto(value);
  return attr;
}

AttrValue MakeAttr(const DataTypeVector& value) {
  AttrValue attr;
  AttrValue::ListValue* list = attr.mutable_list();
  for (const DataType type : value) list->add_type(type);
  return attr;
}

AttrValue MakeAttr(const std::vector<int64_t>& value) {
  AttrValue attr;
  AttrValue::ListValue* list = attr.mutable_list();
  for (const int64_t i : value) list->add_i(i);
  return attr;
}

AttrValue MakeAttr(const std::vector<std::string>& value) {
  AttrValue attr;
  AttrValue::ListValue* list = attr.mutable_list();
  for (const std::string& s : value) list->add_s(s);
  return attr;
}

AttrValue MakeAttr(const std::vector<float>& value) {
  AttrValue attr;
  AttrValue::ListValue* list = attr.mutable_list();
  for (const float f : value) list->add_f(f);
  return attr;
}

AttrValue MakeAttr(const std::vector<PartialTensorShape>& value) {
  AttrValue attr;
  AttrValue::ListValue* list = attr.mutable_list();
  for (const PartialTensorShape& shape : value) {
    shape.AsProto(list->add_shape());
  }
  return attr;
}

}  // namespace retrograph
