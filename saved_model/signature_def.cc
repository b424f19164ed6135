#include "saved_model/signature_def.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "saved_model/constants.h"
#include "saver/scope_names.h"

namespace retrograph {
namespace saved_model {
namespace {

using InfoMap = google::protobuf::Map<std::string, TensorInfo>;

std::set<std::string> Keys(const InfoMap& infos) {
  std::set<std::string> keys;
  for (const auto& [key, info] : infos) keys.insert(key);
  return keys;
}

// Whether `key`, if there, has this dtype.
bool HasTypeIfThere(const InfoMap& infos, const std::string& key,
                    DataType dtype) {
  const auto it = infos.find(key);
  return it == infos.end() || it->second.dtype() == dtype;
}

bool IsValidClassification(const SignatureDef& signature) {
  if (signature.method_name() != kClassifyMethodName) return false;
  if (Keys(signature.inputs()) != std::set<std::string>{kClassifyInputs} ||
      !HasTypeIfThere(signature.inputs(), kClassifyInputs, DT_STRING)) {
    return false;
  }
  const InfoMap& outputs = signature.outputs();
  const size_t known = outputs.count(kClassifyOutputClasses) +
                       outputs.count(kClassifyOutputScores);
  return !outputs.empty() && outputs.size() == known &&
         HasTypeIfThere(outputs, kClassifyOutputClasses, DT_STRING) &&
         HasTypeIfThere(outputs, kClassifyOutputScores, DT_FLOAT);
}

bool IsValidRegression(const SignatureDef& signature) {
  return signature.method_name() == kRegressMethodName &&
         Keys(signature.inputs()) == std::set<std::string>{kRegressInputs} &&
         Keys(signature.outputs()) == std::set<std::string>{kRegressOutputs} &&
         HasTypeIfThere(signature.inputs(), kRegressInputs, DT_STRING) &&
         HasTypeIfThere(signature.outputs(), kRegressOutputs, DT_FLOAT);
}

bool IsValidPredict(const SignatureDef& signature) {
  return signature.method_name() == kPredictMethodName &&
         !signature.inputs().empty() && !signature.outputs().empty();
}

}  // namespace

TensorInfo BuildTensorInfo(const Output& tensor) {
  TensorInfo info;
  info.set_name(tensor.name());
  info.set_dtype(tensor.op->output_type(tensor.index));
  tensor.op->output_shape(tensor.index).AsProto(info.mutable_tensor_shape());
  return info;
}

TensorInfo BuildTensorInfoFromOp(absl::string_view name) {
  TensorInfo info;
  info.set_name(std::string(name));
  info.mutable_tensor_shape()->set_unknown_rank(true);
  return info;
}

TensorInfo BuildSparseTensorInfo(const Output& indices, const Output& values,
                                 const Output& dense_shape) {
  TensorInfo info;
  info.set_dtype(values.dtype());
  TensorInfo::CooSparse* parts = info.mutable_coo_sparse();
  parts->set_indices_tensor_name(indices.name());
  parts->set_values_tensor_name(values.name());
  parts->set_dense_shape_tensor_name(dense_shape.name());
  ConstantValueAsShape(dense_shape)
      .value_or(PartialTensorShape())
      .AsProto(info.mutable_tensor_shape());
  return info;
}

absl::StatusOr<std::vector<Output>> GetTensorFromTensorInfo(
    const TensorInfo& info, const Graph& graph,
    absl::string_view import_scope) {
  std::vector<std::string> names;
  switch (info.encoding_case()) {
    case TensorInfo::kName:
      names = {info.name()};
      break;
    case TensorInfo::kCooSparse: {
      const TensorInfo::CooSparse& parts = info.coo_sparse();
      names = {parts.indices_tensor_name(), parts.values_tensor_name(),
               parts.dense_shape_tensor_name()};
      break;
    }
    case TensorInfo::kCompositeTensor:
      return NotImplementedError(
          "A CompositeTensor of a TensorInfo is not in retrograph (yet)");
    case TensorInfo::ENCODING_NOT_SET:
      return ValueError("Invalid TensorInfo.encoding: None");
  }
  std::vector<Output> tensors;
  for (const std::string& name : names) {
    RG_ASSIGN_OR_RETURN(
        const Output tensor,
        graph.GetTensorByName(PrependNameScope(name, import_scope)));
    tensors.push_back(tensor);
  }
  return tensors;
}

SignatureDef BuildSignatureDef(const TensorInfos& inputs,
                               const TensorInfos& outputs,
                               absl::string_view method_name) {
  SignatureDef signature;
  signature.mutable_inputs()->insert(inputs.begin(), inputs.end());
  signature.mutable_outputs()->insert(outputs.begin(), outputs.end());
  signature.set_method_name(std::string(method_name));
  return signature;
}

absl::StatusOr<SignatureDef> PredictSignatureDef(const TensorInfos& inputs,
                                                 const TensorInfos& outputs) {
  if (inputs.empty()) {
    return ValueError("Prediction inputs cannot be None or empty.");
  }
  if (outputs.empty()) {
    return ValueError("Prediction outputs cannot be None or empty.");
  }
  return BuildSignatureDef(inputs, outputs, kPredictMethodName);
}

absl::StatusOr<SignatureDef> RegressionSignatureDef(
    const absl::optional<TensorInfo>& examples,
    const absl::optional<TensorInfo>& predictions) {
  if (!examples.has_value()) {
    return ValueError("Regression examples cannot be None.");
  }
  if (!predictions.has_value()) {
    return ValueError("Regression predictions cannot be None.");
  }
  if (examples->dtype() != DT_STRING) {
    return ValueError("Regression examples must be a string Tensor.");
  }
  if (predictions->dtype() != DT_FLOAT) {
    return ValueError("Regression output must be a float Tensor.");
  }
  return BuildSignatureDef({{kRegressInputs, *examples}},
                           {{kRegressOutputs, *predictions}},
                           kRegressMethodName);
}

absl::StatusOr<SignatureDef> ClassificationSignatureDef(
    const absl::optional<TensorInfo>& examples,
    const absl::optional<TensorInfo>& classes,
    const absl::optional<TensorInfo>& scores) {
  if (!examples.has_value()) {
    return ValueError("Classification examples cannot be None.");
  }
  if (!classes.has_value() && !scores.has_value()) {
    return ValueError("Classification classes and scores cannot both be None.");
  }
  if (examples->dtype() != DT_STRING) {
    return ValueError("Classification examples must be a string Tensor.");
  }
  TensorInfos outputs;
  if (classes.has_value()) {
    if (classes->dtype() != DT_STRING) {
      return ValueError("Classification classes must be a string Tensor.");
    }
    outputs[kClassifyOutputClasses] = *classes;
  }
  if (scores.has_value()) {
    if (scores->dtype() != DT_FLOAT) {
      return ValueError("Classification scores must be a float Tensor.");
    }
    outputs[kClassifyOutputScores] = *scores;
  }
  return BuildSignatureDef({{kClassifyInputs, *examples}}, outputs,
                           kClassifyMethodName);
}

absl::StatusOr<SignatureDef> SupervisedSignatureDef(
    absl::string_view method_name, const TensorInfos& inputs,
    const std::vector<TensorInfos>& outputs) {
  if (inputs.empty()) {
    return ValueError(
        absl::StrCat(method_name, " inputs cannot be None or empty."));
  }
  TensorInfos all;
  for (const TensorInfos& set : outputs) {
    for (const auto& [key, info] : set) all[key] = info;
  }
  return BuildSignatureDef(inputs, all, method_name);
}

bool IsValidSignature(const SignatureDef& signature) {
  return IsValidClassification(signature) || IsValidRegression(signature) ||
         IsValidPredict(signature);
}

SignatureDef OpSignatureDef(absl::string_view op_name, const std::string& key) {
  return BuildSignatureDef({}, {{key, BuildTensorInfoFromOp(op_name)}}, "");
}

absl::StatusOr<Graph::Element> LoadOpFromSignatureDef(
    const SignatureDef& signature, const std::string& key, const Graph& graph,
    absl::string_view import_scope) {
  const auto output = signature.outputs().find(key);
  const std::string name =
      output == signature.outputs().end() ? "" : output->second.name();
  absl::StatusOr<Graph::Element> element =
      graph.AsGraphElement(PrependNameScope(name, import_scope));
  if (ErrorClassName(element.status()) != "KeyError") return element;
  return absl::NotFoundError(absl::StrReplaceAll(
      "The {0} could not be found in the graph. Please make sure the "
      "SavedModel was created by the internal _SavedModelBuilder. If you are "
      "using the public API, please make sure the SignatureDef in the "
      "SavedModel does not contain the key \"{0}\".",
      {{"{0}", key}}));
}

}  // namespace saved_model
}  // namespace retrograph
