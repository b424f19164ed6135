// Compares the .proto files of this folder with the fields and enum values of
// TensorFlow 1.15.5 as that lists them itself; testdata/dump_messages.py is
// how.

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "gtest/gtest.h"

namespace retrograph {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::EnumDescriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::FileDescriptor;

constexpr char kOurDescriptors[] = "proto/descriptors.pb";
constexpr char kTensorFlowLines[] = "proto/testdata/tensorflow_1.15.5.txt";

// What TensorFlow 2.15.1 has and 1.15.5 has not.
const std::set<std::string>& LinesOfTensorFlow2() {
  static const auto& lines = *new std::set<std::string>{
      "field RegisteredSaver 1 optional string name",
      "field RegisteredSaver 2 optional string object_name",
      "field TrackableObjectGraph.TrackableObject 4 optional RegisteredSaver "
      "registered_saver",
      "field TrackableObjectGraph.TrackableObject 5 optional "
      "google.protobuf.BoolValue has_checkpoint_values",
  };
  return lines;
}

std::string WithoutPackage(absl::string_view name) {
  return absl::StrReplaceAll(name, {{"retrograph.", ""}, {"tensorflow.", ""}});
}

std::string TypeOf(const FieldDescriptor& field) {
  if (field.message_type() != nullptr) {
    return WithoutPackage(field.message_type()->full_name());
  }
  if (field.enum_type() != nullptr) {
    return WithoutPackage(field.enum_type()->full_name());
  }
  return field.type_name();
}

std::string LabelOf(const FieldDescriptor& field) {
  return field.is_repeated() ? "repeated" : "optional";
}

void AddEnum(const EnumDescriptor& type, std::set<std::string>* lines) {
  for (int i = 0; i < type.value_count(); ++i) {
    lines->insert(absl::StrCat("value ", WithoutPackage(type.full_name()), " ",
                               type.value(i)->number(), " ",
                               type.value(i)->name()));
  }
}

void AddMessage(const Descriptor& type, std::set<std::string>* lines) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    std::string line = absl::StrCat("field ", WithoutPackage(type.full_name()),
                                    " ", field.number(), " ", LabelOf(field),
                                    " ", TypeOf(field), " ", field.name());
    if (field.containing_oneof() != nullptr) {
      absl::StrAppend(&line, " oneof ", field.containing_oneof()->name());
    }
    lines->insert(line);
  }
  for (int i = 0; i < type.nested_type_count(); ++i) {
    AddMessage(*type.nested_type(i), lines);
  }
  for (int i = 0; i < type.enum_type_count(); ++i) {
    AddEnum(*type.enum_type(i), lines);
  }
}

// The lines for all .proto files of this folder.
std::set<std::string> OurLines() {
  google::protobuf::FileDescriptorSet files;
  std::ifstream stream(kOurDescriptors);
  EXPECT_TRUE(files.ParseFromIstream(&stream));
  google::protobuf::DescriptorPool pool;
  std::set<std::string> lines;
  for (const auto& proto : files.file()) {
    const FileDescriptor* file = pool.BuildFile(proto);
    EXPECT_NE(file, nullptr) << proto.name();
    if (file == nullptr || absl::StartsWith(proto.name(), "google/")) continue;
    for (int i = 0; i < file->message_type_count(); ++i) {
      AddMessage(*file->message_type(i), &lines);
    }
    for (int i = 0; i < file->enum_type_count(); ++i) {
      AddEnum(*file->enum_type(i), &lines);
    }
  }
  return lines;
}

std::set<std::string> TensorFlowLines() {
  std::ifstream file(kTensorFlowLines);
  std::set<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    lines.insert(WithoutPackage(line));
  }
  return lines;
}

// The message or enum that a line is about.
std::string SubjectOf(absl::string_view line) {
  const std::vector<std::string> words = absl::StrSplit(line, ' ');
  return words.at(1);
}

TEST(WireFormatTest, EveryFieldAndValueIsTensorFlows) {
  const std::set<std::string> theirs = TensorFlowLines();
  ASSERT_GT(theirs.size(), 500u);
  for (const std::string& line : OurLines()) {
    EXPECT_TRUE(theirs.count(line) > 0 || LinesOfTensorFlow2().count(line) > 0)
        << "TensorFlow has not: " << line;
  }
}

TEST(WireFormatTest, NoFieldOrValueOfAMessageIsMissing) {
  const std::set<std::string> ours = OurLines();
  std::set<std::string> subjects;
  for (const std::string& line : ours) subjects.insert(SubjectOf(line));
  ASSERT_GT(subjects.size(), 100u);
  for (const std::string& line : TensorFlowLines()) {
    if (subjects.count(SubjectOf(line)) == 0) continue;
    EXPECT_TRUE(ours.count(line) > 0) << "ours has not: " << line;
  }
}

}  // namespace
}  // namespace retrograph
