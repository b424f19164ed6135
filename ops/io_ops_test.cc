#include <string>

#include "core/errors.h"
#include "gtest/gtest.h"
#include "ops/op_test_util.h"

namespace retrograph {
namespace {

Tensor Strings(std::initializer_list<std::string> values) {
  return Tensor::Vector<std::string>(values);
}
Tensor Text(const std::string& value) {
  return Tensor::Scalar<std::string>(value);
}

class IoOpsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ = ::testing::TempDir() + "/" +
           ::testing::UnitTest::GetInstance()->current_test_info()->name();
    ASSERT_TRUE(FileSystem::Posix()->CreateDirectories(dir_).ok());
  }
  std::string Path(const std::string& name) const { return dir_ + "/" + name; }

  static std::string Error(const absl::Status& status) {
    return status.ok() ? ""
                       : ErrorClassName(status) + ": " +
                             std::string(status.message());
  }
  std::string Save(const Tensor& prefix, const Tensor& names,
                   const Tensor& slices, std::vector<Tensor> tensors) {
    std::vector<Tensor> inputs = {prefix, names, slices};
    inputs.insert(inputs.end(), tensors.begin(), tensors.end());
    return Error(RunOp("SaveV2", inputs).status());
  }
  absl::StatusOr<std::vector<Tensor>> Restore(const Tensor& prefix,
                                              const Tensor& names,
                                              const Tensor& slices,
                                              const DataTypeVector& dtypes) {
    return RunOp("RestoreV2", {prefix, names, slices},
                 {Attr("dtypes", dtypes)});
  }

  std::string dir_;
};

TEST_F(IoOpsTest, RestoreGivesWhatSaveWrote) {
  const Tensor w = Tensor::Vector<float>({1.5f, -2.0f});
  const Tensor step = Tensor::Scalar<int64_t>(7);
  ASSERT_EQ(Save(Text(Path("m")), Strings({"w", "step"}), Strings({"", ""}),
                 {w, step}),
            "");
  auto values = Restore(Text(Path("m")), Strings({"step", "w"}),
                        Strings({"", ""}), {DT_INT64, DT_FLOAT});
  ASSERT_TRUE(values.ok()) << values.status();
  EXPECT_TRUE(TensorsIdentical((*values)[0], step));
  EXPECT_TRUE(TensorsIdentical((*values)[1], w));
}

TEST_F(IoOpsTest, RestoreReadsASliceOfAWhole) {
  ASSERT_EQ(Save(Text(Path("m")), Strings({"w"}), Strings({""}),
                 {Tensor::Vector<float>({1, 2, 3, 4})}),
            "");
  auto values =
      Restore(Text(Path("m")), Strings({"w"}), Strings({"4 1,2"}), {DT_FLOAT});
  ASSERT_TRUE(values.ok()) << values.status();
  EXPECT_TRUE(
      TensorsIdentical((*values)[0], Tensor::Vector<float>({2, 3})));
}

TEST_F(IoOpsTest, RestoreNamesTheMissingKey) {
  ASSERT_EQ(Save(Text(Path("m")), Strings({"w"}), Strings({""}),
                 {Tensor::Scalar<float>(1)}),
            "");
  EXPECT_EQ(Error(Restore(Text(Path("m")), Strings({"x"}), Strings({""}),
                          {DT_FLOAT})
                      .status()),
            "NotFoundError: Key x not found in checkpoint");
}

TEST_F(IoOpsTest, InputsThatDoNotFitAreRefused) {
  const Tensor one = Tensor::Scalar<float>(1);
  EXPECT_EQ(Save(Strings({Path("m"), "b"}), Strings({"a"}), Strings({""}),
                 {one}),
            "InvalidArgumentError: Input prefix should have a single element, "
            "got 2 instead.");
  EXPECT_EQ(Save(Text(Path("m")), Strings({"a", "b"}), Strings({"", ""}),
                 {one}),
            "InvalidArgumentError: Got 2 tensor names but 1 tensors.");
  EXPECT_EQ(Save(Text(Path("m")), Strings({"a", "a"}), Strings({"", ""}),
                 {one, one}),
            "InvalidArgumentError: Adding duplicate key: a");
  EXPECT_EQ(Error(Restore(Text(Path("m")), Strings({"a", "b"}), Strings({""}),
                          {DT_FLOAT})
                      .status()),
            "InvalidArgumentError: Got 2 tensor names, but 1 expected dtypes.");
}

