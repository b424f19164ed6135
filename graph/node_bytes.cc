#include "graph/node_bytes.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "graph/operation.h"

namespace retrograph {
namespace {

constexpr absl::string_view kOutputShapes = "_output_shapes";

// A field's tag on the wire, where its contents have a length.
constexpr char Tag(int number) { return static_cast<char>(number << 3 | 2); }

size_t VarintSize(uint64_t value) {
  size_t size = 1;
  while (value >= 0x80) {
    value >>= 7;
    ++size;
  }
  return size;
}

void AppendVarint(uint64_t value, std::string* out) {
  while (value >= 0x80) {
    out->push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out->push_back(static_cast<char>(value));
}

// Appends a TensorShapeProto: without a message in between, since every node has
// shapes.
void AppendShape(const PartialTensorShape& shape, std::string* out) {
  for (const int64_t dim : shape.dims()) {
    const auto size = static_cast<uint64_t>(dim);  // -1 takes ten bytes
    out->push_back(Tag(TensorShapeProto::kDimFieldNumber));
    if (size == 0) {  // as any number that is 0, it is not written
      out->push_back(0);
      continue;
    }
    AppendVarint(1 + VarintSize(size), out);
    out->push_back(TensorShapeProto::Dim::kSizeFieldNumber << 3);
    AppendVarint(size, out);
  }
  if (shape.unknown_rank()) {
    out->push_back(TensorShapeProto::kUnknownRankFieldNumber << 3);
    out->push_back(1);
  }
}

// Only functions have maps, whose order must not change from run to run.
bool HasMap(const AttrValue& value) {
  return value.has_func() || (value.has_list() && value.list().func_size() > 0);
}

void AppendMessage(const AttrValue& value, size_t size, std::string* out) {
  if (HasMap(value)) {
    google::protobuf::io::StringOutputStream stream(out);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    value.SerializeWithCachedSizes(&coded);
    return;
  }
  const size_t begin = out->size();
  out->resize(begin + size);
  value.SerializeWithCachedSizesToArray(
      reinterpret_cast<uint8_t*>(&(*out)[begin]));
}

class NodeWriter {
 public:
  // Appends a field `node` of a GraphDef.
  void Append(const Operation& op, bool add_shapes, std::string* bytes) {
    node_.clear();
    AppendText(1, op.name());
    AppendText(2, op.type());
    AppendInputs(op);
    AppendText(4, op.device());
    AppendAttrs(op, add_shapes && op.num_outputs() > 0);
    AppendField(1, node_, bytes);
  }

 private:
  // Nothing for what is empty, as for any field of a NodeDef.
  void AppendText(int number, absl::string_view text) {
    if (!text.empty()) AppendField(number, text, &node_);
  }

  void AppendInputs(const Operation& op) {
    for (const Output& input : op.inputs()) {
      if (input.index == 0) {
        AppendField(3, input.op->name(), &node_);
      } else {
        AppendField(3, absl::StrCat(input.op->name(), ":", input.index),
                    &node_);
      }
    }
    controls_.clear();
    for (const Operation* control : op.control_inputs()) {
      controls_.push_back(control->name());
    }
    std::sort(controls_.begin(), controls_.end());
    for (const absl::string_view name : controls_) {
      node_.push_back(Tag(3));
      AppendVarint(name.size() + 1, &node_);
      node_.push_back('^');
      node_.append(name.data(), name.size());
    }
  }

  void AppendAttrs(const Operation& op, bool add_shapes) {
    for (const auto& [name, value] : op.attrs()) {
      if (add_shapes && name >= kOutputShapes) {
        AppendShapes(op, name == kOutputShapes ? &value : nullptr);
        add_shapes = false;
        if (name == kOutputShapes) continue;
      }
      AppendAttr(name, value);
    }
    if (add_shapes) AppendShapes(op, nullptr);
  }

  // The attr with the shapes, after those that it has already, if it is there.
  void AppendShapes(const Operation& op, const AttrValue* present) {
    if (present != nullptr) {
      AttrValue shapes = *present;
      for (int i = 0; i < op.num_outputs(); ++i) {
        op.output_shape(i).AsProto(shapes.mutable_list()->add_shape());
      }
      AppendAttr(kOutputShapes, shapes);
      return;
    }
    list_.clear();
    for (int i = 0; i < op.num_outputs(); ++i) {
      shape_.clear();
      AppendShape(op.output_shape(i), &shape_);
      AppendField(AttrValue::ListValue::kShapeFieldNumber, shape_, &list_);
    }
    AppendAttrHead(kOutputShapes, 1 + VarintSize(list_.size()) + list_.size());
    AppendField(AttrValue::kListFieldNumber, list_, &node_);
  }

  // An entry of the map: a message of the key and the value.
  void AppendAttr(absl::string_view name, const AttrValue& value) {
    const size_t value_size = value.ByteSizeLong();
    AppendAttrHead(name, value_size);
    AppendMessage(value, value_size, &node_);
  }

  // All of it but the value.
  void AppendAttrHead(absl::string_view name, size_t value_size) {
    node_.push_back(Tag(5));
    AppendVarint(1 + VarintSize(name.size()) + name.size() + 1 +
                     VarintSize(value_size) + value_size,
                 &node_);
    AppendField(1, name, &node_);
    node_.push_back(Tag(2));
    AppendVarint(value_size, &node_);
  }

  std::string node_;
  std::vector<absl::string_view> controls_;
  std::string list_, shape_;
};

}  // namespace

void AppendField(int number, absl::string_view contents, std::string* bytes) {
  bytes->push_back(Tag(number));
  AppendVarint(contents.size(), bytes);
  bytes->append(contents.data(), contents.size());
}

size_t BeginField(size_t expected, std::string* bytes) {
  const size_t begin = bytes->size();
  bytes->append(1 + VarintSize(expected), '\0');
  return begin;
}

void EndField(int number, size_t begin, size_t expected, std::string* bytes) {
  const size_t room = 1 + VarintSize(expected);
  std::string head(1, Tag(number));
  AppendVarint(bytes->size() - begin - room, &head);
  bytes->replace(begin, room, head);  // moves the contents if it has another size
}

void AppendNodeBytes(const Graph& graph, bool add_shapes, int first, int end,
                     std::string* bytes) {
  NodeWriter writer;
  for (int i = std::max(first, 0); i < end; ++i) {
    writer.Append(*graph.operation(i), add_shapes, bytes);
  }
}

GraphDef GraphDefWithoutNodes(const Graph& graph) {
  return graph.ToGraphDef(/*add_shapes=*/false,
                          std::numeric_limits<int>::max());
}

std::string GraphDefBytes(const Graph& graph, bool add_shapes,
                          int from_version) {
  const int end = graph.num_operations();
  std::string bytes;
  AppendNodeBytes(graph, add_shapes, from_version, end, &bytes);
  // Versions and library come after the nodes.
  const GraphDef rest = GraphDefWithoutNodes(graph);
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  rest.SerializeToCodedStream(&coded);
  return bytes;
}

}  // namespace retrograph
