// Reduction of some axes of a tensor, in the order in which Eigen, and so
// TensorFlow 1.15 on one thread, takes the elements: float sums depend on it.
//
// A reducer R has Identity<T>(), what nothing reduces to, and
// Combine(T, T).
#ifndef RETROGRAPH_OPS_REDUCE_H_
#define RETROGRAPH_OPS_REDUCE_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

#include "absl/status/statusor.h"
#include "core/tensor.h"
#include "ops/number.h"

namespace retrograph {

// --- Runs of neighbours. ---

// Lanes that a packet of AVX's 32 bytes has (half has 8 as well, bfloat16 no
// packets; of integers the order does not matter).
template <typename T>
constexpr int kLanes = std::is_same_v<T, float> || std::is_same_v<T, Half> ? 8
                       : std::is_same_v<T, double>                         ? 4
                       : kIsComplex<T> ? 32 / static_cast<int>(sizeof(T))
                                       : 1;
// Longer runs are halved, which keeps float sums exact.
constexpr int64_t kLeafPackets = 1024;

// The lanes of a packet become one number.
template <typename R, typename T>
T CombineLanes(const T* lanes) {
  if constexpr (std::is_same_v<T, Half>) {
    float wide[8];
    for (int i = 0; i < 8; ++i) wide[i] = static_cast<float>(lanes[i]);
    return Half(CombineLanes<R, float>(wide));
  } else if constexpr (kLanes<T> == 8) {
    T half[4];
    for (int i = 0; i < 4; ++i) half[i] = R::Combine(lanes[i], lanes[i + 4]);
    return R::Combine(R::Combine(half[0], half[2]),
                      R::Combine(half[1], half[3]));
  } else if constexpr (kLanes<T> == 4) {
    return R::Combine(R::Combine(lanes[0], lanes[2]),
                      R::Combine(lanes[1], lanes[3]));
  } else {
    return R::Combine(lanes[0], lanes[1]);
  }
}

template <typename R, typename T>
T ReduceLeaf(const T* x, int64_t n) {
  constexpr int kWidth = kLanes<T>;
  T rest = R::template Identity<T>();
  if constexpr (kWidth == 1) {
    for (int64_t i = 0; i < n; ++i) rest = R::Combine(rest, x[i]);
    return rest;
  } else {
    T lanes[kWidth];
    std::fill(lanes, lanes + kWidth, R::template Identity<T>());
    const int64_t packed = n - n % kWidth;
    for (int64_t i = 0; i < packed; i += kWidth) {
      for (int k = 0; k < kWidth; ++k) {
        lanes[k] = R::Combine(lanes[k], x[i + k]);
      }
    }
    for (int64_t i = packed; i < n; ++i) rest = R::Combine(rest, x[i]);
    return R::Combine(rest, CombineLanes<R, T>(lanes));
  }
}

// x[start .. start + n); where it is cut depends on `start`.
template <typename R, typename T>
T ReduceRun(const T* x, int64_t start, int64_t n) {
  constexpr int64_t kWidth = kLanes<T>;
  if (n <= kWidth * kLeafPackets) return ReduceLeaf<R, T>(x + start, n);
  auto round_up = [](int64_t a, int64_t b) { return (a + b - 1) / b * b; };
  const int64_t middle =
      kWidth == 1 ? start + n / 2 : round_up(start + (n + 1) / 2, kWidth);
  const int64_t left = std::min(middle - start, n);
  T result =
      R::Combine(R::template Identity<T>(), ReduceRun<R, T>(x, start, left));
  if (left < n) {
    result = R::Combine(result, ReduceRun<R, T>(x, middle, n - left));
  }
  return result;
}

// --- Shapes. ---

// A tensor's dimensions, joined so that kept and reduced ones alternate.
struct ReductionPlan {
  std::vector<int64_t> dims;
  bool first_is_reduced = false;  // dims[0] is; else dims[1] is, and so on
  TensorShape output_shape;       // with or without dimensions of size 1
  int64_t reduced_count = 1;      // elements that become one
};

// InvalidArgument "Invalid reduction dimension (2 for input with 2
// dimension(s)" for an axis out of range. `axes` holds int32 or int64.
absl::StatusOr<ReductionPlan> PlanReduction(const TensorShape& input,
                                            const Tensor& axes, bool keep_dims);

// The elements so rearranged that all kept dimensions come first, for plans of
// more than three dimensions.
void MoveReducedLast(const void* from, void* to, size_t element_size,
                     const ReductionPlan& plan);

// Reduces `in` into `out`. A plan without reduced dimensions is not for it.
template <typename R, typename T>
void Reduce(const T* in, const ReductionPlan& plan, T* out) {
  const std::vector<int64_t>& d = plan.dims;
  const int64_t outputs = plan.output_shape.num_elements();
  const size_t rank = d.size();
  if (rank == 1) {
    out[0] = ReduceRun<R, T>(in, 0, d[0]);
  } else if (rank == 2 && !plan.first_is_reduced) {
    for (int64_t i = 0; i < d[0]; ++i) {
      out[i] = ReduceRun<R, T>(in, i * d[1], d[1]);
    }
  } else if (rank <= 3 && !(rank == 3 && plan.first_is_reduced)) {
    // Columns: [reduced, kept] or [kept, reduced, kept].
    const int64_t outer = rank == 3 ? d[0] : 1;
    const int64_t rows = d[rank - 2], columns = d[rank - 1];
    std::fill(out, out + outputs, R::template Identity<T>());
    for (int64_t o = 0; o < outer; ++o) {
      T* to = out + o * columns;
      for (int64_t r = 0; r < rows; ++r, in += columns) {
        for (int64_t c = 0; c < columns; ++c) to[c] = R::Combine(to[c], in[c]);
      }
    }
  } else if (rank == 3) {
    // [reduced, kept, reduced]: the first dimension varies fastest.
    for (int64_t j = 0; j < d[1]; ++j) {
      T result = R::template Identity<T>();
      for (int64_t k = 0; k < d[2]; ++k) {
        for (int64_t i = 0; i < d[0]; ++i) {
          result = R::Combine(result, in[(i * d[1] + j) * d[2] + k]);
        }
      }
      out[j] = result;
    }
  } else {
    const int64_t count = outputs * plan.reduced_count;
    const auto moved = std::make_unique<T[]>(count);
    MoveReducedLast(in, moved.get(), sizeof(T), plan);
    for (int64_t i = 0; i < outputs; ++i) {
      out[i] = ReduceRun<R, T>(moved.get(), i * plan.reduced_count,
                               plan.reduced_count);
    }
  }
}

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_REDUCE_H_
