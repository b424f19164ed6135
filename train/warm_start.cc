#include "train/warm_start.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "checkpoint/checkpoint_reader.h"
#include "checkpoint/checkpoint_state.h"
#include "core/errors.h"
#include "graph/python_text.h"
#include "ops/builder_scope.h"
#include "ops/builders.h"
#include "ops/operators.h"
#include "proto/trackable_object_graph.pb.h"
#include "saver/saveable.h"
#include "train/checkpoint_init.h"
#include "train/update_op.h"

namespace retrograph {
namespace {

constexpr char kObjectGraphKey[] = "_CHECKPOINTABLE_OBJECT_GRAPH";

using VariableList = std::vector<std::shared_ptr<Variable>>;

// TensorFlow asks whether the zeros are few, and so leaves ops that nobody
// uses: the product of the sizes and a comparison of it.
void AddSizeCheck(GraphBuilder& b, const std::vector<Size>& shape) {
  Output product;
  for (const Size& size : shape) {
    const auto* number = std::get_if<int64_t>(&size);
    if (!product.valid()) {
      if (number == nullptr) product = std::get<Output>(size);
    } else if (number != nullptr) {
      product = OperatorMul(b, product, *number);
    } else {
      product = OperatorMul(b, product, std::get<Output>(size));
    }
  }
  b.Op("Less", {product, 1000});
}

// Zeros as tf.zeros makes them where the first size is a tensor.
Output ZerosBackup(GraphBuilder& b, const std::vector<Size>& shape) {
  std::vector<int64_t> known;
  std::vector<Input> sizes;
  for (const Size& size : shape) {
    if (const auto* number = std::get_if<int64_t>(&size)) {
      known.push_back(*number);
      sizes.emplace_back(*number);
    } else {
      sizes.emplace_back(std::get<Output>(size));
    }
  }
  if (known.size() == shape.size()) {
    return Zeros(b, TensorShape(known), DT_FLOAT);
  }
  BuilderScope scope(b, "zeros");
  AddSizeCheck(b, shape);
  const Output packed = b.Convert(Input(std::move(sizes)), DT_INT32, "packed");
  const Output zero = Constant(b, Tensor::Scalar<float>(0.0f));
  return b.Op("Fill", {packed, zero}, {}, scope.full_name());
}

// {'a', 'b'}
std::string SetText(const std::vector<std::string>& names) {
  return absl::StrCat("{",
                      absl::StrJoin(names, ", ",
                                    [](std::string* out, const auto& name) {
                                      out->append(PythonRepr(name));
                                    }),
                      "}");
}

// A variable's name, without the part.
std::string WholeName(const Variable& variable) {
  const auto& slice = variable.save_slice_info();
  return slice.has_value() ? slice->full_name : variable.op_name();
}

// Where a part begins, along the one axis along which the whole is split.
absl::StatusOr<int64_t> SingleOffset(const SaveSliceInfo& slice,
                                     const std::vector<int64_t>& shape) {
  int64_t offset = 0;
  bool found = false;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == slice.full_shape[i]) continue;
    if (found) {
      return ValueError(absl::StrCat(
          "Cannot use single_slice_dim() with shape [",
          absl::StrJoin(shape, ", "), "] and partition (",
          absl::StrJoin(slice.var_offset, ", "),
          ") since slice dim could be either dim ", i - 1, " or ", i, "."));
    }
    found = true;
    offset = slice.var_offset[i];
  }
  return offset;
}

class WarmStarter {
 public:
  WarmStarter(GraphBuilder& b, FileSystem* fs, const std::string& dir_or_file,
              const WarmStartOptions& options, const LogSink& log)
      : b_(b),
        fs_(fs),
        dir_or_file_(dir_or_file),
        options_(options),
        log_(log),
        previous_names_(options.previous_names) {}

