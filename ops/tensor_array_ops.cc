// Ops on arrays of tensors that live for one run, tf.TensorArray. The handle
// says which array, the flow orders what is done to it.
//
// Source: tensorflow/core/ops/data_flow_ops.cc, kernels/tensor_array_ops.cc.
#include "ops/tensor_array_ops.h"

#include <algorithm>
#include <atomic>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/data_movement.h"
#include "ops/kernel.h"
#include "ops/resource_handle.h"
#include "ops/shape_helpers.h"
#include "ops/step_container.h"
#include "ops/tensor_array.h"
#include "ops/type_lists.h"

namespace retrograph {
namespace {

// ---- Making one ----

Tensor HandleOf(const std::string& container, const std::string& name) {
  return ResourceHandleTo<TensorArray>({container, name},
                                       kTensorArrayTypeText);
}

absl::Status MakeArray(KernelContext* ctx) {
  static std::atomic<int64_t> next_number{0};
  const Operation& op = ctx->op();
  const Tensor& size = ctx->input(0);
  if (size.shape().rank() != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("TensorArray size must be scalar, but had shape: ",
                     size.shape().DebugString()));
  }
  if (size.scalar<int32_t>() < 0) {
    return absl::InvalidArgumentError("Size should be >= 0.");
  }
  TensorArray::Options options;
  std::string name;
  RG_RETURN_IF_ERROR(op.GetAttr("dtype", &options.dtype));
  RG_RETURN_IF_ERROR(op.GetAttr("element_shape", &options.element_shape));
  RG_RETURN_IF_ERROR(op.GetAttr("identical_element_shapes",
                                &options.identical_element_shapes));
  RG_RETURN_IF_ERROR(op.GetAttr("dynamic_size", &options.dynamic_size));
  RG_RETURN_IF_ERROR(
      op.GetAttr("clear_after_read", &options.clear_after_read));
  RG_RETURN_IF_ERROR(op.GetAttr("tensor_array_name", &name));
  if (name.empty()) name = op.name();
  options.name = absl::StrCat(name, "_", next_number.fetch_add(1));
  const std::string container = StepContainer(ctx->env().step_id);
  const std::string key = absl::StrCat("_tensor_arrays", options.name);
  RG_RETURN_IF_ERROR(
      ctx->env()
          .resources
          ->LookupOrCreate<TensorArray>(
              container, key,
              [&]() -> absl::StatusOr<std::shared_ptr<TensorArray>> {
                return std::make_shared<TensorArray>(options,
                                                     size.scalar<int32_t>());
              })
          .status());
  ctx->set_output(0, HandleOf(container, key));
  ctx->set_output(1, Tensor::Scalar<float>(0));
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<TensorArray>> ArrayOf(KernelContext* ctx) {
  return LookupInput<TensorArray>(*ctx, 0, kTensorArrayTypeText);
}

absl::Status MakeGradientArray(KernelContext* ctx) {
  RG_ASSIGN_OR_RETURN(const std::shared_ptr<TensorArray> source, ArrayOf(ctx));
  std::string label;
  RG_RETURN_IF_ERROR(ctx->op().GetAttr("source", &label));
  TensorShape prefix;
  if (ctx->op().type() == "TensorArrayGradWithShape") {
    RG_ASSIGN_OR_RETURN(prefix,
                        TensorShape::Create(IntegerValues(ctx->input(2))));
  }
  const std::string container = StepContainer(ctx->env().step_id);
  const std::string name = absl::StrCat(source->name(), "@", label);
  const std::string key = absl::StrCat("_tensor_array_grads", name);
  RG_RETURN_IF_ERROR(
      ctx->env()
          .resources
          ->LookupOrCreate<TensorArray>(
              container, key,
              [&]() -> absl::StatusOr<std::shared_ptr<TensorArray>> {
                return TensorArray::ForGradients(source.get(), name, prefix);
              })
          .status());
  ctx->set_output(0, HandleOf(container, key));
  ctx->set_output(1, ctx->input(1));
  return absl::OkStatus();
}

// ---- Using one ----

// A kernel that finds its array first.
template <absl::Status (*use)(KernelContext*, TensorArray*)>
void UseArray(KernelContext* ctx) {
  auto array = ArrayOf(ctx);
  RG_KERNEL_OK(ctx, array.status());
  RG_KERNEL_OK(ctx, use(ctx, array->get()));
}

template <absl::Status (*make)(KernelContext*)>
void Make(KernelContext* ctx) {
  RG_KERNEL_OK(ctx, make(ctx));
}

absl::StatusOr<int64_t> IndexInput(const KernelContext& ctx,
                                   absl::string_view op) {
  const Tensor& index = ctx.input(1);
  if (index.shape().rank() == 0) return IntegerValue(index);
  return absl::InvalidArgumentError(
      absl::StrCat("TensorArray index must be scalar, but had shape: ",
                   index.shape().DebugString(), op));
}

absl::Status WriteElement(KernelContext* ctx, TensorArray* array) {
  RG_ASSIGN_OR_RETURN(const int64_t index, IndexInput(*ctx, ""));
  RG_RETURN_IF_ERROR(array->Write(index, ctx->input(2)));
  ctx->set_output(0, ctx->input(3));
  return absl::OkStatus();
}

absl::Status CheckDType(const KernelContext& ctx, const TensorArray& array) {
  DataType dtype = DT_INVALID;
  RG_RETURN_IF_ERROR(ctx.op().GetAttr("dtype", &dtype));
  if (dtype == array.dtype()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "TensorArray dtype is ", DataTypeString(array.dtype()),
      " but Op requested dtype ", DataTypeString(dtype), "."));
}

absl::Status ReadElement(KernelContext* ctx, TensorArray* array) {
  RG_ASSIGN_OR_RETURN(const int64_t index, IndexInput(*ctx, ""));
  RG_RETURN_IF_ERROR(CheckDType(*ctx, *array));
  RG_ASSIGN_OR_RETURN(Tensor value, array->Read(index));
  ctx->set_output(0, std::move(value));
  return absl::OkStatus();
}

absl::Status SizeOfArray(KernelContext* ctx, TensorArray* array) {
  ctx->set_output(0, Tensor::Scalar<int32_t>(
                         static_cast<int32_t>(array->size())));
  return absl::OkStatus();
}

absl::Status CloseArray(KernelContext*, TensorArray* array) {
  array->Close();
  return absl::OkStatus();
}

// Values along axis 0 of `all`, each `lengths[i]` long (without: one row, whose
// axis is dropped).
std::vector<Tensor> CutUp(const Tensor& all,
                          const std::vector<int64_t>* lengths,
                          int64_t count) {
  std::vector<int64_t> row(all.shape().dims().begin() + 1,
                           all.shape().dims().end());
  const TensorShape row_shape(row);
  std::vector<Tensor> parts;
  int64_t begin = 0;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t length = lengths == nullptr ? 1 : (*lengths)[i];
    TensorShape shape = row_shape;
    if (lengths != nullptr) {
      std::vector<int64_t> dims = {length};
      dims.insert(dims.end(), row.begin(), row.end());
      shape = TensorShape(dims);
    }
    Tensor part(all.dtype(), shape);  // no larger than `all`
    CopyElements(all, begin * row_shape.num_elements(), part.num_elements(),
                 &part, 0);
    begin += length;
    parts.push_back(std::move(part));
  }
  return parts;
}

