// SHA-256 (FIPS 180-4), by which golden files name large values. For tests.
#ifndef RETROGRAPH_CHECKPOINT_SHA256_TESTING_H_
#define RETROGRAPH_CHECKPOINT_SHA256_TESTING_H_

#include <string>

#include "absl/strings/string_view.h"

namespace retrograph {

// In hexadecimal.
std::string Sha256Hex(absl::string_view data);

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_SHA256_TESTING_H_
