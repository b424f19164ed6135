// GenerateVocabRemapping and LoadAndRemapMatrix: rows and columns of a matrix
// in a checkpoint put where a new vocabulary has them.
#include <algorithm>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "checkpoint/bundle_reader.h"
#include "checkpoint/tensor_slice.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/file_kernel.h"
#include "ops/kernel.h"
#include "ops/shape_helpers.h"
#include "ops/standard_ops.h"
#include "ops/vocabulary_file.h"

namespace retrograph {
namespace {

absl::Status RemappingShape(InferenceContext* c) {
  for (int i = 0; i < 2; ++i) {
    RG_RETURN_IF_ERROR(c->WithRank(c->input(i), 0).status());
  }
  int64_t words = 0;
  RG_RETURN_IF_ERROR(c->GetAttr("num_new_vocab", &words));
  c->set_output(0, VectorOf(words));
  c->set_output(1, TensorShape());
  return absl::OkStatus();
}

absl::Status FileName(const KernelContext& ctx, int input, const char* what,
                      std::string* name) {
  if (ctx.input(input).shape().rank() != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " should be a single string, but got ",
                     ctx.input(input).shape().DebugString()));
  }
  *name = ctx.input(input).scalar<std::string>();
  if (!name->empty()) return absl::OkStatus();
  // Both texts say "new" in TensorFlow.
  return absl::InvalidArgumentError("new vocab filename cannot be empty.");
}

using Numbers = absl::flat_hash_map<std::string, int64_t>;

// The words of the old vocabulary and their lines.
absl::Status ReadOldWords(FileSystem* fs, const std::string& path, int64_t size,
                          Numbers* numbers) {
  return ForEachVocabularyLine(
      fs, path, size,
      [&](int64_t number, const std::string& word) -> absl::Status {
        const auto [it, added] = numbers->emplace(word, number);
        if (added) return absl::OkStatus();
        return absl::FailedPreconditionError(absl::StrCat(
            "HashTable has different value for same key. Key ", word, " has ",
            it->second, " and trying to add value ", number));
      });
}

void GenerateVocabRemappingKernel(KernelContext* ctx) {
  int64_t offset = 0, count = 0, old_size = 0;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("new_vocab_offset", &offset));
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("num_new_vocab", &count));
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("old_vocab_size", &old_size));
  FileSystem* fs = ctx->env().file_system;
  std::string path;
  RG_KERNEL_OK(ctx, FileName(*ctx, 0, "new_vocab_file", &path));
  std::vector<std::string> words;
  RG_KERNEL_OK(ctx, ForEachVocabularyLine(
                        fs, path, -1, [&](int64_t, const std::string& word) {
                          words.push_back(word);
                          return absl::OkStatus();
                        }));
  const int64_t available = static_cast<int64_t>(words.size());
  RG_KERNEL_REQUIRES(ctx, offset <= available && count <= available - offset,
                     absl::InvalidArgumentError(
                         "lookup table size must be larger than last new vocab "
                         "entry's line"));
  RG_KERNEL_OK(ctx, FileName(*ctx, 1, "old_vocab_file", &path));
  Numbers old_numbers;
  RG_KERNEL_OK(ctx, ReadOldWords(fs, path, old_size, &old_numbers));

  Tensor remapping = ctx->Allocate(DT_INT64, TensorShape({count}));
  if (!ctx->status().ok()) return;
  auto ids = remapping.mutable_flat<int64_t>();
  int32_t present = 0;
  for (int64_t i = 0; i < count; ++i) {
    auto it = old_numbers.find(words[offset + i]);
    ids[i] = it == old_numbers.end() ? -1 : it->second;
    if (ids[i] >= 0) ++present;
  }
  ctx->set_output(0, std::move(remapping));
  ctx->set_output(1, Tensor::Scalar<int32_t>(present));
}

// ---- LoadAndRemapMatrix ----

absl::Status MatrixShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(1), 0).status());
  int64_t rows = 0, cols = 0;
  RG_RETURN_IF_ERROR(c->GetAttr("num_rows", &rows));
  RG_RETURN_IF_ERROR(c->GetAttr("num_cols", &cols));
  c->set_output(0, Shape(std::vector<int64_t>{rows, cols}));
  return absl::OkStatus();
}

