#include "checkpoint/read_from.h"

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "checkpoint/tensor_slice.h"
#include "core/errors.h"

namespace retrograph {
namespace {

constexpr size_t kMostOfKey = 200;

std::string Readable(absl::string_view key) {
  std::string name;
  TensorSlice slice;
  if (key[0] == '\0' && DecodeTensorNameSlice(key, &name, &slice).ok()) {
    return absl::StrCat(Readable(name.empty() ? "(no name)" : name), ", slice ",
                        slice.DebugString());
  }
  return absl::CHexEscape(key.substr(0, kMostOfKey));
}

}  // namespace

absl::Status ReadFrom(absl::string_view file, absl::string_view key,
                      absl::Status status) {
  if (status.ok() || !ErrorHint(status).empty()) return status;
  std::string place = absl::StrCat("Read from ", file);
  if (!key.empty()) absl::StrAppend(&place, ", entry ", Readable(key));
  SetErrorHint(&status, place);
  return status;
}

}  // namespace retrograph
