// Writing and reading V2 checkpoints, damaged ones too.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "checkpoint/bundle_reader.h"
#include "checkpoint/bundle_writer.h"
#include "checkpoint/checkpoint_reader.h"
#include "checkpoint/merge.h"
#include "checkpoint/names.h"
#include "checkpoint/save_restore.h"
#include "checkpoint/table_writer.h"
#include "core/errors.h"
#include "core/mem_file_system.h"
#include "core/observer.h"
#include "core/status_matchers.h"
#include "gtest/gtest.h"

namespace retrograph {
namespace {

using testing::HasSubstr;
using testing::StrEq;

constexpr char kPrefix[] = "/m";
constexpr char kIndex[] = "/m.index";
constexpr char kData[] = "/m.data-00000-of-00001";

absl::Status Save(FileSystem* fs, const std::vector<std::string>& names,
                  const std::vector<Tensor>& tensors) {
  const std::vector<std::string> whole(names.size());
  return SaveTensorsV2(fs, kPrefix, names, whole, tensors);
}

absl::StatusOr<Tensor> Read(FileSystem* fs, const std::string& key,
                            DataType dtype, const std::string& spec = "") {
  RG_ASSIGN_OR_RETURN(std::vector<Tensor> tensors,
                      RestoreTensors(fs, kPrefix, {key}, {spec}, {dtype}));
  return tensors[0];
}

// A small checkpoint with numbers, strings, an empty tensor and slices.
std::vector<std::string> SaveSample(FileSystem* fs) {
  const std::vector<std::string> names = {"w", "s", "e", "p", "p"};
  const std::vector<std::string> specs = {"", "", "", "4 0,2", "4 2,2"};
  const std::vector<Tensor> tensors = {
      Tensor::Vector<float>({1, 2}),
      Tensor::Vector<std::string>({"hello", "", "wor"}),
      Tensor(DT_INT32, TensorShape({0, 3})),
      Tensor::Vector<int64_t>({5, 6}),
      Tensor::Vector<int64_t>({7, 8}),
  };
  EXPECT_OK(SaveTensorsV2(fs, kPrefix, names, specs, tensors));
  return {"w", "s", "e", "p"};
}

absl::StatusOr<std::vector<Tensor>> ReadSample(FileSystem* fs) {
  return RestoreTensors(fs, kPrefix, {"w", "s", "e", "p"}, {"", "", "", ""},
                        {DT_FLOAT, DT_STRING, DT_INT32, DT_INT64});
}

TEST(BundleTest, GivesBackWhatWasSaved) {
  MemFileSystem fs;
  SaveSample(&fs);
  RG_ASSERT_OK_AND_ASSIGN(std::vector<Tensor> tensors, ReadSample(&fs));
  EXPECT_TRUE(TensorsIdentical(tensors[0], Tensor::Vector<float>({1, 2})));
  EXPECT_TRUE(TensorsIdentical(
      tensors[1], Tensor::Vector<std::string>({"hello", "", "wor"})));
  EXPECT_EQ(tensors[2].shape(), TensorShape({0, 3}));
  EXPECT_TRUE(
      TensorsIdentical(tensors[3], Tensor::Vector<int64_t>({5, 6, 7, 8})));
}

TEST(BundleTest, GivesBackTensorsLargerThanAnyBuffer) {
  MemFileSystem fs;
  std::vector<std::string> names;
  std::vector<Tensor> tensors;
  for (int n : {0, 1, 65535, 65536, 65537, 300000, 3000000}) {
    Tensor t(DT_INT32, TensorShape({n}));
    for (int i = 0; i < n; ++i) t.mutable_flat<int32_t>()[i] = i * 7 + n;
    names.push_back(absl::StrCat("t", n));
    tensors.push_back(t);
  }
  Tensor strings(DT_STRING, TensorShape({70000}));
  for (int i = 0; i < 70000; ++i) {
    strings.mutable_flat<std::string>()[i] = absl::StrCat(i);
  }
  strings.mutable_flat<std::string>()[5] = std::string(2 << 20, 'x');
  names.push_back("strings");
  tensors.push_back(strings);
  ASSERT_OK(Save(&fs, names, tensors));
  for (size_t i = 0; i < names.size(); ++i) {
    RG_ASSERT_OK_AND_ASSIGN(Tensor read,
                            Read(&fs, names[i], tensors[i].dtype()));
    EXPECT_TRUE(TensorsIdentical(read, tensors[i])) << names[i];
  }
}

TEST(BundleTest, SavingTakesNoCopyOfALargeTensor) {
  MemFileSystem fs;
  const Tensor t(DT_FLOAT, TensorShape({1000}));
  const void* before = t.data();
  ASSERT_OK(Save(&fs, {"t"}, {t}));
  EXPECT_EQ(t.data(), before);
}

TEST(BundleTest, WritersMistakesAreNamed) {
  MemFileSystem fs;
  const Tensor one = Tensor::Scalar<float>(1);
  EXPECT_THAT(Save(&fs, {"k", "k"}, {one, one}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       StrEq("Adding duplicate key: k")));
  EXPECT_THAT(Save(&fs, {""}, {one}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("must not be empty")));
  EXPECT_THAT(
      Save(&fs, {"r"}, {Tensor(DT_RESOURCE, TensorShape())}),
      StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("resource")));
  EXPECT_THAT(
      SaveTensorsV2(&fs, kPrefix, {"a"}, {"4 0,3"},
                    {Tensor::Vector<float>({1, 2})}),
      StatusIs(absl::StatusCode::kInvalidArgument,
               StrEq("Slice in shape_and_slice specification does not match "
                     "the shape of the tensor to  save: 4 0,3, tensor: [2]")));
  EXPECT_TRUE(fs.ListDirectory("/").value().empty());
}

TEST(BundleTest, AnErrorIsKept) {
  MemFileSystem fs;
  auto writer = BundleWriter::Create(&fs, kPrefix).value();
  const Tensor one = Tensor::Scalar<float>(1);
  ASSERT_OK(writer->Add("k", one));
  EXPECT_FALSE(writer->Add("k", one).ok());
  EXPECT_THAT(writer->Add("other", one),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       StrEq("Adding duplicate key: k")));
  EXPECT_FALSE(writer->Finish().ok());
}

