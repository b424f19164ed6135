// Texts that say at which node a run failed.
//
// A kernel's own text gets "\n\t [[{{node NAME}}]]", as TensorFlow's runtime
// adds it; InterpolateNodeNames() (session.h) then puts the place where the
// node was made in there, as TensorFlow's Python layer does.
#ifndef RETROGRAPH_SESSION_NODE_ERROR_H_
#define RETROGRAPH_SESSION_NODE_ERROR_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "graph/operation.h"

namespace retrograph {

// `status` of the kernel of `op`. The op's name rides along (ErrorOpName).
// A status that has an op's name already stays as it is; a message that names a
// node of a function that the kernel called gets "\n\t [[NAME]]" alone, and the
// other node's name rides along. Where there was no memory
// for a tensor, the device and a hint are added, as TensorFlow does.
absl::Status ErrorAtNode(const absl::Status& status, const Operation& op);

// The same for a node that only a session has, such as "_retval_v_0_0".
absl::Status ErrorAtHiddenNode(const absl::Status& status,
                               absl::string_view node_name);

// "v" or "v:1": how a node's input is called in texts.
std::string InputName(const Output& output);

}  // namespace retrograph

#endif  // RETROGRAPH_SESSION_NODE_ERROR_H_
