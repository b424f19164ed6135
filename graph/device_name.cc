#include "graph/device_name.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/errors.h"
#include "graph/python_text.h"

namespace retrograph {
namespace {

absl::StatusOr<int64_t> ParseNumber(absl::string_view text) {
  const absl::optional<int64_t> value = PythonInt(text);
  if (!value.has_value()) {
    return ValueError(absl::StrCat("invalid literal for int() with base 10: ",
                                   PythonRepr(text)));
  }
  return *value;
}

absl::Status SetType(absl::string_view spec, absl::string_view type,
                     absl::optional<absl::string_view> index,
                     DeviceName* name) {
  if (name->type.has_value()) {
    return ValueError(
        absl::StrCat("Cannot specify multiple device types: ", spec));
  }
  name->type = std::string(type);
  if (index.has_value() && *index != "*") {
    RG_ASSIGN_OR_RETURN(name->index, ParseNumber(*index));
  }
  return absl::OkStatus();
}

absl::Status ParsePart(absl::string_view spec, absl::string_view part,
                       DeviceName* name) {
  const std::vector<absl::string_view> fields = absl::StrSplit(part, ':');
  const absl::string_view key = fields[0];
  if (fields.size() == 2 && key == "job") {
    name->job = std::string(fields[1]);
    return absl::OkStatus();
  }
  if (fields.size() == 2 && key == "replica") {
    RG_ASSIGN_OR_RETURN(name->replica, ParseNumber(fields[1]));
    return absl::OkStatus();
  }
  if (fields.size() == 2 && key == "task") {
    RG_ASSIGN_OR_RETURN(name->task, ParseNumber(fields[1]));
    return absl::OkStatus();
  }
  const std::string upper = absl::AsciiStrToUpper(key);
  if (fields.size() <= 2 && (upper == "CPU" || upper == "GPU")) {
    return SetType(spec, upper,
                   fields.size() == 2
                       ? absl::optional<absl::string_view>(fields[1])
                       : absl::nullopt,
                   name);
  }
  if (fields.size() == 3 && key == "device") {
    return SetType(spec, fields[1], fields[2], name);
  }
  if (key.empty()) return absl::OkStatus();
  return ValueError(
      absl::StrCat("Unknown attribute: '", key, "' in '", spec, "'"));
}

}  // namespace

absl::StatusOr<DeviceName> DeviceName::Parse(absl::string_view text) {
  DeviceName name;
  for (absl::string_view part : absl::StrSplit(text, '/')) {
    RG_RETURN_IF_ERROR(ParsePart(text, part, &name));
  }
  // Only now, as in TensorFlow, are lower-case types of "/device:cpu:0"
  // spelled in capitals.
  if (name.type == "cpu" || name.type == "gpu") {
    absl::AsciiStrToUpper(&*name.type);
  }
  return name;
}

std::string DeviceName::ToString() const {
  std::string out;
  if (job.has_value()) absl::StrAppend(&out, "/job:", *job);
  if (replica.has_value()) absl::StrAppend(&out, "/replica:", *replica);
  if (task.has_value()) absl::StrAppend(&out, "/task:", *task);
  if (type.has_value()) {
    absl::StrAppend(&out, "/device:", *type, ":");
    if (index.has_value()) {
      absl::StrAppend(&out, *index);
    } else {
      out += "*";
    }
  }
  return out;
}

DeviceName DeviceName::MergedWith(const DeviceName& inner) const {
  DeviceName merged = inner;
  if (!merged.job.has_value()) merged.job = job;
  if (!merged.replica.has_value()) merged.replica = replica;
  if (!merged.task.has_value()) merged.task = task;
  if (!merged.type.has_value()) merged.type = type;
  if (!merged.index.has_value()) merged.index = index;
  return merged;
}

absl::StatusOr<std::string> CanonicalDevice(absl::string_view device) {
  RG_ASSIGN_OR_RETURN(const DeviceName name, DeviceName::Parse(device));
  return name.ToString();
}

absl::StatusOr<std::string> MergeDevices(absl::string_view outer,
                                         absl::string_view inner) {
  RG_ASSIGN_OR_RETURN(const DeviceName outer_name, DeviceName::Parse(outer));
  RG_ASSIGN_OR_RETURN(const DeviceName inner_name, DeviceName::Parse(inner));
  return outer_name.MergedWith(inner_name).ToString();
}

}  // namespace retrograph
