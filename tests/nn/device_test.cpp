#include "impasto/nn/device.h"

#include <ATen/Parallel.h>

#include <fstream>
#include <iterator>
#include <string>

#include "impasto/base/error.h"
#include "support/catch.h"

using namespace impasto;

namespace {

bool cuda_is_here() { return resolve_device("auto").is_cuda(); }

#if defined(__linux__) && defined(__x86_64__)
bool multiplies_bfloat16() {
  std::ifstream file("/proc/cpuinfo");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return text.find(" avx512_bf16") != std::string::npos;
}
#endif

}  // namespace

TEST_CASE("Devices go by their names") {
  REQUIRE(resolve_device("cpu") == c10::Device(c10::kCPU));
  const c10::Device chosen = resolve_device("auto");
  REQUIRE((chosen.is_cpu() || chosen == c10::Device(c10::kCUDA, 0)));
}

TEST_CASE("An unknown device is a config error") {
  const std::string name = GENERATE("gpu",
                                    "",
                                    "CPU",
                                    "cuda:",
                                    "cuda:x",
                                    "cuda:-1",
                                    "cuda:1x",
                                    "cuda:99999999999999999999",
                                    "cpu:0");
  REQUIRE_THROWS_AS(resolve_device(name), ConfigError);
  REQUIRE_THROWS_WITH(resolve_device(name),
                      "device: expected auto, cpu, cuda or cuda:N, found '" + name + "'");
}

TEST_CASE("CUDA that is asked for and absent is an error that says why") {
  if (cuda_is_here()) {
    REQUIRE(resolve_device("cuda") == c10::Device(c10::kCUDA, 0));
    REQUIRE_THROWS_WITH(resolve_device("cuda:99"),
                        ContainsSubstring("device 'cuda:99': expected a number below "));
    return;
  }
  for (const std::string name : {"cuda", "cuda:0", "cuda:9"}) {
    REQUIRE_THROWS_AS(resolve_device(name), IoError);
    REQUIRE_THROWS_WITH(resolve_device(name),
                        ContainsSubstring("device '" + name + "': CUDA was asked for, but "));
    REQUIRE_THROWS_WITH(resolve_device(name),
                        ContainsSubstring("this libtorch has no CUDA (run 'sh cmake/setup.sh "
                                          "--cuda')") ||
                            ContainsSubstring("there is no NVIDIA"));
  }
}

TEST_CASE("Precisions on a CPU") {
  const c10::Device cpu = c10::kCPU;
  const Purpose purpose = GENERATE(Purpose::kTraining, Purpose::kInference);
  REQUIRE(resolve_precision(Precision::kFloat32, cpu, purpose) == c10::kFloat);
  REQUIRE(resolve_precision(Precision::kBFloat16, cpu, purpose) == c10::kBFloat16);
  const c10::ScalarType chosen = resolve_precision(Precision::kAuto, cpu, purpose);
#if defined(__linux__) && defined(__x86_64__)
  REQUIRE(chosen == (multiplies_bfloat16() ? c10::kBFloat16 : c10::kFloat));
#else
  REQUIRE((chosen == c10::kFloat || chosen == c10::kBFloat16));
#endif
  REQUIRE_THROWS_AS(resolve_precision(Precision::kFloat16, cpu, purpose), ConfigError);
  REQUIRE_THROWS_WITH(resolve_precision(Precision::kFloat16, cpu, purpose),
                      "precision: float16 is for CUDA devices, found cpu; use bfloat16 or float32");
}

TEST_CASE("Training in float16 is refused") {
  REQUIRE_THROWS_WITH(
      resolve_precision(Precision::kFloat16, c10::Device(c10::kCUDA, 0), Purpose::kTraining),
      "precision: training in float16 would need loss scaling; use bfloat16 or float32");
}

TEST_CASE("Compute threads can be set and given back") {
  const int before = at::get_num_threads();
  set_compute_threads(1);
  REQUIRE(at::get_num_threads() == 1);
  set_compute_threads(3);
  REQUIRE(at::get_num_threads() == 3);
  set_compute_threads(0);
  REQUIRE(at::get_num_threads() == before);
  REQUIRE_THROWS_WITH(set_compute_threads(-1), "threads: expected 0 or more, found -1");
}
