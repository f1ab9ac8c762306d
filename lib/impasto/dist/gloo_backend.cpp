// The one file that includes Gloo's headers: the distribution's are older than the library inside
// libtorch. What they define inline stays inside this library (cmake/exports_cxx.map).

#include "impasto/dist/gloo_backend.h"

#include <cstdlib>
#include <exception>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

#include "impasto/base/error.h"

namespace impasto {

c10::intrusive_ptr<c10d::Backend> make_gloo_backend(const c10::intrusive_ptr<c10d::Store>& store,
                                                    int rank,
                                                    int size,
                                                    const std::string& address,
                                                    std::chrono::milliseconds timeout) {
  using c10d::ProcessGroupGloo;
  auto options = ProcessGroupGloo::Options::create(timeout);
  const char* interface = std::getenv("GLOO_SOCKET_IFNAME");
  try {
    options->devices.push_back(interface != nullptr
                                   ? ProcessGroupGloo::createDeviceForInterface(interface)
                                   : ProcessGroupGloo::createDeviceForHostname(address));
  } catch (const std::exception& error) {
    throw IoError(
        (interface != nullptr ? "GLOO_SOCKET_IFNAME: " + std::string(interface) : address) +
        ": expected a network interface of this host: " + error.what());
  }
  return c10::make_intrusive<ProcessGroupGloo>(store, rank, size, options);
}

}  // namespace impasto
