// A scenario as it stands in a file: the message and where each step is.
#ifndef RETROGRAPH_SCENARIO_SOURCE_H_
#define RETROGRAPH_SCENARIO_SOURCE_H_

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "core/file_system.h"
#include "scenario/scenario.pb.h"

namespace retrograph::scenario {

namespace pb = scenario_proto;

class Source {
 public:
  // InvalidArgument "FILE:LINE: ..." that says what was expected, for
  // text that is no scenario: unknown fields (with the nearest name), wrong
  // types, a step without an action, an expect_error without a class.
  // NotFound if there is no such file.
  static absl::StatusOr<Source> Load(FileSystem* fs, const std::string& path);
  static absl::StatusOr<Source> Parse(const std::string& path,
                                      const std::string& text);

  const std::string& path() const { return path_; }
  const pb::Scenario& scenario() const { return *scenario_; }
  // The line (from 1) where a step begins.
  int Line(const pb::Step& step) const;

 private:
  std::string path_;
  // On the heap: steps are found again by their address.
  std::unique_ptr<pb::Scenario> scenario_;
  absl::flat_hash_map<const pb::Step*, int> lines_;
};

}  // namespace retrograph::scenario

#endif  // RETROGRAPH_SCENARIO_SOURCE_H_
