// Builders for the ops that C++ code uses most, as TensorFlow's Python API
// builds them: the same op types, names and helper nodes.
//
// Each takes the GraphBuilder and returns an Output (or Operation*); after the
// builder's first error it does nothing and returns an invalid one. `name` ""
// means the API function's default name. For any other op: b.Op("Type", ...).
//
// Source of names and structure: tf.constant, tf.placeholder, tf.zeros, ...
#ifndef RETROGRAPH_OPS_BUILDERS_H_
#define RETROGRAPH_OPS_BUILDERS_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "graph/builder.h"

namespace retrograph {

// tf.constant: op Const.
Output Constant(GraphBuilder& b, const Tensor& value,
                absl::string_view name = "Const");
// tf.constant(value, shape=shape): the value once in the GraphDef.
Output RepeatedConstant(GraphBuilder& b, const Tensor& value,
                        const TensorShape& shape, absl::string_view name);
// tf.placeholder; the default shape is unknown.
Output Placeholder(GraphBuilder& b, DataType dtype,
                   const PartialTensorShape& shape = PartialTensorShape(),
                   absl::string_view name = "Placeholder");
Output PlaceholderWithDefault(GraphBuilder& b, const Input& value,
                              const PartialTensorShape& shape,
                              absl::string_view name = "PlaceholderWithDefault");
// tf.identity.
Output Identity(GraphBuilder& b, const Input& input,
                absl::string_view name = "Identity");
Operation* NoOp(GraphBuilder& b, absl::string_view name = "NoOp");
// tf.group: one NoOp with control inputs; one per device plus one over these
// where the inputs' devices differ.
Operation* Group(GraphBuilder& b, const std::vector<Operation*>& inputs,
                 absl::string_view name = "group_deps");
// The same where others than the ops' own devices count: a changed resource
// variable stands where its handle does.
Operation* Group(GraphBuilder& b, const std::vector<Operation*>& inputs,
                 const std::vector<std::string>& devices,
                 absl::string_view name);

// tf.zeros, tf.ones: a Const where the shape is small (fewer than 1000
// elements), else Fill, all under TensorFlow's names.
Output Zeros(GraphBuilder& b, const TensorShape& shape, DataType dtype,
             absl::string_view name = "zeros");
Output Ones(GraphBuilder& b, const TensorShape& shape, DataType dtype,
            absl::string_view name = "ones");
Output Fill(GraphBuilder& b, const Input& dims, const Input& value,
            absl::string_view name = "Fill");
Output Reshape(GraphBuilder& b, const Input& tensor, const Input& shape,
               absl::string_view name = "Reshape");
Output Cast(GraphBuilder& b, const Input& x, DataType dtype,
            absl::string_view name = "Cast");

// tf.random.uniform / normal / truncated_normal with their composed nodes
// (shape, min, max or mean, stddev, mul, add). An unset seed follows
// Graph::GetSeed.
Output RandomUniform(GraphBuilder& b, const Input& shape, const Input& minval,
                     const Input& maxval, DataType dtype,
                     absl::optional<int64_t> seed,
                     absl::string_view name = "random_uniform");
Output RandomNormal(GraphBuilder& b, const Input& shape, const Input& mean,
                    const Input& stddev, DataType dtype,
                    absl::optional<int64_t> seed,
                    absl::string_view name = "random_normal");
Output TruncatedNormal(GraphBuilder& b, const Input& shape, const Input& mean,
                       const Input& stddev, DataType dtype,
                       absl::optional<int64_t> seed,
                       absl::string_view name = "truncated_normal");

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_BUILDERS_H_
