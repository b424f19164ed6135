// Strings changed one by one, or joined: base64, patterns, lengths.
#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/data_movement.h"
#include "ops/kernel.h"
#include "ops/parsing_ops.h"
#include "re2/re2.h"

namespace retrograph {
namespace {

// ---- One string after the other ----

using Change = std::function<absl::StatusOr<std::string>(const std::string&)>;

// The kernel of `prepare`, which looks at attrs and other inputs and returns
// what is done to each string of input 0.
template <absl::StatusOr<Change> (*prepare)(const KernelContext&)>
void ChangeKernel(KernelContext* ctx) {
  const absl::StatusOr<Change> change = prepare(*ctx);
  RG_KERNEL_OK(ctx, change.status());
  Tensor out = ctx->Allocate(DT_STRING, ctx->input(0).shape());
  if (!ctx->status().ok()) return;
  const auto from = ctx->input(0).flat<std::string>();
  const auto to = out.mutable_flat<std::string>();
  for (size_t i = 0; i < from.size(); ++i) {
    absl::StatusOr<std::string> changed = (*change)(from[i]);
    RG_KERNEL_OK(ctx, changed.status());
    to[i] = *std::move(changed);
  }
  ctx->set_output(0, std::move(out));
}

// ---- Base64, in the alphabet that is safe in a URL ----

constexpr char kAlphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string Encoded(const std::string& in, bool pad) {
  std::string out;
  uint32_t bits = 0;
  int num_bits = 0;
  for (const char c : in) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (num_bits += 8; num_bits >= 6; num_bits -= 6) {
      out.push_back(kAlphabet[(bits >> (num_bits - 6)) & 63]);
    }
  }
  if (num_bits > 0) out.push_back(kAlphabet[(bits << (6 - num_bits)) & 63]);
  while (pad && out.size() % 4 != 0) out.push_back('=');
  return out;
}

absl::StatusOr<std::string> Decoded(const std::string& text) {
  absl::string_view in = text;
  // Padding fills up to a multiple of four.
  if (in.size() % 4 == 0) {
    for (int i = 0; i < 2 && !in.empty() && in.back() == '='; ++i) {
      in.remove_suffix(1);
    }
  }
  std::string out;
  uint32_t bits = 0;
  int num_bits = 0;
  for (size_t i = 0; i < in.size(); ++i) {
    const char c = in[i];
    // What comes before is looked at first.
    if (i + 1 == in.size() && in.size() % 4 == 1) {
      return absl::InvalidArgumentError(
          "Base64 string length cannot be 1 modulo 4.");
    }
    const char* const at = std::find(kAlphabet, kAlphabet + 64, c);
    if (at == kAlphabet + 64) {
      return absl::InvalidArgumentError("Invalid character found in base64.");
    }
    bits = bits << 6 | static_cast<uint32_t>(at - kAlphabet);
    num_bits += 6;
    if (num_bits < 8) continue;
    num_bits -= 8;
    out.push_back(static_cast<char>(bits >> num_bits));
  }
  return out;
}

absl::StatusOr<Change> PrepareEncode(const KernelContext& ctx) {
  bool pad = false;
  RG_RETURN_IF_ERROR(ctx.op().GetAttr("pad", &pad));
  return Change([pad](const std::string& in) { return Encoded(in, pad); });
}
absl::StatusOr<Change> PrepareDecode(const KernelContext&) {
  return Change(Decoded);
}

// ---- Patterns ----

absl::StatusOr<std::shared_ptr<const RE2>> Pattern(const std::string& text) {
  auto pattern = std::make_shared<RE2>(text, RE2::Quiet);
  if (!pattern->ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Invalid pattern: ", text, ", error: ", pattern->error()));
  }
  return std::shared_ptr<const RE2>(std::move(pattern));
}

// The text of an attr, or of a scalar input where the op takes it as such.
absl::StatusOr<std::string> TextOf(const KernelContext& ctx, const char* attr,
                                   int input, const char* name) {
  std::string text;
  if (ctx.num_inputs() <= input) {
    RG_RETURN_IF_ERROR(ctx.op().GetAttr(attr, &text));
    return text;
  }
  const Tensor& tensor = ctx.input(input);
  if (tensor.shape().rank() != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " must be scalar, but received ",
                     tensor.shape().DebugString()));
  }
  return std::string(tensor.scalar<std::string>());
}

