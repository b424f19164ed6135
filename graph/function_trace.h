// FunctionTrace: building the body of a function out of a program that builds a
// graph.
//
// While a trace is entered on a thread, an op of the body may take tensors of
// other graphs: each becomes a placeholder of the body, in the op's name scope,
// an argument that the caller of the function passes on ("captures").
//
// Example:
//   FunctionTrace trace(body);
//   {
//     FunctionTrace::Scope scope(&trace);
//     Output y = builder.Op("Mul", {x_of_body, c_of_outer_graph});
//   }
//   trace.captures();  // {{c_of_outer_graph, placeholder "Mul/c"}}
//
// Threads: thread-compatible; a scope counts for its thread alone.
//
// Source: tensorflow/python/framework/func_graph.py (FuncGraph.capture),
// auto_control_deps.py.
#ifndef RETROGRAPH_GRAPH_FUNCTION_TRACE_H_
#define RETROGRAPH_GRAPH_FUNCTION_TRACE_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "graph/graph.h"

namespace retrograph {

class FunctionTrace {
 public:
  explicit FunctionTrace(std::shared_ptr<Graph> body)
      : body_(std::move(body)) {}
  FunctionTrace(const FunctionTrace&) = delete;
  FunctionTrace& operator=(const FunctionTrace&) = delete;

  // Needs one Exit on the same thread, the last entered first.
  void Enter();
  void Exit();
  class Scope {
   public:
    explicit Scope(FunctionTrace* trace) : trace_(trace) { trace->Enter(); }
    ~Scope() { trace_->Exit(); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    FunctionTrace* trace_;
  };
  // The entered trace of this thread whose body `graph` is, or null.
  static FunctionTrace* Of(const Graph* graph);

  Graph* body() const { return body_.get(); }
  // The tensor itself if it is of the body, else its placeholder, which is made
  // at the first request.
  absl::StatusOr<Output> Capture(const Output& tensor);
  // (tensor outside, placeholder), in order of their first use.
  const std::vector<std::pair<Output, Output>>& captures() const {
    return captures_;
  }

 private:
  const std::shared_ptr<Graph> body_;
  std::vector<std::pair<Output, Output>> captures_;
};

// Makes the stateful ops of `graph` run in the order in which they were made
// (of each resource its users; the others one after the other), and before the
// ops `results`. Random ops are let alone, and so is what is in loops.
//
// Returns the ops that a call must run whatever it is called for.
std::vector<Operation*> AddAutomaticControlDependencies(
    Graph* graph, absl::Span<Operation* const> results);

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_FUNCTION_TRACE_H_
