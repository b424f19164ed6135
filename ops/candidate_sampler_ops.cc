// Candidate samplers (classes drawn for nce_loss and sampled_softmax_loss, and
// how often each is expected) and ComputeAccidentalHits.
//
// Source: tensorflow/core/kernels/candidate_sampler_ops.cc, range_sampler.cc;
// numbers are bit-exact to these.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "core/errors.h"
#include "graph/op_registry.h"
#include "graph/shape_inference.h"
#include "ops/kernel.h"
#include "ops/learning_ops.h"
#include "ops/random_source.h"

namespace retrograph {
namespace {

// A stream's words as whole numbers.
class Dice {
 public:
  explicit Dice(const Philox& philox) : words_(philox) {}

  double Double() { return words_.NextDouble(); }
  // [0, n); what would favour small numbers is drawn again.
  uint64_t Below64(uint64_t n) {
    return Below(n, [this] {
      const uint64_t low = words_.Next();
      return low | uint64_t{words_.Next()} << 32;
    });
  }
  uint32_t Below32(uint32_t n) {
    return Below(n, [this] { return words_.Next(); });
  }

 private:
  template <typename Word, typename Draw>
  static Word Below(Word n, const Draw& draw) {
    if ((n & (n - 1)) == 0) return draw() & (n - 1);
    const Word least = std::numeric_limits<Word>::max() % n + 1;
    Word word = draw();
    while (word < least) word = draw();
    return word % n;
  }

  WordStream words_;
};

// A distribution over [0, range). One that learns is used by one run at a
// time.
class Sampler {
 public:
  virtual ~Sampler() = default;
  virtual int64_t Draw(Dice* dice) const = 0;
  virtual float Probability(int64_t value) const = 0;
  virtual void Learn(absl::Span<const int64_t>) {}
};

class UniformSampler final : public Sampler {
 public:
  explicit UniformSampler(int64_t range)
      : range_(range), inverse_(static_cast<float>(1.0 / range)) {}
  int64_t Draw(Dice* dice) const override {
    return static_cast<int64_t>(dice->Below64(range_));
  }
  float Probability(int64_t) const override { return inverse_; }

 private:
  const int64_t range_;
  const float inverse_;
};

// Zipfian: the probability of k is log((k + 2) / (k + 1)) / log(range + 1).
class LogUniformSampler final : public Sampler {
 public:
  explicit LogUniformSampler(int64_t range)
      : range_(range), log_range_(std::log1p(range)) {}
  int64_t Draw(Dice* dice) const override {
    const int64_t value =
        static_cast<int64_t>(std::exp(dice->Double() * log_range_)) - 1;
    return value % range_;  // rounding may have made it range_
  }
  float Probability(int64_t value) const override {
    return static_cast<float>(std::log((value + 2.0) / (value + 1.0)) /
                              log_range_);
  }

 private:
  const int64_t range_;
  const double log_range_;
};

// A class is the likelier the more often it was a true one; each counts once
// from the start.
class UnigramSampler final : public Sampler {
 public:
  explicit UnigramSampler(int64_t range) : range_(range), total_(range) {
    while (2 * top_ <= range) top_ *= 2;
  }
  int64_t Draw(Dice* dice) const override {
    int64_t left = dice->Below32(static_cast<uint32_t>(total_));
    int64_t at = 0;
    for (int64_t step = top_; step > 0; step /= 2) {
      if (at + step > range_) continue;
      const int64_t sum = Sum(at + step);
      if (sum > left) continue;
      at += step;
      left -= sum;
    }
    return at;
  }
  float Probability(int64_t value) const override {
    const auto found = seen_.find(value);
    const int64_t count = 1 + (found == seen_.end() ? 0 : found->second);
    return static_cast<float>(count) / static_cast<float>(total_);
  }
  void Learn(absl::Span<const int64_t> values) override {
    for (int64_t value : values) {
      if (total_ == std::numeric_limits<int32_t>::max()) return;
      ++seen_[value];
      ++total_;
      for (int64_t i = value + 1; i <= range_; i += i & -i) ++extra_[i];
    }
  }

