// PyFunc, PyFuncStateless: functions that a script gave.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/kernel.h"
#include "ops/py_func.h"

namespace retrograph {
namespace {

PyFuncRunner& Runner() {
  static auto* runner = new PyFuncRunner();
  return *runner;
}

class PyFuncKernel final : public Kernel {
 public:
  static absl::StatusOr<std::unique_ptr<PyFuncKernel>> Create(
      const Operation& op) {
    auto kernel = std::make_unique<PyFuncKernel>();
    RG_RETURN_IF_ERROR(op.GetAttr("token", &kernel->token_));
    return kernel;
  }
  // Nobody knows what the function does.
  bool IsExpensive() const override { return true; }

  void Compute(KernelContext* ctx) override {
    RG_KERNEL_REQUIRES(ctx, Runner() != nullptr,
                       absl::UnimplementedError(absl::StrCat(
                           "No Python runs here to call ", token_)));
    std::vector<Tensor> arguments;
    for (int i = 0; i < ctx->num_inputs(); ++i) {
      arguments.push_back(ctx->TakeInput(i));
    }
    auto results = Runner()(token_, std::move(arguments));
    RG_KERNEL_OK(ctx, results.status());
    const int expected = ctx->op().num_outputs();
    RG_KERNEL_REQUIRES(
        ctx, static_cast<int>(results->size()) == expected,
        absl::InvalidArgumentError(
            absl::StrCat(token_, " returns ", results->size(),
                         " values, but expects to see ", expected,
                         " values.")));
    for (int i = 0; i < expected; ++i) {
      Tensor& value = (*results)[i];
      const DataType dtype = ctx->op().output_type(i);
      RG_KERNEL_REQUIRES(
          ctx, value.dtype() == dtype,
          absl::InvalidArgumentError(absl::StrCat(
              i, "-th value returned by ", token_, " is ",
              DataTypeString(value.dtype()), ", but expects ",
              DataTypeString(dtype))));
      ctx->set_output(i, std::move(value));
    }
  }

 private:
  std::string token_;
};

}  // namespace

void SetPyFuncRunner(PyFuncRunner runner) { Runner() = std::move(runner); }

void RegisterPyFuncOps(OpRegistry* registry) {
  for (const bool stateful : {true, false}) {
    OpBuilder op = registry->Op(stateful ? "PyFunc" : "PyFuncStateless");
    op.Input("input: Tin")
        .Output("output: Tout")
        .Attr("token: string")
        .Attr("Tin: list(type) >= 0")
        .Attr("Tout: list(type) >= 0")
        .Shape(UnknownShape)
        .Kernel({}, KernelOf<PyFuncKernel>());
    if (stateful) op.Stateful();
  }
}

}  // namespace retrograph
