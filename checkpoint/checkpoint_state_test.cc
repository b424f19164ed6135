#include "checkpoint/checkpoint_state.h"

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "checkpoint/names.h"
#include "checkpoint/python_text.h"
#include "core/errors.h"
#include "core/fault_file_system.h"
#include "core/mem_file_system.h"
#include "core/status_matchers.h"
#include "gtest/gtest.h"

namespace retrograph {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StrEq;
using Strings = std::vector<std::string>;

// Every expectation here was seen in TensorFlow 1.15.5.

std::string Generate(absl::string_view dir, absl::string_view path,
                     Strings all) {
  return CheckpointStateToText(
      GenerateCheckpointStateProto(dir, path, std::move(all)).value());
}

TEST(CheckpointStateTest, RelativePathsAreSeenFromARelativeFolder) {
  struct Case {
    const char* dir;
    const char* path;
    Strings all;
    const char* latest;
    Strings expected;
  };
  const Case kCases[] = {
      {"d", "m", {}, "../m", {"../m"}},
      {".", "m", {}, "m", {"m"}},
      {"", "m", {}, "m", {"m"}},
      {"/abs", "m", {}, "m", {"m"}},
      {"/abs", "/abs/m", {}, "/abs/m", {"/abs/m"}},
      {"d", "/abs/m", {"d/x"}, "/abs/m", {"x", "/abs/m"}},
      {"d",
       "d/../m",
       {"d//x", "./d/y", "../z"},
       "../m",
       {"x", "y", "../../z", "../m"}},
      {"a/b", "m", {}, "../../m", {"../../m"}},
      {".", "./m", {"./m"}, "m", {"m"}},
  };
  for (const Case& c : kCases) {
    std::string expected =
        absl::StrCat("model_checkpoint_path: \"", c.latest, "\"\n");
    for (const std::string& path : c.expected) {
      absl::StrAppend(&expected, "all_model_checkpoint_paths: \"", path,
                      "\"\n");
    }
    EXPECT_EQ(Generate(c.dir, c.path, c.all), expected)
        << c.dir << " " << c.path;
  }
}

TEST(CheckpointStateTest, TimestampsMustMatchThePaths) {
  CheckpointStateDetails details;
  details.all_model_checkpoint_timestamps = {1, 2, 1e16};
  const absl::Status status =
      GenerateCheckpointStateProto("d", "d/m", {"it's"}, details).status();
  EXPECT_EQ(ErrorClassName(status), "ValueError");
  EXPECT_EQ(status.message(),
            "Checkpoint timestamps, if provided, must match checkpoint paths "
            "(got paths [\"it's\", 'd/m'] and timestamps [1.0, 2.0, 1e+16])");
}

TEST(CheckpointStateTest, AMissingLatestPathIsAddedAndLogged) {
  Strings log;
  ASSERT_OK(
      GenerateCheckpointStateProto("d", "d/m", {}, {},
                                   [&log](LogLevel, absl::string_view message) {
                                     log.push_back(std::string(message));
                                   })
          .status());
  EXPECT_THAT(log, ElementsAre("d/m is not in all_model_checkpoint_paths. "
                               "Manually adding it."));
}

TEST(CheckpointStateTest, TextIsEscapedAsPythonDoes) {
  EXPECT_EQ(Generate("/x", "q\"uo'te\\\xe8\xaa\x9e\n\t", {"/x/\x01"}),
            "model_checkpoint_path: "
            "\"q\\\"uo\\'te\\\\\\350\\252\\236\\n\\t\"\n"
            "all_model_checkpoint_paths: \"/x/\\001\"\n"
            "all_model_checkpoint_paths: "
            "\"q\\\"uo\\'te\\\\\\350\\252\\236\\n\\t\"\n");
}

TEST(PythonTextTest, FloatsArePrintedAsPythonPrintsThem) {
  const std::pair<double, const char*> kCases[] = {
      {1.5, "1.5"},
      {3, "3.0"},
      {0, "0.0"},
      {-0.0, "-0.0"},
      {1574412345.123456, "1574412345.123456"},
      {1e16, "1e+16"},
      {1e15, "1000000000000000.0"},
      {123456789012345680.0, "1.2345678901234568e+17"},
      {1e-5, "1e-05"},
      {0.0001, "0.0001"},
      {1e-4 / 3, "3.3333333333333335e-05"},
      {-2.5, "-2.5"},
      {1e22, "1e+22"},
      {0.1, "0.1"},
      {100, "100.0"},
      {1e100, "1e+100"},
  };
  for (const auto& c : kCases) EXPECT_EQ(PythonFloatRepr(c.first), c.second);
}

TEST(CheckpointStateTest, UpdateWritesTheFileAtomically) {
  MemFileSystem disk;
  ASSERT_OK(disk.CreateDirectory("/d"));
  ASSERT_OK(UpdateCheckpointState(&disk, "/d", "/d/m-1", {"/d/m-1"}));
  const std::string old = ReadFileToString(&disk, "/d/checkpoint").value();
  EXPECT_EQ(old,
            "model_checkpoint_path: \"/d/m-1\"\n"
            "all_model_checkpoint_paths: \"/d/m-1\"\n");
  disk.SyncEverything();
  for (int64_t n = 1;; ++n) {
    FaultFileSystem fs(&disk);
    fs.FailOperation(n, absl::ResourceExhaustedError("full"));
    const absl::Status status =
        UpdateCheckpointState(&fs, "/d", "/d/m-2", {"/d/m-1", "/d/m-2"});
    if (fs.operations() < n) break;
    auto state = GetCheckpointState(&disk, "/d").value();
    ASSERT_TRUE(state.has_value()) << n;
    const std::string latest = state->model_checkpoint_path();
    EXPECT_TRUE(latest == "/d/m-1" || latest == "/d/m-2") << n;
    EXPECT_EQ(disk.ListDirectory("/d").value().size(), 1) << n;
    ASSERT_OK(WriteStringToFile(&disk, "/d/checkpoint", old));
  }
}

TEST(CheckpointStateTest, RelativePathsOnDemand) {
  MemFileSystem fs;
  ASSERT_OK(fs.CreateDirectory("/d"));
  UpdateCheckpointStateOptions options;
  options.save_relative_paths = true;
  options.latest_filename = "st";
  ASSERT_OK(UpdateCheckpointState(&fs, "/d", "/d/m", {"/d/k"}, options));
  EXPECT_EQ(ReadFileToString(&fs, "/d/st").value(),
            "model_checkpoint_path: \"m\"\nall_model_checkpoint_paths: \"k\"\n"
            "all_model_checkpoint_paths: \"m\"\n");
}

TEST(CheckpointStateTest, AStateFileIsNoCheckpoint) {
  MemFileSystem fs;
  const absl::Status status =
      UpdateCheckpointState(&fs, "/d", "/d/checkpoint", {});
  EXPECT_EQ(ErrorClassName(status), "RuntimeError");
  EXPECT_EQ(status.message(),
            "Save path '/d/checkpoint' conflicts with path used for checkpoint "
            "state.  Please use a different save path.");
}

TEST(CheckpointStateTest, WhatCannotBeParsedIsIgnoredWithAWarning) {
  MemFileSystem fs;
  ASSERT_OK(WriteStringToFile(
      &fs, "/checkpoint", "unknown_field: 3\nmodel_checkpoint_path: \"a\"\n"));
  Strings log;
  auto state =
      GetCheckpointState(&fs, "/", "checkpoint",
                         [&log](LogLevel level, absl::string_view message) {
                           EXPECT_EQ(level, LogLevel::kWarning);
                           log.push_back(std::string(message));
                         });
  EXPECT_FALSE(state.value().has_value());
  EXPECT_THAT(log, ElementsAre("ParseError: 1:1 : Message type "
                               "\"tensorflow.CheckpointState\" has no field "
                               "named \"unknown_field\".",
                               "/checkpoint: Checkpoint ignored"));
}

TEST(CheckpointStateTest, WhatIsNoTextIsAnErrorThatSaysWhere) {
  MemFileSystem fs;
  ASSERT_OK(WriteStringToFile(&fs, "/checkpoint",
                              "model_checkpoint_path: \"\xe2\x82\""));
  EXPECT_THAT(GetCheckpointState(&fs, "/"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("'utf-8' codec can't decode bytes in position "
                                 "24-25: invalid continuation byte")));
  // In escapes, it is the string that does not parse.
  ASSERT_OK(WriteStringToFile(&fs, "/checkpoint",
                              "model_checkpoint_path: \"\\377\""));
  EXPECT_FALSE(GetCheckpointState(&fs, "/").value().has_value());
}

TEST(CheckpointStateTest, AFieldMayBeGivenTwice) {
  MemFileSystem fs;
  ASSERT_OK(WriteStringToFile(
      &fs, "/checkpoint",
      "model_checkpoint_path: \"a\" model_checkpoint_path: \"b\""));
  EXPECT_EQ(GetCheckpointState(&fs, "/").value()->model_checkpoint_path(),
            "/b");
}

TEST(CheckpointStateTest, LatestNeedsItsFiles) {
  MemFileSystem fs;
  ASSERT_OK(UpdateCheckpointState(&fs, "/", "/m-1", {"/m-1"}));
  Strings log;
  auto sink = [&log](LogLevel, absl::string_view message) {
    log.push_back(std::string(message));
  };
  EXPECT_FALSE(LatestCheckpoint(&fs, "/", "checkpoint", sink).value());
  EXPECT_THAT(log, ElementsAre("Couldn't match files for checkpoint /m-1"));
  ASSERT_OK(WriteStringToFile(&fs, "/m-1.index", ""));
  EXPECT_EQ(LatestCheckpoint(&fs, "/").value(), "/m-1");
  ASSERT_OK(UpdateCheckpointState(&fs, "/", "/gone/m", {}));
  EXPECT_THAT(LatestCheckpoint(&fs, "/"),
              StatusIs(absl::StatusCode::kNotFound,
                       StrEq("/gone; No such file or directory")));
}

TEST(CheckpointStateTest, RemoveTakesAllFilesOfAPrefix) {
  MemFileSystem fs;
  for (const char* name :
       {"/m-1.index", "/m-1.meta", "/m-1.data-00000-of-00002",
        "/m-1.data-00001-of-00002", "/m-10.index", "/m-1", "/m-1.debug"}) {
    ASSERT_OK(WriteStringToFile(&fs, name, ""));
  }
  ASSERT_OK(RemoveCheckpoint(&fs, "/m-1"));
  EXPECT_THAT(fs.ListDirectory("/").value(),
              ElementsAre("m-1", "m-1.debug", "m-10.index"));
  ASSERT_OK(RemoveCheckpoint(&fs, "/m-1", /*v2=*/false));
  EXPECT_THAT(fs.ListDirectory("/").value(),
              ElementsAre("m-1.debug", "m-10.index"));
  EXPECT_OK(RemoveCheckpoint(&fs, "/none"));
}

TEST(CheckpointStateTest, MtimesAreOfThoseThatExist) {
  MemFileSystem fs;
  ASSERT_OK(WriteStringToFile(&fs, "/b.index", ""));
  RG_ASSERT_OK_AND_ASSIGN(std::vector<double> times,
                          GetCheckpointMtimes(&fs, {"/a", "/b"}));
  ASSERT_EQ(times.size(), 1);
  EXPECT_EQ(times[0], std::floor(times[0]));
}

TEST(CheckpointStateTest, AnEmptyPathHasNoPlaceInAFolder) {
  MemFileSystem fs;
  for (const bool relative : {false, true}) {
    UpdateCheckpointStateOptions options;
    options.save_relative_paths = relative;
    const absl::Status status =
        UpdateCheckpointState(&fs, "", "", {}, options);
    EXPECT_EQ(ErrorClassName(status), "ValueError");
    EXPECT_EQ(status.message(), "no path specified");
  }
}

TEST(CheckpointStateTest, WrongValuesAreShownWithTheirLine) {
  MemFileSystem fs;
  const std::pair<const char*, const char*> kCases[] = {
      {"model_checkpoint_path: 5",
       "ParseError: 1:24 : 'model_checkpoint_path: 5': Expected string but "
       "found: '5'"},
      {"model_checkpoint_path: \"m",
       "ParseError: 1:24 : 'model_checkpoint_path: \"m': String missing ending "
       "quote: '\"m'"},
  };
  for (const auto& [text, expected] : kCases) {
    ASSERT_OK(WriteStringToFile(&fs, "/checkpoint", text));
    std::vector<std::string> log;
    RG_ASSERT_OK_AND_ASSIGN(
        const auto state,
        GetCheckpointState(&fs, "/", "checkpoint",
                           [&](LogLevel, absl::string_view line) {
                             log.emplace_back(line);
                           }));
    EXPECT_FALSE(state.has_value());
    EXPECT_THAT(log, ElementsAre(expected, "/checkpoint: Checkpoint ignored"));
  }
}

// A state file of somebody else's may name the whole machine, or a folder ten
// thousand times.
TEST(CheckpointStateTest, PatternsInAStateFileLeadNotFar) {
  class CountingFileSystem : public MemFileSystem {
   public:
    absl::StatusOr<Strings> ListDirectory(const std::string& path) override {
      ++folders;
      return MemFileSystem::ListDirectory(path);
    }
    int folders = 0;
  } fs;
  for (int i = 0; i < 3000; ++i) {
    ASSERT_OK(fs.CreateDirectories(absl::StrCat("/t/d", i, "/e")));
  }
  ASSERT_OK(WriteStringToFile(&fs, "/checkpoint",
                              "model_checkpoint_path: \"/*/*/*/*/*\"\n"));
  EXPECT_THAT(
      LatestCheckpoint(&fs, "/").status(),
      StatusIs(absl::StatusCode::kResourceExhausted,
               HasSubstr("/*/*/*/*/*.index leads through too many folders")));
  EXPECT_LT(fs.folders, 250);
  fs.folders = 0;
  EXPECT_THAT(GetCheckpointMtimes(&fs, Strings(10000, "/t/*")).status(),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       "/t/*.index leads through too many folders and files"));
  EXPECT_LT(fs.folders, 250);
  EXPECT_OK(GetCheckpointMtimes(&fs, Strings(10000, "/t/m")).status());
}

