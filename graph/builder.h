// GraphBuilder: adds operations the way TensorFlow's op_def_library does: it
// converts inputs to tensors, infers attrs from them, checks types with
// TensorFlow's texts, and names the op.
//
// Building reads like building from Python: calls return plain Outputs, and
// the first error is kept in the builder; after it every call returns an
// invalid Output and does nothing.
//
// Example:
//   GraphBuilder b(graph);
//   Output x = Placeholder(b, DT_FLOAT, {2});          // ops/builders.h
//   Output y = b.Op("Mul", {x, 2.0f}, {}, "y");
//   if (!b.ok()) return b.status();
//
// Ownership: does not own the graph. Threads: one builder, one thread.
#ifndef RETROGRAPH_GRAPH_BUILDER_H_
#define RETROGRAPH_GRAPH_BUILDER_H_

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/tensor.h"
#include "graph/graph.h"

namespace retrograph {

class GraphBuilder;

// What can be given as an input: a tensor, a variable, a value to convert, or
// a list of such.
class Input {
 public:
  // Converts a value to a tensor in the graph. `dtype` is what the op needs
  // (DT_INVALID: free), `preferred` a wish, `name` the argument's name.
  using Converter = std::function<absl::StatusOr<Output>(
      GraphBuilder* builder, DataType dtype, DataType preferred,
      absl::string_view name)>;

  Input(Output output) : value_(output) {}  // NOLINT
  // A ref variable: `ref` where the op takes a reference, else `value`.
  Input(Output value, Output ref) : value_(value), ref_(ref) {}
  Input(Tensor literal);               // NOLINT: becomes a Const, dtype fixed
  Input(float value);                  // NOLINT: a Python float: any float type
  Input(double value);                 // NOLINT
  Input(int value);                    // NOLINT: a Python int: any number type
  Input(int64_t value);                // NOLINT
  Input(bool value);                   // NOLINT
  Input(const char* value);            // NOLINT
  Input(std::string value);            // NOLINT
  Input(std::vector<Input> list) : list_(std::move(list)), is_list_(true) {}  // NOLINT
  static Input List(const std::vector<Output>& outputs);
  static Input FromConverter(Converter converter);

  bool is_list() const { return is_list_; }
  const std::vector<Input>& list() const { return list_; }
  bool is_output() const { return value_.valid(); }
  const Output& output() const { return value_; }
  const Output& ref() const { return ref_; }
  const Converter& converter() const { return converter_; }

 private:
  Output value_, ref_;
  Converter converter_;
  std::vector<Input> list_;
  bool is_list_ = false;
};

// One attr by name: Attr("axis", 0), Attr("dtype", DT_FLOAT).
AttrValue MakeAttr(int64_t value);
AttrValue MakeAttr(int value);
AttrValue MakeAttr(bool value);
AttrValue MakeAttr(float value);
AttrValue MakeAttr(DataType value);
AttrValue MakeAttr(const char* value);
AttrValue MakeAttr(absl::string_view value);
AttrValue MakeAttr(const std::string& value);
AttrValue MakeAttr(const PartialTensorShape& value);
AttrValue MakeAttr(const TensorShape& value);
AttrValue MakeAttr(const Tensor& value);
AttrValue MakeAttr(const DataTypeVector& value);
AttrValue MakeAttr(const std::vector<int64_t>& value);
AttrValue MakeAttr(const std::vector<std::string>& value);
AttrValue MakeAttr(const std::vector<float>& value);
AttrValue MakeAttr(const std::vector<PartialTensorShape>& value);
template <typename T>
std::pair<std::string, AttrValue> Attr(absl::string_view name, const T& value) {
  return {std::string(name), MakeAttr(value)};
}

class GraphBuilder {
 public:
  // Into the default graph of this thread.
  explicit GraphBuilder(SourceLocation location = SourceLocation::Current());
  explicit GraphBuilder(Graph* graph,
                        SourceLocation location = SourceLocation::Current());

  Graph* graph() const { return graph_.get(); }
  bool ok() const { return status_.ok(); }
  // The first error of this builder, with TensorFlow's text.
  const absl::Status& status() const { return status_; }
  // Keeps `status` if it is the first error. Returns whether all is well.
  bool Update(absl::Status status);
  // The value, or T() and the error is kept.
  template <typename T>
  T Take(absl::StatusOr<T> value) {
    if (!Update(value.status())) return T();
    return *std::move(value);
  }

  // Adds an op and returns it (null after an error). `name` defaults to the op
  // type. Attrs inferred from inputs need not be given. The graph is this
  // builder's; inputs of another graph are TensorFlow's ValueError.
  Operation* AddOp(absl::string_view type, std::vector<Input> inputs = {},
                   AttrList attrs = {}, absl::string_view name = "");
  // The same for ops with one output.
  Output Op(absl::string_view type, std::vector<Input> inputs = {},
            AttrList attrs = {}, absl::string_view name = "");

  // ops.convert_to_tensor. DT_INVALID: no wish.
  Output Convert(const Input& input, DataType dtype = DT_INVALID,
                 absl::string_view name = "Const",
                 DataType preferred = DT_INVALID);

 private:
  std::shared_ptr<Graph> graph_;
  SourceLocation location_;
  absl::Status status_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_BUILDER_H_
