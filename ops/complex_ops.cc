// Ops between complex and real numbers: Complex, Real, Imag, Angle,
// ComplexAbs, Conj.

#include <cmath>
#include <complex>
#include <string>
#include <type_traits>
#include <utility>

#include "graph/shape_inference.h"
#include "ops/binary_kernel.h"
#include "ops/kernel.h"
#include "ops/number.h"
#include "ops/standard_ops.h"
#include "ops/unary_kernel.h"

namespace retrograph {
namespace {

using Complex64 = std::complex<float>;
using Complex128 = std::complex<double>;

struct RealF {
  template <typename T>
  typename T::value_type operator()(T x) const {
    return x.real();
  }
};
struct ImagF {
  template <typename T>
  typename T::value_type operator()(T x) const {
    return x.imag();
  }
};
struct AngleF {
  template <typename T>
  typename T::value_type operator()(T x) const {
    return std::arg(x);
  }
};
struct AbsF {
  template <typename T>
  typename T::value_type operator()(T x) const {
    return std::abs(x);
  }
};
struct ConjF {
  template <typename T>
  T operator()(T x) const {
    return std::conj(x);
  }
};
struct MakeF : NeverFails {
  template <typename T>
  std::complex<T> operator()(T real, T imag) const {
    return {real, imag};
  }
};

// The part of a complex number that F takes.
template <typename F>
void RegisterPart(OpRegistry* registry, absl::string_view name) {
  registry->Op(name)
      .Input("input: T")
      .Output("output: Tout")
      .Attr("T: {complex64, complex128} = DT_COMPLEX64")
      .Attr("Tout: {float, double} = DT_FLOAT")
      .Shape(UnchangedShape)
      .Kernel({{"T", {DT_COMPLEX128}}, {"Tout", {DT_DOUBLE}}},
              StatelessKernel(&ElementKernel<F, Complex128>))
      .Kernel({{"T", {DT_COMPLEX64}}, {"Tout", {DT_FLOAT}}},
              StatelessKernel(&ElementKernel<F, Complex64>));
}

}  // namespace

void RegisterComplexOps(OpRegistry* registry) {
  RegisterPart<RealF>(registry, "Real");
  RegisterPart<ImagF>(registry, "Imag");
  RegisterPart<AngleF>(registry, "Angle");

  registry->Op("ComplexAbs")
      .Input("x: T")
      .Output("y: Tout")
      .Attr("T: {complex64, complex128} = DT_COMPLEX64")
      .Attr("Tout: {float, double} = DT_FLOAT")
      .Shape(UnchangedShape)
      .Kernel({{"T", {DT_COMPLEX128}}, {"Tout", {DT_DOUBLE}}},
              StatelessKernel(&ElementKernel<AbsF, Complex128>))
      .Kernel({{"T", {DT_COMPLEX64}}, {"Tout", {DT_FLOAT}}},
              StatelessKernel(&ElementKernel<AbsF, Complex64>));

  OpBuilder conj = registry->Op("Conj");
  conj.Input("input: T").Output("output: T");
  conj.Attr("T: {complex64, complex128, variant} = DT_COMPLEX64");
  conj.Shape(UnchangedShape);
  AddElementKernels<ConjF, Complex128, Complex64>(conj);

  registry->Op("Complex")
      .Input("real: T")
      .Input("imag: T")
      .Output("out: Tout")
      .Attr("T: {float, double} = DT_FLOAT")
      .Attr("Tout: {complex64, complex128} = DT_COMPLEX64")
      .Shape(BroadcastBinaryShape)
      .Kernel({{"T", {DT_DOUBLE}}, {"Tout", {DT_COMPLEX128}}},
              StatelessKernel(&BinaryKernel<MakeF, double>))
      .Kernel({{"T", {DT_FLOAT}}, {"Tout", {DT_COMPLEX64}}},
              StatelessKernel(&BinaryKernel<MakeF, float>));
}

}  // namespace retrograph
