#include "ops/function_dataset.h"

#include <map>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"

namespace retrograph {
namespace {

// The dataset that a function's only result holds.
absl::StatusOr<DatasetPtr> CallForDataset(const CapturedFunction& f,
                                          IteratorContext* ctx,
                                          Element arguments) {
  RG_ASSIGN_OR_RETURN(const Element results,
                      f.Call(ctx, std::move(arguments)));
  DatasetPtr dataset =
      results.size() == 1 ? VariantAs<Dataset>(results[0]) : nullptr;
  if (dataset == nullptr) {
    return absl::InvalidArgumentError(
        "The tensor must hold a Dataset object.");
  }
  return dataset;
}

// The number that a function's only result is.
absl::StatusOr<int64_t> CallForNumber(const CapturedFunction& f,
                                      IteratorContext* ctx, Element arguments,
                                      absl::string_view name) {
  RG_ASSIGN_OR_RETURN(const Element results,
                      f.Call(ctx, std::move(arguments)));
  if (results.size() != 1 || results[0].dtype() != DT_INT64 ||
      results[0].num_elements() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("`", name, "` must return a scalar int64."));
  }
  return results[0].scalar<int64_t>();
}

// One element of the input, changed; false at the end.
absl::StatusOr<bool> NextMapped(IteratorContext* ctx, DatasetIterator* input,
                                const CapturedFunction& f,
                                bool preserve_cardinality, Element* element) {
  Element arguments;
  RG_ASSIGN_OR_RETURN(const bool more, input->Next(ctx, &arguments));
  if (!more) return false;
  absl::StatusOr<Element> results = f.Call(ctx, std::move(arguments));
  if (results.ok()) {
    *element = *std::move(results);
    return true;
  }
  if (!absl::IsOutOfRange(results.status())) return results.status();
  if (!preserve_cardinality) return false;
  return absl::InvalidArgumentError(
      absl::StrCat("Function invocation produced OutOfRangeError: ",
                   results.status().message()));
}

class MapDataset final : public OverOne {
 public:
  MapDataset(DatasetPtr input, CapturedPtr f, bool preserve_cardinality)
      : OverOne(std::move(input)),
        f_(std::move(f)),
        preserve_cardinality_(preserve_cardinality) {}
  DatasetPtr Over(DatasetPtr input) const override {
    return Mapped(std::move(input), f_, preserve_cardinality_);
  }
  std::unique_ptr<DatasetIterator> NewIterator() const override {
    return IteratorOf([input = Start(this->input()), f = f_,
                       preserve = preserve_cardinality_](
                          IteratorContext* ctx,
                          Element* element) -> absl::StatusOr<bool> {
      return NextMapped(ctx, input.get(), *f, preserve, element);
    });
  }

 private:
  const CapturedPtr f_;
  const bool preserve_cardinality_;
};

absl::Status CheckSameShapes(const std::vector<Element>& rows) {
  for (const Element& row : rows) {
    for (size_t i = 0; i < row.size() && i < rows[0].size(); ++i) {
      if (row[i].shape() == rows[0][i].shape()) continue;
      return absl::InvalidArgumentError(absl::StrCat(
          "Cannot add tensor to the batch: number of elements does not match. "
          "Shapes are: [tensor]: ",
          row[i].shape().DebugString(),
          ", [batch]: ", rows[0][i].shape().DebugString()));
    }
  }
  return absl::OkStatus();
}

class MapAndBatchDataset final : public OverOne {
 public:
  MapAndBatchDataset(DatasetPtr input, CapturedPtr f, int64_t batch_size,
                     bool drop_remainder, bool preserve_cardinality)
      : OverOne(std::move(input)),
        f_(std::move(f)),
        batch_size_(batch_size),
        drop_remainder_(drop_remainder),
        preserve_cardinality_(preserve_cardinality) {}
  DatasetPtr Over(DatasetPtr input) const override {
    return MapAndBatched(std::move(input), f_, batch_size_, drop_remainder_,
                         preserve_cardinality_);
  }
  std::unique_ptr<DatasetIterator> NewIterator() const override {
    return IteratorOf([input = Start(this->input()), f = f_,
                       size = batch_size_, drop = drop_remainder_,
                       preserve = preserve_cardinality_](
                          IteratorContext* ctx,
                          Element* element) -> absl::StatusOr<bool> {
      std::vector<Element> rows;
      // All of a batch are mapped, and the first error is the batch's.
      absl::Status failed;
      for (int64_t i = 0; i < size; ++i) {
        Element row;
        absl::StatusOr<bool> more =
            NextMapped(ctx, input.get(), *f, preserve, &row);
        if (!more.ok()) {
          if (failed.ok()) failed = more.status();
          if (absl::IsCancelled(more.status())) break;
          continue;
        }
        if (!*more) break;
        rows.push_back(std::move(row));
      }
      RG_RETURN_IF_ERROR(failed);
      if (rows.empty() ||
          (drop && static_cast<int64_t>(rows.size()) < size)) {
        return false;
      }
      RG_RETURN_IF_ERROR(CheckSameShapes(rows));
      RG_ASSIGN_OR_RETURN(*element, BatchOf(rows));
      return true;
    });
  }

