#include "python/bindings/saveables.h"

#include <nanobind/stl/vector.h>

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "core/file_system.h"
#include "python/bindings/bindings.h"
#include "python/bindings/variable_options.h"
#include "saver/object_based.h"

namespace retrograph {
namespace python {
namespace {

using VariablePtr = std::shared_ptr<Variable>;
using SaveablePtr = std::shared_ptr<SaveableObject>;

VariableSaveable::Source SourceOf(nb::handle value) {
  Output output = OutputOf(value);
  if (output.valid()) return output;
  return nb::cast<VariablePtr>(nb::getattr(value, "_core_variable"));
}

nb::list ToPython(const std::vector<Output>& tensors) {
  nb::list list;
  for (const Output& tensor : tensors) list.append(OutputToPython(tensor));
  return list;
}

// What a saveable is told to reshape to: a shape, or a tensor's (id, index).
nb::object ShapesToPython(const std::vector<TargetShape>* shapes) {
  if (shapes == nullptr) return nb::none();
  nb::list list;
  for (const TargetShape& shape : *shapes) {
    list.append(shape.tensor.valid()
                    ? nb::make_tuple(OutputToPython(shape.tensor), nb::none())
                    : nb::make_tuple(nb::none(), ShapeToPython(shape.known)));
  }
  return list;
}

using PythonCall = std::function<nb::object()>;

// The operations whose ids a Python function returns. No object of Python's
// leaves CallPython(): the caller may not hold the GIL.
std::vector<Operation*> CallForOperations(GraphBuilder& b,
                                          const PythonCall& call) {
  return b.Take(CallPython([&] {
    std::vector<Operation*> operations;
    nb::object ids = call();
    for (nb::handle id : ids) {
      operations.push_back(OpOf(*b.graph(), nb::cast<int>(id)));
    }
    return operations;
  }));
}

// The tensors that a Python function returns.
std::vector<Output> CallForOutputs(GraphBuilder& b, const PythonCall& call) {
  return b.Take(CallPython([&] {
    std::vector<Output> outputs;
    nb::object tensors = call();
    for (nb::handle tensor : tensors) outputs.push_back(OutputOf(tensor));
    return outputs;
  }));
}

// A SaveableObject that a user wrote in Python.
class PythonSaveable : public SaveableObject {
 public:
  PythonSaveable(nb::object object, std::string name, nb::list specs,
                 nb::object op)
      : SaveableObject(std::move(name), op.ptr(), Output()),
        object_(Keep(object)),
        op_(Keep(op)) {
    producer_ = OutputOf(op);
    if (producer_.valid()) {
      identity_ = producer_.op;
    } else if (nb::hasattr(op, "_core_variable")) {
      auto variable = nb::cast<VariablePtr>(nb::getattr(op, "_core_variable"));
      identity_ = variable.get();
      producer_ = variable->handle();
    }
    for (nb::handle h : specs) specs_.push_back(SpecOf(h));
  }
  nb::object object() const { return *object_; }

  // The user's object is told, as in TensorFlow.
  void set_key(size_t spec, const std::string& key) override {
    SaveableObject::set_key(spec, key);
    CallPython([&] {
      nb::setattr(nb::getattr(*object_, "specs")[spec], "name", Utf8(key));
      return true;
    }).IgnoreError();
  }

  std::vector<Operation*> Restore(
      GraphBuilder& b, const std::vector<Output>& tensors,
      const std::vector<TargetShape>* shapes) override {
    return CallForOperations(b, [&] {
      return Hook("restore_saveable")(b.graph()->unique_graph_key(), *object_,
                                      ToPython(tensors),
                                      ShapesToPython(shapes));
    });
  }

 private:
  static SaveSpec SpecOf(nb::handle h) {
    SaveSpec spec;
    std::shared_ptr<nb::object> object = Keep(nb::borrow(h[0]));
    spec.tensor = [object](GraphBuilder& b) {
      return b.Take(CallPython([&] {
        nb::object tensor =
            Hook("spec_tensor")(b.graph()->unique_graph_key(), *object);
        nb::object variable = nb::getattr(tensor, "_core_variable", nb::none());
        return variable.is_none()
                   ? SavedTensor(OutputOf(tensor))
                   : SavedTensor(*nb::cast<VariablePtr>(variable));
      }));
    };
    spec.slice_spec = ToStr(h[1]);
    spec.name = ToStr(h[2]);
    spec.dtype = static_cast<DataType>(nb::cast<int>(h[3]));
    spec.device = ToStr(h[4]);
    return spec;
  }

