// Numbers that are spelled out in strings, as TensorFlow's strings::safe_strto...
// read them: blanks around them do not matter, a sign is a minus.
#ifndef RETROGRAPH_OPS_NUMBER_TEXT_H_
#define RETROGRAPH_OPS_NUMBER_TEXT_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace retrograph {

bool ParseNumber(absl::string_view text, int32_t* value);
bool ParseNumber(absl::string_view text, int64_t* value);
// Decimal and hexadecimal notation, "inf" and "nan"; not "infinity".
bool ParseNumber(absl::string_view text, float* value);
bool ParseNumber(absl::string_view text, double* value);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_NUMBER_TEXT_H_
