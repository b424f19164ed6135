#include "session/partial_run.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/errors.h"
#include "ops/step_container.h"

namespace retrograph {
namespace {

// Where `wanted` stands in `all`, or -1.
int Find(const std::vector<Output>& all, const Output& wanted) {
  const auto found = std::find(all.begin(), all.end(), wanted);
  return found == all.end() ? -1 : static_cast<int>(found - all.begin());
}

bool AllSet(const std::vector<bool>& flags) {
  return std::find(flags.begin(), flags.end(), false) == flags.end();
}

}  // namespace

std::string PartialRunKey(const Signature& signature) {
  const auto tensor = [](std::string* out, const Output& t) {
    absl::StrAppend(out, t.name());
  };
  const auto operation = [](std::string* out, const Operation* op) {
    absl::StrAppend(out, op->name());
  };
  return absl::StrCat(absl::StrJoin(signature.feeds, ",", tensor), "->",
                      absl::StrJoin(signature.fetches, ",", tensor), "/",
                      absl::StrJoin(signature.targets, ",", operation), "/1/");
}

PartialRun::PartialRun(const Plan* plan, RunEnvironment env,
                       CancellationManager* session,
                       const ExecutorOptions& options)
    : plan_(*plan),
      env_(std::move(env)),
      session_(session),
      fed_(plan->signature.feeds.size(), false),
      fetched_(plan->signature.fetches.size(), false) {
  env_.cancellation = &cancellation_;
  step_ = std::make_shared<Step>(plan_, env_, &cancellation_, options);
  // A session that a failed partial run has cancelled still takes others: as
  // in TensorFlow only Session::Run looks.
  session_->OnCancel(&token_, [this] { cancellation_.Cancel(); });
}

PartialRun::~PartialRun() {
  session_->Forget(token_);
  if (plan_.has_step_resources) {
    env_.resources->Clear(StepContainer(env_.step_id));
  }
}

void PartialRun::Start() {
  absl::MutexLock lock(&mu_);
  if (status_.ok()) status_ = step_->Start();
}

absl::StatusOr<int> PartialRun::FeedNumber(const Output& feed) const {
  const int number = Find(plan_.signature.feeds, feed);
  if (number < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("The feed ", feed.name(),
                     " was not specified in partial_run_setup."));
  }
  if (fed_[number]) {
    return absl::InvalidArgumentError(
        absl::StrCat("The feed ", feed.name(), " has already been fed."));
  }
  return number;
}

absl::StatusOr<int> PartialRun::FetchNumber(const Output& fetch) const {
  const int number = Find(plan_.signature.fetches, fetch);
  if (number < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("The fetch ", fetch.name(),
                     " was not specified in partial_run_setup."));
  }
  if (fetched_[number]) {
    return absl::InvalidArgumentError(absl::StrCat(
        "The fetch ", fetch.name(), " has already been fetched."));
  }
  return number;
}

absl::Status PartialRun::CheckComputable(
    const std::vector<Session::Feed>& feeds,
    const std::vector<Output>& fetches) const {
  absl::flat_hash_set<Output> missing;
  for (size_t i = 0; i < fed_.size(); ++i) {
    if (!fed_[i]) missing.insert(plan_.signature.feeds[i]);
  }
  for (const Session::Feed& feed : feeds) missing.erase(feed.first);
  std::vector<const Operation*> to_visit;
  for (const Output& fetch : fetches) to_visit.push_back(fetch.op);
  absl::flat_hash_set<const Operation*> visited(to_visit.begin(),
                                                to_visit.end());
  const auto visit = [&](const Operation* op) {
    if (visited.insert(op).second) to_visit.push_back(op);
  };
  while (!to_visit.empty()) {
    const Operation* const op = to_visit.back();
    to_visit.pop_back();
    for (const Output& input : op->inputs()) {
      if (missing.contains(input)) {
        return absl::InvalidArgumentError(absl::StrCat(
            "Fetch ", input.name(),
            " can't be computed from the feeds that have been fed so far."));
      }
      visit(input.op);
    }
    for (const Operation* control : op->control_inputs()) visit(control);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Tensor>> PartialRun::Continue(
    const std::vector<Session::Feed>& feeds,
    const std::vector<Output>& fetches) {
  absl::MutexLock lock(&mu_);
  RG_RETURN_IF_ERROR(status_);
  std::vector<std::pair<int, Tensor>> numbered_feeds;
  for (const auto& [feed, value] : feeds) {
    RG_ASSIGN_OR_RETURN(const int number, FeedNumber(feed));
    numbered_feeds.emplace_back(number, value);
  }
  std::vector<int> numbered_fetches;
  for (const Output& fetch : fetches) {
    RG_ASSIGN_OR_RETURN(const int number, FetchNumber(fetch));
    numbered_fetches.push_back(number);
  }
  RG_RETURN_IF_ERROR(CheckComputable(feeds, fetches));
  for (const auto& feed : numbered_feeds) fed_[feed.first] = true;
  absl::StatusOr<std::vector<Tensor>> values =
      step_->Continue(numbered_feeds, numbered_fetches);
  if (!values.ok()) {
    status_ = values.status();
    return values;
  }
  for (int fetch : numbered_fetches) fetched_[fetch] = true;
  return values;
}

bool PartialRun::IsOver() const {
  absl::MutexLock lock(&mu_);
  return !status_.ok() || (AllSet(fed_) && AllSet(fetched_));
}

bool PartialRun::HasFailed() const {
  absl::MutexLock lock(&mu_);
  return !status_.ok();
}

}  // namespace retrograph
