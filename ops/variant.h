// Values of dtype variant: scalars that hold an object, such as a dataset.
//
// Example:
//   ctx->set_output(0, VariantScalar(std::make_shared<RangeDataset>(...)));
//   std::shared_ptr<const Dataset> in = VariantAs<Dataset>(ctx->input(0));
#ifndef RETROGRAPH_OPS_VARIANT_H_
#define RETROGRAPH_OPS_VARIANT_H_

#include <memory>
#include <utility>

#include "core/tensor.h"

namespace retrograph {

class VariantObject {
 public:
  virtual ~VariantObject() = default;
};
using VariantPtr = std::shared_ptr<const VariantObject>;

// The object is shared, and never changed: copies of the tensor hold it too.
inline Tensor VariantScalar(VariantPtr object) {
  auto* const held = new VariantPtr(std::move(object));
  return Tensor::FromExternal(DT_VARIANT, TensorShape(), held,
                              [held] { delete held; });
}

// The object of a scalar made so; null if it is of another class.
template <typename T>
std::shared_ptr<const T> VariantAs(const Tensor& tensor) {
  if (tensor.dtype() != DT_VARIANT || tensor.num_elements() != 1) {
    return nullptr;
  }
  return std::dynamic_pointer_cast<const T>(
      *static_cast<const VariantPtr*>(tensor.data()));
}

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_VARIANT_H_
