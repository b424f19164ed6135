// The `checkpoint` state file, and what is done with the paths in it.
#include <string>

#include "checkpoint/checkpoint_state.h"
#include "core/check.h"
#include "core/mem_file_system.h"
#include "tests/fuzz/input.h"

namespace retrograph {
namespace {

void Write(FileSystem* fs, const std::string& path, const std::string& bytes) {
  RG_CHECK(WriteStringToFile(fs, path, bytes).ok(), "no file");
}

void ReadState(const std::string& text) {
  MemFileSystem fs;
  RG_CHECK(fs.CreateDirectories("/d/aaaa").ok(), "no folder");
  Write(&fs, "/d/checkpoint", text);
  Write(&fs, "/d/m-1.index", "");
  Write(&fs, "/d/m-1.data-00000-of-00001", "");
  Write(&fs, "/d/m-1.meta", "");
  Write(&fs, "/d/aaaa/" + std::string(100, 'a'), "");
  const LogSink quiet = [](LogLevel, absl::string_view) {};
  LatestCheckpoint(&fs, "/d", "checkpoint", quiet).status().IgnoreError();
  const auto state = GetCheckpointState(&fs, "/d", "checkpoint", quiet);
  if (!state.ok() || !state->has_value()) return;
  const auto& all = (*state)->all_model_checkpoint_paths();
  GetCheckpointMtimes(&fs, {all.begin(), all.end()}).status().IgnoreError();
  // What is written is read again as it was.
  const std::string written = CheckpointStateToText(**state);
  Write(&fs, "/d/again", written);
  const auto again = GetCheckpointState(&fs, "/d", "again", quiet);
  RG_CHECK(again.ok() && again->has_value() &&
               CheckpointStateToText(**again) == written,
           written);
}

}  // namespace
}  // namespace retrograph

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  retrograph::ReadState(retrograph::fuzz::FuzzInput(data, size).Rest());
  return 0;
}
