#include "graph/function_def.h"

#include <cctype>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/errors.h"
#include "graph/builder.h"
#include "graph/import.h"
#include "graph/op_signature.h"
#include "graph/unique_id.h"

namespace retrograph {
namespace {

// ---- Making ----

// Small letters, digits and underscores, a letter first.
std::string ArgumentName(std::string name) {
  for (char& c : name) {
    c = std::isalnum(static_cast<unsigned char>(c))
            ? static_cast<char>(std::tolower(static_cast<unsigned char>(c)))
            : '_';
  }
  for (size_t i = 0; i < name.size(); ++i) {
    if (std::isalpha(static_cast<unsigned char>(name[i]))) {
      return name.substr(i);
    }
  }
  return "unknown";
}

// Names of one function: arguments, nodes and results.
class FunctionNames {
 public:
  // `name`, or `name` with "_0", "_1", ...
  std::string Unique(const std::string& name) {
    if (used_.insert(name).second) return name;
    int& next = next_[name];
    while (true) {
      std::string candidate = absl::StrCat(name, "_", next++);
      if (used_.insert(candidate).second) return candidate;
    }
  }

 private:
  absl::flat_hash_set<std::string> used_;
  absl::flat_hash_map<std::string, int> next_;
};

// How many tensors an argument of an op's signature stands for.
absl::StatusOr<int64_t> CountOf(
    const OpDef::ArgDef& arg,
    absl::FunctionRef<const AttrValue*(const std::string&)> find_attr) {
  const std::string& attr =
      arg.number_attr().empty() ? arg.type_list_attr() : arg.number_attr();
  if (attr.empty()) return 1;
  const AttrValue* const value = find_attr(attr);
  if (value == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("Missing attr ", attr));
  }
  const int64_t count =
      arg.number_attr().empty() ? value->list().type_size() : value->i();
  if (count < 0 || count > INT32_MAX) {
    return absl::InvalidArgumentError(
        absl::StrCat("Attr ", attr, " is out of range"));
  }
  return count;
}

class FunctionMaker {
 public:
  explicit FunctionMaker(const FunctionBody& body) : body_(body) {}

  absl::StatusOr<FunctionDef> Make() {
    signature_ = function_.mutable_signature();
    signature_->set_name(body_.name);
    AddArguments();
    RG_RETURN_IF_ERROR(AddNodes());
    RG_RETURN_IF_ERROR(AddResults());
    for (Operation* op : body_.must_run) {
      (*function_.mutable_control_ret())[op->name()] = node_names_.at(op);
      signature_->add_control_output(op->name());
    }
    return std::move(function_);
  }

 private:
  void AddArguments() {
    uint32_t number = 0;
    for (const Output& argument : body_.arguments) {
      OpDef::ArgDef* const arg = signature_->add_input_arg();
      arg->set_name(names_.Unique(ArgumentName(argument.op->name())));
      arg->set_type(argument.dtype());
      argument_names_[argument.op] = arg->name();
      FunctionDef::ArgAttrs& attrs = (*function_.mutable_arg_attr())[number++];
      for (const auto& [key, value] : argument.op->attrs()) {
        if (absl::StartsWith(key, "_")) (*attrs.mutable_attr())[key] = value;
      }
    }
  }

  absl::Status AddNodes() {
    std::vector<Operation*> ops;
    for (Operation* op : body_.graph->GetOperations()) {
      if (argument_names_.contains(op)) continue;
      ops.push_back(op);
      node_names_[op] = names_.Unique(op->name());
    }
    for (Operation* op : ops) {
      if (op->registration() == nullptr) {
        return absl::InvalidArgumentError(
            absl::StrCat("Op type not registered '", op->type(), "'"));
      }
      if (op->registration()->def.is_stateful()) {
        signature_->set_is_stateful(true);
      }
      NodeDef* const node = function_.add_node_def();
      op->ToNodeDef(node);
      node->set_name(node_names_.at(op));
      for (int i = 0; i < op->num_inputs(); ++i) {
        RG_ASSIGN_OR_RETURN(*node->mutable_input(i), NameOf(op->input(i)));
      }
    }
    return absl::OkStatus();
  }

