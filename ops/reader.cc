#include "ops/reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"

namespace retrograph {
namespace {

// The message ReaderBaseState: work_started, work_finished,
// num_records_produced, current_work.
constexpr int kNumNumbers = 3, kWorkField = 4;

void AppendVarint(uint64_t value, std::string* out) {
  for (; value >= 0x80; value >>= 7) {
    out->push_back(static_cast<char>(value | 0x80));
  }
  out->push_back(static_cast<char>(value));
}

bool TakeVarint(absl::string_view* in, uint64_t* value) {
  *value = 0;
  for (int shift = 0; shift < 64 && !in->empty(); shift += 7) {
    const uint64_t byte = static_cast<unsigned char>(in->front());
    in->remove_prefix(1);
    *value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

struct State {
  int64_t numbers[kNumNumbers] = {0, 0, 0};
  std::string work;

  std::string Serialized() const {
    std::string out;
    for (int i = 0; i < kNumNumbers; ++i) {
      if (numbers[i] == 0) continue;
      AppendVarint(static_cast<uint64_t>(i + 1) << 3, &out);
      AppendVarint(static_cast<uint64_t>(numbers[i]), &out);
    }
    if (!work.empty()) {
      AppendVarint(kWorkField << 3 | 2, &out);
      AppendVarint(work.size(), &out);
      out += work;
    }
    return out;
  }
  // As a message prints itself.
  std::string Text() const {
    const char* const names[] = {"work_started", "work_finished",
                                 "num_records_produced"};
    std::string out;
    for (int i = 0; i < kNumNumbers; ++i) {
      if (numbers[i] == 0) continue;
      absl::StrAppend(&out, names[i], ": ", numbers[i], "\n");
    }
    if (!work.empty()) {
      absl::StrAppend(&out, "current_work: \"", absl::CEscape(work), "\"\n");
    }
    return out;
  }
  bool Parse(absl::string_view in) {
    while (!in.empty()) {
      uint64_t tag = 0, value = 0;
      if (!TakeVarint(&in, &tag) || !TakeVarint(&in, &value)) return false;
      if (tag >= 8 && tag <= 8 * kNumNumbers && tag % 8 == 0) {
        numbers[tag / 8 - 1] = static_cast<int64_t>(value);
      } else if (tag == (kWorkField << 3 | 2) && value <= in.size()) {
        work = std::string(in.substr(0, static_cast<size_t>(value)));
        in.remove_prefix(static_cast<size_t>(value));
      } else {
        return false;
      }
    }
    return true;
  }
};

absl::Status CheckQueue(const Queue& queue) {
  const DataTypeVector& types = queue.config().types;
  if (types.size() != 1) {
    return absl::InvalidArgumentError("Expected single component queue");
  }
  if (types[0] != DT_STRING) {
    return absl::InvalidArgumentError(
        "Expected queue with single string component");
  }
  return absl::OkStatus();
}

}  // namespace

struct Reader::Job {
  KernelContext* ctx = nullptr;
  std::shared_ptr<Queue> queue;
  Done done;
  int64_t count = 1;
  bool many = false;
  std::vector<Record> records;
};

void Reader::TakeTurn(std::function<void()> action) {
  {
    absl::MutexLock lock(&mu_);
    if (busy_) {
      waiting_.push_back(std::move(action));
      return;
    }
    busy_ = true;
  }
  action();
}

void Reader::EndTurn() {
  std::function<void()> next;
  {
    absl::MutexLock lock(&mu_);
    if (waiting_.empty()) {
      busy_ = false;
      return;
    }
    next = std::move(waiting_.front());
    waiting_.pop_front();
  }
  next();
}

void Reader::Read(KernelContext* ctx, std::shared_ptr<Queue> queue,
                  Done done) {
  auto job = std::make_shared<Job>();
  job->ctx = ctx;
  job->queue = std::move(queue);
  job->done = std::move(done);
  TakeTurn([self = shared_from_this(), job] { self->Continue(job); });
}

void Reader::ReadUpTo(KernelContext* ctx, std::shared_ptr<Queue> queue,
                      int64_t count, Done done) {
  auto job = std::make_shared<Job>();
  job->ctx = ctx;
  job->queue = std::move(queue);
  job->done = std::move(done);
  job->count = count;
  job->many = true;
  TakeTurn([self = shared_from_this(), job] { self->Continue(job); });
}

void Reader::Continue(const std::shared_ptr<Job>& job) {
  while (job->records.empty() && job->count > 0) {
    const Cancellation* const cancellation = job->ctx->env().cancellation;
    if (cancellation != nullptr && cancellation->IsCancelled()) {
      job->ctx->SetStatus(absl::CancelledError("Read was cancelled"));
      break;
    }
    if (!has_work_) return TakeWork(job);
    job->ctx->SetStatus(ReadSome(job.get()));
    if (!job->ctx->status().ok()) break;
  }
  Finish(job);
}

void Reader::TakeWork(const std::shared_ptr<Job>& job) {
  job->ctx->SetStatus(CheckQueue(*job->queue));
  if (!job->ctx->status().ok()) return Finish(job);
  job->queue->Dequeue(job->ctx, [self = shared_from_this(), job] {
    job->ctx->SetStatus(self->StartWork(job.get()));
    if (!job->ctx->status().ok()) return self->Finish(job);
    self->Continue(job);
  });
}

absl::Status Reader::StartWork(Job* job) {
  RG_RETURN_IF_ERROR(job->ctx->status());
  const Tensor work = job->ctx->outputs()[0].tensor;
  job->ctx->outputs()[0] = Value();
  if (work.dtype() != DT_STRING || work.num_elements() != 1) {
    return absl::InvalidArgumentError(
        "Expected to dequeue a one-element string tensor");
  }
  work_ = work.flat<std::string>()[0];
  file_system_ = job->ctx->env().file_system;
  RG_RETURN_IF_ERROR(Start(file_system_, work_));
  has_work_ = true;
  return absl::OkStatus();
}

absl::Status Reader::ReadSome(Job* job) {
  bool more = true;
  while (more && static_cast<int64_t>(job->records.size()) < job->count) {
    Record record;
    RG_ASSIGN_OR_RETURN(more, Next(&record));
    if (!more) break;
    ++num_records_;
    job->records.push_back(std::move(record));
    more = !AtEnd();
  }
  if (more) return absl::OkStatus();
  Forget();
  has_work_ = false;
  ++work_finished_;
  return absl::OkStatus();
}

void Reader::Finish(const std::shared_ptr<Job>& job) {
  KernelContext* const ctx = job->ctx;
  if (ctx->status().ok() && job->many) {
    const TensorShape shape({static_cast<int64_t>(job->records.size())});
    Tensor keys = ctx->Allocate(DT_STRING, shape);
    Tensor values = ctx->Allocate(DT_STRING, shape);
    if (ctx->status().ok()) {
      for (size_t i = 0; i < job->records.size(); ++i) {
        keys.mutable_flat<std::string>()[i] = std::move(job->records[i].key);
        values.mutable_flat<std::string>()[i] =
            std::move(job->records[i].value);
      }
      ctx->set_output(0, std::move(keys));
      ctx->set_output(1, std::move(values));
    }
  } else if (ctx->status().ok()) {
    ctx->set_output(0, Tensor::Scalar(std::move(job->records[0].key)));
    ctx->set_output(1, Tensor::Scalar(std::move(job->records[0].value)));
  }
  // The next one's turn first: `done` may end all that there is.
  const Done done = std::move(job->done);
  const std::shared_ptr<Reader> self = shared_from_this();
  EndTurn();
  done();
}

void Reader::Reset() {
  Forget();
  has_work_ = false;
  work_.clear();
  work_finished_ = 0;
  num_records_ = 0;
}

absl::StatusOr<std::string> Reader::SerializeState() const {
  if (!HasState()) return absl::UnimplementedError("Reader SerializeState");
  State state;
  state.numbers[0] = work_finished_ + (has_work_ ? 1 : 0);
  state.numbers[1] = work_finished_;
  state.numbers[2] = num_records_;
  if (has_work_) state.work = work_;
  return state.Serialized();
}

absl::Status Reader::RestoreState(const std::string& text) {
  if (!HasState()) return absl::UnimplementedError("Reader RestoreState");
  // Whatever the state says, what was before is over.
  Reset();
  State state;
  if (!state.Parse(text)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Could not parse state for ", name_, ": ", absl::CEscape(text)));
  }
  for (int64_t number : state.numbers) {
    if (number >= 0) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("Unexpected negative value when restoring in ", name_,
                     ": ", state.Text()));
  }
  // What is in a work unit is not kept.
  if (state.numbers[0] > state.numbers[1]) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Inconsistent work started vs. finished when restoring in ", name_,
        ": ", state.Text()));
  }
  work_finished_ = state.numbers[1];
  num_records_ = state.numbers[2];
  return absl::OkStatus();
}

}  // namespace retrograph
