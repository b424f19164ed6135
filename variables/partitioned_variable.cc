#include <vector>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "ops/builders.h"
#include "variables/variable.h"

namespace retrograph {

Output PartitionedVariable::AsTensor(GraphBuilder& b) const {
  if (!b.ok()) return Output();
  Graph* graph = b.graph();
  ControlDependencies none(graph, ControlDependencies::kClear);
  Input whole = parts_[0]->AsInput();
  if (parts_.size() > 1) {
    int axis = 0;
    while (partitions_[axis] == 1) ++axis;
    std::vector<Input> values;
    for (const auto& part : parts_) values.push_back(part->AsInput());
    NameScope scope(graph, absl::StrCat(name_, "/ConcatPartitions/"));
    whole = b.Op("ConcatV2", {Input(std::move(values)), axis}, {}, "concat");
  }
  NameScope root(graph, "");
  return Identity(b, whole, name_);
}

Input PartitionedVariable::AsInput() const {
  return Input::FromConverter(
      [self = *this](GraphBuilder* b, DataType dtype, DataType,
                     absl::string_view) -> absl::StatusOr<Output> {
        if (dtype != DT_INVALID && IsRefType(dtype)) {
          return NotImplementedError(
              "PartitionedVariable doesn't support being used as a "
              "reference.");
        }
        if (dtype != DT_INVALID && dtype != self.dtype_) {
          return ValueError(
              absl::StrCat("Incompatible type conversion requested to type '",
                           DTypePythonName(dtype), "' for variable of type '",
                           DTypePythonName(self.dtype_), "'"));
        }
        Output value = self.AsTensor(*b);
        if (!b->ok()) return b->status();
        return value;
      });
}

}  // namespace retrograph
