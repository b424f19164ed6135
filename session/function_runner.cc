#include "session/function_runner.h"

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "ops/function.h"
#include "ops/step_container.h"
#include "session/cancellation.h"
#include "session/executor.h"
#include "session/kernel_cache.h"
#include "session/plan.h"

namespace retrograph {
namespace {

// Calls have numbers of their own, below those of runs: what lives for a call
// must not be forgotten with the run around it, nor the other way round.
int64_t NextCallId() {
  static std::atomic<int64_t> next{-1};
  return next.fetch_sub(1, std::memory_order_relaxed);
}

// Each call takes some of the thread's stack.
constexpr int kMaxDepth = 100;

class CompiledFunction final : public Function {
 public:
  static absl::StatusOr<FunctionPtr> Compile(FunctionBody body) {
    auto made = std::make_shared<CompiledFunction>();
    made->body_ = std::move(body);
    Signature signature;
    signature.feeds = made->body_.arguments;
    signature.fetches = made->body_.results;
    signature.targets = made->body_.must_run;
    RG_ASSIGN_OR_RETURN(made->plan_,
                        Plan::Compile(signature, &made->kernels_));
    return FunctionPtr(std::move(made));
  }

  int num_arguments() const override {
    return static_cast<int>(body_.arguments.size());
  }

  absl::StatusOr<std::vector<Tensor>> Call(
      const RunEnvironment& env,
      std::vector<Tensor> arguments) const override {
    RG_RETURN_IF_ERROR(CheckArguments(arguments));
    static thread_local int depth = 0;
    if (depth >= kMaxDepth) {
      return absl::ResourceExhaustedError(
          "Functions call one another without an end.");
    }
    ++depth;
    const absl::Cleanup leave = [] { --depth; };
    CancellationManager cancellation;
    int64_t token = 0;
    if (env.cancellation != nullptr &&
        !env.cancellation->OnCancel(
            &token, [&cancellation] { cancellation.Cancel(); })) {
      return absl::CancelledError("Function call was cancelled");
    }
    RunEnvironment call = env;
    call.step_id = NextCallId();
    absl::StatusOr<std::vector<Tensor>> results =
        ExecutePlan(*plan_, arguments, call, &cancellation, {});
    if (env.cancellation != nullptr) env.cancellation->Forget(token);
    if (plan_->has_step_resources) {
      env.resources->Clear(StepContainer(call.step_id));
    }
    if (!results.ok()) return ErrorInFunction(results.status());
    return results;
  }

 private:
  // The node that is told of is the body's; its caller's comes behind it.
  absl::Status ErrorInFunction(const absl::Status& status) const {
    std::string message(status.message());
    if (!absl::StartsWith(message, "{{function_node ")) {
      message = absl::StrCat("{{function_node ", body_.name, "}} ", message);
    }
    absl::Status result = WithMessage(status, message);
    SetErrorOpName(&result, "");
    return result;
  }

  absl::Status CheckArguments(const std::vector<Tensor>& arguments) const {
    if (arguments.size() != body_.arguments.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("Expected ", body_.arguments.size(),
                       " arguments, but got ", arguments.size()));
    }
    for (size_t i = 0; i < arguments.size(); ++i) {
      const DataType expected = RemoveRefType(body_.arguments[i].dtype());
      if (arguments[i].dtype() == expected) continue;
      return absl::InvalidArgumentError(absl::StrCat(
          "Expects arg[", i, "] to be ", DataTypeString(expected), " but ",
          DataTypeString(arguments[i].dtype()), " is provided"));
    }
    return absl::OkStatus();
  }

  FunctionBody body_;
  KernelCache kernels_;
  std::unique_ptr<const Plan> plan_;
};

}  // namespace

void InstallFunctionRunner() {
  SetFunctionCompiler(&CompiledFunction::Compile);
}

}  // namespace retrograph