TEST(BundleTest, AWriterThatIsDroppedLeavesNothing) {
  MemFileSystem fs;
  {
    auto writer = BundleWriter::Create(&fs, kPrefix).value();
    ASSERT_OK(writer->Add("k", Tensor::Scalar<float>(1)));
  }
  EXPECT_TRUE(fs.ListDirectory("/").value().empty());
}

TEST(BundleTest, AlignsTensorsIfAsked) {
  MemFileSystem fs;
  BundleWriterOptions options;
  options.data_alignment = 64;
  auto writer = BundleWriter::Create(&fs, kPrefix, options).value();
  ASSERT_OK(writer->Add("a", Tensor::Scalar<float>(1)));
  ASSERT_OK(writer->Add("b", Tensor::Scalar<float>(2)));
  ASSERT_OK(writer->Finish());
  auto reader = BundleReader::Open(&fs, kPrefix).value();
  EXPECT_EQ(reader->GetEntry("b").value().offset(), 64);
  EXPECT_EQ(reader->Lookup("b").value().scalar<float>(), 2);
}

TEST(BundleTest, ReadersErrorsAreTensorFlows) {
  MemFileSystem fs;
  ASSERT_OK(Save(&fs, {"a", "b"},
                 {Tensor::Vector<float>({1, 2}), Tensor::Scalar<int32_t>(3)}));
  EXPECT_THAT(Read(&fs, "zzz", DT_FLOAT),
              StatusIs(absl::StatusCode::kNotFound,
                       StrEq("Key zzz not found in checkpoint")));
  EXPECT_THAT(Read(&fs, "a", DT_INT32),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       StrEq("tensor_name = a; expected dtype int32 does not "
                             "equal original dtype float")));
  EXPECT_THAT(Read(&fs, "a", DT_FLOAT, "6 0,3"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       StrEq("tensor_name = a; shape in shape_and_slice spec "
                             "[6] does not match the shape stored in "
                             "checkpoint: [2]")));
  EXPECT_THAT(
      RestoreTensors(&fs, "/none", {"a"}, {""}, {DT_FLOAT}),
      StatusIs(absl::StatusCode::kNotFound,
               StrEq("Unsuccessful TensorSliceReader constructor: Failed to "
                     "find any matching files for /none")));
  EXPECT_THAT(RestoreTensors(&fs, "/no/where", {"a"}, {""}, {DT_FLOAT}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("Failed to get matching files on /no/where: "
                                 "Not found: /no; No such file")));
}

