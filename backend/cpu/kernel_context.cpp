#include "backend/cpu/kernel_context.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "ir/op_def.h"

namespace dlc::backend {

using loops::BufferId;
using loops::Value;

BufferId KernelContext::param_buffer(int index) {
  const auto it = params_.find(index);
  if (it != params_.end()) return it->second;
  const DType dtype = region_.param(index).dtype();
  const BufferId id = b.buffer({.name = fmt::format("in{}", index), .elem = dtype, .space = space_});
  buffer_args_.push_back({BufferArg::kParam, index, {}, dtype, {}});
  return params_[index] = id;
}

BufferId KernelContext::result_buffer(int index) {
  const auto it = results_.find(index);
  if (it != results_.end()) return it->second;
  const DType dtype = region_.result(index).dtype();
  const BufferId id = b.buffer({.name = fmt::format("out{}", index), .elem = dtype, .space = space_, .written = true});
  buffer_args_.push_back({BufferArg::kResult, index, {}, dtype, {}});
  return results_[index] = id;
}

BufferId KernelContext::constant_buffer(const Array& data) {
  for (const auto& [array, id] : constants_)
    if (array.identical(data)) return id;
  const BufferId id = b.buffer({.name = fmt::format("const{}", constants_.size()), .elem = data.dtype()});
  buffer_args_.push_back({BufferArg::kConstant, 0, data, data.dtype(), {}});
  constants_.emplace_back(data, id);
  return id;
}

BufferId KernelContext::arena_scratch(const std::string& name, DType dtype, const ir::Dim& elements) {
  const BufferId id = b.buffer({.name = name, .elem = dtype, .written = true, .align = 64});
  buffer_args_.push_back({BufferArg::kScratch, 0, {}, dtype, elements});
  return id;
}

Value KernelContext::extent(const ir::Dim& dim) {
  if (dim.is_constant() && dim.constant() <= kLargestBakedExtent) return b.i64(dim.constant());
  const std::string key = dim.str();
  const auto it = dims_.find(key);
  if (it != dims_.end()) return it->second;
  ScalarArg arg;
  arg.dim = dim;
  scalar_args_.push_back(std::move(arg));
  return dims_[key] = b.scalar(fmt::format("n{}", dims_.size()));
}

Value KernelContext::scalar_constant(DType dtype, uint64_t bits) {
  const bool is_simple = [&] {
    double v = 0;
    if (dtype == kFloat32) {
      float f = 0;
      std::memcpy(&f, &bits, sizeof f);
      v = f;
      if (f == 0 && std::signbit(f)) return false;
    } else if (dtype == kFloat64) {
      std::memcpy(&v, &bits, sizeof v);
      if (v == 0 && std::signbit(v)) return false;
    } else {
      return true;  // integers are mostly sizes, shifts and masks: folding them pays
    }
    return v == 0 || v == 1 || v == -1 || v == 0.5 || v == 2;
  }();
  if (is_simple) return b.constant_bits({dtype, 1}, bits);
  const std::string key = fmt::format("{}:{}", dtype, bits);
  const auto it = constants_by_bits_.find(key);
  if (it != constants_by_bits_.end()) return it->second;
  ScalarArg arg;
  arg.kind = ScalarArg::kBits;
  arg.bits = bits;
  scalar_args_.push_back(std::move(arg));
  return constants_by_bits_[key] = b.scalar(fmt::format("c{}", constants_by_bits_.size()), dtype);
}

Value KernelContext::seed(const ir::Op& op, uint64_t half) {
  const std::string key = fmt::format("{}:{}", static_cast<const void*>(&op), half);
  const auto it = seeds_.find(key);
  if (it != seeds_.end()) return it->second;
  ScalarArg arg;
  arg.kind = ScalarArg::kSeed;
  arg.bits = half;
  for (const ir::Op* before : region_.ops()) {
    if (before == &op) break;
    ++arg.number;
  }
  scalar_args_.push_back(std::move(arg));
  return seeds_[key] = b.scalar(fmt::format("key{}", seeds_.size()), kUInt32);
}

Value KernelContext::fault_site(const ir::Op& op, const std::string& check) {
  const std::string key = fmt::format("{}:{}", static_cast<const void*>(&op), check);
  const auto it = sites_.find(key);
  if (it != sites_.end()) return it->second;
  ScalarArg arg;
  arg.kind = ScalarArg::kSite;
  arg.provenance = op.provenance();
  arg.check = check;
  for (const ir::Op* before : region_.ops()) {
    if (before == &op) break;
    if (ir::can_fail(*before)) ++arg.number;
  }
  scalar_args_.push_back(std::move(arg));
  return sites_[key] = b.scalar(fmt::format("site{}", sites_.size()));
}

BuiltKernel KernelContext::finish() && {
  BuiltKernel built;
  built.can_fail = !sites_.empty();
  built.kernel = std::move(b).finish();
  // Buffers that may turn out to be one. A result without elements has none.
  for (size_t r = 0; r < in_place.size(); ++r) {
    const auto result = results_.find(static_cast<int>(r));
    if (result == results_.end()) continue;
    for (const int p : in_place[r]) {
      built.kernel.buffers[static_cast<size_t>(params_.at(p).id)].noalias = false;
      built.kernel.buffers[static_cast<size_t>(result->second.id)].noalias = false;
    }
  }
  built.buffers = std::move(buffer_args_);
  built.scalars = std::move(scalar_args_);
  built.in_place = std::move(in_place);
  return built;
}

Chunking chunk(const ir::Dim& elements, double cost_ns, int64_t granule) {
  // A region of two threads costs 1 to 3 µs back to back: 20 µs a chunk keeps that below a tenth.
  constexpr double kChunkNs = 20000;
  constexpr int64_t kMostChunks = 256;
  const auto ceil_div = [](const ir::Dim& a, const ir::Dim& d) { return ir::Dim::floor_div(a + d - 1, d); };
  int64_t per_chunk = std::max<int64_t>(1, std::llround(kChunkNs / std::max(cost_ns, 1e-3)));
  per_chunk = (per_chunk + granule - 1) / granule * granule;
  const ir::Dim wanted = ir::Dim::min(kMostChunks, ir::Dim::max(1, ceil_div(elements, per_chunk)));
  const ir::Dim size = ceil_div(ceil_div(elements, wanted), granule) * granule;
  return {ir::Dim::max(1, ceil_div(elements, ir::Dim::max(1, size))), size};
}

}  // namespace dlc::backend
