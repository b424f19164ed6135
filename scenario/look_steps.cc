// The steps that look at files, and those that make, remove and damage them.
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "checkpoint/checkpoint_reader.h"
#include "checkpoint/checkpoint_state.h"
#include "core/errors.h"
#include "re2/re2.h"
#include "scenario/runner.h"
#include "scenario/values.h"

namespace retrograph::scenario {
namespace {

std::string StringList(const std::vector<std::string>& texts) {
  return absl::StrCat(
      "[",
      absl::StrJoin(texts, ", ",
                    [](std::string* out, const std::string& text) {
                      out->append(PythonStringRepr(text));
                    }),
      "]");
}

std::vector<std::string> ToVector(
    const google::protobuf::RepeatedPtrField<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

}  // namespace

absl::Status Runner::Look(const pb::Step& step) {
  switch (step.action_case()) {
    case pb::Step::kListVariables: return ShowVariables(step.list_variables());
    case pb::Step::kOperations: return ShowOperations(step.operations());
    case pb::Step::kLatestCheckpoint:
      return ShowLatest(step.latest_checkpoint());
    case pb::Step::kListFiles: return ShowFiles(step.list_files());
    case pb::Step::kMakeDirectory:
      return fs_->CreateDirectories(step.make_directory().path());
    case pb::Step::kRemove: return fs_->RemoveFile(step.remove().path());
    case pb::Step::kDamage: return DamageFile(step.damage());
    default: return Mistake("this step cannot stand here");
  }
}

absl::Status Runner::ShowVariables(const pb::ListVariables& step) {
  RG_ASSIGN_OR_RETURN(const auto reader,
                      CheckpointReader::Open(fs_, step.prefix()));
  std::vector<std::string> lines, keys, expected;
  for (const auto& [name, shape] : reader->shapes()) {
    keys.push_back(name);
    lines.push_back(absl::StrCat("(", PythonStringRepr(name), ", [",
                                 absl::StrJoin(shape.dims(), ", "), "])"));
  }
  Print(absl::StrCat("[", absl::StrJoin(lines, ", "), "]"));
  for (const auto& variable : step.expect()) expected.push_back(variable.key());
  if ((step.expect_size() > 0 || step.expect_none()) && keys != expected) {
    mismatch_ = absl::StrCat("expected the keys ", StringList(expected),
                             ", got ", StringList(keys));
    return absl::OkStatus();
  }
  for (const auto& variable : step.expect()) {
    if (variable.value().empty()) continue;
    RG_ASSIGN_OR_RETURN(const Tensor value,
                        reader->GetTensor(variable.key()));
    absl::StatusOr<Tensor> wanted = ParseValue(variable.value(), value.dtype());
    if (!wanted.ok()) return Mistake(wanted.status().message());
    if (!TensorsIdentical(*wanted, value)) {
      mismatch_ = absl::StrCat("expected ", variable.key(), " to be ",
                               variable.value(), ", got ", PythonRepr(value));
      return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

absl::Status Runner::ShowOperations(const pb::Operations& step) {
  std::shared_ptr<Graph> graph = Graph::Default();
  if (!step.graph().empty()) {
    RG_ASSIGN_OR_RETURN(graph, objects_.Get<std::shared_ptr<Graph>>(
                                   step.graph(), "graph"));
  }
  const RE2 pattern(step.pattern(), RE2::Quiet);
  if (!pattern.ok()) return Mistake(pattern.error());
  std::vector<std::string> names;
  for (const Operation* op : graph->GetOperations()) {
    re2::StringPiece name(op->name());
    if (RE2::Consume(&name, pattern)) names.push_back(op->name());
  }
  Print(StringList(names));
  if ((step.expect_size() > 0 || step.expect_none()) &&
      names != ToVector(step.expect())) {
    mismatch_ = absl::StrCat("expected ", StringList(ToVector(step.expect())),
                             ", got ", StringList(names));
  }
  return absl::OkStatus();
}

absl::Status Runner::ShowLatest(const pb::LatestCheckpoint& step) {
  RG_ASSIGN_OR_RETURN(const std::optional<std::string> latest,
                      LatestCheckpoint(fs_, step.directory()));
  Print(latest.value_or("None"));
  if ((step.expect_none() && latest.has_value()) ||
      (!step.expect().empty() && latest.value_or("") != step.expect())) {
    mismatch_ = absl::StrCat("expected ",
                             step.expect_none() ? "None" : step.expect(),
                             ", got ", latest.value_or("None"));
  }
  return absl::OkStatus();
}

absl::Status Runner::ShowFiles(const pb::ListFiles& step) {
  RG_ASSIGN_OR_RETURN(std::vector<std::string> names,
                      fs_->ListDirectory(step.directory()));
  Print(StringList(names));
  if (step.expect_size() > 0 && names != ToVector(step.expect())) {
    mismatch_ = absl::StrCat("expected ", StringList(ToVector(step.expect())),
                             ", got ", StringList(names));
  }
  return absl::OkStatus();
}

absl::Status Runner::DamageFile(const pb::Damage& step) {
  RG_ASSIGN_OR_RETURN(std::string bytes, ReadFileToString(fs_, step.path()));
  const int64_t size = static_cast<int64_t>(bytes.size());
  if (step.how_case() == pb::Damage::kTruncateTo) {
    if (step.truncate_to() < 0 || step.truncate_to() > size) {
      return Mistake(absl::StrCat("the file has ", size, " bytes"));
    }
    bytes.resize(step.truncate_to());
  } else {
    const int64_t at =
        step.offset() < 0 ? size + step.offset() : step.offset();
    if (at < 0 || at >= size) {
      return Mistake(absl::StrCat("the file has ", size, " bytes"));
    }
    bytes[at] ^= static_cast<char>(step.xor_() == 0 ? 1 : step.xor_());
  }
  return WriteStringToFile(fs_, step.path(), bytes);
}

}  // namespace retrograph::scenario
