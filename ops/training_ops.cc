// The ops by which optimizers change variables: Apply..., and the same for
// resource variables and for rows (SparseApply...).
//
// Each optimizer is one line below and a rule (training_rules.h). A variable and
// its slots are locked together, in a fixed order, so that two steps that share
// them do not wait for each other.
//
// Source: tensorflow/core/ops/training_ops.cc.
#include <algorithm>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/errors.h"
#include "graph/op_registry.h"
#include "graph/shape_inference.h"
#include "ops/kernel.h"
#include "ops/learning_ops.h"
#include "ops/number.h"
#include "ops/resource_handle.h"
#include "ops/training_rules.h"
#include "ops/type_lists.h"

namespace retrograph {
namespace {

// An op's arguments: variables first. "@grad" is the gradient, "@indices" the
// rows; "#" marks an int64 scalar.
struct Layout {
  std::vector<std::string> names;
  int variables = 0;
  // How many of them TensorFlow's kernel locks before it looks at anything;
  // one of these that is not there has an error of its own.
  int locked = 0;
  int grad = -1;
  int indices = -1;
  int step = -1;
  std::vector<int> scalars;
  bool resource = false;
};

bool IsTrue(const Operation& op, absl::string_view name, bool otherwise) {
  const AttrValue* value = op.FindAttr(name);
  return value == nullptr ? otherwise : value->b();
}

// ---- Shapes ----

Shape VariableShapeOf(InferenceContext* c, int i) {
  if (c->op().input(i).dtype() != DT_RESOURCE) return c->input(i);
  const HandleData* data = c->input_handle_data(i);
  return data == nullptr ? Shape() : data->shape;
}

ShapeFn TrainingShape(const Layout& layout) {
  return [layout](InferenceContext* c) -> absl::Status {
    Shape shape = VariableShapeOf(c, 0);
    for (int i = 1; i < layout.variables; ++i) {
      RG_ASSIGN_OR_RETURN(shape, c->Merge(shape, VariableShapeOf(c, i)));
    }
    for (int i = layout.variables; i < c->num_inputs(); ++i) {
      if (i == layout.grad || i == layout.indices) continue;
      RG_RETURN_IF_ERROR(c->WithRank(c->input(i), 0).status());
    }
    Shape grad = c->input(layout.grad);
    if (layout.indices >= 0) {
      RG_ASSIGN_OR_RETURN(const Shape rows,
                          c->WithRank(c->input(layout.indices), 1));
      if (!grad.unknown_rank() && grad.rank() > 0) {
        RG_RETURN_IF_ERROR(c->MergeDim(rows.dim(0), grad.dim(0)).status());
        grad.set_dim(0, kUnknownDim);
      }
    }
    RG_ASSIGN_OR_RETURN(shape, c->Merge(shape, grad));
    if (c->num_outputs() > 0) c->set_output(0, shape);
    return absl::OkStatus();
  };
}

// ---- Kernels ----

using VariablePtr = std::shared_ptr<VariableValue>;

absl::StatusOr<VariablePtr> VariableOf(const KernelContext& ctx,
                                       const Layout& layout, int i) {
  if (!layout.resource) return ctx.input_ref(i);
  auto found =
      LookupInput<ResourceVariable>(ctx, i, kResourceVariableTypeText);
  if (found.ok()) return VariablePtr(*found);
  if (!absl::IsNotFound(found.status()) || i >= layout.locked) {
    return found.status();
  }
  return absl::InternalError("Invalid variable reference.");
}

// Calls `update` with the values of all variables, each locked.
absl::Status UpdateTogether(
    const std::vector<VariablePtr>& variables,
    const std::function<absl::Status(const std::vector<Tensor*>&)>& update) {
  std::vector<VariableValue*> order;
  for (const VariablePtr& variable : variables) order.push_back(variable.get());
  std::sort(order.begin(), order.end(), std::less<VariableValue*>());
  order.erase(std::unique(order.begin(), order.end()), order.end());
  std::vector<Tensor*> locked(order.size());
  std::function<absl::Status(size_t)> lock = [&](size_t i) -> absl::Status {
    if (i < order.size()) {
      return order[i]->Update([&](Tensor* value) {
        locked[i] = value;
        return lock(i + 1);
      });
    }
    std::vector<Tensor*> values;
    for (const VariablePtr& variable : variables) {
      const auto at = std::find(order.begin(), order.end(), variable.get());
      values.push_back(locked[at - order.begin()]);
    }
    return update(values);
  };
  return lock(0);
}

absl::Status CheckScalars(const KernelContext& ctx, const Layout& layout) {
  for (int i = layout.variables; i < ctx.num_inputs(); ++i) {
    if (i == layout.grad || i == layout.indices) continue;
    if (ctx.input(i).shape().rank() == 0) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(layout.names[i], " is not a scalar: ",
                     ctx.input(i).shape().DebugString()));
  }
  return absl::OkStatus();
}

absl::Status CheckValues(const KernelContext& ctx, const Layout& layout,
                         const std::vector<Tensor*>& values) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i]->IsInitialized()) continue;
    const Output& input = ctx.op().input(static_cast<int>(i));
    return absl::FailedPreconditionError(absl::StrCat(
        "Attempting to use uninitialized variables: ",
        input.index == 0 ? input.op->name() : input.name()));
  }
  const TensorShape& shape = values[0]->shape();
  const auto differ = [&](absl::string_view name, const TensorShape& other) {
    return absl::InvalidArgumentError(absl::StrCat(
        layout.names[0], " and ", name, " do not have the same shape",
        shape.DebugString(), " ", other.DebugString()));
  };
  for (size_t i = 1; i < values.size(); ++i) {
    if (values[i]->shape() != shape) {
      return differ(layout.names[i], values[i]->shape());
    }
  }
  const TensorShape& grad = ctx.input(layout.grad).shape();
  if (layout.indices < 0) {
    return grad == shape ? absl::OkStatus()
                         : differ(layout.names[layout.grad], grad);
  }
  const TensorShape& indices = ctx.input(layout.indices).shape();
  if (shape.rank() < 1) {
    return absl::InvalidArgumentError("var must be at least 1 dimensional");
  }
  if (indices.rank() != 1) {
    return absl::InvalidArgumentError("indices must be one-dimensional");
  }
  for (int d = 1; d < shape.rank(); ++d) {
    if (grad.rank() != shape.rank() || grad.dim(d) != shape.dim(d)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "var and grad must match in dimension ", d));
    }
  }
  if (grad.rank() < 1 || grad.dim(0) != indices.dim(0)) {
    return absl::InvalidArgumentError(
        "grad must be the same size as indices in the first dimension.");
  }
  return absl::OkStatus();
}

