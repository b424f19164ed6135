// Where the pixels of a resized image come from, one axis at a time.
//
// Numbers are TensorFlow's to the last bit: every step is in floats, in its
// order (python/tests/cases/image_sizes.py asks it).
#ifndef RETROGRAPH_OPS_RESIZE_AXIS_H_
#define RETROGRAPH_OPS_RESIZE_AXIS_H_

#include <array>
#include <cstdint>
#include <vector>

namespace retrograph {

struct ResizeAttrs {
  bool align_corners = false;
  bool half_pixel_centers = false;
};

// One axis of an image. In a gradient `in` is that of the image that was
// resized, too. Pixels below are always in [0, in).
struct ResizeAxis {
  int64_t in, out;
  float scale;
  ResizeAttrs attrs;

  ResizeAxis(int64_t in_size, int64_t out_size, const ResizeAttrs& attrs);

  // Of an output's pixel in the input.
  float Position(int64_t i) const;
  int64_t Bound(int64_t i) const;
};

// Between two input pixels.
struct BetweenPixels {
  int64_t lower, upper;
  float part;  // of the way to `upper`
};
std::vector<BetweenPixels> AllBetween(const ResizeAxis& axis);

std::vector<int64_t> AllNearest(const ResizeAxis& axis);

// Four input pixels, and how much of each.
struct FourPixels {
  std::array<int64_t, 4> pixels;
  std::array<float, 4> weights;
};
std::vector<FourPixels> AllCubic(const ResizeAxis& axis);

// The input pixels [start, end) that an output pixel covers. Not bounded:
// beyond the edge is the edge's pixel.
struct CoveredPixels {
  int64_t start, end;
  std::vector<float> parts;  // how much of each
};
std::vector<CoveredPixels> AllCovered(const ResizeAxis& axis);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_RESIZE_AXIS_H_
