#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "impasto/image/image_io.h"
#include "impasto/infer/stylizer.h"
#include "support/pictures.h"
#include "support/program.h"
#include "support/temporary_folder.h"
#include "support/tiny_model.h"

/// A folder with a model of two styles and a photo, which is the working directory of each run.
class StylizeStudio {
 public:
  StylizeStudio() {
    tiny_model({"wave", "night=0.7,1"}).save(folder_ / "model.safetensors");
    impasto::write_image(folder_ / "photo.png", photo());
  }

  static impasto::Image photo() { return gradient(37, 23); }

  std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }

  /// One picture by default; options in `more` take the place of the defaults.
  ProgramResult run(const std::string& output, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {
        "--output", output, "--threads", "1", "--precision", "float32"};
    const auto add_default = [&](const std::string& name, const std::string& value) {
      if (std::find(more.begin(), more.end(), name) == more.end()) {
        arguments.insert(arguments.end(), {name, value});
      }
    };
    add_default("--model", "model.safetensors");
    add_default("--input", "photo.png");
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(IMPASTO_STYLIZE, arguments, folder_.path());
  }

  impasto::Image expected(const impasto::Image& image, const std::string& style = "") const {
    const impasto::Stylizer stylizer = impasto::Stylizer::load(
        folder_ / "model.safetensors",
        {.device = "cpu", .precision = impasto::Precision::kFloat32, .threads = 1});
    return stylizer(image, style);
  }

  /// Any command line, after the options that make runs alike; `list` is standard input.
  ProgramResult run_any(std::vector<std::string> arguments,
                        const std::filesystem::path& list = "/dev/null") const {
    const std::vector<std::string> common = {
        "--model", "model.safetensors", "--threads", "1", "--precision", "float32"};
    arguments.insert(arguments.begin(), common.begin(), common.end());
    return run_program(IMPASTO_STYLIZE, arguments, folder_.path(), list);
  }

  /// Every file below `name`, relative to it, sorted.
  std::vector<std::string> files(const std::string& name) const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ / name)) {
      if (entry.is_directory()) continue;
      found.push_back(entry.path().lexically_relative(folder_ / name).generic_string());
    }
    std::ranges::sort(found);
    return found;
  }

 private:
  TemporaryFolder folder_;
};
