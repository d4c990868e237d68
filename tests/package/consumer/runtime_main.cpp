#include <dlc/runtime.h>

#include <cstdio>

int main() {
  if (dlc_program_open("no/such/program.so") == nullptr) std::puts(dlc_last_error());
}