  absl::Status AddResults() {
    for (const Output& result : body_.results) {
      OpDef::ArgDef* const arg = signature_->add_output_arg();
      arg->set_name(names_.Unique(ArgumentName(result.op->name())));
      arg->set_type(result.dtype());
      RG_ASSIGN_OR_RETURN((*function_.mutable_ret())[arg->name()],
                          NameOf(result));
    }
    return absl::OkStatus();
  }

  // "args_0" or "node:output:0".
  absl::StatusOr<std::string> NameOf(const Output& tensor) const {
    const auto argument = argument_names_.find(tensor.op);
    if (argument != argument_names_.end()) return argument->second;
    const Operation& op = *tensor.op;
    int64_t index = tensor.index;
    for (const OpDef::ArgDef& arg : op.registration()->def.output_arg()) {
      RG_ASSIGN_OR_RETURN(const int64_t count,
                          CountOf(arg, [&op](const std::string& name) {
                            return op.FindAttr(name);
                          }));
      if (index < count) {
        return absl::StrCat(node_names_.at(tensor.op), ":", arg.name(), ":",
                            index);
      }
      index -= count;
    }
    return absl::InternalError(
        absl::StrCat("There is no output ", tensor.name()));
  }

  const FunctionBody& body_;
  FunctionDef function_;
  OpDef* signature_ = nullptr;
  FunctionNames names_;
  absl::flat_hash_map<const Operation*, std::string> argument_names_;
  absl::flat_hash_map<const Operation*, std::string> node_names_;
};

// ---- Unpacking ----

class Unpacker {
 public:
  Unpacker(const FunctionDef& function, const OpRegistry* registry)
      : function_(function), registry_(registry) {}

  absl::StatusOr<FunctionBody> Unpack(const FunctionDefLibrary& library) {
    GraphDef graph_def;
    *graph_def.mutable_library() = library;
    ImportOptions options;
    options.name = "";
    RG_RETURN_IF_ERROR(AddArguments(&graph_def, &options));
    RG_RETURN_IF_ERROR(AddNodes(&graph_def));
    RG_RETURN_IF_ERROR(AddResults(&options));
    FunctionBody body;
    body.name = function_.signature().name();
    body.graph = Graph::Create(registry_);
    RG_ASSIGN_OR_RETURN(
        const std::vector<Graph::Element> elements,
        ImportGraphDef(body.graph.get(), graph_def, options));
    const int num_args = function_.signature().input_arg_size();
    const int num_results = function_.signature().output_arg_size();
    for (int i = 0; i < static_cast<int>(elements.size()); ++i) {
      if (i < num_args) {
        body.arguments.push_back(elements[i].tensor);
      } else if (i < num_args + num_results) {
        body.results.push_back(elements[i].tensor);
      } else {
        body.must_run.push_back(elements[i].op);
      }
    }
    return body;
  }

 private:
  absl::Status Bad(absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat(
        "Function ", function_.signature().name(), " ", what));
  }

  absl::Status AddArguments(GraphDef* graph_def, ImportOptions* options) {
    for (const OpDef::ArgDef& arg : function_.signature().input_arg()) {
      if (arg.type() == DT_INVALID || !arg.number_attr().empty() ||
          !arg.type_list_attr().empty()) {
        return Bad(absl::StrCat("has argument ", arg.name(),
                                ", whose type is not fixed"));
      }
      if (!arguments_.insert(arg.name()).second) {
        return Bad(absl::StrCat("has two arguments ", arg.name()));
      }
      NodeDef* const node = graph_def->add_node();
      node->set_name(arg.name());
      node->set_op("Placeholder");
      (*node->mutable_attr())["dtype"].set_type(arg.type());
      options->return_elements.push_back(absl::StrCat(arg.name(), ":0"));
    }
    return absl::OkStatus();
  }

  absl::Status AddNodes(GraphDef* graph_def) {
    for (const NodeDef& node : function_.node_def()) {
      nodes_[node.name()] = &node;
    }
    for (const NodeDef& node : function_.node_def()) {
      NodeDef* const copy = graph_def->add_node();
      *copy = node;
      for (std::string& input : *copy->mutable_input()) {
        RG_ASSIGN_OR_RETURN(input, InputInGraph(input));
      }
    }
    return absl::OkStatus();
  }

