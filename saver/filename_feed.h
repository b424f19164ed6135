// What a Saver feeds to the filename tensor of its SaverDef.
#ifndef RETROGRAPH_SAVER_FILENAME_FEED_H_
#define RETROGRAPH_SAVER_FILENAME_FEED_H_

#include <string>

#include "absl/status/statusor.h"
#include "core/tensor.h"
#include "graph/graph.h"

namespace retrograph {

// `path` as a scalar of the tensor's dtype, as numpy makes it in TensorFlow's
// Session.run. A SaverDef of another graph may name a tensor that is not a
// string: then numpy's ValueError or TypeError, but for a bool, which any path
// makes true. A name that is no tensor of the graph is left to the session.
absl::StatusOr<Tensor> FilenameFeed(const Graph& graph,
                                    const std::string& tensor_name,
                                    const std::string& path);

}  // namespace retrograph

#endif  // RETROGRAPH_SAVER_FILENAME_FEED_H_
