// Lists of tensors, element by element: EmptyTensorList, TensorListReserve,
// TensorListPushBack, TensorListGetItem and their like. Those that make a list
// out of one tensor or the other way round: tensor_list_tensor_ops.cc.
#include "ops/tensor_list_ops.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "ops/data_movement.h"
#include "ops/shape_helpers.h"
#include "ops/tensor_list_kernel.h"

namespace retrograph {
namespace {

// An index or a count: TensorFlow reads the first number, whatever the shape.
absl::StatusOr<int32_t> NumberInput(const KernelContext& ctx, int i) {
  if (ctx.input(i).num_elements() == 1) {
    return ctx.input(i).flat<int32_t>()[0];
  }
  return absl::InvalidArgumentError(
      absl::StrCat(ctx.op().type(), " expects a scalar but got shape: ",
                   ctx.input(i).shape().DebugString()));
}

// ---- New lists ----

absl::Status NewListShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(const Shape shape, ShapeFromListInput(c, 0));
  return SetListData(c, 0, shape);
}

absl::Status EmptyList(KernelContext* ctx) {
  const Tensor& most = ctx->input(1);
  if (most.shape().rank() != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("max_num_elements expected to be a scalar but got shape: ",
                     most.shape().DebugString()));
  }
  RG_ASSIGN_OR_RETURN(TensorListPtr list, NewList(*ctx, 0));
  list->max_num_elements = most.scalar<int32_t>();
  return SetListOutput(ctx, 0, std::move(list));
}

absl::Status Reserve(KernelContext* ctx) {
  RG_ASSIGN_OR_RETURN(TensorListPtr list, NewList(*ctx, 0));
  RG_ASSIGN_OR_RETURN(const int32_t count, NumberInput(*ctx, 1));
  if (count < 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "TensorListReserve expects num_elements to be non-negative. Got: ",
        count));
  }
  RG_RETURN_IF_ERROR(ResizeList(count, list.get()));
  return SetListOutput(ctx, 0, std::move(list));
}

// ---- What a list is ----

absl::Status Length(KernelContext* ctx) {
  RG_ASSIGN_OR_RETURN(const auto list, ListInput(*ctx, 0));
  ctx->set_output(0,
                  Tensor::Scalar<int32_t>(static_cast<int32_t>(list->size())));
  return absl::OkStatus();
}

absl::Status ElementShapeShape(InferenceContext* c) {
  const HandleData* list = ListData(c, 0);
  const bool known = list != nullptr && !list->shape.unknown_rank();
  c->set_output(0, VectorOf(known ? list->shape.rank() : kUnknownDim));
  return absl::OkStatus();
}

absl::Status ElementShapeOf(KernelContext* ctx) {
  RG_ASSIGN_OR_RETURN(const auto list, ListInput(*ctx, 0));
  const DataType dtype = ctx->op().output_type(0);
  const PartialTensorShape& shape = list->element_shape;
  ctx->set_output(
      0, shape.unknown_rank()
             ? IntegerScalar(dtype, -1)
             : IntegerVector(dtype, std::vector<int64_t>(shape.dims().begin(),
                                                         shape.dims().end())));
  return absl::OkStatus();
}

absl::Status ResizeShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(1), 0).status());
  c->set_output(0, ScalarOf());
  PassHandleData(c, 0, 0);
  return absl::OkStatus();
}

absl::Status Resize(KernelContext* ctx) {
  RG_ASSIGN_OR_RETURN(const int32_t size, NumberInput(*ctx, 1));
  if (size < 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "TensorListSlice expects size to be non-negative. Got: ", size));
  }
  RG_ASSIGN_OR_RETURN(TensorListPtr list, TakeList(ctx, 0));
  RG_RETURN_IF_ERROR(ResizeList(size, list.get()));
  return SetListOutput(ctx, 0, std::move(list));
}

// ---- The end of a list ----

