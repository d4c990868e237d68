/* A program in C that trains, predicts and fails with compiled models, without the compiler: linked with
 * an object (line), linked with a library (square), and loading one by its path (pick, argv[1]). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"
#include "pick.h"
#include "square.h"

static void expect(int condition, const char* what) {
  if (condition) return;
  fprintf(stderr, "FAILED: %s (last error: %s)\n", what, dlc_last_error());
  exit(1);
}

static void train_a_line(void) {
  const float x[4] = {-1, 0, 1, 2}, y[4] = {-1, 1, 3, 5};
  float w = 0, b = 0, loss = -1;
  dlc_execution* execution = dlc_execution_create(&line_program, NULL);
  expect(execution != NULL, "an execution of line");
  for (int step = 0; step < 500; ++step) expect(line_run(execution, x, y, &w, &b, &loss) == 0, "a step of line");
  dlc_execution_destroy(execution);
  expect(fabsf(w - 2) < 1e-4f && fabsf(b - 1) < 1e-4f && loss < 1e-6f, "y = 2 x + 1");
  expect(line_program.num_params == 4 && dlc_value_bytes(&line_program.params[0]) == sizeof x, "four floats x");
}

static void multiply_on_threads(void) {
  enum { n = 256 };
  static float a[n * n], serial[n * n], parallel[n * n];
  float serial_total, parallel_total;
  dlc_pool* pool = dlc_pool_create(4);
  dlc_execution* alone = dlc_execution_create(&square_program, NULL);
  dlc_execution* together = dlc_execution_create(&square_program, pool);
  expect(pool && alone && together, "executions of square");
  for (int i = 0; i < n * n; ++i) a[i] = (float)(i % 17) / 17.0f;
  expect(square_run(alone, a, serial, &serial_total) == 0, "square alone");
  expect(square_run(together, a, parallel, &parallel_total) == 0, "square on threads");
  expect(memcmp(serial, parallel, sizeof serial) == 0, "the same bits on any number of threads");
  expect(memcmp(&serial_total, &parallel_total, sizeof serial_total) == 0, "the same total");
  double first = 0;
  for (int k = 0; k < n; ++k) first += (double)a[k] * a[k * n];
  expect(fabs(serial[0] - first) < 1e-3, "the first element of a * a");
  dlc_execution_destroy(together);
  dlc_execution_destroy(alone);
  dlc_pool_destroy(pool);
}

static void fail_politely(const char* library) {
  const int32_t good[3] = {0, 17, 4}, bad[3] = {0, 18, -1};
  int32_t picked[3];
  const dlc_program* pick = dlc_program_open(library);
  expect(pick != NULL, "pick opened");
  dlc_execution* execution = dlc_execution_create(pick, NULL);
  expect(pick_run(execution, good, picked) == 0, "pick");
  expect(picked[0] == 10 && picked[1] == 180 && picked[2] == 50, "what was picked");
  expect(pick_run(execution, bad, picked) == -1, "a pick out of range");
  expect(strstr(dlc_last_error(), "'int': index out of range: element 1 has value 18 (") != NULL, "which element");
  expect(strstr(dlc_last_error(), "pick.dlc:3:") != NULL, "where it was written");
  expect(pick_run(execution, good, picked) == 0, "pick after a failure");
  dlc_execution_destroy(execution);
  dlc_execution_destroy(NULL);

  expect(dlc_program_open("/no/such/library.so") == NULL, "no library");
  expect(strstr(dlc_last_error(), "/no/such/library.so") != NULL, "its name");
  expect(dlc_pool_create(-1) == NULL, "no pool");
  dlc_program later = *pick;
  later.version = DLC_ABI_VERSION + 1;
  expect(dlc_execution_create(&later, NULL) == NULL, "a later version");
  later = *pick;
  later.arena_bytes = INT64_MAX / 2;
  expect(dlc_execution_create(&later, NULL) == NULL && strstr(dlc_last_error(), "arena"), "too much memory");
}

int main(int argc, char** argv) {
  expect(argc == 2, "usage: c_program pick.so");
  train_a_line();
  multiply_on_threads();
  fail_politely(argv[1]);
  puts("all well");
  return 0;
}
