#include "ops/standard_ops.h"

#include "absl/base/call_once.h"
#include "graph/shape_inference.h"
#include "ops/constant_folding.h"
#include "ops/dataset_ops.h"
#include "ops/lookup_table_ops.h"
#include "ops/py_func.h"
#include "ops/queue_ops.h"
#include "ops/summary_ops.h"
#include "ops/tensor_array_ops.h"
#include "ops/tensor_list_ops.h"

namespace retrograph {

// Of learning_ops.h, whose families are linked only: who uses standard ops
// compiles without the headers of gradients.
void RegisterLearningOps(OpRegistry* registry);
void RegisterGradientFunctions();

void RegisterStandardOps() {
  static absl::once_flag once;
  absl::call_once(once, [] {
    OpRegistry* registry = OpRegistry::Global();
    RegisterControlFlowOps(registry);
    RegisterArrayOps(registry);
    RegisterShapeOps(registry);
    RegisterMathOps(registry);
    RegisterComparisonOps(registry);
    RegisterComplexOps(registry);
    RegisterBincountOps(registry);
    RegisterSelectOps(registry);
    RegisterAddNOps(registry);
    RegisterUnaryOps(registry);
    RegisterCastOps(registry);
    RegisterReductionOps(registry);
    RegisterArgMaxOps(registry);
    RegisterScanOps(registry);
    RegisterSegmentOps(registry);
    RegisterMatmulOps(registry);
    RegisterNnOps(registry);
    RegisterActivationOps(registry);
    RegisterSoftmaxOps(registry);
    RegisterBiasOps(registry);
    RegisterRandomOps(registry);
    RegisterRandomChoiceOps(registry);
    RegisterStateOps(registry);
    RegisterResourceVariableOps(registry);
    RegisterStringOps(registry);
    RegisterIoOps(registry);
    RegisterV1IoOps(registry);
    RegisterVocabularyOps(registry);
    RegisterPyFuncOps(registry);
    RegisterLoggingOps(registry);
    RegisterDatasetOps(registry);
    RegisterIteratorOps(registry);
    RegisterLookupTableOps(registry);
    RegisterQueueOps(registry);
    RegisterTensorListOps(registry);
    RegisterSummaryOps(registry);
    RegisterTensorArrayOps(registry);
    RegisterStackOps(registry);
    RegisterLearningOps(registry);
    SetConstantFolder(FoldConstant);
    RegisterGradientFunctions();
  });
}

}  // namespace retrograph
