#include "ops/scatter.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/errors.h"
#include "ops/data_movement.h"
#include "ops/number.h"

namespace retrograph {
namespace {

template <typename T>
T Updated(UpdateKind kind, const T& old, const T& value) {
  switch (kind) {
    case UpdateKind::kAdd:
      return WrapAdd(old, value);
    case UpdateKind::kSub:
      return WrapSub(old, value);
    case UpdateKind::kMul:
      return WrapMul(old, value);
    case UpdateKind::kDiv:
      return WrapDivide(old, value);
    case UpdateKind::kMin:
      if constexpr (!kIsComplex<T>) return value < old ? value : old;
      break;
    case UpdateKind::kMax:
      if constexpr (!kIsComplex<T>) return old < value ? value : old;
      break;
    case UpdateKind::kAssign:
      break;
  }
  return value;
}

// to[i] op= from[i * step] for i < count.
template <typename T>
void UpdateRun(UpdateKind kind, const T* from, int64_t step, int64_t count,
               T* to) {
  if (kind == UpdateKind::kAdd) {  // the common ones without a switch inside
    for (int64_t i = 0; i < count; ++i) to[i] = WrapAdd(to[i], from[i * step]);
  } else if (kind == UpdateKind::kSub) {
    for (int64_t i = 0; i < count; ++i) to[i] = WrapSub(to[i], from[i * step]);
  } else {
    for (int64_t i = 0; i < count; ++i) {
      to[i] = Updated(kind, to[i], from[i * step]);
    }
  }
}

// Whether an integer division by zero would happen.
template <typename T>
bool DividesByZero(UpdateKind kind, const Tensor& updates) {
  if constexpr (kIsInteger<T>) {
    if (kind != UpdateKind::kDiv) return false;
    for (T value : updates.flat<T>()) {
      if (value == 0) return true;
    }
  }
  return false;
}

absl::Status CheckScatter(const Tensor& indices, const Tensor& updates,
                          const Tensor& params) {
  const TensorShape& shape = params.shape();
  if (shape.rank() < 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "params must be at least 1-D, got shape ", shape.DebugString()));
  }
  if (updates.shape().rank() == 0) return absl::OkStatus();
  std::vector<int64_t> wanted(indices.shape().dims().begin(),
                              indices.shape().dims().end());
  wanted.insert(wanted.end(), shape.dims().begin() + 1, shape.dims().end());
  if (updates.shape().dims() != absl::MakeConstSpan(wanted)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Must have updates.shape = indices.shape + params.shape[1:] or "
        "updates.shape = [], got updates.shape ",
        updates.shape().DebugString(), ", indices.shape ",
        indices.shape().DebugString(), ", params.shape ",
        shape.DebugString()));
  }
  return absl::OkStatus();
}

// A resource variable may be a scalar, then it counts as one row.
absl::Status CheckResourceScatter(const Tensor& indices, const Tensor& updates,
                                  int64_t run) {
  if (updates.shape().rank() == 0 || indices.num_elements() == 0 ||
      updates.num_elements() == indices.num_elements() * run) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "shape of indices (", indices.shape().DebugString(),
      ") is not compatible with the shape of updates (",
      updates.shape().DebugString(), ")"));
}

absl::Status BadIndex(const Tensor& indices, int64_t at, int64_t value,
                      int64_t rows) {
  return absl::InvalidArgumentError(
      absl::StrCat("indices", SlicePosition(indices.shape(), at), " = ", value,
                   " is not in [0, ", rows, ")"));
}

// Calls update(row of params, place in updates) for each index.
template <typename Update>
absl::Status ForEachRow(const Tensor& indices, int64_t rows,
                        const Update& update) {
  const std::vector<int64_t> values = IntegerValues(indices);
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i] < 0 || values[i] >= rows) {
      return BadIndex(indices, i, values[i], rows);
    }
    update(values[i], static_cast<int64_t>(i));
  }
  return absl::OkStatus();
}

}  // namespace

std::string SlicePosition(const TensorShape& shape, int64_t flat) {
  if (shape.rank() == 0) return "";
  std::vector<int64_t> at(shape.rank());
  for (int d = shape.rank() - 1; d >= 0; --d) {
    at[d] = flat % shape.dim(d);
    flat /= shape.dim(d);
  }
  return absl::StrCat("[", absl::StrJoin(at, ","), "]");
}

absl::Status UpdateInPlace(UpdateKind kind, const Tensor& value,
                           Tensor* params) {
#define RG_UPDATE(T)                                                  \
  if (params->dtype() == DataTypeOf<T>::value) {                      \
    UpdateRun<T>(kind, value.flat<T>().data(), 1, value.num_elements(), \
                 params->mutable_flat<T>().data());                   \
    return absl::OkStatus();                                          \
  }
  RG_NUMBER_TYPES(RG_UPDATE)
#undef RG_UPDATE
  return absl::UnimplementedError(
      absl::StrCat("No arithmetic on ", DataTypeString(params->dtype())));
}

absl::Status ScatterInPlace(ScatterTarget target, UpdateKind kind,
                            const Tensor& indices, const Tensor& updates,
                            Tensor* params) {
  if (target == ScatterTarget::kRefVariable) {
    RG_RETURN_IF_ERROR(CheckScatter(indices, updates, *params));
  }
  const TensorShape& shape = params->shape();
  const int64_t rows = shape.rank() == 0 ? 1 : shape.dim(0);
  if (indices.num_elements() == 0) return absl::OkStatus();
  if (rows == 0) return BadIndex(indices, 0, IntegerValue(indices), rows);
  const int64_t run = params->num_elements() / rows;
  if (target == ScatterTarget::kResourceVariable) {
    RG_RETURN_IF_ERROR(CheckResourceScatter(indices, updates, run));
  }
  const bool scalar = updates.shape().rank() == 0;
  const int64_t stride = scalar ? 0 : run;
  if (kind == UpdateKind::kAssign) {
    absl::Status status;
    WithElementType(params->dtype(), [&](auto element) {
      using T = decltype(element);
      const T* from = Elements<T>(updates);
      T* to = MutableElements<T>(params);
      status = ForEachRow(indices, rows, [&](int64_t row, int64_t i) {
        for (int64_t k = 0; k < run; ++k) {
          to[row * run + k] = from[i * stride + (scalar ? 0 : k)];
        }
      });
    });
    return status;
  }
#define RG_SCATTER(T)                                                    \
  if (params->dtype() == DataTypeOf<T>::value) {                         \
    if (DividesByZero<T>(kind, updates)) {                               \
      return absl::InvalidArgumentError("Integer division by zero");     \
    }                                                                    \
    const T* from = updates.flat<T>().data();                            \
    T* to = params->mutable_flat<T>().data();                            \
    return ForEachRow(indices, rows, [&](int64_t row, int64_t i) {       \
      UpdateRun<T>(kind, from + i * stride, scalar ? 0 : 1, run,         \
                   to + row * run);                                      \
    });                                                                  \
  }
  RG_NUMBER_TYPES(RG_SCATTER)
#undef RG_SCATTER
  return absl::UnimplementedError(
      absl::StrCat("No arithmetic on ", DataTypeString(params->dtype())));
}

}  // namespace retrograph
