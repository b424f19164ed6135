#include "checkpoint/golden_testing.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "checkpoint/sha256_testing.h"
#include "gtest/gtest.h"

namespace retrograph {
namespace {

namespace fs = std::filesystem;

std::vector<std::string>& NotSupportedYet() {
  static auto* const names = new std::vector<std::string>;
  return *names;
}

// The bytes by which golden files describe a tensor: of strings, each one after
// its length as 8 bytes.
std::string GoldenBytes(const Tensor& tensor) {
  if (tensor.dtype() != DT_STRING) {
    return std::string(static_cast<const char*>(tensor.data()), tensor.bytes());
  }
  std::string bytes;
  for (const std::string& s : tensor.flat<std::string>()) {
    for (int i = 0; i < 8; ++i) {
      bytes.push_back(static_cast<char>(uint64_t{s.size()} >> (8 * i)));
    }
    bytes += s;
  }
  return bytes;
}

class GoldenTest : public testing::Test {
 public:
  GoldenTest(std::string name, bool not_yet, std::function<Problems()> check)
      : name_(std::move(name)), not_yet_(not_yet), check_(std::move(check)) {}

  void TestBody() override {
    const Problems problems = check_();
    if (!not_yet_) {
      EXPECT_TRUE(problems.empty()) << absl::StrJoin(problems, "\n");
      return;
    }
    if (problems.empty()) {
      ADD_FAILURE() << name_
                    << " passes: take it off the list of cases that "
                       "are not supported yet";
      return;
    }
    NotSupportedYet().push_back(name_);
    GTEST_SKIP() << "not supported yet: " << absl::StrJoin(problems, "; ");
  }

 private:
  const std::string name_;
  const bool not_yet_;
  const std::function<Problems()> check_;
};

class NoGoldensTest : public testing::Test {
 public:
  void TestBody() override {
    GTEST_SKIP() << "RETROGRAPH_GOLDENS does not name a folder of golden files";
  }
};

struct TestFolders {
  std::vector<std::string> paths;
  ~TestFolders() {
    std::error_code ignored;
    for (const std::string& path : paths) fs::remove_all(path, ignored);
  }
};

}  // namespace

std::string GoldenFolder() {
  const char* folder = std::getenv("RETROGRAPH_GOLDENS");
  if (folder == nullptr || !fs::is_directory(folder)) return "";
  return folder;
}

std::vector<std::string> GoldenCases(const std::string& family) {
  std::set<std::string> cases;
  std::error_code error;
  for (const auto& entry :
       fs::directory_iterator(fs::path(GoldenFolder()) / family, error)) {
    if (!fs::exists(entry.path() / "case.json")) continue;
    cases.insert(absl::StrCat(family, "/", entry.path().filename().string()));
  }
  return {cases.begin(), cases.end()};
}

std::string ReadBytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Json ReadJson(const std::string& path) {
  return Json::parse(ReadBytes(path), nullptr, /*allow_exceptions=*/false);
}

std::string NewTestFolder() {
  static TestFolders folders;
  const char* base = std::getenv("TEST_TMPDIR");
  std::string path =
      absl::StrCat(base != nullptr ? base : "/tmp", "/retrograph_test_XXXXXX");
  if (mkdtemp(&path[0]) == nullptr) {
    std::cerr << "No folder for tests: " << path << "\n";
    std::abort();
  }
  folders.paths.push_back(path);
  return path;
}

std::string KeyOf(const Json& tensor) {
  if (tensor.is_string()) return tensor.get<std::string>();
  if (tensor.contains("key_hex")) {
    return absl::HexStringToBytes(tensor["key_hex"].get<std::string>());
  }
  return tensor["key"].get<std::string>();
}

DataType DtypeOf(const Json& tensor) {
  DataType dtype = DT_INVALID;
  DataType_Parse(tensor["dtype"].get<std::string>(), &dtype);
  return dtype;
}

Problems CompareTensor(const Json& expected, const Tensor& actual) {
  Problems problems;
  if (actual.dtype() != DtypeOf(expected)) {
    problems.push_back(absl::StrCat("dtype ", DataTypeEnumName(actual.dtype()),
                                    " instead of ",
                                    expected["dtype"].get<std::string>()));
  }
  const auto dims = expected["shape"].get<std::vector<int64_t>>();
  if (actual.shape() != TensorShape(dims)) {
    problems.push_back(absl::StrCat("shape ", actual.shape().DebugString(),
                                    " instead of ",
                                    TensorShape(dims).DebugString()));
  }
  if (!problems.empty()) return problems;
  const std::string bytes = GoldenBytes(actual);
  if (expected.contains("hex") &&
      absl::BytesToHexString(bytes) != expected["hex"].get<std::string>()) {
    problems.push_back(absl::StrCat("bytes ", absl::BytesToHexString(bytes),
                                    " instead of ",
                                    expected["hex"].get<std::string>()));
  }
  if (Sha256Hex(bytes) != expected["sha256"].get<std::string>()) {
    problems.push_back("another sha256");
  }
  return problems;
}

void RegisterGolden(const std::string& suite, const std::string& name,
                    const std::set<std::string>& not_yet,
                    std::function<Problems()> check) {
  const std::string full_name = absl::StrCat(suite, ".", name);
  const bool listed = not_yet.count(full_name) > 0;
  testing::RegisterTest(suite.c_str(), name.c_str(), nullptr, nullptr, __FILE__,
                        __LINE__, [=]() -> testing::Test* {
                          return new GoldenTest(full_name, listed, check);
                        });
}

void RegisterNoGoldens(const std::string& suite) {
  testing::RegisterTest(suite.c_str(), "NoGoldenFiles", nullptr, nullptr,
                        __FILE__, __LINE__,
                        []() -> testing::Test* { return new NoGoldensTest; });
}

void PrintNotSupportedYet() {
  const std::vector<std::string>& names = NotSupportedYet();
  std::cout << names.size() << " golden cases not supported yet";
  for (const std::string& name : names) std::cout << "\n  " << name;
  std::cout << std::endl;
}

}  // namespace retrograph
