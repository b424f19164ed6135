// What a run of a small graph costs: the way in, the plan's look-up, the
// executor, and a handful of kernels on scalars.
#include <memory>
#include <utility>
#include <vector>

#include "benchmark/benchmark.h"
#include "core/check.h"
#include "graph/builder.h"
#include "graph/graph.h"
#include "ops/builders.h"
#include "ops/standard_ops.h"
#include "session/session.h"

namespace retrograph {
namespace {

std::shared_ptr<Graph> NewGraph() {
  RegisterStandardOps();
  return Graph::Create();
}

std::unique_ptr<Session> NewSession(const std::shared_ptr<Graph>& graph) {
  absl::StatusOr<std::unique_ptr<Session>> session = Session::Create(graph);
  RG_CHECK(session.ok(), session.status().ToString());
  return *std::move(session);
}

// Runs once a round.
void Measure(benchmark::State& state, Session* session,
             const std::vector<Session::Feed>& feeds,
             const std::vector<Output>& fetches,
             const std::vector<Operation*>& targets) {
  for (auto _ : state) {
    auto values = session->Run(feeds, fetches, targets);
    RG_CHECK(values.ok(), values.status().ToString());
    benchmark::DoNotOptimize(values);
  }
}

void BM_RunConstant(benchmark::State& state) {
  auto graph = NewGraph();
  GraphBuilder b(graph.get());
  const Output c = Constant(b, Tensor::Scalar(1.0f));
  auto session = NewSession(graph);
  Measure(state, session.get(), {}, {c}, {});
}
BENCHMARK(BM_RunConstant)->UseRealTime();

void BM_RunFeedMulAdd(benchmark::State& state) {
  auto graph = NewGraph();
  GraphBuilder b(graph.get());
  const Output x = Placeholder(b, DT_FLOAT, TensorShape());
  const Output c = Constant(b, Tensor::Scalar(3.0f));
  const Output y = b.Op("AddV2", {b.Op("Mul", {x, c}), c});
  RG_CHECK(b.ok(), b.status().ToString());
  auto session = NewSession(graph);
  Measure(state, session.get(), {{x, Tensor::Scalar(2.0f)}}, {y}, {});
}
BENCHMARK(BM_RunFeedMulAdd)->UseRealTime();

void BM_RunAssign(benchmark::State& state) {
  auto graph = NewGraph();
  GraphBuilder b(graph.get());
  const Output v =
      b.Op("VariableV2", {},
           {Attr("dtype", DT_FLOAT), Attr("shape", TensorShape())}, "v");
  Operation* const assign =
      b.AddOp("Assign", {v, Constant(b, Tensor::Scalar(1.0f))});
  RG_CHECK(b.ok(), b.status().ToString());
  auto session = NewSession(graph);
  Measure(state, session.get(), {}, {}, {assign});
}
BENCHMARK(BM_RunAssign)->UseRealTime();

void BM_RunAssignAddAndFetch(benchmark::State& state) {
  auto graph = NewGraph();
  GraphBuilder b(graph.get());
  const Output v =
      b.Op("VariableV2", {},
           {Attr("dtype", DT_FLOAT), Attr("shape", TensorShape())}, "v");
  const Output one = Constant(b, Tensor::Scalar(1.0f));
  Operation* const assign = b.AddOp("Assign", {v, one});
  const Output add = b.Op("AssignAdd", {v, one});
  RG_CHECK(b.ok(), b.status().ToString());
  auto session = NewSession(graph);
  RG_CHECK(session->Run({}, {}, {assign}).ok(), "assign failed");
  Measure(state, session.get(), {}, {add}, {});
}
BENCHMARK(BM_RunAssignAddAndFetch)->UseRealTime();

// A chain of nodes: what a node costs in a larger graph.
void BM_RunChain(benchmark::State& state) {
  auto graph = NewGraph();
  GraphBuilder b(graph.get());
  Output x = Placeholder(b, DT_FLOAT, TensorShape());
  const Output feed = x;
  for (int64_t i = 0; i < state.range(0); ++i) x = b.Op("Neg", {x});
  RG_CHECK(b.ok(), b.status().ToString());
  auto session = NewSession(graph);
  Measure(state, session.get(), {{feed, Tensor::Scalar(2.0f)}}, {x}, {});
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_RunChain)->Arg(1000)->UseRealTime();

// The first run: pruning a large graph, making kernels, ordering nodes.
void BM_CompilePlan(benchmark::State& state) {
  auto graph = NewGraph();
  GraphBuilder b(graph.get());
  Output x = Placeholder(b, DT_FLOAT, TensorShape());
  const Output feed = x;
  for (int64_t i = 0; i < state.range(0); ++i) x = b.Op("Neg", {x});
  RG_CHECK(b.ok(), b.status().ToString());
  for (auto _ : state) {
    auto session = NewSession(graph);
    auto values = session->Run({{feed, Tensor::Scalar(2.0f)}}, {x}, {});
    RG_CHECK(values.ok(), values.status().ToString());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_CompilePlan)->Arg(100000)->Unit(benchmark::kMillisecond);

// The same signature in a graph of a million nodes: must not cost more.
void BM_RunConstantInLargeGraph(benchmark::State& state) {
  auto graph = NewGraph();
  GraphBuilder b(graph.get());
  const Output c = Constant(b, Tensor::Scalar(1.0f));
  Output x = c;
  for (int64_t i = 0; i < 1000000; ++i) x = Identity(b, x);
  RG_CHECK(b.ok(), b.status().ToString());
  auto session = NewSession(graph);
  Measure(state, session.get(), {}, {c}, {});
}
BENCHMARK(BM_RunConstantInLargeGraph)->UseRealTime();

}  // namespace
}  // namespace retrograph
