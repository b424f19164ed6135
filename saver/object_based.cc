#include "saver/object_based.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "checkpoint/checkpoint_reader.h"
#include "checkpoint/names.h"
#include "core/errors.h"
#include "proto/trackable_object_graph.pb.h"

namespace retrograph {
namespace {

absl::Status MissingNames(const std::vector<std::string>& missing,
                          const std::vector<std::string>& extra,
                          size_t num_matches) {
  return absl::NotFoundError(absl::StrCat(
      "\n\nExisting variables not in the checkpoint: ",
      absl::StrJoin(missing, ", "),
      "\n\nVariables names when this checkpoint was written which don't exist "
      "now: ",
      absl::StrJoin(extra, ", "), "\n\n(", num_matches,
      " variable name(s) did match)\n\nCould not find some variables in the "
      "checkpoint (see names above). Saver was attempting to load an "
      "object-based checkpoint (saved using tf.train.Checkpoint or "
      "tf.keras.Model.save_weights) using variable names. If the checkpoint "
      "was written with eager execution enabled, it's possible that variable "
      "names have changed (for example missing a '_1' suffix). It's also "
      "possible that there are new variables which did not exist when the "
      "checkpoint was written. You can construct a Saver(var_list=...) with "
      "only the variables which previously existed, and if variable names "
      "have changed you may need to make this a dictionary with the old names "
      "as keys. If you're using an Estimator, you'll need to return a "
      "tf.train.Saver inside a tf.train.Scaffold from your model_fn."));
}

}  // namespace

absl::Status ReadFromObjectGraph(const std::string& prefix,
                                 absl::Status status) {
  if (status.ok() || !ErrorHint(status).empty()) return status;
  SetErrorHint(&status, absl::StrCat("Read from ", MetaFilename(prefix),
                                     ", entry ", kObjectGraphKey));
  return status;
}

absl::StatusOr<std::map<std::string, std::string>> ObjectGraphKeyMapping(
    FileSystem* fs, const std::string& prefix) {
  RG_ASSIGN_OR_RETURN(const std::unique_ptr<CheckpointReader> reader,
                      CheckpointReader::Open(fs, prefix));
  RG_ASSIGN_OR_RETURN(const Tensor value, reader->GetTensor(kObjectGraphKey));
  TrackableObjectGraph graph;
  if (value.dtype() != DT_STRING || value.shape().rank() != 0 ||
      !graph.ParseFromString(std::string(value.scalar<std::string>()))) {
    return ReadFromObjectGraph(
        prefix, PythonError("DecodeError", absl::StatusCode::kDataLoss,
                            "Error parsing message"));
  }
  std::map<std::string, std::string> names_to_keys;
  for (const auto& node : graph.nodes()) {
    for (const auto& attribute : node.attributes()) {
      names_to_keys[attribute.full_name()] = attribute.checkpoint_key();
    }
  }
  return names_to_keys;
}

absl::Status UseObjectBasedKeys(
    const std::map<std::string, std::string>& names_to_keys,
    const Saveables& saveables) {
  std::set<std::string> names, known;
  for (const auto& saveable : saveables) {
    for (const SaveSpec& spec : saveable->specs()) names.insert(spec.name);
  }
  for (const auto& [name, key] : names_to_keys) known.insert(name);
  std::vector<std::string> missing, extra;
  std::set_difference(names.begin(), names.end(), known.begin(), known.end(),
                      std::back_inserter(missing));
  if (!missing.empty()) {
    std::set_difference(known.begin(), known.end(), names.begin(), names.end(),
                        std::back_inserter(extra));
    return MissingNames(missing, extra, names.size() - missing.size());
  }
  for (const auto& saveable : saveables) {
    for (size_t i = 0; i < saveable->specs().size(); ++i) {
      saveable->set_key(i, names_to_keys.at(saveable->specs()[i].name));
    }
  }
  return absl::OkStatus();
}

}  // namespace retrograph
