// The writings of the ten digits that digits.cpp starts from.
#pragma once

#include <span>

namespace dlc {

/// In a unit box: x to the right, y down.
struct GlyphPoint {
  float x, y;
};

/// A smooth curve through its points (Catmull-Rom); with two points, a line.
struct GlyphStroke {
  std::span<const GlyphPoint> points;
};

struct Glyph {
  std::span<const GlyphStroke> strokes;
};

/// The ways of writing `digit`, 0 to 9; two to four of them.
std::span<const Glyph> glyphs_of(int digit);

}  // namespace dlc
