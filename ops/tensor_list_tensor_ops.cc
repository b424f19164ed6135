// Lists of tensors out of one tensor and the other way round: rows
// (TensorListFromTensor, TensorListStack, TensorListGather, TensorListScatter)
// and pieces of any length along the first axis (TensorListSplit,
// TensorListConcat).
#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "ops/data_movement.h"
#include "ops/shape_helpers.h"
#include "ops/tensor_list_kernel.h"

namespace retrograph {
namespace {

absl::Status RequireVector(const Tensor& tensor) {
  if (tensor.shape().rank() >= 1) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("Tensor must be at least a vector, but saw shape: ",
                   tensor.shape().DebugString()));
}

// The shape without its first dimension, which it has.
PartialTensorShape InnerShape(const PartialTensorShape& shape) {
  if (shape.unknown_rank()) return shape;
  return PartialTensorShape(shape.dims().subspan(1));
}

absl::Status RequireRowShape(const PartialTensorShape& element_shape,
                             const Tensor& tensor) {
  const PartialTensorShape row = InnerShape(tensor.shape());
  if (element_shape.IsCompatibleWith(row)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "Specified a list with shape ", element_shape.DebugString(),
      " from a tensor with shape ", row.DebugString()));
}

// A tensor for `count` of `row`, zeros where nothing will be written.
absl::StatusOr<Tensor> AllocateRows(DataType dtype, int64_t count,
                                    const TensorShape& row) {
  std::vector<int64_t> dims = {count};
  dims.insert(dims.end(), row.dims().begin(), row.dims().end());
  RG_ASSIGN_OR_RETURN(const TensorShape shape, TensorShape::Create(dims));
  return Tensor::AllocateZeros(dtype, shape);
}

// Rows beneath each other, all of `row`'s shape; zeros for what is not set.
absl::Status SetRows(const std::vector<Tensor>& rows, DataType dtype,
                     const TensorShape& row, KernelContext* ctx) {
  RG_ASSIGN_OR_RETURN(
      Tensor out,
      AllocateRows(dtype, static_cast<int64_t>(rows.size()), row));
  int64_t at = 0;
  for (const Tensor& tensor : rows) {
    if (tensor.IsInitialized()) {
      CopyElements(tensor, 0, row.num_elements(), &out, at);
    }
    at += row.num_elements();
  }
  ctx->set_output(0, std::move(out));
  return absl::OkStatus();
}

// `shape` and the shapes of the elements that are set: what all have.
absl::StatusOr<PartialTensorShape> MergedShape(
    PartialTensorShape shape, const std::vector<Tensor>& elements) {
  for (const Tensor& tensor : elements) {
    if (!tensor.IsInitialized()) continue;
    RG_ASSIGN_OR_RETURN(shape, shape.MergeWith(tensor.shape()));
  }
  return shape;
}

absl::Status NotDefined(absl::string_view what,
                        const PartialTensorShape& shape) {
  return absl::InvalidArgumentError(
      absl::StrCat(what, shape.DebugString()));
}

// ---- Rows out of a tensor ----

absl::Status FromTensorShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(const Shape shape, ShapeFromListInput(c, 1));
  RG_ASSIGN_OR_RETURN(const Shape row, c->Subshape(c->input(0), 1));
  RG_RETURN_IF_ERROR(c->Merge(row, shape).status());
  return SetListData(c, 0, shape);
}

absl::Status FromTensor(KernelContext* ctx) {
  const Tensor& tensor = ctx->input(0);
  RG_RETURN_IF_ERROR(RequireVector(tensor));
  RG_ASSIGN_OR_RETURN(TensorListPtr list, NewList(*ctx, 1));
  RG_RETURN_IF_ERROR(RequireRowShape(list->element_shape, tensor));
  for (int64_t i = 0; i < tensor.shape().dim(0); ++i) {
    list->Push(RowOf(tensor, i));
  }
  return SetListOutput(ctx, 0, std::move(list));
}

