// The three ops of a convolution: itself, and its gradients for the input and
// for the filter. Their signatures are the same whatever is convolved.
//
// Private to ops/.
#ifndef RETROGRAPH_OPS_CONV_FAMILY_H_
#define RETROGRAPH_OPS_CONV_FAMILY_H_

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/op_registry.h"
#include "graph/shape_inference.h"
#include "ops/kernel.h"

namespace retrograph {

struct ConvKernels {
  KernelFactory of_double, of_float, of_half;
};
// Of a function template `Kernel_` over the element type.
#define RG_CONV_KERNELS(Kernel_)                                        \
  ConvKernels {                                                         \
    StatelessKernel(Kernel_<double>), StatelessKernel(Kernel_<float>), \
        StatelessKernel(Kernel_<Half>)                                  \
  }

struct ConvFamily {
  std::string name;  // "Conv2D"
  void (*add_attrs)(OpBuilder&);
  ShapeFn shape;
  ConvKernels forward, input_gradient, filter_gradient;
};

// The shape that a vector of sizes, input kInput, tells.
template <int kInput>
absl::Status ShapeFromSizes(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape shape, c->MakeShapeFromInput(kInput));
  RG_ASSIGN_OR_RETURN(shape, c->WithRank(shape, 4));
  c->set_output(0, shape);
  return absl::OkStatus();
}

inline void AddConvKernels(OpBuilder& op, const ConvKernels& kernels) {
  op.Kernel({{"T", {DT_DOUBLE}}}, kernels.of_double);
  op.Kernel({{"T", {DT_FLOAT}}}, kernels.of_float);
  op.Kernel({{"T", {DT_HALF}}}, kernels.of_half);
}

inline void RegisterConvFamily(OpRegistry* registry, const ConvFamily& family) {
  OpBuilder conv = registry->Op(family.name);
  conv.Input("input: T").Input("filter: T").Output("output: T");
  family.add_attrs(conv);
  conv.Shape(family.shape);
  AddConvKernels(conv, family.forward);

  OpBuilder input = registry->Op(absl::StrCat(family.name, "BackpropInput"));
  input.Input("input_sizes: int32").Input("filter: T");
  input.Input("out_backprop: T").Output("output: T");
  family.add_attrs(input);
  input.Shape(ShapeFromSizes<0>);
  AddConvKernels(input, family.input_gradient);

  OpBuilder filter = registry->Op(absl::StrCat(family.name, "BackpropFilter"));
  filter.Input("input: T").Input("filter_sizes: int32");
  filter.Input("out_backprop: T").Output("output: T");
  family.add_attrs(filter);
  filter.Shape(ShapeFromSizes<1>);
  AddConvKernels(filter, family.filter_gradient);
}

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_CONV_FAMILY_H_
