#include "tests/faults/model.h"

#include <optional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/optional.h"
#include "checkpoint/checkpoint_reader.h"
#include "checkpoint/checkpoint_state.h"
#include "checkpoint/names.h"
#include "core/check.h"
#include "core/errors.h"
#include "graph/builder.h"
#include "ops/builders.h"
#include "ops/standard_ops.h"
#include "saver/meta_graph.h"
#include "saver/meta_graph_import.h"
#include "variables/initializers.h"
#include "variables/variable.h"
#include "variables/variable_scope.h"

namespace retrograph {
namespace {

// More than the writer gathers before it writes, so that a data file takes
// several writes.
constexpr int64_t kLarge = 70000;

void AddVariable(GraphBuilder& b, const Output& value, const std::string& name,
                 int64_t size, bool use_resource) {
  VariableOptions options;
  options.name = name;
  options.initial_value =
      Fill(b, Tensor::Vector<int32_t>({static_cast<int32_t>(size)}), value);
  options.use_resource = use_resource;
  Variable::Create(b, std::move(options));
}

// Two parts of 3 x 2; the second one on the other device.
void AddPartitionedVariable(GraphBuilder& b, const Output& value,
                            bool on_two_devices) {
  GetVariableOptions options;
  options.name = "parts";
  options.shape = PartialTensorShape({6, 2});
  options.partitioner = FixedSizePartitioner(2);
  Initializer initializer;
  initializer.make = [value](GraphBuilder& builder, const TensorShape& shape,
                             DataType, const PartitionInfo*) {
    return Fill(builder,
                Tensor::Vector<int32_t>({static_cast<int32_t>(shape.dim(0)),
                                         static_cast<int32_t>(shape.dim(1))}),
                value);
  };
  options.initializer = initializer;
  b.graph()->EnterDeviceFunction([on_two_devices](const Operation& op) {
    return std::string(on_two_devices && op.name() == "parts/part_1"
                           ? "/device:CPU:1"
                           : "/device:CPU:0");
  });
  GetVariable(b, std::move(options));
  b.graph()->ExitDevice();
}

SessionOptions InOneThread(FileSystem* fs, bool sync) {
  SessionOptions options;
  options.file_system = fs;
  options.sync_files = sync;
  options.inter_op_threads = 1;
  options.cpu_devices = 3;
  return options;
}

}  // namespace

std::ostream& operator<<(std::ostream& os, const SaverConfig& config) {
  return os << config.name;
}

std::vector<SaverConfig> AllSaverConfigs() {
  return {{"V2", SaverDef::V2, false, false},
          {"V1", SaverDef::V1, false, false},
          {"V2Sharded", SaverDef::V2, true, false},
          {"V1Sharded", SaverDef::V1, true, false},
          {"V2Partitioned", SaverDef::V2, false, true},
          {"V1Partitioned", SaverDef::V1, false, true},
          {"V2ShardedPartitioned", SaverDef::V2, true, true},
          {"V1ShardedPartitioned", SaverDef::V1, true, true}};
}

std::string FaultCase::Name() const {
  static const char* const kNames[] = {"First", "NewPrefix", "NewPrefixOldGoes",
                                       "SamePrefix"};
  static const char* const kChanges[] = {"", "OneMore", "OneLess", "Renamed"};
  return absl::StrCat(config.name, kNames[static_cast<int>(before)],
                      kChanges[static_cast<int>(variables)]);
}

std::ostream& operator<<(std::ostream& os, const FaultCase& fault_case) {
  return os << fault_case.Name();
}

std::vector<FaultCase> AllFaultCases() {
  std::vector<FaultCase> cases;
  for (const SaverConfig& config : AllSaverConfigs()) {
    for (Before before : {Before::kNothing, Before::kOtherPrefix,
                          Before::kOtherPrefixGoes, Before::kSamePrefix}) {
      const bool is_plain =
          before == Before::kOtherPrefix || before == Before::kSamePrefix;
      if (config.partitioned && !is_plain) continue;
      cases.push_back({config, before});
    }
    cases.push_back({config, Before::kSamePrefix, Variables::kOneMore});
    if (config.partitioned) continue;
    cases.push_back({config, Before::kSamePrefix, Variables::kOneLess});
    cases.push_back({config, Before::kSamePrefix, Variables::kRenamed});
  }
  return cases;
}

FaultModel::FaultModel(const SaverConfig& config, Variables variables)
    : graph_(Graph::Create()), config_(config) {
  RegisterStandardOps();
  const Graph::AsDefault as_default(graph_);
  GraphBuilder b(graph_.get());
  value_ = Placeholder(b, DT_FLOAT, TensorShape(), "value");
  {
    DeviceScope device(graph_.get(), "/device:CPU:0");
    AddVariable(b, value_, "large", kLarge, /*use_resource=*/false);
  }
  if (variables != Variables::kOneLess) {
    DeviceScope device(graph_.get(), "/device:CPU:1");
    AddVariable(b, value_,
                variables == Variables::kRenamed ? "renamed" : "small", 5,
                /*use_resource=*/true);
  }
  if (variables == Variables::kOneMore) {
    DeviceScope device(graph_.get(), "/device:CPU:2");
    AddVariable(b, value_, "more", 7, /*use_resource=*/false);
  }
  if (config.partitioned) {
    AddPartitionedVariable(b, value_, config.sharded);
  }
  init_ = GlobalVariablesInitializer(b);
  RG_CHECK(b.ok(), b.status().ToString());
  SaverOptions options;
  options.sharded = config.sharded;
  options.write_version = config.version;
  auto saver = Saver::Create(graph_.get(), options);
  RG_CHECK(saver.ok(), saver.status().ToString());
  saver_def_ = *(*saver)->saver_def();
}

std::unique_ptr<Session> FaultModel::NewSession(FileSystem* fs,
                                                bool sync) const {
  auto session = Session::Create(graph_, InOneThread(fs, sync));
  RG_CHECK(session.ok(), session.status().ToString());
  return *std::move(session);
}

std::unique_ptr<Saver> FaultModel::NewSaver(Before before) const {
  SaverOptions options;
  options.saver_def = saver_def_;
  options.saver_def->set_max_to_keep(
      before == Before::kOtherPrefixGoes ? 1 : 5);
  // Folders can be looked at in another place.
  options.save_relative_paths = true;
  auto saver = Saver::Create(graph_.get(), options);
  RG_CHECK(saver.ok(), saver.status().ToString());
  return *std::move(saver);
}

absl::Status FaultModel::Save(Saver* saver, Session* session,
                              const std::string& path, Before before,
                              int number) const {
  const Tensor value = Tensor::Scalar<float>(static_cast<float>(number));
  RG_RETURN_IF_ERROR(session->Run({{value_, value}}, {}, {init_}).status());
  SaveOptions options;
  if (before != Before::kSamePrefix) options.global_step = number;
  return saver->Save(session, path, options).status();
}

FaultScene::FaultScene(const FaultCase& fault_case)
    : case_(fault_case),
      before_(fault_case.config),
      model_(fault_case.config, fault_case.variables) {}

absl::StatusOr<std::unique_ptr<Saver>> FaultScene::SaveBefore(
    FileSystem* fs, bool sync, const std::string& path, int number) const {
  std::unique_ptr<Saver> saver = before_.NewSaver(case_.before);
  if (case_.before != Before::kNothing) {
    const auto session = before_.NewSession(fs, sync);
    RG_RETURN_IF_ERROR(before_.Save(saver.get(), session.get(), path,
                                    case_.before, number));
  }
  if (case_.variables != Variables::kUsual) saver = NewSaver();
  return saver;
}

absl::Status FaultScene::Save(FileSystem* fs, bool sync, Saver* saver,
                              const std::string& path, int number) const {
  const auto session = model_.NewSession(fs, sync);
  return model_.Save(saver, session.get(), path, case_.before, number);
}

std::unique_ptr<Saver> FaultScene::NewSaver() const {
  return model_.NewSaver(case_.before);
}

namespace {

absl::Status CheckNames(FileSystem* fs, const std::string& prefix,
                        const ImportedMetaGraph& imported) {
  std::set<std::string> names;
  for (const auto& entry : imported.variables) {
    const Variable* variable = entry.second.get();
    names.insert(variable->save_slice_info().has_value()
                     ? variable->save_slice_info()->full_name
                     : variable->op()->name());
  }
  RG_ASSIGN_OR_RETURN(const auto reader, CheckpointReader::Open(fs, prefix));
  const std::vector<std::string> keys = reader->names();
  if (names == std::set<std::string>(keys.begin(), keys.end())) {
    return absl::OkStatus();
  }
  return absl::DataLossError(absl::StrCat(
      prefix, " holds ", absl::StrJoin(keys, ", "), " beside a graph with ",
      absl::StrJoin(names, ", ")));
}

}  // namespace

absl::StatusOr<float> RestoredValue(FileSystem* fs, const std::string& prefix) {
  RG_ASSIGN_OR_RETURN(const MetaGraphDef meta_graph,
                      ReadMetaGraph(fs, MetaGraphFilename(prefix)));
  const std::shared_ptr<Graph> graph = Graph::Create();
  const Graph::AsDefault as_default(graph);
  RG_ASSIGN_OR_RETURN(const ImportedMetaGraph imported,
                      ImportMetaGraph(graph.get(), meta_graph));
  RG_RETURN_IF_ERROR(CheckNames(fs, prefix, imported));
  RG_ASSIGN_OR_RETURN(
      const std::unique_ptr<Session> session,
      Session::Create(graph, InOneThread(fs, /*sync=*/false)));
  RG_RETURN_IF_ERROR(imported.saver->Restore(session.get(), prefix));
  std::vector<Output> fetches;
  for (const auto& [name, variable] : imported.variables) {
    fetches.push_back(variable->snapshot());
  }
  RG_ASSIGN_OR_RETURN(const std::vector<Tensor> values,
                      session->Run({}, fetches, {}));
  std::set<float> found;
  for (const Tensor& value : values) {
    found.insert(value.flat<float>().begin(), value.flat<float>().end());
  }
  if (found.size() == 1) return *found.begin();
  return absl::DataLossError(absl::StrCat(prefix, " holds a mixture: ",
                                          absl::StrJoin(found, ", ")));
}

absl::StatusOr<float> LatestValue(FileSystem* fs, const std::string& folder) {
  RG_ASSIGN_OR_RETURN(const std::optional<CheckpointState> state,
                      GetCheckpointState(fs, folder));
  if (!state.has_value()) {
    return fs->FileExists(JoinPath(folder, kCheckpointStateFilename))
               ? absl::DataLossError("the state file cannot be read")
               : absl::NotFoundError("no state file");
  }
  RG_ASSIGN_OR_RETURN(const std::optional<std::string> latest,
                      LatestCheckpoint(fs, folder));
  if (!latest.has_value()) {
    return absl::DataLossError("the latest checkpoint is not there");
  }
  for (const std::string& path : state->all_model_checkpoint_paths()) {
    RG_RETURN_IF_ERROR(RestoredValue(fs, path).status());
  }
  return RestoredValue(fs, *latest);
}

std::vector<std::string> StrayNames(FileSystem* fs, const std::string& folder) {
  std::vector<std::string> strays;
  const auto names = fs->ListDirectory(folder);
  if (!names.ok()) return strays;
  for (const std::string& name : *names) {
    const bool is_plain = !fs->IsDirectory(JoinPath(folder, name)) &&
                          !fs->ReadSymlink(JoinPath(folder, name)).ok();
    if (!is_plain || absl::StrContains(name, "tmp") ||
        absl::StrContains(name, "_temp_")) {
      strays.push_back(name);
    }
  }
  return strays;
}

}  // namespace retrograph
