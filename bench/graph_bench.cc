// How fast a graph is built: through GraphBuilder, as all programs do, with
// checks, shape inference and naming.
#include <string>

#include "benchmark/benchmark.h"
#include "core/check.h"
#include "graph/builder.h"
#include "graph/graph.h"
#include "ops/builders.h"
#include "ops/standard_ops.h"

namespace retrograph {
namespace {

void CheckBuilt(const GraphBuilder& b) {
  RG_CHECK(b.ok(), b.status().ToString());
}

// Nodes over one input, all under one name that must be made unique.
void BM_BuildIdentities(benchmark::State& state) {
  RegisterStandardOps();
  const int64_t count = state.range(0);
  for (auto _ : state) {
    auto graph = Graph::Create();
    GraphBuilder b(graph.get());
    Output x = Placeholder(b, DT_FLOAT, PartialTensorShape({2}));
    for (int64_t i = 1; i < count; ++i) x = Identity(b, x);
    CheckBuilt(b);
  }
  state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(BM_BuildIdentities)
    ->Arg(1000)
    ->Arg(100000)
    ->Arg(1000000)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

// What models are made of: a constant, a product and a sum a layer, each with
// a name of its own in a scope of its own.
void BM_BuildLayers(benchmark::State& state) {
  RegisterStandardOps();
  const int64_t layers = state.range(0);
  const Tensor weight = Tensor::Vector<float>({1.0f, 2.0f});
  for (auto _ : state) {
    auto graph = Graph::Create();
    GraphBuilder b(graph.get());
    Output x = Placeholder(b, DT_FLOAT, PartialTensorShape({-1, 2}));
    for (int64_t i = 0; i < layers; ++i) {
      const NameScope scope(graph.get(), "layer");
      const Output w = Constant(b, weight, "w");
      const Output product = b.Op("Mul", {x, w}, {}, "product");
      x = b.Op("AddV2", {product, w}, {}, "sum");
    }
    CheckBuilt(b);
  }
  state.SetItemsProcessed(state.iterations() * layers * 3);
}
BENCHMARK(BM_BuildLayers)
    ->Arg(1000)
    ->Arg(100000)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace retrograph
