#include "saver/filename_feed.h"

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/python_text.h"

namespace retrograph {

absl::StatusOr<Tensor> FilenameFeed(const Graph& graph,
                                    const std::string& tensor_name,
                                    const std::string& path) {
  const absl::StatusOr<Output> tensor = graph.GetTensorByName(tensor_name);
  const DataType dtype =
      tensor.ok() ? RemoveRefType(tensor->dtype()) : DT_STRING;
  switch (dtype) {
    case DT_BOOL:
      return Tensor::Scalar(true);
    case DT_HALF:
    case DT_FLOAT:
    case DT_DOUBLE:
      return ValueError(absl::StrCat("could not convert string to float: ",
                                     PythonRepr(path)));
    case DT_BFLOAT16:
      return TypeError("expected number, got str");
    case DT_COMPLEX64:
    case DT_COMPLEX128:
      return TypeError("must be real number, not str");
    case DT_STRING:
    case DT_RESOURCE:
    case DT_VARIANT:
      return Tensor::Scalar<std::string>(path);
    default:
      return ValueError(
          absl::StrCat("invalid literal for int() with base 10: ",
                       PythonRepr(path)));
  }
}

}  // namespace retrograph
