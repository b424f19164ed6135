// Every flipped bit and every truncation of small files: noticed, or the values
// are the same.
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "checkpoint/checkpoint_reader.h"
#include "checkpoint/checkpoint_state.h"
#include "checkpoint/merge.h"
#include "checkpoint/names.h"
#include "checkpoint/save_restore.h"
#include "core/mem_file_system.h"
#include "core/status_matchers.h"
#include "graph/graph.h"
#include "gtest/gtest.h"
#include "ops/standard_ops.h"
#include "saver/meta_graph.h"
#include "saver/meta_graph_import.h"
#include "session/session.h"
#include "tests/hostile/file_doors.h"
#include "tests/hostile/hostile_files.h"

namespace retrograph {
namespace hostile {
namespace {

Questions AllQuestions() {
  Questions questions;
  for (const auto& [name, value] : GoodValues()) {
    questions.push_back({name, "", value.dtype()});
  }
  return questions;
}

// Calls `use` with every file that differs from the good bytes by one bit, or
// by its end missing.
void ForEachDamage(const std::string& good,
                   const std::function<void(const std::string& bytes,
                                            const std::string& what)>& use) {
  std::string bytes = good;
  for (size_t bit = 0; bit < 8 * good.size(); ++bit) {
    const char mask = static_cast<char>(1 << bit % 8);
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ mask);
    use(bytes, absl::StrCat("bit ", bit));
    bytes[bit / 8] = good[bit / 8];
  }
  for (size_t size = 0; size < good.size(); ++size) {
    use(good.substr(0, size), absl::StrCat("first ", size, " bytes"));
  }
}

// Damages one file of the checkpoint; each tensor must read as it was or not at
// all. Returns how many damages were noticed.
int ExpectNoWrongValues(FileSystem* fs, const std::string& path,
                        const std::string& prefix, bool is_index) {
  const std::string good = ReadFileToString(fs, path).value();
  int noticed = 0;
  ForEachDamage(good, [&](const std::string& bytes, const std::string& what) {
    EXPECT_OK(WriteStringToFile(fs, path, bytes));
    bool failed = false;
    const auto reader = CheckpointReader::Open(fs, prefix);
    failed |= !reader.ok();
    for (const Question& question : AllQuestions()) {
      const auto restored = RestoreTensors(fs, prefix, {question.name}, {""},
                                           {question.dtype});
      failed |= !restored.ok();
      const Tensor& right = GoodValues().at(question.name);
      if (restored.ok() && !TensorsIdentical((*restored)[0], right)) {
        ADD_FAILURE() << path << " " << what << ": " << question.name;
      }
      if (!reader.ok()) continue;
      const auto read = (*reader)->GetTensor(question.name);
      failed |= !read.ok();
      if (read.ok() && !TensorsIdentical(*read, right)) {
        ADD_FAILURE() << path << " " << what << ": read " << question.name;
      }
    }
    noticed += failed;
  });
  EXPECT_OK(WriteStringToFile(fs, path, good));
  const int all = static_cast<int>(9 * good.size());
  // In the data file every byte counts; of the index, padding does not.
  EXPECT_GE(noticed, is_index ? all * 8 / 10 : all) << path;
  return noticed;
}

void WriteFiles(FileSystem* fs,
                const std::map<std::string, std::string>& files) {
  for (const auto& [name, bytes] : files) {
    EXPECT_OK(WriteStringToFile(fs, "/" + name, bytes));
  }
}

// It holds numbers of all widths, strings, and a tensor in two slices.
TEST(BitsTest, EveryDamageOfABundleIsNoticedOrHarmless) {
  MemFileSystem fs;
  WriteFiles(&fs, BundleFiles(GoodV2().entries, GoodV2().data));
  ExpectNoWrongValues(&fs, "/m.index", "/m", true);
  ExpectNoWrongValues(&fs, "/m.data-00000-of-00001", "/m", false);
}

TEST(BitsTest, EveryDamageOfAShardedBundleIsNoticedOrHarmless) {
  MemFileSystem fs;
  std::vector<std::string> names[2], specs[2];
  std::vector<Tensor> tensors[2];
  int next = 0;
  for (const auto& [name, value] : GoodValues()) {
    if (name == "parts") {
      for (int half : {0, 1}) {
        names[half].push_back(name);
        specs[half].push_back(half == 0 ? "4 0,2" : "4 2,2");
        tensors[half].push_back(value.Slice0(2 * half, 2 * half + 2));
      }
      continue;
    }
    names[next].push_back(name);
    specs[next].push_back("");
    tensors[next].push_back(value);
    next = 1 - next;
  }
  for (const int shard : {0, 1}) {
    ASSERT_OK(SaveTensorsV2(&fs, absl::StrCat("/part", shard), names[shard],
                            specs[shard], tensors[shard]));
  }
  ASSERT_OK(MergeBundles(&fs, {"/part0", "/part1"}, "/m"));
  ExpectNoWrongValues(&fs, "/m.index", "/m", true);
  ExpectNoWrongValues(&fs, "/m.data-00000-of-00002", "/m", false);
  ExpectNoWrongValues(&fs, "/m.data-00001-of-00002", "/m", false);
}

TEST(BitsTest, EveryDamageOfAV1FileIsNoticedOrHarmless) {
  MemFileSystem fs;
  WriteFiles(&fs, {{"m", TableOf(GoodV1())}});
  ExpectNoWrongValues(&fs, "/m", "/m", true);
}

// A meta graph has no checksum, so a damaged one may be another graph: then the
// checkpoint does not fit it, or the values are those of the checkpoint.
TEST(BitsTest, EveryDamageOfAMetaGraphIsNoticedOrRestoresTheValues) {
  RegisterStandardOps();
  MemFileSystem fs;
  ASSERT_OK(SaveTensorsV2(&fs, "/m", {"v"}, {""},
                          {Tensor::Vector<float>({1, 2})}));
  MetaGraphDef small;
  {
    const std::shared_ptr<Graph> graph = Graph::Create();
    const Graph::AsDefault scope(graph);
    GraphBuilder b(graph.get());
    VariableOptions options;
    options.name = "v";
    options.initial_value = Input(Tensor::Vector<float>({0, 0}));
    Variable::Create(b, std::move(options));
    ASSERT_OK(b.status());
    const auto saver = Saver::Create(graph.get());
    ASSERT_OK(saver.status());
    ExportMetaGraphOptions exporting;
    exporting.saver_def = (*saver)->saver_def();
    exporting.strip_default_attrs = true;
    small = ExportMetaGraph(graph.get(), exporting).value();
    small.mutable_meta_info_def()->clear_stripped_op_list();
  }
  int restored = 0, refused = 0;
  const std::string good = small.SerializeAsString();
  ForEachDamage(good, [&](const std::string& bytes, const std::string& what) {
    ASSERT_OK(WriteStringToFile(&fs, "/m.meta", bytes));
    const auto meta_graph = ReadMetaGraph(&fs, "/m.meta");
    ++refused;
    if (!meta_graph.ok()) return;
    const std::shared_ptr<Graph> graph = Graph::Create();
    const auto imported = ImportMetaGraph(graph.get(), *meta_graph);
    if (!imported.ok() || imported->saver == nullptr) return;
    SessionOptions options;
    options.file_system = &fs;
    options.inter_op_threads = 1;
    const auto session = Session::Create(graph, options).value();
    if (!imported->saver->Restore(session.get(), "/m").ok()) return;
    const auto value = session->RunByName({}, {"v:0"});
    if (!value.ok()) return;  // it has another name now
    --refused;
    ++restored;
    EXPECT_TRUE(
        TensorsIdentical((*value)[0], Tensor::Vector<float>({1, 2})))
        << what << ": " << (*value)[0].DebugString();
  });
  EXPECT_GT(restored, 0);
  EXPECT_GT(refused, static_cast<int>(good.size()));
}

// The state file is text: a flipped bit in a path is another path.
TEST(BitsTest, EveryDamageOfAStateFileGivesThePathOrNone) {
  MemFileSystem fs;
  ASSERT_OK(fs.CreateDirectories("/d"));
  for (const char* const step : {"1", "2"}) {
    ASSERT_OK(WriteStringToFile(
        &fs, absl::StrCat("/d/model-", step, ".index"), ""));
  }
  const std::string good =
      "model_checkpoint_path: \"model-2\"\n"
      "all_model_checkpoint_paths: \"model-1\"\n"
      "all_model_checkpoint_paths: \"model-2\"\n";
  int found = 0, other = 0;
  ForEachDamage(good, [&](const std::string& bytes, const std::string& what) {
    ASSERT_OK(WriteStringToFile(&fs, "/d/checkpoint", bytes));
    std::string logged;
    const auto latest = LatestCheckpoint(
        &fs, "/d", "checkpoint",
        [&logged](LogLevel, absl::string_view text) {
          logged.append(text.data(), text.size());
        });
    if (!latest.ok()) {
      EXPECT_FALSE(latest.status().message().empty()) << what;
      return;
    }
    if (latest->has_value()) {
      // A pattern, or a path that differs by a bit, may still find a file.
      ++(**latest == "/d/model-2" ? found : other);
      return;
    }
    // An empty or missing file is no news; anything else is told.
    EXPECT_TRUE(!logged.empty()) << what;
  });
  EXPECT_GT(found, 0);
  EXPECT_LE(other, 5);
}

}  // namespace
}  // namespace hostile
}  // namespace retrograph
