#include <cstring>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "checkpoint/table_block.h"
#include "checkpoint/table_format.h"
#include "checkpoint/table_reader.h"
#include "checkpoint/table_writer.h"
#include "core/crc32c.h"
#include "core/mem_file_system.h"
#include "core/status_matchers.h"
#include "gtest/gtest.h"
#include "snappy.h"

namespace retrograph {
namespace {

using testing::HasSubstr;
using Entries = std::map<std::string, std::string>;

constexpr char kPath[] = "/table";

void Write(FileSystem* fs, const Entries& entries) {
  auto file = fs->NewWritableFile(kPath).value();
  TableWriter table(file.get());
  for (const auto& entry : entries) {
    ASSERT_OK(table.Add(entry.first, entry.second));
  }
  ASSERT_OK(table.Finish());
  ASSERT_OK(file->Close());
}

absl::StatusOr<std::unique_ptr<TableReader>> Open(FileSystem* fs) {
  return TableReader::Open(fs->NewRandomAccessFile(kPath).value());
}

absl::StatusOr<Entries> ReadAll(FileSystem* fs) {
  RG_ASSIGN_OR_RETURN(std::unique_ptr<TableReader> table, Open(fs));
  Entries entries;
  TableReader::Iterator it(table.get());
  for (it.Seek(""); it.Valid(); it.Next()) {
    entries[std::string(it.key())] = std::string(it.value());
  }
  RG_RETURN_IF_ERROR(it.status());
  return entries;
}

Entries RandomEntries(int n, size_t max_value, uint32_t seed) {
  std::mt19937 random(seed);
  Entries entries;
  while (entries.size() < static_cast<size_t>(n)) {
    std::string key = absl::StrCat("layer_", random() % 50, "/w", random());
    entries[key] =
        std::string(random() % max_value, static_cast<char>(random()));
  }
  return entries;
}

// A table whose one data block has these contents, and whose footer is right.
std::string TableWithBlock(const std::string& contents, char type) {
  std::string file;
  auto add_block = [&file](const std::string& block, char block_type) {
    BlockHandle handle{file.size(), block.size()};
    std::string sealed = block + block_type;
    const uint32_t crc = crc32c::Mask(crc32c::Value(sealed));
    file += sealed;
    AppendFixed32(&file, crc);
    return handle;
  };
  auto encode = [](const BlockHandle& handle) {
    std::string text;
    AppendVarint64(&text, handle.offset);
    AppendVarint64(&text, handle.size);
    return text;
  };
  const std::string data_handle = encode(add_block(contents, type));
  std::string empty;
  AppendFixed32(&empty, 0);
  AppendFixed32(&empty, 1);
  const std::string meta_handle = encode(add_block(empty, 0));
  std::string index("\0\1", 2);
  index.push_back(static_cast<char>(data_handle.size()));
  index += "z" + data_handle + empty;
  std::string footer = meta_handle + encode(add_block(index, 0));
  footer.resize(kTableFooterSize - 8);
  AppendFixed32(&footer, static_cast<uint32_t>(kTableMagicNumber));
  AppendFixed32(&footer, static_cast<uint32_t>(kTableMagicNumber >> 32));
  return file + footer;
}

std::string OneEntryBlock(uint32_t shared, uint32_t unshared, uint32_t length,
                          const std::string& bytes) {
  std::string block;
  AppendVarint64(&block, shared);
  AppendVarint64(&block, unshared);
  AppendVarint64(&block, length);
  block += bytes;
  AppendFixed32(&block, 0);
  AppendFixed32(&block, 1);
  return block;
}

TEST(TableTest, GivesBackWhatWasWritten) {
  for (int n : {0, 1, 2, 15, 16, 17, 1000, 20000}) {
    MemFileSystem fs;
    const Entries entries = RandomEntries(n, 40, static_cast<uint32_t>(n));
    Write(&fs, entries);
    EXPECT_EQ(ReadAll(&fs).value(), entries);
  }
}

TEST(TableTest, SeekFindsTheFirstKeyThatIsNotLess) {
  MemFileSystem fs;
  const Entries entries = RandomEntries(20000, 100, 1);  // several blocks
  Write(&fs, entries);
  RG_ASSERT_OK_AND_ASSIGN(auto table, Open(&fs));
  TableReader::Iterator it(table.get());
  std::mt19937 random(2);
  for (int i = 0; i < 2000; ++i) {
    const std::string key =
        absl::StrCat("layer_", random() % 60, "/w", random());
    auto expected = entries.lower_bound(key);
    it.Seek(key);
    ASSERT_OK(it.status());
    ASSERT_EQ(it.Valid(), expected != entries.end());
    if (it.Valid()) {
      EXPECT_EQ(it.key(), expected->first);
    }
  }
}

TEST(TableTest, KeysMustAscend) {
  MemFileSystem fs;
  auto file = fs.NewWritableFile(kPath).value();
  TableWriter table(file.get());
  ASSERT_OK(table.Add("b", ""));
  EXPECT_THAT(table.Add("b", ""), StatusIs(absl::StatusCode::kInvalidArgument,
                                           HasSubstr("ascend")));
  EXPECT_THAT(table.Add("a", ""), StatusIs(absl::StatusCode::kInvalidArgument,
                                           HasSubstr("ascend")));
}

TEST(TableTest, EveryFlippedBitIsNoticedOrHarmless) {
  MemFileSystem fs;
  const Entries entries = RandomEntries(20, 10, 3);
  Write(&fs, entries);
  const std::string good = ReadFileToString(&fs, kPath).value();
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ 1 << bit % 8);
    ASSERT_OK(WriteStringToFile(&fs, kPath, bad));
    absl::StatusOr<Entries> read = ReadAll(&fs);
    if (read.ok()) {
      EXPECT_EQ(*read, entries) << "bit " << bit;
    }
  }
}