TEST_F(IoOpsTest, RestoreWithoutAFileSpeaksAsTheV1Reader) {
  EXPECT_EQ(Error(Restore(Text(Path("none")), Strings({"a"}), Strings({""}),
                          {DT_FLOAT})
                      .status()),
            "NotFoundError: Unsuccessful TensorSliceReader constructor: Failed "
            "to find any matching files for " +
                Path("none"));
}

TEST_F(IoOpsTest, MergeMakesOneCheckpointOfTwo) {
  for (const char* part : {"a", "b"}) {
    ASSERT_EQ(Save(Text(Path(std::string("parts/") + part)), Strings({part}),
                   Strings({""}), {Tensor::Scalar<float>(part[0])}),
              "");
  }
  auto merged =
      RunOp("MergeV2Checkpoints",
            {Strings({Path("parts/a"), Path("parts/b")}), Text(Path("m"))});
  ASSERT_TRUE(merged.ok()) << merged.status();
  auto values = Restore(Text(Path("m")), Strings({"a", "b"}),
                        Strings({"", ""}), {DT_FLOAT, DT_FLOAT});
  ASSERT_TRUE(values.ok()) << values.status();
  EXPECT_EQ((*values)[0].scalar<float>(), 'a');
  EXPECT_EQ((*values)[1].scalar<float>(), 'b');
  EXPECT_FALSE(FileSystem::Posix()->FileExists(Path("parts")));
}

TEST_F(IoOpsTest, MergeChecksItsInputs) {
  EXPECT_EQ(Error(RunOp("MergeV2Checkpoints", {Text("a"), Text("b")}).status()),
            "InvalidArgumentError: Input checkpoint_prefixes should be an 1-D "
            "tensor, got [] instead.");
  EXPECT_EQ(
      Error(RunOp("MergeV2Checkpoints", {Strings({"a"}), Strings({"b"})})
                .status()),
      "InvalidArgumentError: Input destination_prefix should be a scalar "
      "tensor, got [1] instead.");
}

TEST_F(IoOpsTest, WriteFileMakesFoldersAndReadFileReadsBack) {
  const std::string path = Path("a/b/c");
  ASSERT_TRUE(RunOp("WriteFile", {Text(path), Text("hello")}).ok());
  auto contents = RunOp1("ReadFile", {Text(path)});
  ASSERT_TRUE(contents.ok()) << contents.status();
  EXPECT_EQ(contents->scalar<std::string>(), "hello");
  EXPECT_EQ(Error(RunOp1("ReadFile", {Text(Path("no"))}).status()),
            "NotFoundError: " + Path("no") + "; No such file or directory");
  EXPECT_EQ(Error(RunOp1("ReadFile", {Strings({"x"})}).status()),
            "InvalidArgumentError: Input filename tensor must be scalar, but "
            "had shape: [1]");
}

TEST_F(IoOpsTest, MatchingFilesSortsAllMatches) {
  for (const char* name : {"c", "a", "b"}) {
    ASSERT_TRUE(RunOp("WriteFile", {Text(Path(name)), Text("")}).ok());
  }
  auto files =
      RunOp1("MatchingFiles", {Strings({Path("[bc]"), Path("a"), Path("z")})});
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_TRUE(
      TensorsIdentical(*files, Strings({Path("a"), Path("b"), Path("c")})));
}

TEST_F(IoOpsTest, AssertSummarisesItsData) {
  const Tensor no = Tensor::Scalar<bool>(false);
  const Tensor data = Tensor::Vector<int32_t>({1, 2, 3, 4});
  EXPECT_EQ(Error(RunOp("Assert", {no, data, Text("abc")}).status()),
            "InvalidArgumentError: assertion failed: [1 2 3...] [abc]");
  EXPECT_EQ(Error(RunOp("Assert", {no, data}, {Attr("summarize", -1)}).status()),
            "InvalidArgumentError: assertion failed: [1 2 3 4]");
  EXPECT_EQ(Error(RunOp("Assert", {Tensor::Scalar<bool>(true), data}).status()),
            "");
}

TEST_F(IoOpsTest, PrintV2KnowsItsStreams) {
  OpRunner runner;
  Operation* print = runner.builder().AddOp(
      "PrintV2", {"x"}, {Attr("output_stream", "nowhere")});
  EXPECT_EQ(Error(runner.Run(print)),
            "InvalidArgumentError: Unknown output stream: nowhere, Valid "
            "streams are: stdout stderr log(info) log(warning) log(error)");
}

}  // namespace
}  // namespace retrograph
