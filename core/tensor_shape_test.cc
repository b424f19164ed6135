#include "core/tensor_shape.h"

#include <vector>

#include "core/status_matchers.h"
#include "core/tensor.h"
#include "google/protobuf/text_format.h"

namespace retrograph {
namespace {

constexpr int64_t kHuge = int64_t{1} << 40;
constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;

using ::testing::EndsWith;

TensorShapeProto Proto(const std::string& text) {
  TensorShapeProto proto;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &proto));
  return proto;
}

TEST(TensorShapeTest, ScalarHasOneElement) {
  const TensorShape shape;
  EXPECT_EQ(shape.rank(), 0);
  EXPECT_EQ(shape.num_elements(), 1);
  EXPECT_EQ(shape.DebugString(), "[]");
  EXPECT_EQ(shape.PythonString(), "()");
}

TEST(TensorShapeTest, ChangesKeepTheElementCount) {
  TensorShape shape({2, 3});
  EXPECT_EQ(shape.num_elements(), 6);
  shape.AddDim(4);
  EXPECT_EQ(shape.num_elements(), 24);
  shape.set_dim(0, 0);
  EXPECT_EQ(shape.num_elements(), 0);
  shape.RemoveDim(0);
  EXPECT_EQ(shape.num_elements(), 12);
  EXPECT_EQ(shape, TensorShape({3, 4}));
  EXPECT_NE(shape, TensorShape({4, 3}));
  shape.Clear();
  EXPECT_EQ(shape, TensorShape());
  EXPECT_EQ(shape.num_elements(), 1);
}

TEST(TensorShapeTest, PythonStringsAreTuples) {
  EXPECT_EQ(TensorShape({2}).PythonString(), "(2,)");
  EXPECT_EQ(TensorShape({2, 3}).PythonString(), "(2, 3)");
  EXPECT_EQ(TensorShape({2, 3}).DebugString(), "[2,3]");
}

TEST(TensorShapeTest, CreateRefusesWhatTensorFlowRefuses) {
  EXPECT_THAT(TensorShape::Create({2, -1}),
              StatusIs(kInvalid, "Dimension -1 must be >= 0"));
  EXPECT_THAT(TensorShape::Create({kHuge, kHuge}),
              StatusIs(kInvalid,
                       "Shape [1099511627776,1099511627776] would have more "
                       "than 2**63 - 1 elements"));
  EXPECT_THAT(TensorShape::Create(std::vector<int64_t>(255, 1)),
              StatusIs(kInvalid, "Too many dimensions"));
  RG_ASSERT_OK_AND_ASSIGN(const TensorShape most,
                          TensorShape::Create(std::vector<int64_t>(254, 1)));
  EXPECT_EQ(most.rank(), TensorShape::kMaxRank);
}

TEST(TensorShapeTest, ZeroDimSavesFromOverflowOnlyIfItComesFirst) {
  RG_ASSERT_OK_AND_ASSIGN(const TensorShape empty,
                          TensorShape::Create({0, kHuge, kHuge}));
  EXPECT_EQ(empty.num_elements(), 0);
  EXPECT_FALSE(TensorShape::Create({kHuge, kHuge, 0}).ok());
}

TEST(TensorShapeTest, FromProtoHasErrorTextsOfItsOwn) {
  RG_ASSERT_OK_AND_ASSIGN(
      const TensorShape shape,
      TensorShape::FromProto(Proto("dim { size: 2 } dim { size: 0 }")));
  EXPECT_EQ(shape, TensorShape({2, 0}));
  EXPECT_THAT(TensorShape::FromProto(Proto("dim { size: -1 }")),
              StatusIs(kInvalid, "Shape [?] is not fully defined"));
  EXPECT_THAT(TensorShape::FromProto(Proto("dim { size: -2 }")),
              StatusIs(kInvalid, "Shape [-2] is not fully defined"));
  EXPECT_THAT(
      TensorShape::FromProto(
          Proto("dim { size: 1099511627776 } dim { size: 1099511627776 }")),
      StatusIs(kInvalid,
               "Shape [1099511627776,1099511627776] is too large (more than "
               "2**63 - 1 entries)"));
  TensorShapeProto many;
  for (int i = 0; i < 255; ++i) many.add_dim()->set_size(1);
  EXPECT_THAT(TensorShape::FromProto(many),
              StatusIs(kInvalid, EndsWith("] has too many dimensions")));
  EXPECT_FALSE(TensorShape::IsValid(many));
  EXPECT_TRUE(TensorShape::IsValid(Proto("dim { size: 2 }")));
}

TEST(TensorShapeTest, ProtoRoundTrip) {
  TensorShapeProto proto = Proto("unknown_rank: true dim { size: 9 }");
  TensorShape({2, 3}).AsProto(&proto);
  EXPECT_EQ(proto.ShortDebugString(), "dim { size: 2 } dim { size: 3 }");
}

// Kernels put shapes together out of those of their inputs, which may have huge
// dims if one of them is 0.
TEST(TensorShapeTest, AnImpossibleShapeCountsAsTooManyElements) {
  TensorShape shape({0, kHuge, kHuge});
  EXPECT_EQ(shape.num_elements(), 0);
  shape.RemoveDim(0);
  EXPECT_EQ(shape.num_elements(), TensorShape::kTooMany);
  EXPECT_THAT(Tensor::Allocate(DT_FLOAT, shape),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       testing::HasSubstr("more than 2**63 - 1 elements")));
  shape.set_dim(0, 0);
  EXPECT_EQ(shape.num_elements(), 0);
  shape.set_dim(0, -1);
  EXPECT_EQ(shape.num_elements(), TensorShape::kTooMany);
  for (int i = 0; i < 300; ++i) shape.AddDim(1);
  EXPECT_THAT(Tensor::Allocate(DT_FLOAT, shape),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "Too many dimensions"));
}

