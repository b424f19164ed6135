// Kernels that read and write files: they wait for the disk, so each gets a
// thread of its own.
#ifndef RETROGRAPH_OPS_FILE_KERNEL_H_
#define RETROGRAPH_OPS_FILE_KERNEL_H_

#include <memory>

#include "absl/status/statusor.h"
#include "checkpoint/folder_turn.h"
#include "ops/kernel.h"

namespace retrograph {

class FileKernel final : public Kernel {
 public:
  explicit FileKernel(void (*compute)(KernelContext*)) : compute_(compute) {}
  void Compute(KernelContext* ctx) override { compute_(ctx); }
  bool IsExpensive() const override { return true; }

 private:
  void (*const compute_)(KernelContext*);
};

inline KernelFactory MakeFileKernel(void (*compute)(KernelContext*)) {
  return
      [compute](const Operation&) -> absl::StatusOr<std::unique_ptr<Kernel>> {
        return std::unique_ptr<Kernel>(std::make_unique<FileKernel>(compute));
      };
}

// How the session wants its checkpoints on the disk. The session's resources
// stand for it: a Saver names them too.
inline CommitOptions CommitOptionsOf(const KernelContext& ctx) {
  CommitOptions options;
  options.sync = ctx.env().sync_files;
  options.owner = ctx.env().resources;
  return options;
}

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_FILE_KERNEL_H_
