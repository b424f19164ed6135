// The op families of training and of images; RegisterStandardOps() calls them.
#ifndef RETROGRAPH_OPS_LEARNING_OPS_H_
#define RETROGRAPH_OPS_LEARNING_OPS_H_

#include "graph/op_registry.h"

namespace retrograph {

void RegisterStitchOps(OpRegistry* registry);     // stitch_ops.cc
void RegisterTrainingOps(OpRegistry* registry);   // training_ops.cc
void RegisterConvOps(OpRegistry* registry);       // conv_ops.cc
void RegisterPoolOps(OpRegistry* registry);       // pool_ops.cc
void RegisterBatchNormOps(OpRegistry* registry);  // batch_norm_ops.cc
void RegisterDepthwiseConvOps(OpRegistry* registry);  // depthwise_conv_ops.cc
void RegisterLrnOps(OpRegistry* registry);        // lrn_ops.cc
// candidate_sampler_ops.cc
void RegisterCandidateSamplerOps(OpRegistry* registry);
void RegisterScatterNdOps(OpRegistry* registry);  // scatter_nd_ops.cc
void RegisterQrOps(OpRegistry* registry);         // qr_ops.cc
void RegisterLinearAlgebraOps(OpRegistry* registry);  // linear_algebra_ops.cc
void RegisterImageCodecOps(OpRegistry* registry);  // image_codec_ops.cc
void RegisterResizeOps(OpRegistry* registry);      // resize_ops.cc
void RegisterColorOps(OpRegistry* registry);       // color_ops.cc
void RegisterCropOps(OpRegistry* registry);        // crop_ops.cc
void RegisterRandomGammaOps(OpRegistry* registry);  // random_gamma_ops.cc

// All of these.
void RegisterLearningOps(OpRegistry* registry);
// The gradient function of every family that has one.
void RegisterGradientFunctions();

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_LEARNING_OPS_H_
