#include "graph/python_text.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace retrograph {
namespace {

// Bytes of the UTF-8 sequence at the start of `text`; 0 if it is not one.
size_t Utf8Length(absl::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  size_t length = 0;
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) length = 2;
  if (lead >= 0xe0 && lead < 0xf0) length = 3;
  if (lead >= 0xf0 && lead < 0xf5) length = 4;
  if (length == 0 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  if (lead == 0xe0 && byte(1) < 0xa0) return 0;
  if (lead == 0xed && byte(1) >= 0xa0) return 0;  // surrogates
  if (lead == 0xf0 && byte(1) < 0x90) return 0;
  if (lead == 0xf4 && byte(1) >= 0x90) return 0;
  return length;
}

}  // namespace

std::string PythonRepr(absl::string_view text) {
  const bool double_quotes =
      absl::StrContains(text, "'") && !absl::StrContains(text, "\"");
  const char quote = double_quotes ? '"' : '\'';
  std::string out(1, quote);
  for (size_t i = 0; i < text.size();) {
    const size_t length = Utf8Length(text.substr(i));
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (length > 1) {
      absl::StrAppend(&out, text.substr(i, length));
      i += length;
      continue;
    }
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\\' || c == quote) {
      out += '\\';
      out += text[i];
    } else if (length == 0 || c < 0x20 || c == 0x7f) {
      absl::StrAppendFormat(&out, "\\x%02x", c);
    } else {
      out += text[i];
    }
    ++i;
  }
  out += quote;
  return out;
}

std::string PythonRepr(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  // The shortest digits that read back as the same value.
  int precision = 1;
  std::string text;
  for (; precision <= 17; ++precision) {
    text = absl::StrFormat("%.*e", precision - 1, value);
    if (std::strtod(text.c_str(), nullptr) == value) break;
  }
  const int exponent = std::atoi(text.c_str() + text.find('e') + 1);
  if (exponent < -4 || exponent >= 16) return text;
  text = absl::StrFormat("%.*f", std::max(precision - 1 - exponent, 0), value);
  if (!absl::StrContains(text, ".")) text += ".0";
  return text;
}

absl::optional<int64_t> PythonInt(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  bool negative = false;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  uint64_t value = 0;
  constexpr uint64_t kMax = static_cast<uint64_t>(INT64_MAX);
  bool last_was_digit = false;
  for (const char c : text) {
    if (c == '_' && last_was_digit) {
      last_was_digit = false;
      continue;
    }
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      return absl::nullopt;
    }
    const uint64_t digit = static_cast<uint64_t>(c - '0');
    value = value > (kMax - digit) / 10 ? kMax : value * 10 + digit;
    last_was_digit = true;
  }
  if (!last_was_digit) return absl::nullopt;
  const int64_t result = static_cast<int64_t>(value);
  return negative ? -result : result;
}

}  // namespace retrograph
