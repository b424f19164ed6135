#include "ops/record_file.h"

#include <zlib.h>

#include <memory>
#include <string>
#include <vector>

#include "core/crc32c.h"
#include "core/mem_file_system.h"
#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace retrograph {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class RecordFileTest : public testing::Test {
 protected:
  std::unique_ptr<ByteStream> Open(const std::string& content,
                                   Compression compression) {
    EXPECT_OK(WriteStringToFile(&files_, "/f", content));
    auto stream = ByteStream::Open(&files_, "/f", compression);
    EXPECT_OK(stream);
    return *std::move(stream);
  }
  // Lines, or records, up to the first error, which comes last.
  std::vector<std::string> Lines(const std::string& content,
                                 Compression compression = Compression::kNone) {
    const auto stream = Open(content, compression);
    std::vector<std::string> lines;
    std::string line;
    while (true) {
      const absl::StatusOr<bool> more = stream->ReadLine(&line);
      if (!more.ok()) lines.emplace_back(more.status().message());
      if (!more.ok() || !*more) return lines;
      lines.push_back(line);
    }
  }
  std::vector<std::string> Records(
      const std::string& content,
      Compression compression = Compression::kNone) {
    const auto stream = Open(content, compression);
    std::vector<std::string> records;
    std::string record;
    while (true) {
      const absl::StatusOr<bool> more = ReadRecord(stream.get(), &record);
      if (!more.ok()) records.emplace_back(more.status().message());
      if (!more.ok() || !*more) return records;
      records.push_back(record);
    }
  }

  MemFileSystem files_;
};

std::string Fixed(uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) {
    out.push_back(static_cast<char>(value >> (8 * i)));
  }
  return out;
}

std::string Framed(const std::string& record) {
  const std::string length = Fixed(record.size(), 8);
  return length + Fixed(crc32c::Mask(crc32c::Value(length)), 4) + record +
         Fixed(crc32c::Mask(crc32c::Value(record)), 4);
}

std::string Deflated(const std::string& text, int window_bits) {
  z_stream z = {};
  EXPECT_EQ(deflateInit2(&z, 6, Z_DEFLATED, window_bits, 8,
                         Z_DEFAULT_STRATEGY),
            Z_OK);
  std::string in = text, out(text.size() + 1000, '\0');
  z.next_in = reinterpret_cast<Bytef*>(&in[0]);
  z.avail_in = static_cast<uInt>(in.size());
  z.next_out = reinterpret_cast<Bytef*>(&out[0]);
  z.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
  out.resize(out.size() - z.avail_out);
  deflateEnd(&z);
  return out;
}

TEST_F(RecordFileTest, LinesEndWithOrWithoutACarriageReturn) {
  EXPECT_THAT(Lines("one\ntwo\r\n\nlast"),
              ElementsAre("one", "two", "", "last"));
  EXPECT_THAT(Lines("\n"), ElementsAre(""));
  EXPECT_THAT(Lines(""), ElementsAre());
  // Longer than what is read at a time.
  const std::string longer(600'000, 'x');
  EXPECT_THAT(Lines(longer + "\nend"), ElementsAre(longer, "end"));
}

TEST_F(RecordFileTest, CompressedFilesAreReadThrough) {
  const std::string text = "one\ntwo\n";
  EXPECT_THAT(Lines(Deflated(text, 15), Compression::kZlib),
              ElementsAre("one", "two"));
  EXPECT_THAT(Lines(Deflated(text, 31), Compression::kGzip),
              ElementsAre("one", "two"));
  EXPECT_THAT(Lines(text, Compression::kGzip),
              ElementsAre("inflate() failed with error -3: incorrect header "
                          "check"));
}

TEST_F(RecordFileTest, ARecordSaysWhereItIsBad) {
  const std::string good = Framed("") + Framed("abc");
  EXPECT_THAT(Records(good), ElementsAre("", "abc"));
  EXPECT_THAT(Records(good.substr(0, good.size() - 1)),
              ElementsAre("", "truncated record at 16"));
  // A piece of a header is the end.
  EXPECT_THAT(Records(good.substr(0, 20)), ElementsAre(""));
  std::string bad = good;
  bad[24] ^= 1;
  EXPECT_THAT(Records(bad), ElementsAre("", "corrupted record at 16"));
  bad = good;
  bad[28] ^= 1;
  EXPECT_THAT(Records(bad), ElementsAre("", "corrupted record at 28"));
  EXPECT_THAT(Records(Deflated(good, 31), Compression::kGzip),
              ElementsAre("", "abc"));
}

TEST_F(RecordFileTest, AHugeLengthTakesNoMemory) {
  const std::string length = Fixed(uint64_t{1} << 60, 8);
  EXPECT_THAT(
      Records(length + Fixed(crc32c::Mask(crc32c::Value(length)), 4) + "abc"),
      ElementsAre("truncated record at 0"));
}

TEST_F(RecordFileTest, NoFlippedBitOrCutEndGoesUnseenInARecord) {
  const std::string good = Framed("first") + Framed("second");
  for (size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] ^= 0x10;
    const std::vector<std::string> got = Records(bad);
    ASSERT_FALSE(got.empty());
    EXPECT_THAT(got.back(), HasSubstr(" record at ")) << at;
    for (const std::string& record : Records(good.substr(0, at))) {
      EXPECT_TRUE(record == "first" || record == "second" ||
                  record.find("truncated record at ") == 0)
          << record;
    }
  }
  const std::string packed = Deflated(good, 31);
  for (size_t at = 0; at < packed.size(); ++at) {
    std::string bad = packed;
    bad[at] ^= 0x10;
    Records(bad, Compression::kGzip);
    Records(packed.substr(0, at), Compression::kGzip);
  }
}

}  // namespace
}  // namespace retrograph
