// Assert, Print, PrintV2.
#include <atomic>
#include <cstdio>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/kernel.h"
#include "ops/shape_helpers.h"
#include "ops/standard_ops.h"

namespace retrograph {
namespace {

// "[1 2 3...]", one for each input from the second on.
std::vector<std::string> Summaries(const KernelContext& ctx,
                                   int64_t summarize) {
  std::vector<std::string> parts;
  for (int i = 1; i < ctx.num_inputs(); ++i) {
    parts.push_back(
        absl::StrCat("[", ctx.input(i).SummarizeValues(summarize), "]"));
  }
  return parts;
}

void AssertKernel(KernelContext* ctx) {
  const Tensor& condition = ctx->input(0);
  RG_KERNEL_REQUIRES(
      ctx, condition.shape().rank() == 0,
      absl::InvalidArgumentError(absl::StrCat(
          "In[0] should be a scalar: ", condition.shape().DebugString())));
  if (condition.scalar<bool>()) return;
  int64_t summarize = 3;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("summarize", &summarize));
  ctx->SetStatus(absl::InvalidArgumentError(
      absl::StrCat("assertion failed: ",
                   absl::StrJoin(Summaries(*ctx, summarize), " "))));
}

// Prints the first `first_n` times (always if that is negative).
class PrintKernel final : public Kernel {
 public:
  static absl::StatusOr<std::unique_ptr<PrintKernel>> Create(
      const Operation& op) {
    auto kernel = std::make_unique<PrintKernel>();
    RG_RETURN_IF_ERROR(op.GetAttr("message", &kernel->message_));
    RG_RETURN_IF_ERROR(op.GetAttr("first_n", &kernel->first_n_));
    RG_RETURN_IF_ERROR(op.GetAttr("summarize", &kernel->summarize_));
    return kernel;
  }
  void Compute(KernelContext* ctx) override {
    if (first_n_ < 0 || calls_.fetch_add(1) < first_n_) {
      const std::string line =
          absl::StrCat(message_, absl::StrJoin(Summaries(*ctx, summarize_), ""),
                       "\n");
      std::fwrite(line.data(), 1, line.size(), stderr);
    }
    if (ctx->input_ref(0) != nullptr) {
      ctx->set_output_ref(0, ctx->input_ref(0));
    } else {
      ctx->set_output(0, ctx->TakeInput(0));
    }
  }

 private:
  std::string message_;
  int64_t first_n_ = -1, summarize_ = 3;
  std::atomic<int64_t> calls_{0};
};

// ---- PrintV2 ----

constexpr const char* kStreams[] = {"stdout", "stderr", "log(info)",
                                    "log(warning)", "log(error)"};
constexpr absl::string_view kFilePrefix = "file://";

absl::Status PrintV2Shape(InferenceContext* c) {
  const Shape& input = c->input(0);
  if (input.rank() != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("input must be a scalar, but has rank: ", input.rank()));
  }
  return absl::OkStatus();
}

class PrintV2Kernel final : public Kernel {
 public:
  static absl::StatusOr<std::unique_ptr<PrintV2Kernel>> Create(
      const Operation& op) {
    auto kernel = std::make_unique<PrintV2Kernel>();
    RG_RETURN_IF_ERROR(op.GetAttr("output_stream", &kernel->stream_));
    RG_RETURN_IF_ERROR(op.GetAttr("end", &kernel->end_));
    if (absl::StartsWith(kernel->stream_, kFilePrefix)) return kernel;
    for (const char* stream : kStreams) {
      if (kernel->stream_ == stream) return kernel;
    }
    return absl::InvalidArgumentError(absl::StrCat(
        "Unknown output stream: ", kernel->stream_, ", Valid streams are: ",
        absl::StrJoin(kStreams, " ")));
  }
  void Compute(KernelContext* ctx) override {
    const Tensor& input = ctx->input(0);
    RG_KERNEL_REQUIRES(
        ctx, input.num_elements() == 1,
        absl::InvalidArgumentError(absl::StrCat(
            "Input is expected to be scalar, but got ",
            input.shape().DebugString())));
    const std::string text =
        absl::StrCat(input.flat<std::string>()[0], end_);
    if (absl::StartsWith(stream_, kFilePrefix)) {
      RG_KERNEL_OK(ctx, AppendToFile(ctx->env().file_system, text));
      return;
    }
    std::FILE* to = stream_ == "stdout" ? stdout : stderr;
    std::fwrite(text.data(), 1, text.size(), to);
    std::fflush(to);
  }

 private:
  absl::Status AppendToFile(FileSystem* fs, const std::string& text) const {
    const std::string path = stream_.substr(kFilePrefix.size());
    std::string contents;
    if (fs->FileExists(path)) {
      RG_ASSIGN_OR_RETURN(contents, ReadFileToString(fs, path));
    }
    return WriteStringToFile(fs, path, contents + text);
  }

  std::string stream_, end_;
};

}  // namespace

void RegisterLoggingOps(OpRegistry* registry) {
  registry->Op("Assert")
      .Input("condition: bool")
      .Input("data: T")
      .Attr("T: list(type) >= 1")
      .Attr("summarize: int = 3")
      .Stateful()
      .Shape(NoOutputShape)
      .Kernel({}, StatelessKernel(AssertKernel));
  registry->Op("Print")
      .Input("input: T")
      .Input("data: U")
      .Output("output: T")
      .Attr("T: type")
      .Attr("U: list(type) >= 0")
      .Attr("message: string = ''")
      .Attr("first_n: int = -1")
      .Attr("summarize: int = 3")
      .Stateful()
      .Shape(UnchangedShape)
      .Kernel({}, KernelOf<PrintKernel>());
  registry->Op("PrintV2")
      .Input("input: string")
      .Attr("output_stream: string = 'stderr'")
      .Attr("end: string = '\n'")
      .Stateful()
      .Shape(PrintV2Shape)
      .Kernel({}, KernelOf<PrintV2Kernel>());
}

}  // namespace retrograph
