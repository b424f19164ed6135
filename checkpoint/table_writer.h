// TableWriter writes a table as TensorFlow does: LevelDB's TableBuilder, blocks
// of 262,144 bytes, no compression. The form is in table_format.h.
//
// Example:
//   TableWriter table(file.get());
//   RG_RETURN_IF_ERROR(table.Add("a", "1"));   // in the order of the keys
//   RG_RETURN_IF_ERROR(table.Finish());
//
// The caller owns the file, and syncs and closes it.
#ifndef RETROGRAPH_CHECKPOINT_TABLE_WRITER_H_
#define RETROGRAPH_CHECKPOINT_TABLE_WRITER_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/file_system.h"

namespace retrograph {

class TableWriter {
 public:
  explicit TableWriter(WritableFile* file);
  ~TableWriter();
  TableWriter(const TableWriter&) = delete;
  TableWriter& operator=(const TableWriter&) = delete;

  // Keys must ascend: InvalidArgument otherwise. An error of the file is
  // returned by the call at which it shows, and by each later one.
  absl::Status Add(absl::string_view key, absl::string_view value);
  // Writes what is left, the index and the footer.
  absl::Status Finish();

 private:
  class Adapter;
  struct Builder;
  std::unique_ptr<Adapter> adapter_;
  std::unique_ptr<Builder> builder_;
  bool has_key_ = false;
  bool finished_ = false;
  std::string last_key_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_TABLE_WRITER_H_
