// Gradients: tf.gradients, and gradient functions that the user writes.
#include "gradients/gradients.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ops/gradient.h"
#include "python/bindings/bindings.h"
#include "python/bindings/support.h"

namespace retrograph {
namespace python {
namespace {

// None, an (op id, index) pair, or a triple of such pairs for rows.
nb::object GradientToPython(const Gradient& gradient) {
  if (gradient.none()) return nb::none();
  if (gradient.is_tensor()) return OutputToPython(gradient.tensor());
  const IndexedSlices rows = gradient.slices();
  return nb::make_tuple(OutputToPython(rows.values),
                        OutputToPython(rows.indices),
                        OutputToPython(rows.dense_shape));
}

bool IsSlices(nb::handle h) {
  return nb::hasattr(h, "values") && nb::hasattr(h, "indices") &&
         nb::hasattr(h, "dense_shape");
}

IndexedSlices SlicesOf(nb::handle h) {
  return {OutputOf(h.attr("values")), OutputOf(h.attr("indices")),
          OutputOf(h.attr("dense_shape"))};
}

Gradient GradientOf(nb::handle h) {
  if (h.is_none()) return Gradient();
  if (IsSlices(h)) return SlicesOf(h);
  return OutputOf(h);
}

std::vector<Input> InputsOf(nb::list values) {
  std::vector<Input> inputs;
  for (nb::handle value : values) inputs.push_back(InputOf(value));
  return inputs;
}

nb::list AddGradientsTo(Graph& graph, nb::list ys, nb::list xs,
                        nb::object grad_ys, nb::dict args) {
  CallSite call_site;
  GradientOptions options;
  if (!grad_ys.is_none()) {
    for (nb::handle grad_y : grad_ys) {
      options.grad_ys.emplace_back();
      options.grad_ys_slices.emplace_back();
      if (grad_y.is_none()) continue;
      if (IsSlices(grad_y)) {
        options.grad_ys_slices.back() = SlicesOf(grad_y);
      } else {
        options.grad_ys.back() = InputOf(grad_y);
      }
    }
  }
  options.name = ToStr(args["name"]);
  options.colocate_gradients_with_ops = nb::cast<bool>(args["colocate"]);
  options.gate_gradients = nb::cast<bool>(args["gate"]);
  options.aggregation_method =
      static_cast<AggregationMethod>(nb::cast<int>(args["aggregation"]));
  for (nb::handle stop : args["stop"]) {
    options.stop_gradients.push_back(OutputOf(stop));
  }
  options.unconnected_zero = nb::cast<bool>(args["zero"]);
  GraphBuilder b(&graph);
  const Gradients gradients =
      AddGradients(b, InputsOf(ys), InputsOf(xs), options);
  Check(b.status());
  RaiseDeviceError();
  nb::list result;
  for (const Gradient& gradient : gradients) {
    result.append(GradientToPython(gradient));
  }
  return result;
}

// The user's function(op, *gradients), called by the hook with the graph's key,
// the op's id and the gradients.
GradientFunction CallbackOf(nb::object function) {
  std::shared_ptr<nb::object> kept = Keep(std::move(function));
  return [kept](GraphBuilder& b, Operation* op,
                const Gradients& out) -> Gradients {
    absl::StatusOr<Gradients> in = CallPython([&] {
      nb::list gradients;
      for (const Gradient& gradient : out) {
        gradients.append(GradientToPython(gradient));
      }
      nb::object results =
          Hook("call_gradient")(*kept, b.graph()->unique_graph_key(),
                                op->id(), gradients);
      Gradients converted;
      for (nb::handle result : results) {
        converted.push_back(GradientOf(result));
      }
      return converted;
    });
    return b.Take(std::move(in));
  };
}

}  // namespace

void BindGradients(nb::module_& m) {
  m.def("gradients", &AddGradientsTo, nb::arg(), nb::arg(), nb::arg(),
        nb::arg().none(), nb::arg());
  m.def("register_gradient",
        [](const std::string& name, nb::object function) {
          Check(GradientRegistry::Global()->Add(
              name, function.is_none() ? nullptr
                                       : CallbackOf(std::move(function))));
        },
        nb::arg(), nb::arg().none());
}

}  // namespace python
}  // namespace retrograph
