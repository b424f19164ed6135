// Saver::Save and Saver::Restore beside plain writes and reads of as many
// bytes, turn by turn in the same run, since what a disk does changes by the
// minute. `ratio` is our speed in parts of the raw speed. `peak_MiB` is what
// memory rose to beyond what was there before: the variables for a save; for a
// restore nothing, so that the variables' own bytes (`MiB`) are in it.
//
// Arguments: tensors, floats in each, and whether files are synced.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/peak_memory.h"
#include "bench/raw_io.h"
#include "benchmark/benchmark.h"
#include "core/check.h"
#include "graph/builder.h"
#include "graph/graph.h"
#include "ops/builders.h"
#include "ops/standard_ops.h"
#include "saver/saver.h"
#include "session/session.h"
#include "variables/variable.h"

namespace retrograph {
namespace {

double SecondsOf(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

size_t FileSize(const std::string& path) {
  struct stat info;
  RG_CHECK(stat(path.c_str(), &info) == 0, "cannot stat " + path);
  return static_cast<size_t>(info.st_size);
}

// A model of equal variables with values, a saver for it, and a folder.
class Model {
 public:
  Model(int64_t tensors, int64_t floats, bool sync) {
    RegisterStandardOps();
    graph_ = Graph::Create();
    const Graph::AsDefault as_default(graph_);
    GraphBuilder b(graph_.get());
    const Output value =
        Placeholder(b, DT_FLOAT, TensorShape({floats}), "value");
    std::vector<std::shared_ptr<Variable>> variables;
    for (int64_t i = 0; i < tensors; ++i) {
      VariableOptions options;
      options.initial_value = value;
      options.name = absl::StrCat("layer", i);
      variables.push_back(Variable::Create(b, std::move(options)));
    }
    RG_CHECK(b.ok(), b.status().ToString());
    SessionOptions options;
    options.sync_files = sync;
    session_options_ = options;
    NewSession();
    for (const auto& variable : variables) SetValue(value, *variable, floats);
    SaverOptions saver_options;
    saver_options.max_to_keep = absl::nullopt;
    auto saver = Saver::Create(graph_.get(), saver_options);
    RG_CHECK(saver.ok(), saver.status().ToString());
    saver_ = *std::move(saver);
    folder_ = NewFolder();
  }
  ~Model() {
    Remove();
    unlink((folder_ + "/checkpoint").c_str());
    rmdir(folder_.c_str());
  }

  // A session whose variables have no values yet.
  void NewSession() {
    session_ = nullptr;
    auto session = Session::Create(graph_, session_options_);
    RG_CHECK(session.ok(), session.status().ToString());
    session_ = *std::move(session);
  }
  void Save() {
    SaveOptions options;
    options.write_meta_graph = false;
    auto saved = saver_->Save(session_.get(), prefix(), options);
    RG_CHECK(saved.ok(), saved.status().ToString());
  }
  void Restore() {
    const absl::Status restored = saver_->Restore(session_.get(), prefix());
    RG_CHECK(restored.ok(), restored.ToString());
  }
  // What was written.
  void Remove() {
    for (const std::string& file : {data(), index(), raw()}) {
      unlink(file.c_str());
    }
  }
  size_t BytesSaved() const { return FileSize(data()) + FileSize(index()); }
  std::string raw() const { return folder_ + "/raw"; }

 private:
  void SetValue(const Output& value, const Variable& variable, int64_t floats) {
    Tensor tensor(DT_FLOAT, TensorShape({floats}));
    const auto values = tensor.mutable_flat<float>();
    for (int64_t i = 0; i < floats; ++i) values[i] = static_cast<float>(i) / 7;
    const auto run =
        session_->Run({{value, tensor}}, {}, {variable.initializer()});
    RG_CHECK(run.ok(), run.status().ToString());
  }
  std::string prefix() const { return folder_ + "/m"; }
  std::string data() const { return prefix() + ".data-00000-of-00001"; }
  std::string index() const { return prefix() + ".index"; }

  std::shared_ptr<Graph> graph_;
  SessionOptions session_options_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<Saver> saver_;
  std::string folder_;
};

// Reports what took `ours` and `raw` seconds, round by round.
void Report(benchmark::State& state, size_t bytes,
            const std::vector<double>& ours, const std::vector<double>& raw,
            double peak) {
  const double mib = static_cast<double>(bytes) / (1 << 20);
  state.counters["MiB"] = mib;
  state.counters["MiB/s"] = mib / Median(ours);
  state.counters["raw_MiB/s"] = mib / Median(raw);
  state.counters["peak_MiB"] = peak;
  state.counters["ratio"] = Median(raw) / Median(ours);
}

void BM_Save(benchmark::State& state) {
  const bool sync = state.range(2) != 0;
  Model model(state.range(0), state.range(1), sync);
  model.Save();  // compiles the plan
  const size_t bytes = model.BytesSaved();
  const std::vector<char> data(bytes, 'x');
  std::vector<double> ours, raw;
  double peak = 0;
  for (auto _ : state) {
    model.Remove();
    raw.push_back(
        SecondsOf([&] { RawWrite(model.raw(), data.data(), bytes, sync); }));
    model.Remove();
    const PeakMemory memory;
    ours.push_back(SecondsOf([&] { model.Save(); }));
    peak = std::max(peak, memory.Mebibytes());
    state.SetIterationTime(ours.back());
  }
  Report(state, bytes, ours, raw, peak);
}

// What syncing costs: saves with it and without it, turn by turn.
void BM_SyncCost(benchmark::State& state) {
  Model synced(state.range(0), state.range(1), /*sync=*/true);
  Model unsynced(state.range(0), state.range(1), /*sync=*/false);
  std::vector<double> with, without;
  for (auto _ : state) {
    with.push_back(SecondsOf([&] { synced.Save(); }));
    without.push_back(SecondsOf([&] { unsynced.Save(); }));
    state.SetIterationTime(with.back());
  }
  state.counters["synced_ms"] = 1000 * Median(with);
  state.counters["unsynced_ms"] = 1000 * Median(without);
  state.counters["cost"] = Median(with) / Median(without);
}

void BM_Restore(benchmark::State& state) {
  Model model(state.range(0), state.range(1), /*sync=*/false);
  model.Save();
  const size_t bytes = model.BytesSaved();
  RawWrite(model.raw(), std::vector<char>(bytes, 'x').data(), bytes, false);
  std::vector<double> ours, raw;
  double peak = 0;
  for (auto _ : state) {
    raw.push_back(SecondsOf(
        [&] { RG_CHECK(RawRead(model.raw()) == bytes, "file too short"); }));
    model.NewSession();
    const PeakMemory memory;
    ours.push_back(SecondsOf([&] { model.Restore(); }));
    peak = std::max(peak, memory.Mebibytes());
    state.SetIterationTime(ours.back());
  }
  Report(state, bytes, ours, raw, peak);
}

constexpr int64_t kLarge = 16 << 20;  // 64 MiB of floats; 16 of them: 1 GiB

BENCHMARK(BM_Save)
    ->ArgNames({"tensors", "floats", "sync"})
    ->Args({16, kLarge, 0})
    ->Args({16, kLarge, 1})
    ->Args({100000, 16, 0})
    ->Args({100000, 16, 1})
    ->Iterations(7)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(BM_SyncCost)
    ->ArgNames({"tensors", "floats"})
    ->Args({16, 1 << 10})   // 64 KiB
    ->Args({16, 1 << 20})   // 64 MiB
    ->Args({16, 8 << 20})   // 512 MiB
    ->Iterations(9)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Restore)
    ->ArgNames({"tensors", "floats", "sync"})
    ->Args({16, kLarge, 0})
    ->Args({100000, 16, 0})
    ->Iterations(7)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace retrograph
