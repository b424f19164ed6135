// FunctionDefs: a function of a graph's library, made of a body and unpacked
// into one again.
//
// Source: tensorflow/c/c_api_function.cc, tensorflow/core/framework/function.cc.
#ifndef RETROGRAPH_GRAPH_FUNCTION_DEF_H_
#define RETROGRAPH_GRAPH_FUNCTION_DEF_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "graph/graph.h"
#include "proto/function.pb.h"

namespace retrograph {

// A function as a graph of its own.
struct FunctionBody {
  std::string name;
  std::shared_ptr<Graph> graph;
  std::vector<Output> arguments;  // placeholders
  std::vector<Output> results;
  std::vector<Operation*> must_run;  // beside what the results need
};

// The function of this body. Arguments and results are named after their
// ops ("Mul/c" becomes mul_c), nodes keep their names.
//
// Errors: InvalidArgument for an op that the registry does not know, since how
// its outputs are called is not known either.
absl::StatusOr<FunctionDef> ToFunctionDef(const FunctionBody& body);

// The body of a function. `library` goes along, for functions that it names.
//
// Errors: InvalidArgument for a function that is not well formed (an input that
// no node has, a result of another type, attrs to be filled in), and what an
// import reports.
absl::StatusOr<FunctionBody> UnpackFunction(const FunctionDef& function,
                                            const FunctionDefLibrary& library,
                                            const OpRegistry* registry);

// A graph's library; the function of this name in it, or nothing.
FunctionDefLibrary LibraryOf(const Graph& graph);
absl::optional<FunctionDef> FindFunction(const FunctionDefLibrary& library,
                                         const std::string& name);

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_FUNCTION_DEF_H_
