// Signatures: how to call a graph, its inputs and outputs by the caller's
// names.
//
// Source: tensorflow/python/saved_model/{utils_impl,
// signature_def_utils_impl}.py (1.15).
#ifndef RETROGRAPH_SAVED_MODEL_SIGNATURE_DEF_H_
#define RETROGRAPH_SAVED_MODEL_SIGNATURE_DEF_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "graph/graph.h"
#include "proto/meta_graph.pb.h"

namespace retrograph {
namespace saved_model {

using TensorInfos = std::map<std::string, TensorInfo>;

// Name, dtype and static shape of a tensor.
TensorInfo BuildTensorInfo(const Output& tensor);
// Of a SparseTensor: the names of its parts, the dtype of its values, and the
// shape as far as `dense_shape` is known now.
TensorInfo BuildSparseTensorInfo(const Output& indices, const Output& values,
                                 const Output& dense_shape);
// Of an op (or tensor) that is only named: no dtype, unknown rank.
TensorInfo BuildTensorInfoFromOp(absl::string_view name);

// What a TensorInfo names, looked up under `import_scope`: one tensor, or the
// indices, values and dense shape of a SparseTensor. KeyError if it is not
// there, ValueError "Invalid TensorInfo.encoding: None", NotImplementedError
// for a composite tensor of another kind.
absl::StatusOr<std::vector<Output>> GetTensorFromTensorInfo(
    const TensorInfo& info, const Graph& graph,
    absl::string_view import_scope = "");

SignatureDef BuildSignatureDef(const TensorInfos& inputs,
                               const TensorInfos& outputs,
                               absl::string_view method_name);

// Each gives a ValueError with TensorFlow's text for what does not fit: no
// inputs, no outputs, another dtype. nullopt is Python's None.
absl::StatusOr<SignatureDef> PredictSignatureDef(const TensorInfos& inputs,
                                                 const TensorInfos& outputs);
absl::StatusOr<SignatureDef> RegressionSignatureDef(
    const absl::optional<TensorInfo>& examples,
    const absl::optional<TensorInfo>& predictions);
absl::StatusOr<SignatureDef> ClassificationSignatureDef(
    const absl::optional<TensorInfo>& examples,
    const absl::optional<TensorInfo>& classes,
    const absl::optional<TensorInfo>& scores);
// supervised_train_signature_def and supervised_eval_signature_def; a later
// set of outputs wins over an earlier one.
absl::StatusOr<SignatureDef> SupervisedSignatureDef(
    absl::string_view method_name, const TensorInfos& inputs,
    const std::vector<TensorInfos>& outputs);

// Whether TensorFlow Serving can serve it.
bool IsValidSignature(const SignatureDef& signature);

// A signature whose only output is an op, and that op again: NotFound if the
// graph does not have it.
SignatureDef OpSignatureDef(absl::string_view op_name, const std::string& key);
absl::StatusOr<Graph::Element> LoadOpFromSignatureDef(
    const SignatureDef& signature, const std::string& key, const Graph& graph,
    absl::string_view import_scope = "");

}  // namespace saved_model
}  // namespace retrograph

#endif  // RETROGRAPH_SAVED_MODEL_SIGNATURE_DEF_H_
