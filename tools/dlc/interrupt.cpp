#include "tools/dlc/interrupt.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace dlc::tools {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM};

// A signal handler may touch nothing else.
volatile std::sig_atomic_t noted = 0;
struct sigaction previous[2];

extern "C" void note_signal(int signal) { noted = signal; }

}  // namespace

InterruptGuard::InterruptGuard() {
  noted = 0;
  struct sigaction action = {};
  action.sa_handler = note_signal;
  // Once: the next one finds the system's own action. Slow system calls go on.
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < 2; ++i) {
    sigaction(kSignals[i], nullptr, &previous[i]);
    // What nohup or a shell's background job ignores stays ignored.
    if (previous[i].sa_handler != SIG_IGN) sigaction(kSignals[i], &action, nullptr);
  }
}

InterruptGuard::~InterruptGuard() {
  for (int i = 0; i < 2; ++i) sigaction(kSignals[i], &previous[i], nullptr);
}

int InterruptGuard::signal() { return noted; }

const char* signal_name(int signal) { return signal == SIGINT ? "SIGINT" : "SIGTERM"; }

void end_by_signal(int signal) {
  std::fflush(stdout);
  std::fflush(stderr);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
  std::_Exit(128 + signal);  // only where the signal is blocked
}

}  // namespace dlc::tools
