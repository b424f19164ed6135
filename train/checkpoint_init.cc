#include "train/checkpoint_init.h"

#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "checkpoint/hash_order.h"
#include "core/errors.h"
#include "graph/python_text.h"
#include "saver/saveable.h"
#include "variables/variable_scope.h"

namespace retrograph {
namespace {

using VariableList = std::vector<std::shared_ptr<Variable>>;
using StoredMap = std::map<std::string, std::shared_ptr<Variable>>;

// A shape as a list: [2, 3].
std::string ListText(const TensorShape& shape) {
  return absl::StrCat("[", absl::StrJoin(shape.dims(), ", "), "]");
}

class CheckpointInitializer {
 public:
  CheckpointInitializer(GraphBuilder& b, const std::string& dir_or_file,
                        std::string prefix,
                        std::unique_ptr<CheckpointReader> reader,
                        const LogSink& log)
      : b_(b),
        dir_or_file_(dir_or_file),
        prefix_(std::move(prefix)),
        reader_(std::move(reader)),
        log_(log),
        stored_(StoredVariables(b.graph())) {}

  void Assign(const std::string& tensor, const InitTarget& target) {
    if (auto* variable = std::get_if<std::shared_ptr<Variable>>(&target)) {
      AssignVariable(tensor, **variable);
    } else if (auto* parts = std::get_if<VariableList>(&target)) {
      AssignParts(tensor, *parts);
    } else {
      const std::string& name = std::get<std::string>(target);
      auto it = stored_.find(name);
      if (it != stored_.end()) {
        AssignVariable(tensor, *it->second);
      } else if (stored_.count(absl::StrCat(name, "/part_0")) > 0) {
        AssignParts(tensor, PartsOf(name));
      } else {
        AssignScope(tensor, name);
      }
    }
  }

 private:
  VariableList PartsOf(const std::string& name) const {
    VariableList parts;
    for (int i = 0;; ++i) {
      auto it = stored_.find(absl::StrCat(name, "/part_", i));
      if (it == stored_.end()) return parts;
      parts.push_back(it->second);
    }
  }

  bool HasTensor(const std::string& tensor) {
    if (reader_->shapes().count(tensor) > 0) return true;
    return b_.Update(ValueError(absl::StrCat(
        "Tensor ", tensor, " is not found in ", dir_or_file_, " checkpoint ",
        ShapeMapText(*reader_))));
  }

  void AssignVariable(const std::string& tensor, Variable& variable) {
    if (!HasTensor(tensor)) return;
    const TensorShape& shape = reader_->shapes().at(tensor);
    if (!variable.shape().IsCompatibleWith(shape)) {
      b_.Update(ValueError(absl::StrCat(
          "Shape of variable ", variable.name(), " (",
          variable.shape().PythonString(),
          ") doesn't match with shape of tensor ", tensor, " (",
          ListText(shape), ") from checkpoint reader.")));
      return;
    }
    SetInitializer(variable, tensor, "");
    Log(variable.name(), tensor);
  }

  void AssignParts(const std::string& tensor, const VariableList& parts) {
    if (!HasTensor(tensor)) return;
    SetPartInitializers(parts, tensor);
    Log(absl::StrJoin(parts, ",",
                      [](std::string* out, const auto& part) {
                        out->append(part->name());
                      }),
        tensor);
  }

  // Every variable below a scope, each from the tensor of its name below the
  // checkpoint's.
  void AssignScope(const std::string& tensor_scope, const std::string& name) {
    const size_t slash = name.rfind('/');
    const std::string scope =
        slash == std::string::npos ? "" : name.substr(0, slash);
    if (!absl::EndsWith(tensor_scope, "/")) {
      b_.Update(ValueError(absl::StrCat(
          "Assignment map with scope only name ", scope,
          " should map to scope only ", tensor_scope,
          ". Should be 'scope/': 'other_scope/'.")));
      return;
    }
    for (const std::string& variable : VariablesBelow(scope)) {
      std::string tensor = variable.substr(scope.size());
      if (name != "/" && !tensor.empty()) tensor.erase(0, 1);
      if (tensor_scope != "/") tensor = absl::StrCat(tensor_scope, tensor);
      if (absl::EndsWith(tensor, "/")) tensor.pop_back();
      if (reader_->shapes().count(tensor) == 0) {
        const std::string below =
            variable.size() > scope.size() ? variable.substr(scope.size() + 1)
                                           : "";
        b_.Update(ValueError(absl::StrCat(
            "Tensor ", tensor, " (", below, " in ", tensor_scope,
            ") is not found in ", dir_or_file_, " checkpoint")));
        return;
      }
      auto it = stored_.find(variable);
      if (it != stored_.end()) {
        SetInitializer(*it->second, tensor, "");
      } else {
        SetPartInitializers(PartsOf(variable), tensor);
      }
      if (!b_.ok()) return;
      Log(variable, tensor);
    }
  }

