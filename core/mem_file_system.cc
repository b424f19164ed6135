#include "core/mem_file_system.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "core/errors.h"
#include "core/observer.h"

namespace retrograph {
namespace {

struct Node;
using Names = std::map<std::string, std::shared_ptr<Node>>;

// A file or a directory: as it is, and as it would be after a power loss.
struct Node {
  uint64_t number = 0;
  bool is_directory = false;
  std::string symlink;  // where a symbolic link leads; empty for others
  int64_t mtime_nanos = 0;
  std::string content, durable_content;
  Names names, durable_names;
};

// A change of names that a journalling disk makes as a whole or not at all: a
// rename removes one name and sets another.
struct NameChange {
  std::shared_ptr<Node> directory;
  std::string name;
  std::shared_ptr<Node> node;  // null: the name goes
};
using Operation = std::vector<NameChange>;

void Apply(const NameChange& change, Names* names) {
  if (change.node == nullptr) {
    names->erase(change.name);
  } else {
    (*names)[change.name] = change.node;
  }
}

int64_t NowNanos() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

struct MemFileSystem::State {
  std::mutex mu;
  std::condition_variable unlocked;
  // All below is guarded by mu.
  std::shared_ptr<Node> root;
  std::set<std::string> locks;  // normalised paths
  uint64_t last_number = 0;
  uint64_t power_losses = 0;
  std::vector<Operation> unsynced;  // in the order in which they were done

  void Do(Operation operation) {
    for (const NameChange& change : operation) {
      Apply(change, &change.directory->names);
    }
    unsynced.push_back(std::move(operation));
  }

  std::shared_ptr<Node> NewNode(bool is_directory) {
    auto node = std::make_shared<Node>();
    node->number = ++last_number;
    node->is_directory = is_directory;
    node->mtime_nanos = NowNanos();
    return node;
  }

  // The node at a path, or the error that the system would give. `context` is
  // what the message names.
  absl::StatusOr<std::shared_ptr<Node>> Find(
      absl::Span<const std::string> parts, const std::string& context) const;

  struct Place {
    std::shared_ptr<Node> directory;
    std::string name;
    std::shared_ptr<Node> node;  // null if there is none
  };
  // A name in a directory that exists.
  absl::StatusOr<Place> FindPlace(const std::string& path) const;

  // Back to what is durable, where content(node) says what is left of a file.
  void LosePower(const std::function<std::string(const Node&)>& content);
};

namespace {

using State = MemFileSystem::State;

constexpr int kMaxLinks = 40;  // as Linux

std::vector<std::string> Split(const std::string& path) {
  std::vector<std::string> parts = absl::StrSplit(path, '/', absl::SkipEmpty());
  parts.erase(std::remove(parts.begin(), parts.end(), "."), parts.end());
  return parts;
}

// Calls visit for every node below `node`, itself included, once.
void VisitNodes(const std::shared_ptr<Node>& node,
                const std::function<void(Node*)>& visit) {
  std::set<Node*> seen;
  std::vector<std::shared_ptr<Node>> todo = {node};
  while (!todo.empty()) {
    const std::shared_ptr<Node> next = todo.back();
    todo.pop_back();
    if (!seen.insert(next.get()).second) continue;
    visit(next.get());
    for (const auto& [name, child] : next->names) todo.push_back(child);
  }
}

class MemWritableFile : public WritableFile {
 public:
  MemWritableFile(std::shared_ptr<State> state, std::shared_ptr<Node> node,
                  std::string path)
      : state_(std::move(state)),
        node_(std::move(node)),
        path_(std::move(path)),
        power_losses_(state_->power_losses) {}

