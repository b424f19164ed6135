// Checkpoints that TensorFlow wrote: their tensors are read, and writing the
// tensors again gives the same bytes. Each case is a test of its own; cases are
// found by walking the folder that RETROGRAPH_GOLDENS names.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "checkpoint/bundle_reader.h"
#include "checkpoint/bundle_writer.h"
#include "checkpoint/checkpoint_reader.h"
#include "checkpoint/golden_testing.h"
#include "checkpoint/merge.h"
#include "checkpoint/names.h"
#include "checkpoint/save_restore.h"
#include "core/errors.h"
#include "gtest/gtest.h"

namespace retrograph {
namespace {

// Cases that are not supported yet. It shrinks: a case here that passes fails.
std::set<std::string> NotYet() {
  return {};
}

FileSystem* Files() { return FileSystem::Posix(); }

void Append(absl::string_view where, const Problems& more, Problems* problems) {
  for (const std::string& problem : more) {
    problems->push_back(absl::StrCat(where, ": ", problem));
  }
}

std::string NameOf(const std::string& id) {
  return id.substr(id.find('/') + 1);
}

// Part of a message that a kernel makes: without where the node is, and without
// the headings of Saver.restore and of shape inference.
std::string KernelMessage(std::string message) {
  for (const char* tail : {"\n\t [[", " for 'RestoreV2' (op:"}) {
    message = message.substr(0, message.find(tail));
  }
  static constexpr char kHeading[] = "Original error:\n\n";
  const size_t heading = message.find(kHeading);
  if (heading != std::string::npos) {
    message = message.substr(heading + sizeof(kHeading) - 1);
  }
  return message;
}

Problems CompareError(const Json& expected, const absl::Status& actual,
                      const std::string& folder) {
  Problems problems;
  if (actual.ok()) return {"there was no error"};
  const std::string code = expected["code"].get<std::string>();
  if (ErrorCodeName(actual.code()) != code) {
    problems.push_back(
        absl::StrCat("code ", ErrorCodeName(actual.code()), ", not ", code));
  }
  const std::string message =
      KernelMessage(expected["message"].get<std::string>());
  // Python cuts a message at a NUL.
  std::string ours(actual.message());
  ours =
      absl::StrReplaceAll(ours.substr(0, ours.find('\0')), {{folder, "$DIR"}});
  if (ours != message) {
    problems.push_back(
        absl::StrCat("message \"", ours, "\", not \"", message, "\""));
  }
  return problems;
}

absl::StatusOr<Tensor> ReadOne(const std::string& prefix,
                               const std::string& key, const std::string& spec,
                               DataType dtype) {
  RG_ASSIGN_OR_RETURN(std::vector<Tensor> tensors,
                      RestoreTensors(Files(), prefix, {key}, {spec}, {dtype}));
  return tensors[0];
}

Problems CheckRead(const std::string& prefix, const Json& expected,
                   const std::string& spec) {
  const std::string key = KeyOf(expected);
  Problems problems;
  absl::StatusOr<Tensor> tensor = ReadOne(prefix, key, spec, DtypeOf(expected));
  if (!tensor.ok()) {
    return {absl::StrCat(key, ": ", tensor.status().ToString())};
  }
  Append(key, CompareTensor(expected, *tensor), &problems);
  return problems;
}

Problems CheckSliceRead(const std::string& prefix, const std::string& folder,
                        const Json& read) {
  const std::string key = KeyOf(read);
  const std::string spec = read["shape_and_slice"].get<std::string>();
  const std::string where = absl::StrCat(key, " at \"", spec, "\"");
  const bool is_error = read.contains("error");
  absl::StatusOr<Tensor> tensor =
      ReadOne(prefix, key, spec, DtypeOf(is_error ? read : read["result"]));
  Problems problems;
  if (is_error) {
    Append(where, CompareError(read["error"], tensor.status(), folder),
           &problems);
  } else if (!tensor.ok()) {
    problems.push_back(absl::StrCat(where, ": ", tensor.status().ToString()));
  } else {
    Append(where, CompareTensor(read["result"], *tensor), &problems);
  }
  return problems;
}

// Where a tensor of the case is in the checkpoint: "" for a whole one.
std::string SpecOf(const Json& golden, size_t i) {
  if (!golden.contains("saved_slices") || golden["saved_slices"].is_null()) {
    return "";
  }
  return golden["saved_slices"][i].get<std::string>();
}

Problems CheckTensors(const std::string& prefix, const std::string& folder,
                      const Json& golden) {
  Problems problems;
  size_t i = 0;
  for (const Json& tensor : golden.value("tensors", Json::array())) {
    Append(prefix, CheckRead(prefix, tensor, SpecOf(golden, i++)), &problems);
  }
  if (golden.contains("whole")) {
    Json whole = golden["whole"];
    whole["key"] = golden["tensors"][0]["key"];
    Append("whole", CheckRead(prefix, whole, ""), &problems);
  }
  for (const Json& read : golden.value("slice_reads", Json::array())) {
    Append("slice_reads", CheckSliceRead(prefix, folder, read), &problems);
  }
  return problems;
}

// Every entry of the index as the golden's index.json lists it (of a long one,
// the first entries), and whether its value can be read.
Problems CheckIndex(const BundleReader& reader, const Json& index) {
  Problems problems;
  size_t i = 0;
  absl::Status status =
      reader.ForEachEntry([&](absl::string_view key,
                              const BundleEntryProto& entry) -> absl::Status {
        const size_t at = i++;
        if (at >= index["entries"].size()) return absl::OkStatus();
        const Json& expected = index["entries"][at];
        if (KeyOf(expected) != key ||
            absl::BytesToHexString(entry.SerializeAsString()) !=
                expected["hex"].get<std::string>()) {
          problems.push_back(absl::StrCat("entry ", i, ", ", key, ", differs"));
        }
        if (entry.slices().empty()) {
          RG_RETURN_IF_ERROR(reader.Lookup(key).status());
        }
        return absl::OkStatus();
      });
  if (!status.ok()) problems.push_back(status.ToString());
  if (i != index["num_entries"].get<size_t>()) {
    problems.push_back(absl::StrCat("there are ", i, " entries"));
  }
  return problems;
}

// Two cases describe their many tensors by a rule.
Problems CheckRule(const std::string& id, const BundleReader& reader,
                   const Json& golden) {
  Problems problems;
  auto check = [&](const std::string& key, auto value) {
    absl::StatusOr<Tensor> tensor = reader.Lookup(key);
    if (!tensor.ok()) {
      problems.push_back(tensor.status().ToString());
    } else if (tensor->scalar<decltype(value)>() != value) {
      problems.push_back(absl::StrCat(key, " has another value"));
    }
  };
  if (id == "bundle/many_long_keys") {
    const int n = golden["n"].get<int>();
    for (int i = 0; i < n; ++i) {
      std::string key =
          absl::StrCat(absl::Dec((i * 7919) % n, absl::kZeroPad5), "/");
      for (int k = 0; k < 10; ++k) absl::StrAppend(&key, "abcdefghij", i % 13);
      check(key, int32_t{i});
    }
  } else if (id == "bundle/many_variables") {
    int count = 0;
    (void)reader.ForEachEntry([&](absl::string_view key, const auto&) {
      const std::vector<std::string> parts = absl::StrSplit(key, "/v");
      const int value =
          std::stoi(parts[0].substr(sizeof("layer_") - 1)) * 1000 +
          std::stoi(parts[1]);
      check(std::string(key), static_cast<float>(value) / 8);
      ++count;
      return absl::OkStatus();
    });
    if (count != golden["count"].get<int>()) problems.push_back("wrong count");
  }
  return problems;
}

Problems ReadBundle(const std::string& id) {
  const std::string folder = absl::StrCat(GoldenFolder(), "/", id);
  const Json golden = ReadJson(folder + "/case.json");
  const std::string prefix =
      absl::StrCat(folder, "/", golden["prefix"].get<std::string>());
  absl::StatusOr<std::unique_ptr<BundleReader>> reader =
      BundleReader::Open(Files(), prefix);
  if (!reader.ok()) return {reader.status().ToString()};
  Problems problems = CheckTensors(prefix, folder, golden);
  const Json index = ReadJson(folder + "/index.json");
  if (!index.is_discarded() && !golden.contains("readable_in_tf1")) {
    Append("index", CheckIndex(**reader, index), &problems);
  }
  Append("rule", CheckRule(id, **reader, golden), &problems);
  return problems;
}

// One value that is to be written again.
struct Saved {
  std::string name;
  bool is_slice = false;
  TensorSlice slice;
  TensorShape shape;  // of the whole tensor
  BundleEntryProto entry;
  Tensor value;
};

// What each shard holds, in the order of its data file.
absl::StatusOr<std::map<int, std::vector<Saved>>> SavedByShard(
    const BundleReader& reader) {
  std::map<int, std::vector<Saved>> shards;
  RG_RETURN_IF_ERROR(
      reader.ForEachEntry([&](absl::string_view key,
                              const BundleEntryProto& entry) -> absl::Status {
        if (!entry.slices().empty()) return absl::OkStatus();
        Saved saved;
        saved.name = std::string(key);
        saved.is_slice =
            DecodeTensorNameSlice(key, &saved.name, &saved.slice).ok();
        if (!saved.is_slice) saved.name = std::string(key);
        saved.entry = entry;
        RG_ASSIGN_OR_RETURN(saved.value, reader.Lookup(key));
        DataType dtype;
        RG_RETURN_IF_ERROR(
            reader.LookupDtypeAndShape(saved.name, &dtype, &saved.shape));
        shards[entry.shard_id()].push_back(std::move(saved));
        return absl::OkStatus();
      }));
  for (auto& shard : shards) {
    // Tensors of 0 bytes share an offset with the next one.
    std::stable_sort(shard.second.begin(), shard.second.end(),
                     [](const Saved& a, const Saved& b) {
                       return std::make_pair(a.entry.offset(), a.entry.size()) <
                              std::make_pair(b.entry.offset(), b.entry.size());
                     });
  }
  return shards;
}

absl::Status WriteShard(const std::string& prefix,
                        const std::vector<Saved>& values) {
  RG_ASSIGN_OR_RETURN(std::unique_ptr<BundleWriter> writer,
                      BundleWriter::Create(Files(), prefix));
  for (const Saved& saved : values) {
    RG_RETURN_IF_ERROR(saved.is_slice
                           ? writer->AddSlice(saved.name, saved.shape,
                                              saved.slice, saved.value)
                           : writer->Add(saved.name, saved.value));
  }
  return writer->Finish();
}

absl::Status WriteAgain(const std::string& original,
                        const std::string& prefix) {
  RG_ASSIGN_OR_RETURN(std::unique_ptr<BundleReader> reader,
                      BundleReader::Open(Files(), original));
  RG_ASSIGN_OR_RETURN(const auto shards, SavedByShard(*reader));
  if (reader->num_shards() == 1) {
    return WriteShard(
        prefix, shards.empty() ? std::vector<Saved>() : shards.begin()->second);
  }
  std::vector<std::string> parts;
  for (const auto& shard : shards) {
    parts.push_back(ShardedFilename(prefix + "_temp/part", shard.first,
                                    reader->num_shards()));
    RG_RETURN_IF_ERROR(WriteShard(parts.back(), shard.second));
  }
  return MergeV2Checkpoints(Files(), parts, prefix, /*delete_old_dirs=*/true);
}

Problems RewriteBundle(const std::string& id) {
  const std::string folder = absl::StrCat(GoldenFolder(), "/", id);
  const Json golden = ReadJson(folder + "/case.json");
  const std::string prefix = golden["prefix"].get<std::string>();
  const std::string target = NewTestFolder();
  absl::Status written = WriteAgain(absl::StrCat(folder, "/", prefix),
                                    absl::StrCat(target, "/", prefix));
  if (!written.ok()) return {written.ToString()};
  Problems problems;
  std::set<std::string> expected_names;
  for (const auto& file : golden["files"].items()) {
    if (file.key() != MetaFilename(prefix) &&
        !absl::StartsWith(file.key(), prefix + ".data-")) {
      continue;
    }
    expected_names.insert(file.key());
    if (ReadBytes(absl::StrCat(folder, "/", file.key())) !=
        ReadBytes(absl::StrCat(target, "/", file.key()))) {
      problems.push_back(absl::StrCat(file.key(), " has other bytes"));
    }
  }
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(target)) {
    if (entry.is_directory()) continue;
    const std::string name = entry.path().string().substr(target.size() + 1);
    if (expected_names.count(name) == 0) {
      problems.push_back(absl::StrCat(name, " is one file too many"));
    }
  }
  return problems;
}

// A case about what SaveV2 refuses lists attempts instead of files.
Problems CheckAttempts(const std::string& id) {
  const Json golden =
      ReadJson(absl::StrCat(GoldenFolder(), "/", id, "/case.json"));
  Problems problems;
  for (const Json& attempt : golden["attempts"]) {
    const std::string what = attempt["do"].get<std::string>();
    Tensor value;
    if (what == "a resource handle") {
      value = Tensor(DT_RESOURCE, TensorShape());
    } else if (absl::StrContains(what, "0 elements")) {
      value = Tensor(DT_FLOAT, TensorShape({0}));
    } else {
      continue;  // a variant (listed as a case of its own), or a graph's matter
    }
    absl::Status status =
        SaveTensorsV2(Files(), NewTestFolder() + "/x", {"k"}, {""}, {value});
    if (status.ok() != attempt["ok"].get<bool>()) {
      problems.push_back(absl::StrCat(what, ": ", status.ToString()));
    }
  }
  return problems;
}

// The files of a V1 case, as a prefix names them.
std::string V1Pattern(const Json& golden) {
  return golden.value("save_returned", "file");
}

Problems ReadV1(const std::string& id) {
  const std::string folder = absl::StrCat(GoldenFolder(), "/", id);
  const Json golden = ReadJson(folder + "/case.json");
  const std::string pattern = absl::StrCat(folder, "/", V1Pattern(golden));
  Problems problems = CheckTensors(pattern, folder, golden);
  absl::StatusOr<std::unique_ptr<CheckpointReader>> reader =
      CheckpointReader::Open(Files(), pattern);
  if (!reader.ok()) {
    problems.push_back(reader.status().ToString());
    return problems;
  }
  for (const Json& tensor : golden["tensors"]) {
    if (!(*reader)->HasTensor(KeyOf(tensor))) {
      problems.push_back(absl::StrCat(KeyOf(tensor), " is not there"));
    }
  }
  return problems;
}

// Damaged files: opens them as the case's snippet does.
Problems ReadDamaged(const Json& golden) {
  namespace fs = std::filesystem;
  const std::string folder = NewTestFolder();
  const std::string source = absl::StrCat(
      GoldenFolder(), "/errors/", golden["files_at"].get<std::string>());
  std::error_code error;
  fs::copy(source, folder, fs::copy_options::recursive, error);
  std::string python;
  for (const Json& line : golden["python"]) {
    absl::StrAppend(&python, line.get<std::string>(), "\n");
  }
  if (absl::StrContains(python, "os.mkdir(\"ck\")")) {
    fs::create_directory(folder + "/ck");
  }
  const std::string prefix = folder + "/ck";
  if (golden["outcome"] == "process crash") {
    // There TensorFlow aborts; we report an error.
    if (CheckpointReader::Open(Files(), prefix).ok()) return {"no error"};
    return {};
  }
  std::string key = "a";
  for (const char* other : {"b", "s"}) {
    if (absl::StrContains(python, absl::StrCat("read_ab(\"ck\", \"", other))) {
      key = other;
    }
  }
  const DataType dtype =
      absl::StrContains(python, "tf.string") ? DT_STRING : DT_FLOAT;
  absl::StatusOr<Tensor> tensor = ReadOne(prefix, key, "", dtype);
  if (absl::StrContains(golden["message"].get<std::string>(),
                        "read without error")) {
    if (tensor.ok()) return {};
    return {tensor.status().ToString()};
  }
  Json expected = golden;
  if (!golden.contains("code")) expected["code"] = "NOT_FOUND";
  return CompareError(expected, tensor.status(), folder);
}

bool IsDamagedFile(const Json& golden) {
  const std::string id = golden["id"].get<std::string>();
  return (absl::StartsWith(id, "corrupt_") ||
          absl::StartsWith(id, "crafted_")) &&
         golden.contains("files_at");
}

void RegisterAll() {
  const std::set<std::string> not_yet = NotYet();
  for (const std::string& id : GoldenCases("bundle")) {
    const Json golden =
        ReadJson(absl::StrCat(GoldenFolder(), "/", id, "/case.json"));
    if (golden.contains("attempts")) {
      RegisterGolden("BundleGoldenAttempts", NameOf(id), not_yet,
                     [id] { return CheckAttempts(id); });
      continue;
    }
    RegisterGolden("BundleGoldenReads", NameOf(id), not_yet,
                   [id] { return ReadBundle(id); });
    // What was put together by hand is not what a writer makes.
    if (absl::StrContains(golden.value("how", ""), "written by hand")) continue;
    if (golden.contains("readable_in_tf1")) continue;
    RegisterGolden("BundleGoldenRewrites", NameOf(id), not_yet,
                   [id] { return RewriteBundle(id); });
  }
  for (const std::string& id : GoldenCases("v1")) {
    const Json golden =
        ReadJson(absl::StrCat(GoldenFolder(), "/", id, "/case.json"));
    if (golden.contains("error")) continue;  // v1_golden_test
    RegisterGolden("V1GoldenReads", NameOf(id), not_yet,
                   [id] { return ReadV1(id); });
  }
  const Json errors =
      ReadJson(absl::StrCat(GoldenFolder(), "/errors/errors.json"));
  for (const Json& golden : errors.value("errors", Json::array())) {
    if (!IsDamagedFile(golden)) continue;
    RegisterGolden("DamagedFileGolden", golden["id"].get<std::string>(),
                   not_yet, [golden] { return ReadDamaged(golden); });
  }
}

}  // namespace
}  // namespace retrograph

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (retrograph::GoldenFolder().empty()) {
    retrograph::RegisterNoGoldens("BundleGolden");
  } else {
    retrograph::RegisterAll();
  }
  const int result = RUN_ALL_TESTS();
  retrograph::PrintNotSupportedYet();
  return result;
}
