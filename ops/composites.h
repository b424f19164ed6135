// Functions of TensorFlow's Python API that C++ code composes graphs of:
// tf.shape, x[1:], tf.reduce_sum, ... with TensorFlow's names and helper nodes.
//
// As in builders.h, each does nothing after the builder's first error. Where an
// Input may be a list of numbers it becomes a Const inside the op's name.
//
// Source of names and structure: array_ops.py, math_ops.py of TensorFlow 1.15.
#ifndef RETROGRAPH_OPS_COMPOSITES_H_
#define RETROGRAPH_OPS_COMPOSITES_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "graph/builder.h"

namespace retrograph {

// What is known of an output that an earlier error may have left invalid.
const PartialTensorShape& StaticShape(const Output& output);
// Numbers, as a list that becomes a Const.
Input IntList(absl::Span<const int64_t> values);

// A scalar Const of this type.
Output ScalarConstant(GraphBuilder& b, double value, DataType dtype,
                      absl::string_view name = "Const");

// tf.shape, tf.rank, tf.size: constants where they are known. Without
// `optimize` an op all the same.
Output ShapeOf(GraphBuilder& b, const Output& x, DataType out_type = DT_INT32,
               bool optimize = true);
Output RankOf(GraphBuilder& b, const Output& x);
Output SizeOf(GraphBuilder& b, const Output& x, DataType out_type = DT_INT32);
// tf.shape_n.
std::vector<Output> ShapesOf(GraphBuilder& b, const std::vector<Output>& xs);

// x[i], and x[begin:end], of the first axis.
Output Index(GraphBuilder& b, const Output& x, int64_t i);
Output SliceRange(GraphBuilder& b, const Output& x,
                  absl::optional<int64_t> begin, absl::optional<int64_t> end);

// tf.concat(values, axis), tf.stack, tf.range, tf.gather(params, indices).
Output ConcatAll(GraphBuilder& b, const std::vector<Input>& values,
                 const Input& axis, absl::string_view name = "concat");
Output Stack(GraphBuilder& b, const std::vector<Input>& values, int axis = 0);
Output RangeOf(GraphBuilder& b, const Input& start, const Input& limit,
               const Input& delta = 1);
Output GatherRows(GraphBuilder& b, const Input& params, const Input& indices);
// tf.where(condition, x, y).
Output SelectOf(GraphBuilder& b, const Input& condition, const Input& x,
                const Input& y);

// tf.zeros_like, tf.ones_like; tf.zeros of a shape that is a tensor.
Output ZerosLikeOf(GraphBuilder& b, const Input& x, bool optimize = true);
Output OnesLikeOf(GraphBuilder& b, const Output& x,
                  DataType dtype = DT_INVALID);
Output ZerosOf(GraphBuilder& b, const Output& shape, DataType dtype,
               absl::string_view name = "zeros");

// tf.reduce_sum and its kin; no axes: all of them.
Output Reduce(GraphBuilder& b, absl::string_view op_type, const Input& x,
              const absl::optional<Input>& axes, bool keep_dims = false,
              absl::string_view name = "");
Output ReduceSum(GraphBuilder& b, const Input& x,
                 const absl::optional<Input>& axes = absl::nullopt,
                 bool keep_dims = false);
// The shape of a reduction's result, had it kept its axes.
Output ReducedShape(GraphBuilder& b, const Input& shape, const Input& axes);

// tf.math.conj: x itself unless it is complex.
Output Conjugate(GraphBuilder& b, const Input& x);

// Python's operators: Mul named "mul" and so on.
Output Plus(GraphBuilder& b, const Input& x, const Input& y);
Output Minus(GraphBuilder& b, const Input& x, const Input& y);
Output Times(GraphBuilder& b, const Input& x, const Input& y);
// x / y of floats.
Output Over(GraphBuilder& b, const Input& x, const Input& y);
Output FloorOver(GraphBuilder& b, const Input& x, const Input& y);
Output Modulo(GraphBuilder& b, const Input& x, const Input& y);
Output Negative(GraphBuilder& b, const Input& x);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_COMPOSITES_H_
