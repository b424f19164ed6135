// Ops that make or look for places in a sequence: Range, LinSpace, Where,
// OneHot, Unique.
#include <cmath>
#include <limits>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/array_ops.h"
#include "ops/data_movement.h"
#include "ops/kernel.h"
#include "ops/number.h"
#include "ops/shape_helpers.h"
#include "ops/type_lists.h"

namespace retrograph {
namespace {

// Inputs 0, 1, 2 must be scalars; `names` are what texts call them.
absl::Status CheckScalarShapes(InferenceContext* c, const char* const* names) {
  for (int i = 0; i < 3; ++i) {
    auto scalar = c->WithRank(c->input(i), 0);
    if (!scalar.ok()) {
      return WithMessage(scalar.status(),
                         absl::StrCat(scalar.status().message(), "\n\t for '",
                                      names[i], "'"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckScalars(const KernelContext& ctx, const char* const* names) {
  for (int i = 0; i < 3; ++i) {
    if (ctx.input(i).shape().rank() != 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(names[i], " must be a scalar, not shape ",
                       ctx.input(i).shape().DebugString()));
    }
  }
  return absl::OkStatus();
}

// ---- Range ----

constexpr const char* kRangeInputs[] = {"start", "limit", "delta"};

template <typename T>
absl::StatusOr<int64_t> RangeSize(const T& start, const T& limit,
                                  const T& delta, bool in_kernel) {
  if (delta == T(0)) {
    return absl::InvalidArgumentError(
        in_kernel ? absl::StrCat("Requires delta != 0: ", delta)
                  : "Requires delta != 0");
  }
  if (delta > T(0) && start > limit) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Requires start <= limit when delta > 0: ", start, "/", limit));
  }
  if (delta < T(0) && start < limit) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Requires start >= limit when delta < 0: ", start, "/", limit));
  }
  if constexpr (std::is_integral_v<T>) {
    // In unsigned numbers: limit - start may not fit in T.
    const uint64_t low = static_cast<uint64_t>(std::min(start, limit));
    const uint64_t length = static_cast<uint64_t>(std::max(start, limit)) - low;
    const uint64_t step = delta > 0
                              ? static_cast<uint64_t>(delta)
                              : uint64_t{0} - static_cast<uint64_t>(delta);
    const uint64_t size = length / step + (length % step != 0 ? 1 : 0);
    if (size > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      return absl::InvalidArgumentError("Range is too large");
    }
    return static_cast<int64_t>(size);
  } else {
    const double size =
        std::ceil(static_cast<double>(std::abs((limit - start) / delta)));
    if (!(size <= 9e18)) {
      return absl::InvalidArgumentError("Range is too large");
    }
    return static_cast<int64_t>(size);
  }
}

template <typename T>
absl::StatusOr<int64_t> RangeSizeOf(const Tensor& start, const Tensor& limit,
                                    const Tensor& delta, bool in_kernel) {
  return RangeSize<T>(start.flat<T>()[0], limit.flat<T>()[0],
                      delta.flat<T>()[0], in_kernel);
}

absl::Status RangeShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(CheckScalarShapes(c, kRangeInputs));
  const Tensor* start = c->input_tensor(0);
  const Tensor* limit = c->input_tensor(1);
  const Tensor* delta = c->input_tensor(2);
  c->set_output(0, VectorOf(kUnknownDim));
  for (const Tensor* value : {start, limit, delta}) {
    if (value == nullptr || value->num_elements() != 1) return absl::OkStatus();
  }
  absl::StatusOr<int64_t> size = kUnknownDim;
  switch (start->dtype()) {
    case DT_INT32:
      size = RangeSizeOf<int32_t>(*start, *limit, *delta, false);
      break;
    case DT_INT64:
      size = RangeSizeOf<int64_t>(*start, *limit, *delta, false);
      break;
    case DT_FLOAT:
      size = RangeSizeOf<float>(*start, *limit, *delta, false);
      break;
    case DT_DOUBLE:
      size = RangeSizeOf<double>(*start, *limit, *delta, false);
      break;
    default:
      break;
  }
  RG_RETURN_IF_ERROR(size.status());
  c->set_output(0, VectorOf(*size));
  return absl::OkStatus();
}

// Adds up, as TensorFlow does: rounding errors add up too.
template <typename T>
void RangeKernel(KernelContext* ctx) {
  RG_KERNEL_OK(ctx, CheckScalars(*ctx, kRangeInputs));
  auto size =
      RangeSizeOf<T>(ctx->input(0), ctx->input(1), ctx->input(2), true);
  RG_KERNEL_OK(ctx, size.status());
  Tensor out = ctx->Allocate(DataTypeOf<T>::value, TensorShape({*size}));
  if (!ctx->status().ok()) return;
  T value = ctx->input(0).flat<T>()[0];
  const T delta = ctx->input(2).flat<T>()[0];
  for (T& element : out.mutable_flat<T>()) {
    element = value;
    value = WrapAdd(value, delta);
  }
  ctx->set_output(0, std::move(out));
}

// ---- LinSpace ----

constexpr const char* kLinSpaceInputs[] = {"start", "stop", "num"};

absl::Status LinSpaceShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(CheckScalarShapes(c, kLinSpaceInputs));
  const Tensor* num = c->input_tensor(2);
  if (num == nullptr) {
    c->set_output(0, VectorOf(kUnknownDim));
    return absl::OkStatus();
  }
  const int64_t count = IntegerValue(*num);
  if (count <= 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("Requires num > 0: ", count));
  }
  c->set_output(0, VectorOf(count));
  return absl::OkStatus();
}

template <typename T>
void LinSpaceKernel(KernelContext* ctx) {
  RG_KERNEL_OK(ctx, CheckScalars(*ctx, kLinSpaceInputs));
  const int64_t count = IntegerValue(ctx->input(2));
  RG_KERNEL_REQUIRES(
      ctx, count > 0,
      absl::InvalidArgumentError(absl::StrCat("Requires num > 0: ", count)));
  const T start = ctx->input(0).flat<T>()[0];
  const T stop = ctx->input(1).flat<T>()[0];
  Tensor out = ctx->Allocate(DataTypeOf<T>::value, TensorShape({count}));
  if (!ctx->status().ok()) return;
  auto values = out.mutable_flat<T>();
  values[0] = start;
  if (count > 1) {
    const T step = (stop - start) / static_cast<T>(count - 1);
    for (int64_t i = 1; i < count - 1; ++i) {
      values[i] = start + step * static_cast<T>(i);
    }
    values[count - 1] = stop;
  }
  ctx->set_output(0, std::move(out));
}

// ---- Where ----

absl::Status WhereShape(InferenceContext* c) {
  const int rank = c->input(0).rank();
  c->set_output(0, Shape({kUnknownDim, rank < 0 ? kUnknownDim : rank}));
  return absl::OkStatus();
}

template <typename T>
void FindNonZero(const Tensor& input, std::vector<int64_t>* places) {
  const auto values = input.flat<T>();
  for (size_t i = 0; i < values.size(); ++i) {
    bool zero;
    if constexpr (kIsSmallFloat<T>) {
      zero = static_cast<float>(values[i]) == 0.0f;
    } else {
      zero = values[i] == T(0);
    }
    if (!zero) places->push_back(static_cast<int64_t>(i));
  }
}

void WhereKernel(KernelContext* ctx) {
  const Tensor& input = ctx->input(0);
  const int rank = input.shape().rank();
  RG_KERNEL_REQUIRES(ctx, rank >= 1,
                     absl::InvalidArgumentError(absl::StrCat(
                         "WhereOp : Unhandled input dimensions: ", rank)));
  std::vector<int64_t> places;
#define RG_FIND(T) \
  if (input.dtype() == DataTypeOf<T>::value) FindNonZero<T>(input, &places);
  RG_NUMBER_TYPES(RG_FIND)
  RG_FIND(bool)
#undef RG_FIND
  const std::vector<int64_t> strides = Strides(input.shape());
  const int64_t count = places.size();
  Tensor out = ctx->Allocate(DT_INT64, TensorShape({count, rank}));
  if (!ctx->status().ok()) return;
  int64_t* index = out.mutable_flat<int64_t>().data();
  for (int64_t place : places) {
    for (int d = 0; d < rank; ++d) {
      *index++ = place / strides[d];
      place %= strides[d];
    }
  }
  ctx->set_output(0, std::move(out));
}

// ---- OneHot ----

absl::Status OneHotShape(InferenceContext* c) {
  int64_t axis = 0;
  RG_RETURN_IF_ERROR(c->GetAttr("axis", &axis));
  if (axis < -1) return absl::InvalidArgumentError("axis must be >= -1");
  RG_ASSIGN_OR_RETURN(const int64_t depth, DimFromScalarInput(c, 1));
  const Shape& indices = c->input(0);
  if (indices.unknown_rank()) {
    c->set_output(0, Shape());
    return absl::OkStatus();
  }
  const int64_t rank = indices.rank() + 1;
  std::vector<int64_t> dims(indices.dims().begin(), indices.dims().end());
  dims.insert(dims.begin() + (axis + rank) % rank, depth);
  c->set_output(0, Shape(dims));
  return absl::OkStatus();
}

absl::Status CheckOneHot(const KernelContext& ctx, int64_t axis) {
  const int rank = ctx.input(0).shape().rank();
  if (axis != -1 && (axis < 0 || axis > rank)) {
    return absl::InvalidArgumentError(
        absl::StrCat("Expected axis to be -1 or between [0, ", rank + 1,
                     ").  But received: ", axis));
  }
  const char* const names[] = {"depth", "on_value", "off_value"};
  for (int i = 0; i < 3; ++i) {
    const TensorShape& shape = ctx.input(i + 1).shape();
    if (shape.rank() != 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          names[i], " must be a scalar, but got: ", shape.DebugString()));
    }
  }
  const int64_t depth = IntegerValue(ctx.input(1));
  if (depth < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("depth must be non-negative, got: ", depth));
  }
  return absl::OkStatus();
}

