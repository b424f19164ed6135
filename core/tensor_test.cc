#include "core/tensor.h"

#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/status_matchers.h"

namespace retrograph {
namespace {

using ::testing::ElementsAre;

TEST(TensorTest, NoTensorIsNotAnEmptyTensor) {
  EXPECT_FALSE(Tensor().IsInitialized());
  const Tensor empty(DT_FLOAT, TensorShape({0, 2}));
  EXPECT_TRUE(empty.IsInitialized());
  EXPECT_EQ(empty.num_elements(), 0);
  EXPECT_EQ(empty.data(), nullptr);
  EXPECT_TRUE(empty.flat<float>().empty());
}

TEST(TensorTest, ConstructorGivesZerosAndEmptyStrings) {
  const Tensor numbers(DT_DOUBLE, TensorShape({1000}));
  for (double value : numbers.flat<double>()) ASSERT_EQ(value, 0.0);
  const Tensor strings(DT_STRING, TensorShape({3}));
  EXPECT_THAT(strings.flat<std::string>(), ElementsAre("", "", ""));
  EXPECT_EQ(strings.bytes(), 0u);
  EXPECT_EQ(numbers.bytes(), 8000u);
}

TEST(TensorTest, BuffersAre64ByteAligned) {
  for (int64_t size : {1, 2, 3, 17, 1000, 100000}) {
    const Tensor zeros(DT_UINT8, TensorShape({size}));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(zeros.data()) % 64, 0u);
    RG_ASSERT_OK_AND_ASSIGN(Tensor raw,
                            Tensor::Allocate(DT_FLOAT, TensorShape({size})));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(raw.data()) % 64, 0u);
  }
}

TEST(TensorTest, WritingToASharedBufferCopiesItFirst) {
  Tensor t = Tensor::Vector<float>({1, 2});
  Tensor u = t;
  EXPECT_TRUE(t.SharesBufferWith(u));
  EXPECT_TRUE(t.BufferIsShared());
  u.mutable_flat<float>()[0] = 5;
  EXPECT_FALSE(t.SharesBufferWith(u));
  EXPECT_THAT(t.flat<float>(), ElementsAre(1, 2));
  EXPECT_THAT(u.flat<float>(), ElementsAre(5, 2));
  const void* before = t.data();
  t.mutable_flat<float>()[1] = 7;  // alone now: no copy
  EXPECT_EQ(t.data(), before);
}

TEST(TensorTest, WritingToASharedStringTensorCopiesIt) {
  const Tensor t = Tensor::Vector<std::string>({"a", "b"});
  Tensor u = t;
  u.mutable_flat<std::string>()[1] = std::string(100, 'x');
  EXPECT_THAT(t.flat<std::string>(), ElementsAre("a", "b"));
  EXPECT_EQ(u.flat<std::string>()[1].size(), 100u);
}

TEST(TensorTest, MovedFromTensorIsNoTensor) {
  Tensor t = Tensor::Vector<float>({1, 2, 3});
  const Tensor u = std::move(t);
  EXPECT_FALSE(t.IsInitialized());  // NOLINT: what a move leaves is stated
  EXPECT_EQ(t.shape(), TensorShape());
  EXPECT_EQ(u.num_elements(), 3);
  EXPECT_FALSE(u.BufferIsShared());
}

TEST(TensorTest, AssignmentToItselfKeepsTheValue) {
  Tensor t = Tensor::Scalar<int32_t>(4);
  const Tensor& same = t;
  t = same;
  EXPECT_EQ(t.scalar<int32_t>(), 4);
  EXPECT_FALSE(t.BufferIsShared());
}

TEST(TensorTest, ExternalMemoryIsReleasedByTheLastTensorAndNeverWritten) {
  int released = 0;
  const float values[] = {1, 2, 3, 4};
  {
    Tensor t = Tensor::FromExternal(DT_FLOAT, TensorShape({2, 2}), values,
                                    [&released] { ++released; });
    EXPECT_EQ(t.data(), values);
    EXPECT_TRUE(t.BufferIsShared());
    Tensor u = t;
    t.mutable_flat<float>()[0] = 9;
    EXPECT_EQ(released, 0);
    EXPECT_EQ(u.flat<float>()[0], 1);
    EXPECT_EQ(t.flat<float>()[0], 9);
  }
  EXPECT_EQ(released, 1);
  EXPECT_EQ(values[0], 1);
}

