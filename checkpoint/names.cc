#include "checkpoint/names.h"

#include <atomic>
#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace retrograph {
namespace {

constexpr char kTempMarker[] = ".retrograph-tmp";
constexpr char kV1Marker[] = ".v1";
constexpr char kSwitchMarker[] = ".switch";
constexpr char kShardFolderMarker[] = ".parts";
constexpr char kTextMarker[] = ".tmp";
constexpr char kOurDigits[] = "7265746f";
constexpr size_t kUuidDigits = 32;

bool AllDigits(absl::string_view s) {
  if (s.empty()) return false;
  for (char c : s) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return false;
  }
  return true;
}

bool AllHexDigits(absl::string_view s) {
  for (char c : s) {
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return false;
  }
  return true;
}

// What stands before `marker` and 32 hex digits at the end of a name.
bool SplitUuid(absl::string_view name, absl::string_view marker,
               absl::string_view* digits) {
  if (name.size() < marker.size() + kUuidDigits) return false;
  *digits = name.substr(name.size() - kUuidDigits);
  name.remove_suffix(kUuidDigits);
  return absl::EndsWith(name, marker) && AllHexDigits(*digits);
}

uint64_t RandomNumber() {
  // Two processes, or two calls, must not choose the same name.
  static std::atomic<uint64_t> calls{0};
  std::random_device device;
  uint64_t high = device();
  return (high << 32 | device()) + ++calls;
}

}  // namespace

std::string MetaFilename(absl::string_view prefix) {
  return absl::StrCat(prefix, ".index");
}

std::string DataFilename(absl::string_view prefix, int32_t shard_id,
                         int32_t num_shards) {
  return absl::StrFormat("%s.data-%05d-of-%05d", prefix, shard_id, num_shards);
}

std::string ShardedFilename(absl::string_view basename, int32_t shard,
                            int32_t num_shards) {
  return absl::StrFormat("%s-%05d-of-%05d", basename, shard, num_shards);
}

std::string ShardedFilespec(absl::string_view basename, int32_t num_shards) {
  return absl::StrFormat("%s-\?\?\?\?\?-of-%05d", basename, num_shards);
}

std::string MetaGraphFilename(absl::string_view prefix,
                              absl::string_view suffix) {
  // Cuts what the regular expression -[\d\?]+-of-\d+$ matches.
  absl::string_view base = prefix;
  size_t end = prefix.size();
  while (end > 0 && absl::ascii_isdigit(prefix[end - 1])) --end;
  absl::string_view head = prefix.substr(0, end);
  if (end < prefix.size() && absl::EndsWith(head, "-of-")) {
    head.remove_suffix(4);
    size_t start = head.size();
    while (start > 0 &&
           (absl::ascii_isdigit(head[start - 1]) || head[start - 1] == '?')) {
      --start;
    }
    if (start < head.size() && start > 0 && head[start - 1] == '-') {
      base = head.substr(0, start - 1);
    }
  }
  return absl::StrCat(base, ".", suffix);
}

std::string TemporaryFilename(absl::string_view path) {
  return absl::StrCat(path, kTempMarker, RandomNumber());
}

std::string V1TemporaryBase(absl::string_view path) {
  return absl::StrCat(path, kV1Marker);
}

std::string SwitchBase(absl::string_view path) {
  return absl::StrCat(path, kSwitchMarker);
}

std::string TextTemporaryFilename(absl::string_view path) {
  static std::atomic<uint32_t> calls{0};
  return absl::StrCat(path, kTextMarker, kOurDigits,
                      absl::Hex(RandomNumber(), absl::kZeroPad16),
                      absl::Hex(++calls, absl::kZeroPad8));
}

bool IsShardFolderName(absl::string_view name) {
  absl::string_view digits;
  return SplitUuid(name, "_temp_", &digits);
}

std::string ShardFolderBase(absl::string_view path) {
  return absl::StrCat(path, kShardFolderMarker);
}

namespace {

// What TemporaryFilename() was given; "" for another name.
absl::string_view TemporaryTarget(absl::string_view name) {
  const size_t marker = name.rfind(kTempMarker);
  if (marker == absl::string_view::npos ||
      !AllDigits(name.substr(marker + sizeof(kTempMarker) - 1))) {
    return "";
  }
  return name.substr(0, marker);
}

}  // namespace

bool IsSwitchName(absl::string_view name) {
  return absl::EndsWith(TemporaryTarget(name), kSwitchMarker);
}

bool IsTemporaryFilename(absl::string_view name) {
  absl::string_view digits;
  if (SplitUuid(name, kTextMarker, &digits)) {
    return absl::StartsWith(digits, kOurDigits);
  }
  const absl::string_view target = TemporaryTarget(name);
  return absl::EndsWith(target, ".index") ||
         absl::EndsWith(target, kV1Marker) ||
         absl::EndsWith(target, kSwitchMarker) ||
         absl::EndsWith(target, kShardFolderMarker) ||
         absl::StrContains(target, ".data-");
}

}  // namespace retrograph
