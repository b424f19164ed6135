// Assets: files that a graph reads, kept with it. Internal to saved_model/.
#ifndef RETROGRAPH_SAVED_MODEL_ASSETS_H_
#define RETROGRAPH_SAVED_MODEL_ASSETS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "checkpoint/checkpoint_state.h"
#include "core/file_system.h"
#include "graph/graph.h"
#include "proto/meta_graph.pb.h"

namespace retrograph {
namespace saved_model {

// By its name in the folder of assets, the file that is to be copied there.
using AssetFiles = std::map<std::string, std::string>;

// Adds an AssetFileDef for each tensor to the collection "saved_model_assets".
// A file is named by its base name; another file of that name gets "_1", ...
//
// TypeError if a tensor is not a string constant of one element, ValueError if
// that is empty; those of the FileSystem where two files are compared.
absl::StatusOr<AssetFiles> AddAssetsToGraph(FileSystem* fs, Graph* graph,
                                            const std::vector<Output>& assets);

// Copies them into `directory`, which is made; a file that is there stays.
absl::Status CopyAssets(FileSystem* fs, const AssetFiles& assets,
                        const std::string& directory, bool sync);

// A meta graph's assets: from its own list, or else from its collection.
std::vector<AssetFileDef> AssetsOf(const MetaGraphDef& meta_graph);

}  // namespace saved_model
}  // namespace retrograph

#endif  // RETROGRAPH_SAVED_MODEL_ASSETS_H_
