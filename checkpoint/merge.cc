#include "checkpoint/merge.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "checkpoint/bundle_reader.h"
#include "checkpoint/names.h"
#include "checkpoint/table_writer.h"
#include "core/errors.h"
#include "proto/tensor_bundle.pb.h"

namespace retrograph {
namespace {

// What the merged checkpoint will be.
struct Merged {
  bool any = false;
  BundleHeaderProto header;  // of the first bundle; num_shards is the sum
  std::map<std::string, BundleEntryProto> entries;
  // Data files in the order in which entries first name them, which is the
  // order of the merged checkpoint's shards.
  std::vector<std::string> data_files;
  std::map<std::string, int> shard_of_file;
};

absl::Status MergeHeader(const BundleHeaderProto& header, Merged* merged) {
  if (!merged->any) {
    merged->any = true;
    merged->header = header;
    return absl::OkStatus();
  }
  if (merged->header.endianness() != header.endianness()) {
    return absl::InvalidArgumentError(
        "Merging bundles with conflicting endianness; inputs corrupted?");
  }
  const std::string version = header.version().SerializeAsString();
  const std::string merged_version =
      merged->header.version().SerializeAsString();
  if (version != merged_version) {
    return absl::InvalidArgumentError(
        absl::StrCat("Merging bundles with different format versions: merged ",
                     merged_version, " vs. curr ", version));
  }
  merged->header.set_num_shards(merged->header.num_shards() +
                                header.num_shards());
  return absl::OkStatus();
}

// Two bundles have slices of the tensor `key`.
absl::Status MergeSlices(absl::string_view key, const BundleEntryProto& entry,
                         BundleEntryProto* existing) {
  if (entry.slices().empty()) {
    return absl::InternalError(
        absl::StrCat("Duplicate tensor keyed by ", key,
                     "; attempting to merge in a non-slice bundle entry"));
  }
  if (entry.dtype() != existing->dtype() ||
      entry.shape().SerializeAsString() !=
          existing->shape().SerializeAsString()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Slices of the tensor keyed by ", key,
        " have different types or whole shapes in the merged prefixes"));
  }
  existing->mutable_slices()->MergeFrom(entry.slices());
  return absl::OkStatus();
}

absl::Status MergeEntry(absl::string_view prefix, int num_shards,
                        absl::string_view key, const BundleEntryProto& entry,
                        Merged* merged) {
  if (key.empty()) {
    return absl::DataLossError("The header of a bundle is not its first entry");
  }
  auto existing = merged->entries.find(std::string(key));
  if (existing != merged->entries.end()) {
    if (existing->second.slices().empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("Duplicate tensor keyed by ", key,
                       " encountered, when merging prefix: ", prefix));
    }
    return MergeSlices(key, entry, &existing->second);
  }
  const std::string file = DataFilename(prefix, entry.shard_id(), num_shards);
  auto shard = merged->shard_of_file.emplace(
      file, static_cast<int>(merged->data_files.size()));
  if (shard.second) merged->data_files.push_back(file);
  BundleEntryProto& added = merged->entries[std::string(key)];
  added = entry;
  added.set_shard_id(shard.first->second);
  return absl::OkStatus();
}

absl::Status MergeOne(FileSystem* fs, const std::string& prefix,
                      Merged* merged) {
  RG_ASSIGN_OR_RETURN(std::unique_ptr<BundleReader> reader,
                      BundleReader::Open(fs, prefix));
  RG_RETURN_IF_ERROR(MergeHeader(reader->header(), merged));
  return reader->ForEachEntry(
      [&](absl::string_view key, const BundleEntryProto& entry) {
        return MergeEntry(prefix, reader->num_shards(), key, entry, merged);
      });
}

absl::Status WriteMergedIndex(const Merged& merged, int num_shards,
                              WritableFile* file) {
  BundleHeaderProto header = merged.header;
  header.set_num_shards(num_shards);
  TableWriter table(file);
  RG_RETURN_IF_ERROR(table.Add("", header.SerializeAsString()));
  for (const auto& entry : merged.entries) {
    RG_RETURN_IF_ERROR(
        table.Add(entry.first, entry.second.SerializeAsString()));
  }
  return table.Finish();
}

}  // namespace

absl::Status MergeBundles(FileSystem* fs,
                          const std::vector<std::string>& prefixes,
                          absl::string_view merged_prefix,
                          const CommitOptions& options) {
  RG_ASSIGN_OR_RETURN(std::unique_ptr<BundleCommit> commit,
                      BundleCommit::Begin(fs, merged_prefix, options));
  Merged merged;
  for (const std::string& prefix : prefixes) {
    RG_RETURN_IF_ERROR(MergeOne(fs, prefix, &merged));
  }
  RG_RETURN_IF_ERROR(commit->Commit(
      merged.data_files, static_cast<int>(merged.data_files.size()),
      [&merged](int num_shards, WritableFile* file) {
        return WriteMergedIndex(merged, num_shards, file);
      }));
  for (const std::string& prefix : prefixes) {
    if (prefix != merged_prefix) {
      fs->RemoveFile(MetaFilename(prefix)).IgnoreError();
    }
  }
  return absl::OkStatus();
}

absl::Status MergeV2Checkpoints(FileSystem* fs,
                                const std::vector<std::string>& prefixes,
                                absl::string_view merged_prefix,
                                bool delete_old_dirs,
                                const CommitOptions& options) {
  RG_RETURN_IF_ERROR(MergeBundles(fs, prefixes, merged_prefix, options));
  if (!delete_old_dirs) return absl::OkStatus();
  const absl::string_view merged_folder = Dirname(merged_prefix);
  for (const std::string& prefix : prefixes) {
    const absl::string_view folder = Dirname(prefix);
    if (folder == merged_folder) continue;
    if (FolderTurn::RemoveShardFolder(fs, std::string(folder))) continue;
    // The first removal empties the way; the others find nothing, and a folder
    // that holds something else stays.
    fs->RemoveDirectory(std::string(folder)).IgnoreError();
  }
  return absl::OkStatus();
}

}  // namespace retrograph
