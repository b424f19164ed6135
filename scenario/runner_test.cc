#include "scenario/runner.h"

#include <sstream>
#include <string>

#include "core/fault_file_system.h"
#include "core/mem_file_system.h"
#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ops/standard_ops.h"

namespace retrograph::scenario {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// Plays a scenario on a file system in memory.
absl::Status Play(const std::string& text, std::string* transcript,
                  FileSystem* fs = nullptr) {
  RegisterStandardOps();
  auto source = Source::Parse("s", text);
  if (!source.ok()) return source.status();
  MemFileSystem memory;
  std::ostringstream out;
  RunnerOptions options;
  options.out = &out;
  options.file_system = fs != nullptr ? fs : &memory;
  const absl::Status result = Runner(*source, options).Run();
  *transcript = out.str();
  return result;
}

// A graph with one variable and a Saver, initialised, in a session; `steps` go
// into the session.
std::string InSession(const std::string& steps) {
  return "step { graph { name: 'g'\n"
         "  step { variable { as: 'v' name: 'v' initial_value: '[1, 2]' } }\n"
         "  step { saver { as: 'saver' } }\n"
         "  step { global_variables_initializer { as: 'init' } }\n"
         "  step { session { name: 'sess'\n"
         "    step { run { fetch: 'init' } }\n" +
         steps + "} } } }\n";
}

TEST(RunnerTest, PrintsWhatThePythonPromptShows) {
  std::string text;
  ASSERT_OK(Play(InSession("step { run { session: 'sess' fetch: 'v' } }"
                           "step { run { session: 'sess' fetch: 'v' fetch: "
                           "'init' } }"),
                 &text));
  EXPECT_THAT(text, HasSubstr(">>>         sess.run(v)\n"
                              "array([1, 2], dtype=int32)\n"));
  EXPECT_THAT(text, HasSubstr(">>>         sess.run([v, init])\n"
                              "[array([1, 2], dtype=int32), None]\n"));
}

TEST(RunnerTest, BuildsAnyOpOfTheRegistry) {
  std::string text;
  EXPECT_OK(Play(
      InSession("step { op { as: 's' type: 'Add' name: 'sum' "
                "input { ref: 'v' } input { value: '[10, 20]' } } }"
                "step { placeholder { as: 'p' dtype: DT_INT32 shape: '[2]' } }"
                "step { op { as: 'm' type: 'Mul' input { ref: 's' } "
                "input { ref: 'p' } } }"
                "step { run { fetch: 'm' fetch: 'sum:0' feed { tensor: 'p' "
                "value: '[2, 3]' } expect: '[22, 66]' expect: '[11, 22]' } }"),
      &text))
      << text;
}

struct Failing {
  const char* steps;
  const char* message;
};

TEST(RunnerTest, SaysWhereAndHowAnExpectationWasMissed) {
  const Failing cases[] = {
      {"step { run { fetch: 'v' expect: '[1, 3]' } }",
       "expected [1, 3], got array([1, 2], dtype=int32)"},
      {"step { save { saver: 'saver' path: '/m' expect_path: '/n' } }",
       "expected the checkpoint /n, got /m"},
      {"step { save { saver: 'saver' path: '/m' } "
       "expect_error { error: 'ValueError' pattern: 'x' } }",
       "expected ValueError, but nothing was raised"},
      {"step { restore { saver: 'saver' path: '/none' } }",
       "this raised ValueError: The passed save_path is not a valid "
       "checkpoint: /none"},
      {"step { restore { saver: 'saver' path: '/none' } "
       "expect_error { error: 'NotFoundError' pattern: 'x' } }",
       "expected NotFoundError, got ValueError: The passed save_path"},
      {"step { restore { saver: 'saver' path: '/none' } "
       "expect_error { error: 'ValueError' pattern: 'no match' } }",
       "expected a message that matches\nno match\ngot\nThe passed save_path"},
      {"step { restore { saver: 'saver' path: '/none' } "
       "expect_error { error: 'ValueError' message: 'other' } }",
       "expected the message\nother\ngot\nThe passed save_path"},
      {"step { operations { pattern: 'v' expect: 'v' } }",
       "expected ['v'], got ['v/initial_value', 'v', 'v/Assign', 'v/read']"},
      {"step { latest_checkpoint { directory: '/' expect: '/m' } }",
       "expected /m, got None"},
      {"step { saver { as: 's2' expect_key: 'w' } }",
       "expected a Saver with the keys w; it has v"},
  };
  for (const Failing& c : cases) {
    std::string text;
    const absl::Status status = Play(InSession(c.steps), &text);
    EXPECT_THAT(std::string(status.message()), StartsWith("s:7: ")) << c.steps;
    EXPECT_THAT(status.message(), HasSubstr(c.message)) << c.steps;
  }
}

TEST(RunnerTest, MistakesOfTheScenarioAreNoErrorsOfTensorFlow) {
  const Failing cases[] = {
      {"step { run { fetch: 'v' session: 'ses' } }",
       "there is no session named \"ses\"; did you mean \"sess\"?"},
      {"step { save { saver: 'v' path: '/m' } }",
       "\"v\" is a variable, not a saver"},
      {"step { variable { name: 'w' initial_value: 'one' } }",
       "\"one\" is not a JSON value"},
      {"step { run { fetch: 'v' expect: '[1, 2]' expect: '3' } }",
       "2 values are expected of 1 fetched tensors"},
      {"step { run { } }", "run needs at least one fetch"},
      {"step { placeholder { as: 'p' } }", "a placeholder needs a dtype"},
      {"step { saver { as: 's2' var_list: 'v' key: 'a' key: 'b' } }",
       "a saver with 1 variables in var_list has 2 keys"},
      {"step { saver { as: 's2' var_list: 'w' } }",
       "there is no variable named \"w\""},
  };
  for (const Failing& c : cases) {
    std::string text, caught(c.steps);
    EXPECT_THAT(Play(InSession(c.steps), &text).message(),
                HasSubstr(c.message))
        << c.steps;
    // Not even where an error is expected.
    caught.insert(caught.rfind('}'),
                  " expect_error { error: 'ValueError' pattern: '' "
                  "message: 'm' }");
    EXPECT_THAT(Play(InSession(caught), &text).message(),
                HasSubstr(c.message))
        << c.steps;
  }
}

TEST(RunnerTest, DamagedFilesGiveTensorFlowsErrors) {
  const std::string save = "step { save { saver: 'saver' path: '/m' } }";
  const Failing cases[] = {
      {"step { damage { path: '/m.data-00000-of-00001' offset: 0 } }",
       "DataLossError: Checksum does not match: stored "},
      {"step { damage { path: '/m.data-00000-of-00001' truncate_to: 3 } }",
       "OutOfRangeError: Read less bytes than requested"},
      {"step { damage { path: '/m.index' truncate_to: 10 } }",
       "DataLossError: file is too short to be an sstable"},
      {"step { damage { path: '/m.index' offset: -1 } }",
       "DataLossError: not an sstable (bad magic number)"},
      {"step { remove { path: '/m.data-00000-of-00001' } }",
       "/m.data-00000-of-00001; No such file or directory"},
      {"step { remove { path: '/m.index' } }",
       "ValueError: The passed save_path is not a valid checkpoint: /m"},
  };
  for (const Failing& c : cases) {
    std::string text;
    const absl::Status status =
        Play(InSession(save + c.steps +
                       "step { restore { saver: 'saver' path: '/m' } }"),
             &text);
    EXPECT_FALSE(status.ok());
    EXPECT_THAT(text, HasSubstr(c.message)) << c.steps;
  }
}

TEST(RunnerTest, FullDiskIsNamedAndTheOlderCheckpointRestores) {
  MemFileSystem memory;
  FaultFileSystem disk(&memory);
  std::string text;
  const std::string save = "step { save { saver: 'saver' path: '/m-1' } }";
  ASSERT_OK(Play(InSession(save), &text, &disk));
  disk.LimitBytes(100);
  const std::string second =
      "step { save { saver: 'saver' path: '/m-2' } "
      "expect_error { error: 'ResourceExhaustedError' "
      "pattern: '/m-2.*No space left on device' } }"
      "step { latest_checkpoint { directory: '/' expect: '/m-1' } }"
      "step { restore { saver: 'saver' path: '/m-1' } }"
      "step { run { fetch: 'v' expect: '[1, 2]' } }";
  EXPECT_OK(Play(InSession(second), &text, &disk)) << text;
}

}  // namespace
}  // namespace retrograph::scenario