TEST(BundleTest, AMissingKeyHasAHintBesideItsMessage) {
  MemFileSystem fs;
  const Tensor one = Tensor::Scalar<float>(1);
  ASSERT_OK(Save(&fs, {"layer/weights", "variable_0"}, {one, one}));
  EXPECT_EQ(ErrorHint(Read(&fs, "layer/weight", DT_FLOAT).status()),
            "The checkpoint /m has layer/weights, which is spelled much like "
            "it.");
  EXPECT_EQ(ErrorHint(Read(&fs, "step", DT_FLOAT).status()),
            "The checkpoint /m has only: layer/weights, variable_0");
}

// The first by name, and every dtype that is wrong, as TensorFlow.
TEST(BundleTest, MissingAndMistypedTensorsAreNamedInOrder) {
  MemFileSystem fs;
  const Tensor one = Tensor::Scalar<float>(1);
  ASSERT_OK(Save(&fs, {"a", "b", "c"}, {one, one, one}));
  EXPECT_THAT(RestoreTensors(&fs, kPrefix, {"z", "c", "q"}, {"", "", ""},
                             {DT_FLOAT, DT_FLOAT, DT_FLOAT}),
              StatusIs(absl::StatusCode::kNotFound,
                       StrEq("Key q not found in checkpoint")));
  EXPECT_THAT(
      RestoreTensors(&fs, kPrefix, {"c", "a", "b"}, {"", "", ""},
                     {DT_INT32, DT_DOUBLE, DT_FLOAT}),
      StatusIs(absl::StatusCode::kInvalidArgument,
               StrEq("tensor_name = a; expected dtype double does not equal "
                     "original dtype float\ntensor_name = c; expected dtype "
                     "int32 does not equal original dtype float")));
}

TEST(BundleTest, OnlySomeTypesAreAssembledFromSlices) {
  for (DataType dtype : {DT_HALF, DT_UINT16, DT_UINT32, DT_STRING}) {
    MemFileSystem fs;
    const Tensor part(dtype, TensorShape({2}));
    ASSERT_OK(SaveTensorsV2(&fs, kPrefix, {"g", "g"}, {"4 0,2", "4 2,2"},
                            {part, part}));
    EXPECT_OK(Read(&fs, "g", dtype, "4 0,2").status());
    EXPECT_THAT(Read(&fs, "g", dtype),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         StrEq(absl::StrCat("Dtype ", DataTypeString(dtype),
                                            " not supported."))));
  }
}

TEST(BundleTest, AWholeTensorIsReadHoweverItsSliceIsSpelled) {
  for (DataType dtype : {DT_HALF, DT_UINT16, DT_STRING, DT_FLOAT}) {
    MemFileSystem fs;
    ASSERT_OK(SaveTensorsV2(&fs, kPrefix, {"g"}, {""},
                            {Tensor(dtype, TensorShape({2, 1}))}));
    for (const char* spec : {"2 1 -:-", "2 1 0,2:-", "2 1 0,2:0,1"}) {
      EXPECT_OK(Read(&fs, "g", dtype, spec).status()) << spec;
    }
  }
}

TEST(BundleTest, OverlappingSlicesShowWhenTheyAreRead) {
  MemFileSystem fs;
  ASSERT_OK(SaveTensorsV2(
      &fs, kPrefix, {"a", "a"}, {"4 0,3", "4 2,2"},
      {Tensor::Vector<float>({1, 2, 3}), Tensor::Vector<float>({3.5, 4})}));
  EXPECT_THAT(Read(&fs, "a", DT_FLOAT),
              StatusIs(absl::StatusCode::kInternal,
                       StrEq("Overlapping slices: existing slice = 0,3, new "
                             "slice = 2,2")));
}

