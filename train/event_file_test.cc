#include "train/event_file.h"

#include <string>

#include "absl/strings/escaping.h"
#include "core/mem_file_system.h"
#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/event.pb.h"
#include "train/record_file.h"

namespace retrograph {
namespace {

using testing::StartsWith;

TEST(EventFileTest, ARecordIsTensorFlows) {
  // What TensorFlow 1.15.5's TFRecordWriter writes for b"abc".
  EXPECT_EQ(absl::BytesToHexString(FramedRecord("abc")), 
            "0300000000000000b099490e6162636e57f121");
}

TEST(RecordReaderTest, ReadsRecordsAndTellsTheEnd) {
  MemFileSystem files;
  ASSERT_OK(WriteStringToFile(&files, "f",
                              FramedRecord("abc") + FramedRecord("")));
  RG_ASSERT_OK_AND_ASSIGN(auto reader, RecordReader::Open(&files, "f"));
  EXPECT_EQ(*reader->Read(), "abc");
  EXPECT_EQ(*reader->Read(), "");
  EXPECT_THAT(reader->Read(), StatusIs(absl::StatusCode::kOutOfRange));
}

TEST(RecordReaderTest, EveryFlippedBitAndEveryCutIsDetected) {
  MemFileSystem files;
  const std::string record = FramedRecord("abc");
  for (size_t bit = 0; bit < record.size() * 8; ++bit) {
    std::string damaged = record;
    damaged[bit / 8] ^= static_cast<char>(1 << bit % 8);
    ASSERT_OK(WriteStringToFile(&files, "f", damaged));
    auto reader = RecordReader::Open(&files, "f");
    ASSERT_OK(reader);
    EXPECT_THAT((*reader)->Read(), StatusIs(absl::StatusCode::kDataLoss));
  }
  for (size_t size = 1; size < record.size(); ++size) {
    ASSERT_OK(WriteStringToFile(&files, "f", record.substr(0, size)));
    auto reader = RecordReader::Open(&files, "f");
    ASSERT_OK(reader);
    EXPECT_THAT((*reader)->Read(), StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST(EventFileTest, TheFileIsMadeWithTheFirstEventAndAnotherAfterClose) {
  MemFileSystem files;
  ASSERT_OK(files.CreateDirectory("log"));
  double now = 1234.5;
  EventFile file("log", ".sfx", &files, [&] { return now; });
  ASSERT_OK(file.Flush());
  EXPECT_TRUE(files.ListDirectory("log")->empty());
  ASSERT_OK(file.Write("event"));
  EXPECT_THAT(file.path(), StartsWith("log/events.out.tfevents.0000001234."));
  Event version;
  version.set_wall_time(1234);
  version.set_file_version("brain.Event:2");
  const std::string first = FramedRecord(version.SerializeAsString());
  // The version is there at once, events once they are flushed.
  EXPECT_EQ(*ReadFileToString(&files, file.path()), first);
  ASSERT_OK(file.Flush());
  EXPECT_EQ(*ReadFileToString(&files, file.path()),
            first + FramedRecord("event"));
  ASSERT_OK(file.Close());
  now = 2000;
  ASSERT_OK(file.Write("later"));
  EXPECT_EQ(files.ListDirectory("log")->size(), 2u);
}

TEST(EventFileTest, WhatWasNeverFlushedIsThereAfterItsEnd) {
  MemFileSystem files;
  ASSERT_OK(files.CreateDirectory("log"));
  std::string path;
  {
    EventFile file("log", "", &files);
    ASSERT_OK(file.Write("event"));
    path = file.path();
  }
  RG_ASSERT_OK_AND_ASSIGN(const std::string data,
                          ReadFileToString(&files, path));
  EXPECT_THAT(data, testing::EndsWith(FramedRecord("event")));
}

TEST(EventFileTest, AMissingFolderIsAnError) {
  MemFileSystem files;
  EventFile file("none", "", &files);
  EXPECT_THAT(file.Write("event"), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace retrograph
