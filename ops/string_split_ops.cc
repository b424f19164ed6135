// StringSplit, StringSplitV2: a vector of strings becomes a ragged table of
// pieces, given as a sparse tensor.
#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/kernel.h"
#include "ops/shape_helpers.h"
#include "ops/string_ops.h"

namespace retrograph {
namespace {

using Pieces = std::vector<absl::string_view>;

// At any of the characters `delimiters`; between all characters if there are
// none.
Pieces SplitAtAny(absl::string_view text, absl::string_view delimiters,
                  bool skip_empty) {
  Pieces pieces;
  if (delimiters.empty()) {
    for (size_t i = 0; i < text.size(); ++i) pieces.push_back(text.substr(i, 1));
    return pieces;
  }
  if (text.empty()) return pieces;
  size_t start = 0;
  while (start <= text.size()) {
    const size_t end =
        std::min(text.find_first_of(delimiters, start), text.size());
    if (end > start || !skip_empty) {
      pieces.push_back(text.substr(start, end - start));
    }
    start = end + 1;
  }
  return pieces;
}

// As Python's str.split(): at whitespace if `separator` is empty, at most
// `max_splits` times unless that is negative.
Pieces SplitAtSeparator(absl::string_view text, absl::string_view separator,
                        int64_t max_splits) {
  Pieces pieces;
  if (!separator.empty()) {
    for (; max_splits != 0; --max_splits) {
      const size_t end = text.find(separator);
      if (end == absl::string_view::npos) break;
      pieces.push_back(text.substr(0, end));
      text.remove_prefix(end + separator.size());
    }
    pieces.push_back(text);
    return pieces;
  }
  text = absl::StripLeadingAsciiWhitespace(text);
  for (; max_splits != 0 && !text.empty(); --max_splits) {
    auto end = std::find_if(text.begin(), text.end(), absl::ascii_isspace);
    const size_t size = end - text.begin();
    pieces.push_back(text.substr(0, size));
    text = absl::StripLeadingAsciiWhitespace(text.substr(size));
  }
  if (!text.empty()) pieces.push_back(text);
  return pieces;
}

absl::Status SplitShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(0), 1).status());
  RG_RETURN_IF_ERROR(c->WithRank(c->input(1), 0).status());
  c->set_output(0, Shape({kUnknownDim, 2}));
  c->set_output(1, VectorOf(kUnknownDim));
  c->set_output(2, VectorOf(2));
  return absl::OkStatus();
}

void SetOutputs(KernelContext* ctx, const std::vector<Pieces>& rows) {
  int64_t count = 0, widest = 0;
  for (const Pieces& row : rows) {
    count += row.size();
    widest = std::max<int64_t>(widest, row.size());
  }
  Tensor indices(DT_INT64, TensorShape({count, 2}));
  Tensor values(DT_STRING, TensorShape({count}));
  auto index = indices.mutable_flat<int64_t>();
  auto value = values.mutable_flat<std::string>();
  size_t at = 0;
  for (size_t r = 0; r < rows.size(); ++r) {
    for (size_t k = 0; k < rows[r].size(); ++k, ++at) {
      index[2 * at] = r;
      index[2 * at + 1] = k;
      value[at] = std::string(rows[r][k]);
    }
  }
  ctx->set_output(0, std::move(indices));
  ctx->set_output(1, std::move(values));
  ctx->set_output(
      2, Tensor::Vector<int64_t>({static_cast<int64_t>(rows.size()), widest}));
}

absl::Status CheckInputs(const KernelContext& ctx, absl::string_view name) {
  if (ctx.input(0).shape().rank() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("input must be a vector, got shape: ",
                     ctx.input(0).shape().DebugString()));
  }
  if (ctx.input(1).shape().rank() != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " must be a scalar, got shape: ",
                     ctx.input(1).shape().DebugString()));
  }
  return absl::OkStatus();
}

void StringSplitKernel(KernelContext* ctx) {
  RG_KERNEL_OK(ctx, CheckInputs(*ctx, "delimiter"));
  bool skip_empty = true;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("skip_empty", &skip_empty));
  std::vector<Pieces> rows;
  for (const std::string& text : ctx->input(0).flat<std::string>()) {
    rows.push_back(SplitAtAny(text, ctx->input(1).scalar<std::string>(),
                              skip_empty));
  }
  SetOutputs(ctx, rows);
}

void StringSplitV2Kernel(KernelContext* ctx) {
  RG_KERNEL_OK(ctx, CheckInputs(*ctx, "sep"));
  int64_t max_splits = -1;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("maxsplit", &max_splits));
  std::vector<Pieces> rows;
  for (const std::string& text : ctx->input(0).flat<std::string>()) {
    rows.push_back(SplitAtSeparator(text, ctx->input(1).scalar<std::string>(),
                                    max_splits));
  }
  SetOutputs(ctx, rows);
}

}  // namespace

void RegisterStringSplitOps(OpRegistry* registry) {
  registry->Op("StringSplit")
      .Input("input: string")
      .Input("delimiter: string")
      .Output("indices: int64")
      .Output("values: string")
      .Output("shape: int64")
      .Attr("skip_empty: bool = true")
      .Shape(SplitShape)
      .Kernel({}, StatelessKernel(StringSplitKernel));
  registry->Op("StringSplitV2")
      .Input("input: string")
      .Input("sep: string")
      .Output("indices: int64")
      .Output("values: string")
      .Output("shape: int64")
      .Attr("maxsplit: int = -1")
      .Shape(SplitShape)
      .Kernel({}, StatelessKernel(StringSplitV2Kernel));
}

}  // namespace retrograph
