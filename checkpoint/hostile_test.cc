// Files whose checksums are right and whose contents are nonsense: every entry
// of a checkpoint is changed at random, and reading it must give an error or a
// value, never more memory than the files justify, and never end the process.
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "checkpoint/bundle_reader.h"
#include "checkpoint/checkpoint_reader.h"
#include "checkpoint/merge.h"
#include "checkpoint/save_restore.h"
#include "checkpoint/table_reader.h"
#include "checkpoint/table_writer.h"
#include "core/mem_file_system.h"
#include "core/status_matchers.h"
#include "gtest/gtest.h"
#include "proto/saved_tensor_slice.pb.h"

namespace retrograph {
namespace {

using Entries = std::map<std::string, std::string>;

Entries ReadTable(FileSystem* fs, const std::string& path) {
  Entries entries;
  auto table = TableReader::Open(fs->NewRandomAccessFile(path).value()).value();
  TableReader::Iterator it(table.get());
  for (it.Seek(""); it.Valid(); it.Next()) {
    entries[std::string(it.key())] = std::string(it.value());
  }
  return entries;
}

void WriteTable(FileSystem* fs, const std::string& path,
                const Entries& entries) {
  auto file = fs->NewWritableFile(path).value();
  TableWriter table(file.get());
  for (const auto& entry : entries) {
    ASSERT_OK(table.Add(entry.first, entry.second));
  }
  ASSERT_OK(table.Finish());
  ASSERT_OK(file->Close());
}

// Some bytes of one entry become others, go, or come twice. Numbers that are
// special are likelier than chance would have them.
void Damage(Entries* entries, std::mt19937* random) {
  static constexpr unsigned char kSpecial[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
  auto entry = entries->begin();
  std::advance(entry, (*random)() % entries->size());
  std::string& bytes = entry->second;
  for (unsigned changes = 1 + (*random)() % 3; changes > 0; --changes) {
    if (bytes.empty()) return;
    const size_t at = (*random)() % bytes.size();
    switch ((*random)() % 4) {
      case 0:
        bytes[at] = static_cast<char>((*random)());
        break;
      case 1:
        bytes[at] = static_cast<char>(kSpecial[(*random)() % 5]);
        break;
      case 2:
        bytes.erase(at, 1 + (*random)() % 4);
        break;
      default:
        bytes.insert(at, bytes.substr(at, 1 + (*random)() % 8));
    }
  }
}

// Asks for everything that can be asked for.
void ReadEverything(FileSystem* fs, const std::string& prefix) {
  auto reader = CheckpointReader::Open(fs, prefix);
  if (reader.ok()) {
    for (const std::string& name : (*reader)->names()) {
      (*reader)->GetTensor(name).status().IgnoreError();
      const int rank = (*reader)->shapes().at(name).rank();
      TensorSlice slice;
      for (int d = 0; d < rank; ++d) slice.AddExtent(0, 1);
      (*reader)->GetSlice(name, slice).status().IgnoreError();
    }
  }
  RestoreTensors(fs, prefix, {"w", "s", "p"}, {"", "", "4 1,2"},
                 {DT_FLOAT, DT_STRING, DT_INT64})
      .status()
      .IgnoreError();
}

TEST(HostileTest, V2EntriesChangedAtRandomAreErrorsOrValues) {
  MemFileSystem fs;
  ASSERT_OK(SaveTensorsV2(
      &fs, "/m", {"w", "s", "p", "p"}, {"", "", "4 0,2", "4 2,2"},
      {Tensor::Vector<float>({1, 2}),
       Tensor::Vector<std::string>({"hello", "", "wor"}),
       Tensor::Vector<int64_t>({5, 6}), Tensor::Vector<int64_t>({7, 8})}));
  const Entries good = ReadTable(&fs, "/m.index");
  std::mt19937 random(1);
  for (int i = 0; i < 3000; ++i) {
    Entries bad = good;
    Damage(&bad, &random);
    WriteTable(&fs, "/m.index", bad);
    ReadEverything(&fs, "/m");
  }
}

TEST(HostileTest, MergingEntriesChangedAtRandomIsAnErrorOrWorks) {
  std::mt19937 random(2);
  for (int i = 0; i < 300; ++i) {
    MemFileSystem fs;
    for (const char* prefix : {"/a", "/b"}) {
      ASSERT_OK(SaveTensorsV2(
          &fs, prefix, {absl::StrCat("w", prefix), "p"},
          {"", prefix[1] == 'a' ? "4 0,2" : "4 2,2"},
          {Tensor::Vector<float>({1, 2}), Tensor::Vector<int64_t>({5, 6})}));
      Entries entries = ReadTable(&fs, absl::StrCat(prefix, ".index"));
      Damage(&entries, &random);
      WriteTable(&fs, absl::StrCat(prefix, ".index"), entries);
    }
    if (MergeBundles(&fs, {"/a", "/b"}, "/m").ok()) ReadEverything(&fs, "/m");
  }
}

// A V1 file with one tensor saved whole and one in two slices.
Entries SmallV1File() {
  SavedTensorSlices list, record;
  Entries entries;
  auto add = [&](const std::string& name, std::vector<int64_t> dims,
                 const std::vector<std::string>& slices) {
    SavedSliceMeta* meta = list.mutable_meta()->add_tensor();
    meta->set_name(name);
    meta->set_type(DT_FLOAT);
    TensorShape(dims).AsProto(meta->mutable_shape());
    for (const std::string& text : slices) {
      const TensorSlice slice = TensorSlice::Parse(text).value();
      slice.AsProto(meta->add_slice());
      record.Clear();
      record.mutable_data()->set_name(name);
      slice.AsProto(record.mutable_data()->mutable_slice());
      for (int i = 0; i < 2; ++i) {
        record.mutable_data()->mutable_data()->add_float_val(1);
      }
      entries[EncodeTensorNameSlice(name, slice)] = record.SerializeAsString();
    }
  };
  add("w", {2}, {"-"});
  add("p", {4}, {"0,2", "2,2"});
  list.mutable_meta()->mutable_versions()->set_producer(1);
  entries[""] = list.SerializeAsString();
  return entries;
}

TEST(HostileTest, V1RecordsChangedAtRandomAreErrorsOrValues) {
  MemFileSystem fs;
  const Entries good = SmallV1File();
  WriteTable(&fs, "/m", good);
  auto reader = CheckpointReader::Open(&fs, "/m").value();
  ASSERT_TRUE(TensorsIdentical(reader->GetTensor("p").value(),
                               Tensor::Vector<float>({1, 1, 1, 1})));
  std::mt19937 random(3);
  for (int i = 0; i < 3000; ++i) {
    Entries bad = good;
    Damage(&bad, &random);
    WriteTable(&fs, "/m", bad);
    ReadEverything(&fs, "/m");
  }
}

// There TensorFlow gives what it finds in uninitialised memory.
TEST(HostileTest, AV1RecordWithTooFewValuesIsAnError) {
  MemFileSystem fs;
  Entries entries = SmallV1File();
  const std::string key =
      EncodeTensorNameSlice("w", TensorSlice::Parse("-").value());
  SavedTensorSlices record;
  ASSERT_TRUE(record.ParseFromString(entries[key]));
  record.mutable_data()->mutable_data()->mutable_float_val()->RemoveLast();
  entries[key] = record.SerializeAsString();
  WriteTable(&fs, "/m", entries);
  EXPECT_THAT(
      RestoreTensors(&fs, "/m", {"w"}, {""}, {DT_FLOAT}),
      StatusIs(absl::StatusCode::kDataLoss,
               testing::HasSubstr("There are 1 values in the record for tensor "
                                  "w, slice -, in /m, which has 2 elements")));
}

TEST(HostileTest, EveryFlippedBitOfAV1FileIsNoticedOrHarmless) {
  MemFileSystem fs;
  WriteTable(&fs, "/m", SmallV1File());
  const std::string good = ReadFileToString(&fs, "/m").value();
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ 1 << bit % 8);
    ASSERT_OK(WriteStringToFile(&fs, "/m", bad));
    auto read = RestoreTensors(&fs, "/m", {"p"}, {""}, {DT_FLOAT});
    if (read.ok()) {
      EXPECT_TRUE(
          TensorsIdentical((*read)[0], Tensor::Vector<float>({1, 1, 1, 1})))
          << bit;
    }
  }
}

}  // namespace
}  // namespace retrograph
