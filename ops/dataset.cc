#include "ops/dataset.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "ops/data_movement.h"

namespace retrograph {
namespace {

class RangeDataset final : public Dataset {
 public:
  RangeDataset(int64_t start, int64_t stop, int64_t step)
      : start_(start), stop_(stop), step_(step) {}
  std::unique_ptr<DatasetIterator> NewIterator() const override {
    return IteratorOf([next = start_, stop = stop_, step = step_,
                       over = false](IteratorContext*, Element* element) mutable
                      -> absl::StatusOr<bool> {
      if (over || (step > 0 ? next >= stop : next <= stop)) return false;
      *element = {Tensor::Scalar<int64_t>(next)};
      over = __builtin_add_overflow(next, step, &next);
      return true;
    });
  }

 private:
  const int64_t start_, stop_, step_;
};

// Rows of tensors, or the tensors themselves as the only element.
class TensorsDataset final : public Dataset {
 public:
  TensorsDataset(Element tensors, bool rows)
      : tensors_(std::move(tensors)), rows_(rows) {}
  std::unique_ptr<DatasetIterator> NewIterator() const override {
    const int64_t count = rows_ ? tensors_[0].shape().dim(0) : 1;
    return IteratorOf([tensors = tensors_, rows = rows_, count,
                       next = int64_t{0}](IteratorContext*, Element* element) mutable
                      -> absl::StatusOr<bool> {
      if (next == count) return false;
      element->clear();
      for (const Tensor& tensor : tensors) {
        if (!rows) {
          element->push_back(tensor);
          continue;
        }
        TensorShape shape = tensor.shape();
        shape.RemoveDim(0);
        element->push_back(tensor.Slice0(next, next + 1).Reshaped(shape));
      }
      ++next;
      return true;
    });
  }

 private:
  const Element tensors_;
  const bool rows_;
};

class BatchDataset final : public OverOne {
 public:
  BatchDataset(DatasetPtr input, int64_t size, bool drop_remainder)
      : OverOne(std::move(input)),
        size_(size),
        drop_remainder_(drop_remainder) {}
  DatasetPtr Over(DatasetPtr input) const override {
    return Batched(std::move(input), size_, drop_remainder_);
  }
  std::unique_ptr<DatasetIterator> NewIterator() const override {
    return IteratorOf([input = Start(this->input()), size = size_,
                       drop = drop_remainder_](IteratorContext* ctx, Element* element)
                      -> absl::StatusOr<bool> {
      RG_ASSIGN_OR_RETURN(const std::vector<Element> rows,
                          NextRows(ctx, input.get(), size, drop));
      if (rows.empty()) return false;
      RG_ASSIGN_OR_RETURN(*element, BatchOf(rows));
      return true;
    });
  }

 private:
  const int64_t size_;
  const bool drop_remainder_;
};

class TakeDataset final : public OverOne {
 public:
  TakeDataset(DatasetPtr input, int64_t count)
      : OverOne(std::move(input)), count_(count) {}
  DatasetPtr Over(DatasetPtr input) const override {
    return Taken(std::move(input), count_);
  }
  std::unique_ptr<DatasetIterator> NewIterator() const override {
    return IteratorOf([input = Start(this->input()), left = count_](
                          IteratorContext* ctx, Element* element) mutable -> absl::StatusOr<bool> {
      if (left == 0) return false;
      if (left > 0) --left;
      return input->Next(ctx, element);
    });
  }

 private:
  const int64_t count_;
};

class SkipDataset final : public OverOne {
 public:
  SkipDataset(DatasetPtr input, int64_t count)
      : OverOne(std::move(input)), count_(count) {}
  DatasetPtr Over(DatasetPtr input) const override {
    return Skipped(std::move(input), count_);
  }
  std::unique_ptr<DatasetIterator> NewIterator() const override {
    return IteratorOf([input = Start(this->input()), left = count_](
                          IteratorContext* ctx, Element* element) mutable -> absl::StatusOr<bool> {
      if (left < 0) return false;
      for (; left > 0; --left) {
        Element skipped;
        RG_ASSIGN_OR_RETURN(const bool more, input->Next(ctx, &skipped));
        if (!more) return false;
      }
      return input->Next(ctx, element);
    });
  }

 private:
  const int64_t count_;
};

int MostLevels(const std::vector<DatasetPtr>& datasets) {
  int most = 0;
  for (const DatasetPtr& dataset : datasets) {
    most = std::max(most, dataset->NumLevels());
  }
  return most;
}

class ZipDataset final : public Dataset {
 public:
  explicit ZipDataset(std::vector<DatasetPtr> inputs)
      : Dataset(MostLevels(inputs) + 1), inputs_(std::move(inputs)) {}
  std::unique_ptr<DatasetIterator> NewIterator() const override {
    std::vector<SharedIterator> started;
    for (const DatasetPtr& input : inputs_) started.push_back(Start(input));
    return IteratorOf([started = std::move(started)](IteratorContext* ctx, Element* element)
                      -> absl::StatusOr<bool> {
      element->clear();
      for (const SharedIterator& input : started) {
        Element part;
        RG_ASSIGN_OR_RETURN(const bool more, input->Next(ctx, &part));
        if (!more) return false;
        for (Tensor& tensor : part) element->push_back(std::move(tensor));
      }
      return true;
    });
  }
  DatasetPtr Optimized() const override {
    std::vector<DatasetPtr> inputs = inputs_;
    bool changed = false;
    for (DatasetPtr& input : inputs) {
      if (DatasetPtr better = input->Optimized()) {
        input = std::move(better);
        changed = true;
      }
    }
    return changed ? Zipped(std::move(inputs)) : nullptr;
  }

