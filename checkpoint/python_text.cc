#include "checkpoint/python_text.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "core/errors.h"
#include "core/file_system.h"

namespace retrograph {
namespace {

// Python switches to an exponent outside of [1e-4, 1e16).
constexpr int kMinFixedExponent = -4;
constexpr int kMaxFixedExponent = 16;

std::vector<std::string> AbsoluteParts(absl::string_view path) {
  std::string absolute(path);
  if (!IsAbsolutePath(path)) {
    std::error_code error;
    absolute = JoinPath(std::filesystem::current_path(error).string(), path);
  }
  return absl::StrSplit(PythonNormalizedPath(absolute), '/', absl::SkipEmpty());
}

}  // namespace

std::string PythonFloatRepr(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  // "-1.2345e+06", with as few digits as read back the same.
  std::string text;
  for (int precision = 0; precision <= 16; ++precision) {
    text = absl::StrFormat("%.*e", precision, value);
    if (std::strtod(text.c_str(), nullptr) == value) break;
  }
  const size_t e = text.find('e');
  const int exponent = std::atoi(text.c_str() + e + 1);
  if (exponent < kMinFixedExponent || exponent >= kMaxFixedExponent) {
    return text;
  }
  const size_t digits = e - (text[0] == '-' ? 1 : 0);
  const int significant = static_cast<int>(digits > 1 ? digits - 1 : 1);
  const int decimals = significant - 1 - exponent;
  return absl::StrFormat("%.*f", decimals > 0 ? decimals : 1, value);
}

std::string PythonStringRepr(absl::string_view text) {
  const bool has_single = text.find('\'') != absl::string_view::npos;
  const bool has_double = text.find('"') != absl::string_view::npos;
  const char quote = has_single && !has_double ? '"' : '\'';
  std::string result(1, quote);
  for (char c : text) {
    const unsigned char byte = static_cast<unsigned char>(c);
    if (c == quote || c == '\\') {
      result.push_back('\\');
      result.push_back(c);
    } else if (c == '\n') {
      result += "\\n";
    } else if (c == '\r') {
      result += "\\r";
    } else if (c == '\t') {
      result += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      absl::StrAppendFormat(&result, "\\x%02x", byte);
    } else {
      result.push_back(c);
    }
  }
  result.push_back(quote);
  return result;
}

std::string PythonListRepr(const std::vector<std::string>& values) {
  return absl::StrCat(
      "[",
      absl::StrJoin(values, ", ",
                    [](std::string* out, const std::string& value) {
                      *out += PythonStringRepr(value);
                    }),
      "]");
}

std::string PythonListRepr(const std::vector<double>& values) {
  return absl::StrCat("[",
                      absl::StrJoin(values, ", ",
                                    [](std::string* out, double value) {
                                      *out += PythonFloatRepr(value);
                                    }),
                      "]");
}

std::string PythonNormalizedPath(absl::string_view path) {
  const bool absolute = IsAbsolutePath(path);
  std::vector<absl::string_view> parts;
  for (absl::string_view part : absl::StrSplit(path, '/', absl::SkipEmpty())) {
    if (part == ".") continue;
    if (part == ".." && !parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else if (part != ".." || !absolute) {
      parts.push_back(part);
    }
  }
  std::string result =
      absl::StrCat(absolute ? "/" : "", absl::StrJoin(parts, "/"));
  return result.empty() ? "." : result;
}

absl::StatusOr<std::string> PythonRelativePath(absl::string_view path,
                                               absl::string_view start) {
  if (path.empty()) return ValueError("no path specified");
  const std::vector<std::string> from = AbsoluteParts(start);
  const std::vector<std::string> to = AbsoluteParts(path);
  size_t common = 0;
  while (common < from.size() && common < to.size() &&
         from[common] == to[common]) {
    ++common;
  }
  std::vector<std::string> parts(from.size() - common, "..");
  parts.insert(parts.end(), to.begin() + static_cast<std::ptrdiff_t>(common),
               to.end());
  return parts.empty() ? "." : absl::StrJoin(parts, "/");
}

}  // namespace retrograph
