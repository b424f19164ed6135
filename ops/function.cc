#include "ops/function.h"

#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/graph.h"

namespace retrograph {
namespace {

std::atomic<FunctionCompiler>& Compiler() {
  static std::atomic<FunctionCompiler> compiler{nullptr};
  return compiler;
}

}  // namespace

void SetFunctionCompiler(FunctionCompiler compiler) { Compiler() = compiler; }

absl::StatusOr<FunctionPtr> FunctionOfAttr(const Operation& op,
                                           absl::string_view attr) {
  const AttrValue* const value = op.FindAttr(attr);
  if (value == nullptr || value->value_case() != AttrValue::kFunc) {
    return absl::InvalidArgumentError(
        absl::StrCat("No function in attr ", attr, " of ", op.name()));
  }
  const std::string& name = value->func().name();
  const FunctionDefLibrary library = LibraryOf(*op.graph());
  const absl::optional<FunctionDef> function = FindFunction(library, name);
  if (!function.has_value()) {
    return absl::NotFoundError(
        absl::StrCat("Function ", name, " is not defined."));
  }
  const FunctionCompiler compiler = Compiler();
  if (compiler == nullptr) {
    return absl::UnimplementedError("Functions cannot be executed here.");
  }
  RG_ASSIGN_OR_RETURN(
      FunctionBody body,
      UnpackFunction(*function, library, op.graph()->registry()));
  return compiler(std::move(body));
}

}  // namespace retrograph
