#include "impasto/engine/run_context.h"

namespace impasto::engine {

std::vector<StageMemory> memory_of(const Plan& plan,
                                   const Network& network,
                                   const Kernels& kernels,
                                   std::byte* arena) {
  std::vector<StageMemory> memory(plan.stages.size());
  for (std::size_t s = 0; s < memory.size(); ++s) {
    const Stage& stage = network.stages[s];
    const StagePlan& from = plan.stages[s];
    StageMemory& to = memory[s];
    to.output = {arena + from.output_offset, from.output_row(stage, kernels)};
    to.kept = {arena + from.kept_offset, from.kept_row(stage, kernels)};
    to.affine = reinterpret_cast<float*>(arena + from.affine_offset);
    if (stage.measured()) to.moments = reinterpret_cast<double*>(arena + from.moments_offset);
  }
  return memory;
}

}  // namespace impasto::engine
