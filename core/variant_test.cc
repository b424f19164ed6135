#include "core/variant.h"

#include <string>

#include "core/status_matchers.h"
#include "core/tensor_list.h"
#include "core/tensor_proto.h"
#include "google/protobuf/text_format.h"

namespace retrograph {
namespace {

using ::testing::HasSubstr;

std::shared_ptr<TensorList> ListOf(std::vector<Tensor> tensors) {
  auto list = std::make_shared<TensorList>(DT_FLOAT, PartialTensorShape({2}));
  for (Tensor& tensor : tensors) list->Push(std::move(tensor));
  return list;
}

std::shared_ptr<TensorList> Nested(int depth) {
  auto list = std::make_shared<TensorList>(DT_FLOAT, PartialTensorShape({1}));
  list->Push(Tensor::Vector<float>({1}));
  for (int i = 1; i < depth; ++i) {
    auto outer = std::make_shared<TensorList>(DT_VARIANT, TensorShape());
    outer->Push(VariantScalar(list));
    list = outer;
  }
  return list;
}

absl::StatusOr<Variant> Decoded(const VariantTensorDataProto& data) {
  int64_t most = 1 << 20;
  return DecodeVariant(data, &most);
}

VariantTensorDataProto ListData(const std::string& metadata) {
  VariantTensorDataProto data;
  data.set_type_name(TensorList::kTypeName);
  data.set_metadata(metadata);
  return data;
}

TEST(VariantTest, ATensorOfVariantsStartsEmptyAndCopiesOnWrite) {
  Tensor tensor(DT_VARIANT, TensorShape({2}));
  EXPECT_EQ(tensor.flat<Variant>()[0], nullptr);
  const Tensor before = tensor;
  tensor.mutable_flat<Variant>()[1] = ListOf({});
  EXPECT_EQ(before.flat<Variant>()[1], nullptr);
  EXPECT_TRUE(TensorsIdentical(tensor, Tensor(tensor)));
  EXPECT_FALSE(TensorsIdentical(tensor, before));
  EXPECT_EQ(VariantAs<TensorList>(tensor), nullptr);  // two elements
  EXPECT_EQ(tensor.SummarizeValues(-1),
            "Variant<type: INVALID value: INVALID> "
            "Variant<type: tensorflow::TensorList value: TensorList>");
}

// The bytes are TensorFlow 1.15.5's (tf.io.serialize_tensor of
// tensor_list_from_tensor([[0, 1], [2, 3]], [2]); tensor_list_reserve(None, 3,
// tf.int64) in a checkpoint).
TEST(VariantTest, EncodesListsAsTensorFlowDoes) {
  RG_ASSERT_OK_AND_ASSIGN(
      const VariantTensorDataProto set,
      EncodeVariant(ListOf({Tensor::Vector<float>({0, 1}),
                            Tensor::Vector<float>({2, 3})})));
  const std::string kRow("\x1a\x12\x08\x01\x12\x04\x12\x02\x08\x02*\x08", 12);
  const std::string kRows =
      kRow + std::string("\0\0\0\0\0\0\x80?", 8) + kRow +
      std::string("\0\0\0@\0\0@@", 8);
  EXPECT_EQ(set.SerializeAsString(),
            "\n\x16tensorflow::TensorList\x12\x10" +
                std::string("\0\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\1", 12) +
                "\x12\x02\x08\x02" + kRows);
  auto reserved =
      std::make_shared<TensorList>(DT_INT64, PartialTensorShape());
  reserved->Resize(3);
  RG_ASSERT_OK_AND_ASSIGN(const VariantTensorDataProto unset,
                          EncodeVariant(reserved));
  EXPECT_EQ(unset.metadata(),
            std::string("\3\0\1\2\x09\xff\xff\xff\xff\xff\xff\xff\xff\xff\1"
                        "\x18\1",
                        17));
}

TEST(VariantTest, DecodesWhatItEncoded) {
  auto list = ListOf({Tensor(), Tensor::Vector<float>({1, 2}), Tensor()});
  list->max_num_elements = 7;
  RG_ASSERT_OK_AND_ASSIGN(const auto data, EncodeVariant(list));
  RG_ASSERT_OK_AND_ASSIGN(const Variant variant, Decoded(data));
  const auto again = std::dynamic_pointer_cast<const TensorList>(variant);
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->element_dtype, DT_FLOAT);
  EXPECT_EQ(again->element_shape.DebugString(), "[2]");
  EXPECT_EQ(again->max_num_elements, 7);
  ASSERT_EQ(again->size(), 3u);
  EXPECT_FALSE(again->tensors()[0].IsInitialized());
  EXPECT_EQ(again->tensors()[1].SummarizeValues(-1), "1 2");
  EXPECT_FALSE(again->tensors()[2].IsInitialized());
}

TEST(VariantTest, StandsInATensorProtoInBothForms) {
  const Tensor tensor = VariantScalar(Nested(3));
  const TensorProto listed = MakeTensorProtoField(tensor);
  RG_ASSERT_OK_AND_ASSIGN(const Tensor again, TensorFromProto(listed));
  EXPECT_EQ(MakeTensorProtoField(again).SerializeAsString(),
            listed.SerializeAsString());
  TensorProto content = listed;
  std::string bytes = listed.variant_val(0).SerializeAsString();
  content.set_tensor_content(std::string("\x80\x01", 2));  // longer than it is
  content.clear_variant_val();
  EXPECT_THAT(TensorFromProto(content),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("Cannot parse tensor from proto")));
  bytes = EncodeVariant(ListOf({})).value().SerializeAsString();
  content.set_tensor_content(std::string(1, static_cast<char>(bytes.size())) +
                             bytes);
  RG_ASSERT_OK_AND_ASSIGN(const Tensor from_content, TensorFromProto(content));
  EXPECT_NE(VariantAs<TensorList>(from_content), nullptr);
}

