// SaveableObject: one thing that a Saver writes under one name, and how it is
// put back: a variable, a slice of one, or an object of the user's.
//
// Source: tensorflow/python/training/saving/saveable_object.py and
// saveable_object_util.py (1.15).
#ifndef RETROGRAPH_SAVER_SAVEABLE_H_
#define RETROGRAPH_SAVER_SAVEABLE_H_

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "graph/builder.h"
#include "variables/variable.h"

namespace retrograph {

// What is saved: a tensor, or a variable, which the op that takes it reads.
struct SavedTensor {
  SavedTensor() : input(Output()) {}
  SavedTensor(const Output& tensor);  // NOLINT
  explicit SavedTensor(const Variable& variable);

  Input input;
  PartialTensorShape shape;
  std::string device;
};

// One tensor of a SaveableObject.
struct SaveSpec {
  // Adds the node that is saved, or returns one that is there. Asked for at
  // each use, as TensorFlow does: a partition of a resource variable gets a new
  // read each time.
  std::function<SavedTensor(GraphBuilder&)> tensor;
  std::string slice_spec;  // "" for a whole tensor
  std::string name;        // the key in the checkpoint
  DataType dtype = DT_INVALID;
  std::string device;      // where the tensor is
  std::string variable;    // the variable's op name, for observers
};

// What a restored tensor is reshaped to (Saver(reshape=True)): the static shape
// of what was saved, or its shape at run time where that is not known.
struct TargetShape {
  PartialTensorShape known;
  Output tensor;  // valid if `known` is not fully defined
  Input AsInput() const;
};

class SaveableObject : public CollectionObject {
 public:
  std::string TypeName() const override { return "SaveableObject"; }
  const std::string& name() const { return name_; }
  const std::vector<SaveSpec>& specs() const { return specs_; }
  // What makes two saveables the same: the tensor, or the variable itself.
  const void* identity() const { return identity_; }
  // The tensor it was made of, if it was: a Saver builds where that is.
  const Output& producer() const { return producer_; }
  // Names the key of a tensor anew; for checkpoints whose keys are no names.
  virtual void set_key(size_t spec, const std::string& key) {
    specs_[spec].name = key;
  }

  // Adds the ops that put `tensors` (one a spec) back and returns the last
  // ones. `shapes`, if given, are what the tensors are reshaped to first.
  virtual std::vector<Operation*> Restore(
      GraphBuilder& b, const std::vector<Output>& tensors,
      const std::vector<TargetShape>* shapes) = 0;

 protected:
  SaveableObject(std::string name, const void* identity, Output producer)
      : name_(std::move(name)), identity_(identity), producer_(producer) {}
  std::string name_;
  const void* identity_;
  Output producer_;
  std::vector<SaveSpec> specs_;
};

// A variable, or a part of one.
class VariableSaveable : public SaveableObject {
 public:
  // A variable's tensor (its reference, or the read that it made when it was
  // built), or the variable itself, which is read anew.
  using Source = std::variant<Output, std::shared_ptr<Variable>>;

  // Saved from the reference (a part: from its value), put back by an Assign.
  static std::shared_ptr<VariableSaveable> Reference(Source source,
                                                     std::string slice_spec,
                                                     std::string name);
  // Saved through a read, put back through the handle.
  static absl::StatusOr<std::shared_ptr<VariableSaveable>> Resource(
      Source source, std::string slice_spec, std::string name);

  bool is_resource() const { return is_resource_; }
  const Source& source() const { return source_; }

 protected:
  VariableSaveable(bool is_resource, Source source, std::string slice_spec,
                   std::string name);

  const bool is_resource_;
  const Source source_;
};

using Saveables = std::vector<std::shared_ptr<SaveableObject>>;

// Slices of one variable, given one by one.
using Slices = std::vector<std::shared_ptr<Variable>>;

// One thing a Saver may be given: a variable, a partitioned one, a tensor of a
// variable, an object of the user's, or in a dict the slices of a variable, in
// a dict under `key`.
struct Saveable {
  absl::optional<std::string> key;
  std::variant<std::shared_ptr<Variable>, std::shared_ptr<PartitionedVariable>,
               Output, std::shared_ptr<SaveableObject>, Slices>
      value;
};

// GLOBAL_VARIABLES and SAVEABLE_OBJECTS of a graph, as they are now; with a
// `scope`, those whose names match it (Graph::GetCollection).
std::vector<Saveable> AllSaveableObjects(const Graph& graph,
                                         absl::string_view scope = "");

// op_list_to_dict: the name that each thing in a list is saved under, sorted,
// with the places of those that go by it; several are slices of one variable.
absl::StatusOr<std::vector<std::pair<std::string, std::vector<size_t>>>>
NamesOfList(const std::vector<Saveable>& list);

// What a Saver over `var_list` saves, sorted by name; `is_dict` tells that the
// keys are meant. Errors with TensorFlow's classes and texts:
//   ValueError  two things of one name; one thing under two names.
//   TypeError   a tensor that is not a variable's.
absl::StatusOr<Saveables> ValidateAndSliceInputs(
    const std::vector<Saveable>& var_list, bool is_dict);

}  // namespace retrograph

#endif  // RETROGRAPH_SAVER_SAVEABLE_H_
