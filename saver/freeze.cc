#include "saver/freeze.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/errors.h"
#include "core/tensor_proto.h"
#include "graph/graph_util.h"

namespace retrograph {
namespace {

using NodeAttrs = google::protobuf::Map<std::string, AttrValue>;

AttrValue AttrOrNone(const NodeDef& node, const std::string& name) {
  const auto it = node.attr().find(name);
  return it == node.attr().end() ? AttrValue() : it->second;
}

void CopyAttrIfThere(const NodeDef& from, const std::string& name,
                     NodeDef* to) {
  const auto it = from.attr().find(name);
  if (it != from.attr().end()) (*to->mutable_attr())[name] = it->second;
}

std::string InputName(const NodeDef& node, int index) {
  if (index >= node.input_size()) return std::string();
  const absl::string_view input = node.input(index);
  return std::string(input.substr(0, input.find(':')));
}

// A resource passes through these on its way from a variable to its reader.
bool PassesResources(const std::string& op) {
  static const auto* const ops = new std::set<std::string>{
      "Switch", "Enter", "Exit", "Identity", "Merge", "NextIteration"};
  return ops->count(op) > 0;
}

NodeDef ConstNode(const std::string& name, const AttrValue& dtype,
                  const Tensor& value) {
  NodeDef node;
  node.set_op("Const");
  node.set_name(name);
  (*node.mutable_attr())["dtype"] = dtype;
  *(*node.mutable_attr())["value"].mutable_tensor() = MakeTensorProto(value);
  return node;
}

class Freezer {
 public:
  Freezer(const GraphDef& graph_def, const FreezeOptions& options)
      : graph_def_(graph_def), options_(options) {}

  absl::Status FindVariables() {
    for (const NodeDef& node : graph_def_.node()) nodes_[node.name()] = &node;
    for (const NodeDef& node : graph_def_.node()) {
      if (node.op() == "Variable" || node.op() == "VariableV2" ||
          node.op() == "VarHandleOp") {
        AddVariable(node);
      } else if (node.op() == "ReadVariableOp" ||
                 node.op() == "ResourceGather") {
        RG_RETURN_IF_ERROR(FollowResource(node));
      }
    }
    return absl::OkStatus();
  }

  absl::Status FetchValues(Session* session) {
    std::vector<Tensor> values;
    if (!variables_.empty()) {
      RG_ASSIGN_OR_RETURN(values, session->RunByName({}, fetches_));
    }
    for (size_t i = 0; i < values.size(); ++i) {
      values_.emplace(variables_[i], std::move(values[i]));
    }
    Log(absl::StrCat("Froze ", values.size(), " variables."));
    return absl::OkStatus();
  }

  absl::StatusOr<GraphDef> Convert() {
    GraphDef frozen;
    int converted = 0;
    for (const NodeDef& node : graph_def_.node()) {
      const auto value = values_.find(node.name());
      if (value != values_.end()) {
        *frozen.add_node() = ConstNode(node.name(), AttrOrNone(node, "dtype"),
                                       value->second);
        ++converted;
      } else if (resource_types_.count(node.name()) > 0) {
        *frozen.add_node() = WithTypeOfValue(node);
      } else if (node.op() == "ReadVariableOp") {
        *frozen.add_node() = IdentityOf(node);
      } else if (node.op() == "ResourceGather") {
        RG_RETURN_IF_ERROR(AddGather(node, &frozen));
      } else {
        *frozen.add_node() = node;
      }
    }
    *frozen.mutable_library() = graph_def_.library();
    Log(absl::StrCat("Converted ", converted, " variables to const ops."));
    return frozen;
  }

 private:
  void AddVariable(const NodeDef& node) {
    if (options_.only.has_value() && options_.only->count(node.name()) == 0) {
      return;
    }
    if (options_.except.count(node.name()) > 0) return;
    variables_.push_back(node.name());
    fetches_.push_back(absl::StrCat(
        node.name(),
        node.op() == "VarHandleOp" ? "/Read/ReadVariableOp:0" : ":0"));
  }

