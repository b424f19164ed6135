#include "ops/queue.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/errors.h"
#include "ops/data_movement.h"

namespace retrograph {
namespace {

constexpr int64_t kNoToken = -1;

std::string ShapesText(const std::vector<PartialTensorShape>& shapes) {
  return absl::StrCat(
      "[",
      absl::StrJoin(shapes, ",",
                    [](std::string* out, const PartialTensorShape& shape) {
                      absl::StrAppend(out, shape.DebugString());
                    }),
      "]");
}

std::string TypesText(const DataTypeVector& types) {
  return absl::StrJoin(types, ", ", [](std::string* out, DataType type) {
    absl::StrAppend(out, DataTypeString(type));
  });
}

absl::Status ShapeMismatch(size_t component, const PartialTensorShape& expected,
                           const TensorShape& got) {
  return absl::InvalidArgumentError(absl::StrCat(
      "Shape mismatch in tuple component ", component, ". Expected ",
      expected.DebugString(), ", got ", got.DebugString()));
}

}  // namespace

absl::StatusOr<QueueConfig> ReadQueueConfig(const Operation& op,
                                            std::string name) {
  QueueConfig config;
  config.kind = op.type();
  if (config.kind.size() > 2 &&
      config.kind.compare(config.kind.size() - 2, 2, "V2") == 0) {
    config.kind.resize(config.kind.size() - 2);
  }
  config.name = std::move(name);
  RG_RETURN_IF_ERROR(op.GetAttr("capacity", &config.capacity));
  RG_RETURN_IF_ERROR(op.GetAttr("component_types", &config.types));
  for (const TensorShapeProto& proto :
       op.FindAttr("shapes")->list().shape()) {
    RG_ASSIGN_OR_RETURN(PartialTensorShape shape,
                        PartialTensorShape::FromProto(proto));
    config.shapes.push_back(std::move(shape));
  }
  if (config.kind == "PriorityQueue") {
    // The priority is a component of its own that the op does not name.
    config.types.insert(config.types.begin(), DT_INT64);
    config.shapes.insert(config.shapes.begin(), PartialTensorShape({}));
  }
  if (!config.shapes.empty() && config.shapes.size() != config.types.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Different number of component types.  ", "Types: ",
        TypesText(config.types), ", Shapes: ", ShapesText(config.shapes)));
  }
  if (config.kind == "RandomShuffleQueue") {
    RG_RETURN_IF_ERROR(
        op.GetAttr("min_after_dequeue", &config.min_after_dequeue));
    RG_RETURN_IF_ERROR(op.GetAttr("seed", &config.seed));
    RG_RETURN_IF_ERROR(op.GetAttr("seed2", &config.seed2));
    if (config.min_after_dequeue < 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          "min_after_dequeue ", config.min_after_dequeue, " must be >= 0"));
    }
    if (config.capacity >= 0 && config.min_after_dequeue >= config.capacity) {
      return absl::InvalidArgumentError(absl::StrCat(
          "min_after_dequeue ", config.min_after_dequeue,
          " must be < capacity ", config.capacity));
    }
  }
  return config;
}

std::string Queue::DebugString() const {
  return absl::StrCat(config_.kind, " '", config_.name, "' of ", Size(),
                      " elements");
}

absl::Status Queue::Matches(const QueueConfig& other,
                            const std::string& op_type) const {
  if (other.kind != config_.kind) {
    return absl::InvalidArgumentError(
        absl::StrCat("Expected ", config_.kind, ", found ", op_type));
  }
  const std::string shared = absl::StrCat("Shared queue '", config_.name, "'");
  if (other.capacity != config_.capacity) {
    return absl::InvalidArgumentError(
        absl::StrCat(shared, " has capacity ", config_.capacity,
                     " but requested capacity was ", other.capacity));
  }
  if (other.min_after_dequeue != config_.min_after_dequeue) {
    return absl::InvalidArgumentError(absl::StrCat(
        shared, " has min_after_dequeue ", config_.min_after_dequeue,
        " but requested min_after_dequeue was ", other.min_after_dequeue,
        "."));
  }
  if (other.seed != config_.seed || other.seed2 != config_.seed2) {
    return absl::InvalidArgumentError(absl::StrCat(
        shared, " has random seeds (", config_.seed, ", ", config_.seed2,
        ") but requested seeds are (", other.seed, ", ", other.seed2, ")."));
  }
  if (other.types != config_.types) {
    return absl::InvalidArgumentError(absl::StrCat(
        shared, " has component types ", TypesText(config_.types),
        " but requested component types were ", TypesText(other.types)));
  }
  if (!(other.shapes == config_.shapes)) {
    return absl::InvalidArgumentError(absl::StrCat(
        shared, " has component shapes ", ShapesText(config_.shapes),
        " but requested component shapes were ", ShapesText(other.shapes)));
  }
  return absl::OkStatus();
}