// Without the groups that the pattern does not have: TensorFlow's RE2 takes
// them for empty ones, later ones refuse them.
std::string WithoutUnknownGroups(const std::string& rewrite,
                                 const RE2& pattern) {
  std::string out;
  for (size_t i = 0; i < rewrite.size(); ++i) {
    if (rewrite[i] == '\\' && i + 1 < rewrite.size()) {
      const char next = rewrite[++i];
      if (absl::ascii_isdigit(static_cast<unsigned char>(next)) &&
          next - '0' > pattern.NumberOfCapturingGroups()) {
        continue;
      }
      out.push_back('\\');
      out.push_back(next);
    } else {
      out.push_back(rewrite[i]);
    }
  }
  return out;
}

absl::StatusOr<Change> PrepareReplace(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(const std::string text,
                      TextOf(ctx, "pattern", 1, "Pattern"));
  RG_ASSIGN_OR_RETURN(const auto pattern, Pattern(text));
  RG_ASSIGN_OR_RETURN(std::string rewrite,
                      TextOf(ctx, "rewrite", 2, "Rewrite"));
  rewrite = WithoutUnknownGroups(rewrite, *pattern);
  bool everywhere = true;
  RG_RETURN_IF_ERROR(ctx.op().GetAttr("replace_global", &everywhere));
  return Change([pattern, rewrite, everywhere](const std::string& in) {
    std::string out = in;
    if (everywhere) {
      RE2::GlobalReplace(&out, *pattern, rewrite);
    } else {
      RE2::Replace(&out, *pattern, rewrite);
    }
    return out;
  });
}

void FullMatchKernel(KernelContext* ctx) {
  const auto text = TextOf(*ctx, "pattern", 1, "Pattern");
  RG_KERNEL_OK(ctx, text.status());
  const auto pattern = Pattern(*text);
  RG_KERNEL_OK(ctx, pattern.status());
  Tensor out = ctx->Allocate(DT_BOOL, ctx->input(0).shape());
  if (!ctx->status().ok()) return;
  const auto from = ctx->input(0).flat<std::string>();
  const auto to = out.mutable_flat<bool>();
  for (size_t i = 0; i < from.size(); ++i) {
    to[i] = RE2::FullMatch(from[i], **pattern);
  }
  ctx->set_output(0, std::move(out));
}

// ---- UTF-8 ----

bool StartsChar(char c) { return (static_cast<unsigned char>(c) >> 6) != 2; }

int64_t NumChars(absl::string_view text) {
  return std::count_if(text.begin(), text.end(), StartsChar);
}

absl::StatusOr<bool> CountsChars(const Operation& op) {
  std::string unit;
  RG_RETURN_IF_ERROR(op.GetAttr("unit", &unit));
  return unit == "UTF8_CHAR";
}

void LengthKernel(KernelContext* ctx) {
  const auto chars = CountsChars(ctx->op());
  RG_KERNEL_OK(ctx, chars.status());
  Tensor out = ctx->Allocate(DT_INT32, ctx->input(0).shape());
  if (!ctx->status().ok()) return;
  const auto from = ctx->input(0).flat<std::string>();
  const auto to = out.mutable_flat<int32_t>();
  for (size_t i = 0; i < from.size(); ++i) {
    to[i] = static_cast<int32_t>(*chars ? NumChars(from[i])
                                        : static_cast<int64_t>(from[i].size()));
  }
  ctx->set_output(0, std::move(out));
}

absl::StatusOr<Change> PrepareStrip(const KernelContext&) {
  return Change([](const std::string& in) {
    return std::string(absl::StripAsciiWhitespace(in));
  });
}

