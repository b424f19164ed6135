// The names of all checkpoint files, in one place.
//
// A V2 checkpoint with prefix "dir/m-7" in two shards is
//   dir/m-7.index                  the table of tensors
//   dir/m-7.data-00000-of-00002    their bytes
//   dir/m-7.data-00001-of-00002
// A V1 checkpoint is the file "dir/m-7", or "dir/m-7-00000-of-00002" and so on,
// named together by the pattern "dir/m-7-?????-of-00002".
//
// A file is written under a temporary name and renamed when it is complete. The
// temporary names are not those that TensorFlow makes (".tempstate..."), so
// that a stray one of ours can be told from one that TensorFlow is just
// writing.
#ifndef RETROGRAPH_CHECKPOINT_NAMES_H_
#define RETROGRAPH_CHECKPOINT_NAMES_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace retrograph {

// "<prefix>.index"
std::string MetaFilename(absl::string_view prefix);
// "<prefix>.data-00003-of-00007"
std::string DataFilename(absl::string_view prefix, int32_t shard_id,
                         int32_t num_shards);
// "<basename>-00003-of-00007", what the ShardedFilename op returns.
std::string ShardedFilename(absl::string_view basename, int32_t shard,
                            int32_t num_shards);
// "<basename>-?????-of-00007", what the ShardedFilespec op returns.
std::string ShardedFilespec(absl::string_view basename, int32_t num_shards);
// "<prefix>.meta", or "<prefix>.<suffix>"; of a V1 pattern, without the
// "-?????-of-00007".
std::string MetaGraphFilename(absl::string_view prefix,
                              absl::string_view suffix = "meta");

// "<path>.retrograph-tmp<random number>", another one at each call.
std::string TemporaryFilename(absl::string_view path);
// What TemporaryFilename() gets for the V1 file `path`: "<path>.v1". The name of
// a V1 file has no form of its own that would tell it from the user's files.
std::string V1TemporaryBase(absl::string_view path);
// "<path>.tmp" and 32 hex digits, another one at each call: what TensorFlow's
// messages name when a .meta or state file cannot be written. The first digits
// tell it from TensorFlow's.
std::string TextTemporaryFilename(absl::string_view path);
// Whether a name (without folder) is one that TextTemporaryFilename returns, or
// TemporaryFilename for a checkpoint's index, data file, V1 file, ShardFolderBase
// or SwitchBase.
bool IsTemporaryFilename(absl::string_view name);
// What it gets for what stands beside `path` while several files change at once
// (file_switch.h): "<path>.switch". And whether a name is such a one.
std::string SwitchBase(absl::string_view path);
bool IsSwitchName(absl::string_view name);

// Whether a name (without folder) is that of a folder in which a sharded save
// gathers its parts: "m-7_temp_<32 hex digits>".
bool IsShardFolderName(absl::string_view name);
// What TemporaryFilename() gets for such a folder before it has its name.
std::string ShardFolderBase(absl::string_view path);
// An empty file in the shard folders that may be removed by whoever has the
// folder's turn: other programs' have none.
inline constexpr char kShardFolderMark[] = ".retrograph";

// The name of the state file in a checkpoint folder.
inline constexpr char kCheckpointStateFilename[] = "checkpoint";

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_NAMES_H_