absl::Status Queue::CheckRow(const Row& row, bool batched) const {
  const auto rows_of = [](const Tensor& tensor) {
    return tensor.shape().rank() > 0 ? tensor.shape().dim(0) : 0;
  };
  for (size_t i = 0; i < row.size(); ++i) {
    const TensorShape& shape = row[i].shape();
    if (!config_.shapes.empty()) {
      PartialTensorShape expected = config_.shapes[i];
      if (batched && !expected.unknown_rank()) {
        std::vector<int64_t> dims = {rows_of(row[0])};
        dims.insert(dims.end(), expected.dims().begin(),
                    expected.dims().end());
        expected = PartialTensorShape(dims);
      }
      if (!expected.IsCompatibleWith(shape)) {
        return ShapeMismatch(i, expected, shape);
      }
    } else if (batched && (shape.rank() == 0 ||
                           shape.dim(0) != rows_of(row[0]))) {
      return absl::InvalidArgumentError(absl::StrCat(
          "All input tensors must have the same size in the 0th dimension. "
          "Component ",
          i, " has ", rows_of(row[i]), ", and should have ",
          rows_of(row[0])));
    }
  }
  return absl::OkStatus();
}

void Queue::Enqueue(KernelContext* ctx, Row row, Done done) {
  ctx->SetStatus(CheckRow(row, /*batched=*/false));
  if (!ctx->status().ok()) return done();
  auto attempt = std::make_unique<Attempt>();
  attempt->ctx = ctx;
  attempt->done = std::move(done);
  attempt->to_put.push_back(std::move(row));
  Start(std::move(attempt));
}

void Queue::EnqueueMany(KernelContext* ctx, const Row& batch, Done done) {
  ctx->SetStatus(CheckRow(batch, /*batched=*/true));
  if (!ctx->status().ok()) return done();
  const int64_t count = batch[0].shape().dim(0);
  if (count == 0) return done();
  auto attempt = std::make_unique<Attempt>();
  attempt->ctx = ctx;
  attempt->done = std::move(done);
  for (int64_t i = 0; i < count; ++i) {
    Row row;
    for (const Tensor& component : batch) {
      TensorShape shape = component.shape();
      shape.RemoveDim(0);
      row.push_back(component.Slice0(i, i + 1).Reshaped(shape));
    }
    attempt->to_put.push_back(std::move(row));
  }
  Start(std::move(attempt));
}

void Queue::Dequeue(KernelContext* ctx, Done done) {
  auto attempt = std::make_unique<Attempt>();
  attempt->kind = Kind::kDequeue;
  attempt->ctx = ctx;
  attempt->done = std::move(done);
  attempt->wanted = 1;
  Start(std::move(attempt));
}

void Queue::DequeueMany(KernelContext* ctx, int64_t count, bool up_to,
                        Done done) {
  if (!ShapesSuffice()) {
    ctx->SetStatus(absl::InvalidArgumentError(
        absl::StrCat(config_.kind, "'s DequeueMany and DequeueUpTo require the "
                                   "components to have specified shapes.")));
    return done();
  }
  auto attempt = std::make_unique<Attempt>();
  attempt->kind = Kind::kDequeue;
  attempt->ctx = ctx;
  attempt->done = std::move(done);
  attempt->wanted = count;
  attempt->many = true;
  attempt->up_to = up_to;
  if (count == 0) {
    Finished finished;
    finished.push_back(std::move(attempt));
    Finish(std::move(finished));
    return;
  }
  Start(std::move(attempt));
}

