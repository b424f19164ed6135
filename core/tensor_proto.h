// Conversion between Tensor and TensorProto.
//
// A TensorProto may hold its values as raw bytes (tensor_content), one by one
// (float_val, ...), or shortened: fewer values than elements, the last one
// repeated. TensorFromProto reads every form; MakeTensorProto writes the one
// that TF 1.15's tf.make_tensor_proto writes.
//
// Source: tensorflow/python/framework/tensor_util.py, tensor.proto.
#ifndef RETROGRAPH_CORE_TENSOR_PROTO_H_
#define RETROGRAPH_CORE_TENSOR_PROTO_H_

#include "absl/status/statusor.h"
#include "core/tensor.h"
#include "proto/tensor.pb.h"

namespace retrograph {

// InvalidArgument "Cannot parse tensor from proto: <text form>" for an unknown
// dtype, an invalid shape, tensor_content of another size, or more values than
// there is memory for, or a variant that cannot be decoded (the ErrorHint says
// which). As in TensorFlow, values beyond the shape's are ignored and none at
// all are zeros; variants that are not given are empty. A shortened form may
// ask for much more memory than the proto takes: ResourceExhausted if that is
// above `max_bytes`.
absl::StatusOr<Tensor> TensorFromProto(const TensorProto& proto,
                                       int64_t max_bytes = INT64_MAX);
// The same for one tensor of several: *max_bytes is reduced by what it takes.
absl::StatusOr<Tensor> TensorFromProtoWithin(const TensorProto& proto,
                                             int64_t* max_bytes);

// As tf.make_tensor_proto: tensor_content for more than one element of a float,
// double, integer or quantised type, else the typed list; uint16, half,
// bfloat16, bool, complex and string are always listed.
TensorProto MakeTensorProto(const Tensor& tensor);
// As tf.make_tensor_proto(values, shape=shape) where `shape` has more elements
// than `values`: the typed list of the values there are, the last one of which
// counts for the rest.
TensorProto MakeShortTensorProto(const Tensor& values,
                                 const TensorShape& shape);
// As TensorFlow's C++ Tensor::AsProtoField: always the typed list. A variant
// that EncodeVariant() refuses is left empty: ask it before.
TensorProto MakeTensorProtoField(const Tensor& tensor);

}  // namespace retrograph

#endif  // RETROGRAPH_CORE_TENSOR_PROTO_H_
