// V1 files that TensorFlow wrote: writing their tensors again gives the same
// bytes; and what its V1 writer refuses, ours refuses in the same words. (That
// they are read is bundle_golden_test's.) Each case is a test of its own.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "checkpoint/golden_testing.h"
#include "checkpoint/save_restore.h"
#include "checkpoint/v1_reader.h"
#include "core/errors.h"
#include "gtest/gtest.h"

namespace retrograph {
namespace {

FileSystem* Files() { return FileSystem::Posix(); }

std::string NameOf(const std::string& id) {
  return id.substr(id.find('/') + 1);
}

// "4 2 2,2:0,2", as SaveSlices takes it; "" for a whole tensor.
std::string SpecOf(const TensorShape& shape, const TensorSlice& slice) {
  if (slice.IsFull()) return "";
  std::string spec;
  for (int d = 0; d < shape.rank(); ++d) {
    absl::StrAppend(&spec, shape.dim(d), " ");
  }
  return absl::StrCat(spec, slice.DebugString());
}

// Writes again what one V1 file holds. The names are given the other way round:
// the writer sorts.
absl::Status WriteAgain(const std::string& original, const std::string& copy) {
  RG_ASSIGN_OR_RETURN(std::unique_ptr<V1Reader> reader,
                      V1Reader::Open(Files(), original));
  std::vector<std::string> names, specs;
  std::vector<Tensor> values;
  const auto& tensors = reader->tensors();
  for (auto it = tensors.rbegin(); it != tensors.rend(); ++it) {
    for (const TensorSliceSet::Part& part : it->second.slices.parts()) {
      names.push_back(it->first);
      specs.push_back(SpecOf(it->second.shape, part.slice));
      RG_ASSIGN_OR_RETURN(Tensor value,
                          reader->ReadSlice(it->first, part.slice));
      values.push_back(std::move(value));
    }
  }
  return SaveTensorsV1(Files(), copy, names, specs, values);
}

Problems Rewrite(const std::string& id) {
  const std::string folder = absl::StrCat(GoldenFolder(), "/", id);
  const Json golden = ReadJson(folder + "/case.json");
  const std::string target = NewTestFolder();
  Problems problems;
  int files = 0;
  for (const auto& file : golden["files"].items()) {
    const std::string& name = file.key();
    if (name == "tables.json" || name == "checkpoint") continue;
    if (absl::EndsWith(name, ".meta")) continue;
    ++files;
    const std::string original = absl::StrCat(folder, "/", name);
    const std::string copy = absl::StrCat(target, "/", name);
    const absl::Status written = WriteAgain(original, copy);
    if (!written.ok()) {
      problems.push_back(written.ToString());
    } else if (ReadBytes(original) != ReadBytes(copy)) {
      problems.push_back(absl::StrCat(name, " has other bytes"));
    }
  }
  const auto left = std::distance(std::filesystem::directory_iterator(target),
                                  std::filesystem::directory_iterator());
  if (left != files) problems.push_back("there are files too many");
  if (files == 0) problems.push_back("the case has no files");
  return problems;
}

// A case of a dtype ("v1/dtype_qint16") that the writer refuses.
Problems Refuse(const std::string& id, const Json& error) {
  const std::string target = NewTestFolder();
  const DataType dtype =
      DataTypeFromName(NameOf(id).substr(std::string("dtype_").size()));
  const absl::Status status = SaveTensorsV1(
      Files(), target + "/file", {"w"}, {}, {Tensor(dtype, TensorShape({2}))});
  Problems problems;
  if (ErrorClassName(status) != error["class"].get<std::string>()) {
    problems.push_back(absl::StrCat("class ", ErrorClassName(status)));
  }
  if (std::string(status.message()) != error["message"].get<std::string>()) {
    problems.push_back(std::string(status.message()));
  }
  if (!std::filesystem::is_empty(target)) problems.push_back("a file is left");
  return problems;
}

void RegisterAll() {
  for (const std::string& id : GoldenCases("v1")) {
    const Json golden =
        ReadJson(absl::StrCat(GoldenFolder(), "/", id, "/case.json"));
    if (golden.contains("error")) {
      const Json error = golden["error"];
      RegisterGolden("V1GoldenRefuses", NameOf(id), {},
                     [id, error] { return Refuse(id, error); });
    } else {
      RegisterGolden("V1GoldenRewrites", NameOf(id), {},
                     [id] { return Rewrite(id); });
    }
  }
}

}  // namespace
}  // namespace retrograph

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (retrograph::GoldenFolder().empty()) {
    retrograph::RegisterNoGoldens("V1Golden");
  } else {
    retrograph::RegisterAll();
  }
  const int result = RUN_ALL_TESTS();
  retrograph::PrintNotSupportedYet();
  return result;
}
