#include "ops/resize_axis.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace retrograph {

ResizeAxis::ResizeAxis(int64_t in_size, int64_t out_size,
                       const ResizeAttrs& wanted)
    : in(in_size),
      out(out_size),
      scale(wanted.align_corners && out_size > 1
                ? static_cast<float>(in_size - 1) /
                      static_cast<float>(out_size - 1)
                : static_cast<float>(in_size) / static_cast<float>(out_size)),
      attrs(wanted) {}

float ResizeAxis::Position(int64_t i) const {
  const float x = static_cast<float>(i);
  return attrs.half_pixel_centers ? (x + 0.5f) * scale - 0.5f : x * scale;
}

int64_t ResizeAxis::Bound(int64_t i) const {
  return std::min(std::max<int64_t>(i, 0), in - 1);
}

std::vector<BetweenPixels> AllBetween(const ResizeAxis& axis) {
  std::vector<BetweenPixels> all(axis.out);
  for (int64_t i = 0; i < axis.out; ++i) {
    const float position = axis.Position(i), floor = std::floor(position);
    all[i] = {axis.Bound(static_cast<int64_t>(floor)),
              axis.Bound(static_cast<int64_t>(std::ceil(position))),
              position - floor};
  }
  return all;
}

std::vector<int64_t> AllNearest(const ResizeAxis& axis) {
  std::vector<int64_t> all(axis.out);
  for (int64_t i = 0; i < axis.out; ++i) {
    const float x = static_cast<float>(i);
    const float position = axis.attrs.half_pixel_centers
                               ? (x + 0.5f) * axis.scale
                               : x * axis.scale;
    all[i] = axis.Bound(static_cast<int64_t>(
        axis.attrs.align_corners ? std::round(position)
                                 : std::floor(position)));
  }
  return all;
}

// ---- Cubic ----

namespace {

constexpr int64_t kCubicSteps = 1024;

// Weights of the pixels at both sides of a place, and of those behind them, by
// how far the place is from the first. `a` is the curve's parameter.
using CubicTable = std::vector<std::array<float, 2>>;

CubicTable MakeCubicTable(double a) {
  CubicTable table(kCubicSteps + 1);
  for (int64_t i = 0; i <= kCubicSteps; ++i) {
    float x = static_cast<float>(static_cast<double>(i) / kCubicSteps);
    table[i][0] = static_cast<float>(((a + 2) * x - (a + 3)) * x * x + 1);
    x = static_cast<float>(x + 1.0);
    table[i][1] =
        static_cast<float>(((a * x - 5 * a) * x + 8 * a) * x - 4 * a);
  }
  return table;
}

}  // namespace

std::vector<FourPixels> AllCubic(const ResizeAxis& axis) {
  static const auto* const legacy = new CubicTable(MakeCubicTable(-0.75));
  static const auto* const keys = new CubicTable(MakeCubicTable(-0.5));
  const bool half = axis.attrs.half_pixel_centers;
  const CubicTable& table = half ? *keys : *legacy;
  std::vector<FourPixels> all(axis.out);
  for (int64_t i = 0; i < axis.out; ++i) {
    const float position = axis.Position(i);
    const int64_t floor = static_cast<int64_t>(std::floor(position));
    const float part = position - static_cast<float>(floor);
    const int64_t step = std::min<int64_t>(std::lrint(part * kCubicSteps),
                                           kCubicSteps);
    FourPixels& four = all[i];
    four.weights = {table[step][1], table[step][0],
                    table[kCubicSteps - step][0], table[kCubicSteps - step][1]};
    for (int64_t k = 0; k < 4; ++k) {
      four.pixels[k] = axis.Bound(floor - 1 + k);
      // Beyond the edge is the edge again, or with half pixels nothing.
      if (half && four.pixels[k] != floor - 1 + k) {
        four.weights[k] = 0.0f;
      }
    }
    if (!half) continue;
    const auto& w = four.weights;
    const float sum = w[0] + w[1] + w[2] + w[3];
    if (std::abs(sum) < 1000.0f * std::numeric_limits<float>::min()) continue;
    const float factor = 1.0f / sum;
    for (float& weight : four.weights) weight *= factor;
  }
  return all;
}

// ---- Area ----

namespace {

// How much of pixel i lies in [start, end).
float PartCovered(int64_t i, float start, float end, float scale) {
  const float from = static_cast<float>(i), to = static_cast<float>(i + 1);
  if (from < start) return to > end ? scale : to - start;
  return to > end ? end - from : 1.0f;
}

}  // namespace

std::vector<CoveredPixels> AllCovered(const ResizeAxis& axis) {
  std::vector<CoveredPixels> all(axis.out);
  for (int64_t i = 0; i < axis.out; ++i) {
    const float start = static_cast<float>(i) * axis.scale;
    const float end = static_cast<float>(i + 1) * axis.scale;
    CoveredPixels& covered = all[i];
    covered.start = static_cast<int64_t>(std::floor(start));
    covered.end = static_cast<int64_t>(std::ceil(end));
    for (int64_t k = covered.start; k < covered.end; ++k) {
      covered.parts.push_back(PartCovered(k, start, end, axis.scale));
    }
  }
  return all;
}

}  // namespace retrograph