// Damages one bit or the length of one file; what is read is right or an error.
TEST(BundleTest, EveryFlippedBitIsNoticedOrHarmless) {
  MemFileSystem fs;
  SaveSample(&fs);
  const std::vector<Tensor> good = ReadSample(&fs).value();
  for (const char* path : {kIndex, kData}) {
    const std::string bytes = ReadFileToString(&fs, path).value();
    for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      std::string bad = bytes;
      bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ 1 << bit % 8);
      ASSERT_OK(WriteStringToFile(&fs, path, bad));
      absl::StatusOr<std::vector<Tensor>> read = ReadSample(&fs);
      for (size_t i = 0; read.ok() && i < good.size(); ++i) {
        EXPECT_TRUE(TensorsIdentical((*read)[i], good[i]))
            << path << " bit " << bit;
      }
      CheckpointReader::Open(&fs, kPrefix).status().IgnoreError();
    }
    ASSERT_OK(WriteStringToFile(&fs, path, bytes));
  }
}

TEST(BundleTest, EveryTruncationIsNoticed) {
  MemFileSystem fs;
  SaveSample(&fs);
  for (const char* path : {kIndex, kData}) {
    const std::string bytes = ReadFileToString(&fs, path).value();
    for (size_t length = 0; length < bytes.size(); ++length) {
      ASSERT_OK(WriteStringToFile(&fs, path, bytes.substr(0, length)));
      EXPECT_FALSE(ReadSample(&fs).ok()) << path << " of " << length;
    }
    ASSERT_OK(WriteStringToFile(&fs, path, bytes));
  }
}

// An index with a right checksum over wrong entries.
void Craft(
    FileSystem* fs,
    const std::vector<std::pair<std::string, BundleEntryProto>>& entries) {
  BundleHeaderProto header;
  header.set_num_shards(1);
  header.mutable_version()->set_producer(1);
  auto file = fs->NewWritableFile(kIndex).value();
  TableWriter table(file.get());
  ASSERT_OK(table.Add("", header.SerializeAsString()));
  for (const auto& entry : entries) {
    ASSERT_OK(table.Add(entry.first, entry.second.SerializeAsString()));
  }
  ASSERT_OK(table.Finish());
  ASSERT_OK(file->Close());
  ASSERT_OK(WriteStringToFile(fs, kData, std::string(16, '\0')));
}

BundleEntryProto Entry(DataType dtype, std::vector<int64_t> dims,
                       int64_t size) {
  BundleEntryProto entry;
  entry.set_dtype(dtype);
  for (int64_t dim : dims) entry.mutable_shape()->add_dim()->set_size(dim);
  entry.set_size(size);
  return entry;
}

TEST(BundleTest, EntriesThatPromiseMoreThanTheFileHoldsAreErrors) {
  const int64_t kHuge = int64_t{1} << 40;
  BundleEntryProto far = Entry(DT_FLOAT, {2}, 8);
  far.set_offset(INT64_MAX - 2);
  BundleEntryProto negative = Entry(DT_FLOAT, {2}, 8);
  negative.set_offset(-8);
  struct Case {
    BundleEntryProto entry;
    absl::StatusCode code;
    const char* message;
  };
  const Case kCases[] = {
      {Entry(DT_FLOAT, {kHuge}, 4 * kHuge), absl::StatusCode::kOutOfRange,
       "Read less bytes than requested"},
      {far, absl::StatusCode::kOutOfRange, "Read less bytes than requested"},
      {negative, absl::StatusCode::kOutOfRange,
       "Read less bytes than requested"},
      {Entry(DT_FLOAT, {2}, -8), absl::StatusCode::kDataLoss,
       "stored size -8; expected size 8"},
      {Entry(DT_FLOAT, {kHuge, kHuge}, 8), absl::StatusCode::kDataLoss,
       "Invalid tensor shape: a dim { size: 1099511627776 }"},
      {Entry(DT_DOUBLE, {int64_t{1} << 61}, 0), absl::StatusCode::kDataLoss,
       "Invalid size in bundle entry"},
      {Entry(DT_STRING, {kHuge}, kHuge), absl::StatusCode::kOutOfRange,
       "Read less bytes than requested"},
      {Entry(DT_STRING, {kHuge}, 8), absl::StatusCode::kDataLoss,
       "expected size is at least 1099511627776"},
      {Entry(DT_VARIANT, {kHuge}, 4 * kHuge), absl::StatusCode::kDataLoss,
       "expected size is at least 5497558138880"},
      {Entry(DT_VARIANT, {kHuge}, 5 * kHuge), absl::StatusCode::kOutOfRange,
       "Read less bytes than requested"},
      {Entry(DT_RESOURCE, {}, 8), absl::StatusCode::kUnimplemented, "resource"},
      {Entry(static_cast<DataType>(99), {2}, 8),
       absl::StatusCode::kUnimplemented, "not supported"},
  };
  for (const Case& c : kCases) {
    MemFileSystem fs;
    Craft(&fs, {{"a", c.entry}});
    RG_ASSERT_OK_AND_ASSIGN(auto reader, BundleReader::Open(&fs, kPrefix));
    EXPECT_THAT(reader->Lookup("a"), StatusIs(c.code, HasSubstr(c.message)))
        << c.entry.ShortDebugString();
  }
}

