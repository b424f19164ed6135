// Expected bits, values and texts are what TensorFlow 1.15.5 gave.
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "graph/shape_inference.h"
#include "gtest/gtest.h"
#include "ops/op_test_util.h"

namespace retrograph {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;

Tensor Matrix(int64_t rows, std::initializer_list<float> values) {
  const int64_t size = static_cast<int64_t>(values.size());
  return Tensor::Vector<float>(values).Reshaped(
      TensorShape({rows, size / rows}));
}
std::vector<float> Floats(const absl::StatusOr<Tensor>& tensor) {
  if (!tensor.ok()) {
    ADD_FAILURE() << tensor.status();
    return {};
  }
  const auto flat = tensor->flat<float>();
  return std::vector<float>(flat.begin(), flat.end());
}
std::vector<uint32_t> BitsOf(const Tensor& tensor) {
  std::vector<uint32_t> bits(tensor.num_elements());
  std::memcpy(bits.data(), tensor.data(), tensor.bytes());
  return bits;
}
const Tensor& Logits() {
  static const Tensor* const logits =
      new Tensor(Matrix(2, {1, 2, 3, 0, 0.5f, -1}));
  return *logits;
}

TEST(SoftmaxTest, BitsMatch) {
  EXPECT_THAT(BitsOf(*RunOp1("Softmax", {Logits()})),
              ElementsAre(0x3db861f3, 0x3e7a9a1a, 0x3f2a4d3b, 0x3ea9ba3b,
                          0x3f0beaa9, 0x3df9c1ca));
  EXPECT_THAT(BitsOf(*RunOp1("LogSoftmax", {Logits()})),
              ElementsAre(0xc01a1637, 0xbfb42c6e, 0xbed0b1ba, 0xbf8d5427,
                          0xbf1aa84e, 0xc006aa14));
}

TEST(CrossEntropyTest, SparseBitsMatch) {
  const auto out = RunOp("SparseSoftmaxCrossEntropyWithLogits",
                         {Logits(), Tensor::Vector<int32_t>({2, 0})});
  ASSERT_TRUE(out.ok()) << out.status();
  EXPECT_THAT(BitsOf((*out)[0]), ElementsAre(0x3ed0b1ba, 0x3f8d5427));
  EXPECT_THAT(BitsOf((*out)[1]),
              ElementsAre(0x3db861f3, 0x3e7a9a1a, 0xbeab658a, 0xbf2b22e2,
                          0x3f0beaa9, 0x3df9c1ca));
}

TEST(CrossEntropyTest, LabelsOutOfRangeAreListed) {
  const auto out = RunOp("SparseSoftmaxCrossEntropyWithLogits",
                         {Logits(), Tensor::Vector<int32_t>({1, 7})});
  EXPECT_EQ(out.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(out.status().message(),
            "Received a label value of 7 which is outside the valid range of "
            "[0, 3).  Label values: 1 7");
}

TEST(CrossEntropyTest, DenseLabelsAreBroadcast) {
  const auto out =
      RunOp("SoftmaxCrossEntropyWithLogits", {Logits(), Matrix(1, {0, 0, 1})});
  ASSERT_TRUE(out.ok()) << out.status();
  EXPECT_EQ((*out)[0].shape(), TensorShape({2}));
  EXPECT_FLOAT_EQ((*out)[0].flat<float>()[0], 0.4076059f);
  const auto wrong = RunOp("SoftmaxCrossEntropyWithLogits",
                           {Logits(), Matrix(2, {1, 0, 0, 1})});
  EXPECT_EQ(wrong.status().message(),
            "logits and labels must be broadcastable: logits_size=[2,3] "
            "labels_size=[2,2]");
  const auto shapes =
      InferShapes("SoftmaxCrossEntropyWithLogits", {Shape({3}), Shape({3})});
  EXPECT_THAT(
      std::string(shapes.status().message()),
      HasSubstr("Shape must be broadcasted with rank 2, but is rank 1"));
}

TEST(ActivationTest, NaNsPassThrough) {
  const Tensor x = Tensor::Vector<float>({std::nanf(""), -1, 7});
  for (const char* op : {"Relu", "Relu6", "Elu", "LeakyRelu", "Softplus"}) {
    EXPECT_TRUE(std::isnan(Floats(RunOp1(op, {x}))[0])) << op;
  }
  EXPECT_EQ(Floats(RunOp1("Relu6", {x}))[2], 6);
  EXPECT_EQ(Floats(RunOp1("LeakyRelu", {x}))[1], -0.2f);
}

TEST(ActivationTest, GradientsWantOneShape) {
  const auto grad = RunOp1("ReluGrad", {Tensor::Vector<float>({1, 2}),
                                        Tensor::Vector<float>({1, 2, 3})});
  EXPECT_THAT(std::string(grad.status().message()),
              HasSubstr("of type ReluGrad must have the same size and shape.  "
                        "Input 0: [2] != input 1: [3]"));
}

TEST(BiasTest, ChannelsAreLastOrSecond) {
  const Tensor bias = Tensor::Vector<float>({1, 2});
  EXPECT_THAT(Floats(RunOp1("BiasAdd", {Matrix(2, {0, 0, 10, 10}), bias})),
              ElementsAre(1, 2, 11, 12));
  const Tensor images(DT_FLOAT, TensorShape({1, 2, 1, 2}));
  const AttrList nchw = {Attr("data_format", "NCHW")};
  const auto added = RunOp1("BiasAdd", {images, bias}, nchw);
  EXPECT_THAT(Floats(added), ElementsAre(1, 1, 2, 2));
  EXPECT_THAT(Floats(RunOp1("BiasAddGrad", {*added}, nchw)), ElementsAre(2, 4));
  EXPECT_EQ(RunOp1("BiasAdd", {Matrix(1, {1, 2, 3}), bias}).status().message(),
            "Must provide as many biases as the last dimension of the input "
            "tensor: [2] vs. [1,3]");
}

TEST(CheckNumericsTest, SaysWhatIsWrong) {
  const AttrList message = {Attr("message", "is bad")};
  const float nan = std::nanf("");
  auto text = [&](std::initializer_list<float> values) {
    return std::string(
        RunOp1("CheckNumerics", {Tensor::Vector<float>(values)}, message)
            .status()
            .message());
  };
  EXPECT_EQ(text({1, 2}), "");
  EXPECT_EQ(text({1, nan}), "is bad : Tensor had NaN values");
  EXPECT_EQ(text({1, INFINITY}), "is bad : Tensor had Inf values");
  EXPECT_EQ(text({nan, INFINITY}), "is bad : Tensor had Inf and NaN values");
}

TEST(ClipTest, TheMinimumHasTheLastWord) {
  const auto clipped =
      RunOp1("ClipByValue", {Tensor::Vector<float>({0, 2, 4}),
                             Tensor::Scalar(3.0f), Tensor::Scalar(1.0f)});
  EXPECT_THAT(Floats(clipped), ElementsAre(3, 3, 3));
}

auto Near(const std::vector<float>& expected) {
  return Pointwise(FloatNear(1e-5f), expected);
}

TEST(LrnTest, ChannelsAreDividedByTheSquaresAroundThem) {
  const AttrList attrs = {Attr("depth_radius", 1), Attr("bias", 1.5f),
                          Attr("alpha", 0.5f), Attr("beta", 0.75f)};
  Tensor x = Tensor::Vector<float>({0, 1 / 3.f, 2 / 3.f, 1, 4 / 3.f});
  x = x.Reshaped(TensorShape({1, 1, 1, 5}));
  const auto y = RunOp1("LRN", {x}, attrs);
  ASSERT_TRUE(y.ok()) << y.status();
  EXPECT_THAT(Floats(*y),
              Near({0, 0.2165063f, 0.3595632f, 0.4268874f, 0.6017147f}));
  const Tensor grad = Tensor::Vector<float>({1, -2, 3, .5f, 1})
                          .Reshaped(TensorShape({1, 1, 1, 5}));
  const auto dx = RunOp1("LRNGrad", {grad, x, *y}, attrs);
  ASSERT_TRUE(dx.ok()) << dx.status();
  EXPECT_THAT(Floats(*dx),
              Near({0.7179362f, -1.356538f, 1.46873f, -0.3494042f,
                    0.1743932f}));
}

TEST(LrnTest, InputsAreImagesOfOneShape) {
  const Tensor matrix(DT_FLOAT, TensorShape({2, 2}));
  const Tensor image(DT_FLOAT, TensorShape({1, 1, 1, 2}));
  const Tensor other(DT_FLOAT, TensorShape({1, 1, 2, 2}));
  EXPECT_EQ(RunOp1("LRN", {matrix}).status().message(),
            "in must be 4-dimensional");
  EXPECT_EQ(RunOp1("LRNGrad", {matrix, matrix, matrix}).status().message(),
            "inputs must be 4-dimensional");
  EXPECT_EQ(RunOp1("LRNGrad", {image, image, other}).status().message(),
            "input_grads, input_image, and out_image should have the same "
            "shape");
}

TEST(DepthwiseTest, SizesOfEmptyTensorsDoNotOverflow) {
  const int64_t large = int64_t{1} << 31;
  const Tensor x(DT_FLOAT, TensorShape({0, 2, 2, large}));
  const Tensor filter(DT_FLOAT, TensorShape({0, 1, large, large}));
  EXPECT_EQ(RunOp1("DepthwiseConv2dNative", {x, filter},
                   {Attr("strides", std::vector<int64_t>{1, 1, 1, 1}),
                    Attr("padding", "SAME")})
                .status()
                .message(),
            "filter too large");
}

TEST(BatchNormTest, HalvesAreComputedInFloat) {
  Tensor x(DT_HALF, TensorShape({1, 1, 2, 1}));
  x.mutable_flat<Half>()[1] = Half(2.0f);
  const Tensor one = Tensor::Vector<float>({1}), none(DT_FLOAT, TensorShape({0}));
  const auto y = RunOp("FusedBatchNormV3", {x, one, one, none, none},
                       {Attr("epsilon", 0.0f)});
  ASSERT_TRUE(y.ok()) << y.status();
  EXPECT_EQ(static_cast<float>((*y)[0].flat<Half>()[0]), 0.0f);
  EXPECT_EQ(static_cast<float>((*y)[0].flat<Half>()[1]), 2.0f);
  EXPECT_EQ((*y)[2].scalar<float>(), 2.0f);  // without bias
}

TEST(TopKTest, EqualsAreListedByPlace) {
  const auto top = RunOp("TopKV2", {Tensor::Vector<float>({1, 3, 3, 2}),
                                    Tensor::Scalar<int32_t>(3)});
  ASSERT_TRUE(top.ok()) << top.status();
  EXPECT_THAT(Floats((*top)[0]), ElementsAre(3, 3, 2));
  const auto places = (*top)[1].flat<int32_t>();
  EXPECT_THAT(std::vector<int32_t>(places.begin(), places.end()),
              ElementsAre(1, 2, 3));
  EXPECT_EQ(
      RunOp("TopKV2", {Tensor::Vector<float>({1}), Tensor::Scalar<int32_t>(2)})
          .status()
          .message(),
      "input must have at least k columns. Had 1, needed 2");
}

TEST(InTopKTest, TargetsOutOfRangeAreNotIn) {
  const auto in = RunOp1("InTopKV2", {Matrix(2, {1, 2, 3, 3, 3, 1}),
                                      Tensor::Vector<int32_t>({1, 5}),
                                      Tensor::Scalar<int32_t>(2)});
  ASSERT_TRUE(in.ok()) << in.status();
  EXPECT_TRUE(in->flat<bool>()[0]);
  EXPECT_FALSE(in->flat<bool>()[1]);
}

}  // namespace
}  // namespace retrograph
