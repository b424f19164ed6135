// How much memory a piece of work takes at its peak.
#ifndef RETROGRAPH_BENCH_PEAK_MEMORY_H_
#define RETROGRAPH_BENCH_PEAK_MEMORY_H_

namespace retrograph {

// Counts from its construction on. One at a time in a process, since the
// kernel keeps one high-water mark for each (proc(5): clear_refs, VmHWM).
class PeakMemory {
 public:
  PeakMemory();

  // What the process had resident at its peak beyond what it had at first, in
  // MiB. Pages of files that are merely cached do not count.
  double Mebibytes() const;

 private:
  double start_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_BENCH_PEAK_MEMORY_H_
