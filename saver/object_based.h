// What a name-based Saver needs to restore an object-based checkpoint, one that
// tf.train.Checkpoint wrote: such a checkpoint says which key holds what a
// Saver would have stored under a variable's name.
//
// Source: tensorflow/python/training/saver.py (1.15),
// saver_from_object_based_checkpoint.
#ifndef RETROGRAPH_SAVER_OBJECT_BASED_H_
#define RETROGRAPH_SAVER_OBJECT_BASED_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/file_system.h"
#include "saver/saveable.h"

namespace retrograph {

// The key under which an object-based checkpoint describes its objects.
inline constexpr char kObjectGraphKey[] = "_CHECKPOINTABLE_OBJECT_GRAPH";

// Where the error came from, as a hint unless it has one. OK stays OK.
absl::Status ReadFromObjectGraph(const std::string& prefix,
                                 absl::Status status);

// Keys by the names that a Saver would use. NotFound if the checkpoint is not
// object-based, else the reader's errors and DecodeError.
absl::StatusOr<std::map<std::string, std::string>> ObjectGraphKeyMapping(
    FileSystem* fs, const std::string& prefix);

// Puts the keys in place of the names. NotFound if there is none for a name,
// with TensorFlow's text, which lists those that are missing and those that the
// checkpoint has besides; nothing is changed then.
absl::Status UseObjectBasedKeys(
    const std::map<std::string, std::string>& names_to_keys,
    const Saveables& saveables);

}  // namespace retrograph

#endif  // RETROGRAPH_SAVER_OBJECT_BASED_H_