absl::Status ScatterElements(KernelContext* ctx, TensorArray* array) {
  const Tensor& indices = ctx->input(1);
  const Tensor& value = ctx->input(2);
  if (indices.shape().rank() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("Expected indices to be a vector, but received shape: ",
                     indices.shape().DebugString()));
  }
  if (value.shape().rank() < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("Input value for unpack must be at least a vector but "
                     "received shape: ",
                     value.shape().DebugString()));
  }
  if (array->dtype() != value.dtype()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "TensorArray dtype is ", DataTypeString(array->dtype()),
        " but Op is trying to write dtype ", DataTypeString(value.dtype()),
        "."));
  }
  const std::vector<int64_t> places = IntegerValues(indices);
  const int64_t count = static_cast<int64_t>(places.size());
  if (count != value.shape().dim(0)) {
    return absl::InvalidArgumentError(
        absl::StrCat("Expected len(indices) == values.shape[0], but saw: ",
                     count, " vs. ", value.shape().dim(0)));
  }
  const int64_t highest =
      places.empty() ? -1 : *std::max_element(places.begin(), places.end());
  if (!array->is_dynamic() && highest >= array->size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("Max scatter index must be < array size (", highest,
                     " vs. ", array->size(), ")"));
  }
  RG_RETURN_IF_ERROR(array->WriteMany(places, CutUp(value, nullptr, count)));
  ctx->set_output(0, ctx->input(3));
  return absl::OkStatus();
}

