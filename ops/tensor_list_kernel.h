// What the kernels and shape functions of TensorList ops share. Private to
// ops/.
//
// Texts and checks are TensorFlow 1.15.5's, asked of it; where it reads what
// was never written or aborts (a negative number of elements, shapes that do
// not fit), there is an error of the same family.
#ifndef RETROGRAPH_OPS_TENSOR_LIST_KERNEL_H_
#define RETROGRAPH_OPS_TENSOR_LIST_KERNEL_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/tensor_list.h"
#include "graph/shape_inference.h"
#include "ops/kernel.h"

namespace retrograph {

using TensorListPtr = std::shared_ptr<TensorList>;

// Lists that stand in one another any deeper than this are refused, for they are
// gone through by recursion, and so are more elements than anyone needs, whose
// number may come from a file.
constexpr int kMostListsInOneAnother = 1000;
constexpr int64_t kMostListElements = int64_t{1} << 24;

// The dtypes that elements may have where a kernel looks into them, as
// TensorFlow lists its kernels.
DataTypeVector ListElementTypes();

// The list of scalar input i.
absl::StatusOr<std::shared_ptr<const TensorList>> ListInput(
    const KernelContext& ctx, int i);
// The same list to write to: input i itself, which is then gone, where nobody
// else holds it, else a copy.
absl::StatusOr<TensorListPtr> TakeList(KernelContext* ctx, int i);
absl::Status SetListOutput(KernelContext* ctx, int i, TensorListPtr list);
// What SetListOutput() refuses.
absl::Status CheckDepth(const TensorList& list);
// ResourceExhausted beyond kMostListElements.
absl::Status ResizeList(int64_t size, TensorList* list);

// The attr element_dtype.
DataType ElementDtype(const Operation& op);
// A list without elements of attr element_dtype and the shape that input i
// tells.
absl::StatusOr<TensorListPtr> NewList(const KernelContext& ctx, int i);
// InvalidArgument "Invalid data types; op elements int32 but list elements
// float".
absl::Status CheckElementDtype(const KernelContext& ctx,
                               const TensorList& list);
// Input i: -1 for a shape of which nothing is known, or a vector with -1 for a
// dimension that is not known.
absl::StatusOr<PartialTensorShape> ShapeInput(const KernelContext& ctx, int i);
// What input i and the list tell about the shape of an element.
absl::StatusOr<PartialTensorShape> ElementShape(const KernelContext& ctx, int i,
                                                const TensorList& list);

// Element i of an axis 0 of `tensor`, sharing its buffer.
Tensor RowOf(const Tensor& tensor, int64_t i);

// For ZerosLike and AddN of variants.
absl::StatusOr<Tensor> ZerosLikeVariants(const Tensor& tensor);
absl::StatusOr<Variant> AddVariants(const Variant& a, const Variant& b);

// Shape functions.
// What input i says of elements' shapes, as ShapeInput() reads it.
absl::StatusOr<Shape> ShapeFromListInput(InferenceContext* c, int i);
// What is known of the list in input i: null if nothing is.
const HandleData* ListData(InferenceContext* c, int i);
// Output i is a scalar list of attr element_dtype.
absl::Status SetListData(InferenceContext* c, int i, const Shape& shape);
// What input i, merged into what is known of the list in input 0, says of an
// element that is read; `text` makes the error for another dtype.
absl::StatusOr<Shape> ReadElementShape(
    InferenceContext* c, int i, std::string (*text)(DataType, DataType));

// "Expected list with element dtype int32 but got list with element dtype
// float", and the like for ops that read whole lists.
std::string ExpectedDtypeText(DataType list, DataType op);
std::string ReadDtypeText(DataType list, DataType op);

// A kernel function of a function that returns its error.
template <absl::Status (*compute)(KernelContext*)>
void RunListKernel(KernelContext* ctx) {
  RG_KERNEL_OK(ctx, compute(ctx));
}

constexpr char kListShapeType[] = "shape_type: {int32, int64}";

void RegisterTensorListTensorOps(OpRegistry* registry);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_TENSOR_LIST_KERNEL_H_
