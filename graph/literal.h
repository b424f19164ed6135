// Values given as inputs, made into tensors as tf.constant does.
//
// Internal to graph/. Source: tensorflow/python/framework/tensor_util.py
// (make_tensor_proto).
#ifndef RETROGRAPH_GRAPH_LITERAL_H_
#define RETROGRAPH_GRAPH_LITERAL_H_

#include "absl/status/statusor.h"
#include "core/tensor.h"
#include "graph/builder.h"

namespace retrograph {

// Whether `input` is made of values alone, no tensors and no converters.
bool IsLiteral(const Input& input);

// The tensor of a literal, maybe a list of lists. DT_INVALID: the type that
// Python would choose. TypeError "Expected int32, got 1.5 of type 'float'
// instead." for a value that does not fit, ValueError for a ragged list.
absl::StatusOr<Tensor> LiteralTensor(const Input& input, DataType dtype);

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_LITERAL_H_
