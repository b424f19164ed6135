// HashTableV2, a table that is filled once, and the ops that fill it: from
// tensors and from the lines of a file.
//
// Source: tensorflow/core/kernels/lookup_table_op.h,
// lookup_table_init_op.cc and lookup_util.cc, as observed.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/kernel.h"
#include "ops/lookup_table.h"
#include "ops/lookup_table_ops.h"
#include "ops/number_text.h"
#include "ops/resource_handle.h"
#include "ops/vocabulary_file.h"

namespace retrograph {
namespace {

// ---- The table ----

// As few digits as tell the number, as TensorFlow's StrCat writes it.
std::string FloatingText(double value, int digits, int all_digits,
                         bool is_float) {
  char text[40];
  std::snprintf(text, sizeof(text), "%.*g", digits, value);
  const double read = is_float ? std::strtof(text, nullptr)
                               : std::strtod(text, nullptr);
  if (read != value) {
    std::snprintf(text, sizeof(text), "%.*g", all_digits, value);
  }
  return text;
}

std::string ElementText(const Tensor& tensor, int64_t i) {
  switch (tensor.dtype()) {
    case DT_STRING: return tensor.flat<std::string>()[i];
    case DT_BOOL: return tensor.flat<bool>()[i] ? "1" : "0";
    case DT_INT32: return absl::StrCat(tensor.flat<int32_t>()[i]);
    case DT_INT64: return absl::StrCat(tensor.flat<int64_t>()[i]);
    case DT_FLOAT: return FloatingText(tensor.flat<float>()[i], 6, 9, true);
    case DT_DOUBLE: return FloatingText(tensor.flat<double>()[i], 15, 17, false);
    default: return "";
  }
}

template <typename K>
class HashTable final : public LookupTable {
 public:
  using LookupTable::LookupTable;
  std::string DebugString() const override {
    return absl::StrCat("A hash table of ", Size());
  }

  int64_t Size() const override {
    absl::MutexLock lock(&mu_);
    return is_initialized_ ? static_cast<int64_t>(map_.size()) : 0;
  }
  absl::StatusOr<Tensor> Find(const Tensor& keys,
                              const Tensor& missing) const override {
    absl::MutexLock lock(&mu_);
    if (!is_initialized_) {
      return absl::FailedPreconditionError("Table not initialized.");
    }
    Tensor values(value_type(), keys.shape());
    const std::string other = TableElement(missing, 0);
    const auto from = keys.flat<K>();
    for (int64_t i = 0; i < keys.num_elements(); ++i) {
      const auto found = map_.find(from[i]);
      SetTableElement(&values, i, found == map_.end() ? other : found->second);
    }
    return values;
  }
  absl::Status Insert(const Tensor&, const Tensor&) override {
    return NotSupported("Insert");
  }
  absl::Status Remove(const Tensor&) override { return NotSupported("Remove"); }
  absl::Status Import(const Tensor& keys, const Tensor& values) override {
    return Initialize([&](const Insertion& insert) -> absl::Status {
      return insert(keys, values);
    });
  }
  absl::StatusOr<std::pair<Tensor, Tensor>> Export() const override {
    absl::MutexLock lock(&mu_);
    if (!is_initialized_) {
      return absl::AbortedError("HashTable is not initialized.");
    }
    const TensorShape shape({static_cast<int64_t>(map_.size())});
    Tensor keys(key_type(), shape), values(value_type(), shape);
    const auto to = keys.mutable_flat<K>();
    int64_t i = 0;
    for (const auto& entry : map_) {
      to[i] = entry.first;
      SetTableElement(&values, i++, entry.second);
    }
    return std::make_pair(std::move(keys), std::move(values));
  }

  bool IsInitializable() const override { return true; }
  bool is_initialized() const override {
    absl::MutexLock lock(&mu_);
    return is_initialized_;
  }
  absl::Status Initialize(
      const std::function<absl::Status(const Insertion&)>& fill) override {
    absl::MutexLock lock(&mu_);
    if (is_initialized_) return absl::OkStatus();
    RG_RETURN_IF_ERROR(fill([this](const Tensor& keys, const Tensor& values) {
      mu_.AssertHeld();
      return Add(keys, values);
    }));
    is_initialized_ = true;
    return absl::OkStatus();
  }

 private:
  static absl::Status NotSupported(const char* what) {
    return absl::UnimplementedError(absl::StrCat(
        what, " not supported by InitializableLookupTable implementations"));
  }
  absl::Status Add(const Tensor& keys, const Tensor& values)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (keys.num_elements() == 0) {
      return absl::InvalidArgumentError(
          "keys and values cannot be empty tensors.");
    }
    const auto from = keys.flat<K>();
    for (int64_t i = 0; i < keys.num_elements(); ++i) {
      const auto added = map_.emplace(from[i], TableElement(values, i));
      if (added.second || added.first->second == TableElement(values, i)) {
        continue;
      }
      Tensor present(value_type(), TensorShape({}));
      SetTableElement(&present, 0, added.first->second);
      return absl::FailedPreconditionError(absl::StrCat(
          "HashTable has different value for same key. Key ",
          ElementText(keys, i), " has ", ElementText(present, 0),
          " and trying to add value ", ElementText(values, i)));
    }
    return absl::OkStatus();
  }

