#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "impasto/image/image_io.h"
#include "support/files.h"
#include "support/pictures.h"
#include "support/program.h"
#include "support/temporary_folder.h"

/// A working directory of `train` with photos, a painting and a config: crops of 32 pixels and a
/// narrow network.
class Studio {
 public:
  explicit Studio(int photos = 6) {
    std::filesystem::create_directories(folder_ / "photos");
    for (int i = 0; i < photos; ++i) {
      impasto::write_image(folder_ / ("photos/" + std::to_string(i) + ".png"),
                           gradient(40 + 4 * i, 48));
    }
    impasto::write_image(folder_ / "wave, great.png", gradient(64, 50));
    write("train.json", config().dump(2));
  }

  static nlohmann::json config() {
    return {{"style", {{"images", {"wave, great.png"}}, {"image_size", 32}}},
            {"data", {{"path", "photos"}, {"image_size", 32}, {"batch_size", 2}}},
            {"generator", {{"base_channels", 4}, {"residual_blocks", 1}}},
            {"loss", {{"network", project_file("data/vgg16.safetensors").string()}}},
            {"schedule", {{"steps", 3}}},
            {"run",
             {{"device", "cpu"},
              {"precision", "float32"},
              {"threads", 1},
              {"log_every", 1},
              {"sample_every", 2}}},
            {"output", {{"dir", "runs/wave"}}}};
  }

  std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }
  const std::filesystem::path& path() const { return folder_.path(); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }

  /// The usual command line with `--set` for each of `settings`.
  static std::vector<std::string> arguments(const std::vector<std::string>& settings) {
    std::vector<std::string> list = {"--config", "train.json"};
    for (const auto& setting : settings) list.insert(list.end(), {"--set", setting});
    return list;
  }

  ProgramResult train(const std::vector<std::string>& settings = {},
                      const std::vector<std::string>& more = {}) const {
    auto list = arguments(settings);
    list.insert(list.end(), more.begin(), more.end());
    return run_program(IMPASTO_TRAIN, list, folder_.path());
  }

  bool has_run() const { return std::filesystem::exists(folder_ / "runs"); }

 private:
  TemporaryFolder folder_;
};

/// Every line of metrics.jsonl.
inline std::vector<nlohmann::json> read_metrics(const std::filesystem::path& path) {
  std::vector<nlohmann::json> lines;
  std::ifstream stream(path);
  for (std::string line; std::getline(stream, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

/// Those that report a step.
inline std::vector<nlohmann::json> read_steps(const std::filesystem::path& path) {
  auto lines = read_metrics(path);
  std::erase_if(lines, [](const nlohmann::json& line) { return !line.contains("loss"); });
  return lines;
}
