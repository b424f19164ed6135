// Datasets that keep, leave out or regroup the elements of another.
#include <algorithm>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "core/errors.h"
#include "ops/dataset.h"

namespace retrograph {
namespace {

// What a cache has once an iterator got to the end.
struct Cache {
  absl::Mutex mu;
  std::shared_ptr<const std::vector<Element>> elements ABSL_GUARDED_BY(mu);

  std::shared_ptr<const std::vector<Element>> Get() {
    absl::MutexLock lock(&mu);
    return elements;
  }
  void Fill(std::vector<Element> all) {
    absl::MutexLock lock(&mu);
    elements = std::make_shared<const std::vector<Element>>(std::move(all));
  }
};

// Over elements that are there already.
std::unique_ptr<DatasetIterator> IteratorOver(
    std::shared_ptr<const std::vector<Element>> elements) {
  return IteratorOf([elements = std::move(elements), next = size_t{0}](
                        IteratorContext*,
                        Element* element) mutable -> absl::StatusOr<bool> {
    if (next == elements->size()) return false;
    *element = (*elements)[next++];
    return true;
  });
}

class CacheDataset final : public OverOne {
 public:
  CacheDataset(DatasetPtr input, std::shared_ptr<Cache> cache)
      : OverOne(std::move(input)), cache_(std::move(cache)) {}
  DatasetPtr Over(DatasetPtr input) const override {
    return Cached(std::move(input));
  }
  std::unique_ptr<DatasetIterator> NewIterator() const override {
    if (auto elements = cache_->Get()) return IteratorOver(elements);
    return IteratorOf([input = Start(this->input()), cache = cache_,
                       seen = std::vector<Element>()](
                          IteratorContext* ctx,
                          Element* element) mutable -> absl::StatusOr<bool> {
      RG_ASSIGN_OR_RETURN(const bool more, input->Next(ctx, element));
      if (more) {
        seen.push_back(*element);
      } else {
        cache->Fill(std::move(seen));
      }
      return more;
    });
  }

 private:
  const std::shared_ptr<Cache> cache_;
};

class ShardDataset final : public OverOne {
 public:
  ShardDataset(DatasetPtr input, int64_t num_shards, int64_t index)
      : OverOne(std::move(input)), num_shards_(num_shards), index_(index) {}
  DatasetPtr Over(DatasetPtr input) const override {
    return Sharded(std::move(input), num_shards_, index_);
  }
  std::unique_ptr<DatasetIterator> NewIterator() const override {
    return IteratorOf([input = Start(this->input()), shards = num_shards_,
                       to_skip = index_](IteratorContext* ctx,
                                         Element* element) mutable
                      -> absl::StatusOr<bool> {
      for (; to_skip > 0; --to_skip) {
        Element skipped;
        RG_ASSIGN_OR_RETURN(const bool more, input->Next(ctx, &skipped));
        if (!more) return false;
      }
      to_skip = shards - 1;
      return input->Next(ctx, element);
    });
  }

 private:
  const int64_t num_shards_, index_;
};

class ElementsDataset final : public Dataset {
 public:
  explicit ElementsDataset(std::vector<Element> elements)
      : elements_(std::make_shared<const std::vector<Element>>(
            std::move(elements))) {}
  std::unique_ptr<DatasetIterator> NewIterator() const override {
    return IteratorOver(elements_);
  }

 private:
  const std::shared_ptr<const std::vector<Element>> elements_;
};

// Holds the elements from the begin of the next window on.
class WindowIterator final : public DatasetIterator {
 public:
  WindowIterator(SharedIterator input, int64_t size, int64_t shift,
                 int64_t stride, bool drop_remainder)
      : input_(std::move(input)),
        shift_(shift),
        stride_(stride),
        drop_remainder_(drop_remainder) {
    if (__builtin_mul_overflow(size - 1, stride, &span_) ||
        __builtin_add_overflow(span_, int64_t{1}, &span_)) {
      span_ = INT64_MAX;
    }
  }

 protected:
  absl::StatusOr<bool> NextElement(IteratorContext* ctx,
                                   Element* element) override {
    while (input_ != nullptr && Held() < span_) {
      Element next;
      RG_ASSIGN_OR_RETURN(const bool more, input_->Next(ctx, &next));
      if (more) {
        held_.push_back(std::move(next));
      } else {
        input_ = nullptr;
      }
    }
    if (held_.empty() || (drop_remainder_ && Held() < span_)) return false;
    MakeWindows(element);
    return GoOn(ctx);
  }

 private:
  int64_t Held() const { return static_cast<int64_t>(held_.size()); }

