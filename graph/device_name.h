// Device names as TensorFlow's Python layer treats them: "/cpu:0",
// "/job:ps/task:1", "/device:GPU:*"; parsed, merged and written canonically.
//
// Example:
//   CanonicalDevice("/cpu:0")                ->  "/device:CPU:0"
//   MergeDevices("/job:w", "/gpu:1")         ->  "/job:w/device:GPU:1"
//   DeviceName::Parse("/nonsense:0:1")       ->  ValueError
//       "Unknown attribute: 'nonsense' in '/nonsense:0:1'"
//
// Source: tensorflow/python/framework/device_spec.py.
#ifndef RETROGRAPH_GRAPH_DEVICE_NAME_H_
#define RETROGRAPH_GRAPH_DEVICE_NAME_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace retrograph {

struct DeviceName {
  absl::optional<std::string> job;
  absl::optional<int64_t> replica;
  absl::optional<int64_t> task;
  absl::optional<std::string> type;  // "CPU"
  absl::optional<int64_t> index;     // nothing for "*"

  // ValueError with TensorFlow's text for a part that it does not know, a
  // second device type, or an index that is no number.
  static absl::StatusOr<DeviceName> Parse(absl::string_view text);
  // "/job:j/replica:0/task:1/device:CPU:0", only the parts that are set.
  std::string ToString() const;
  // What `inner` says, and what this says where `inner` says nothing.
  DeviceName MergedWith(const DeviceName& inner) const;
};

absl::StatusOr<std::string> CanonicalDevice(absl::string_view device);
// The parts of both; `inner` wins.
absl::StatusOr<std::string> MergeDevices(absl::string_view outer,
                                         absl::string_view inner);

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_DEVICE_NAME_H_
