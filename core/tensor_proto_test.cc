#include "core/tensor_proto.h"

#include <complex>
#include <string>

#include "core/status_matchers.h"
#include "google/protobuf/text_format.h"

namespace retrograph {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TensorProto Proto(const std::string& text) {
  TensorProto proto;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &proto));
  return proto;
}

std::string TextWithoutShape(TensorProto proto) {
  proto.clear_tensor_shape();
  return proto.ShortDebugString();
}

constexpr char kTwo[] = "tensor_shape { dim { size: 2 } } ";
constexpr char kThree[] = "tensor_shape { dim { size: 3 } } ";

// What tensors the texts make, by TensorFlow 1.15.5's Tensor::FromProto.
TEST(TensorFromProtoTest, ReadsEveryFormThatTensorFlowReads) {
  const struct {
    std::string proto;
    std::string values;
  } kCases[] = {
      {std::string("dtype: DT_FLOAT float_val: 1 float_val: 2 ") + kThree,
       "1 2 2"},
      {std::string("dtype: DT_FLOAT float_val: [1, 2, 3] ") + kTwo, "1 2"},
      {std::string("dtype: DT_FLOAT ") + kTwo, "0 0"},
      {std::string("dtype: DT_FLOAT float_val: 7 tensor_content: "
                   "'\\000\\000\\200?\\000\\000\\000@' ") +
           kTwo,
       "1 2"},
      {std::string("dtype: DT_INT32 int64_val: 1 ") + kThree, "0 0 0"},
      {std::string("dtype: DT_INT8 int_val: 300 int_val: -129 ") + kThree,
       "44 127 127"},
      {std::string("dtype: DT_UINT8 int_val: 300 int_val: -1 ") + kThree,
       "44 255 255"},
      {std::string("dtype: DT_BOOL bool_val: true ") + kThree, "1 1 1"},
      {std::string("dtype: DT_HALF half_val: 15360 ") + kTwo, "1 1"},
      {std::string("dtype: DT_HALF half_val: 80896 ") + kTwo, "1 1"},
      {std::string("dtype: DT_STRING string_val: 'a' ") + kTwo, "a a"},
      {std::string("dtype: DT_STRING string_val: ['a', 'b', 'c'] ") + kTwo,
       "a b"},
      {std::string("dtype: DT_STRING tensor_content: '\\001\\002abb' ") + kTwo,
       "a bb"},
      {std::string("dtype: DT_QINT8 int_val: 5 ") + kTwo, "5 5"},
      {std::string("dtype: DT_UINT32 uint32_val: 5 ") + kTwo, "5 5"},
      {std::string("dtype: DT_UINT64 uint64_val: 5 ") + kTwo, "5 5"},
      {"dtype: DT_FLOAT", "0"},
      {"dtype: DT_FLOAT tensor_shape { unknown_rank: true }", "0"},
      {"dtype: DT_FLOAT float_val: 1 tensor_shape { dim { size: 0 } }", ""},
      {"dtype: DT_FLOAT tensor_content: 'abcd' "
       "tensor_shape { dim { size: 0 } }",
       ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.proto);
    RG_ASSERT_OK_AND_ASSIGN(const Tensor tensor,
                            TensorFromProto(Proto(c.proto)));
    EXPECT_EQ(tensor.SummarizeValues(-1), c.values);
  }
}

TEST(TensorFromProtoTest, ComplexNumbersArePairs) {
  RG_ASSERT_OK_AND_ASSIGN(
      Tensor tensor,
      TensorFromProto(Proto(
          std::string("dtype: DT_COMPLEX64 scomplex_val: [1, 2, 3] ") + kTwo)));
  EXPECT_THAT(
      tensor.flat<std::complex<float>>(),
      ElementsAre(std::complex<float>(1, 2), std::complex<float>(1, 2)));
}

TEST(TensorFromProtoTest, BoolBytesOtherThanZeroAreTrue) {
  RG_ASSERT_OK_AND_ASSIGN(
      Tensor tensor,
      TensorFromProto(Proto(
          std::string("dtype: DT_BOOL tensor_content: '\\002\\000' ") + kTwo)));
  EXPECT_EQ(static_cast<const char*>(tensor.data())[0], 1);
  EXPECT_EQ(static_cast<const char*>(tensor.data())[1], 0);
}

TEST(TensorFromProtoTest, ErrorHoldsTheProtoAndHintTheReason) {
  const absl::Status status =
      TensorFromProto(
          Proto(std::string("dtype: DT_FLOAT tensor_content: 'abc' ") + kTwo))
          .status();
  EXPECT_THAT(status,
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "Cannot parse tensor from proto: dtype: DT_FLOAT\n"
                       "tensor_shape {\n  dim {\n    size: 2\n  }\n}\n"
                       "tensor_content: \"abc\"\n"));
  EXPECT_EQ(ErrorHint(status),
            "tensor_content has 3 bytes, but the shape [2] takes 2 values of "
            "4 bytes");
}

