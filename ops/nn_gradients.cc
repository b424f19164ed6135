// Gradients of activations, losses, convolutions, pooling, normalisation.
//
// Source: tensorflow/python/ops/nn_grad.py.
#include <utility>

#include "graph/shape_inference.h"
#include "ops/builders.h"
#include "ops/composites.h"
#include "ops/gradient.h"

namespace retrograph {
namespace {

// `type` of the gradient and of the op's output or input.
GradientFunction OfOutput(const char* type) {
  return [type](GraphBuilder& b, Operation* op,
                const Gradients& g) -> Gradients {
    return {b.Op(type, {g[0], op->output(0)})};
  };
}
GradientFunction OfInput(const char* type) {
  return [type](GraphBuilder& b, Operation* op,
                const Gradients& g) -> Gradients {
    return {b.Op(type, {g[0], op->input(0)})};
  };
}

Gradients LeakyReluGradient(GraphBuilder& b, Operation* op,
                            const Gradients& g) {
  return {b.Op("LeakyReluGrad", {g[0], op->input(0)},
               {{"alpha", *op->FindAttr("alpha")}})};
}

Gradients SoftplusGradient(GraphBuilder& b, Operation* op,
                           const Gradients& g) {
  return {Times(b, g[0], b.Op("Sigmoid", {op->input(0)}))};
}

// Of ReluGrad, Relu6Grad, LeakyReluGrad: linear in the gradient.
Gradients ReluGradGradient(GraphBuilder& b, Operation* op,
                           const Gradients& g) {
  const Output x = op->input(1);
  AttrList attrs;
  if (const AttrValue* alpha = op->FindAttr("alpha")) {
    attrs.emplace_back("alpha", *alpha);
  }
  const Output first = b.Op(op->type(), {g[0], x}, std::move(attrs));
  return {first, ZerosOf(b, ShapeOf(b, x), x.dtype())};
}

Gradients EluGradGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output x = op->input(1);
  const Output first = b.Op(op->type(), {g[0], x});
  const Output below = b.Op("Less", {x, 0});
  const Output product = Times(b, g[0], op->input(0));
  return {first, SelectOf(b, below, product, ZerosLikeOf(b, x))};
}

// ---- Softmax and losses. ----

Gradients SoftmaxGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output y = op->output(0);
  const Output sums = ReduceSum(b, Times(b, g[0], y), Input(-1), true);
  return {Times(b, Minus(b, g[0], sums), y)};
}

Gradients LogSoftmaxGradient(GraphBuilder& b, Operation* op,
                             const Gradients& g) {
  const Output y = b.Op("Exp", {op->output(0)});
  const Output sums = ReduceSum(b, g[0], Input(-1), true);
  return {Minus(b, g[0], Times(b, sums, y))};
}

// Each row of `matrix` times its number.
Output ScaleRows(GraphBuilder& b, const Input& vector, const Output& matrix) {
  return Times(b, b.Op("ExpandDims", {vector, -1}), matrix);
}

bool IsZero(const Gradient& g) {
  if (!g.is_tensor()) return false;
  if (g.op()->type() == "ZerosLike") return true;
  const absl::optional<Tensor> value = ConstantValue(g.tensor());
  if (!value.has_value()) return false;
  const absl::string_view bytes(static_cast<const char*>(value->data()),
                                value->bytes());
  return bytes.find_first_not_of('\0') == absl::string_view::npos;
}

Gradients SoftmaxXentGradient(GraphBuilder& b, Operation* op,
                              const Gradients& g) {
  const Output logits = op->input(0);
  Output gradient = ScaleRows(b, g[0], op->output(1));
  if (!g[1].none() && !IsZero(g[1])) {
    const Output softmax = b.Op("Softmax", {logits});
    const Output product =
        b.Op("BatchMatMulV2", {b.Op("ExpandDims", {g[1], 1}),
                               b.Op("ExpandDims", {softmax, 2})},
             {}, "MatMul");
    const Output squeezed =
        b.Op("Squeeze", {product},
             {Attr("squeeze_dims", std::vector<int64_t>{1})});
    gradient = Plus(b, gradient, Times(b, Minus(b, g[1], squeezed), softmax));
  }
  const Output log = b.Op("LogSoftmax", {logits});
  return {gradient, ScaleRows(b, g[0], Negative(b, log))};
}