 private:
  const CapturedPtr f_;
  const int64_t batch_size_;
  const bool drop_remainder_, preserve_cardinality_;
};

class FilterDataset final : public OverOne {
 public:
  FilterDataset(DatasetPtr input, CapturedPtr predicate)
      : OverOne(std::move(input)), predicate_(std::move(predicate)) {}
  DatasetPtr Over(DatasetPtr input) const override {
    return Filtered(std::move(input), predicate_);
  }
  std::unique_ptr<DatasetIterator> NewIterator() const override {
    return IteratorOf([input = Start(this->input()), predicate = predicate_](
                          IteratorContext* ctx,
                          Element* element) -> absl::StatusOr<bool> {
      while (true) {
        RG_ASSIGN_OR_RETURN(const bool more, input->Next(ctx, element));
        if (!more) return false;
        RG_ASSIGN_OR_RETURN(const Element results,
                            predicate->Call(ctx, *element));
        if (results.size() != 1 || results[0].dtype() != DT_BOOL ||
            results[0].num_elements() != 1) {
          return absl::InvalidArgumentError(
              "Filter predicate `f` must return a scalar bool.");
        }
        if (results[0].flat<bool>()[0]) return true;
      }
    });
  }

 private:
  const CapturedPtr predicate_;
};

// A place in each of the datasets that are open; those that are not open yet
// come behind, however many the cycle may have.
class InterleaveIterator final : public DatasetIterator {
 public:
  InterleaveIterator(SharedIterator input, CapturedPtr f, int64_t cycle_length,
                     int64_t block_length)
      : input_(std::move(input)),
        f_(std::move(f)),
        cycle_length_(cycle_length),
        block_length_(block_length) {}

 protected:
  absl::StatusOr<bool> NextElement(IteratorContext* ctx,
                                   Element* element) override {
    while (!input_is_over_ || num_open_ > 0) {
      const size_t at = static_cast<size_t>(cycle_index_);
      if (at < open_.size() && open_[at] != nullptr) {
        RG_ASSIGN_OR_RETURN(const bool more, open_[at]->Next(ctx, element));
        if (more) {
          if (++block_index_ == block_length_) GoOn();
          return true;
        }
        open_[at] = nullptr;
        --num_open_;
        GoOn();
      } else if (!input_is_over_) {
        RG_RETURN_IF_ERROR(Open(ctx));
      } else if (at >= open_.size()) {
        cycle_index_ = 0;
        block_index_ = 0;
      } else {
        GoOn();
      }
    }
    return false;
  }

 private:
  void GoOn() {
    block_index_ = 0;
    cycle_index_ = cycle_index_ + 1 == cycle_length_ ? 0 : cycle_index_ + 1;
  }

  absl::Status Open(IteratorContext* ctx) {
    Element arguments;
    RG_ASSIGN_OR_RETURN(const bool more, input_->Next(ctx, &arguments));
    if (!more) {
      input_is_over_ = true;
      return absl::OkStatus();
    }
    RG_ASSIGN_OR_RETURN(const DatasetPtr dataset,
                        CallForDataset(*f_, ctx, std::move(arguments)));
    const size_t at = static_cast<size_t>(cycle_index_);
    if (at >= open_.size()) open_.resize(at + 1);
    open_[at] = dataset->NewIterator();
    ++num_open_;
    return absl::OkStatus();
  }

