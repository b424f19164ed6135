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
#include "core/errors.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
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

// The first byte of a part that is not UTF-8, how many there are, and why, as
// Python's decoder counts and says it.
struct BadUtf8 {
  size_t start;
  size_t length;
  const char* reason;
};

// What may follow a first byte: how many bytes, and the range of the first of
// them, which keeps out surrogates, long forms and what is beyond U+10FFFF.
struct Utf8Sequence {
  int more;
  unsigned char low = 0x80;
  unsigned char high = 0xbf;
};

absl::optional<Utf8Sequence> SequenceAfter(unsigned char first) {
  if (first >= 0xc2 && first <= 0xdf) return Utf8Sequence{1};
  if (first == 0xe0) return Utf8Sequence{2, 0xa0};
  if (first == 0xed) return Utf8Sequence{2, 0x80, 0x9f};
  if (first >= 0xe1 && first <= 0xef) return Utf8Sequence{2};
  if (first == 0xf0) return Utf8Sequence{3, 0x90};
  if (first >= 0xf1 && first <= 0xf3) return Utf8Sequence{3};
  if (first == 0xf4) return Utf8Sequence{3, 0x80, 0x8f};
  return absl::nullopt;
}

absl::optional<BadUtf8> FindBadUtf8(absl::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    if (first < 0x80) {
      ++i;
      continue;
    }
    absl::optional<Utf8Sequence> sequence = SequenceAfter(first);
    if (!sequence.has_value()) return BadUtf8{i, 1, "invalid start byte"};
    for (int k = 1; k <= sequence->more; ++k) {
      if (i + k >= text.size()) {
        return BadUtf8{i, text.size() - i, "unexpected end of data"};
      }
      const auto byte = static_cast<unsigned char>(text[i + k]);
      const unsigned char low = k == 1 ? sequence->low : 0x80;
      const unsigned char high = k == 1 ? sequence->high : 0xbf;
      if (byte < low || byte > high) {
        return BadUtf8{i, static_cast<size_t>(k), "invalid continuation byte"};
      }
    }
    i += sequence->more + 1;
  }
  return absl::nullopt;
}

absl::Status UnicodeDecodeError(absl::string_view text, const BadUtf8& bad) {
  return PythonError(
      "UnicodeDecodeError", absl::StatusCode::kInvalidArgument,
      bad.length == 1
          ? absl::StrFormat(
                "'utf-8' codec can't decode byte 0x%02x in position "
                "%d: %s",
                static_cast<unsigned char>(text[bad.start]), bad.start,
                bad.reason)
          : absl::StrFormat("'utf-8' codec can't decode bytes in position "
                            "%d-%d: %s",
                            bad.start, bad.start + bad.length - 1, bad.reason));
}

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

std::string SerializeDeterministically(
    const google::protobuf::Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

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
  if (const absl::optional<BadUtf8> bad = FindBadUtf8(content)) {
    return UnicodeDecodeError(content, *bad);
  }
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
