#include "variables/initializers.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "core/dtype.h"
#include "core/errors.h"
#include "core/tensor.h"
#include "ops/builders.h"

namespace retrograph {
namespace {

// A shape as an op's input: a 1-D int32 constant, as shape_tensor makes it.
Input ShapeInput(const TensorShape& shape) {
  std::vector<int32_t> dims(shape.dims().begin(), shape.dims().end());
  return Input(Tensor::Vector<int32_t>(dims));
}

// A Python number as the argument of an op of `dtype`: a whole number is an
// int, so that it fits integers too.
Input NumberInput(double value, DataType dtype) {
  if (IsIntegerType(dtype) && value == std::floor(value)) {
    return Input(static_cast<int64_t>(value));
  }
  return Input(value);
}

// (fan_in, fan_out): the numbers of input and output units that a weight of
// this shape connects.
std::pair<double, double> Fans(absl::Span<const int64_t> shape) {
  if (shape.empty()) return {1, 1};
  if (shape.size() == 1) return {shape[0], shape[0]};
  int64_t receptive_field = 1;
  for (int64_t dim : shape.subspan(0, shape.size() - 2)) receptive_field *= dim;
  return {shape[shape.size() - 2] * receptive_field,
          shape[shape.size() - 1] * receptive_field};
}

// The shape that scales the values: the whole variable's, not the part's.
absl::Span<const int64_t> ScaleShape(const TensorShape& shape,
                                     const PartitionInfo* partition) {
  if (partition == nullptr) return shape.dims();
  return partition->full_shape;
}

enum class Mode { kFanIn, kFanOut, kFanAvg };
enum class Distribution { kUniform, kTruncatedNormal, kUntruncatedNormal };

Initializer VarianceScaling(double scale, Mode mode, Distribution distribution,
                            absl::optional<int64_t> seed) {
  return {[=](GraphBuilder& b, const TensorShape& shape, DataType dtype,
              const PartitionInfo* partition) {
    const auto [fan_in, fan_out] = Fans(ScaleShape(shape, partition));
    const double fan = mode == Mode::kFanIn    ? fan_in
                       : mode == Mode::kFanOut ? fan_out
                                               : (fan_in + fan_out) / 2;
    const double variance = scale / std::max(1.0, fan);
    switch (distribution) {
      case Distribution::kTruncatedNormal:
        // The divisor is the standard deviation of a normal distribution cut
        // at two standard deviations.
        return TruncatedNormal(b, ShapeInput(shape), 0.0,
                               std::sqrt(variance) / .87962566103423978, dtype,
                               seed);
      case Distribution::kUntruncatedNormal:
        return RandomNormal(b, ShapeInput(shape), 0.0, std::sqrt(variance),
                            dtype, seed);
      case Distribution::kUniform:
        break;
    }
    const double limit = std::sqrt(3.0 * variance);
    return RandomUniform(b, ShapeInput(shape), -limit, limit, dtype, seed);
  }};
}

}  // namespace

Initializer ZerosInitializer() {
  return {[](GraphBuilder& b, const TensorShape& shape, DataType dtype,
             const PartitionInfo*) { return Zeros(b, shape, dtype); }};
}

Initializer OnesInitializer() {
  return {[](GraphBuilder& b, const TensorShape& shape, DataType dtype,
             const PartitionInfo*) { return Ones(b, shape, dtype); }};
}

Initializer RandomUniformInitializer(double minval,
                                     absl::optional<double> maxval,
                                     absl::optional<int64_t> seed) {
  return {[=](GraphBuilder& b, const TensorShape& shape, DataType dtype,
              const PartitionInfo*) {
    if (!maxval.has_value() && IsIntegerType(dtype)) {
      b.Update(
          ValueError(absl::StrCat("Must specify maxval for integer dtype tf.",
                                  DTypePythonName(dtype))));
      return Output();
    }
    return RandomUniform(b, ShapeInput(shape), NumberInput(minval, dtype),
                         NumberInput(maxval.value_or(1), dtype), dtype, seed);
  }};
}

Initializer RandomNormalInitializer(double mean, double stddev,
                                    absl::optional<int64_t> seed) {
  return {[=](GraphBuilder& b, const TensorShape& shape, DataType dtype,
              const PartitionInfo*) {
    return RandomNormal(b, ShapeInput(shape), mean, stddev, dtype, seed);
  }};
}

Initializer TruncatedNormalInitializer(double mean, double stddev,
                                       absl::optional<int64_t> seed) {
  return {[=](GraphBuilder& b, const TensorShape& shape, DataType dtype,
              const PartitionInfo*) {
    return TruncatedNormal(b, ShapeInput(shape), mean, stddev, dtype, seed);
  }};
}

Initializer UniformUnitScalingInitializer(double factor,
                                          absl::optional<int64_t> seed) {
  return {[=](GraphBuilder& b, const TensorShape& shape, DataType dtype,
              const PartitionInfo* partition) {
    double input_size = 1;
    absl::Span<const int64_t> dims = ScaleShape(shape, partition);
    for (size_t i = 0; i + 1 < dims.size(); ++i) {
      input_size *= static_cast<double>(dims[i]);
    }
    const double limit = std::sqrt(3 / std::max(input_size, 1.0)) * factor;
    return RandomUniform(b, ShapeInput(shape), -limit, limit, dtype, seed);
  }};
}

absl::StatusOr<Initializer> VarianceScalingInitializer(
    double scale, const std::string& mode, const std::string& distribution,
    absl::optional<int64_t> seed) {
  if (scale <= 0) return ValueError("`scale` must be positive float.");
  // TensorFlow gives these two errors a pair of arguments, so that Python
  // prints a tuple.
  Mode parsed_mode;
  if (mode == "fan_in") {
    parsed_mode = Mode::kFanIn;
  } else if (mode == "fan_out") {
    parsed_mode = Mode::kFanOut;
  } else if (mode == "fan_avg") {
    parsed_mode = Mode::kFanAvg;
  } else {
    return ValueError(
        absl::StrCat("('Invalid `mode` argument:', '", mode, "')"));
  }
  const std::string kind = absl::AsciiStrToLower(distribution);
  Distribution parsed_distribution;
  if (kind == "normal" || kind == "truncated_normal") {
    parsed_distribution = Distribution::kTruncatedNormal;
  } else if (kind == "untruncated_normal") {
    parsed_distribution = Distribution::kUntruncatedNormal;
  } else if (kind == "uniform") {
    parsed_distribution = Distribution::kUniform;
  } else {
    return ValueError(
        absl::StrCat("('Invalid `distribution` argument:', '", kind, "')"));
  }
  return VarianceScaling(scale, parsed_mode, parsed_distribution, seed);
}

Initializer GlorotUniformInitializer(absl::optional<int64_t> seed) {
  return VarianceScaling(1, Mode::kFanAvg, Distribution::kUniform, seed);
}

Initializer GlorotNormalInitializer(absl::optional<int64_t> seed) {
  return VarianceScaling(1, Mode::kFanAvg, Distribution::kTruncatedNormal,
                         seed);
}

}  // namespace retrograph