absl::Status ScatterShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(const Shape shape, ShapeFromListInput(c, 2));
  return SetListData(c, 0, shape);
}

// Puts the rows of `tensor` at `indices` of the list, which has as many
// elements as that takes.
absl::Status ScatterRows(const Tensor& tensor, const Tensor& indices,
                         TensorList* list) {
  RG_RETURN_IF_ERROR(RequireVector(tensor));
  RG_RETURN_IF_ERROR(RequireRowShape(list->element_shape, tensor));
  if (tensor.shape().dim(0) != indices.num_elements()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Invalid number of rows in input tensor. Expected: ",
        indices.num_elements(), " Actual: ", tensor.shape().dim(0)));
  }
  int64_t row = 0;
  for (const int32_t i : indices.flat<int32_t>()) {
    if (i < 0) {
      return absl::InvalidArgumentError(
          "Indices in TensorListScatter must all be non-negative.");
    }
    if (static_cast<size_t>(i) >= list->size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("TensorListScatter: Trying to scatter at index ", i,
                       " in list with size ", list->size()));
    }
    list->Set(static_cast<size_t>(i), RowOf(tensor, row++));
  }
  return absl::OkStatus();
}

// How many elements a list has at least that has all of `indices`.
int64_t SizeFor(const Tensor& indices) {
  int64_t size = 0;
  for (const int32_t i : indices.flat<int32_t>()) {
    size = std::max(size, int64_t{i} + 1);
  }
  return size;
}

absl::Status Scatter(KernelContext* ctx) {
  RG_ASSIGN_OR_RETURN(TensorListPtr list, NewList(*ctx, 2));
  const Tensor& indices = ctx->input(1);
  int32_t size = -1;
  if (ctx->num_inputs() > 3) {
    const Tensor& count = ctx->input(3);
    if (count.num_elements() != 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("num_elements must be a scalar, but saw shape: ",
                       count.shape().DebugString()));
    }
    size = count.flat<int32_t>()[0];
    if (size < -1) {
      return absl::InvalidArgumentError(absl::StrCat(
          "TensorListScatter expects num_elements >= -1, found: ", size));
    }
  }
  RG_RETURN_IF_ERROR(
      ResizeList(size < 0 ? SizeFor(indices) : size, list.get()));
  RG_RETURN_IF_ERROR(ScatterRows(ctx->input(0), indices, list.get()));
  return SetListOutput(ctx, 0, std::move(list));
}

absl::Status ScatterIntoShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(2), 1).status());
  RG_RETURN_IF_ERROR(c->WithRankAtLeast(c->input(1), 1).status());
  Shape shape;
  if (const HandleData* list = ListData(c, 0)) {
    const DataType dtype = ElementDtype(c->op());
    if (list->dtype != dtype) {
      return absl::InvalidArgumentError(ExpectedDtypeText(list->dtype, dtype));
    }
    shape = list->shape;
  }
  return SetListData(c, 0, shape);
}

absl::Status ScatterInto(KernelContext* ctx) {
  RG_ASSIGN_OR_RETURN(TensorListPtr list, TakeList(ctx, 0));
  const Tensor& tensor = ctx->input(1);
  const Tensor& indices = ctx->input(2);
  if (tensor.dtype() != list->element_dtype) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Invalid data types; input tensor type: ",
        DataTypeString(tensor.dtype()),
        " list element_type: ", DataTypeString(list->element_dtype)));
  }
  RG_RETURN_IF_ERROR(RequireVector(tensor));
  if (indices.num_elements() != tensor.shape().dim(0)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Expected len(indices) == tensor.shape[0], but saw: ",
        indices.num_elements(), " vs. ", tensor.shape().dim(0)));
  }
  RG_RETURN_IF_ERROR(
      ResizeList(std::max(static_cast<int64_t>(list->size()), SizeFor(indices)),
                 list.get()));
  RG_RETURN_IF_ERROR(ScatterRows(tensor, indices, list.get()));
  return SetListOutput(ctx, 0, std::move(list));
}

