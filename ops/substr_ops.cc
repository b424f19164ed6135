// Substr: parts of strings, counted in bytes or in characters of UTF-8.
#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/op_registry.h"
#include "graph/shape_inference.h"
#include "ops/broadcast.h"
#include "ops/kernel.h"
#include "ops/string_ops.h"

namespace retrograph {
namespace {

absl::Status SubstrShape(InferenceContext* c) {
  const Shape& pos = c->input(1);
  const Shape& len = c->input(2);
  // Both unknown, or neither: an unknown rank counts as -1, as in TensorFlow.
  RG_RETURN_IF_ERROR(c->WithRank(pos, len.rank()).status());
  for (int i = 0; i < pos.rank() && i < len.rank(); ++i) {
    if (pos.dim(i) != len.dim(i)) {
      return absl::InvalidArgumentError(
          absl::StrCat("pos and len shapes must match: ", ShapeText(pos),
                       " vs. ", ShapeText(len)));
    }
  }
  return BroadcastBinaryShape(c);
}

bool StartsCharacter(char byte) { return (byte & 0xc0) != 0x80; }

// Where the characters start, and the end.
std::vector<size_t> CharacterStarts(const std::string& text) {
  std::vector<size_t> starts;
  for (size_t i = 0; i < text.size(); ++i) {
    if (i == 0 || StartsCharacter(text[i])) starts.push_back(i);
  }
  starts.push_back(text.size());
  return starts;
}

// The part, or false if it starts outside the string.
bool PartOfBytes(const std::string& text, int64_t pos, int64_t len,
                 std::string* part) {
  const int64_t size = static_cast<int64_t>(text.size());
  if (pos < -size || pos > size) return false;
  // A negative length is as good as a very large one.
  *part = text.substr(pos < 0 ? pos + size : pos, static_cast<size_t>(len));
  return true;
}

bool PartOfCharacters(const std::string& text, int64_t pos, int64_t len,
                      std::string* part) {
  const std::vector<size_t> starts = CharacterStarts(text);
  const int64_t size = static_cast<int64_t>(starts.size()) - 1;
  if (pos < -size || pos > size) return false;
  const int64_t first = pos < 0 ? pos + size : pos;
  const int64_t last = first + std::min(std::max<int64_t>(len, 0),
                                        size - first);
  *part = text.substr(starts[first], starts[last] - starts[first]);
  return true;
}

// Which string and which position make each element of the output.
absl::StatusOr<std::vector<std::pair<int64_t, int64_t>>> Pairs(
    const TensorShape& texts, const TensorShape& places, TensorShape* shape) {
  const auto both = Broadcast::Create(texts, places);
  if (!both) {
    return absl::InvalidArgumentError(
        absl::StrCat("Incompatible shapes: ", texts.DebugString(), " vs. ",
                     places.DebugString()));
  }
  *shape = both->output_shape();
  std::vector<int64_t> x(texts.num_elements()), y(places.num_elements());
  std::iota(x.begin(), x.end(), 0);
  std::iota(y.begin(), y.end(), 0);
  std::vector<std::pair<int64_t, int64_t>> pairs(shape->num_elements());
  both->Apply(x.data(), y.data(), pairs.data(),
              [](int64_t a, int64_t b) { return std::make_pair(a, b); });
  return pairs;
}

template <typename T>
void SubstrKernel(KernelContext* ctx) {
  const Tensor& texts = ctx->input(0);
  const TensorShape& places = ctx->input(1).shape();
  RG_KERNEL_REQUIRES(
      ctx, places == ctx->input(2).shape(),
      absl::InvalidArgumentError(absl::StrCat(
          "pos and len should have the same shape, got: ",
          places.DebugString(), " vs. ",
          ctx->input(2).shape().DebugString())));
  std::string unit;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("unit", &unit));
  TensorShape shape;
  const auto pairs = Pairs(texts.shape(), places, &shape);
  RG_KERNEL_OK(ctx, pairs.status());
  auto out = Tensor::Allocate(DT_STRING, shape);
  RG_KERNEL_OK(ctx, out.status());
  const auto parts = out->template mutable_flat<std::string>();
  const bool bytes = unit == "BYTE";
  for (size_t i = 0; i < parts.size(); ++i) {
    const std::string& text = texts.flat<std::string>()[(*pairs)[i].first];
    const int64_t pos = ctx->input(1).flat<T>()[(*pairs)[i].second];
    const int64_t len = ctx->input(2).flat<T>()[(*pairs)[i].second];
    RG_KERNEL_REQUIRES(
        ctx,
        (bytes ? PartOfBytes : PartOfCharacters)(text, pos, len, &parts[i]),
        absl::InvalidArgumentError(absl::StrCat(
            "pos ", pos, " out of range for string",
            bytes ? absl::StrCat(" b'", text, "'") : "", " at index ", i)));
  }
  ctx->set_output(0, *std::move(out));
}

}  // namespace

void RegisterSubstrOps(OpRegistry* registry) {
  registry->Op("Substr")
      .Input("input: string")
      .Input("pos: T")
      .Input("len: T")
      .Output("output: string")
      .Attr("T: {int32, int64}")
      .Attr("unit: {'BYTE', 'UTF8_CHAR'} = 'BYTE'")
      .Shape(SubstrShape)
      .Kernel({{"T", {DT_INT64}}}, StatelessKernel(SubstrKernel<int64_t>))
      .Kernel({{"T", {DT_INT32}}}, StatelessKernel(SubstrKernel<int32_t>));
}

}  // namespace retrograph