 private:
  const std::vector<DatasetPtr> inputs_;
};

class ConcatenateDataset final : public Dataset {
 public:
  ConcatenateDataset(DatasetPtr first, DatasetPtr second)
      : Dataset(MostLevels({first, second}) + 1),
        first_(std::move(first)),
        second_(std::move(second)) {}
  std::unique_ptr<DatasetIterator> NewIterator() const override {
    return IteratorOf([now = Start(first_), second = second_](
                          IteratorContext* ctx, Element* element) mutable -> absl::StatusOr<bool> {
      while (true) {
        RG_ASSIGN_OR_RETURN(const bool more, now->Next(ctx, element));
        if (more) return true;
        if (second == nullptr) return false;
        now = Start(second);
        second = nullptr;
      }
    });
  }
  DatasetPtr Optimized() const override {
    const DatasetPtr first = first_->Optimized();
    const DatasetPtr second = second_->Optimized();
    if (first == nullptr && second == nullptr) return nullptr;
    return Concatenated(first == nullptr ? first_ : first,
                        second == nullptr ? second_ : second);
  }

 private:
  const DatasetPtr first_, second_;
};

}  // namespace

absl::StatusOr<std::vector<Element>> NextRows(IteratorContext* ctx,
                                              DatasetIterator* input,
                                              int64_t size,
                                              bool drop_remainder) {
  std::vector<Element> rows;
  while (static_cast<int64_t>(rows.size()) < size) {
    Element row;
    RG_ASSIGN_OR_RETURN(const bool more, input->Next(ctx, &row));
    if (!more) {
      if (drop_remainder) rows.clear();
      break;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

absl::StatusOr<bool> DatasetIterator::Next(IteratorContext* ctx,
                                           Element* element) {
  constexpr int kMaxDepth = 3 * kMaxDatasetLevels;
  if (ctx->depth >= kMaxDepth) {
    return absl::ResourceExhaustedError(
        "Datasets ask one another for elements without an end.");
  }
  const Cancellation* const cancellation = ctx->env->cancellation;
  if (cancellation != nullptr && cancellation->IsCancelled()) {
    return absl::CancelledError("Iterator was cancelled");
  }
  ++ctx->depth;
  absl::StatusOr<bool> more = NextElement(ctx, element);
  --ctx->depth;
  return more;
}

absl::StatusOr<Element> BatchOf(const std::vector<Element>& rows) {
  Element batch;
  for (size_t i = 0; i < rows[0].size(); ++i) {
    const TensorShape& row_shape = rows[0][i].shape();
    std::vector<int64_t> dims = {static_cast<int64_t>(rows.size())};
    dims.insert(dims.end(), row_shape.dims().begin(), row_shape.dims().end());
    RG_ASSIGN_OR_RETURN(const TensorShape shape, TensorShape::Create(dims));
    RG_ASSIGN_OR_RETURN(Tensor out,
                        Tensor::Allocate(rows[0][i].dtype(), shape));
    const int64_t size = row_shape.num_elements();
    for (size_t row = 0; row < rows.size(); ++row) {
      if (rows[row].size() != rows[0].size() ||
          rows[row][i].dtype() != out.dtype()) {
        return absl::InvalidArgumentError(absl::StrCat(
            "Cannot batch elements of different types in component ", i, "."));
      }
      if (rows[row][i].shape() != row_shape) {
        return absl::InvalidArgumentError(absl::StrCat(
            "Cannot batch tensors with different shapes in component ", i,
            ". First element had shape ", row_shape.DebugString(),
            " and element ", row, " had shape ",
            rows[row][i].shape().DebugString(), "."));
      }
      CopyElements(rows[row][i], 0, size, &out,
                   static_cast<int64_t>(row) * size);
    }
    batch.push_back(std::move(out));
  }
  return batch;
}

DatasetPtr RangeOf(int64_t start, int64_t stop, int64_t step) {
  return std::make_shared<RangeDataset>(start, stop, step);
}
DatasetPtr OneElement(Element element) {
  return std::make_shared<TensorsDataset>(std::move(element), false);
}
DatasetPtr SlicesOf(Element tensors) {
  return std::make_shared<TensorsDataset>(std::move(tensors), true);
}
DatasetPtr Batched(DatasetPtr input, int64_t size, bool drop_remainder) {
  return std::make_shared<BatchDataset>(std::move(input), size,
                                        drop_remainder);
}
DatasetPtr Taken(DatasetPtr input, int64_t count) {
  return std::make_shared<TakeDataset>(std::move(input), count);
}
DatasetPtr Skipped(DatasetPtr input, int64_t count) {
  return std::make_shared<SkipDataset>(std::move(input), count);
}
DatasetPtr Zipped(std::vector<DatasetPtr> inputs) {
  return std::make_shared<ZipDataset>(std::move(inputs));
}
DatasetPtr Concatenated(DatasetPtr first, DatasetPtr second) {
  return std::make_shared<ConcatenateDataset>(std::move(first),
                                              std::move(second));
}

}  // namespace retrograph
