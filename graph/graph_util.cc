#include "graph/graph_util.h"

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "core/errors.h"

namespace retrograph {
namespace {

// "x" of "x:1" and "^x".
std::string NodeName(absl::string_view input) {
  if (absl::ConsumePrefix(&input, "^")) return std::string(input);
  return std::string(input.substr(0, input.find(':')));
}

// A node by its name; the last of several of that name.
struct NodeInOrder {
  const NodeDef* node;
  int position;
};
using NodesByName = std::map<std::string, NodeInOrder>;

// What a node needs: its inputs, and what it stands with.
std::vector<std::string> Needs(const NodeDef& node) {
  std::vector<std::string> names;
  for (const std::string& input : node.input()) {
    names.push_back(NodeName(input));
  }
  const auto groups = node.attr().find("_class");
  if (groups == node.attr().end()) return names;
  for (absl::string_view group : groups->second.list().s()) {
    if (absl::ConsumePrefix(&group, "loc:@")) names.emplace_back(group);
  }
  return names;
}

std::string WithoutCaret(absl::string_view input) {
  absl::ConsumePrefix(&input, "^");
  return std::string(input);
}

// A copy of the graph's nodes without some, each input put through `rename`,
// which returns "" for one to drop.
template <typename Rename>
GraphDef WithoutNodes(const GraphDef& graph_def,
                      const std::function<bool(const NodeDef&)>& is_removed,
                      const Rename& rename) {
  GraphDef result;
  for (const NodeDef& node : graph_def.node()) {
    if (is_removed(node)) continue;
    NodeDef* copy = result.add_node();
    *copy = node;
    copy->clear_input();
    for (const std::string& input : node.input()) {
      const std::string renamed = rename(input);
      if (!renamed.empty()) copy->add_input(renamed);
    }
  }
  return result;
}

// Identity nodes that can be replaced by their input, with that input: those
// that neither have control inputs nor are one.
std::map<std::string, std::string> IdentitiesToSplice(
    const GraphDef& graph_def, const std::set<std::string>& is_protected) {
  std::set<std::string> in_control_edges;
  for (const NodeDef& node : graph_def.node()) {
    for (const std::string& input : node.input()) {
      if (!absl::StrContains(input, '^')) continue;
      in_control_edges.insert(absl::StrReplaceAll(input, {{"^", ""}}));
      in_control_edges.insert(node.name());
    }
  }
  std::map<std::string, std::string> spliced;
  for (const NodeDef& node : graph_def.node()) {
    if (node.op() == "Identity" && node.input_size() > 0 &&
        is_protected.count(node.name()) == 0 &&
        in_control_edges.count(node.name()) == 0) {
      spliced[node.name()] = node.input(0);
    }
  }
  return spliced;
}

DataType TypeAttr(const NodeDef& node, const std::string& name) {
  const auto attr = node.attr().find(name);
  return attr == node.attr().end() ? DT_INVALID : attr->second.type();
}

bool IsVariableOp(const std::string& op) {
  static const auto* const ops = new std::set<std::string>{
      "Assign",     "AssignAdd",     "AssignSub",       "Queue",    "ScatterAdd",
      "ScatterSub", "ScatterUpdate", "TruncatedNormal", "Variable", "VariableV2"};
  return ops->count(op) > 0;
}

}  // namespace

absl::StatusOr<GraphDef> ExtractSubGraph(
    const GraphDef& graph_def, const std::vector<std::string>& dest_nodes) {
  NodesByName nodes;
  for (int i = 0; i < graph_def.node_size(); ++i) {
    nodes[NodeName(graph_def.node(i).name())] = {&graph_def.node(i), i};
  }
  for (const std::string& name : dest_nodes) {
    if (nodes.count(name) == 0) {
      return AssertionError(absl::StrCat(name, " is not in graph"));
    }
  }
  std::map<int, const NodeDef*> kept;  // by position
  std::set<std::string> seen;
  std::deque<std::string> to_do(dest_nodes.begin(), dest_nodes.end());
  while (!to_do.empty()) {
    const std::string name = std::move(to_do.front());
    to_do.pop_front();
    if (!seen.insert(name).second) continue;
    const auto found = nodes.find(name);
    if (found == nodes.end()) return KeyError(name);
    kept[found->second.position] = found->second.node;
    for (std::string& needed : Needs(*found->second.node)) {
      to_do.push_back(std::move(needed));
    }
  }
  GraphDef part;
  for (const auto& [position, node] : kept) *part.add_node() = *node;
  *part.mutable_library() = graph_def.library();
  *part.mutable_versions() = graph_def.versions();
  return part;
}

GraphDef RemoveTrainingNodes(const GraphDef& graph_def,
                             const std::vector<std::string>& protected_nodes) {
  const std::set<std::string> is_protected(protected_nodes.begin(),
                                           protected_nodes.end());
  std::set<std::string> checks;
  for (const NodeDef& node : graph_def.node()) {
    if (node.op() == "CheckNumerics" && is_protected.count(node.name()) == 0) {
      checks.insert(node.name());
    }
  }
  const GraphDef unchecked = WithoutNodes(
      graph_def,
      [&](const NodeDef& node) { return checks.count(node.name()) > 0; },
      [&](const std::string& input) {
        return checks.count(WithoutCaret(input)) > 0 ? std::string() : input;
      });

  std::map<std::string, std::string> spliced =
      IdentitiesToSplice(unchecked, is_protected);
  // Where an identity leads; "" for one in a circle.
  const auto source_of = [&](const std::string& input) {
    std::string source = input;
    for (size_t steps = 0; steps <= spliced.size(); ++steps) {
      const auto next = spliced.find(WithoutCaret(source));
      if (next == spliced.end()) return source;
      source = next->second;
    }
    return std::string();
  };
  std::vector<std::string> circle;
  for (const auto& [name, input] : spliced) {
    if (source_of(name).empty()) circle.push_back(name);
  }
  for (const std::string& name : circle) spliced.erase(name);
  return WithoutNodes(
      unchecked,
      [&](const NodeDef& node) { return spliced.count(node.name()) > 0; },
      source_of);
}

bool MustRunOnCpu(const NodeDef& node, bool pin_variables_on_cpu) {
  if (pin_variables_on_cpu && IsVariableOp(node.op())) return true;
  if (node.op() == "Const") {
    const DataType dtype = TypeAttr(node, "dtype");
    return dtype == DT_STRING || dtype == DT_INT32;
  }
  if (node.op() == "DynamicStitch" || node.op() == "ParallelDynamicStitch") {
    return TypeAttr(node, "T") == DT_INT32;
  }
  return node.op() == "Cast" && TypeAttr(node, "SrcT") == DT_INT32;
}

absl::StatusOr<PartialTensorShape> TensorShapeFromNodeDefName(
    const Graph& graph, absl::string_view input_name) {
  RG_ASSIGN_OR_RETURN(
      const Output tensor,
      graph.GetTensorByName(absl::StrContains(input_name, ':')
                                ? std::string(input_name)
                                : absl::StrCat(input_name, ":0")));
  return tensor.op->output_shape(tensor.index);
}

}  // namespace retrograph
