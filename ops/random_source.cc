#include "ops/random_source.h"

#include <random>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "ops/data_movement.h"

namespace retrograph {
namespace {

uint64_t MachineRandom() {
  std::random_device device;
  return uint64_t{device()} << 32 | device();
}

}  // namespace

Philox SeededPhilox(int64_t seed, int64_t seed2) {
  if (seed == 0 && seed2 == 0) return Philox(MachineRandom(), MachineRandom());
  return Philox(static_cast<uint64_t>(seed), static_cast<uint64_t>(seed2));
}

absl::Status RandomSource::Init(const Operation& op) {
  int64_t seed = 0, seed2 = 0;
  RG_RETURN_IF_ERROR(op.GetAttr("seed", &seed));
  RG_RETURN_IF_ERROR(op.GetAttr("seed2", &seed2));
  absl::MutexLock lock(&mu_);
  philox_ = SeededPhilox(seed, seed2);
  return absl::OkStatus();
}

Philox RandomSource::ReserveBlocks(uint64_t count) {
  absl::MutexLock lock(&mu_);
  const Philox start = philox_;
  philox_.Skip(count);
  return start;
}

absl::StatusOr<TensorShape> RandomOutputShape(const Tensor& shape) {
  if (shape.shape().rank() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("shape must be a vector of {int32,int64}, got shape ",
                     shape.shape().DebugString()));
  }
  const std::vector<int64_t> dims = IntegerValues(shape);
  return TensorShape::Create(dims);
}

absl::StatusOr<Philox> StatelessStream(const Tensor& seed) {
  if (seed.shape() != TensorShape({2})) {
    return absl::InvalidArgumentError(absl::StrCat(
        "seed must have shape [2], not ", seed.shape().DebugString()));
  }
  const std::vector<int64_t> seeds = IntegerValues(seed);
  // One block under a fixed key mixes the user's seeds, all of whose bits then
  // matter alike.
  constexpr uint64_t kMixingKey = 0x02461e293ec8f720;
  Philox mixer(kMixingKey, static_cast<uint64_t>(seeds[1]));
  mixer.Skip(static_cast<uint64_t>(seeds[0]));
  const Philox::Block mixed = mixer.Next();
  return Philox(uint64_t{mixed[1]} << 32 | mixed[0],
                uint64_t{mixed[3]} << 32 | mixed[2]);
}

}  // namespace retrograph