TEST(VariantTest, AnUnknownClassIsTensorFlowsError) {
  VariantTensorDataProto data;
  data.set_type_name("tensorflow::DatasetVariantWrapper");
  EXPECT_THAT(
      Decoded(data),
      StatusIs(absl::StatusCode::kInternal,
               "Could not decode variant with type_name: "
               "\"tensorflow::DatasetVariantWrapper\".  Perhaps you forgot to "
               "register a decoder via "
               "REGISTER_UNARY_VARIANT_DECODE_FUNCTION?"));
}

TEST(VariantTest, DamagedMetadataIsAnError) {
  const std::string kMost("\xff\xff\xff\xff\xff\xff\xff\xff\xff\1", 10);
  const std::string kBad[] = {
      "",
      "\x7f",                                       // more unset than bytes
      std::string("\x01\x05\x01", 3) + kMost,       // element 5 of one
      std::string("\x02\x01\x00\x01", 4) + kMost,   // not in order
      std::string("\0\1", 2),                       // no max_num_elements
      std::string("\0\x63", 2) + kMost,             // dtype 99
      std::string("\0\x65", 2) + kMost,             // a reference
      std::string("\0\1", 2) + kMost + "\x12\x05",  // half a shape
      std::string("\0\1", 2) + kMost + "\x12\x0b\x08" +
          std::string("\xfe\xff\xff\xff\xff\xff\xff\xff\xff\1", 10),  // -2
  };
  for (const std::string& metadata : kBad) {
    EXPECT_THAT(Decoded(ListData(metadata)),
                StatusIs(absl::StatusCode::kInternal,
                         HasSubstr("Could not decode variant")));
  }
  EXPECT_OK(Decoded(ListData(std::string("\0\1", 2) + kMost)));
}

TEST(VariantTest, ElementsOfAnotherTypeOrShapeAreErrors) {
  for (const Tensor& element :
       {Tensor::Vector<int32_t>({1, 2}), Tensor::Vector<float>({1})}) {
    RG_ASSERT_OK_AND_ASSIGN(auto data, EncodeVariant(ListOf({})));
    *data.add_tensors() = MakeTensorProtoField(element);
    EXPECT_THAT(Decoded(data), StatusIs(absl::StatusCode::kInternal));
  }
}

TEST(VariantTest, ValuesThatTakeMoreThanAllowedAreRefusedTogether) {
  // Each of three tensors of 400 kB is allowed, all together are not.
  VariantTensorDataProto data;
  auto list = std::make_shared<TensorList>(DT_FLOAT, PartialTensorShape());
  RG_ASSERT_OK_AND_ASSIGN(data, EncodeVariant(list));
  TensorProto large;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      "dtype: DT_FLOAT tensor_shape { dim { size: 100000 } } float_val: 1",
      &large));
  *data.add_tensors() = large;
  *data.add_tensors() = large;
  EXPECT_OK(Decoded(data));
  *data.add_tensors() = large;
  EXPECT_THAT(Decoded(data),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST(VariantTest, WhatIsTooDeepToBeReadAgainIsNotEncoded) {
  RG_ASSERT_OK_AND_ASSIGN(const auto data,
                          EncodeVariant(Nested(kMostEncodedDepth)));
  VariantTensorDataProto parsed;
  ASSERT_TRUE(parsed.ParseFromString(data.SerializeAsString()));
  EXPECT_OK(Decoded(parsed));
  EXPECT_THAT(EncodeVariant(Nested(kMostEncodedDepth + 1)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "Variants stand 50 deep in one another; more than 49 "
                       "cannot be read again"));
}

TEST(VariantTest, SharedListsThatWouldFillTheWorldAreNotEncoded) {
  // Each list holds the one before twice.
  std::shared_ptr<TensorList> list = ListOf({Tensor::Vector<float>({1, 2})});
  for (int i = 0; i < 40; ++i) {
    auto outer = std::make_shared<TensorList>(DT_VARIANT, TensorShape());
    outer->Push(VariantScalar(list));
    outer->Push(VariantScalar(list));
    list = outer;
  }
  EXPECT_THAT(EncodeVariant(list),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "A variant takes more bytes than a protocol buffer may "
                       "have"));
}

}  // namespace
}  // namespace retrograph
