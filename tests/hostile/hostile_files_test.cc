// Every hostile file through every door, each file in a child process that has
// little memory and little time.
//
// A door must give an error that names the file and, where one entry alone is
// bad, that entry; or the right values. It must not end the process, take long
// or take more memory than twice the file and 64 MiB.
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <string>
#include <system_error>
#include <vector>

#include "absl/base/config.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "checkpoint/tensor_slice.h"
#include "core/errors.h"
#include "core/file_system.h"
#include "gtest/gtest.h"
#include "ops/standard_ops.h"
#include "tests/hostile/child.h"
#include "tests/hostile/file_doors.h"
#include "tests/hostile/hostile_files.h"
#include "tests/hostile/session_doors.h"

namespace retrograph {
namespace hostile {
namespace {

// Sanitizers take terabytes of addresses.
#ifdef ABSL_HAVE_ADDRESS_SANITIZER
constexpr bool kLimitMemory = false;
#else
constexpr bool kLimitMemory = true;
#endif

constexpr uint64_t kMoreMemory = 64 << 20;

// Under valgrind there is no limit either, and everything is slow.
bool UnderValgrind() {
  return std::getenv("RETROGRAPH_UNDER_VALGRIND") != nullptr;
}

Questions QuestionsOf(Kind kind) {
  Questions questions;
  for (const std::string& name : GoodNames(kind)) {
    questions.push_back({name, "", GoodValues().at(name).dtype()});
  }
  questions.push_back({"parts", "4 0,2", DT_INT64});
  questions.push_back({"parts", "4 1,2", DT_INT64});
  questions.push_back({"weights", "2 1,1", DT_FLOAT});
  return questions;
}

// The folders of a run: the good files, the case's, and what is written.
struct Places {
  std::string good, hostile, scratch;
};

struct Door {
  const char* name;
  std::function<Answers(FileSystem*, const Places&)> ask;
};

std::vector<Door> DoorsOf(Kind kind) {
  const Questions questions = QuestionsOf(kind);
  const auto by_prefix = [questions](Answers (*ask)(
                             FileSystem*, const std::string&,
                             const Questions&)) {
    return [=](FileSystem* fs, const Places& places) {
      return ask(fs, JoinPath(places.hostile, "m"), questions);
    };
  };
  const Door latest = {"latest_checkpoint", [=](FileSystem* fs, auto& places) {
                         return AskLatest(fs, places.hostile, questions);
                       }};
  const Door command = {"command", [=](FileSystem* fs, auto& places) {
                          return RunCommand(fs, places.hostile, questions);
                        }};
  if (kind == Kind::kState) return {latest, command};
  const auto import = [=](bool hostile_meta) {
    return [=](FileSystem* fs, const Places& places) {
      return ImportAndRestore(
          fs,
          JoinPath(hostile_meta ? places.hostile : places.good, "m.meta"),
          JoinPath(hostile_meta ? places.good : places.hostile, "m"),
          JoinPath(places.scratch, "saved"), questions);
    };
  };
  if (kind == Kind::kMeta) return {{"import_meta_graph", import(true)}};
  std::vector<Door> doors = {
      {"CheckpointReader", by_prefix(AskCheckpointReader)},
      {"restore", by_prefix(AskRestore)},
      {"RestoreV2", by_prefix(RunRestoreOps)},
      {"Saver", import(false)},
      latest,
      {"command by prefix", by_prefix(RunCommand)}};
  if (kind == Kind::kV1) {
    doors.push_back({"V1 restore", by_prefix(AskV1Restore)});
    doors.push_back({"Restore", by_prefix(RunV1RestoreOps)});
    return doors;
  }
  doors.push_back({"BundleReader", by_prefix(AskBundleReader)});
  doors.push_back({"Restore of an index", [=](FileSystem* fs, auto& places) {
                     return RunV1RestoreOps(
                         fs, JoinPath(places.hostile, "m.index"), questions);
                   }});
  // Last, for it takes the data files away.
  doors.push_back({"merge", [=](FileSystem* fs, auto& places) {
                     return AskMerged(fs, JoinPath(places.hostile, "m"),
                                      JoinPath(places.scratch, "merged"),
                                      questions);
                   }});
  return doors;
}

// The rows that the question asks for.
Tensor Part(const Tensor& value, const std::string& spec) {
  if (spec.empty()) return value;
  const TensorSlice slice = ParseShapeAndSlice(spec)->slice;
  return value.Slice0(slice.start(0), slice.end(0));
}

bool IsRight(const HostileCase& c, const Answer& answer) {
  if (!answer.value->IsInitialized()) return true;  // nothing to compare
  if (c.any_value) return !answer.value->DebugString().empty();
  const auto good = GoodValues().find(answer.name);
  if (good != GoodValues().end() &&
      TensorsIdentical(*answer.value, Part(good->second, answer.spec))) {
    return true;
  }
  const auto other = c.also_right.find(answer.name);
  if (other != c.also_right.end()) {
    if (answer.spec.empty() &&
        TensorsIdentical(*answer.value, other->second)) {
      return true;
    }
    return !answer.spec.empty() && other->second.shape().rank() > 0 &&
           TensorsIdentical(*answer.value, Part(other->second, answer.spec));
  }
  // What the good file does not have cannot be compared, but is read.
  return good == GoodValues().end() && !answer.value->DebugString().empty();
}

// What is wrong with an answer, or "".
std::string Complaint(const HostileCase& c, const std::string& door,
                      const Answer& answer, const Places& places) {
  if (answer.value.ok()) {
    return IsRight(c, answer) ? ""
                              : absl::StrCat("wrong value: ",
                                             answer.value->DebugString(10));
  }
  const absl::Status& status = answer.value.status();
  const std::string text =
      absl::StrCat(status.message(), "\n", ErrorHint(status));
  if (status.message().empty()) return "an error without a message";
  // One bad entry does not keep anybody from the others.
  if (door == "BundleReader" && !c.entry.empty() && !answer.name.empty() &&
      answer.name != c.entry) {
    return absl::StrCat("another tensor cannot be read: ", text);
  }
  // A meta graph is parsed by the time it is imported. A merged checkpoint has a
  // name of its own.
  // What was restored does not fit the variable: that is between the two.
  const bool is_mismatch =
      absl::StrContains(text, "mismatch between the current graph");
  // A path in a state file may be that of another file.
  const bool names_file = is_mismatch || c.kind == Kind::kState ||
      c.kind == Kind::kMeta || absl::StrContains(text, places.hostile) ||
      absl::StrContains(text, places.scratch);
  if (!names_file) return absl::StrCat("does not name the file: ", text);
  if (!answer.name.empty() && answer.name == c.entry &&
      c.kind != Kind::kMeta && !absl::StrContains(text, c.entry)) {
    return absl::StrCat("does not name the entry: ", text);
  }
  return "";
}

class HostileFileTest : public testing::Test {
 public:
  explicit HostileFileTest(size_t index) : index_(index) {}

