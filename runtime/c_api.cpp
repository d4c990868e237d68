#include "runtime/c_api.h"

#include <exception>
#include <string>

#include "runtime/frame.h"
#include "runtime/open_program.h"
#include "runtime/parallel.h"
#include "support/dtype.h"
#include "support/error.h"

struct dlc_pool {
  dlc::runtime::ThreadPool threads;
};

struct dlc_execution {
  const dlc_program* program;
  dlc::runtime::Frame frame;
  dlc::runtime::Context context;
};

namespace {

thread_local std::string last_error;

void fail(const dlc::Error& error) { last_error = error.str(); }

/// The result of `f`; `failed`, and a reason, when it throws: no exception may reach C.
template <typename T, typename F>
T guarded(T failed, F&& f) noexcept {
  try {
    return f();
  } catch (const std::exception& e) {
    try {
      last_error = e.what();
    } catch (const std::exception&) {
      last_error.clear();  // no memory for the reason either
    }
  }
  return failed;
}

}  // namespace

dlc_pool* dlc_pool_create(int num_threads) {
  return guarded<dlc_pool*>(nullptr, [&]() -> dlc_pool* {
    if (num_threads >= 0) return new dlc_pool{dlc::runtime::ThreadPool({.num_threads = num_threads})};
    fail(dlc::make_error(dlc::ErrorCode::kInvalidArgument, "a pool of {} threads: 0 is all CPUs, 1 the caller alone",
                         num_threads));
    return nullptr;
  });
}

void dlc_pool_destroy(dlc_pool* pool) { delete pool; }

dlc_execution* dlc_execution_create(const dlc_program* program, dlc_pool* pool) {
  return guarded<dlc_execution*>(nullptr, [&]() -> dlc_execution* {
    if (auto usable = dlc::runtime::check_program(*program); !usable) return fail(usable.error()), nullptr;
    auto frame = dlc::runtime::Frame::create(*program);
    if (!frame) return fail(frame.error()), nullptr;
    return new dlc_execution{program, *std::move(frame),
                             dlc::runtime::Context({.pool = pool ? &pool->threads : nullptr})};
  });
}

int dlc_execution_run(dlc_execution* execution, void* const* params, void* const* results) {
  return guarded(-1, [&] {
    const dlc_program& program = *execution->program;
    execution->frame.run(execution->context, {params, static_cast<size_t>(program.num_params)},
                         {results, static_cast<size_t>(program.num_results)});
    const auto fault = execution->context.fault();
    if (!fault) return 0;
    fail(dlc::runtime::describe(program, *fault));
    return -1;
  });
}

void dlc_execution_destroy(dlc_execution* execution) { delete execution; }

const dlc_program* dlc_program_open(const char* path) {
  return guarded<const dlc_program*>(nullptr, [&]() -> const dlc_program* {
    auto program = dlc::runtime::open_program(path);
    if (!program) return fail(program.error()), nullptr;
    return *program;
  });
}

size_t dlc_value_bytes(const dlc_value* value) {
  size_t bytes = dlc::size_of(static_cast<dlc::DType>(value->dtype));
  for (int64_t i = 0; i < value->rank; ++i) bytes *= static_cast<size_t>(value->dims[i]);
  return bytes;
}

const char* dlc_last_error() { return last_error.c_str(); }
