// Messages as the text that Python's protobuf prints and reads.
#ifndef RETROGRAPH_SAVER_MESSAGE_TEXT_H_
#define RETROGRAPH_SAVER_MESSAGE_TEXT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace retrograph {

// Text, with floats as Python's text_format prints them: 10000.0, and a 32-bit
// 0.1 as 0.10000000149011612. An Any with a message of TensorFlow's is printed
// as that message with `expand_any`, as text_format.MessageToString() does, and
// as bytes without, as str() does.
std::string PrintAsPython(const google::protobuf::Message& message,
                          bool expand_any = false);

// Reads text; `path` is for the message. OSError "Cannot parse file x: ..." and
// UnicodeDecodeError, with Python's texts.
absl::Status ParseTextFile(const std::string& content, absl::string_view path,
                           google::protobuf::Message* message);

}  // namespace retrograph

#endif  // RETROGRAPH_SAVER_MESSAGE_TEXT_H_
