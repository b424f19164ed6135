// Gradients of sums over segments, and of DynamicStitch.
//
// Source: tensorflow/python/ops/math_grad.py, data_flow_grad.py.
#include <utility>

#include "ops/builders.h"
#include "ops/composites.h"
#include "ops/gradient.h"

namespace retrograph {
namespace {

Gradients SegmentSumGradient(GraphBuilder& b, Operation* op,
                             const Gradients& g) {
  return {GatherRows(b, g[0], op->input(1)), Gradient()};
}

Gradients SegmentMeanGradient(GraphBuilder& b, Operation* op,
                              const Gradients& g) {
  const Output rank = RankOf(b, op->input(0));
  const Output id_shape = ShapeOf(b, op->input(1));
  const Output others =
      b.Op("ExpandDims", {Minus(b, rank, 1), 0});
  const Output ones_shape = ConcatAll(b, {id_shape, Fill(b, others, 1)}, 0);
  if (!b.ok()) return Gradients(2);
  const Output ones =
      Fill(b, ones_shape, ScalarConstant(b, 1, g[0].dtype()));
  const Output counts = b.Op("SegmentSum", {ones, op->input(1)});
  return {GatherRows(b, Over(b, g[0], counts), op->input(1)), Gradient()};
}

// The smallest or largest of a segment; those that are equal share.
Gradients SegmentExtremeGradient(GraphBuilder& b, Operation* op,
                                 const Gradients& g) {
  const Output x = op->input(0), ids = op->input(1);
  const Output zeros = ZerosLikeOf(b, x);
  const Output chosen = GatherRows(b, op->output(0), ids);
  const Output selected = b.Op("Equal", {x, chosen});
  const Output counts =
      b.Op("SegmentSum", {Cast(b, selected, g[0].dtype()), ids});
  const Output shared = GatherRows(b, Over(b, g[0], counts), ids);
  return {SelectOf(b, selected, shared, zeros), Gradient()};
}

// Rows by number; those of negative numbers are zero.
struct Dropped {
  Output rows;
  Output clipped;   // the numbers, none below zero
  Output positive;  // in the shape of the rows
};
Dropped GatherDropNegatives(GraphBuilder& b, const Input& params,
                            const Output& ids, Dropped known = {}) {
  if (!known.clipped.valid()) {
    known.clipped = b.Op("Maximum", {ids, ZerosLikeOf(b, ids)});
  }
  const Output gathered = GatherRows(b, params, known.clipped);
  if (!known.positive.valid()) {
    Output positive = b.Op("GreaterEqual", {ids, 0});
    const int extra =
        StaticShape(gathered).rank() - StaticShape(positive).rank();
    for (int i = 0; i < extra; ++i) {
      positive = b.Op("ExpandDims", {positive, -1});
    }
    const Output every = OnesLikeOf(b, gathered, DT_BOOL);
    known.positive = b.Op("LogicalAnd", {positive, every}, {}, "and");
  }
  const Output zeros = ZerosLikeOf(b, gathered);
  known.rows = SelectOf(b, known.positive, gathered, zeros);
  return known;
}

Gradients UnsortedSumGradient(GraphBuilder& b, Operation* op,
                              const Gradients& g) {
  return {GatherDropNegatives(b, g[0], op->input(1)).rows, Gradient(),
          Gradient()};
}

Gradients UnsortedExtremeGradient(GraphBuilder& b, Operation* op,
                                  const Gradients& g) {
  const Output x = op->input(0), ids = op->input(1);
  const Dropped chosen = GatherDropNegatives(b, op->output(0), ids);
  const Output equal = b.Op("Equal", {x, chosen.rows});
  const Output selected = b.Op("LogicalAnd", {equal, chosen.positive});
  const Output counts =
      b.Op("UnsortedSegmentSum",
           {Cast(b, selected, g[0].dtype()), ids, op->input(2)});
  const Output shares =
      GatherDropNegatives(b, Over(b, g[0], counts), ids, chosen).rows;
  const Output zeros = ZerosLikeOf(b, shares);
  return {SelectOf(b, selected, shares, zeros), Gradient(), Gradient()};
}

Gradients StitchGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const int count = op->num_inputs() / 2;
  Gradient gradient = g[0];
  if (gradient.is_slices()) {
    const IndexedSlices rows = gradient.slices();
    const Output length = Index(b, ShapeOf(b, op->output(0)), 0);
    gradient = b.Op("UnsortedSegmentSum", {rows.values, rows.indices, length});
  }
  Gradients result(op->num_inputs());
  for (int i = 0; i < count; ++i) {
    result[count + i] = GatherRows(b, gradient, op->input(i));
  }
  return result;
}

}  // namespace

void RegisterSegmentGradients(GradientRegistry* registry) {
  registry->AddStandard("SegmentSum", SegmentSumGradient);
  registry->AddStandard("SegmentMean", SegmentMeanGradient);
  registry->AddStandard("SegmentMin", SegmentExtremeGradient);
  registry->AddStandard("SegmentMax", SegmentExtremeGradient);
  registry->AddStandard("UnsortedSegmentSum", UnsortedSumGradient);
  registry->AddStandard("UnsortedSegmentMax", UnsortedExtremeGradient);
  registry->AddStandard("UnsortedSegmentMin", UnsortedExtremeGradient);
  registry->AddStandard("DynamicStitch", StitchGradient);
}

}  // namespace retrograph
