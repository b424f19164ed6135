#include "ops/tensor_list_kernel.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ops/data_movement.h"
#include "ops/number.h"
#include "ops/type_lists.h"

namespace retrograph {
namespace {

template <typename T>
Tensor SumOf(const Tensor& a, const Tensor& b) {
  Tensor sum(a.dtype(), a.shape());
  T* to = sum.mutable_flat<T>().data();
  const absl::Span<const T> x = a.flat<T>(), y = b.flat<T>();
  for (size_t i = 0; i < x.size(); ++i) to[i] = WrapAdd(x[i], y[i]);
  return sum;
}

absl::StatusOr<Tensor> AddTensors(const Tensor& a, const Tensor& b) {
  if (a.shape() != b.shape()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Trying to add two tensors with incompatible element shapes. One is ",
        a.shape().DebugString(), " and the other is ",
        b.shape().DebugString()));
  }
  switch (a.dtype()) {
#define RG_ADD_(T)           \
  case DataTypeOf<T>::value: \
    return SumOf<T>(a, b);
    RG_NUMBER_TYPES(RG_ADD_)
#undef RG_ADD_
    case DT_VARIANT: {
      Tensor sum(DT_VARIANT, a.shape());
      for (int64_t i = 0; i < a.num_elements(); ++i) {
        RG_ASSIGN_OR_RETURN(
            sum.mutable_flat<Variant>()[i],
            AddVariants(a.flat<Variant>()[i], b.flat<Variant>()[i]));
      }
      return sum;
    }
    default:
      return absl::InvalidArgumentError(absl::StrCat(
          "Trying to add unsupported dtype ", static_cast<int>(a.dtype())));
  }
}

absl::StatusOr<Variant> AddLists(const TensorList& a, const TensorList& b) {
  if (a.element_dtype != b.element_dtype) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Trying to add two lists of tensors of different dtypes. One is ",
        DataTypeString(a.element_dtype), " and the other is ",
        DataTypeString(b.element_dtype)));
  }
  if (!a.element_shape.IsCompatibleWith(b.element_shape)) {
    return absl::InvalidArgumentError(
        absl::StrCat("Trying to add two lists of tensors with incompatible "
                     "element shapes. One is ",
                     a.element_shape.DebugString(), " and the other is ",
                     b.element_shape.DebugString()));
  }
  if (a.size() != b.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Trying to add two lists of tensors with different lengths. One is ",
        a.size(), " and the other is ", b.size()));
  }
  RG_ASSIGN_OR_RETURN(const PartialTensorShape shape,
                      a.element_shape.MergeWith(b.element_shape));
  auto sum = std::make_shared<TensorList>(a.element_dtype, shape);
  for (size_t i = 0; i < a.size(); ++i) {
    const Tensor& x = a.tensors()[i];
    const Tensor& y = b.tensors()[i];
    if (x.IsInitialized() && y.IsInitialized()) {
      RG_ASSIGN_OR_RETURN(Tensor both, AddTensors(x, y));
      sum->Push(std::move(both));
    } else {
      sum->Push(x.IsInitialized() ? x : y);
    }
  }
  return Variant(std::move(sum));
}

absl::StatusOr<Variant> ZerosLikeList(const TensorList& list) {
  auto zeros =
      std::make_shared<TensorList>(list.element_dtype, list.element_shape);
  for (const Tensor& tensor : list.tensors()) {
    if (!tensor.IsInitialized()) {
      zeros->Push(Tensor());
    } else if (tensor.dtype() == DT_VARIANT) {
      RG_ASSIGN_OR_RETURN(Tensor inner, ZerosLikeVariants(tensor));
      zeros->Push(std::move(inner));
    } else if (IsPodType(tensor.dtype()) && !IsQuantizedType(tensor.dtype())) {
      zeros->Push(Tensor(tensor.dtype(), tensor.shape()));
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat("Trying to compute zeros_like for unsupported dtype ",
                       DataTypeString(tensor.dtype())));
    }
  }
  return Variant(std::move(zeros));
}

