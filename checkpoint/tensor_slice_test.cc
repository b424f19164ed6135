#include "checkpoint/tensor_slice.h"

#include <algorithm>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "checkpoint/ordered_code.h"
#include "checkpoint/tensor_slice_set.h"
#include "core/status_matchers.h"
#include "gtest/gtest.h"

namespace retrograph {
namespace {

TensorSlice Slice(absl::string_view text) {
  return TensorSlice::Parse(text).value();
}

TEST(TensorSliceTest, TextsComeBack) {
  for (const char* text : {"", "-", "0,3", "0,3:-:2,1", "-:-"}) {
    EXPECT_EQ(Slice(text).DebugString(), text);
    TensorSliceProto proto;
    Slice(text).AsProto(&proto);
    EXPECT_EQ(TensorSlice::FromProto(proto).value(), Slice(text));
  }
}

// The messages are those of TensorFlow 1.15.5.
TEST(TensorSliceTest, MistakesInShapeAndSliceSpecsAreNamed) {
  struct Case {
    const char* spec;
    absl::StatusCode code;
    const char* message;
  };
  const absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
  const absl::StatusCode kInternal = absl::StatusCode::kInternal;
  const Case kCases[] = {
      {"3", kInvalid,
       "Need least two elements in shape_and_slice specification: 3"},
      {"3 0,4", kInternal,
       "Extent in dimension 0 out of bounds: shape = [3], slice = 0,4"},
      {"3 -:-", kInternal, "Mismatching ranks: shape = [3], slice = -:-"},
      {"3 ", kInternal, "Mismatching ranks: shape = [3], slice = "},
      {"x 0,1", kInvalid, "Non numerical dimension in shape_and_slice: x 0,1"},
      {"3  0,1", kInvalid,
       "Non numerical dimension in shape_and_slice: 3  0,1"},
      {" 0,1", kInvalid, "Non numerical dimension in shape_and_slice:  0,1"},
      {"3 0,0", kInvalid,
       "Expected non-negative start and positive length but got start = 0, "
       "length = 0: string = 0,0"},
      {"3 -1,2", kInvalid,
       "Expected non-negative start and positive length but got start = -1, "
       "length = 2: string = -1,2"},
      {"3 0", kInvalid,
       "Expected a pair of numbers or '-' but got '0': string = 0"},
      {"3 0,1,2", kInvalid,
       "Expected a pair of numbers or '-' but got '0,1,2': string = 0,1,2"},
      {"3 +0,1", kInvalid,
       "Expected a pair of numbers or '-' but got '+0,1': string = +0,1"},
      {"4 x,2", kInvalid,
       "Expected a pair of numbers or '-' but got 'x,2': string = x,2"},
      // There TensorFlow overflows, and reads outside of the tensor.
      {"3 9223372036854775807,1", kInternal,
       "Extent in dimension 0 out of bounds: shape = [3], slice = "
       "9223372036854775807,1"},
  };
  for (const Case& c : kCases) {
    EXPECT_THAT(ParseShapeAndSlice(c.spec).status(),
                StatusIs(c.code, testing::StrEq(c.message)))
        << c.spec;
  }
}

TEST(TensorSliceTest, SpecsThatTensorFlowTakesAreTaken) {
  for (const char* spec : {"3 :0,1", "3 0,1:", "3 -", "3 0,3"}) {
    EXPECT_OK(ParseShapeAndSlice(spec).status()) << spec;
  }
  EXPECT_EQ(ParseShapeAndSlice("4 2 2,2:-").value().slice_shape,
            TensorShape({2, 2}));
}

TEST(TensorSliceTest, DimensionsThatOverflowAreAnError) {
  EXPECT_FALSE(ParseShapeAndSlice("4611686018427387904 4 0,1:-").ok());
  EXPECT_FALSE(ParseShapeAndSlice("99999999999999999999 0,1").ok());
  EXPECT_FALSE(ParseShapeAndSlice("-3 0,1").ok());
}

TEST(TensorSliceTest, IntersectsWhereBothAre) {
  TensorSlice common;
  ASSERT_TRUE(Slice("0,3:-").Intersect(Slice("2,4:1,1"), &common));
  EXPECT_EQ(common, Slice("2,1:1,1"));
  EXPECT_FALSE(Slice("0,3").Intersect(Slice("3,1"), &common));
  EXPECT_FALSE(Slice("0,3").Overlaps(Slice("-:-")));
}

// A slice "start,length" or "-" of a dimension.
TensorSlice RandomSlice(const TensorShape& shape, std::mt19937* random) {
  TensorSlice slice;
  for (int64_t dim : shape.dims()) {
    if ((*random)() % 3 == 0) {
      slice.AddExtent(0, TensorSlice::kFullExtent);
      continue;
    }
    const int64_t start = static_cast<int64_t>((*random)() % dim);
    slice.AddExtent(start,
                    1 + static_cast<int64_t>((*random)() % (dim - start)));
  }
  return slice;
}

// Element `i` of a slice is which element of the whole tensor?
std::vector<int64_t> Positions(const TensorShape& shape,
                               const TensorSlice& slice) {
  std::vector<int64_t> positions = {0};
  for (int d = 0; d < shape.rank(); ++d) {
    const int64_t start = slice.IsFullAt(d) ? 0 : slice.start(d);
    const int64_t length = slice.IsFullAt(d) ? shape.dim(d) : slice.length(d);
    std::vector<int64_t> next;
    for (int64_t p : positions) {
      for (int64_t i = 0; i < length; ++i) {
        next.push_back(p * shape.dim(d) + start + i);
      }
    }
    positions = next;
  }
  return positions;
}

TEST(TensorSliceTest, CopiesExactlyTheCommonPart) {
  std::mt19937 random(1);
  for (int round = 0; round < 500; ++round) {
    TensorShape shape;
    for (unsigned d = random() % 4; d > 0; --d) shape.AddDim(1 + random() % 5);
    const TensorSlice from_slice = RandomSlice(shape, &random);
    const TensorSlice to_slice = RandomSlice(shape, &random);
    Tensor from(DT_INT64, from_slice.SliceShape(shape).value());
    Tensor to(DT_INT64, to_slice.SliceShape(shape).value());
    const std::vector<int64_t> from_at = Positions(shape, from_slice);
    const std::vector<int64_t> to_at = Positions(shape, to_slice);
    ASSERT_EQ(static_cast<size_t>(from.num_elements()), from_at.size());
    for (size_t i = 0; i < from_at.size(); ++i) {
      from.mutable_flat<int64_t>()[i] = from_at[i];
    }
    for (int64_t& x : to.mutable_flat<int64_t>()) x = -1;
    CopyBetweenSlices(shape, from_slice, from, to_slice, &to);
    for (size_t i = 0; i < to_at.size(); ++i) {
      const bool common =
          std::find(from_at.begin(), from_at.end(), to_at[i]) != from_at.end();
      EXPECT_EQ(to.flat<int64_t>()[i], common ? to_at[i] : -1)
          << from_slice.DebugString() << " to " << to_slice.DebugString();
    }
  }
}

TEST(TensorSliceTest, CopiesStrings) {
  const Tensor from = Tensor::Vector<std::string>({"a", "b"});
  Tensor to(DT_STRING, TensorShape({4}));
  CopyBetweenSlices(TensorShape({4}), Slice("1,2"), from, Slice("-"), &to);
  EXPECT_EQ(to.flat<std::string>()[1], "a");
  EXPECT_EQ(to.flat<std::string>()[2], "b");
  EXPECT_EQ(to.flat<std::string>()[3], "");
}

// Bytes that TensorFlow 1.15.5 wrote.
TEST(TensorSliceTest, KeysAreTensorFlows) {
  EXPECT_EQ(absl::BytesToHexString(EncodeTensorNameSlice("g", Slice("-:3,3"))),
            "006700010102807f8383");
  EXPECT_EQ(
      absl::BytesToHexString(EncodeTensorNameSlice("g", Slice("2,2:0,3"))),
      "00670001010282828083");
}

TEST(TensorSliceTest, KeysComeBackAndDamagedOnesDoNot) {
  const std::string names[] = {"w", std::string("a\0\xff\0b", 5), ""};
  for (const std::string& name : names) {
    for (const char* text : {"", "-", "0,3:-", "8192,100:64,1"}) {
      const std::string key = EncodeTensorNameSlice(name, Slice(text));
      std::string decoded;
      TensorSlice slice;
      ASSERT_OK(DecodeTensorNameSlice(key, &decoded, &slice));
      EXPECT_EQ(decoded, name);
      EXPECT_EQ(slice, Slice(text));
      for (size_t n = 0; n < key.size(); ++n) {
        EXPECT_FALSE(
            DecodeTensorNameSlice(key.substr(0, n), &decoded, &slice).ok());
      }
    }
  }
}

TEST(OrderedCodeTest, SignedNumbersComeBackInOrder) {
  std::vector<int64_t> values = {INT64_MIN, INT64_MAX, 0, -1, 1};
  for (int bit = 0; bit < 63; ++bit) {
    for (int64_t off : {-1, 0, 1}) {
      values.push_back((int64_t{1} << bit) + off);
      values.push_back(-(int64_t{1} << bit) + off);
    }
  }
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  std::string previous;
  for (int64_t value : values) {
    std::string code;
    ordered_code::AppendSigned(&code, value);
    EXPECT_LT(previous, code) << value;
    previous = code;
    absl::string_view input = code;
    int64_t read;
    ASSERT_TRUE(ordered_code::ReadSigned(&input, &read)) << value;
    EXPECT_EQ(read, value);
    EXPECT_TRUE(input.empty());
  }
}

TEST(OrderedCodeTest, OnlyTheShortestFormOfANumberIsRead) {
  for (const char* hex : {"c000", "3fff", "ff", "ffff", "00"}) {
    const std::string code = absl::HexStringToBytes(hex);
    absl::string_view input = code;
    int64_t value;
    EXPECT_FALSE(ordered_code::ReadSigned(&input, &value)) << hex;
  }
}

TEST(TensorSliceSetTest, CoversWhatWasRegistered) {
  TensorSliceSet set(TensorShape({4, 6}));
  ASSERT_OK(set.Register(Slice("0,2:0,3"), 1));
  ASSERT_OK(set.Register(Slice("2,2:0,3"), 2));
  EXPECT_EQ(set.Cover(Slice("0,2:0,3")).size(), 1);
  EXPECT_EQ(set.Cover(Slice("1,2:1,2")).size(), 2);
  EXPECT_TRUE(set.Cover(Slice("-:-")).empty());
  ASSERT_OK(set.Register(Slice("-:3,3"), 3));
  EXPECT_EQ(set.Cover(Slice("-:-")).size(), 3);
  EXPECT_EQ(set.Cover(Slice("3,1:5,1"))[0].tag, 3);
}

TEST(TensorSliceSetTest, RefusesSlicesThatOverlapOrLieOutside) {
  TensorSliceSet set(TensorShape({4}));
  ASSERT_OK(set.Register(Slice("0,3"), 0));
  EXPECT_THAT(set.Register(Slice("2,2"), 0),
              StatusIs(absl::StatusCode::kInternal,
                       testing::StrEq("Overlapping slices: existing slice = "
                                      "0,3, new slice = 2,2")));
  EXPECT_THAT(set.Register(Slice("3,2"), 0),
              StatusIs(absl::StatusCode::kInternal,
                       testing::HasSubstr("out of bounds")));
}

}  // namespace
}  // namespace retrograph
