// Messages as bytes that are the same each time.
#ifndef RETROGRAPH_SAVER_PROTO_BYTES_H_
#define RETROGRAPH_SAVER_PROTO_BYTES_H_

#include <string>

#include "google/protobuf/message.h"

namespace retrograph {

// Binary, with maps in the order of their keys.
std::string SerializeDeterministically(
    const google::protobuf::Message& message);

// Text, with floats as Python's text_format prints them: 10000.0, and a 32-bit
// 0.1 as 0.10000000149011612.
std::string PrintAsPython(const google::protobuf::Message& message);

}  // namespace retrograph

#endif  // RETROGRAPH_SAVER_PROTO_BYTES_H_
