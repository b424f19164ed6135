#include "graph/test_ops.h"

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/shape_inference.h"

namespace retrograph {
namespace {

absl::Status ConstShape(InferenceContext* c) {
  Tensor value;
  RG_RETURN_IF_ERROR(c->GetAttr("value", &value));
  c->set_output(0, Shape(value.shape()));
  return absl::OkStatus();
}

absl::Status AttrShape(InferenceContext* c) {
  Shape shape;
  RG_RETURN_IF_ERROR(c->GetAttr("shape", &shape));
  c->set_output(0, shape);
  return absl::OkStatus();
}

absl::Status MatMulShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(const Shape a, c->WithRank(c->input(0), 2));
  RG_ASSIGN_OR_RETURN(const Shape b, c->WithRank(c->input(1), 2));
  RG_RETURN_IF_ERROR(c->MergeDim(a.dim(1), b.dim(0)).status());
  c->set_output(0, Shape({a.dim(0), b.dim(1)}));
  return absl::OkStatus();
}

absl::Status ShapeShape(InferenceContext* c) {
  c->set_output(0, Shape({int64_t{c->input(0).rank()}}));
  return absl::OkStatus();
}

absl::Status ReshapeShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(const Shape shape, c->MakeShapeFromInput(1));
  const int64_t count = c->input(0).num_elements();
  if (count >= 0 && shape.num_elements() >= 0 &&
      count != shape.num_elements()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Cannot reshape a tensor with ", count, " elements to shape ",
        shape.DebugString(), " (", shape.num_elements(), " elements)"));
  }
  c->set_output(0, shape);
  return absl::OkStatus();
}

// Asks for the axis first and, once it has it, for the first value.
absl::Status ConcatShape(InferenceContext* c) {
  const Tensor* axis = c->input_tensor(c->num_inputs() - 1);
  if (axis == nullptr) return absl::OkStatus();
  RG_RETURN_IF_ERROR(
      c->WithRankAtLeast(c->input(0), axis->scalar<int32_t>() + 1).status());
  c->set_output(0, Shape::UnknownOfRank(c->input(0).rank()));
  return absl::OkStatus();
}

absl::Status VarHandleShape(InferenceContext* c) {
  HandleData data;
  RG_RETURN_IF_ERROR(c->GetAttr("dtype", &data.dtype));
  RG_RETURN_IF_ERROR(c->GetAttr("shape", &data.shape));
  c->set_output(0, Shape(TensorShape()));
  c->set_output_handle_data(0, data);
  return absl::OkStatus();
}

void RegisterArrayOps(OpRegistry* r) {
  r->Op("Const")
      .Output("output: dtype")
      .Attr("value: tensor")
      .Attr("dtype: type")
      .Shape(ConstShape);
  r->Op("Placeholder")
      .Output("output: dtype")
      .Attr("dtype: type")
      .Attr("shape: shape = { unknown_rank: true }")
      .Shape(AttrShape);
  r->Op("Identity")
      .Input("input: T")
      .Output("output: T")
      .Attr("T: type")
      .Shape(UnchangedShape);
  r->Op("IdentityN")
      .Input("input: T")
      .Output("output: T")
      .Attr("T: list(type) >= 1");
  r->Op("Shape")
      .Input("input: T")
      .Output("output: out_type")
      .Attr("T: type")
      .Attr("out_type: {int32, int64} = DT_INT32")
      .Shape(ShapeShape);
  r->Op("Reshape")
      .Input("tensor: T")
      .Input("shape: Tshape")
      .Output("output: T")
      .Attr("T: type")
      .Attr("Tshape: {int32, int64} = DT_INT32")
      .Shape(ReshapeShape);
  r->Op("Pack")
      .Input("values: N * T")
      .Output("output: T")
      .Attr("N: int >= 1")
      .Attr("T: type")
      .Attr("axis: int = 0");
  r->Op("ConcatV2")
      .Input("values: N * T")
      .Input("axis: Tidx")
      .Output("output: T")
      .Attr("N: int >= 2")
      .Attr("T: type")
      .Attr("Tidx: {int32, int64} = DT_INT32")
      .Shape(ConcatShape);
  r->Op("QuantizedConcat")
      .Input("concat_dim: int32")
      .Input("values: N * T")
      .Input("input_mins: N * float")
      .Input("input_maxes: N * float")
      .Output("output: T")
      .Output("output_min: float")
      .Output("output_max: float")
      .Attr("N: int >= 2")
      .Attr("T: type");
}

