#include "support/flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "support/quote.h"
#include "support/suggest.h"

namespace dlc {
namespace {

Expected<DebugFlags> parse(const std::map<std::string, std::string>& environment) {
  return parse_debug_flags([&](const char* name) -> const char* {
    const auto it = environment.find(name);
    return it == environment.end() ? nullptr : it->second.c_str();
  });
}

TEST(Flags, UnsetIsTheDefault) {
  const DebugFlags flags = value_or_throw(parse({}));
  EXPECT_TRUE(flags.dump_after.empty());
  EXPECT_EQ(flags.threads, 0);
  EXPECT_EQ(flags.cache_mb, 256);
  EXPECT_EQ(flags.verify, DebugFlags::Verify::kDefault);
}

TEST(Flags, EachIsRead) {
  const DebugFlags flags = value_or_throw(parse({{"DLC_DUMP", "after:fuse-.*,plan,llvm,dir:/tmp/x"},
                                                 {"DLC_VERIFY", "each"},
                                                 {"DLC_TIME", "compile"},
                                                 {"DLC_PERF_MAP", "1"},
                                                 {"DLC_CACHE", "/tmp/c"},
                                                 {"DLC_CACHE_MB", "16"},
                                                 {"DLC_REWRITE_LIMIT", "17"},
                                                 {"DLC_THREADS", "4"}}));
  EXPECT_EQ(flags.dump_after, "fuse-.*");
  EXPECT_EQ(flags.dump_dir, "/tmp/x");
  EXPECT_TRUE(flags.dumps("plan"));
  EXPECT_FALSE(flags.dumps("asm"));
  EXPECT_EQ(flags.verify, DebugFlags::Verify::kEach);
  EXPECT_TRUE(flags.times("compile"));
  EXPECT_FALSE(flags.times("passes"));
  EXPECT_EQ(flags.threads, 4);
  EXPECT_EQ(flags.rewrite_limit, 17);
  EXPECT_TRUE(flags.perf_map);
  EXPECT_EQ(flags.cache, "/tmp/c");
  EXPECT_EQ(flags.cache_mb, 16);
}

TEST(Flags, WrongOnesAreTold) {
  for (const auto& [name, value] : std::map<std::string, std::string>{{"DLC_DUMP", "after:(,plan"},
                                                                      {"DLC_VERIFY", "always"},
                                                                      {"DLC_TIME", "all"},
                                                                      {"DLC_THREADS", "0"},
                                                                      {"DLC_CACHE_MB", "lots"},
                                                                      {"DLC_REWRITE_LIMIT", "-1"},
                                                                      {"DLC_PERF_MAP", "yes"}}) {
    const Expected<DebugFlags> flags = parse({{name, value}});
    ASSERT_FALSE(flags) << name;
    EXPECT_THAT(flags.error().message, ::testing::HasSubstr(name));
  }
  EXPECT_FALSE(parse({{"DLC_THREADS", "4x"}}));
  EXPECT_FALSE(parse({{"DLC_DUMP", "everything"}}));
}

TEST(Flags, HelpNamesEach) {
  for (const FlagInfo& flag : all_flags()) EXPECT_THAT(flags_help(), ::testing::HasSubstr(flag.name));
}

TEST(Quote, EscapesWhatWouldEndOrHide) { EXPECT_EQ(quote("a\"b\\c\n\t\x01é"), "\"a\\\"b\\\\c\\n\\t\\x01é\""); }

TEST(Suggest, TheNearestNameIfOneIsNear) {
  const std::vector<std::string> names = {"relu", "relu6", "tanh"};
  EXPECT_EQ(did_you_mean("rellu", names), "; did you mean 'relu'?");
  EXPECT_EQ(did_you_mean("softplus", names), "");
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

}  // namespace
}  // namespace dlc