  static const Cases& All() {
    static const Cases* const all = new Cases(AllCases(1));
    return *all;
  }

  void TestBody() override {
    const HostileCase& c = All()[index_];
    FileSystem* const fs = FileSystem::Posix();
    const std::string base =
        JoinPath(testing::TempDir(), absl::StrCat("hostile_", index_));
    Places places;
    places.hostile = WriteCase(fs, JoinPath(base, "h"), c);
    places.good = GoodFolder();
    places.scratch = JoinPath(base, "s");
    ASSERT_TRUE(fs->CreateDirectories(places.scratch).ok());
    uint64_t size = 0;
    for (const auto& file : c.files) size += file.second.size();
    if (c.kind != Kind::kState) {
      ASSERT_TRUE(WriteStringToFile(fs, JoinPath(places.hostile, "checkpoint"),
                                    "model_checkpoint_path: \"m\"\n")
                      .ok());
    }
    ChildLimits limits;
    limits.memory =
        kLimitMemory && !UnderValgrind() ? 2 * size + kMoreMemory : 0;
    limits.cpu_seconds = UnderValgrind() ? 600 : kLimitMemory ? 10 : 60;
    const ChildResult result = RunInChild(limits, [&](const auto& say) {
      for (const Door& door : DoorsOf(c.kind)) {
        say(absl::StrCat("\n", door.name, "."));
        for (const Answer& answer : door.ask(fs, places)) {
          const std::string complaint = Complaint(c, door.name, answer, places);
          if (!complaint.empty()) {
            say(absl::StrCat("\nWRONG: ", answer.name, " ", answer.spec, ": ",
                             complaint));
          }
        }
      }
    });
    EXPECT_TRUE(result.ok) << result.how << " after:" << result.said;
    EXPECT_FALSE(absl::StrContains(result.said, "WRONG")) << result.said;
    std::error_code error;
    std::filesystem::remove_all(base, error);
  }