std::string TypeNameOf(const Variant& variant) {
  return variant == nullptr ? "" : variant->TypeName();
}

}  // namespace

DataTypeVector ListElementTypes() {
  return Join({DT_VARIANT, DT_QINT32, DT_QINT16, DT_QUINT16, DT_QINT8,
               DT_QUINT8},
              PodAndStringTypes());
}

absl::StatusOr<std::shared_ptr<const TensorList>> ListInput(
    const KernelContext& ctx, int i) {
  const Tensor& tensor = ctx.input(i);
  if (tensor.shape().rank() != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Input list must be a scalar saw: ", tensor.shape().DebugString()));
  }
  auto list = VariantAs<TensorList>(tensor);
  if (list != nullptr) return list;
  return absl::InvalidArgumentError(
      absl::StrCat("Input handle is not a list. Saw: '",
                   VariantText(tensor.scalar<Variant>()), "'"));
}

absl::StatusOr<TensorListPtr> TakeList(KernelContext* ctx, int i) {
  RG_ASSIGN_OR_RETURN(std::shared_ptr<const TensorList> list,
                      ListInput(*ctx, i));
  Tensor input = ctx->TakeInput(i);
  if (input.BufferIsShared()) return std::make_shared<TensorList>(*list);
  input = Tensor();
  // Every list is made as one that is not const.
  if (list.use_count() == 1) return std::const_pointer_cast<TensorList>(list);
  return std::make_shared<TensorList>(*list);
}

absl::Status CheckDepth(const TensorList& list) {
  if (list.Depth() <= kMostListsInOneAnother) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("Lists stand more than ", kMostListsInOneAnother,
                   " deep in one another"));
}

absl::Status ResizeList(int64_t size, TensorList* list) {
  if (size > kMostListElements) {
    return absl::ResourceExhaustedError(
        absl::StrCat("A list of ", size, " elements has more than ",
                     kMostListElements));
  }
  list->Resize(static_cast<size_t>(size));
  return absl::OkStatus();
}

absl::Status SetListOutput(KernelContext* ctx, int i, TensorListPtr list) {
  RG_RETURN_IF_ERROR(CheckDepth(*list));
  ctx->set_output(i, VariantScalar(std::move(list)));
  return absl::OkStatus();
}

DataType ElementDtype(const Operation& op) {
  DataType dtype = DT_INVALID;
  op.GetAttr("element_dtype", &dtype).IgnoreError();
  return dtype;
}

absl::StatusOr<TensorListPtr> NewList(const KernelContext& ctx, int i) {
  RG_ASSIGN_OR_RETURN(const PartialTensorShape shape, ShapeInput(ctx, i));
  return std::make_shared<TensorList>(ElementDtype(ctx.op()), shape);
}

absl::Status CheckElementDtype(const KernelContext& ctx,
                               const TensorList& list) {
  const DataType dtype = ElementDtype(ctx.op());
  if (dtype == list.element_dtype) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "Invalid data types; op elements ", DataTypeString(dtype),
      " but list elements ", DataTypeString(list.element_dtype)));
}

absl::StatusOr<PartialTensorShape> ShapeInput(const KernelContext& ctx, int i) {
  const Tensor& tensor = ctx.input(i);
  const std::vector<int64_t> dims = IntegerValues(tensor);
  if (tensor.shape().rank() == 0) {
    if (dims[0] == -1) return PartialTensorShape();
    return absl::InvalidArgumentError(
        "The only valid scalar shape tensor is the fully unknown shape "
        "specified as -1.");
  }
  if (tensor.shape().rank() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("A shape must be a vector, but saw shape: ",
                     tensor.shape().DebugString()));
  }
  return PartialTensorShape::Create(dims);
}

absl::StatusOr<PartialTensorShape> ElementShape(const KernelContext& ctx, int i,
                                                const TensorList& list) {
  RG_ASSIGN_OR_RETURN(const PartialTensorShape shape, ShapeInput(ctx, i));
  return shape.MergeWith(list.element_shape);
}

