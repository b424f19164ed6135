// KernelCache: the kernels of a session, one a node, made when first needed
// and shared by all plans: a kernel may hold state, such as a random stream.
//
// Threads: thread-safe.
#ifndef RETROGRAPH_SESSION_KERNEL_CACHE_H_
#define RETROGRAPH_SESSION_KERNEL_CACHE_H_

#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "ops/kernel.h"

namespace retrograph {

struct CachedKernel {
  std::unique_ptr<Kernel> kernel;
  std::vector<bool> takes_reference;  // by input
  bool allows_uninitialized_input = false;
};

class KernelCache {
 public:
  // The kernel of `op`, which lives as long as the cache.
  //
  // Errors, with TensorFlow's texts and the node's name: there is no kernel
  // for the op or its types, or the kernel refuses the node's attrs.
  absl::StatusOr<const CachedKernel*> Get(const Operation* op);

 private:
  absl::Mutex mu_;
  absl::flat_hash_map<const Operation*, std::unique_ptr<CachedKernel>> kernels_
      ABSL_GUARDED_BY(mu_);
};

}  // namespace retrograph

#endif  // RETROGRAPH_SESSION_KERNEL_CACHE_H_
