#include "tools/inspect.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "checkpoint/checkpoint_reader.h"
#include "checkpoint/checkpoint_state.h"
#include "core/errors.h"
#include "nlohmann/json.hpp"
#include "re2/re2.h"
#include "saved_model/loader.h"
#include "scenario/nearest.h"
#include "scenario/values.h"

namespace retrograph {
namespace {

// JSON has no bytes: what is not UTF-8 is escaped as \xNN by the caller's eye.
std::string ToJson(const nlohmann::json& value) {
  return value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

absl::StatusOr<std::unique_ptr<CheckpointReader>> Open(FileSystem* fs,
                                                       const std::string& path) {
  const std::string prefix = ResolvePrefix(fs, path);
  absl::StatusOr<std::unique_ptr<CheckpointReader>> reader =
      CheckpointReader::Open(fs, prefix);
  if (reader.ok()) return reader;
  std::string advice;
  if (fs->IsDirectory(path) && prefix == path) {
    advice = absl::StrCat(
        "\n", path, " is a folder without a usable \"checkpoint\" file: give "
        "the prefix of a checkpoint in it, such as ", path, "/model.ckpt-100");
  } else if (absl::IsNotFound(reader.status())) {
    advice = absl::StrCat(
        "\nA checkpoint is named by its prefix, without .index or .data-...: "
        "there is no ", prefix, ".index and no file ", prefix);
  }
  return WithMessage(reader.status(),
                     absl::StrCat(path, ": ", reader.status().message(),
                                  advice));
}

// As many as there can be at most: a hostile file may claim more.
int64_t Bytes(DataType dtype, const TensorShape& shape) {
  int64_t bytes;
  if (__builtin_mul_overflow(shape.num_elements(),
                             static_cast<int64_t>(DataTypeSize(dtype)),
                             &bytes)) {
    return std::numeric_limits<int64_t>::max();
  }
  return bytes;
}

absl::Status UnknownKey(const std::string& path, const std::string& key,
                        const CheckpointReader& reader) {
  const std::vector<std::string> names = reader.names();
  const std::string nearest = scenario::NearestName(key, names);
  std::string some;
  if (!nearest.empty()) {
    some = absl::StrCat("; did you mean ", nearest, "?");
  } else if (names.size() <= 10) {
    some = absl::StrCat("; it holds ", absl::StrJoin(names, ", "));
  } else {
    some = absl::StrCat("; it holds ", names.size(),
                        " tensors: list them with \"retrograph ls ", path, "\"");
  }
  return absl::NotFoundError(
      absl::StrCat(path, ": Key ", key, " not found in checkpoint", some));
}

}  // namespace

std::string ResolvePrefix(FileSystem* fs, const std::string& path) {
  if (fs->IsDirectory(path)) {
    const auto latest = LatestCheckpoint(fs, path);
    if (latest.ok() && latest->has_value()) return **latest;
    return saved_model::ContainsSavedModel(fs, path)
               ? saved_model::VariablesPath(path)
               : path;
  }
  static const LazyRE2 kPartOfCheckpoint = {
      R"((.*)\.(?:index|meta|data-\d{5}-of-\d{5}))"};
  std::string prefix;
  if (RE2::FullMatch(path, *kPartOfCheckpoint, &prefix) &&
      fs->FileExists(prefix + ".index")) {
    return prefix;
  }
  return path;
}

absl::Status ListCheckpoint(FileSystem* fs, const std::string& path,
                            const ListOptions& options, std::ostream& out) {
  RG_ASSIGN_OR_RETURN(const auto reader, Open(fs, path));
  nlohmann::json list = nlohmann::json::array();
  size_t width = 0;
  for (const auto& [name, shape] : reader->shapes()) {
    width = std::max(width, std::min<size_t>(name.size(), 60));
  }
  for (const auto& [name, shape] : reader->shapes()) {
    const DataType dtype = reader->dtypes().at(name);
    const int64_t bytes = Bytes(dtype, shape);
    if (options.json) {
      nlohmann::json entry = {
          {"name", name},
          {"dtype", DTypePythonName(dtype)},
          {"shape", std::vector<int64_t>(shape.dims().begin(),
                                         shape.dims().end())}};
      if (bytes > 0 || DataTypeSize(dtype) > 0) entry["bytes"] = bytes;
      list.push_back(std::move(entry));
    } else {
      out << absl::StrFormat(
          "%-*s  %-10s %-14s %s\n", static_cast<int>(width), name,
          DTypePythonName(dtype), shape.DebugString(),
          DataTypeSize(dtype) > 0 ? absl::StrCat(bytes, " bytes") : "");
    }
  }
  if (options.json) out << ToJson(list) << "\n";
  return absl::OkStatus();
}

absl::Status ShowTensor(FileSystem* fs, const std::string& path,
                        const std::string& key, const ListOptions& options,
                        std::ostream& out) {
  RG_ASSIGN_OR_RETURN(const auto reader, Open(fs, path));
  if (!reader->HasTensor(key)) return UnknownKey(path, key, *reader);
  absl::StatusOr<Tensor> value = reader->GetTensor(key);
  if (!value.ok()) {
    return WithMessage(value.status(), absl::StrCat(path, ": ", key, ": ",
                                                    value.status().message()));
  }
  if (options.json) {
    nlohmann::json entry = {
        {"name", key},
        {"dtype", DTypePythonName(value->dtype())},
        {"shape", std::vector<int64_t>(value->shape().dims().begin(),
                                       value->shape().dims().end())},
        {"value", scenario::PythonStr(*value)}};
    out << ToJson(entry) << "\n";
    return absl::OkStatus();
  }
  out << key << "  " << DTypePythonName(value->dtype()) << " "
      << value->shape().DebugString() << "\n"
      << scenario::PythonStr(*value) << "\n";
  return absl::OkStatus();
}

}  // namespace retrograph
