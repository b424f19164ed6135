// Every OpDef in our registry is TensorFlow 1.15.5's: names, order, types,
// defaults, flags. Asks the real TensorFlow in RETROGRAPH_ORACLE/tf1.
#include <cstdlib>
#include <fstream>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "graph/op_registry.h"
#include "gtest/gtest.h"
#include "ops/standard_ops.h"

namespace retrograph {
namespace {

void DropTexts(OpDef* def) {
  def->clear_summary();
  def->clear_description();
  for (auto& arg : *def->mutable_input_arg()) arg.clear_description();
  for (auto& arg : *def->mutable_output_arg()) arg.clear_description();
  for (auto& attr : *def->mutable_attr()) attr.clear_description();
}

TEST(OpDefTest, EveryOpDefIsTensorFlows) {
  const char* oracle = std::getenv("RETROGRAPH_ORACLE");
  if (oracle == nullptr) {
    GTEST_SKIP() << "RETROGRAPH_ORACLE names no folder with TensorFlow";
  }
  const std::string dump = absl::StrCat(::testing::TempDir(), "/op_defs.pb");
  const std::string command =
      absl::StrCat(oracle, "/tf1/bin/python ops/testdata/dump_op_defs.py ",
                   dump, " 2>/dev/null");
  ASSERT_EQ(std::system(command.c_str()), 0) << command;
  OpList list;
  std::ifstream file(dump, std::ios::binary);
  ASSERT_TRUE(list.ParseFromIstream(&file));
  absl::flat_hash_map<std::string, OpDef> theirs;
  for (const OpDef& def : list.op()) theirs[def.name()] = def;

  RegisterStandardOps();
  int compared = 0;
  for (const std::string& name : OpRegistry::Global()->Names()) {
    ASSERT_TRUE(theirs.contains(name)) << "TensorFlow has no op " << name;
    OpDef ours = OpRegistry::Global()->Find(name)->def;
    OpDef& wanted = theirs[name];
    DropTexts(&ours);
    DropTexts(&wanted);
    std::string difference;
    google::protobuf::util::MessageDifferencer differencer;
    differencer.ReportDifferencesToString(&difference);
    EXPECT_TRUE(differencer.Compare(wanted, ours)) << name << ":\n"
                                                   << difference;
    ++compared;
  }
  EXPECT_GT(compared, 100);
}

}  // namespace
}  // namespace retrograph
