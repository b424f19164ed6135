// tf.train.warm_start: variables that begin with the values of an earlier
// training, moved to where a new vocabulary has them.
//
// Source: tensorflow/python/training/warm_starting_util.py and
// checkpoint_ops.py (1.15).
#ifndef RETROGRAPH_TRAIN_WARM_START_H_
#define RETROGRAPH_TRAIN_WARM_START_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "checkpoint/checkpoint_state.h"
#include "core/file_system.h"
#include "graph/builder.h"
#include "variables/variable.h"

namespace retrograph {

// A size along one dimension: known now, or a tensor.
using Size = std::variant<int64_t, Output>;
using BackupInitializer =
    std::function<Output(GraphBuilder& b, const std::vector<Size>& shape)>;

// How a variable's rows (axis 0) or columns (axis 1) stand for words.
struct VocabInfo {
  std::string new_vocab;  // files with a word a line
  int64_t new_vocab_size = 0;
  int64_t num_oov_buckets = 0;  // rows or columns after those of the words
  std::string old_vocab;
  int64_t old_vocab_size = -1;  // -1: all of the file
  // For words that the old vocabulary lacks; null: zeros.
  BackupInitializer backup_initializer;
  std::string backup_text = "zero-initialized";  // for the log
  int axis = 0;
};

struct WarmStartOptions {
  std::vector<std::shared_ptr<Variable>> variables;
  // False: only those that have a VocabInfo.
  bool without_vocabulary = true;
  // By the variables' names; a partitioned one's is that of the whole.
  std::map<std::string, VocabInfo> vocab_infos;
  std::map<std::string, std::string> previous_names;
};

// Replaces the variables' initializers. Errors, with TensorFlow's texts, go to
// the builder: those of InitFromCheckpoint, and ValueErrors for shapes that do
// not fit a vocabulary and for names in `options` that no variable has.
void WarmStart(GraphBuilder& b, FileSystem* fs, const std::string& dir_or_file,
               const WarmStartOptions& options, const LogSink& log = nullptr);

// The initial value of a part of a matrix, from `checkpoint`.
struct RemappedMatrix {
  std::string checkpoint;
  std::string tensor;
  int64_t new_rows = 0, new_cols = 0;  // without those for other words
  int64_t old_row_count = -1;
  std::string old_row_vocab, new_row_vocab;  // both or none
  std::string old_col_vocab, new_col_vocab;
  int64_t row_oov_buckets = 0, col_oov_buckets = 0;
  BackupInitializer backup_initializer;  // never null
};
// `shape` is the part's, which begins at row `offset` of the whole.
Output LoadRemapped(GraphBuilder& b, const RemappedMatrix& matrix,
                    const std::vector<int64_t>& shape, int64_t offset);

}  // namespace retrograph

#endif  // RETROGRAPH_TRAIN_WARM_START_H_