Gradients SparseXentGradient(GraphBuilder& b, Operation* op,
                             const Gradients& g) {
  const Output guarded = b.Op(
      "PreventGradient", {op->output(1)},
      {Attr("message",
            "Currently there is no way to take the second derivative of "
            "sparse_softmax_cross_entropy_with_logits due to the fused "
            "implementation's interaction with tf.gradients()")});
  return {ScaleRows(b, g[0], guarded), Gradient()};
}

// ---- Biases. ----

Gradients BiasAddGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  return {g[0], b.Op("BiasAddGrad", {g[0]},
                     {{"data_format", *op->FindAttr("data_format")}})};
}

Gradients BiasAddV1Gradient(GraphBuilder& b, Operation*, const Gradients& g) {
  const Output dense = b.Convert(g[0]);
  const Output rank = RankOf(b, dense);
  const Output axes = RangeOf(b, 0, Minus(b, rank, 1));
  return {g[0], ReduceSum(b, dense, Input(axes))};
}

Gradients BiasAddGradGradient(GraphBuilder& b, Operation* op,
                              const Gradients& g) {
  const Output shape = ShapeOf(b, op->input(0));
  const Output dense = b.Convert(g[0]);
  if (!b.ok()) return Gradients(1);
  const Output bias_shape = ShapeOf(b, dense);
  const auto ones = [&](absl::optional<int64_t> from,
                        absl::optional<int64_t> to) {
    const Output part = SliceRange(b, shape, from, to);
    return b.ok() ? OnesLikeOf(b, part) : Output();
  };
  Output expanded, multiples;
  if (op->FindAttr("data_format")->s() == "NCHW") {
    const Output before = ones(absl::nullopt, 1);
    const Output after = ones(2, absl::nullopt);
    expanded = ConcatAll(b, {before, bias_shape, after}, 0);
    const Output batch = SliceRange(b, shape, absl::nullopt, 1);
    const Output rest = SliceRange(b, shape, 2, absl::nullopt);
    multiples = ConcatAll(b, {batch, IntList({1}), rest}, 0);
  } else {
    expanded = ConcatAll(b, {ones(absl::nullopt, -1), bias_shape}, 0);
    const Output batch = SliceRange(b, shape, absl::nullopt, -1);
    multiples = ConcatAll(b, {batch, IntList({1})}, 0);
  }
  return {b.Op("Tile", {Reshape(b, dense, expanded), multiples})};
}

// ---- Convolutions and pooling. ----

AttrList Copied(const Operation* op, std::initializer_list<const char*> names) {
  AttrList attrs;
  for (const char* name : names) {
    if (const AttrValue* value = op->FindAttr(name)) {
      attrs.emplace_back(name, *value);
    }
  }
  return attrs;
}

AttrList ConvAttrs(const Operation* op) {
  return Copied(op, {"dilations", "strides", "padding", "explicit_paddings",
                     "use_cudnn_on_gpu", "data_format"});
}

Gradients Conv2DGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output x = op->input(0), filter = op->input(1);
  const std::vector<Output> shapes = ShapesOf(b, {x, filter});
  const Output first = b.Op("Conv2DBackpropInput", {shapes[0], filter, g[0]},
                            ConvAttrs(op));
  return {first, b.Op("Conv2DBackpropFilter", {x, shapes[1], g[0]},
                      ConvAttrs(op))};
}

