#include "scenario/source.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "core/errors.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "re2/re2.h"
#include "scenario/code.h"
#include "scenario/nearest.h"

namespace retrograph::scenario {
namespace {

using google::protobuf::TextFormat;

std::string At(const std::string& path, int line) {
  return absl::StrCat(path, ":", line, ": ");
}

// Names that may stand where the parser met one it does not know.
std::vector<std::string> AllFieldNames(
    const google::protobuf::Descriptor* message) {
  std::vector<std::string> names;
  for (int i = 0; i < message->field_count(); ++i) {
    names.push_back(message->field(i)->name());
  }
  return names;
}

// Makes of the parser's first complaint one that says what would be right.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  explicit FirstError(std::string path) : path_(std::move(path)) {}

  // The column is that of the token behind the wrong one: left out.
  void AddError(int line, google::protobuf::io::ColumnNumber,
                const std::string& message) override {
    if (!text_.empty()) return;
    text_ = absl::StrCat(At(path_, line + 1), Explain(message));
  }
  void AddWarning(int, google::protobuf::io::ColumnNumber,
                  const std::string&) override {}
  const std::string& text() const { return text_; }

 private:
  static std::string Explain(const std::string& message) {
    std::string type, field;
    static const LazyRE2 kUnknownField = {
        "Message type \"([^\"]+)\" has no field named \"([^\"]+)\""};
    if (!RE2::PartialMatch(message, *kUnknownField, &type, &field)) {
      return message;
    }
    const auto* descriptor =
        google::protobuf::DescriptorPool::generated_pool()
            ->FindMessageTypeByName(type);
    if (descriptor == nullptr) return message;
    const std::vector<std::string> names = AllFieldNames(descriptor);
    const std::string nearest = NearestName(field, names);
    return absl::StrCat(
        "\"", descriptor->name(), "\" has no field \"", field, "\"",
        nearest.empty() ? "" : absl::StrCat("; did you mean \"", nearest, "\"?"),
        " It has: ", absl::StrJoin(names, ", "));
  }

  const std::string path_;
  std::string text_;
};

using StepList = google::protobuf::RepeatedPtrField<pb::Step>;

// Walks steps beside their locations, without recursion: a hostile file may
// nest deeply.
class StepIndexer {
 public:
  StepIndexer(const std::string& path,
              absl::flat_hash_map<const pb::Step*, int>* lines)
      : path_(path), lines_(lines) {}

  absl::Status Run(const pb::Scenario& scenario,
                   TextFormat::ParseInfoTree* root) {
    Push(scenario.step(), root, pb::Scenario::descriptor());
    while (!pending_.empty()) {
      const Item item = pending_.back();
      pending_.pop_back();
      RG_RETURN_IF_ERROR(Visit(item));
    }
    return absl::OkStatus();
  }

 private:
  struct Item {
    const pb::Step* step;
    TextFormat::ParseInfoTree* tree;  // of the step itself
    TextFormat::ParseLocation location;
  };

  void Push(const StepList& steps, TextFormat::ParseInfoTree* parent,
            const google::protobuf::Descriptor* type) {
    const auto* field = type->FindFieldByName("step");
    for (int i = 0; i < steps.size(); ++i) {
      pending_.push_back({&steps[i], parent->GetTreeForNested(field, i),
                          parent->GetLocation(field, i)});
    }
  }

  absl::Status Visit(const Item& item) {
    const pb::Step& step = *item.step;
    const std::string at = At(path_, item.location.line + 1);
    (*lines_)[&step] = item.location.line + 1;
    if (step.action_case() == pb::Step::ACTION_NOT_SET) {
      return absl::InvalidArgumentError(absl::StrCat(
          at, "a step needs an action: graph, variable, saver, session, run, "
              "save, restore, ..."));
    }
    if (step.has_expect_error()) {
      const pb::ExpectedError& error = step.expect_error();
      if (error.error().empty() ||
          error.message().empty() == error.pattern().empty()) {
        return absl::InvalidArgumentError(absl::StrCat(
            at, "expect_error needs the class in \"error\" and the text in one "
                "of \"message\" and \"pattern\""));
      }
      const RE2 pattern(error.pattern(), RE2::Quiet);
      if (!pattern.ok()) {
        return absl::InvalidArgumentError(
            absl::StrCat(at, "the pattern of expect_error is not an RE2 "
                             "pattern: ", pattern.error()));
      }
    }
    if (const StepList* nested = NestedSteps(step)) {
      const auto* field =
          pb::Step::descriptor()->FindFieldByNumber(step.action_case());
      Push(*nested, item.tree->GetTreeForNested(field, -1),
           field->message_type());
    }
    return absl::OkStatus();
  }

  const std::string& path_;
  absl::flat_hash_map<const pb::Step*, int>* const lines_;
  std::vector<Item> pending_;
};

}  // namespace

absl::StatusOr<Source> Source::Load(FileSystem* fs, const std::string& path) {
  RG_ASSIGN_OR_RETURN(const std::string text, ReadFileToString(fs, path));
  return Parse(path, text);
}

absl::StatusOr<Source> Source::Parse(const std::string& path,
                                     const std::string& text) {
  Source source;
  source.path_ = path;
  source.scenario_ = std::make_unique<pb::Scenario>();
  FirstError error(path);
  TextFormat::ParseInfoTree tree;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.WriteLocationsTo(&tree);
  parser.SetRecursionLimit(100);
  if (!parser.ParseFromString(text, source.scenario_.get())) {
    return absl::InvalidArgumentError(
        error.text().empty() ? absl::StrCat(path, ": not a scenario")
                             : error.text());
  }
  if (source.scenario_->step().empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ":1: a scenario needs at least one step"));
  }
  RG_RETURN_IF_ERROR(StepIndexer(source.path_, &source.lines_)
                         .Run(*source.scenario_, &tree));
  return source;
}

int Source::Line(const pb::Step& step) const {
  const auto it = lines_.find(&step);
  return it == lines_.end() ? 0 : it->second;
}

}  // namespace retrograph::scenario