template <typename Index>
absl::Status CheckIndices(absl::Span<const Index> indices, int64_t rows) {
  for (size_t i = 0; i < indices.size(); ++i) {
    if (indices[i] >= 0 && indices[i] < rows) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("Index ", indices[i], " at offset ", i,
                     " in indices is out of range"));
  }
  return absl::OkStatus();
}

template <typename T>
struct Step {
  TrainingRow<T> row;
  std::vector<T*> bases;  // the variable and its slots
  int64_t row_size;

  void SetRow(int64_t var_row, int64_t grad_row, const T* grad) {
    row.var = bases[0] + var_row * row_size;
    for (size_t i = 1; i < bases.size(); ++i) {
      row.slot[i - 1] = bases[i] + var_row * row_size;
    }
    row.grad = grad + grad_row * row_size;
    row.count = row_size;
  }
};

template <typename Rule, typename T, typename Index>
absl::Status RunRows(Step<T>& step, const Tensor& indices, int64_t rows,
                     const T* grad) {
  const auto flat = indices.flat<Index>();
  RG_RETURN_IF_ERROR(CheckIndices<Index>(flat, rows));
  for (size_t i = 0; i < flat.size(); ++i) {
    step.SetRow(flat[i], static_cast<int64_t>(i), grad);
    Rule::Run(step.row);
  }
  return absl::OkStatus();
}

