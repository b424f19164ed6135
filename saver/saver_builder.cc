#include "saver/saver_builder.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/errors.h"
#include "graph/device_name.h"
#include "ops/builders.h"

namespace retrograph {
namespace {

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

std::vector<Output> OutputsOf(Operation* op) {
  std::vector<Output> outputs;
  if (op == nullptr) return outputs;
  for (int i = 0; i < op->num_outputs(); ++i) outputs.push_back(op->output(i));
  return outputs;
}

std::vector<TargetShape> TargetShapes(GraphBuilder& b,
                                      const SaveableObject& saveable) {
  std::vector<TargetShape> shapes;
  for (const SaveSpec& spec : saveable.specs()) {
    const SavedTensor tensor = spec.tensor(b);
    if (!b.ok()) return shapes;
    shapes.push_back({tensor.shape, Output()});
    if (!tensor.shape.IsFullyDefined()) {
      shapes.back().tensor = b.Op("Shape", {tensor.input});
    }
  }
  return shapes;
}

std::string RandomSuffix() {
  absl::BitGen random;
  return absl::StrFormat("_temp_%016x%016x/part",
                         absl::Uniform<uint64_t>(random),
                         absl::Uniform<uint64_t>(random));
}

Output NumShards(GraphBuilder& b, size_t count) {
  return Constant(b, Tensor::Scalar<int32_t>(static_cast<int32_t>(count)),
                  "num_shards");
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

// The graph that the saveables' tensors are in; null: none has a tensor.
absl::StatusOr<std::shared_ptr<Graph>> GraphOf(const Saveables& saveables) {
  const SaveableObject* first = nullptr;
  for (const auto& saveable : saveables) {
    if (!saveable->producer().valid()) continue;
    if (first == nullptr) {
      first = saveable.get();
    } else if (saveable->producer().op->graph() !=
               first->producer().op->graph()) {
      return ValueError(absl::StrCat(saveable->producer().DebugString(),
                                     " must be from the same graph as ",
                                     first->producer().DebugString(), "."));
    }
  }
  if (first == nullptr) return std::shared_ptr<Graph>();
  return first->producer().op->graph()->shared_from_this();
}

}  // namespace

absl::StatusOr<std::string> SetCpu0(absl::string_view device) {
  RG_ASSIGN_OR_RETURN(DeviceName name, DeviceName::Parse(device));
  name.type = "CPU";
  name.index = 0;
  return name.ToString();
}

Operation* SaverBuilder::SaveOp(GraphBuilder& b, const Output& filename,
                                const Saveables& saveables) {
  // The tensors first: a partition of a resource variable adds a read.
  std::vector<Input> tensors;
  for (const auto& saveable : saveables) {
    for (const SaveSpec& spec : saveable->specs()) {
      tensors.push_back(spec.tensor(b).input);
    }
  }
  if (!b.ok()) return nullptr;
  const SpecLists specs(saveables);
  const bool v1 = version_ == SaverDef::V1;
  return b.AddOp(v1 ? "SaveSlices" : "SaveV2",
                 {filename, StringVector(specs.names),
                  StringVector(specs.slices), Input(tensors)},
                 {}, v1 ? "save" : "");
}

std::vector<Output> SaverBuilder::BulkRestore(GraphBuilder& b,
                                              const Output& filename,
                                              const Saveables& saveables,
                                              int preferred_shard, bool) {
  std::vector<Output> tensors;
  for (const auto& saveable : saveables) {
    // The first spec's device stands for all of them.
    const std::string& device = saveable->specs().empty()
                                    ? std::string()
                                    : saveable->specs()[0].device;
    absl::optional<DeviceScope> on_cpu;
    if (!device.empty()) {
      const std::string cpu0 = b.Take(SetCpu0(device));
      if (!b.ok()) return {};
      on_cpu.emplace(b.graph(), cpu0);
    }
    for (const Output& tensor :
         RestoreOp(b, filename, saveable, preferred_shard)) {
      tensors.push_back(tensor);
    }
    if (!b.ok()) return {};
  }
  return tensors;
}

std::vector<Output> SaverBuilder::RestoreOp(
    GraphBuilder& b, const Output& filename,
    const std::shared_ptr<SaveableObject>& saveable, int) {
  std::vector<Output> tensors;
  for (const SaveSpec& spec : saveable->specs()) {
    Operation* restore = b.AddOp(
        "RestoreV2",
        {filename, StringVector({spec.name}), StringVector({spec.slice_spec})},
        {Attr("dtypes", DataTypeVector{RemoveRefType(spec.dtype)})});
    if (restore == nullptr) return {};
    tensors.push_back(restore->output(0));
  }
  return tensors;
}

Output SaverBuilder::ShardedFilename(GraphBuilder& b, const Output& filename,
                                     int shard, const Output& num_shards) {
  return b.Op("ShardedFilename",
              {filename, Tensor::Scalar<int32_t>(shard), num_shards});
}

std::vector<Output> BulkSaverBuilder::BulkRestore(GraphBuilder& b,
                                                  const Output& filename,
                                                  const Saveables& saveables,
                                                  int, bool) {
  const SpecLists specs(saveables);
  DeviceScope on_cpu(b.graph(), "cpu:0");
  return OutputsOf(b.AddOp("RestoreV2",
                           {filename, StringVector(specs.names),
                            StringVector(specs.slices)},
                           {Attr("dtypes", specs.dtypes)}));
}

Output SaverBuilder::AddSaveOps(GraphBuilder& b, const Output& filename,
                                const Saveables& saveables) {
  Operation* save = SaveOp(b, filename, saveables);
  return FilenameAfter(b, save, filename);
}

absl::StatusOr<SaverBuilder::DeviceGroups> SaverBuilder::GroupByDevices(
    GraphBuilder& b, const Saveables& saveables) {
  DeviceGroups groups;
  for (const auto& saveable : saveables) {
    std::set<std::string> devices;
    for (const SaveSpec& spec : saveable->specs()) {
      // Where the tensor is, which may have to be made to see that.
      const SavedTensor tensor = spec.tensor(b);
      if (!b.ok()) return b.status();
      RG_ASSIGN_OR_RETURN(std::string canonical,
                          CanonicalDevice(tensor.device));
      devices.insert(std::move(canonical));
    }
    if (devices.size() != 1) {
      return ValueError(absl::StrCat(
          "All tensors of a saveable object must be on the same device: ",
          saveable->name()));
    }
    groups[*devices.begin()].push_back(saveable);
  }
  return groups;
}

// Each device writes a checkpoint of its own in a temporary folder; one op
// merges them.
absl::StatusOr<Output> SaverBuilder::AddShardedSaveOps(
    GraphBuilder& b, const Output& prefix, const DeviceGroups& groups) {
  const Output temporary =
      b.Op("StringJoin", {Input({prefix, RandomSuffix()})});
  const Output num_shards = NumShards(b, groups.size());
  std::vector<Output> filenames;
  std::vector<Operation*> saves;
  std::string cpu0;
  int shard = 0;
  for (const auto& [device, saveables] : groups) {
    RG_ASSIGN_OR_RETURN(cpu0, SetCpu0(device));
    DeviceScope on_device(b.graph(), cpu0);
    const Output filename =
        ShardedFilename(b, temporary, shard++, num_shards);
    if (!b.ok()) return b.status();
    filenames.push_back(filename);
    const Output saved = AddSaveOps(b, filename, saveables);
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
absl::StatusOr<Output> SaverBuilder::AddShardedSaveOpsV1(
    GraphBuilder& b, const Output& basename, const DeviceGroups& groups) {
  const Output num_shards = NumShards(b, groups.size());
  std::vector<Operation*> saves;
  int shard = 0;
  for (const auto& [device, saveables] : groups) {
    DeviceScope on_device(b.graph(), device);
    const Output filename = ShardedFilename(b, basename, shard++, num_shards);
    if (!b.ok()) return b.status();
    const Output saved = AddSaveOps(b, filename, saveables);
    if (!b.ok()) return b.status();
    saves.push_back(saved.op);
  }
  ControlDependencies after_saves(b.graph(), saves);
  return b.Op("ShardedFilespec", {basename, num_shards});
}

Operation* SaverBuilder::AddRestoreOps(GraphBuilder& b, const Output& filename,
                                       const Saveables& saveables,
                                       const SaverBuilderOptions& options,
                                       int preferred_shard,
                                       absl::string_view name) {
  const std::vector<Output> tensors =
      BulkRestore(b, filename, saveables, preferred_shard,
                  options.restore_sequentially);
  std::vector<Operation*> restored;
  size_t next = 0;
  for (const auto& saveable : saveables) {
    if (!b.ok()) return nullptr;
    std::vector<TargetShape> shapes;
    if (options.reshape) shapes = TargetShapes(b, *saveable);
    // A builder of the user's may have made fewer tensors than specs.
    const size_t begin = std::min(next, tensors.size());
    next = std::min(begin + saveable->specs().size(), tensors.size());
    for (Operation* op : saveable->Restore(
             b, {tensors.begin() + begin, tensors.begin() + next},
             options.reshape ? &shapes : nullptr)) {
      restored.push_back(op);
    }
  }
  return b.ok() ? Group(b, restored, name) : nullptr;
}

Operation* SaverBuilder::AddShardedRestoreOps(
    GraphBuilder& b, const Output& prefix, const DeviceGroups& groups,
    const SaverBuilderOptions& options) {
  std::vector<Operation*> shards;
  for (const auto& [device, saveables] : groups) {
    DeviceScope on_device(b.graph(), device);
    shards.push_back(AddRestoreOps(b, prefix, saveables, options,
                                   static_cast<int>(shards.size()),
                                   "restore_shard"));
    if (!b.ok()) return nullptr;
  }
  return Group(b, shards, "restore_all");
}

absl::StatusOr<SaverDef> SaverBuilder::AddAll(
    GraphBuilder& b, const Saveables& saveables,
    const SaverBuilderOptions& options) {
  RG_RETURN_IF_ERROR(b.graph()->EnterNameScope(options.name).status());
  struct Exit {
    Graph* graph;
    ~Exit() { graph->ExitNameScope(); }
  } exit{b.graph()};
  const Output given = PlaceholderWithDefault(b, options.filename,
                                              TensorShape(), "filename");
  // Its name has been "Const" since the first release.
  const Output filename =
      PlaceholderWithDefault(b, given, TensorShape(), "Const");
  Output saved;
  Operation* restored = nullptr;
  if (options.sharded) {
    RG_ASSIGN_OR_RETURN(const DeviceGroups groups,
                        GroupByDevices(b, saveables));
    RG_ASSIGN_OR_RETURN(saved, version_ == SaverDef::V1
                                   ? AddShardedSaveOpsV1(b, filename, groups)
                                   : AddShardedSaveOps(b, filename, groups));
    restored = AddShardedRestoreOps(b, filename, groups, options);
  } else {
    saved = AddSaveOps(b, filename, saveables);
    if (!b.ok()) return b.status();
    restored = AddRestoreOps(b, filename, saveables, options,
                             /*preferred_shard=*/-1, "restore_all");
  }
  if (!b.ok()) return b.status();
  SaverDef def;
  def.set_filename_tensor_name(filename.name());
  def.set_save_tensor_name(saved.name());
  def.set_restore_op_name(restored->name());
  return def;
}

absl::StatusOr<SaverDef> SaverBuilder::Build(
    GraphBuilder& b, const Saveables& saveables,
    const SaverBuilderOptions& options) {
  if (version_ != SaverDef::V1 && version_ != SaverDef::V2) {
    // TensorFlow means to say "Unexpected write_version: 0", and fails at it.
    return TypeError("can only concatenate str (not \"int\") to str");
  }
  RG_ASSIGN_OR_RETURN(const std::shared_ptr<Graph> graph, GraphOf(saveables));
  SaverDef def;
  if (graph == nullptr || graph.get() == b.graph()) {
    RG_ASSIGN_OR_RETURN(def, AddAll(b, saveables, options));
  } else {
    Graph::AsDefault as_default(graph);
    GraphBuilder there(graph.get());
    RG_ASSIGN_OR_RETURN(def, AddAll(there, saveables, options));
  }
  ConcatenatePartitionedVariables(b);
  if (!b.ok()) return b.status();
  def.set_max_to_keep(static_cast<int32_t>(options.max_to_keep));
  def.set_sharded(options.sharded);
  def.set_keep_checkpoint_every_n_hours(
      static_cast<float>(options.keep_checkpoint_every_n_hours));
  def.set_version(version_);
  return def;
}

}  // namespace retrograph
