// Values that can be known before anything runs.
//
// Two readers with different reach: C++ shape inference (EvaluateConstant)
// folds any stateless op that has a kernel, TensorFlow's Python layer
// (ConstantValue) knows a dozen op types. What needs arithmetic goes through
// the ConstantFolder that the room of kernels installs.
#include <atomic>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/constant_shape.h"
#include "graph/graph.h"
#include "graph/op_registry.h"
#include "graph/shape_inference.h"

namespace retrograph {
namespace {

// More than that is not folded: shapes and their parts are small.
constexpr size_t kMaxFoldedOps = 10000;
constexpr int64_t kMaxFoldedElements = int64_t{1} << 22;

std::atomic<ConstantFolder>& Folder() {
  static std::atomic<ConstantFolder> folder{nullptr};
  return folder;
}

absl::optional<std::vector<Tensor>> Fold(const Operation& op,
                                         absl::Span<const Tensor> inputs) {
  const ConstantFolder folder = Folder().load(std::memory_order_acquire);
  if (folder == nullptr) return absl::nullopt;
  for (int i = 0; i < op.num_outputs(); ++i) {
    if (op.output_shape(i).num_elements() > kMaxFoldedElements) {
      return absl::nullopt;
    }
  }
  absl::optional<std::vector<Tensor>> outputs = folder(op, inputs);
  if (outputs.has_value() &&
      static_cast<int>(outputs->size()) != op.num_outputs()) {
    return absl::nullopt;
  }
  return outputs;
}

Tensor IntegerScalar(DataType dtype, int64_t value) {
  return dtype == DT_INT64
             ? Tensor::Scalar<int64_t>(value)
             : Tensor::Scalar<int32_t>(static_cast<int32_t>(value));
}

Tensor DimsTensor(DataType dtype, absl::Span<const int64_t> dims) {
  if (dtype == DT_INT64) return Tensor::Vector<int64_t>(dims);
  std::vector<int32_t> narrow(dims.begin(), dims.end());
  return Tensor::Vector<int32_t>(absl::MakeConstSpan(narrow));
}

absl::optional<Tensor> ConstTensor(const Operation& op) {
  Tensor value;
  if (!op.GetAttr("value", &value).ok()) return absl::nullopt;
  // An imported constant need not be of the type that it says it is; running it
  // is an error then.
  if (value.dtype() != op.output_type(0)) return absl::nullopt;
  return value;
}

// Shape, Rank and Size of a tensor whose shape is static.
absl::optional<Tensor> FromStaticShape(const Output& output) {
  const Operation& op = *output.op;
  if (op.num_inputs() != 1) return absl::nullopt;
  const Shape& shape = op.input(0).shape();
  const std::string& type = op.type();
  if (type == "Rank") {
    if (shape.unknown_rank()) return absl::nullopt;
    return IntegerScalar(DT_INT32, shape.rank());
  }
  if (!shape.IsFullyDefined()) return absl::nullopt;
  if (type == "Shape") return DimsTensor(output.dtype(), shape.dims());
  if (type == "Size") {
    return IntegerScalar(output.dtype(), shape.num_elements());
  }
  return absl::nullopt;
}

bool NeverFolded(const Operation& op) {
  if (op.registration() == nullptr || op.registration()->def.is_stateful()) {
    return true;
  }
  if (op.num_inputs() == 0) return true;
  static const auto* const types =
      new absl::flat_hash_set<std::string>{"Merge",
                                           "RefMerge",
                                           "Enter",
                                           "RefEnter",
                                           "Exit",
                                           "RefExit",
                                           "PlaceholderWithDefault"};
  return types->contains(op.type());
}

// The ops that `target` depends on, inputs first; empty if some of them can
// not be folded. Leaves (values known at once) go to `values`.
using Values = absl::flat_hash_map<const Operation*, std::vector<Tensor>>;
std::vector<const Operation*> FoldingOrder(const Operation* target,
                                           Values* values) {
  std::vector<const Operation*> order;
  absl::flat_hash_set<const Operation*> seen;
  // An op is visited twice: to push its inputs, then to take its place.
  std::vector<std::pair<const Operation*, bool>> stack = {{target, false}};
  while (!stack.empty()) {
    const auto [op, inputs_done] = stack.back();
    stack.pop_back();
    if (inputs_done) {
      order.push_back(op);
      continue;
    }
    if (!seen.insert(op).second) continue;
    if (seen.size() > kMaxFoldedOps) return {};
    absl::optional<Tensor> known;
    if (op->type() == "Const") {
      known = ConstTensor(*op);
    } else if (op != target && op->num_outputs() == 1) {
      // Only inside: TensorFlow does not look at the static shape for the op
      // itself.
      known = FromStaticShape(Output{const_cast<Operation*>(op), 0});
    }
    if (known.has_value()) {
      (*values)[op] = {*std::move(known)};
      continue;
    }
    if (NeverFolded(*op)) return {};
    stack.emplace_back(op, true);
    for (const Output& input : op->inputs())
      stack.emplace_back(input.op, false);
  }
  return order;
}

// ---- tensor_util.constant_value ----

// Chains that Python would follow; deeper ones count as unknown.
constexpr int kMaxDepth = 100;

// One call: what it has found out, so that nothing is worked out twice.
struct Search {
  int depth = 0;
  absl::flat_hash_map<Output, absl::optional<Tensor>> found;
};

absl::optional<Tensor> ConstantValueAt(const Output& output, Search* search);

// The values of the inputs in the order Python asks for them; it stops at the
// first that is unknown.
absl::optional<std::vector<Tensor>> InputValues(const Operation& op,
                                                absl::Span<const int> order,
                                                Search* search) {
  std::vector<Tensor> values(op.num_inputs());
  for (const int i : order) {
    absl::optional<Tensor> value = ConstantValueAt(op.input(i), search);
    if (!value.has_value()) return absl::nullopt;
    values[i] = *std::move(value);
  }
  return values;
}

absl::optional<Tensor> FoldFirst(const Operation& op,
                                 absl::optional<std::vector<Tensor>> inputs) {
  if (!inputs.has_value()) return absl::nullopt;
  absl::optional<std::vector<Tensor>> outputs = Fold(op, *inputs);
  if (!outputs.has_value()) return absl::nullopt;
  return std::move((*outputs)[0]);
}

std::vector<int> Ascending(int n) {
  std::vector<int> order(n);
  for (int i = 0; i < n; ++i) order[i] = i;
  return order;
}

absl::optional<Tensor> FillValue(const Output& output, Search* search) {
  const Operation& op = *output.op;
  const absl::optional<Tensor> value = ConstantValueAt(op.input(1), search);
  if (!value.has_value() || !output.shape().IsFullyDefined()) {
    return absl::nullopt;
  }
  const Tensor dims = DimsTensor(op.input(0).dtype(), output.shape().dims());
  return FoldFirst(op, std::vector<Tensor>{dims, *value});
}

absl::optional<Tensor> PackValue(const Operation& op, Search* search) {
  int64_t axis = -1;
  if (op.num_inputs() == 0 || !op.GetAttr("axis", &axis).ok() || axis != 0) {
    return absl::nullopt;
  }
  return FoldFirst(op, InputValues(op, Ascending(op.num_inputs()), search));
}

absl::optional<Tensor> ComputeConstantValue(const Output& output,
                                            Search* search) {
  const Operation& op = *output.op;
  const std::string& type = op.type();
  if (type == "Const") return ConstTensor(op);
  if (type == "Shape" || type == "Rank") return FromStaticShape(output);
  if (type == "Size") {
    absl::optional<Tensor> size = FromStaticShape(output);
    if (!size.has_value()) return size;
    // numpy's prod is asked for an int32, whatever the op returns.
    return IntegerScalar(DT_INT32, *SingleInteger(*size));
  }
  if (type == "Pack") return PackValue(op, search);
  if (type == "Fill") return FillValue(output, search);
  if (type == "ConcatV2") {
    std::vector<int> order = Ascending(op.num_inputs());
    order.insert(order.begin(), order.back());
    order.pop_back();
    return FoldFirst(op, InputValues(op, order, search));
  }
  if (type == "Range" || type == "Cast" || type == "Concat" ||
      type == "Equal" || type == "NotEqual") {
    return FoldFirst(op, InputValues(op, Ascending(op.num_inputs()), search));
  }
  return absl::nullopt;
}

absl::optional<Tensor> ConstantValueAt(const Output& output, Search* search) {
  const auto it = search->found.find(output);
  if (it != search->found.end()) return it->second;
  if (search->depth >= kMaxDepth) return absl::nullopt;
  ++search->depth;
  absl::optional<Tensor> value = ComputeConstantValue(output, search);
  --search->depth;
  // The graph may have been built on this value, so it is fixed from now on.
  if (value.has_value()) output.graph()->PreventFeeding(output);
  search->found[output] = value;
  return value;
}

}  // namespace

void SetConstantFolder(ConstantFolder folder) {
  Folder().store(folder, std::memory_order_release);
}

absl::optional<Tensor> EvaluateConstant(const Output& output) {
  const Operation* target = output.op;
  if (target->type() == "Const") return ConstTensor(*target);
  Values values;
  const std::vector<const Operation*> order = FoldingOrder(target, &values);
  for (const Operation* op : order) {
    std::vector<Tensor> inputs;
    inputs.reserve(op->num_inputs());
    for (const Output& input : op->inputs()) {
      inputs.push_back(values[input.op][input.index]);
    }
    absl::optional<std::vector<Tensor>> outputs = Fold(*op, inputs);
    if (!outputs.has_value()) return absl::nullopt;
    values[op] = *std::move(outputs);
  }
  const auto it = values.find(target);
  if (it == values.end()) return absl::nullopt;
  return it->second[output.index];
}

absl::optional<Tensor> ConstantValue(const Output& output) {
  Search search;
  return ConstantValueAt(output, &search);
}

}  // namespace retrograph
