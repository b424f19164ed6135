// Compares the graphs that a test builds with those TensorFlow 1.15 built, as
// testdata/record.py wrote them down: one line a node, then the collections,
// then what the case said.
#ifndef RETROGRAPH_VARIABLES_RECORDED_TEST_UTIL_H_
#define RETROGRAPH_VARIABLES_RECORDED_TEST_UTIL_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "graph/builder.h"
#include "graph/graph.h"
#include "variables/variable.h"

namespace retrograph {

// What a case of recorded_test builds into and says.
class Recorder {
 public:
  Recorder() : graph_(Graph::Create()), b(graph_.get()) {}

  Graph* graph() { return graph_.get(); }
  void Say(absl::string_view text);
  void Say(bool value) { Say(value ? "True" : "False"); }
  // Runs `body` with a builder of its own and says what went wrong.
  void Fails(absl::string_view label,
             const std::function<void(GraphBuilder&)>& body);
  // Everything, in the form of recorded.txt.
  std::vector<std::string> Lines() const;

 private:
  std::shared_ptr<Graph> graph_;
  std::vector<std::string> said_;

 public:
  GraphBuilder b;
};

// The recorded lines of every case.
std::map<std::string, std::vector<std::string>> ReadRecorded();

}  // namespace retrograph

#endif  // RETROGRAPH_VARIABLES_RECORDED_TEST_UTIL_H_