  const SharedIterator input_;
  const CapturedPtr f_;
  const int64_t cycle_length_, block_length_;
  std::vector<std::unique_ptr<DatasetIterator>> open_;
  int64_t num_open_ = 0;
  int64_t cycle_index_ = 0, block_index_ = 0;
  bool input_is_over_ = false;
};

class InterleaveDataset final : public OverOne {
 public:
  InterleaveDataset(DatasetPtr input, CapturedPtr f, int64_t cycle_length,
                    int64_t block_length)
      : OverOne(std::move(input)),
        f_(std::move(f)),
        cycle_length_(cycle_length),
        block_length_(block_length) {}
  DatasetPtr Over(DatasetPtr input) const override {
    return Interleaved(std::move(input), f_, cycle_length_, block_length_);
  }
  std::unique_ptr<DatasetIterator> NewIterator() const override {
    return std::make_unique<InterleaveIterator>(
        Start(input()), f_, cycle_length_, block_length_);
  }

 private:
  const CapturedPtr f_;
  const int64_t cycle_length_, block_length_;
};

// Elements that are there already.
class WindowDataset final : public Dataset {
 public:
  explicit WindowDataset(std::vector<Element> elements)
      : elements_(std::make_shared<const std::vector<Element>>(
            std::move(elements))) {}
  std::unique_ptr<DatasetIterator> NewIterator() const override {
    return IteratorOf(
        [elements = elements_, next = size_t{0}](
            IteratorContext*,
            Element* element) mutable -> absl::StatusOr<bool> {
          if (next == elements->size()) return false;
          *element = (*elements)[next++];
          return true;
        });
  }

 private:
  const std::shared_ptr<const std::vector<Element>> elements_;
};

class GroupByWindowIterator final : public DatasetIterator {
 public:
  GroupByWindowIterator(SharedIterator input, CapturedPtr key,
                        CapturedPtr reduce, CapturedPtr window_size)
      : input_(std::move(input)),
        key_(std::move(key)),
        reduce_(std::move(reduce)),
        window_size_(std::move(window_size)) {}

 protected:
  absl::StatusOr<bool> NextElement(IteratorContext* ctx,
                                   Element* element) override {
    while (true) {
      if (now_ != nullptr) {
        RG_ASSIGN_OR_RETURN(const bool more, now_->Next(ctx, element));
        if (more) return true;
        now_ = nullptr;
      }
      while (now_ == nullptr && !input_is_over_) {
        RG_RETURN_IF_ERROR(TakeOne(ctx));
      }
      if (now_ != nullptr) continue;
      if (groups_.empty()) return false;
      RG_RETURN_IF_ERROR(StartGroup(ctx, groups_.begin()->first));
    }
  }

 private:
  absl::Status TakeOne(IteratorContext* ctx) {
    Element element;
    RG_ASSIGN_OR_RETURN(const bool more, input_->Next(ctx, &element));
    if (!more) {
      input_is_over_ = true;
      return absl::OkStatus();
    }
    RG_ASSIGN_OR_RETURN(const int64_t key,
                        CallForNumber(*key_, ctx, element, "key_func"));
    RG_ASSIGN_OR_RETURN(const int64_t size, SizeOf(ctx, key));
    std::vector<Element>& group = groups_[key];
    group.push_back(std::move(element));
    if (static_cast<int64_t>(group.size()) < size) return absl::OkStatus();
    return StartGroup(ctx, key);
  }

  absl::StatusOr<int64_t> SizeOf(IteratorContext* ctx, int64_t key) {
    const auto known = sizes_.find(key);
    if (known != sizes_.end()) return known->second;
    RG_ASSIGN_OR_RETURN(
        const int64_t size,
        CallForNumber(*window_size_, ctx, {Tensor::Scalar<int64_t>(key)},
                      "window_size_func"));
    if (size <= 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          "Window size must be greater than zero, but got ", size, "."));
    }
    return sizes_[key] = size;
  }

  absl::Status StartGroup(IteratorContext* ctx, int64_t key) {
    DatasetPtr window =
        std::make_shared<WindowDataset>(std::move(groups_[key]));
    groups_.erase(key);
    RG_ASSIGN_OR_RETURN(
        const DatasetPtr dataset,
        CallForDataset(*reduce_, ctx,
                       {Tensor::Scalar<int64_t>(key),
                        VariantScalar(std::move(window))}));
    now_ = dataset->NewIterator();
    return absl::OkStatus();
  }

  const SharedIterator input_;
  const CapturedPtr key_, reduce_, window_size_;
  std::map<int64_t, std::vector<Element>> groups_;
  std::map<int64_t, int64_t> sizes_;
  std::unique_ptr<DatasetIterator> now_;
  bool input_is_over_ = false;
};

