#include "ops/shape_helpers.h"

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "ops/data_movement.h"

namespace retrograph {

void PassHandleData(InferenceContext* c, int from, int to) {
  const HandleData* data = c->input_handle_data(from);
  if (data != nullptr) c->set_output_handle_data(to, *data);
}

absl::Status IdentityShape(InferenceContext* c) {
  c->set_output(0, c->input(0));
  PassHandleData(c, 0, 0);
  return absl::OkStatus();
}

absl::Status ShapeFromAttr(InferenceContext* c) {
  Shape shape;
  RG_RETURN_IF_ERROR(c->GetAttr("shape", &shape));
  c->set_output(0, shape);
  return absl::OkStatus();
}

absl::StatusOr<int64_t> DimFromScalarInput(InferenceContext* c, int i) {
  const Tensor* value = c->input_tensor(i);
  if (value == nullptr) return kUnknownDim;
  if (value->shape().rank() != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Input must be scalar but has rank ", value->shape().rank()));
  }
  const int64_t size = IntegerValue(*value);
  if (size < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("Dimension size, given by scalar input ", i,
                     ", must be non-negative but is ", size));
  }
  return size;
}

}  // namespace retrograph
