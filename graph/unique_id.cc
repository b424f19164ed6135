#include "graph/unique_id.h"

#include <atomic>

namespace retrograph {
namespace {

thread_local int num_without = 0;

}  // namespace

WithoutUniqueIds::WithoutUniqueIds() { ++num_without; }
WithoutUniqueIds::~WithoutUniqueIds() { --num_without; }

int64_t TakeUniqueIds(int64_t count) {
  if (num_without > 0) count = 0;
  static std::atomic<int64_t> next{0};
  return next.fetch_add(count, std::memory_order_relaxed);
}

}  // namespace retrograph
