#include "ops/queue_kinds.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "ops/data_movement.h"
#include "ops/random_source.h"

namespace retrograph {
namespace {

class FifoQueue : public Queue {
 public:
  using Queue::Queue;

 protected:
  int64_t RowCount() const override {
    return static_cast<int64_t>(rows_.size());
  }
  absl::Status Put(Row row) override {
    rows_.push_back(std::move(row));
    return absl::OkStatus();
  }
  Row Take() override {
    Row row = std::move(rows_.front());
    rows_.pop_front();
    return row;
  }
  void PutBack(std::vector<Row> rows) override {
    rows_.insert(rows_.begin(), std::make_move_iterator(rows.begin()),
                 std::make_move_iterator(rows.end()));
  }

 private:
  std::deque<Row> rows_;
};

// Rows are padded with zeros to the largest of those that go out together.
class PaddingFifoQueue final : public FifoQueue {
 public:
  using FifoQueue::FifoQueue;

 protected:
  absl::StatusOr<Tensor> Stack(const std::vector<Row>& rows,
                               size_t component) const override {
    std::vector<int64_t> row_dims;
    for (int64_t dim : config().shapes[component].dims()) {
      row_dims.push_back(std::max<int64_t>(dim, 0));
    }
    for (const Row& row : rows) {
      const TensorShape& shape = row[component].shape();
      for (size_t axis = 0; axis < row_dims.size(); ++axis) {
        row_dims[axis] = std::max(row_dims[axis],
                                  shape.dim(static_cast<int>(axis)));
      }
    }
    std::vector<int64_t> dims = {static_cast<int64_t>(rows.size())};
    dims.insert(dims.end(), row_dims.begin(), row_dims.end());
    RG_ASSIGN_OR_RETURN(const TensorShape shape, TensorShape::Create(dims));
    const DataType dtype = config().types[component];
    // Asks for the memory first: the constructor, which sets zeros, aborts.
    RG_RETURN_IF_ERROR(Tensor::Allocate(dtype, shape).status());
    Tensor out(dtype, shape);
    const std::vector<int64_t> strides = Strides(shape);
    for (size_t i = 0; i < rows.size(); ++i) {
      CopyInto(rows[i][component], strides,
               static_cast<int64_t>(i) * strides[0], &out);
    }
    return out;
  }

 private:
  // Copies `from` into the corner at `start`, one run of its last axis after
  // the other. strides[axis + 1] is that of axis `axis` of `from`.
  static void CopyInto(const Tensor& from, const std::vector<int64_t>& strides,
                       int64_t start, Tensor* out) {
    const TensorShape& shape = from.shape();
    if (from.num_elements() == 0) return;
    const int rank = shape.rank();
    const int64_t run = rank == 0 ? 1 : shape.dim(rank - 1);
    for (int64_t at = 0; at < from.num_elements(); at += run) {
      int64_t to = start;
      int64_t rest = at / run;
      for (int axis = rank - 2; axis >= 0; --axis) {
        to += rest % shape.dim(axis) * strides[axis + 1];
        rest /= shape.dim(axis);
      }
      CopyElements(from, at, run, out, to);
    }
  }
};

// Gives out any of its rows, and keeps some back as long as it is open.
class RandomShuffleQueue final : public Queue {
 public:
  RandomShuffleQueue(QueueConfig config, const Philox& philox)
      : Queue(std::move(config)), words_(philox) {}

 protected:
  int64_t RowCount() const override {
    return static_cast<int64_t>(rows_.size());
  }
  int64_t Available(bool closed) const override {
    if (closed) return RowCount();
    return std::max<int64_t>(0, RowCount() - this->config().min_after_dequeue);
  }
  absl::Status Put(Row row) override {
    rows_.push_back(std::move(row));
    return absl::OkStatus();
  }
  Row Take() override {
    const size_t index = words_.Next() % rows_.size();
    std::swap(rows_[index], rows_.back());
    Row row = std::move(rows_.back());
    rows_.pop_back();
    return row;
  }
  // The last one first, as in TensorFlow: what is drawn next depends on it.
  void PutBack(std::vector<Row> rows) override {
    rows_.insert(rows_.end(), std::make_move_iterator(rows.rbegin()),
                 std::make_move_iterator(rows.rend()));
  }

 private:
  std::vector<Row> rows_;
  WordStream words_;
};

// The row with the least first component comes first.
class PriorityQueue final : public Queue {
 public:
  using Queue::Queue;

 protected:
  int64_t RowCount() const override {
    return static_cast<int64_t>(rows_.size());
  }
  absl::Status Put(Row row) override {
    const int64_t priority = row[0].scalar<int64_t>();
    rows_.emplace(priority, std::move(row));
    return absl::OkStatus();
  }
  Row Take() override {
    Row row = std::move(rows_.begin()->second);
    rows_.erase(rows_.begin());
    return row;
  }
  void PutBack(std::vector<Row> rows) override {
    for (Row& row : rows) {
      const int64_t priority = row[0].scalar<int64_t>();
      rows_.emplace(priority, std::move(row));
    }
  }

 private:
  std::multimap<int64_t, Row> rows_;
};

}  // namespace

std::shared_ptr<Queue> MakeQueue(const QueueConfig& config) {
  if (config.kind == "PaddingFIFOQueue") {
    return std::make_shared<PaddingFifoQueue>(config);
  }
  if (config.kind == "PriorityQueue") {
    return std::make_shared<PriorityQueue>(config);
  }
  if (config.kind == "RandomShuffleQueue") {
    return std::make_shared<RandomShuffleQueue>(
        config, SeededPhilox(config.seed, config.seed2));
  }
  return std::make_shared<FifoQueue>(config);
}

}  // namespace retrograph
