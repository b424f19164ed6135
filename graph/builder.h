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
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/tensor.h"
#include "graph/graph.h"

namespace retrograph {

class GraphBuilder;

// What can be given as an input: a tensor, a variable, a value to convert, or
// a list of such. A list where the op takes one tensor becomes a constant, or
// a Pack if there are tensors in it.
class Input {
 public:
  // Converts a value to a tensor in the graph. `dtype` is what the op needs
  // (DT_INVALID: free), `name` the argument's name. `preferred` is what the op
  // would like best; it is for converters that convert in two steps, since the
  // builder itself asks first with `dtype` = `preferred` and, if that fails,
  // with DT_INVALID.
  //
  // A TypeError says that the value does not fit `dtype`; a ValueError makes
  // the builder ask without a dtype, to name the type that the value has.
  using Converter = std::function<absl::StatusOr<Output>(
      GraphBuilder* builder, DataType dtype, DataType preferred,
      absl::string_view name)>;
  // A value as messages quote it.
  struct Description {
    std::string repr;       // "1.5"
    std::string type_name;  // "float"
  };

  Input(Output output) : value_(Tensors{output, Output()}) {}  // NOLINT
  // A ref variable: `ref` where the op takes a reference, else `value`.
  Input(Output value, Output ref) : value_(Tensors{value, ref}) {}
  Input(Tensor literal);           // NOLINT: becomes a Const, dtype fixed
  Input(float value);              // NOLINT: a Python float: any float type
  Input(double value);             // NOLINT
  Input(int value);                // NOLINT: a Python int: any number type
  Input(int64_t value);            // NOLINT
  Input(bool value);               // NOLINT
  Input(const char* value);        // NOLINT
  Input(std::string value);        // NOLINT
  Input(std::vector<Input> list);  // NOLINT
  static Input List(const std::vector<Output>& outputs);
  static Input FromConverter(Converter converter,
                             std::function<Description()> describe = nullptr);

  bool is_list() const { return std::holds_alternative<ListPtr>(value_); }
  const std::vector<Input>& list() const { return *std::get<ListPtr>(value_); }
  bool is_output() const { return std::holds_alternative<Tensors>(value_); }
  const Output& output() const { return std::get<Tensors>(value_).value; }
  const Output& ref() const { return std::get<Tensors>(value_).ref; }
  bool is_custom() const { return std::holds_alternative<CustomPtr>(value_); }
  const Converter& converter() const {
    return std::get<CustomPtr>(value_)->converter;
  }

  // The value as Python would print it: repr() and type(...).__name__.
  Description Describe() const;

 private:
  friend class LiteralConverter;  // literal.cc
  struct Tensors {
    Output value;
    Output ref;
  };
  struct Custom {
    Converter converter;
    std::function<Description()> describe;
  };
  using ListPtr = std::shared_ptr<const std::vector<Input>>;
  using CustomPtr = std::shared_ptr<const Custom>;
  using TensorPtr = std::shared_ptr<const Tensor>;
  explicit Input(CustomPtr custom) : value_(std::move(custom)) {}

  std::variant<Tensors, double, int64_t, bool, std::string, TensorPtr, ListPtr,
               CustomPtr>
      value_;
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
  // type; one that ends in "/" is taken as it is. Attrs inferred from inputs
  // must not be given, those with a default need not. The graph is this
  // builder's; inputs of another graph are TensorFlow's ValueError.
  //
  // Errors: TypeError and ValueError with the texts of apply_op, RuntimeError
  // for an unknown op or a finalised graph.
  Operation* AddOp(absl::string_view type, std::vector<Input> inputs = {},
                   AttrList attrs = {}, absl::string_view name = "");
  // The same for ops with one output.
  Output Op(absl::string_view type, std::vector<Input> inputs = {},
            AttrList attrs = {}, absl::string_view name = "");

  // ops.convert_to_tensor. DT_INVALID: no wish. The errors are those of
  // TensorFlow's function, without the words that AddOp puts around them.
  Output Convert(const Input& input, DataType dtype = DT_INVALID,
                 absl::string_view name = "Const",
                 DataType preferred = DT_INVALID);

  // The same, but the error is returned and not kept.
  absl::StatusOr<Output> TryConvert(const Input& input, DataType dtype,
                                    absl::string_view name,
                                    DataType preferred = DT_INVALID,
                                    bool as_ref = false);

 private:
  friend class OpMaker;  // op_maker.h
  // Of what is no tensor.
  absl::StatusOr<Output> ConvertValue(const Input& input, DataType dtype,
                                      absl::string_view name,
                                      DataType preferred);
  // Of a list with tensors in it.
  absl::StatusOr<Output> Pack(const Input& input, DataType dtype,
                              absl::string_view name);

  std::shared_ptr<Graph> graph_;
  SourceLocation location_;
  absl::Status status_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_BUILDER_H_
