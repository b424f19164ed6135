#include "session/ready_queue.h"

#include "absl/container/flat_hash_set.h"

namespace retrograph {

bool IsInexpensiveOp(std::string_view type) {
  static const auto& kTypes = *new absl::flat_hash_set<std::string_view>{
      "BroadcastArgs", "BroadcastGradientArgs", "ConcatOffset", "Const",
      "ControlTrigger", "DebugGradientIdentity", "DebugGradientRefIdentity",
      "EnsureShape", "Enter", "Exit", "ExpandDims", "Identity", "IdentityN",
      "ImmutableConst", "LoopCond", "Merge", "NextIteration", "NoOp",
      "PlaceholderWithDefault", "PreventGradient", "Rank", "RefEnter",
      "RefExit", "RefIdentity", "RefMerge", "RefNextIteration", "RefSelect",
      "RefSwitch", "Reshape", "Shape", "ShapeN", "Size", "Squeeze",
      "StackClose", "StackCloseV2", "StackPop", "StackPopV2", "StackPush",
      "StackPushV2", "StopGradient", "Switch"};
  return kTypes.contains(type);
}

}  // namespace retrograph
