// A program that uses LLVM itself, the same libLLVM that dlc's code generator uses: its code and dlc's are
// compiled in turn and at once, and an error that ends LLVM ends the program as it would without dlc.
#include <dlc/dlc.h>
#include <fmt/core.h>
#include <llvm-c/Core.h>
#include <llvm-c/LLJIT.h>
#include <llvm-c/Orc.h>
#include <llvm-c/Target.h>
#include <llvm/Support/ErrorHandling.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <thread>

namespace {

void check(LLVMErrorRef error) {
  if (error == nullptr) return;
  fmt::print("LLVM of the program: {}\n", LLVMGetErrorMessage(error));
  std::exit(1);
}

/// 7 * x, by the program's own use of LLVM.
int64_t seven_times(int64_t x) {
  LLVMInitializeNativeTarget();
  LLVMInitializeNativeAsmPrinter();
  LLVMOrcLLJITRef jit = nullptr;
  check(LLVMOrcCreateLLJIT(&jit, nullptr));
  LLVMOrcThreadSafeContextRef safe = LLVMOrcCreateNewThreadSafeContext();
  LLVMContextRef context = LLVMOrcThreadSafeContextGetContext(safe);
  LLVMModuleRef module = LLVMModuleCreateWithNameInContext("program", context);
  LLVMTypeRef i64 = LLVMInt64TypeInContext(context);
  LLVMValueRef function = LLVMAddFunction(module, "seven_times", LLVMFunctionType(i64, &i64, 1, 0));
  LLVMBuilderRef builder = LLVMCreateBuilderInContext(context);
  LLVMPositionBuilderAtEnd(builder, LLVMAppendBasicBlockInContext(context, function, "entry"));
  LLVMBuildRet(builder, LLVMBuildMul(builder, LLVMGetParam(function, 0), LLVMConstInt(i64, 7, 0), "product"));
  LLVMDisposeBuilder(builder);
  check(LLVMOrcLLJITAddLLVMIRModule(jit, LLVMOrcLLJITGetMainJITDylib(jit),
                                    LLVMOrcCreateNewThreadSafeModule(module, safe)));
  LLVMOrcDisposeThreadSafeContext(safe);
  LLVMOrcExecutorAddress address = 0;
  check(LLVMOrcLLJITLookup(jit, &address, "seven_times"));
  const int64_t result = reinterpret_cast<int64_t (*)(int64_t)>(address)(x);
  check(LLVMOrcDisposeLLJIT(jit));
  return result;
}

/// n * n + n, by dlc; another n is another program.
float dlc_value(int64_t n) {
  dlc::Graph graph;
  const auto scope = graph.as_default();
  dlc::Tensor x = dlc::placeholder(dlc::kFloat32, {n}, "x");
  dlc::Session session(graph);
  return session.run(dlc::reduce_sum(x * x + x), {{x, dlc::Array::full(dlc::kFloat32, {n}, 1)}}).item<float>() / 2 *
         static_cast<float>(n + 1);
}

/// What a process says that LLVM ends.
std::string last_words() {
  int ends[2];
  if (pipe(ends) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    llvm::report_fatal_error("the program's own", /*gen_crash_diag=*/false);
  }
  close(ends[1]);
  std::string said;
  char buffer[256];
  for (ssize_t n = 0; (n = read(ends[0], buffer, sizeof buffer)) > 0;) said.append(buffer, static_cast<size_t>(n));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return fmt::format("{}exit code {}", said, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

}  // namespace

int main() {
  fmt::print("before: {}\n", seven_times(6));
  fmt::print("dlc: {}\n", dlc_value(3));
  fmt::print("behind: {}\n", seven_times(-6));
  bool right = true;
  std::thread other([&] {
    for (int64_t i = 0; i < 20; ++i) right = right && seven_times(i) == 7 * i;
  });
  for (int64_t n = 1; n <= 20; ++n)
    if (dlc_value(n) != static_cast<float>(n * n + n)) fmt::print("dlc was wrong at {}\n", n);
  other.join();
  fmt::print("at once: {}\n", right ? "right" : "wrong");
  fmt::print("{}\n", last_words());
}