  mutable absl::Mutex mu_;
  std::unordered_map<K, std::string> map_ ABSL_GUARDED_BY(mu_);
  bool is_initialized_ ABSL_GUARDED_BY(mu_) = false;
};

template <typename K>
absl::StatusOr<Tensor> MakeOrFindHashTable(KernelContext* ctx) {
  return MakeOrFindTable(
      ctx,
      [](DataType key_type, DataType value_type)
          -> absl::StatusOr<std::shared_ptr<LookupTable>> {
        return std::make_shared<HashTable<K>>(key_type, value_type);
      });
}

absl::StatusOr<std::shared_ptr<LookupTable>> InitializableInput(
    const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(std::shared_ptr<LookupTable> table, TableInput(ctx));
  if (table->IsInitializable()) return table;
  RG_ASSIGN_OR_RETURN(const ResourceHandle* const handle, HandleInput(ctx, 0));
  return absl::InvalidArgumentError(absl::StrCat(
      "Table ", handle->container, " ", handle->name, " is not initializable"));
}

// ---- From tensors ----

absl::Status InitializeFromTensors(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(const std::shared_ptr<LookupTable> table,
                      InitializableInput(ctx));
  const Tensor& keys = ctx.input(1);
  const Tensor& values = ctx.input(2);
  if (keys.dtype() != table->key_type() ||
      values.dtype() != table->value_type()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Signature mismatch, have: resource, ", DataTypeString(keys.dtype()),
        ", ", DataTypeString(values.dtype()), "-> expected: resource, ",
        DataTypeString(table->key_type()), ", ",
        DataTypeString(table->value_type()), "->"));
  }
  if (keys.shape().rank() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("Keys must be a vector, but received shape",
                     keys.shape().DebugString()));
  }
  if (values.shape().rank() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("Values must be a vector, but received shape",
                     values.shape().DebugString()));
  }
  if (keys.num_elements() != values.num_elements()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Keys and values must have the same size ", keys.num_elements(),
        " vs ", values.num_elements()));
  }
  return table->Import(keys, values);
}

void InitializeTableKernel(KernelContext* ctx) {
  RG_KERNEL_OK(ctx, InitializeFromTensors(*ctx));
}

absl::Status InitializeTableShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(0), 0).status());
  RG_ASSIGN_OR_RETURN(const Shape keys, c->WithRank(c->input(1), 1));
  return c->Merge(keys, c->input(2)).status();
}

// ---- From the lines of a file ----

constexpr int64_t kLineNumber = -1;
constexpr int64_t kWholeLine = -2;

// Which parts of a line are key and value.
struct LineFormat {
  int64_t key_index = 0;
  int64_t value_index = 0;
  int64_t vocab_size = -1;
  char delimiter = '\t';

  bool HasColumns() const { return std::max(key_index, value_index) >= 0; }
};

absl::StatusOr<LineFormat> FormatOf(const Operation& op) {
  LineFormat format;
  std::string delimiter;
  RG_RETURN_IF_ERROR(op.GetAttr("key_index", &format.key_index));
  RG_RETURN_IF_ERROR(op.GetAttr("value_index", &format.value_index));
  RG_RETURN_IF_ERROR(op.GetAttr("vocab_size", &format.vocab_size));
  RG_RETURN_IF_ERROR(op.GetAttr("delimiter", &delimiter));
  if (delimiter.size() != 1) {
    return absl::InvalidArgumentError("delimiter should be only 1 char");
  }
  format.delimiter = delimiter[0];
  return format;
}

absl::Status CheckFormat(const LineFormat& format, const LookupTable& table) {
  const DataType key = table.key_type();
  const DataType value = table.value_type();
  const auto mismatch = [](const char* part, const char* of, const char* which,
                           const char* wanted, DataType got) {
    return absl::InvalidArgumentError(absl::StrCat(
        part, " index for ", of, " requires table ", which, " dtype of ",
        wanted, ", got ", DataTypeString(got)));
  };
  if (format.key_index == kLineNumber && key != DT_INT64) {
    return mismatch("Key", "line number", "key", "int64", key);
  }
  if (format.value_index == kLineNumber && value != DT_INT64) {
    return mismatch("Value", "line number", "value", "int64", value);
  }
  if (format.value_index == kWholeLine && value != DT_STRING) {
    return mismatch("Value", "whole line", "value", "string", value);
  }
  return absl::OkStatus();
}

template <typename T>
absl::Status ParseField(const std::string& field, int64_t line_number,
                        Tensor* element) {
  if (ParseNumber(field, &element->mutable_flat<T>()[0])) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("Field ", field, " in line ", line_number,
                   " is not a valid ", DataTypeString(element->dtype()), "."));
}

