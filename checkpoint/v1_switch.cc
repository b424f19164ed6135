#include "checkpoint/v1_switch.h"

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "checkpoint/names.h"
#include "core/errors.h"

namespace retrograph {
namespace {

constexpr size_t kCopyPiece = 1 << 20;
constexpr char kOld[] = "old";
constexpr char kNew[] = "new";
constexpr char kNow[] = "now";
constexpr char kNext[] = "next";

std::string FolderOf(absl::string_view path) {
  const absl::string_view folder = Dirname(path);
  return folder.empty() ? "." : std::string(folder);
}

absl::Status SyncFolder(FileSystem* fs, const std::string& folder, bool sync) {
  return sync ? fs->SyncDirectory(folder) : absl::OkStatus();
}

absl::Status Copy(FileSystem* fs, const std::string& from,
                  const std::string& to, bool sync) {
  RG_ASSIGN_OR_RETURN(std::unique_ptr<RandomAccessFile> source,
                      fs->NewRandomAccessFile(from));
  RG_ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> target,
                      fs->NewWritableFile(to));
  std::string piece(kCopyPiece, '\0');
  uint64_t offset = 0;
  while (true) {
    RG_ASSIGN_OR_RETURN(const size_t read,
                        source->Read(offset, piece.size(), &piece[0]));
    if (read == 0) break;
    RG_RETURN_IF_ERROR(target->Append(absl::string_view(piece.data(), read)));
    offset += read;
  }
  if (sync) RG_RETURN_IF_ERROR(target->Sync());
  return target->Close();
}

// Removes a switch's folder with all that it made there.
absl::Status RemoveBox(FileSystem* fs, const std::string& box) {
  for (const char* generation : {kOld, kNew}) {
    const std::string folder = JoinPath(box, generation);
    absl::StatusOr<std::vector<std::string>> names = fs->ListDirectory(folder);
    if (absl::IsNotFound(names.status())) continue;
    RG_RETURN_IF_ERROR(names.status());
    for (const std::string& name : *names) {
      RG_RETURN_IF_ERROR(fs->RemoveFile(JoinPath(folder, name)));
    }
    RG_RETURN_IF_ERROR(fs->RemoveDirectory(folder));
  }
  for (const char* link : {kNext, kNow}) {
    const absl::Status removed = fs->RemoveFile(JoinPath(box, link));
    if (!removed.ok() && !absl::IsNotFound(removed)) return removed;
  }
  return fs->RemoveDirectory(box);
}

// One after the other; after an error, those that moved move back.
absl::Status RenameEach(FileSystem* fs, const std::vector<PendingFile>& files,
                        bool sync) {
  for (size_t i = 0; i < files.size(); ++i) {
    absl::Status status = fs->RenameFile(files[i].temporary, files[i].path);
    if (status.ok()) continue;
    while (i-- > 0) {
      fs->RenameFile(files[i].path, files[i].temporary).IgnoreError();
    }
    return status;
  }
  return SyncFolder(fs, FolderOf(files[0].path), sync);
}

class Switch {
 public:
  Switch(FileSystem* fs, const std::vector<PendingFile>& files, bool sync)
      : fs_(fs),
        files_(files),
        sync_(sync),
        box_(TemporaryFilename(V1TemporaryBase(files[0].path))) {}

  // Whether there are symbolic links is found out first.
  absl::Status MakeBox() {
    absl::Status status = fs_->CreateDirectory(box_);
    if (status.ok()) status = fs_->CreateSymlink(kOld, InBox(kNow));
    if (!status.ok()) RemoveBox(fs_, box_).IgnoreError();
    return status;
  }

  absl::Status Run() {
    absl::Status status = Fill();
    if (status.ok()) status = LinkNames();
    if (status.ok()) status = fs_->CreateSymlink(kNew, InBox(kNext));
    if (status.ok()) status = fs_->RenameFile(InBox(kNext), InBox(kNow));
    if (!status.ok()) {
      Undo();
      return status;
    }
    status = SyncFolder(fs_, box_, sync_);
    // The new files are there; what is left may fail once.
    if (status.ok()) status = FinishSwitch(fs_, box_, sync_);
    return status.ok() ? status : FinishSwitch(fs_, box_, sync_);
  }

 private:
  std::string InBox(absl::string_view name) const {
    return JoinPath(box_, name);
  }
  std::string InBox(absl::string_view generation,
                    const PendingFile& file) const {
    return JoinPath(InBox(generation), Basename(file.path));
  }

