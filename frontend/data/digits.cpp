#include "frontend/data/digits.h"

#include <algorithm>
#include <array>
#include <cfloat>
#include <cmath>
#include <vector>

#include "frontend/data/digit_glyphs.h"
#include "frontend/data/random.h"

// The promise of equal bits stands on plain IEEE arithmetic, and on one order of the random draws: no
// two of them in one expression or argument list (braces are fine, they go from left to right).
static_assert(FLT_EVAL_METHOD == 0, "f32 must be computed in f32");
#ifdef __FAST_MATH__
#error "digits.cpp must be compiled without -ffast-math"
#endif

namespace dlc {
namespace {

constexpr int kSize = static_cast<int>(kDigitSize);
using Canvas = std::array<float, kSize * kSize>;

struct Point {
  float x, y;
};

/// A smooth random field of displacements over the image (elastic distortion, after Simard,
/// Steinkraus, Platt: "Best practices for convolutional neural networks", ICDAR 2003): random
/// vectors on a coarse grid, blended smoothly between.
class ElasticField {
 public:
  ElasticField(DataRandom& random, float strength) {
    for (Point& p : grid_) p = {random.triangular(strength), random.triangular(strength)};
  }

  Point displaced(Point p) const {
    const float gx = std::clamp(p.x, 0.0f, kSize - 0.01f) / kCell, gy = std::clamp(p.y, 0.0f, kSize - 0.01f) / kCell;
    const int ix = static_cast<int>(gx), iy = static_cast<int>(gy);
    const float u = smooth(gx - static_cast<float>(ix)), v = smooth(gy - static_cast<float>(iy));
    const Point a = at(ix, iy), b = at(ix + 1, iy), c = at(ix, iy + 1), d = at(ix + 1, iy + 1);
    return {p.x + mix(mix(a.x, b.x, u), mix(c.x, d.x, u), v), p.y + mix(mix(a.y, b.y, u), mix(c.y, d.y, u), v)};
  }

 private:
  static constexpr int kCells = 4;
  static constexpr float kCell = static_cast<float>(kSize) / kCells;
  static float smooth(float t) { return t * t * (3.0f - 2.0f * t); }
  static float mix(float a, float b, float t) { return a + (b - a) * t; }
  Point at(int x, int y) const { return grid_[static_cast<size_t>(y) * (kCells + 1) + static_cast<size_t>(x)]; }

  std::array<Point, (kCells + 1) * (kCells + 1)> grid_;
};

/// Everything that one writer's hand does to one digit.
struct Hand {
  float jitter, slant, width, height;
  float cos, sin;
  Point centre;

  explicit Hand(DataRandom& random) {
    jitter = random.uniform(0.03f, 0.075f);
    slant = random.triangular(0.45f) + 0.08f;  // most people lean to the right
    height = random.uniform(16.0f, 21.5f);
    width = height * random.uniform(0.5f, 1.05f);
    // The half-angle formulas give a rotation without sine and cosine; 0.18 is 20 degrees.
    const float t = random.triangular(0.18f), norm = 1.0f + t * t;
    cos = (1.0f - t * t) / norm;
    sin = 2.0f * t / norm;
    centre = {14.0f + random.triangular(2.2f), 14.0f + random.triangular(2.2f)};
  }

