// Initialisers: what get_variable calls for a variable's first value.
//
// Each is a function from shape and dtype to the nodes that compute the value,
// in the current name scope. Node names and seeds are TensorFlow 1.15's
// (tensorflow/python/ops/init_ops.py).
#ifndef RETROGRAPH_VARIABLES_INITIALIZERS_H_
#define RETROGRAPH_VARIABLES_INITIALIZERS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "graph/builder.h"

namespace retrograph {

// Given for a partition: the whole variable's shape and this part's offset.
struct PartitionInfo {
  std::vector<int64_t> full_shape;
  std::vector<int64_t> var_offset;
};

struct Initializer {
  // Errors go to the builder.
  std::function<Output(GraphBuilder& b, const TensorShape& shape,
                       DataType dtype, const PartitionInfo* partition)>
      make;
  // False for a function without arguments: the variable's shape and dtype are
  // what it returns, and get_variable gives none.
  bool takes_shape = true;
};

Initializer ZerosInitializer();
Initializer OnesInitializer();
// Fewer values than the shape needs: the last is repeated. More: ValueError.
// The values are cast to the variable's dtype as numpy's astype does.
Initializer ConstantInitializer(Tensor value, bool verify_shape = false);
Initializer RandomUniformInitializer(
    double minval = 0, absl::optional<double> maxval = absl::nullopt,
    absl::optional<int64_t> seed = absl::nullopt);
Initializer RandomNormalInitializer(
    double mean = 0, double stddev = 1,
    absl::optional<int64_t> seed = absl::nullopt);
Initializer TruncatedNormalInitializer(
    double mean = 0, double stddev = 1,
    absl::optional<int64_t> seed = absl::nullopt);
Initializer UniformUnitScalingInitializer(
    double factor = 1, absl::optional<int64_t> seed = absl::nullopt);
// ValueError with TensorFlow's text for a bad scale, mode or distribution.
absl::StatusOr<Initializer> VarianceScalingInitializer(
    double scale = 1, const std::string& mode = "fan_in",
    const std::string& distribution = "truncated_normal",
    absl::optional<int64_t> seed = absl::nullopt);
Initializer GlorotUniformInitializer(
    absl::optional<int64_t> seed = absl::nullopt);
Initializer GlorotNormalInitializer(
    absl::optional<int64_t> seed = absl::nullopt);

}  // namespace retrograph

#endif  // RETROGRAPH_VARIABLES_INITIALIZERS_H_
