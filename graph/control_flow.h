// ControlFlowContext: a branch of a cond, or a while_loop, while the graph in
// it is built.
//
// TensorFlow 1's control flow is dataflow: a tensor from outside enters a
// branch through a Switch on the predicate and a loop through an Enter, and an
// op without inputs waits for a pivot, an op that only runs with the branch or
// in each iteration. The thread's current context (Graph) sees to that for
// every op that is made, so whoever writes a branch need not know of it.
//
// What is made inside may be dead, so it cannot be fetched, and inside a loop
// not fed either. Contexts nest: a tensor passes through each on its way in.
//
// Cond (cond.h) and WhileLoop (while_loop.h) make contexts; FromProto() makes
// them again for an imported meta graph.
//
// Ownership: graphs keep the contexts that were entered. A context keeps
//   pointers into its graph, which must outlive it.
// Threads: graph building only.
//
// Source: tensorflow/python/ops/control_flow_ops.py, control_flow_util.py.
#ifndef RETROGRAPH_GRAPH_CONTROL_FLOW_H_
#define RETROGRAPH_GRAPH_CONTROL_FLOW_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "graph/graph.h"
#include "graph/operation.h"
#include "proto/control_flow.pb.h"

namespace retrograph {

class WhileContext;

// What the loop that computes the gradients of another knows of that one;
// ops/loop_gradient.h has the rest of it.
class LoopGradient {
 public:
  virtual ~LoopGradient() = default;
  virtual WhileContext* forward_context() const = 0;
  // What `value`, of the forward loop, was in the iteration that is gone back
  // through: the forward loop keeps it on a stack. Called in the backward loop.
  virtual absl::StatusOr<Output> RealValue(const Output& value) = 0;
};

class ControlFlowContext : public CollectionObject {
 public:
  Graph* graph() const { return graph_; }
  const std::string& name() const { return name_; }  // "cond/cond_text"
  absl::optional<std::string> CollectionName() const override { return name_; }
  // The context around this one, or null.
  ControlFlowContext* outer() const { return outer_; }
  virtual bool is_while() const = 0;
  // The innermost loop that this context is or is in, or null.
  WhileContext* GetWhileContext();
  // What ops without inputs wait for; invalid if there is nothing yet.
  virtual Output control_pivot() const = 0;

  // `value` as ops in this context see it; adds the nodes that it takes.
  virtual absl::StatusOr<Output> AddValue(const Output& value) = 0;
  // Tensors of this context, by name, that the one around it may now use.
  void ExitResult(absl::Span<const Output> results);
  // A tensor that may be used in here as it is.
  void AddName(const Output& value) { values_.insert(value.name()); }
  // Graph::EnterControlFlowContext for one that the graph keeps already.
  void EnterAgain();
  // Makes `op` one of `context`, which may be null; nothing else changes.
  static void SetContext(Operation* op, ControlFlowContext* context);
  // The context that an op's outputs belong to: an Exit's is the one around.
  static ControlFlowContext* OfOutputs(const Operation* op);
  // Whether Graph::UpdateInput gave `op` this input. TensorFlow then names it
  // in the node with its output's number even if that is 0 ("switch:0").
  static bool IsReplacedInput(const Operation& op, int index);

  // As a meta graph keeps it. `export_scope` is taken off the names; false,
  // and nothing is written, if the context is not in that scope.
  bool ToProto(absl::string_view export_scope,
               ControlFlowContextDef* def) const;
  // The context and those nested in it, in the current context of `graph`. The
  // ops that it names must exist, in `import_scope` ("" for none).
  //
  // Errors: KeyError or ValueError for names that are not in the graph,
  // NotImplementedError for a kind of context that is not known.
  static absl::StatusOr<std::shared_ptr<ControlFlowContext>> FromProto(
      Graph* graph, const ControlFlowContextDef& def,
      absl::string_view import_scope);

  // For Graph: an op that was just made joins its context.
  //
  // Errors: ValueError if an input is of a loop that the op is not in.
  static absl::Status Adopt(Operation* op);

 protected:
  friend class Graph;
  // In the current context of `graph`.
  explicit ControlFlowContext(Graph* graph);

  virtual absl::Status AddOp(Operation* op) = 0;
  // AddOp() for an op that surely stays in this context.
  virtual absl::Status AddOpHere(Operation* op) { return AddOp(op); }
  static absl::Status AddOpTo(ControlFlowContext* context, Operation* op) {
    return context->AddOpHere(op);
  }
  virtual void WriteTo(absl::string_view export_scope,
                       ControlFlowContextDef* def) const = 0;

  bool Knows(const Output& value) const {
    return values_.count(value.name()) > 0;
  }
  // The tensor that stands for an outer one in here; invalid if none does.
  Output FindExternal(const Output& value) const;
  void AddOutputs(const Operation* op);
  // Takes the control inputs from other loops off `op` and returns them.
  std::vector<Operation*> RemoveExternalControls(Operation* op);
  // What the control dependency scopes ask for, as far as it may be waited for
  // outside of this loop, is asked of its Enters, which join the context.
  void FixControlInputs(absl::Span<const Output> enters);
  ValuesDef ValuesToProto(absl::string_view export_scope) const;
  // Returns the ops that belong to the context.
  absl::StatusOr<std::vector<Operation*>> ReadValues(
      const ValuesDef& def, absl::string_view import_scope);
  // Once all of `context` is read: its ops and the nested contexts join it.
  static absl::Status JoinRead(
      const std::shared_ptr<ControlFlowContext>& context,
      absl::Span<Operation* const> ops,
      const google::protobuf::RepeatedPtrField<ControlFlowContextDef>& nested,
      absl::string_view import_scope);
  void WriteNested(
      google::protobuf::RepeatedPtrField<ControlFlowContextDef>* defs) const;