absl::Status SplitElements(KernelContext* ctx, TensorArray* array) {
  const Tensor& value = ctx->input(1);
  const Tensor& lengths_input = ctx->input(2);
  if (lengths_input.shape().rank() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("Expected lengths to be a vector, received shape: ",
                     lengths_input.shape().DebugString()));
  }
  if (value.shape().rank() < 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Expected value to be at least a vector, but received shape: ",
        value.shape().DebugString()));
  }
  const std::vector<int64_t> lengths = IntegerValues(lengths_input);
  int64_t total = 0;
  for (int64_t length : lengths) {
    if (length < 0 || length > value.shape().dim(0) - total) {
      total = -1;
      break;
    }
    total += length;
  }
  if (total != value.shape().dim(0)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Expected sum of lengths to be equal to values.shape[0], but sum of "
        "lengths is ",
        absl::StrJoin(lengths, "+"), " and value's shape is: ",
        value.shape().DebugString()));
  }
  const int64_t count = static_cast<int64_t>(lengths.size());
  if (array->size() != count && !array->is_dynamic()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "TensorArray's size is not equal to the size of lengths (",
        array->size(), " vs. ", count,
        "), and the TensorArray is not marked as dynamically resizeable"));
  }
  std::vector<int64_t> places(lengths.size());
  for (int64_t i = 0; i < count; ++i) places[i] = i;
  RG_RETURN_IF_ERROR(array->WriteMany(places, CutUp(value, &lengths, count)));
  ctx->set_output(0, ctx->input(3));
  return absl::OkStatus();
}

absl::Status GatherElements(KernelContext* ctx, TensorArray* array) {
  RG_RETURN_IF_ERROR(CheckDType(*ctx, *array));
  const Tensor& indices = ctx->input(1);
  if (indices.shape().rank() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("Expected indices to be a vector, but received shape: ",
                     indices.shape().DebugString()));
  }
  PartialTensorShape wanted;
  RG_RETURN_IF_ERROR(ctx->op().GetAttr("element_shape", &wanted));
  RG_ASSIGN_OR_RETURN(const PartialTensorShape shape,
                      array->MergeElementShape(wanted));
  const std::vector<int64_t> places = IntegerValues(indices);
  std::vector<int64_t> dims = {static_cast<int64_t>(places.size())};
  if (places.empty()) {
    if (!shape.IsFullyDefined()) {
      return absl::UnimplementedError(absl::StrCat(
          "TensorArray has size zero, but element shape ", shape.DebugString(),
          " is not fully defined. Currently only static shapes are supported "
          "when packing zero-size TensorArrays."));
    }
    dims.insert(dims.end(), shape.dims().begin(), shape.dims().end());
    RG_ASSIGN_OR_RETURN(Tensor none,
                        Tensor::Allocate(array->dtype(), TensorShape(dims)));
    ctx->set_output(0, std::move(none));
    return absl::OkStatus();
  }
  RG_ASSIGN_OR_RETURN(const std::vector<Tensor> values,
                      array->ReadMany(places));
  const TensorShape& first = values[0].shape();
  if (!shape.IsCompatibleWith(PartialTensorShape(first))) {
    return absl::InvalidArgumentError(absl::StrCat(
        "TensorArray was passed element_shape ", wanted.DebugString(),
        " which does not match the Tensor at index 0: ", first.DebugString()));
  }
  for (size_t i = 1; i < values.size(); ++i) {
    if (values[i].shape() == first) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "TensorArray has inconsistent shapes.  Index 0 has shape: ",
        first.DebugString(), " but index ", i,
        " has shape: ", values[i].shape().DebugString()));
  }
  dims.insert(dims.end(), first.dims().begin(), first.dims().end());
  RG_ASSIGN_OR_RETURN(Tensor out,
                      Tensor::Allocate(array->dtype(), TensorShape(dims)));
  const int64_t row = first.num_elements();
  for (size_t i = 0; i < values.size(); ++i) {
    CopyElements(values[i], 0, row, &out, static_cast<int64_t>(i) * row);
  }
  ctx->set_output(0, std::move(out));
  return absl::OkStatus();
}

