// The features of a serialized tf.Example, read straight from its bytes.
//
// What TensorFlow's parser takes is taken, and no more: a list may be packed or
// not, what stands behind it is not looked at, and of two features of one name
// the last counts.
//
// Source: tensorflow/core/util/example_proto_fast_parsing.cc.
#ifndef RETROGRAPH_OPS_EXAMPLE_PARSER_H_
#define RETROGRAPH_OPS_EXAMPLE_PARSER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/dtype.h"

namespace retrograph {

// A Feature message, not parsed yet.
class SerializedFeature {
 public:
  explicit SerializedFeature(absl::string_view bytes = "") : bytes_(bytes) {}

  // DT_INT64, DT_FLOAT or DT_STRING, as the first byte says; DT_INVALID for an
  // empty feature, nothing for one that is of no kind known.
  bool GetType(DataType* type) const;
  // The values. False for bytes that are no such list.
  bool GetValues(std::vector<int64_t>* values) const;
  bool GetValues(std::vector<float>* values) const;
  bool GetValues(std::vector<std::string>* values) const;

 private:
  absl::string_view bytes_;
};

using NamedFeature = std::pair<absl::string_view, SerializedFeature>;

// The features, in their order. They point into `serialized`.
//
// Errors: InvalidArgument "Could not parse example input, value: '...'".
absl::StatusOr<std::vector<NamedFeature>> ParseExampleFeatures(
    absl::string_view serialized);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_EXAMPLE_PARSER_H_
