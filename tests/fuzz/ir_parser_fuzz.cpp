// Any bytes are either a module or errors; a module prints to text that reads back as itself, and
// the verifier survives it.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "ir/parser.h"
#include "ir/printer.h"
#include "ir/verifier.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace dlc;
  const std::string text(reinterpret_cast<const char*>(data), size);
  Diagnostics diagnostics("input", text);
  const std::optional<ir::Module> module = ir::parse_module(text, "input", diagnostics);
  if (module.has_value() != diagnostics.ok()) std::abort();
  if (!module) return diagnostics.str().empty() ? (std::abort(), 0) : 0;
  for (const auto& f : module->functions()) (void)ir::find_problems(*f);
  const std::string printed = ir::print(*module);
  const Expected<ir::Module> again = ir::parse_module(printed, "printed");
  if (!again) {
    std::fprintf(stderr, "printed text does not read back: %s\n%s", again.error().str().c_str(), printed.c_str());
    std::abort();
  }
  if (ir::print(*again) != printed) {
    std::fprintf(stderr, "not the same when printed again:\n%s---\n%s", printed.c_str(), ir::print(*again).c_str());
    std::abort();
  }
  return 0;
}