 private:
  // A node of a Fenwick tree: the counts of classes [i - (i & -i), i).
  int64_t Sum(int64_t i) const {
    const auto found = extra_.find(i);
    return (i & -i) + (found == extra_.end() ? 0 : found->second);
  }

  const int64_t range_;
  int64_t top_ = 1;  // the highest power of 2 that is not above range_
  int64_t total_;
  // What was learned, so that memory does not grow with the range.
  absl::flat_hash_map<int64_t, int64_t> seen_, extra_;
};

// How often a class of that probability is among `count` drawn in `tries`.
float ExpectedCount(float probability, int64_t count, int64_t tries) {
  if (tries == count) return probability * count;
  return -std::expm1(static_cast<float>(tries) * std::log1p(-probability));
}

struct SamplerAttrs {
  int64_t num_true = 0, num_sampled = 0, range = 0;
  bool unique = false;
};

absl::StatusOr<SamplerAttrs> SamplerAttrsOf(const Operation& op) {
  SamplerAttrs attrs;
  RG_RETURN_IF_ERROR(op.GetAttr("num_true", &attrs.num_true));
  RG_RETURN_IF_ERROR(op.GetAttr("num_sampled", &attrs.num_sampled));
  RG_RETURN_IF_ERROR(op.GetAttr("unique", &attrs.unique));
  if (op.FindAttr("range_max") != nullptr) {
    RG_RETURN_IF_ERROR(op.GetAttr("range_max", &attrs.range));
  }
  return attrs;
}

absl::Status CheckTrueClasses(const Tensor& classes,
                              const SamplerAttrs& attrs) {
  if (classes.shape().rank() != 2) {
    return absl::InvalidArgumentError("true_classes must be a matrix");
  }
  // The numbers stand in TensorFlow's order, which is the wrong one.
  if (classes.shape().dim(1) != attrs.num_true) {
    return absl::InvalidArgumentError(absl::StrCat(
        "true_classes must have num_true columns, expected: ",
        classes.shape().dim(1), " was: ", attrs.num_true));
  }
  return absl::OkStatus();
}

// The three outputs, without their values.
bool AllocateOutputs(KernelContext* ctx, const SamplerAttrs& attrs,
                     Tensor* sampled, Tensor* true_counts, Tensor* counts) {
  const TensorShape samples({attrs.num_sampled});
  *sampled = ctx->Allocate(DT_INT64, samples);
  *true_counts = ctx->Allocate(DT_FLOAT, ctx->input(0).shape());
  *counts = ctx->Allocate(DT_FLOAT, samples);
  return ctx->status().ok();
}

void SetOutputs(KernelContext* ctx, Tensor sampled, Tensor true_counts,
                Tensor counts) {
  ctx->set_output(0, std::move(sampled));
  ctx->set_output(1, std::move(true_counts));
  ctx->set_output(2, std::move(counts));
}

template <typename S>
class SamplerKernel final : public Kernel {
 public:
  explicit SamplerKernel(const SamplerAttrs& attrs)
      : attrs_(attrs), sampler_(attrs.range) {}

  static absl::StatusOr<std::unique_ptr<SamplerKernel>> Create(
      const Operation& op) {
    RG_ASSIGN_OR_RETURN(const SamplerAttrs attrs, SamplerAttrsOf(op));
    if (kLearns && attrs.range >= std::numeric_limits<int32_t>::max()) {
      return absl::InvalidArgumentError("range_max is too large to learn");
    }
    auto kernel = std::make_unique<SamplerKernel>(attrs);
    RG_RETURN_IF_ERROR(kernel->source_.Init(op));
    return kernel;
  }