// Where old rows or columns go, and which new ones something goes to.
struct Remapping {
  absl::flat_hash_map<int64_t, int64_t> new_ids;
  std::vector<bool> present;
  int64_t first = -1, last = -1;  // of the old ones
};

absl::Status ReadRemapping(const Tensor& tensor, Remapping* remapping) {
  const auto ids = tensor.flat<int64_t>();
  remapping->present.assign(ids.size(), false);
  for (int64_t i = 0; i < static_cast<int64_t>(ids.size()); ++i) {
    if (ids[i] < 0) continue;
    remapping->present[i] = true;
    const auto [it, added] = remapping->new_ids.emplace(ids[i], i);
    if (!added) {
      return absl::UnimplementedError(absl::StrCat(
          "Old ID ", ids[i], " is mapped to both new ID ", it->second, " and ",
          i, ", which is not supported."));
    }
    if (remapping->first < 0 || ids[i] < remapping->first) {
      remapping->first = ids[i];
    }
    remapping->last = std::max(remapping->last, ids[i]);
  }
  return absl::OkStatus();
}

class MatrixLoader {
 public:
  explicit MatrixLoader(KernelContext* ctx) : ctx_(ctx) {}

  absl::Status Load() {
    RG_RETURN_IF_ERROR(ReadArguments());
    RG_RETURN_IF_ERROR(OpenMatrix());
    output_ = ctx_->Allocate(DT_FLOAT, TensorShape({num_rows_, num_cols_}));
    RG_RETURN_IF_ERROR(ctx_->status());
    // Columns that the old matrix lacks stay zero.
    auto values = output_.mutable_flat<float>();
    std::fill(values.begin(), values.end(), 0.0f);
    RG_RETURN_IF_ERROR(CopyRows());
    RG_RETURN_IF_ERROR(FillMissing());
    ctx_->set_output(0, std::move(output_));
    return absl::OkStatus();
  }

 private:
  absl::Status ReadArguments() {
    const Operation& op = ctx_->op();
    RG_RETURN_IF_ERROR(op.GetAttr("num_rows", &num_rows_));
    RG_RETURN_IF_ERROR(op.GetAttr("num_cols", &num_cols_));
    RG_RETURN_IF_ERROR(op.GetAttr("max_rows_in_memory", &max_rows_));
    const Tensor& rows = ctx_->input(2);
    const Tensor& cols = ctx_->input(3);
    if (rows.num_elements() != num_rows_) {
      return absl::InvalidArgumentError(
          absl::StrCat("Size of row_remapping is ", rows.num_elements(),
                       " instead of being equal to num_rows=", num_rows_));
    }
    RG_RETURN_IF_ERROR(ReadRemapping(rows, &rows_));
    remap_cols_ = cols.num_elements() > 0;
    if (!remap_cols_) {
      cols_.present.assign(num_cols_, true);
    } else if (cols.num_elements() != num_cols_) {
      return absl::InvalidArgumentError(absl::StrCat(
          "Provided col_remapping, but its size is ", cols.num_elements(),
          " instead of being equal to num_cols=", num_cols_));
    } else {
      RG_RETURN_IF_ERROR(ReadRemapping(cols, &cols_));
    }
    // TensorFlow aborts on other shapes.
    for (int i = 0; i < 2; ++i) {
      if (ctx_->input(i).num_elements() != 1) {
        return absl::InvalidArgumentError(absl::StrCat(
            "The `", i == 0 ? "ckpt_path" : "old_tensor_name",
            "` tensor must have exactly one element, got tensor of shape ",
            ctx_->input(i).shape().DebugString()));
      }
    }
    name_ = ctx_->input(1).flat<std::string>()[0];
    return absl::OkStatus();
  }

  absl::Status OpenMatrix() {
    RG_ASSIGN_OR_RETURN(
        reader_, BundleReader::Open(ctx_->env().file_system,
                                    ctx_->input(0).flat<std::string>()[0]));
    DataType dtype;
    RG_RETURN_IF_ERROR(reader_->LookupDtypeAndShape(name_, &dtype, &shape_));
    if (dtype != DT_FLOAT) {
      return absl::InvalidArgumentError(
          absl::StrCat("Tensor ", name_, " has invalid type ",
                       DataTypeString(dtype), " instead of expected type float"));
    }
    const std::string has_shape =
        absl::StrCat("Tensor ", name_, " has shape ", shape_.DebugString());
    if (shape_.rank() != 2) {
      return absl::InvalidArgumentError(
          absl::StrCat(has_shape, " of invalid rank ", shape_.rank(),
                       " instead of expected shape of rank 2."));
    }
    if (!remap_cols_ && shape_.dim(1) != num_cols_) {
      return absl::InvalidArgumentError(absl::StrCat(
          has_shape, ", where the size of its 2nd dimension is ",
          shape_.dim(1), " instead of being equal to num_cols=", num_cols_));
    }
    return absl::OkStatus();
  }

