// Datasets that go through another again, in the same order or shuffled.
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/errors.h"
#include "ops/dataset.h"
#include "ops/random_source.h"

namespace retrograph {
namespace {

// Where a shuffled dataset's iterators get their seeds.
class Seeds {
 public:
  Seeds(int64_t seed, int64_t seed2, bool reshuffle)
      : seed_(seed),
        seed2_(seed2),
        reshuffle_(reshuffle),
        words_(SeededPhilox(seed, seed2)) {}
  // Seeds that give every iterator the same stream.
  std::shared_ptr<Seeds> Fixed() const {
    return std::make_shared<Seeds>(seed_, seed2_, false);
  }
  // The stream of a new iterator.
  Philox Next() {
    if (!reshuffle_) return SeededPhilox(seed_, seed2_);
    absl::MutexLock lock(&mu_);
    const int64_t seed = words_.Next();
    return SeededPhilox(seed, words_.Next());
  }

 private:
  const int64_t seed_, seed2_;
  const bool reshuffle_;
  absl::Mutex mu_;
  WordStream words_ ABSL_GUARDED_BY(mu_);
};

// Keeps a buffer filled and draws from it. Elements of one round of the input
// all come before those of the next.
class ShuffleIterator final : public DatasetIterator {
 public:
  ShuffleIterator(DatasetPtr input, int64_t buffer_size, int64_t rounds,
                  const Philox& philox)
      : input_(std::move(input)),
        size_(buffer_size),
        rounds_left_(rounds),
        words_(philox) {}

  absl::StatusOr<bool> NextElement(IteratorContext* ctx,
                                   Element* element) override {
    RG_RETURN_IF_ERROR(Fill(ctx));
    while (!rounds_.empty() && rounds_.front().start == rounds_.front().end) {
      if (rounds_.size() == 1) break;
      rounds_.pop_front();
    }
    if (count_ == 0) return false;
    Round& round = rounds_.front();
    const int64_t drawn =
        (round.start + words_.Next() % (round.end - round.start)) % size_;
    *element = std::move(buffer_[drawn]);
    std::swap(buffer_[drawn], buffer_[round.start % size_]);
    ++round.start;
    --count_;
    return true;
  }

 private:
  // Places of the buffer, counted on beyond its size.
  struct Round {
    int64_t start = 0, end = 0;
  };

  absl::Status Fill(IteratorContext* ctx) {
    while (count_ < size_) {
      if (now_ == nullptr) {
        if (rounds_left_ == 0) return absl::OkStatus();
        if (rounds_left_ > 0) --rounds_left_;
        now_ = input_->NewIterator();
        const int64_t end = rounds_.empty() ? 0 : rounds_.back().end;
        rounds_.push_back({end, end});
      }
      Element element;
      RG_ASSIGN_OR_RETURN(const bool more, now_->Next(ctx, &element));
      if (!more) {
        now_ = nullptr;
        // An empty input repeated for ever has an end, too.
        if (rounds_.back().start == rounds_.back().end && rounds_left_ < 0) {
          rounds_left_ = 0;
        }
        continue;
      }
      // The buffer grows as it is needed: its size may be no more than a wish.
      const size_t at = static_cast<size_t>(rounds_.back().end % size_);
      if (at >= buffer_.size()) buffer_.resize(at + 1);
      buffer_[at] = std::move(element);
      ++rounds_.back().end;
      ++count_;
    }
    return absl::OkStatus();
  }

  const DatasetPtr input_;
  std::unique_ptr<DatasetIterator> now_;
  const int64_t size_;
  std::vector<Element> buffer_;
  int64_t count_ = 0;
  int64_t rounds_left_;  // not begun yet; < 0: for ever
  std::deque<Round> rounds_;
  WordStream words_;
};

class ShuffleDataset final : public Dataset {
 public:
  ShuffleDataset(DatasetPtr input, int64_t buffer_size, int64_t rounds,
                 std::shared_ptr<Seeds> seeds, bool reshuffle)
      : Dataset(input->NumLevels() + 1),
        input_(std::move(input)),
        buffer_size_(buffer_size),
        rounds_(rounds),
        seeds_(std::move(seeds)),
        reshuffle_(reshuffle) {}
  std::unique_ptr<DatasetIterator> NewIterator() const override {
    return std::make_unique<ShuffleIterator>(input_, buffer_size_, rounds_,
                                             seeds_->Next());
  }
  DatasetPtr Optimized() const override {
    DatasetPtr input = input_->Optimized();
    if (input == nullptr) return nullptr;
    return std::make_shared<ShuffleDataset>(std::move(input), buffer_size_,
                                            rounds_, seeds_, reshuffle_);
  }
  bool reshuffle() const { return reshuffle_; }
  // One shuffle of several rounds, which has one stream: that of the seeds.
  DatasetPtr WithRounds(int64_t rounds) const {
    const DatasetPtr input = input_->Optimized();
    return std::make_shared<ShuffleDataset>(
        input == nullptr ? input_ : input, buffer_size_, rounds,
        seeds_->Fixed(), /*reshuffle=*/false);
  }

 private:
  const DatasetPtr input_;
  const int64_t buffer_size_, rounds_;
  const std::shared_ptr<Seeds> seeds_;
  const bool reshuffle_;
};

class RepeatIterator final : public DatasetIterator {
 public:
  RepeatIterator(DatasetPtr input, int64_t count)
      : input_(std::move(input)), left_(count) {}
  absl::StatusOr<bool> NextElement(IteratorContext* ctx,
                                   Element* element) override {
    while (true) {
      const bool first = now_ == nullptr;
      if (first) {
        if (left_ == 0) return false;
        now_ = input_->NewIterator();
      }
      RG_ASSIGN_OR_RETURN(const bool more, now_->Next(ctx, element));
      if (more) return true;
      now_ = nullptr;
      if (left_ > 0) --left_;
      // An empty input repeated for ever has an end, too.
      if (first && left_ < 0) left_ = 0;
    }
  }

 private:
  const DatasetPtr input_;
  std::unique_ptr<DatasetIterator> now_;
  int64_t left_;
};

class RepeatDataset final : public Dataset {
 public:
  RepeatDataset(DatasetPtr input, int64_t count)
      : Dataset(input->NumLevels() + 1),
        input_(std::move(input)),
        count_(count) {}
  std::unique_ptr<DatasetIterator> NewIterator() const override {
    return std::make_unique<RepeatIterator>(input_, count_);
  }
  DatasetPtr Optimized() const override {
    const auto* shuffled = dynamic_cast<const ShuffleDataset*>(input_.get());
    if (shuffled != nullptr && shuffled->reshuffle()) {
      return shuffled->WithRounds(count_);
    }
    DatasetPtr input = input_->Optimized();
    return input == nullptr ? nullptr : Repeated(std::move(input), count_);
  }

 private:
  const DatasetPtr input_;
  const int64_t count_;
};

}  // namespace

DatasetPtr Repeated(DatasetPtr input, int64_t count) {
  return std::make_shared<RepeatDataset>(std::move(input), count);
}

DatasetPtr Shuffled(DatasetPtr input, int64_t buffer_size, int64_t seed,
                    int64_t seed2, bool reshuffle) {
  return std::make_shared<ShuffleDataset>(
      std::move(input), buffer_size, 1,
      std::make_shared<Seeds>(seed, seed2, reshuffle), reshuffle);
}

}  // namespace retrograph
