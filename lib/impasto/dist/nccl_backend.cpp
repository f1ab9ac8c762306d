#include "impasto/dist/nccl_backend.h"

#include <string>

#include "impasto/base/error.h"
#include "impasto/base/log.h"
#include "impasto/base/plugin.h"

namespace impasto {
namespace {

constexpr const char* kUse = "distributed.backend nccl";

PluginModule<NcclModule> plugin(IMPASTO_NCCL_LIBRARY, "NCCL");

}  // namespace

void register_nccl(const NcclModule& module) { plugin.set(module); }

bool has_nccl() {
  try {
    plugin.get(kUse);
    return true;
  } catch (const IoError& error) {
    log_info(std::string("gradients travel by gloo: ") + error.what());
    return false;
  }
}

c10::intrusive_ptr<c10d::Backend> make_nccl_backend(const c10::intrusive_ptr<c10d::Store>& store,
                                                    int rank,
                                                    int size,
                                                    const c10::Device& device,
                                                    std::chrono::milliseconds timeout) {
  return plugin.get(kUse).make(store, rank, size, device, timeout);
}

}  // namespace impasto