void Queue::Close(KernelContext* ctx, bool cancel_pending_enqueues,
                  Done done) {
  auto attempt = std::make_unique<Attempt>();
  attempt->kind = Kind::kClose;
  attempt->ctx = ctx;
  attempt->done = std::move(done);
  if (!cancel_pending_enqueues) {
    Start(std::move(attempt));
    return;
  }
  Finished finished;
  {
    absl::MutexLock lock(&mu_);
    closed_ = true;
    CancelPendingEnqueues(&finished);
    finished.push_back(std::move(attempt));
    Advance(&finished);
  }
  Finish(std::move(finished));
}

void Queue::CancelPendingEnqueues(Finished* finished) {
  Line staying;
  for (std::unique_ptr<Attempt>& pending : enqueues_) {
    if (pending->kind == Kind::kClose) {
      staying.push_back(std::move(pending));
      continue;
    }
    pending->ctx->SetStatus(
        absl::CancelledError("Enqueue operation was cancelled"));
    finished->push_back(std::move(pending));
  }
  enqueues_ = std::move(staying);
}

int64_t Queue::Size() const {
  absl::MutexLock lock(&mu_);
  return RowCount();
}

bool Queue::IsClosed() const {
  absl::MutexLock lock(&mu_);
  return closed_;
}

void Queue::Start(std::unique_ptr<Attempt> attempt) {
  Finished finished;
  Cancellation* const cancellation = attempt->ctx->env().cancellation;
  {
    absl::MutexLock lock(&mu_);
    attempt->id = next_id_++;
    bool registered = true;
    if (cancellation != nullptr) {
      // The callback waits for the lock, so the attempt is in line by then.
      registered = cancellation->OnCancel(
          &attempt->token, [self = shared_from_this(), id = attempt->id] {
            self->GiveUp(id);
          });
    }
    const bool is_dequeue = attempt->kind == Kind::kDequeue;
    if (!registered) {
      attempt->token = kNoToken;
      attempt->ctx->SetStatus(absl::CancelledError(
          is_dequeue ? "Dequeue operation was cancelled"
          : attempt->kind == Kind::kClose
              ? "Close operation was cancelled"
              : "Enqueue operation was cancelled"));
      finished.push_back(std::move(attempt));
    } else {
      (is_dequeue ? dequeues_ : enqueues_).push_back(std::move(attempt));
      Advance(&finished);
    }
  }
  Finish(std::move(finished));
}

void Queue::GiveUp(int64_t id) {
  Finished finished;
  {
    absl::MutexLock lock(&mu_);
    for (Line* line : {&enqueues_, &dequeues_}) {
      const auto found = std::find_if(
          line->begin(), line->end(),
          [id](const auto& attempt) { return attempt->id == id; });
      if (found == line->end()) continue;
      // What a dequeue had taken is lost with it, as in TensorFlow.
      (*found)->ctx->SetStatus(absl::CancelledError(
          (*found)->kind == Kind::kDequeue ? "Dequeue operation was cancelled"
          : (*found)->kind == Kind::kClose
              ? "Close operation was cancelled"
              : "Enqueue operation was cancelled"));
      finished.push_back(std::move(*found));
      line->erase(found);
      Advance(&finished);
      break;
    }
  }
  Finish(std::move(finished));
}

void Queue::Advance(Finished* finished) {
  bool news = true;
  while (news) {
    news = AdvanceEnqueues(finished);
    if (AdvanceDequeues(finished)) news = true;
  }
}

bool Queue::AdvanceEnqueues(Finished* finished) {
  bool news = false;
  while (!enqueues_.empty()) {
    Attempt& attempt = *enqueues_.front();
    if (attempt.kind == Kind::kClose) {
      if (closed_) {
        attempt.ctx->SetStatus(absl::CancelledError(
            absl::StrCat("Queue '", config_.name, "' is already closed.")));
      }
      closed_ = true;
    } else if (closed_) {
      attempt.ctx->SetStatus(absl::CancelledError(absl::StrCat(
          config_.kind, " '", config_.name, "' is closed.")));
    } else {
      while (!attempt.to_put.empty() && attempt.ctx->status().ok() &&
             (config_.capacity < 0 || RowCount() < config_.capacity)) {
        attempt.ctx->SetStatus(Put(std::move(attempt.to_put.front())));
        attempt.to_put.pop_front();
        news = true;
      }
      if (!attempt.to_put.empty() && attempt.ctx->status().ok()) return news;
    }
    finished->push_back(std::move(enqueues_.front()));
    enqueues_.pop_front();
    news = true;
  }
  return news;
}