TEST(NamesTest, MetaGraphNamesLeaveOutTheShards) {
  const std::pair<const char*, const char*> kCases[] = {
      {"m", "m.meta"},
      {"m-00001-of-00002", "m.meta"},
      {"m-\?\?\?\?\?-of-00005", "m.meta"},
      {"m-5-00001-of-00002", "m-5.meta"},
      {"m-1?-of-3", "m.meta"},
      {"-1-of-2", ".meta"},
      {"m-of-3", "m-of-3.meta"},
      {"m--of-3", "m--of-3.meta"},
      {"m-1-of-", "m-1-of-.meta"},
      {"m-1-of-2.x", "m-1-of-2.x.meta"},
  };
  for (const auto& c : kCases) EXPECT_EQ(MetaGraphFilename(c.first), c.second);
}

TEST(NamesTest, TemporaryNamesAreKnownAgain) {
  EXPECT_TRUE(IsTemporaryFilename(TemporaryFilename(MetaFilename("m"))));
  EXPECT_TRUE(IsTemporaryFilename(TemporaryFilename(DataFilename("m", 0, 1))));
  EXPECT_TRUE(IsTemporaryFilename(TemporaryFilename(V1TemporaryBase("m"))));
  EXPECT_TRUE(IsTemporaryFilename(TemporaryFilename(SwitchBase("m"))));
  EXPECT_TRUE(IsSwitchName(TemporaryFilename(SwitchBase("m"))));
  EXPECT_FALSE(IsSwitchName(TemporaryFilename(V1TemporaryBase("m"))));
  EXPECT_NE(TemporaryFilename("m.index"), TemporaryFilename("m.index"));
  for (const char* name : {"m.index", "m.data-00000-of-00001", "checkpoint",
                           "m.index.tempstate123", "x.retrograph-tmp12",
                           "m.index.retrograph-tmp"}) {
    EXPECT_FALSE(IsTemporaryFilename(name)) << name;
  }
}

}  // namespace
}  // namespace retrograph
