// Checkpoint files alone, without a graph: very many tensors in one bundle.
// `peak_MiB` is the memory beyond what was there before, `index_MiB` the index
// that it should be in proportion to.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/str_format.h"
#include "bench/peak_memory.h"
#include "bench/raw_io.h"
#include "benchmark/benchmark.h"
#include "checkpoint/bundle_reader.h"
#include "checkpoint/bundle_writer.h"
#include "checkpoint/checkpoint_reader.h"
#include "core/check.h"
#include "core/file_system.h"
#include "core/tensor.h"

namespace retrograph {
namespace {

std::string Key(int64_t i) {
  return absl::StrFormat("tower/layer%07d/weights", i);
}

// A folder that goes away with what was written into it.
class Folder {
 public:
  Folder() : path_(NewFolder()) {}
  ~Folder() {
    unlink((prefix() + ".index").c_str());
    unlink((prefix() + ".data-00000-of-00001").c_str());
    rmdir(path_.c_str());
  }
  std::string prefix() const { return path_ + "/m"; }
  double IndexMebibytes() const {
    struct stat info;
    RG_CHECK(stat((prefix() + ".index").c_str(), &info) == 0, "no index");
    return static_cast<double>(info.st_size) / (1 << 20);
  }

 private:
  const std::string path_;
};

void Write(const std::string& prefix, int64_t tensors) {
  BundleWriterOptions options;
  options.commit.sync = false;
  auto writer = BundleWriter::Create(FileSystem::Posix(), prefix, options);
  RG_CHECK(writer.ok(), writer.status().ToString());
  const Tensor value = Tensor::Vector<float>({1, 2, 3, 4});
  for (int64_t i = 0; i < tensors; ++i) {
    const absl::Status added = (*writer)->Add(Key(i), value);
    RG_CHECK(added.ok(), added.ToString());
  }
  const absl::Status finished = (*writer)->Finish();
  RG_CHECK(finished.ok(), finished.ToString());
}

void Report(benchmark::State& state, const Folder& folder, double peak) {
  state.counters["tensors/s"] =
      benchmark::Counter(static_cast<double>(state.range(0)),
                         benchmark::Counter::kIsIterationInvariantRate);
  state.counters["peak_MiB"] = peak;
  state.counters["index_MiB"] = folder.IndexMebibytes();
}

void BM_WriteBundle(benchmark::State& state) {
  const Folder folder;
  double peak = 0;
  for (auto _ : state) {
    const PeakMemory memory;
    Write(folder.prefix(), state.range(0));
    peak = memory.Mebibytes();
  }
  Report(state, folder, peak);
}

// Opens a bundle and reads one tensor, as who looks into a checkpoint does.
void BM_OpenBundle(benchmark::State& state) {
  const Folder folder;
  Write(folder.prefix(), state.range(0));
  const std::string key = Key(state.range(0) / 2);
  double peak = 0;
  for (auto _ : state) {
    const PeakMemory memory;
    auto reader = BundleReader::Open(FileSystem::Posix(), folder.prefix());
    RG_CHECK(reader.ok(), reader.status().ToString());
    RG_CHECK((*reader)->Lookup(key).ok(), "no " + key);
    peak = memory.Mebibytes();
  }
  Report(state, folder, peak);
}

// The map of names that `tf.train.list_variables` is made of.
void BM_ListVariables(benchmark::State& state) {
  const Folder folder;
  Write(folder.prefix(), state.range(0));
  double peak = 0;
  for (auto _ : state) {
    const PeakMemory memory;
    auto reader = CheckpointReader::Open(FileSystem::Posix(), folder.prefix());
    RG_CHECK(reader.ok(), reader.status().ToString());
    RG_CHECK((*reader)->shapes().size() == static_cast<size_t>(state.range(0)),
             "not all variables");
    peak = memory.Mebibytes();
  }
  Report(state, folder, peak);
}

BENCHMARK(BM_WriteBundle)->Arg(1000000)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_OpenBundle)->Arg(1000000)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_ListVariables)->Arg(1000000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace retrograph