  void Run() {
    GroupVariables();
    if (previous_names_.empty()) FindObjectNames();
    int count = 0;
    std::map<std::string, InitTarget> plain;
    for (const std::string& name : names_) {
      if (!b_.ok()) return;
      const VariableList& parts = groups_[name];
      auto previous = previous_names_.find(name);
      const std::string* tensor =
          previous == previous_names_.end() ? nullptr : &previous->second;
      if (tensor != nullptr && tensor->empty()) tensor = nullptr;
      if (tensor != nullptr) used_names_.insert(name);
      auto info = options_.vocab_infos.find(name);
      if (info != options_.vocab_infos.end()) {
        used_infos_.insert(name);
        ++count;
        LogVocabulary(name, info->second, tensor);
        StartWithVocabulary(name, parts, info->second, tensor);
      } else if (options_.without_vocabulary) {
        ++count;
        Log(LogLevel::kDebug,
            absl::StrCat("Warm-starting variable: ", name, "; prev_var_name: ",
                         tensor == nullptr ? "Unchanged" : *tensor));
        CheckName(parts);
        InitTarget target = parts;
        if (parts.size() == 1) target = parts[0];
        plain[tensor == nullptr ? name : *tensor] = std::move(target);
      }
    }
    if (!b_.ok()) return;
    InitFromCheckpoint(b_, fs_, dir_or_file_, plain, log_);
    if (!b_.ok()) return;
    Log(LogLevel::kInfo,
        absl::StrCat("Warm-started ", count, " variables."));
    CheckAllUsed();
  }

 private:
  void Log(LogLevel level, const std::string& text) {
    if (log_) log_(level, text);
  }

  void GroupVariables() {
    for (const auto& variable : options_.variables) {
      const std::string name = WholeName(*variable);
      VariableList& parts = groups_[name];
      if (parts.empty()) names_.push_back(name);
      parts.push_back(variable);
    }
  }

  // In an object-based checkpoint variables have other keys than their names.
  void FindObjectNames() {
    std::string prefix = dir_or_file_;
    if (fs_->IsDirectory(prefix)) {
      const auto newest =
          b_.Take(LatestCheckpoint(fs_, prefix, "checkpoint", log_));
      if (!b_.ok()) return;
      if (!newest.has_value()) {  // TensorFlow opens one without a name
        b_.Update(TypeError("Expected binary or unicode string, got None"));
        return;
      }
      prefix = *newest;
    }
    auto reader = CheckpointReader::Open(fs_, prefix);
    if (absl::IsNotFound(reader.status())) return;
    if (!b_.Update(reader.status())) return;
    if (!(*reader)->HasTensor(kObjectGraphKey)) return;
    const Tensor text = b_.Take((*reader)->GetTensor(kObjectGraphKey));
    if (!b_.ok()) return;
    TrackableObjectGraph graph;
    if (text.dtype() != DT_STRING || text.num_elements() != 1 ||
        !graph.ParseFromString(text.flat<std::string>()[0])) {
      b_.Update(absl::DataLossError(
          absl::StrCat(prefix, ": ", kObjectGraphKey, " does not parse")));
      return;
    }
    std::map<std::string, std::string> keys;
    for (const auto& node : graph.nodes()) {
      for (const auto& attribute : node.attributes()) {
        keys[attribute.full_name()] = attribute.checkpoint_key();
      }
    }
    std::vector<std::string> missing;
    for (const auto& [name, parts] : groups_) {
      auto it = keys.find(name);
      if (it == keys.end()) {
        missing.push_back(name);
      } else {
        previous_names_[name] = it->second;
      }
    }
    if (missing.empty()) return;
    b_.Update(ValueError(absl::StrCat(
        "Attempting to warm-start from an object-based checkpoint, but found "
        "that the checkpoint did not contain values for all variables. The "
        "following variables were missing: ",
        SetText(missing))));
  }

  // Of one name there may be the slices of a variable, or one variable.
  void CheckName(const VariableList& parts) {
    std::vector<Saveable> list;
    for (const auto& part : parts) list.push_back({absl::nullopt, part});
    b_.Update(NamesOfList(list).status());
  }

  void LogVocabulary(const std::string& name, const VocabInfo& info,
                     const std::string* tensor) {
    Log(LogLevel::kDebug,
        absl::StrCat("Warm-starting variable: ", name, "; current_vocab: ",
                     info.new_vocab, " current_vocab_size: ",
                     info.new_vocab_size, " prev_vocab: ", info.old_vocab,
                     " prev_vocab_size: ",
                     info.old_vocab_size > 0 ? absl::StrCat(info.old_vocab_size)
                                             : "All",
                     " current_oov: ", info.num_oov_buckets, " prev_tensor: ",
                     tensor == nullptr ? "Unchanged" : *tensor,
                     " initializer: ", info.backup_text));
  }

