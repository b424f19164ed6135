#include "saver/saver_builder.h"

#include <map>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/errors.h"
#include "graph/device_name.h"
#include "ops/builders.h"

namespace retrograph {
namespace {

using Saveables = std::vector<std::shared_ptr<SaveableObject>>;
using DeviceGroups = std::map<std::string, Saveables>;
using WriteVersion = SaverDef::CheckpointFormatVersion;

Tensor StringVector(const std::vector<std::string>& values) {
  return Tensor::Vector<std::string>(absl::MakeConstSpan(values));
}

// The specs of many saveables as SaveV2 and RestoreV2 take them.
struct SpecLists {
  explicit SpecLists(const Saveables& saveables) {
    for (const auto& saveable : saveables) {
      for (const SaveSpec& spec : saveable->specs()) {
        names.push_back(spec.name);
        slices.push_back(spec.slice_spec);
        dtypes.push_back(RemoveRefType(spec.dtype));
      }
    }
  }
  std::vector<std::string> names, slices;
  DataTypeVector dtypes;
};

// `filename`, but only after `save` has run.
Output FilenameAfter(GraphBuilder& b, Operation* save, const Output& filename) {
  if (!b.ok()) return Output();
  NameScope scope(b.graph(), "control_dependency");
  ColocateWith colocate(b.graph(), filename.op);
  ControlDependencies after(b.graph(), {save});
  return Identity(b, filename, scope.full_name());
}

Output AddSaveOps(GraphBuilder& b, const Output& filename,
                  const Saveables& saveables, WriteVersion version) {
  // The tensors first: a partition of a resource variable adds a read.
  std::vector<Output> tensors;
  for (const auto& saveable : saveables) {
    for (const SaveSpec& spec : saveable->specs()) {
      tensors.push_back(spec.tensor(b));
    }
  }
  const SpecLists specs(saveables);
  const bool v1 = version == SaverDef::V1;
  Operation* save = b.AddOp(v1 ? "SaveSlices" : "SaveV2",
                            {filename, StringVector(specs.names),
                             StringVector(specs.slices), Input::List(tensors)},
                            {}, v1 ? "save" : "");
  return FilenameAfter(b, save, filename);
}

std::vector<Output> AddRestoreOp(GraphBuilder& b, const Output& filename,
                                 const Saveables& saveables) {
  const SpecLists specs(saveables);
  DeviceScope on_cpu(b.graph(), "cpu:0");
  Operation* restore =
      b.AddOp("RestoreV2", {filename, StringVector(specs.names),
                            StringVector(specs.slices)},
              {Attr("dtypes", specs.dtypes)});
  std::vector<Output> tensors;
  if (restore == nullptr) return tensors;
  for (int i = 0; i < restore->num_outputs(); ++i) {
    tensors.push_back(restore->output(i));
  }
  return tensors;
}

// What restored tensors are reshaped to: the static shape, or where that is
// not known the shape at run time.
std::vector<Input> TargetShapes(GraphBuilder& b,
                                const SaveableObject& saveable) {
  std::vector<Input> shapes;
  for (const SaveSpec& spec : saveable.specs()) {
    const Output tensor = spec.tensor(b);
    if (!b.ok()) return shapes;
    if (tensor.shape().IsFullyDefined()) {
      Tensor dims(DT_INT32, TensorShape({tensor.shape().rank()}));
      for (int i = 0; i < tensor.shape().rank(); ++i) {
        dims.mutable_flat<int32_t>()[i] =
            static_cast<int32_t>(tensor.shape().dim(i));
      }
      shapes.push_back(dims);
    } else {
      shapes.push_back(b.Op("Shape", {tensor}));
    }
  }
  return shapes;
}

Operation* AddRestoreOps(GraphBuilder& b, const Output& filename,
                         const Saveables& saveables, bool reshape,
                         absl::string_view name) {
  const std::vector<Output> tensors = AddRestoreOp(b, filename, saveables);
  std::vector<Operation*> restored;
  size_t next = 0;
  for (const auto& saveable : saveables) {
    if (!b.ok()) return nullptr;
    std::vector<Input> shapes;
    if (reshape) shapes = TargetShapes(b, *saveable);
    const size_t count = saveable->specs().size();
    restored.push_back(saveable->Restore(
        b, {tensors.begin() + next, tensors.begin() + next + count},
        reshape ? &shapes : nullptr));
    next += count;
  }
  return b.ok() ? Group(b, restored, name) : nullptr;
}

// Saveables by the canonical name of their device, sorted by it.
absl::StatusOr<DeviceGroups> GroupByDevices(const Saveables& saveables) {
  DeviceGroups groups;
  for (const auto& saveable : saveables) {
    absl::optional<std::string> device;
    for (const SaveSpec& spec : saveable->specs()) {
      RG_ASSIGN_OR_RETURN(std::string canonical,
                          CanonicalDevice(spec.device));
      if (device.has_value() && *device != canonical) {
        return ValueError(absl::StrCat(
            "All tensors of a saveable object must be on the same device: ",
            saveable->name()));
      }
      device = std::move(canonical);
    }
    groups[device.value_or("")].push_back(saveable);
  }
  return groups;
}

// The same machine, CPU 0: where files are written.
absl::StatusOr<std::string> OnCpu0(const std::string& device) {
  RG_ASSIGN_OR_RETURN(DeviceName name, DeviceName::Parse(device));
  name.type = "CPU";
  name.index = 0;
  return name.ToString();
}

std::string RandomSuffix() {
  absl::BitGen random;
  return absl::StrFormat("_temp_%016x%016x/part",
                         absl::Uniform<uint64_t>(random),
                         absl::Uniform<uint64_t>(random));
}

// Each device writes a checkpoint of its own in a temporary folder; one op
// merges them.
absl::StatusOr<Output> AddShardedSaveOps(GraphBuilder& b, const Output& prefix,
                                         const DeviceGroups& groups) {
  const Output temporary =
      b.Op("StringJoin", {Input({prefix, RandomSuffix()})});
  const Output num_shards = Constant(
      b, Tensor::Scalar<int32_t>(static_cast<int32_t>(groups.size())),
      "num_shards");
  std::vector<Output> filenames;
  std::vector<Operation*> saves;
  std::string cpu0;
  int32_t shard = 0;
  for (const auto& [device, saveables] : groups) {
    RG_ASSIGN_OR_RETURN(cpu0, OnCpu0(device));
    DeviceScope on_device(b.graph(), cpu0);
    const Output filename =
        b.Op("ShardedFilename",
             {temporary, Tensor::Scalar<int32_t>(shard++), num_shards});
    filenames.push_back(filename);
    const Output saved = AddSaveOps(b, filename, saveables, SaverDef::V2);
    if (!b.ok()) return b.status();
    saves.push_back(saved.op);
  }
  ControlDependencies after_saves(b.graph(), saves);
  DeviceScope on_last_device(b.graph(), cpu0);
  Operation* merge =
      b.AddOp("MergeV2Checkpoints", {Input::List(filenames), prefix},
              {Attr("delete_old_dirs", true)});
  if (!b.ok()) return b.status();
  ControlDependencies after_merge(b.graph(), {merge});
  return Identity(b, prefix);
}

// V1: each device writes a file of its own, and that is all. The path that was
// written is a pattern of their names.
absl::StatusOr<Output> AddShardedSaveOpsV1(GraphBuilder& b,
                                           const Output& basename,
                                           const DeviceGroups& groups) {
  const Output num_shards =
      Constant(b, Tensor::Scalar<int32_t>(static_cast<int32_t>(groups.size())),
               "num_shards");
  std::vector<Operation*> saves;
  int32_t shard = 0;
  for (const auto& [device, saveables] : groups) {
    DeviceScope on_device(b.graph(), device);
    const Output filename =
        b.Op("ShardedFilename",
             {basename, Tensor::Scalar<int32_t>(shard++), num_shards});
    const Output saved = AddSaveOps(b, filename, saveables, SaverDef::V1);
    if (!b.ok()) return b.status();
    saves.push_back(saved.op);
  }
  ControlDependencies after_saves(b.graph(), saves);
  return b.Op("ShardedFilespec", {basename, num_shards});
}

Operation* AddShardedRestoreOps(GraphBuilder& b, const Output& prefix,
                                const DeviceGroups& groups, bool reshape) {
  std::vector<Operation*> shards;
  for (const auto& [device, saveables] : groups) {
    DeviceScope on_device(b.graph(), device);
    shards.push_back(
        AddRestoreOps(b, prefix, saveables, reshape, "restore_shard"));
    if (!b.ok()) return nullptr;
  }
  return Group(b, shards, "restore_all");
}

// Partitioned variables in collections get their concatenation now: an import
// of the graph looks it up by name.
void ConcatenatePartitionedVariables(GraphBuilder& b) {
  const Graph& graph = *b.graph();
  for (const std::string& key : graph.CollectionNames()) {
    for (const CollectionItem& item : graph.GetCollection(key)) {
      const auto* object =
          std::get_if<std::shared_ptr<CollectionObject>>(&item);
      if (object == nullptr) continue;
      auto variable = std::dynamic_pointer_cast<PartitionedVariable>(*object);
      if (variable != nullptr &&
          graph.FindOperation(variable->name()) == nullptr) {
        variable->AsTensor(b);
      }
    }
  }
}

}  // namespace

absl::StatusOr<SaverDef> BuildSaver(
    GraphBuilder& b, const Saveables& saveables,
    const SaverBuilderOptions& options) {
  const WriteVersion version = options.write_version;
  if (version != SaverDef::V1 && version != SaverDef::V2) {
    // TensorFlow means to say "Unexpected write_version: 0", and fails at it.
    return TypeError("can only concatenate str (not \"int\") to str");
  }
  Output filename, save_tensor;
  Operation* restore_op = nullptr;
  {
    RG_RETURN_IF_ERROR(b.graph()->EnterNameScope(options.name).status());
    struct Exit {
      Graph* graph;
      ~Exit() { graph->ExitNameScope(); }
    } exit{b.graph()};
    const Output given = PlaceholderWithDefault(b, options.filename,
                                                TensorShape(), "filename");
    // Its name has been "Const" since the first release.
    filename = PlaceholderWithDefault(b, given, TensorShape(), "Const");
    if (options.sharded) {
      RG_ASSIGN_OR_RETURN(const DeviceGroups groups, GroupByDevices(saveables));
      RG_ASSIGN_OR_RETURN(save_tensor,
                          version == SaverDef::V1
                              ? AddShardedSaveOpsV1(b, filename, groups)
                              : AddShardedSaveOps(b, filename, groups));
      restore_op = AddShardedRestoreOps(b, filename, groups, options.reshape);
    } else {
      save_tensor = AddSaveOps(b, filename, saveables, version);
      restore_op = AddRestoreOps(b, filename, saveables, options.reshape,
                                 "restore_all");
    }
  }
  ConcatenatePartitionedVariables(b);
  if (!b.ok()) return b.status();

  SaverDef def;
  def.set_filename_tensor_name(filename.name());
  def.set_save_tensor_name(save_tensor.name());
  def.set_restore_op_name(restore_op->name());
  def.set_max_to_keep(static_cast<int32_t>(options.max_to_keep));
  def.set_sharded(options.sharded);
  def.set_keep_checkpoint_every_n_hours(
      static_cast<float>(options.keep_checkpoint_every_n_hours));
  def.set_version(version);
  return def;
}

}  // namespace retrograph
