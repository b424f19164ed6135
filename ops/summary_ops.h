// The ops of summaries.
#ifndef RETROGRAPH_OPS_SUMMARY_OPS_H_
#define RETROGRAPH_OPS_SUMMARY_OPS_H_

#include "graph/op_registry.h"

namespace retrograph {

void RegisterSummaryOps(OpRegistry* registry);      // summary_ops.cc
void RegisterImageSummaryOp(OpRegistry* registry);  // summary_image.cc

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_SUMMARY_OPS_H_
