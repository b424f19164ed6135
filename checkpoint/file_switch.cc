#include "checkpoint/file_switch.h"

#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
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

// Whether `path` is the link of a switch: it leads through BOX/now.
absl::StatusOr<bool> LeadsThrough(FileSystem* fs, const std::string& path,
                                  const std::string& box) {
  const absl::StatusOr<std::string> target = fs->ReadSymlink(path);
  if (absl::IsNotFound(target.status()) ||
      absl::IsInvalidArgument(target.status())) {
    return false;  // gone, or a plain file already
  }
  RG_RETURN_IF_ERROR(target.status());
  return *target ==
         JoinPath(JoinPath(Basename(box), kNow), Basename(path));
}

// The file that the link `path` leads to, in BOX, replaces it. It keeps its
// name in BOX as long as it can: who has just read the link still finds it.
absl::Status ReplaceLink(FileSystem* fs, const std::string& in_box,
                         const std::string& path) {
  const std::string second = TemporaryFilename(SwitchBase(path));
  if (!fs->LinkFile(in_box, second).ok()) return fs->RenameFile(in_box, path);
  absl::Status status = fs->RenameFile(second, path);
  if (!status.ok()) fs->RemoveFile(second).IgnoreError();
  return status;
}

// Names in BOX/<generation>; none if that is not there.
absl::StatusOr<std::vector<std::string>> NamesIn(FileSystem* fs,
                                                 const std::string& box,
                                                 const std::string& generation) {
  auto names = fs->ListDirectory(JoinPath(box, generation));
  if (absl::IsNotFound(names.status())) return std::vector<std::string>();
  return names;
}

}  // namespace

FileSwitch::FileSwitch(FileSystem* fs, std::string box, bool sync)
    : fs_(fs), box_(std::move(box)), sync_(sync) {}

absl::StatusOr<std::unique_ptr<FileSwitch>> FileSwitch::Begin(
    FileSystem* fs, absl::string_view path, bool sync) {
  auto result = absl::WrapUnique(
      new FileSwitch(fs, TemporaryFilename(SwitchBase(path)), sync));
  absl::Status status = fs->CreateDirectory(result->box_);
  if (status.ok()) {
    status = fs->CreateSymlink(kOld, JoinPath(result->box_, kNow));
  }
  if (absl::IsUnimplemented(status) || absl::IsPermissionDenied(status)) {
    return nullptr;
  }
  RG_RETURN_IF_ERROR(status);
  return result;
}

FileSwitch::~FileSwitch() {
  if (!used_) RemoveBox(fs_, box_).IgnoreError();
}

absl::Status FileSwitch::Run(const std::vector<PendingFile>& files) {
  used_ = true;
  const std::string next = JoinPath(box_, kNext);
  absl::Status status = Fill(files);
  if (status.ok()) status = LinkNames(files);
  if (status.ok()) status = fs_->CreateSymlink(kNew, next);
  if (status.ok()) status = fs_->RenameFile(next, JoinPath(box_, kNow));
  if (!status.ok()) {
    Undo(files);
    return status;
  }
  status = SyncFolder(fs_, box_, sync_);
  // The new files are there; what is left may fail once.
  if (status.ok()) status = FinishSwitch(fs_, box_, sync_);
  return status.ok() ? status : FinishSwitch(fs_, box_, sync_);
}

std::string FileSwitch::InBox(absl::string_view generation,
                              const PendingFile& file) const {
  return JoinPath(JoinPath(box_, generation), Basename(file.path));
}

