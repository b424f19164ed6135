// The graph that loads a matrix and puts its rows and columns where a new
// vocabulary has them.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/errors.h"
#include "ops/operators.h"
#include "train/warm_start.h"

namespace retrograph {
namespace {

std::string ListText(const std::vector<int64_t>& list) {
  return absl::StrCat("[", absl::StrJoin(list, ", "), "]");
}

absl::Status CheckShape(const RemappedMatrix& m,
                        const std::vector<int64_t>& shape, int64_t offset) {
  if (shape.size() != 2) {
    return ValueError(absl::StrCat("Expected 2-dim shape, but received: ",
                                   ListText(shape)));
  }
  if (shape[0] <= 0) {
    return ValueError(absl::StrCat(
        "Expected 1st dim of shape to be > 0, but received shape: ",
        ListText(shape)));
  }
  const int64_t cols = m.new_cols + m.col_oov_buckets;
  if (shape[1] != cols) {
    return ValueError(absl::StrCat(
        "Expected 2nd dim of shape to be new_col_vocab_size (", m.new_cols,
        ") + num_col_oov_buckets (", m.col_oov_buckets, ") = ", cols,
        ", but received shape: ", ListText(shape)));
  }
  const int64_t rows = m.new_rows + m.row_oov_buckets;
  if (offset + shape[0] > rows) {
    return ValueError(absl::StrCat(
        "Trying to initialize ", shape[0], " additional rows after ", offset,
        " rows have already been initialized, which would exceed expected "
        "total row count of new_row_vocab_size (",
        m.new_rows, ") + num_row_oov_buckets (", m.row_oov_buckets, ") = ",
        rows, "."));
  }
  return absl::OkStatus();
}

// The lines of the old file where the words of the new one are.
struct Remap {
  Output ids;
  Output present;  // how many there are
};

Remap RemapWords(GraphBuilder& b, const std::string& new_vocab,
                 const std::string& old_vocab, int64_t offset, int64_t count,
                 int64_t old_count) {
  Operation* op = b.AddOp("GenerateVocabRemapping", {new_vocab, old_vocab},
                          {Attr("new_vocab_offset", offset),
                           Attr("num_new_vocab", count),
                           Attr("old_vocab_size", old_count)});
  if (op == nullptr) return {};
  return {op->output(0), op->output(1)};
}

// How many values the checkpoint does not have.
Output CountMissing(GraphBuilder& b, int64_t rows, int64_t cols,
                    const Output& rows_present, const Output& cols_present) {
  Output present;
  if (!rows_present.valid()) {
    present = OperatorMulOf(b, rows, cols_present);
  } else if (!cols_present.valid()) {
    present = OperatorMul(b, rows_present, cols);
  } else {
    present = OperatorMul(b, rows_present, cols_present);
  }
  return OperatorSubFrom(b, rows * cols, present);
}

Output Append(GraphBuilder& b, const Output& matrix, int64_t rows,
              int64_t cols, int axis, const BackupInitializer& initializer) {
  const Output more = b.Convert(initializer(b, {rows, cols}));
  return b.Op("ConcatV2", {std::vector<Input>{matrix, more}, axis}, {},
              "concat");
}

}  // namespace

Output LoadRemapped(GraphBuilder& b, const RemappedMatrix& m,
                    const std::vector<int64_t>& shape, int64_t offset) {
  if (!b.ok() || !b.Update(CheckShape(m, shape, offset))) return Output();
  const int64_t oov_rows = std::min(
      shape[0], std::max<int64_t>(0, offset + shape[0] - m.new_rows));
  const int64_t rows = shape[0] - oov_rows;
  const BackupInitializer& initializer = m.backup_initializer;
  if (offset > m.new_rows) {
    // A part that has no words at all.
    return initializer(b, {shape[0], shape[1]});
  }
  Remap row, col;
  if (!m.new_row_vocab.empty()) {
    row = RemapWords(b, m.new_row_vocab, m.old_row_vocab, offset, rows,
                     m.old_row_count);
  } else {
    // A part's rows are still some of the whole's.
    row.ids = b.Op("Range",
                   {Tensor::Scalar<int64_t>(offset),
                    Tensor::Scalar<int64_t>(offset + rows),
                    Tensor::Scalar<int64_t>(1)},
                   {}, "range");
  }
  if (!m.new_col_vocab.empty()) {
    col = RemapWords(b, m.new_col_vocab, m.old_col_vocab, 0, m.new_cols, -1);
  }
  if (!b.ok()) return Output();
  const Output missing =
      CountMissing(b, rows, m.new_cols, row.present, col.present);
  const Output initial = initializer(b, {missing, int64_t{1}});
  const Input col_ids =
      col.ids.valid() ? Input(col.ids)
                      : Input(Tensor(DT_INT64, TensorShape({0})));
  Output matrix = b.Op(
      "LoadAndRemapMatrix",
      {m.checkpoint, m.tensor, row.ids, col_ids, initial},
      {Attr("num_rows", rows), Attr("num_cols", m.new_cols),
       Attr("max_rows_in_memory", -1)});
  if (oov_rows > 0 && b.ok()) {
    matrix = Append(b, matrix, oov_rows, m.new_cols, 0, initializer);
  }
  if (m.col_oov_buckets > 0 && b.ok()) {
    matrix =
        Append(b, matrix, rows + oov_rows, m.col_oov_buckets, 1, initializer);
  }
  return matrix;
}

}  // namespace retrograph
