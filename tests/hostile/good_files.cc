// The good checkpoints that hostile ones are made from.
#include <limits>

#include "checkpoint/names.h"
#include "checkpoint/save_restore.h"
#include "checkpoint/table_reader.h"
#include "core/check.h"
#include "core/mem_file_system.h"
#include "graph/graph.h"
#include "ops/standard_ops.h"
#include "saver/meta_graph.h"
#include "saver/saver.h"
#include "tests/hostile/hostile_files.h"
#include "variables/variable.h"

namespace retrograph {
namespace hostile {
namespace {

void Check(const absl::Status& status) {
  RG_CHECK(status.ok(), status.ToString());
}

Entries ReadEntries(FileSystem* fs, const std::string& path) {
  Entries entries;
  auto file = fs->NewRandomAccessFile(path);
  Check(file.status());
  const auto table = TableReader::Open(*std::move(file));
  Check(table.status());
  TableReader::Iterator it(table->get());
  for (it.Seek(""); it.Valid(); it.Next()) {
    entries[std::string(it.key())] = std::string(it.value());
  }
  return entries;
}

struct SaveArguments {
  std::vector<std::string> names, specs;
  std::vector<Tensor> tensors;
};

// All tensors; p in two slices.
SaveArguments Arguments(Kind kind) {
  SaveArguments save;
  for (const std::string& name : GoodNames(kind)) {
    const Tensor& value = GoodValues().at(name);
    const bool sliced = name == "parts";
    for (int half = 0; half <= (sliced ? 1 : 0); ++half) {
      save.names.push_back(name);
      save.specs.push_back(!sliced ? "" : half == 0 ? "4 0,2" : "4 2,2");
      save.tensors.push_back(
          sliced ? value.Slice0(2 * half, 2 * half + 2) : value);
    }
  }
  return save;
}

}  // namespace

const std::vector<int64_t>& StrangeNumbers() {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  static const auto* const numbers = new std::vector<int64_t>{
      0,          1,           -1,          2,
      3,          7,           8,           9,
      16,         127,         128,         -128,
      256,        65535,       (1u << 31) - 1, -(int64_t{1} << 31),
      1u << 31,   0xffffffffu, int64_t{1} << 32, (int64_t{1} << 32) + 8,
      int64_t{1} << 40, int64_t{1} << 53, int64_t{1} << 61, int64_t{1} << 62,
      kMax,       kMax - 3,    kMax - 7,    -kMax - 1,
      -kMax,      -8};
  return *numbers;
}

const Values& GoodValues() {
  static const Values* const values = new Values{
      {"bools", Tensor::Vector<bool>({true, false})},
      {"complexes", Tensor::Vector<std::complex<float>>({{1, 2}})},
      {"doubles", Tensor::Scalar<double>(0.5)},
      {"empty", Tensor(DT_FLOAT, TensorShape({0, 3}))},
      {"ints", Tensor::Vector<int32_t>({1, -2, 3})},
      {"matrix", Tensor::Vector<float>({1, 2, 3, 4}).Reshaped(TensorShape({2, 2}))},
      {"parts", Tensor::Vector<int64_t>({5, 6, 7, 8})},
      {"strings", Tensor::Vector<std::string>({"hello", "", "wor"})},
      {"weights", Tensor::Vector<float>({1, 2})}};
  return *values;
}

std::vector<std::string> GoodNames(Kind) {
  std::vector<std::string> names;
  for (const auto& entry : GoodValues()) names.push_back(entry.first);
  return names;
}

const GoodBundle& GoodV2() {
  static const GoodBundle* const good = [] {
    MemFileSystem fs;
    const SaveArguments save = Arguments(Kind::kBundle);
    Check(SaveTensorsV2(&fs, "/m", save.names, save.specs, save.tensors));
    auto data = ReadFileToString(&fs, DataFilename("/m", 0, 1));
    Check(data.status());
    return new GoodBundle{ReadEntries(&fs, MetaFilename("/m")), *data};
  }();
  return *good;
}

const Entries& GoodV1() {
  static const Entries* const good = [] {
    MemFileSystem fs;
    const SaveArguments save = Arguments(Kind::kV1);
    Check(SaveTensorsV1(&fs, "/m", save.names, save.specs, save.tensors));
    return new Entries(ReadEntries(&fs, "/m"));
  }();
  return *good;
}

const std::string& GoodMeta() {
  static const std::string* const meta = [] {
    RegisterStandardOps();
    const std::shared_ptr<Graph> graph = Graph::Create();
    const Graph::AsDefault scope(graph);
    GraphBuilder b(graph.get());
    for (const auto& [name, value] : GoodValues()) {
      VariableOptions options;
      options.name = name;
      options.initial_value = Input(value);
      Variable::Create(b, std::move(options));
    }
    Check(b.status());
    const auto saver = Saver::Create(graph.get());
    Check(saver.status());
    ExportMetaGraphOptions options;
    options.saver_def = (*saver)->saver_def();
    const auto exported = ExportMetaGraph(graph.get(), options);
    Check(exported.status());
    return new std::string(exported->SerializeAsString());
  }();
  return *meta;
}

std::map<std::string, std::string> BundleFiles(const Entries& entries,
                                               const std::string& data) {
  return {{MetaFilename("m"), TableOf(entries)},
          {DataFilename("m", 0, 1), data}};
}

std::string WriteCase(FileSystem* fs, const std::string& directory,
                      const HostileCase& c) {
  const std::string folder = JoinPath(directory, c.name);
  Check(fs->CreateDirectories(folder));
  for (const auto& [name, bytes] : c.files) {
    const std::string path = JoinPath(folder, name);
    Check(name.back() == '/' ? fs->CreateDirectory(path)
                             : WriteStringToFile(fs, path, bytes));
  }
  return folder;
}

}  // namespace hostile
}  // namespace retrograph
