// tf.train.write_graph: a graph in a file, as text or in binary.
//
// Source: tensorflow/python/framework/graph_io.py.
#ifndef RETROGRAPH_SAVER_GRAPH_IO_H_
#define RETROGRAPH_SAVER_GRAPH_IO_H_

#include <string>

#include "absl/status/statusor.h"
#include "core/file_system.h"
#include "proto/graph.pb.h"

namespace retrograph {

// Writes `logdir`/`name` and returns that path. Makes the folder, and whatever
// folders it needs; the file is there whole or not at all. Text has floats as
// TensorFlow prints them in files; binary has maps in the order of their keys.
// `sync` waits for the disk.
absl::StatusOr<std::string> WriteGraph(FileSystem* fs,
                                       const GraphDef& graph_def,
                                       const std::string& logdir,
                                       const std::string& name,
                                       bool as_text = true, bool sync = false);

}  // namespace retrograph

#endif  // RETROGRAPH_SAVER_GRAPH_IO_H_
