// The global step and moving averages.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "python/bindings/bindings.h"
#include "python/bindings/collection_item.h"
#include "python/bindings/log_sink.h"
#include "python/bindings/support.h"
#include "train/global_step.h"
#include "train/moving_averages.h"
#include "train/slots.h"

namespace retrograph {
namespace python {
namespace {

using GraphPtr = std::shared_ptr<Graph>;

nb::object OptionalTensor(const Output& output) {
  return output.valid() ? OutputToPython(output) : nb::object(nb::none());
}

void BindGlobalStep(nb::module_& m) {
  m.def("find_global_step", [](const GraphPtr& graph) -> nb::object {
    const auto step = FindGlobalStep(*graph, PythonLog());
    if (!step.has_value()) return nb::none();
    return CollectionItemToPython(*step);
  });
  m.def("assert_global_step", [](nb::handle step) {
    Check(AssertGlobalStep(CollectionItemOf(step)));
  });
  m.def("create_global_step", [](const GraphPtr& graph) {
    CallSite call_site;
    GraphBuilder b(graph.get());
    auto variable = CreateGlobalStep(b, PythonLog());
    Check(b.status());
    return variable;
  });
  m.def("global_step_read", [](const GraphPtr& graph) {
    CallSite call_site;
    GraphBuilder b(graph.get());
    const Output read = GlobalStepRead(b, PythonLog());
    Check(b.status());
    return OptionalTensor(read);
  });
  m.def("increment_global_step", [](const GraphPtr& graph, nb::object by) {
    CallSite call_site;
    GraphBuilder b(graph.get());
    const Output result = IncrementGlobalStep(b, InputOf(by), PythonLog());
    Check(b.status());
    return OutputToPython(result);
  });
}

// A tf.Variable or a tf.Tensor.
Primary PrimaryOf(nb::handle h) {
  nb::object variable = nb::getattr(h, "_core_variable", nb::none());
  if (!variable.is_none()) {
    return Primary(nb::cast<std::shared_ptr<Variable>>(variable));
  }
  const Output tensor = OutputOf(h);
  if (!tensor.valid()) RaiseClass("TypeError", "Not a variable: " + Repr(h));
  return Primary(tensor);
}

std::vector<Primary> PrimariesOf(nb::handle list) {
  std::vector<Primary> primaries;
  for (nb::handle h : list) primaries.push_back(PrimaryOf(h));
  return primaries;
}

CollectionItem ItemOf(const Primary& primary) {
  if (primary.variable() == nullptr) return primary.tensor();
  return std::shared_ptr<CollectionObject>(primary.variable());
}

using Ema = ExponentialMovingAverage;

int Apply(Ema& average, const GraphPtr& graph, nb::object list) {
  CallSite call_site;
  GraphBuilder b(graph.get());
  Operation* op = list.is_none() ? average.Apply(b)
                                 : average.Apply(b, PrimariesOf(list));
  Check(b.status());
  RaiseDeviceError();
  return op->id();
}

nb::dict VariablesToRestore(Ema& average, const GraphPtr& graph,
                            nb::object averaged) {
  absl::optional<std::vector<Primary>> list;
  if (!averaged.is_none()) list = PrimariesOf(averaged);
  nb::dict by_name;
  for (const auto& [name, primary] :
       average.VariablesToRestore(graph.get(), list)) {
    by_name[Utf8(name)] = CollectionItemToPython(ItemOf(primary));
  }
  return by_name;
}

nb::object AssignAverage(const GraphPtr& graph, nb::object variable,
                         nb::object value, nb::object decay, bool zero_debias,
                         const std::string& name) {
  CallSite call_site;
  GraphBuilder b(graph.get());
  std::variant<double, Output> amount;
  if (PyFloat_Check(decay.ptr())) {
    amount = PyFloat_AsDouble(decay.ptr());
  } else {
    amount = OutputOf(decay);
  }
  const Output result = AssignMovingAverage(
      b, nb::cast<std::shared_ptr<Variable>>(variable), PrimaryOf(value),
      amount, zero_debias, name);
  Check(b.status());
  return OutputToPython(result);
}

void BindMovingAverages(nb::module_& m) {
  nb::class_<Ema>(m, "ExponentialMovingAverage")
      .def(nb::new_([](nb::object decay, nb::object num_updates,
                       bool zero_debias, const std::string& name) {
             absl::optional<Input> updates;
             if (!num_updates.is_none()) updates = InputOf(num_updates);
             return new Ema(InputOf(decay), std::move(updates),
                                zero_debias, name);
           }),
           nb::arg().none(), nb::arg().none(), nb::arg(), nb::arg())
      .def_prop_ro("name", [](Ema& a) { return a.name(); })
      .def("apply", &Apply, nb::arg(), nb::arg().none())
      .def("average",
           [](Ema& a, nb::object of) { return a.Average(PrimaryOf(of)); })
      .def("average_name",
           [](Ema& a, const GraphPtr& graph, nb::object of) {
             return a.AverageName(graph.get(), PrimaryOf(of));
           })
      .def("variables_to_restore", &VariablesToRestore, nb::arg(),
           nb::arg().none());
  m.def("assign_moving_average", &AssignAverage);
}

}  // namespace

void BindTraining(nb::module_& m) {
  BindGlobalStep(m);
  BindMovingAverages(m);
}

}  // namespace python
}  // namespace retrograph
