// ExponentialMovingAverage: shadow variables that follow others, and the names
// under which a Saver finds them.
//
// Source: tensorflow/python/training/moving_averages.py (1.15).
#ifndef RETROGRAPH_TRAIN_MOVING_AVERAGES_H_
#define RETROGRAPH_TRAIN_MOVING_AVERAGES_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/optional.h"
#include "graph/builder.h"
#include "train/slots.h"
#include "variables/variable.h"

namespace retrograph {

// Adds the ops that move `variable` by (1 - decay) towards `value`, named
// "AssignMovingAvg" unless `name` says otherwise, and returns the update: the
// new reference, or of a resource variable the value read after.
//
// With `zero_debias` the variable is taken to have begun at zero, and what is
// assigned makes up for that; two variables "biased" and "local_step" are made
// for it under the variable's name.
Output AssignMovingAverage(GraphBuilder& b,
                           const std::shared_ptr<Variable>& variable,
                           const Primary& value,
                           const std::variant<double, Output>& decay,
                           bool zero_debias, absl::string_view name = "");

// Threads: one; the averages may belong to several graphs.
class ExponentialMovingAverage {
 public:
  // With `num_updates` the decay is min(decay, (1 + n) / (10 + n)).
  // `zero_debias` is for averages of tensors, which begin at zero.
  ExponentialMovingAverage(Input decay,
                           absl::optional<Input> num_updates = absl::nullopt,
                           bool zero_debias = false,
                           std::string name = "ExponentialMovingAverage")
      : decay_(std::move(decay)),
        num_updates_(std::move(num_updates)),
        zero_debias_(zero_debias),
        name_(std::move(name)) {}

  const std::string& name() const { return name_; }

  // Makes the shadow variables that are not there yet, puts the variables into
  // MOVING_AVERAGE_VARIABLES, and returns the op that updates the averages.
  // TypeError for what is neither half, float nor double. The short form takes
  // the trainable variables.
  Operation* Apply(GraphBuilder& b, const std::vector<Primary>& list);
  Operation* Apply(GraphBuilder& b);

  // Null if there is none.
  std::shared_ptr<Variable> Average(const Primary& primary) const;
  // The name of the average's op, or the one that it would have if it were
  // made in `graph` now.
  std::string AverageName(Graph* graph, const Primary& primary) const;

  // What a Saver takes to put averages in the variables' places: by name, the
  // `averaged` ones (default: trainable and MOVING_AVERAGE_VARIABLES) under
  // their averages' names, all other global variables under their own.
  std::map<std::string, Primary> VariablesToRestore(
      Graph* graph,
      const absl::optional<std::vector<Primary>>& averaged =
          absl::nullopt) const;

 private:
  struct Shadow {
    std::shared_ptr<Variable> average;
    bool zero_debias = false;
  };
  const Shadow* Find(const Primary& primary) const;
  void AddShadow(GraphBuilder& b, const Primary& primary);
  Output Decay(GraphBuilder& b) const;

  Input decay_;
  absl::optional<Input> num_updates_;
  bool zero_debias_;
  std::string name_;
  absl::flat_hash_map<Primary, Shadow> shadows_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_TRAIN_MOVING_AVERAGES_H_