TEST(TensorShapeTest, TheLargestCountIsAnError) {
  EXPECT_THAT(Tensor::Allocate(DT_FLOAT, TensorShape({INT64_MAX})),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       testing::HasSubstr("OOM when allocating tensor")));
  EXPECT_EQ(TensorShape({INT64_MAX, 0}).num_elements(), 0);
}

TEST(TensorShapeDeathTest, ConstructorRefusesWhatCreateRefuses) {
  EXPECT_DEATH(TensorShape({-1}), "Dimension -1 must be >= 0");
  EXPECT_DEATH(TensorShape({kHuge, kHuge}), "more than 2\\*\\*63 - 1");
}

TEST(PartialTensorShapeTest, UnknownIsNotAScalar) {
  const PartialTensorShape unknown;
  EXPECT_TRUE(unknown.unknown_rank());
  EXPECT_EQ(unknown.rank(), -1);
  EXPECT_EQ(unknown.DebugString(), "<unknown>");
  EXPECT_EQ(unknown.PythonString(), "<unknown>");
  const PartialTensorShape scalar = TensorShape();
  EXPECT_FALSE(scalar.unknown_rank());
  EXPECT_EQ(scalar.num_elements(), 1);
  EXPECT_FALSE(unknown == scalar);
}

TEST(PartialTensorShapeTest, DefinedOnlyIfEveryDimIsKnown) {
  EXPECT_FALSE(PartialTensorShape({2, -1}).IsFullyDefined());
  EXPECT_FALSE(PartialTensorShape().IsFullyDefined());
  EXPECT_TRUE(PartialTensorShape({2, 0}).IsFullyDefined());
  EXPECT_EQ(PartialTensorShape({0, -1}).num_elements(), -1);
  EXPECT_EQ(PartialTensorShape({2, 3}).num_elements(), 6);
  EXPECT_EQ(PartialTensorShape({2, 3}).AsTensorShape(), TensorShape({2, 3}));
  EXPECT_EQ(PartialTensorShape({2, -1}).DebugString(), "[2,?]");
  EXPECT_EQ(PartialTensorShape({2, -1}).PythonString(), "(2, ?)");
  EXPECT_EQ(PartialTensorShape::UnknownOfRank(2), PartialTensorShape({-1, -1}));
  EXPECT_EQ(PartialTensorShape::UnknownOfRank(-2), PartialTensorShape());
  EXPECT_EQ(PartialTensorShape::UnknownOfRank(int64_t{1} << 40),
            PartialTensorShape());
}

TEST(PartialTensorShapeTest, MergeKeepsWhatEitherKnows) {
  const PartialTensorShape a({2, -1});
  EXPECT_EQ(*a.MergeWith(PartialTensorShape({-1, 3})),
            PartialTensorShape({2, 3}));
  EXPECT_EQ(*a.MergeWith(PartialTensorShape()), a);
  EXPECT_EQ(*PartialTensorShape().MergeWith(a), a);
  EXPECT_THAT(a.MergeWith(PartialTensorShape({3, 4})),
              StatusIs(kInvalid,
                       "PartialTensorShape: Incompatible shapes during merge: "
                       "[2,?] vs. [3,4]"));
  EXPECT_THAT(a.MergeWith(PartialTensorShape({2})),
              StatusIs(kInvalid,
                       "PartialTensorShape: Incompatible ranks during merge: "
                       "2 vs. 1"));
  EXPECT_THAT(PartialTensorShape({kHuge, -1})
                  .MergeWith(PartialTensorShape({-1, kHuge})),
              StatusIs(kInvalid, testing::HasSubstr("more than 2**63 - 1")));
}

TEST(PartialTensorShapeTest, CompatibleIfNothingContradicts) {
  const PartialTensorShape a({2, -1});
  EXPECT_TRUE(a.IsCompatibleWith(PartialTensorShape({-1, 3})));
  EXPECT_TRUE(a.IsCompatibleWith(PartialTensorShape()));
  EXPECT_FALSE(a.IsCompatibleWith(PartialTensorShape({3, 3})));
  EXPECT_FALSE(a.IsCompatibleWith(PartialTensorShape({2})));
}

TEST(PartialTensorShapeTest, ProtoFormsAndTheirErrors) {
  EXPECT_EQ(*PartialTensorShape::FromProto(Proto("unknown_rank: true")),
            PartialTensorShape());
  EXPECT_EQ(*PartialTensorShape::FromProto(Proto("dim { size: -1 }")),
            PartialTensorShape({-1}));
  EXPECT_THAT(
      PartialTensorShape::FromProto(Proto("unknown_rank: true dim {}")),
      StatusIs(kInvalid, "An unknown shape must not have any dimensions set."));
  EXPECT_THAT(PartialTensorShape::FromProto(Proto("dim { size: -2 }")),
              StatusIs(kInvalid,
                       "Shape [-2] has dimensions with values below -1 (where "
                       "-1 means unknown)"));
  EXPECT_THAT(PartialTensorShape::Create({2, -2}),
              StatusIs(kInvalid, "Dimension -2 must be >= -1"));
  TensorShapeProto proto;
  PartialTensorShape().AsProto(&proto);
  EXPECT_EQ(proto.ShortDebugString(), "unknown_rank: true");
  PartialTensorShape({-1, 2}).AsProto(&proto);
  EXPECT_EQ(proto.ShortDebugString(), "dim { size: -1 } dim { size: 2 }");
}

}  // namespace
}  // namespace retrograph