// ---- A tensor out of rows ----

absl::Status StackShape(InferenceContext* c) {
  int64_t count;
  RG_RETURN_IF_ERROR(c->GetAttr("num_elements", &count));
  RG_ASSIGN_OR_RETURN(const Shape row, ReadElementShape(c, 1, ReadDtypeText));
  RG_ASSIGN_OR_RETURN(Shape out,
                      c->Concatenate(VectorOf(std::max(count, kUnknownDim)),
                                     row));
  c->set_output(0, std::move(out));
  return absl::OkStatus();
}

absl::Status Stack(KernelContext* ctx) {
  RG_ASSIGN_OR_RETURN(const auto list, ListInput(*ctx, 0));
  RG_RETURN_IF_ERROR(CheckElementDtype(*ctx, *list));
  int64_t count;
  RG_RETURN_IF_ERROR(ctx->op().GetAttr("num_elements", &count));
  if (count != -1 && list->size() != static_cast<size_t>(count)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Operation expected a list with ", count,
        " elements but got a list with ", list->size(), " elements."));
  }
  RG_ASSIGN_OR_RETURN(PartialTensorShape shape, ElementShape(*ctx, 1, *list));
  if (list->size() == 0 && !shape.IsFullyDefined()) {
    return NotDefined(
        "Tried to stack elements of an empty list with non-fully-defined "
        "element_shape: ",
        shape);
  }
  RG_ASSIGN_OR_RETURN(shape, MergedShape(std::move(shape), list->tensors()));
  if (!shape.IsFullyDefined()) {
    return NotDefined(
        "Tried to stack list which only contains uninitialized tensors and has "
        "a non-fully-defined element_shape: ",
        shape);
  }
  return SetRows(list->tensors(), list->element_dtype, shape.AsTensorShape(),
                 ctx);
}

absl::Status GatherShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(const Shape row,
                      ReadElementShape(c, 2, ExpectedDtypeText));
  RG_ASSIGN_OR_RETURN(Shape out, c->Concatenate(c->input(1), row));
  c->set_output(0, std::move(out));
  return absl::OkStatus();
}

absl::Status Gather(KernelContext* ctx) {
  RG_ASSIGN_OR_RETURN(const auto list, ListInput(*ctx, 0));
  RG_RETURN_IF_ERROR(CheckElementDtype(*ctx, *list));
  std::vector<Tensor> rows;
  for (const int32_t i : ctx->input(1).flat<int32_t>()) {
    if (i < 0 || static_cast<size_t>(i) >= list->size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("Index ", i, " out o range; list only has ",
                       list->size(), " elements."));
    }
    rows.push_back(list->tensors()[i]);
  }
  RG_ASSIGN_OR_RETURN(PartialTensorShape shape, ElementShape(*ctx, 2, *list));
  if (rows.empty() && !shape.IsFullyDefined()) {
    return NotDefined(
        "Tried to gather 0-elements from a list with non-fully-defined shape: ",
        shape);
  }
  RG_ASSIGN_OR_RETURN(shape, MergedShape(std::move(shape), rows));
  if (!shape.IsFullyDefined()) {
    return NotDefined(
        "Tried to gather uninitialized tensors from a list with "
        "non-fully-defined element_shape: ",
        shape);
  }
  return SetRows(rows, list->element_dtype, shape.AsTensorShape(), ctx);
}

// ---- Pieces of any length ----

absl::Status SplitShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(const Shape tensor, c->WithRankAtLeast(c->input(0), 1));
  RG_RETURN_IF_ERROR(c->WithRank(c->input(2), 1).status());
  RG_ASSIGN_OR_RETURN(const Shape shape, ShapeFromListInput(c, 1));
  RG_ASSIGN_OR_RETURN(const Shape inner, c->Subshape(tensor, 1));
  RG_ASSIGN_OR_RETURN(const Shape piece,
                      c->Concatenate(VectorOf(kUnknownDim), inner));
  RG_RETURN_IF_ERROR(c->Merge(piece, shape).status());
  return SetListData(c, 0, shape);
}