class GroupByWindowDataset final : public OverOne {
 public:
  GroupByWindowDataset(DatasetPtr input, CapturedPtr key, CapturedPtr reduce,
                       CapturedPtr window_size)
      : OverOne(std::move(input)),
        key_(std::move(key)),
        reduce_(std::move(reduce)),
        window_size_(std::move(window_size)) {}
  DatasetPtr Over(DatasetPtr input) const override {
    return GroupedByWindow(std::move(input), key_, reduce_, window_size_);
  }
  std::unique_ptr<DatasetIterator> NewIterator() const override {
    return std::make_unique<GroupByWindowIterator>(Start(input()), key_,
                                                   reduce_, window_size_);
  }

 private:
  const CapturedPtr key_, reduce_, window_size_;
};

// Without the function's name, which TensorFlow leaves out here.
absl::Status GeneratorError(const absl::Status& status) {
  absl::string_view message = status.message();
  if (!absl::StartsWith(message, "{{function_node ")) return status;
  const size_t end = message.find("}} ");
  if (end == absl::string_view::npos) return status;
  return WithMessage(status, message.substr(end + 3));
}

class GeneratorDataset final : public Dataset {
 public:
  GeneratorDataset(CapturedPtr init, CapturedPtr next, CapturedPtr finalize)
      : init_(std::move(init)),
        next_(std::move(next)),
        finalize_(std::move(finalize)) {}
  std::unique_ptr<DatasetIterator> NewIterator() const override {
    return IteratorOf([init = init_, next = next_, finalize = finalize_,
                       begun = false, state = Element()](
                          IteratorContext* ctx,
                          Element* element) mutable -> absl::StatusOr<bool> {
      if (!begun) {
        absl::StatusOr<Element> initial = init->Call(ctx, {});
        if (!initial.ok()) return GeneratorError(initial.status());
        state = *std::move(initial);
        begun = true;
      }
      absl::StatusOr<Element> made = next->Call(ctx, state);
      if (made.ok()) {
        *element = *std::move(made);
        return true;
      }
      if (!absl::IsOutOfRange(made.status())) {
        return GeneratorError(made.status());
      }
      const absl::Status ended = finalize->Call(ctx, state).status();
      if (!ended.ok()) return GeneratorError(ended);
      return false;
    });
  }

 private:
  const CapturedPtr init_, next_, finalize_;
};

}  // namespace

absl::StatusOr<Element> CapturedFunction::Call(IteratorContext* ctx,
                                               Element arguments) const {
  arguments.insert(arguments.end(), captured.begin(), captured.end());
  return function->Call(*ctx->env, std::move(arguments));
}

DatasetPtr Mapped(DatasetPtr input, CapturedPtr f, bool preserve_cardinality) {
  return std::make_shared<MapDataset>(std::move(input), std::move(f),
                                      preserve_cardinality);
}
DatasetPtr MapAndBatched(DatasetPtr input, CapturedPtr f, int64_t batch_size,
                         bool drop_remainder, bool preserve_cardinality) {
  return std::make_shared<MapAndBatchDataset>(std::move(input), std::move(f),
                                              batch_size, drop_remainder,
                                              preserve_cardinality);
}
DatasetPtr Filtered(DatasetPtr input, CapturedPtr predicate) {
  return std::make_shared<FilterDataset>(std::move(input),
                                         std::move(predicate));
}
DatasetPtr Interleaved(DatasetPtr input, CapturedPtr f, int64_t cycle_length,
                       int64_t block_length) {
  return std::make_shared<InterleaveDataset>(std::move(input), std::move(f),
                                             cycle_length, block_length);
}
DatasetPtr GroupedByWindow(DatasetPtr input, CapturedPtr key,
                           CapturedPtr reduce, CapturedPtr window_size) {
  return std::make_shared<GroupByWindowDataset>(
      std::move(input), std::move(key), std::move(reduce),
      std::move(window_size));
}
DatasetPtr Generated(CapturedPtr init, CapturedPtr next,
                     CapturedPtr finalize) {
  return std::make_shared<GeneratorDataset>(std::move(init), std::move(next),
                                            std::move(finalize));
}

}  // namespace retrograph
