// A message as bytes that are the same each time.
#ifndef RETROGRAPH_CORE_MESSAGE_BYTES_H_
#define RETROGRAPH_CORE_MESSAGE_BYTES_H_

#include <string>

#include "google/protobuf/message.h"

namespace retrograph {

// Binary, with maps in the order of their keys.
std::string SerializeDeterministically(
    const google::protobuf::Message& message);

}  // namespace retrograph

#endif  // RETROGRAPH_CORE_MESSAGE_BYTES_H_