  void Compute(KernelContext* ctx) override {
    const Tensor classes = ctx->input(0);
    RG_KERNEL_OK(ctx, CheckTrueClasses(classes, attrs_));
    RG_KERNEL_REQUIRES(
        ctx, !attrs_.unique || attrs_.num_sampled <= attrs_.range,
        absl::InvalidArgumentError("Sampler's range is too small."));
    Tensor sampled, true_counts, counts;
    if (!AllocateOutputs(ctx, attrs_, &sampled, &true_counts, &counts)) return;
    const auto truths = classes.flat<int64_t>();
    if (kLearns) RG_KERNEL_OK(ctx, CheckRange(truths));
    Dice dice(source_.ReserveWords(kWordsPerSample * attrs_.num_sampled));
    absl::MutexLock lock(&mu_);
    const auto out = sampled.mutable_flat<int64_t>();
    const int64_t tries = Fill(&dice, out);
    const auto expected = [&](int64_t value) ABSL_EXCLUSIVE_LOCKS_REQUIRED(
                              mu_) {
      return ExpectedCount(sampler_.Probability(value), attrs_.num_sampled,
                           tries);
    };
    std::transform(out.begin(), out.end(),
                   counts.mutable_flat<float>().begin(), expected);
    std::transform(truths.begin(), truths.end(),
                   true_counts.mutable_flat<float>().begin(), expected);
    sampler_.Learn(truths);
    SetOutputs(ctx, std::move(sampled), std::move(true_counts),
               std::move(counts));
  }

 private:
  // What TensorFlow reserves; where a sample takes more, runs share some.
  static constexpr int64_t kWordsPerSample = 2048;
  static constexpr bool kLearns = std::is_same_v<S, UnigramSampler>;

  absl::Status CheckRange(absl::Span<const int64_t> classes) const {
    for (int64_t value : classes) {
      if (value >= 0 && value < attrs_.range) continue;
      return absl::InvalidArgumentError(absl::StrCat(
          "true class ", value, " is not in [0, ", attrs_.range, ")"));
    }
    return absl::OkStatus();
  }

  // How many were drawn until all of `out` was there.
  int64_t Fill(Dice* dice, absl::Span<int64_t> out)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (!attrs_.unique) {
      for (int64_t& value : out) value = sampler_.Draw(dice);
      return static_cast<int64_t>(out.size());
    }
    absl::flat_hash_set<int64_t> seen;
    int64_t tries = 0;
    for (size_t i = 0; i < out.size(); ++tries) {
      const int64_t value = sampler_.Draw(dice);
      if (seen.insert(value).second) out[i++] = value;
    }
    return tries;
  }

  const SamplerAttrs attrs_;
  RandomSource source_;
  absl::Mutex mu_;
  S sampler_ ABSL_GUARDED_BY(mu_);
};

// Every class, each expected once.
void AllSamplerKernel(KernelContext* ctx) {
  const auto attrs = SamplerAttrsOf(ctx->op());
  RG_KERNEL_OK(ctx, attrs.status());
  RG_KERNEL_OK(ctx, CheckTrueClasses(ctx->input(0), *attrs));
  Tensor sampled, true_counts, counts;
  if (!AllocateOutputs(ctx, *attrs, &sampled, &true_counts, &counts)) return;
  const auto out = sampled.mutable_flat<int64_t>();
  std::iota(out.begin(), out.end(), 0);
  for (Tensor* tensor : {&true_counts, &counts}) {
    const auto ones = tensor->mutable_flat<float>();
    std::fill(ones.begin(), ones.end(), 1.0f);
  }
  SetOutputs(ctx, std::move(sampled), std::move(true_counts),
             std::move(counts));
}

void AccidentalHitsKernel(KernelContext* ctx) {
  const Tensor& classes = ctx->input(0);
  int64_t num_true = 0;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("num_true", &num_true));
  RG_KERNEL_REQUIRES(
      ctx, classes.shape().rank() == 2 && classes.shape().dim(1) == num_true,
      absl::InvalidArgumentError(
          "true_candidates must be a batch_size * num_true matrix"));
  RG_KERNEL_REQUIRES(
      ctx, ctx->input(1).shape().rank() == 1,
      absl::InvalidArgumentError("sampled_candidates must be a vector, which "
                                 "is typically an output from "
                                 "CandidateSampler"));
  absl::flat_hash_map<int64_t, int64_t> places;
  int64_t place = 0;
  for (int64_t candidate : ctx->input(1).flat<int64_t>()) {
    places[candidate] = place++;
  }
  std::vector<int32_t> rows;
  std::vector<int64_t> hits;
  const auto truths = classes.flat<int64_t>();
  for (size_t i = 0; i < truths.size(); ++i) {
    const auto found = places.find(truths[i]);
    if (found == places.end()) continue;
    rows.push_back(static_cast<int32_t>(i / num_true));
    hits.push_back(found->second);
  }
  const std::vector<float> weights(hits.size(),
                                   -std::numeric_limits<float>::max());
  ctx->set_output(0, Tensor::Vector<int32_t>(absl::MakeConstSpan(rows)));
  ctx->set_output(1, Tensor::Vector<int64_t>(absl::MakeConstSpan(hits)));
  ctx->set_output(2, Tensor::Vector<float>(absl::MakeConstSpan(weights)));
}

