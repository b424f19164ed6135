// Runs a fuzz target on every file of its corpus, as a plain test. The folders
// are the arguments.
//
// Each file is a test case of its own. What a target finds wrong ends the
// process, as it does under the fuzzer.
#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/file_system.h"
#include "gtest/gtest.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace retrograph {
namespace {

class Replay : public testing::Test {
 public:
  explicit Replay(std::string path) : path_(std::move(path)) {}
  void TestBody() override {
    const auto bytes = ReadFileToString(FileSystem::Posix(), path_);
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    // Exactly as large as the file, so that a sanitizer sees over-reads.
    const std::vector<uint8_t> copy(bytes->begin(), bytes->end());
    LLVMFuzzerTestOneInput(copy.data(), copy.size());
  }

 private:
  const std::string path_;
};

int RegisterFolder(const std::string& folder) {
  const auto names = FileSystem::Posix()->ListDirectory(folder);
  if (!names.ok()) {
    std::cerr << names.status() << "\n";
    return 0;
  }
  int count = 0;
  for (const std::string& name : *names) {
    const std::string path = JoinPath(folder, name);
    testing::RegisterTest("Corpus", name.c_str(), nullptr, nullptr, __FILE__,
                          __LINE__, [path] { return new Replay(path); });
    ++count;
  }
  return count;
}

}  // namespace
}  // namespace retrograph

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  int count = 0;
  for (int i = 1; i < argc; ++i) count += retrograph::RegisterFolder(argv[i]);
  if (count == 0) {
    std::cerr << "no corpus\n";
    return 1;
  }
  return RUN_ALL_TESTS();
}
