// Reductions over axes: Sum, Mean, Prod, Max, Min, All, Any, EuclideanNorm.

#include <algorithm>
#include <cmath>
#include <complex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "graph/shape_inference.h"
#include "ops/array_functions.h"
#include "ops/data_movement.h"
#include "ops/kernel.h"
#include "ops/reduce.h"
#include "ops/standard_ops.h"

namespace retrograph {
namespace {

using Complex64 = std::complex<float>;
using Complex128 = std::complex<double>;

// --- The shape, where the axes are known. ---

absl::Status ReductionShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRankAtMost(c->input(1), 1).status());
  bool keep_dims = false;
  RG_RETURN_IF_ERROR(c->GetAttr("keep_dims", &keep_dims));
  const Shape& input = c->input(0);
  const Tensor* axes = c->input_tensor(1);
  if (axes == nullptr || input.unknown_rank()) {
    c->set_output(0, keep_dims && !input.unknown_rank()
                         ? Shape::UnknownOfRank(input.rank())
                         : Shape());
    return absl::OkStatus();
  }
  const int rank = input.rank();
  std::vector<bool> reduced(rank, false);
  for (const int64_t axis : IntegerValues(*axes)) {
    if (axis < -rank || axis >= rank) {
      return absl::InvalidArgumentError(
          absl::StrCat("Invalid reduction dimension ", axis, " for input with ",
                       rank, " dimensions."));
    }
    reduced[axis < 0 ? axis + rank : axis] = true;
  }
  std::vector<int64_t> dims;
  for (int i = 0; i < rank; ++i) {
    if (!reduced[i]) dims.push_back(input.dim(i));
    if (reduced[i] && keep_dims) dims.push_back(1);
  }
  c->set_output(0, Shape(dims));
  return absl::OkStatus();
}

// --- Reducers (reduce.h), each with what happens before and after. ---

struct PlainReducer {
  static constexpr bool kSquaresFirst = false;
  template <typename T>
  static void Finish(absl::Span<T>, int64_t) {}
};

struct SumReducer : PlainReducer {
  template <typename T>
  static T Identity() {
    return T(0);
  }
  template <typename T>
  static T Combine(T a, T b) {
    return WrapAdd(a, b);
  }
};
struct MeanReducer : SumReducer {
  template <typename T>
  static void Finish(absl::Span<T> totals, int64_t count) {
    for (T& total : totals) total = Quotient(total, count);
  }

 private:
  template <typename T>
  static T Quotient(T total, int64_t count) {
    const T divisor = NumberCast<T>(count);
    if constexpr (kIsInteger<T>) {
      // The count may wrap to 0 in a small type; TensorFlow would crash.
      return divisor == 0 ? 0 : WrapDivide(total, divisor);
    } else if constexpr (std::is_same_v<T, BFloat16>) {
      // TensorFlow's bfloat16 knows no NaN to give for a mean of nothing.
      return count == 0 ? T(0) : total / divisor;
    } else {
      return WrapDivide(total, divisor);
    }
  }
};
struct NormReducer : SumReducer {
  static constexpr bool kSquaresFirst = true;
  template <typename T>
  static void Finish(absl::Span<T> totals, int64_t) {
    if constexpr (kIsInteger<T>) {
      for (T& total : totals) {
        total = static_cast<T>(std::sqrt(static_cast<double>(total)));
      }
    } else {
      SqrtArray(totals.data(), totals.data(),
                static_cast<int64_t>(totals.size()));
    }
  }
};
struct ProdReducer : PlainReducer {
  template <typename T>
  static T Identity() {
    return NumberCast<T>(1);
  }
  template <typename T>
  static T Combine(T a, T b) {
    return WrapMul(a, b);
  }
};
// NaNs are passed over.
struct MaxReducer : PlainReducer {
  template <typename T>
  static T Identity() {
    return MinusInfinity<T>();
  }
  template <typename T>
  static T Combine(T a, T b) {
    return b > a ? b : a;
  }
};
struct MinReducer : PlainReducer {
  template <typename T>
  static T Identity() {
    if constexpr (kIsFloat<T>) {
      return -MinusInfinity<T>();
    } else {
      return HighestNumber<T>();
    }
  }
  template <typename T>
  static T Combine(T a, T b) {
    return b < a ? b : a;
  }
};
struct AllReducer : PlainReducer {
  template <typename T>
  static T Identity() {
    return true;
  }
  static bool Combine(bool a, bool b) { return a && b; }
};
struct AnyReducer : PlainReducer {
  template <typename T>
  static T Identity() {
    return false;
  }
  static bool Combine(bool a, bool b) { return a || b; }
};

