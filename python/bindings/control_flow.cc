// cond and while_loop, built step by step; their contexts.
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/optional.h"
#include "graph/cond.h"
#include "graph/control_flow.h"
#include "graph/while_loop.h"
#include "python/bindings/bindings.h"
#include "python/bindings/support.h"

namespace retrograph {
namespace python {
namespace {

nb::list OutputsToPython(const std::vector<Output>& outputs) {
  nb::list result;
  for (const Output& output : outputs) result.append(OutputToPython(output));
  return result;
}

std::vector<Input> InputsOf(nb::list values) {
  std::vector<Input> inputs;
  for (nb::handle value : values) inputs.push_back(InputOf(value));
  return inputs;
}

void BindCond(nb::module_& m) {
  nb::class_<Cond> c(m, "Cond");
  m.def("create_cond", [](Graph& g, nb::object pred) {
    CallSite call_site;
    return Check(Cond::Create(&g, InputOf(pred)));
  }, nb::arg(), nb::arg().none());
  c.def("begin_branch", [](Cond& c, int branch) { c.BeginBranch(branch); });
  c.def("abandon_branch", [](Cond& c) { c.AbandonBranch(); });
  c.def("end_branch", [](Cond& c, Graph& g, nb::list results) {
    CallSite call_site;
    std::vector<BranchResult> branch_results;
    for (nb::handle result : results) {
      nb::object op = nb::getattr(result, "_core_operation", nb::none());
      if (op.is_none()) {
        branch_results.emplace_back(InputOf(result));
      } else {
        branch_results.emplace_back(OpOf(g, nb::cast<int>(op[1])));
      }
    }
    Check(c.EndBranch(branch_results));
  });
  c.def("merge", [](Cond& c) {
    CallSite call_site;
    return OutputsToPython(Check(c.Merge()));
  });
}

std::unique_ptr<WhileLoop> CreateWhileLoop(
    Graph& graph, nb::list loop_vars, nb::object shapes,
    int parallel_iterations, bool back_prop, bool swap_memory,
    nb::object maximum_iterations) {
  CallSite call_site;
  WhileOptions options;
  options.parallel_iterations = parallel_iterations;
  options.back_prop = back_prop;
  options.swap_memory = swap_memory;
  options.maximum_iterations = OutputOf(maximum_iterations);
  absl::optional<std::vector<PartialTensorShape>> invariants;
  if (!shapes.is_none()) {
    invariants.emplace();
    for (nb::handle shape : shapes) {
      invariants->push_back(ShapeFromPython(shape));
    }
  }
  return Check(
      WhileLoop::Create(&graph, InputsOf(loop_vars), invariants, options));
}

void BindWhileLoop(nb::module_& m) {
  nb::class_<WhileLoop> c(m, "WhileLoop");
  m.def("create_while_loop", &CreateWhileLoop, nb::arg(), nb::arg(),
        nb::arg().none(), nb::arg(), nb::arg(), nb::arg(), nb::arg().none());
  c.def_prop_ro("condition_vars", [](WhileLoop& loop) {
    return OutputsToPython(loop.condition_vars());
  });
  c.def_prop_ro("body_vars", [](WhileLoop& loop) {
    return OutputsToPython(loop.body_vars());
  });
  c.def("set_condition", [](WhileLoop& loop, nb::object condition) {
    CallSite call_site;
    Check(loop.SetCondition(InputOf(condition)));
  }, nb::arg().none());
  c.def("abandon", [](WhileLoop& loop) { loop.Abandon(); });
  c.def("finish", [](WhileLoop& loop, nb::list results) {
    CallSite call_site;
    return OutputsToPython(Check(loop.Finish(InputsOf(results))));
  });
}

void BindContexts(nb::module_& m) {
  using ContextPtr = std::shared_ptr<ControlFlowContext>;
  nb::class_<ControlFlowContext> c(m, "ControlFlowContext");
  c.def_prop_ro("name", [](ControlFlowContext& c) { return c.name(); });
  c.def_prop_ro("graph_key", [](ControlFlowContext& c) {
    return c.graph()->unique_graph_key();
  });
  c.def_prop_ro("is_while", [](ControlFlowContext& c) { return c.is_while(); });
  c.def_prop_ro("outer", [](ControlFlowContext& c) { return c.outer(); },
                nb::rv_policy::reference);
  // Bytes of a ControlFlowContextDef; None outside of the scope.
  c.def("to_proto", [](ControlFlowContext& c,
                       const std::string& scope) -> nb::object {
    ControlFlowContextDef def;
    if (!c.ToProto(scope, &def)) return nb::none();
    return Serialized(def);
  });
  c.def("enter", [](ContextPtr c) { c->graph()->EnterControlFlowContext(c); });
  c.def("exit",
        [](ControlFlowContext& c) { c.graph()->ExitControlFlowContext(); });
  m.def("context_from_proto", [](Graph& g, nb::bytes def,
                                 const std::string& import_scope) {
    return Check(ControlFlowContext::FromProto(
        &g, Parsed<ControlFlowContextDef>(def), import_scope));
  });
  m.def("current_context", [](Graph& g) {
    return g.CurrentControlFlowContext();
  }, nb::rv_policy::reference);
  m.def("context_of", [](Graph& g, int op) {
    return OpOf(g, op)->control_flow_context();
  }, nb::rv_policy::reference);
}

}  // namespace

void BindControlFlow(nb::module_& m) {
  BindContexts(m);
  BindCond(m);
  BindWhileLoop(m);
}

}  // namespace python
}  // namespace retrograph