absl::Status ConcatElements(KernelContext* ctx, TensorArray* array) {
  RG_RETURN_IF_ERROR(CheckDType(*ctx, *array));
  std::vector<int64_t> places(array->size());
  for (size_t i = 0; i < places.size(); ++i) places[i] = static_cast<int64_t>(i);
  PartialTensorShape rest;
  RG_RETURN_IF_ERROR(ctx->op().GetAttr("element_shape_except0", &rest));
  std::vector<int64_t> dims = {0};
  if (places.empty()) {
    if (!rest.IsFullyDefined()) {
      return absl::UnimplementedError(absl::StrCat(
          "TensorArray has size zero, but element_shape_except0 ",
          rest.DebugString(),
          " is not fully defined. Currently only static shapes are supported "
          "when concatenating zero-size TensorArrays."));
    }
    dims.insert(dims.end(), rest.dims().begin(), rest.dims().end());
    RG_ASSIGN_OR_RETURN(Tensor none,
                        Tensor::Allocate(array->dtype(), TensorShape(dims)));
    ctx->set_output(0, std::move(none));
    ctx->set_output(1, Tensor(DT_INT64, TensorShape({0})));
    return absl::OkStatus();
  }
  RG_ASSIGN_OR_RETURN(const std::vector<Tensor> values,
                      array->ReadMany(places));
  std::vector<int64_t> lengths;
  for (size_t i = 0; i < values.size(); ++i) {
    const TensorShape& shape = values[i].shape();
    if (shape.rank() < 1) {
      return absl::InvalidArgumentError(absl::StrCat(
          "Concat saw a scalar shape at index ", i,
          " but requires at least vectors.  Did you mean to call pack?"));
    }
    const auto& first = values[0].shape().dims();
    if (!std::equal(first.begin() + 1, first.end(), shape.dims().begin() + 1,
                    shape.dims().end())) {
      return absl::InvalidArgumentError(absl::StrCat(
          "TensorArray has inconsistent shapes.  Index 0 has (excepting "
          "dimension 0) shape: ",
          TensorShape(std::vector<int64_t>(first.begin() + 1, first.end()))
              .DebugString(),
          " but index ", i, " has (excepting dimension 0) shape: ",
          TensorShape(std::vector<int64_t>(shape.dims().begin() + 1,
                                           shape.dims().end()))
              .DebugString()));
    }
    lengths.push_back(shape.dim(0));
    dims[0] += shape.dim(0);
  }
  dims.insert(dims.end(), values[0].shape().dims().begin() + 1,
              values[0].shape().dims().end());
  RG_ASSIGN_OR_RETURN(Tensor out,
                      Tensor::Allocate(array->dtype(), TensorShape(dims)));
  int64_t at = 0;
  for (const Tensor& value : values) {
    CopyElements(value, 0, value.num_elements(), &out, at);
    at += value.num_elements();
  }
  ctx->set_output(0, std::move(out));
  ctx->set_output(1, IntegerVector(DT_INT64, lengths));
  return absl::OkStatus();
}

// ---- Shapes ----

// The static shape of a handle is that of its first version: two strings.
absl::Status CheckHandle(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(const Shape handle, c->WithRank(c->input(0), 1));
  return c->WithValue(c->Dim(handle, 0), 2).status();
}

