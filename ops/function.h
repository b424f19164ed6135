// Functions of a graph's library that kernels call: a dataset's map, filter,
// key.
//
// How a body is executed is the business of a room above this one (session/),
// which says so once, by SetFunctionCompiler().
#ifndef RETROGRAPH_OPS_FUNCTION_H_
#define RETROGRAPH_OPS_FUNCTION_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/tensor.h"
#include "graph/function_def.h"
#include "ops/kernel.h"

namespace retrograph {

// A function ready to be called. Its kernels live as long as it does, so a
// random op goes on from call to call.
//
// Threads: thread-safe.
class Function {
 public:
  virtual ~Function() = default;
  virtual int num_arguments() const = 0;
  // Runs the body with what `env` offers and returns the results.
  //
  // Errors: InvalidArgument for arguments of another number or type, and what
  // the kernels of the body report, with the names of their nodes.
  virtual absl::StatusOr<std::vector<Tensor>> Call(
      const RunEnvironment& env, std::vector<Tensor> arguments) const = 0;
};
using FunctionPtr = std::shared_ptr<const Function>;

using FunctionCompiler = absl::StatusOr<FunctionPtr> (*)(FunctionBody body);
// For the whole process, before a kernel asks for a function.
void SetFunctionCompiler(FunctionCompiler compiler);

// The function that attr `attr` of the op names, made anew.
//
// Errors: NotFound if the graph's library has no such function, InvalidArgument
// for one that is not well formed, Unimplemented if nobody can execute it.
absl::StatusOr<FunctionPtr> FunctionOfAttr(const Operation& op,
                                           absl::string_view attr);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_FUNCTION_H_
