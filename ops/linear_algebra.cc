#include "ops/linear_algebra.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "Eigen/Cholesky"
#include "Eigen/Eigenvalues"
#include "Eigen/LU"
#include "Eigen/SVD"

namespace retrograph {
namespace {

template <typename T>
using RowMajor =
    Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <typename T>
using In = Eigen::Map<const RowMajor<T>>;
template <typename T>
using Out = Eigen::Map<RowMajor<T>>;

using Complex64 [[maybe_unused]] = std::complex<float>;
using Complex128 [[maybe_unused]] = std::complex<double>;

template <typename T>
Eigen::PartialPivLU<RowMajor<T>> Factors(const T* matrix, int64_t n,
                                         bool adjoint) {
  const In<T> in(matrix, n, n);
  if (adjoint) return Eigen::PartialPivLU<RowMajor<T>>(in.adjoint());
  return Eigen::PartialPivLU<RowMajor<T>>(in);
}

// Not a number counts as zero.
template <typename Diagonal>
bool HasZero(const Diagonal& diagonal) {
  return !(diagonal.cwiseAbs().minCoeff() > 0);
}

}  // namespace

template <typename T>
typename LinearAlgebra<T>::Real LinearAlgebra<T>::LogDeterminant(
    const T* matrix, int64_t n, T* sign) {
  // TensorFlow has this one by columns.
  const Eigen::PartialPivLU<
      Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>>
      lu(In<T>(matrix, n, n));
  const auto diagonal = lu.matrixLU().diagonal().array().eval();
  const auto sizes = diagonal.cwiseAbs().eval();
  const Real log = sizes.log().sum();
  *sign = T(static_cast<Real>(lu.permutationP().determinant())) *
          (diagonal / sizes).prod();
  if (std::isfinite(log)) return log;
  *sign = T(0);
  return -std::numeric_limits<Real>::infinity();
}

template <typename T>
bool LinearAlgebra<T>::Inverse(const T* matrix, int64_t n, bool adjoint,
                               T* out) {
  const auto lu = Factors(matrix, n, adjoint);
  if (HasZero(lu.matrixLU().diagonal())) return false;
  Out<T>(out, n, n).noalias() = lu.inverse();
  return true;
}

template <typename T>
bool LinearAlgebra<T>::Cholesky(const T* matrix, int64_t n, T* out) {
  const Eigen::LLT<RowMajor<T>, Eigen::Lower> llt(In<T>(matrix, n, n));
  if (llt.info() != Eigen::Success) return false;
  Out<T>(out, n, n) = llt.matrixL();
  return true;
}

template <typename T>
bool LinearAlgebra<T>::Eigen(const T* matrix, int64_t n, T* values,
                             T* vectors) {
  const ::Eigen::SelfAdjointEigenSolver<RowMajor<T>> solver(
      In<T>(matrix, n, n), vectors != nullptr ? ::Eigen::ComputeEigenvectors
                                              : ::Eigen::EigenvaluesOnly);
  if (solver.info() != ::Eigen::Success) return false;
  Out<T>(values, n, 1) = solver.eigenvalues().template cast<T>();
  if (vectors != nullptr) Out<T>(vectors, n, n) = solver.eigenvectors();
  return true;
}

template <typename T>
bool LinearAlgebra<T>::Solve(const T* matrix, int64_t n, bool adjoint,
                             const T* rhs, int64_t k, T* out) {
  const auto lu = Factors(matrix, n, adjoint);
  if (HasZero(lu.matrixLU().diagonal())) return false;
  Out<T>(out, n, k) = lu.solve(In<T>(rhs, n, k));
  return true;
}

template <typename T>
bool LinearAlgebra<T>::SolveTriangular(const T* matrix, int64_t n, bool lower,
                                       bool adjoint, const T* rhs, int64_t k,
                                       T* out) {
  const In<T> in(matrix, n, n), right(rhs, n, k);
  Out<T> result(out, n, k);
  if (HasZero(in.diagonal())) return false;
  if (lower) {
    const auto half = in.template triangularView<::Eigen::Lower>();
    if (adjoint) {
      result.noalias() = half.adjoint().solve(right);
    } else {
      result.noalias() = half.solve(right);
    }
  } else {
    const auto half = in.template triangularView<::Eigen::Upper>();
    if (adjoint) {
      result.noalias() = half.adjoint().solve(right);
    } else {
      result.noalias() = half.solve(right);
    }
  }
  return true;
}

template <typename T>
void LinearAlgebra<T>::Svd(const T* matrix, int64_t m, int64_t n, bool full,
                           T* values, T* u, T* v) {
  const int64_t p = std::min(m, n);
  unsigned options = 0;
  if (u != nullptr) {
    options = full ? ::Eigen::ComputeFullU | ::Eigen::ComputeFullV
                   : ::Eigen::ComputeThinU | ::Eigen::ComputeThinV;
  }
  const ::Eigen::BDCSVD<RowMajor<T>> svd(In<T>(matrix, m, n), options);
  Out<T>(values, p, 1) = svd.singularValues().template cast<T>();
  if (u == nullptr) return;
  Out<T>(u, m, full ? m : p) = svd.matrixU();
  Out<T>(v, n, full ? n : p) = svd.matrixV();
}

// The build says which.
template struct LinearAlgebra<RG_LINEAR_ALGEBRA_TYPE>;

}  // namespace retrograph
