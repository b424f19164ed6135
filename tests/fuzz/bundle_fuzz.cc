// A V2 checkpoint, by every way in that needs no graph.
//
// The first byte says what the rest is: an index as a table (with its checksums
// put right), or a data file and entries one by one, in which the fuzzer can
// change what it likes without breaking the table around them.
#include <string>

#include "checkpoint/names.h"
#include "core/check.h"
#include "core/mem_file_system.h"
#include "tests/fuzz/input.h"
#include "tests/hostile/file_doors.h"
#include "tests/hostile/table_bytes.h"

namespace retrograph {
namespace {

void Write(FileSystem* fs, const std::string& path, const std::string& bytes) {
  RG_CHECK(WriteStringToFile(fs, path, bytes).ok(), "no file");
}

void ReadBundle(const std::string& index, const std::string& data) {
  MemFileSystem fs;
  Write(&fs, MetaFilename("/m"), index);
  Write(&fs, DataFilename("/m", 0, 1), data);
  Write(&fs, DataFilename("/m", 0, 2), data);
  Write(&fs, DataFilename("/m", 1, 2), data);
  const hostile::Questions questions = {
      {"w", "", DT_FLOAT},          {"w", "2 0,1", DT_FLOAT},
      {"s", "", DT_STRING},         {"p", "", DT_INT64},
      {"p", "4 1,2", DT_INT64},     {"p", "4 0,2", DT_INT64},
      {"m", "2 2 -:0,1", DT_FLOAT},
  };
  hostile::AskBundleReader(&fs, "/m", questions);
  hostile::AskCheckpointReader(&fs, "/m", questions);
  hostile::AskRestore(&fs, "/m", questions);
  hostile::AskMerged(&fs, "/m", "/merged", questions);
}

}  // namespace
}  // namespace retrograph

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace retrograph;  // NOLINT: the only function
  fuzz::FuzzInput input(data, size);
  const uint8_t kind = input.Byte();
  if (kind % 2 == 0) {
    const std::string tensors = input.Text();
    std::string index = input.Rest();
    hostile::FixTableChecksums(&index);
    ReadBundle(index, tensors);
    return 0;
  }
  const std::string tensors = input.Text();
  hostile::Entries entries;
  while (!input.empty()) {
    const std::string key = input.Text();
    entries[key] = input.Text();
  }
  if (kind % 4 == 1) hostile::FixEntryChecksums(tensors, &entries);
  ReadBundle(hostile::TableOf(entries), tensors);
  return 0;
}
