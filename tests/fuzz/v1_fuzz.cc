// A V1 checkpoint: a table (with its checksums put right), or its entries one
// by one.
#include <string>

#include "core/check.h"
#include "core/mem_file_system.h"
#include "tests/fuzz/input.h"
#include "tests/hostile/file_doors.h"
#include "tests/hostile/table_bytes.h"

namespace retrograph {
namespace {

void ReadV1(const std::string& bytes) {
  MemFileSystem fs;
  RG_CHECK(WriteStringToFile(&fs, "/m", bytes).ok(), "no file");
  const hostile::Questions questions = {
      {"w", "", DT_FLOAT},      {"w", "2 0,1", DT_FLOAT},
      {"s", "", DT_STRING},     {"p", "", DT_FLOAT},
      {"p", "4 1,2", DT_FLOAT}, {"p", "4 0,2", DT_FLOAT},
  };
  hostile::AskCheckpointReader(&fs, "/m", questions);
  hostile::AskV1Restore(&fs, "/m", questions);
}

}  // namespace
}  // namespace retrograph

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace retrograph;  // NOLINT: the only function
  fuzz::FuzzInput input(data, size);
  if (!input.Flag()) {
    std::string table = input.Rest();
    hostile::FixTableChecksums(&table);
    ReadV1(table);
    return 0;
  }
  hostile::Entries entries;
  while (!input.empty()) {
    const std::string key = input.Text();
    entries[key] = input.Text();
  }
  ReadV1(hostile::TableOf(entries));
  return 0;
}
