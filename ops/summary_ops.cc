// Summaries: ops whose value is a serialized Summary message.
#include "ops/summary_ops.h"

#include <cmath>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "core/tensor_proto.h"
#include "graph/shape_inference.h"
#include "ops/histogram.h"
#include "ops/kernel.h"
#include "ops/type_lists.h"
#include "proto/summary.pb.h"

namespace retrograph {
namespace {

constexpr char kRealNumberTypes[] =
    "{float, double, int32, uint8, int16, int8, int64, bfloat16, uint16, "
    "half, uint32, uint64}";

// The values of a tensor of any real type.
std::vector<double> Doubles(const Tensor& tensor) {
  std::vector<double> values;
  values.reserve(tensor.num_elements());
  const auto append = [&](auto element) {
    using T = decltype(element);
    for (const T& value : tensor.flat<T>()) {
      if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>) {
        values.push_back(static_cast<float>(value));
      } else {
        values.push_back(static_cast<double>(value));
      }
    }
  };
#define RG_CASE_(T)            \
  case DataTypeOf<T>::value:   \
    append(T());               \
    break;
  switch (tensor.dtype()) {
    RG_REAL_NUMBER_TYPES(RG_CASE_)
    default:
      break;
  }
#undef RG_CASE_
  return values;
}

void SetSummary(KernelContext* ctx, const Summary& summary) {
  ctx->set_output(0, Tensor::Scalar(summary.SerializeAsString()));
}

void ScalarKernel(KernelContext* ctx) {
  const Tensor& tags = ctx->input(0);
  const Tensor& values = ctx->input(1);
  const auto& names = tags.flat<std::string>();
  RG_KERNEL_REQUIRES(
      ctx, tags.shape() == values.shape(),
      absl::InvalidArgumentError(absl::StrCat(
          "tags and values not the same shape: ", tags.shape().DebugString(),
          " != ", values.shape().DebugString(),
          names.size() == 1 ? absl::StrCat(" (tag '", names[0], "')") : "")));
  const std::vector<double> numbers = Doubles(values);
  Summary summary;
  for (size_t i = 0; i < names.size(); ++i) {
    Summary::Value* const value = summary.add_value();
    value->set_tag(names[i]);
    value->set_simple_value(static_cast<float>(numbers[i]));
  }
  SetSummary(ctx, summary);
}

void HistogramKernel(KernelContext* ctx) {
  const Tensor& tag = ctx->input(0);
  RG_KERNEL_REQUIRES(ctx, tag.shape().rank() == 0,
                     absl::InvalidArgumentError("tags must be scalar"));
  Histogram histogram;
  for (const double number : Doubles(ctx->input(1))) {
    RG_KERNEL_REQUIRES(ctx, !std::isnan(number),
                       absl::InvalidArgumentError(absl::StrCat(
                           "Nan in summary histogram for: ",
                           ctx->op().name())));
    RG_KERNEL_REQUIRES(ctx, !std::isinf(number),
                       absl::InvalidArgumentError(absl::StrCat(
                           "Infinity in summary histogram for: ",
                           ctx->op().name())));
    histogram.Add(number);
  }
  Summary summary;
  Summary::Value* const value = summary.add_value();
  value->set_tag(tag.scalar<std::string>());
  *value->mutable_histo() = histogram.ToProto();
  SetSummary(ctx, summary);
}

void MergeKernel(KernelContext* ctx) {
  Summary merged;
  absl::flat_hash_set<std::string> tags;
  for (int i = 0; i < ctx->num_inputs(); ++i) {
    for (const std::string& text : ctx->input(i).flat<std::string>()) {
      Summary summary;
      RG_KERNEL_REQUIRES(ctx, summary.ParseFromString(text),
                         absl::InvalidArgumentError(
                             "Could not parse one of the summary inputs"));
      for (Summary::Value& value : *summary.mutable_value()) {
        RG_KERNEL_REQUIRES(
            ctx, value.tag().empty() || tags.insert(value.tag()).second,
            absl::InvalidArgumentError(absl::StrCat(
                "Duplicate tag ", value.tag(), " found in summary inputs")));
        *merged.add_value() = std::move(value);
      }
    }
  }
  SetSummary(ctx, merged);
}

// As C++ does it, not as tf.make_tensor_proto: all numbers as bytes.
TensorProto ContentProto(const Tensor& tensor) {
  if (!IsPodType(tensor.dtype())) return MakeTensorProtoField(tensor);
  TensorProto proto;
  proto.set_dtype(tensor.dtype());
  tensor.shape().AsProto(proto.mutable_tensor_shape());
  proto.set_tensor_content(static_cast<const char*>(tensor.data()),
                           tensor.bytes());
  return proto;
}

void TensorKernelV2(KernelContext* ctx) {
  const Tensor& tag = ctx->input(0);
  const Tensor& metadata = ctx->input(2);
  RG_KERNEL_REQUIRES(ctx, tag.shape().rank() == 0,
                     absl::InvalidArgumentError("tag must be scalar"));
  RG_KERNEL_REQUIRES(
      ctx, metadata.shape().rank() == 0,
      absl::InvalidArgumentError("serialized_summary_metadata must be scalar"));
  Summary summary;
  Summary::Value* const value = summary.add_value();
  value->set_tag(tag.scalar<std::string>());
  *value->mutable_tensor() = ContentProto(ctx->input(1));
  // What cannot be parsed leaves what was read so far, as in TensorFlow.
  value->mutable_metadata()->ParseFromString(metadata.scalar<std::string>());
  SetSummary(ctx, summary);
}

void TensorKernel(KernelContext* ctx) {
  Summary summary;
  Summary::Value* const value = summary.add_value();
  value->set_node_name(ctx->op().name());
  *value->mutable_tensor() = ContentProto(ctx->input(0));
  SetSummary(ctx, summary);
}

}  // namespace

void RegisterSummaryOps(OpRegistry* registry) {
  const DataTypeVector types = RealTypes();
  registry->Op("ScalarSummary")
      .Input("tags: string")
      .Input("values: T")
      .Output("summary: string")
      .Attr(absl::StrCat("T: ", kRealNumberTypes))
      .Shape(ScalarShape)
      .Kernel({{"T", types}}, StatelessKernel(ScalarKernel));
  registry->Op("HistogramSummary")
      .Input("tag: string")
      .Input("values: T")
      .Output("summary: string")
      .Attr(absl::StrCat("T: ", kRealNumberTypes, " = DT_FLOAT"))
      .Shape(ScalarShape)
      .Kernel({{"T", types}}, StatelessKernel(HistogramKernel));
  registry->Op("MergeSummary")
      .Input("inputs: N * string")
      .Output("summary: string")
      .Attr("N: int >= 1")
      .Shape(ScalarShape)
      .Kernel({}, StatelessKernel(MergeKernel));
  registry->Op("TensorSummaryV2")
      .Input("tag: string")
      .Input("tensor: T")
      .Input("serialized_summary_metadata: string")
      .Output("summary: string")
      .Attr("T: type")
      .Shape(ScalarShape)
      .Kernel({}, StatelessKernel(TensorKernelV2));
  registry->Op("TensorSummary")
      .Input("tensor: T")
      .Output("summary: string")
      .Attr("T: type")
      .Attr("description: string = ''")
      .Attr("labels: list(string) = []")
      .Attr("display_name: string = ''")
      .Shape(ScalarShape)
      .Kernel({}, StatelessKernel(TensorKernel));
  RegisterImageSummaryOp(registry);
}

}  // namespace retrograph