TEST(TableTest, EveryTruncationIsAnError) {
  MemFileSystem fs;
  Write(&fs, RandomEntries(20, 10, 3));
  const std::string good = ReadFileToString(&fs, kPath).value();
  for (size_t length = 0; length < good.size(); ++length) {
    ASSERT_OK(WriteStringToFile(&fs, kPath, good.substr(0, length)));
    EXPECT_THAT(ReadAll(&fs).status(),
                StatusIs(absl::StatusCode::kDataLoss,
                         HasSubstr(length < kTableFooterSize
                                       ? "file is too short to be an sstable"
                                       : "not an sstable (bad magic number)")));
  }
}

TEST(TableTest, CraftedBlocksAreErrors) {
  struct Case {
    const char* what;
    std::string block;
    char type;
    const char* message;
  };
  std::string many_restarts(12, '\0');
  AppendFixed32(&many_restarts, 1u << 30);
  std::string no_restarts;
  AppendFixed32(&no_restarts, 0);
  std::string restart_outside = "x";
  AppendFixed32(&restart_outside, 2);
  AppendFixed32(&restart_outside, 1);
  std::string bomb;
  AppendVarint64(&bomb, uint64_t{1} << 31);
  const Case kCases[] = {
      {"shared bytes of no key", OneEntryBlock(3, 1, 1, "kv"), 0, "bad entry"},
      {"key beyond the block", OneEntryBlock(0, 100, 1, "kv"), 0, "bad entry"},
      {"value beyond the block", OneEntryBlock(0, 1, 100, "kv"), 0,
       "bad entry"},
      {"lengths that overflow", OneEntryBlock(0, UINT32_MAX, UINT32_MAX, "kv"),
       0, "bad entry"},
      {"more restarts than bytes", many_restarts, 0, "bad block contents"},
      {"no restarts", no_restarts, 0, "bad block contents"},
      {"a restart outside", restart_outside, 0, "bad block contents"},
      {"an empty block", "", 0, "bad block contents"},
      {"an unknown compression", OneEntryBlock(0, 1, 1, "kv"), 7,
       "bad block type"},
      {"no Snappy", "\xff\xff\xff\xff\xff\xff", 1, "corrupted compressed"},
      {"a Snappy bomb", bomb, 1, "corrupted compressed"},
  };
  for (const Case& c : kCases) {
    MemFileSystem fs;
    ASSERT_OK(WriteStringToFile(&fs, kPath, TableWithBlock(c.block, c.type)));
    EXPECT_THAT(ReadAll(&fs).status(),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr(c.message)))
        << c.what;
  }
}

TEST(TableTest, ReadsSnappyBlocks) {
  const std::string block = OneEntryBlock(0, 1, 1, "kv");
  std::string compressed;
  snappy::Compress(block.data(), block.size(), &compressed);
  MemFileSystem fs;
  ASSERT_OK(
      WriteStringToFile(&fs, kPath, TableWithBlock(compressed, kBlockSnappy)));
  EXPECT_EQ(ReadAll(&fs).value(), (Entries{{"k", "v"}}));
}

TEST(TableTest, HandlesOutsideTheFileAreErrorsBeforeAnythingIsAllocated) {
  for (uint64_t offset : {uint64_t{0}, uint64_t{1} << 40, UINT64_MAX - 4}) {
    for (uint64_t size :
         {UINT64_MAX - 4, UINT64_MAX, uint64_t{1} << 40, uint64_t{1} << 62}) {
      std::string file;
      AppendVarint64(&file, 0);
      AppendVarint64(&file, 0);
      AppendVarint64(&file, offset);
      AppendVarint64(&file, size);
      file.resize(kTableFooterSize - 8);
      AppendFixed32(&file, static_cast<uint32_t>(kTableMagicNumber));
      AppendFixed32(&file, static_cast<uint32_t>(kTableMagicNumber >> 32));
      MemFileSystem fs;
      ASSERT_OK(WriteStringToFile(&fs, kPath, file));
      const absl::Status status = Open(&fs).status();
      EXPECT_TRUE(absl::IsOutOfRange(status) || absl::IsDataLoss(status))
          << status;
    }
  }
}

TEST(TableFormatTest, VarintsOfEverySizeComeBack) {
  for (int bits = 0; bits <= 64; ++bits) {
    const uint64_t value = bits == 64 ? UINT64_MAX : (uint64_t{1} << bits) - 1;
    std::string text;
    AppendVarint64(&text, value);
    absl::string_view input = text;
    uint64_t read;
    ASSERT_TRUE(ReadVarint64(&input, &read));
    EXPECT_EQ(read, value);
    EXPECT_TRUE(input.empty());
    input = absl::string_view(text).substr(0, text.size() - 1);
    EXPECT_FALSE(ReadVarint64(&input, &read));
    uint32_t narrow;
    input = text;
    EXPECT_EQ(ReadVarint32(&input, &narrow), bits <= 32);
  }
}

}  // namespace
}  // namespace retrograph
