#include "saved_model/assets.h"

#include <algorithm>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "saved_model/constants.h"
#include "saver/message_item.h"

namespace retrograph {
namespace saved_model {
namespace {

constexpr size_t kPiece = size_t{1} << 20;

// What TensorFlow's descriptors call the message.
constexpr char kAssetTypeUrl[] = "type.googleapis.com/tensorflow.AssetFileDef";

absl::StatusOr<std::string> PathOf(const Output& tensor) {
  if (tensor.op->type() != "Const") {
    return TypeError("Asset path tensor must be of type constant.");
  }
  if (tensor.op->output_type(tensor.index) != DT_STRING) {
    return TypeError("Asset path tensor must be of dtype string.");
  }
  const AttrValue* value = tensor.op->FindAttr("value");
  if (value == nullptr || value->tensor().string_val_size() != 1) {
    return TypeError("Asset path tensor must be a scalar.");
  }
  if (value->tensor().string_val(0).empty()) {
    return ValueError(
        absl::StrCat("Invalid asset filepath tensor ", tensor.DebugString()));
  }
  return value->tensor().string_val(0);
}

// Calls `use` with the file's content, piece by piece.
template <typename Use>
absl::Status ForEachPiece(const RandomAccessFile& file, Use use) {
  const auto buffer = std::make_unique<char[]>(kPiece);
  for (uint64_t offset = 0;;) {
    RG_ASSIGN_OR_RETURN(const size_t length,
                        file.Read(offset, kPiece, buffer.get()));
    RG_RETURN_IF_ERROR(
        use(offset, absl::string_view(buffer.get(), length)));
    offset += length;
    if (length < kPiece) return absl::OkStatus();
  }
}

absl::StatusOr<bool> SameContent(FileSystem* fs, const std::string& a,
                                 const std::string& b) {
  RG_ASSIGN_OR_RETURN(const auto file_a, fs->NewRandomAccessFile(a));
  RG_ASSIGN_OR_RETURN(const auto file_b, fs->NewRandomAccessFile(b));
  RG_ASSIGN_OR_RETURN(const uint64_t size_a, file_a->Size());
  RG_ASSIGN_OR_RETURN(const uint64_t size_b, file_b->Size());
  if (size_a != size_b) return false;
  bool same = true;
  std::string other(kPiece, '\0');
  RG_RETURN_IF_ERROR(ForEachPiece(
      *file_a, [&](uint64_t offset, absl::string_view piece) -> absl::Status {
        RG_ASSIGN_OR_RETURN(
            const size_t length,
            file_b->Read(offset, piece.size(), other.data()));
        same = same && piece == absl::string_view(other.data(), length);
        return absl::OkStatus();
      }));
  return same;
}

absl::Status CopyInto(FileSystem* fs, const std::string& from,
                      const std::string& temporary, bool sync) {
  RG_ASSIGN_OR_RETURN(const auto source, fs->NewRandomAccessFile(from));
  RG_ASSIGN_OR_RETURN(const auto copy, fs->NewWritableFile(temporary));
  RG_RETURN_IF_ERROR(
      ForEachPiece(*source, [&](uint64_t, absl::string_view piece) {
        return copy->Append(piece);
      }));
  RG_RETURN_IF_ERROR(copy->Flush());
  if (sync) RG_RETURN_IF_ERROR(copy->Sync());
  return copy->Close();
}

// Whole or not at all.
absl::Status CopyFile(FileSystem* fs, const std::string& from,
                      const std::string& to, bool sync) {
  const std::string temporary = TemporaryPath(to);
  absl::Status copied = CopyInto(fs, from, temporary, sync);
  if (copied.ok()) copied = fs->RenameFile(temporary, to);
  if (!copied.ok()) fs->RemoveFile(temporary).IgnoreError();
  return copied;
}

// The asset's name beside those that are there already.
absl::StatusOr<std::string> NameAmong(FileSystem* fs, const std::string& path,
                                      const AssetFiles& others) {
  const std::string base(Basename(path));
  const auto other = others.find(base);
  if (other == others.end() || other->second == path) return base;
  RG_ASSIGN_OR_RETURN(const bool same, SameContent(fs, path, other->second));
  if (same) return base;
  std::string name = base;
  for (int i = 1; others.count(name) > 0; ++i) {
    name = absl::StrCat(base, "_", i);
  }
  return name;
}

}  // namespace

absl::StatusOr<AssetFiles> AddAssetsToGraph(FileSystem* fs, Graph* graph,
                                            const std::vector<Output>& assets) {
  AssetFiles files;
  for (const Output& tensor : assets) {
    RG_ASSIGN_OR_RETURN(const std::string path, PathOf(tensor));
    RG_ASSIGN_OR_RETURN(const std::string name, NameAmong(fs, path, files));
    RG_RETURN_IF_ERROR(graph->CheckNotFinalized());
    AssetFileDef asset;
    asset.set_filename(name);
    asset.mutable_tensor_info()->set_name(tensor.name());
    google::protobuf::Any any;
    any.set_type_url(kAssetTypeUrl);
    any.set_value(asset.SerializeAsString());
    graph->AddToCollection(kAssetsKey, MessageItem::OfAny(any));
    files[name] = path;
  }
  return files;
}

absl::Status CopyAssets(FileSystem* fs, const AssetFiles& assets,
                        const std::string& directory, bool sync) {
  if (!fs->FileExists(directory)) {
    RG_RETURN_IF_ERROR(fs->CreateDirectories(directory));
  }
  for (const auto& [name, path] : assets) {
    const std::string target = JoinPath(directory, name);
    if (fs->FileExists(target)) continue;
    RG_RETURN_IF_ERROR(CopyFile(fs, path, target, sync));
  }
  return sync ? fs->SyncDirectory(directory) : absl::OkStatus();
}

std::vector<AssetFileDef> AssetsOf(const MetaGraphDef& meta_graph) {
  std::vector<AssetFileDef> assets(meta_graph.asset_file_def().begin(),
                                   meta_graph.asset_file_def().end());
  const auto collection = meta_graph.collection_def().find(kAssetsKey);
  if (!assets.empty() || collection == meta_graph.collection_def().end()) {
    return assets;
  }
  for (const auto& any : collection->second.any_list().value()) {
    AssetFileDef asset;
    // As in Python, an Any of another kind leaves an empty one.
    if (absl::EndsWith(any.type_url(), ".AssetFileDef") &&
        !asset.ParseFromString(any.value())) {
      asset.Clear();
    }
    assets.push_back(std::move(asset));
  }
  return assets;
}

}  // namespace saved_model
}  // namespace retrograph
