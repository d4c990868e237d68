// The pattern families of `canonicalize`: one file each in this folder, one line each here and in
// canonicalize.cpp.
#pragma once

#include "passes/pass.h"
#include "passes/pattern_set.h"

namespace dlc::passes {

void add_arithmetic_patterns(PatternSet& set);
void add_logic_patterns(PatternSet& set);
void add_conversion_patterns(PatternSet& set);
void add_shape_patterns(PatternSet& set);
void add_broadcast_patterns(PatternSet& set);
void add_reshape_patterns(PatternSet& set);
void add_slice_patterns(PatternSet& set);
void add_reduction_patterns(PatternSet& set);
void add_contraction_patterns(PatternSet& set);

Expected<bool> run_canonicalize(ir::Function& function, PassContext& context);
Expected<bool> run_cse(ir::Function& function, PassContext& context);
Expected<bool> run_dce(ir::Function& function, PassContext& context);
Expected<bool> run_fold_constants(ir::Function& function, PassContext& context);
Expected<bool> run_bind_dims(ir::Function& function, PassContext& context);
Expected<bool> run_form_fma(ir::Function& function, PassContext& context);

}  // namespace dlc::passes