  absl::Status AddResults(ImportOptions* options) {
    for (const OpDef::ArgDef& arg : function_.signature().output_arg()) {
      const auto ret = function_.ret().find(arg.name());
      if (ret == function_.ret().end() || absl::StartsWith(ret->second, "^")) {
        return Bad(absl::StrCat("does not say what its result ", arg.name(),
                                " is"));
      }
      RG_ASSIGN_OR_RETURN(std::string result, InputInGraph(ret->second));
      if (!absl::StrContains(result, ":")) result += ":0";
      options->return_elements.push_back(std::move(result));
    }
    for (const auto& [name, node] : function_.control_ret()) {
      if (!nodes_.contains(node)) {
        return Bad(absl::StrCat("has no node ", node));
      }
      options->return_elements.push_back(node);
    }
    return absl::OkStatus();
  }

  // "argument", "argument:0", "node:output:0" or "^node" as a graph has it.
  absl::StatusOr<std::string> InputInGraph(const std::string& input) const {
    if (absl::StartsWith(input, "^")) return input;
    const std::vector<std::string> parts = absl::StrSplit(input, ':');
    int64_t index = 0;
    if (parts.size() > 3 ||
        (parts.size() > 1 &&
         (!absl::SimpleAtoi(parts.back(), &index) || index < 0))) {
      return Bad(absl::StrCat("cannot have the input ", input));
    }
    if (parts.size() < 3) {
      if (!arguments_.contains(parts[0]) || index != 0) {
        return Bad(absl::StrCat("has no argument ", input));
      }
      return parts[0];
    }
    const auto node = nodes_.find(parts[0]);
    if (node == nodes_.end()) {
      return Bad(absl::StrCat("has no node for the input ", input));
    }
    RG_ASSIGN_OR_RETURN(const int64_t first,
                        FirstOutput(*node->second, parts[1], index));
    return absl::StrCat(parts[0], ":", first + index);
  }

  // The number of the first of a node's outputs that go by this name, of which
  // there are more than `index`.
  absl::StatusOr<int64_t> FirstOutput(const NodeDef& node,
                                      const std::string& output,
                                      int64_t index) const {
    RG_ASSIGN_OR_RETURN(const OpRegistration* op, registry_->LookUp(node.op()));
    int64_t first = 0;
    for (const OpDef::ArgDef& arg : op->def.output_arg()) {
      RG_ASSIGN_OR_RETURN(
          const int64_t count,
          CountOf(arg, [&](const std::string& name) -> const AttrValue* {
            const auto attr = node.attr().find(name);
            if (attr != node.attr().end()) return &attr->second;
            for (const OpDef::AttrDef& def : op->def.attr()) {
              if (def.name() == name && def.has_default_value()) {
                return &def.default_value();
              }
            }
            return nullptr;
          }));
      if (arg.name() == output) {
        if (index < count) return first;
        break;
      }
      first += count;
    }
    return Bad(absl::StrCat("has no output ", node.name(), ":", output, ":",
                            index));
  }

  const FunctionDef& function_;
  const OpRegistry* const registry_;
  absl::flat_hash_set<std::string> arguments_;
  absl::flat_hash_map<std::string, const NodeDef*> nodes_;
};

}  // namespace

absl::StatusOr<FunctionDef> ToFunctionDef(const FunctionBody& body) {
  return FunctionMaker(body).Make();
}

absl::StatusOr<FunctionBody> UnpackFunction(const FunctionDef& function,
                                            const FunctionDefLibrary& library,
                                            const OpRegistry* registry) {
  const WithoutUniqueIds none;
  return Unpacker(function, registry).Unpack(library);
}

FunctionDefLibrary LibraryOf(const Graph& graph) {
  // Of nodes from the end on there are none: the library alone.
  return graph.ToGraphDef(/*add_shapes=*/false, graph.num_operations())
      .library();
}

absl::optional<FunctionDef> FindFunction(const FunctionDefLibrary& library,
                                         const std::string& name) {
  for (const FunctionDef& function : library.function()) {
    if (function.signature().name() == name) return function;
  }
  return absl::nullopt;
}

}  // namespace retrograph
