// docs/loops.md shows what the printer prints.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "backend/loops/builder.h"
#include "backend/loops/printer.h"

namespace dlc::backend::loops {
namespace {

std::string document() {
  const std::ifstream file(DLC_SOURCE_DIR "/docs/loops.md");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(LoopsDoc, TheExamplePrintsAsShown) {
  LoopBuilder b("row_max");
  const BufferId x = b.buffer({.name = "x"}), y = b.buffer({.name = "y"});
  const Value rows = b.scalar("rows");
  b.parallel(rows, [&](Value row) {
    const Value start = b.mul(row, b.i64(100));
    const Value lowest = b.constant({kFloat32, 8}, -INFINITY);
    const auto best = b.for_loop(b.i64(0), b.i64(96), 8, {lowest}, [&](Value i, const auto& carried) {
      return LoopBuilder::Values{b.max(carried[0], b.load(x, b.add(start, i), 8))};
    });
    const Value tail = b.tail_mask(b.i64(96), b.i64(100), 8);
    const Value last = b.select(tail, b.load(x, b.add(start, b.i64(96)), 8, tail), lowest);
    b.store(y, b.reduce(OpCode::kReduceMax, b.max(best[0], last)), row);
  });
  EXPECT_THAT(document(), ::testing::HasSubstr("```\n" + print(std::move(b).finish()) + "```\n"));
}

}  // namespace
}  // namespace dlc::backend::loops