Tensor RowOf(const Tensor& tensor, int64_t i) {
  TensorShape shape({});
  for (int d = 1; d < tensor.shape().rank(); ++d) {
    shape.AddDim(tensor.shape().dim(d));
  }
  return tensor.Slice0(i, i + 1).Reshaped(shape);
}

absl::StatusOr<Tensor> ZerosLikeVariants(const Tensor& tensor) {
  Tensor zeros(DT_VARIANT, tensor.shape());
  for (int64_t i = 0; i < tensor.num_elements(); ++i) {
    const Variant& variant = tensor.flat<Variant>()[i];
    const auto* list = dynamic_cast<const TensorList*>(variant.get());
    if (list == nullptr) {
      return absl::InternalError(absl::StrCat(
          "No unary variant unary_op function found for unary variant op enum: "
          "1 Variant type_name: ",
          TypeNameOf(variant), " for device type: CPU"));
    }
    RG_ASSIGN_OR_RETURN(zeros.mutable_flat<Variant>()[i], ZerosLikeList(*list));
  }
  return zeros;
}

absl::StatusOr<Variant> AddVariants(const Variant& a, const Variant& b) {
  if (TypeNameOf(a) != TypeNameOf(b)) {
    return absl::InternalError(absl::StrCat(
        "BianryOpVariants: Variants a and b have different type ids.  Type "
        "names: '",
        TypeNameOf(a), "' vs. '", TypeNameOf(b), "'"));
  }
  const auto* x = dynamic_cast<const TensorList*>(a.get());
  const auto* y = dynamic_cast<const TensorList*>(b.get());
  if (x != nullptr && y != nullptr) return AddLists(*x, *y);
  return absl::InternalError(absl::StrCat(
      "No unary variant binary_op function found for binary variant op enum: 1 "
      "Variant type_name: '",
      TypeNameOf(a), "' for device type: CPU"));
}

absl::StatusOr<Shape> ShapeFromListInput(InferenceContext* c, int i) {
  RG_ASSIGN_OR_RETURN(const Shape shape, c->WithRankAtMost(c->input(i), 1));
  if (shape.rank() == 1) return c->MakeShapeFromInput(i);
  if (shape.unknown_rank()) return Shape();
  const Tensor* value = c->input_tensor(i);
  if (value == nullptr || IntegerValue(*value) == -1) return Shape();
  return absl::InvalidArgumentError(
      absl::StrCat("Received an invalid shape scalar with a static value that "
                   "is not '-1': ",
                   value->DebugString()));
}

const HandleData* ListData(InferenceContext* c, int i) {
  return c->input_handle_data(i);
}

absl::Status SetListData(InferenceContext* c, int i, const Shape& shape) {
  HandleData data;
  RG_RETURN_IF_ERROR(c->GetAttr("element_dtype", &data.dtype));
  data.shape = shape;
  c->set_output(i, Shape(TensorShape()));
  c->set_output_handle_data(i, std::move(data));
  return absl::OkStatus();
}

absl::StatusOr<Shape> ReadElementShape(
    InferenceContext* c, int i, std::string (*text)(DataType, DataType)) {
  RG_ASSIGN_OR_RETURN(const Shape shape, ShapeFromListInput(c, i));
  const HandleData* list = ListData(c, 0);
  if (list == nullptr) return shape;
  const DataType dtype = ElementDtype(c->op());
  if (list->dtype != dtype) {
    return absl::InvalidArgumentError(text(list->dtype, dtype));
  }
  return c->Merge(list->shape, shape);
}

std::string ExpectedDtypeText(DataType list, DataType op) {
  return absl::StrCat("Expected list with element dtype ", DataTypeString(op),
                      " but got list with element dtype ",
                      DataTypeString(list));
}

std::string ReadDtypeText(DataType list, DataType op) {
  return absl::StrCat(
      "Trying to read from list with wrong element dtype. List has type ",
      DataTypeString(list), " but expected type ", DataTypeString(op));
}

}  // namespace retrograph