  Graph* const graph_;
  ControlFlowContext* const outer_;
  std::string name_;
  std::vector<ControlFlowContext*> nested_;  // those that were entered
  // Names of all tensors seen in here, and the outer ones' stand-ins by name.
  std::set<std::string> values_;
  std::map<std::string, Output> external_;
};

// One branch of a cond.
class CondContext final : public ControlFlowContext {
 public:
  // `pivot` is an op that runs if the branch (1: true, 0: false) is taken.
  CondContext(Graph* graph, const Output& pred, const Output& pivot,
              int branch);
  static absl::StatusOr<std::shared_ptr<CondContext>> FromProto(
      Graph* graph, const CondContextDef& def, absl::string_view import_scope);

  const Output& pred() const { return pred_; }
  const Output& pivot() const { return pivot_; }
  int branch() const { return branch_; }

  std::string TypeName() const override { return "CondContext"; }
  bool is_while() const override { return false; }
  Output control_pivot() const override { return pivot_; }
  absl::StatusOr<Output> AddValue(const Output& value) override;
  // A result of the branch: an outer tensor is switched into it.
  absl::StatusOr<Output> AddResult(const Output& value);

 private:
  explicit CondContext(Graph* graph) : ControlFlowContext(graph) {}
  absl::Status AddOp(Operation* op) override;
  void WriteTo(absl::string_view export_scope,
               ControlFlowContextDef* def) const override;
  absl::StatusOr<Output> SwitchInto(const Output& value) const;

  Output pred_;
  Output pivot_;
  int branch_ = 0;
};

struct WhileOptions {
  int parallel_iterations = 10;
  bool back_prop = true;
  bool swap_memory = false;
  // Told in the meta graph only; invalid: no bound.
  Output maximum_iterations;
};

// A while_loop.
class WhileContext final : public ControlFlowContext {
 public:
  WhileContext(Graph* graph, WhileOptions options);
  // Named after the loop that this one goes back through.
  WhileContext(Graph* graph, WhileOptions options, absl::string_view name);
  static absl::StatusOr<std::shared_ptr<WhileContext>> FromProto(
      Graph* graph, const WhileContextDef& def,
      absl::string_view import_scope);

  const WhileOptions& options() const { return options_; }
  const Output& pivot() const { return pivot_; }  // the LoopCond
  const std::vector<Output>& enters() const { return enters_; }
  const std::vector<Output>& exits() const { return exits_; }

  std::string TypeName() const override { return "WhileContext"; }
  bool is_while() const override { return true; }
  Output control_pivot() const override {
    return pivot_for_body_.valid() ? pivot_for_body_ : pivot_for_pred_;
  }
  absl::StatusOr<Output> AddValue(const Output& value) override;

  // ---- For gradients ----

  // Null unless the loop goes back through another one.
  LoopGradient* gradient() const { return gradient_.get(); }
  void set_gradient(std::shared_ptr<LoopGradient> gradient) {
    gradient_ = std::move(gradient);
  }
  // A variable more: `value` as it comes in, and as it goes out. The context
  // has been entered.
  absl::StatusOr<Output> EnterVariable(const Output& value,
                                       absl::string_view name,
                                       bool keep_shape = true);
  void AddExit(const Output& exit);
  void set_pivot_for_pred(const Output& pivot) { pivot_for_pred_ = pivot; }
  void set_pivot(const Output& pivot) { pivot_ = pivot; }
  void set_pivot_for_body(const Output& pivot) { pivot_for_body_ = pivot; }

 private:
  friend class WhileLoop;  // while_loop.h
  explicit WhileContext(Graph* graph) : ControlFlowContext(graph) {}
  absl::Status AddOp(Operation* op) override;
  absl::Status AddOpHere(Operation* op) override;
  absl::Status AddExternalControls(Operation* op,
                                   absl::Span<Operation* const> controls);
  void WriteTo(absl::string_view export_scope,
               ControlFlowContextDef* def) const override;
  absl::Status ReadTensors(const WhileContextDef& def,
                           absl::string_view import_scope);

  // An Enter of this loop, made outside of all contexts.
  absl::StatusOr<Output> EnterLoop(const Output& value, bool is_constant,
                                   bool keep_shape,
                                   absl::string_view name = "");
  // Null unless `value` is of the loop that this one goes back through.
  LoopGradient* GradientThrough(const Operation* op) const;
  // The context then has seen these tensors and no others.
  void ResetValues(absl::Span<const Output> values);

  WhileOptions options_;
  Output pivot_;
  Output pivot_for_pred_;
  Output pivot_for_body_;
  std::vector<Output> enters_;
  std::vector<Output> exits_;
  std::shared_ptr<LoopGradient> gradient_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_CONTROL_FLOW_H_