  // Reads the rows between the first and the last that are wanted.
  absl::Status CopyRows() {
    if (rows_.first < 0) return absl::OkStatus();
    for (int64_t start = rows_.first; start <= rows_.last;) {
      int64_t count = rows_.last - start + 1;
      if (max_rows_ > 0) count = std::min(count, max_rows_);
      TensorSlice slice;
      slice.AddExtent(start, count);
      slice.AddExtent(0, TensorSlice::kFullExtent);
      // An error here says what lies outside.
      RG_RETURN_IF_ERROR(slice.SliceShape(shape_).status());
      RG_ASSIGN_OR_RETURN(const Tensor part,
                          reader_->LookupSlice(name_, slice));
      for (int64_t i = 0; i < count; ++i) {
        auto it = rows_.new_ids.find(start + i);
        if (it != rows_.new_ids.end()) CopyRow(part, i, it->second);
      }
      start += count;
    }
    return absl::OkStatus();
  }

  void CopyRow(const Tensor& part, int64_t row, int64_t new_row) {
    const int64_t width = shape_.dim(1);
    const float* from = part.flat<float>().data() + row * width;
    float* to = output_.mutable_flat<float>().data() + new_row * num_cols_;
    if (!remap_cols_) {
      std::copy(from, from + width, to);
      return;
    }
    for (const auto& [col, new_col] : cols_.new_ids) {
      if (col < width) to[new_col] = from[col];
    }
  }

  // What no old row or column went to gets the given values, row by row.
  absl::Status FillMissing() {
    const auto values = ctx_->input(4).flat<float>();
    const int64_t given = static_cast<int64_t>(values.size());
    auto out = output_.mutable_flat<float>();
    int64_t used = 0;
    for (int64_t row = 0; row < num_rows_; ++row) {
      for (int64_t col = 0; col < num_cols_; ++col) {
        if (rows_.present[row] && cols_.present[col]) continue;
        if (used == given) {
          return absl::InvalidArgumentError(
              absl::StrCat("initializing_values contained ", given,
                           " elements, but more missing values remain."));
        }
        out[row * num_cols_ + col] = values[used++];
      }
    }
    if (used == given) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(
        "initializing_values contained ", given, " elements, but only ", used,
        " elements were used to fill in missing values."));
  }

  KernelContext* const ctx_;
  int64_t num_rows_ = 0, num_cols_ = 0, max_rows_ = -1;
  bool remap_cols_ = false;
  Remapping rows_, cols_;
  std::string name_;
  std::unique_ptr<BundleReader> reader_;
  TensorShape shape_;
  Tensor output_;
};

void LoadAndRemapMatrixKernel(KernelContext* ctx) {
  RG_KERNEL_OK(ctx, MatrixLoader(ctx).Load());
}

}  // namespace

void RegisterVocabularyOps(OpRegistry* registry) {
  registry->Op("GenerateVocabRemapping")
      .Input("new_vocab_file: string")
      .Input("old_vocab_file: string")
      .Output("remapping: int64")
      .Output("num_present: int32")
      .Attr("new_vocab_offset: int >= 0")
      .Attr("num_new_vocab: int >= 0")
      .Attr("old_vocab_size: int >= -1 = -1")
      .Shape(RemappingShape)
      .Kernel({}, MakeFileKernel(GenerateVocabRemappingKernel));
  registry->Op("LoadAndRemapMatrix")
      .Input("ckpt_path: string")
      .Input("old_tensor_name: string")
      .Input("row_remapping: int64")
      .Input("col_remapping: int64")
      .Input("initializing_values: float")
      .Output("output_matrix: float")
      .Attr("num_rows: int >= 0")
      .Attr("num_cols: int >= 1")
      .Attr("max_rows_in_memory: int = -1")
      .Stateful()
      .Shape(MatrixShape)
      .Kernel({}, MakeFileKernel(LoadAndRemapMatrixKernel));
}

}  // namespace retrograph