template <typename T>
std::vector<T> Squares(const T* x, int64_t n) {
  std::vector<T> squares(n);
  for (int64_t i = 0; i < n; ++i) {
    if constexpr (kIsComplex<T>) {
      squares[i] = WrapMul(x[i], std::conj(x[i]));
    } else {
      squares[i] = WrapMul(x[i], x[i]);
    }
  }
  return squares;
}

template <typename R, typename T>
void ReduceInto(const T* in, int64_t size, const ReductionPlan& plan, T* out) {
  if constexpr (R::kSquaresFirst) {
    Reduce<R, T>(Squares(in, size).data(), plan, out);
  } else {
    Reduce<R, T>(in, plan, out);
  }
}

template <typename R, typename T>
void ReductionKernel(KernelContext* ctx) {
  const Tensor& in = ctx->input(0);
  bool keep_dims = false;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("keep_dims", &keep_dims));
  const auto plan = PlanReduction(in.shape(), ctx->input(1), keep_dims);
  RG_KERNEL_OK(ctx, plan.status());
  const bool nothing_to_reduce =
      plan->dims.empty() || (plan->dims.size() == 1 && !plan->first_is_reduced);
  if (nothing_to_reduce) {
    // The same elements, even of a norm.
    ctx->set_output(0, in.Reshaped(plan->output_shape));
    return;
  }
  Tensor out = ctx->Allocate(DataTypeOf<T>::value, plan->output_shape);
  if (!ctx->status().ok()) return;
  const absl::Span<T> to = out.mutable_flat<T>();
  if (in.num_elements() == 0) {
    std::fill(to.begin(), to.end(), R::template Identity<T>());
  } else if (!to.empty()) {
    ReduceInto<R, T>(in.flat<T>().data(), in.num_elements(), *plan, to.data());
  }
  R::Finish(to, plan->reduced_count);
  ctx->set_output(0, std::move(out));
}

// --- Registration. ---

template <typename R, typename... Ts>
void AddKernels(OpBuilder& op) {
  (op.Kernel({{"T", {DataTypeOf<Ts>::value}}, {"Tidx", {DT_INT64, DT_INT32}}},
             StatelessKernel(&ReductionKernel<R, Ts>)),
   ...);
}

OpBuilder ReductionOp(OpRegistry* registry, absl::string_view name) {
  OpBuilder op = registry->Op(name);
  op.Input("input: T").Input("reduction_indices: Tidx").Output("output: T");
  op.Attr("keep_dims: bool = false");
  op.Attr(absl::StrCat("T: ", kNumberTypes));
  op.Attr("Tidx: {int32, int64} = DT_INT32").Shape(ReductionShape);
  return op;
}

template <typename R>
void AddRealKernels(OpBuilder& op) {
  AddKernels<R, double, float, BFloat16, Half, int8_t, uint8_t, int16_t,
             uint16_t, int32_t, int64_t>(op);
}

template <typename R>
void RegisterSumLike(OpRegistry* registry, absl::string_view name) {
  OpBuilder op = ReductionOp(registry, name);
  AddKernels<R, Complex128, Complex64>(op);
  AddRealKernels<R>(op);
}

template <typename R>
void RegisterLogical(OpRegistry* registry, absl::string_view name) {
  OpBuilder op = registry->Op(name);
  op.Input("input: bool").Input("reduction_indices: Tidx");
  op.Output("output: bool").Attr("keep_dims: bool = false");
  op.Attr("Tidx: {int32, int64} = DT_INT32").Shape(ReductionShape);
  op.Kernel({{"Tidx", {DT_INT64, DT_INT32}}},
            StatelessKernel(&ReductionKernel<R, bool>));
}

}  // namespace

void RegisterReductionOps(OpRegistry* registry) {
  RegisterSumLike<SumReducer>(registry, "Sum");
  RegisterSumLike<MeanReducer>(registry, "Mean");
  RegisterSumLike<ProdReducer>(registry, "Prod");
  RegisterSumLike<NormReducer>(registry, "EuclideanNorm");
  OpBuilder max = ReductionOp(registry, "Max");
  AddRealKernels<MaxReducer>(max);
  OpBuilder min = ReductionOp(registry, "Min");
  AddRealKernels<MinReducer>(min);
  RegisterLogical<AllReducer>(registry, "All");
  RegisterLogical<AnyReducer>(registry, "Any");
}

}  // namespace retrograph