absl::Status MakeShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(0), 0).status());
  c->set_output(0, VectorOf(2));
  c->set_output(1, ScalarOf());
  HandleData element;
  bool identical = false;
  RG_RETURN_IF_ERROR(c->GetAttr("dtype", &element.dtype));
  RG_RETURN_IF_ERROR(c->GetAttr("element_shape", &element.shape));
  RG_RETURN_IF_ERROR(c->GetAttr("identical_element_shapes", &identical));
  if (identical || element.shape.IsFullyDefined()) {
    c->set_output_handle_data(0, element);
  }
  return absl::OkStatus();
}

absl::Status GradientShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(CheckHandle(c));
  c->set_output(0, VectorOf(2));
  c->set_output(1, ScalarOf());
  if (c->num_inputs() == 2) PassHandleData(c, 0, 0);
  return absl::OkStatus();
}

absl::Status WriteShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(CheckHandle(c));
  RG_RETURN_IF_ERROR(c->WithRank(c->input(1), 0).status());
  RG_RETURN_IF_ERROR(c->WithRank(c->input(3), 0).status());
  if (const HandleData* element = c->input_handle_data(0)) {
    RG_RETURN_IF_ERROR(c->Merge(element->shape, c->input(2)).status());
  }
  return ScalarShape(c);
}

absl::Status ReadShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(CheckHandle(c));
  RG_RETURN_IF_ERROR(c->WithRank(c->input(1), 0).status());
  RG_RETURN_IF_ERROR(c->WithRank(c->input(2), 0).status());
  const HandleData* const element = c->input_handle_data(0);
  c->set_output(0, element == nullptr ? Shape() : element->shape);
  return absl::OkStatus();
}

absl::Status GatherShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(CheckHandle(c));
  RG_ASSIGN_OR_RETURN(const Shape indices, c->WithRank(c->input(1), 1));
  RG_RETURN_IF_ERROR(c->WithRank(c->input(2), 0).status());
  if (const HandleData* element = c->input_handle_data(0)) {
    RG_ASSIGN_OR_RETURN(const Shape out,
                        c->Concatenate(indices, element->shape));
    c->set_output(0, out);
    return absl::OkStatus();
  }
  Shape element;
  RG_RETURN_IF_ERROR(c->GetAttr("element_shape", &element));
  RG_ASSIGN_OR_RETURN(const Shape out, c->Concatenate(indices, element));
  c->set_output(0, out);
  return absl::OkStatus();
}

absl::Status ScatterShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(CheckHandle(c));
  RG_ASSIGN_OR_RETURN(const Shape indices, c->WithRank(c->input(1), 1));
  RG_RETURN_IF_ERROR(c->WithRank(c->input(3), 0).status());
  RG_ASSIGN_OR_RETURN(const Shape value, c->WithRankAtLeast(c->input(2), 1));
  RG_RETURN_IF_ERROR(
      c->MergeDim(c->Dim(indices, 0), c->Dim(value, 0)).status());
  if (const HandleData* element = c->input_handle_data(0)) {
    RG_ASSIGN_OR_RETURN(const Shape row, c->Subshape(value, 1));
    RG_RETURN_IF_ERROR(c->Merge(element->shape, row).status());
  }
  return ScalarShape(c);
}

absl::Status ConcatShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(CheckHandle(c));
  RG_RETURN_IF_ERROR(c->WithRank(c->input(1), 0).status());
  c->set_output(0, Shape());
  c->set_output(1, VectorOf(kUnknownDim));
  return absl::OkStatus();
}

absl::Status SplitShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(CheckHandle(c));
  RG_RETURN_IF_ERROR(c->WithRank(c->input(2), 1).status());
  RG_RETURN_IF_ERROR(c->WithRank(c->input(3), 0).status());
  return ScalarShape(c);
}

absl::Status SizeShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(CheckHandle(c));
  return ScalarShape(c);
}

// ---- Registration ----

