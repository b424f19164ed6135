// What optimizers do to a variable and its slots, row by row.
//
// Private to ops/. The order of operations is that of TensorFlow's kernels, so
// that results have the same bits.
//
// Source: tensorflow/core/kernels/training_ops.cc.
#ifndef RETROGRAPH_OPS_TRAINING_RULES_H_
#define RETROGRAPH_OPS_TRAINING_RULES_H_

#include <cmath>
#include <cstdint>
#include <vector>

#include "ops/array_functions.h"
#include "ops/number.h"

namespace retrograph {

// One row: `count` elements of the variable, of each slot and of the gradient.
template <typename T>
struct TrainingRow {
  T* var;
  T* slot[3];
  const T* grad;
  int64_t count;
  // The op's numbers, in the order of its arguments.
  const T* scalars;
  int64_t global_step;  // of AdagradDA
  bool nesterov;
  bool update_slots;
  bool sparse;
};

template <typename T>
T Number(double value) {
  return NumberCast<T>(value);
}
template <typename T>
T SquareRoot(T x) {
  return NumberCast<T>(std::sqrt(static_cast<ComputeType<T>>(x)));
}
template <typename T>
T Magnitude(T x) {
  return x < Number<T>(0) ? -x : x;
}
template <typename T>
T SignOf(T x) {
  return x > Number<T>(0)   ? Number<T>(1)
         : x < Number<T>(0) ? Number<T>(-1)
                            : Number<T>(0);
}
template <typename T>
T Largest(T a, T b) {
  return a < b ? b : a;
}
template <typename T>
std::vector<T> SquareRoots(const T* x, int64_t n, T plus = Number<T>(0)) {
  std::vector<T> roots(n);
  for (int64_t i = 0; i < n; ++i) roots[i] = x[i] + plus;
  SqrtArray(roots.data(), roots.data(), n);
  return roots;
}
template <typename T>
std::vector<T> InverseRoots(const T* x, int64_t n, T plus = Number<T>(0)) {
  std::vector<T> roots(n);
  for (int64_t i = 0; i < n; ++i) roots[i] = x[i] + plus;
  RsqrtArray(roots.data(), roots.data(), n);
  return roots;
}

struct GradientDescentRule {
  template <typename T>
  static void Run(const TrainingRow<T>& r) {
    const T alpha = r.scalars[0];
    for (int64_t i = 0; i < r.count; ++i) {
      r.var[i] = r.var[i] - r.grad[i] * alpha;
    }
  }
};

struct MomentumRule {
  template <typename T>
  static void Run(const TrainingRow<T>& r) {
    const T lr = r.scalars[0], momentum = r.scalars[1];
    T* accum = r.slot[0];
    for (int64_t i = 0; i < r.count; ++i) {
      accum[i] = accum[i] * momentum + r.grad[i];
      if (r.nesterov) {
        r.var[i] = r.var[i] - (r.grad[i] * lr + accum[i] * momentum * lr);
      } else {
        r.var[i] = r.var[i] - accum[i] * lr;
      }
    }
  }
};

struct KerasMomentumRule {
  template <typename T>
  static void Run(const TrainingRow<T>& r) {
    const T lr = r.scalars[0], momentum = r.scalars[1];
    T* accum = r.slot[0];
    for (int64_t i = 0; i < r.count; ++i) {
      accum[i] = accum[i] * momentum - r.grad[i] * lr;
      r.var[i] = r.var[i] + (r.nesterov
                                 ? accum[i] * momentum - r.grad[i] * lr
                                 : accum[i]);
    }
  }
};

struct AdamRule {
  template <typename T>
  static void Run(const TrainingRow<T>& r) {
    const T one = Number<T>(1);
    const T beta1_power = r.scalars[0], beta2_power = r.scalars[1];
    const T lr = r.scalars[2], beta1 = r.scalars[3], beta2 = r.scalars[4];
    const T epsilon = r.scalars[5];
    const T alpha = lr * SquareRoot(one - beta2_power) / (one - beta1_power);
    T *m = r.slot[0], *v = r.slot[1];
    for (int64_t i = 0; i < r.count; ++i) {
      const T g = r.grad[i];
      m[i] = m[i] + (g - m[i]) * (one - beta1);
      v[i] = v[i] + (g * g - v[i]) * (one - beta2);
    }
    const std::vector<T> roots = SquareRoots(v, r.count);
    for (int64_t i = 0; i < r.count; ++i) {
      const T step = r.nesterov
                         ? (r.grad[i] * (one - beta1) + m[i] * beta1) * alpha
                         : m[i] * alpha;
      r.var[i] = r.var[i] - step / (roots[i] + epsilon);
    }
  }
};

struct AdaMaxRule {
  template <typename T>
  static void Run(const TrainingRow<T>& r) {
    const T one = Number<T>(1);
    const T beta1_power = r.scalars[0], lr = r.scalars[1];
    const T beta1 = r.scalars[2], beta2 = r.scalars[3], epsilon = r.scalars[4];
    T *m = r.slot[0], *v = r.slot[1];
    for (int64_t i = 0; i < r.count; ++i) {
      m[i] = m[i] + (r.grad[i] - m[i]) * (one - beta1);
      v[i] = Largest(beta2 * v[i], Magnitude(r.grad[i]));
      r.var[i] =
          r.var[i] - lr / (one - beta1_power) * (m[i] / (v[i] + epsilon));
    }
  }
};

struct AdagradRule {
  template <typename T>
  static void Run(const TrainingRow<T>& r) {
    const T lr = r.scalars[0];
    T* accum = r.slot[0];
    if (r.update_slots) {
      for (int64_t i = 0; i < r.count; ++i) {
        accum[i] = accum[i] + r.grad[i] * r.grad[i];
      }
    }
    if (r.sparse && r.count == 1) {
      r.var[0] = r.var[0] - lr * r.grad[0] / SquareRoot(accum[0]);
      return;
    }
    const std::vector<T> roots = InverseRoots(accum, r.count);
    for (int64_t i = 0; i < r.count; ++i) {
      r.var[i] = r.var[i] - r.grad[i] * lr * roots[i];
    }
  }
};

struct AdagradV2Rule {
  template <typename T>
  static void Run(const TrainingRow<T>& r) {
    const T lr = r.scalars[0], epsilon = r.scalars[1];
    T* accum = r.slot[0];
    if (r.update_slots) {
      for (int64_t i = 0; i < r.count; ++i) {
        accum[i] = accum[i] + r.grad[i] * r.grad[i];
      }
    }
    const std::vector<T> roots = SquareRoots(accum, r.count);
    for (int64_t i = 0; i < r.count; ++i) {
      r.var[i] = r.var[i] - r.grad[i] * lr / (roots[i] + epsilon);
    }
  }
};

struct AdagradDARule {
  template <typename T>
  static void Run(const TrainingRow<T>& r) {
    const T lr = r.scalars[0], l1 = r.scalars[1], l2 = r.scalars[2];
    const T step = NumberCast<T>(r.global_step);
    T *sum = r.slot[0], *squares = r.slot[1];
    for (int64_t i = 0; i < r.count; ++i) {
      sum[i] = sum[i] + r.grad[i];
      squares[i] = squares[i] + r.grad[i] * r.grad[i];
    }
    const std::vector<T> roots = SquareRoots(squares, r.count);
    for (int64_t i = 0; i < r.count; ++i) {
      const T shrunk =
          l1 > Number<T>(0)
              ? SignOf(sum[i]) *
                    Largest(Magnitude(sum[i]) - l1 * step, Number<T>(0))
              : sum[i];
      r.var[i] = -lr * shrunk / (l2 * step * lr + roots[i]);
    }
  }
};

struct RmsPropRule {
  template <typename T>
  static void Run(const TrainingRow<T>& r) {
    const T lr = r.scalars[0], rho = r.scalars[1];
    const T momentum = r.scalars[2], epsilon = r.scalars[3];
    const T rest = Number<T>(1) - rho;
    T *ms = r.slot[0], *mom = r.slot[1];
    for (int64_t i = 0; i < r.count; ++i) {
      const T square = r.grad[i] * r.grad[i];
      ms[i] = r.sparse ? ms[i] * rho + square * rest
                       : ms[i] + (square - ms[i]) * rest;
    }
    const std::vector<T> roots = r.sparse
                                     ? InverseRoots(ms, r.count, epsilon)
                                     : SquareRoots(ms, r.count, epsilon);
    for (int64_t i = 0; i < r.count; ++i) {
      const T step = r.sparse ? roots[i] * lr * r.grad[i]
                              : (r.grad[i] * lr) / roots[i];
      mom[i] = mom[i] * momentum + step;
      r.var[i] = r.var[i] - mom[i];
    }
  }
};

struct CenteredRmsPropRule {
  template <typename T>
  static void Run(const TrainingRow<T>& r) {
    const T lr = r.scalars[0], rho = r.scalars[1];
    const T momentum = r.scalars[2], epsilon = r.scalars[3];
    const T rest = Number<T>(1) - rho;
    T *mg = r.slot[0], *ms = r.slot[1], *mom = r.slot[2];
    std::vector<T> spread(r.count);
    for (int64_t i = 0; i < r.count; ++i) {
      const T g = r.grad[i];
      if (r.sparse) {
        ms[i] = ms[i] * rho + g * g * rest;
        mg[i] = mg[i] * rho + g * rest;
      } else {
        ms[i] = ms[i] + (g * g - ms[i]) * rest;
        mg[i] = mg[i] + (g - mg[i]) * rest;
      }
      spread[i] = (ms[i] - mg[i] * mg[i]) + epsilon;
    }
    const std::vector<T> roots = r.sparse
                                     ? InverseRoots(spread.data(), r.count)
                                     : SquareRoots(spread.data(), r.count);
    for (int64_t i = 0; i < r.count; ++i) {
      const T step = r.sparse ? roots[i] * lr * r.grad[i]
                              : (r.grad[i] * lr) / roots[i];
      mom[i] = mom[i] * momentum + step;
      r.var[i] = r.var[i] - mom[i];
    }
  }
};

struct AdadeltaRule {
  template <typename T>
  static void Run(const TrainingRow<T>& r) {
    const T lr = r.scalars[0], rho = r.scalars[1], epsilon = r.scalars[2];
    const T rest = Number<T>(1) - rho;
    T *accum = r.slot[0], *updates = r.slot[1];
    for (int64_t i = 0; i < r.count; ++i) {
      accum[i] = accum[i] * rho + r.grad[i] * r.grad[i] * rest;
    }
    const std::vector<T> above = SquareRoots(updates, r.count, epsilon);
    const std::vector<T> below = InverseRoots(accum, r.count, epsilon);
    for (int64_t i = 0; i < r.count; ++i) {
      const T update = above[i] * below[i] * r.grad[i];
      r.var[i] = r.var[i] - update * lr;
      updates[i] = updates[i] * rho + update * update * rest;
    }
  }
};

// With l2_shrinkage (V2) or without.
template <bool kShrinks>
struct FtrlRule {
  template <typename T>
  static void Run(const TrainingRow<T>& r) {
    const T lr = r.scalars[0], l1 = r.scalars[1], l2 = r.scalars[2];
    const T shrinkage = kShrinks ? r.scalars[3] : Number<T>(0);
    const T power = r.scalars[kShrinks ? 4 : 3];
    const T two = Number<T>(2);
    T *accum = r.slot[0], *linear = r.slot[1];
    std::vector<T> sums(r.count);
    for (int64_t i = 0; i < r.count; ++i) {
      sums[i] = accum[i] + r.grad[i] * r.grad[i];
    }
    const std::vector<T> after = Powers(sums.data(), r.count, power);
    const std::vector<T> before = Powers(accum, r.count, power);
    for (int64_t i = 0; i < r.count; ++i) {
      const T g = kShrinks ? r.grad[i] + two * shrinkage * r.var[i] : r.grad[i];
      linear[i] = linear[i] + (g - (after[i] - before[i]) / lr * r.var[i]);
      const T x = l1 * SignOf(linear[i]) - linear[i];
      const T y = after[i] / lr + two * l2;
      r.var[i] = Magnitude(linear[i]) > l1 ? x / y : Number<T>(0);
      accum[i] = sums[i];
    }
  }