  /// From the unit box to pixels.
  Point place(GlyphPoint p, DataRandom& random) const {
    const float y = (p.y - 0.5f + random.triangular(jitter)) * height;
    const float x = (p.x - 0.5f + random.triangular(jitter)) * width - slant * y;
    return {centre.x + x * cos - y * sin, centre.y + x * sin + y * cos};
  }
};

/// The Catmull-Rom curve between `b` and `c` at `t` in [0, 1].
Point catmull_rom(Point a, Point b, Point c, Point d, float t) {
  const auto along = [t](float p, float q, float r, float s) {
    const float c1 = r - p, c2 = 2.0f * p - 5.0f * q + 4.0f * r - s, c3 = 3.0f * (q - r) + s - p;
    return q + 0.5f * t * (c1 + t * (c2 + t * c3));
  };
  return {along(a.x, b.x, c.x, d.x), along(a.y, b.y, c.y, d.y)};
}

/// Inks all pixels nearer than `radius` to the segment, with edges as soft as a pixel.
void draw_segment(Canvas& canvas, Point a, Point b, float radius, float ink) {
  const float reach = radius + 0.5f;
  const auto clamp_pixel = [](float v) { return static_cast<int>(std::clamp(v, 0.0f, kSize - 1.0f)); };
  const int x0 = clamp_pixel(std::min(a.x, b.x) - reach), x1 = clamp_pixel(std::max(a.x, b.x) + reach);
  const int y0 = clamp_pixel(std::min(a.y, b.y) - reach), y1 = clamp_pixel(std::max(a.y, b.y) + reach);
  const float dx = b.x - a.x, dy = b.y - a.y, length2 = std::max(dx * dx + dy * dy, 1e-6f);
  for (int y = y0; y <= y1; ++y) {
    for (int x = x0; x <= x1; ++x) {
      const float px = static_cast<float>(x) + 0.5f - a.x, py = static_cast<float>(y) + 0.5f - a.y;
      const float t = std::clamp((px * dx + py * dy) / length2, 0.0f, 1.0f);
      const float ex = px - t * dx, ey = py - t * dy, distance2 = ex * ex + ey * ey;
      if (distance2 >= reach * reach) continue;
      const float coverage = ink * std::min(1.0f, reach - std::sqrt(distance2));
      float& pixel = canvas[static_cast<size_t>(y) * kSize + static_cast<size_t>(x)];
      pixel = std::max(pixel, coverage);
    }
  }
}

/// What the pen does: its width, and how it changes along a stroke.
struct Pen {
  float radius, pressure, ink;
  explicit Pen(DataRandom& random)
      : radius(random.uniform(0.75f, 1.75f)), pressure(random.uniform(0.0f, 0.35f)), ink(random.uniform(0.8f, 1.0f)) {}
};

void draw_stroke(Canvas& canvas, const std::vector<Point>& points, const ElasticField& field, const Pen& pen,
                 DataRandom& random) {
  constexpr int kSteps = 6;  // of a span of about 5 pixels: the corners do not show
  const int spans = static_cast<int>(points.size()) - 1;
  const auto point = [&](int i) { return points[static_cast<size_t>(std::clamp(i, 0, spans))]; };
  float pressure = random.triangular(pen.pressure);
  Point from = field.displaced(point(0));
  for (int i = 0; i < spans; ++i) {
    const float next_pressure = random.triangular(pen.pressure);
    for (int step = 1; step <= kSteps; ++step) {
      const float t = static_cast<float>(step) / kSteps;
      const Point to = field.displaced(catmull_rom(point(i - 1), point(i), point(i + 1), point(i + 2), t));
      draw_segment(canvas, from, to, pen.radius * (1.0f + pressure + (next_pressure - pressure) * t), pen.ink);
      from = to;
    }
    pressure = next_pressure;
  }
}

/// A short stray stroke somewhere: a smudge, or a piece of the neighbour's writing.
void draw_smudge(Canvas& canvas, DataRandom& random) {
  const Point a = {random.uniform(0.0f, kSize), random.uniform(0.0f, kSize)};
  const Point b = {a.x + random.triangular(4.0f), a.y + random.triangular(4.0f)};
  const float radius = random.uniform(0.3f, 0.8f);
  draw_segment(canvas, a, b, radius, random.uniform(0.3f, 0.8f));
}

void draw_image(int label, DataRandom& random, std::span<uint8_t> out) {
  Canvas canvas = {};
  const std::span<const Glyph> styles = glyphs_of(label);
  const Glyph& glyph = styles[random.below(styles.size())];
  const Hand hand(random);
  const ElasticField field(random, random.uniform(0.8f, 3.4f));
  const Pen pen(random);
  std::vector<Point> points;
  for (const GlyphStroke& stroke : glyph.strokes) {
    points.clear();
    for (const GlyphPoint p : stroke.points) points.push_back(hand.place(p, random));
    draw_stroke(canvas, points, field, pen, random);
  }
  if (random.uniform() < 0.12f) draw_smudge(canvas, random);

  const float noise = random.uniform(0.0f, 0.12f);
  for (size_t i = 0; i < out.size(); ++i) {
    // Paper stays mostly clean: noise below zero is cut off, so half of it vanishes there.
    const float value = std::clamp(canvas[i] + random.triangular(noise), 0.0f, 1.0f);
    out[i] = static_cast<uint8_t>(value * 255.0f + 0.5f);  // NOLINT(bugprone-incorrect-roundings): lround is slow
  }
}

}  // namespace

Expected<LabelledImages> generate_digits(int64_t n, uint64_t seed, uint32_t stream) {
  constexpr int64_t kMost = 100'000'000;
  if (n < 0 || n > kMost)
    return make_error(ErrorCode::kInvalidArgument, "digits: expected 0 to {} images, got {}", kMost, n);
  std::vector<int32_t> labels(static_cast<size_t>(n));
  for (size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<int32_t>(i % kDigitClasses);
  // Streams of random numbers: (stream, 2^32 - 1) orders the labels, (stream, i) draws image i.
  const uint64_t base = uint64_t{stream} << 32;
  DataRandom(seed, base | 0xffffffffu).shuffle(labels);

  LabelledImages set{Array::uninitialized(kUInt8, {n, kDigitSize, kDigitSize}), Array::of<int32_t>({n}, labels)};
  constexpr size_t kPixels = static_cast<size_t>(kDigitSize * kDigitSize);
  const std::span<uint8_t> pixels = set.images.data<uint8_t>();
  for (size_t i = 0; i < labels.size(); ++i) {
    DataRandom random(seed, base | i);
    draw_image(labels[i], random, pixels.subspan(i * kPixels, kPixels));
  }
  return set;
}

}  // namespace dlc
