#include "ops/dataset_factory.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/errors.h"
#include "graph/graph.h"
#include "graph/import.h"

namespace retrograph {
namespace {

// "node:argument:0" as a GraphDef has it: "node:0".
absl::StatusOr<std::string> InputInGraph(
    const std::string& input,
    const absl::flat_hash_map<std::string, const NodeDef*>& nodes,
    const OpRegistry& registry) {
  if (absl::StartsWith(input, "^")) return input;
  const std::vector<std::string> parts = absl::StrSplit(input, ':');
  const auto bad = [&] {
    return absl::InvalidArgumentError(
        absl::StrCat("A dataset's function cannot have the input ", input));
  };
  if (parts.size() != 3) return bad();
  const auto node = nodes.find(parts[0]);
  if (node == nodes.end()) return bad();
  RG_ASSIGN_OR_RETURN(const OpRegistration* op,
                      registry.LookUp(node->second->op()));
  int first = 0;
  for (const OpDef::ArgDef& arg : op->def.output_arg()) {
    if (arg.name() == parts[1]) {
      int offset = 0;
      for (char digit : parts[2]) offset = offset * 10 + (digit - '0');
      return absl::StrCat(parts[0], ":", first + offset);
    }
    // How many an argument of several outputs has is not looked at.
    if (!arg.number_attr().empty() || !arg.type_list_attr().empty()) {
      return bad();
    }
    ++first;
  }
  return bad();
}

// The function's body, as a graph, and the name of its only result in it.
absl::StatusOr<std::pair<GraphDef, std::string>> BodyOf(
    const FunctionDef& function, const OpRegistry& registry) {
  if (function.signature().input_arg_size() != 0 || function.ret_size() != 1) {
    return absl::InvalidArgumentError(
        "A dataset's function takes no arguments and has one result");
  }
  absl::flat_hash_map<std::string, const NodeDef*> nodes;
  for (const NodeDef& node : function.node_def()) nodes[node.name()] = &node;
  GraphDef body;
  for (const NodeDef& node : function.node_def()) {
    NodeDef* const copy = body.add_node();
    *copy = node;
    for (std::string& input : *copy->mutable_input()) {
      RG_ASSIGN_OR_RETURN(input, InputInGraph(input, nodes, registry));
    }
  }
  RG_ASSIGN_OR_RETURN(
      std::string result,
      InputInGraph(function.ret().begin()->second, nodes, registry));
  return std::make_pair(std::move(body), std::move(result));
}

using Done = absl::flat_hash_map<const Operation*, std::vector<Value>>;

// Runs an op and what it needs. A factory's pipeline is short: depth is no
// worry.
absl::Status RunWithInputs(Operation* op, const RunEnvironment& env,
                           Done* done) {
  if (done->contains(op)) return absl::OkStatus();
  std::vector<Value> inputs;
  for (int i = 0; i < op->num_inputs(); ++i) {
    const Output& from = op->input(i);
    RG_RETURN_IF_ERROR(RunWithInputs(from.op, env, done));
    inputs.push_back((*done)[from.op][from.index]);
  }
  RG_ASSIGN_OR_RETURN(const std::unique_ptr<Kernel> kernel, CreateKernel(*op));
  KernelContext ctx(op, absl::MakeSpan(inputs), &env);
  kernel->Compute(&ctx);
  RG_RETURN_IF_ERROR(ctx.status());
  (*done)[op] = std::move(ctx.outputs());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Tensor> RunDatasetFactory(const KernelContext& ctx) {
  const Graph& graph = *ctx.op().graph();
  const std::string& name =
      ctx.op().FindAttr("dataset_factory")->func().name();
  // Of nodes from the end on there are none: the library alone.
  const GraphDef library =
      graph.ToGraphDef(/*add_shapes=*/false, graph.num_operations());
  for (const FunctionDef& function : library.library().function()) {
    if (function.signature().name() != name) continue;
    RG_ASSIGN_OR_RETURN(const auto body, BodyOf(function, *graph.registry()));
    const std::shared_ptr<Graph> scratch = Graph::Create(graph.registry());
    ImportOptions options;
    options.name = "";
    options.return_elements = {body.second};
    RG_ASSIGN_OR_RETURN(const std::vector<Graph::Element> results,
                        ImportGraphDef(scratch.get(), body.first, options));
    const Output result = results[0].tensor;
    Done done;
    RG_RETURN_IF_ERROR(RunWithInputs(result.op, ctx.env(), &done));
    return done[result.op][result.index].tensor;
  }
  return absl::NotFoundError(
      absl::StrCat("Function ", name, " is not defined."));
}

}  // namespace retrograph
