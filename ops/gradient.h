// Gradients of ops: what flows backwards, and which function makes it.
//
// A gradient function gets an op and the gradients of its outputs, and adds
// ops that compute those of its inputs. It stands in <family>_gradients.cc,
// beside the family's <family>_ops.cc; gradients/gradients.h calls it.
//
// Functions are known by a name of their own, not by an op: it is the op's
// type, unless the op's attr _gradient_op_type says another.
//
// Example:
//   Gradients NegGradient(GraphBuilder& b, Operation*, const Gradients& g) {
//     return {b.Op("Neg", {g[0]})};
//   }
//   registry->Add("Neg", NegGradient);
//
// Threads: Add() and Find() may be called from several threads.
// Source: tensorflow/python/framework/ops.py (RegisterGradient).
#ifndef RETROGRAPH_OPS_GRADIENT_H_
#define RETROGRAPH_OPS_GRADIENT_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "graph/builder.h"

namespace retrograph {

// Some rows of a tensor: row indices[i] is values[i], others are zero; rows
// that occur twice are to be added. dense_shape may be invalid: unknown.
struct IndexedSlices {
  Output values;
  Output indices;
  Output dense_shape;
};

// A tensor, rows of one, or nothing (Python's None).
class Gradient {
 public:
  Gradient() = default;
  Gradient(Output tensor) : values_(tensor) {}  // NOLINT
  Gradient(const IndexedSlices& slices)         // NOLINT
      : values_(slices.values),
        indices_(slices.indices),
        dense_shape_(slices.dense_shape) {}

  bool none() const { return !values_.valid(); }
  bool is_slices() const { return indices_.valid(); }
  bool is_tensor() const { return !none() && !is_slices(); }
  const Output& tensor() const { return values_; }
  IndexedSlices slices() const { return {values_, indices_, dense_shape_}; }
  // Of the tensor, or of the rows.
  Operation* op() const { return values_.op; }
  DataType dtype() const { return values_.dtype(); }
  // As an op's input. Rows become a tensor on the way, by UnsortedSegmentSum,
  // as Python's conversion of IndexedSlices does.
  operator Input() const;  // NOLINT

 private:
  Output values_;
  Output indices_;
  Output dense_shape_;
};

using Gradients = std::vector<Gradient>;
// `out` has an element for each output; those of trainable outputs are set.
// Returns one for each input. Errors are kept in the builder.
using GradientFunction = std::function<Gradients(
    GraphBuilder& b, Operation* op, const Gradients& out)>;

class GradientRegistry {
 public:
  // The process's registry. RegisterStandardOps() fills it.
  static GradientRegistry* Global();

  // Null: the op is known to have no gradient. KeyError "Registering two
  // gradient with name 'X'!" if there is one.
  absl::Status Add(absl::string_view name, GradientFunction function);
  // For an op whose functions come with the program: aborts on a duplicate.
  void AddStandard(absl::string_view name, GradientFunction function);
  void AddNotDifferentiable(std::initializer_list<absl::string_view> names);
  // LookupError "gradient registry has no entry for: X".
  absl::StatusOr<GradientFunction> Find(absl::string_view name) const;
  // For an op, by its attr _gradient_op_type or its type.
  absl::StatusOr<GradientFunction> FindFor(const Operation& op) const;

 private:
  mutable absl::Mutex mu_;
  absl::flat_hash_map<std::string, GradientFunction> functions_
      ABSL_GUARDED_BY(mu_);
};

// The families.
void RegisterArrayGradients(GradientRegistry* registry);
void RegisterControlFlowGradients(GradientRegistry* registry);
void RegisterElementwiseGradients(GradientRegistry* registry);
void RegisterImageGradients(GradientRegistry* registry);
void RegisterLinearAlgebraGradients(GradientRegistry* registry);
void RegisterMathGradients(GradientRegistry* registry);
void RegisterNnGradients(GradientRegistry* registry);
void RegisterReductionGradients(GradientRegistry* registry);
void RegisterResourceVariableGradients(GradientRegistry* registry);
void RegisterSegmentGradients(GradientRegistry* registry);
void RegisterSliceGradients(GradientRegistry* registry);
void RegisterTensorArrayGradients(GradientRegistry* registry);
void RegisterTensorListGradients(GradientRegistry* registry);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_GRADIENT_H_
