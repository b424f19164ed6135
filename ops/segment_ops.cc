// Reductions of rows that carry the same number: SegmentSum and its like for
// sorted numbers, UnsortedSegmentSum and its like for any.

#include <algorithm>
#include <complex>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "graph/shape_inference.h"
#include "ops/data_movement.h"
#include "ops/kernel.h"
#include "ops/number.h"
#include "ops/shape_helpers.h"
#include "ops/standard_ops.h"

namespace retrograph {
namespace {

struct SumSegment {
  template <typename T>
  static T Identity() {
    return T(0);
  }
  template <typename T>
  static T Combine(T a, T b) {
    return WrapAdd(a, b);
  }
};
struct ProdSegment {
  template <typename T>
  static T Identity() {
    return NumberCast<T>(1);
  }
  template <typename T>
  static T Combine(T a, T b) {
    return WrapMul(a, b);
  }
};
struct MaxSegment {
  template <typename T>
  static T Identity() {
    return LowestNumber<T>();
  }
  template <typename T>
  static T Combine(T a, T b) {
    return a < b ? b : a;
  }
};
struct MinSegment {
  template <typename T>
  static T Identity() {
    return HighestNumber<T>();
  }
  template <typename T>
  static T Combine(T a, T b) {
    return b < a ? b : a;
  }
};

template <typename R, typename T>
void CombineRow(const T* row, int64_t size, T* total) {
  for (int64_t i = 0; i < size; ++i) total[i] = R::Combine(total[i], row[i]);
}

// --- Unsorted. ---

absl::Status UnsortedShape(InferenceContext* c) {
  const Shape& data = c->input(0);
  const Shape& ids = c->input(1);
  RG_RETURN_IF_ERROR(c->WithRank(c->input(2), 0).status());
  if (ids.unknown_rank()) return UnknownShape(c);
  RG_RETURN_IF_ERROR(c->MergePrefix(data, ids).status());
  RG_ASSIGN_OR_RETURN(const int64_t count, DimFromScalarInput(c, 2));
  if (data.unknown_rank()) return UnknownShape(c);
  RG_ASSIGN_OR_RETURN(const Shape rest, c->Subshape(data, ids.rank()));
  RG_ASSIGN_OR_RETURN(Shape shape, c->Concatenate(VectorOf(count), rest));
  c->set_output(0, std::move(shape));
  return absl::OkStatus();
}

bool StartsWith(const TensorShape& shape, const TensorShape& prefix) {
  return shape.rank() >= prefix.rank() &&
         std::equal(prefix.dims().begin(), prefix.dims().end(),
                    shape.dims().begin());
}

// The number of segments that input 2 asks for.
absl::StatusOr<int64_t> CheckUnsorted(KernelContext* ctx) {
  const TensorShape& data = ctx->input(0).shape();
  const TensorShape& ids = ctx->input(1).shape();
  const TensorShape& count_shape = ctx->input(2).shape();
  if (count_shape.rank() != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("num_segments should be a scalar, not shape ",
                     count_shape.DebugString()));
  }
  if (!StartsWith(data, ids)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "data.shape = ", data.DebugString(),
        " does not start with segment_ids.shape = ", ids.DebugString()));
  }
  const int64_t count = IntegerValue(ctx->input(2));
  if (count < 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Input num_segments == ", count, " must not be negative."));
  }
  return count;
}

// "[1,2]": where element `at` of a tensor is.
std::string Position(const TensorShape& shape, int64_t at) {
  std::vector<int64_t> index(shape.rank());
  for (int i = shape.rank() - 1; i >= 0; --i) {
    index[i] = at % shape.dim(i);
    at /= shape.dim(i);
  }
  return absl::StrCat("[", absl::StrJoin(index, ","), "]");
}

