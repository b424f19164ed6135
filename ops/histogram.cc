#include "ops/histogram.h"

#include <algorithm>
#include <limits>

namespace retrograph {
namespace {

constexpr double kLargest = std::numeric_limits<double>::max();

// The upper limit of each bucket, in order.
const std::vector<double>& Limits() {
  static const auto* limits = [] {
    auto* made = new std::vector<double>();
    for (double limit = 1e-12; limit < 1e20; limit *= 1.1) {
      made->push_back(limit);
    }
    made->push_back(kLargest);
    const std::vector<double> positive = *made;
    made->clear();
    for (auto limit = positive.rbegin(); limit != positive.rend(); ++limit) {
      made->push_back(-*limit);
    }
    made->push_back(0);
    made->insert(made->end(), positive.begin(), positive.end());
    return made;
  }();
  return *limits;
}

}  // namespace

Histogram::Histogram()
    : buckets_(Limits().size()), min_(kLargest), max_(-kLargest) {}

void Histogram::Add(double value) {
  const std::vector<double>& limits = Limits();
  const size_t bucket =
      std::upper_bound(limits.begin(), limits.end(), value) - limits.begin();
  buckets_[std::min(bucket, limits.size() - 1)] += 1;
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
  count_ += 1;
  sum_ += value;
  sum_of_squares_ += value * value;
}

HistogramProto Histogram::ToProto() const {
  HistogramProto proto;
  proto.set_min(min_);
  proto.set_max(max_);
  proto.set_num(count_);
  proto.set_sum(sum_);
  proto.set_sum_squares(sum_of_squares_);
  const std::vector<double>& limits = Limits();
  size_t i = 0;
  while (i < limits.size()) {
    size_t last = i;
    if (buckets_[i] == 0) {
      while (last + 1 < limits.size() && buckets_[last + 1] == 0) ++last;
    }
    proto.add_bucket_limit(limits[last]);
    proto.add_bucket(buckets_[last]);
    i = last + 1;
  }
  return proto;
}

}  // namespace retrograph