  // Names of the variables below a scope, partitioned ones as one.
  std::set<std::string> VariablesBelow(const std::string& scope) const {
    std::set<std::string> names;
    for (const auto& [name, variable] : stored_) {
      if (!scope.empty() && !absl::StartsWith(name, absl::StrCat(scope, "/"))) {
        continue;
      }
      names.insert(name.substr(0, name.find("/part_")));
    }
    return names;
  }

  void SetPartInitializers(const VariableList& parts,
                           const std::string& tensor) {
    absl::optional<std::string> whole;
    for (const auto& part : parts) {
      if (!part->save_slice_info().has_value()) {
        b_.Update(AttributeError(
            "'NoneType' object has no attribute 'full_name'"));
        return;
      }
      const SaveSliceInfo& slice = *part->save_slice_info();
      if (whole.has_value() && *whole != slice.full_name) {
        b_.Update(ValueError(
            absl::StrCat("Slices must all be from the same tensor: ", *whole,
                         " != ", slice.full_name)));
        return;
      }
      whole = slice.full_name;
      SetInitializer(*part, tensor, slice.spec());
      if (!b_.ok()) return;
    }
  }

  void SetInitializer(Variable& variable, const std::string& tensor,
                      const std::string& slice) {
    Output value;
    {
      // Only a CPU reads files; the variable may be elsewhere.
      DeviceScope on_device(b_.graph(), variable.device());
      DeviceScope on_cpu(b_.graph(), "/cpu:0");
      Operation* restore = b_.AddOp(
          "RestoreV2",
          {prefix_, Tensor::Vector<std::string>({tensor}),
           Tensor::Vector<std::string>({slice})},
          {Attr("dtypes", DataTypeVector{variable.dtype()})},
          "checkpoint_initializer");
      if (restore == nullptr) return;
      value = restore->output(0);
    }
    const auto saveables = b_.Take(ValidateAndSliceInputs(
        {Saveable{absl::nullopt, variable.shared_from_this()}},
        /*is_dict=*/false));
    if (!b_.ok()) return;
    const std::vector<Operation*> assigns =
        saveables[0]->Restore(b_, {value}, nullptr);
    if (!b_.ok()) return;
    b_.Update(value.op->MergeOutputShape(0, variable.shape()));
    variable.ReplaceInitializer(assigns.back(), value);
  }

  void Log(const std::string& variable, const std::string& tensor) {
    if (!b_.ok() || !log_) return;
    log_(LogLevel::kDebug,
         absl::StrCat("Initialize variable ", variable, " from checkpoint ",
                      dir_or_file_, " with ", tensor));
  }

  GraphBuilder& b_;
  const std::string& dir_or_file_;
  const std::string prefix_;
  const std::unique_ptr<CheckpointReader> reader_;
  const LogSink& log_;
  const StoredMap stored_;
};

}  // namespace

std::string ShapeMapText(const CheckpointReader& reader) {
  std::vector<std::string> items;
  for (const std::string& name : ListedNames(reader)) {
    items.push_back(absl::StrCat(PythonRepr(name), ": ",
                                 ListText(reader.shapes().at(name))));
  }
  return absl::StrCat("{", absl::StrJoin(items, ", "), "}");
}

absl::StatusOr<std::string> CheckpointPrefix(FileSystem* fs,
                                             const std::string& dir_or_file,
                                             const LogSink& log) {
  if (!fs->IsDirectory(dir_or_file)) return dir_or_file;
  RG_ASSIGN_OR_RETURN(const auto newest,
                      LatestCheckpoint(fs, dir_or_file, "checkpoint", log));
  if (newest.has_value()) return *newest;
  return ValueError(
      absl::StrCat("Couldn't find 'checkpoint' file or checkpoints in given "
                   "directory ",
                   dir_or_file));
}

void InitFromCheckpoint(GraphBuilder& b, FileSystem* fs,
                        const std::string& dir_or_file,
                        const std::map<std::string, InitTarget>& assignment_map,
                        const LogSink& log) {
  // TensorFlow looks twice, so what it logs about a folder comes twice.
  (void)CheckpointPrefix(fs, dir_or_file, log);
  std::string prefix = b.Take(CheckpointPrefix(fs, dir_or_file, log));
  if (!b.ok()) return;
  auto reader = b.Take(CheckpointReader::Open(fs, prefix));
  if (!b.ok()) return;
  CheckpointInitializer initializer(b, dir_or_file, std::move(prefix),
                                    std::move(reader), log);
  for (const auto& [tensor, target] : assignment_map) {
    initializer.Assign(tensor, target);
    if (!b.ok()) return;
  }
}

}  // namespace retrograph
