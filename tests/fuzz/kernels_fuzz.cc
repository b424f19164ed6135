// Kernels and shape functions: a random graph is built and run.
//
// The corpus is no test of regressions, for a new op changes what its files
// mean: what is found goes into corpus/graph_def as text. The environment
// variable RETROGRAPH_FUZZ_TELL prints a file's nodes.
#include "tests/fuzz/input.h"
#include "tests/fuzz/random_graph.h"
#include "tests/fuzz/run_graph.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  retrograph::fuzz::FuzzInput input(data, size);
  retrograph::fuzz::RandomGraph graph(&input);
  graph.Grow();
  retrograph::fuzz::RunEverything(graph.graph());
  return 0;
}
