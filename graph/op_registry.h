// OpRegistry: every op that can be built, in one place an op: its signature,
// its shape function and its kernels.
//
// Example (ops/math_ops.cc):
//   registry->Op("AddV2")
//       .Input("x: T").Input("y: T").Output("z: T")
//       .Attr("T: {bfloat16, half, float, double, uint8, ...}")
//       .Shape(BroadcastBinaryShape)
//       .Kernel({{"T", {DT_FLOAT, DT_DOUBLE}}}, MakeAddKernel);
//
// Signatures are TensorFlow 1.15.5's OpDefs (names, order, defaults, allowed
// values), since they show in exported graphs.
//
// Registration is explicit: ops/standard_ops.h fills OpRegistry::Global() once.
// Threads: registration is not thread-safe; look-ups are, once it is done.
#ifndef RETROGRAPH_GRAPH_OP_REGISTRY_H_
#define RETROGRAPH_GRAPH_OP_REGISTRY_H_

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/dtype.h"
#include "proto/op_def.pb.h"

namespace retrograph {

class InferenceContext;  // shape_inference.h
class Kernel;            // ops/kernel.h
class Operation;

using ShapeFn = std::function<absl::Status(InferenceContext*)>;
// Makes the kernel of one node. Called once per node and session.
using KernelFactory =
    std::function<absl::StatusOr<std::unique_ptr<Kernel>>(const Operation&)>;

struct KernelRegistration {
  // The node's attr must be one of the types; attrs not named are free.
  std::vector<std::pair<std::string, DataTypeVector>> type_constraints;
  KernelFactory factory;
  // The kernel takes uninitialised refs (Assign, IsVariableInitialized).
  bool allows_uninitialized_input = false;
};

struct OpSignature;  // op_signature.h

struct OpRegistration {
  OpRegistration();
  ~OpRegistration();
  OpRegistration(const OpRegistration&) = delete;
  OpRegistration& operator=(const OpRegistration&) = delete;

  OpDef def;
  ShapeFn shape_fn;  // may be empty: outputs of unknown shape
  std::vector<KernelRegistration> kernels;

  // `def` prepared for fast use, made at the first call, when `def` must be
  // complete. Thread-safe.
  const OpSignature& signature() const;

 private:
  mutable std::once_flag signature_once_;
  mutable std::unique_ptr<const OpSignature> signature_;
};

// Adds to one registration; see the example above. The specs are TensorFlow's
// (REGISTER_OP); a bad one aborts, for it is a mistake in code.
class OpBuilder {
 public:
  explicit OpBuilder(OpRegistration* registration);
  // "x: T", "x: Ref(T)", "values: N * T", "tensors: dtypes" (a list attr),
  // "x: float".
  OpBuilder& Input(absl::string_view spec);
  OpBuilder& Output(absl::string_view spec);
  // "T: type", "T: {float, double}", "N: int >= 1", "axis: int = 0",
  // "shape: shape = { unknown_rank: true }", "dtypes: list(type) >= 1",
  // "container: string = ''", "Tidx: {int32, int64} = DT_INT32",
  // "T: numbertype", "padding: {'SAME', 'VALID'}".
  OpBuilder& Attr(absl::string_view spec);
  OpBuilder& Stateful();
  OpBuilder& Commutative();
  OpBuilder& Aggregate();
  OpBuilder& AllowsUninitializedInput();  // the OpDef flag
  OpBuilder& Deprecated(int version, absl::string_view explanation);
  OpBuilder& Shape(ShapeFn fn);
  // A kernel for the types given ({}: every type).
  OpBuilder& Kernel(
      std::vector<std::pair<std::string, DataTypeVector>> type_constraints,
      KernelFactory factory);
  // A kernel that takes uninitialised refs.
  OpBuilder& UninitializedKernel(
      std::vector<std::pair<std::string, DataTypeVector>> type_constraints,
      KernelFactory factory);

 private:
  OpRegistration* registration_;
};

class OpRegistry {
 public:
  // The process's registry. Empty until RegisterStandardOps() has run.
  static OpRegistry* Global();

  OpBuilder Op(absl::string_view name);  // aborts on a duplicate
  const OpRegistration* Find(absl::string_view name) const;  // null: unknown
  // NotFound with TensorFlow's text, hints included, for an unknown op.
  absl::StatusOr<const OpRegistration*> LookUp(absl::string_view name) const;
  std::vector<std::string> Names() const;  // sorted

 private:
  absl::flat_hash_map<std::string, std::unique_ptr<OpRegistration>> ops_;
};

// "Op<name=Placeholder; signature= -> output:dtype; attr=dtype:type; ...>", as
// TensorFlow prints an OpDef in error texts (SummarizeOpDef).
std::string SummarizeOpDef(const OpDef& def);

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_OP_REGISTRY_H_
