#include "ops/qr.h"

#include <algorithm>
#include <complex>

#include "Eigen/QR"

namespace retrograph {
namespace {

template <typename T>
using RowMajor =
    Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

using Complex64 [[maybe_unused]] = std::complex<float>;
using Complex128 [[maybe_unused]] = std::complex<double>;

}  // namespace

template <typename T>
void DecomposeQr(const T* matrix, int64_t m, int64_t n, int64_t p, T* q, T* r) {
  const Eigen::HouseholderQR<RowMajor<T>> qr(
      Eigen::Map<const RowMajor<T>>(matrix, m, n));
  Eigen::Map<RowMajor<T>>(q, m, p) =
      qr.householderQ() * RowMajor<T>::Identity(m, p);
  Eigen::Map<RowMajor<T>>(r, p, n) =
      qr.matrixQR().topRows(p).template triangularView<Eigen::Upper>();
}

// The build says which.
template void DecomposeQr<RG_QR_TYPE>(const RG_QR_TYPE*, int64_t, int64_t,
                                      int64_t, RG_QR_TYPE*, RG_QR_TYPE*);

}  // namespace retrograph