Gradients Conv2DBackpropInputGradient(GraphBuilder& b, Operation* op,
                                      const Gradients& g) {
  const Output filter_shape = ShapeOf(b, op->input(1));
  const Output filter =
      b.Op("Conv2DBackpropFilter", {g[0], filter_shape, op->input(2)},
           ConvAttrs(op));
  return {Gradient(), filter,
          b.Op("Conv2D", {g[0], op->input(1)}, ConvAttrs(op))};
}

Gradients Conv2DBackpropFilterGradient(GraphBuilder& b, Operation* op,
                                       const Gradients& g) {
  const Output input_shape = ShapeOf(b, op->input(0));
  const Output input =
      b.Op("Conv2DBackpropInput", {input_shape, g[0], op->input(2)},
           ConvAttrs(op));
  return {input, Gradient(),
          b.Op("Conv2D", {op->input(0), g[0]}, ConvAttrs(op))};
}

// As Conv2D's, by ops of another name.
Gradients DepthwiseGradient(GraphBuilder& b, Operation* op,
                            const Gradients& g) {
  const Output x = op->input(0), filter = op->input(1);
  const Output input_shape = ShapeOf(b, x);
  const Output first = b.Op("DepthwiseConv2dNativeBackpropInput",
                            {input_shape, filter, g[0]}, ConvAttrs(op));
  const Output filter_shape = ShapeOf(b, filter);
  return {first, b.Op("DepthwiseConv2dNativeBackpropFilter",
                      {x, filter_shape, g[0]}, ConvAttrs(op))};
}

Gradients DepthwiseBackpropInputGradient(GraphBuilder& b, Operation* op,
                                         const Gradients& g) {
  const Output filter_shape = ShapeOf(b, op->input(1));
  const Output filter =
      b.Op("DepthwiseConv2dNativeBackpropFilter",
           {g[0], filter_shape, op->input(2)}, ConvAttrs(op));
  return {Gradient(), filter, b.Op("DepthwiseConv2dNative",
                                   {g[0], op->input(1)}, ConvAttrs(op))};
}

Gradients DepthwiseBackpropFilterGradient(GraphBuilder& b, Operation* op,
                                          const Gradients& g) {
  const Output input_shape = ShapeOf(b, op->input(0));
  const Output input =
      b.Op("DepthwiseConv2dNativeBackpropInput",
           {input_shape, g[0], op->input(2)}, ConvAttrs(op));
  return {input, Gradient(), b.Op("DepthwiseConv2dNative",
                                  {op->input(0), g[0]}, ConvAttrs(op))};
}

AttrList PoolAttrs(const Operation* op) {
  return Copied(op, {"ksize", "strides", "padding", "data_format"});
}

Gradients MaxPoolGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  return {b.Op("MaxPoolGrad", {op->input(0), op->output(0), g[0]},
               PoolAttrs(op))};
}

Gradients AvgPoolGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output shape = ShapeOf(b, op->input(0));
  return {b.Op("AvgPoolGrad", {shape, g[0]}, PoolAttrs(op))};
}

Gradients LrnGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  return {b.Op("LRNGrad", {g[0], op->input(0), op->output(0)},
               Copied(op, {"depth_radius", "bias", "alpha", "beta"}))};
}

// ---- Batch normalisation. ----

Output Moved(GraphBuilder& b, const Input& x, std::vector<int64_t> axes) {
  return b.Op("Transpose", {x, IntList(axes)}, {}, "transpose");
}