  absl::Status Fill() {
    RG_RETURN_IF_ERROR(fs_->CreateDirectory(InBox(kOld)));
    RG_RETURN_IF_ERROR(fs_->CreateDirectory(InBox(kNew)));
    for (const PendingFile& file : files_) {
      RG_RETURN_IF_ERROR(LinkOrCopy(fs_, file.path, InBox(kOld, file), sync_));
      RG_RETURN_IF_ERROR(fs_->RenameFile(file.temporary, InBox(kNew, file)));
    }
    for (const char* generation : {kOld, kNew}) {
      RG_RETURN_IF_ERROR(SyncFolder(fs_, InBox(generation), sync_));
    }
    RG_RETURN_IF_ERROR(SyncFolder(fs_, box_, sync_));
    return SyncFolder(fs_, FolderOf(box_), sync_);
  }

  // The names become links, still to the old files.
  absl::Status LinkNames() {
    for (const PendingFile& file : files_) {
      const std::string target = JoinPath(JoinPath(Basename(box_), kNow),
                                          Basename(file.path));
      // The temporary name is free again, and others know whose it is.
      RG_RETURN_IF_ERROR(fs_->CreateSymlink(target, file.temporary));
      RG_RETURN_IF_ERROR(fs_->RenameFile(file.temporary, file.path));
    }
    return SyncFolder(fs_, FolderOf(box_), sync_);
  }

  // The old files under their names again.
  void Undo() {
    for (const PendingFile& file : files_) {
      fs_->RemoveFile(file.temporary).IgnoreError();
    }
    FinishSwitch(fs_, box_, sync_).IgnoreError();
  }

  FileSystem* const fs_;
  const std::vector<PendingFile>& files_;
  const bool sync_;
  const std::string box_;
};

}  // namespace

absl::Status PutInPlace(FileSystem* fs, const std::vector<PendingFile>& files,
                        bool sync) {
  if (files.empty()) return absl::OkStatus();
  bool all_exist = true;
  for (const PendingFile& file : files) {
    all_exist = all_exist && fs->FileExists(file.path);
  }
  // Where one is missing there is nothing whole to keep.
  if (files.size() == 1 || !all_exist) return RenameEach(fs, files, sync);
  Switch all_at_once(fs, files, sync);
  const absl::Status made = all_at_once.MakeBox();
  if (absl::IsUnimplemented(made) || absl::IsPermissionDenied(made)) {
    return RenameEach(fs, files, sync);
  }
  RG_RETURN_IF_ERROR(made);
  return all_at_once.Run();
}

absl::Status FinishSwitch(FileSystem* fs, const std::string& box, bool sync) {
  const std::string folder = FolderOf(box);
  absl::StatusOr<std::string> now = fs->ReadSymlink(JoinPath(box, kNow));
  if (absl::IsNotFound(now.status())) return RemoveBox(fs, box);
  RG_RETURN_IF_ERROR(now.status());
  if (*now != kOld && *now != kNew) {
    return absl::DataLossError(absl::StrCat(box, "/now leads to ", *now));
  }
  const std::string generation = JoinPath(box, *now);
  absl::StatusOr<std::vector<std::string>> names =
      fs->ListDirectory(generation);
  if (absl::IsNotFound(names.status())) return RemoveBox(fs, box);
  RG_RETURN_IF_ERROR(names.status());
  const std::string through = JoinPath(Basename(box), kNow);
  for (const std::string& name : *names) {
    const std::string path = JoinPath(folder, name);
    absl::StatusOr<std::string> target = fs->ReadSymlink(path);
    if (absl::IsNotFound(target.status()) ||
        absl::IsInvalidArgument(target.status())) {
      continue;  // a plain file already, or gone
    }
    RG_RETURN_IF_ERROR(target.status());
    if (*target != JoinPath(through, name)) continue;
    RG_RETURN_IF_ERROR(fs->RenameFile(JoinPath(generation, name), path));
  }
  RG_RETURN_IF_ERROR(SyncFolder(fs, folder, sync));
  return RemoveBox(fs, box);
}

absl::Status LinkOrCopy(FileSystem* fs, const std::string& from,
                        const std::string& to, bool sync) {
  return fs->LinkFile(from, to).ok() ? absl::OkStatus()
                                     : Copy(fs, from, to, sync);
}

}  // namespace retrograph
