// OrderedCode: byte strings whose order is the order of the values they encode.
// The keys of slices in an index, and all keys of a V1 file, are made of it.
//
//   string        its bytes, with 00 as 00 ff and ff as ff 00, then 00 01
//   number        how many bytes, then the bytes, largest first, no leading 0
//   signed number two's complement, largest byte first, in n bytes, whose first
//                 n bits say n (flipped for negative numbers), as in UTF-8
#ifndef RETROGRAPH_CHECKPOINT_ORDERED_CODE_H_
#define RETROGRAPH_CHECKPOINT_ORDERED_CODE_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace retrograph {
namespace ordered_code {

void AppendString(std::string* output, absl::string_view value);
void AppendNumber(std::string* output, uint64_t value);
void AppendSigned(std::string* output, int64_t value);

// Each takes a value off the front of `input`, or returns false if it does not
// start with one.
bool ReadString(absl::string_view* input, std::string* value);
bool ReadNumber(absl::string_view* input, uint64_t* value);
bool ReadSigned(absl::string_view* input, int64_t* value);

}  // namespace ordered_code
}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_ORDERED_CODE_H_
