// InferenceContext: what a shape function sees of one new node, and where it
// puts the shapes of the outputs.
//
// Errors that a shape function returns get TensorFlow's suffix from the graph:
//   "... for 'Add' (op: 'Add') with input shapes: [2,3], [4]."
// and, where a constant input was looked at, " and with computed input
// tensors: input[2] = <0>." or " and with input tensors computed as partial
// shapes: input[1] = [4].": the context remembers what was asked for.
//
// Source: tensorflow/core/framework/shape_inference.h, common_shape_fns.h.
#ifndef RETROGRAPH_GRAPH_SHAPE_INFERENCE_H_
#define RETROGRAPH_GRAPH_SHAPE_INFERENCE_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "core/tensor.h"
#include "core/tensor_shape.h"
#include "graph/operation.h"

namespace retrograph {

using Shape = PartialTensorShape;
constexpr int64_t kUnknownDim = -1;

class InferenceContext {
 public:
  // `op` has its inputs, attrs and output types, but no output shapes yet.
  explicit InferenceContext(const Operation* op);

  const Operation& op() const { return *op_; }
  int num_inputs() const { return op_->num_inputs(); }
  int num_outputs() const { return op_->num_outputs(); }
  const Shape& input(int i) const { return op_->input(i).shape(); }
  // The value of input i if it can be computed from constants alone, or null.
  // Valid as long as the context. As in TensorFlow the first request of a value
  // gets null; Run() then computes it and calls the function again.
  const Tensor* input_tensor(int i);
  // Input i read as a shape: a 1-D integer tensor whose parts may be unknown
  // (constants, Shape, Pack, ConcatV2, StridedSlice of such). Unknown shape if
  // nothing is known.
  absl::StatusOr<Shape> MakeShapeFromInput(int i);
  const HandleData* input_handle_data(int i) const;

  // Calls `fn`, again and again while it asks for values that can be had. An
  // error carries the suffix.
  absl::Status Run(const std::function<absl::Status(InferenceContext*)>& fn);

  void set_output(int i, Shape shape) { outputs_[i] = std::move(shape); }
  void set_output_handle_data(int i, HandleData data);
  const std::vector<Shape>& outputs() const { return outputs_; }
  std::vector<std::pair<int, HandleData>>& output_handle_data() {
    return output_handle_data_;
  }

  // TensorFlow's checks with its texts ("Shape must be rank 1 but is rank 2",
  // "Shape must be at least rank 1 but is rank 0", "Dimension must be 2 but is
  // 1", "Dimension 0 in both shapes must be equal, but are 3 and 4. Shapes are
  // [3] and [4].").
  absl::StatusOr<Shape> WithRank(const Shape& shape, int64_t rank);
  absl::StatusOr<Shape> WithRankAtLeast(const Shape& shape, int64_t rank);
  absl::StatusOr<Shape> WithRankAtMost(const Shape& shape, int64_t rank);
  absl::StatusOr<int64_t> WithValue(int64_t dim, int64_t value);
  absl::StatusOr<int64_t> MergeDim(int64_t a, int64_t b);
  absl::StatusOr<Shape> Merge(const Shape& a, const Shape& b);
  absl::StatusOr<Shape> MergePrefix(const Shape& shape, const Shape& prefix);
  // Dimensions [start, end) with Python's negative indices; end INT64_MAX: all.
  absl::StatusOr<Shape> Subshape(const Shape& shape, int64_t start,
                                 int64_t end = INT64_MAX);
  absl::StatusOr<Shape> Concatenate(const Shape& a, const Shape& b);
  int64_t Dim(const Shape& shape, int64_t i) const;  // negative counts back

  template <typename T>
  absl::Status GetAttr(absl::string_view name, T* value) const {
    return op_->GetAttr(name, value);
  }

  // The suffix described above, for an error of a shape function.
  std::string ErrorSuffix() const;

 private:
  // What a shape function asked to see of one input.
  struct Looked {
    bool value_asked = false;
    bool value_tried = false;
    bool shape_asked = false;
    bool shape_tried = false;
    absl::optional<Tensor> value;
    Shape shape;
  };
  Looked& LookedAt(int i);
  // Computes what was asked for since the last call. Whether there is news.
  absl::StatusOr<bool> Compute();

  const Operation* op_;
  std::vector<Shape> outputs_;
  std::vector<std::pair<int, HandleData>> output_handle_data_;
  std::vector<Looked> looked_;  // empty until something is asked for
};

// "[2,?]", or "?" for an unknown rank: as shape inference prints shapes.
std::string ShapeText(const Shape& shape);
// InferenceContext::Merge without a context.
absl::StatusOr<Shape> MergeShapes(const Shape& a, const Shape& b);

// Shape functions that many ops share.
absl::Status ScalarShape(InferenceContext* c);     // every output is []
absl::Status NoOutputShape(InferenceContext* c);   // ops without outputs
absl::Status UnknownShape(InferenceContext* c);    // every output is ?
absl::Status UnchangedShape(InferenceContext* c);  // output 0 = input 0
absl::Status MergeBothShape(InferenceContext* c);  // inputs 0, 1 must agree
absl::Status BroadcastBinaryShape(InferenceContext* c);

// Runs one op on given inputs, or nullopt if it cannot: no kernel, an error.
// The room of kernels installs it; until then only what needs no kernel is
// folded. Must be thread-safe.
using ConstantFolder = absl::optional<std::vector<Tensor>> (*)(
    const Operation& op, absl::Span<const Tensor> inputs);
void SetConstantFolder(ConstantFolder folder);

// What C++ shape inference sees of `output`: its value if it depends on nothing
// but constants and static shapes, through any stateless op that has a kernel.
// Bounded work and size.
absl::optional<Tensor> EvaluateConstant(const Output& output);

// tensor_util.constant_value: fewer ops than EvaluateConstant; a tensor whose
// value was given out can no longer be fed.
absl::optional<Tensor> ConstantValue(const Output& output);
// tensor_util.constant_value_as_shape. ValueError for a scalar that is not the
// constant -1, and for a tensor that is no vector.
absl::StatusOr<Shape> ConstantValueAsShape(const Output& output);

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_SHAPE_INFERENCE_H_