  absl::Status Append(absl::string_view data) override {
    std::lock_guard<std::mutex> lock(state_->mu);
    RG_RETURN_IF_ERROR(CheckOpen());
    node_->content.append(data.data(), data.size());
    node_->mtime_nanos = NowNanos();
    written_ += static_cast<int64_t>(data.size());
    return absl::OkStatus();
  }
  absl::Status Flush() override {
    std::lock_guard<std::mutex> lock(state_->mu);
    return CheckOpen();
  }
  absl::Status Sync() override {
    std::lock_guard<std::mutex> lock(state_->mu);
    RG_RETURN_IF_ERROR(CheckOpen());
    node_->durable_content = node_->content;
    return absl::OkStatus();
  }
  absl::Status Close() override {
    {
      std::lock_guard<std::mutex> lock(state_->mu);
      RG_RETURN_IF_ERROR(CheckOpen());
      closed_ = true;
    }
    if (Observer* observer = CurrentObserver()) {
      observer->OnFileWritten({path_, written_});
    }
    return absl::OkStatus();
  }

 private:
  absl::Status CheckOpen() const {
    if (closed_) return IoError(path_, EBADF);
    return state_->power_losses == power_losses_ ? absl::OkStatus()
                                                 : IoError(path_, EIO);
  }

  const std::shared_ptr<State> state_;
  const std::shared_ptr<Node> node_;
  const std::string path_;
  const uint64_t power_losses_;  // when the file was opened
  int64_t written_ = 0;
  bool closed_ = false;
};

class MemRandomAccessFile : public RandomAccessFile {
 public:
  MemRandomAccessFile(std::shared_ptr<State> state, std::shared_ptr<Node> node,
                      std::string path)
      : state_(std::move(state)),
        node_(std::move(node)),
        path_(std::move(path)) {}

  absl::StatusOr<size_t> Read(uint64_t offset, size_t length,
                              char* buffer) const override {
    std::lock_guard<std::mutex> lock(state_->mu);
    if (node_->is_directory) return IoError(path_, EISDIR);
    const std::string& content = node_->content;
    if (offset >= content.size()) return size_t{0};
    const size_t got = std::min<size_t>(length, content.size() - offset);
    std::memcpy(buffer, content.data() + offset, got);
    return got;
  }
  absl::StatusOr<uint64_t> Size() const override {
    std::lock_guard<std::mutex> lock(state_->mu);
    return uint64_t{node_->content.size()};
  }

 private:
  const std::shared_ptr<State> state_;
  const std::shared_ptr<Node> node_;
  const std::string path_;
};

class MemFileLock : public FileLock {
 public:
  MemFileLock(std::shared_ptr<State> state, std::string path)
      : state_(std::move(state)),
        path_(std::move(path)),
        power_losses_(state_->power_losses) {}
  ~MemFileLock() override {
    std::lock_guard<std::mutex> lock(state_->mu);
    if (state_->power_losses == power_losses_) state_->locks.erase(path_);
    state_->unlocked.notify_all();
  }