void OneHotKernel(KernelContext* ctx) {
  int64_t axis = 0;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("axis", &axis));
  RG_KERNEL_OK(ctx, CheckOneHot(*ctx, axis));
  const Tensor& indices = ctx->input(0);
  const int64_t depth = IntegerValue(ctx->input(1));
  const Tensor& on = ctx->input(2);
  const Tensor& off = ctx->input(3);
  const TensorShape& shape = indices.shape();
  if (axis == -1) axis = shape.rank();
  std::vector<int64_t> dims(shape.dims().begin(), shape.dims().end());
  dims.insert(dims.begin() + axis, depth);
  auto out_shape = TensorShape::Create(dims);
  RG_KERNEL_OK(ctx, out_shape.status());
  Tensor out = ctx->Allocate(on.dtype(), *out_shape);
  if (!ctx->status().ok()) return;
  int64_t inner = 1;  // elements of `indices` after the new axis
  for (int d = static_cast<int>(axis); d < shape.rank(); ++d) {
    inner *= shape.dim(d);
  }
  const std::vector<int64_t> places = IntegerValues(indices);
  if (out.num_elements() > 0) {
    WithElementType(on.dtype(), [&](auto element) {
      using T = decltype(element);
      T* to = MutableElements<T>(&out);
      std::fill_n(to, out.num_elements(), *Elements<T>(off));
      for (size_t i = 0; i < places.size(); ++i) {
        if (places[i] < 0 || places[i] >= depth) continue;
        const int64_t before = static_cast<int64_t>(i) / inner;
        const int64_t after = static_cast<int64_t>(i) % inner;
        to[(before * depth + places[i]) * inner + after] = *Elements<T>(on);
      }
    });
  }
  ctx->set_output(0, std::move(out));
}