template <typename R, typename T>
void UnsortedKernel(KernelContext* ctx) {
  const auto count = CheckUnsorted(ctx);
  RG_KERNEL_OK(ctx, count.status());
  const Tensor& data = ctx->input(0);
  const Tensor& ids = ctx->input(1);
  TensorShape shape({*count});
  for (int i = ids.shape().rank(); i < data.shape().rank(); ++i) {
    shape.AddDim(data.shape().dim(i));
  }
  Tensor out = ctx->Allocate(DataTypeOf<T>::value, shape);
  if (!ctx->status().ok()) return;
  const absl::Span<T> to = out.mutable_flat<T>();
  std::fill(to.begin(), to.end(), R::template Identity<T>());
  const std::vector<int64_t> rows = IntegerValues(ids);
  const int64_t row_size =
      rows.empty() ? 0
                   : data.num_elements() / static_cast<int64_t>(rows.size());
  const T* from = data.flat<T>().data();
  for (size_t i = 0; i < rows.size(); ++i, from += row_size) {
    if (rows[i] < 0) continue;
    RG_KERNEL_REQUIRES(ctx, rows[i] < *count,
                       absl::InvalidArgumentError(absl::StrCat(
                           "segment_ids", Position(ids.shape(), i), " = ",
                           rows[i], " is out of range [0, ", *count, ")")));
    CombineRow<R>(from, row_size, to.data() + rows[i] * row_size);
  }
  ctx->set_output(0, std::move(out));
}

// --- Sorted. ---

absl::Status SortedShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRankAtLeast(c->input(0), 1).status());
  RG_RETURN_IF_ERROR(c->WithRank(c->input(1), 1).status());
  if (c->input(0).unknown_rank()) return UnknownShape(c);
  Shape shape = c->input(0);
  shape.set_dim(0, kUnknownDim);
  c->set_output(0, std::move(shape));
  return absl::OkStatus();
}

absl::Status CheckSorted(const Tensor& data, const Tensor& ids,
                         const std::vector<int64_t>& rows) {
  if (ids.shape().rank() != 1) {
    return absl::InvalidArgumentError("segment_ids should be a vector.");
  }
  if (data.shape().rank() == 0 || data.shape().dim(0) != ids.shape().dim(0)) {
    return absl::InvalidArgumentError(
        "segment_ids should be the same size as dimension 0 of input.");
  }
  if (rows.empty()) return absl::OkStatus();
  const int64_t limit = rows.back() + 1;
  if (limit <= 0) {
    return absl::InvalidArgumentError("segment ids must be >= 0");
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i + 1 < rows.size() && rows[i + 1] < rows[i]) {
      return absl::InvalidArgumentError("segment ids are not increasing");
    }
    if (rows[i] < 0 || rows[i] >= limit) {
      return absl::InvalidArgumentError(absl::StrCat(
          "Segment id ", rows[i], " out of range [0, ", limit,
          "), possibly because 'segment_ids' input is not sorted."));
    }
  }
  return absl::OkStatus();
}

// Segments without rows are 0 (a product's are 1).
template <typename R, bool kMean, typename T>
void SortedKernel(KernelContext* ctx) {
  const Tensor& data = ctx->input(0);
  const std::vector<int64_t> rows = IntegerValues(ctx->input(1));
  RG_KERNEL_OK(ctx, CheckSorted(data, ctx->input(1), rows));
  TensorShape shape = data.shape();
  shape.set_dim(0, rows.empty() ? 0 : rows.back() + 1);
  Tensor out = ctx->Allocate(DataTypeOf<T>::value, shape);
  if (!ctx->status().ok()) return;
  const absl::Span<T> to = out.mutable_flat<T>();
  const T gap =
      std::is_same_v<R, ProdSegment> ? NumberCast<T>(1) : NumberCast<T>(0);
  std::fill(to.begin(), to.end(), gap);
  const int64_t row_size =
      rows.empty() ? 0
                   : data.num_elements() / static_cast<int64_t>(rows.size());
  const T* from = data.flat<T>().data();
  for (size_t start = 0; start < rows.size();) {
    size_t end = start + 1;
    T* total = to.data() + rows[start] * row_size;
    std::copy(from + start * row_size, from + end * row_size, total);
    for (; end < rows.size() && rows[end] == rows[start]; ++end) {
      CombineRow<R>(from + end * row_size, row_size, total);
    }
    if constexpr (kMean) {
      const T divisor = NumberCast<T>(static_cast<int64_t>(end - start));
      for (int64_t i = 0; i < row_size && divisor != T(0); ++i) {
        total[i] = WrapDivide(total[i], divisor);
      }
    }
    start = end;
  }
  ctx->set_output(0, std::move(out));
}