std::string PushDtypeText(DataType list, DataType op) {
  return absl::StrCat(
      "Trying to push to list with wrong element dtype. List has type ",
      DataTypeString(list), " but trying to push element with type ",
      DataTypeString(op));
}
std::string PopDtypeText(DataType list, DataType op) {
  return absl::StrCat(
      "Trying to read from list with wrong element dtype. List has type ",
      DataTypeString(list), " but trying to push element with type ",
      DataTypeString(op));
}

// The shape of the list's elements, unknown if nothing is known of the list.
absl::StatusOr<Shape> ListElementShape(InferenceContext* c,
                                       std::string (*text)(DataType,
                                                           DataType)) {
  const HandleData* list = ListData(c, 0);
  if (list == nullptr) return Shape();
  const DataType dtype = ElementDtype(c->op());
  if (list->dtype == dtype) return list->shape;
  return absl::InvalidArgumentError(text(list->dtype, dtype));
}

absl::Status PushBackShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(const Shape shape, ListElementShape(c, PushDtypeText));
  return SetListData(c, 0, shape);
}

absl::Status Push(const Tensor& tensor, absl::string_view where,
                  TensorList* list) {
  if (!list->element_shape.IsCompatibleWith(tensor.shape())) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Tried to append a tensor with incompatible shape to a list", where,
        ". Op element shape: ", tensor.shape().DebugString(),
        " list shape: ", list->element_shape.DebugString()));
  }
  if (list->max_num_elements >= 0 &&
      list->size() >= static_cast<size_t>(list->max_num_elements)) {
    return absl::InvalidArgumentError(
        absl::StrCat("Tried to push item into a full list", where,
                     " list size: ", list->size(),
                     " max_num_elements: ", list->max_num_elements));
  }
  list->Push(tensor);
  return absl::OkStatus();
}

absl::Status PushBack(KernelContext* ctx) {
  RG_ASSIGN_OR_RETURN(TensorListPtr list, TakeList(ctx, 0));
  RG_RETURN_IF_ERROR(CheckElementDtype(*ctx, *list));
  RG_RETURN_IF_ERROR(Push(ctx->input(1), "", list.get()));
  return SetListOutput(ctx, 0, std::move(list));
}

absl::Status PopBackShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(const Shape shape, ListElementShape(c, PopDtypeText));
  c->set_output(0, ScalarOf());
  PassHandleData(c, 0, 0);
  c->set_output(1, shape);
  return absl::OkStatus();
}

absl::Status PopBack(KernelContext* ctx) {
  RG_ASSIGN_OR_RETURN(TensorListPtr list, TakeList(ctx, 0));
  RG_RETURN_IF_ERROR(CheckElementDtype(*ctx, *list));
  if (list->size() == 0) {
    return absl::InvalidArgumentError("Trying to pop from an empty list.");
  }
  Tensor last = list->Pop();
  if (!last.IsInitialized()) {
    RG_ASSIGN_OR_RETURN(const PartialTensorShape shape,
                        ElementShape(*ctx, 1, *list));
    if (!shape.IsFullyDefined()) {
      return absl::InvalidArgumentError(
          absl::StrCat("Trying to read an uninitialized tensor but "
                       "element_shape is not fully defined.",
                       shape.DebugString()));
    }
    RG_ASSIGN_OR_RETURN(
        last, Tensor::AllocateZeros(list->element_dtype, shape.AsTensorShape()));
  }
  ctx->set_output(1, std::move(last));
  return SetListOutput(ctx, 0, std::move(list));
}

// ---- Any element ----

absl::Status GetItemShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape shape, ReadElementShape(c, 2, ExpectedDtypeText));
  c->set_output(0, std::move(shape));
  return absl::OkStatus();
}

