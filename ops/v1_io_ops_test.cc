#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
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

std::string Error(const absl::Status& status) {
  return status.ok()
             ? ""
             : absl::StrCat(ErrorClassName(status), ": ", status.message());
}

class V1IoOpsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ = ::testing::TempDir() + "/" +
           ::testing::UnitTest::GetInstance()->current_test_info()->name();
    ASSERT_TRUE(FileSystem::Posix()->CreateDirectories(dir_).ok());
  }
  std::string Path(const std::string& name) const { return dir_ + "/" + name; }

  static std::string Run(const char* op, const std::vector<Tensor>& inputs) {
    return Error(RunOp(op, inputs).status());
  }
  static absl::StatusOr<Tensor> Restore(const Tensor& pattern,
                                        const Tensor& name, DataType dtype) {
    return RunOp1("Restore", {pattern, name}, {Attr("dt", dtype)});
  }
  static absl::StatusOr<Tensor> RestoreSlice(const Tensor& pattern,
                                             const Tensor& name,
                                             const Tensor& slice,
                                             DataType dtype) {
    return RunOp1("RestoreSlice", {pattern, name, slice}, {Attr("dt", dtype)});
  }

  const Tensor one_ = Tensor::Vector<float>({1, 2});
  std::string dir_;
};

TEST_F(V1IoOpsTest, RestoreGivesWhatSaveWrote) {
  ASSERT_EQ(
      Run("Save", {Text(Path("m")), Strings({"w", "s"}), one_, Strings({"x"})}),
      "");
  auto w = Restore(Text(Path("m")), Text("w"), DT_FLOAT);
  ASSERT_TRUE(w.ok()) << w.status();
  EXPECT_TRUE(TensorsIdentical(*w, one_));
  auto s = Restore(Strings({Path("m")}), Strings({"s", "w"}), DT_STRING);
  ASSERT_TRUE(s.ok()) << s.status();
  EXPECT_TRUE(TensorsIdentical(*s, Strings({"x"})));
}

TEST_F(V1IoOpsTest, SlicesOfTwoFilesMakeAWhole) {
  for (const char* shard : {"0", "1"}) {
    const std::string path = Path(absl::StrCat("m-0000", shard, "-of-00002"));
    const std::string spec = *shard == '0' ? "4 0,2" : "4 2,2";
    ASSERT_EQ(
        Run("SaveSlices", {Text(path), Strings({"p"}), Strings({spec}), one_}),
        "");
  }
  const Tensor pattern = Text(Path("m-\?\?\?\?\?-of-00002"));
  auto whole = Restore(pattern, Text("p"), DT_FLOAT);
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_TRUE(TensorsIdentical(*whole, Tensor::Vector<float>({1, 2, 1, 2})));
  auto part = RestoreSlice(pattern, Text("p"), Text("4 1,2"), DT_FLOAT);
  ASSERT_TRUE(part.ok()) << part.status();
  EXPECT_TRUE(TensorsIdentical(*part, Tensor::Vector<float>({2, 1})));
  EXPECT_EQ(Error(Restore(Text(Path("m-00000-of-00002")), Text("p"), DT_FLOAT)
                      .status()),
            "InvalidArgumentError: Error copying slice data");
}

TEST_F(V1IoOpsTest, SaveRefusesInputsThatDoNotFit) {
  const Tensor path = Text(Path("m"));
  EXPECT_EQ(Run("Save", {Strings({"a", "b"}), Strings({"w"}), one_}),
            "InvalidArgumentError: Input 0 (filename) must be a string scalar; "
            "got a tensor of 2elements");
  EXPECT_EQ(Run("Save", {path, Strings({"w", "v"}), one_}),
            "InvalidArgumentError: Expected totally 4 inputs as input #1 "
            "(which is a string tensor of saved names) contains 2 names, but "
            "received 3 inputs");
  EXPECT_EQ(Run("SaveSlices", {path, Strings({"w"}), Strings({"", ""}), one_}),
            "InvalidArgumentError: Expected 1 elements for the tensor shapes "
            "and slices but got 2");
  EXPECT_EQ(
      Run("SaveSlices", {path, Strings({"w", "v"}), Strings({"", ""}), one_}),
      "InvalidArgumentError: Expected totally 5 inputs as input #1 (which is a "
      "string tensor of saved names) contains 2 names, but received 4 inputs");
  EXPECT_EQ(Run("Save",
                {path, Strings({"w"}), Tensor(DT_BFLOAT16, TensorShape({2}))}),
            "UnimplementedError: Saving data type bfloat16 not yet supported");
  EXPECT_FALSE(FileSystem::Posix()->FileExists(Path("m")));
}

