// A GraphDef, binary or text, is imported and run.
#include <string>

#include "google/protobuf/stubs/logging.h"
#include "google/protobuf/text_format.h"
#include "proto/graph.pb.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/run_graph.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace retrograph;  // NOLINT: the only function
  static const google::protobuf::LogSilencer silencer;
  (void)silencer;
  const std::string bytes = fuzz::FuzzInput(data, size).Rest();
  GraphDef graph_def;
  if (!graph_def.ParseFromString(bytes)) {
    google::protobuf::TextFormat::Parser parser;
    parser.SetRecursionLimit(100);
    // What stands before a mistake counts.
    graph_def.Clear();
    parser.AllowPartialMessage(true);
    parser.ParseFromString(bytes, &graph_def);
  }
  fuzz::ImportAndRun(graph_def);
  return 0;
}