TEST(TensorTest, SlicesShareTheBufferAndCopyOnlyTheirRowsWhenWritten) {
  const Tensor t =
      Tensor::Vector<int32_t>({0, 1, 2, 3, 4, 5}).Reshaped(TensorShape({3, 2}));
  Tensor rows = t.Slice0(1, 3);
  EXPECT_EQ(rows.shape(), TensorShape({2, 2}));
  EXPECT_THAT(rows.flat<int32_t>(), ElementsAre(2, 3, 4, 5));
  EXPECT_TRUE(rows.SharesBufferWith(t));
  const Tensor last = rows.Slice0(1, 2);
  EXPECT_THAT(last.flat<int32_t>(), ElementsAre(4, 5));
  rows.mutable_flat<int32_t>()[0] = 7;
  EXPECT_THAT(rows.flat<int32_t>(), ElementsAre(7, 3, 4, 5));
  EXPECT_THAT(t.flat<int32_t>(), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_EQ(t.Slice0(2, 2).num_elements(), 0);
}

TEST(TensorTest, SliceOfStringsIsItsOwnAfterAWrite) {
  Tensor t = Tensor::Vector<std::string>({"a", "b", "c"});
  Tensor tail = t.Slice0(1, 3);
  t = Tensor();
  tail.mutable_flat<std::string>()[0] = "B";
  EXPECT_THAT(tail.flat<std::string>(), ElementsAre("B", "c"));
}

TEST(TensorTest, ReshapeAndBitcastShareTheBuffer) {
  const Tensor t = Tensor::Vector<float>({1.0f, -1.0f});
  const Tensor column = t.Reshaped(TensorShape({2, 1}));
  EXPECT_TRUE(column.SharesBufferWith(t));
  const Tensor bits = t.BitcastTo(DT_INT32);
  EXPECT_EQ(bits.flat<int32_t>()[0], 0x3f800000);
}

TEST(TensorTest, TooLargeIsAnErrorFromAllocate) {
  const TensorShape huge({std::numeric_limits<int64_t>::max() / 2});
  EXPECT_THAT(Tensor::Allocate(DT_DOUBLE, huge),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       "OOM when allocating tensor with "
                       "shape[4611686018427387903] and type double"));
  EXPECT_EQ(Tensor::AllocateZeros(DT_INT64, TensorShape({3}))
                .value().DebugString(),
            "Tensor<type: int64 shape: [3] values: 0 0 0>");
  EXPECT_THAT(Tensor::AllocateZeros(DT_DOUBLE, huge),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(Tensor::Allocate(DT_FLOAT_REF, TensorShape()),
              StatusIs(absl::StatusCode::kUnimplemented,
                       "Tensors of type float_ref are not supported"));
}

TEST(TensorTest, IdenticalMeansTypeShapeAndBits) {
  const Tensor t = Tensor::Vector<float>({1, 0});
  EXPECT_TRUE(TensorsIdentical(t, Tensor::Vector<float>({1, 0})));
  EXPECT_FALSE(TensorsIdentical(t, Tensor::Vector<float>({1, -0.0f})));
  EXPECT_FALSE(TensorsIdentical(t, t.Reshaped(TensorShape({1, 2}))));
  EXPECT_FALSE(TensorsIdentical(t, t.BitcastTo(DT_INT32)));
  EXPECT_TRUE(TensorsIdentical(Tensor::Scalar<std::string>("a"),
                               Tensor::Scalar<std::string>("a")));
  EXPECT_FALSE(TensorsIdentical(Tensor::Scalar<std::string>("a"),
                                Tensor::Scalar<std::string>("b")));
  ResourceHandle handle;
  handle.name = "v";
  EXPECT_FALSE(TensorsIdentical(Tensor::Scalar(handle),
                                Tensor::Scalar(ResourceHandle())));
}

TEST(TensorTest, ThreadsMayShareABuffer) {
  const Tensor t(DT_INT64, TensorShape({100}));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([t, i]() mutable {
      for (int n = 0; n < 1000; ++n) {
        Tensor copy = t;
        copy.mutable_flat<int64_t>()[0] = i;
        ASSERT_EQ(copy.scalar<int64_t>(), i);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(t.scalar<int64_t>(), 0);
  EXPECT_FALSE(t.BufferIsShared());
}

TEST(TensorDeathTest, MisuseAborts) {
  const Tensor t = Tensor::Vector<float>({1, 2});
  EXPECT_DEATH(t.flat<double>(), "tensor of type float used as double");
  EXPECT_DEATH(t.Reshaped(TensorShape({3})),
               "cannot reshape \\[2\\] to \\[3\\]");
  EXPECT_DEATH(t.BitcastTo(DT_DOUBLE), "cannot bitcast float to double");
  EXPECT_DEATH(t.Slice0(1, 3), "no rows \\[1, 3\\) in \\[2\\]");
  EXPECT_DEATH(Tensor(DT_FLOAT_REF, TensorShape()),
               "no tensors of type float_ref");
}

// The expectations below are what TensorFlow 1.15.5 prints.

TEST(TensorSummaryTest, NumbersReadAsInTensorFlow) {
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_EQ(Tensor::Vector<float>({1e20f, std::nanf(""), inf, -inf, 123456789.f,
                                   -0.f, 1.f / 3, 1e-45f})
                .SummarizeValues(-1),
            "1e+20 nan inf -inf 123456792 -0 0.333333343 1.4013e-45");
  EXPECT_EQ(Tensor::Vector<double>({0.1, 1e300, 123456789}).SummarizeValues(9),
            "0.1 1e+300 123456789");
  EXPECT_EQ(Tensor::Vector<Half>({Half(0.1f), Half(2049.f)}).SummarizeValues(9),
            "0.0999755859 2048");
  EXPECT_EQ(Tensor::Vector<int8_t>({65, -3}).SummarizeValues(9), "65 -3");
  EXPECT_EQ(Tensor::Vector<bool>({true, false}).SummarizeValues(1), "1...");
  EXPECT_EQ(Tensor::Vector<int64_t>({int64_t{1} << 60}).SummarizeValues(9),
            "1152921504606846976");
}

TEST(TensorSummaryTest, SomeTypesAreQuestionMarks) {
  EXPECT_EQ(Tensor::Scalar<std::complex<float>>({1, 2}).SummarizeValues(3),
            "?");
  EXPECT_EQ(Tensor::Scalar(BFloat16(1.0f)).SummarizeValues(3), "?");
  EXPECT_EQ(Tensor::Scalar(QInt32()).SummarizeValues(3), "?");
  EXPECT_EQ(Tensor::Scalar(QInt8()).SummarizeValues(3), "0");
  EXPECT_EQ(Tensor::Scalar(ResourceHandle()).DebugString(),
            "Tensor<type: resource shape: [] values: ?>");
}

TEST(TensorSummaryTest, StringsAreEscapedAndInPrintV2Quoted) {
  const Tensor t =
      Tensor::Vector<std::string>({"a\nb\x01\xff\"'\\", "hello", ""});
  EXPECT_EQ(t.SummarizeValues(10), R"(a\nb\001\377\"\'\\ hello )");
  EXPECT_EQ(t.SummarizeValues(10, true),
            R"(["a\nb\001\377\"\'\\" "hello" ""])");
}

TEST(TensorSummaryTest, StopsAfterTheGivenNumberOfValues) {
  const Tensor t =
      Tensor::Vector<int32_t>({0, 1, 2, 3, 4, 5}).Reshaped(TensorShape({2, 3}));
  const char* kExpected[] = {"...",
                             "[0...]...",
                             "[0 1...]...",
                             "[0 1 2]...",
                             "[0 1 2][3...]...",
                             "[0 1 2][3 4...]...",
                             "[0 1 2][3 4 5]",
                             "[0 1 2][3 4 5]"};
  for (int i = 0; i < 8; ++i) EXPECT_EQ(t.SummarizeValues(i), kExpected[i]);
  EXPECT_EQ(t.SummarizeValues(-1), "[0 1 2][3 4 5]");
  EXPECT_EQ(t.DebugString(),
            "Tensor<type: int32 shape: [2,3] values: [0 1 2]...>");
  const Tensor cube = Tensor::Vector<int32_t>({0, 1, 2, 3, 4, 5, 6, 7})
                          .Reshaped(TensorShape({2, 2, 2}));
  EXPECT_EQ(cube.SummarizeValues(100), "[[0 1][2 3]][[4 5][6 7]]");
  EXPECT_EQ(cube.SummarizeValues(3), "[[0 1][2...]]...");
  EXPECT_EQ(Tensor(DT_INT32, TensorShape({2, 0})).SummarizeValues(3), "");
  EXPECT_EQ(Tensor().SummarizeValues(3), "");
}

TEST(TensorSummaryTest, PrintV2ShowsBothEndsOfEveryAxis) {
  const Tensor t =
      Tensor::Vector<int32_t>({0, 1, 2, 3, 4, 5}).Reshaped(TensorShape({2, 3}));
  EXPECT_EQ(t.SummarizeValues(-1, true), "[[0 1 2]\n [3 4 5]]");
  EXPECT_EQ(t.SummarizeValues(1, true), "[[0 ... 2]\n [3 ... 5]]");
  EXPECT_EQ(t.SummarizeValues(0, true), "[\n ...]");
  const Tensor cube = Tensor::Vector<int32_t>({0, 1, 2, 3, 4, 5, 6, 7})
                          .Reshaped(TensorShape({2, 2, 2}));
  EXPECT_EQ(cube.SummarizeValues(3, true),
            "[[[0 1]\n  [2 3]]\n\n [[4 5]\n  [6 7]]]");
  EXPECT_EQ(
      Tensor::Vector<float>({1, 2, 3, 4, 5, 6, 7, 8}).SummarizeValues(3, true),
      "[1 2 3 ... 6 7 8]");
}

}  // namespace
}  // namespace retrograph
