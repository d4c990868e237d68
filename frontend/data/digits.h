// digits: the embedded data set, 28x28 grey images of the ten digits with labels, made by a program.
//
//   Expected<LabelledImages> train = generate_digits(10000, /*seed=*/1);
//   fmt::print("{}", *draw_digit(image));
//
// What it is: every image starts from one of two to four hand-designed writings of its digit (a few
// curves and lines each), whose points are jittered, sheared, turned, scaled and bent by a random
// smooth field; the strokes are drawn with a pen of random width and pressure, smoothed at the
// edges, and noise and smudges are added. What it is not: nobody wrote these digits. It is no
// substitute for MNIST, accuracies on it cannot be compared with published ones, and a network
// trained on it recognises real handwriting only roughly. It is there so that training can be shown
// and tested without a download, with a task of about MNIST's difficulty: a linear softmax classifier
// gets somewhat over 90 %, a small network over 98 %.
//
// The same (n, seed, stream) gives the same bits on every machine: the arithmetic is IEEE f32 with
// only + - * / and square root, compiled without contraction, and the random numbers are counted
// (random.h). Image i depends on (seed, stream, i) and its label alone.
#pragma once

#include <cstdint>
#include <string>

#include "support/array.h"
#include "support/expected.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

inline constexpr int64_t kDigitSize = 28;
inline constexpr int64_t kDigitClasses = 10;

struct LabelledImages {
  Array images;  ///< u8[n,28,28], 0 = paper, 255 = ink
  Array labels;  ///< i32[n], 0 to 9
};

/// `n` images; each digit occurs n/10 times (give or take one), in shuffled order. `stream` tells
/// independent sets of one seed apart (training 0, test 1). kInvalidArgument unless 0 <= n <= 10^8.
Expected<LabelledImages> generate_digits(int64_t n, uint64_t seed, uint32_t stream = 0);

enum class DrawStyle {
  kAscii,   ///< two characters a pixel of the ramp " .:-=+*#%@", one line a row
  kBlocks,  ///< Unicode half blocks: one character for two pixels, one above the other
};

/// The image as lines of text, each ended by a newline. `image`: u8 (0 to 255) or f32 (0 to 1) of
/// [h,w], [1,h,w], [h,w,1], or [n] with n a square, e.g. [784]; sides of at most 256. kInvalidShape or
/// kInvalidType otherwise.
Expected<std::string> draw_digit(const Array& image, DrawStyle style = DrawStyle::kBlocks);

}  // namespace dlc DLC_PUBLIC