  // Gives the nodes between a reader and its variable the type that is read.
  absl::Status FollowResource(const NodeDef& reader) {
    std::vector<std::string> sources = {InputName(reader, 0)};
    const auto follow = [&](const std::string& name) {
      if (resource_types_.emplace(name, AttrOrNone(reader, "dtype")).second) {
        sources.push_back(InputName(NodeOr(name), 0));
      }
    };
    while (!sources.empty() && PassesResources(OpOf(sources.front()))) {
      const std::string source = sources.back();
      sources.pop_back();
      follow(source);
      if (OpOf(source) == "Merge") follow(InputName(NodeOr(source), 1));
    }
    for (const std::string& source : sources) {
      if (OpOf(source) != "VarHandleOp") {
        return ValueError(
            "Cannot find the variable that is an input to the "
            "ReadVariableOp.");
      }
    }
    return absl::OkStatus();
  }

  const NodeDef& NodeOr(const std::string& name) const {
    const auto it = nodes_.find(name);
    return it == nodes_.end() ? NodeDef::default_instance() : *it->second;
  }
  const std::string& OpOf(const std::string& name) const {
    return NodeOr(name).op();
  }

  NodeDef WithTypeOfValue(const NodeDef& node) const {
    NodeDef typed;
    typed.set_op(node.op());
    typed.set_name(node.name());
    *typed.mutable_input() = node.input();
    *typed.mutable_attr() = node.attr();
    typed.mutable_attr()->erase("_output_shapes");
    (*typed.mutable_attr())["T"] = resource_types_.at(node.name());
    return typed;
  }

  static NodeDef IdentityOf(const NodeDef& read) {
    NodeDef identity;
    identity.set_op("Identity");
    identity.set_name(read.name());
    if (read.input_size() > 0) identity.add_input(read.input(0));
    (*identity.mutable_attr())["T"] = AttrOrNone(read, "dtype");
    CopyAttrIfThere(read, "_class", &identity);
    return identity;
  }

  static absl::Status AddGather(const NodeDef& node, GraphDef* frozen) {
    if (AttrOrNone(node, "batch_dims").i() != 0) {
      return ValueError("batch_dims != 0 is not supported by freeze_graph.");
    }
    const AttrValue index_type = AttrOrNone(node, "Tindices");
    const std::string axis = absl::StrCat(node.name(), "/axis");
    *frozen->add_node() =
        ConstNode(axis, index_type,
                  index_type.type() == DT_INT64 ? Tensor::Scalar<int64_t>(0)
                                                : Tensor::Scalar<int32_t>(0));
    NodeDef* gather = frozen->add_node();
    gather->set_op("GatherV2");
    gather->set_name(node.name());
    for (int i = 0; i < 2 && i < node.input_size(); ++i) {
      gather->add_input(node.input(i));
    }
    gather->add_input(axis);
    NodeAttrs& attrs = *gather->mutable_attr();
    attrs["Tparams"] = AttrOrNone(node, "dtype");
    attrs["Tindices"] = index_type;
    attrs["Taxis"] = index_type;
    CopyAttrIfThere(node, "_class", gather);
    return absl::OkStatus();
  }

  void Log(const std::string& message) const {
    if (options_.log) options_.log(LogLevel::kInfo, message);
  }

  const GraphDef& graph_def_;
  const FreezeOptions& options_;
  std::map<std::string, const NodeDef*> nodes_;
  std::vector<std::string> variables_;
  std::vector<std::string> fetches_;  // one each
  std::map<std::string, Tensor> values_;
  // By the names of nodes that pass a resource on.
  std::map<std::string, AttrValue> resource_types_;
};

}  // namespace

absl::StatusOr<GraphDef> ConvertVariablesToConstants(
    Session* session, const GraphDef& graph_def,
    const std::vector<std::string>& output_node_names,
    const FreezeOptions& options) {
  RG_ASSIGN_OR_RETURN(const GraphDef part,
                      ExtractSubGraph(graph_def, output_node_names));
  Freezer freezer(part, options);
  RG_RETURN_IF_ERROR(freezer.FindVariables());
  RG_RETURN_IF_ERROR(freezer.FetchValues(session));
  return freezer.Convert();
}

}  // namespace retrograph