TEST(TensorFromProtoTest, RefusesWhatTensorFlowRefuses) {
  const char* kCases[] = {
      "dtype: DT_FLOAT tensor_content: 'abcdabcdabcd' "
      "tensor_shape { dim { size: 2 } }",
      "dtype: DT_STRING tensor_content: 'abc' tensor_shape { dim { size: 2 } }",
      "dtype: DT_RESOURCE tensor_content: 'abc' "
      "tensor_shape { dim { size: 2 } }",
      "dtype: DT_INVALID tensor_shape { dim { size: 2 } }",
      "dtype: DT_FLOAT_REF float_val: 1",
      "tensor_shape { }",
      "dtype: DT_FLOAT tensor_shape { dim { size: -1 } }",
      "dtype: DT_FLOAT tensor_shape { dim { size: 1099511627776 } "
      "dim { size: 1099511627776 } }",
  };
  for (const char* text : kCases) {
    EXPECT_THAT(TensorFromProto(Proto(text)),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("Cannot parse tensor from proto: ")))
        << text;
  }
  TensorProto unknown;
  unknown.set_dtype(static_cast<DataType>(55));
  EXPECT_THAT(TensorFromProto(unknown),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(TensorFromProtoTest, HostileStringContentIsAnError) {
  const char* kContents[] = {
      "\\001",                             // fewer lengths than strings
      "\\200\\200",                        // a length that does not end
      "\\001\\005ab",                      // a string beyond the end
      "\\001\\001abc",                     // bytes left over
      "\\377\\377\\377\\377\\017\\001ab",  // a length of 4 GiB
  };
  for (const char* content : kContents) {
    EXPECT_THAT(TensorFromProto(
                    Proto(std::string("dtype: DT_STRING tensor_content: '") +
                          content + "' " + kTwo)),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << content;
  }
}

TEST(TensorFromProtoTest, ShortFormIsBoundedByMaxBytes) {
  const TensorProto proto = Proto(
      "dtype: DT_DOUBLE double_val: 1 tensor_shape { dim { size: 1000 } }");
  EXPECT_OK(TensorFromProto(proto, 8000));
  EXPECT_THAT(TensorFromProto(proto, 7999),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       "A tensor of shape [1000] and type double is larger "
                       "than 7999 bytes"));
}

TEST(TensorFromProtoTest, MoreValuesThanMemoryIsNoTensor) {
  const absl::Status status =
      TensorFromProto(Proto("dtype: DT_STRING "
                            "tensor_shape { dim { size: 1099511627776 } }"))
          .status();
  EXPECT_THAT(status,
              StatusIs(absl::StatusCode::kInvalidArgument,
                       testing::HasSubstr("Cannot parse tensor from proto: ")));
  EXPECT_EQ(ErrorHint(status),
            "OOM when allocating tensor with shape[1099511627776] and type "
            "string");
}

// The expected texts are those of tf.make_tensor_proto in TensorFlow 1.15.5.
TEST(MakeTensorProtoTest, OneValueIsListed) {
  EXPECT_EQ(TextWithoutShape(MakeTensorProto(Tensor::Scalar<float>(1))),
            "dtype: DT_FLOAT float_val: 1");
  EXPECT_EQ(TextWithoutShape(MakeTensorProto(Tensor::Vector<int8_t>({1}))),
            "dtype: DT_INT8 int_val: 1");
  EXPECT_EQ(TextWithoutShape(MakeTensorProto(Tensor::Scalar<uint64_t>(1))),
            "dtype: DT_UINT64 uint64_val: 1");
  EXPECT_EQ(
      MakeTensorProto(Tensor(DT_FLOAT, TensorShape({0}))).ShortDebugString(),
      "dtype: DT_FLOAT tensor_shape { dim { } }");
}

TEST(MakeTensorProtoTest, SeveralValuesAreContentForSomeTypes) {
  EXPECT_EQ(MakeTensorProto(Tensor::Vector<float>({1, 2})).ShortDebugString(),
            "dtype: DT_FLOAT tensor_shape { dim { size: 2 } } "
            "tensor_content: \"\\000\\000\\200?\\000\\000\\000@\"");
  EXPECT_EQ(TextWithoutShape(MakeTensorProto(Tensor::Vector<uint8_t>({1, 2}))),
            "dtype: DT_UINT8 tensor_content: \"\\001\\002\"");
  EXPECT_EQ(
      TextWithoutShape(MakeTensorProto(Tensor::Vector<QInt8>({{1}, {2}}))),
      "dtype: DT_QINT8 tensor_content: \"\\001\\002\"");
}

TEST(MakeTensorProtoTest, SeveralValuesAreListedForOtherTypes) {
  EXPECT_EQ(TextWithoutShape(
                MakeTensorProto(Tensor::Vector<Half>({Half(1), Half(2)}))),
            "dtype: DT_HALF half_val: 15360 half_val: 16384");
  EXPECT_EQ(TextWithoutShape(MakeTensorProto(
                Tensor::Vector<BFloat16>({BFloat16(1), BFloat16(2)}))),
            "dtype: DT_BFLOAT16 half_val: 16256 half_val: 16384");
  EXPECT_EQ(TextWithoutShape(MakeTensorProto(Tensor::Vector<uint16_t>({1, 2}))),
            "dtype: DT_UINT16 int_val: 1 int_val: 2");
  EXPECT_EQ(
      TextWithoutShape(MakeTensorProto(Tensor::Vector<bool>({true, false}))),
      "dtype: DT_BOOL bool_val: true bool_val: false");
  EXPECT_EQ(TextWithoutShape(
                MakeTensorProto(Tensor::Vector<std::complex<float>>({1, 2}))),
            "dtype: DT_COMPLEX64 scomplex_val: 1 scomplex_val: 0 "
            "scomplex_val: 2 scomplex_val: 0");
  EXPECT_EQ(TextWithoutShape(
                MakeTensorProto(Tensor::Vector<std::string>({"a", "b"}))),
            "dtype: DT_STRING string_val: \"a\" string_val: \"b\"");
}

TEST(MakeTensorProtoTest, ShortFormKeepsTheValuesAndTakesTheShape) {
  EXPECT_EQ(
      MakeShortTensorProto(Tensor::Vector<float>({1, 2}), TensorShape({5}))
          .ShortDebugString(),
      "dtype: DT_FLOAT tensor_shape { dim { size: 5 } } "
      "float_val: 1 float_val: 2");
}

TEST(MakeTensorProtoTest, FieldFormAlwaysLists) {
  EXPECT_EQ(
      TextWithoutShape(MakeTensorProtoField(Tensor::Vector<float>({1, 2}))),
      "dtype: DT_FLOAT float_val: 1 float_val: 2");
}

TEST(MakeTensorProtoTest, HandlesAreListed) {
  ResourceHandle handle;
  handle.device = "/cpu:0";
  handle.container = "localhost";
  handle.name = "v";
  handle.hash_code = 12;
  handle.maybe_type_name = "N10V";
  const TensorProto proto = MakeTensorProto(Tensor::Scalar(handle));
  EXPECT_EQ(TextWithoutShape(proto),
            "dtype: DT_RESOURCE resource_handle_val { device: \"/cpu:0\" "
            "container: \"localhost\" name: \"v\" hash_code: 12 "
            "maybe_type_name: \"N10V\" }");
  RG_ASSERT_OK_AND_ASSIGN(Tensor back, TensorFromProto(proto));
  EXPECT_EQ(back.scalar<ResourceHandle>(), handle);
}

template <typename T>
class TensorProtoTypedTest : public testing::Test {};

using AllNumbers =
    testing::Types<float, double, Half, BFloat16, int8_t, int16_t, int32_t,
                   int64_t, uint8_t, uint16_t, uint32_t, uint64_t, bool,
                   std::complex<float>, std::complex<double>, QInt8, QUInt8,
                   QInt16, QUInt16, QInt32>;
TYPED_TEST_SUITE(TensorProtoTypedTest, AllNumbers);

// All bits set and half of them: negative numbers, NaNs, large unsigned ones.
TYPED_TEST(TensorProtoTypedTest, BothFormsKeepEveryBit) {
  Tensor tensor(DataTypeOf<TypeParam>::value, TensorShape({3}));
  char* bytes = static_cast<char*>(tensor.mutable_data());
  const bool is_bool = tensor.dtype() == DT_BOOL;
  for (size_t i = 0; i < tensor.bytes(); ++i) {
    const size_t element = i / DataTypeSize(tensor.dtype());
    bytes[i] = is_bool ? element % 2 : element == 0 ? '\xff' : '\xa5';
  }
  RG_ASSERT_OK_AND_ASSIGN(Tensor content,
                          TensorFromProto(MakeTensorProto(tensor)));
  EXPECT_TRUE(TensorsIdentical(tensor, content));
  RG_ASSERT_OK_AND_ASSIGN(Tensor listed,
                          TensorFromProto(MakeTensorProtoField(tensor)));
  EXPECT_TRUE(TensorsIdentical(tensor, listed));
}

}  // namespace
}  // namespace retrograph
