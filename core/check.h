// RG_CHECK: aborts the process, with the place and a reason, where a caller
// broke a contract. For mistakes in code only; whatever comes from outside is
// an absl::Status.
#ifndef RETROGRAPH_CORE_CHECK_H_
#define RETROGRAPH_CORE_CHECK_H_

#include <string>

#include "absl/base/optimization.h"

namespace retrograph {

[[noreturn]] void CheckFailed(const char* file, int line,
                              const std::string& message);

}  // namespace retrograph

// RG_CHECK(n >= 0, absl::StrCat("n is ", n)): the message is only built when
// the check fails.
#define RG_CHECK(condition, message)                            \
  do {                                                          \
    if (ABSL_PREDICT_FALSE(!(condition))) {                     \
      ::retrograph::CheckFailed(__FILE__, __LINE__, (message)); \
    }                                                           \
  } while (false)

#endif  // RETROGRAPH_CORE_CHECK_H_