// A tensor of 4 elements in slices whose own entries say something else.
TEST(BundleTest, SliceEntriesThatDoNotFitAreErrors) {
  BundleEntryProto whole = Entry(DT_FLOAT, {4}, 0);
  const TensorSlice halves[] = {TensorSlice::Parse("0,2").value(),
                                TensorSlice::Parse("2,2").value()};
  for (const TensorSlice& half : halves) half.AsProto(whole.add_slices());
  const BundleEntryProto kBad[] = {
      Entry(DT_FLOAT, {1}, 4),   // smaller than its slice
      Entry(DT_FLOAT, {3}, 12),  // larger
      Entry(DT_INT32, {2}, 8),   // of another dtype
      Entry(DT_FLOAT, {2}, 4),   // of another size
  };
  for (const BundleEntryProto& bad : kBad) {
    MemFileSystem fs;
    Craft(&fs, {{EncodeTensorNameSlice("a", halves[0]), bad},
                {EncodeTensorNameSlice("a", halves[1]), bad},
                {"a", whole}});
    RG_ASSERT_OK_AND_ASSIGN(auto reader, BundleReader::Open(&fs, kPrefix));
    EXPECT_THAT(reader->Lookup("a"),
                StatusIs(absl::StatusCode::kDataLoss, testing::_))
        << bad.ShortDebugString();
  }
}

TEST(BundleTest, SlicesThatShareTheirBytesDoNotMultiplyMemory) {
  // 1000 slices of 16 bytes each, all in the same 16 bytes.
  BundleEntryProto whole = Entry(DT_FLOAT, {4000}, 0);
  std::map<std::string, BundleEntryProto> sorted;
  for (int i = 0; i < 1000; ++i) {
    TensorSlice slice;
    slice.AddExtent(4 * i, 4);
    slice.AsProto(whole.add_slices());
    sorted[EncodeTensorNameSlice("a", slice)] = Entry(DT_FLOAT, {4}, 16);
  }
  sorted["a"] = whole;
  MemFileSystem fs;
  Craft(&fs, {sorted.begin(), sorted.end()});
  RG_ASSERT_OK_AND_ASSIGN(auto reader, BundleReader::Open(&fs, kPrefix));
  EXPECT_THAT(reader->Lookup("a"),
              StatusIs(absl::StatusCode::kOutOfRange,
                       HasSubstr("Read less bytes than requested")));
}

TEST(BundleTest, ADamagedBlockOfTheIndexIsNotAMissingKey) {
  MemFileSystem fs;
  std::vector<std::string> names;
  for (int i = 0; i < 9000; ++i) {
    names.push_back(
        absl::StrCat(absl::Dec(i, absl::kZeroPad8), std::string(40, 'k')));
  }
  ASSERT_OK(Save(&fs, names,
                 std::vector<Tensor>(names.size(), Tensor::Scalar<float>(1))));
  std::string index = ReadFileToString(&fs, kIndex).value();
  ASSERT_GT(index.size(), 300000);  // more than one block
  index[index.size() - 1000] ^= 1;  // the last data block
  ASSERT_OK(WriteStringToFile(&fs, kIndex, index));
  EXPECT_OK(Read(&fs, names[0], DT_FLOAT).status());
  EXPECT_THAT(Read(&fs, names[8999], DT_FLOAT),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("block checksum mismatch")));
}

TEST(BundleTest, LengthsOfStringsBeyondTheEntryAreAnError) {
  MemFileSystem fs;
  // Two lengths of two bytes each in an entry of two bytes.
  Craft(&fs, {{"a", Entry(DT_STRING, {2}, 2)}});
  ASSERT_OK(WriteStringToFile(&fs, kData, "\x80\x01\x80\x01xxxxxxxx"));
  RG_ASSERT_OK_AND_ASSIGN(auto reader, BundleReader::Open(&fs, kPrefix));
  EXPECT_THAT(reader->Lookup("a"),
              StatusIs(absl::StatusCode::kDataLoss,
                       StrEq("String lengths longer than expected offset 2")));
}