// Sets a key or a value, tensors of one element.
absl::Status SetField(const std::string& line,
                      const std::vector<std::string>& columns, int64_t index,
                      int64_t line_number, Tensor* element) {
  if (index == kLineNumber) {
    element->mutable_flat<int64_t>()[0] = line_number;
    return absl::OkStatus();
  }
  const std::string& field = index == kWholeLine ? line : columns[index];
  switch (element->dtype()) {
    case DT_INT32: return ParseField<int32_t>(field, line_number, element);
    case DT_INT64: return ParseField<int64_t>(field, line_number, element);
    case DT_FLOAT: return ParseField<float>(field, line_number, element);
    case DT_DOUBLE: return ParseField<double>(field, line_number, element);
    case DT_STRING:
      element->mutable_flat<std::string>()[0] = field;
      return absl::OkStatus();
    default:
      return absl::InvalidArgumentError(
          absl::StrCat("Data type ", DataTypeString(element->dtype()),
                       " not supported."));
  }
}

// Reads lines until one is wrong. A table that is filled already is looked up
// to its first line, as on TensorFlow.
absl::Status InsertLines(FileSystem* fs, const std::string& path,
                         const LineFormat& format, const LookupTable& table,
                         const LookupTable::Insertion& insert) {
  const int64_t last_column = std::max(format.key_index, format.value_index);
  const auto visit = [&](int64_t number,
                         const std::string& line) -> absl::Status {
    std::vector<std::string> columns;
    if (format.HasColumns()) {
      columns = absl::StrSplit(line, format.delimiter);
      if (static_cast<int64_t>(columns.size()) <= last_column) {
        return absl::InvalidArgumentError(absl::StrCat(
            "Invalid number of columns in ", path, " line ", number, " (", line,
            ") : expected ", last_column, " got ", columns.size()));
      }
    }
    Tensor key(table.key_type(), TensorShape({1}));
    Tensor value(table.value_type(), TensorShape({1}));
    RG_RETURN_IF_ERROR(
        SetField(line, columns, format.key_index, number, &key));
    RG_RETURN_IF_ERROR(
        SetField(line, columns, format.value_index, number, &value));
    return insert(key, value);
  };
  return ForEachVocabularyLine(fs, path, format.vocab_size, visit);
}

absl::Status InitializeFromFile(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(const LineFormat format, FormatOf(ctx.op()));
  RG_ASSIGN_OR_RETURN(const std::shared_ptr<LookupTable> table,
                      InitializableInput(ctx));
  const Tensor& filename = ctx.input(1);
  if (filename.num_elements() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "filename should be a single string, but got ",
        filename.shape().DebugString()));
  }
  const std::string path = filename.flat<std::string>()[0];
  RG_RETURN_IF_ERROR(CheckFormat(format, *table));
  FileSystem* const fs = ctx.env().file_system;
  if (table->is_initialized()) return ReadFileToString(fs, path).status();
  return table->Initialize([&](const LookupTable::Insertion& insert) {
    return InsertLines(fs, path, format, *table, insert);
  });
}

void InitializeFromFileKernel(KernelContext* ctx) {
  RG_KERNEL_OK(ctx, InitializeFromFile(*ctx));
}

absl::Status InitializeFromFileShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(0), 0).status());
  return c->WithRank(c->input(1), 0).status();
}

}  // namespace

void RegisterHashTableOps(OpRegistry* registry) {
  registry->Op("HashTableV2")
      .Output("table_handle: resource")
      .Attr("container: string = ''")
      .Attr("shared_name: string = ''")
      .Attr("use_node_name_sharing: bool = false")
      .Attr("key_dtype: type")
      .Attr("value_dtype: type")
      .Stateful()
      .Shape(ScalarShape)
      .Kernel({{"key_dtype", {DT_STRING}},
               {"value_dtype",
                {DT_STRING, DT_INT64, DT_INT32, DT_FLOAT, DT_DOUBLE, DT_BOOL}}},
              KernelOf<HandleKernel<MakeOrFindHashTable<std::string>>>())
      .Kernel({{"key_dtype", {DT_INT64}},
               {"value_dtype", {DT_STRING, DT_INT64, DT_INT32, DT_FLOAT, DT_DOUBLE}}},
              KernelOf<HandleKernel<MakeOrFindHashTable<int64_t>>>())
      .Kernel({{"key_dtype", {DT_INT32}},
               {"value_dtype", {DT_STRING, DT_INT32, DT_FLOAT, DT_DOUBLE}}},
              KernelOf<HandleKernel<MakeOrFindHashTable<int32_t>>>());
  registry->Op("InitializeTableV2")
      .Input("table_handle: resource")
      .Input("keys: Tkey")
      .Input("values: Tval")
      .Attr("Tkey: type")
      .Attr("Tval: type")
      .Stateful()
      .Shape(InitializeTableShape)
      .Kernel({}, StatelessKernel(InitializeTableKernel));
  registry->Op("InitializeTableFromTextFileV2")
      .Input("table_handle: resource")
      .Input("filename: string")
      .Attr("key_index: int >= -2")
      .Attr("value_index: int >= -2")
      .Attr("vocab_size: int >= -1 = -1")
      .Attr("delimiter: string = '\\t'")
      .Stateful()
      .Shape(InitializeFromFileShape)
      .Kernel({}, StatelessKernel(InitializeFromFileKernel));
}

}  // namespace retrograph
