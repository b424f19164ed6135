#include "graph/scopes.h"

#include <algorithm>
#include <utility>

#include "core/check.h"
#include "core/errors.h"

namespace retrograph {

GraphScopes::GraphScopes() : devices_(std::make_shared<DeviceStack>()) {}

void GraphScopes::PopName() {
  RG_CHECK(!names_.empty(), "ExitNameScope without EnterNameScope");
  names_.pop_back();
}

void GraphScopes::PushControlDependencies(std::vector<Operation*> ops,
                                          bool clear) {
  if (clear) {
    controls_.push_back(
        ControlScope{{}, true, std::exchange(context_, nullptr), {}});
    return;
  }
  // Each op once, however many scopes name it.
  const std::vector<Operation*> current = ControlDependencies();
  absl::flat_hash_set<Operation*> seen(current.begin(), current.end());
  ControlScope scope{{}, false, nullptr, {}};
  for (Operation* op : ops) {
    if (seen.insert(op).second) scope.ops.push_back(op);
  }
  controls_.push_back(std::move(scope));
}

void GraphScopes::PopControlDependencies() {
  RG_CHECK(!controls_.empty(),
           "ExitControlDependencies without EnterControlDependencies");
  if (controls_.back().clears) context_ = controls_.back().outer_context;
  controls_.pop_back();
}

void GraphScopes::PushContext(ControlFlowContext* context) {
  outer_contexts_.push_back(std::exchange(context_, context));
}

void GraphScopes::PopContext() {
  RG_CHECK(!outer_contexts_.empty(),
           "ExitControlFlowContext without EnterControlFlowContext");
  context_ = outer_contexts_.back();
  outer_contexts_.pop_back();
}

absl::Span<const GraphScopes::ControlScope> GraphScopes::active() const {
  size_t begin = controls_.size();
  while (begin > 0 && !controls_[begin - 1].clears) --begin;
  return absl::MakeConstSpan(controls_).subspan(begin > 0 ? begin - 1 : 0);
}

std::vector<Operation*> GraphScopes::ControlDependencies() const {
  std::vector<Operation*> ops;
  for (const ControlScope& scope : active()) {
    ops.insert(ops.end(), scope.ops.begin(), scope.ops.end());
  }
  return ops;
}

void GraphScopes::AddControlInputsFor(absl::Span<const Output> inputs,
                                      ControlInputs* out) const {
  const auto is_input = [&](const Operation* op) {
    return std::any_of(inputs.begin(), inputs.end(),
                       [op](const Output& input) { return input.op == op; });
  };
  for (const ControlScope& scope : active()) {
    if (scope.ops.empty()) continue;
    const bool dominated = std::any_of(
        inputs.begin(), inputs.end(), [&scope](const Output& input) {
          return scope.made_inside.contains(input.op);
        });
    if (dominated) continue;
    for (Operation* op : scope.ops) {
      if (!is_input(op)) out->push_back(op);
    }
  }
}

void GraphScopes::RecordOp(const Operation* op) {
  if (controls_.empty()) return;
  size_t i = controls_.size();
  while (i > 0) {
    ControlScope& scope = controls_[--i];
    if (!scope.ops.empty()) scope.made_inside.insert(op);
    if (scope.clears) break;
  }
}

void GraphScopes::PushDeviceStack(std::shared_ptr<DeviceStack> devices) {
  simple_device_.reset();
  outer_device_stacks_.push_back(
      std::exchange(devices_, std::move(devices)));
}

void GraphScopes::PopDeviceStack() {
  RG_CHECK(!outer_device_stacks_.empty(),
           "PopDeviceStack without PushDeviceStack");
  simple_device_.reset();
  devices_ = std::move(outer_device_stacks_.back());
  outer_device_stacks_.pop_back();
}

absl::Status GraphScopes::PushDevice(
    const absl::optional<std::string>& device) {
  simple_device_.reset();
  if (!device.has_value()) {
    devices_->entries.push_back({DeviceStack::Kind::kClear, {}, nullptr});
    return absl::OkStatus();
  }
  RG_ASSIGN_OR_RETURN(DeviceName name, DeviceName::Parse(*device));
  devices_->entries.push_back({DeviceStack::Kind::kMerge, std::move(name), nullptr});
  return absl::OkStatus();
}

void GraphScopes::PushDeviceFunction(DeviceFunction function) {
  simple_device_.reset();
  devices_->entries.push_back({DeviceStack::Kind::kFunction, {}, std::move(function)});
}

void GraphScopes::PopDevice() {
  RG_CHECK(!devices_->entries.empty(), "ExitDevice without EnterDevice");
  simple_device_.reset();
  devices_->entries.pop_back();
}

absl::Status GraphScopes::ApplyDevices(
    const Operation& op,
    const std::function<void(std::string device)>& set) const {
  const std::vector<DeviceStack::Entry>& entries = devices_->entries;
  // Innermost first: what is said there wins.
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    if (entry->kind == DeviceStack::Kind::kClear) break;
    if (entry->kind == DeviceStack::Kind::kFunction) {
      set(entry->function(op));
      continue;
    }
    // device("") merges nothing, and does not even parse what is there.
    if (entry->name.ToString().empty()) continue;
    RG_ASSIGN_OR_RETURN(const DeviceName current,
                        DeviceName::Parse(op.device()));
    set(entry->name.MergedWith(current).ToString());
  }
  return absl::OkStatus();
}

const std::string* GraphScopes::SimpleDevice() {
  if (simple_device_.has_value()) return &*simple_device_;
  const std::vector<DeviceStack::Entry>& entries = devices_->entries;
  DeviceName merged;
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    if (entry->kind == DeviceStack::Kind::kClear) break;
    if (entry->kind == DeviceStack::Kind::kFunction) return nullptr;
    merged = entry->name.MergedWith(merged);
  }
  simple_device_ = merged.ToString();
  return &*simple_device_;
}

void GraphScopes::PushColocation(Operation* op, bool ignore_existing) {
  PushDeviceStack(std::make_shared<DeviceStack>());
  ColocationFrame frame;
  frame.ignored_existing = ignore_existing;
  frame.pushed = op != nullptr;
  if (ignore_existing)
    frame.outer_colocations = std::exchange(colocations_, {});
  if (op != nullptr) colocations_.push_back(op);
  colocation_frames_.push_back(std::move(frame));
}

void GraphScopes::PopColocation() {
  RG_CHECK(!colocation_frames_.empty(),
           "ExitColocateWith without EnterColocateWith");
  PopDeviceStack();
  ColocationFrame frame = std::move(colocation_frames_.back());
  colocation_frames_.pop_back();
  if (frame.ignored_existing) {
    colocations_ = std::move(frame.outer_colocations);
  } else if (frame.pushed) {
    colocations_.pop_back();
  }
}

void GraphScopes::PopContainer() {
  RG_CHECK(!containers_.empty(), "ExitContainer without EnterContainer");
  containers_.pop_back();
}

}  // namespace retrograph
