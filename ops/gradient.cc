#include "ops/gradient.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/check.h"
#include "core/errors.h"
#include "ops/composites.h"

namespace retrograph {

Gradient::operator Input() const {
  if (!is_slices()) return Input(values_);
  const IndexedSlices rows = slices();
  return Input::FromConverter(
      [rows](GraphBuilder* b, DataType dtype, DataType,
             absl::string_view name) -> absl::StatusOr<Output> {
        if (dtype != DT_INVALID && dtype != rows.values.dtype()) {
          return ValueError(absl::StrCat(
              "Tensor conversion requested dtype ", DTypePythonName(dtype),
              " for IndexedSlices with dtype ",
              DTypePythonName(rows.values.dtype())));
        }
        if (!rows.dense_shape.valid()) {
          return ValueError(absl::StrCat(
              "Tensor conversion requested for IndexedSlices without "
              "dense_shape: IndexedSlices(indices=",
              rows.indices.DebugString(),
              ", values=", rows.values.DebugString(), ")"));
        }
        GraphBuilder inner(b->graph());
        const Output rows_count = Index(inner, rows.dense_shape, 0);
        const Output dense =
            inner.Op("UnsortedSegmentSum",
                     {rows.values, rows.indices, rows_count}, {}, name);
        if (!inner.ok()) return inner.status();
        return dense;
      });
}

GradientRegistry* GradientRegistry::Global() {
  static auto* registry = new GradientRegistry;
  return registry;
}

absl::Status GradientRegistry::Add(absl::string_view name,
                                   GradientFunction function) {
  absl::MutexLock lock(&mu_);
  if (!functions_.emplace(name, std::move(function)).second) {
    return KeyError(
        absl::StrCat("Registering two gradient with name '", name, "'!"));
  }
  return absl::OkStatus();
}

void GradientRegistry::AddStandard(absl::string_view name,
                                   GradientFunction function) {
  const absl::Status added = Add(name, std::move(function));
  RG_CHECK(added.ok(), std::string(added.message()));
}

void GradientRegistry::AddNotDifferentiable(
    std::initializer_list<absl::string_view> names) {
  for (absl::string_view name : names) AddStandard(name, nullptr);
}

absl::StatusOr<GradientFunction> GradientRegistry::Find(
    absl::string_view name) const {
  absl::MutexLock lock(&mu_);
  const auto it = functions_.find(name);
  if (it == functions_.end()) {
    return LookupError(
        absl::StrCat("gradient registry has no entry for: ", name));
  }
  return it->second;
}

absl::StatusOr<GradientFunction> GradientRegistry::FindFor(
    const Operation& op) const {
  const AttrValue* named = op.FindAttr("_gradient_op_type");
  return Find(named != nullptr ? named->s() : op.type());
}

}  // namespace retrograph
