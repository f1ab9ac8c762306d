// Times the engine, driven by peers.py or by hand:
//
//   engine_bench MODEL WIDTH HEIGHT THREADS float32|bfloat16
//
// Reads [3][height][width] float32 planes from standard input's first line, the name of a raw file; then answers each
// further line: `run` with the milliseconds of one run, `save FILE` by writing the last result's planes, and `end`
// with the process's peak memory in kilobytes.

#include <chrono>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "impasto/engine/engine.h"

namespace {

using Clock = std::chrono::steady_clock;

long peak_kilobytes() {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with("VmHWM:")) return std::atol(line.c_str() + 6);
  }
  return 0;
}

int serve(const std::string& model, int width, int height, int threads, const std::string& precision) {
  const impasto::Engine engine(
      impasto::StyleModel::load(model),
      {.threads = threads,
       .precision = precision == "bfloat16" ? impasto::Precision::kBFloat16 : impasto::Precision::kFloat32});
  std::vector<float> planes(std::size_t{3} * width * height);
  std::vector<float> result(planes.size());
  const auto bytes = static_cast<std::streamsize>(planes.size() * sizeof(float));
  std::string line;
  std::getline(std::cin, line);
  std::ifstream(line, std::ios::binary).read(reinterpret_cast<char*>(planes.data()), bytes);
  std::cout << engine.description() << std::endl;
  while (std::getline(std::cin, line) && line != "end") {
    if (line == "run") {
      const Clock::time_point start = Clock::now();
      engine.run(planes, width, height, result);
      std::cout << std::chrono::duration<double, std::milli>(Clock::now() - start).count() << std::endl;
    } else if (line.starts_with("save ")) {
      std::ofstream(line.substr(5), std::ios::binary).write(reinterpret_cast<const char*>(result.data()), bytes);
      std::cout << "saved" << std::endl;
    } else {
      throw std::runtime_error("expected run, save or end, found '" + line + "'");
    }
  }
  std::cout << peak_kilobytes() << std::endl;
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::cerr << "usage: engine_bench MODEL WIDTH HEIGHT THREADS float32|bfloat16\n";
    return 2;
  }
  try {
    return serve(argv[1], std::atoi(argv[2]), std::atoi(argv[3]), std::atoi(argv[4]), argv[5]);
  } catch (const std::exception& error) {
    std::cerr << "engine_bench: " << error.what() << "\n";
    return 1;
  }
}
