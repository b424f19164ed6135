#include "session/request.h"

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/python_text.h"

namespace retrograph {
namespace {

absl::Status BadFeedKey(absl::string_view reason) {
  return TypeError(
      absl::StrCat("Cannot interpret feed_dict key as Tensor: ", reason));
}

absl::Status BadFetch(absl::string_view repr, absl::string_view reason) {
  return ValueError(absl::StrCat("Fetch argument ", repr,
                                 " cannot be interpreted as a Tensor. (",
                                 reason, ")"));
}

absl::Status NoFetch() {
  return TypeError("Fetch argument None has invalid type <class 'NoneType'>");
}

std::string NotAnElement(const Output& tensor) {
  return absl::StrCat("Tensor ", tensor.DebugString(),
                      " is not an element of this graph.");
}

// An Output is a plain pair: nothing keeps its index in bounds.
bool Exists(const Output& tensor) {
  return tensor.index >= 0 && tensor.index < tensor.op->num_outputs();
}

std::string DoesNotExist(const Output& tensor) {
  return absl::StrCat("The name ", PythonRepr(tensor.name()),
                      " refers to a Tensor which does not exist. The "
                      "operation, ",
                      PythonRepr(tensor.op->name()), ", exists but only has ",
                      tensor.op->num_outputs(), " outputs.");
}

absl::Status CheckFeed(const Graph& graph, const Output& key,
                       const Tensor& value) {
  if (!key.valid()) {
    return BadFeedKey("Can not convert a NoneType into a Tensor.");
  }
  if (!Exists(key)) return BadFeedKey(DoesNotExist(key));
  if (key.graph() != &graph) return BadFeedKey(NotAnElement(key));
  if (!key.shape().IsCompatibleWith(PartialTensorShape(value.shape()))) {
    return ValueError(absl::StrCat(
        "Cannot feed value of shape ", value.shape().PythonString(),
        " for Tensor ", PythonRepr(key.name()), ", which has shape '",
        key.shape().PythonString(), "'"));
  }
  if (!graph.IsFeedable(key)) {
    return ValueError(
        absl::StrCat("Tensor ", key.DebugString(), " may not be fed."));
  }
  return absl::OkStatus();
}

absl::Status CheckIsElement(const Graph& graph, const Output& fetch) {
  if (!fetch.valid()) return NoFetch();
  if (!Exists(fetch)) {
    return BadFetch(PythonRepr(fetch.name()), PythonRepr(DoesNotExist(fetch)));
  }
  if (fetch.graph() == &graph) return absl::OkStatus();
  return BadFetch(fetch.ReprString(), NotAnElement(fetch));
}

absl::Status CheckIsElement(const Graph& graph, const Operation* target) {
  if (target == nullptr) return NoFetch();
  if (target->graph() == &graph) return absl::OkStatus();
  return BadFetch(absl::StrCat("<tf.Operation '", target->name(),
                               "' type=", target->type(), ">"),
                  absl::StrCat("Operation ", target->node_def().DebugString(),
                               " is not an element of this graph."));
}

absl::Status CheckFetchable(const Graph& graph, const Operation* op) {
  if (graph.IsFetchable(op)) return absl::OkStatus();
  return PythonError(
      "InaccessibleTensorError", absl::StatusCode::kInvalidArgument,
      absl::StrCat(
          "Operation ", PythonRepr(op->name()),
          " has been marked as not fetchable. Typically this happens when it "
          "is defined in another function or code block. Use return values,"
          "explicit Python locals or TensorFlow collections to access it."));
}

}  // namespace

absl::Status CheckRequest(const Graph& graph,
                          const std::vector<Session::Feed>& feeds,
                          const std::vector<Output>& fetches,
                          const std::vector<Operation*>& targets) {
  for (const auto& [key, value] : feeds) {
    RG_RETURN_IF_ERROR(CheckFeed(graph, key, value));
  }
  for (const Output& fetch : fetches) {
    RG_RETURN_IF_ERROR(CheckIsElement(graph, fetch));
  }
  for (const Operation* target : targets) {
    RG_RETURN_IF_ERROR(CheckIsElement(graph, target));
  }
  for (const Output& fetch : fetches) {
    RG_RETURN_IF_ERROR(CheckFetchable(graph, fetch.op));
  }
  for (const Operation* target : targets) {
    RG_RETURN_IF_ERROR(CheckFetchable(graph, target));
  }
  return absl::OkStatus();
}

absl::StatusOr<Graph::Element> FetchByName(const Graph& graph,
                                           const std::string& name) {
  absl::StatusOr<Graph::Element> element = graph.AsGraphElement(name);
  if (element.ok()) return element;
  const std::string reason(element.status().message());
  // str() of a KeyError is the repr() of its text.
  return BadFetch(PythonRepr(name),
                  ErrorClassName(element.status()) == "KeyError"
                      ? PythonRepr(reason)
                      : reason);
}

absl::StatusOr<Output> FeedByName(const Graph& graph, const std::string& name) {
  absl::StatusOr<Graph::Element> element =
      graph.AsGraphElement(name, /*allow_tensor=*/true,
                           /*allow_operation=*/false);
  if (element.ok()) return element->tensor;
  return BadFeedKey(element.status().message());
}

}  // namespace retrograph