  void StartWithVocabulary(const std::string& name, const VariableList& parts,
                           const VocabInfo& info, const std::string* tensor) {
    if (info.new_vocab.empty() || info.new_vocab_size == 0 ||
        dir_or_file_.empty() || info.old_vocab.empty()) {
      b_.Update(ValueError(
          "Invalid args: Must provide all of [current_vocab_path, "
          "current_vocab_size, prev_ckpt, prev_vocab_path}."));
      return;
    }
    RemappedMatrix matrix;
    if (tensor == nullptr) CheckName(parts);
    matrix.tensor = tensor == nullptr ? name : *tensor;
    matrix.backup_initializer =
        info.backup_initializer ? info.backup_initializer : ZerosBackup;
    int64_t all_rows = 0;
    for (const auto& part : parts) all_rows += part->shape().dim(0);
    for (const auto& part : parts) {
      matrix.checkpoint =
          b_.Take(CheckpointPrefix(fs_, dir_or_file_, log_));
      StartPart(part.get(), info, all_rows, matrix);
      if (!b_.ok()) return;
    }
  }

  void StartPart(Variable* part, const VocabInfo& info, int64_t all_rows,
                 RemappedMatrix matrix) {
    std::vector<int64_t> shape(part->shape().dims().begin(),
                               part->shape().dims().end());
    if (info.axis == 0) {
      if (shape.size() < 2) {
        b_.Update(PythonError("IndexError", absl::StatusCode::kOutOfRange,
                              "list index out of range"));
        return;
      }
      matrix.new_rows = info.new_vocab_size;
      matrix.new_cols = shape[1];
      matrix.old_row_count = info.old_vocab_size;
      matrix.old_row_vocab = info.old_vocab;
      matrix.new_row_vocab = info.new_vocab;
      matrix.row_oov_buckets = info.num_oov_buckets;
    } else {
      matrix.new_rows = all_rows;
      matrix.new_cols = info.new_vocab_size;
      matrix.old_col_vocab = info.old_vocab;
      matrix.new_col_vocab = info.new_vocab;
      matrix.col_oov_buckets = info.num_oov_buckets;
    }
    int64_t offset = 0;
    if (part->save_slice_info().has_value()) {
      offset = b_.Take(SingleOffset(*part->save_slice_info(), shape));
    }
    const Output value = b_.Convert(LoadRemapped(b_, matrix, shape, offset));
    if (!b_.ok()) return;
    const Output assigned = part->Assign(b_, value, "", /*use_locking=*/true);
    if (b_.ok()) part->ReplaceInitializer(UpdateOp(*part, assigned), Output());
  }

  // A name that is used nowhere is probably a slip.
  void CheckAllUsed() {
    CheckUsed(previous_names_, used_names_,
              "You provided the following variables in "
              "var_name_to_prev_var_name that were not used: ");
    CheckUsed(options_.vocab_infos, used_infos_,
              "You provided the following variables in "
              "var_name_to_vocab_info that were not used: ");
  }
  template <typename Map>
  void CheckUsed(const Map& given, const std::set<std::string>& used,
                 const char* text) {
    std::vector<std::string> unused;
    for (const auto& [name, value] : given) {
      if (used.count(name) == 0) unused.push_back(name);
    }
    if (unused.empty()) return;
    std::vector<std::string> viable;
    for (const std::string& name : names_) viable.push_back(PythonRepr(name));
    b_.Update(ValueError(absl::StrCat(
        text, SetText(unused),
        ".  Perhaps you misspelled them?  Here is the list of viable variable "
        "names: dict_keys([",
        absl::StrJoin(viable, ", "), "])")));
  }

  GraphBuilder& b_;
  FileSystem* const fs_;
  const std::string& dir_or_file_;
  const WarmStartOptions& options_;
  const LogSink& log_;
  std::map<std::string, std::string> previous_names_;
  std::vector<std::string> names_;  // in order
  std::map<std::string, VariableList> groups_;
  std::set<std::string> used_names_, used_infos_;
};

}  // namespace

void WarmStart(GraphBuilder& b, FileSystem* fs, const std::string& dir_or_file,
               const WarmStartOptions& options, const LogSink& log) {
  if (!b.ok()) return;
  WarmStarter(b, fs, dir_or_file, options, log).Run();
}

}  // namespace retrograph
