// Every op that retrograph has. One file an op family; each has one function
// here that adds its ops to a registry.
#ifndef RETROGRAPH_OPS_STANDARD_OPS_H_
#define RETROGRAPH_OPS_STANDARD_OPS_H_

#include "graph/op_registry.h"

namespace retrograph {

void RegisterControlFlowOps(OpRegistry* registry);  // control_flow_ops.cc
void RegisterArrayOps(OpRegistry* registry);        // array_ops.cc
void RegisterShapeOps(OpRegistry* registry);        // shape_ops.cc
void RegisterMathOps(OpRegistry* registry);         // math_ops.cc
void RegisterComparisonOps(OpRegistry* registry);   // comparison_ops.cc
void RegisterComplexOps(OpRegistry* registry);      // complex_ops.cc
void RegisterBincountOps(OpRegistry* registry);     // bincount_ops.cc
void RegisterSelectOps(OpRegistry* registry);       // select_ops.cc
void RegisterAddNOps(OpRegistry* registry);         // add_n_ops.cc
void RegisterUnaryOps(OpRegistry* registry);        // unary_ops.cc
void RegisterCastOps(OpRegistry* registry);         // cast_ops.cc
void RegisterReductionOps(OpRegistry* registry);    // reduction_ops.cc
void RegisterArgMaxOps(OpRegistry* registry);       // arg_max_ops.cc
void RegisterScanOps(OpRegistry* registry);         // scan_ops.cc
void RegisterSegmentOps(OpRegistry* registry);      // segment_ops.cc
void RegisterMatmulOps(OpRegistry* registry);       // matmul_ops.cc
void RegisterNnOps(OpRegistry* registry);           // nn_ops.cc
void RegisterActivationOps(OpRegistry* registry);   // activation_ops.cc
void RegisterSoftmaxOps(OpRegistry* registry);      // softmax_ops.cc
void RegisterBiasOps(OpRegistry* registry);         // bias_ops.cc
void RegisterRandomOps(OpRegistry* registry);       // random_ops.cc
void RegisterRandomChoiceOps(OpRegistry* registry);  // random_choice_ops.cc
void RegisterStateOps(OpRegistry* registry);        // state_ops.cc
void RegisterResourceVariableOps(OpRegistry* registry);
void RegisterStringOps(OpRegistry* registry);       // string_ops.cc
void RegisterIoOps(OpRegistry* registry);           // io_ops.cc: save, restore
void RegisterV1IoOps(OpRegistry* registry);         // v1_io_ops.cc: of V1 files
void RegisterVocabularyOps(OpRegistry* registry);   // vocabulary_ops.cc
void RegisterLoggingOps(OpRegistry* registry);      // logging_ops.cc

// Fills OpRegistry::Global() with all of the above, once; later calls do
// nothing. Every program calls it before it builds a graph. Thread-safe.
void RegisterStandardOps();

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_STANDARD_OPS_H_