// --- Registration. ---

template <typename R, typename... Ts>
void AddUnsortedKernels(OpBuilder& op) {
  (op.Kernel(
       {{"T", {DataTypeOf<Ts>::value}}, {"Tindices", {DT_INT64, DT_INT32}}},
       StatelessKernel(&UnsortedKernel<R, Ts>)),
   ...);
}
template <typename R, bool kMean, typename... Ts>
void AddSortedKernels(OpBuilder& op) {
  (op.Kernel(
       {{"T", {DataTypeOf<Ts>::value}}, {"Tindices", {DT_INT64, DT_INT32}}},
       StatelessKernel(&SortedKernel<R, kMean, Ts>)),
   ...);
}

template <typename R>
void RegisterUnsorted(OpRegistry* registry, absl::string_view name,
                      bool with_complex) {
  OpBuilder op = registry->Op(name);
  op.Input("data: T").Input("segment_ids: Tindices");
  op.Input("num_segments: Tnumsegments").Output("output: T");
  op.Attr(absl::StrCat("T: ", with_complex ? kNumberTypes : kRealNumberTypes));
  op.Attr("Tindices: {int32, int64}");
  op.Attr("Tnumsegments: {int32, int64} = DT_INT32").Shape(UnsortedShape);
  if constexpr (!std::is_same_v<R, MaxSegment> &&
                !std::is_same_v<R, MinSegment>) {
    AddUnsortedKernels<R, std::complex<double>, std::complex<float>>(op);
  }
  AddUnsortedKernels<R, double, float, BFloat16, Half, int8_t, uint8_t, int16_t,
                     uint16_t, int32_t, int64_t>(op);
}

template <typename R, bool kMean>
void RegisterSorted(OpRegistry* registry, absl::string_view name,
                    bool with_complex) {
  OpBuilder op = registry->Op(name);
  op.Input("data: T").Input("segment_ids: Tindices").Output("output: T");
  op.Attr(absl::StrCat("T: ", with_complex ? kNumberTypes : kRealNumberTypes));
  op.Attr("Tindices: {int32, int64}").Shape(SortedShape);
  if constexpr (!std::is_same_v<R, MaxSegment> &&
                !std::is_same_v<R, MinSegment>) {
    AddSortedKernels<R, kMean, std::complex<double>, std::complex<float>>(op);
  }
  AddSortedKernels<R, kMean, double, float, BFloat16, Half, int8_t, uint8_t,
                   int16_t, uint16_t, int32_t, int64_t>(op);
}

}  // namespace

void RegisterSegmentOps(OpRegistry* registry) {
  RegisterUnsorted<SumSegment>(registry, "UnsortedSegmentSum", true);
  RegisterUnsorted<ProdSegment>(registry, "UnsortedSegmentProd", true);
  RegisterUnsorted<MaxSegment>(registry, "UnsortedSegmentMax", false);
  RegisterUnsorted<MinSegment>(registry, "UnsortedSegmentMin", false);
  RegisterSorted<SumSegment, false>(registry, "SegmentSum", true);
  RegisterSorted<SumSegment, true>(registry, "SegmentMean", true);
  RegisterSorted<ProdSegment, false>(registry, "SegmentProd", true);
  RegisterSorted<MaxSegment, false>(registry, "SegmentMax", false);
  RegisterSorted<MinSegment, false>(registry, "SegmentMin", false);
}

}  // namespace retrograph