void RegisterMathOps(OpRegistry* r) {
  r->Op("Add")
      .Input("x: T")
      .Input("y: T")
      .Output("z: T")
      .Attr(
          "T: {bfloat16, half, float, double, uint8, int8, int16, int32, "
          "int64, complex64, complex128, string}")
      .Shape(BroadcastBinaryShape);
  r->Op("AddN")
      .Input("inputs: N * T")
      .Output("sum: T")
      .Attr("N: int >= 1")
      .Attr(
          "T: {float, double, int32, uint8, int16, int8, complex64, int64, "
          "qint8, quint8, qint32, bfloat16, uint16, complex128, half, uint32, "
          "uint64, variant}")
      .Commutative()
      .Aggregate();
  r->Op("MatMul")
      .Input("a: T")
      .Input("b: T")
      .Output("product: T")
      .Attr("transpose_a: bool = false")
      .Attr("transpose_b: bool = false")
      .Attr(
          "T: {bfloat16, half, float, double, int32, int64, complex64, "
          "complex128}")
      .Shape(MatMulShape);
  r->Op("LogicalAnd")
      .Input("x: bool")
      .Input("y: bool")
      .Output("z: bool")
      .Commutative()
      .Shape(BroadcastBinaryShape);
  r->Op("Range")
      .Input("start: Tidx")
      .Input("limit: Tidx")
      .Input("delta: Tidx")
      .Output("output: Tidx")
      .Attr("Tidx: {bfloat16, float, double, int32, int64} = DT_INT32");
  r->Op("Conv2D")
      .Input("input: T")
      .Input("filter: T")
      .Output("output: T")
      .Attr("T: {half, bfloat16, float, double}")
      .Attr("strides: list(int)")
      .Attr("use_cudnn_on_gpu: bool = true")
      .Attr("padding: {'SAME', 'VALID', 'EXPLICIT'}")
      .Attr("explicit_paddings: list(int) = []")
      .Attr("data_format: {'NHWC', 'NCHW'} = 'NHWC'")
      .Attr("dilations: list(int) = [1, 1, 1, 1]");
  r->Op("BatchNormWithGlobalNormalization")
      .Input("t: T")
      .Output("result: T")
      .Attr("T: numbertype")
      .Deprecated(9, "Use tf.nn.batch_normalization()");
}

void RegisterStateOps(OpRegistry* r) {
  r->Op("NoOp").Shape(NoOutputShape);
  r->Op("VariableV2")
      .Output("ref: Ref(dtype)")
      .Attr("shape: shape")
      .Attr("dtype: type")
      .Attr("container: string = ''")
      .Attr("shared_name: string = ''")
      .Stateful()
      .Shape(AttrShape);
  r->Op("Assign")
      .Input("ref: Ref(T)")
      .Input("value: T")
      .Output("output_ref: Ref(T)")
      .Attr("T: type")
      .Attr("validate_shape: bool = true")
      .Attr("use_locking: bool = true")
      .AllowsUninitializedInput()
      .Shape(MergeBothShape);
  r->Op("VarHandleOp")
      .Output("resource: resource")
      .Attr("container: string = ''")
      .Attr("shared_name: string = ''")
      .Attr("dtype: type")
      .Attr("shape: shape")
      .Stateful()
      .Shape(VarHandleShape);
  r->Op("SaveV2")
      .Input("prefix: string")
      .Input("tensor_names: string")
      .Input("shape_and_slices: string")
      .Input("tensors: dtypes")
      .Attr("dtypes: list(type) >= 1")
      .Stateful();
  r->Op("RestoreV2")
      .Input("prefix: string")
      .Input("tensor_names: string")
      .Input("shape_and_slices: string")
      .Output("tensors: dtypes")
      .Attr("dtypes: list(type) >= 1")
      .Stateful();
  r->Op("Merge")
      .Input("inputs: N * T")
      .Output("output: T")
      .Output("value_index: int32")
      .Attr("T: type")
      .Attr("N: int >= 1");
  r->Op("NextIteration").Input("data: T").Output("output: T").Attr("T: type");
}

}  // namespace

const OpRegistry* TestOps() {
  static const OpRegistry* const registry = [] {
    auto* made = new OpRegistry;
    RegisterArrayOps(made);
    RegisterMathOps(made);
    RegisterStateOps(made);
    return made;
  }();
  return registry;
}

std::string Raised(const absl::Status& status) {
  if (status.ok()) return "OK";
  return absl::StrCat(ErrorClassName(status), ": ", status.message());
}

Output TestPlaceholder(GraphBuilder& b, DataType dtype,
                       const PartialTensorShape& shape,
                       absl::string_view name) {
  return b.Op("Placeholder", {}, {Attr("dtype", dtype), Attr("shape", shape)},
              name);
}

Output TestConstant(GraphBuilder& b, const Tensor& value,
                    absl::string_view name) {
  return b.Op("Const", {}, {Attr("dtype", value.dtype()), Attr("value", value)},
              name);
}

Output TestVariable(GraphBuilder& b, DataType dtype, const TensorShape& shape,
                    absl::string_view name) {
  return b.Op("VariableV2", {}, {Attr("dtype", dtype), Attr("shape", shape)},
              name);
}

}  // namespace retrograph
