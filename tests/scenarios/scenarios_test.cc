// Plays every scenario of scenarios/, as `./run` does, and checks that the
// transcript tells what a TensorFlow 1 user would have seen.
#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ops/standard_ops.h"
#include "scenario/runner.h"
#include "scenario/source.h"

namespace retrograph {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// Plays a scenario in an empty folder and returns the transcript.
absl::Status Play(const fs::path& file, bool explain, std::string* transcript) {
  auto source = scenario::Source::Load(FileSystem::Posix(), file.string());
  if (!source.ok()) return source.status();
  const fs::path start = fs::current_path();
  const fs::path folder = fs::path(testing::TempDir()) /
                          (file.stem().string() + (explain ? "_explained" : ""));
  fs::remove_all(folder);
  fs::create_directories(folder);
  fs::current_path(folder);
  std::ostringstream out;
  scenario::RunnerOptions options;
  options.out = &out;
  options.explain = explain;
  const absl::Status result = scenario::Runner(*source, options).Run();
  fs::current_path(start);
  *transcript = out.str();
  return result;
}

class ScenarioFile : public testing::Test {
 public:
  explicit ScenarioFile(fs::path file) : file_(std::move(file)) {}
  void TestBody() override {
    std::string plain, explained;
    const absl::Status result = Play(file_, false, &plain);
    EXPECT_TRUE(result.ok()) << result << "\n" << plain;
    EXPECT_THAT(plain, HasSubstr(">>> with tf.Graph().as_default() as g1:"));
    // --explain adds lines of its own and changes no other.
    EXPECT_TRUE(Play(file_, true, &explained).ok());
    std::istringstream lines(explained);
    std::string kept, line;
    while (std::getline(lines, line)) {
      if (!absl::StartsWith(line, "#   ")) kept += line + "\n";
    }
    EXPECT_EQ(kept, plain);
    EXPECT_NE(explained, plain);
  }

 private:
  const fs::path file_;
};

TEST(ExplainTest, TellsWhyTheEarlySaverLeftTheVariableOut) {
  std::string text;
  ASSERT_TRUE(
      Play("scenarios/01_saver_too_early.textproto", true, &text).ok());
  EXPECT_THAT(text, HasSubstr("saver1 takes the variables that graph g1 has "
                              "now: variable_0."));
  EXPECT_THAT(text, HasSubstr("graph g1 has the variable variable_1 now; saver1 "
                              "(save/) was built before it"));
  EXPECT_THAT(text, HasSubstr("wrote the key variable_0 (int32 [])"));
  EXPECT_THAT(text, HasSubstr("Hint: The checkpoint model/sample1/export has "
                              "variable_0, which is spelled much like it."));
  EXPECT_THAT(text, HasSubstr("build the Saver after the last variable"));
}

TEST(ExplainTest, TellsThatNoSaverWasBuiltInTheSessionsGraph) {
  std::string text;
  ASSERT_TRUE(
      Play("scenarios/04_a_graph_without_a_saver.textproto", true, &text).ok());
  EXPECT_THAT(text, HasSubstr("Graph g2 has no node save/Const, since no Saver "
                              "was built in it."));
}

}  // namespace
}  // namespace retrograph

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  retrograph::RegisterStandardOps();
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator("scenarios")) {
    if (entry.path().extension() == ".textproto") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    testing::RegisterTest("Scenarios", file.stem().c_str(), nullptr, nullptr,
                          __FILE__, __LINE__, [file]() -> testing::Test* {
                            return new retrograph::ScenarioFile(file);
                          });
  }
  return RUN_ALL_TESTS();
}
