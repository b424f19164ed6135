// Real TensorFlow 1.15.5 reads what retrograph wrote, and the other way round.
//
// Needs RETROGRAPH_ORACLE, a folder with a virtual environment tf1/ that has
// TensorFlow; skipped with a message otherwise.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "checkpoint/checkpoint_reader.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "ops/standard_ops.h"
#include "scenario/runner.h"
#include "scenario/source.h"

namespace retrograph {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// The oracle's Python, or "".
std::string Python() {
  const char* folder = std::getenv("RETROGRAPH_ORACLE");
  if (folder == nullptr) return "";
  const fs::path python = fs::path(folder) / "tf1/bin/python";
  return fs::exists(python) ? python.string() : "";
}

#define RG_NEEDS_ORACLE()                                                   \
  if (Python().empty()) {                                                   \
    GTEST_SKIP() << "RETROGRAPH_ORACLE names no folder with TensorFlow in " \
                    "tf1/";                                                 \
  }

// The JSON lines that a script prints.
std::vector<json> RunScript(const std::string& script, const fs::path& folder) {
  const std::string command =
      absl::StrCat("TF_CPP_MIN_LOG_LEVEL=3 '", Python(), "' tests/oracle/",
                   script, " '", folder.string(), "' 2>",
                   (folder / "stderr.txt").string());
  FILE* pipe = popen(command.c_str(), "r");
  std::string output;
  char buffer[4096];
  size_t size = 0;
  while ((size = fread(buffer, 1, sizeof(buffer), pipe)) > 0) {
    output.append(buffer, size);
  }
  EXPECT_EQ(pclose(pipe), 0)
      << *ReadFileToString(FileSystem::Posix(), folder / "stderr.txt");
  std::vector<json> lines;
  for (absl::string_view line : absl::StrSplit(output, '\n')) {
    if (!line.empty()) lines.push_back(json::parse(line.begin(), line.end()));
  }
  return lines;
}

// As the scripts' plain(): every number as Python's repr of a double.
std::vector<double> Doubles(const Tensor& t) {
  std::vector<double> result;
  const auto add = [&](auto values) {
    for (const auto& value : values) {
      result.push_back(static_cast<double>(value));
    }
  };
  switch (t.dtype()) {
    case DT_FLOAT: add(t.flat<float>()); break;
    case DT_DOUBLE: add(t.flat<double>()); break;
    case DT_INT8: add(t.flat<int8_t>()); break;
    case DT_INT16: add(t.flat<int16_t>()); break;
    case DT_INT32: add(t.flat<int32_t>()); break;
    case DT_INT64: add(t.flat<int64_t>()); break;
    case DT_UINT8: add(t.flat<uint8_t>()); break;
    case DT_UINT16: add(t.flat<uint16_t>()); break;
    case DT_BOOL: add(t.flat<bool>()); break;
    case DT_HALF:
      for (Half value : t.flat<Half>()) {
        result.push_back(static_cast<float>(value));
      }
      break;
    default: ADD_FAILURE() << "a dtype that the scripts do not write";
  }
  return result;
}

void ExpectSameValue(const json& expected, const Tensor& value,
                     const std::string& what) {
  ASSERT_EQ(static_cast<int64_t>(expected.size()), value.num_elements())
      << what;
  if (value.dtype() == DT_STRING) {
    for (size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ(expected[i].get<std::string>(), value.flat<std::string>()[i])
          << what;
    }
    return;
  }
  const std::vector<double> values = Doubles(value);
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(std::stod(expected[i].get<std::string>()), values[i])
        << what << " " << i;
  }
}

void ExpectSameCheckpoint(const json& line, const fs::path& folder) {
  const std::string prefix =
      (folder / line["prefix"].get<std::string>()).string();
  auto reader = CheckpointReader::Open(FileSystem::Posix(), prefix);
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ(line["values"].size(), (*reader)->shapes().size()) << prefix;
  for (const auto& [key, expected] : line["values"].items()) {
    const auto value = (*reader)->GetTensor(key);
    ASSERT_TRUE(value.ok()) << value.status();
    ExpectSameValue(expected, *value, absl::StrCat(prefix, " ", key));
  }
}

fs::path EmptyFolder(const std::string& name) {
  const fs::path folder = fs::path(testing::TempDir()) / name;
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

TEST(OracleTest, TensorFlowReadsAndRestoresWhatTheScenariosWrote) {
  RG_NEEDS_ORACLE();
  const fs::path folder = EmptyFolder("written_by_retrograph");
  const fs::path start = fs::current_path();
  for (const auto& entry : fs::directory_iterator("scenarios")) {
    if (entry.path().extension() != ".textproto") continue;
    auto source =
        scenario::Source::Load(FileSystem::Posix(), entry.path().string());
    ASSERT_TRUE(source.ok()) << source.status();
    std::ostringstream out;
    scenario::RunnerOptions options;
    options.out = &out;
    fs::create_directories(folder / entry.path().stem());
    fs::current_path(folder / entry.path().stem());
    EXPECT_TRUE(scenario::Runner(*source, options).Run().ok()) << out.str();
    fs::current_path(start);
  }
  const std::vector<json> lines = RunScript("read_checkpoints.py", folder);
  EXPECT_GE(lines.size(), 5u);
  for (const json& line : lines) {
    ExpectSameCheckpoint(line, folder);
    // Restored by TensorFlow through our .meta: the same values again. The
    // variables of a SavedModel have none.
    for (const auto& [key, value] : line["restored"].items()) {
      EXPECT_EQ(value, line["values"][key]) << line["prefix"];
    }
    const std::string meta = line["prefix"].get<std::string>() + ".meta";
    EXPECT_EQ(line["restored"].empty(), !fs::exists(folder / meta)) << meta;
  }
}

TEST(OracleTest, RetrographReadsWhatTensorFlowWrote) {
  RG_NEEDS_ORACLE();
  const fs::path folder = EmptyFolder("written_by_tensorflow");
  const std::vector<json> lines = RunScript("write_checkpoints.py", folder);
  EXPECT_EQ(lines.size(), 4u);
  for (const json& line : lines) ExpectSameCheckpoint(line, folder);
}

}  // namespace
}  // namespace retrograph

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  retrograph::RegisterStandardOps();
  return RUN_ALL_TESTS();
}
