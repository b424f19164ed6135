// The `checkpoint` files that TensorFlow wrote after sequences of saves, and
// what its functions say about them. Every step of every "meta/state_*" case is
// looked at on its own: its folder is made as listed, and the functions of
// checkpoint_state.h are asked.
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "checkpoint/checkpoint_state.h"
#include "checkpoint/golden_testing.h"
#include "core/errors.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace retrograph {
namespace {

namespace fs = std::filesystem;

FileSystem* Files() { return FileSystem::Posix(); }

// A call as a step writes it: a function's name and its arguments, all strings.
struct Call {
  std::string function;
  std::vector<std::string> arguments;
  std::string rest;  // after the closing parenthesis
};

bool ParseCall(absl::string_view text, Call* call) {
  const size_t open = text.find('(');
  if (open == absl::string_view::npos) return false;
  call->function = std::string(text.substr(0, open));
  text.remove_prefix(open + 1);
  while (!text.empty() && text[0] == '\'') {
    const size_t end = text.find('\'', 1);
    if (end == absl::string_view::npos) return false;
    call->arguments.push_back(std::string(text.substr(1, end - 1)));
    text.remove_prefix(end + 1);
    if (absl::StartsWith(text, ", ")) text.remove_prefix(2);
  }
  if (text.empty() || text[0] != ')' || call->arguments.empty()) return false;
  call->rest = std::string(text.substr(1));
  return true;
}

// The last statement of a step, without the str() around it.
bool CallOfStep(const std::string& text, Call* call) {
  std::string statement = text.substr(
      text.rfind("; ") == std::string::npos ? 0 : text.rfind("; ") + 2);
  const bool printed = absl::StartsWith(statement, "str(");
  if (printed) statement = statement.substr(4);
  return ParseCall(statement, call);
}

std::string StateText(const std::optional<CheckpointState>& state) {
  return state.has_value() ? CheckpointStateToText(*state) : "None";
}

// What a call gives, in the form of "returned".
absl::StatusOr<Json> Answer(const Call& call) {
  const std::string& first = call.arguments[0];
  const std::string latest_filename =
      call.arguments.size() > 1 ? call.arguments[1] : "checkpoint";
  if (call.function == "latest_checkpoint") {
    RG_ASSIGN_OR_RETURN(auto latest,
                        LatestCheckpoint(Files(), first, latest_filename));
    return latest.has_value() ? Json(*latest) : Json();
  }
  if (call.function == "checkpoint_exists") {
    RG_ASSIGN_OR_RETURN(bool exists, CheckpointExists(Files(), first));
    return Json(exists);
  }
  RG_ASSIGN_OR_RETURN(auto state,
                      GetCheckpointState(Files(), first, latest_filename));
  if (absl::StartsWith(call.rest, ".all_model_checkpoint_paths")) {
    const auto& paths = state->all_model_checkpoint_paths();
    return Json(std::vector<std::string>(paths.begin(), paths.end()));
  }
  // Without str(), None is null.
  if (call.rest.empty() && !state.has_value()) return Json();
  return Json(StateText(state));
}

bool IsKnown(const Call& call) {
  return call.function == "latest_checkpoint" ||
         call.function == "checkpoint_exists" ||
         call.function == "get_checkpoint_state";
}

Json WithFolder(const Json& json, const std::string& folder) {
  return Json::parse(absl::StrReplaceAll(json.dump(), {{"$DIR", folder}}));
}

void MakeFolder(const Json& step, const std::string& folder) {
  const Json state_files = step.value("state_files", Json::object());
  for (const Json& name : step["listing"]) {
    const fs::path path = fs::path(folder) / name.get<std::string>();
    fs::create_directories(path.parent_path());
    (void)WriteStringToFile(Files(), path.string(),
                            state_files.value(name.get<std::string>(), ""));
  }
}

Problems CheckAnswer(const Json& step) {
  Call call;
  if (!CallOfStep(step["do"].get<std::string>(), &call) || !IsKnown(call)) {
    return {};  // a save, or another thing that needs a Saver
  }
  absl::StatusOr<Json> answer = Answer(call);
  if (step.contains("raised")) {
    if (answer.ok()) return {"nothing was raised"};
    const Json& raised = step["raised"];
    if (ErrorClassName(answer.status()) != raised["class"] ||
        std::string(answer.status().message()) != raised["message"]) {
      return {answer.status().ToString()};
    }
    return {};
  }
  if (!answer.ok()) return {answer.status().ToString()};
  const Json expected = step.value("returned", Json());
  if (*answer == expected) return {};
  return {absl::StrCat(answer->dump(), " instead of ", expected.dump())};
}

// Parsed and printed again, a state file is the same.
Problems CheckText(const std::string& name, const std::string& text) {
  CheckpointState state;
  // One that is broken on purpose.
  if (!google::protobuf::TextFormat::ParseFromString(text, &state)) return {};
  const std::string again = CheckpointStateToText(state);
  if (again == text) return {};
  return {absl::StrCat(name, " is printed as ", again, ", not as ", text)};
}

Problems CheckCase(const std::string& id) {
  const Json golden =
      ReadJson(absl::StrCat(GoldenFolder(), "/", id, "/case.json"));
  Problems problems;
  for (const Json& original : golden["steps"]) {
    const std::string folder = NewTestFolder();
    const Json step = WithFolder(original, folder);
    MakeFolder(step, folder);
    fs::current_path(folder);
    Problems found = CheckAnswer(step);
    const Json state_files = step.value("state_files", Json::object());
    for (const auto& file : state_files.items()) {
      for (const std::string& problem :
           CheckText(file.key(), file.value().get<std::string>())) {
        found.push_back(problem);
      }
    }
    for (const std::string& problem : found) {
      problems.push_back(
          absl::StrCat(step["do"].get<std::string>(), ": ", problem));
    }
  }
  return problems;
}

void RegisterAll() {
  for (const std::string& id : GoldenCases("meta")) {
    const std::string name = id.substr(id.find('/') + 1);
    if (!absl::StartsWith(name, "state_")) continue;
    RegisterGolden("StateGolden", name, {}, [id] { return CheckCase(id); });
  }
}

}  // namespace
}  // namespace retrograph

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (retrograph::GoldenFolder().empty()) {
    retrograph::RegisterNoGoldens("StateGolden");
  } else {
    retrograph::RegisterAll();
  }
  const int result = RUN_ALL_TESTS();
  retrograph::PrintNotSupportedYet();
  return result;
}
