#include "checkpoint/checkpoint_reader.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "checkpoint/bundle_reader.h"
#include "checkpoint/v1_reader.h"
#include "core/errors.h"

namespace retrograph {

CheckpointReader::CheckpointReader() = default;
CheckpointReader::~CheckpointReader() = default;

absl::StatusOr<std::unique_ptr<CheckpointReader>> CheckpointReader::Open(
    FileSystem* fs, absl::string_view prefix) {
  auto reader = absl::WrapUnique(new CheckpointReader);
  if (IsV2Checkpoint(fs, prefix)) {
    RG_RETURN_IF_ERROR(reader->LoadBundle(fs, prefix));
  } else {
    RG_RETURN_IF_ERROR(reader->LoadV1(fs, prefix));
  }
  return reader;
}

absl::Status CheckpointReader::LoadBundle(FileSystem* fs,
                                          absl::string_view prefix) {
  RG_ASSIGN_OR_RETURN(bundle_, BundleReader::Open(fs, prefix));
  // The keys of slices come before the tensors that say which keys those are.
  std::vector<std::string> slice_keys;
  RG_RETURN_IF_ERROR(bundle_->ForEachEntry(
      [&](absl::string_view key, const BundleEntryProto& entry)
          -> absl::Status {
        RG_RETURN_IF_ERROR(
            BundleReader::AppendDebugLine(key, entry, &debug_string_));
        for (const TensorSliceProto& proto : entry.slices()) {
          RG_ASSIGN_OR_RETURN(const TensorSlice slice,
                              TensorSlice::FromProto(proto));
          slice_keys.push_back(EncodeTensorNameSlice(key, slice));
        }
        RG_ASSIGN_OR_RETURN(TensorShape shape,
                            BundleReader::EntryShape(key, entry));
        const std::string name(key);
        shapes_.emplace_hint(shapes_.end(), name, std::move(shape));
        dtypes_.emplace_hint(dtypes_.end(), name, entry.dtype());
        return absl::OkStatus();
      }));
  for (const std::string& key : slice_keys) {
    shapes_.erase(key);
    dtypes_.erase(key);
  }
  return absl::OkStatus();
}

absl::Status CheckpointReader::LoadV1(FileSystem* fs,
                                      absl::string_view prefix) {
  RG_ASSIGN_OR_RETURN(v1_, V1Reader::Open(fs, prefix));
  debug_string_ = v1_->DebugString();
  for (const auto& [name, info] : v1_->tensors()) {
    shapes_[name] = info.shape;
    dtypes_[name] = info.dtype;
  }
  return absl::OkStatus();
}

bool CheckpointReader::HasTensor(absl::string_view name) const {
  return bundle_ != nullptr ? bundle_->Contains(name)
                            : v1_->Find(name) != nullptr;
}

absl::StatusOr<Tensor> CheckpointReader::GetTensor(
    absl::string_view name) const {
  if (bundle_ != nullptr) return bundle_->Lookup(name);
  const V1Reader::TensorInfo* info = v1_->Find(name);
  const int rank = info == nullptr ? 0 : info->shape.rank();
  return v1_->ReadSlice(name, TensorSlice(rank));
}

absl::StatusOr<Tensor> CheckpointReader::GetSlice(
    absl::string_view name, const TensorSlice& slice) const {
  return bundle_ != nullptr ? bundle_->LookupSlice(name, slice)
                            : v1_->ReadSlice(name, slice);
}

std::vector<std::string> CheckpointReader::names() const {
  std::vector<std::string> names;
  for (const auto& entry : shapes_) names.push_back(entry.first);
  return names;
}

}  // namespace retrograph
