// Lists of tensors (dtype variant) in V2 checkpoints, damaged ones too. One
// that TensorFlow wrote is among the golden bundles as well.
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "checkpoint/names.h"
#include "checkpoint/save_restore.h"
#include "checkpoint/table_format.h"
#include "checkpoint/table_writer.h"
#include "core/crc32c.h"
#include "core/mem_file_system.h"
#include "core/status_matchers.h"
#include "core/tensor_list.h"
#include "gtest/gtest.h"
#include "proto/tensor_bundle.pb.h"

namespace retrograph {
namespace {

using testing::HasSubstr;

constexpr char kPrefix[] = "/m";
constexpr char kIndex[] = "/m.index";
constexpr char kData[] = "/m.data-00000-of-00001";

std::shared_ptr<TensorList> RowsUpTo(int count) {
  auto list = std::make_shared<TensorList>(DT_FLOAT, PartialTensorShape({2}));
  for (int i = 0; i < count; ++i) {
    const float first = static_cast<float>(2 * i);
    list->Push(Tensor::Vector<float>({first, first + 1}));
  }
  return list;
}

absl::Status Save(FileSystem* fs, const Tensor& tensor) {
  return SaveTensorsV2(fs, kPrefix, {"k"}, {""}, {tensor});
}

absl::StatusOr<Tensor> Read(FileSystem* fs) {
  RG_ASSIGN_OR_RETURN(
      std::vector<Tensor> tensors,
      RestoreTensors(fs, kPrefix, {"k"}, {""}, {DT_VARIANT}));
  return tensors[0];
}

std::string Bytes(FileSystem* fs, const char* path) {
  return ReadFileToString(fs, path).value();
}

// TensorFlow 1.15.5 wrote these of tf.stack([a, b]), a of three rows, b of two.
constexpr char kTwoLists[] =
    "660a1674656e736f72666c6f773a3a54656e736f724c69737412100001ffffffffffffffff"
    "ff01120208021a1208011204120208022a08000000000000803f1a1208011204120208022a"
    "0800000040000040401a1208011204120208022a08000080400000a040fd9e9758520a1674"
    "656e736f72666c6f773a3a54656e736f724c69737412100001ffffffffffffffffff011202"
    "08021a1208011204120208022a08000000000000803f1a1208011204120208022a08000000"
    "400000404051a27c3d";
constexpr char kTwoListsIndex[] =
    "00000608011a0208010001106b081512041202080228c2013521b4a18d0000000001000000"
    "0067ddc935000000000100000000c0f2a1b00001026c00250000000001000000007a5584dc"
    "2a08370e000000000000000000000000000000000000000000000000000000000000000000"
    "00000057fb808b247547db";

TEST(BundleVariantTest, WritesAndReadsTensorFlowsBytes) {
  MemFileSystem fs;
  ASSERT_OK(Save(&fs, Tensor::Vector<Variant>({RowsUpTo(3), RowsUpTo(2)})));
  EXPECT_EQ(absl::BytesToHexString(Bytes(&fs, kData)), kTwoLists);
  EXPECT_EQ(absl::BytesToHexString(Bytes(&fs, kIndex)), kTwoListsIndex);
  RG_ASSERT_OK_AND_ASSIGN(const Tensor tensor, Read(&fs));
  ASSERT_EQ(tensor.shape(), TensorShape({2}));
  const auto* list =
      dynamic_cast<const TensorList*>(tensor.flat<Variant>()[1].get());
  ASSERT_NE(list, nullptr);
  ASSERT_EQ(list->size(), 2u);
  EXPECT_EQ(list->tensors()[1].SummarizeValues(-1), "2 3");
}

TEST(BundleVariantTest, EveryFlippedBitAndEveryCutIsNoticed) {
  MemFileSystem fs;
  ASSERT_OK(Save(&fs, Tensor::Vector<Variant>({RowsUpTo(3), RowsUpTo(0)})));
  const std::string good = Bytes(&fs, kData);
  for (size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::string bad = good;
    bad[bit / 8] ^= static_cast<char>(1 << (bit % 8));
    ASSERT_OK(WriteStringToFile(&fs, kData, bad));
    EXPECT_FALSE(Read(&fs).ok()) << bit;
  }
  for (size_t size = 0; size < good.size(); ++size) {
    ASSERT_OK(WriteStringToFile(&fs, kData, good.substr(0, size)));
    EXPECT_THAT(Read(&fs), StatusIs(absl::StatusCode::kOutOfRange,
                                    "Read less bytes than requested"));
  }
}

// What TensorFlow says of the same files.
TEST(BundleVariantTest, DamageIsToldInTensorFlowsWords) {
  MemFileSystem fs;
  ASSERT_OK(Save(&fs, VariantScalar(RowsUpTo(3))));
  const std::string good = Bytes(&fs, kData);
  const auto read_with = [&](size_t at) {
    std::string bad = good;
    bad[at] ^= 1;
    EXPECT_OK(WriteStringToFile(&fs, kData, bad));
    return Read(&fs);
  };
  EXPECT_THAT(read_with(0),
              StatusIs(absl::StatusCode::kDataLoss,
                       "Unable to parse VariantTensorDataProto from buffer of "
                       "size 103. Bundle entry offset: 0 size: 107"));
  EXPECT_THAT(
      read_with(16),
      StatusIs(absl::StatusCode::kInternal,
               HasSubstr("Could not decode variant with type_name: "
                         "\"tensorflow::TdnsorList\"")));
  EXPECT_THAT(read_with(good.size() - 1),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("The checksum after Variant 0 does not match. "
                                 "Expected: ")));
}

// A data file with right checksums around `bytes`.
void Craft(FileSystem* fs, const std::string& bytes, bool big_endian) {
  std::string data;
  AppendVarint64(&data, bytes.size());
  data += bytes;
  const uint64_t size = bytes.size();
  uint32_t crc = crc32c::Extend(
      0, absl::string_view(reinterpret_cast<const char*>(&size), 8));
  crc = crc32c::Extend(crc, bytes);
  std::string checksum;
  AppendFixed32(&checksum, crc32c::Mask(crc));
  data += checksum;
  ASSERT_OK(WriteStringToFile(fs, kData, data));
  BundleHeaderProto header;
  header.set_num_shards(1);
  if (big_endian) header.set_endianness(BundleHeaderProto::BIG);
  header.mutable_version()->set_producer(1);
  BundleEntryProto entry;
  entry.set_dtype(DT_VARIANT);
  entry.mutable_shape();
  entry.set_size(static_cast<int64_t>(data.size()));
  entry.set_crc32c(crc32c::Mask(crc32c::Extend(crc, checksum)));
  RG_ASSERT_OK_AND_ASSIGN(auto file, fs->NewWritableFile(kIndex));
  TableWriter table(file.get());
  ASSERT_OK(table.Add("", header.SerializeAsString()));
  ASSERT_OK(table.Add("k", entry.SerializeAsString()));
  ASSERT_OK(table.Finish());
  ASSERT_OK(file->Close());
}

std::string Message(int field, const std::string& bytes) {
  std::string result(1, static_cast<char>(field << 3 | 2));
  AppendVarint64(&result, bytes.size());
  return result + bytes;
}

TEST(BundleVariantTest, ListsInOneAnotherWithoutEndAreAnError) {
  // As a list of one list is written, again and again.
  const std::string kMetadata("\0\x15\xff\xff\xff\xff\xff\xff\xff\xff\xff\1",
                              12);
  const std::string head =
      Message(1, "tensorflow::TensorList") + Message(2, kMetadata);
  std::string bytes = head;
  for (int depth = 1; depth < 5000; ++depth) {
    bytes = head + Message(3, std::string("\x08\x15", 2) + Message(15, bytes));
    if (depth != 40 && depth != 4999) continue;
    MemFileSystem fs;
    Craft(&fs, bytes, /*big_endian=*/false);
    if (depth == 40) {
      EXPECT_OK(Read(&fs));
    } else {
      EXPECT_THAT(Read(&fs),
                  StatusIs(absl::StatusCode::kDataLoss,
                           HasSubstr("Unable to parse")));
    }
  }
}

TEST(BundleVariantTest, ValuesThatAreNotThereTakeNoMemory) {
  // A tensor of 4 GiB, of which one value is given.
  const std::string kMetadata("\0\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\1", 12);
  std::string shape = Message(2, std::string("\x08\x80\x80\x80\x80\x04", 6));
  const std::string tensor = std::string("\x08\1", 2) + Message(2, shape) +
                             Message(5, std::string(4, '\0'));
  MemFileSystem fs;
  Craft(&fs,
        Message(1, "tensorflow::TensorList") +
            Message(2, kMetadata + "\x18\1") + Message(3, tensor),
        /*big_endian=*/false);
  EXPECT_THAT(Read(&fs), StatusIs(absl::StatusCode::kResourceExhausted,
                                  HasSubstr("is larger than")));
}

TEST(BundleVariantTest, OtherByteOrdersAreNotSupported) {
  MemFileSystem fs;
  Craft(&fs, "", /*big_endian=*/true);
  EXPECT_THAT(Read(&fs),
              StatusIs(absl::StatusCode::kUnimplemented,
                       HasSubstr("Byte-swapping of variant tensors is not "
                                 "currently implemented.")));
}

TEST(BundleVariantTest, WhatCannotBeReadAgainIsNotSaved) {
  std::shared_ptr<TensorList> list = RowsUpTo(1);
  for (int i = 0; i < kMostEncodedDepth; ++i) {
    auto outer = std::make_shared<TensorList>(DT_VARIANT, TensorShape());
    outer->Push(VariantScalar(list));
    list = outer;
  }
  MemFileSystem fs;
  EXPECT_THAT(Save(&fs, VariantScalar(list)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("deep in one another")));
  EXPECT_FALSE(fs.FileExists(kData));
}

}  // namespace
}  // namespace retrograph