bool Queue::AdvanceDequeues(Finished* finished) {
  bool news = false;
  while (!dequeues_.empty()) {
    Attempt& attempt = *dequeues_.front();
    const auto missing = [&attempt] {
      return attempt.wanted - static_cast<int64_t>(attempt.taken.size());
    };
    if (closed_ && Available(closed_) < missing()) {
      if (!EndShort(&attempt)) return news;
    } else {
      while (missing() > 0 && Available(closed_) > 0) {
        attempt.taken.push_back(Take());
        news = true;
      }
      if (missing() > 0) return news;
    }
    finished->push_back(std::move(dequeues_.front()));
    dequeues_.pop_front();
    news = true;
  }
  return news;
}

bool Queue::EndShort(Attempt* attempt) {
  const int64_t missing =
      attempt->wanted - static_cast<int64_t>(attempt->taken.size());
  const int64_t left = RowCount();
  PutBack(std::move(attempt->taken));
  attempt->taken.clear();
  if (attempt->up_to && RowCount() > 0) {
    attempt->wanted = RowCount();
    while (static_cast<int64_t>(attempt->taken.size()) < attempt->wanted) {
      attempt->taken.push_back(Take());
    }
    return true;
  }
  // An enqueue that still waits may bring some.
  if (attempt->up_to && !enqueues_.empty()) return false;
  attempt->ctx->SetStatus(absl::OutOfRangeError(absl::StrCat(
      config_.kind, " '", config_.name, "' is closed and has ",
      "insufficient elements (requested ", missing, ", current size ", left,
      ")")));
  return true;
}

void Queue::Finish(Finished finished) {
  for (std::unique_ptr<Attempt>& attempt : finished) {
    KernelContext* const ctx = attempt->ctx;
    Cancellation* const cancellation = ctx->env().cancellation;
    // Once it is cancelled its callbacks are being called, maybe by this very
    // thread, and find the attempt gone from its line.
    if (attempt->token != kNoToken && !cancellation->IsCancelled()) {
      cancellation->Forget(attempt->token);
    }
    if (attempt->kind == Kind::kDequeue && ctx->status().ok()) {
      ctx->SetStatus(SetOutputs(attempt.get()));
    }
    const Done done = std::move(attempt->done);
    attempt.reset();
    done();
  }
}

absl::Status Queue::SetOutputs(Attempt* attempt) const {
  for (size_t i = 0; i < config_.types.size(); ++i) {
    Tensor value;
    if (attempt->many) {
      RG_ASSIGN_OR_RETURN(value, Stack(attempt->taken, i));
    } else {
      value = std::move(attempt->taken[0][i]);
    }
    attempt->ctx->set_output(static_cast<int>(i), std::move(value));
  }
  return absl::OkStatus();
}

absl::StatusOr<Tensor> Queue::Stack(const std::vector<Row>& rows,
                                    size_t component) const {
  const TensorShape row_shape = config_.shapes[component].AsTensorShape();
  std::vector<int64_t> dims = {static_cast<int64_t>(rows.size())};
  dims.insert(dims.end(), row_shape.dims().begin(), row_shape.dims().end());
  RG_ASSIGN_OR_RETURN(const TensorShape shape, TensorShape::Create(dims));
  RG_ASSIGN_OR_RETURN(Tensor out,
                      Tensor::Allocate(config_.types[component], shape));
  const int64_t size = row_shape.num_elements();
  for (size_t i = 0; i < rows.size(); ++i) {
    CopyElements(rows[i][component], 0, size, &out,
                 static_cast<int64_t>(i) * size);
  }
  return out;
}

}  // namespace retrograph