template <typename Rule, typename T>
absl::Status RunRule(const KernelContext& ctx, const Layout& layout,
                     const std::vector<Tensor*>& values) {
  std::vector<T> scalars;
  for (int i : layout.scalars) scalars.push_back(ctx.input(i).scalar<T>());
  Step<T> step{};
  step.row.scalars = scalars.data();
  step.row.nesterov = IsTrue(ctx.op(), "use_nesterov", false);
  step.row.update_slots = IsTrue(ctx.op(), "update_slots", true);
  step.row.sparse = layout.indices >= 0;
  if (layout.step >= 0) {
    step.row.global_step = ctx.input(layout.step).scalar<int64_t>();
  }
  for (Tensor* value : values) {
    step.bases.push_back(value->mutable_flat<T>().data());
  }
  const TensorShape& shape = values[0]->shape();
  const T* grad = ctx.input(layout.grad).flat<T>().data();
  if (layout.indices < 0) {
    step.row_size = shape.num_elements();
    step.SetRow(0, 0, grad);
    Rule::Run(step.row);
    return absl::OkStatus();
  }
  const int64_t rows = shape.dim(0);
  step.row_size = rows == 0 ? 0 : shape.num_elements() / rows;
  const Tensor& indices = ctx.input(layout.indices);
  return indices.dtype() == DT_INT32
             ? RunRows<Rule, T, int32_t>(step, indices, rows, grad)
             : RunRows<Rule, T, int64_t>(step, indices, rows, grad);
}

template <typename Rule, typename T>
class TrainingKernel final : public Kernel {
 public:
  explicit TrainingKernel(const Layout& layout) : layout_(layout) {}

  void Compute(KernelContext* ctx) override {
    std::vector<VariablePtr> variables;
    for (int i = 0; i < layout_.variables; ++i) {
      auto variable = VariableOf(*ctx, layout_, i);
      RG_KERNEL_OK(ctx, variable.status());
      variables.push_back(*std::move(variable));
    }
    RG_KERNEL_OK(ctx, CheckScalars(*ctx, layout_));
    RG_KERNEL_OK(ctx, UpdateTogether(
                          variables, [&](const std::vector<Tensor*>& values) {
                            RG_RETURN_IF_ERROR(
                                CheckValues(*ctx, layout_, values));
                            return RunRule<Rule, T>(*ctx, layout_, values);
                          }));
    if (!layout_.resource) ctx->set_output_ref(0, variables[0]);
  }

 private:
  const Layout layout_;
};

// ---- Registration ----

Layout LayoutOf(absl::string_view variables, absl::string_view rest,
                bool resource, bool sparse) {
  Layout layout;
  layout.resource = resource;
  layout.names = absl::StrSplit(variables, ' ');
  layout.variables = static_cast<int>(layout.names.size());
  for (absl::string_view token : absl::StrSplit(rest, ' ')) {
    const int at = static_cast<int>(layout.names.size());
    if (token[0] == '@') {
      layout.grad = at;
      // Where rows are told, the gradient is never called delta.
      layout.names.emplace_back(sparse ? "grad" : token.substr(1));
      if (sparse) {
        layout.indices = at + 1;
        layout.names.emplace_back("indices");
      }
    } else if (token[0] == '#') {
      layout.step = at;
      layout.names.emplace_back(token.substr(1));
    } else {
      layout.scalars.push_back(at);
      layout.names.emplace_back(token);
    }
  }
  return layout;
}

template <typename Rule, typename T>
KernelFactory FactoryOf(const Layout& layout) {
  return [layout](const Operation&) -> absl::StatusOr<std::unique_ptr<Kernel>> {
    return std::unique_ptr<Kernel>(new TrainingKernel<Rule, T>(layout));
  };
}

struct Spec {
  const char* name;
  const char* variables;
  const char* rest;
  const char* flag;  // an attr besides use_locking, or ""
  bool ref = true;   // for ref variables, too
  bool sparse = true;
  bool dense = true;
  int locked = std::numeric_limits<int>::max();
};

