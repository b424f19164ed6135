// Names in a SavedModel: its files, collections, signatures and tags.
//
// Source: tensorflow/python/saved_model/{constants,signature_constants,
// tag_constants}.py (1.15).
#ifndef RETROGRAPH_SAVED_MODEL_CONSTANTS_H_
#define RETROGRAPH_SAVED_MODEL_CONSTANTS_H_

namespace retrograph {
namespace saved_model {

inline constexpr int kSchemaVersion = 1;

// Files and folders.
inline constexpr char kFilenamePb[] = "saved_model.pb";
inline constexpr char kFilenamePbtxt[] = "saved_model.pbtxt";
inline constexpr char kAssetsDirectory[] = "assets";
inline constexpr char kVariablesDirectory[] = "variables";
inline constexpr char kVariablesFilename[] = "variables";

// Collections.
inline constexpr char kAssetsKey[] = "saved_model_assets";
inline constexpr char kMainOpKey[] = "saved_model_main_op";
inline constexpr char kLegacyInitOpKey[] = "legacy_init_op";
inline constexpr char kTrainOpKey[] = "saved_model_train_op";

// Signatures that name an op.
inline constexpr char kInitOpSignatureKey[] = "__saved_model_init_op";
inline constexpr char kTrainOpSignatureKey[] = "__saved_model_train_op";

// Signatures for serving.
inline constexpr char kDefaultServingSignatureDefKey[] = "serving_default";
inline constexpr char kClassifyInputs[] = "inputs";
inline constexpr char kClassifyMethodName[] = "tensorflow/serving/classify";
inline constexpr char kClassifyOutputClasses[] = "classes";
inline constexpr char kClassifyOutputScores[] = "scores";
inline constexpr char kPredictMethodName[] = "tensorflow/serving/predict";
inline constexpr char kRegressInputs[] = "inputs";
inline constexpr char kRegressMethodName[] = "tensorflow/serving/regress";
inline constexpr char kRegressOutputs[] = "outputs";
inline constexpr char kSupervisedTrainMethodName[] =
    "tensorflow/supervised/training";
inline constexpr char kSupervisedEvalMethodName[] =
    "tensorflow/supervised/eval";

// Tags.
inline constexpr char kServing[] = "serve";
inline constexpr char kTraining[] = "train";

}  // namespace saved_model
}  // namespace retrograph

#endif  // RETROGRAPH_SAVED_MODEL_CONSTANTS_H_
