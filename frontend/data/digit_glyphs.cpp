#include "frontend/data/digit_glyphs.h"

#include "support/check.h"

namespace dlc {
namespace {

constexpr GlyphPoint k0A0[] = {{0.52f, 0.04f}, {0.26f, 0.14f}, {0.12f, 0.48f}, {0.22f, 0.83f}, {0.48f, 0.96f},
                               {0.76f, 0.84f}, {0.88f, 0.50f}, {0.77f, 0.16f}, {0.52f, 0.04f}};
constexpr GlyphStroke k0A[] = {{k0A0}};
constexpr GlyphPoint k0B0[] = {{0.70f, 0.10f}, {0.44f, 0.04f}, {0.20f, 0.30f}, {0.14f, 0.66f}, {0.34f, 0.94f},
                               {0.62f, 0.88f}, {0.84f, 0.60f}, {0.86f, 0.30f}, {0.66f, 0.07f}, {0.50f, 0.10f}};
constexpr GlyphStroke k0B[] = {{k0B0}};
constexpr GlyphPoint k0C0[] = {{0.50f, 0.04f}, {0.30f, 0.20f}, {0.24f, 0.52f}, {0.32f, 0.84f}, {0.52f, 0.96f},
                               {0.70f, 0.82f}, {0.76f, 0.48f}, {0.68f, 0.16f}, {0.50f, 0.04f}};
constexpr GlyphStroke k0C[] = {{k0C0}};
constexpr Glyph k0[] = {{k0A}, {k0B}, {k0C}};

constexpr GlyphPoint k1A0[] = {{0.50f, 0.04f}, {0.50f, 0.96f}};
constexpr GlyphStroke k1A[] = {{k1A0}};
constexpr GlyphPoint k1B0[] = {{0.28f, 0.28f}, {0.52f, 0.05f}};
constexpr GlyphPoint k1B1[] = {{0.52f, 0.05f}, {0.52f, 0.96f}};
constexpr GlyphStroke k1B[] = {{k1B0}, {k1B1}};
constexpr GlyphPoint k1C0[] = {{0.30f, 0.24f}, {0.52f, 0.05f}};
constexpr GlyphPoint k1C1[] = {{0.52f, 0.05f}, {0.52f, 0.95f}};
constexpr GlyphPoint k1C2[] = {{0.28f, 0.95f}, {0.76f, 0.95f}};
constexpr GlyphStroke k1C[] = {{k1C0}, {k1C1}, {k1C2}};
constexpr GlyphPoint k1D0[] = {{0.62f, 0.04f}, {0.52f, 0.50f}, {0.42f, 0.96f}};
constexpr GlyphStroke k1D[] = {{k1D0}};
constexpr Glyph k1[] = {{k1A}, {k1B}, {k1C}, {k1D}};

constexpr GlyphPoint k2A0[] = {{0.16f, 0.27f}, {0.32f, 0.08f}, {0.60f, 0.05f}, {0.80f, 0.24f},
                               {0.70f, 0.50f}, {0.42f, 0.74f}, {0.14f, 0.95f}};
constexpr GlyphPoint k2A1[] = {{0.14f, 0.95f}, {0.88f, 0.93f}};
constexpr GlyphStroke k2A[] = {{k2A0}, {k2A1}};
constexpr GlyphPoint k2B0[] = {{0.18f, 0.22f}, {0.42f, 0.05f}, {0.74f, 0.14f}, {0.76f, 0.40f}, {0.50f, 0.70f},
                               {0.24f, 0.92f}, {0.12f, 0.84f}, {0.30f, 0.76f}, {0.58f, 0.90f}, {0.90f, 0.88f}};
constexpr GlyphStroke k2B[] = {{k2B0}};
constexpr GlyphPoint k2C0[] = {{0.14f, 0.12f}, {0.50f, 0.04f}, {0.80f, 0.18f},
                               {0.72f, 0.42f}, {0.40f, 0.68f}, {0.12f, 0.92f}};
constexpr GlyphPoint k2C1[] = {{0.12f, 0.92f}, {0.50f, 0.90f}, {0.86f, 0.96f}};
constexpr GlyphStroke k2C[] = {{k2C0}, {k2C1}};
constexpr Glyph k2[] = {{k2A}, {k2B}, {k2C}};

constexpr GlyphPoint k3A0[] = {{0.18f, 0.16f}, {0.45f, 0.04f}, {0.76f, 0.18f}, {0.70f, 0.40f}, {0.40f, 0.48f}};
constexpr GlyphPoint k3A1[] = {{0.40f, 0.48f}, {0.74f, 0.56f}, {0.84f, 0.76f}, {0.56f, 0.96f}, {0.14f, 0.86f}};
constexpr GlyphStroke k3A[] = {{k3A0}, {k3A1}};
constexpr GlyphPoint k3B0[] = {{0.16f, 0.08f}, {0.80f, 0.07f}};
constexpr GlyphPoint k3B1[] = {{0.80f, 0.07f}, {0.42f, 0.42f}};
constexpr GlyphPoint k3B2[] = {{0.42f, 0.42f}, {0.76f, 0.50f}, {0.84f, 0.74f}, {0.58f, 0.95f}, {0.16f, 0.90f}};
constexpr GlyphStroke k3B[] = {{k3B0}, {k3B1}, {k3B2}};
constexpr GlyphPoint k3C0[] = {{0.22f, 0.10f}, {0.60f, 0.04f}, {0.74f, 0.22f}, {0.50f, 0.44f}, {0.44f, 0.48f},
                               {0.56f, 0.50f}, {0.82f, 0.66f}, {0.70f, 0.92f}, {0.34f, 0.97f}, {0.14f, 0.84f}};
constexpr GlyphStroke k3C[] = {{k3C0}};
constexpr Glyph k3[] = {{k3A}, {k3B}, {k3C}};

constexpr GlyphPoint k4A0[] = {{0.28f, 0.06f}, {0.14f, 0.56f}};
constexpr GlyphPoint k4A1[] = {{0.14f, 0.56f}, {0.88f, 0.54f}};
constexpr GlyphPoint k4A2[] = {{0.68f, 0.10f}, {0.66f, 0.96f}};
constexpr GlyphStroke k4A[] = {{k4A0}, {k4A1}, {k4A2}};
constexpr GlyphPoint k4B0[] = {{0.68f, 0.96f}, {0.66f, 0.05f}};
constexpr GlyphPoint k4B1[] = {{0.66f, 0.05f}, {0.10f, 0.66f}};
constexpr GlyphPoint k4B2[] = {{0.10f, 0.66f}, {0.90f, 0.66f}};
constexpr GlyphStroke k4B[] = {{k4B0}, {k4B1}, {k4B2}};
constexpr GlyphPoint k4C0[] = {{0.22f, 0.08f}, {0.16f, 0.36f}, {0.28f, 0.54f}, {0.56f, 0.52f}, {0.76f, 0.40f}};
constexpr GlyphPoint k4C1[] = {{0.78f, 0.06f}, {0.76f, 0.50f}, {0.70f, 0.96f}};
constexpr GlyphStroke k4C[] = {{k4C0}, {k4C1}};
constexpr Glyph k4[] = {{k4A}, {k4B}, {k4C}};

constexpr GlyphPoint k5A0[] = {{0.82f, 0.06f}, {0.26f, 0.08f}};
constexpr GlyphPoint k5A1[] = {{0.26f, 0.08f}, {0.20f, 0.46f}};
constexpr GlyphPoint k5A2[] = {{0.20f, 0.46f}, {0.50f, 0.38f}, {0.82f, 0.56f},
                               {0.76f, 0.84f}, {0.44f, 0.96f}, {0.12f, 0.86f}};
constexpr GlyphStroke k5A[] = {{k5A0}, {k5A1}, {k5A2}};
constexpr GlyphPoint k5B0[] = {{0.82f, 0.07f}, {0.42f, 0.10f}, {0.26f, 0.34f}, {0.52f, 0.45f},
                               {0.80f, 0.64f}, {0.66f, 0.91f}, {0.18f, 0.93f}};
constexpr GlyphStroke k5B[] = {{k5B0}};
constexpr GlyphPoint k5C0[] = {{0.30f, 0.06f}, {0.24f, 0.44f}};
constexpr GlyphPoint k5C1[] = {{0.24f, 0.44f}, {0.56f, 0.40f}, {0.80f, 0.62f}, {0.64f, 0.92f}, {0.16f, 0.92f}};
constexpr GlyphPoint k5C2[] = {{0.30f, 0.07f}, {0.84f, 0.05f}};
constexpr GlyphStroke k5C[] = {{k5C0}, {k5C1}, {k5C2}};
constexpr Glyph k5[] = {{k5A}, {k5B}, {k5C}};

constexpr GlyphPoint k6A0[] = {{0.70f, 0.05f}, {0.40f, 0.24f}, {0.18f, 0.60f}, {0.30f, 0.92f}, {0.62f, 0.94f},
                               {0.80f, 0.72f}, {0.62f, 0.52f}, {0.36f, 0.58f}, {0.20f, 0.76f}};
constexpr GlyphStroke k6A[] = {{k6A0}};
constexpr GlyphPoint k6B0[] = {{0.50f, 0.04f}, {0.28f, 0.36f}, {0.18f, 0.70f}, {0.40f, 0.96f},
                               {0.70f, 0.88f}, {0.74f, 0.64f}, {0.50f, 0.54f}, {0.22f, 0.72f}};
constexpr GlyphStroke k6B[] = {{k6B0}};
constexpr GlyphPoint k6C0[] = {{0.78f, 0.10f}, {0.50f, 0.08f}, {0.24f, 0.36f}, {0.16f, 0.68f}, {0.36f, 0.94f},
                               {0.68f, 0.92f}, {0.80f, 0.70f}, {0.60f, 0.56f}, {0.24f, 0.66f}};
constexpr GlyphStroke k6C[] = {{k6C0}};
constexpr Glyph k6[] = {{k6A}, {k6B}, {k6C}};

constexpr GlyphPoint k7A0[] = {{0.12f, 0.08f}, {0.86f, 0.08f}};
constexpr GlyphPoint k7A1[] = {{0.86f, 0.08f}, {0.42f, 0.96f}};
constexpr GlyphStroke k7A[] = {{k7A0}, {k7A1}};
constexpr GlyphPoint k7B0[] = {{0.12f, 0.08f}, {0.86f, 0.08f}};
constexpr GlyphPoint k7B1[] = {{0.86f, 0.08f}, {0.42f, 0.96f}};
constexpr GlyphPoint k7B2[] = {{0.30f, 0.50f}, {0.76f, 0.48f}};
constexpr GlyphStroke k7B[] = {{k7B0}, {k7B1}, {k7B2}};
constexpr GlyphPoint k7C0[] = {{0.14f, 0.24f}, {0.16f, 0.08f}};
constexpr GlyphPoint k7C1[] = {{0.16f, 0.08f}, {0.84f, 0.07f}};
constexpr GlyphPoint k7C2[] = {{0.84f, 0.07f}, {0.60f, 0.42f}, {0.46f, 0.96f}};
constexpr GlyphStroke k7C[] = {{k7C0}, {k7C1}, {k7C2}};
constexpr GlyphPoint k7D0[] = {{0.10f, 0.14f}, {0.50f, 0.06f}, {0.82f, 0.10f},
                               {0.70f, 0.40f}, {0.54f, 0.70f}, {0.46f, 0.96f}};
constexpr GlyphStroke k7D[] = {{k7D0}};
constexpr Glyph k7[] = {{k7A}, {k7B}, {k7C}, {k7D}};

constexpr GlyphPoint k8A0[] = {{0.76f, 0.16f}, {0.50f, 0.05f}, {0.26f, 0.20f}, {0.40f, 0.42f},
                               {0.66f, 0.58f}, {0.78f, 0.80f}, {0.50f, 0.96f}, {0.22f, 0.80f},
                               {0.36f, 0.57f}, {0.64f, 0.40f}, {0.76f, 0.16f}};
constexpr GlyphStroke k8A[] = {{k8A0}};
constexpr GlyphPoint k8B0[] = {{0.50f, 0.05f}, {0.28f, 0.24f}, {0.50f, 0.46f}, {0.72f, 0.24f}, {0.50f, 0.05f}};
constexpr GlyphPoint k8B1[] = {{0.50f, 0.46f}, {0.20f, 0.70f}, {0.50f, 0.96f}, {0.80f, 0.70f}, {0.50f, 0.46f}};
constexpr GlyphStroke k8B[] = {{k8B0}, {k8B1}};
constexpr GlyphPoint k8C0[] = {{0.80f, 0.06f}, {0.40f, 0.06f}, {0.30f, 0.28f}, {0.64f, 0.56f}, {0.72f, 0.84f},
                               {0.44f, 0.96f}, {0.26f, 0.78f}, {0.50f, 0.50f}, {0.76f, 0.26f}, {0.80f, 0.06f}};
constexpr GlyphStroke k8C[] = {{k8C0}};
constexpr Glyph k8[] = {{k8A}, {k8B}, {k8C}};

constexpr GlyphPoint k9A0[] = {{0.78f, 0.20f}, {0.50f, 0.05f}, {0.22f, 0.26f},
                               {0.36f, 0.50f}, {0.64f, 0.46f}, {0.78f, 0.20f}};
constexpr GlyphPoint k9A1[] = {{0.78f, 0.20f}, {0.76f, 0.60f}, {0.70f, 0.96f}};
constexpr GlyphStroke k9A[] = {{k9A0}, {k9A1}};
constexpr GlyphPoint k9B0[] = {{0.78f, 0.20f}, {0.48f, 0.05f}, {0.20f, 0.26f}, {0.38f, 0.50f}, {0.66f, 0.44f},
                               {0.78f, 0.22f}, {0.82f, 0.56f}, {0.62f, 0.88f}, {0.24f, 0.94f}};
constexpr GlyphStroke k9B[] = {{k9B0}};
constexpr GlyphPoint k9C0[] = {{0.72f, 0.12f}, {0.40f, 0.06f}, {0.24f, 0.28f}, {0.44f, 0.46f},
                               {0.74f, 0.30f}, {0.74f, 0.12f}, {0.66f, 0.56f}, {0.50f, 0.96f}};
constexpr GlyphStroke k9C[] = {{k9C0}};
constexpr Glyph k9[] = {{k9A}, {k9B}, {k9C}};

constexpr std::span<const Glyph> kGlyphs[] = {k0, k1, k2, k3, k4, k5, k6, k7, k8, k9};

}  // namespace

std::span<const Glyph> glyphs_of(int digit) {
  DLC_CHECK(digit >= 0 && digit < 10, "digit {}", digit);
  return kGlyphs[digit];
}

}  // namespace dlc