// Without an encoding bytes beyond ASCII stay as they are. The cases of other
// letters are not known here.
template <char (*convert)(char)>
absl::StatusOr<Change> PrepareCase(const KernelContext& ctx) {
  std::string encoding;
  RG_RETURN_IF_ERROR(ctx.op().GetAttr("encoding", &encoding));
  if (!encoding.empty() && encoding != "utf-8") {
    return absl::InvalidArgumentError(absl::StrCat(
        "only utf-8 or '' (no encoding) is supported, received ", encoding));
  }
  const bool ascii_only = !encoding.empty();
  return Change([ascii_only](std::string text) -> absl::StatusOr<std::string> {
    for (char& c : text) {
      if (ascii_only && !absl::ascii_isascii(static_cast<unsigned char>(c))) {
        return absl::UnimplementedError(
            "The cases of letters beyond ASCII are not known here");
      }
      c = convert(c);
    }
    return text;
  });
}

char Lower(char c) { return absl::ascii_tolower(static_cast<unsigned char>(c)); }
char Upper(char c) { return absl::ascii_toupper(static_cast<unsigned char>(c)); }

// ---- ReduceJoin ----

// The axes that are joined, in the order in which they are; they may count from
// the end.
absl::StatusOr<std::vector<int64_t>> JoinedAxes(const Tensor& axes,
                                                int64_t rank) {
  std::vector<int64_t> result;
  for (int64_t axis : IntegerValues(axes)) {
    if (axis < -rank || axis >= rank) {
      return absl::OutOfRangeError(
          absl::StrCat("Invalid reduction dimension ", axis,
                       " for input with ", rank, " dimension(s)"));
    }
    if (axis < 0) axis += rank;
    if (std::find(result.begin(), result.end(), axis) != result.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("Duplicate reduction dimension ", axis));
    }
    result.push_back(axis);
  }
  return result;
}

absl::Status ReduceJoin(KernelContext* ctx) {
  const Tensor& input = ctx->input(0);
  const TensorShape& shape = input.shape();
  bool keep_dims = false;
  std::string separator;
  RG_RETURN_IF_ERROR(ctx->op().GetAttr("keep_dims", &keep_dims));
  RG_RETURN_IF_ERROR(ctx->op().GetAttr("separator", &separator));
  RG_ASSIGN_OR_RETURN(const std::vector<int64_t> axes,
                      JoinedAxes(ctx->input(1), shape.rank()));
  if (axes.empty()) {
    ctx->set_output(0, input);
    return absl::OkStatus();
  }
  const auto is_joined = [&axes](int64_t d) {
    return std::find(axes.begin(), axes.end(), d) != axes.end();
  };
  std::vector<int64_t> dims;
  for (int d = 0; d < shape.rank(); ++d) {
    if (!is_joined(d)) {
      dims.push_back(shape.dim(d));
    } else if (keep_dims) {
      dims.push_back(1);
    }
  }
  RG_ASSIGN_OR_RETURN(const TensorShape reduced, TensorShape::Create(dims));
  Tensor out = ctx->Allocate(DT_STRING, reduced);
  RG_RETURN_IF_ERROR(ctx->status());
  const std::vector<int64_t> strides = Strides(shape);
  // Where the result's elements begin in the input, and where the strings that
  // are joined are from there on, in order.
  std::vector<int64_t> starts = {0}, offsets = {0};
  const auto spread = [&](std::vector<int64_t>* at, int64_t d) {
    std::vector<int64_t> all;
    for (int64_t first : *at) {
      for (int64_t i = 0; i < shape.dim(d); ++i) {
        all.push_back(first + i * strides[d]);
      }
    }
    *at = std::move(all);
  };
  // Nothing of a tensor without elements is looked at.
  if (input.num_elements() == 0) offsets.clear();
  for (int d = 0; d < shape.rank() && !offsets.empty(); ++d) {
    if (!is_joined(d)) spread(&starts, d);
  }
  // Those of the first axis lie next to one another.
  for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
    spread(&offsets, *axis);
  }
  const auto from = input.flat<std::string>();
  const auto to = out.mutable_flat<std::string>();
  for (size_t i = 0; i < to.size(); ++i) {
    for (size_t j = 0; j < offsets.size(); ++j) {
      if (j > 0) to[i] += separator;
      to[i] += from[starts[i] + offsets[j]];
    }
  }
  ctx->set_output(0, std::move(out));
  return absl::OkStatus();
}

