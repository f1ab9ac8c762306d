#include "impasto/nn/device.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/cpu/Utils.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/DeviceGuard.h>

#include <charconv>
#include <filesystem>

#include "impasto/base/error.h"
#include "impasto/base/log.h"

#ifdef __linux__
#include <dlfcn.h>
#endif

namespace impasto {
namespace {

/// For problems of a machine that has a GPU driver: `auto` must not fall back to the CPU in
/// silence.
std::string warned(const std::string& problem) {
  log_warning("CUDA is not used: " + problem);
  return problem;
}

/// Loads libtorch_cuda.so from libtorch's own folder. Returns why CUDA cannot be used, "" when it
/// can.
std::string load_cuda() {
#ifdef __linux__
  Dl_info libtorch;
  if (dladdr(reinterpret_cast<const void*>(&at::detail::getCUDAHooks), &libtorch) == 0) {
    return "libtorch was not found in this process";
  }
  const auto library = std::filesystem::path(libtorch.dli_fname).parent_path() / "libtorch_cuda.so";
  if (!std::filesystem::exists(library)) {
    return "this libtorch has no CUDA (run 'sh cmake/setup.sh --cuda')";
  }
  // Asked before the gigabyte of CUDA code is read, which takes a second or more.
  if (dlopen("libcuda.so.1", RTLD_LAZY) == nullptr) {
    return "there is no NVIDIA driver (libcuda.so.1)";
  }
  if (dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr) {
    return warned("libtorch_cuda.so cannot be loaded (run 'sh cmake/setup.sh --cuda'): " +
                  std::string(dlerror()));
  }
  const auto& cuda = at::detail::getCUDAHooks();
  if (!cuda.hasCUDART()) {
    return warned(
        "libtorch was used before its CUDA library was loaded (call resolve_device first)");
  }
  return cuda.getNumGPUs() > 0 ? "" : "there is no NVIDIA GPU that the driver can use";
#else
  return "CUDA is supported on Linux only";
#endif
}

const std::string& cuda_problem() {
  static const std::string problem = load_cuda();
  return problem;
}

bool has_cpu_feature(const std::string& name) {
  const auto capabilities = at::cpu::get_cpu_capabilities();
  const auto found = capabilities.find(name);
  return found != capabilities.end() && found->second.toBool();
}

// The kernel has to grant the tile registers as well.
bool has_amx() { return has_cpu_feature("amx_bf16") && at::cpu::init_amx(); }

// AVX-512's dot products of two: a step of training takes 0.57 of its time in float32 then (an EPYC
// of 2022 or later, 256x256, batch 4).
bool has_bfloat16_dot_products() { return has_cpu_feature("avx512_bf16"); }

bool has_bfloat16_cuda(const c10::Device& device) {
  const c10::DeviceGuard guard(device);
  return at::detail::getCUDAHooks().supportsBFloat16ConvolutionWithCuDNNv8();
}

}  // namespace

c10::Device resolve_device(const std::string& name) {
  if (name == "cpu") return c10::kCPU;
  if (name == "auto") {
    return cuda_problem().empty() ? c10::Device(c10::kCUDA, 0) : c10::Device(c10::kCPU);
  }

  int index = 0;
  const std::string numbered = "cuda:";
  if (name.starts_with(numbered)) {
    const char* end = name.data() + name.size();
    const auto [last, error] = std::from_chars(name.data() + numbered.size(), end, index);
    if (error != std::errc() || last != end || index < 0) index = -1;
  } else if (name != "cuda") {
    index = -1;
  }
  if (index < 0) {
    throw ConfigError("device: expected auto, cpu, cuda or cuda:N, found '" + name + "'");
  }

  if (!cuda_problem().empty()) {
    throw IoError("device '" + name + "': CUDA was asked for, but " + cuda_problem());
  }
  const int count = at::detail::getCUDAHooks().getNumGPUs();
  if (index >= count) {
    throw IoError("device '" + name + "': expected a number below " + std::to_string(count) +
                  ", the number of CUDA devices here");
  }
  return {c10::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

c10::ScalarType resolve_precision(Precision precision, const c10::Device& device, Purpose purpose) {
  const bool training = purpose == Purpose::kTraining;
  switch (precision) {
    case Precision::kAuto:
      if (device.is_cpu()) {
        return has_amx() || has_bfloat16_dot_products() ? c10::kBFloat16 : c10::kFloat;
      }
      if (!training) return c10::kHalf;
      return has_bfloat16_cuda(device) ? c10::kBFloat16 : c10::kFloat;
    case Precision::kFloat32:
      return c10::kFloat;
    case Precision::kBFloat16:
      if (device.is_cuda() && !has_bfloat16_cuda(device)) {
        throw ConfigError("precision: bfloat16 needs a GPU of compute capability 8.0, which " +
                          device.str() + " is not; use float32" + (training ? "" : " or float16"));
      }
      return c10::kBFloat16;
    case Precision::kFloat16:
      if (device.is_cpu()) {
        throw ConfigError(
            "precision: float16 is for CUDA devices, found cpu; use bfloat16 or float32");
      }
      if (training) {
        throw ConfigError(
            "precision: training in float16 would need loss scaling; use bfloat16 or float32");
      }
      return c10::kHalf;
  }
  throw ConfigError("precision: unknown value " + std::to_string(static_cast<int>(precision)));
}

std::string precision_name(c10::ScalarType precision) {
  if (precision == c10::kHalf) return "float16";
  return precision == c10::kBFloat16 ? "bfloat16" : "float32";
}

std::string instruction_set() {
  const std::string vectors = at::get_cpu_capability();
  if (has_amx()) return vectors + "+AMX";
  return has_bfloat16_dot_products() ? vectors + "+BF16" : vectors;
}

std::string compute_threads_text() {
  const int threads = at::get_num_threads();
  return std::to_string(threads) + (threads == 1 ? " thread" : " threads");
}

void set_compute_threads(int threads) {
  if (threads < 0) {
    throw ConfigError("threads: expected 0 or more, found " + std::to_string(threads));
  }
  static const int initial = at::get_num_threads();
  at::set_num_threads(threads == 0 ? initial : threads);
}

}  // namespace impasto