void RegisterMakers(OpRegistry* registry) {
  registry->Op("TensorArrayV3")
      .Input("size: int32")
      .Output("handle: resource")
      .Output("flow: float")
      .Attr("dtype: type")
      .Attr("element_shape: shape = { unknown_rank: true }")
      .Attr("dynamic_size: bool = false")
      .Attr("clear_after_read: bool = true")
      .Attr("identical_element_shapes: bool = false")
      .Attr("tensor_array_name: string = ''")
      .Stateful()
      .Shape(MakeShape)
      .Kernel({}, StatelessKernel(Make<MakeArray>));
  for (const bool with_shape : {false, true}) {
    OpBuilder op = registry->Op(with_shape ? "TensorArrayGradWithShape"
                                           : "TensorArrayGradV3");
    op.Input("handle: resource").Input("flow_in: float");
    if (with_shape) op.Input("shape_to_prepend: int32");
    op.Output("grad_handle: resource")
        .Output("flow_out: float")
        .Attr("source: string")
        .Stateful()
        .Shape(GradientShape)
        .Kernel({}, StatelessKernel(Make<MakeGradientArray>));
  }
}

void RegisterWriters(OpRegistry* registry) {
  registry->Op("TensorArrayWriteV3")
      .Input("handle: resource")
      .Input("index: int32")
      .Input("value: T")
      .Input("flow_in: float")
      .Output("flow_out: float")
      .Attr("T: type")
      .Stateful()
      .Shape(WriteShape)
      .Kernel({{"T", AllTypes()}}, StatelessKernel(UseArray<WriteElement>));
  registry->Op("TensorArrayScatterV3")
      .Input("handle: resource")
      .Input("indices: int32")
      .Input("value: T")
      .Input("flow_in: float")
      .Output("flow_out: float")
      .Attr("T: type")
      .Stateful()
      .Shape(ScatterShape)
      .Kernel({{"T", AllTypes()}}, StatelessKernel(UseArray<ScatterElements>));
  registry->Op("TensorArraySplitV3")
      .Input("handle: resource")
      .Input("value: T")
      .Input("lengths: int64")
      .Input("flow_in: float")
      .Output("flow_out: float")
      .Attr("T: type")
      .Stateful()
      .Shape(SplitShape)
      .Kernel({{"T", AllTypes()}}, StatelessKernel(UseArray<SplitElements>));
}

void RegisterReaders(OpRegistry* registry) {
  registry->Op("TensorArrayReadV3")
      .Input("handle: resource")
      .Input("index: int32")
      .Input("flow_in: float")
      .Output("value: dtype")
      .Attr("dtype: type")
      .Stateful()
      .Shape(ReadShape)
      .Kernel({{"dtype", AllTypes()}}, StatelessKernel(UseArray<ReadElement>));
  registry->Op("TensorArrayGatherV3")
      .Input("handle: resource")
      .Input("indices: int32")
      .Input("flow_in: float")
      .Output("value: dtype")
      .Attr("dtype: type")
      .Attr("element_shape: shape = { unknown_rank: true }")
      .Stateful()
      .Shape(GatherShape)
      .Kernel({{"dtype", AllTypes()}},
              StatelessKernel(UseArray<GatherElements>));
  registry->Op("TensorArrayConcatV3")
      .Input("handle: resource")
      .Input("flow_in: float")
      .Output("value: dtype")
      .Output("lengths: int64")
      .Attr("dtype: type")
      .Attr("element_shape_except0: shape = { unknown_rank: true }")
      .Stateful()
      .Shape(ConcatShape)
      .Kernel({{"dtype", AllTypes()}},
              StatelessKernel(UseArray<ConcatElements>));
  registry->Op("TensorArraySizeV3")
      .Input("handle: resource")
      .Input("flow_in: float")
      .Output("size: int32")
      .Stateful()
      .Shape(SizeShape)
      .Kernel({}, StatelessKernel(UseArray<SizeOfArray>));
  registry->Op("TensorArrayCloseV3")
      .Input("handle: resource")
      .Stateful()
      .Shape(NoOutputShape)
      .Kernel({}, StatelessKernel(UseArray<CloseArray>));
}

}  // namespace

void RegisterTensorArrayOps(OpRegistry* registry) {
  RegisterMakers(registry);
  RegisterWriters(registry);
  RegisterReaders(registry);
}

}  // namespace retrograph
