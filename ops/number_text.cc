#include "ops/number_text.h"

#include <cstdlib>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"

namespace retrograph {
namespace {

template <typename T>
bool ParseInteger(absl::string_view text, T* value) {
  // As TensorFlow, which knows no plus sign.
  if (absl::StartsWith(absl::StripAsciiWhitespace(text), "+")) return false;
  return absl::SimpleAtoi(text, value);
}

bool ParseFloating(absl::string_view text, bool is_float, double* value) {
  const std::string number(absl::StripAsciiWhitespace(text));
  const std::string lower = absl::AsciiStrToLower(number);
  if (number.empty() || absl::StrContains(lower, "infinity") ||
      absl::StrContains(lower, "(")) {
    return false;
  }
  char* end = nullptr;
  *value = is_float ? std::strtof(number.c_str(), &end)
                    : std::strtod(number.c_str(), &end);
  return end == number.c_str() + number.size();
}

}  // namespace

bool ParseNumber(absl::string_view text, int32_t* value) {
  return ParseInteger(text, value);
}

bool ParseNumber(absl::string_view text, int64_t* value) {
  return ParseInteger(text, value);
}

bool ParseNumber(absl::string_view text, float* value) {
  double wide = 0;
  if (!ParseFloating(text, true, &wide)) return false;
  *value = static_cast<float>(wide);
  return true;
}

bool ParseNumber(absl::string_view text, double* value) {
  return ParseFloating(text, false, value);
}

}  // namespace retrograph
