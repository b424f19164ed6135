// The table reader: a file as it is, or with its checksums put right, so that
// the fuzzer gets past them. The first byte says which.
#include <string>

#include "checkpoint/table_reader.h"
#include "core/check.h"
#include "core/mem_file_system.h"
#include "tests/fuzz/input.h"
#include "tests/hostile/table_bytes.h"

namespace retrograph {
namespace {

void ReadTable(const std::string& bytes) {
  MemFileSystem fs;
  RG_CHECK(WriteStringToFile(&fs, "/t", bytes).ok(), "no file");
  auto file = fs.NewRandomAccessFile("/t");
  RG_CHECK(file.ok(), "no file");
  const auto table = TableReader::Open(*std::move(file));
  if (!table.ok()) return;
  TableReader::Iterator it(table->get());
  std::string first;
  for (it.Seek(""); it.Valid(); it.Next()) {
    if (first.empty()) first = std::string(it.key());
  }
  it.Seek(first);
  it.Seek("w");
  it.Seek("\xff\xff");
}

}  // namespace
}  // namespace retrograph

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  retrograph::fuzz::FuzzInput input(data, size);
  const bool as_it_is = input.Flag();
  std::string bytes = input.Rest();
  if (!as_it_is) retrograph::hostile::FixTableChecksums(&bytes);
  retrograph::ReadTable(bytes);
  return 0;
}
