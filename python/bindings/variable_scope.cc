// Variable scopes and get_variable.
#include "variables/variable_scope.h"

#include <nanobind/stl/vector.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "python/bindings/bindings.h"
#include "python/bindings/support.h"
#include "python/bindings/tensors.h"
#include "python/bindings/variable_options.h"
#include "variables/initializers.h"

namespace retrograph {
namespace python {
namespace {

nb::object DimsToPython(const std::vector<int64_t>& dims) {
  nb::list list;
  for (int64_t dim : dims) list.append(dim);
  return list;
}

// A Python callable as an initializer: the package's hook calls it with the
// arguments that it takes.
Initializer InitializerOf(nb::handle h, bool takes_shape) {
  std::shared_ptr<nb::object> function = Keep(nb::borrow(h));
  Initializer initializer;
  initializer.takes_shape = takes_shape;
  initializer.make = [function, takes_shape](
                         GraphBuilder& b, const TensorShape& shape,
                         DataType dtype, const PartitionInfo* partition) {
    return CallForOutput(b, [&]() -> nb::object {
      if (!takes_shape) {
        return Hook("call_initializer")(*function,
                                        b.graph()->unique_graph_key());
      }
      nb::object info = nb::none();
      if (partition != nullptr) {
        info = nb::make_tuple(DimsToPython(partition->full_shape),
                              DimsToPython(partition->var_offset));
      }
      return Hook("call_shape_initializer")(
          *function, b.graph()->unique_graph_key(), ShapeToPython(shape),
          static_cast<int>(dtype), info);
    });
  };
  return initializer;
}

Regularizer RegularizerOf(nb::handle h) {
  if (h.is_none()) return nullptr;
  std::shared_ptr<nb::object> function = Keep(nb::borrow(h));
  return [function](GraphBuilder& b, const Variable& variable) {
    return CallForOutput(b, [&] {
      // The same object; Python knows no constness.
      auto shared = std::const_pointer_cast<Variable>(
          variable.shared_from_this());
      return Hook("call_with_variable")(*function, shared,
                                        b.graph()->unique_graph_key());
    });
  };
}

Partitioner PartitionerOf(nb::handle h) {
  if (h.is_none()) return nullptr;
  std::shared_ptr<nb::object> function = Keep(nb::borrow(h));
  return [function](const TensorShape& shape,
                    DataType dtype) -> absl::StatusOr<std::vector<int>> {
    return CallPython([&] {
      return nb::cast<std::vector<int>>(Hook("call_partitioner")(
          *function, ShapeToPython(shape), static_cast<int>(dtype)));
    });
  };
}

absl::optional<Reuse> ReuseOf(nb::handle h) {
  if (h.is_none()) return absl::nullopt;
  return static_cast<Reuse>(nb::cast<int>(h));
}

void SetInitializer(nb::dict args, GetVariableOptions* options) {
  nb::handle initializer = args["initializer"];
  const std::string kind = ToStr(args["initializer_kind"]);
  if (kind == "function") {
    options->initializer = InitializerOf(initializer, true);
  } else if (kind == "no_arguments") {
    options->initializer = InitializerOf(initializer, false);
  } else if (kind == "value") {
    options->initial_value = InputOf(initializer);
  }
}

GotVariable CallGetter(std::shared_ptr<nb::object> function,
                       const GetVariableFn& getter, GraphBuilder& b,
                       const GetVariableOptions& options);

CustomGetter CustomGetterOf(nb::handle h) {
  if (h.is_none()) return nullptr;
  std::shared_ptr<nb::object> function = Keep(nb::borrow(h));
  return [function](GetVariableFn getter, GraphBuilder& b,
                    GetVariableOptions options) {
    return CallGetter(function, getter, b, options);
  };
}

GetVariableOptions OptionsOf(nb::dict args) {
  GetVariableOptions options;
  options.name = ToStr(args["name"]);
  if (!nb::cast<bool>(args["no_shape"])) {
    options.shape = ShapeFromPython(args["shape"]);
  }
  options.dtype = static_cast<DataType>(nb::cast<int>(args["dtype"]));
  SetInitializer(args, &options);
  options.regularizer = RegularizerOf(args["regularizer"]);
  options.trainable = OptionalBool(args["trainable"]);
  options.collections = OptionalStrings(args["collections"]);
  options.caching_device = OptionalString(args["caching_device"]);
  options.partitioner = PartitionerOf(args["partitioner"]);
  options.validate_shape = nb::cast<bool>(args["validate_shape"]);
  options.use_resource = OptionalBool(args["use_resource"]);
  options.constraint = ConstraintOf(args["constraint"]);
  options.custom_getter = CustomGetterOf(args["custom_getter"]);
  options.synchronization =
      static_cast<Synchronization>(nb::cast<int>(args["synchronization"]));
  options.aggregation =
      static_cast<Aggregation>(nb::cast<int>(args["aggregation"]));
  options.reuse = ReuseOf(args["reuse"]);
  return options;
}

nb::object GotToPython(const GotVariable& got) {
  if (got.partitioned != nullptr) return nb::cast(got.partitioned);
  return nb::cast(got.variable);
}

// What a custom getter calls: changes to the arguments that Python made are in
// `changes`; what it left alone stays the C++ object that it was.
nb::object InnerGetter(const GetVariableFn& getter,
                       const std::shared_ptr<Graph>& graph,
                       GetVariableOptions options, nb::dict changes) {
  CallSite call_site;
  for (auto [key, value] : changes) {
    const std::string name = ToStr(key);
    if (name == "name") options.name = ToStr(value);
    if (name == "shape") options.shape = ShapeFromPython(value);
    if (name == "dtype") {
      options.dtype = static_cast<DataType>(nb::cast<int>(value));
    }
    if (name == "trainable") options.trainable = OptionalBool(value);
    if (name == "collections") options.collections = OptionalStrings(value);
    if (name == "caching_device") {
      options.caching_device = OptionalString(value);
    }
    if (name == "use_resource") options.use_resource = OptionalBool(value);
    if (name == "validate_shape") {
      options.validate_shape = nb::cast<bool>(value);
    }
    if (name == "reuse") options.reuse = ReuseOf(value);
    if (name == "regularizer") options.regularizer = RegularizerOf(value);
    if (name == "partitioner") options.partitioner = PartitionerOf(value);
    if (name == "constraint") options.constraint = ConstraintOf(value);
    if (name == "initializer") {
      options.initializer.reset();
      options.initial_value.reset();
      SetInitializer(changes, &options);
    }
  }
  GraphBuilder b(graph.get());
  GotVariable got = getter(b, std::move(options));
  Check(b.status());
  return GotToPython(got);
}

// The arguments that a custom getter sees.
nb::dict OptionsToPython(const GetVariableOptions& options) {
  nb::dict args;
  args["name"] = Utf8(options.name);
  args["shape"] = options.shape.has_value() ? ShapeToPython(*options.shape)
                                            : nb::object(nb::none());
  args["has_shape"] = options.shape.has_value();
  args["dtype"] = static_cast<int>(options.dtype);
  args["trainable"] = options.trainable.has_value()
                          ? nb::object(nb::bool_(*options.trainable))
                          : nb::object(nb::none());
  nb::object collections = nb::none();
  if (options.collections.has_value()) collections = nb::cast(*options.collections);
  args["collections"] = collections;
  args["caching_device"] = options.caching_device.has_value()
                               ? Utf8(*options.caching_device)
                               : nb::object(nb::none());
  args["validate_shape"] = options.validate_shape;
  args["use_resource"] = options.use_resource.has_value()
                             ? nb::object(nb::bool_(*options.use_resource))
                             : nb::object(nb::none());
  args["reuse"] = options.reuse.has_value()
                      ? nb::object(nb::int_(static_cast<int>(*options.reuse)))
                      : nb::object(nb::none());
  args["synchronization"] = static_cast<int>(options.synchronization);
  args["aggregation"] = static_cast<int>(options.aggregation);
  return args;
}

GotVariable CallGetter(std::shared_ptr<nb::object> function,
                       const GetVariableFn& getter, GraphBuilder& b,
                       const GetVariableOptions& options) {
  auto got = CallPython([&] {
    std::shared_ptr<Graph> graph = b.graph()->shared_from_this();
    nb::object inner = nb::cpp_function(
        [getter, graph, options](nb::dict changes) {
          return InnerGetter(getter, graph, options, changes);
        });
    nb::object result = Hook("call_custom_getter")(*function, inner,
                                                   OptionsToPython(options));
    GotVariable value;
    if (nb::isinstance<PartitionedVariable>(result)) {
      value.partitioned =
          nb::cast<std::shared_ptr<PartitionedVariable>>(result);
    } else {
      value.variable = nb::cast<std::shared_ptr<Variable>>(result);
    }
    return value;
  });
  return b.Take(std::move(got));
}

nb::object Get(const std::shared_ptr<Graph>& graph, nb::dict args, bool local) {
  CallSite call_site;
  GraphBuilder b(graph.get());
  GetVariableOptions options = OptionsOf(args);
  GotVariable got = local ? GetLocalVariable(b, std::move(options))
                          : GetVariable(b, std::move(options));
  Check(b.status());
  return GotToPython(got);
}

// A scope on the stack, entered when it is made and left by exit().
class EnteredScope {
 public:
  EnteredScope(const std::shared_ptr<Graph>& graph,
               VariableScopeOptions options)
      : graph_(graph) {
    GraphBuilder b(graph.get());
    scope_ = std::make_unique<ScopedVariableScope>(b, std::move(options));
    absl::Status status = b.status();
    if (!status.ok()) {
      scope_.reset();
      Raise(status);
    }
  }
  VariableScope* scope() { return scope_->scope(); }
  void Exit() { scope_.reset(); }