  // With the good checkpoints, as V2 and as V1.
  static const std::string& GoodFolder() {
    static const std::string* const folder = [] {
      FileSystem* const fs = FileSystem::Posix();
      HostileCase good;
      good.name = "good";
      good.files = BundleFiles(GoodV2().entries, GoodV2().data);
      good.files["m.meta"] = GoodMeta();
      good.files["v1"] = TableOf(GoodV1());
      return new std::string(WriteCase(fs, testing::TempDir(), good));
    }();
    return *folder;
  }

 private:
  const size_t index_;
};

// What the doors say of the good files, so that the tests can fail.
class GoodFileTest : public testing::Test {
 public:
  explicit GoodFileTest(Kind kind) : kind_(kind) {}
  void TestBody() override {
    HostileCase none;
    none.kind = kind_;
    Places places;
    FileSystem* const fs = FileSystem::Posix();
    none.name = absl::StrCat("good_copy_", static_cast<int>(kind_));
    none.files = BundleFiles(GoodV2().entries, GoodV2().data);
    if (kind_ == Kind::kV1) none.files = {{"m", TableOf(GoodV1())}};
    none.files["m.meta"] = GoodMeta();
    none.files["checkpoint"] = "model_checkpoint_path: \"m\"\n";
    places.hostile = WriteCase(fs, testing::TempDir(), none);
    places.good = HostileFileTest::GoodFolder();
    places.scratch = places.hostile;
    for (const Door& door : DoorsOf(kind_)) {
      size_t values = 0;
      for (const Answer& answer : door.ask(fs, places)) {
        if (absl::StrContains(door.name, "of an index")) continue;
        EXPECT_TRUE(answer.value.ok())
            << door.name << " " << answer.name << ": " << answer.value.status();
        EXPECT_EQ(Complaint(none, door.name, answer, places), "") << door.name;
        if (answer.value.ok() && answer.value->IsInitialized()) ++values;
      }
      const bool prints = absl::StartsWith(door.name, "command") ||
                          absl::StrContains(door.name, "of an index");
      EXPECT_GE(values, prints ? 0 : 8) << door.name;
    }
  }

 private:
  const Kind kind_;
};

void RegisterTests() {
  for (const Kind kind : {Kind::kBundle, Kind::kV1, Kind::kMeta, Kind::kState}) {
    const std::string name = absl::StrCat("Kind", static_cast<int>(kind));
    testing::RegisterTest("GoodFile", name.c_str(), nullptr, nullptr, __FILE__,
                          __LINE__, [kind] { return new GoodFileTest(kind); });
  }
  const Cases& all = HostileFileTest::All();
  for (size_t i = 0; i < all.size(); ++i) {
    testing::RegisterTest("HostileFile", all[i].name.c_str(), nullptr, nullptr,
                          __FILE__, __LINE__,
                          [i] { return new HostileFileTest(i); });
  }
  if (all.size() < 500) {
    std::cerr << "only " << all.size() << " hostile files\n";
    std::abort();
  }
}

}  // namespace
}  // namespace hostile
}  // namespace retrograph

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  retrograph::RegisterStandardOps();
  retrograph::hostile::RegisterTests();
  return RUN_ALL_TESTS();
}
