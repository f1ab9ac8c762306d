// Times the engine, driven by peers.py or by hand:
//
//   engine_bench MODEL WIDTH HEIGHT THREADS float32|bfloat16
//
// The first line of standard input names a raw file of [3][height][width] float32 whole numbers
// from 0 to 255. Each further line is answered: `run` with the milliseconds of one run, from bytes
// to bytes as an application does it; `end FILE` with the process's peak memory in kilobytes, after
// which the float32 result is written to FILE.

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <stdexcept>
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

int serve(
    const std::string& model, int width, int height, int threads, const std::string& precision) {
  const impasto::Engine engine(
      impasto::StyleModel::load(model),
      {.threads = threads,
       .precision =
           precision == "bfloat16" ? impasto::Precision::kBFloat16 : impasto::Precision::kFloat32});
  const std::size_t plane = static_cast<std::size_t>(width) * height;
  const auto bytes = static_cast<std::streamsize>(3 * plane * sizeof(float));
  std::string line;
  std::getline(std::cin, line);
  const std::string image = line;
  const auto read_planes = [&] {
    std::vector<float> planes(3 * plane);
    std::ifstream(image, std::ios::binary).read(reinterpret_cast<char*>(planes.data()), bytes);
    return planes;
  };
  impasto::Image picture(width, height);
  {
    const std::vector<float> planes = read_planes();
    for (std::size_t i = 0; i < 3 * plane; ++i) {
      picture.pixels()[i] = static_cast<std::uint8_t>(planes[i % 3 * plane + i / 3]);
    }
  }
  std::cout << engine.description() << std::endl;
  while (std::getline(std::cin, line) && line == "run") {
    const Clock::time_point start = Clock::now();
    const impasto::Image result = engine.run(picture);
    std::cout << std::chrono::duration<double, std::milli>(Clock::now() - start).count()
              << std::endl;
  }
  if (!line.starts_with("end "))
    throw std::runtime_error("expected run or end, found '" + line + "'");
  const long peak = peak_kilobytes();
  std::vector<float> result(3 * plane);
  engine.run(read_planes(), width, height, result);
  std::ofstream(line.substr(4), std::ios::binary)
      .write(reinterpret_cast<const char*>(result.data()), bytes);
  std::cout << peak << std::endl;
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