// ---- Unique ----

absl::Status UniqueShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(0), 1).status());
  c->set_output(0, VectorOf(kUnknownDim));
  c->set_output(1, c->input(0));
  return absl::OkStatus();
}

// Where each value was first seen. A NaN equals nothing, not even itself.
template <typename T>
void FindUnique(const Tensor& input, std::vector<int64_t>* first,
                std::vector<int64_t>* index) {
  const auto values = input.flat<T>();
  absl::flat_hash_map<T, int64_t> seen;
  for (size_t i = 0; i < values.size(); ++i) {
    int64_t next = static_cast<int64_t>(first->size());
    if constexpr (std::is_floating_point_v<T>) {
      if (std::isnan(values[i])) {
        first->push_back(i);
        index->push_back(next);
        continue;
      }
    }
    const auto inserted = seen.emplace(values[i], next);
    if (inserted.second) first->push_back(i);
    index->push_back(inserted.first->second);
  }
}

// 16-bit floats go by their value as a float.
template <typename T>
void FindUniqueSmallFloats(const Tensor& input, std::vector<int64_t>* first,
                           std::vector<int64_t>* index) {
  Tensor wide(DT_FLOAT, input.shape());
  auto to = wide.mutable_flat<float>();
  for (size_t i = 0; i < to.size(); ++i) {
    to[i] = static_cast<float>(input.flat<T>()[i]);
  }
  FindUnique<float>(wide, first, index);
}