void ReduceJoinKernel(KernelContext* ctx) {
  RG_KERNEL_OK(ctx, ReduceJoin(ctx));
}

absl::Status ReduceJoinShape(InferenceContext* c) {
  const Shape& input = c->input(0);
  const Tensor* const axes = c->input_tensor(1);
  if (axes == nullptr || input.unknown_rank()) {
    c->set_output(0, Shape());
    return absl::OkStatus();
  }
  bool keep_dims = false;
  RG_RETURN_IF_ERROR(c->GetAttr("keep_dims", &keep_dims));
  std::set<int64_t> joined;
  for (int64_t axis : IntegerValues(*axes)) {
    if (axis < -input.rank() || axis >= input.rank()) {
      return absl::InvalidArgumentError(
          absl::StrCat("Invalid reduction dimension ", axis,
                       " for input with ", input.rank(), " dimensions."));
    }
    joined.insert(axis < 0 ? axis + input.rank() : axis);
  }
  std::vector<int64_t> dims;
  for (int d = 0; d < input.rank(); ++d) {
    if (joined.count(d) == 0) {
      dims.push_back(input.dim(d));
    } else if (keep_dims) {
      dims.push_back(1);
    }
  }
  c->set_output(0, Shape(dims));
  return absl::OkStatus();
}

template <absl::StatusOr<Change> (*prepare)(const KernelContext&)>
OpBuilder NewOp(OpRegistry* registry, absl::string_view name) {
  OpBuilder op = registry->Op(name);
  op.Input("input: string")
      .Output("output: string")
      .Shape(UnchangedShape)
      .Kernel({}, StatelessKernel(ChangeKernel<prepare>));
  return op;
}

void RegisterPatternOps(OpRegistry* registry) {
  NewOp<PrepareReplace>(registry, "RegexReplace")
      .Input("pattern: string")
      .Input("rewrite: string")
      .Attr("replace_global: bool = true");
  NewOp<PrepareReplace>(registry, "StaticRegexReplace")
      .Attr("pattern: string")
      .Attr("rewrite: string")
      .Attr("replace_global: bool = true");
  registry->Op("RegexFullMatch")
      .Input("input: string")
      .Input("pattern: string")
      .Output("output: bool")
      .Shape(UnchangedShape)
      .Kernel({}, StatelessKernel(FullMatchKernel));
  registry->Op("StaticRegexFullMatch")
      .Input("input: string")
      .Output("output: bool")
      .Attr("pattern: string")
      .Shape(UnchangedShape)
      .Kernel({}, StatelessKernel(FullMatchKernel));
}

}  // namespace

void RegisterTextOps(OpRegistry* registry) {
  NewOp<PrepareDecode>(registry, "DecodeBase64");
  NewOp<PrepareEncode>(registry, "EncodeBase64").Attr("pad: bool = false");
  NewOp<PrepareStrip>(registry, "StringStrip");
  NewOp<PrepareCase<Lower>>(registry, "StringLower")
      .Attr("encoding: string = ''");
  NewOp<PrepareCase<Upper>>(registry, "StringUpper")
      .Attr("encoding: string = ''");
  RegisterPatternOps(registry);
  registry->Op("StringLength")
      .Input("input: string")
      .Output("output: int32")
      .Attr("unit: {'BYTE', 'UTF8_CHAR'} = 'BYTE'")
      .Shape(UnchangedShape)
      .Kernel({}, StatelessKernel(LengthKernel));
  registry->Op("ReduceJoin")
      .Input("inputs: string")
      .Input("reduction_indices: int32")
      .Output("output: string")
      .Attr("keep_dims: bool = false")
      .Attr("separator: string = ''")
      .Shape(ReduceJoinShape)
      .Kernel({}, StatelessKernel(ReduceJoinKernel));
}

}  // namespace retrograph