template <typename Rule>
void RegisterOne(OpRegistry* registry, const Spec& spec, bool resource,
                 bool sparse) {
  Layout layout = LayoutOf(spec.variables, spec.rest, resource, sparse);
  layout.locked = std::min(spec.locked, layout.variables);
  OpBuilder op = registry->Op(absl::StrCat(resource ? "Resource" : "",
                                           sparse ? "Sparse" : "", "Apply",
                                           spec.name));
  for (int i = 0; i < static_cast<int>(layout.names.size()); ++i) {
    const char* type = i < layout.variables ? (resource ? "resource" : "Ref(T)")
                       : i == layout.indices ? "Tindices"
                       : i == layout.step    ? "int64"
                                             : "T";
    op.Input(absl::StrCat(layout.names[i], ": ", type));
  }
  if (!resource) op.Output("out: Ref(T)");
  op.Attr(absl::StrCat("T: ", kNumberTypes));
  if (sparse) op.Attr("Tindices: {int32, int64}");
  op.Attr("use_locking: bool = false");
  if (spec.flag[0] != '\0') op.Attr(spec.flag);
  if (resource) op.Stateful();
  op.Shape(TrainingShape(layout));
  const auto kernel = [&](DataType type, KernelFactory factory) {
    if (!sparse) {
      op.Kernel({{"T", {type}}}, std::move(factory));
      return;
    }
    op.Kernel({{"T", {type}}, {"Tindices", IndexTypes()}}, std::move(factory));
  };
  kernel(DT_DOUBLE, FactoryOf<Rule, double>(layout));
  kernel(DT_FLOAT, FactoryOf<Rule, float>(layout));
  kernel(DT_BFLOAT16, FactoryOf<Rule, BFloat16>(layout));
  kernel(DT_HALF, FactoryOf<Rule, Half>(layout));
}

template <typename Rule>
void RegisterAll(OpRegistry* registry, const Spec& spec) {
  for (const bool sparse : {false, true}) {
    if (sparse ? !spec.sparse : !spec.dense) continue;
    if (spec.ref) RegisterOne<Rule>(registry, spec, false, sparse);
    RegisterOne<Rule>(registry, spec, true, sparse);
  }
}

constexpr char kNesterov[] = "use_nesterov: bool = false";
constexpr char kUpdateSlots[] = "update_slots: bool = true";

}  // namespace

void RegisterTrainingOps(OpRegistry* registry) {
  RegisterAll<GradientDescentRule>(
      registry,
      {"GradientDescent", "var", "alpha @delta", "", true, false});
  RegisterAll<MomentumRule>(
      registry, {"Momentum", "var accum", "lr @grad momentum", kNesterov});
  RegisterAll<KerasMomentumRule>(
      registry, {"KerasMomentum", "var accum", "lr @grad momentum", kNesterov,
                 /*ref=*/false});
  RegisterAll<AdamRule>(
      registry, {"Adam", "var m v",
                 "beta1_power beta2_power lr beta1 beta2 epsilon @grad",
                 kNesterov, true, false});
  RegisterAll<AdaMaxRule>(
      registry, {"AdaMax", "var m v", "beta1_power lr beta1 beta2 epsilon @grad",
                 "", true, false});
  RegisterAll<AdagradRule>(
      registry, {"Adagrad", "var accum", "lr @grad", kUpdateSlots});
  RegisterAll<AdagradV2Rule>(
      registry, {"AdagradV2", "var accum", "lr epsilon @grad", kUpdateSlots});
  RegisterAll<AdagradDARule>(
      registry,
      {"AdagradDA", "var gradient_accumulator gradient_squared_accumulator",
       "@grad lr l1 l2 #global_step", ""});
  RegisterAll<RmsPropRule>(registry, {"RMSProp", "var ms mom",
                                      "lr rho momentum epsilon @grad", ""});
  RegisterAll<CenteredRmsPropRule>(
      registry, {"CenteredRMSProp", "var mg ms mom",
                 "lr rho momentum epsilon @grad", ""});
  RegisterAll<AdadeltaRule>(registry,
                            {"Adadelta", "var accum accum_update",
                             "lr rho epsilon @grad", "", true, true, true, 1});
  RegisterAll<FtrlRule<false>>(
      registry,
      {"Ftrl", "var accum linear", "@grad lr l1 l2 lr_power", ""});
  RegisterAll<FtrlRule<true>>(registry,
                              {"FtrlV2", "var accum linear",
                               "@grad lr l1 l2 l2_shrinkage lr_power", ""});
  RegisterAll<ProximalGradientDescentRule>(
      registry, {"ProximalGradientDescent", "var", "alpha l1 l2 @delta", ""});
  RegisterAll<ProximalAdagradRule>(
      registry, {"ProximalAdagrad", "var accum", "lr l1 l2 @grad", ""});
}

}  // namespace retrograph