 private:
  const std::shared_ptr<State> state_;
  const std::string path_;
  const uint64_t power_losses_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<Node>> MemFileSystem::State::Find(
    absl::Span<const std::string> parts, const std::string& context) const {
  if (context.empty()) return IoError(context, ENOENT);
  std::shared_ptr<Node> node = root;
  std::vector<std::string> todo(parts.rbegin(), parts.rend());
  int links = 0;
  while (!todo.empty()) {
    if (!node->is_directory) return IoError(context, ENOTDIR);
    const auto it = node->names.find(todo.back());
    if (it == node->names.end()) return IoError(context, ENOENT);
    todo.pop_back();
    const std::string& symlink = it->second->symlink;
    if (symlink.empty()) {
      node = it->second;
      continue;
    }
    if (++links > kMaxLinks) return IoError(context, ELOOP);
    // It leads on from the directory that it is in.
    if (IsAbsolutePath(symlink)) node = root;
    const std::vector<std::string> target = Split(symlink);
    todo.insert(todo.end(), target.rbegin(), target.rend());
  }
  return node;
}

absl::StatusOr<State::Place> MemFileSystem::State::FindPlace(
    const std::string& path) const {
  const std::vector<std::string> parts = Split(path);
  if (!path.empty() && parts.empty())
    return IoError(path, EBUSY);  // the root itself
  Place place;
  RG_ASSIGN_OR_RETURN(
      place.directory,
      Find(absl::MakeConstSpan(parts).subspan(0, parts.size() - 1), path));
  if (!place.directory->is_directory) return IoError(path, ENOTDIR);
  place.name = parts.back();
  const auto it = place.directory->names.find(place.name);
  if (it != place.directory->names.end()) place.node = it->second;
  return place;
}

void MemFileSystem::State::LosePower(
    const std::function<std::string(const Node&)>& content) {
  ++power_losses;
  locks.clear();
  unlocked.notify_all();
  unsynced.clear();
  // The names of a directory are restored before its files are looked for.
  VisitNodes(root, [&content](Node* node) {
    if (node->is_directory) {
      node->names = node->durable_names;
    } else {
      node->content = content(*node);
      node->durable_content = node->content;
    }
  });
}

MemFileSystem::MemFileSystem() : state_(std::make_shared<State>()) {
  state_->root = state_->NewNode(/*is_directory=*/true);
}

MemFileSystem::~MemFileSystem() = default;

void MemFileSystem::DropUnsyncedData() {
  std::lock_guard<std::mutex> lock(state_->mu);
  state_->LosePower([](const Node& node) { return node.durable_content; });
}

namespace {

// What may be left of a file that was not synced.
std::string SomeContent(const Node& node, std::mt19937_64* random) {
  if (node.content == node.durable_content) return node.content;
  const size_t cut = (*random)() % (node.content.size() + 1);
  switch ((*random)() % 4) {
    case 0:
      return node.durable_content;
    case 1:
      return node.content;
    case 2:
      return node.content.substr(0, cut);
    default:  // the size arrived, the end of the data did not
      return node.content.substr(0, cut) +
             std::string(node.content.size() - cut, '\0');
  }
}

}  // namespace

void MemFileSystem::DropSomeUnsyncedData(uint64_t seed) {
  std::lock_guard<std::mutex> lock(state_->mu);
  std::mt19937_64 random(seed);
  const bool in_order = seed % 2 == 0;
  const size_t count = state_->unsynced.size();
  const size_t kept = random() % (count + 1);
  for (size_t i = 0; i < count; ++i) {
    if (in_order ? i >= kept : random() % 2 == 0) continue;
    for (const NameChange& change : state_->unsynced[i]) {
      Apply(change, &change.directory->durable_names);
    }
  }
  state_->LosePower(
      [&random](const Node& node) { return SomeContent(node, &random); });
}

void MemFileSystem::SyncEverything() {
  std::lock_guard<std::mutex> lock(state_->mu);
  state_->unsynced.clear();
  VisitNodes(state_->root, [](Node* node) {
    node->durable_content = node->content;
    node->durable_names = node->names;
  });
}

absl::StatusOr<std::unique_ptr<WritableFile>> MemFileSystem::NewWritableFile(
    const std::string& path) {
  std::lock_guard<std::mutex> lock(state_->mu);
  if (!path.empty() && Split(path).empty()) return IoError(path, EISDIR);
  RG_ASSIGN_OR_RETURN(State::Place place, state_->FindPlace(path));
  if (place.node == nullptr) {
    place.node = state_->NewNode(/*is_directory=*/false);
    state_->Do({{place.directory, place.name, place.node}});
  }
  if (!place.node->symlink.empty()) {
    RG_ASSIGN_OR_RETURN(place.node, state_->Find(Split(path), path));
  }
  if (place.node->is_directory) return IoError(path, EISDIR);
  place.node->content.clear();
  place.node->mtime_nanos = NowNanos();
  return std::make_unique<MemWritableFile>(state_, place.node, path);
}

absl::StatusOr<std::unique_ptr<RandomAccessFile>>
MemFileSystem::NewRandomAccessFile(const std::string& path) {
  std::lock_guard<std::mutex> lock(state_->mu);
  RG_ASSIGN_OR_RETURN(std::shared_ptr<Node> node,
                      state_->Find(Split(path), path));
  // A directory can be opened; reading it fails, as on Linux.
  return std::make_unique<MemRandomAccessFile>(state_, std::move(node), path);
}

absl::StatusOr<FileStat> MemFileSystem::Stat(const std::string& path) {
  std::lock_guard<std::mutex> lock(state_->mu);
  RG_ASSIGN_OR_RETURN(std::shared_ptr<Node> node,
                      state_->Find(Split(path), path));
  if (!node->is_directory && path.back() == '/') return IoError(path, ENOTDIR);
  FileStat stat;
  stat.size = node->content.size();
  stat.mtime_nanos = node->mtime_nanos;
  stat.is_directory = node->is_directory;
  stat.inode = node->number;
  return stat;
}

absl::StatusOr<std::vector<std::string>> MemFileSystem::ListDirectory(
    const std::string& path) {
  std::lock_guard<std::mutex> lock(state_->mu);
  RG_ASSIGN_OR_RETURN(std::shared_ptr<Node> node,
                      state_->Find(Split(path), path));
  if (!node->is_directory) return IoError(path, ENOTDIR);
  std::vector<std::string> names;
  for (const auto& entry : node->names) names.push_back(entry.first);
  return names;
}

absl::Status MemFileSystem::CreateDirectory(const std::string& path) {
  std::lock_guard<std::mutex> lock(state_->mu);
  if (!path.empty() && Split(path).empty()) return IoError(path, EEXIST);
  RG_ASSIGN_OR_RETURN(State::Place place, state_->FindPlace(path));
  if (place.node != nullptr) return IoError(path, EEXIST);
  state_->Do(
      {{place.directory, place.name, state_->NewNode(/*is_directory=*/true)}});
  return absl::OkStatus();
}

absl::Status MemFileSystem::RemoveFile(const std::string& path) {
  {
    std::lock_guard<std::mutex> lock(state_->mu);
    RG_ASSIGN_OR_RETURN(State::Place place, state_->FindPlace(path));
    if (place.node == nullptr) return IoError(path, ENOENT);
    if (place.node->is_directory) return IoError(path, EISDIR);
    state_->Do({{place.directory, place.name, nullptr}});
  }
  if (Observer* observer = CurrentObserver()) observer->OnFileRemoved({path});
  return absl::OkStatus();
}

absl::Status MemFileSystem::RemoveDirectory(const std::string& path) {
  std::lock_guard<std::mutex> lock(state_->mu);
  RG_ASSIGN_OR_RETURN(State::Place place, state_->FindPlace(path));
  if (place.node == nullptr) return IoError(path, ENOENT);
  if (!place.node->is_directory) return IoError(path, ENOTDIR);
  if (!place.node->names.empty()) return IoError(path, ENOTEMPTY);
  state_->Do({{place.directory, place.name, nullptr}});
  return absl::OkStatus();
}

namespace {

// Whether `directory` is `node` or stands somewhere below it.
bool IsWithin(const Node* directory, const std::shared_ptr<Node>& node) {
  bool within = false;
  VisitNodes(node, [&](Node* visited) { within |= visited == directory; });
  return within;
}

// The errno value with which rename refuses, or 0.
int RenameProblem(const State::Place& from, const State::Place& to) {
  if (from.node == nullptr) return ENOENT;
  if (from.node->is_directory && IsWithin(to.directory.get(), from.node)) {
    return EINVAL;
  }
  if (to.node == nullptr || to.node == from.node) return 0;
  if (to.node->is_directory && !from.node->is_directory) return EISDIR;
  if (!to.node->is_directory && from.node->is_directory) return ENOTDIR;
  return to.node->names.empty() ? 0 : ENOTEMPTY;
}

}  // namespace

absl::Status MemFileSystem::RenameFile(const std::string& from,
                                       const std::string& to) {
  {
    std::lock_guard<std::mutex> lock(state_->mu);
    RG_ASSIGN_OR_RETURN(State::Place source, state_->FindPlace(from));
    absl::StatusOr<State::Place> target = state_->FindPlace(to);
    // The system's message names the first path, whatever is wrong.
    if (!target.ok()) {
      return WithMessage(
          target.status(),
          absl::StrCat(from, target.status().message().substr(to.size())));
    }
    if (const int problem = RenameProblem(source, *target); problem != 0) {
      return IoError(from, problem);
    }
    if (source.node == target->node) return absl::OkStatus();  // as in POSIX
    state_->Do({{source.directory, source.name, nullptr},
                {target->directory, target->name, source.node}});
  }
  if (Observer* observer = CurrentObserver()) {
    observer->OnFileRenamed({from, to});
  }
  return absl::OkStatus();
}

absl::Status MemFileSystem::LinkFile(const std::string& from,
                                     const std::string& to) {
  std::lock_guard<std::mutex> lock(state_->mu);
  RG_ASSIGN_OR_RETURN(const std::shared_ptr<Node> source,
                      state_->Find(Split(from), from));
  RG_ASSIGN_OR_RETURN(State::Place target, state_->FindPlace(to));
  if (target.node != nullptr) return IoError(to, EEXIST);
  if (source->is_directory) return IoError(from, EPERM);
  state_->Do({{target.directory, target.name, source}});
  return absl::OkStatus();
}

absl::Status MemFileSystem::CreateSymlink(const std::string& target,
                                          const std::string& path) {
  std::lock_guard<std::mutex> lock(state_->mu);
  if (target.empty()) return IoError(path, ENOENT);
  RG_ASSIGN_OR_RETURN(State::Place place, state_->FindPlace(path));
  if (place.node != nullptr) return IoError(path, EEXIST);
  place.node = state_->NewNode(/*is_directory=*/false);
  place.node->symlink = target;
  state_->Do({{place.directory, place.name, place.node}});
  return absl::OkStatus();
}

absl::StatusOr<std::string> MemFileSystem::ReadSymlink(
    const std::string& path) {
  std::lock_guard<std::mutex> lock(state_->mu);
  RG_ASSIGN_OR_RETURN(State::Place place, state_->FindPlace(path));
  if (place.node == nullptr) return IoError(path, ENOENT);
  if (place.node->symlink.empty()) return IoError(path, EINVAL);
  return place.node->symlink;
}

absl::Status MemFileSystem::SyncDirectory(const std::string& path) {
  std::lock_guard<std::mutex> lock(state_->mu);
  RG_ASSIGN_OR_RETURN(std::shared_ptr<Node> node,
                      state_->Find(Split(path), path));
  if (!node->is_directory) return IoError(path, ENOTDIR);
  node->durable_names = node->names;
  for (Operation& operation : state_->unsynced) {
    operation.erase(std::remove_if(operation.begin(), operation.end(),
                                   [&node](const NameChange& change) {
                                     return change.directory == node;
                                   }),
                    operation.end());
  }
  state_->unsynced.erase(
      std::remove_if(
          state_->unsynced.begin(), state_->unsynced.end(),
          [](const Operation& operation) { return operation.empty(); }),
      state_->unsynced.end());
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<FileLock>> MemFileSystem::LockFile(
    const std::string& path) {
  std::unique_lock<std::mutex> lock(state_->mu);
  const std::string key = absl::StrJoin(Split(path), "/");
  if (!key.empty() || path.empty()) {
    RG_ASSIGN_OR_RETURN(State::Place place, state_->FindPlace(path));
    if (place.node == nullptr) {
      state_->Do({{place.directory, place.name,
                   state_->NewNode(/*is_directory=*/false)}});
    }
  }
  state_->unlocked.wait(lock, [&] { return state_->locks.count(key) == 0; });
  state_->locks.insert(key);
  return std::make_unique<MemFileLock>(state_, key);
}

}  // namespace retrograph