  const std::shared_ptr<nb::object> object_;
  const std::shared_ptr<nb::object> op_;
};

// The user's own object, or what the package makes one of:
// (is_resource, (id, index) or a _core.Variable, slice_spec, name, key).
nb::object SaveableToPython(const SaveablePtr& saveable) {
  if (auto python = std::dynamic_pointer_cast<PythonSaveable>(saveable)) {
    return python->object();
  }
  auto variable = std::dynamic_pointer_cast<VariableSaveable>(saveable);
  if (variable == nullptr) return nb::none();
  auto* tensor = std::get_if<Output>(&variable->source());
  nb::object source =
      tensor != nullptr ? OutputToPython(*tensor)
                        : nb::cast(std::get<VariablePtr>(variable->source()));
  return nb::make_tuple(variable->is_resource(), source,
                        variable->specs()[0].slice_spec, variable->name(),
                        variable->specs()[0].name);
}

nb::list SaveablesToPython(const Saveables& saveables) {
  nb::list list;
  for (const SaveablePtr& saveable : saveables) {
    list.append(SaveableToPython(saveable));
  }
  return list;
}

// The saveables that Python passes on to a builder.
Saveables ObjectsOf(nb::list items) {
  Saveables saveables;
  for (Saveable& saveable : SaveablesOf(std::move(items))) {
    saveables.push_back(std::get<SaveablePtr>(saveable.value));
  }
  return saveables;
}

// A builder whose class the user derived: every part is asked of the object,
// whose methods call those of Base unless they are overridden.
class PythonBuilder : public SaverBuilder {
 public:
  PythonBuilder(WriteVersion version, nb::object object)
      : SaverBuilder(version), object_(Keep(object)) {}

  Operation* SaveOp(GraphBuilder& b, const Output& filename,
                    const Saveables& saveables) override {
    const auto ops = CallForOperations(b, [&] {
      return Hook("builder_save_op")(b.graph()->unique_graph_key(), *object_,
                                     OutputToPython(filename),
                                     SaveablesToPython(saveables));
    });
    if (b.ok() && ops.empty()) b.Update(TypeError("save_op() made no op"));
    return ops.empty() ? nullptr : ops[0];
  }
  std::vector<Output> BulkRestore(GraphBuilder& b, const Output& filename,
                                  const Saveables& saveables,
                                  int preferred_shard,
                                  bool restore_sequentially) override {
    return CallForOutputs(b, [&] {
      return Hook("builder_bulk_restore")(
          b.graph()->unique_graph_key(), *object_, OutputToPython(filename),
          SaveablesToPython(saveables), preferred_shard, restore_sequentially);
    });
  }
  std::vector<Output> RestoreOp(GraphBuilder& b, const Output& filename,
                                const SaveablePtr& saveable,
                                int preferred_shard) override {
    return CallForOutputs(b, [&] {
      return Hook("builder_restore_op")(
          b.graph()->unique_graph_key(), *object_, OutputToPython(filename),
          SaveableToPython(saveable), preferred_shard);
    });
  }
  Output ShardedFilename(GraphBuilder& b, const Output& filename, int shard,
                         const Output& num_shards) override {
    return CallForOutput(b, [&] {
      return Hook("builder_sharded_filename")(
          b.graph()->unique_graph_key(), *object_, OutputToPython(filename),
          shard, OutputToPython(num_shards));
    });
  }

