// get_variable with a partitioner: one variable a part, NAME/part_N.
#include <algorithm>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/errors.h"
#include "variables/variable_store.h"

namespace retrograph {
namespace {

template <typename List>
std::string PythonList(const List& values) {
  return absl::StrCat("[", absl::StrJoin(values, ", "), "]");
}

absl::StatusOr<std::vector<int>> CallPartitioner(
    const Partitioner& partitioner, const PartialTensorShape& shape,
    DataType dtype) {
  if (!shape.IsFullyDefined()) {
    return ValueError(absl::StrCat(
        "Shape of a new partitioned variable must be fully defined, but "
        "instead was ",
        shape.PythonString(), "."));
  }
  if (shape.rank() < 1) {
    return ValueError(absl::StrCat(
        "A partitioned Variable must have rank at least 1, shape: ",
        shape.PythonString()));
  }
  RG_ASSIGN_OR_RETURN(std::vector<int> parts,
                      partitioner(shape.AsTensorShape(), dtype));
  if (static_cast<int>(parts.size()) != shape.rank()) {
    return ValueError(absl::StrCat(
        "Partitioner returned a partition list that does not match the "
        "Variable's rank: ",
        PythonList(parts), " vs. ", shape.PythonString()));
  }
  if (absl::c_any_of(parts, [](int n) { return n < 1; })) {
    return ValueError(
        absl::StrCat("Partitioner returned zero partitions for some axes: ",
                     PythonList(parts)));
  }
  if (absl::c_count_if(parts, [](int n) { return n > 1; }) > 1) {
    return ValueError(absl::StrCat(
        "Can only slice a variable along one dimension: shape: ",
        shape.PythonString(), ", partitioning: ", PythonList(parts)));
  }
  return parts;
}

// The axis that is split; 0 if none is.
int SliceAxis(const std::vector<int>& partitions) {
  auto split = absl::c_find_if(partitions, [](int n) { return n > 1; });
  return split == partitions.end()
             ? 0
             : static_cast<int>(split - partitions.begin());
}

// The slices of all parts, the first ones a row longer if it does not divide.
std::vector<SaveSliceInfo> Slices(const std::string& name,
                                  const TensorShape& shape, int axis,
                                  int count) {
  const std::vector<int64_t> full(shape.dims().begin(), shape.dims().end());
  std::vector<SaveSliceInfo> slices;
  int64_t offset = 0;
  for (int i = 0; i < count; ++i) {
    SaveSliceInfo slice{name, full, std::vector<int64_t>(full.size(), 0), full};
    slice.var_offset[axis] = offset;
    slice.var_shape[axis] =
        full[axis] / count + (i < full[axis] % count ? 1 : 0);
    offset += slice.var_shape[axis];
    slices.push_back(std::move(slice));
  }
  return slices;
}

absl::Status CheckPartitionInfo(const PartitionInfo& info) {
  for (size_t i = 0; i < info.full_shape.size(); ++i) {
    if (info.var_offset[i] < info.full_shape[i]) continue;
    return ValueError(absl::StrCat(
        "Expected 0 <= offset < shape but found offset=", info.var_offset[i],
        ", shape=", info.full_shape[i],
        " for var_offset=", PythonList(info.var_offset),
        ", full_shape=", PythonList(info.full_shape)));
  }
  return absl::OkStatus();
}

Tensor Int32Vector(const std::vector<int64_t>& values) {
  return Tensor::Vector<int32_t>(
      std::vector<int32_t>(values.begin(), values.end()));
}

// An existing partitioned variable must be what the caller describes.
absl::Status CheckReuse(const PartitionedVariable& found,
                        const GetVariableOptions& options,
                        const PartialTensorShape& shape,
                        const absl::optional<std::vector<int>>& partitions) {
  const std::string& name = options.name;
  if (options.reuse.value_or(Reuse::kNo) == Reuse::kNo) {
    return ValueError(
        absl::StrCat("Partitioned variable with name ", name,
                     " already exists. Did you mean to set reuse=True or "
                     "reuse=tf.AUTO_REUSE in VarScope?"));
  }
  const std::string trying = absl::StrCat(
      "Trying to reuse partitioned variable ", name, ", but specified ");
  if (!shape.IsCompatibleWith(found.shape())) {
    return ValueError(absl::StrCat(trying, "shape ", shape.PythonString(),
                                   " and found shape ",
                                   found.shape().PythonString(), "."));
  }
  if (options.dtype != found.dtype()) {
    return ValueError(
        absl::StrCat(trying, "dtype ", DTypePythonName(options.dtype),
                     " and found dtype ", DTypePythonName(found.dtype()), "."));
  }
  if (partitions.has_value() && *partitions != found.partitions()) {
    return ValueError(absl::StrCat(
        trying, "partitions ", PythonList(*partitions),
        " and found partitions ", PythonList(found.partitions()), "."));
  }
  return absl::OkStatus();
}

}  // namespace

std::shared_ptr<PartitionedVariable> VariableStore::FindPartitioned(
    const std::string& name) const {
  absl::MutexLock lock(&mu_);
  auto it = partitioned_.find(name);
  return it == partitioned_.end() ? nullptr : it->second;
}

std::shared_ptr<PartitionedVariable> VariableStore::GetPartitioned(
    GraphBuilder& b, GetVariableOptions options) {
  const std::string& name = options.name;
  if (Find(name) != nullptr) {
    b.Update(ValueError(absl::StrCat(
        "A partitioner was provided, but an unpartitioned version of the "
        "variable was found: ",
        name,
        ".  Perhaps a variable of the same name was already created without "
        "partitioning?")));
    return nullptr;
  }
  PartialTensorShape shape = options.shape.value_or(PartialTensorShape());
  if (options.initial_value.has_value() && options.initial_value->is_output()) {
    const PartialTensorShape& value = options.initial_value->output().shape();
    absl::StatusOr<PartialTensorShape> merged = shape.MergeWith(value);
    if (!merged.ok()) {
      b.Update(ValueError(absl::StrCat("Shapes ", shape.PythonString(), " and ",
                                       value.PythonString(),
                                       " are not compatible")));
      return nullptr;
    }
    shape = *std::move(merged);
  }
  absl::optional<std::vector<int>> partitions;
  if (options.partitioner) {
    partitions =
        b.Take(CallPartitioner(options.partitioner, shape, options.dtype));
    if (!b.ok()) return nullptr;
  }
  if (auto found = FindPartitioned(name)) {
    return b.Update(CheckReuse(*found, options, shape, partitions)) ? found
                                                                    : nullptr;
  }
  if (options.reuse == Reuse::kYes) {
    b.Update(ValueError(absl::StrCat(
        "PartitionedVariable ", name,
        " does not exist, or was not created with tf.get_variable(). Did you "
        "mean to set reuse=False or reuse=tf.AUTO_REUSE in VarScope?")));
    return nullptr;
  }
  return MakePartitioned(b, std::move(options), shape.AsTensorShape(),
                         *partitions);
}

absl::Status VariableStore::CheckExistingParts(const std::string& name,
                                               int count) const {
  auto part = [&](int i) { return absl::StrCat(name, "/part_", i); };
  if (Find(part(0)) == nullptr) return absl::OkStatus();
  const std::string text = absl::StrCat(
      "Partitioner returned a different partitioning than what was already "
      "found.  Partitioner returned ",
      count, " shards, and shard ", part(0), " was found, but ");
  if (Find(part(count - 1)) == nullptr) {
    return ValueError(absl::StrCat(text, part(count - 1), " was not."));
  }
  if (Find(part(count)) != nullptr) {
    return ValueError(
        absl::StrCat(text, "so was the extra shard ", part(count), "."));
  }
  return absl::OkStatus();
}

std::shared_ptr<PartitionedVariable> VariableStore::MakePartitioned(
    GraphBuilder& b, GetVariableOptions options, const TensorShape& shape,
    const std::vector<int>& partitions) {
  const int axis = SliceAxis(partitions);
  if (!b.Update(CheckExistingParts(options.name, partitions[axis]))) {
    return nullptr;
  }
  auto whole = std::make_shared<PartitionedVariable>();
  whole->name_ = options.name;
  whole->shape_ = shape;
  whole->partitions_ = partitions;
  for (const SaveSliceInfo& slice :
       Slices(options.name, shape, axis, partitions[axis])) {
    const PartitionInfo info{slice.full_shape, slice.var_offset};
    if (!b.Update(CheckPartitionInfo(info))) return nullptr;
    GetVariableOptions part = options;
    part.name = absl::StrCat(options.name, "/part_", whole->parts_.size());
    part.shape = PartialTensorShape(TensorShape(slice.var_shape));
    {
      NameScope scope(b.graph(),
                      absl::StrCat(part.name, "/PartitionedInitializer"));
      if (options.initial_value.has_value()) {
        part.shape.reset();
        part.initial_value =
            SliceOfValue(b, *options.initial_value, slice, &options.dtype);
        part.dtype = options.dtype;
      }
    }
    std::shared_ptr<Variable> variable = GetSingle(b, part, &info);
    if (!b.ok()) return nullptr;
    variable->set_save_slice_info(slice);
    whole->parts_.push_back(std::move(variable));
  }
  whole->dtype_ = options.dtype;
  absl::MutexLock lock(&mu_);
  partitioned_[options.name] = whole;
  return whole;
}

Output VariableStore::SliceOfValue(GraphBuilder& b, const Input& value,
                                   const SaveSliceInfo& slice,
                                   DataType* dtype) {
  // A tensor keeps its dtype, a Python value gets the variable's.
  Output tensor = b.Convert(value, value.is_output() ? DT_INVALID : *dtype);
  Output part = b.Op("Slice", {tensor, Int32Vector(slice.var_offset),
                               Int32Vector(slice.var_shape)});
  if (b.ok() && value.is_output()) *dtype = RemoveRefType(part.dtype());
  return part;
}

}  // namespace retrograph