void UniqueKernel(KernelContext* ctx) {
  const Tensor& input = ctx->input(0);
  RG_KERNEL_REQUIRES(
      ctx, input.shape().rank() == 1,
      absl::InvalidArgumentError("unique expects a 1D vector."));
  std::vector<int64_t> first, index;
#define RG_UNIQUE(T)                                \
  if (input.dtype() == DataTypeOf<T>::value) {      \
    FindUnique<T>(input, &first, &index);           \
  }
  RG_INTEGER_TYPES(RG_UNIQUE)
  RG_UNIQUE(float)
  RG_UNIQUE(double)
  RG_UNIQUE(bool)
  RG_UNIQUE(std::string)
#undef RG_UNIQUE
  if (input.dtype() == DT_HALF) {
    FindUniqueSmallFloats<Half>(input, &first, &index);
  } else if (input.dtype() == DT_BFLOAT16) {
    FindUniqueSmallFloats<BFloat16>(input, &first, &index);
  }
  Tensor out = ctx->Allocate(input.dtype(),
                             TensorShape({static_cast<int64_t>(first.size())}));
  if (!ctx->status().ok()) return;
  for (size_t i = 0; i < first.size(); ++i) {
    CopyElements(input, first[i], 1, &out, i);
  }
  ctx->set_output(0, std::move(out));
  ctx->set_output(1, IntegerVector(ctx->op().output_type(1), index));
}

}  // namespace

void RegisterSequenceOps(OpRegistry* registry) {
  registry->Op("Range")
      .Input("start: Tidx")
      .Input("limit: Tidx")
      .Input("delta: Tidx")
      .Output("output: Tidx")
      .Attr("Tidx: {bfloat16, float, double, int32, int64} = DT_INT32")
      .Shape(RangeShape)
      .Kernel({{"Tidx", {DT_INT64}}}, StatelessKernel(RangeKernel<int64_t>))
      .Kernel({{"Tidx", {DT_INT32}}}, StatelessKernel(RangeKernel<int32_t>))
      .Kernel({{"Tidx", {DT_DOUBLE}}}, StatelessKernel(RangeKernel<double>))
      .Kernel({{"Tidx", {DT_FLOAT}}}, StatelessKernel(RangeKernel<float>));
  registry->Op("LinSpace")
      .Input("start: T")
      .Input("stop: T")
      .Input("num: Tidx")
      .Output("output: T")
      .Attr("T: {bfloat16, float, double}")
      .Attr("Tidx: {int32, int64} = DT_INT32")
      .Shape(LinSpaceShape)
      .Kernel({{"T", {DT_DOUBLE}}, {"Tidx", IndexTypes()}},
              StatelessKernel(LinSpaceKernel<double>))
      .Kernel({{"T", {DT_FLOAT}}, {"Tidx", IndexTypes()}},
              StatelessKernel(LinSpaceKernel<float>));
  registry->Op("Where")
      .Input("input: T")
      .Output("index: int64")
      .Attr("T: {float, double, int32, uint8, int16, int8, complex64, int64, "
            "qint8, quint8, qint32, bfloat16, uint16, complex128, half, "
            "uint32, uint64, bool} = DT_BOOL")
      .Shape(WhereShape)
      .Kernel({{"T", PodTypes()}}, StatelessKernel(WhereKernel));
  registry->Op("OneHot")
      .Input("indices: TI")
      .Input("depth: int32")
      .Input("on_value: T")
      .Input("off_value: T")
      .Output("output: T")
      .Attr("axis: int = -1")
      .Attr("T: type")
      .Attr("TI: {uint8, int32, int64} = DT_INT64")
      .Shape(OneHotShape)
      .Kernel({{"T", AllTypes()}, {"TI", {DT_INT64, DT_INT32, DT_UINT8}}},
              StatelessKernel(OneHotKernel));
  registry->Op("Unique")
      .Input("x: T")
      .Output("y: T")
      .Output("idx: out_idx")
      .Attr("T: type")
      .Attr("out_idx: {int32, int64} = DT_INT32")
      .Shape(UniqueShape)
      .Kernel({{"T", Join({DT_BOOL, DT_STRING}, RealTypes())},
               {"out_idx", IndexTypes()}},
              StatelessKernel(UniqueKernel));
}

}  // namespace retrograph