TEST_F(V1IoOpsTest, RestoreSpeaksAsTensorFlows) {
  const Tensor path = Text(Path("m"));
  ASSERT_EQ(Run("Save", {path, Strings({"w"}), one_}), "");
  EXPECT_EQ(Error(Restore(path, Text("x"), DT_FLOAT).status()),
            "NotFoundError: Tensor name \"x\" not found in checkpoint files " +
                Path("m"));
  EXPECT_EQ(Error(Restore(path, Text("w"), DT_INT32).status()),
            "InvalidArgumentError: Expected to restore a tensor of type int32, "
            "got a tensor of type float instead: tensor_name = w");
  EXPECT_EQ(
      Error(RestoreSlice(path, Text("w"), Text("3 0,1"), DT_FLOAT).status()),
      "InvalidArgumentError: Shape in shape_and_slice spec does not match the "
      "shape in the save file: [3], save file shape: [2]");
  EXPECT_EQ(
      Error(Restore(Strings({"a", "b"}), Text("w"), DT_FLOAT).status()),
      "InvalidArgumentError: Input 0 (file_pattern) must be a string scalar; "
      "got a tensor of 2elements");
  EXPECT_EQ(Error(Restore(path, Strings({}), DT_FLOAT).status()),
            "InvalidArgumentError: Input 1 must not be empty");
}

TEST_F(V1IoOpsTest, RestoreDoesNotLookForV2Checkpoints) {
  ASSERT_EQ(
      Run("SaveV2", {Text(Path("m")), Strings({"w"}), Strings({""}), one_}),
      "");
  EXPECT_EQ(Error(Restore(Text(Path("m")), Text("w"), DT_FLOAT).status()),
            "NotFoundError: Unsuccessful TensorSliceReader constructor: Failed "
            "to find any matching files for " +
                Path("m"));
}

TEST_F(V1IoOpsTest, ShapesAreCheckedWhenTheGraphIsBuilt) {
  const struct {
    const char* op;
    std::vector<ShapeTestInput> inputs;
    std::string message;
  } kCases[] = {
      {"Save",
       {Strings({"a", "b"}), Strings({"w"}), one_},
       "Shape must be rank 0 but is rank 1 for 'Save' (op: 'Save') with input "
       "shapes: [2], [1], [2]."},
      {"Save",
       {Text("a"), Strings({"w", "v"}), one_},
       "Dimension must be 1 but is 2 for 'Save' (op: 'Save') with input "
       "shapes: [], [2], [2]."},
      {"Save",
       {Text("a"), Text("w"), one_},
       "Shape must be rank 1 but is rank 0 for 'Save' (op: 'Save') with input "
       "shapes: [], [], [2]."},
      {"SaveSlices",
       {Text("a"), Strings({"w"}), Strings({"", ""}), one_},
       "Dimension must be 1 but is 2 for 'SaveSlices' (op: 'SaveSlices') with "
       "input shapes: [], [1], [2], [2]."},
      {"SaveSlices",
       {Text("a"), Strings({"w"}), Text(""), one_},
       "Shape must be rank 1 but is rank 0 for 'SaveSlices' (op: 'SaveSlices') "
       "with input shapes: [], [1], [], [2]."},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(InferShapes(c.op, c.inputs).status().message(), c.message);
  }
  EXPECT_EQ(InferShapes("RestoreSlice", {Text("m"), Text("w"), Text("bad")},
                        {Attr("dt", DT_FLOAT)})
                .status()
                .message(),
            "Need least two elements in shape_and_slice specification: bad for "
            "'RestoreSlice' (op: 'RestoreSlice') with input shapes: [], [], [] "
            "and with computed input tensors: input[2] = <bad>.");
}

TEST_F(V1IoOpsTest, ASliceThatIsKnownGivesTheOutputsShape) {
  const AttrList attrs = {Attr("dt", DT_FLOAT)};
  const Tensor m = Text("m");
  EXPECT_EQ(
      InferShapes("RestoreSlice", {m, m, Text("2 3 0,1:-")}, attrs).value(),
      std::vector<std::string>{"[1,3]"});
  EXPECT_EQ(InferShapes("RestoreSlice", {m, m, Text("")}, attrs).value(),
            std::vector<std::string>{"<unknown>"});
  EXPECT_EQ(InferShapes("Restore", {m, m}, attrs).value(),
            std::vector<std::string>{"<unknown>"});
}

}  // namespace
}  // namespace retrograph