// In inference mode the op's own mean and variance are used, channels last.
GradientFunction BatchNormGradient(const char* type) {
  return [type](GraphBuilder& b, Operation* op,
                const Gradients& g) -> Gradients {
    const bool training = op->FindAttr("is_training")->b();
    const bool nchw = op->FindAttr("data_format")->s() == "NCHW";
    AttrList attrs = Copied(op, {"epsilon", "is_training"});
    attrs.push_back(
        Attr("data_format", nchw && training ? "NCHW" : "NHWC"));
    Input x = op->input(0);
    Input gy = g[0];
    if (!training && nchw) {
      x = Moved(b, x, {0, 2, 3, 1});
      gy = Moved(b, gy, {0, 2, 3, 1});
    }
    std::vector<Input> inputs = {gy, x, op->input(1)};
    if (training) {
      inputs.push_back(op->output(3));
      inputs.push_back(op->output(4));
    } else {
      inputs.push_back(op->input(3));
      inputs.push_back(op->input(4));
    }
    if (op->num_outputs() > 5) inputs.push_back(op->output(5));
    Operation* grad = b.AddOp(type, std::move(inputs), std::move(attrs));
    if (grad == nullptr) return Gradients(5);
    if (training) {
      return {grad->output(0), grad->output(1), grad->output(2),
              grad->output(3), grad->output(4)};
    }
    const Output dx =
        nchw ? Moved(b, grad->output(0), {0, 3, 1, 2}) : grad->output(0);
    return {dx, grad->output(1), grad->output(2), Gradient(), Gradient()};
  };
}

}  // namespace

void RegisterNnGradients(GradientRegistry* registry) {
  registry->AddStandard("Relu", OfOutput("ReluGrad"));
  registry->AddStandard("Relu6", OfOutput("Relu6Grad"));
  registry->AddStandard("Elu", OfOutput("EluGrad"));
  registry->AddStandard("Selu", OfOutput("SeluGrad"));
  registry->AddStandard("Softsign", OfInput("SoftsignGrad"));
  registry->AddStandard("LeakyRelu", LeakyReluGradient);
  registry->AddStandard("Softplus", SoftplusGradient);
  for (const char* name : {"ReluGrad", "Relu6Grad", "LeakyReluGrad"}) {
    registry->AddStandard(name, ReluGradGradient);
  }
  registry->AddStandard("EluGrad", EluGradGradient);
  registry->AddStandard("SeluGrad", EluGradGradient);
  registry->AddStandard("Softmax", SoftmaxGradient);
  registry->AddStandard("LogSoftmax", LogSoftmaxGradient);
  registry->AddStandard("SoftmaxCrossEntropyWithLogits", SoftmaxXentGradient);
  registry->AddStandard("SparseSoftmaxCrossEntropyWithLogits",
                        SparseXentGradient);
  registry->AddStandard("BiasAdd", BiasAddGradient);
  registry->AddStandard("BiasAddV1", BiasAddV1Gradient);
  registry->AddStandard("BiasAddGrad", BiasAddGradGradient);
  registry->AddStandard("Conv2D", Conv2DGradient);
  registry->AddStandard("Conv2DBackpropInput", Conv2DBackpropInputGradient);
  registry->AddStandard("Conv2DBackpropFilter", Conv2DBackpropFilterGradient);
  registry->AddStandard("DepthwiseConv2dNative", DepthwiseGradient);
  registry->AddStandard("DepthwiseConv2dNativeBackpropInput",
                        DepthwiseBackpropInputGradient);
  registry->AddStandard("DepthwiseConv2dNativeBackpropFilter",
                        DepthwiseBackpropFilterGradient);
  registry->AddStandard("MaxPool", MaxPoolGradient);
  registry->AddStandard("AvgPool", AvgPoolGradient);
  registry->AddStandard("LRN", LrnGradient);
  registry->AddNotDifferentiable(
      {"AllCandidateSampler", "ComputeAccidentalHits",
       "LearnedUnigramCandidateSampler", "LogUniformCandidateSampler",
       "ThreadUnsafeUnigramCandidateSampler", "UniformCandidateSampler"});
  registry->AddStandard("FusedBatchNorm",
                        BatchNormGradient("FusedBatchNormGrad"));
  registry->AddStandard("FusedBatchNormV2",
                        BatchNormGradient("FusedBatchNormGradV2"));
  registry->AddStandard("FusedBatchNormV3",
                        BatchNormGradient("FusedBatchNormGradV3"));
}

}  // namespace retrograph