absl::Status Split(KernelContext* ctx) {
  const Tensor& tensor = ctx->input(0);
  const Tensor& lengths = ctx->input(2);
  RG_ASSIGN_OR_RETURN(TensorListPtr list, NewList(*ctx, 1));
  const PartialTensorShape& shape = list->element_shape;
  if (shape.rank() == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("TensorListSplit requires element_shape to be at least of "
                     "rank 1, but saw: ",
                     shape.DebugString()));
  }
  RG_RETURN_IF_ERROR(RequireVector(tensor));
  if (lengths.shape().rank() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("Expected lengths to be a vector, received shape: ",
                     lengths.shape().DebugString()));
  }
  if (!InnerShape(shape).IsCompatibleWith(InnerShape(tensor.shape()))) {
    return absl::InvalidArgumentError(
        absl::StrCat("tensor shape ", tensor.shape().DebugString(),
                     " is not compatible with element_shape ",
                     shape.DebugString()));
  }
  const int64_t total = tensor.shape().dim(0);
  int64_t begin = 0;
  for (const int64_t length : lengths.flat<int64_t>()) {
    if (length < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("Invalid value in lengths: ", length));
    }
    if (length > total - begin) {
      return absl::InvalidArgumentError(
          absl::StrCat("Attempting to slice [", begin, ", ",
                       AddDims(begin, length), "] from tensor with length ",
                       total));
    }
    list->Push(tensor.Slice0(begin, begin + length));
    begin += length;
  }
  if (begin != total) {
    return absl::InvalidArgumentError(
        absl::StrCat("Unused values in tensor. Length of tensor: ", total,
                     " Values used: ", begin));
  }
  return SetListOutput(ctx, 0, std::move(list));
}

absl::Status ConcatShape(InferenceContext* c) {
  Shape shape;
  if (c->num_inputs() > 1) {
    RG_ASSIGN_OR_RETURN(shape, ShapeFromListInput(c, 1));
  } else {
    RG_RETURN_IF_ERROR(c->GetAttr("element_shape", &shape));
  }
  if (const HandleData* list = ListData(c, 0)) {
    const DataType dtype = ElementDtype(c->op());
    if (list->dtype != dtype) {
      return absl::InvalidArgumentError(ReadDtypeText(list->dtype, dtype));
    }
    RG_ASSIGN_OR_RETURN(shape, c->Merge(shape, list->shape));
  }
  RG_ASSIGN_OR_RETURN(const Shape inner, c->Subshape(shape, 1));
  RG_ASSIGN_OR_RETURN(Shape out,
                      c->Concatenate(VectorOf(kUnknownDim), inner));
  c->set_output(0, std::move(out));
  c->set_output(1, VectorOf(kUnknownDim));
  return absl::OkStatus();
}

// How long the pieces of a concatenation are where that is not known from the
// pieces themselves, and what else their shapes have in common.
struct PieceShape {
  int64_t first = -1;  // -1: not known
  PartialTensorShape inner;
};

// What the op itself says: an attr in TensorListConcat, which knows nothing of
// the list then; an input in TensorListConcatV2.
absl::StatusOr<PieceShape> ToldShape(const KernelContext& ctx,
                                     const TensorList& list) {
  PartialTensorShape told;
  PieceShape piece;
  if (ctx.num_inputs() == 1) {
    RG_RETURN_IF_ERROR(ctx.op().GetAttr("element_shape", &told));
  } else {
    RG_ASSIGN_OR_RETURN(told, ElementShape(ctx, 1, list));
  }
  if (told.rank() == 0) {
    return absl::InvalidArgumentError(
        "Concat requires elements to be at least vectors, found scalars "
        "instead.");
  }
  if (told.unknown_rank()) return piece;
  if (ctx.num_inputs() > 1) piece.first = told.dim(0);
  piece.inner = InnerShape(told);
  return piece;
}