// An element that has not been set: zeros of a shape that must be known from
// what is asked for, from the list, or from the other elements.
absl::StatusOr<Tensor> UnsetItem(const KernelContext& ctx,
                                 const TensorList& list) {
  RG_ASSIGN_OR_RETURN(PartialTensorShape shape, ElementShape(ctx, 2, list));
  if (!shape.IsFullyDefined()) {
    for (const Tensor& tensor : list.tensors()) {
      if (!tensor.IsInitialized()) continue;
      RG_ASSIGN_OR_RETURN(shape, shape.MergeWith(tensor.shape()));
    }
  }
  if (!shape.IsFullyDefined()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Trying to read an uninitialized tensor but element_shape is not fully "
        "defined: ",
        shape.DebugString(), " and no list element is set."));
  }
  return Tensor::AllocateZeros(list.element_dtype, shape.AsTensorShape());
}

absl::Status GetItem(KernelContext* ctx) {
  RG_ASSIGN_OR_RETURN(const auto list, ListInput(*ctx, 0));
  RG_RETURN_IF_ERROR(CheckElementDtype(*ctx, *list));
  RG_ASSIGN_OR_RETURN(const int32_t i, NumberInput(*ctx, 1));
  if (i < 0 || static_cast<size_t>(i) >= list->size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("Trying to access element ", i, " in a list with ",
                     list->size(), " elements."));
  }
  Tensor item = list->tensors()[i];
  if (!item.IsInitialized()) {
    RG_ASSIGN_OR_RETURN(item, UnsetItem(*ctx, *list));
  }
  ctx->set_output(0, std::move(item));
  return absl::OkStatus();
}

// A dtype that is not the list's shows when it runs.
absl::Status SetItemShape(InferenceContext* c) {
  const HandleData* list = ListData(c, 0);
  if (list == nullptr) return SetListData(c, 0, Shape());
  RG_RETURN_IF_ERROR(c->Merge(c->input(2), list->shape).status());
  c->set_output(0, ScalarOf());
  PassHandleData(c, 0, 0);
  return absl::OkStatus();
}

absl::Status SetItem(KernelContext* ctx) {
  RG_ASSIGN_OR_RETURN(TensorListPtr list, TakeList(ctx, 0));
  RG_RETURN_IF_ERROR(CheckElementDtype(*ctx, *list));
  RG_ASSIGN_OR_RETURN(const int32_t i, NumberInput(*ctx, 1));
  if (i < 0 || static_cast<size_t>(i) >= list->size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("Trying to modify element ", i, " in a list with ",
                     list->size(), " elements."));
  }
  const Tensor& item = ctx->input(2);
  if (!list->element_shape.IsCompatibleWith(item.shape())) {
    return absl::InvalidArgumentError(
        absl::StrCat("Tried to set a tensor with incompatible shape at a list "
                     "index. Item element shape: ",
                     item.shape().DebugString(),
                     " list shape: ", list->element_shape.DebugString()));
  }
  list->Set(static_cast<size_t>(i), item);
  return SetListOutput(ctx, 0, std::move(list));
}

// ---- Several lists at once ----

absl::Status PushBackBatchShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape lists, c->WithRank(c->input(0), 1));
  RG_ASSIGN_OR_RETURN(const Shape tensor, c->WithRankAtLeast(c->input(1), 1));
  if (!tensor.unknown_rank()) {
    RG_ASSIGN_OR_RETURN(const int64_t size,
                        c->MergeDim(tensor.dim(0), lists.dim(0)));
    lists.set_dim(0, size);
  }
  RG_ASSIGN_OR_RETURN(const Shape shape, ListElementShape(c, PushDtypeText));
  RG_RETURN_IF_ERROR(SetListData(c, 0, shape));
  c->set_output(0, std::move(lists));
  return absl::OkStatus();
}