 private:
  const std::shared_ptr<nb::object> object_;
};

void BindVariableSaveable(nb::module_& m) {
  nb::class_<VariableSaveable>(m, "VariableSaveable")
      .def(nb::new_([](bool is_resource, nb::handle source,
                       const std::string& slice_spec, const std::string& name) {
        return is_resource ? Check(VariableSaveable::Resource(
                                 SourceOf(source), slice_spec, name))
                           : VariableSaveable::Reference(SourceOf(source),
                                                         slice_spec, name);
      }))
      // (id, index) of the tensor that is saved.
      .def("tensor",
           [](VariableSaveable& s, const std::shared_ptr<Graph>& graph) {
             CallSite call_site;
             GraphBuilder b(graph.get());
             const SavedTensor tensor = s.specs()[0].tensor(b);
             Check(b.status());
             return OutputToPython(tensor.input.output());
           })
      // shape: None, a tensor, or a list of dims.
      .def("restore",
           [](VariableSaveable& s, const std::shared_ptr<Graph>& graph,
              nb::handle tensor, nb::handle shape) {
             CallSite call_site;
             GraphBuilder b(graph.get());
             std::vector<TargetShape> shapes;
             if (!shape.is_none()) {
               shapes.emplace_back();
               shapes[0].tensor = OutputOf(shape);
               if (!shapes[0].tensor.valid()) {
                 shapes[0].known = ShapeFromPython(shape);
               }
             }
             const std::vector<Operation*> ops = s.Restore(
                 b, {OutputOf(tensor)}, shape.is_none() ? nullptr : &shapes);
             Check(b.status());
             return ops[0]->id();
           },
           nb::arg("graph"), nb::arg("tensor"), nb::arg("shape").none());
}

// The parts of a builder as its own class has them, for methods of the user's
// classes that call those of the base class.
void BindBuilder(nb::module_& m) {
  m.def("builder_save_op",
        [](const std::shared_ptr<Graph>& graph, int version,
           nb::handle filename, nb::list saveables) {
          CallSite call_site;
          GraphBuilder b(graph.get());
          Operation* op =
              BuilderOf(version, /*bulk=*/false, nb::none())
                  ->SaveOp(b, OutputOf(filename), ObjectsOf(saveables));
          Check(b.status());
          return op->id();
        });
  m.def("builder_bulk_restore",
        [](const std::shared_ptr<Graph>& graph, bool bulk, nb::handle object,
           nb::handle filename, nb::list saveables, int preferred_shard,
           bool restore_sequentially) {
          CallSite call_site;
          GraphBuilder b(graph.get());
          const auto builder = BuilderOf(SaverDef::V2, bulk, object);
          const Saveables objects = ObjectsOf(saveables);
          const auto tensors =
              bulk ? builder->BulkRestore(b, OutputOf(filename), objects,
                                          preferred_shard, restore_sequentially)
                   : builder->SaverBuilder::BulkRestore(
                         b, OutputOf(filename), objects, preferred_shard,
                         restore_sequentially);
          Check(b.status());
          return ToPython(tensors);
        },
        nb::arg(), nb::arg(), nb::arg().none(), nb::arg(), nb::arg(),
        nb::arg(), nb::arg());
  m.def("builder_restore_op",
        [](const std::shared_ptr<Graph>& graph, nb::handle filename,
           nb::list saveable, int preferred_shard) {
          CallSite call_site;
          GraphBuilder b(graph.get());
          const auto tensors = SaverBuilder().RestoreOp(
              b, OutputOf(filename), ObjectsOf(saveable)[0], preferred_shard);
          Check(b.status());
          return ToPython(tensors);
        });
}

}  // namespace

std::vector<Saveable> SaveablesOf(nb::list items) {
  std::vector<Saveable> saveables;
  for (nb::handle item : items) {
    Saveable saveable;
    saveable.key = OptionalString(item[0]);
    const std::string kind = ToStr(item[1]);
    nb::object value = item[2];
    if (kind == "variable") {
      saveable.value = nb::cast<VariablePtr>(value);
    } else if (kind == "partitioned") {
      saveable.value = nb::cast<std::shared_ptr<PartitionedVariable>>(value);
    } else if (kind == "tensor") {
      saveable.value = OutputOf(value);
    } else if (kind == "slices") {
      saveable.value = nb::cast<Slices>(value);
    } else {
      saveable.value = SaveablePtr(std::make_shared<PythonSaveable>(
          value, ToStr(item[3]), nb::list(item[4]), item[5]));
    }
    saveables.push_back(std::move(saveable));
  }
  return saveables;
}

std::shared_ptr<SaverBuilder> BuilderOf(int write_version, bool bulk,
                                        nb::handle object) {
  const auto version = static_cast<SaverBuilder::WriteVersion>(write_version);
  if (bulk) return std::make_shared<BulkSaverBuilder>(version);
  if (object.is_none()) return std::make_shared<SaverBuilder>(version);
  return std::make_shared<PythonBuilder>(version, nb::borrow(object));
}

std::shared_ptr<SaverBuilder> BuilderFromTuple(nb::handle builder) {
  if (builder.is_none()) return nullptr;
  return BuilderOf(nb::cast<int>(nb::object(builder[0])),
                   nb::cast<bool>(nb::object(builder[1])),
                   nb::object(builder[2]));
}

void BindSaveables(nb::module_& m) {
  BindVariableSaveable(m);
  BindBuilder(m);
  m.def("cpu0_of", [](const std::string& device) {
    return Check(SetCpu0(device));
  });
  // op_list_to_dict: [(name, [place in the list])].
  m.def("names_of_list", [](nb::list items) {
    nb::list names;
    for (const auto& [name, places] :
         Check(NamesOfList(SaveablesOf(std::move(items))))) {
      names.append(nb::make_tuple(Utf8(name), places));
    }
    return names;
  });
  m.def("object_graph_key_mapping", [](const std::string& prefix) {
    nb::dict names_to_keys;
    for (const auto& [name, key] :
         Check(ObjectGraphKeyMapping(FileSystem::Posix(), prefix))) {
      names_to_keys[Utf8(name)] = Utf8(key);
    }
    return names_to_keys;
  });
  // validate_and_slice_inputs, with the keys of an object-based checkpoint.
  m.def("object_based_saveables", [](nb::list items, bool is_dict,
                                     nb::dict names_to_keys) {
    std::map<std::string, std::string> keys;
    for (auto [name, key] : names_to_keys) keys[ToStr(name)] = ToStr(key);
    const Saveables saveables =
        Check(ValidateAndSliceInputs(SaveablesOf(std::move(items)), is_dict));
    Check(UseObjectBasedKeys(keys, saveables));
    return SaveablesToPython(saveables);
  });
  m.def("validate_and_slice_inputs", [](nb::list items, bool is_dict) {
    return SaveablesToPython(Check(
        ValidateAndSliceInputs(SaveablesOf(std::move(items)), is_dict)));
  });
}

}  // namespace python
}  // namespace retrograph
