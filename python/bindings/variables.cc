// Variables.
#include "variables/variable.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "python/bindings/bindings.h"
#include "python/bindings/collection_item.h"
#include "python/bindings/support.h"
#include "python/bindings/variable_options.h"

namespace retrograph {
namespace python {

absl::optional<bool> OptionalBool(nb::handle h) {
  if (h.is_none()) return absl::nullopt;
  return nb::cast<bool>(h);
}

absl::optional<std::string> OptionalString(nb::handle h) {
  if (h.is_none()) return absl::nullopt;
  return ToStr(h);
}

absl::optional<std::vector<std::string>> OptionalStrings(nb::handle h) {
  if (h.is_none()) return absl::nullopt;
  std::vector<std::string> strings;
  for (nb::handle element : h) strings.push_back(ToStr(element));
  return strings;
}

Output CallForOutput(GraphBuilder& b,
                     const std::function<nb::object()>& call) {
  absl::StatusOr<Output> output = CallPython([&] {
    nb::object result = call();
    return OutputOf(result);
  });
  return b.Take(std::move(output));
}

Constraint ConstraintOf(nb::handle h) {
  if (h.is_none()) return nullptr;
  std::shared_ptr<nb::object> function = Keep(nb::borrow(h));
  return [function](GraphBuilder& b, Output value) {
    return CallForOutput(b, [&] {
      return Hook("call_with_tensor")(*function, OutputToPython(value));
    });
  };
}

namespace {

using VariablePtr = std::shared_ptr<Variable>;

VariablePtr Create(const std::shared_ptr<Graph>& graph, nb::dict args) {
  CallSite call_site;
  VariableOptions options;
  nb::handle initial_value = args["initial_value"];
  nb::handle initializer = args["initializer"];
  if (!initializer.is_none()) {
    std::shared_ptr<nb::object> function = Keep(nb::borrow(initializer));
    options.initializer = [function](GraphBuilder& b) {
      return CallForOutput(b, [&] {
        return Hook("call_initializer")(*function,
                                        b.graph()->unique_graph_key());
      });
    };
  } else if (!initial_value.is_none()) {
    options.initial_value = InputOf(initial_value);
  }
  options.trainable = OptionalBool(args["trainable"]);
  options.collections = OptionalStrings(args["collections"]);
  options.validate_shape = nb::cast<bool>(args["validate_shape"]);
  options.caching_device = OptionalString(args["caching_device"]);
  options.name = ToStr(args["name"]);
  options.dtype = static_cast<DataType>(nb::cast<int>(args["dtype"]));
  if (!nb::cast<bool>(args["no_shape"])) {
    options.shape = ShapeFromPython(args["shape"]);
  }
  options.use_resource = OptionalBool(args["use_resource"]);
  options.constraint = ConstraintOf(args["constraint"]);
  options.synchronization =
      static_cast<Synchronization>(nb::cast<int>(args["synchronization"]));
  options.aggregation =
      static_cast<Aggregation>(nb::cast<int>(args["aggregation"]));
  GraphBuilder b(graph.get());
  VariablePtr variable = Variable::Create(b, std::move(options));
  Check(b.status());
  RaiseDeviceError();
  return variable;
}

// Runs a builder method in the variable's graph.
template <typename F>
nb::object Build(Variable& v, F&& f) {
  CallSite call_site;
  GraphBuilder b(v.graph());
  Output output = f(b);
  Check(b.status());
  return OutputToPython(output);
}

using ChangeFn = Output (Variable::*)(GraphBuilder&, const Input&,
                                      absl::string_view, bool) const;

template <ChangeFn kMethod>
nb::object Change(Variable& v, nb::object value, const std::string& name,
                  bool use_locking) {
  return Build(v, [&](GraphBuilder& b) {
    return (v.*kMethod)(b, InputOf(value), name, use_locking);
  });
}

void BindProperties(nb::class_<Variable>& c) {
  c.def_prop_ro("key", [](Variable& v) { return KeyOf(v); });
  c.def_prop_ro("graph_key",
                [](Variable& v) { return v.graph()->unique_graph_key(); });
  c.def_prop_ro("is_resource", [](Variable& v) { return v.is_resource(); });
  c.def_prop_ro("name", [](Variable& v) { return v.name(); });
  c.def_prop_ro("op", [](Variable& v) { return v.op()->id(); });
  c.def_prop_ro("dtype",
                [](Variable& v) { return static_cast<int>(v.dtype()); });
  c.def_prop_ro("shape", [](Variable& v) { return ShapeToPython(v.shape()); });
  c.def_prop_ro("device", [](Variable& v) { return v.device(); });
  c.def_prop_ro("trainable", [](Variable& v) { return v.trainable(); });
  c.def_prop_ro("synchronization", [](Variable& v) {
    return static_cast<int>(v.synchronization());
  });
  c.def_prop_ro("aggregation",
                [](Variable& v) { return static_cast<int>(v.aggregation()); });
  c.def_prop_ro("handle",
                [](Variable& v) { return OutputToPython(v.handle()); });
  c.def_prop_ro("snapshot",
                [](Variable& v) { return OutputToPython(v.snapshot()); });
  c.def_prop_ro("graph_element", [](Variable& v) {
    return OutputToPython(v.graph_element());
  });
  c.def_prop_ro("initial_value",
                [](Variable& v) { return OutputToPython(v.initial_value()); });
  c.def_prop_ro("initializer", [](Variable& v) {
    return v.initializer() == nullptr ? 0 : v.initializer()->id();
  });
  c.def_prop_ro("initializer_is_tensor",
                [](Variable& v) { return v.initializer_is_tensor(); });
  c.def_prop_ro("repr", [](Variable& v) { return v.ReprString(); });
  c.def_prop_ro("save_slice_info", [](Variable& v) -> nb::object {
    if (!v.save_slice_info().has_value()) return nb::none();
    const SaveSliceInfo& info = *v.save_slice_info();
    nb::list full_shape, offset, shape;
    for (int64_t i : info.full_shape) full_shape.append(i);
    for (int64_t i : info.var_offset) offset.append(i);
    for (int64_t i : info.var_shape) shape.append(i);
    return nb::make_tuple(Utf8(info.full_name), full_shape, offset, shape,
                          Utf8(info.spec()));
  });
  c.def("set_save_slice_info",
        [](Variable& v, const std::string& full_name,
           const std::vector<int64_t>& full_shape,
           const std::vector<int64_t>& offset,
           const std::vector<int64_t>& shape) {
          v.set_save_slice_info(
              SaveSliceInfo{full_name, full_shape, offset, shape});
        });
}

void BindMethods(nb::class_<Variable>& c) {
  c.def("value", [](Variable& v) {
    return Build(v, [&](GraphBuilder& b) { return v.Value(b); });
  });
  c.def("read_value", [](Variable& v) {
    return Build(v, [&](GraphBuilder& b) { return v.ReadValue(b); });
  });
  c.def("initialized_value", [](Variable& v) {
    return Build(v, [&](GraphBuilder& b) { return v.InitializedValue(b); });
  });
  c.def("is_initialized", [](Variable& v, const std::string& name) {
    return Build(v, [&](GraphBuilder& b) { return v.IsInitialized(b, name); });
  });
  c.def("assign", &Change<&Variable::Assign>, nb::arg().none(), nb::arg(),
        nb::arg());
  c.def("assign_add", &Change<&Variable::AssignAdd>, nb::arg().none(), nb::arg(),
        nb::arg());
  c.def("assign_sub", &Change<&Variable::AssignSub>, nb::arg().none(), nb::arg(),
        nb::arg());
  c.def("to_proto", [](Variable& v, const std::string& scope) {
    return Serialized(v.ToProto(scope));
  });
}

}  // namespace

void BindVariables(nb::module_& m) {
  nb::class_<Variable> c(m, "Variable");
  BindProperties(c);
  BindMethods(c);
  nb::class_<PartitionedVariable>(m, "PartitionedVariable")
      .def_prop_ro("key",
                   [](PartitionedVariable& p) {
                     return reinterpret_cast<uintptr_t>(&p);
                   })
      .def_prop_ro("name", [](PartitionedVariable& p) { return p.name(); })
      .def_prop_ro("dtype",
                   [](PartitionedVariable& p) {
                     return static_cast<int>(p.dtype());
                   })
      .def_prop_ro("shape",
                   [](PartitionedVariable& p) {
                     return ShapeToPython(p.shape());
                   })
      .def_prop_ro("parts", [](PartitionedVariable& p) { return p.parts(); })
      .def_prop_ro("partitions",
                   [](PartitionedVariable& p) { return p.partitions(); })
      .def("as_tensor",
           [](PartitionedVariable& p, const std::shared_ptr<Graph>& graph) {
             CallSite call_site;
             GraphBuilder b(graph.get());
             Output output = p.AsTensor(b);
             Check(b.status());
             return OutputToPython(output);
           });
  m.def("create_variable", &Create);
  m.def("variable_from_proto",
        [](const std::shared_ptr<Graph>& graph, nb::bytes proto,
           const std::string& import_scope) {
          return Check(Variable::FromProto(
              graph.get(), Parsed<VariableDef>(proto), import_scope));
        });
  m.def("variables_initializer",
        [](const std::shared_ptr<Graph>& graph,
           const std::vector<VariablePtr>& variables, const std::string& name) {
          CallSite call_site;
          GraphBuilder b(graph.get());
          Operation* op = VariablesInitializer(b, variables, name);
          Check(b.status());
          RaiseDeviceError();
          return op->id();
        });
  m.def("report_uninitialized_variables",
        [](const std::shared_ptr<Graph>& graph,
           std::optional<std::vector<VariablePtr>> variables,
           const std::string& name) {
          CallSite call_site;
          GraphBuilder b(graph.get());
          Output output =
              variables.has_value()
                  ? ReportUninitializedVariables(b, *variables, name)
                  : ReportUninitializedVariables(b, name);
          Check(b.status());
          return OutputToPython(output);
        },
        nb::arg(), nb::arg().none(), nb::arg());
}

}  // namespace python
}  // namespace retrograph
