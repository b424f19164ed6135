// TensorFlow 1.15.5 restores what killed processes and power losses leave.
//
// Needs RETROGRAPH_ORACLE, a folder with a virtual environment tf1/ that has
// TensorFlow; skipped with a message otherwise. One TensorFlow process reads
// all folders.
#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/fault_file_system.h"
#include "core/mem_file_system.h"
#include "core/status_matchers.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/faults/model.h"
#include "tests/faults/process.h"

namespace retrograph {
namespace {

using nlohmann::json;

constexpr int kOld = 1, kNew = 2;
// Every so many operations; another first one in each case.
constexpr int kStride = 8;

// The oracle's Python, or "".
std::string Python() {
  const char* folder = std::getenv("RETROGRAPH_ORACLE");
  if (folder == nullptr) return "";
  const std::string python = absl::StrCat(folder, "/tf1/bin/python");
  return FileSystem::Posix()->FileExists(python) ? python : "";
}

// Copies a folder in memory to the disk, links as links.
void CopyOut(MemFileSystem* from, const std::string& folder,
             const std::string& to) {
  FileSystem* disk = FileSystem::Posix();
  ASSERT_OK(disk->CreateDirectory(to));
  const auto names = from->ListDirectory(folder);
  ASSERT_OK(names);
  for (const std::string& name : *names) {
    const std::string path = JoinPath(folder, name);
    const std::string copy = JoinPath(to, name);
    if (const auto target = from->ReadSymlink(path); target.ok()) {
      ASSERT_OK(disk->CreateSymlink(*target, copy));
    } else if (from->IsDirectory(path)) {
      CopyOut(from, path, copy);
    } else {
      ASSERT_OK(WriteStringToFile(disk, copy, *ReadFileToString(from, path)));
    }
  }
}

class OracleFaultsTest : public testing::Test {
 protected:
  // A save of kNew, after one of kOld if there is an earlier one, that is
  // stopped at operation n. False if it was not.
  bool Kill(const FaultScene& scene, const std::string& folder, int64_t n) {
    FileSystem* disk = FileSystem::Posix();
    EXPECT_OK(disk->CreateDirectory(folder));
    const auto saver =
        scene.SaveBefore(disk, /*sync=*/false, folder + "/m", kOld);
    EXPECT_OK(saver);
    return WaitForProcess(StartProcess([&] {
             FaultFileSystem fs(disk);
             fs.KillAt(n, n % 2 == 0);
             return scene.Save(&fs, /*sync=*/false, saver->get(),
                               folder + "/m", kNew).ok()
                        ? 0
                        : 1;
           })) == -SIGKILL;
  }

  bool LosePower(const FaultScene& scene, const std::string& folder,
                 int64_t n) {
    MemFileSystem disk;
    FaultFileSystem fs(&disk);
    EXPECT_OK(disk.CreateDirectory("/d"));
    const auto saver = scene.SaveBefore(&fs, /*sync=*/true, "/d/m", kOld);
    EXPECT_OK(saver);
    disk.SyncEverything();
    fs.Reset();
    fs.CrashAt(n);
    scene.Save(&fs, /*sync=*/true, saver->get(), "/d/m", kNew).IgnoreError();
    if (fs.operations() < n) return false;
    if (n % 2 == 0) {
      disk.DropUnsyncedData();
    } else {
      disk.DropSomeUnsyncedData(n);
    }
    CopyOut(&disk, "/d", folder);
    return true;
  }

  // Makes folders for one case; their names say what must be in them.
  void MakeFolders(const FaultCase& fault_case, int first,
                   const std::string& root) {
    const FaultScene scene(fault_case);
    const std::string name = absl::StrCat(
        root, "/",
        fault_case.before == Before::kNothing ? "first" : "old_or_new", "-",
        fault_case.Name());
    for (int64_t n = first; Kill(scene, absl::StrCat(name, "-kill-", n), n);
         n += kStride) {
    }
    for (int64_t n = first;
         LosePower(scene, absl::StrCat(name, "-power-", n), n); n += kStride) {
    }
  }

  std::vector<json> ReadWithTensorFlow(const std::string& root) {
    const std::string command = absl::StrCat(
        "TF_CPP_MIN_LOG_LEVEL=3 '", Python(), "' tests/faults/read_folders.py '",
        root, "' 2>", root, "/stderr.txt");
    FILE* pipe = popen(command.c_str(), "r");
    std::string output;
    char buffer[4096];
    size_t size = 0;
    while ((size = fread(buffer, 1, sizeof(buffer), pipe)) > 0) {
      output.append(buffer, size);
    }
    EXPECT_EQ(pclose(pipe), 0)
        << *ReadFileToString(FileSystem::Posix(), root + "/stderr.txt");
    std::vector<json> lines;
    for (absl::string_view line : absl::StrSplit(output, '\n')) {
      if (!line.empty()) lines.push_back(json::parse(line.begin(), line.end()));
    }
    return lines;
  }
};

TEST_F(OracleFaultsTest, TensorFlowRestoresWhatStoppedSavesLeave) {
  if (Python().empty()) {
    GTEST_SKIP() << "RETROGRAPH_ORACLE names no folder with TensorFlow in tf1/";
  }
  const TestFolder root;
  int first = 0;
  for (const FaultCase& fault_case : AllFaultCases()) {
    MakeFolders(fault_case, ++first % kStride + 1, root.path());
  }
  const std::vector<json> lines = ReadWithTensorFlow(root.path());
  std::printf("%d folders restored by TensorFlow\n",
              static_cast<int>(lines.size()));
  EXPECT_GT(lines.size(), 300u);
  for (const json& line : lines) {
    SCOPED_TRACE(line.dump());
    const bool first_save =
        absl::StartsWith(line["folder"].get<std::string>(), "first");
    if (first_save && !line["state"].get<bool>()) continue;
    ASSERT_TRUE(line.contains("values"));
    const auto values = line["values"].get<std::vector<double>>();
    ASSERT_EQ(values.size(), 1u);
    EXPECT_TRUE(values[0] == kNew || (!first_save && values[0] == kOld));
    EXPECT_EQ(line["variables"], line["keys"]);
  }
}

}  // namespace
}  // namespace retrograph
