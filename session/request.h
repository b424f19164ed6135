// Checks of what a Session::Run is asked for, with the texts of TensorFlow's
// Python layer, in its order: feeds, then fetches and targets.
#ifndef RETROGRAPH_SESSION_REQUEST_H_
#define RETROGRAPH_SESSION_REQUEST_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "session/session.h"

namespace retrograph {

// ValueError or TypeError if a feed is of another graph, does not fit, or may
// not be fed; if a fetch or target is of another graph or may not be fetched.
absl::Status CheckRequest(const Graph& graph,
                          const std::vector<Session::Feed>& feeds,
                          const std::vector<Output>& fetches,
                          const std::vector<Operation*>& targets);

// The element of the graph that a fetch names: ValueError "Fetch argument
// 'nope:0' cannot be interpreted as a Tensor. (...)".
absl::StatusOr<Graph::Element> FetchByName(const Graph& graph,
                                           const std::string& name);
// TypeError "Cannot interpret feed_dict key as Tensor: ...".
absl::StatusOr<Output> FeedByName(const Graph& graph, const std::string& name);

}  // namespace retrograph

#endif  // RETROGRAPH_SESSION_REQUEST_H_
