// TensorList: a list of tensors as one value, an element of a variant tensor.
// EmptyTensorList, TensorListPushBack and their like make lists and take them
// apart; a checkpoint holds them as Encode() says.
//
// Source: tensorflow/core/kernels/list_kernels.h; the golden checkpoint
// bundle/variant_tensor_list.
#ifndef RETROGRAPH_CORE_TENSOR_LIST_H_
#define RETROGRAPH_CORE_TENSOR_LIST_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/tensor.h"
#include "core/tensor_shape.h"
#include "core/variant.h"

namespace retrograph {

class TensorList final : public VariantObject {
 public:
  static constexpr char kTypeName[] = "tensorflow::TensorList";

  TensorList(DataType element_dtype, const PartialTensorShape& element_shape)
      : element_dtype(element_dtype), element_shape(element_shape) {}

  DataType element_dtype;
  // What the shape of each element must fit.
  PartialTensorShape element_shape;
  int32_t max_num_elements = -1;  // -1: as many as one likes

  // Of element_dtype each, or Tensor() where nothing has been set yet. None of
  // what follows looks at dtype, shape or number.
  const std::vector<Tensor>& tensors() const { return tensors_; }
  size_t size() const { return tensors_.size(); }
  void Push(Tensor tensor);
  Tensor Pop();  // of a list that is not empty
  void Set(size_t i, Tensor tensor);
  void Resize(size_t size);

  std::string TypeName() const override { return kTypeName; }
  std::string ValueText() const override { return "TensorList"; }
  // Metadata: as varints, how many elements are not set, which ones,
  // element_dtype and max_num_elements; then element_shape as a message.
  // Tensors: those that are set, each with a typed list of its values.
  void Encode(VariantTensorDataProto* data) const override;
  int Depth() const override { return depth_; }
  int64_t LeastEncodedBytes() const override { return least_bytes_; }

  // What Encode() made. InvalidArgument if it is not that.
  static absl::StatusOr<std::shared_ptr<TensorList>> Decode(
      const VariantTensorDataProto& data, int64_t* max_bytes);

 private:
  void Added(const Tensor& tensor);

  std::vector<Tensor> tensors_;
  int depth_ = 1;
  int64_t least_bytes_ = 1;
};

}  // namespace retrograph

#endif  // RETROGRAPH_CORE_TENSOR_LIST_H_
