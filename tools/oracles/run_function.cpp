#include "tools/oracles/run_function.h"

#include <cstring>
#include <map>

#include "runtime/parallel.h"

namespace dlc::oracles {

Expected<RunOutcome> run_program(const std::shared_ptr<const backend::Program>& program,
                                 const std::vector<Array>& params, int threads) {
  ir::SymbolBinding binding;
  for (size_t i = 0; i < params.size(); ++i)
    for (size_t d = 0; d < params[i].shape().size(); ++d)
      if (const auto symbol = program->params()[i].type.dims[d].as_symbol()) binding[*symbol] = params[i].shape()[d];
  DLC_ASSIGN_OR_RETURN(const auto run, backend::Execution::create(program, binding));
  run->set_checked(true);
  RunOutcome out;
  std::vector<void*> in, results;
  for (const Array& p : params) {
    out.params.push_back(p.clone());
    in.push_back(out.params.back().bytes());
  }
  for (size_t i = 0; i < program->results().size(); ++i) {
    const backend::ProgramResult& r = program->results()[i];
    if (r.param >= 0) {
      out.results.push_back(out.params[static_cast<size_t>(r.param)]);  // shared
      results.push_back(nullptr);
    } else {
      out.results.push_back(Array(r.type.dtype, run->result_shape(static_cast<int>(i))));
      std::memset(out.results.back().bytes(), 0xFF, out.results.back().num_bytes());
      results.push_back(out.results.back().bytes());
    }
  }
  static std::map<int, runtime::ThreadPool> pools;
  runtime::ThreadPool& pool =
      pools.try_emplace(threads, runtime::ThreadPoolOptions{.num_threads = threads}).first->second;
  runtime::Context context({.pool = threads > 1 ? &pool : nullptr});
  DLC_RETURN_IF_ERROR(run->execute(context, in, results));
  if (const auto fault = context.fault()) out.fault = program->describe(*fault);
  return out;
}

}  // namespace dlc::oracles