 private:
  // x to the power of -`power`.
  template <typename T>
  static std::vector<T> Powers(const T* x, int64_t n, T power) {
    if (power == Number<T>(-0.5)) return SquareRoots(x, n);
    std::vector<T> result(n);
    for (int64_t i = 0; i < n; ++i) {
      result[i] = NumberCast<T>(std::pow(static_cast<ComputeType<T>>(x[i]),
                                         static_cast<ComputeType<T>>(-power)));
    }
    return result;
  }
};

// What l1 and l2 leave of a value.
template <typename T>
T Proximal(T value, T rate, T l1, T l2) {
  const T scale = Number<T>(1) + l2 * rate;
  if (!(l1 > Number<T>(0))) return value / scale;
  const T left = Largest(Magnitude(value) - rate * l1, Number<T>(0));
  return SignOf(value) * left / scale;
}

struct ProximalGradientDescentRule {
  template <typename T>
  static void Run(const TrainingRow<T>& r) {
    const T alpha = r.scalars[0];
    for (int64_t i = 0; i < r.count; ++i) {
      r.var[i] = Proximal(r.var[i] - r.grad[i] * alpha, alpha, r.scalars[1],
                          r.scalars[2]);
    }
  }
};

struct ProximalAdagradRule {
  template <typename T>
  static void Run(const TrainingRow<T>& r) {
    const T lr = r.scalars[0];
    T* accum = r.slot[0];
    for (int64_t i = 0; i < r.count; ++i) {
      accum[i] = accum[i] + r.grad[i] * r.grad[i];
    }
    const std::vector<T> roots = InverseRoots(accum, r.count);
    for (int64_t i = 0; i < r.count; ++i) {
      const T rate = roots[i] * lr;
      r.var[i] = Proximal(r.var[i] - r.grad[i] * rate, rate, r.scalars[1],
                          r.scalars[2]);
    }
  }
};

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_TRAINING_RULES_H_