// Adds what the elements say: a first dimension counts if all have it.
absl::Status LearnFromElements(const TensorList& list, PieceShape* piece) {
  const int64_t told = piece->first;
  bool same = true;
  for (size_t i = 0; i < list.size(); ++i) {
    const Tensor& tensor = list.tensors()[i];
    if (!tensor.IsInitialized()) continue;
    if (tensor.shape().rank() == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("Concat saw a scalar shape at index ", i,
                       " but requires at least vectors."));
    }
    RG_ASSIGN_OR_RETURN(piece->inner,
                        piece->inner.MergeWith(InnerShape(tensor.shape())));
    const int64_t first = tensor.shape().dim(0);
    if (told != -1 && first != told) {
      return absl::InvalidArgumentError(absl::StrCat(
          "First entry of element_shape input does not match the first dim of "
          "list element at index: ",
          i, " Expected: ", told, " Actual: ", first));
    }
    same = same && (piece->first == -1 || piece->first == first);
    if (same) piece->first = first;
  }
  if (!same) piece->first = -1;
  return absl::OkStatus();
}

absl::StatusOr<int64_t> LengthOf(const KernelContext& ctx,
                                 const TensorList& list, size_t i,
                                 const PieceShape& piece) {
  const Tensor& tensor = list.tensors()[i];
  if (tensor.IsInitialized()) return tensor.shape().dim(0);
  const bool has_lengths = ctx.num_inputs() > 2;
  const size_t given =
      has_lengths ? static_cast<size_t>(ctx.input(2).num_elements()) : 0;
  if (i < given) {
    const int64_t length = ctx.input(2).flat<int64_t>()[i];
    if (length >= 0) return length;
    return absl::InvalidArgumentError(
        absl::StrCat("Invalid value in leading_dims: ", length));
  }
  if (piece.first != -1) return piece.first;
  if (!has_lengths) {
    return absl::InvalidArgumentError(
        "Concating lists with uninitialized tensors is not supported in this "
        "version of TensorListConcat. Consider updating your GraphDef to run "
        "the newer version.");
  }
  return absl::InvalidArgumentError(
      absl::StrCat("List contains uninitialized tensor at index ", i,
                   " but leading_dims has only ", given, " elements."));
}

absl::Status Concat(KernelContext* ctx) {
  RG_ASSIGN_OR_RETURN(const auto list, ListInput(*ctx, 0));
  RG_RETURN_IF_ERROR(CheckElementDtype(*ctx, *list));
  RG_ASSIGN_OR_RETURN(PieceShape piece, ToldShape(*ctx, *list));
  if (list->size() == 0 && !piece.inner.IsFullyDefined()) {
    return NotDefined(
        "All except the first dimension must be fully defined when concating "
        "an empty tensor list. element_shape: ",
        piece.inner);
  }
  // TensorFlow does not look at the elements of a list whose shape is known.
  const bool known = list->element_shape.IsFullyDefined();
  if (!known) RG_RETURN_IF_ERROR(LearnFromElements(*list, &piece));
  if (!piece.inner.IsFullyDefined()) {
    return NotDefined(
        "Trying to concat list with only uninitialized tensors but "
        "element_shape_except_first_dim_ is not fully defined: ",
        piece.inner);
  }
  if (known) {
    RG_RETURN_IF_ERROR(
        piece.inner.MergeWith(InnerShape(list->element_shape)).status());
  }
  std::vector<int64_t> lengths(list->size());
  int64_t total = 0;
  for (size_t i = 0; i < list->size(); ++i) {
    RG_ASSIGN_OR_RETURN(lengths[i], LengthOf(*ctx, *list, i, piece));
    total = AddDims(total, lengths[i]);
  }
  const TensorShape inner = piece.inner.AsTensorShape();
  RG_ASSIGN_OR_RETURN(Tensor out,
                      AllocateRows(list->element_dtype, total, inner));
  int64_t at = 0;
  for (size_t i = 0; i < list->size(); ++i) {
    const int64_t count = lengths[i] * inner.num_elements();
    const Tensor& tensor = list->tensors()[i];
    if (tensor.IsInitialized()) CopyElements(tensor, 0, count, &out, at);
    at += count;
  }
  ctx->set_output(0, std::move(out));
  ctx->set_output(1, IntegerVector(DT_INT64, lengths));
  return absl::OkStatus();
}