absl::Status FileSwitch::Fill(const std::vector<PendingFile>& files) {
  RG_RETURN_IF_ERROR(fs_->CreateDirectory(JoinPath(box_, kOld)));
  RG_RETURN_IF_ERROR(fs_->CreateDirectory(JoinPath(box_, kNew)));
  for (const PendingFile& file : files) {
    const absl::Status there = fs_->Stat(file.path).status();
    if (there.ok()) {
      // Of a name that is a link of the user's, what that leads to.
      RG_RETURN_IF_ERROR(
          LinkOrCopy(fs_, file.path, InBox(kOld, file), sync_));
    } else if (!absl::IsNotFound(there)) {
      return there;
    }
    RG_RETURN_IF_ERROR(fs_->RenameFile(file.temporary, InBox(kNew, file)));
  }
  for (const char* generation : {kOld, kNew}) {
    RG_RETURN_IF_ERROR(SyncFolder(fs_, JoinPath(box_, generation), sync_));
  }
  RG_RETURN_IF_ERROR(SyncFolder(fs_, box_, sync_));
  return SyncFolder(fs_, FolderOf(box_), sync_);
}

// The names become links, still to the old files.
absl::Status FileSwitch::LinkNames(const std::vector<PendingFile>& files) {
  for (const PendingFile& file : files) {
    const std::string target =
        JoinPath(JoinPath(Basename(box_), kNow), Basename(file.path));
    // The temporary name is free again, and others know whose it is.
    RG_RETURN_IF_ERROR(fs_->CreateSymlink(target, file.temporary));
    RG_RETURN_IF_ERROR(fs_->RenameFile(file.temporary, file.path));
  }
  return SyncFolder(fs_, FolderOf(box_), sync_);
}

// The old files under their names again.
void FileSwitch::Undo(const std::vector<PendingFile>& files) {
  for (const PendingFile& file : files) {
    fs_->RemoveFile(file.temporary).IgnoreError();
  }
  FinishSwitch(fs_, box_, sync_).IgnoreError();
}

absl::Status PutInPlace(FileSystem* fs, const std::vector<PendingFile>& files,
                        bool sync) {
  if (files.empty()) return absl::OkStatus();
  if (files.size() > 1) {
    RG_ASSIGN_OR_RETURN(const std::unique_ptr<FileSwitch> at_once,
                        FileSwitch::Begin(fs, files[0].path, sync));
    if (at_once != nullptr) return at_once->Run(files);
  }
  RG_RETURN_IF_ERROR(RenameAll(fs, files));
  return SyncFolder(fs, FolderOf(files[0].path), sync);
}

absl::Status RenameAll(FileSystem* fs, const std::vector<PendingFile>& files) {
  for (size_t i = 0; i < files.size(); ++i) {
    absl::Status status = fs->RenameFile(files[i].temporary, files[i].path);
    if (status.ok()) continue;
    while (i-- > 0) {
      fs->RenameFile(files[i].path, files[i].temporary).IgnoreError();
    }
    return status;
  }
  return absl::OkStatus();
}

absl::Status FinishSwitch(FileSystem* fs, const std::string& box, bool sync) {
  const absl::StatusOr<std::string> now = fs->ReadSymlink(JoinPath(box, kNow));
  if (absl::IsNotFound(now.status())) return RemoveBox(fs, box);
  RG_RETURN_IF_ERROR(now.status());
  if (*now != kOld && *now != kNew) {
    return absl::DataLossError(absl::StrCat(box, "/now leads to ", *now));
  }
  const std::string folder = FolderOf(box);
  RG_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                      NamesIn(fs, box, *now));
  for (const std::string& name : names) {
    const std::string path = JoinPath(folder, name);
    RG_ASSIGN_OR_RETURN(const bool is_link, LeadsThrough(fs, path, box));
    if (!is_link) continue;
    RG_RETURN_IF_ERROR(
        ReplaceLink(fs, JoinPath(JoinPath(box, *now), name), path));
  }
  // A link that is left leads nowhere: there was no old file.
  RG_ASSIGN_OR_RETURN(const std::vector<std::string> new_names,
                      NamesIn(fs, box, kNew));
  for (const std::string& name : new_names) {
    const std::string path = JoinPath(folder, name);
    RG_ASSIGN_OR_RETURN(const bool is_link, LeadsThrough(fs, path, box));
    if (is_link) RG_RETURN_IF_ERROR(fs->RemoveFile(path));
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