 private:
  std::shared_ptr<Graph> graph_;
  std::unique_ptr<ScopedVariableScope> scope_;
};

EnteredScope* Enter(const std::shared_ptr<Graph>& graph, nb::dict args) {
  VariableScopeOptions options;
  options.name = OptionalString(args["name"]);
  if (!args["scope"].is_none()) {
    options.scope = nb::cast<VariableScope*>(args["scope"]);
  }
  options.default_name = OptionalString(args["default_name"]);
  options.reuse = ReuseOf(args["reuse"]);
  nb::handle initializer = args["initializer"];
  if (!initializer.is_none()) {
    options.initializer = InitializerOf(
        initializer, ToStr(args["initializer_kind"]) == "function");
  }
  options.regularizer = RegularizerOf(args["regularizer"]);
  options.caching_device = OptionalString(args["caching_device"]);
  options.partitioner = PartitionerOf(args["partitioner"]);
  options.custom_getter = CustomGetterOf(args["custom_getter"]);
  options.dtype = static_cast<DataType>(nb::cast<int>(args["dtype"]));
  options.use_resource = OptionalBool(args["use_resource"]);
  options.constraint = ConstraintOf(args["constraint"]);
  options.auxiliary_name_scope = nb::cast<bool>(args["auxiliary_name_scope"]);
  CallSite call_site;
  return new EnteredScope(graph, std::move(options));
}

void BindScope(nb::module_& m) {
  nb::class_<VariableScope>(m, "VariableScope")
      .def_prop_ro("name", [](VariableScope& s) { return s.name; })
      .def_prop_ro("original_name_scope",
                   [](VariableScope& s) { return s.original_name_scope; })
      .def_prop_rw(
          "reuse", [](VariableScope& s) { return static_cast<int>(s.reuse); },
          [](VariableScope& s, int reuse) {
            s.reuse = static_cast<Reuse>(reuse);
          })
      .def_prop_rw(
          "dtype", [](VariableScope& s) { return static_cast<int>(s.dtype); },
          [](VariableScope& s, int dtype) {
            s.dtype = static_cast<DataType>(dtype);
          })
      .def_prop_rw(
          "use_resource",
          [](VariableScope& s) -> nb::object {
            if (!s.use_resource.has_value()) return nb::none();
            return nb::bool_(*s.use_resource);
          },
          [](VariableScope& s, nb::object value) {
            s.use_resource = OptionalBool(value);
          },
          nb::arg().none())
      .def_prop_ro("caching_device",
                   [](VariableScope& s) -> nb::object {
                     if (!s.caching_device.has_value()) return nb::none();
                     return Utf8(*s.caching_device);
                   })
      .def("set_caching_device",
           [](VariableScope& s, nb::object device) {
             s.caching_device = OptionalString(device);
           }, nb::arg().none())
      .def("set_initializer",
           [](VariableScope& s, nb::object f, bool takes_shape) {
             s.initializer.reset();
             if (!f.is_none()) s.initializer = InitializerOf(f, takes_shape);
           }, nb::arg().none(), nb::arg())
      .def("set_regularizer",
           [](VariableScope& s, nb::object f) {
             s.regularizer = RegularizerOf(f);
           }, nb::arg().none())
      .def("set_partitioner",
           [](VariableScope& s, nb::object f) {
             s.partitioner = PartitionerOf(f);
           }, nb::arg().none())
      .def("set_custom_getter",
           [](VariableScope& s, nb::object f) {
             s.custom_getter = CustomGetterOf(f);
           }, nb::arg().none())
      .def("copy", [](VariableScope& s) { return VariableScope(s); });
  nb::class_<EnteredScope>(m, "EnteredScope")
      .def("scope_copy",
           [](EnteredScope& e) { return VariableScope(*e.scope()); })
      .def("exit", [](EnteredScope& e) { e.Exit(); });
  m.def("enter_variable_scope", &Enter, nb::rv_policy::take_ownership);
  // The scope in force, to be changed in place at once: the pointer is good
  // until the scope is left.
  m.def("current_variable_scope",
        [](const std::shared_ptr<Graph>& graph) {
          return CurrentVariableScope(graph.get());
        },
        nb::rv_policy::reference);
}

// A C++ initializer's nodes. `kind` is its name, `args` what it takes.
nb::object MakeInitialValue(const std::shared_ptr<Graph>& graph,
                            const std::string& kind, nb::dict args,
                            nb::object shape, int dtype,
                            nb::object partition_info) {
  CallSite call_site;
  auto number = [&](const char* name) { return nb::cast<double>(args[name]); };
  absl::optional<int64_t> seed;
  if (args.contains("seed") && !args["seed"].is_none()) {
    seed = nb::cast<int64_t>(args["seed"]);
  }
  Initializer initializer;
  if (kind == "zeros") {
    initializer = ZerosInitializer();
  } else if (kind == "ones") {
    initializer = OnesInitializer();
  } else if (kind == "constant") {
    initializer = ConstantInitializer(
        TensorFromArray(args["value"], static_cast<DataType>(nb::cast<int>(
                                           args["value_dtype"]))),
        nb::cast<bool>(args["verify_shape"]));
  } else if (kind == "random_uniform") {
    absl::optional<double> maxval;
    if (!args["maxval"].is_none()) maxval = number("maxval");
    initializer = RandomUniformInitializer(number("minval"), maxval, seed);
  } else if (kind == "random_normal") {
    initializer =
        RandomNormalInitializer(number("mean"), number("stddev"), seed);
  } else if (kind == "truncated_normal") {
    initializer =
        TruncatedNormalInitializer(number("mean"), number("stddev"), seed);
  } else if (kind == "uniform_unit_scaling") {
    initializer = UniformUnitScalingInitializer(number("factor"), seed);
  } else {
    initializer = Check(VarianceScalingInitializer(
        number("scale"), ToStr(args["mode"]), ToStr(args["distribution"]),
        seed));
  }
  PartitionInfo info;
  const bool partitioned = !partition_info.is_none();
  if (partitioned) {
    info.full_shape = nb::cast<std::vector<int64_t>>(partition_info[0]);
    info.var_offset = nb::cast<std::vector<int64_t>>(partition_info[1]);
  }
  GraphBuilder b(graph.get());
  Output output = initializer.make(
      b, ShapeFromPython(shape).AsTensorShape(), static_cast<DataType>(dtype),
      partitioned ? &info : nullptr);
  Check(b.status());
  return OutputToPython(output);
}

}  // namespace

void BindVariableScopes(nb::module_& m) {
  BindScope(m);
  m.def("get_variable", &Get);
  m.def("make_initial_value", &MakeInitialValue, nb::arg(), nb::arg(),
        nb::arg(), nb::arg(), nb::arg(), nb::arg().none());
}

}  // namespace python
}  // namespace retrograph
