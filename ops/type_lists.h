// Lists of dtypes that kernels are registered for, in the order in which
// TensorFlow lists them ("Registered kernels: ...").
#ifndef RETROGRAPH_OPS_TYPE_LISTS_H_
#define RETROGRAPH_OPS_TYPE_LISTS_H_

#include "core/dtype.h"

namespace retrograph {

inline DataTypeVector RealTypes() {
  return {DT_DOUBLE, DT_FLOAT, DT_BFLOAT16, DT_HALF,   DT_INT8,
          DT_UINT8,  DT_INT16, DT_UINT16,   DT_INT32,  DT_INT64};
}

// `first` before `rest`.
inline DataTypeVector Join(DataTypeVector first, const DataTypeVector& rest) {
  first.insert(first.end(), rest.begin(), rest.end());
  return first;
}

inline DataTypeVector NumberTypes() {
  return Join({DT_COMPLEX128, DT_COMPLEX64}, RealTypes());
}
inline DataTypeVector PodTypes() { return Join({DT_BOOL}, NumberTypes()); }
inline DataTypeVector PodAndStringTypes() {
  return Join({DT_STRING}, PodTypes());
}
inline DataTypeVector AllTypes() {
  return Join({DT_VARIANT, DT_RESOURCE}, PodAndStringTypes());
}
inline DataTypeVector QuantizedTypes() {
  return {DT_QINT32, DT_QUINT8, DT_QINT8};
}
inline DataTypeVector IndexTypes() { return {DT_INT64, DT_INT32}; }

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_TYPE_LISTS_H_
