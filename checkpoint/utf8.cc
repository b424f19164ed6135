#include "checkpoint/utf8.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/types/optional.h"
#include "core/errors.h"

namespace retrograph {
namespace {

// The first byte of a part that is not UTF-8, how many there are, and why, as
// Python's decoder counts and says it.
struct BadUtf8 {
  size_t start;
  size_t length;
  const char* reason;
};

// What may follow a first byte: how many bytes, and the range of the first of
// them, which keeps out surrogates, long forms and what is beyond U+10FFFF.
struct Utf8Sequence {
  int more;
  unsigned char low = 0x80;
  unsigned char high = 0xbf;
};

absl::optional<Utf8Sequence> SequenceAfter(unsigned char first) {
  if (first >= 0xc2 && first <= 0xdf) return Utf8Sequence{1};
  if (first == 0xe0) return Utf8Sequence{2, 0xa0};
  if (first == 0xed) return Utf8Sequence{2, 0x80, 0x9f};
  if (first >= 0xe1 && first <= 0xef) return Utf8Sequence{2};
  if (first == 0xf0) return Utf8Sequence{3, 0x90};
  if (first >= 0xf1 && first <= 0xf3) return Utf8Sequence{3};
  if (first == 0xf4) return Utf8Sequence{3, 0x80, 0x8f};
  return absl::nullopt;
}

absl::optional<BadUtf8> FindBadUtf8(absl::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    if (first < 0x80) {
      ++i;
      continue;
    }
    absl::optional<Utf8Sequence> sequence = SequenceAfter(first);
    if (!sequence.has_value()) return BadUtf8{i, 1, "invalid start byte"};
    for (int k = 1; k <= sequence->more; ++k) {
      if (i + k >= text.size()) {
        return BadUtf8{i, text.size() - i, "unexpected end of data"};
      }
      const auto byte = static_cast<unsigned char>(text[i + k]);
      const unsigned char low = k == 1 ? sequence->low : 0x80;
      const unsigned char high = k == 1 ? sequence->high : 0xbf;
      if (byte < low || byte > high) {
        return BadUtf8{i, static_cast<size_t>(k), "invalid continuation byte"};
      }
    }
    i += sequence->more + 1;
  }
  return absl::nullopt;
}

absl::Status UnicodeDecodeError(absl::string_view text, const BadUtf8& bad) {
  return PythonError(
      "UnicodeDecodeError", absl::StatusCode::kInvalidArgument,
      bad.length == 1
          ? absl::StrFormat(
                "'utf-8' codec can't decode byte 0x%02x in position "
                "%d: %s",
                static_cast<unsigned char>(text[bad.start]), bad.start,
                bad.reason)
          : absl::StrFormat("'utf-8' codec can't decode bytes in position "
                            "%d-%d: %s",
                            bad.start, bad.start + bad.length - 1, bad.reason));
}

}  // namespace

absl::Status CheckUtf8(absl::string_view text) {
  const absl::optional<BadUtf8> bad = FindBadUtf8(text);
  return bad.has_value() ? UnicodeDecodeError(text, *bad) : absl::OkStatus();
}

}  // namespace retrograph
