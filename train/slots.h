// Slots: variables that go with another one, or with a tensor, and stand under
// its name: an average, a momentum. A slot of a part of a variable is a part,
// too.
//
// Source: tensorflow/python/training/slot_creator.py (1.15).
#ifndef RETROGRAPH_TRAIN_SLOTS_H_
#define RETROGRAPH_TRAIN_SLOTS_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "graph/builder.h"
#include "variables/initializers.h"
#include "variables/variable.h"

namespace retrograph {

// What a slot goes with: a variable or another tensor.
class Primary {
 public:
  Primary(std::shared_ptr<Variable> variable)  // NOLINT
      : variable_(std::move(variable)), tensor_(variable_->handle()) {}
  Primary(Output tensor) : tensor_(tensor) {}  // NOLINT

  // Null if it is a tensor.
  const std::shared_ptr<Variable>& variable() const { return variable_; }
  const Output& tensor() const { return tensor_; }  // a variable's handle
  Operation* op() const { return tensor_.op; }
  std::string name() const { return tensor_.name(); }
  DataType dtype() const {
    return variable_ ? variable_->dtype() : RemoveRefType(tensor_.dtype());
  }
  const PartialTensorShape& shape() const {
    return variable_ ? variable_->shape() : tensor_.shape();
  }
  // The value, as operators read it.
  Output Value(GraphBuilder& b) const {
    return variable_ ? variable_->Value(b) : tensor_;
  }
  Input AsInput() const {
    return variable_ ? variable_->AsInput() : Input(tensor_);
  }

  bool operator==(const Primary& other) const {
    return variable_ == other.variable_ && tensor_ == other.tensor_;
  }
  template <typename H>
  friend H AbslHashValue(H h, const Primary& p) {
    return H::combine(std::move(h), p.variable_, p.tensor_);
  }

 private:
  std::shared_ptr<Variable> variable_;
  Output tensor_;
};

// Each makes the variable "PRIMARY/NAME", made unique, of the primary's kind,
// and unless `colocate` is false beside it. Null after an error, which the
// builder has.
std::shared_ptr<Variable> CreateSlot(GraphBuilder& b, const Primary& primary,
                                     const Output& value,
                                     const std::string& name,
                                     bool colocate = true);
std::shared_ptr<Variable> CreateSlotWithInitializer(
    GraphBuilder& b, const Primary& primary, const Initializer& initializer,
    const PartialTensorShape& shape, DataType dtype, const std::string& name,
    bool colocate = true);
// Of the primary's shape and, with DT_INVALID, of its dtype.
std::shared_ptr<Variable> CreateZerosSlot(GraphBuilder& b,
                                          const Primary& primary,
                                          const std::string& name,
                                          DataType dtype = DT_INVALID,
                                          bool colocate = true);

}  // namespace retrograph

#endif  // RETROGRAPH_TRAIN_SLOTS_H_
