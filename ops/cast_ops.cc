// Cast: numbers of one type as numbers of another.
//
// Out-of-range numbers give what TensorFlow's compiled code gives on x86: what
// C++ leaves undefined is spelled out here. Quantised types are cast as the
// integers they hold.

#include <complex>
#include <cstring>
#include <limits>
#include <memory>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "graph/shape_inference.h"
#include "ops/kernel.h"
#include "ops/number.h"
#include "ops/standard_ops.h"

namespace retrograph {
namespace {

// The whole part; the lowest integer for NaN and what does not fit.
template <typename Int, typename Float>
Int TruncateTo(Float value) {
  constexpr Float kLimit = -static_cast<Float>(std::numeric_limits<Int>::min());
  if (!(value < kLimit && value >= -kLimit)) {
    return std::numeric_limits<Int>::min();
  }
  return static_cast<Int>(value);
}

template <typename Float>
uint64_t TruncateToUnsigned64(Float value) {
  constexpr Float kHalf = 9223372036854775808.0;  // 2^63
  if (value >= kHalf) {
    return static_cast<uint64_t>(TruncateTo<int64_t>(value - kHalf)) ^
           (uint64_t{1} << 63);
  }
  return static_cast<uint64_t>(TruncateTo<int64_t>(value));
}

template <typename To, typename Float>
To FloatToInteger(Float value) {
  if constexpr (std::is_same_v<To, int64_t>) {
    return TruncateTo<int64_t>(value);
  } else if constexpr (std::is_same_v<To, uint64_t>) {
    return TruncateToUnsigned64(value);
  } else if constexpr (std::is_same_v<To, uint32_t>) {
    return static_cast<uint32_t>(TruncateTo<int64_t>(value));
  } else {
    return static_cast<To>(TruncateTo<int32_t>(value));
  }
}

template <typename To, typename From>
To CastNumber(From value) {
  if constexpr (std::is_same_v<To, From>) {
    return value;
  } else if constexpr (kIsComplex<From>) {
    if constexpr (kIsComplex<To>) {
      return static_cast<To>(value);
    } else {
      return CastNumber<To>(value.real());
    }
  } else if constexpr (kIsComplex<To>) {
    return To(CastNumber<typename To::value_type>(value), 0);
  } else if constexpr (kIsSmallFloat<From>) {
    return CastNumber<To>(static_cast<float>(value));
  } else if constexpr (kIsSmallFloat<To>) {
    return To(static_cast<float>(value));
  } else if constexpr (std::is_same_v<To, bool>) {
    return value != From(0);
  } else if constexpr (std::is_floating_point_v<From> && kIsInteger<To>) {
    return FloatToInteger<To>(value);
  } else {
    return static_cast<To>(value);
  }
}

// --- Truncate: drop the digits that do not fit, instead of rounding. ---

template <typename Float, typename Bits>
Float WithoutLowBits(Float value, int count) {
  Bits bits;
  std::memcpy(&bits, &value, sizeof(bits));
  bits &= ~((Bits{1} << count) - 1);
  std::memcpy(&value, &bits, sizeof(bits));
  return value;
}

// Only for the pairs of types where it makes a difference in TensorFlow.
template <typename To, typename From>
From DropDigits(From value) {
  if constexpr (std::is_same_v<From, float> && std::is_same_v<To, BFloat16>) {
    return WithoutLowBits<float, uint32_t>(value, 16);
  } else if constexpr (std::is_same_v<From, float> &&
                       std::is_same_v<To, Half>) {
    return WithoutLowBits<float, uint32_t>(value, 13);
  } else if constexpr (std::is_same_v<From, double> &&
                       std::is_same_v<To, Half>) {
    return WithoutLowBits<double, uint64_t>(value, 42);
  } else if constexpr (std::is_same_v<From, double> &&
                       std::is_same_v<To, float>) {
    return WithoutLowBits<double, uint64_t>(value, 29);
  } else {
    return value;
  }
}

// --- The kernel: one function for each pair of types. ---

using CastFunction = void (*)(const void* from, void* to, int64_t count,
                              bool truncate);

template <typename To, typename From>
void CastAll(const void* from, void* to, int64_t count, bool truncate) {
  const From* in = static_cast<const From*>(from);
  To* out = static_cast<To*>(to);
  if (truncate) {
    for (int64_t i = 0; i < count; ++i) {
      out[i] = CastNumber<To>(DropDigits<To>(in[i]));
    }
    return;
  }
  for (int64_t i = 0; i < count; ++i) out[i] = CastNumber<To>(in[i]);
}

DataType Unquantized(DataType dtype) {
  switch (dtype) {
    case DT_QINT8:
      return DT_INT8;
    case DT_QUINT8:
      return DT_UINT8;
    case DT_QINT16:
      return DT_INT16;
    case DT_QUINT16:
      return DT_UINT16;
    case DT_QINT32:
      return DT_INT32;
    default:
      return dtype;
  }
}

#define RG_CAST_TYPES_(C) RG_NUMBER_TYPES(C) C(bool)

template <typename From>
CastFunction CastFrom(DataType to) {
  switch (to) {
#define RG_CASE_(T)          \
  case DataTypeOf<T>::value: \
    return &CastAll<T, From>;
    RG_CAST_TYPES_(RG_CASE_)
#undef RG_CASE_
    default:
      return nullptr;
  }
}

// Null if there is no such cast.
CastFunction FindCast(DataType from, DataType to) {
  switch (from) {
#define RG_CASE_(T)          \
  case DataTypeOf<T>::value: \
    return CastFrom<T>(to);
    RG_CAST_TYPES_(RG_CASE_)
#undef RG_CASE_
    default:
      return nullptr;
  }
}

class CastKernel final : public Kernel {
 public:
  static absl::StatusOr<std::unique_ptr<CastKernel>> Create(
      const Operation& op) {
    auto kernel = std::make_unique<CastKernel>();
    DataType from = DT_INVALID;
    RG_RETURN_IF_ERROR(op.GetAttr("SrcT", &from));
    RG_RETURN_IF_ERROR(op.GetAttr("DstT", &kernel->to_));
    RG_RETURN_IF_ERROR(op.GetAttr("Truncate", &kernel->truncate_));
    if (from == kernel->to_) return kernel;
    kernel->cast_ = FindCast(Unquantized(from), Unquantized(kernel->to_));
    if (kernel->cast_ == nullptr) {
      return absl::UnimplementedError(
          absl::StrCat("Cast ", DataTypeString(from), " to ",
                       DataTypeString(kernel->to_), " is not supported"));
    }
    return kernel;
  }

  void Compute(KernelContext* ctx) override {
    if (cast_ == nullptr) {
      ctx->set_output(0, ctx->TakeInput(0));
      return;
    }
    const Tensor& in = ctx->input(0);
    Tensor out = ctx->Allocate(to_, in.shape());
    if (!ctx->status().ok()) return;
    cast_(in.data(), out.mutable_data(), in.num_elements(), truncate_);
    ctx->set_output(0, std::move(out));
  }

 private:
  DataType to_ = DT_INVALID;
  bool truncate_ = false;
  CastFunction cast_ = nullptr;  // null: nothing to do
};

}  // namespace

void RegisterCastOps(OpRegistry* registry) {
  registry->Op("Cast")
      .Input("x: SrcT")
      .Output("y: DstT")
      .Attr("SrcT: type")
      .Attr("DstT: type")
      .Attr("Truncate: bool = false")
      .Shape(UnchangedShape)
      .Kernel({}, KernelOf<CastKernel>());
}

}  // namespace retrograph