absl::Status PushBackBatch(KernelContext* ctx) {
  const Tensor& tensor = ctx->input(1);
  const Tensor& lists = ctx->input(0);
  if (tensor.shape().rank() < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("Expected tensor to be at least a vector, but saw shape: ",
                     tensor.shape().DebugString()));
  }
  if (lists.shape().rank() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("Expected input_handles to be a vector, but saw shape: ",
                     lists.shape().DebugString()));
  }
  if (tensor.shape().dim(0) != lists.num_elements()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Expected tensor.shape[0] == input_handles.size, but saw ",
        tensor.shape().dim(0), " vs. ", lists.num_elements()));
  }
  const DataType dtype = ElementDtype(ctx->op());
  Tensor out(DT_VARIANT, lists.shape());
  for (int64_t i = 0; i < lists.num_elements(); ++i) {
    const Variant& variant = lists.flat<Variant>()[i];
    const auto* old = dynamic_cast<const TensorList*>(variant.get());
    if (old == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("Input handle at index ", i, " is not a list. Saw: '",
                       VariantText(variant), "'"));
    }
    if (old->element_dtype != dtype) {
      return absl::InvalidArgumentError(absl::StrCat(
          "Invalid data type at index ", i, "; op elements ",
          DataTypeString(dtype), " but list elements ",
          DataTypeString(old->element_dtype)));
    }
    auto list = std::make_shared<TensorList>(*old);
    RG_RETURN_IF_ERROR(
        Push(RowOf(tensor, i), absl::StrCat(" at index ", i), list.get()));
    RG_RETURN_IF_ERROR(CheckDepth(*list));
    out.mutable_flat<Variant>()[i] = std::move(list);
  }
  ctx->set_output(0, std::move(out));
  return absl::OkStatus();
}

absl::Status ConcatListsShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape lists, c->Merge(c->input(0), c->input(1)));
  const DataType dtype = ElementDtype(c->op());
  Shape shape;
  for (int i = 0; i < 2; ++i) {
    const HandleData* list = ListData(c, i);
    if (list == nullptr) continue;
    if (list->dtype != dtype) {
      return absl::InvalidArgumentError(absl::StrCat(
          i == 0 ? "input_a" : "input_b", ".type != element_dtype: ",
          DataTypeString(list->dtype), " vs. ", DataTypeString(dtype)));
    }
    RG_ASSIGN_OR_RETURN(shape, c->Merge(shape, list->shape));
  }
  RG_RETURN_IF_ERROR(SetListData(c, 0, shape));
  c->set_output(0, std::move(lists));
  return absl::OkStatus();
}

absl::StatusOr<const TensorList*> ListToJoin(const KernelContext& ctx,
                                             int input, int64_t i) {
  const char* name = input == 0 ? "input_a" : "input_b";
  const Variant& variant = ctx.input(input).flat<Variant>()[i];
  const auto* list = dynamic_cast<const TensorList*>(variant.get());
  if (list == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " is not a TensorList at index ", i, ".  Saw: '",
                     VariantText(variant), "'"));
  }
  if (list->element_dtype != ElementDtype(ctx.op())) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, "[", i, "].dtype != element_dtype.  Saw: ",
                     DataTypeString(list->element_dtype), " vs. ",
                     DataTypeString(ElementDtype(ctx.op()))));
  }
  return list;
}

absl::Status ConcatLists(KernelContext* ctx) {
  const TensorShape& shape = ctx->input(0).shape();
  if (shape != ctx->input(1).shape()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "input_a.shape != input_b.shape.  Saw: ", shape.DebugString(), " vs. ",
        ctx->input(1).shape().DebugString()));
  }
  Tensor out(DT_VARIANT, shape);
  for (int64_t i = 0; i < shape.num_elements(); ++i) {
    RG_ASSIGN_OR_RETURN(const TensorList* a, ListToJoin(*ctx, 0, i));
    RG_ASSIGN_OR_RETURN(const TensorList* b, ListToJoin(*ctx, 1, i));
    if (!(a->element_shape == b->element_shape)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "input_a and input_b TensorList element shapes are not identical at "
          "index ",
          i, ".  Saw ", a->element_shape.DebugString(), " vs. ",
          b->element_shape.DebugString()));
    }
    auto both = std::make_shared<TensorList>(*a);
    for (const Tensor& tensor : b->tensors()) both->Push(tensor);
    out.mutable_flat<Variant>()[i] = std::move(both);
  }
  ctx->set_output(0, std::move(out));
  return absl::OkStatus();
}

