// Histogram: the buckets of a histogram summary, each 1.1 times as far from 0
// as the one before.
//
// Source: tensorflow/core/lib/histogram (1.15), whose numbers these are.
#ifndef RETROGRAPH_OPS_HISTOGRAM_H_
#define RETROGRAPH_OPS_HISTOGRAM_H_

#include <vector>

#include "proto/summary.pb.h"

namespace retrograph {

class Histogram {
 public:
  Histogram();
  void Add(double value);  // finite
  // Runs of empty buckets become one.
  HistogramProto ToProto() const;

 private:
  std::vector<double> buckets_;  // counts
  double min_, max_;
  double count_ = 0, sum_ = 0, sum_of_squares_ = 0;
};

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_HISTOGRAM_H_
