// Gradients of lists of tensors: the gradient of a list is a list, and what an
// op did is undone on it.
//
// Source: tensorflow/python/ops/list_ops.py.
#include <utility>

#include "graph/shape_inference.h"
#include "ops/builder_scope.h"
#include "ops/builders.h"
#include "ops/composites.h"
#include "ops/gradient.h"

namespace retrograph {
namespace {

AttrList Elements(DataType dtype) {
  return {{"element_dtype", MakeAttr(dtype)}};
}

Output ElementShapeOf(GraphBuilder& b, const Output& list) {
  return b.Op("TensorListElementShape", {list},
              {{"shape_type", MakeAttr(DT_INT32)}});
}

// The shape of a row of x.
Output RowShapeOf(GraphBuilder& b, const Output& x) {
  return b.Op("Slice", {ShapeOf(b, x), IntList({1}), IntList({-1})});
}

// A list without elements that fits `like`, a list of `dtype`.
Output EmptyLike(GraphBuilder& b, const Output& like, DataType dtype) {
  return b.Op("EmptyTensorList", {ElementShapeOf(b, like), -1},
              Elements(dtype));
}

Gradients PushBackGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output tensor = op->input(1);
  const Output list = b.Op("TensorListPopBack", {g[0], ShapeOf(b, tensor)},
                           Elements(tensor.dtype()));
  if (!list.valid()) return Gradients(2);
  return {list, list.op->output(1)};
}

Gradients PopBackGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Input list = g[0].none()
                         ? Input(EmptyLike(b, op->output(0), g[1].dtype()))
                         : Input(g[0]);
  return {b.Op("TensorListPushBack", {list, g[1]}), Gradient()};
}

Gradients StackGradient(GraphBuilder& b, Operation*, const Gradients& g) {
  const Shape& shape = g[0].tensor().shape();
  Input row = -1;
  if (shape.rank() == 1) {
    row = Constant(b, Tensor(DT_INT32, TensorShape({0})));
  } else if (shape.rank() > 1) {
    row = IntList(shape.dims().subspan(1));
  }
  return {b.Op("TensorListFromTensor", {g[0], row}), Gradient()};
}

Gradients FromTensorGradient(GraphBuilder& b, Operation* op,
                             const Gradients& g) {
  const Output tensor = op->input(0);
  const Shape& shape = tensor.shape();
  const Input list =
      g[0].none() ? Input(EmptyLike(b, op->output(0), tensor.dtype()))
                  : Input(g[0]);
  AttrList attrs = Elements(tensor.dtype());
  attrs.emplace_back("num_elements",
                     MakeAttr(shape.rank() > 0 ? shape.dim(0) : int64_t{-1}));
  return {b.Op("TensorListStack", {list, RowShapeOf(b, tensor)}, attrs),
          Gradient()};
}

Gradients ConcatGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  Gradients result(op->num_inputs());
  result[0] = b.Op("TensorListSplit", {g[0], ElementShapeOf(b, op->input(0)),
                                       op->output(1)});
  return result;
}

Gradients SplitGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output shape =
      ConcatAll(b, {IntList({-1}), RowShapeOf(b, op->input(0))}, 0);
  Gradients result(3);
  result[0] = b.Op("TensorListConcatV2", {g[0], shape, op->input(2)},
                   Elements(op->input(0).dtype()));
  return result;
}

Gradients GetItemGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output list = op->input(0);
  const Output length = b.Op("TensorListLength", {list});
  const Output shape = ElementShapeOf(b, list);
  const Output zeros = b.Op("TensorListReserve", {shape, length},
                            Elements(g[0].dtype()));
  return {b.Op("TensorListSetItem", {zeros, op->input(1), g[0]}), Gradient(),
          Gradient()};
}

Gradients SetItemGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output index = op->input(1), item = op->input(2);
  const Output list =
      b.Op("TensorListSetItem", {g[0], index, ZerosLikeOf(b, item)});
  return {list, Gradient(),
          b.Op("TensorListGetItem", {g[0], index, ShapeOf(b, item)},
               Elements(item.dtype()))};
}

Gradients ResizeGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output length = b.Op("TensorListLength", {op->input(0)});
  return {b.Op("TensorListResize", {g[0], length}), Gradient()};
}

Gradients GatherGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output list = op->input(0);
  const Output shape = ElementShapeOf(b, list);
  const Output length = b.Op("TensorListLength", {list});
  const Output zeros = b.Op("TensorListReserve", {shape, length},
                            Elements(g[0].dtype()));
  return {b.Op("TensorListScatterIntoExistingList",
               {zeros, g[0], op->input(1)}),
          Gradient(), Gradient()};
}

// The rows of the list's gradient that the tensor was scattered to.
Output GatherLike(GraphBuilder& b, const Input& list, const Output& indices,
                  const Output& tensor) {
  return b.Op("TensorListGather", {list, indices, RowShapeOf(b, tensor)},
              Elements(tensor.dtype()));
}

Gradients ScatterGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  Gradients result(op->num_inputs());
  result[0] = GatherLike(b, g[0], op->input(1), op->input(0));
  return result;
}

Gradients ScatterIntoGradient(GraphBuilder& b, Operation* op,
                              const Gradients& g) {
  const Output tensor = op->input(1), indices = op->input(2);
  const Output rows = GatherLike(b, g[0], indices, tensor);
  const Output list = b.Op("TensorListScatterIntoExistingList",
                           {g[0], ZerosLikeOf(b, tensor), indices});
  return {list, rows, Gradient()};
}

}  // namespace

void RegisterTensorListGradients(GradientRegistry* registry) {
  registry->AddStandard("TensorListPushBack", PushBackGradient);
  registry->AddStandard("TensorListPopBack", PopBackGradient);
  registry->AddStandard("TensorListStack", StackGradient);
  registry->AddStandard("TensorListFromTensor", FromTensorGradient);
  registry->AddStandard("TensorListConcat", ConcatGradient);
  registry->AddStandard("TensorListConcatV2", ConcatGradient);
  registry->AddStandard("TensorListSplit", SplitGradient);
  registry->AddStandard("TensorListGetItem", GetItemGradient);
  registry->AddStandard("TensorListSetItem", SetItemGradient);
  registry->AddStandard("TensorListResize", ResizeGradient);
  registry->AddStandard("TensorListGather", GatherGradient);
  registry->AddStandard("TensorListScatter", ScatterGradient);
  registry->AddStandard("TensorListScatterV2", ScatterGradient);
  registry->AddStandard("TensorListScatterIntoExistingList",
                        ScatterIntoGradient);
  registry->AddNotDifferentiable(
      {"TensorListConcatLists", "TensorListElementShape", "TensorListLength",
       "TensorListPushBackBatch"});
}

}  // namespace retrograph