void RegisterNewLists(OpRegistry* registry) {
  registry->Op("EmptyTensorList")
      .Input("element_shape: shape_type")
      .Input("max_num_elements: int32")
      .Output("handle: variant")
      .Attr("element_dtype: type")
      .Attr(kListShapeType)
      .Shape(NewListShape)
      .Kernel({}, StatelessKernel(RunListKernel<EmptyList>));
  registry->Op("TensorListReserve")
      .Input("element_shape: shape_type")
      .Input("num_elements: int32")
      .Output("handle: variant")
      .Attr("element_dtype: type")
      .Attr(kListShapeType)
      .Shape(NewListShape)
      .Kernel({}, StatelessKernel(RunListKernel<Reserve>));
  registry->Op("TensorListLength")
      .Input("input_handle: variant")
      .Output("length: int32")
      .Shape(ScalarShape)
      .Kernel({}, StatelessKernel(RunListKernel<Length>));
  registry->Op("TensorListElementShape")
      .Input("input_handle: variant")
      .Output("element_shape: shape_type")
      .Attr(kListShapeType)
      .Shape(ElementShapeShape)
      .Kernel({}, StatelessKernel(RunListKernel<ElementShapeOf>));
  registry->Op("TensorListResize")
      .Input("input_handle: variant")
      .Input("size: int32")
      .Output("output_handle: variant")
      .Stateful()
      .Shape(ResizeShape)
      .Kernel({}, StatelessKernel(RunListKernel<Resize>));
}

void RegisterElements(OpRegistry* registry) {
  registry->Op("TensorListPushBack")
      .Input("input_handle: variant")
      .Input("tensor: element_dtype")
      .Output("output_handle: variant")
      .Attr("element_dtype: type")
      .Shape(PushBackShape)
      .Kernel({}, StatelessKernel(RunListKernel<PushBack>));
  registry->Op("TensorListPopBack")
      .Input("input_handle: variant")
      .Input("element_shape: int32")
      .Output("output_handle: variant")
      .Output("tensor: element_dtype")
      .Attr("element_dtype: type")
      .Shape(PopBackShape)
      .Kernel({{"element_dtype", ListElementTypes()}},
              StatelessKernel(RunListKernel<PopBack>));
  registry->Op("TensorListGetItem")
      .Input("input_handle: variant")
      .Input("index: int32")
      .Input("element_shape: int32")
      .Output("item: element_dtype")
      .Attr("element_dtype: type")
      .Shape(GetItemShape)
      .Kernel({{"element_dtype", ListElementTypes()}},
              StatelessKernel(RunListKernel<GetItem>));
  registry->Op("TensorListSetItem")
      .Input("input_handle: variant")
      .Input("index: int32")
      .Input("item: element_dtype")
      .Output("output_handle: variant")
      .Attr("element_dtype: type")
      .Shape(SetItemShape)
      .Kernel({}, StatelessKernel(RunListKernel<SetItem>));
  registry->Op("TensorListPushBackBatch")
      .Input("input_handles: variant")
      .Input("tensor: element_dtype")
      .Output("output_handles: variant")
      .Attr("element_dtype: type")
      .Shape(PushBackBatchShape)
      .Kernel({{"element_dtype", ListElementTypes()}},
              StatelessKernel(RunListKernel<PushBackBatch>));
  registry->Op("TensorListConcatLists")
      .Input("input_a: variant")
      .Input("input_b: variant")
      .Output("output: variant")
      .Attr("element_dtype: type")
      .Shape(ConcatListsShape)
      .Kernel({}, StatelessKernel(RunListKernel<ConcatLists>));
}

}  // namespace

void RegisterTensorListOps(OpRegistry* registry) {
  RegisterNewLists(registry);
  RegisterElements(registry);
  RegisterTensorListTensorOps(registry);
}

}  // namespace retrograph
