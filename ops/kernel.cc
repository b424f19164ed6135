#include "ops/kernel.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "graph/attr_text.h"

namespace retrograph {
namespace {

// "T=DT_UINT32, exclusive=false": attrs whose names start with "_" included.
std::string SummarizeAttrs(const Operation& op) {
  std::vector<std::string> parts;
  for (const auto& attr : op.attrs()) {
    parts.push_back(
        absl::StrCat(attr.first, "=", SummarizeAttrValue(attr.second)));
  }
  return absl::StrJoin(parts, ", ");
}

class FunctionKernel final : public Kernel {
 public:
  explicit FunctionKernel(void (*compute)(KernelContext*))
      : compute_(compute) {}
  void Compute(KernelContext* ctx) override { compute_(ctx); }

 private:
  void (*const compute_)(KernelContext*);
};

bool Contains(const DataTypeVector& types, DataType dtype) {
  return std::find(types.begin(), types.end(), dtype) != types.end();
}

// Whether every type that attr `name` holds is among `allowed`.
bool AttrFits(const Operation& op, const std::string& name,
              const DataTypeVector& allowed) {
  const AttrValue* attr = op.FindAttr(name);
  if (attr == nullptr) return false;
  if (attr->value_case() == AttrValue::kType) {
    return Contains(allowed, attr->type());
  }
  for (int type : attr->list().type()) {
    if (!Contains(allowed, static_cast<DataType>(type))) return false;
  }
  return true;
}

bool KernelFits(const Operation& op, const KernelRegistration& kernel) {
  for (const auto& constraint : kernel.type_constraints) {
    if (!AttrFits(op, constraint.first, constraint.second)) return false;
  }
  return true;
}

// TensorFlow registers a kernel for each combination of types, the last
// constraint varying fastest, and lists them one a line.
void ListKernels(const KernelRegistration& kernel, size_t depth,
                 const std::string& line, std::string* text) {
  if (depth == kernel.type_constraints.size()) {
    absl::StrAppend(text, line, "\n");
    return;
  }
  const auto& constraint = kernel.type_constraints[depth];
  for (DataType dtype : constraint.second) {
    ListKernels(kernel, depth + 1,
                absl::StrCat(line, "; ", constraint.first, " in [",
                             DataTypeEnumName(dtype), "]"),
                text);
  }
}

std::string RegisteredKernels(const OpRegistration& registration) {
  std::string text;
  for (const KernelRegistration& kernel : registration.kernels) {
    ListKernels(kernel, 0, "  device='CPU'", &text);
  }
  return text.empty() ? "  <no registered kernels>\n" : text;
}

absl::Status NoKernelError(const Operation& op) {
  if (op.registration() == nullptr) {
    return absl::NotFoundError(absl::StrCat(
        "Op type not registered '", op.type(),
        "' in this build. Make sure the Op and Kernel are registered in the "
        "program that runs this graph."));
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "No OpKernel was registered to support Op '", op.type(),
      "' used by {{node ", op.name(), "}}with these attrs: [",
      SummarizeAttrs(op), "]\nRegistered devices: [CPU, XLA_CPU]\n",
      "Registered kernels:\n", RegisteredKernels(*op.registration())));
}

}  // namespace

KernelContext::KernelContext(const Operation* op, absl::Span<Value> inputs,
                             const RunEnvironment* env)
    : op_(op), inputs_(inputs), outputs_(op->num_outputs()), env_(env) {}

// The shape is a copy: callers pass that of the input, which is taken here.
Tensor KernelContext::ForwardOrAllocate(int i, DataType dtype,
                                        TensorShape shape) {
  Tensor& in = inputs_[i].tensor;
  if (in.dtype() == dtype && in.num_elements() == shape.num_elements() &&
      !in.BufferIsShared()) {
    Tensor taken = std::move(in);
    in = Tensor();
    if (taken.shape() == shape) return taken;
    return taken.Reshaped(shape);
  }
  return Allocate(dtype, shape);
}

Tensor KernelContext::Allocate(DataType dtype, const TensorShape& shape) {
  absl::StatusOr<Tensor> made = Tensor::Allocate(dtype, shape);
  if (!made.ok()) {
    SetStatus(made.status());
    return Tensor();
  }
  return *std::move(made);
}

KernelFactory StatelessKernel(void (*compute)(KernelContext*)) {
  return [compute](const Operation&)
             -> absl::StatusOr<std::unique_ptr<Kernel>> {
    return std::unique_ptr<Kernel>(std::make_unique<FunctionKernel>(compute));
  };
}

const KernelRegistration* FindKernelRegistration(const Operation& op) {
  if (op.registration() == nullptr) return nullptr;
  for (const KernelRegistration& kernel : op.registration()->kernels) {
    if (KernelFits(op, kernel)) return &kernel;
  }
  return nullptr;
}

absl::StatusOr<std::unique_ptr<Kernel>> CreateKernel(const Operation& op) {
  const KernelRegistration* kernel = FindKernelRegistration(op);
  if (kernel == nullptr) return NoKernelError(op);
  return kernel->factory(op);
}

std::vector<bool> TakesReference(const Operation& op) {
  std::vector<bool> refs(op.num_inputs(), false);
  if (op.registration() == nullptr) return refs;
  int next = 0;
  for (const OpDef::ArgDef& arg : op.registration()->def.input_arg()) {
    int64_t count = 1;
    if (!arg.number_attr().empty()) {
      const AttrValue* attr = op.FindAttr(arg.number_attr());
      if (attr != nullptr) count = attr->i();
    } else if (!arg.type_list_attr().empty()) {
      const AttrValue* attr = op.FindAttr(arg.type_list_attr());
      if (attr != nullptr) count = attr->list().type_size();
    }
    for (int64_t k = 0; k < count && next < op.num_inputs(); ++k) {
      refs[next++] = arg.is_ref();
    }
  }
  return refs;
}

}  // namespace retrograph
