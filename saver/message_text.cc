#include "saver/message_text.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "checkpoint/utf8.h"
#include "core/errors.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "graph/python_text.h"

namespace retrograph {
namespace {

using google::protobuf::TextFormat;

class PythonFloats : public TextFormat::FastFieldValuePrinter {
 public:
  void PrintFloat(float value,
                  TextFormat::BaseTextGenerator* generator) const override {
    generator->PrintString(PythonRepr(static_cast<double>(value)));
  }
  void PrintDouble(double value,
                   TextFormat::BaseTextGenerator* generator) const override {
    generator->PrintString(PythonRepr(value));
  }
};

// Finds the messages that an Any names as TensorFlow calls them.
class TensorFlowTypes : public TextFormat::Finder {
 public:
  const google::protobuf::Descriptor* FindAnyType(
      const google::protobuf::Message&, const std::string& prefix,
      const std::string& name) const override {
    absl::string_view type = name;
    if (prefix != "type.googleapis.com/" ||
        !absl::ConsumePrefix(&type, "tensorflow.")) {
      return nullptr;
    }
    return google::protobuf::DescriptorPool::generated_pool()
        ->FindMessageTypeByName(absl::StrCat("retrograph.", type));
  }
};

// Keeps the first error, in the form of Python's ParseError.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  explicit FirstError(const std::string& text)
      : lines_(absl::StrSplit(text, '\n')) {}

  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    if (!text_.empty()) return;
    // Our package is not the one that the reader knows.
    const std::string shown =
        absl::StrReplaceAll(message, {{"\"retrograph.", "\"tensorflow."}});
    GoBackToField(message, &line, &column);
    text_ = absl::StrCat(line + 1, ":", column + 1, " : ", shown);
  }
  const std::string& text() const { return text_; }

 private:
  // An unknown field is reported where the next word begins; Python says where
  // the field itself does.
  void GoBackToField(const std::string& message, int* line, int* column) {
    static constexpr char kUnknown[] = "has no field named \"";
    const size_t at = message.find(kUnknown);
    if (at == std::string::npos) return;
    const size_t begin = at + sizeof(kUnknown) - 1;
    const std::string field =
        message.substr(begin, message.find('"', begin) - begin);
    for (int i = std::min<int>(*line, static_cast<int>(lines_.size()) - 1);
         i >= 0; --i) {
      const size_t found =
          i == *line && *column < static_cast<int>(field.size())
              ? std::string::npos
              : lines_[i].rfind(field,
                                i == *line ? *column - 1 : std::string::npos);
      if (found == std::string::npos) continue;
      *line = i;
      *column = static_cast<int>(found);
      return;
    }
  }

  const std::vector<std::string> lines_;
  std::string text_;
};

}  // namespace

std::string PrintAsPython(const google::protobuf::Message& message,
                          bool expand_any) {
  const TensorFlowTypes types;
  TextFormat::Printer printer;
  printer.SetDefaultFieldValuePrinter(new PythonFloats);  // taken over
  printer.SetExpandAny(expand_any);
  printer.SetFinder(&types);
  std::string text;
  printer.PrintToString(message, &text);
  return text;
}

absl::Status ParseTextFile(const std::string& content, absl::string_view path,
                           google::protobuf::Message* message) {
  RG_RETURN_IF_ERROR(CheckUtf8(content));
  const TensorFlowTypes types;
  FirstError error(content);
  TextFormat::Parser parser;
  parser.SetFinder(&types);
  parser.RecordErrorsTo(&error);
  // As deep as a binary message may be; each level takes stack.
  parser.SetRecursionLimit(100);
  if (parser.ParseFromString(content, message)) return absl::OkStatus();
  return OSError(
      absl::StrCat("Cannot parse file ", path, ": ", error.text(), "."));
}

}  // namespace retrograph
