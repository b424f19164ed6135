// Decompositions and solutions of one matrix, by Eigen. Compiled as a file of
// its own for each type (ops/BUILD.bazel): together they would take longer than
// anything else.
//
// All matrices are by rows, square ones of n rows. T is float, double, or
// complex of them. Nothing here takes empty matrices.
#ifndef RETROGRAPH_OPS_LINEAR_ALGEBRA_H_
#define RETROGRAPH_OPS_LINEAR_ALGEBRA_H_

#include <complex>
#include <cstdint>

namespace retrograph {

template <typename T>
struct RealOf {
  using type = T;
};
template <typename T>
struct RealOf<std::complex<T>> {
  using type = T;
};

template <typename T>
struct LinearAlgebra {
  using Real = typename RealOf<T>::type;

  // The logarithm of the determinant's size, and its sign; -infinity and 0
  // where it has none.
  static Real LogDeterminant(const T* matrix, int64_t n, T* sign);
  // False if a pivot is zero.
  static bool Inverse(const T* matrix, int64_t n, bool adjoint, T* out);
  // False unless the matrix is positive definite. The upper half is not read.
  static bool Cholesky(const T* matrix, int64_t n, T* out);
  // Of a self-adjoint matrix: n values, and if `vectors` is not null the matrix
  // that has the vectors as columns. False if it does not converge.
  static bool Eigen(const T* matrix, int64_t n, T* values, T* vectors);
  // `rhs` and `out` have n rows and k columns. False if a pivot is zero.
  static bool Solve(const T* matrix, int64_t n, bool adjoint, const T* rhs,
                    int64_t k, T* out);
  // Only one half of the matrix is read. False if its diagonal has a zero.
  static bool SolveTriangular(const T* matrix, int64_t n, bool lower,
                              bool adjoint, const T* rhs, int64_t k, T* out);
  // Of m rows and n columns, p the smaller: p values; unless it is null u gets
  // m rows, v n rows, both p columns, or as many as rows if `full`.
  static void Svd(const T* matrix, int64_t m, int64_t n, bool full, T* values,
                  T* u, T* v);
};

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_LINEAR_ALGEBRA_H_
