#include "ops/learning_ops.h"

#include "ops/bit_ops.h"
#include "ops/gradient.h"

namespace retrograph {

void RegisterLearningOps(OpRegistry* registry) {
  RegisterStitchOps(registry);
  RegisterTrainingOps(registry);
  RegisterConvOps(registry);
  RegisterPoolOps(registry);
  RegisterBatchNormOps(registry);
  RegisterDepthwiseConvOps(registry);
  RegisterLrnOps(registry);
  RegisterCandidateSamplerOps(registry);
  RegisterScatterNdOps(registry);
  RegisterQrOps(registry);
  RegisterLinearAlgebraOps(registry);
  RegisterImageCodecOps(registry);
  RegisterResizeOps(registry);
  RegisterColorOps(registry);
  RegisterCropOps(registry);
  RegisterRandomGammaOps(registry);
  RegisterBitOps(registry);
}

void RegisterGradientFunctions() {
  GradientRegistry* gradients = GradientRegistry::Global();
  RegisterArrayGradients(gradients);
  RegisterControlFlowGradients(gradients);
  RegisterElementwiseGradients(gradients);
  RegisterImageGradients(gradients);
  RegisterLinearAlgebraGradients(gradients);
  RegisterMathGradients(gradients);
  RegisterNnGradients(gradients);
  RegisterReductionGradients(gradients);
  RegisterResourceVariableGradients(gradients);
  RegisterSegmentGradients(gradients);
  RegisterSliceGradients(gradients);
  RegisterTensorArrayGradients(gradients);
  RegisterTensorListGradients(gradients);
}

}  // namespace retrograph