TEST(MergeTest, DuplicatesAreNamed) {
  MemFileSystem fs;
  for (const char* prefix : {"/p0", "/p1"}) {
    ASSERT_OK(
        SaveTensorsV2(&fs, prefix, {"k"}, {""}, {Tensor::Scalar<float>(1)}));
  }
  EXPECT_THAT(MergeBundles(&fs, {"/p0", "/p1"}, "/out"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       StrEq("Duplicate tensor keyed by k encountered, when "
                             "merging prefix: /p1")));
  EXPECT_TRUE(fs.FileExists("/p0.index"));
  EXPECT_FALSE(fs.FileExists("/out.index"));
}

TEST(MergeTest, BringsSlicesTogetherAndRemovesTheFolders) {
  MemFileSystem fs;
  ASSERT_OK(SaveTensorsV2(
      &fs, "/t/p0", {"g", "x"}, {"4 0,2", ""},
      {Tensor::Vector<float>({1, 2}), Tensor::Scalar<int32_t>(7)}));
  ASSERT_OK(SaveTensorsV2(&fs, "/t/p1", {"g"}, {"4 2,2"},
                          {Tensor::Vector<float>({3, 4})}));
  ASSERT_OK(MergeV2Checkpoints(&fs, {"/t/p0", "/t/p1"}, kPrefix,
                               /*delete_old_dirs=*/true));
  EXPECT_FALSE(fs.FileExists("/t"));
  EXPECT_TRUE(TensorsIdentical(Read(&fs, "g", DT_FLOAT).value(),
                               Tensor::Vector<float>({1, 2, 3, 4})));
  EXPECT_EQ(Read(&fs, "x", DT_INT32).value().scalar<int32_t>(), 7);
}

TEST(MergeTest, KeepsACheckpointThatIsMergedIntoItself) {
  MemFileSystem fs;
  ASSERT_OK(Save(&fs, {"k"}, {Tensor::Scalar<float>(1)}));
  ASSERT_OK(MergeBundles(&fs, {kPrefix}, kPrefix));
  EXPECT_OK(Read(&fs, "k", DT_FLOAT).status());
}

TEST(CheckpointReaderTest, ShowsWholeTensorsAndPrintsSlices) {
  MemFileSystem fs;
  SaveSample(&fs);
  RG_ASSERT_OK_AND_ASSIGN(auto reader, CheckpointReader::Open(&fs, kPrefix));
  EXPECT_EQ(reader->names(), (std::vector<std::string>{"e", "p", "s", "w"}));
  EXPECT_EQ(reader->shapes().at("p"), TensorShape({4}));
  EXPECT_EQ(reader->dtypes().at("s"), DT_STRING);
  EXPECT_TRUE(reader->HasTensor("w"));
  EXPECT_FALSE(reader->HasTensor("none"));
  EXPECT_THAT(reader->DebugString(), HasSubstr("w (DT_FLOAT) [2]\n"));
  EXPECT_THAT(reader->DebugString(),
              testing::Not(HasSubstr("p (DT_INT64) [4]")));
  EXPECT_THAT(reader->GetTensor("zzz"),
              StatusIs(absl::StatusCode::kNotFound,
                       StrEq("Key zzz not found in checkpoint")));
}

class KeyLog : public Observer {
 public:
  void OnKeyWritten(const KeyEvent& e) override {
    lines.push_back(absl::StrCat("write ", e.key, " ", e.dtype, " ", e.shape,
                                 " ", e.bytes));
  }
  void OnKeyRead(const KeyEvent& e) override {
    lines.push_back(absl::StrCat("read ", e.key));
  }
  std::vector<std::string> lines;
};

TEST(BundleTest, KeysAreReported) {
  MemFileSystem fs;
  KeyLog log;
  ScopedObserver installed(&log);
  ASSERT_OK(Save(&fs, {"w"}, {Tensor::Vector<float>({1, 2})}));
  ASSERT_OK(Read(&fs, "w", DT_FLOAT).status());
  EXPECT_EQ(log.lines,
            (std::vector<std::string>{"write w float [2] 8", "read w"}));
}

}  // namespace
}  // namespace retrograph