  void MakeWindows(Element* element) const {
    element->clear();
    for (size_t i = 0; i < held_[0].size(); ++i) {
      std::vector<Element> window;
      for (int64_t at = 0; at < Held(); at += stride_) {
        if (i < held_[at].size()) window.push_back({held_[at][i]});
        if (stride_ > Held() - at) break;
      }
      element->push_back(
          VariantScalar(std::make_shared<ElementsDataset>(std::move(window))));
    }
  }

  absl::StatusOr<bool> GoOn(IteratorContext* ctx) {
    const int64_t drop = std::min(shift_, Held());
    held_.erase(held_.begin(), held_.begin() + drop);
    for (int64_t i = drop; i < shift_ && input_ != nullptr; ++i) {
      Element skipped;
      RG_ASSIGN_OR_RETURN(const bool more, input_->Next(ctx, &skipped));
      if (!more) input_ = nullptr;
    }
    return true;
  }

  SharedIterator input_;
  const int64_t shift_, stride_;
  const bool drop_remainder_;
  int64_t span_ = 0;
  std::deque<Element> held_;
};

class WindowDataset final : public OverOne {
 public:
  WindowDataset(DatasetPtr input, int64_t size, int64_t shift, int64_t stride,
                bool drop_remainder)
      : OverOne(std::move(input)),
        size_(size),
        shift_(shift),
        stride_(stride),
        drop_remainder_(drop_remainder) {}
  DatasetPtr Over(DatasetPtr input) const override {
    return Windowed(std::move(input), size_, shift_, stride_, drop_remainder_);
  }
  std::unique_ptr<DatasetIterator> NewIterator() const override {
    return std::make_unique<WindowIterator>(Start(input()), size_, shift_,
                                            stride_, drop_remainder_);
  }

 private:
  const int64_t size_, shift_, stride_;
  const bool drop_remainder_;
};

absl::Status CheckRows(const Element& element) {
  for (size_t i = 0; i < element.size(); ++i) {
    const TensorShape& shape = element[i].shape();
    if (shape.rank() == 0) {
      return absl::InvalidArgumentError(
          "Input element must have a non-scalar value in each component.");
    }
    if (shape.dim(0) == element[0].shape().dim(0)) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "Input element must have the same batch size in each component. "
        "Component 0 had size ",
        element[0].shape().dim(0), " but component ", i, " had size, ",
        shape.dim(0), "."));
  }
  return absl::OkStatus();
}

class UnbatchDataset final : public OverOne {
 public:
  using OverOne::OverOne;
  DatasetPtr Over(DatasetPtr input) const override {
    return Unbatched(std::move(input));
  }
  std::unique_ptr<DatasetIterator> NewIterator() const override {
    return IteratorOf([input = Start(this->input()),
                       rows = std::unique_ptr<DatasetIterator>()](
                          IteratorContext* ctx,
                          Element* element) mutable -> absl::StatusOr<bool> {
      while (true) {
        if (rows != nullptr) {
          RG_ASSIGN_OR_RETURN(const bool more, rows->Next(ctx, element));
          if (more) return true;
          rows = nullptr;
        }
        Element batch;
        RG_ASSIGN_OR_RETURN(const bool more, input->Next(ctx, &batch));
        if (!more) return false;
        RG_RETURN_IF_ERROR(CheckRows(batch));
        if (!batch.empty()) rows = SlicesOf(std::move(batch))->NewIterator();
      }
    });
  }
};

class IgnoreErrorsDataset final : public OverOne {
 public:
  using OverOne::OverOne;
  DatasetPtr Over(DatasetPtr input) const override {
    return WithoutErrors(std::move(input));
  }
  std::unique_ptr<DatasetIterator> NewIterator() const override {
    return IteratorOf([input = Start(this->input())](
                          IteratorContext* ctx,
                          Element* element) -> absl::StatusOr<bool> {
      while (true) {
        absl::StatusOr<bool> more = input->Next(ctx, element);
        if (more.ok() || absl::IsCancelled(more.status())) return more;
      }
    });
  }
};

}  // namespace

DatasetPtr Cached(DatasetPtr input) {
  return std::make_shared<CacheDataset>(std::move(input),
                                        std::make_shared<Cache>());
}
DatasetPtr Sharded(DatasetPtr input, int64_t num_shards, int64_t index) {
  return std::make_shared<ShardDataset>(std::move(input), num_shards, index);
}
DatasetPtr Windowed(DatasetPtr input, int64_t size, int64_t shift,
                    int64_t stride, bool drop_remainder) {
  return std::make_shared<WindowDataset>(std::move(input), size, shift, stride,
                                         drop_remainder);
}
DatasetPtr Unbatched(DatasetPtr input) {
  return std::make_shared<UnbatchDataset>(std::move(input));
}
DatasetPtr WithoutErrors(DatasetPtr input) {
  return std::make_shared<IgnoreErrorsDataset>(std::move(input));
}

}  // namespace retrograph
