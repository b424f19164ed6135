#include "gradients/aggregate.h"

#include <algorithm>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "ops/builder_scope.h"
#include "ops/builders.h"
#include "ops/composites.h"

namespace retrograph {
namespace {

Output AddAll(GraphBuilder& b, const std::vector<Gradient>& parts) {
  return b.Op("AddN",
              {Input(std::vector<Input>(parts.begin(), parts.end()))});
}

// Sums on each device first.
Output AddPerDevice(GraphBuilder& b, const std::vector<Gradient>& parts) {
  std::map<std::string, std::vector<Gradient>> by_device;
  for (const Gradient& part : parts) {
    by_device[part.op()->device()].push_back(part);
  }
  std::vector<Gradient> sums;
  for (const auto& entry : by_device) {
    const std::vector<Gradient>& here = entry.second;
    ColocateWith with(b.graph(), here[0].op(), /*ignore_existing=*/true);
    sums.push_back(here.size() == 1 ? here[0] : Gradient(AddAll(b, here)));
    if (!b.ok()) return Output();
  }
  return sums.size() == 1 ? sums[0].tensor() : AddAll(b, sums);
}

Output AddPairwise(GraphBuilder& b, const Operation& op,
                   const std::vector<Gradient>& parts) {
  BuilderScope scope(b, absl::StrCat(op.name(), "_gradient_sum"));
  Output sum = parts[0].tensor();
  for (size_t i = 1; i < parts.size(); ++i) sum = AddAll(b, {sum, parts[i]});
  return sum;
}

bool ShapeIsKnown(const std::vector<Gradient>& parts) {
  PartialTensorShape shape;
  for (const Gradient& part : parts) {
    auto merged = shape.MergeWith(part.tensor().shape());
    if (merged.ok()) shape = *merged;
  }
  return shape.IsFullyDefined();
}

Output AddTensors(GraphBuilder& b, const Operation& op,
                  const std::vector<Gradient>& parts,
                  AggregationMethod method) {
  if (method == AggregationMethod::kAddN) return AddPerDevice(b, parts);
  if (method == AggregationMethod::kExperimentalAccumulateN &&
      parts.size() > 2 && ShapeIsKnown(parts)) {
    AttrList attrs = {Attr("shape", parts[0].tensor().shape())};
    return b.Op("AccumulateNV2",
                {Input(std::vector<Input>(parts.begin(), parts.end()))},
                std::move(attrs), "AccumulateNV2");
  }
  return AddPairwise(b, op, parts);
}

// Indices of several types become int64.
Gradient JoinRows(GraphBuilder& b, const std::vector<Gradient>& parts) {
  const auto narrow = std::count_if(
      parts.begin(), parts.end(), [](const Gradient& part) {
        return part.slices().indices.dtype() == DT_INT32;
      });
  const bool mixed = narrow > 0 && narrow < static_cast<int64_t>(parts.size());
  std::vector<Input> values, indices;
  for (const Gradient& part : parts) {
    const IndexedSlices rows = part.slices();
    values.emplace_back(rows.values);
    indices.emplace_back(mixed ? Cast(b, rows.indices, DT_INT64)
                               : rows.indices);
  }
  const Output all_values = ConcatAll(b, values, 0);
  const Output all_indices = ConcatAll(b, indices, 0);
  if (!b.ok()) return Gradient();
  return IndexedSlices{all_values, all_indices,
                       parts[0].slices().dense_shape};
}

}  // namespace

Gradient Aggregate(GraphBuilder& b, const Operation& op,
                   const std::vector<Gradient>& parts,
                   AggregationMethod method) {
  if (parts.empty() || !b.ok()) return Gradient();
  if (parts.size() == 1) return parts[0];
  const auto is_tensor = [](const Gradient& part) { return part.is_tensor(); };
  if (std::all_of(parts.begin(), parts.end(), is_tensor)) {
    return AddTensors(b, op, parts, method);
  }
  if (std::any_of(parts.begin(), parts.end(), is_tensor)) {
    return AddAll(b, parts);
  }
  return JoinRows(b, parts);
}

}  // namespace retrograph
