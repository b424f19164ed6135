#include <string>
#include <vector>

#include "core/errors.h"
#include "core/mem_file_system.h"
#include "gtest/gtest.h"
#include "ops/op_test_util.h"

namespace retrograph {
namespace {

class HashTableTest : public ::testing::Test {
 protected:
  HashTableTest() : runner_(&files_) {}

  GraphBuilder& b() { return runner_.builder(); }
  Output Table(DataType key, DataType value) {
    return b().Op("HashTableV2", {},
                  {Attr("key_dtype", key), Attr("value_dtype", value)}, "t");
  }
  // Fills a table from words and their line numbers.
  absl::Status Fill(const Output& table, const std::string& content,
                    int64_t vocab_size = -1) {
    const std::string name = "/words";
    RG_RETURN_IF_ERROR(WriteStringToFile(&files_, name, content));
    return FillFrom(table, name, vocab_size);
  }
  absl::Status FillFrom(const Output& table, const std::string& name,
                        int64_t vocab_size = -1) {
    Operation* const op =
        b().AddOp("InitializeTableFromTextFileV2", {table, name},
                  {Attr("key_index", int64_t{-2}),
                   Attr("value_index", int64_t{-1}),
                   Attr("vocab_size", vocab_size)});
    RG_RETURN_IF_ERROR(b().status());
    return runner_.Run(op);
  }
  absl::StatusOr<Tensor> Find(const Output& table,
                              const std::vector<std::string>& keys) {
    const Output values = b().Op(
        "LookupTableFindV2",
        {table, Tensor::Vector<std::string>(keys), Tensor::Scalar(int64_t{-1})});
    RG_RETURN_IF_ERROR(b().status());
    return runner_.Evaluate(values);
  }
  int64_t Size(const Output& table) {
    return runner_.Evaluate(b().Op("LookupTableSizeV2", {table}))
        ->scalar<int64_t>();
  }

  MemFileSystem files_;
  OpRunner runner_;
};

TEST_F(HashTableTest, LooksUpTheWordsOfAFile) {
  const Output table = Table(DT_STRING, DT_INT64);
  ASSERT_EQ(Fill(table, "a\nb\r\nc"), absl::OkStatus());
  EXPECT_EQ(Size(table), 3);
  const absl::StatusOr<Tensor> found = Find(table, {"c", "z", "b"});
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_TRUE(TensorsIdentical(*found, Tensor::Vector<int64_t>({2, -1, 1})));
}

TEST_F(HashTableTest, IsFilledOnce) {
  const Output table = Table(DT_STRING, DT_INT64);
  ASSERT_EQ(Fill(table, "a\nb\n"), absl::OkStatus());
  EXPECT_EQ(Fill(table, "b\na\nc\n"), absl::OkStatus());
  EXPECT_EQ(Size(table), 2);
  EXPECT_EQ(FillFrom(table, "/nowhere").code(), absl::StatusCode::kNotFound);
}

TEST_F(HashTableTest, HoldsNothingBeforeItIsFilled) {
  const Output table = Table(DT_STRING, DT_INT64);
  EXPECT_EQ(Size(table), 0);
  EXPECT_EQ(Find(table, {"a"}).status(),
            absl::FailedPreconditionError("Table not initialized."));
}

TEST_F(HashTableTest, AWrongLineIsNamedAndLeavesTheTableUnfilled) {
  const Output table = Table(DT_STRING, DT_INT64);
  EXPECT_EQ(Fill(table, "a\nb\na\n"),
            absl::FailedPreconditionError(
                "HashTable has different value for same key. Key a has 0 and "
                "trying to add value 2"));
  EXPECT_EQ(Fill(table, "a\n\n"),
            absl::InvalidArgumentError("Invalid content in /words: empty line "
                                       "found at position 3."));
  EXPECT_EQ(Size(table), 0);
  EXPECT_EQ(Fill(table, "a\n", 2),
            absl::InvalidArgumentError(
                "Invalid vocab_size in /words: expected 2 but got 1"));
}

TEST_F(HashTableTest, TakesTensorsOnlyToBeFilled) {
  const Output table = Table(DT_INT64, DT_STRING);
  const Tensor keys = Tensor::Vector<int64_t>({1, 2});
  const Tensor values = Tensor::Vector<std::string>({"x", "y"});
  ASSERT_EQ(
      runner_.Run(b().AddOp("LookupTableImportV2", {table, keys, values})),
      absl::OkStatus());
  EXPECT_EQ(Size(table), 2);
  EXPECT_EQ(
      runner_.Run(b().AddOp("LookupTableInsertV2", {table, keys, values})),
      absl::UnimplementedError("Insert not supported by "
                               "InitializableLookupTable implementations"));
}

}  // namespace
}  // namespace retrograph