absl::Status SamplerShape(InferenceContext* c) {
  int64_t num_true, num_sampled;
  RG_RETURN_IF_ERROR(c->op().GetAttr("num_true", &num_true));
  RG_RETURN_IF_ERROR(c->op().GetAttr("num_sampled", &num_sampled));
  RG_ASSIGN_OR_RETURN(const Shape classes, c->WithRank(c->input(0), 2));
  c->set_output(0, Shape({num_sampled}));
  c->set_output(1, Shape({c->Dim(classes, 0), num_true}));
  c->set_output(2, Shape({num_sampled}));
  return absl::OkStatus();
}

absl::Status AccidentalHitsShape(InferenceContext* c) {
  int64_t num_true;
  RG_RETURN_IF_ERROR(c->op().GetAttr("num_true", &num_true));
  RG_ASSIGN_OR_RETURN(const Shape classes, c->WithRank(c->input(0), 2));
  RG_RETURN_IF_ERROR(c->WithValue(c->Dim(classes, 1), num_true).status());
  RG_RETURN_IF_ERROR(c->WithRank(c->input(1), 1).status());
  for (int i = 0; i < 3; ++i) c->set_output(i, Shape({kUnknownDim}));
  return absl::OkStatus();
}

OpBuilder SamplerOp(OpRegistry* registry, const char* name, bool has_range) {
  OpBuilder op = registry->Op(name);
  op.Input("true_classes: int64").Output("sampled_candidates: int64");
  op.Output("true_expected_count: float");
  op.Output("sampled_expected_count: float");
  op.Attr("num_true: int >= 1").Attr("num_sampled: int >= 1");
  op.Attr("unique: bool");
  if (has_range) op.Attr("range_max: int >= 1");
  op.Attr("seed: int = 0").Attr("seed2: int = 0");
  op.Shape(SamplerShape).Stateful();
  return op;
}

}  // namespace

void RegisterCandidateSamplerOps(OpRegistry* registry) {
  SamplerOp(registry, "UniformCandidateSampler", true)
      .Kernel({}, KernelOf<SamplerKernel<UniformSampler>>());
  SamplerOp(registry, "LogUniformCandidateSampler", true)
      .Kernel({}, KernelOf<SamplerKernel<LogUniformSampler>>());
  for (const char* name : {"LearnedUnigramCandidateSampler",
                           "ThreadUnsafeUnigramCandidateSampler"}) {
    SamplerOp(registry, name, true)
        .Kernel({}, KernelOf<SamplerKernel<UnigramSampler>>());
  }
  SamplerOp(registry, "AllCandidateSampler", false)
      .Kernel({}, StatelessKernel(AllSamplerKernel));

  OpBuilder hits = registry->Op("ComputeAccidentalHits");
  hits.Input("true_classes: int64").Input("sampled_candidates: int64");
  hits.Output("indices: int32").Output("ids: int64").Output("weights: float");
  hits.Attr("num_true: int").Attr("seed: int = 0").Attr("seed2: int = 0");
  hits.Shape(AccidentalHitsShape);
  hits.Kernel({}, StatelessKernel(AccidentalHitsKernel));
}

}  // namespace retrograph
