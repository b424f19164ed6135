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

// One tensor of a SaveableObject.
struct SaveSpec {
  // Adds the node that is saved, or returns one that is there. Asked for at
  // each use, as TensorFlow does: a partition of a resource variable gets a new
  // read each time.
  std::function<Output(GraphBuilder&)> tensor;
  std::string slice_spec;  // "" for a whole tensor
  std::string name;        // the key in the checkpoint
  DataType dtype = DT_INVALID;
  std::string device;      // where the tensor is
  std::string variable;    // the variable's op name, for observers
};

class SaveableObject : public CollectionObject {
 public:
  std::string TypeName() const override { return "SaveableObject"; }
  const std::string& name() const { return name_; }
  const std::vector<SaveSpec>& specs() const { return specs_; }
  // What makes two saveables the same: the tensor, or the variable itself.
  const void* identity() const { return identity_; }

  // Adds the ops that put `tensors` (one a spec) back and returns the last.
  // `shapes`, if given, are what the tensors are reshaped to first.
  virtual Operation* Restore(GraphBuilder& b,
                             const std::vector<Output>& tensors,
                             const std::vector<Input>* shapes) = 0;

 protected:
  SaveableObject(std::string name, const void* identity)
      : name_(std::move(name)), identity_(identity) {}
  std::string name_;
  const void* identity_;
  std::vector<SaveSpec> specs_;
};

// One thing a Saver may be given: a variable, a partitioned one, a tensor of a
// variable, or an object of the user's, in a dict under `key`.
struct Saveable {
  absl::optional<std::string> key;
  std::variant<std::shared_ptr<Variable>, std::shared_ptr<PartitionedVariable>,
               Output, std::shared_ptr<SaveableObject>>
      value;
};

// GLOBAL_VARIABLES and SAVEABLE_OBJECTS of a graph, as they are now; with a
// `scope`, those whose names match it (Graph::GetCollection).
std::vector<Saveable> AllSaveableObjects(const Graph& graph,
                                         absl::string_view scope = "");

// What a Saver over `var_list` saves, sorted by name; `is_dict` tells that the
// keys are meant. Errors with TensorFlow's classes and texts:
//   ValueError  two things of one name; one thing under two names.
//   TypeError   a tensor that is not a variable's.
absl::StatusOr<std::vector<std::shared_ptr<SaveableObject>>>
ValidateAndSliceInputs(const std::vector<Saveable>& var_list, bool is_dict);

}  // namespace retrograph

#endif  // RETROGRAPH_SAVER_SAVEABLE_H_
