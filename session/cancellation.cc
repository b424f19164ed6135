#include "session/cancellation.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace retrograph {

bool CancellationManager::OnCancel(int64_t* token,
                                   std::function<void()> callback) {
  absl::MutexLock lock(&mu_);
  if (IsCancelled()) return false;
  *token = next_token_++;
  callbacks_.emplace(*token, std::move(callback));
  return true;
}

bool CancellationManager::Forget(int64_t token) {
  absl::MutexLock lock(&mu_);
  mu_.Await(absl::Condition(
      +[](bool* calling) { return !*calling; }, &calling_));
  return callbacks_.erase(token) > 0;
}

void CancellationManager::Cancel() {
  std::vector<std::pair<int64_t, std::function<void()>>> to_call;
  {
    absl::MutexLock lock(&mu_);
    if (IsCancelled()) return;
    cancelled_.store(true, std::memory_order_release);
    calling_ = true;
    to_call.assign(std::make_move_iterator(callbacks_.begin()),
                   std::make_move_iterator(callbacks_.end()));
    callbacks_.clear();
  }
  std::sort(to_call.begin(), to_call.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  // Without the lock: a callback finishes its kernel.
  for (auto& [token, callback] : to_call) callback();
  absl::MutexLock lock(&mu_);
  calling_ = false;
}

}  // namespace retrograph