template <absl::Status (*compute)(KernelContext*)>
void AddListKernel(OpBuilder* op) {
  op->Kernel({{"element_dtype", ListElementTypes()}},
             StatelessKernel(RunListKernel<compute>));
}

void RegisterRows(OpRegistry* registry) {
  OpBuilder from = registry->Op("TensorListFromTensor");
  from.Input("tensor: element_dtype").Input("element_shape: shape_type");
  from.Output("output_handle: variant").Attr("element_dtype: type");
  from.Attr(kListShapeType).Shape(FromTensorShape);
  AddListKernel<FromTensor>(&from);

  OpBuilder scatter = registry->Op("TensorListScatter");
  scatter.Input("tensor: element_dtype").Input("indices: int32");
  scatter.Input("element_shape: shape_type").Output("output_handle: variant");
  scatter.Attr("element_dtype: type").Attr(kListShapeType).Shape(ScatterShape);
  AddListKernel<Scatter>(&scatter);

  OpBuilder scatter2 = registry->Op("TensorListScatterV2");
  scatter2.Input("tensor: element_dtype").Input("indices: int32");
  scatter2.Input("element_shape: shape_type").Input("num_elements: int32");
  scatter2.Output("output_handle: variant").Attr("element_dtype: type");
  scatter2.Attr(kListShapeType).Shape(ScatterShape);
  AddListKernel<Scatter>(&scatter2);

  OpBuilder into = registry->Op("TensorListScatterIntoExistingList");
  into.Input("input_handle: variant").Input("tensor: element_dtype");
  into.Input("indices: int32").Output("output_handle: variant");
  into.Attr("element_dtype: type").Shape(ScatterIntoShape);
  AddListKernel<ScatterInto>(&into);

  OpBuilder stack = registry->Op("TensorListStack");
  stack.Input("input_handle: variant").Input("element_shape: int32");
  stack.Output("tensor: element_dtype").Attr("element_dtype: type");
  stack.Attr("num_elements: int = -1").Shape(StackShape);
  AddListKernel<Stack>(&stack);

  OpBuilder gather = registry->Op("TensorListGather");
  gather.Input("input_handle: variant").Input("indices: int32");
  gather.Input("element_shape: int32").Output("values: element_dtype");
  gather.Attr("element_dtype: type").Shape(GatherShape);
  AddListKernel<Gather>(&gather);
}

void RegisterPieces(OpRegistry* registry) {
  OpBuilder split = registry->Op("TensorListSplit");
  split.Input("tensor: element_dtype").Input("element_shape: shape_type");
  split.Input("lengths: int64").Output("output_handle: variant");
  split.Attr("element_dtype: type").Attr(kListShapeType).Shape(SplitShape);
  AddListKernel<Split>(&split);

  OpBuilder concat = registry->Op("TensorListConcat");
  concat.Input("input_handle: variant").Output("tensor: element_dtype");
  concat.Output("lengths: int64").Attr("element_dtype: type");
  concat.Attr("element_shape: shape = { unknown_rank: true }");
  concat.Shape(ConcatShape);
  AddListKernel<Concat>(&concat);

  OpBuilder concat2 = registry->Op("TensorListConcatV2");
  concat2.Input("input_handle: variant").Input("element_shape: shape_type");
  concat2.Input("leading_dims: int64").Output("tensor: element_dtype");
  concat2.Output("lengths: int64").Attr("element_dtype: type");
  concat2.Attr(kListShapeType).Shape(ConcatShape);
  AddListKernel<Concat>(&concat2);
}

}  // namespace

void RegisterTensorListTensorOps(OpRegistry* registry) {
  RegisterRows(registry);
  RegisterPieces(registry);
}

}  // namespace retrograph
