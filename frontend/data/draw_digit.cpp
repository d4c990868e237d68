#include <cmath>
#include <string_view>

#include "frontend/data/digits.h"

namespace dlc {
namespace {

constexpr int64_t kMaxSide = 256;

/// Height and width of the image, whatever dimensions of 1 stand around them.
Expected<std::pair<int64_t, int64_t>> size_of_image(const Array& image) {
  Shape shape;
  for (const int64_t size : image.shape())
    if (size != 1) shape.push_back(size);
  if (shape.size() == 1) {
    const auto side = static_cast<int64_t>(std::lround(std::sqrt(static_cast<double>(shape[0]))));
    if (side * side == shape[0]) shape = {side, side};
  }
  if (shape.size() != 2 || shape[0] > kMaxSide || shape[1] > kMaxSide || shape[0] < 1 || shape[1] < 1)
    return make_error(ErrorCode::kInvalidShape,
                      "draw_digit: expected one image [h,w] with sides of 2 to {}, or [n] with n a square; got {}",
                      kMaxSide, image.type_str());
  return std::pair(shape[0], shape[1]);
}

}  // namespace

Expected<std::string> draw_digit(const Array& image, DrawStyle style) {
  if (image.dtype() != kUInt8 && image.dtype() != kFloat32)
    return make_error(ErrorCode::kInvalidType, "draw_digit: expected u8 (0 to 255) or f32 (0 to 1), got {}",
                      image.type_str());
  DLC_ASSIGN_OR_RETURN(const auto size, size_of_image(image));
  const auto [height, width] = size;
  /// 0 to 1, and 0 outside of the image.
  const auto ink = [&, width = width, height = height](int64_t y, int64_t x) {
    if (y >= height) return 0.0;
    const double value = image.value_as_double(y * width + x) / (image.dtype() == kUInt8 ? 255.0 : 1.0);
    return value > 0.0 ? std::min(value, 1.0) : 0.0;  // also for NaN
  };

  std::string text;
  if (style == DrawStyle::kAscii) {
    constexpr std::string_view kRamp = " .:-=+*#%@";
    for (int64_t y = 0; y < height; ++y) {
      for (int64_t x = 0; x < width; ++x)
        text.append(2, kRamp[static_cast<size_t>(std::lround(ink(y, x) * static_cast<double>(kRamp.size() - 1)))]);
      text += '\n';
    }
    return text;
  }
  for (int64_t y = 0; y < height; y += 2) {
    for (int64_t x = 0; x < width; ++x) {
      const bool top = ink(y, x) > 0.4, bottom = ink(y + 1, x) > 0.4;
      text += top ? (bottom ? "█" : "▀") : (bottom ? "▄" : " ");
    }
    text += '\n';
  }
  return text;
}

}  // namespace dlc
