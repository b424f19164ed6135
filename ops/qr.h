// Householder's decomposition of one matrix, by Eigen. A file of its own for
// each type that it is compiled for (ops/BUILD.bazel): together they took
// longer to compile than anything else.
#ifndef RETROGRAPH_OPS_QR_H_
#define RETROGRAPH_OPS_QR_H_

#include <cstdint>

namespace retrograph {

// Of a matrix of m rows and n columns, all matrices by rows. `q` gets m rows
// and p columns, `r` p rows and n columns; p is m or the smaller of m and n. T
// is float, double, or complex of them.
template <typename T>
void DecomposeQr(const T* matrix, int64_t m, int64_t n, int64_t p, T* q, T* r);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_QR_H_
