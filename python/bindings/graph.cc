// Graphs and operations.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graph/device_name.h"
#include "graph/graph.h"
#include "graph/graph_edit.h"
#include "graph/import.h"
#include "graph/node_bytes.h"
#include "graph/shape_inference.h"
#include "proto/op_def.pb.h"
#include "python/bindings/bindings.h"
#include "python/bindings/collection_item.h"
#include "python/bindings/support.h"
#include "python/bindings/tensor_base.h"
#include "python/bindings/tensors.h"

namespace retrograph {
namespace python {
namespace {

using GraphPtr = std::shared_ptr<Graph>;

std::vector<Operation*> OpsOf(Graph& graph, const std::vector<int>& ids) {
  std::vector<Operation*> ops;
  for (int id : ids) ops.push_back(OpOf(graph, id));
  return ops;
}

std::vector<int> IdsOf(absl::Span<Operation* const> ops) {
  std::vector<int> ids;
  for (Operation* op : ops) ids.push_back(op->id());
  return ids;
}

// (op id, None) or (op id, index).
nb::object ElementToPython(const Graph::Element& element) {
  if (element.op != nullptr) {
    return nb::make_tuple(element.op->id(), nb::none());
  }
  return OutputToPython(element.tensor);
}

void BindScopes(nb::class_<Graph>& c) {
  c.def("unique_name", [](Graph& g, const std::string& name, bool mark) {
    return g.UniqueName(name, mark);
  });
  c.def("enter_name_scope", [](Graph& g, const std::string& name) {
    return Check(g.EnterNameScope(name));
  });
  c.def("exit_name_scope", [](Graph& g) { g.ExitNameScope(); });
  c.def("current_name_scope", [](Graph& g) { return g.CurrentNameScope(); });
  c.def("enter_control_dependencies",
        [](Graph& g, const std::vector<int>& ids, bool clear) {
          g.EnterControlDependencies(OpsOf(g, ids), clear);
        });
  c.def("exit_control_dependencies",
        [](Graph& g) { g.ExitControlDependencies(); });
  c.def("current_control_dependencies", [](Graph& g) {
    return IdsOf(g.CurrentControlDependencies());
  });
  c.def("enter_device", [](Graph& g, std::optional<std::string> device) {
    absl::optional<std::string> d;
    if (device.has_value()) d = *device;
    Check(g.EnterDevice(d));
  }, nb::arg("device").none());
  c.def("enter_device_function", [](Graph& g, nb::object function) {
    std::shared_ptr<nb::object> kept = Keep(function);
    g.EnterDeviceFunction([kept](const Operation& op) {
      absl::StatusOr<std::string> device = CallPython([&] {
        NodeDef node = op.node_def();
        return ToStr((*kept)(Serialized(node)));
      });
      KeepDeviceError(device.status());
      return device.ok() ? *device : std::string();
    });
  });
  c.def("exit_device", [](Graph& g) { g.ExitDevice(); });
  c.def("enter_colocate_with",
        [](Graph& g, std::optional<int> op, bool ignore_existing) {
          Check(g.EnterColocateWith(
              op.has_value() ? OpOf(g, *op) : nullptr, ignore_existing));
        },
        nb::arg("op").none(), nb::arg("ignore_existing"));
  c.def("exit_colocate_with", [](Graph& g) { g.ExitColocateWith(); });
  c.def("enter_init_scope", [](Graph& g) { g.EnterInitScope(); });
  c.def("exit_init_scope", [](Graph& g) { g.ExitInitScope(); });
  c.def("push_default", [](const std::shared_ptr<Graph>& g) {
    Graph::PushDefault(g);
  });
  // Pops what is on top: Python checks the nesting of its own stack.
  c.def_static("pop_default", [] {
    Check(Graph::PopDefault(Graph::Default().get()));
  });
  c.def("enter_container",
        [](Graph& g, const std::string& name) { g.EnterContainer(name); });
  c.def("exit_container", [](Graph& g) { g.ExitContainer(); });
}

void BindElements(nb::class_<Graph>& c) {
  c.def_prop_ro("num_operations",
                [](Graph& g) { return g.num_operations(); });
  c.def("find_operation", [](Graph& g, const std::string& name) {
    Operation* op = g.FindOperation(name);
    return op == nullptr ? 0 : op->id();
  });
  c.def("get_operation_by_name", [](Graph& g, const std::string& name) {
    return Check(g.GetOperationByName(name))->id();
  });
  c.def("get_tensor_by_name", [](Graph& g, const std::string& name) {
    return OutputToPython(Check(g.GetTensorByName(name)));
  });
  c.def("as_graph_element", [](Graph& g, const std::string& name,
                               bool allow_tensor, bool allow_operation) {
    return ElementToPython(
        Check(g.AsGraphElement(name, allow_tensor, allow_operation)));
  });
  c.def("prevent_feeding", [](Graph& g, int op, int index) {
    g.PreventFeeding(Output{OpOf(g, op), index});
  });
  c.def("prevent_fetching",
        [](Graph& g, int op) { g.PreventFetching(OpOf(g, op)); });
  c.def("is_feedable", [](Graph& g, int op, int index) {
    return g.IsFeedable(Output{OpOf(g, op), index});
  });
  c.def("is_fetchable",
        [](Graph& g, int op) { return g.IsFetchable(OpOf(g, op)); });
}

void BindOperations(nb::class_<Graph>& c) {
  c.def("op_name", [](Graph& g, int op) { return OpOf(g, op)->name(); });
  c.def("op_type", [](Graph& g, int op) { return OpOf(g, op)->type(); });
  c.def("op_device", [](Graph& g, int op) { return OpOf(g, op)->device(); });
  c.def("op_num_outputs",
        [](Graph& g, int op) { return OpOf(g, op)->num_outputs(); });
  c.def("op_inputs", [](Graph& g, int op) {
    nb::list inputs;
    for (const Output& input : OpOf(g, op)->inputs()) {
      inputs.append(OutputToPython(input));
    }
    return inputs;
  });
  c.def("op_control_inputs", [](Graph& g, int op) {
    return IdsOf(OpOf(g, op)->control_inputs());
  });
  c.def("op_attr", [](Graph& g, int op, const std::string& name) -> nb::object {
    const AttrValue* value = OpOf(g, op)->FindAttr(name);
    if (value == nullptr) return nb::none();
    return nb::make_tuple(AttrToPython(*value));
  });
  c.def("op_set_attr", [](Graph& g, int op, const std::string& name,
                          nb::bytes attr_value) {
    OpOf(g, op)->SetAttr(name, Parsed<AttrValue>(attr_value));
  });
  c.def("op_set_device", [](Graph& g, int op, const std::string& device) {
    SetRequestedDevice(OpOf(g, op), device);
  });
  c.def("op_update_input", [](Graph& g, int op, int index, nb::object tensor) {
    Check(ReplaceInput(OpOf(g, op), index, OutputOf(tensor)));
  });
  c.def("op_add_control_input", [](Graph& g, int op, int control) {
    g.AddControlInput(OpOf(g, op), OpOf(g, control));
  });
  c.def("op_remove_control_inputs",
        [](Graph& g, int op) { RemoveControlInputs(OpOf(g, op)); });
  c.def("op_colocation_groups",
        [](Graph& g, int op) { return OpOf(g, op)->ColocationGroups(); });
  c.def("op_node_def",
        [](Graph& g, int op) { return Serialized(OpOf(g, op)->node_def()); });
  c.def("op_def", [](Graph& g, int op) -> nb::object {
    const OpRegistration* registration = OpOf(g, op)->registration();
    if (registration == nullptr) return nb::none();
    return Serialized(registration->def);
  });
  c.def("op_traceback", [](Graph& g, int op) {
    nb::list frames;
    Traceback traceback = OpOf(g, op)->traceback();
    if (traceback == nullptr) return frames;
    for (const Frame& f : *traceback) {
      frames.append(nb::make_tuple(Utf8(f.file), f.line, Utf8(f.function)));
    }
    return frames;
  });
}

void BindOutputs(nb::class_<Graph>& c) {
  c.def("output_dtype", [](Graph& g, int op, int index) {
    return static_cast<int>(OpOf(g, op)->output_type(index));
  });
  c.def("output_shape", [](Graph& g, int op, int index) {
    return ShapeToPython(OpOf(g, op)->output_shape(index));
  });
  c.def("merge_output_shape",
        [](Graph& g, int op, int index, nb::object shape) {
          Check(OpOf(g, op)->MergeOutputShape(index, ShapeFromPython(shape)));
        }, nb::arg(), nb::arg(), nb::arg().none());
  c.def("constant_value", [](Graph& g, int op, int index) -> nb::object {
    absl::optional<Tensor> value = ConstantValue(Output{OpOf(g, op), index});
    if (!value.has_value()) return nb::none();
    return TensorToArray(*std::move(value));
  });
  c.def("constant_value_as_shape", [](Graph& g, int op, int index) {
    return ShapeToPython(
        Check(ConstantValueAsShape(Output{OpOf(g, op), index})));
  });
}

void BindCollections(nb::class_<Graph>& c) {
  c.def("add_to_collection",
        [](Graph& g, const std::string& name, nb::object value) {
          g.AddToCollection(name, CollectionItemOf(value));
        }, nb::arg(), nb::arg().none());
  // Tuples of CollectionItemToPython(); of a variable that `variables` has by
  // its key, what it has: nothing need be made then.
  c.def("get_collection",
        [](Graph& g, const std::string& name, nb::dict variables) {
          nb::list items;
          for (const CollectionItem& item : g.GetCollection(name)) {
            nb::object known = KnownVariable(item, variables);
            items.append(known.is_valid() ? std::move(known)
                                          : CollectionItemToPython(item));
          }
          return items;
        });
  c.def("clear_collection",
        [](Graph& g, const std::string& name) { g.ClearCollection(name); });
  c.def("collection_names", [](Graph& g) { return g.CollectionNames(); });
}

void BindRest(nb::class_<Graph>& c) {
  c.def_prop_ro("key", [](Graph& g) { return g.unique_graph_key(); });
  c.def_prop_ro("finalized", [](Graph& g) { return g.finalized(); });
  c.def("finalize", [](Graph& g) { g.Finalize(); });
  c.def("unsafe_unfinalize", [](Graph& g) { g.UnsafeUnfinalize(); });
  c.def("check_not_finalized", [](Graph& g) { Check(g.CheckNotFinalized()); });
  c.def_prop_rw(
      "seed",
      [](Graph& g) -> std::optional<int64_t> {
        if (!g.seed().has_value()) return std::nullopt;
        return *g.seed();
      },
      [](Graph& g, std::optional<int64_t> seed) {
        absl::optional<int64_t> s;
        if (seed.has_value()) s = *seed;
        g.SetSeed(s);
      },
      nb::arg().none());
  c.def("get_seed", [](Graph& g, std::optional<int64_t> op_seed) {
    absl::optional<int64_t> wanted;
    if (op_seed.has_value()) wanted = *op_seed;
    auto seeds = g.GetSeed(wanted);
    nb::object first = nb::none(), second = nb::none();
    if (seeds.first.has_value()) first = nb::int_(*seeds.first);
    if (seeds.second.has_value()) second = nb::int_(*seeds.second);
    return nb::make_tuple(first, second);
  }, nb::arg().none());
  c.def_prop_rw("producer", [](Graph& g) { return g.producer(); },
                [](Graph& g, int producer) { g.set_producer(producer); });
  // A FunctionDefLibrary; functions whose names are known stay as they are.
  c.def("add_functions", [](Graph& g, nb::bytes library) {
    Check(g.CheckNotFinalized());
    g.AddFunctions(Parsed<FunctionDefLibrary>(library));
  });
  c.def("to_graph_def", [](Graph& g, bool add_shapes, int from_version) {
    return ToBytes(GraphDefBytes(g, add_shapes, from_version));
  });
}

nb::list Import(Graph& graph, nb::bytes graph_def, const std::string& name,
                nb::dict input_map,
                const std::vector<std::string>& return_elements,
                bool keep_unknown_ops, bool validate_versions,
                nb::object producer_op_list) {
  CallSite call_site;
  ImportOptions options;
  options.name = name;
  options.return_elements = return_elements;
  options.keep_unknown_ops = keep_unknown_ops;
  options.validate_versions = validate_versions;
  OpList op_list;
  if (!producer_op_list.is_none()) {
    op_list = Parsed<OpList>(nb::cast<nb::bytes>(producer_op_list));
    options.producer_op_list = &op_list;
  }
  for (auto [key, value] : input_map) {
    options.input_map.emplace_back(ToStr(key), OutputOf(value));
  }
  nb::list result;
  for (const Graph::Element& element : Check(ImportGraphDef(
           &graph, Parsed<GraphDef>(graph_def), options))) {
    result.append(ElementToPython(element));
  }
  return result;
}

}  // namespace

void BindGraph(nb::module_& m) {
  nb::class_<TensorBase>(m, "TensorBase")
      .def("__init__", [](TensorBase* self, Graph& graph, int op, int index) {
        new (self) TensorBase{Output{OpOf(graph, op), index}};
      })
      .def("_core_str",
           [](TensorBase& self) { return self.output.DebugString(); })
      .def("_core_repr",
           [](TensorBase& self) { return self.output.ReprString(); });

  nb::class_<Graph> c(m, "Graph");
  c.def(nb::new_([]() -> GraphPtr { return Graph::Create(); }));
  BindScopes(c);
  BindElements(c);
  BindOperations(c);
  BindOutputs(c);
  BindCollections(c);
  BindRest(c);
  c.def("import_graph_def", &Import, nb::arg("graph_def"), nb::arg("name"),
        nb::arg("input_map"), nb::arg("return_elements"),
        nb::arg("keep_unknown_ops"), nb::arg("validate_versions"),
        nb::arg("producer_op_list").none());
  m.def("merge_devices", [](const std::string& outer, const std::string& inner) {
    return Check(MergeDevices(outer, inner));
  });
  // The job of a device's name, or None.
  m.def("device_job", [](const std::string& device) -> nb::object {
    const DeviceName name = Check(DeviceName::Parse(device));
    if (!name.job.has_value()) return nb::none();
    return Utf8(*name.job);
  });
  m.def("canonical_device", [](const std::string& device) {
    return Check(CanonicalDevice(device));
  });
}

}  // namespace python
}  // namespace retrograph
