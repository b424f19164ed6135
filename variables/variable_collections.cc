// The collections of variables, and the ops over all of them.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ops/builders.h"
#include "variables/variable.h"

namespace retrograph {

std::vector<std::shared_ptr<Variable>> VariablesIn(const Graph& graph,
                                                   absl::string_view collection,
                                                   absl::string_view scope) {
  std::vector<std::shared_ptr<Variable>> variables;
  for (const CollectionItem& item : graph.GetCollection(collection, scope)) {
    auto* object = std::get_if<std::shared_ptr<CollectionObject>>(&item);
    if (object == nullptr) continue;
    auto variable = std::dynamic_pointer_cast<Variable>(*object);
    if (variable != nullptr) variables.push_back(std::move(variable));
  }
  return variables;
}

std::vector<std::shared_ptr<Variable>> GlobalVariables(const Graph& graph) {
  return VariablesIn(graph, graph_keys::kGlobalVariables);
}

std::vector<std::shared_ptr<Variable>> LocalVariables(const Graph& graph) {
  return VariablesIn(graph, graph_keys::kLocalVariables);
}

std::vector<std::shared_ptr<Variable>> TrainableVariables(const Graph& graph) {
  return VariablesIn(graph, graph_keys::kTrainableVariables);
}

Operation* VariablesInitializer(
    GraphBuilder& b, const std::vector<std::shared_ptr<Variable>>& variables,
    absl::string_view name) {
  if (variables.empty()) return NoOp(b, name);
  std::vector<Operation*> initializers;
  for (const auto& variable : variables) {
    initializers.push_back(variable->initializer());
  }
  return Group(b, initializers, name);
}

Operation* GlobalVariablesInitializer(GraphBuilder& b) {
  return VariablesInitializer(b, GlobalVariables(*b.graph()));
}

Operation* LocalVariablesInitializer(GraphBuilder& b) {
  return VariablesInitializer(b, LocalVariables(*b.graph()));
}

namespace {

// tensor[begin:end] of a 1-D tensor, or tensor[begin:] or tensor[:end], as
// Python's slice syntax builds it.
Output Slice1D(GraphBuilder& b, const Output& tensor, int begin, int end,
               bool has_begin, bool has_end) {
  NameScope scope(b.graph(), "strided_slice");
  Output stack = Constant(b, Tensor::Vector<int32_t>({begin}), "stack");
  Output stack_1 = Constant(b, Tensor::Vector<int32_t>({end}), "stack_1");
  Output stack_2 = Constant(b, Tensor::Vector<int32_t>({1}), "stack_2");
  return b.Op("StridedSlice", {tensor, stack, stack_1, stack_2},
              {Attr("begin_mask", has_begin ? 0 : 1),
               Attr("end_mask", has_end ? 0 : 1)},
              scope.full_name());
}

// tf.boolean_mask(values, mask) of two vectors of `size` elements. It reshapes
// for masks of any rank, although a vector would need none of that.
Output BooleanMask(GraphBuilder& b, const Output& values, const Output& mask,
                   int32_t size) {
  NameScope scope(b.graph(), "boolean_mask");
  auto shape = [&] {
    return Constant(b, Tensor::Vector<int32_t>({size}), "Shape");
  };
  Output masked_size = b.Op(
      "Prod",
      {Slice1D(b, shape(), 0, 1, true, true),
       Input::FromConverter(
           [](GraphBuilder* b, DataType, DataType,
              absl::string_view name) -> absl::StatusOr<Output> {
             Output axes = Constant(*b, Tensor::Vector<int32_t>({0}), name);
             if (!b->ok()) return b->status();
             return axes;
           })},
      {Attr("keep_dims", false)});
  Output before = Slice1D(b, shape(), 0, 0, false, true);
  Output after = Slice1D(b, shape(), 1, 0, true, false);
  Output new_shape =
      b.Op("ConcatV2",
           {Input(std::vector<Input>{
                before, Input(std::vector<Input>{masked_size}), after}),
            0},
           {}, "concat");
  Output flat_values = Reshape(b, values, new_shape);
  Output flat_mask = Reshape(b, mask, Tensor::Vector<int32_t>({-1}));
  Output indices = b.Op("Where", {flat_mask});
  Output index_vector = b.Op("Squeeze", {indices},
                             {Attr("squeeze_dims", std::vector<int64_t>{1})});
  return b.Op("GatherV2", {flat_values, index_vector, 0});
}

// Something that may have no value yet.
struct Checked {
  std::string name;
  std::function<Output(GraphBuilder&)> is_initialized;
};

Output Report(GraphBuilder& b, const std::vector<Checked>& checked,
              absl::string_view name) {
  if (!b.ok()) return Output();
  absl::StatusOr<std::string> scope = b.graph()->EnterNameScope(name);
  if (!b.Update(scope.status())) return Output();
  std::vector<Output> initialized;
  std::vector<std::string> names;
  for (const Checked& one : checked) {
    initialized.push_back(one.is_initialized(b));
    names.push_back(one.name);
  }
  Output result;
  {
    DeviceScope cpu(b.graph(), "/cpu:0");
    const Tensor names_tensor = Tensor::Vector<std::string>(names);
    if (checked.empty()) {
      result = Constant(b, names_tensor);
    } else {
      Output stack = b.Op("Pack", {Input::List(initialized)}, {}, "stack");
      Output mask = b.Op("LogicalNot", {stack});
      Output all_names = Constant(b, names_tensor);
      result =
          BooleanMask(b, all_names, mask, static_cast<int32_t>(names.size()));
    }
  }
  b.graph()->ExitNameScope();
  return result;
}

std::vector<Checked> AllOf(
    const std::vector<std::shared_ptr<Variable>>& variables) {
  std::vector<Checked> checked;
  for (const auto& variable : variables) {
    checked.push_back({variable->op_name(), [variable](GraphBuilder& b) {
                         return variable->IsInitialized(b);
                       }});
  }
  return checked;
}

}  // namespace

Output ReportUninitializedVariables(GraphBuilder& b, absl::string_view name) {
  std::vector<std::shared_ptr<Variable>> variables =
      GlobalVariables(*b.graph());
  for (auto& local : LocalVariables(*b.graph())) {
    variables.push_back(std::move(local));
  }
  std::vector<Checked> checked = AllOf(variables);
  if (checked.empty()) {
    for (const Output& ref : VariableRefs(*b.graph())) {
      checked.push_back({ref.op->name(), [ref](GraphBuilder& b) {
                           return b.Op("IsVariableInitialized", {ref});
                         }});
    }
  }
  return Report(b, checked, name);
}

Output ReportUninitializedVariables(
    GraphBuilder& b, const std::vector<std::shared_ptr<Variable>>& variables,
    absl::string_view name) {
  return Report(b, AllOf(variables), name);
}

std::vector<Output> VariableRefs(const Graph& graph) {
  std::vector<Output> refs;
  for (int i = 0; i < graph.num_operations(); ++i) {
    Operation* const op = graph.operation(i);
    if (op->type() == "Variable" || op->type() == "VariableV2" ||
        op->type() == "AutoReloadVariable") {
      refs.push_back(op->output(0));
    }
  }
  return refs;
}

}  // namespace retrograph
